//! Assist matrix: from an activity of one layer to an activity of another.
//!
//! A walker stands on activity a of layer 1 in year y₁, goes to a location that has it, each as likely, and on to
//! an activity that this location has in layer 2 in year y₂ (Pugliese, Cimini, Patelli, Zaccaria, Pietronero and
//! Gabrielli, 2019, Scientific Reports 9:16440):
//!
//! ```text
//! B_aa' = (1/u_a) Σ_c M¹_ca M²_ca' / d²_c      u_a = Σ_c M¹_ca,  d²_c = Σ_a' M²_ca'
//! ```
//!
//! A row sums to the share of the holders of a that have any activity in layer 2: 1 where all do. An activity that
//! nobody holds has a row of zeros: no walker can start there. y₂ - y₁ is the lag.
//!
//! Expected under chance: both layers drawn independently from a model in which the cells of a layer are
//! independent with P(M_ca = 1) = p_ca (BiCM). The mean is exact:
//!
//! ```text
//! E[B_aa'] = Σ_c E[M¹_ca/u_a] E[M²_ca'/d²_c]        E[M_k / Σ_j M_j] = p_k E[1/(1 + Σ_{j≠k} M_j)]
//! E[1/(1 + N)] = ∫₀¹ E[t^N] dt = ∫₀¹ Π_j (1 - p_j + p_j t) dt
//! ```
//!
//! The integrand is a polynomial, so Gauss–Legendre quadrature with n/2 nodes is exact; 128 nodes are
//! more than enough where n is larger.

use crate::presence::Presence;

use super::Grid;

/// B of every activity of layer 1 (row) and of layer 2 (column). Both have the same locations, in the same order.
pub fn assist(from: &Presence, to: &Presence) -> Grid {
    assert_eq!(
        from.locations(),
        to.locations(),
        "invariant: layers are matched"
    );
    let mut walks = Grid::filled(from.activities(), to.activities(), 0.0);
    for c in 0..from.locations() {
        let held: Vec<usize> = to.activities_of(c).collect();
        let step = 1.0 / held.len() as f64;
        for a in from.activities_of(c) {
            let row = walks.row_mut(a);
            for b in &held {
                row[*b] += step;
            }
        }
    }
    for (a, holders) in from.ubiquity().iter().enumerate().filter(|(_, u)| **u > 0) {
        for value in walks.row_mut(a) {
            *value /= f64::from(*holders);
        }
    }
    walks
}

/// E\[B\] where the cells of both layers are independent with these probabilities (locations × activities).
pub fn expected_assist(from: &Grid, to: &Grid) -> Grid {
    assert_eq!(from.rows(), to.rows(), "invariant: layers are matched");
    let start = Grid::from_fn(from.columns(), from.rows(), |a, c| from.get(c, a));
    // Share of the walk that starts at a and goes to c; share of the walk at c that goes on to a'.
    let starts: Vec<Vec<f64>> = (0..start.rows())
        .map(|a| mean_shares(start.row(a)))
        .collect();
    let ends: Vec<Vec<f64>> = (0..to.rows()).map(|c| mean_shares(to.row(c))).collect();
    let mut expected = Grid::filled(from.columns(), to.columns(), 0.0);
    for (a, shares) in starts.iter().enumerate() {
        let row = expected.row_mut(a);
        for (share, end) in shares.iter().zip(&ends) {
            for (sum, on) in row.iter_mut().zip(end) {
                *sum += share * on;
            }
        }
    }
    expected
}

/// E\[M_k / Σ_j M_j\] of every k, for independent M_j with probabilities `p`; 0/0 counts as 0.
fn mean_shares(p: &[f64]) -> Vec<f64> {
    let mut shares = vec![0.0; p.len()];
    for (node, weight) in gauss_legendre(p.len().div_ceil(2).clamp(1, 128)) {
        let factor = |q: f64| 1.0 - q + q * node;
        // Every node lies inside (0, 1), so no factor is zero unless p = 1 and node = 0.
        let product: f64 = p.iter().map(|q| factor(*q)).product();
        for (share, q) in shares.iter_mut().zip(p) {
            *share += weight * q * product / factor(*q);
        }
    }
    shares
}

/// Nodes and weights on (0, 1), by Newton's method on the Legendre polynomial.
fn gauss_legendre(n: usize) -> Vec<(f64, f64)> {
    (0..n)
        .map(|i| {
            let mut x = (std::f64::consts::PI * (i as f64 + 0.75) / (n as f64 + 0.5)).cos();
            let mut slope = 1.0;
            for _ in 0..100 {
                let (mut before, mut value) = (1.0, x);
                for k in 2..=n {
                    let k = k as f64;
                    (before, value) = (
                        value,
                        ((2.0 * k - 1.0) * x * value - (k - 1.0) * before) / k,
                    );
                }
                slope = n as f64 * (x * value - before) / (x * x - 1.0);
                let step = value / slope;
                x -= step;
                if step.abs() < 1e-16 {
                    break;
                }
            }
            (f64::midpoint(1.0, x), 1.0 / ((1.0 - x * x) * slope * slope))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn three_locations_by_hand() {
        // Layer 1: a holds x; b holds x, y; c holds nothing. Layer 2: a holds p; b holds p, q; c holds q.
        let from = Presence::from_fn(3, 2, |l, a| [[true, false], [true, true], [false; 2]][l][a]);
        let to = Presence::from_fn(3, 2, |l, a| {
            [[true, false], [true, true], [false, true]][l][a]
        });
        let b = assist(&from, &to);
        // From x: to a (1/2), then p; to b (1/2), then p or q. From y: to b, then p or q.
        assert_eq!(b.values(), [0.75, 0.25, 0.5, 0.5]);
    }

    /// Every pair of layers with its probability.
    fn brute_force(from: &Grid, to: &Grid) -> Grid {
        let cells = |g: &Grid| g.rows() * g.columns();
        let draw = |g: &Grid, bits: u32| {
            let m = Presence::from_fn(g.rows(), g.columns(), |l, a| {
                bits >> (l * g.columns() + a) & 1 == 1
            });
            let p: f64 = (0..cells(g))
                .map(|k| {
                    let p = g.values()[k];
                    if bits >> k & 1 == 1 { p } else { 1.0 - p }
                })
                .product();
            (m, p)
        };
        let mut sum = Grid::filled(from.columns(), to.columns(), 0.0);
        for first in 0..1 << cells(from) {
            let (m1, p1) = draw(from, first);
            for second in 0..1 << cells(to) {
                let (m2, p2) = draw(to, second);
                let b = assist(&m1, &m2);
                for a in 0..from.columns() {
                    for (s, v) in sum.row_mut(a).iter_mut().zip(b.row(a)) {
                        *s += p1 * p2 * v;
                    }
                }
            }
        }
        sum
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn expected_is_the_mean_over_all_layers(
            p in proptest::collection::vec(0.0f64..=1.0, 12)
        ) {
            let from = Grid::from_fn(3, 2, |l, a| p[l * 2 + a]);
            let to = Grid::from_fn(3, 2, |l, a| p[6 + l * 2 + a]);
            let (fast, slow) = (expected_assist(&from, &to), brute_force(&from, &to));
            for (f, s) in fast.values().iter().zip(slow.values()) {
                prop_assert!((f - s).abs() < 1e-13, "{f} {s}");
            }
        }
    }

    proptest! {
        #[test]
        fn a_row_sums_to_the_share_of_holders_with_an_end(
            bits in proptest::collection::vec(any::<bool>(), 6 * 9)
        ) {
            let from = Presence::from_fn(6, 4, |l, a| bits[l * 9 + a]);
            let to = Presence::from_fn(6, 5, |l, a| bits[l * 9 + 4 + a]);
            let b = assist(&from, &to);
            for a in 0..4 {
                let holders = from.locations_of(a).count();
                let ends = from.locations_of(a).filter(|l| to.diversity()[*l] > 0).count();
                let wanted = if holders == 0 { 0.0 } else { ends as f64 / holders as f64 };
                prop_assert!((b.row(a).iter().sum::<f64>() - wanted).abs() < 1e-12);
            }
        }

        #[test]
        fn shares_of_certain_cells_are_equal_and_add_up(n in 1usize..300) {
            let shares = mean_shares(&vec![1.0; n]);
            for share in &shares {
                prop_assert!((share - 1.0 / n as f64).abs() < 1e-12);
            }
            // Σ_k E[M_k/N] = P(N > 0).
            let p = vec![0.3; n];
            let sum: f64 = mean_shares(&p).iter().sum();
            prop_assert!((sum - (1.0 - 0.7f64.powi(n as i32))).abs() < 1e-12);
        }
    }
}
