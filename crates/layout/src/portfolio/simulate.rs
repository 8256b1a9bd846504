//! What a plan brings over many courses of events: value, tail, spending, success.

use std::collections::BTreeMap;

use model::{Basis, Estimate, Seed};
use serde::{Deserialize, Serialize};

use super::plan::{gain, worst_mean};
use super::problem::{Problem, ProjectId};
use super::scenarios::draws;
use crate::interval::{quantile, share};

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SimulateParams {
    /// 10,000 draws bring every share within 0.01.
    pub draws: usize,
    pub seed: Seed,
    /// The tail: the worst `alpha` of the draws.
    pub alpha: f64,
}

impl Default for SimulateParams {
    fn default() -> Self {
        Self {
            draws: 10_000,
            seed: Seed(1),
            alpha: 0.1,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Simulation {
    pub mean: f64,
    /// 5 %, 50 % and 95 % of the value, each with its own range.
    pub p05: Estimate,
    pub median: Estimate,
    pub p95: Estimate,
    /// Mean of the worst `alpha`.
    pub tail: f64,
    /// By period: mean of what the budget bears, from its 5 % to its 95 % quantile.
    pub spending: Vec<Estimate>,
    /// Chance that costs over plan break the budget in some period; `None` without a budget.
    pub over_budget: Option<Estimate>,
    /// By project in the plan: chance that it and all before it succeed.
    pub success: BTreeMap<ProjectId, Estimate>,
    /// Mean of what failed gates leave unspent.
    pub freed: f64,
}

/// Draws the courses of events of a plan. The draws are not those that the plan was made on.
pub fn simulate(
    problem: &Problem,
    starts: &BTreeMap<ProjectId, usize>,
    params: &SimulateParams,
) -> Option<Simulation> {
    if params.draws == 0 {
        return None;
    }
    let problem = problem.sorted();
    let lineages = problem.lineages();
    let drawn = draws(&problem, params.seed, "portfolio.simulate", params.draws);
    let count = drawn.len();
    let mut values: Vec<f64> = drawn.iter().map(|d| gain(&problem, starts, d)).collect();
    let mean = values.iter().sum::<f64>() / count as f64;
    let mut by_period: Vec<Vec<f64>> = vec![Vec::with_capacity(count); problem.periods];
    let (mut over, mut freed) = (0, 0.0);
    for draw in &drawn {
        let mut spent = vec![0.0; problem.periods];
        for (p, project) in problem.projects.iter().enumerate() {
            let Some(start) = starts.get(&project.id) else {
                continue;
            };
            let stopped = lineages[p]
                .iter()
                .any(|q| *q != p && draw.fails[*q].is_some());
            for (age, (stage, cost)) in project.ages().enumerate() {
                let public = cost * project.public_share;
                if stopped || draw.fails[p].is_some_and(|failed| failed < stage) {
                    freed += public;
                } else {
                    spent[start + age] += public * draw.overrun[p];
                }
            }
        }
        if let Some(budget) = &problem.budget {
            over += usize::from(breaks(budget, &spent, &problem));
        }
        for (all, spent) in by_period.iter_mut().zip(spent) {
            all.push(spent);
        }
    }
    values.sort_by(f64::total_cmp);
    let spending = by_period
        .into_iter()
        .map(|mut spent| {
            let mean = spent.iter().sum::<f64>() / count as f64;
            spent.sort_by(f64::total_cmp);
            let at = |p: f64| quantile(&spent, p, Basis::Derived).value;
            Estimate::spanning(mean, at(0.05), at(0.95), Basis::Derived)
        })
        .collect();
    let success = problem
        .projects
        .iter()
        .enumerate()
        .filter(|(_, project)| starts.contains_key(&project.id))
        .map(|(p, project)| {
            let wins = drawn.iter().filter(|d| d.succeeds[p]).count();
            (project.id.clone(), share(wins, count, Basis::Derived))
        })
        .collect();
    Some(Simulation {
        mean,
        p05: quantile(&values, 0.05, Basis::Derived),
        median: quantile(&values, 0.5, Basis::Derived),
        p95: quantile(&values, 0.95, Basis::Derived),
        tail: worst_mean(&values, params.alpha),
        spending,
        over_budget: problem
            .budget
            .as_ref()
            .map(|_| share(over, count, Basis::Derived)),
        success,
        freed: freed / count as f64,
    })
}

/// Whether spending breaks a budget that carries money over.
fn breaks(budget: &[f64], spent: &[f64], problem: &Problem) -> bool {
    let carry = problem.carry_over;
    let mut kept = 0.0;
    for (limit, spent) in budget.iter().zip(spent) {
        let free = limit + kept - spent;
        if free < -1e-9 * limit.max(1.0) {
            return true;
        }
        kept = carry.share * free.max(0.0).min(carry.most.unwrap_or(f64::INFINITY));
    }
    false
}
