//! How likely a target stops, and what each further nine of availability costs.
//!
//! Actors stop independently with probability `p`. With `r = p / (1 - p)` and `Q = Π (1 - p)`, exactly the set `S` stops
//! with probability `Q Π_{i in S} r_i`. Sets of one and two are tried; what lies in larger sets is bounded by their whole
//! probability:
//!
//! ```text
//! Q Σ_{|S| <= 2, S stops} Π r  <=  P(target stops)  <=  the same + 1 - Q Σ_{|S| <= 2} Π r
//! ```
//!
//! The probability grows with every `p` (stopping more never helps), so the ends of the ranges of `p` give its range.
//! Independence is an assumption: a common cause makes joint stops likelier.

use std::collections::BTreeMap;

use model::{Basis, Country, Estimate, Node};
use serde::{Deserialize, Serialize};

use super::actors::Actors;
use super::reliability::{Survival, survival};
use super::works::Works;
use crate::graph::ChainGraph;
use crate::problem::GraphProblem;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NineParams {
    pub theta: f64,
    pub home: Option<Country>,
    /// Protections are chosen among at most so many actors, exactly. Default 14.
    pub candidates: usize,
    /// Nines asked for, at most. Default 5.
    pub nines: u32,
}

impl Default for NineParams {
    fn default() -> Self {
        Self {
            theta: 0.5,
            home: None,
            candidates: 14,
            nines: 5,
        }
    }
}

/// How likely an actor stops, and what it costs to make its stop harmless.
#[derive(Debug, Clone, PartialEq)]
pub struct Chance {
    /// 0 to below 1, of the period that is asked about.
    pub probability: Estimate,
    pub protection: Option<f64>,
}

/// The cheapest set of actors to protect that gives so many nines.
#[derive(Debug, Clone, PartialEq)]
pub struct Protection {
    pub nines: u32,
    pub actors: Vec<Country>,
    pub cost: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Nines {
    /// Probability that the target stops.
    pub stops: Estimate,
    /// Each nine that is reached by some protection; as many nines as without protection are left out.
    pub protections: Vec<Protection>,
    /// More actors have a price than can be tried; no protection was sought.
    pub too_many: bool,
}

/// `Err(Ok(actors))` names actors upstream whose probability is missing.
pub fn nines(
    graph: &ChainGraph,
    actors: &Actors,
    target: &Node,
    chances: &BTreeMap<Country, Chance>,
    params: &NineParams,
) -> Result<Nines, Result<Vec<Country>, Vec<GraphProblem>>> {
    let targets = graph.indices(std::slice::from_ref(target)).map_err(Err)?;
    let target = targets[0];
    let works = Works::new(graph, params.theta, params.home.as_ref(), actors);
    let upstream = graph.upstream_of(target);
    let here: Vec<u16> = (0..works.actors.len() as u16)
        .filter(|a| works.nodes_hit(*a).any(|i| upstream.contains(&i)))
        .collect();
    let name = |a: &u16| &works.actors[usize::from(*a)];
    let usable = |c: &Chance| c.probability.low >= 0.0 && c.probability.high < 1.0;
    let missing: Vec<Country> = here
        .iter()
        .map(name)
        .filter(|a| !chances.get(a).is_some_and(usable))
        .cloned()
        .collect();
    if !missing.is_empty() {
        return Err(Ok(missing));
    }
    let chances: Vec<&Chance> = here.iter().map(|a| &chances[name(a)]).collect();
    let table = Table::new(&works, target, &here);
    let of = |pick: fn(&Estimate) -> f64| -> Vec<f64> {
        chances.iter().map(|c| pick(&c.probability)).collect()
    };
    let central = of(|p| p.value);
    let (low, _) = table.bounds(&of(|p| p.low), Survival::No);
    let (_, high) = table.bounds(&of(|p| p.high), Survival::Undecided);
    let (at_least, _) = table.bounds(&central, Survival::No);
    let (_, at_most) = table.bounds(&central, Survival::Undecided);
    let stops = Estimate::spanning(f64::midpoint(at_least, at_most), low, high, Basis::Assumed);
    let candidates: Vec<usize> = (0..here.len())
        .filter(|i| chances[*i].protection.is_some() && table.matters(*i))
        .collect();
    let too_many = candidates.len() > params.candidates;
    let mut protections = Vec::new();
    if !too_many {
        let reached = (-at_most.log10()).clamp(0.0, f64::from(params.nines));
        let first = reached.floor() as u32 + 1;
        for k in first..=params.nines {
            let wanted = 10_f64.powi(-(k as i32));
            let best = (0..1_u32 << candidates.len())
                .map(|mask| {
                    let chosen: Vec<usize> = (0..candidates.len())
                        .filter(|i| mask & (1 << i) != 0)
                        .map(|i| candidates[i])
                        .collect();
                    let cost: f64 = chosen.iter().filter_map(|i| chances[*i].protection).sum();
                    (cost, chosen)
                })
                .filter(|(_, chosen)| {
                    let mut p = central.clone();
                    for i in chosen {
                        p[*i] = 0.0;
                    }
                    table.bounds(&p, Survival::Undecided).1 <= wanted
                })
                .min_by(|(a, x), (b, y)| a.total_cmp(b).then(x.cmp(y)));
            let Some((cost, chosen)) = best else { break };
            protections.push(Protection {
                nines: k,
                actors: chosen.iter().map(|i| name(&here[*i]).clone()).collect(),
                cost,
            });
        }
    }
    Ok(Nines {
        stops,
        protections,
        too_many,
    })
}

/// Which single and joint stops the target outlives.
struct Table {
    n: usize,
    single: Vec<Survival>,
    /// By `i * n + j`, `i < j`.
    pair: Vec<Survival>,
}

impl Table {
    fn new(works: &Works, target: usize, here: &[u16]) -> Self {
        let n = here.len();
        let mut pair = vec![Survival::Yes; n * n];
        for i in 0..n {
            for j in i + 1..n {
                pair[i * n + j] = survival(works, target, &[here[i], here[j]]);
            }
        }
        let single = here
            .iter()
            .map(|a| survival(works, target, &[*a]))
            .collect();
        Self { n, single, pair }
    }

    fn matters(&self, i: usize) -> bool {
        let beside = |j: usize| self.pair[i.min(j) * self.n + i.max(j)] > self.single[j];
        self.single[i] > Survival::Yes || (0..self.n).any(|j| j != i && beside(j))
    }

    /// Bounds on the probability of a stop; stops from `from` on count.
    fn bounds(&self, p: &[f64], from: Survival) -> (f64, f64) {
        let none: f64 = p.iter().map(|p| 1.0 - p).product();
        let r: Vec<f64> = p.iter().map(|p| p / (1.0 - p)).collect();
        let (mut stops, mut all) = (0.0, 1.0);
        for i in 0..self.n {
            all += r[i];
            if self.single[i] >= from {
                stops += r[i];
            }
            for j in i + 1..self.n {
                all += r[i] * r[j];
                if self.pair[i * self.n + j] >= from {
                    stops += r[i] * r[j];
                }
            }
        }
        let low = none * stops;
        (low, (low + (1.0 - none * all).max(0.0)).min(1.0))
    }
}
