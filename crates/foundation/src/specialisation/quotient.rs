//! Location quotients, their average in a location, and the Hachman index.
//!
//! With s_la = x_la / Σ_a x_la and the world's shares s_a = Σ_l x_la / Σ x:
//!
//! ```text
//! LQ_la      = s_la / s_a                        Balassa's revealed comparative advantage, Hoover's location quotient
//! average_l  = Σ_a s_la LQ_la  = Σ_a s_la² / s_a   ≥ 1; 1: the location mirrors the world
//! Hachman_l  = 1 / average_l                      0..1
//! ```
//!
//! Balassa (1965); Hoover and Giarratani (1985), the average as coefficient of specialisation. The average is the
//! slope of LQ weighted by the location's own shares; a single odd cell can carry it (a small world share in the
//! divisor).

use crate::activity::ActivityTable;
pub use crate::complexity::advantage::location_quotient;

/// Shares s_la of every cell in its location, row-major; `NaN` where unknown or where the location has nothing.
pub fn shares(table: &ActivityTable) -> Vec<f64> {
    let totals = table.location_totals();
    (0..table.locations().len())
        .flat_map(|l| {
            let total = totals[l];
            table.row(l).iter().map(move |x| ratio(*x, total))
        })
        .collect()
}

/// Shares s_a of every activity in the world; `NaN` where the table holds nothing.
pub fn world_shares(table: &ActivityTable) -> Vec<f64> {
    let totals = table.activity_totals();
    let world: f64 = totals.iter().sum();
    totals.into_iter().map(|x| ratio(x, world)).collect()
}

/// Average location quotient of every location, ≥ 1 in a table without unknown cells.
pub fn average_quotients(table: &ActivityTable) -> Vec<f64> {
    let world = world_shares(table);
    shares(table)
        .chunks_exact(world.len())
        .map(|row| {
            let known = || row.iter().zip(&world).filter(|(s, _)| !s.is_nan());
            if known().next().is_none() {
                return f64::NAN;
            }
            known()
                .filter(|(s, _)| **s > 0.0)
                .map(|(s, w)| s * s / w)
                .sum()
        })
        .collect()
}

/// Hachman index of every location, 0..1.
pub fn hachman(table: &ActivityTable) -> Vec<f64> {
    average_quotients(table)
        .into_iter()
        // Rounding can put the average of a mirror of the world an ulp below 1; NaN stays NaN.
        .map(|average| if average < 1.0 { 1.0 } else { 1.0 / average })
        .collect()
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { f64::NAN }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(values: &[f64], width: usize) -> ActivityTable {
        let name = |prefix: &str, n: usize| (0..n).map(|i| format!("{prefix}{i}")).collect();
        ActivityTable::new(
            name("l", values.len() / width),
            name("a", width),
            values.to_vec(),
        )
        .expect("a table")
    }

    #[test]
    fn two_locations_by_hand() {
        // Shares (0.75, 0.25) and (0.25, 0.75); world (0.5, 0.5).
        let t = table(&[3.0, 1.0, 1.0, 3.0], 2);
        assert_eq!(location_quotient(&t), [1.5, 0.5, 0.5, 1.5]);
        assert_eq!(average_quotients(&t), [1.25, 1.25]);
        assert_eq!(hachman(&t), [0.8, 0.8]);
    }

    #[test]
    fn who_does_not_report_has_no_number_and_does_not_move_the_world() {
        let known = table(&[3.0, 1.0, 1.0, 3.0], 2);
        let with = table(&[3.0, 1.0, 1.0, 3.0, f64::NAN, f64::NAN, 0.0, 0.0], 2);
        assert_eq!(average_quotients(&with)[..2], average_quotients(&known));
        assert!(average_quotients(&with)[2].is_nan() && hachman(&with)[2].is_nan());
        assert!(location_quotient(&with)[6].is_nan(), "a share of nothing");
    }
}
