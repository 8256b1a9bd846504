//! Cross-space proximity: how often two activities of different layers are held together.
//!
//! ```text
//! φ_ab = min(P(a|b), P(b|a)) = Σ_c M¹_ca M²_cb / max(u_a, u_b)          in 0..1; 0 where nobody holds a or b
//! ω_cb = Σ_a M¹_ca φ_ab / Σ_a φ_ab                                      cross-density of location c in b, in 0..1
//! ```
//!
//! (Catalán, Navarrete and Figueroa, 2020). A cross-density is unknown (`NaN`) where b is near to nothing. φ is
//! symmetric in the two layers; the [assist matrix](super::assist) is not.

use crate::presence::Presence;

use super::Grid;

/// φ of every activity of layer 1 (row) and of layer 2 (column).
pub fn cross_proximity(from: &Presence, to: &Presence) -> Grid {
    assert_eq!(
        from.locations(),
        to.locations(),
        "invariant: layers are matched"
    );
    let (u, v) = (from.ubiquity(), to.ubiquity());
    let mut both = Grid::filled(from.activities(), to.activities(), 0.0);
    for c in 0..from.locations() {
        let held: Vec<usize> = to.activities_of(c).collect();
        for a in from.activities_of(c) {
            let row = both.row_mut(a);
            for b in &held {
                row[*b] += 1.0;
            }
        }
    }
    for (a, u) in u.iter().enumerate() {
        for (value, v) in both.row_mut(a).iter_mut().zip(v) {
            *value /= f64::from(*u.max(v).max(&1));
        }
    }
    both
}

/// ω of every location (row) and activity of layer 2 (column), from what the location holds in layer 1.
pub fn cross_density(held: &Presence, proximity: &Grid) -> Grid {
    assert_eq!(
        held.activities(),
        proximity.rows(),
        "invariant: a row of the proximity for every activity of layer 1"
    );
    let whole = proximity.column_sums();
    let mut density = Grid::filled(held.locations(), proximity.columns(), 0.0);
    for c in 0..held.locations() {
        let row = density.row_mut(c);
        for a in held.activities_of(c) {
            for (sum, near) in row.iter_mut().zip(proximity.row(a)) {
                *sum += near;
            }
        }
        for (value, all) in row.iter_mut().zip(&whole) {
            *value = if *all > 0.0 { *value / all } else { f64::NAN };
        }
    }
    density
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn three_locations_by_hand() {
        let from = Presence::from_fn(3, 2, |l, a| {
            [[true, false], [true, true], [true, false]][l][a]
        });
        let to = Presence::from_fn(3, 3, |l, a| {
            [
                [true, false, false],
                [true, true, false],
                [false, true, false],
            ][l][a]
        });
        let phi = cross_proximity(&from, &to);
        // x (3 holders) with p (2): 2/3; with q (2): 2/3. y (1) with p: 1/2; with q: 1/2. Nobody holds r.
        let third = 2.0 / 3.0;
        assert_eq!(phi.values(), [third, third, 0.0, 0.5, 0.5, 0.0]);
        let omega = cross_density(&from, &phi);
        assert!((omega.get(0, 0) - third / (third + 0.5)).abs() < 1e-15);
        assert_eq!(omega.get(1, 1), 1.0);
        assert!(omega.get(0, 2).is_nan());
    }

    proptest! {
        #[test]
        fn symmetric_in_the_layers_and_bounded(
            bits in proptest::collection::vec(any::<bool>(), 7 * 9)
        ) {
            let from = Presence::from_fn(7, 4, |l, a| bits[l * 9 + a]);
            let to = Presence::from_fn(7, 5, |l, a| bits[l * 9 + 4 + a]);
            let (phi, back) = (cross_proximity(&from, &to), cross_proximity(&to, &from));
            for a in 0..4 {
                for b in 0..5 {
                    prop_assert_eq!(phi.get(a, b), back.get(b, a));
                    prop_assert!((0.0..=1.0).contains(&phi.get(a, b)));
                    let both = from.locations_of(a).filter(|l| to.get(*l, b)).count();
                    let (u, v) = (from.ubiquity()[a], to.ubiquity()[b]);
                    if u > 0 && v > 0 {
                        let conditional = (both as f64 / f64::from(u)).min(both as f64 / f64::from(v));
                        prop_assert!((phi.get(a, b) - conditional).abs() < 1e-15);
                    }
                }
            }
            for omega in cross_density(&from, &phi).values().iter().filter(|w| !w.is_nan()) {
                prop_assert!((-1e-12..=1.0 + 1e-12).contains(omega));
            }
        }
    }
}
