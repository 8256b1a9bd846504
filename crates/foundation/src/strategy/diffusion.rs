//! Strategic diffusion: the order in which related activities are entered (Alshamsi, Pinheiro and Hidalgo, 2018).
//!
//! On a network of related activities a location enters activity i in one step with probability
//!
//! ```text
//! p_i = B (n_i / k_i)^α          n_i active neighbours of k_i; expected time 1 / p_i
//! ```
//!
//! A strategy picks the next target; the target's expected time is added and it becomes active. Targets without an active
//! neighbour cannot be entered. Ties go to the activity that comes first.

use model::Seed;
use rand::RngExt;

use super::{StrategyError, check, length};
use crate::relatedness::proximity::Proximity;

/// Which activities are related: neighbours of every activity, ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    neighbours: Vec<Vec<usize>>,
}

impl Network {
    /// Activities with a proximity of at least `threshold` (0.55 in the product space of Hidalgo et al., 2007). An asymmetric
    /// proximity links where either direction reaches it.
    pub fn from_proximity(proximity: &Proximity, threshold: f64) -> Self {
        let n = proximity.len();
        let near = |a, b| proximity.get(a, b).max(proximity.get(b, a)) >= threshold;
        Self {
            neighbours: (0..n)
                .map(|a| (0..n).filter(|b| *b != a && near(a, *b)).collect())
                .collect(),
        }
    }

    /// From links in any order; loops and repetitions are dropped.
    pub fn from_links(
        nodes: usize,
        links: impl IntoIterator<Item = (usize, usize)>,
    ) -> Result<Self, StrategyError> {
        let mut neighbours = vec![Vec::new(); nodes];
        for (a, b) in links {
            check(a < nodes && b < nodes, "link", "its ends among the nodes")?;
            if a != b {
                neighbours[a].push(b);
                neighbours[b].push(a);
            }
        }
        for list in &mut neighbours {
            list.sort_unstable();
            list.dedup();
        }
        Ok(Self { neighbours })
    }

    pub fn len(&self) -> usize {
        self.neighbours.len()
    }

    pub fn is_empty(&self) -> bool {
        self.neighbours.is_empty()
    }

    pub fn neighbours(&self, node: usize) -> &[usize] {
        &self.neighbours[node]
    }

    pub fn degree(&self, node: usize) -> usize {
        self.neighbours[node].len()
    }

    pub(super) fn active_neighbours(&self, node: usize, active: &[bool]) -> usize {
        self.neighbours[node].iter().filter(|n| active[**n]).count()
    }
}

/// p = B x^α.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contagion {
    /// B, in (0, 1].
    pub base: f64,
    /// α, ≥ 0.
    pub exponent: f64,
}

impl Default for Contagion {
    fn default() -> Self {
        Self {
            base: 1.0,
            exponent: 1.0,
        }
    }
}

impl Contagion {
    /// 1 / p with `active` of `degree` neighbours.
    pub fn time(&self, active: usize, degree: usize) -> f64 {
        1.0 / (self.base * (active as f64 / degree as f64).powf(self.exponent))
    }

    pub(super) fn check(&self) -> Result<(), StrategyError> {
        check(
            self.base > 0.0 && self.base.is_finite(),
            "base",
            "a number above 0",
        )?;
        check(
            self.exponent >= 0.0 && self.exponent.is_finite(),
            "exponent",
            "a number not below 0",
        )
    }
}

/// How the next target is picked among those with an active neighbour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// The most likely: the largest part of active neighbours.
    Greedy,
    /// The most active neighbours.
    Majority,
    /// The most neighbours.
    HighDegree,
    /// The fewest neighbours.
    LowDegree,
    /// Any, from this draw of the seed.
    Random { seed: Seed, draw: u64 },
}

/// One target entered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    pub activity: usize,
    pub expected_time: f64,
    /// n_i / k_i when entered.
    pub related: f64,
}

/// Follows a strategy until nothing more can be entered.
pub fn follow(
    network: &Network,
    active: &[bool],
    contagion: Contagion,
    strategy: Strategy,
) -> Result<Vec<Step>, StrategyError> {
    length("active", active.len(), network.len())?;
    contagion.check()?;
    let mut active = active.to_vec();
    let mut count: Vec<usize> = (0..active.len())
        .map(|i| network.active_neighbours(i, &active))
        .collect();
    let mut rng = match strategy {
        Strategy::Random { seed, draw } => Some(seed.stream("strategy.diffusion", draw)),
        _ => None,
    };
    let mut steps = Vec::new();
    loop {
        let open: Vec<usize> = (0..active.len())
            .filter(|i| !active[*i] && count[*i] > 0)
            .collect();
        let part = |i: usize| count[i] as f64 / network.degree(i) as f64;
        let first_best = |worth: &dyn Fn(usize) -> f64| {
            open.iter()
                .copied()
                .reduce(|best, i| if worth(i) > worth(best) { i } else { best })
        };
        let next = match strategy {
            Strategy::Greedy => first_best(&part),
            Strategy::Majority => first_best(&|i| count[i] as f64),
            Strategy::HighDegree => first_best(&|i| network.degree(i) as f64),
            Strategy::LowDegree => first_best(&|i| -(network.degree(i) as f64)),
            Strategy::Random { .. } => rng
                .as_mut()
                .filter(|_| !open.is_empty())
                .map(|rng| open[rng.random_range(0..open.len())]),
        };
        let Some(i) = next else {
            return Ok(steps);
        };
        steps.push(Step {
            activity: i,
            expected_time: contagion.time(count[i], network.degree(i)),
            related: part(i),
        });
        active[i] = true;
        for n in network.neighbours(i) {
            count[*n] += 1;
        }
    }
}

/// Expected time of a fixed order; `None` where a target has no active neighbour when its turn comes, or is active already.
pub fn expected_time(
    network: &Network,
    active: &[bool],
    contagion: Contagion,
    order: &[usize],
) -> Option<f64> {
    let mut active = active.to_vec();
    let mut total = 0.0;
    for &i in order {
        let n = network.active_neighbours(i, &active);
        if n == 0 || active[i] {
            return None;
        }
        total += contagion.time(n, network.degree(i));
        active[i] = true;
    }
    Some(total)
}

/// Total of a strategy, with its spread over random draws.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StrategyTime {
    /// Mean over the draws.
    pub total_time: f64,
    /// Of the mean; 0 for a strategy without chance, `NaN` with one draw.
    pub standard_error: f64,
    pub activated: usize,
}

/// The four strategies without chance, then random over `draws` draws.
pub fn compare(
    network: &Network,
    active: &[bool],
    contagion: Contagion,
    seed: Seed,
    draws: u64,
) -> Result<[StrategyTime; 5], StrategyError> {
    check(draws > 0, "draws", "at least 1")?;
    let total = |strategy| {
        follow(network, active, contagion, strategy).map(|steps| {
            (
                steps.iter().map(|s| s.expected_time).sum::<f64>(),
                steps.len(),
            )
        })
    };
    let certain = |strategy| {
        total(strategy).map(|(total_time, activated)| StrategyTime {
            total_time,
            standard_error: 0.0,
            activated,
        })
    };
    let drawn = (0..draws)
        .map(|draw| total(Strategy::Random { seed, draw }))
        .collect::<Result<Vec<_>, _>>()?;
    let n = draws as f64;
    let mean = drawn.iter().map(|d| d.0).sum::<f64>() / n;
    let variance = drawn.iter().map(|d| (d.0 - mean).powi(2)).sum::<f64>() / (n - 1.0);
    Ok([
        certain(Strategy::Greedy)?,
        certain(Strategy::Majority)?,
        certain(Strategy::HighDegree)?,
        certain(Strategy::LowDegree)?,
        StrategyTime {
            total_time: mean,
            standard_error: (variance / n).sqrt(),
            activated: drawn[0].1,
        },
    ])
}
