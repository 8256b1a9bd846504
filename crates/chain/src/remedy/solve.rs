//! The cheapest plan that keeps every bound.

use model::{Basis, Estimate};

use super::lp::{Outcome, Solved};
use super::prices::{self, Prices};
use super::problem::{Choice, Problem, RemedyError, RemedyParams, Unreachable, check};
use super::program::{Built, Goal, Rule, build, central_costs};
use super::state::{Evaluated, State, evaluate_states, measure, states};
use super::trim::trim;
use crate::graph::ChainGraph;

/// Slack with which a bound counts as kept, weeks.
pub(crate) const SLACK: f64 = 1e-6;

/// A plan that keeps every bound in the weekly course.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// By choice of the problem: weeks of stock, or a share.
    pub amounts: Vec<f64>,
    /// Of the plan, at the ends of the costs' ranges.
    pub cost: Estimate,
    /// No plan on offer that keeps the bounds costs less.
    pub at_least: f64,
    /// What the linear over-estimate alone would have cost; `None` where it finds no plan and one was found by trimming.
    pub before_trimming: Option<f64>,
    /// Relative gap that the solver left in the over-estimate.
    pub solver_gap: f64,
    pub before: Evaluated,
    pub after: Evaluated,
    /// `None` where the over-estimate finds no plan.
    pub prices: Option<Prices>,
}

impl Plan {
    /// `(cost - at_least) / cost`, 0 where nothing is bought.
    pub fn gap(&self) -> f64 {
        if self.cost.value > 0.0 {
            ((self.cost.value - self.at_least) / self.cost.value).max(0.0)
        } else {
            0.0
        }
    }
}

/// The cheapest mix of the choices on offer, or why there is none.
pub fn cheapest(
    graph: &ChainGraph,
    problem: &Problem,
    params: &RemedyParams,
) -> Result<Plan, RemedyError> {
    check(graph, problem, params)?;
    let states = states(graph, problem, params);
    let costs = central_costs(problem);
    let program = |rule, goal| build(graph, problem, params, &states, &costs, rule, goal);
    let nothing = vec![0.0; problem.choices.len()];
    let before = evaluate_states(graph, problem, params, &states, &nothing);

    let over = program(Rule::Sum, Goal::Cost);
    let (start, solver_gap, cost_before, prices) = if let Some(solved) = solve(&over, params)? {
        let amounts = amounts(&over, problem, &solved);
        let prices = prices::of(graph, problem, &over, &solved);
        let gap = (solved.objective - solved.bound).max(0.0) / solved.objective.max(1e-12);
        (amounts, gap, Some(solved.objective), prices)
    } else {
        let most = least_loss(graph, problem, params, &states, &costs)?;
        (most, 0.0, None, None)
    };
    if !keeps(
        problem,
        &evaluate_states(graph, problem, params, &states, &start).measures,
    ) {
        let found = unreachable(graph, problem, params, &states, &costs, &start)?;
        return Err(RemedyError::Unreachable(found));
    }
    let amounts = trim(graph, problem, params, &states, &costs, start);
    let after = evaluate_states(graph, problem, params, &states, &amounts);
    let under = program(Rule::Max, Goal::Cost);
    let at_least = solve(&under, params)?.map_or(0.0, |solved| solved.bound.max(0.0));
    let cost = cost_of(&problem.choices, &amounts);
    Ok(Plan {
        at_least: at_least.min(cost.value),
        cost,
        before_trimming: cost_before,
        solver_gap,
        before,
        after,
        prices,
        amounts,
    })
}

pub(crate) fn solve(built: &Built, params: &RemedyParams) -> Result<Option<Solved>, RemedyError> {
    match built.program.minimise(params.gap, params.seconds) {
        Outcome::Solved(solved) => Ok(Some(solved)),
        Outcome::Infeasible => Ok(None),
        Outcome::Stopped => Err(RemedyError::Solver),
    }
}

/// Amounts without the solver's dust.
pub(crate) fn amounts(built: &Built, problem: &Problem, solved: &Solved) -> Vec<f64> {
    built
        .amounts
        .iter()
        .zip(&built.switches)
        .zip(&problem.choices)
        .map(|((column, switch), choice)| {
            let off = switch.is_some_and(|switch| solved.values[switch] < 0.5);
            let amount = solved.values[*column].clamp(0.0, choice.most);
            if off || amount < 1e-9 { 0.0 } else { amount }
        })
        .collect()
}

pub(crate) fn cost_at(costs: &[(f64, f64)], amounts: &[f64]) -> f64 {
    let bought = costs
        .iter()
        .zip(amounts)
        .filter(|(_, amount)| **amount > 0.0);
    bought
        .map(|((fixed, per_unit), amount)| fixed + per_unit * amount)
        .fold(0.0, |sum, cost| sum + cost)
}

/// Cost of the amounts with its range.
pub(crate) fn cost_of(choices: &[Choice], amounts: &[f64]) -> Estimate {
    let at = |pick: fn(&Estimate) -> f64| {
        let costs: Vec<(f64, f64)> = choices
            .iter()
            .map(|c| (pick(&c.fixed), pick(&c.per_unit)))
            .collect();
        cost_at(&costs, amounts)
    };
    Estimate::spanning(
        at(|e| e.value),
        at(|e| e.low),
        at(|e| e.high),
        Basis::Assumed,
    )
}

pub(crate) fn keeps(problem: &Problem, measures: &[f64]) -> bool {
    let pairs = measures.iter().zip(&problem.targets);
    pairs
        .into_iter()
        .all(|(m, bound)| *m <= bound.weeks + SLACK)
}

/// The plan with the smallest loss that the over-estimate finds, whatever it costs.
fn least_loss(
    graph: &ChainGraph,
    problem: &Problem,
    params: &RemedyParams,
    states: &[State],
    costs: &[(f64, f64)],
) -> Result<Vec<f64>, RemedyError> {
    let goal = Goal::Loss {
        budget: f64::INFINITY,
    };
    let built = build(graph, problem, params, states, costs, Rule::Sum, goal);
    let solved = solve(&built, params)?.ok_or(RemedyError::Solver)?;
    Ok(amounts(&built, problem, &solved))
}

/// Which bounds cannot be kept, each with the smallest loss found for that target alone.
fn unreachable(
    graph: &ChainGraph,
    problem: &Problem,
    params: &RemedyParams,
    states: &[State],
    costs: &[(f64, f64)],
    together: &[f64],
) -> Result<Vec<Unreachable>, RemedyError> {
    let jointly = evaluate_states(graph, problem, params, states, together);
    let mut found = Vec::new();
    for (target, bound) in problem.targets.iter().enumerate() {
        if jointly.measures[target] <= bound.weeks + SLACK {
            continue;
        }
        let only = |rule| {
            let goal = Goal::Only { target };
            build(graph, problem, params, states, costs, rule, goal)
        };
        let over = only(Rule::Sum);
        let solved = solve(&over, params)?.ok_or(RemedyError::Solver)?;
        let alone = amounts(&over, problem, &solved);
        let reached = evaluate_states(graph, problem, params, states, &alone);
        let at_least = solve(&only(Rule::Max), params)?.map_or(0.0, |solved| solved.bound);
        let of_target = || {
            let losses = reached.losses.iter();
            losses.filter(|loss| loss.target == bound.node)
        };
        let worst = of_target().max_by(|a, b| a.weeks.high.total_cmp(&b.weeks.high));
        found.push(Unreachable {
            target: bound.node.clone(),
            bound: bound.weeks,
            smallest: measure(
                problem,
                &of_target().map(|l| l.weeks.high).collect::<Vec<_>>(),
            )
            .min(jointly.measures[target]),
            at_least: at_least.max(0.0),
            scenario: worst.map_or_else(String::new, |loss| loss.scenario.clone()),
        });
    }
    Ok(found)
}
