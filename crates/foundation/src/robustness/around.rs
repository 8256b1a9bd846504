//! A full table beside the same table at nearby thresholds: a range for any of its numbers.
//!
//! ```text
//! range of x = [min, max] of x at 0.75 θ, θ and 1.25 θ, θ the threshold of the convention
//! ```
//!
//! A sensitivity range over one choice, not a confidence interval; the factors are Forelay's own.

use model::{Basis, Estimate};

use crate::activity::ActivityTable;
use crate::complexity::{Complexity, ComplexityError, Convention, Params, complexity};

/// Factors of the threshold beside 1.
pub const FACTORS: [f64; 2] = [0.75, 1.25];

/// The table under a convention, and under its neighbours.
#[derive(Debug, Clone)]
pub struct Around {
    pub base: Complexity,
    /// Neighbours that have an answer.
    others: Vec<Complexity>,
}

impl Around {
    pub fn of(
        table: &ActivityTable,
        convention: &Convention,
        params: &Params,
    ) -> Result<Self, ComplexityError> {
        let at = |factor: f64| {
            let moved = Convention {
                threshold: convention.threshold * factor,
                ..convention.clone()
            };
            complexity(table, &moved, params)
        };
        Ok(Self {
            base: at(1.0)?,
            others: FACTORS.into_iter().filter_map(|f| at(f).ok()).collect(),
        })
    }

    /// The number with its range; `None` where the base has none.
    pub fn range(&self, pick: impl Fn(&Complexity) -> f64) -> Option<Estimate> {
        let value = pick(&self.base);
        value.is_finite().then(|| {
            let all = self.others.iter().map(pick).filter(|x| x.is_finite());
            let (low, high) = all.fold((value, value), |(l, h), x| (l.min(x), h.max(x)));
            Estimate::spanning(value, low, high, Basis::Derived)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_the_number_at_every_factor() {
        let rows: Vec<(String, String, f64)> = (0..8usize)
            .flat_map(|l| {
                (0..12usize)
                    .filter(move |a| (l * 5 + a * 7) % 4 != 0)
                    .map(move |a| {
                        (
                            format!("l{l}"),
                            format!("a{a:02}"),
                            1.0 + ((l * 13 + a * 29) % 11) as f64,
                        )
                    })
            })
            .collect();
        let table =
            ActivityTable::from_rows(rows.iter().map(|(l, a, v)| (l.as_str(), a.as_str(), *v)))
                .expect("a table");
        let around =
            Around::of(&table, &Convention::default(), &Params::default()).expect("connected");
        for factor in [0.75, 1.0, 1.25] {
            let convention = Convention {
                threshold: factor,
                ..Convention::default()
            };
            let Ok(at) = complexity(&table, &convention, &Params::default()) else {
                continue;
            };
            for k in 0..96 {
                if let (Some(range), true) =
                    (around.range(|c| c.density[k]), at.density[k].is_finite())
                {
                    assert!(range.low <= at.density[k] && at.density[k] <= range.high);
                }
            }
        }
    }
}
