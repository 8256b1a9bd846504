//! The best protection for a budget, and the curve of loss against budget.

use super::problem::{Problem, RemedyError, RemedyParams, check};
use super::program::{Goal, Rule, build, central_costs};
use super::solve::{SLACK, amounts, cost_at, solve};
use super::state::{State, evaluate_states, states};
use crate::graph::ChainGraph;

/// What a budget buys. Losses are the largest measure of any target, in weeks.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    pub budget: f64,
    pub cost: f64,
    pub amounts: Vec<f64>,
    /// In the weekly course, with this plan. It never rises with the budget.
    pub loss: f64,
    /// No plan within the budget loses less.
    pub at_least: f64,
}

/// The plan with the smallest largest loss that the budget can buy; the bounds of the problem do not matter.
pub fn best_for(
    graph: &ChainGraph,
    problem: &Problem,
    params: &RemedyParams,
    budget: f64,
) -> Result<Point, RemedyError> {
    check(graph, problem, params)?;
    if budget.is_nan() || budget < 0.0 {
        return Err(RemedyError::Input("a budget is 0 or more".to_owned()));
    }
    let states = states(graph, problem, params);
    point(graph, problem, params, &states, budget)
}

/// `points` budgets in equal steps, from nothing to what the smallest loss costs. A plan that a smaller budget
/// bought stays on offer, so more budget never hurts.
pub fn frontier(
    graph: &ChainGraph,
    problem: &Problem,
    params: &RemedyParams,
    points: usize,
) -> Result<Vec<Point>, RemedyError> {
    check(graph, problem, params)?;
    let states = states(graph, problem, params);
    let top = point(graph, problem, params, &states, f64::INFINITY)?;
    let mut curve: Vec<Point> = Vec::with_capacity(points);
    for i in 0..points {
        let last = i + 1 == points;
        let budget = if last {
            top.cost
        } else {
            top.cost * i as f64 / (points - 1) as f64
        };
        let mut next = if last {
            Point {
                budget,
                ..top.clone()
            }
        } else {
            point(graph, problem, params, &states, budget)?
        };
        if let Some(before) = curve.last() {
            if before.loss <= next.loss {
                next = Point {
                    budget,
                    at_least: next.at_least,
                    ..before.clone()
                };
            }
            next.at_least = next.at_least.min(next.loss);
        }
        curve.push(next);
    }
    Ok(curve)
}

fn point(
    graph: &ChainGraph,
    problem: &Problem,
    params: &RemedyParams,
    states: &[State],
    budget: f64,
) -> Result<Point, RemedyError> {
    let costs = central_costs(problem);
    let program = |rule, goal| build(graph, problem, params, states, &costs, rule, goal);
    let loss = Goal::Loss { budget };
    let smallest = program(Rule::Sum, loss);
    let first = solve(&smallest, params)?.ok_or(RemedyError::Solver)?;
    // Among the plans that reach it, the cheapest.
    let within = Goal::CostWithin {
        weeks: first.objective + SLACK,
    };
    let cheap = program(Rule::Sum, within);
    let mut chosen = match solve(&cheap, params)? {
        Some(second) => amounts(&cheap, problem, &second),
        None => amounts(&smallest, problem, &first),
    };
    if cost_at(&costs, &chosen) > budget + 1e-9 * budget.abs() {
        chosen = amounts(&smallest, problem, &first);
    }
    let measure = |amounts: &[f64]| {
        let found = evaluate_states(graph, problem, params, states, amounts);
        found.measures.into_iter().fold(0.0, f64::max)
    };
    let mut reached = measure(&chosen);
    // Both programs aim at the over-estimate; doing nothing may be as good in the course.
    let nothing = vec![0.0; chosen.len()];
    let idle = measure(&nothing);
    if idle <= reached {
        reached = idle;
        chosen = nothing;
    }
    let under = solve(&program(Rule::Max, loss), params)?;
    let at_least = under.map_or(0.0, |solved| solved.bound.clamp(0.0, reached));
    Ok(Point {
        budget,
        cost: cost_at(&costs, &chosen),
        amounts: chosen,
        loss: reached,
        at_least,
    })
}
