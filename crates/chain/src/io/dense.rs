//! A dense matrix of flows or coefficients, column after column.

use faer::{MatMut, MatRef};

/// Column-major values: cell (i, j) stands at `values[j * rows + i]`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Dense {
    rows: usize,
    columns: usize,
    values: Vec<f64>,
}

impl Dense {
    pub fn zeros(rows: usize, columns: usize) -> Self {
        Self {
            rows,
            columns,
            values: vec![0.0; rows * columns],
        }
    }

    /// Calls `f(row, column)` for every cell.
    pub fn from_fn(rows: usize, columns: usize, mut f: impl FnMut(usize, usize) -> f64) -> Self {
        let mut values = Vec::with_capacity(rows * columns);
        for j in 0..columns {
            values.extend((0..rows).map(|i| f(i, j)));
        }
        Self {
            rows,
            columns,
            values,
        }
    }

    /// `None` where the number of values is not `rows * columns`.
    pub fn from_column_major(rows: usize, columns: usize, values: Vec<f64>) -> Option<Self> {
        (values.len() == rows * columns).then_some(Self {
            rows,
            columns,
            values,
        })
    }

    /// From rows as a file gives them; `None` where the number of values is not `rows * columns`.
    pub fn from_row_major(rows: usize, columns: usize, values: &[f64]) -> Option<Self> {
        (values.len() == rows * columns)
            .then(|| Self::from_fn(rows, columns, |i, j| values[i * columns + j]))
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn columns(&self) -> usize {
        self.columns
    }

    /// All values, column after column.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    pub fn get(&self, row: usize, column: usize) -> f64 {
        self.column(column)[row]
    }

    pub fn set(&mut self, row: usize, column: usize, value: f64) {
        self.column_mut(column)[row] = value;
    }

    pub fn column(&self, column: usize) -> &[f64] {
        &self.values[column * self.rows..(column + 1) * self.rows]
    }

    pub fn column_mut(&mut self, column: usize) -> &mut [f64] {
        &mut self.values[column * self.rows..(column + 1) * self.rows]
    }

    pub fn row(&self, row: usize) -> Vec<f64> {
        (0..self.columns).map(|j| self.get(row, j)).collect()
    }

    /// M 1.
    pub fn row_sums(&self) -> Vec<f64> {
        self.times(&vec![1.0; self.columns])
    }

    /// 1' M.
    pub fn column_sums(&self) -> Vec<f64> {
        (0..self.columns)
            .map(|j| self.column(j).iter().sum())
            .collect()
    }

    /// M v.
    pub fn times(&self, v: &[f64]) -> Vec<f64> {
        let mut sum = vec![0.0; self.rows];
        for (j, weight) in v.iter().enumerate() {
            if *weight != 0.0 {
                for (s, m) in sum.iter_mut().zip(self.column(j)) {
                    *s += m * weight;
                }
            }
        }
        sum
    }

    /// v' M.
    pub fn left_times(&self, v: &[f64]) -> Vec<f64> {
        (0..self.columns).map(|j| dot(v, self.column(j))).collect()
    }

    #[must_use]
    pub fn transposed(&self) -> Self {
        Self::from_fn(self.columns, self.rows, |i, j| self.get(j, i))
    }

    /// Rows and columns in the given order; an index may be left out.
    #[must_use]
    pub fn reordered(&self, rows: &[usize], columns: &[usize]) -> Self {
        Self::from_fn(rows.len(), columns.len(), |i, j| {
            self.get(rows[i], columns[j])
        })
    }

    /// Largest column sum of absolute values.
    pub fn norm1(&self) -> f64 {
        (0..self.columns)
            .map(|j| self.column(j).iter().map(|v| v.abs()).sum())
            .fold(0.0, f64::max)
    }

    pub(super) fn view(&self) -> MatRef<'_, f64> {
        MatRef::from_column_major_slice(&self.values, self.rows, self.columns)
    }

    pub(super) fn view_mut(&mut self) -> MatMut<'_, f64> {
        MatMut::from_column_major_slice_mut(&mut self.values, self.rows, self.columns)
    }
}

/// Four running sums, the same for every length and machine.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (a4, a_rest) = a.as_chunks::<4>();
    let (b4, b_rest) = b.as_chunks::<4>();
    for (a, b) in a4.iter().zip(b4) {
        for k in 0..4 {
            sums[k] += a[k] * b[k];
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}
