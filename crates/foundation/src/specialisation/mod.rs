//! Specialisation: how the activities of a location differ from the world's, how concentrated an activity is, what
//! it is worth, how it combines with others, and what entered or left.
//!
//! Every measure takes an [`ActivityTable`](crate::activity::ActivityTable) or a
//! [`Presence`](crate::presence::Presence) and returns one number for each location, activity, document or pair, in
//! the order of the labels. **`NaN` means that the number is not known or not defined** (a location that does not
//! report, a share of nothing); peers print 0 there. In a row that is partly unknown the unknown cells take no part:
//! shares are shares of the known part. Nothing is rounded.

pub mod change;
pub mod concentration;
pub mod gini;
pub mod growth;
pub mod knowledge;
pub mod krugman;
pub mod novelty;
pub mod prody;
pub mod quotient;
pub mod recombination;
pub mod similarity;
pub mod ubiquity;

/// Why arguments do not fit together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecialisationError {
    #[error("{what}: {found} numbers for {wanted}")]
    Length {
        what: &'static str,
        found: usize,
        wanted: usize,
    },
    #[error("the two tables do not have the same locations and activities; align them first")]
    Labels,
    #[error("{what} must be finite and not below 0")]
    NotAValue { what: &'static str },
}

fn length(what: &'static str, found: usize, wanted: usize) -> Result<(), SpecialisationError> {
    if found == wanted {
        Ok(())
    } else {
        Err(SpecialisationError::Length {
            what,
            found,
            wanted,
        })
    }
}

/// Mean of `values` with `weights`; unknown values and weights take no part; `NaN` where nothing is left.
fn weighted_mean(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (sum, weight) = pairs
        .filter(|(value, weight)| !value.is_nan() && !weight.is_nan())
        .fold((0.0, 0.0), |(sum, total), (value, weight)| {
            (sum + value * weight, total + weight)
        });
    if weight > 0.0 { sum / weight } else { f64::NAN }
}
