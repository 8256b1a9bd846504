//! CEPII's GeoDep list of import dependences (Lefebvre and Wibaux, 2024).
//!
//! ```text
//! C1 = HHI of imports by origin      > 0.4
//! C2 = HHI of world exports          > 0.4
//! C3 = imports/exports               > 1      (9999 in the published file where exports are null)
//! C4 = C1, C2 and C3 in at least 2 of the last 3 years
//! ```
//!
//! Seen in CEPII's own code. "No exports" stays a word here; [`published_ratio`] gives the file's 9999. For
//! a group imports and exports are those across its border, and the world's exports stay by country, with
//! intra-group flows (our reading; the source's treatment of groups was not seen).

use serde::{Deserialize, Serialize};

use super::criterion::{Criterion, Gap, Reading};
use super::ec2021::to_exports;
use super::supply::{Supply, World};

/// Thresholds; a criterion passes above.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GeoDepParams {
    pub concentration: f64,
    pub world_concentration: f64,
    pub imports_to_exports: f64,
}

impl Default for GeoDepParams {
    fn default() -> Self {
        Self {
            concentration: 0.4,
            world_concentration: 0.4,
            imports_to_exports: 1.0,
        }
    }
}

/// The published stand-in for imports/0.
pub const NO_EXPORTS: f64 = 9999.0;

/// C1, C2 and C3 of one year; C4 needs the years beside it ([`persistent`]).
pub fn criteria(supply: &Supply, world: &World, params: &GeoDepParams) -> [Criterion; 3] {
    [
        Criterion::new(
            "c1",
            supply.hhi().map_or_else(Reading::Missing, Reading::Known),
            params.concentration,
        ),
        Criterion::new(
            "c2",
            world
                .hhi
                .map_or(Reading::Missing(Gap::NotTraded), Reading::Known),
            params.world_concentration,
        ),
        Criterion::new(
            "c3",
            to_exports(supply, supply.exports_extra),
            params.imports_to_exports,
        ),
    ]
}

/// C3 as the published file writes it.
pub fn published_ratio(c3: &Criterion) -> Option<f64> {
    match c3.reading {
        Reading::Known(range) => Some(range.value),
        Reading::NoExports => Some(NO_EXPORTS),
        Reading::Missing(_) => None,
    }
}

/// C4: held in at least `need` of the years given; `None` where unknown years could decide either way.
pub fn persistent(years: &[Option<bool>], need: usize) -> Option<bool> {
    let held = years.iter().filter(|y| **y == Some(true)).count();
    let unknown = years.iter().filter(|y| y.is_none()).count();
    if held >= need {
        Some(true)
    } else if held + unknown < need {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_of_three_years_with_unknown_ones() {
        let (yes, no) = (Some(true), Some(false));
        assert_eq!(persistent(&[yes, no, yes], 2), Some(true));
        assert_eq!(persistent(&[yes, no, no], 2), Some(false));
        assert_eq!(persistent(&[yes, None, yes], 2), Some(true));
        assert_eq!(persistent(&[yes, None, no], 2), None);
        assert_eq!(persistent(&[no, None, no], 2), Some(false));
        assert_eq!(
            persistent(&[yes], 2),
            Some(false),
            "one year only, and known"
        );
    }
}
