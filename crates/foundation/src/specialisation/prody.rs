//! What an activity is worth by who has it: PRODY, EXPY, product Gini and emissions indices.
//!
//! ```text
//! PRODY_a = Σ_l LQ_la y_l / Σ_l LQ_la       y: income per head; the income associated with the activity
//! EXPY_l  = Σ_a s_la PRODY_a                the income associated with the location's basket
//! PGI_a   = Σ_l M_la s_la g_l / Σ_l M_la s_la    g: Gini of the location (PGI), emissions intensity (PEII), …
//! ```
//!
//! Hausmann, Hwang and Rodrik (2007), whose weights (x_la/X_l) / Σ_k (x_ka/X_k) are LQ up to a factor of the activity
//! that cancels; Hartmann et al. (2017) for the product Gini index; Romero and Gramkow (2021) for emissions (the last
//! two from memory). A location whose attribute is unknown takes no part; its weight is not kept.

use super::quotient::{location_quotient, shares};
use super::{SpecialisationError, length, weighted_mean};
use crate::activity::ActivityTable;
use crate::presence::Presence;

/// PRODY of every activity in the units of `income` (one number for each location, `NaN` unknown); between the least and
/// the largest income.
pub fn prody(table: &ActivityTable, income: &[f64]) -> Result<Vec<f64>, SpecialisationError> {
    length("income", income.len(), table.locations().len())?;
    let width = table.activities().len();
    let quotients = location_quotient(table);
    Ok((0..width)
        .map(|a| weighted_mean((0..income.len()).map(|l| (income[l], quotients[l * width + a]))))
        .collect())
}

/// EXPY of every location: the mean of a number of the activities (PRODY, or any other) by the location's shares.
/// Activities without the number take no part.
pub fn expy(table: &ActivityTable, prody: &[f64]) -> Result<Vec<f64>, SpecialisationError> {
    length("prody", prody.len(), table.activities().len())?;
    Ok(shares(table)
        .chunks_exact(prody.len())
        .map(|row| weighted_mean(prody.iter().copied().zip(row.iter().copied())))
        .collect())
}

/// Mean of a number of the locations over those that have the activity, by its share in them: the product Gini index of
/// Gini coefficients, the product emissions intensity index of emissions intensities.
pub fn product_index(
    table: &ActivityTable,
    presence: &Presence,
    attribute: &[f64],
) -> Result<Vec<f64>, SpecialisationError> {
    length("attribute", attribute.len(), table.locations().len())?;
    let (locations, width) = (presence.locations(), presence.activities());
    length("locations of the presence", locations, attribute.len())?;
    length(
        "activities of the presence",
        width,
        table.activities().len(),
    )?;
    let shares = shares(table);
    Ok((0..width)
        .map(|a| {
            weighted_mean(
                presence
                    .locations_of(a)
                    .map(|l| (attribute[l], shares[l * width + a])),
            )
        })
        .collect())
}
