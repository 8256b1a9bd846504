//! The two directions of a chain: which technologies come before an industry, which industries a technology can feed.
//!
//! **Innovation around industry.** For a node of an industrial chain, mapped to the activities S of layer 2, a
//! technology a precedes it by
//!
//! ```text
//! B_aS = Σ_{a' ∈ S} B_aa'          probability that a walk from a ends in S
//! ```
//!
//! **Industry around innovation.** From technologies T (one of them, or all that home holds) to an industry a':
//!
//! ```text
//! B_Ta' = (1/|T|) Σ_{a ∈ T} B_aa'          probability that a walk from any technology of T ends in a'
//! feasibility = B_Ta' × density_{home, a'}  (layer 2; Hidalgo et al., 2007)
//! ```
//!
//! Significance as in [`super::validation`], with the sums as the statistic. Ranges of scores and ranks: a bootstrap over
//! locations, in which home's own holdings stay as they are. A link says that the one comes with the other across
//! locations, more than chance; it does not say that it causes it. The product of link and density is experimental.

use model::{Basis, Estimate, Seed};
use rand::RngExt;
use rayon::prelude::*;

use super::Grid;
use super::assist::assist;
use super::error::{CouplingError, check, check_level};
use super::layers::Matched;
use super::quantile::percentile_range;
use super::validation::{self, Tally, check_resolution, models, tally, threshold};
use crate::presence::Presence;
use crate::relatedness::proximity::{Diagonal, Measure, Proximity, proximity};

/// A node of an industrial chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainNode {
    pub label: String,
    /// Positions in layer 2.
    pub activities: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    pub null: validation::Params,
    /// Replicates of the bootstrap over locations.
    pub replicates: usize,
    /// Coverage of the ranges.
    pub level: f64,
    pub seed: Seed,
}

impl Default for Params {
    /// Validation with its defaults, 200 replicates, 90 %.
    fn default() -> Self {
        Self {
            null: validation::Params::default(),
            replicates: 200,
            level: 0.9,
            seed: Seed(1),
        }
    }
}

/// A technology before a node.
#[derive(Debug, Clone, PartialEq)]
pub struct Precedent {
    /// Position in layer 1.
    pub technology: usize,
    pub score: Estimate,
    /// 1 is first; best and worst over the range.
    pub rank: Estimate,
    /// Mean score over the draws of the null model.
    pub expected: f64,
    pub p_value: f64,
    pub significant: bool,
    /// Home has it.
    pub held: bool,
}

/// What comes before a node of the chain.
#[derive(Debug, Clone, PartialEq)]
pub struct NodePrecedents {
    pub node: String,
    /// By score, the highest first; ties by position.
    pub precedents: Vec<Precedent>,
}

impl NodePrecedents {
    /// Where the chain lacks knowledge: significant technologies that home does not have.
    pub fn lacking(&self) -> impl Iterator<Item = &Precedent> {
        self.precedents.iter().filter(|p| p.significant && !p.held)
    }
}

/// Technologies that precede every node of a chain; `home` is a location of `pair`.
///
/// # Errors
/// `Parameter` for a position that `pair` does not have or a node without activities; those of [`validation::validate`].
pub fn precedents(
    pair: &Matched,
    home: usize,
    nodes: &[ChainNode],
    params: &Params,
) -> Result<Vec<NodePrecedents>, CouplingError> {
    let (from, to) = (pair.from.presence(), pair.to.presence());
    check_places("home", &[home], from.locations())?;
    for node in nodes {
        check_places("activity of a node", &node.activities, to.activities())?;
    }
    check_bootstrap(params)?;
    let (width, technologies) = (nodes.len(), from.activities());
    let statistics = |links: &Grid| -> Vec<f64> {
        (0..technologies)
            .flat_map(|a| {
                nodes
                    .iter()
                    .map(move |node| node.activities.iter().map(|b| links.get(a, *b)).sum())
            })
            .collect()
    };
    let observed = statistics(&assist(from, to));
    let (tally, limit) = significance(pair, &observed, statistics, params)?;
    let replicates = bootstrap(pair, params, |first, second| {
        statistics(&assist(first, second))
    });
    Ok(nodes
        .iter()
        .enumerate()
        .map(|(n, node)| {
            let places: Vec<usize> = (0..technologies).map(|a| a * width + n).collect();
            let ranges = ranges(&observed, &replicates, &places, params.level);
            let mut precedents: Vec<Precedent> = ranges
                .into_iter()
                .enumerate()
                .map(|(a, (score, rank))| Precedent {
                    technology: a,
                    score,
                    rank,
                    expected: tally.mean(places[a]),
                    p_value: tally.p_value(places[a]),
                    significant: tally.p_value(places[a]) <= limit,
                    held: from.get(home, a),
                })
                .collect();
            precedents.sort_by(|x, y| {
                let higher = y.score.value.total_cmp(&x.score.value);
                higher.then(x.technology.cmp(&y.technology))
            });
            NodePrecedents {
                node: node.label.clone(),
                precedents,
            }
        })
        .collect())
}

/// An industry that technologies can feed.
#[derive(Debug, Clone, PartialEq)]
pub struct Opening {
    /// Position in layer 2.
    pub industry: usize,
    pub feasibility: Estimate,
    /// By feasibility, 1 is first.
    pub rank: Estimate,
    /// B_Ta'.
    pub assist: Estimate,
    /// Density of home in layer 2; 0 where the industry is near to nothing.
    pub density: Estimate,
    /// Mean of B_Ta' over the draws of the null model.
    pub expected: f64,
    pub p_value: f64,
    pub significant: bool,
    /// Home has it already.
    pub held: bool,
}

/// Industries that `technologies` (positions in layer 1) can feed at `home`, the most feasible first.
///
/// # Errors
/// `Parameter` for a position that `pair` does not have or no technology at all; those of [`validation::validate`].
pub fn openings(
    pair: &Matched,
    home: usize,
    technologies: &[usize],
    params: &Params,
) -> Result<Vec<Opening>, CouplingError> {
    let (from, to) = (pair.from.presence(), pair.to.presence());
    check_places("home", &[home], from.locations())?;
    check_places("technology", technologies, from.activities())?;
    check_bootstrap(params)?;
    let industries = to.activities();
    let reach = |links: &Grid| -> Vec<f64> {
        (0..industries)
            .map(|b| {
                let sum: f64 = technologies.iter().map(|a| links.get(*a, b)).sum();
                sum / technologies.len() as f64
            })
            .collect()
    };
    let held: Vec<usize> = to.activities_of(home).collect();
    // Reach, density and their product, one after the other.
    let three = |first: &Presence, second: &Presence| -> Vec<f64> {
        let reach = reach(&assist(first, second));
        let phi = proximity(second, Measure::MinConditional, Diagonal::Zero);
        let density: Vec<f64> = (0..industries)
            .map(|b| density_of(&held, &phi, b))
            .collect();
        let product = reach.iter().zip(&density).map(|(r, d)| r * d);
        let product: Vec<f64> = product.collect();
        [reach, density, product].concat()
    };
    let observed = three(from, to);
    let (tally, limit) = significance(pair, &observed[..industries], reach, params)?;
    let replicates = bootstrap(pair, params, |first, second| three(first, second));
    let part = |k: usize| -> Vec<usize> { (k * industries..(k + 1) * industries).collect() };
    let of = |k: usize| ranges(&observed, &replicates, &part(k), params.level);
    let (reach, density, product) = (of(0), of(1), of(2));
    let mut found: Vec<Opening> = (0..industries)
        .map(|b| Opening {
            industry: b,
            feasibility: product[b].0,
            rank: product[b].1,
            assist: reach[b].0,
            density: density[b].0,
            expected: tally.mean(b),
            p_value: tally.p_value(b),
            significant: tally.p_value(b) <= limit,
            held: to.get(home, b),
        })
        .collect();
    found.sort_by(|x, y| {
        let higher = y.feasibility.value.total_cmp(&x.feasibility.value);
        higher.then(x.industry.cmp(&y.industry))
    });
    Ok(found)
}

fn density_of(held: &[usize], phi: &Proximity, activity: usize) -> f64 {
    let whole: f64 = (0..phi.len()).map(|b| phi.get(b, activity)).sum();
    let near: f64 = held.iter().map(|b| phi.get(*b, activity)).sum();
    if whole > 0.0 { near / whole } else { 0.0 }
}

fn check_places(name: &'static str, places: &[usize], size: usize) -> Result<(), CouplingError> {
    check(
        name,
        places.len() as f64,
        !places.is_empty(),
        "at least one",
    )?;
    for place in places {
        check(
            name,
            *place as f64,
            *place < size,
            "a position of the layer",
        )?;
    }
    Ok(())
}

fn check_bootstrap(params: &Params) -> Result<(), CouplingError> {
    check_level("level", params.level)?;
    check(
        "replicates",
        params.replicates as f64,
        params.replicates > 0,
        "at least 1",
    )
}

/// The draws of the null model, and the largest significant p-value over all statistics.
fn significance(
    pair: &Matched,
    observed: &[f64],
    statistics: impl Fn(&Grid) -> Vec<f64> + Sync,
    params: &Params,
) -> Result<(Tally, f64), CouplingError> {
    let models = models(pair, &params.null)?;
    check_resolution(observed.len(), &params.null)?;
    let tally = tally(&models, observed, statistics, &params.null);
    let p_values: Vec<f64> = (0..observed.len()).map(|k| tally.p_value(k)).collect();
    let limit = threshold(&p_values, &params.null);
    Ok((tally, limit))
}

/// Statistics of layers whose locations are drawn with replacement, the same for both.
fn bootstrap(
    pair: &Matched,
    params: &Params,
    statistics: impl Fn(&Presence, &Presence) -> Vec<f64> + Sync,
) -> Vec<Vec<f64>> {
    let (from, to) = (pair.from.presence(), pair.to.presence());
    let n = from.locations();
    let every = |m: &Presence| (0..m.activities()).collect::<Vec<usize>>();
    let (first, second) = (every(from), every(to));
    (0..params.replicates)
        .into_par_iter()
        .map(|r| {
            let mut stream = params.seed.stream("coupling.chain", r as u64);
            let picked: Vec<usize> = (0..n).map(|_| stream.random_range(0..n)).collect();
            let (a, b) = (
                from.restricted(&picked, &first),
                to.restricted(&picked, &second),
            );
            statistics(&a, &b)
        })
        .collect()
}

/// Range of every value and of its rank among these places.
fn ranges(
    observed: &[f64],
    replicates: &[Vec<f64>],
    places: &[usize],
    level: f64,
) -> Vec<(Estimate, Estimate)> {
    let rank = |values: &[f64], place: usize| {
        let ahead = places.iter().filter(|p| values[**p] > values[place]);
        1.0 + ahead.count() as f64
    };
    places
        .iter()
        .map(|place| {
            let scores: Vec<f64> = replicates.iter().map(|r| r[*place]).collect();
            let ranks: Vec<f64> = replicates.iter().map(|r| rank(r, *place)).collect();
            let ranks = percentile_range(rank(observed, *place), &ranks, level);
            // A rank is a whole number: outward.
            let ranks = Estimate::spanning(
                ranks.value,
                ranks.low.floor(),
                ranks.high.ceil(),
                Basis::Derived,
            );
            (percentile_range(observed[*place], &scores, level), ranks)
        })
        .collect()
}
