//! The curve between cost and loss, from either side: the best protection for a budget, the least cost for a bound.

use super::problem::{Problem, RemedyError, RemedyParams, check};
use super::program::{Goal, Rule, central_costs};
use super::solve::{Question, SLACK, Said};
use super::state::{State, evaluate_states, states};
use super::trim::trim;
use crate::graph::ChainGraph;

/// What a budget buys. Losses are the largest measure of any bound, in the unit of the bounds.
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

/// What it costs to leave no more than a share of the losses without a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Of every bound's measure without a plan.
    pub share: f64,
    /// The bounds that this share means, in the order of the problem's.
    pub bounds: Vec<f64>,
    /// It never rises with the share.
    pub cost: f64,
    /// No plan that keeps these bounds costs less.
    pub at_least: f64,
    pub amounts: Vec<f64>,
}

/// The plan with the smallest largest loss that the budget can buy; how much the problem's bounds allow does not matter.
pub fn best_for(
    graph: &ChainGraph,
    problem: &Problem,
    params: &RemedyParams,
    budget: f64,
) -> Result<Point, RemedyError> {
    one_kind(graph, problem, params)?;
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
    one_kind(graph, problem, params)?;
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
    // What no larger budget can go below, no smaller one can.
    for i in (1..curve.len()).rev() {
        let below = curve[i].at_least.min(curve[i - 1].loss);
        curve[i - 1].at_least = curve[i - 1].at_least.max(below);
    }
    Ok(curve)
}

/// The least cost for `steps` bounds in equal steps, from the tightest that something on offer keeps to what is lost
/// anyway. The shares are the same for all bounds, so they may be of different kinds. A plan that keeps a tighter
/// bound keeps a looser one: the cost never rises.
pub fn cost_curve(
    graph: &ChainGraph,
    problem: &Problem,
    params: &RemedyParams,
    steps: usize,
) -> Result<Vec<Step>, RemedyError> {
    check(graph, problem, params)?;
    let states = states(graph, problem, params);
    let costs = central_costs(problem);
    let mut asked = problem.clone();
    let nothing = vec![0.0; problem.choices.len()];
    let without = evaluate_states(graph, problem, params, &states, &nothing).measures;
    // A bound on what nothing threatens is kept whatever is bought.
    for (bound, without) in asked.targets.iter_mut().zip(&without) {
        bound.most = without.max(SLACK);
    }
    let (tightest, least) = {
        let loosest = question(graph, &asked, params, &states, &costs);
        let (tightest, _) = loosest.smallest(Goal::Share)?;
        let measures = loosest.evaluate(&tightest).measures;
        let least = loosest.objective(Goal::Share, &measures).min(1.0);
        (tightest, least)
    };
    let mut curve: Vec<Step> = Vec::with_capacity(steps);
    for i in 0..steps {
        let share = least + (1.0 - least) * i as f64 / (steps.max(2) - 1) as f64;
        let bounds: Vec<f64> = without.iter().map(|w| share * w).collect();
        for (bound, most) in asked.targets.iter_mut().zip(&bounds) {
            bound.most = *most;
        }
        let (amounts, cost, at_least) =
            match question(graph, &asked, params, &states, &costs).cheapest() {
                Ok(plan) => (plan.amounts, plan.cost.value, plan.at_least),
                // Where the solver cannot repeat the tightest plan to its last digit, that plan stands.
                Err(RemedyError::Unreachable(_)) => (
                    tightest.clone(),
                    question(graph, &asked, params, &states, &costs).cost(&tightest),
                    0.0,
                ),
                Err(error) => return Err(error),
            };
        let mut next = Step {
            share,
            bounds,
            cost,
            at_least,
            amounts,
        };
        if let Some(before) = curve.last().filter(|before| before.cost <= next.cost) {
            next.cost = before.cost;
            next.amounts.clone_from(&before.amounts);
        }
        next.at_least = next.at_least.min(next.cost);
        curve.push(next);
    }
    Ok(curve)
}

fn question<'a>(
    graph: &'a ChainGraph,
    problem: &'a Problem,
    params: &'a RemedyParams,
    states: &'a [State],
    costs: &'a [(f64, f64)],
) -> Question<'a> {
    Question {
        graph,
        problem,
        params,
        states,
        costs,
    }
}

fn one_kind(
    graph: &ChainGraph,
    problem: &Problem,
    params: &RemedyParams,
) -> Result<(), RemedyError> {
    check(graph, problem, params)?;
    match problem.kind() {
        Some(_) => Ok(()),
        None => Err(RemedyError::Input(
            "bounds over the horizon and bounds on the worst week do not add up to one loss: ask what a budget buys with one \
             kind of bound"
                .to_owned(),
        )),
    }
}

fn point(
    graph: &ChainGraph,
    problem: &Problem,
    params: &RemedyParams,
    states: &[State],
    budget: f64,
) -> Result<Point, RemedyError> {
    let costs = central_costs(problem);
    let question = question(graph, problem, params, states, &costs);
    let goal = Goal::Loss { budget };
    let loss = |amounts: &[f64]| question.objective(goal, &question.evaluate(amounts).measures);
    if budget <= 0.0 && costs.iter().all(|(fixed, unit)| fixed + unit > 0.0) {
        let amounts = vec![0.0; problem.choices.len()];
        let loss = loss(&amounts);
        return Ok(Point {
            budget,
            cost: 0.0,
            amounts,
            loss,
            at_least: loss,
        });
    }
    let (chosen, at_least) = question.smallest(goal)?;
    let mut reached = loss(&chosen);
    // Whatever does not lower the loss further is not bought.
    let mut kept = problem.clone();
    for bound in &mut kept.targets {
        bound.most = reached;
    }
    let mut chosen = trim(graph, &kept, params, states, &costs, chosen);
    // Among the plans that reach it, the cheapest that a program finds; no program is asked once none can be cheaper.
    let within = Goal::CostWithin {
        most: reached + SLACK,
    };
    let mut cheapest: f64 = 0.0;
    for rule in [Rule::Max, Rule::Sum, Rule::Weekly] {
        if rule == Rule::Sum && problem.kind() != Some(super::problem::Over::Horizon) {
            continue;
        }
        if question.cost(&chosen) <= cheapest * (1.0 + 1e-6) + 1e-9 {
            break;
        }
        let Said::Answer(cheap) = question.solve(rule, within)? else {
            continue;
        };
        if rule == Rule::Max {
            cheapest = cheap.bound;
        }
        let again = loss(&cheap.amounts);
        if question.cost(&cheap.amounts) < question.cost(&chosen) && again <= reached + 2.0 * SLACK
        {
            chosen = cheap.amounts;
            reached = again;
        }
    }
    Ok(Point {
        budget,
        cost: question.cost(&chosen),
        amounts: chosen,
        loss: reached,
        at_least: at_least.min(reached),
    })
}
