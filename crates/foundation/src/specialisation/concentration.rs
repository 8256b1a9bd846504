//! Concentration and variety of a location's activities: Herfindahl-Hirschman index and Shannon entropy.
//!
//! ```text
//! HHI_l            = Σ_a s_la²                       1/n..1
//! HHI_l normalised = (HHI_l - 1/n) / (1 - 1/n)       0..1
//! H_l              = -Σ_a s_la log_b s_la            0..log_b n; e^H (b = e) is the number of equal activities
//! ```
//!
//! n is the number of known activities of the location. Hirschman (1964); Shannon (1948).

use super::quotient::shares;
use crate::activity::ActivityTable;

/// Herfindahl-Hirschman index of every location, 1/n..1. EconGeo's `Herfindahl`.
pub fn herfindahl(table: &ActivityTable) -> Vec<f64> {
    each(table, |known| known.iter().map(|s| s * s).sum())
}

/// Herfindahl-Hirschman index stretched to 0..1, so that tables of different width compare; `NaN` with one activity.
/// econcomplex's `herfindahl`.
pub fn herfindahl_normalised(table: &ActivityTable) -> Vec<f64> {
    each(table, |known| {
        let least = 1.0 / known.len() as f64;
        let index: f64 = known.iter().map(|s| s * s).sum();
        (index - least) / (1.0 - least)
    })
}

/// Shannon entropy of every location in units of log `base` (2: bits), ≥ 0.
pub fn entropy(table: &ActivityTable, base: f64) -> Vec<f64> {
    each(table, |known| {
        -known
            .iter()
            .filter(|s| **s > 0.0)
            .map(|s| s * s.ln())
            .sum::<f64>()
            / base.ln()
    })
}

fn each(table: &ActivityTable, of: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    shares(table)
        .chunks_exact(table.activities().len())
        .map(|row| {
            let known: Vec<f64> = row.iter().copied().filter(|s| !s.is_nan()).collect();
            if known.is_empty() {
                f64::NAN
            } else {
                of(&known)
            }
        })
        .collect()
}
