//! The full table of one period: from values to RCA, ECI, PCI, density, COI and COG under one convention.
//!
//! [`complexity`] computes every column for every cell, the empty ones included: those are the candidates. What cannot be told is
//! `NaN`: the ECI of a location without any activity, the density of an activity without neighbours, the gain from a
//! cell that is unknown. A table that falls into components, or whose second eigenvector is not one, is refused.

use model::{Message, Refusal};

use super::advantage;
use super::components::{Component, components};
use super::convention::{
    CogScale, CoiScale, Convention, DensityScale, Method, Moments, OutlookPci, PciMoments,
    SignRule, Undefined, Universe,
};
use super::eigen::{EigenError, Sign, eci_pci_of};
use super::fitness::{Fitness, FitnessError, FitnessParams, fitness};
use super::presence_rule::{NearThreshold, Rule, Source, near_threshold};
use super::reflections::reflections;
use crate::activity::ActivityTable;
use crate::presence::Presence;
use crate::relatedness::outlook::{Outlook, outlook};
use crate::relatedness::proximity::Phi;

/// What to do with a matrix that falls into components.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parts {
    Refuse,
    /// Complexity within the largest component; units of the others are dropped and listed.
    Largest,
}

/// What a convention does not fix.
#[derive(Debug, Clone, PartialEq)]
pub struct Params<'a> {
    /// People in every location, where presence is by RpOP.
    pub population: Option<&'a [f64]>,
    /// Cells whose advantage lies within this part of its threshold are listed.
    pub near: f64,
    pub parts: Parts,
    /// How to compute fitness and complexity beside ECI and PCI, if at all.
    pub fitness: Option<FitnessParams>,
}

impl Default for Params<'_> {
    /// No population, cells within 1 % of the threshold, no answer for a matrix in components, no fitness.
    fn default() -> Self {
        Self {
            population: None,
            near: 0.01,
            parts: Parts::Refuse,
            fitness: None,
        }
    }
}

/// The full table. Numbers of locations and activities are in the order of the labels, cells row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Complexity {
    pub rca: Vec<f64>,
    /// Where presence is by RpOP.
    pub rpop: Option<Vec<f64>>,
    /// With diversity and ubiquity.
    pub presence: Presence,
    pub eci: Vec<f64>,
    pub pci: Vec<f64>,
    pub coi: Vec<f64>,
    pub density: Vec<f64>,
    pub cog: Vec<f64>,
    /// Where it was asked for: fitness of the locations, complexity of the activities.
    pub fitness: Option<Fitness>,
    pub diagnostics: Diagnostics,
}

/// How firmly the table stands, and what was left out of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostics {
    /// 1, λ2, λ3, … of the eigenproblem, descending; empty for reflections.
    pub eigenvalues: Vec<f64>,
    /// λ2 - λ3.
    pub gap: Option<f64>,
    /// How the eigenvector got its sign; [`Sign::FirstLargest`] means that nothing but a label decides which end is up.
    pub sign: Option<Sign>,
    /// Standard deviation of ECI before it was standardised.
    pub eci_sd: f64,
    /// Locations and activities without ECI or PCI.
    pub dropped_locations: Vec<usize>,
    pub dropped_activities: Vec<usize>,
    pub near_threshold: Vec<NearThreshold>,
    /// Cells whose value is unknown; they count as absent.
    pub unknown_cells: usize,
}

/// Why there is no table.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ComplexityError {
    #[error("presence by population needs one number above 0 for each of {locations} locations")]
    Population { locations: usize },
    #[error("a threshold must be a finite number above 0, not {0}")]
    Threshold(f64),
    #[error("the eigenvalues did not converge")]
    NotConverged,
    #[error(transparent)]
    Fitness(FitnessError),
    #[error("the table cannot carry the question ({})", .0.code)]
    Refused(Box<Refusal>),
}

/// Everything about one period under one convention.
pub fn complexity(
    table: &ActivityTable,
    convention: &Convention,
    params: &Params,
) -> Result<Complexity, ComplexityError> {
    let advantage = Advantage::of(table, convention, params)?;
    let presence = advantage.presence(table, convention);
    let scores = scores(table, &presence, convention, params)?;
    let fitness = match &params.fitness {
        None => None,
        Some(params) => Some(fitness(&presence, params).map_err(|error| match error {
            FitnessError::Refused(refusal) => ComplexityError::Refused(refusal),
            other => ComplexityError::Fitness(other),
        })?),
    };
    let phi = Phi::of_presence(&presence, convention.measure, convention.diagonal);
    let standard = Standard::of(&scores, convention);
    let eci = scaled(&scores.eci, standard.eci);
    let pci = scaled(&scores.pci, standard.pci);
    let for_outlook = match convention.outlook_pci {
        OutlookPci::UnitVector => &scores.pci,
        OutlookPci::Standardised => &pci,
    };
    let Outlook {
        mut density,
        mut coi,
        mut cog,
    } = outlook(&presence, &phi, for_outlook, convention.gain);
    for (l, value) in coi.iter_mut().enumerate() {
        if eci[l].is_nan() {
            *value = f64::NAN;
        }
    }
    if convention.coi == CoiScale::Standardised {
        let moments = moments(&coi, presence.activities(), convention.moments);
        coi = scaled(&coi, moments);
    }
    let factor = match convention.cog {
        CogScale::AsIs => 1.0,
        CogScale::PerEciSd => standard.eci.1,
    };
    let percent = match convention.density {
        DensityScale::Share => 1.0,
        DensityScale::Percent => 100.0,
    };
    let width = presence.activities();
    for l in 0..presence.locations() {
        // A location of which nothing is known has no density, rather than none of everything.
        let silent = table.row(l).iter().all(|v| v.is_nan());
        for a in 0..width {
            let k = l * width + a;
            cog[k] /= factor;
            density[k] *= percent;
            if silent {
                density[k] = f64::NAN;
            }
            if table.values()[k].is_nan() {
                cog[k] = f64::NAN;
            }
        }
    }
    let missing = |values: &[f64]| {
        let places = values.iter().enumerate().filter(|(_, v)| v.is_nan());
        places.map(|(k, _)| k).collect()
    };
    Ok(Complexity {
        diagnostics: Diagnostics {
            gap: gap(&scores.eigenvalues),
            sign: scores.sign,
            eigenvalues: scores.eigenvalues,
            eci_sd: standard.eci.1,
            dropped_locations: missing(&eci),
            dropped_activities: missing(&pci),
            near_threshold: advantage.near(table, convention, params.near),
            unknown_cells: table.values().iter().filter(|v| v.is_nan()).count(),
        },
        rca: advantage.rca,
        rpop: advantage.rpop,
        presence,
        eci,
        pci,
        coi,
        density,
        cog,
        fitness,
    })
}

/// Presence alone, as the convention sees it.
pub fn presence_of(
    table: &ActivityTable,
    convention: &Convention,
    params: &Params,
) -> Result<Presence, ComplexityError> {
    Ok(Advantage::of(table, convention, params)?.presence(table, convention))
}

/// The advantages that a convention looks at.
struct Advantage {
    rca: Vec<f64>,
    rpop: Option<Vec<f64>>,
}

impl Advantage {
    fn of(
        table: &ActivityTable,
        convention: &Convention,
        params: &Params,
    ) -> Result<Self, ComplexityError> {
        for threshold in [convention.threshold, convention.rpop_threshold] {
            if !(threshold > 0.0 && threshold.is_finite()) {
                return Err(ComplexityError::Threshold(threshold));
            }
        }
        let rpop = match convention.source {
            Source::Rca | Source::Manual => None,
            Source::Rpop | Source::Both => {
                let locations = table.locations().len();
                let population = params
                    .population
                    .filter(|p| p.len() == locations && p.iter().any(|n| *n > 0.0))
                    .ok_or(ComplexityError::Population { locations })?;
                Some(advantage::rpop(table, population))
            }
        };
        Ok(Self {
            rca: advantage::rca(table),
            rpop,
        })
    }

    fn presence(&self, table: &ActivityTable, convention: &Convention) -> Presence {
        let width = table.activities().len();
        let (rca, rpop) = rules(convention);
        // 0/0 is not the same as an unknown value.
        let has = |rule: &Rule, advantage: f64, k: usize| {
            rule.has(advantage).unwrap_or_else(|| {
                convention.undefined == Undefined::Present && !table.values()[k].is_nan()
            })
        };
        let by_rpop = |k: usize| self.rpop.as_ref().is_some_and(|r| has(&rpop, r[k], k));
        Presence::from_fn(table.locations().len(), width, |l, a| {
            let k = l * width + a;
            match convention.source {
                Source::Rca => has(&rca, self.rca[k], k),
                Source::Rpop => by_rpop(k),
                Source::Both => has(&rca, self.rca[k], k) || by_rpop(k),
                Source::Manual => table.values()[k] >= 0.5,
            }
        })
    }

    /// Cells near a threshold that decides presence.
    fn near(
        &self,
        table: &ActivityTable,
        convention: &Convention,
        tolerance: f64,
    ) -> Vec<NearThreshold> {
        let width = table.activities().len();
        let (rca, rpop) = rules(convention);
        let by_rca = match convention.source {
            Source::Rca | Source::Both => near_threshold(&self.rca, width, &rca, tolerance),
            Source::Rpop | Source::Manual => Vec::new(),
        };
        let by_rpop = self.rpop.iter();
        let by_rpop = by_rpop.flat_map(|r| near_threshold(r, width, &rpop, tolerance));
        by_rca.into_iter().chain(by_rpop).collect()
    }
}

fn rules(convention: &Convention) -> (Rule, Rule) {
    let rca = Rule {
        threshold: convention.threshold,
        comparison: convention.comparison,
        tie: convention.tie,
    };
    let rpop = Rule {
        threshold: convention.rpop_threshold,
        ..rca
    };
    (rca, rpop)
}

/// ECI and PCI before they are standardised; `NaN` for dropped units.
struct Scores {
    eci: Vec<f64>,
    pci: Vec<f64>,
    eigenvalues: Vec<f64>,
    sign: Option<Sign>,
}

fn scores(
    table: &ActivityTable,
    presence: &Presence,
    convention: &Convention,
    params: &Params,
) -> Result<Scores, ComplexityError> {
    if convention.universe == Universe::Recomputed && convention.source == Source::Rca {
        let (locations, activities) = core(table, presence, convention, params)?;
        if locations.len() < presence.locations() || activities.len() < presence.activities() {
            let inner = table.restricted(&locations, &activities);
            let inner_presence = presence_of(&inner, convention, params)?;
            let found = scores_of(&inner, &inner_presence, convention, params)?;
            let spread = |places: &[usize], values: &[f64], n: usize| {
                let mut all = vec![f64::NAN; n];
                for (place, value) in places.iter().zip(values) {
                    all[*place] = *value;
                }
                all
            };
            return Ok(Scores {
                eci: spread(&locations, &found.eci, presence.locations()),
                pci: spread(&activities, &found.pci, presence.activities()),
                eigenvalues: found.eigenvalues,
                sign: found.sign,
            });
        }
    }
    scores_of(table, presence, convention, params)
}

/// Units that keep a link when the advantage is computed again and again without those that have none.
fn core(
    table: &ActivityTable,
    presence: &Presence,
    convention: &Convention,
    params: &Params,
) -> Result<(Vec<usize>, Vec<usize>), ComplexityError> {
    let mut locations: Vec<usize> = (0..presence.locations()).collect();
    let mut activities: Vec<usize> = (0..presence.activities()).collect();
    let mut now = presence.clone();
    loop {
        let keep = |places: &[usize], counts: &[u32]| -> Vec<usize> {
            let linked = places.iter().zip(counts).filter(|(_, c)| **c > 0);
            linked.map(|(place, _)| *place).collect()
        };
        let next = (
            keep(&locations, now.diversity()),
            keep(&activities, now.ubiquity()),
        );
        if next.0.len() == locations.len() && next.1.len() == activities.len() {
            return Ok((locations, activities));
        }
        (locations, activities) = next;
        now = presence_of(
            &table.restricted(&locations, &activities),
            convention,
            params,
        )?;
    }
}

fn scores_of(
    table: &ActivityTable,
    presence: &Presence,
    convention: &Convention,
    params: &Params,
) -> Result<Scores, ComplexityError> {
    let parts = components(presence);
    let Some(part) = parts.first() else {
        return Err(refused(
            table,
            &EigenError::TooSmall {
                locations: 0,
                activities: 0,
            },
        ));
    };
    if parts.len() > 1 && params.parts == Parts::Refuse {
        return Err(refused(table, &EigenError::Disconnected(parts)));
    }
    let mut scores = match convention.method {
        Method::Eigenvector => {
            let found = eci_pci_of(presence, part).map_err(|error| match error {
                EigenError::NotConverged => ComplexityError::NotConverged,
                other => refused(table, &other),
            })?;
            Scores {
                eci: found.eci,
                pci: found.pci,
                eigenvalues: found.eigenvalues,
                sign: Some(found.sign),
            }
        }
        Method::Reflections {
            location_order,
            activity_order,
        } => {
            let only = |members: &[usize], values: Vec<f64>| {
                let mut kept = vec![f64::NAN; values.len()];
                for place in members {
                    kept[*place] = values[*place];
                }
                kept
            };
            let eci = reflections(presence, location_order).location_deviation;
            let pci = reflections(presence, activity_order).activity_deviation;
            Scores {
                eci: only(&part.locations, eci),
                pci: only(&part.activities, pci),
                eigenvalues: Vec::new(),
                sign: None,
            }
        }
    };
    orient(&mut scores, presence, convention.sign, part);
    Ok(scores)
}

/// Turns the signs as the rule says. The eigenvector comes with ECI along diversity already.
fn orient(scores: &mut Scores, presence: &Presence, rule: SignRule, part: &Component) {
    let along = |values: &[f64], guide: &dyn Fn(usize) -> f64, members: &[usize]| {
        let n = members.len() as f64;
        let mean = |f: &dyn Fn(usize) -> f64| members.iter().map(|k| f(*k)).sum::<f64>() / n;
        let (v, g) = (mean(&|k| values[k]), mean(guide));
        let sum: f64 = members
            .iter()
            .map(|k| (values[*k] - v) * (guide(*k) - g))
            .sum();
        if sum < 0.0 { -1.0 } else { 1.0 }
    };
    let diversity = |l: usize| f64::from(presence.diversity()[l]);
    let rarity = |a: usize| -f64::from(presence.ubiquity()[a]);
    let (eci, pci) = match rule {
        SignRule::AsIs => (1.0, 1.0),
        SignRule::Diversity if scores.sign.is_some() => (1.0, 1.0),
        SignRule::Diversity => {
            let sign = along(&scores.eci, &diversity, &part.locations);
            (sign, sign)
        }
        SignRule::Separate => (
            along(&scores.eci, &diversity, &part.locations),
            along(&scores.pci, &rarity, &part.activities),
        ),
        SignRule::Reflections => {
            let eci = reflections(presence, 18).location_deviation;
            let pci = reflections(presence, 19).activity_deviation;
            (
                along(&scores.eci, &|l| eci[l], &part.locations),
                along(&scores.pci, &|a| pci[a], &part.activities),
            )
        }
    };
    for value in &mut scores.eci {
        *value *= eci;
    }
    for value in &mut scores.pci {
        *value *= pci;
    }
}

/// Mean and standard deviation with which ECI and PCI are standardised.
struct Standard {
    eci: (f64, f64),
    pci: (f64, f64),
}

impl Standard {
    fn of(scores: &Scores, convention: &Convention) -> Self {
        let known = |values: &[f64]| values.iter().filter(|v| !v.is_nan()).count();
        let eci = moments(&scores.eci, known(&scores.pci), convention.moments);
        let pci = match convention.pci_moments {
            PciMoments::OfEci => eci,
            PciMoments::Own => moments(&scores.pci, known(&scores.eci), convention.moments),
        };
        Self { eci, pci }
    }
}

/// Mean and standard deviation of the known values; `copies` rows of the long table hold each of them.
fn moments(values: &[f64], copies: usize, over: Moments) -> (f64, f64) {
    let known = || values.iter().filter(|v| !v.is_nan());
    let n = known().count() as f64;
    let mean = known().sum::<f64>() / n;
    let squares: f64 = known().map(|v| (v - mean).powi(2)).sum();
    let copies = copies as f64;
    let variance = match over {
        Moments::Units { ddof } => squares / (n - ddof as f64),
        Moments::Rows => squares * copies / (n * copies - 1.0),
    };
    (mean, variance.sqrt())
}

fn scaled(values: &[f64], (mean, sd): (f64, f64)) -> Vec<f64> {
    values.iter().map(|v| (v - mean) / sd).collect()
}

fn gap(eigenvalues: &[f64]) -> Option<f64> {
    let second = eigenvalues.get(1)?;
    Some(second - eigenvalues.get(2).copied().unwrap_or(0.0))
}

/// The refusal of a matrix without an ECI, naming the members of its components.
fn refused(table: &ActivityTable, error: &EigenError) -> ComplexityError {
    let question = Message::new("complexity.question");
    let (code, reason, needed) = match error {
        EigenError::Disconnected(parts) => {
            let listed: Vec<Message> = parts.iter().map(|part| members(table, part)).collect();
            (
                "complexity.disconnected",
                Message::new("complexity.disconnected")
                    .with("n", parts.len())
                    .with("parts", Message::listed(&listed)),
                Message::new("complexity.disconnected.needed"),
            )
        }
        EigenError::Degenerate { second, third } => (
            "complexity.degenerate",
            Message::new("complexity.degenerate")
                .with("second", *second)
                .with("third", *third),
            Message::new("complexity.degenerate.needed"),
        ),
        EigenError::TooSmall {
            locations,
            activities,
        } => (
            "complexity.too_small",
            Message::new("complexity.too_small")
                .with("locations", *locations)
                .with("activities", *activities),
            Message::new("complexity.too_small.needed"),
        ),
        EigenError::Flat | EigenError::NotConverged => (
            "complexity.flat",
            Message::new("complexity.flat"),
            Message::new("complexity.degenerate.needed"),
        ),
    };
    ComplexityError::Refused(Box::new(Refusal {
        code: code.to_owned(),
        question,
        reason,
        needed,
    }))
}

/// Members of a component that are named.
const NAMED: usize = 5;

fn members(table: &ActivityTable, part: &Component) -> Message {
    let names = |places: &[usize], labels: &[String]| {
        let named: Vec<&str> = places
            .iter()
            .take(NAMED)
            .map(|k| labels[*k].as_str())
            .collect();
        named.join(", ") + if places.len() > NAMED { ", …" } else { "" }
    };
    Message::new("complexity.component")
        .with("locations", part.locations.len())
        .with("location_names", names(&part.locations, table.locations()))
        .with("activities", part.activities.len())
        .with(
            "activity_names",
            names(&part.activities, table.activities()),
        )
}
