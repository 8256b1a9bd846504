//! Input coefficients: what each industry buys per unit of its output.
//!
//! ```text
//! A = Z x̂⁻¹,   x the output of the source, or Z1 + Y1 where it gives none
//! ```
//!
//! An industry without output buys nothing: its column of A is zero, what Z holds there is reported as dropped.

use super::dense::Dense;
use super::table::{IoError, IoTable};

/// Which output the flows are divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OutputBasis {
    /// The output that the source gives; sales (Z1 + Y1) where it gives none.
    #[default]
    Given,
    /// Always sales (Z1 + Y1), so that the model's output equals x exactly.
    Sales,
}

/// A, the output behind it, and final demand.
#[derive(Debug, Clone, PartialEq)]
pub struct Coefficients {
    /// A, row supplies column.
    pub a: Dense,
    /// x by which Z was divided; zero for an industry without output.
    pub x: Vec<f64>,
    /// y = Y 1.
    pub y: Vec<f64>,
    /// Industries whose x is zero.
    pub without_output: Vec<usize>,
    /// Purchases of industries without output, dropped from A.
    pub dropped: f64,
}

impl Coefficients {
    /// Refuses negative output and industries that buy without end (see [`Coefficients::from_parts`]).
    pub fn of(table: &IoTable, basis: OutputBasis) -> Result<Self, IoError> {
        let x = match (basis, table.given_output()) {
            (OutputBasis::Given, Some(x)) => x.to_vec(),
            _ => table.sales(),
        };
        if let Some(k) = x.iter().position(|v| *v < 0.0) {
            let detail = format!("{}: {}", table.industries()[k], x[k]);
            return Err(IoError::new("negative_output", detail));
        }
        let mut a = table.flows().clone();
        let mut without_output = Vec::new();
        let mut dropped = 0.0;
        for (j, output) in x.iter().enumerate() {
            let column = a.column_mut(j);
            if *output > 0.0 {
                for v in column.iter_mut() {
                    *v /= output;
                }
            } else {
                dropped += column.iter().sum::<f64>();
                column.fill(0.0);
                without_output.push(j);
            }
        }
        Ok(Self {
            a,
            x,
            y: table.total_demand(),
            without_output,
            dropped,
        })
    }

    /// From coefficients and demand alone; x is then the model's own output and filled in by the model.
    pub fn from_parts(a: Dense, x: Vec<f64>, y: Vec<f64>) -> Result<Self, IoError> {
        let n = a.rows();
        if a.columns() != n || x.len() != n || y.len() != n {
            let detail = format!("{n}×{}, {}, {}", a.columns(), x.len(), y.len());
            return Err(IoError::new("shape", detail));
        }
        let all = a.values().iter().chain(&x).chain(&y);
        if all.into_iter().any(|v| !v.is_finite()) {
            return Err(IoError::new("not_finite", "A, x, y"));
        }
        let without_output = (0..n).filter(|k| x[*k] == 0.0).collect();
        Ok(Self {
            a,
            x,
            y,
            without_output,
            dropped: 0.0,
        })
    }

    /// Number of industries.
    pub fn len(&self) -> usize {
        self.x.len()
    }

    pub fn is_empty(&self) -> bool {
        self.x.is_empty()
    }

    /// I − A.
    pub fn leontief_matrix(&self) -> Dense {
        let mut m = self.a.clone();
        for j in 0..self.len() {
            let column = m.column_mut(j);
            for v in column.iter_mut() {
                *v = -*v;
            }
            column[j] += 1.0;
        }
        m
    }
}
