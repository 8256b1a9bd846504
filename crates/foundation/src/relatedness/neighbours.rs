//! Density over the k nearest activities.
//!
//! The peers do not agree on it (the Stata package keeps every tie at the k-th place, py-ecomplexity counts held neighbours without
//! weights), so this is Forelay's own definition, stated in full:
//!
//! ```text
//! N_k(a)     = the k activities b ≠ a of largest φ_ba > 0, and every further one tied with the k-th
//! density_la = Σ_{b ∈ N_k(a)} M_lb φ_ba / Σ_{b ∈ N_k(a)} φ_ba
//! ```
//!
//! Keeping all ties makes the result independent of the order of the activities; two values within 1e-12 are tied.

use rayon::prelude::*;

use super::proximity::{Phi, WIDTH};
use crate::presence::Presence;

/// Relative difference below which two proximities are tied.
const TIE: f64 = 1e-12;

/// The weighted share of the k nearest activities that each location has, row-major; `NaN` for an activity without neighbours.
pub fn neighbour_density(presence: &Presence, phi: &Phi, k: usize) -> Vec<f64> {
    per_column(presence, phi, |a, column| {
        let near = with_ties(a, column, k);
        let below: f64 = near.iter().map(|b| column[*b]).sum();
        (near, below)
    })
}

/// The number of held activities among exactly the k nearest (itself left out), as py-ecomplexity 0.5.3 returns it in place of a density; ties
/// at the k-th place go to the first in order of the columns.
pub fn neighbour_count(presence: &Presence, phi: &Phi, k: usize) -> Vec<f64> {
    let columns = columns(phi);
    let n = presence.activities();
    let near: Vec<Vec<usize>> = columns
        .par_iter()
        .enumerate()
        .map(|(a, column)| ranked(a, column).into_iter().take(k).collect())
        .collect();
    (0..presence.locations() * n)
        .map(|cell| {
            let held = near[cell % n]
                .iter()
                .filter(|b| presence.get(cell / n, **b));
            held.count() as f64
        })
        .collect()
}

/// Other activities, nearest first, ties by place.
fn ranked(a: usize, column: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..column.len()).filter(|b| *b != a).collect();
    order.sort_by(|b, c| column[*c].total_cmp(&column[*b]).then(b.cmp(c)));
    order
}

/// N_k(a), ascending.
fn with_ties(a: usize, column: &[f64], k: usize) -> Vec<usize> {
    let mut order = ranked(a, column);
    order.retain(|b| column[*b] > 0.0);
    let Some(last) = order.get(k.saturating_sub(1)).or(order.last()) else {
        return order;
    };
    let floor = column[*last] * (1.0 - TIE);
    order.retain(|b| column[*b] >= floor);
    order.sort_unstable();
    order
}

fn per_column(
    presence: &Presence,
    phi: &Phi,
    near: impl Fn(usize, &[f64]) -> (Vec<usize>, f64) + Sync,
) -> Vec<f64> {
    let n = presence.activities();
    let densities: Vec<Vec<f64>> = columns(phi)
        .par_iter()
        .enumerate()
        .map(|(a, column)| {
            let (members, below) = near(a, column);
            (0..presence.locations())
                .map(|l| {
                    let held = members.iter().filter(|b| presence.get(l, **b));
                    held.map(|b| column[*b]).sum::<f64>() / below
                })
                .collect()
        })
        .collect();
    (0..presence.locations() * n)
        .map(|cell| densities[cell % n][cell / n])
        .collect()
}

/// φ column by column.
fn columns(phi: &Phi) -> Vec<Vec<f64>> {
    let n = phi.len();
    let mut block = Vec::new();
    let mut columns = Vec::with_capacity(n);
    for k in 0..n.div_ceil(WIDTH) {
        phi.fill(k, &mut block);
        for j in 0..WIDTH.min(n - k * WIDTH) {
            columns.push(block.iter().map(|row| row[j]).collect());
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use super::*;
    use crate::relatedness::proximity::Proximity;

    #[test]
    fn ties_at_the_last_place_are_all_kept() {
        // To activity 0: 0.5, 0.3, 0.3, 0.1. Location 0 has 1 and 3, location 1 has 2.
        let mut values = vec![0.0; 25];
        for (b, phi) in [(1, 0.5), (2, 0.3), (3, 0.3), (4, 0.1)] {
            values[b * 5] = phi;
        }
        let stored = Proximity::new(5, values).expect("25 numbers");
        let phi = Phi::of(&stored);
        let m = Presence::from_fn(2, 5, |l, a| [&[1, 3][..], &[2]][l].contains(&a));
        let d = neighbour_density(&m, &phi, 2);
        assert!((d[0] - 0.8 / 1.1).abs() < 1e-15 && (d[5] - 0.3 / 1.1).abs() < 1e-15);
        assert!(d[1].is_nan());
        assert_eq!(neighbour_density(&m, &phi, 1)[5], 0.0);
        assert_eq!(neighbour_count(&m, &phi, 2)[0], 1.0);
        assert_eq!(neighbour_count(&m, &phi, 3)[0], 2.0);
        // More neighbours than there are: the plain density.
        let all = crate::relatedness::density::density(&m, &phi);
        assert!((neighbour_density(&m, &phi, 9)[0] - all[0]).abs() < 1e-15);
    }
}
