//! How firm a plan is: the same question at random places within every range.

use model::{Basis, Estimate, Seed};
use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::problem::{Over, Problem, RemedyError, RemedyParams, check};
use super::program::{Goal, Rule};
use super::solve::{Question, SLACK, Said, keeps};
use super::state::{State, evaluate_states, states};
use crate::bounds::Tracks;
use crate::graph::ChainGraph;

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DrawParams {
    /// Default 40.
    pub draws: usize,
    pub seed: Seed,
}

impl Default for DrawParams {
    fn default() -> Self {
        Self {
            draws: 40,
            seed: Seed(1),
        }
    }
}

/// Quantiles over the draws: the value is the median, the ends are the 5th and the 95th of a hundred.
#[derive(Debug, Clone, PartialEq)]
pub struct Robustness {
    pub draws: usize,
    /// Cost of the cheapest plan of the over-estimate, or of the weekly program where a bound is on a week.
    pub cost: Option<Estimate>,
    /// Draws in which that program keeps the bounds with nothing on offer.
    pub without_plan: usize,
    /// Draws in which that program came to no answer within its limits.
    pub undecided: usize,
    /// By bound: its measure under the given plan.
    pub losses: Vec<Estimate>,
    /// Draws in which the given plan keeps every bound.
    pub kept: usize,
}

/// Draws what each node loses (severities and shares), every stock, every cost uniformly from its range, and asks again.
pub fn robustness(
    graph: &ChainGraph,
    problem: &Problem,
    params: &RemedyParams,
    amounts: &[f64],
    draws: &DrawParams,
) -> Result<Robustness, RemedyError> {
    check(graph, problem, params)?;
    let base = states(graph, problem, params);
    let mut costs_found = Vec::new();
    let (mut without_plan, mut undecided, mut kept) = (0, 0, 0);
    let rule = match problem.kind() {
        Some(Over::Horizon) => Rule::Sum,
        _ => Rule::Weekly,
    };
    let mut losses: Vec<Vec<f64>> = vec![Vec::new(); problem.targets.len()];
    for draw in 0..draws.draws {
        let mut rng = draws.seed.stream("remedy", draw as u64);
        let mut uniform = || rng.random_range(0.0..=1.0);
        let drawn: Vec<State> = base
            .iter()
            .map(|state| at_random(graph, state, &mut uniform))
            .collect();
        let costs: Vec<(f64, f64)> = problem
            .choices
            .iter()
            .map(|c| (within(c.fixed, uniform()), within(c.per_unit, uniform())))
            .collect();
        let question = Question {
            graph,
            problem,
            params,
            states: &drawn,
            costs: &costs,
        };
        match question.solve(rule, Goal::Cost)? {
            Said::Answer(answer) => costs_found.push(question.cost(&answer.amounts)),
            Said::Infeasible => without_plan += 1,
            Said::Nothing { .. } | Said::TooLarge { .. } => undecided += 1,
        }
        let measures = evaluate_states(graph, problem, params, &drawn, amounts).measures;
        kept += usize::from(keeps(problem, &measures, SLACK));
        for (losses, measure) in losses.iter_mut().zip(measures) {
            losses.push(measure);
        }
    }
    Ok(Robustness {
        draws: draws.draws,
        cost: quantiles(costs_found),
        without_plan,
        undecided,
        losses: losses.into_iter().filter_map(quantiles).collect(),
        kept,
    })
}

fn within(e: Estimate, u: f64) -> f64 {
    e.low + u * (e.high - e.low)
}

/// One place within the tracks of each node, the same in every week.
fn at_random(graph: &ChainGraph, state: &State, uniform: &mut impl FnMut() -> f64) -> State {
    let place = |track: &Tracks, u: f64| Tracks::all(track.best + u * (track.worst - track.best));
    let mut scenario = state.scenario.clone();
    let mut own = Vec::with_capacity(state.own.len());
    let mut stock = Vec::with_capacity(state.stock.len());
    for (i, node) in graph.nodes.iter().enumerate() {
        let u = uniform();
        own.push(state.own[i].iter().map(|t| place(t, u)).collect());
        let here = place(&state.stock[i], uniform());
        let exact = Estimate::exact(here.worst, Basis::Assumed);
        scenario.stocks.insert(node.node.clone(), exact);
        stock.push(here);
    }
    let severity = state
        .severity
        .iter()
        .map(|weeks| {
            let u = uniform();
            weeks.iter().map(|t| place(t, u)).collect()
        })
        .collect();
    State {
        scenario,
        asked: state.asked.clone(),
        own,
        severity,
        waits: state.waits.clone(),
        stock,
        // No draw loses more than the worst track does.
        touched: state.touched.clone(),
        order: state.order.clone(),
    }
}

fn quantiles(mut values: Vec<f64>) -> Option<Estimate> {
    if values.is_empty() {
        return None;
    }
    values.sort_by(f64::total_cmp);
    let at = |q: f64| values[((values.len() - 1) as f64 * q).round() as usize];
    Some(Estimate::spanning(
        at(0.5),
        at(0.05),
        at(0.95),
        Basis::Assumed,
    ))
}
