//! Coupling of layers: science, technology and production.
//!
//! A *layer* is one kind of activity (papers by field, patents by technology, exports by product) in the same
//! locations, each with its own year. [`layers`] matches the locations of two layers; [`assist`] and
//! [`cross_space`] measure how near an activity of one is to an activity of the other; [`validation`] asks what
//! chance alone would show and [`lag`] after how many years the link shows; [`chain`] reads the links from an
//! industry back to its technologies and from a technology on to its industries; [`convergence`] follows pairs of
//! technologies over time; [`index`] condenses a location and field to one number. [`scores`] judges a ranking
//! against what happened, [`forecast`] makes the rankings and [`backtest`] lets them compete.
//!
//! Start reading at [`layers`], then [`assist`].

pub mod assist;
pub mod backtest;
pub mod chain;
pub mod convergence;
pub mod cross_space;
mod error;
pub mod forecast;
pub mod index;
pub mod lag;
pub mod layers;
pub mod periods;
mod quantile;
pub mod scores;
pub mod slope;
pub mod validation;

pub use error::CouplingError;

/// Numbers of every row and column, row-major; which label stands at which place is the caller's.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    rows: usize,
    columns: usize,
    values: Vec<f64>,
}

impl Grid {
    pub fn from_fn(rows: usize, columns: usize, f: impl Fn(usize, usize) -> f64) -> Self {
        let values = (0..rows)
            .flat_map(|r| (0..columns).map(move |c| (r, c)))
            .map(|(r, c)| f(r, c))
            .collect();
        Self {
            rows,
            columns,
            values,
        }
    }

    pub fn filled(rows: usize, columns: usize, value: f64) -> Self {
        Self {
            rows,
            columns,
            values: vec![value; rows * columns],
        }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn columns(&self) -> usize {
        self.columns
    }

    pub fn get(&self, row: usize, column: usize) -> f64 {
        self.values[row * self.columns + column]
    }

    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.columns..(row + 1) * self.columns]
    }

    pub fn row_mut(&mut self, row: usize) -> &mut [f64] {
        &mut self.values[row * self.columns..(row + 1) * self.columns]
    }

    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Σ over the rows, for every column.
    pub fn column_sums(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.columns];
        for r in 0..self.rows {
            for (sum, value) in sums.iter_mut().zip(self.row(r)) {
                *sum += value;
            }
        }
        sums
    }
}
