//! Weighted null model and inferred comparative advantage: which values are larger than the totals explain?
//!
//! Among all distributions of a table with the observed expected totals of every location and activity, the one of
//! largest entropy has independent cells (Bipartite Weighted Configuration Model; Bruno, Mazzilli, Patelli, Squartini and Saracco, 2023):
//!
//! ```text
//! values ≥ 0     w_la exponential,  E w_la = 1 / (θ_l + φ_a),              P(W ≥ w) = e^{-w / E}
//! counts         w_la geometric,    E w_la = 1 / (e^{θ_l + φ_a} - 1),      P(W ≥ w) = (E / (1 + E))^w
//! Σ_a E w_la = w_l,   Σ_l E w_la = w_a
//! advantage      w_la / E w_la     (for RCA the expectation is w_l w_a / w)
//! ```
//!
//! Presence is then a p-value instead of a threshold of 1: for values p ≤ α is advantage ≥ -ln α.
//!
//! Unknown cells take no part: totals and expectations are those of the known cells.

use super::false_discovery::{Correction, adjust};
use super::margins::{Family, Margins};
use super::{NullError, check_tolerance, not_converged};
use crate::activity::ActivityTable;
use crate::presence::Presence;

/// What a cell can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Weights {
    /// Any value ≥ 0 (trade, output). Results do not depend on the unit.
    #[default]
    Values,
    /// Whole numbers (patents, papers).
    Counts,
}

/// How the model is solved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    pub weights: Weights,
    /// Largest relative error of an expected total.
    pub tolerance: f64,
    /// Newton steps.
    pub steps: usize,
}

impl Default for Params {
    /// Values; tolerance 1e-9; 500 steps (real trade tables need some tens).
    fn default() -> Self {
        Self {
            weights: Weights::default(),
            tolerance: 1e-9,
            steps: 500,
        }
    }
}

/// Every value against its expectation. Cells are row-major, locations × activities.
#[derive(Debug, Clone, PartialEq)]
pub struct Inferred {
    locations: usize,
    activities: usize,
    expected: Vec<f64>,
    advantage: Vec<f64>,
    p: Vec<f64>,
    worst: f64,
    steps: usize,
}

impl Inferred {
    /// E w_la, in the unit of the table; 0 in an empty row or column, `NaN` where the value is unknown.
    pub fn expected(&self) -> &[f64] {
        &self.expected
    }

    /// w_la / E w_la: 1 is as large as chance; `NaN` where unknown or where the row or column is empty.
    pub fn advantage(&self) -> &[f64] {
        &self.advantage
    }

    /// P(as large or larger), 0 to 1; 1 for a zero, `NaN` where unknown.
    pub fn p_values(&self) -> &[f64] {
        &self.p
    }

    /// Largest relative error of an expected total.
    pub fn worst_error(&self) -> f64 {
        self.worst
    }

    pub fn steps(&self) -> usize {
        self.steps
    }

    /// M_la: p at most `alpha` after the correction for all known cells. Unknown cells are 0: look at the table for
    /// what is known.
    pub fn presence(&self, alpha: f64, correction: Correction) -> Presence {
        let known: Vec<usize> = (0..self.p.len()).filter(|k| !self.p[*k].is_nan()).collect();
        let p: Vec<f64> = known.iter().map(|k| self.p[*k]).collect();
        let mut has = vec![false; self.p.len()];
        for (k, q) in known.iter().zip(adjust(&p, p.len() as u64, correction)) {
            has[*k] = q <= alpha;
        }
        Presence::from_fn(self.locations, self.activities, |l, a| {
            has[l * self.activities + a]
        })
    }
}

/// Solves the weighted null model of a table and compares every cell with it.
///
/// # Errors
/// `Parameter` for a tolerance outside (0, 1) and for counts that are not whole; `Refused` (`null.not_converged`) where the
/// tolerance is not met, (`null.no_values`) where no value is above zero.
pub fn inferred_advantage(table: &ActivityTable, params: &Params) -> Result<Inferred, NullError> {
    check_tolerance(params.tolerance)?;
    if params.weights == Weights::Counts
        && let Some(value) = table
            .values()
            .iter()
            .find(|v| !v.is_nan() && v.fract() != 0.0)
    {
        return Err(NullError::Parameter {
            name: "value",
            value: *value,
            need: "a whole number, or the weights of values",
        });
    }
    let (l, a) = (table.locations().len(), table.activities().len());
    let above_zero = |totals: Vec<f64>| -> Vec<(usize, f64)> {
        totals
            .into_iter()
            .enumerate()
            .filter(|t| t.1 > 0.0)
            .collect()
    };
    let rows = above_zero(table.location_totals());
    let columns = above_zero(table.activity_totals());
    if rows.is_empty() {
        return Err(super::refusal("null.no_values", |text| text));
    }
    // One unit per cell on average: the numbers of the iteration do not depend on the unit of the table.
    let unit = match params.weights {
        Weights::Values => {
            rows.iter().map(|r| r.1).sum::<f64>() / (rows.len() * columns.len()) as f64
        }
        Weights::Counts => 1.0,
    };
    let family = match params.weights {
        Weights::Values => Family::Exponential,
        Weights::Counts => Family::Geometric,
    };
    let margins = Margins {
        family,
        weights: rows
            .iter()
            .flat_map(|(l, _)| {
                columns
                    .iter()
                    .map(|(a, _)| f64::from(!table.value(*l, *a).is_nan()))
            })
            .collect(),
        rows: rows.iter().map(|r| r.1 / unit).collect(),
        columns: columns.iter().map(|c| c.1 / unit).collect(),
    };
    let found = margins.solve(params.tolerance, params.steps);
    if found.worst.is_nan() || found.worst > params.tolerance {
        return Err(not_converged(found.worst, found.steps, params.tolerance));
    }
    let mut result = Inferred {
        locations: l,
        activities: a,
        expected: table
            .values()
            .iter()
            .map(|v| if v.is_nan() { f64::NAN } else { 0.0 })
            .collect(),
        advantage: vec![f64::NAN; l * a],
        p: table
            .values()
            .iter()
            .map(|v| if v.is_nan() { f64::NAN } else { 1.0 })
            .collect(),
        worst: found.worst,
        steps: found.steps,
    };
    for ((l, _), theta) in rows.iter().zip(&found.rows) {
        for ((c, _), phi) in columns.iter().zip(&found.columns) {
            let value = table.value(*l, *c);
            if value.is_nan() {
                continue;
            }
            let place = l * a + c;
            let z = theta + phi;
            let expected = unit * family.moments(z).0;
            result.expected[place] = expected;
            result.advantage[place] = value / expected;
            // Both families: the tail is e^{z w}, for E/(1 + E) = e^z.
            result.p[place] = (z * value / unit).exp();
        }
    }
    Ok(result)
}
