//! Knowledge complexity of places and complexity of technologies (Balland and Rigby, 2017).
//!
//! KCI and TCI are ECI and PCI of places and technologies. EconGeo divides the vector by its own sum, which is near
//! zero and carries rounding; here both are standardised over themselves (mean 0, sd 1 with n), which keeps ranks and
//! differences.

use crate::complexity::eigen::{EigenError, eci_pci};
use crate::presence::Presence;
use crate::relatedness::density::moments;

#[derive(Debug, Clone, PartialEq)]
pub struct KnowledgeComplexity {
    /// KCI of every location; `NaN` for one of no technology.
    pub locations: Vec<f64>,
    /// TCI of every technology; `NaN` for one of no location.
    pub technologies: Vec<f64>,
    /// λ2 - λ3 of the matrix: how firmly the order stands.
    pub gap: f64,
}

/// KCI and TCI; fails where the matrix has no second eigenvector (see [`eci_pci`]).
pub fn knowledge_complexity(presence: &Presence) -> Result<KnowledgeComplexity, EigenError> {
    let both = eci_pci(presence)?;
    Ok(KnowledgeComplexity {
        gap: both.gap(),
        locations: standardised(&both.eci),
        technologies: standardised(&both.pci),
    })
}

/// z over the known numbers, with n.
pub fn standardised(values: &[f64]) -> Vec<f64> {
    let (mean, sd) = moments(values, 0);
    values.iter().map(|v| (v - mean) / sd).collect()
}
