//! A dense matrix that knows its row and column labels.

/// Row-major values with labels; `values.len() == rows.len() * columns.len()`.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix<R, C> {
    pub rows: Vec<R>,
    pub columns: Vec<C>,
    values: Vec<f64>,
}

impl<R, C> Matrix<R, C> {
    pub fn filled(rows: Vec<R>, columns: Vec<C>, value: f64) -> Self {
        let values = vec![value; rows.len() * columns.len()];
        Self {
            rows,
            columns,
            values,
        }
    }

    /// Builds a matrix by calling `f(row, column)` for every cell.
    pub fn from_fn(rows: Vec<R>, columns: Vec<C>, f: impl Fn(usize, usize) -> f64) -> Self {
        let n = columns.len();
        let values = (0..rows.len() * n).map(|k| f(k / n, k % n)).collect();
        Self {
            rows,
            columns,
            values,
        }
    }

    pub fn get(&self, row: usize, column: usize) -> f64 {
        self.values[row * self.columns.len() + column]
    }

    pub fn set(&mut self, row: usize, column: usize, value: f64) {
        let n = self.columns.len();
        self.values[row * n + column] = value;
    }

    pub fn row(&self, row: usize) -> &[f64] {
        let n = self.columns.len();
        &self.values[row * n..(row + 1) * n]
    }
}
