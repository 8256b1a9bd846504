//! Conventions: everything on which two packages with the same data may differ, as fields.
//!
//! A number without its convention cannot be compared: the packages below agree on ECI to 14 digits on one table and differ by
//! 12 % in density or 57 % in COG on the next. Every field says what it is and which peer does it; [`Convention::of`] holds
//! each peer as a preset. What a preset does *not* follow is listed in `methods/conventions.md`.

use super::presence_rule::{Comparison, Source, TIE};
use crate::relatedness::outlook::Gain;
use crate::relatedness::proximity::{Diagonal, Measure};

/// A named convention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Preset {
    Forelay,
    /// `ecomplexity` for Stata, Growth Lab at Harvard.
    GrowthLabStata,
    /// `ecomplexity` 0.5.3 for Python, Growth Lab at Harvard.
    PyEcomplexity,
    /// `econcomplex` 1.0.1 for Python.
    Econcomplex,
    /// `economic-complexity` 0.3.0 for Python, Observatory of Economic Complexity.
    Oec,
    /// `economiccomplexity` 2.0.0 for R, with `method = "eigenvalues"`.
    Economiccomplexity,
}

impl Preset {
    pub const ALL: [Self; 6] = [
        Self::Forelay,
        Self::GrowthLabStata,
        Self::PyEcomplexity,
        Self::Econcomplex,
        Self::Oec,
        Self::Economiccomplexity,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::Forelay => "forelay",
            Self::GrowthLabStata => "growth-lab-stata",
            Self::PyEcomplexity => "py-ecomplexity",
            Self::Econcomplex => "econcomplex",
            Self::Oec => "oec",
            Self::Economiccomplexity => "economiccomplexity",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.code() == code)
    }
}

/// What an advantage of 0/0 (a location or an activity without any value) counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undefined {
    Absent,
    /// economiccomplexity 2.0.0 asks for "not below the threshold".
    Present,
}

/// On which units ECI and PCI are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Universe {
    /// Units without a link are left out once.
    Once,
    /// The advantage is computed again without them, until none is left (econcomplex), for ECI and PCI only.
    Recomputed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Eigenvector,
    /// Orders of the reflection taken for ECI and for PCI; the peers take 18 and 19 ("20 iterations") or 20 and 20.
    Reflections {
        location_order: usize,
        activity_order: usize,
    },
}

/// Which way is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignRule {
    /// ECI rises with diversity and PCI follows ECI.
    Diversity,
    /// ECI rises with diversity, PCI falls with ubiquity: two decisions, which may disagree.
    Separate,
    /// Each agrees with its reflection of order 18 and 19 (economiccomplexity).
    Reflections,
    /// As the reflections come.
    AsIs,
}

/// Over what mean and standard deviation are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moments {
    /// Over the locations (or activities), with `ddof` taken from their number: 0 or 1.
    Units { ddof: usize },
    /// Over the rows of the long table, location × activity, less one: Stata's `summarize`.
    Rows,
}

/// Whose mean and standard deviation PCI is standardised with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PciMoments {
    /// Those of ECI, so that ECI stays the mean PCI of what a location has.
    OfEci,
    Own,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DensityScale {
    Share,
    Percent,
}

/// Which PCI enters COI and COG.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutlookPci {
    /// The eigenvector of length 1, not centred (Stata).
    UnitVector,
    /// PCI as it is shown.
    Standardised,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoiScale {
    AsIs,
    /// Mean 0 and standard deviation 1, by `moments`.
    Standardised,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CogScale {
    AsIs,
    /// Divided by the standard deviation of ECI before ECI was standardised.
    PerEciSd,
}

/// Every choice between a table of values and its complexity.
#[derive(Debug, Clone, PartialEq)]
pub struct Convention {
    pub source: Source,
    /// Of RCA.
    pub threshold: f64,
    /// Of RpOP.
    pub rpop_threshold: f64,
    pub comparison: Comparison,
    /// Relative tolerance within which an advantage equals the threshold.
    pub tie: f64,
    pub undefined: Undefined,
    pub universe: Universe,
    pub method: Method,
    pub sign: SignRule,
    pub moments: Moments,
    pub pci_moments: PciMoments,
    pub measure: Measure,
    pub diagonal: Diagonal,
    pub density: DensityScale,
    pub outlook_pci: OutlookPci,
    pub coi: CoiScale,
    pub gain: Gain,
    pub cog: CogScale,
}

impl Default for Convention {
    /// `forelay`. RCA ≥ 1 is the definition of the Atlas (Hausmann et al., 2014), and ties are ties; the spread is over locations
    /// and whole (they are all there is, not a sample); PCI on the scale of ECI keeps ECI = mean PCI of what is held;
    /// without the diagonal density asks about *other* activities and compares held with not held; COI and COG in units of
    /// the PCI that is shown can be checked by hand from the same table.
    fn default() -> Self {
        Self {
            source: Source::Rca,
            threshold: 1.0,
            rpop_threshold: 1.0,
            comparison: Comparison::AtLeast,
            tie: TIE,
            undefined: Undefined::Absent,
            universe: Universe::Once,
            method: Method::Eigenvector,
            sign: SignRule::Diversity,
            moments: Moments::Units { ddof: 0 },
            pci_moments: PciMoments::OfEci,
            measure: Measure::MinConditional,
            diagonal: Diagonal::Zero,
            density: DensityScale::Share,
            outlook_pci: OutlookPci::Standardised,
            coi: CoiScale::AsIs,
            gain: Gain::Neighbour,
            cog: CogScale::AsIs,
        }
    }
}

impl Convention {
    pub fn of(preset: Preset) -> Self {
        let ours = Self::default();
        match preset {
            Preset::Forelay => ours,
            Preset::GrowthLabStata => Self {
                comparison: Comparison::Above,
                moments: Moments::Rows,
                outlook_pci: OutlookPci::UnitVector,
                coi: CoiScale::Standardised,
                cog: CogScale::PerEciSd,
                tie: 0.0,
                ..ours
            },
            Preset::PyEcomplexity => Self {
                diagonal: Diagonal::Kept,
                outlook_pci: OutlookPci::UnitVector,
                coi: CoiScale::Standardised,
                cog: CogScale::PerEciSd,
                tie: 0.0,
                ..ours
            },
            Preset::Econcomplex => Self {
                universe: Universe::Recomputed,
                sign: SignRule::Separate,
                pci_moments: PciMoments::Own,
                density: DensityScale::Percent,
                gain: Gain::Target,
                tie: 0.0,
                ..ours
            },
            Preset::Oec => Self {
                method: Method::Reflections {
                    location_order: 18,
                    activity_order: 19,
                },
                sign: SignRule::AsIs,
                moments: Moments::Units { ddof: 1 },
                pci_moments: PciMoments::Own,
                gain: Gain::Net,
                tie: 0.0,
                ..ours
            },
            Preset::Economiccomplexity => Self {
                undefined: Undefined::Present,
                sign: SignRule::Reflections,
                moments: Moments::Units { ddof: 1 },
                pci_moments: PciMoments::Own,
                diagonal: Diagonal::Kept,
                tie: 0.0,
                ..ours
            },
        }
    }
}
