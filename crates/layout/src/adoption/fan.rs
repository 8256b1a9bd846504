//! A fan of courses from ranges.

use model::{Basis, Estimate, Seed};
use rand::RngExt;

use super::curve::Bass;
use crate::triangular::triangular;

/// Ranges of the three parameters, from a fit or from reference classes. Each is drawn for itself: where a fit ties
/// them together, the fan is wider than it needs to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranges {
    pub m: Estimate,
    pub p: Estimate,
    pub q: Estimate,
}

/// One period of the fan: the median of the draws with its 10 % and 90 % quantiles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    pub period: usize,
    pub increment: Estimate,
    /// Adopters since the first period.
    pub cumulative: Estimate,
}

/// Smallest coefficient that is drawn: the curve has none at zero.
const LEAST: f64 = 1e-9;

/// Periods 1 to `periods`, over `draws` draws.
pub fn forecast(ranges: &Ranges, periods: usize, draws: usize, seed: Seed) -> Vec<Band> {
    let draws = draws.max(1);
    let curves: Vec<Bass> = (0..draws)
        .map(|draw| {
            let mut stream = seed.stream("adoption", draw as u64);
            let mut next = |range: &Estimate| triangular(range, stream.random()).max(LEAST);
            Bass {
                m: next(&ranges.m),
                p: next(&ranges.p),
                q: next(&ranges.q),
            }
        })
        .collect();
    let basis = ranges.m.basis.and(ranges.p.basis).and(ranges.q.basis);
    (1..=periods)
        .map(|period| {
            let t = period as f64;
            Band {
                period,
                increment: middle(curves.iter().map(|c| c.increment(t)).collect(), basis),
                cumulative: middle(
                    curves.iter().map(|c| c.m * c.cumulative_share(t)).collect(),
                    basis,
                ),
            }
        })
        .collect()
}

fn middle(mut values: Vec<f64>, basis: Basis) -> Estimate {
    values.sort_by(f64::total_cmp);
    let at =
        |p: f64| values[((p * values.len() as f64).ceil() as usize).clamp(1, values.len()) - 1];
    Estimate::spanning(at(0.5), at(0.1), at(0.9), basis)
}
