//! Nestedness: do the poorer locations have what the richer have, and little else?
//!
//! For rows i, j with degrees k and common ones O (columns alike):
//!
//! ```text
//! NODF    Σ over pairs k_i > k_j > 0 of O_ij / k_j;  pairs of equal degree count 0        Almeida-Neto et al. (2008)
//! stable  Σ over pairs min(k_i, k_j) > 0 of O_ij / min(k_i, k_j): no jump when degrees tie
//! ```
//!
//! each over the number of pairs. 0 to 1 (the paper prints percent). The paper pools the pairs of rows and of columns;
//! fermi-cref takes the mean of the two sides for NODF and pools for the stable one. Both are given.
//! A high value alone says little: compare with the same number of random matrices of equal margins.

use rayon::prelude::*;

use crate::presence::Presence;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nestedness {
    /// Of pairs of locations; 0 where there is no pair.
    pub locations: f64,
    /// Of pairs of activities.
    pub activities: f64,
    /// Over the pairs of both sides.
    pub pooled: f64,
}

impl Nestedness {
    /// Mean of the two sides, as fermi-cref.
    pub fn mean(&self) -> f64 {
        0.5 * (self.locations + self.activities)
    }
}

/// NODF.
pub fn nodf(m: &Presence) -> Nestedness {
    nestedness(m, |overlap, a, b| {
        if a == b || a == 0 || b == 0 {
            0.0
        } else {
            f64::from(overlap()) / f64::from(a.min(b))
        }
    })
}

/// Stable NODF.
pub fn stable_nodf(m: &Presence) -> Nestedness {
    nestedness(m, |overlap, a, b| {
        if a == 0 || b == 0 {
            0.0
        } else {
            f64::from(overlap()) / f64::from(a.min(b))
        }
    })
}

/// What a pair gives, from its overlap (on demand) and its two degrees.
type Pair = fn(&dyn Fn() -> u32, u32, u32) -> f64;

fn nestedness(m: &Presence, pair: Pair) -> Nestedness {
    let side = |n: usize, degree: &[u32], both: &(dyn Fn(usize, usize) -> u32 + Sync)| {
        // One sum per row, added up in order: the same bits on any number of threads.
        let rows: Vec<f64> = (0..n)
            .into_par_iter()
            .map(|i| {
                (0..i)
                    .map(|j| pair(&|| both(i, j), degree[i], degree[j]))
                    .sum()
            })
            .collect();
        (rows.iter().sum::<f64>(), n as f64 * (n as f64 - 1.0) / 2.0)
    };
    let (rows, row_pairs) = side(m.locations(), m.diversity(), &|i, j| m.both_locations(i, j));
    let (columns, column_pairs) = side(m.activities(), m.ubiquity(), &|i, j| {
        m.both_activities(i, j)
    });
    let over = |sum: f64, pairs: f64| if pairs > 0.0 { sum / pairs } else { 0.0 };
    Nestedness {
        locations: over(rows, row_pairs),
        activities: over(columns, column_pairs),
        pooled: over(rows + columns, row_pairs + column_pairs),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn small_matrices_by_hand() {
        let triangle = Presence::from_fn(4, 4, |l, a| l + a < 4);
        assert_eq!(nodf(&triangle).pooled, 1.0);
        // Equal degrees: nothing for NODF; every pair shares one of two for the stable one.
        let ring = Presence::from_fn(3, 3, |l, a| l != a);
        assert_eq!(nodf(&ring).pooled, 0.0);
        assert_eq!(stable_nodf(&ring).pooled, 0.5);
        // Rows 11, 01, 00 (third empty): row pairs 1/1 + 0 + 0 over 3; columns degrees 1, 2: overlap 1 / 1.
        let m = Presence::from_fn(3, 2, |l, a| l == 0 || (l == 1 && a == 1));
        let found = nodf(&m);
        assert_eq!((found.locations, found.activities), (1.0 / 3.0, 1.0));
        assert_eq!((found.pooled, found.mean()), (0.5, 2.0 / 3.0));
    }

    proptest! {
        #[test]
        fn within_its_range_and_blind_to_order(cells in proptest::collection::vec(any::<bool>(), 35)) {
            let m = Presence::from_fn(5, 7, |l, a| cells[l * 7 + a]);
            let turned = Presence::from_fn(5, 7, |l, a| m.get((l + 2) % 5, (a * 3) % 7));
            for (x, y) in [(nodf(&m), nodf(&turned)), (stable_nodf(&m), stable_nodf(&turned))] {
                prop_assert!((x.pooled - y.pooled).abs() < 1e-12);
                prop_assert!(0.0 <= x.pooled && x.pooled <= 1.0);
            }
            prop_assert!(nodf(&m).pooled <= stable_nodf(&m).pooled + 1e-12);
        }
    }
}
