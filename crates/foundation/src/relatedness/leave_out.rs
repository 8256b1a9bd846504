//! Density of a location from proximities that do not know the location itself.
//!
//! Every location takes part in the proximities its own density is computed from, so that density "predicts" in part what it was
//! fed. The cure is to leave the location out (option `leaveout` of the Stata package, there for correlations; here for any measure
//! of bits, and experimental in that generality):
//!
//! ```text
//! φ^(-l)      = the measure over all locations but l:  C_ab - M_la M_lb, u_a - M_la, T - 1
//! density_la  = Σ_b M_lb φ^(-l)_ba / Σ_b φ^(-l)_ba
//! ```

use rayon::prelude::*;

use super::density::{density, density_of_values};
use super::proximity::{Diagonal, Measure, Phi, ValueMeasure};
use crate::presence::Presence;

/// Density of every cell with the location left out of its own proximities, row-major; `NaN` where the others give no neighbour.
///
/// Costs one full pass over the matrix for each location: minutes, not seconds, at 226 × 5,000.
pub fn leave_one_out(presence: &Presence, measure: Measure, diagonal: Diagonal) -> Vec<f64> {
    let (height, n) = (presence.locations(), presence.activities());
    let all: Vec<usize> = (0..n).collect();
    let rows: Vec<Vec<f64>> = (0..height)
        .into_par_iter()
        .map(|l| {
            let others: Vec<usize> = (0..height).filter(|k| *k != l).collect();
            let phi = Phi::of_presence(&presence.restricted(&others, &all), measure, diagonal);
            density(&presence.restricted(&[l], &all), &phi)
        })
        .collect();
    rows.concat()
}

/// The same from correlations of values, with the values themselves as weights: the Stata package's `cont leaveout`.
pub fn leave_one_out_of_values(
    values: &[f64],
    activities: usize,
    measure: ValueMeasure,
    diagonal: Diagonal,
) -> Vec<f64> {
    let height = values.len() / activities.max(1);
    let rows: Vec<Vec<f64>> = (0..height)
        .into_par_iter()
        .map(|l| {
            let own = l * activities..(l + 1) * activities;
            let others = [&values[..own.start], &values[own.end..]].concat();
            let phi = Phi::of_values(&others, activities, measure, diagonal);
            density_of_values(&values[own], &phi)
        })
        .collect();
    rows.concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn leaving_out_agrees_with_the_corrected_counts(
            locations in 2usize..7, activities in 2usize..12, seed in any::<u64>()
        ) {
            let m = Presence::from_fn(locations, activities, |l, a| {
                (seed ^ (l as u64 * 7919 + a as u64 * 104_729)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 63 == 0
            });
            let found = leave_one_out(&m, Measure::MinConditional, Diagonal::Zero);
            for l in 0..locations {
                let one = |a: usize| u32::from(m.get(l, a));
                for a in 0..activities {
                    let (mut held, mut all) = (0.0, 0.0);
                    for b in (0..activities).filter(|b| *b != a) {
                        let c = f64::from(m.both_activities(a, b) - one(a) * one(b));
                        let u = f64::from((m.ubiquity()[a] - one(a)).max(m.ubiquity()[b] - one(b)));
                        let phi = if c > 0.0 { c / u } else { 0.0 };
                        held += f64::from(one(b)) * phi;
                        all += phi;
                    }
                    let got = found[l * activities + a];
                    prop_assert!(all == 0.0 && got.is_nan() || (got - held / all).abs() < 1e-12);
                }
            }
        }
    }
}
