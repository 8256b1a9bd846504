//! Seeded draws between the best and the worst bound.
//!
//! A draw takes one number from every range (shares, severities, stocks, tool life) and settles what the bounds leave
//! open: `λ` in 0..1 mixes the lower and the upper rule, `μ` in 0..1 is the part of unknown suppliers, and of
//! overlapping events, that stops. Half of the draws lie below the value of a range and half above, evenly on each
//! side. Then the weekly recursion of the bounds runs once with
//!
//! ```text
//! own   = own_lower + μ (own_upper - own_lower)
//! group = min + λ (max - min) over the alternatives
//! loss  = lower + λ (upper - lower),  lower = max(own, pass · essential groups),  upper = min(1, own + Σ groups)
//! ```
//!
//! Both rules are non-decreasing in every argument and lower <= upper, hence every draw lies between the best and the
//! worst bound. Wear is confined to its bounds: a short tool life wears fast and also recovers fast. The draws are a
//! spread over what was assumed, not a probability of what will happen. A default stock is one number for all nodes
//! that take it, not one a node.
//!
//! Draw `d` depends on the seed, what the scenario asks and `d` alone: the same question draws the same under any name and for
//! any number of threads, and questions about the same nodes share their luck.

use std::collections::{BTreeMap, BTreeSet};

use model::{Basis, Estimate, Node, Refusal, Seed};
use rand::RngExt;
use rayon::prelude::*;

use super::course::{self, Courses, NEGLIGIBLE};
use super::refuse;
use super::scenario::{Event, Scenario, ShockParams};
use super::stopped::{self, OwnLosses};
use crate::graph::ChainGraph;
use crate::input::{Essential, Relation};
use crate::supply::remainder;

/// Draws that run side by side.
const LANES: usize = 8;
type Lane = [f64; LANES];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DrawParams {
    /// Default 1,000.
    pub draws: usize,
    pub seed: Seed,
}

impl Default for DrawParams {
    fn default() -> Self {
        Self {
            draws: 1000,
            seed: Seed(1),
        }
    }
}

/// Quantiles of the draws, by linear interpolation between order statistics (Hyndman and Fan 1996, type 7).
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Spread {
    pub p05: f64,
    pub p50: f64,
    pub p95: f64,
}

/// The first week of a loss over the draws: the earliest (5 % of the draws), the median and the latest (95 %);
/// `None`: not within the horizon.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FirstDrawn {
    pub p05: Option<u32>,
    pub p50: Option<u32>,
    pub p95: Option<u32>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct TargetDraws {
    pub target: Node,
    /// Share of normal supply lost, weeks 1, 2, ...
    pub weeks: Vec<Spread>,
    pub peak: Spread,
    /// Weeks of normal output.
    pub cumulative: Spread,
    pub first_week: FirstDrawn,
    /// Part of the draws in which the target loses anything, 0..1.
    pub hit: f64,
}

/// The course of every target in `params.draws` draws, in the order of the scenario's targets.
pub fn shock_draws(
    graph: &ChainGraph,
    scenario: &Scenario,
    params: &ShockParams,
    draws: &DrawParams,
) -> Result<Vec<TargetDraws>, Vec<Refusal>> {
    let all = drawn_courses(graph, scenario, params, draws)?;
    Ok(scenario
        .targets
        .iter()
        .zip(&all)
        .map(|(target, courses)| summarise(target, courses))
        .collect())
}

/// Losses by target, draw and week.
pub fn drawn_courses(
    graph: &ChainGraph,
    scenario: &Scenario,
    params: &ShockParams,
    draws: &DrawParams,
) -> Result<Vec<Vec<Vec<f64>>>, Vec<Refusal>> {
    let refusals = refuse::check(graph, scenario, params);
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let own = stopped::own_losses(graph, scenario);
    let courses = course::run(graph, scenario, params, &own);
    let plan = Plan::new(graph, scenario, &own, &courses);
    let blocks: Vec<Vec<Vec<Lane>>> = (0..draws.draws.div_ceil(LANES))
        .into_par_iter()
        .map(|block| {
            let lanes: Vec<Drawn> = (0..LANES)
                .map(|lane| {
                    let index = (block * LANES + lane) as u64;
                    Drawn::new(graph, scenario, params, &plan, draws.seed, index)
                })
                .collect();
            plan.run(&courses, &lanes, params)
        })
        .collect();
    let weeks = scenario.horizon_weeks as usize;
    Ok((0..scenario.targets.len())
        .map(|target| {
            (0..draws.draws)
                .map(|d| {
                    let course = &blocks[d / LANES][target];
                    (0..weeks).map(|week| course[week][d % LANES]).collect()
                })
                .collect()
        })
        .collect())
}

fn summarise(target: &Node, courses: &[Vec<f64>]) -> TargetDraws {
    let weeks = courses.first().map_or(0, Vec::len);
    let peaks = courses
        .iter()
        .map(|c| c.iter().copied().fold(0.0, f64::max));
    let firsts = courses.iter().map(|course| {
        let first = course.iter().position(|loss| *loss > NEGLIGIBLE);
        first.map_or(u32::MAX, |week| week as u32 + 1)
    });
    let mut firsts: Vec<u32> = firsts.collect();
    firsts.sort_unstable();
    let hit = firsts.iter().filter(|week| **week < u32::MAX).count();
    // Weeks are whole: the order statistic itself, no interpolation.
    let first = |q: f64| {
        let at = (q * firsts.len().saturating_sub(1) as f64).round() as usize;
        firsts.get(at).copied().filter(|week| *week < u32::MAX)
    };
    TargetDraws {
        target: target.clone(),
        weeks: (0..weeks)
            .into_par_iter()
            .map(|week| spread(courses.iter().map(|c| c[week])))
            .collect(),
        peak: spread(peaks),
        cumulative: spread(courses.iter().map(|c| c.iter().sum())),
        first_week: FirstDrawn {
            p05: first(0.05),
            p50: first(0.5),
            p95: first(0.95),
        },
        hit: hit as f64 / courses.len().max(1) as f64,
    }
}

fn spread(values: impl Iterator<Item = f64>) -> Spread {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let at = |q: f64| {
        let place = q * sorted.len().saturating_sub(1) as f64;
        let below = place.floor() as usize;
        let low = sorted.get(below).copied().unwrap_or_default();
        let high = sorted.get(below + 1).copied().unwrap_or(low);
        low + (place - below as f64) * (high - low)
    };
    Spread {
        p05: at(0.05),
        p50: at(0.5),
        p95: at(0.95),
    }
}

/// The part of the graph that the shock reaches on its way to the targets.
struct Plan {
    /// Inputs before users.
    nodes: Vec<Active>,
    /// Position of each target in `nodes`; `None` where it loses nothing.
    targets: Vec<Option<usize>>,
    /// First week (from 0) of each stretch with the same events.
    periods: Vec<usize>,
    weeks: usize,
}

/// An input's position and how it is used.
type Place = (Option<usize>, Relation);

struct Active {
    index: usize,
    /// Own providers are hit in some week.
    source: bool,
    /// Positions of the alternatives in `Plan::nodes`; `None` for an input that the shock does not reach.
    groups: Vec<(Essential, Vec<Place>)>,
}

impl Plan {
    fn new(graph: &ChainGraph, scenario: &Scenario, own: &OwnLosses, courses: &Courses) -> Self {
        let wanted: BTreeSet<usize> = scenario
            .targets
            .iter()
            .filter_map(|target| graph.index(target))
            .flat_map(|target| graph.upstream_of(target))
            .collect();
        let reached = |i: usize| courses.loss[i].iter().any(|loss| loss.worst > 0.0);
        let order: Vec<usize> = graph
            .order
            .iter()
            .copied()
            .filter(|i| wanted.contains(i) && reached(*i))
            .collect();
        let place: BTreeMap<usize, usize> =
            order.iter().enumerate().map(|(at, i)| (*i, at)).collect();
        let nodes = order
            .iter()
            .map(|i| Active {
                index: *i,
                source: own.weekly[*i].iter().any(|loss| loss.worst > 0.0),
                groups: graph.nodes[*i]
                    .groups
                    .iter()
                    .map(|group| {
                        let inputs = group.alternatives.iter();
                        let places =
                            inputs.map(|input| (place.get(&input.index).copied(), input.relation));
                        (group.essential, places.collect())
                    })
                    .collect(),
            })
            .collect();
        let weeks = scenario.horizon_weeks as usize;
        let mut periods = BTreeSet::from([0]);
        for event in &scenario.events {
            let start = event.start_week as usize - 1;
            periods.extend([start, start.saturating_add(event.weeks as usize)]);
        }
        Self {
            nodes,
            targets: scenario
                .targets
                .iter()
                .map(|target| place.get(&graph.index(target)?).copied())
                .collect(),
            periods: periods.into_iter().filter(|week| *week < weeks).collect(),
            weeks,
        }
    }

    /// Runs the lanes side by side; the losses by target and week.
    fn run(&self, courses: &Courses, lanes: &[Drawn], params: &ShockParams) -> Vec<Vec<Lane>> {
        let across = |pick: &dyn Fn(&Drawn) -> f64| -> Lane {
            std::array::from_fn(|lane| pick(&lanes[lane]))
        };
        let n = self.nodes.len();
        let lambda = across(&|d| d.lambda);
        let wear = across(&|d| d.wear);
        let pass: Vec<Lane> = (0..n).map(|at| across(&|d| d.pass[at])).collect();
        let mut stock: Vec<Lane> = (0..n).map(|at| across(&|d| d.stock[at])).collect();
        let mut losses = vec![Vec::with_capacity(self.weeks); n];
        let mut short = vec![[0.0; LANES]; n];
        let mut worn = vec![[0.0; LANES]; n];
        let mut period = 0;
        let mut own: Vec<Lane> = vec![[0.0; LANES]; n];
        for week in 0..self.weeks {
            if self.periods.get(period) == Some(&week) {
                for (at, own) in own.iter_mut().enumerate() {
                    *own = across(&|d| d.own[period][at]);
                }
                period += 1;
            }
            for (at, node) in self.nodes.iter().enumerate() {
                let loss = combine(node, own[at], pass[at], lambda, &short, &worn);
                let bounds = &courses.worn[node.index][week];
                for lane in 0..LANES {
                    let drawn = loss[lane].min(stock[at][lane]);
                    short[at][lane] = loss[lane] - drawn;
                    stock[at][lane] -= drawn;
                    let change = if loss[lane] > NEGLIGIBLE {
                        loss[lane]
                    } else {
                        -params.catch_up * (1.0 - lambda[lane])
                    };
                    let next = worn[at][lane] + change * wear[lane];
                    worn[at][lane] = next.clamp(bounds.best, bounds.worst);
                }
                losses[at].push(loss);
            }
        }
        self.targets
            .iter()
            .map(|target| {
                target.map_or_else(|| vec![[0.0; LANES]; self.weeks], |at| losses[at].clone())
            })
            .collect()
    }
}

fn combine(
    node: &Active,
    own: Lane,
    pass: Lane,
    lambda: Lane,
    short: &[Lane],
    worn: &[Lane],
) -> Lane {
    let mut needed: Lane = [0.0; LANES];
    let mut upper = own;
    for (essential, alternatives) in &node.groups {
        let (mut least, mut most): (Lane, Lane) = ([1.0; LANES], [0.0; LANES]);
        for (at, relation) in alternatives {
            let lack = match (at, relation) {
                (None, _) => [0.0; LANES],
                (Some(at), Relation::ToolFor) => worn[*at],
                (Some(at), Relation::InputTo | Relation::MaterialFor) => short[*at],
            };
            for lane in 0..LANES {
                least[lane] = least[lane].min(lack[lane]);
                most[lane] = most[lane].max(lack[lane]);
            }
        }
        for lane in 0..LANES {
            let lack = least[lane] + lambda[lane] * (most[lane] - least[lane]);
            if *essential == Essential::Yes {
                needed[lane] = needed[lane].max(lack);
            }
            upper[lane] += lack;
        }
    }
    std::array::from_fn(|lane| {
        let lower = own[lane].max(pass[lane] * needed[lane]);
        lower + lambda[lane] * (upper[lane].min(1.0) - lower)
    })
}

/// One draw: everything that the recursion needs.
struct Drawn {
    lambda: f64,
    /// Capacity lost in a week without the tool.
    wear: f64,
    stock: Vec<f64>,
    pass: Vec<f64>,
    /// By period, by active node.
    own: Vec<Vec<f64>>,
}

impl Drawn {
    fn new(
        graph: &ChainGraph,
        scenario: &Scenario,
        params: &ShockParams,
        plan: &Plan,
        seed: Seed,
        index: u64,
    ) -> Self {
        let mut rng = seed.stream("chain.shock", index);
        let mut uniform = || rng.random_range(0.0..1.0);
        let (lambda, unknown) = (uniform(), uniform());
        let life = within(params.tool_life_years, uniform());
        let default = within(scenario.default_stock, uniform());
        let stages: BTreeMap<_, f64> = scenario
            .stage_stocks
            .iter()
            .map(|(stage, stock)| (*stage, within(*stock, uniform())))
            .collect();
        let listed: BTreeMap<&Node, f64> = scenario
            .stocks
            .iter()
            .map(|(node, stock)| (node, within(*stock, uniform())))
            .collect();
        let events: Vec<Event> = stopped::sorted(scenario)
            .into_iter()
            .map(|event| Event {
                severity: point(within(event.severity, uniform())),
                ..event.clone()
            })
            .collect();
        let home = scenario.buyer.as_ref();
        let (mut stock, mut pass) = (Vec::new(), Vec::new());
        let mut own = vec![vec![0.0; plan.nodes.len()]; plan.periods.len()];
        for (at, active) in plan.nodes.iter().enumerate() {
            let node = &graph.nodes[active.index];
            stock.push(match listed.get(&node.node) {
                Some(stock) => *stock,
                None if params.not_stocked.contains(&node.stage) => 0.0,
                None => stages.get(&node.stage).copied().unwrap_or(default),
            });
            let mut supply = node.supply.clone();
            if let Some(supply) = &mut supply {
                for provider in &mut supply.providers {
                    provider.share = point(within(provider.share, uniform()));
                }
                // What is left after the drawn shares, within the range that the rows leave open.
                let rest = remainder(&supply.providers).value;
                let range = supply.unknown;
                supply.unknown = point(rest.clamp(range.low, range.high));
            }
            let part =
                course::passed_on(supply.as_ref(), home, params.third_countries, &graph.blocs);
            pass.push(part.mild + unknown * (part.severe - part.mild));
            if !active.source {
                continue;
            }
            for (own, week) in own.iter_mut().zip(&plan.periods) {
                let now: Vec<&Event> = events
                    .iter()
                    .filter(|event| event.node.as_ref().is_none_or(|n| *n == node.node))
                    .filter(|event| event.active(*week as u32 + 1))
                    .collect();
                let tracks = stopped::in_week(supply.as_ref(), &graph.blocs, &now, home);
                own[at] = tracks.mild + unknown * (tracks.severe - tracks.mild);
            }
        }
        Self {
            lambda,
            wear: 1.0 / (course::WEEKS_PER_YEAR * life),
            stock,
            pass,
            own,
        }
    }
}

/// The number of a range at `u` in 0..1: its value is the median, both sides are even.
fn within(range: Estimate, u: f64) -> f64 {
    let drawn = if u < 0.5 {
        range.low + (range.value - range.low) * 2.0 * u
    } else {
        range.value + (range.high - range.value) * (2.0 * u - 1.0)
    };
    drawn.clamp(range.low, range.high)
}

fn point(value: f64) -> Estimate {
    Estimate::exact(value, Basis::Derived)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use super::*;

    #[test]
    fn a_range_is_drawn_with_its_value_in_the_middle() {
        let range = Estimate::spanning(0.4, 0.3, 1.0, Basis::Assumed);
        let at = |u| within(range, u);
        assert_eq!(
            (at(0.0), at(0.25), at(0.5), at(0.75)),
            (0.3, 0.35, 0.4, 0.7)
        );
    }

    #[test]
    fn quantiles_by_hand() {
        let found = spread([4.0, 0.0, 3.0, 1.0, 2.0].into_iter());
        assert!((found.p05 - 0.2).abs() < 1e-12 && (found.p95 - 3.8).abs() < 1e-12);
        assert_eq!(found.p50, 2.0);
    }
}
