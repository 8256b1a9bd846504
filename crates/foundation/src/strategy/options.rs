//! The options of one location: what it does not have, by relatedness density and complexity, the nearest first.
//!
//! Density and PCI come with their ranges over nearby thresholds ([`Around`]); the quadrants are those of
//! [`mod@super::quadrants`], cut at the means of the options.

use model::Refusal;

use super::quadrants::{Candidate, Cut, Quadrants, quadrants};
use crate::robustness::around::Around;

/// Every activity that `location` lacks and that has both numbers, by density, the largest first, then by position.
/// Refused for fewer than two.
pub fn options(around: &Around, location: usize) -> Result<Quadrants, Box<Refusal>> {
    let presence = &around.base.presence;
    let width = presence.activities();
    let candidates: Vec<Candidate> = (0..width)
        .filter(|a| !presence.get(location, *a))
        .filter_map(|a| {
            Some(Candidate {
                activity: a,
                relatedness: around.range(|c| c.density[location * width + a])?,
                complexity: around.range(|c| c.pci[a])?,
            })
        })
        .collect();
    let mut found = quadrants(&candidates, Cut::default())?;
    found.placed.sort_by(|a, b| {
        let (a, b) = (&a.candidate, &b.candidate);
        b.relatedness
            .value
            .total_cmp(&a.relatedness.value)
            .then(a.activity.cmp(&b.activity))
    });
    Ok(found)
}
