//! Diversity and ubiquity, normalised: simple measures of complexity beside the eigenvector.
//!
//! ```text
//! share of diversity_l        = d_l / n_a,  share of ubiquity_a = u_a / n_l                       0..1
//! normalised ubiquity_a       = (X_a / X) / (u_a / Σ u)       large and rare: large (Balland and Rigby, 2017)
//! inverse normalised ubiquity = 100 ln(X_a + 0.001) / u_a     EconGeo's `inv.norm.ubiquity`; depends on the unit of X
//! ```

use super::{SpecialisationError, length};
use crate::activity::ActivityTable;
use crate::presence::Presence;

/// d_l / number of activities, 0..1.
pub fn diversity_shares(presence: &Presence) -> Vec<f64> {
    over(presence.diversity(), presence.activities())
}

/// u_a / number of locations, 0..1.
pub fn ubiquity_shares(presence: &Presence) -> Vec<f64> {
    over(presence.ubiquity(), presence.locations())
}

/// Share in the world's total over share in all presences, > 0; `NaN` for what nobody has.
pub fn normalised_ubiquity(
    table: &ActivityTable,
    presence: &Presence,
) -> Result<Vec<f64>, SpecialisationError> {
    let totals = totals(table, presence)?;
    let world: f64 = totals.iter().sum();
    let links = presence.links() as f64;
    Ok(totals
        .iter()
        .zip(presence.ubiquity())
        .map(|(x, u)| {
            if *u == 0 {
                f64::NAN
            } else {
                (x / world) / (f64::from(*u) / links)
            }
        })
        .collect())
}

/// 100 ln(X_a + 0.001) / u_a; `NaN` for what nobody has.
pub fn inverse_normalised_ubiquity(
    table: &ActivityTable,
    presence: &Presence,
) -> Result<Vec<f64>, SpecialisationError> {
    Ok(totals(table, presence)?
        .iter()
        .zip(presence.ubiquity())
        .map(|(x, u)| {
            if *u == 0 {
                f64::NAN
            } else {
                100.0 * (x + 0.001).ln() / f64::from(*u)
            }
        })
        .collect())
}

fn totals(table: &ActivityTable, presence: &Presence) -> Result<Vec<f64>, SpecialisationError> {
    let (l, a) = (table.locations().len(), table.activities().len());
    length("locations of the presence", presence.locations(), l)?;
    length("activities of the presence", presence.activities(), a)?;
    Ok(table.activity_totals())
}

fn over(counts: &[u32], whole: usize) -> Vec<f64> {
    counts
        .iter()
        .map(|n| f64::from(*n) / whole as f64)
        .collect()
}
