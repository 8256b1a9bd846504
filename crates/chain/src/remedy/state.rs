//! A plan put back into the weekly course.

use std::borrow::Cow;

use model::{Estimate, Node};

use super::problem::{Choice, Kind, Over, Problem, RemedyParams, Risk};
use super::program::touched;
use crate::bounds::{self, Tracks};
use crate::graph::ChainGraph;
use crate::shock::Scenario;
use crate::shock::course;
use crate::shock::stopped;

/// What a target loses in a scenario under a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseLoss {
    pub scenario: String,
    /// Which bound of the problem asks for it.
    pub bound: usize,
    pub target: Node,
    /// Weeks of its normal output over the horizon.
    pub weeks: Estimate,
    /// Largest weekly loss, 0..1.
    pub peak: Estimate,
}

impl CaseLoss {
    /// The number that a bound of this kind looks at, worst track.
    pub fn worst(&self, over: Over) -> f64 {
        match over {
            Over::Horizon => self.weeks.high,
            Over::Week => self.peak.high,
        }
    }
}

/// The losses of a plan by scenario and bound, and the measure of each bound.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluated {
    /// Of the bounds whose target the scenario asks for.
    pub losses: Vec<CaseLoss>,
    /// By bound, in its unit, of the worst track.
    pub measures: Vec<f64>,
}

/// The course of every scenario under `amounts` (one for each choice of the problem).
pub fn evaluate(
    graph: &ChainGraph,
    problem: &Problem,
    params: &RemedyParams,
    amounts: &[f64],
) -> Evaluated {
    let states = states(graph, problem, params);
    evaluate_states(graph, problem, params, &states, amounts)
}

/// A scenario with everything that does not depend on the plan.
pub(crate) struct State {
    pub scenario: Scenario,
    /// By bound: whether the scenario asks for its target.
    pub asked: Vec<bool>,
    /// By node and week (from 0).
    pub own: Vec<Vec<Tracks>>,
    /// By choice and week: how hard the scenario hits that source; empty for a stock.
    pub severity: Vec<Vec<Tracks>>,
    /// By choice: weeks of the scenario that pass before it works.
    pub waits: Vec<usize>,
    /// By node: weeks at its users before the plan.
    pub stock: Vec<Tracks>,
    /// By node: whether it can lose anything that a bound asks for.
    pub touched: Vec<bool>,
    /// The touched nodes, inputs before users.
    pub order: Vec<usize>,
}

pub(crate) fn states(graph: &ChainGraph, problem: &Problem, params: &RemedyParams) -> Vec<State> {
    problem
        .cases
        .iter()
        .map(|case| {
            let scenario = problem.asked(case);
            let bounds = problem.targets.iter();
            let asked = bounds.map(|b| scenario.targets.contains(&b.node)).collect();
            let own = stopped::own_losses(graph, &scenario).weekly;
            let severity = problem
                .choices
                .iter()
                .map(|choice| severity(graph, &scenario, choice))
                .collect();
            let mut state = State {
                asked,
                own,
                severity,
                waits: problem
                    .choices
                    .iter()
                    .map(|c| c.ready_after.saturating_sub(params.lead_weeks) as usize)
                    .collect(),
                stock: graph
                    .nodes
                    .iter()
                    .map(|node| course::stock(node, &scenario, &params.shock))
                    .collect(),
                scenario,
                touched: Vec::new(),
                order: Vec::new(),
            };
            state.touched = touched(graph, problem, &state);
            let order = graph.order.iter().copied();
            state.order = order.filter(|i| state.touched[*i]).collect();
            state
        })
        .collect()
}

/// How hard the scenario hits a source in each week: the events that name its node or none, and its country, a bloc
/// that holds it, or none. Home's own supply is spared where home is the buyer.
fn severity(graph: &ChainGraph, scenario: &Scenario, choice: &Choice) -> Vec<Tracks> {
    let Some(country) = choice
        .country
        .as_ref()
        .filter(|_| choice.kind != Kind::Stock)
    else {
        return Vec::new();
    };
    (1..=scenario.horizon_weeks)
        .map(|week| {
            let hits = |hit: &model::Country| graph.overlap(hit, country);
            if scenario.buyer.as_ref() == Some(country) {
                return Tracks::ZERO;
            }
            bounds::union_of(
                scenario
                    .events
                    .iter()
                    .filter(|e| e.active(week))
                    .filter(|e| e.node.as_ref().is_none_or(|n| *n == choice.node))
                    .filter(|e| e.country.as_ref().is_none_or(hits))
                    .map(|e| Tracks::rising(e.severity)),
            )
        })
        .collect()
}

pub(crate) fn evaluate_states(
    graph: &ChainGraph,
    problem: &Problem,
    params: &RemedyParams,
    states: &[State],
    amounts: &[f64],
) -> Evaluated {
    let mut losses = Vec::with_capacity(states.len() * problem.targets.len());
    let mut measured = vec![vec![0.0; states.len()]; problem.targets.len()];
    for (case, state) in states.iter().enumerate() {
        let loss = course_of(graph, problem, params, state, amounts);
        for (at, bound) in problem.targets.iter().enumerate() {
            let Some(target) = graph.index(&bound.node).filter(|_| state.asked[at]) else {
                continue;
            };
            let weeks = &loss[target];
            let sum = weeks
                .iter()
                .fold(Tracks::ZERO, |s, t| s.zip(*t, |a, b| a + b));
            let peak = weeks.iter().fold(Tracks::ZERO, |m, t| m.zip(*t, f64::max));
            let found = CaseLoss {
                scenario: state.scenario.id.clone(),
                bound: at,
                target: bound.node.clone(),
                weeks: sum.estimate(model::Basis::Assumed),
                peak: peak.estimate(model::Basis::Assumed),
            };
            measured[at][case] = found.worst(bound.over);
            losses.push(found);
        }
    }
    let measures = measured.iter().map(|of| measure(problem, of)).collect();
    Evaluated { losses, measures }
}

/// The loss of every node, week by week, under the plan.
fn course_of(
    graph: &ChainGraph,
    problem: &Problem,
    params: &RemedyParams,
    state: &State,
    amounts: &[f64],
) -> Vec<Vec<Tracks>> {
    let mut scenario = state.scenario.clone();
    let mut weekly = Cow::Borrowed(&state.own);
    let mut added: Vec<Vec<usize>> = vec![Vec::new(); graph.nodes.len()];
    for (k, choice) in problem.choices.iter().enumerate() {
        let Some(node) = graph.index(&choice.node).filter(|_| amounts[k] > 0.0) else {
            continue;
        };
        if choice.kind == Kind::Stock {
            add_stock(&mut scenario, &choice.node, state.stock[node], amounts[k]);
        } else {
            added[node].push(k);
        }
    }
    for (node, ks) in added.iter().enumerate().filter(|(_, ks)| !ks.is_empty()) {
        for (week, own) in weekly.to_mut()[node].iter_mut().enumerate() {
            let works: Vec<usize> = ks
                .iter()
                .copied()
                .filter(|k| week >= state.waits[*k])
                .collect();
            let displaced: f64 = works.iter().map(|k| amounts[*k]).sum();
            let kept = own.map(|own| own * (1.0 - displaced).max(0.0));
            *own = works.iter().fold(kept, |sum, k| {
                sum.zip(state.severity[*k][week], |sum, hit| sum + amounts[*k] * hit)
            });
        }
    }
    course::run_over(graph, &scenario, &params.shock, &weekly, &state.order).loss
}

/// The scenario with `weeks` more stock of `node` at its users; several stocks of a node add up.
pub(crate) fn add_stock(scenario: &mut Scenario, node: &Node, before: Tracks, weeks: f64) {
    let stock = scenario.stocks.entry(node.clone()).or_insert(Estimate {
        value: before.mild,
        low: before.worst,
        high: before.best,
        basis: model::Basis::Assumed,
    });
    stock.value += weeks;
    stock.low += weeks;
    stock.high += weeks;
}

/// The worst of the losses, or their CVaR; one loss for each case.
fn measure(problem: &Problem, losses: &[f64]) -> f64 {
    match problem.risk {
        Risk::Worst => losses.iter().copied().fold(0.0, f64::max),
        Risk::Cvar { alpha } => {
            let mut by_loss: Vec<(f64, f64)> = losses
                .iter()
                .zip(&problem.cases)
                .map(|(loss, case)| (*loss, case.probability.unwrap_or(0.0)))
                .collect();
            by_loss.sort_by(|a, b| b.0.total_cmp(&a.0));
            let mut left = 1.0 - alpha;
            let mut sum = 0.0;
            for (loss, probability) in by_loss {
                let part = probability.min(left);
                sum += part * loss;
                left -= part;
            }
            sum / (1.0 - alpha)
        }
    }
}
