//! Krugman's index and Hoover's coefficient of specialisation: how far a location's shares lie from the world's.
//!
//! ```text
//! Krugman_l     = Σ_a |s_la - s_a|            0..2; 0: the location mirrors the world
//! coefficient_l = Krugman_l / 2               0..1: the part of the location that would have to move
//! Krugman_lk    = Σ_a |s_la - s_ka|           between two locations
//! ```
//!
//! Hoover (1936); Krugman (1991), who compares two locations; against the world as in EconGeo and econcomplex.

use super::quotient::{shares, world_shares};
use crate::activity::ActivityTable;

/// Krugman's index of every location against the world, 0..2.
pub fn krugman(table: &ActivityTable) -> Vec<f64> {
    let world = world_shares(table);
    shares(table)
        .chunks_exact(world.len())
        .map(|row| apart(row, &world))
        .collect()
}

/// Hoover's coefficient of specialisation of every location, 0..1.
pub fn specialisation_coefficient(table: &ActivityTable) -> Vec<f64> {
    krugman(table)
        .into_iter()
        .map(|index| index / 2.0)
        .collect()
}

/// Krugman's index between every two locations, row-major (locations × locations), 0..2.
pub fn krugman_between(table: &ActivityTable) -> Vec<f64> {
    let shares = shares(table);
    let rows: Vec<&[f64]> = shares.chunks_exact(table.activities().len()).collect();
    rows.iter()
        .flat_map(|row| rows.iter().map(|other| apart(row, other)))
        .collect()
}

/// Σ |a - b| over what both know; `NaN` where they know nothing in common.
fn apart(row: &[f64], other: &[f64]) -> f64 {
    let mut known = row
        .iter()
        .zip(other)
        .map(|(a, b)| (a - b).abs())
        .filter(|d| !d.is_nan())
        .peekable();
    if known.peek().is_none() {
        return f64::NAN;
    }
    known.sum()
}
