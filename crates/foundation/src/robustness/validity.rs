//! Is ECI valid on this table? What can be checked, and what it says.
//!
//! Four questions, each with a number and a finding where it fails: does the matrix hang together; does the second
//! eigenvector stand apart from the next ([`super::spectrum`]); does ECI differ from diversity, and by which sign; is there
//! more order than random matrices of the same diversities and ubiquities have (λ2, nestedness, log-supermodularity against
//! the bipartite configuration model, each sample in the order of its own ECI)?
//!
//! Experimental: the statistics are published, the cut-offs of the findings are Forelay's own, and passing all of them proves
//! nothing about capabilities.

use model::{Message, Seed};
use rayon::prelude::*;

use super::nestedness::{Nestedness, nodf};
use super::score::{Lost, correlation, largest_part, ranks};
use super::spectrum::{Spectrum, SpectrumParams, SpectrumWarning};
use super::supermodularity::{Supermodularity, supermodularity};
use crate::complexity::components::components;
use crate::complexity::eigen::EciPci;
use crate::null::{NullError, bicm};
use crate::presence::Presence;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValidityParams {
    /// Random matrices to compare with; 0 leaves the comparison out.
    pub samples: usize,
    /// As in [`super::intervals::IntervalParams`].
    pub least_part: f64,
    pub spectrum: SpectrumParams,
    /// |correlation| of ECI and diversity below which the sign is not settled.
    pub unrelated: f64,
    /// And above which ECI says hardly more than diversity.
    pub same: f64,
}

impl Default for ValidityParams {
    fn default() -> Self {
        Self {
            samples: 20,
            least_part: 0.9,
            spectrum: SpectrumParams::default(),
            unrelated: 0.1,
            same: 0.95,
        }
    }
}

/// An observed statistic beside the same in random matrices.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AgainstChance {
    pub observed: f64,
    pub mean: f64,
    /// ddof 1; `NaN` with fewer than two samples.
    pub sd: f64,
    /// Random matrices that reach the observed value.
    pub reached: usize,
    pub samples: usize,
}

impl AgainstChance {
    /// (1 + reached) / (1 + samples): one-sided Monte Carlo p-value.
    pub fn p(&self) -> f64 {
        (1 + self.reached) as f64 / (1 + self.samples) as f64
    }

    fn new(observed: f64, samples: &[f64]) -> Self {
        let n = samples.len() as f64;
        let mean = samples.iter().sum::<f64>() / n;
        let square: f64 = samples.iter().map(|s| (s - mean).powi(2)).sum();
        Self {
            observed,
            mean,
            sd: (square / (n - 1.0)).sqrt(),
            reached: samples.iter().filter(|s| **s >= observed).count(),
            samples: samples.len(),
        }
    }
}

/// Order beyond the margins.
#[derive(Debug, Clone, PartialEq)]
pub struct Chance {
    pub second_eigenvalue: AgainstChance,
    /// NODF, pooled.
    pub nestedness: AgainstChance,
    /// Share of agreeing quadruples.
    pub supermodularity: AgainstChance,
    /// Random matrices that had no ECI; not among the samples.
    pub lost: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// Several components; what follows is on the largest.
    Split,
    /// There is no ECI at all.
    NoEci(Lost),
    NearlySplit,
    NearlyDouble,
    /// ECI and diversity are unrelated: which end is complex is not settled by the usual rule.
    SignUnsettled,
    /// ECI says hardly more than diversity.
    LikeDiversity,
    /// The second eigenvalue is within what chance gives.
    NoStructure,
    /// So is the order by ECI and PCI.
    NoOrder,
}

impl Finding {
    /// Nothing should be read off ECI.
    pub fn is_fatal(self) -> bool {
        matches!(self, Self::NoEci(_) | Self::NoStructure)
    }

    pub fn message(self) -> Message {
        Message::new(match self {
            Self::Split => "robustness.validity.split",
            Self::NoEci(_) => "robustness.validity.no_eci",
            Self::NearlySplit => "robustness.validity.nearly_split",
            Self::NearlyDouble => "robustness.validity.nearly_double",
            Self::SignUnsettled => "robustness.validity.sign",
            Self::LikeDiversity => "robustness.validity.like_diversity",
            Self::NoStructure => "robustness.validity.no_structure",
            Self::NoOrder => "robustness.validity.no_order",
        })
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Validity {
    /// Part of the cells that are 1.
    pub fill: f64,
    pub unlinked_locations: usize,
    pub unlinked_activities: usize,
    pub components: usize,
    pub nestedness: Nestedness,
    /// `None` where there is no ECI; so are the next three.
    pub spectrum: Option<Spectrum>,
    /// Pearson correlation of ECI and diversity.
    pub diversity: Option<f64>,
    /// The same of their ranks.
    pub diversity_ranks: Option<f64>,
    pub supermodularity: Option<Supermodularity>,
    pub chance: Option<Chance>,
    /// In the order of [`Finding`].
    pub findings: Vec<Finding>,
}

/// The checks on `m`.
///
/// # Errors
/// Only where the null model has no solution.
pub fn validity(m: &Presence, params: &ValidityParams, seed: Seed) -> Result<Validity, NullError> {
    let empty = |degrees: &[u32]| degrees.iter().filter(|d| **d == 0).count();
    let parts = components(m).len();
    let mut found = Validity {
        fill: m.links() as f64 / (m.locations() * m.activities()).max(1) as f64,
        unlinked_locations: empty(m.diversity()),
        unlinked_activities: empty(m.ubiquity()),
        components: parts,
        nestedness: nodf(m),
        spectrum: None,
        diversity: None,
        diversity_ranks: None,
        supermodularity: None,
        chance: None,
        findings: Vec::new(),
    };
    if parts > 1 {
        found.findings.push(Finding::Split);
    }
    let (vectors, _) = match largest_part(m, params.least_part) {
        Ok(vectors) => vectors,
        Err(lost) => {
            found.findings.push(Finding::NoEci(lost));
            return Ok(found);
        }
    };
    let order = supermodularity(m, &vectors.eci, &vectors.pci);
    let r = about_diversity(m, &vectors, &mut found);
    found.spectrum = Spectrum::of(&vectors.eigenvalues);
    found.supermodularity = Some(order);
    if let Some(spectrum) = found.spectrum {
        let warnings = spectrum.warnings(&params.spectrum);
        found.findings.extend(warnings.iter().map(|w| match w {
            SpectrumWarning::NearlySplit => Finding::NearlySplit,
            SpectrumWarning::NearlyDouble => Finding::NearlyDouble,
        }));
    }
    if r.abs() < params.unrelated {
        found.findings.push(Finding::SignUnsettled);
    } else if r.abs() > params.same {
        found.findings.push(Finding::LikeDiversity);
    }
    if params.samples > 0 {
        let chance = against_chance(m, &vectors, order, found.nestedness, params, seed)?;
        let within = |c: &AgainstChance| c.samples > 0 && c.reached * 20 > c.samples;
        if within(&chance.second_eigenvalue) {
            found.findings.push(Finding::NoStructure);
        }
        if within(&chance.supermodularity) {
            found.findings.push(Finding::NoOrder);
        }
        found.chance = Some(chance);
    }
    found.findings.sort();
    Ok(found)
}

fn about_diversity(m: &Presence, vectors: &EciPci, found: &mut Validity) -> f64 {
    let degrees: Vec<f64> = m
        .diversity()
        .iter()
        .zip(&vectors.eci)
        .map(|(d, eci)| {
            if eci.is_nan() {
                f64::NAN
            } else {
                f64::from(*d)
            }
        })
        .collect();
    let r = correlation(&vectors.eci, &degrees);
    let rank = |values: &[f64]| -> Vec<f64> {
        let ranks = ranks(values);
        ranks
            .iter()
            .map(|r| r.map_or(f64::NAN, f64::from))
            .collect()
    };
    found.diversity = Some(r);
    found.diversity_ranks = Some(correlation(&rank(&vectors.eci), &rank(&degrees)));
    r
}

fn against_chance(
    m: &Presence,
    vectors: &EciPci,
    order: Supermodularity,
    nested: Nestedness,
    params: &ValidityParams,
    seed: Seed,
) -> Result<Chance, NullError> {
    let model = bicm::solve(m, &bicm::Params::default())?;
    let samples: Vec<Option<[f64; 3]>> = (0..params.samples as u64)
        .into_par_iter()
        .map(|i| {
            let random = model.sample_of("robustness.validity", seed, i);
            let (v, _) = largest_part(&random, params.least_part).ok()?;
            let share = supermodularity(&random, &v.eci, &v.pci).share()?;
            Some([v.eigenvalues[1], nodf(&random).pooled, share])
        })
        .collect();
    let kept: Vec<[f64; 3]> = samples.iter().flatten().copied().collect();
    let of = |k: usize, observed: f64| {
        let values: Vec<f64> = kept.iter().map(|s| s[k]).collect();
        AgainstChance::new(observed, &values)
    };
    Ok(Chance {
        second_eigenvalue: of(0, vectors.eigenvalues[1]),
        nestedness: of(1, nested.pooled),
        supermodularity: of(2, order.share().unwrap_or(f64::NAN)),
        lost: samples.len() - kept.len(),
    })
}

#[cfg(test)]
mod tests {
    use rand::RngExt;

    use super::*;

    #[test]
    fn planted_order_is_seen_and_chance_is_called_chance() {
        let mut stream = Seed(5).stream("test", 0);
        let noise: Vec<f64> = (0..40 * 60).map(|_| stream.random::<f64>()).collect();
        // Two axes: how much (nested) and what kind (near or far from the location's own kind).
        let planted = Presence::from_fn(40, 60, |l, a| {
            let (kind, other) = (l as f64 / 40.0, a as f64 / 60.0);
            noise[l * 60 + a] < (-12.0 * (kind - other).powi(2)).exp() * (0.4 + 0.5 * kind)
        });
        let found = validity(&planted, &ValidityParams::default(), Seed(1)).expect("solvable");
        assert!(!found.findings.iter().any(|f| f.is_fatal()), "{found:?}");
        let chance = found.chance.expect("samples");
        assert_eq!((chance.second_eigenvalue.reached, chance.lost), (0, 0));
        assert!(chance.supermodularity.observed > chance.supermodularity.mean);
        let random = Presence::from_fn(40, 60, |l, a| noise[l * 60 + a] < 0.3);
        let found = validity(&random, &ValidityParams::default(), Seed(1)).expect("solvable");
        assert!(found.findings.contains(&Finding::NoStructure), "{found:?}");
    }

    #[test]
    fn blocks_have_no_eci() {
        let two = Presence::from_fn(6, 6, |l, a| l / 3 == a / 3);
        let found = validity(&two, &ValidityParams::default(), Seed(1)).expect("solvable");
        assert_eq!(
            found.findings,
            [Finding::Split, Finding::NoEci(Lost::Disconnected)]
        );
        assert_eq!(found.components, 2);
        assert!(found.spectrum.is_none());
    }
}
