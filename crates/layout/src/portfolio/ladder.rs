//! The ladder: what the next money buys.
//!
//! The budget grows step by step, by period in proportion to the budget that is there; floors stay at their amount. The plan
//! of a rung remains possible on the next, so the value never falls, and a bound holds for every smaller budget too.

use std::collections::BTreeMap;

use model::{Basis, Estimate, Message};
use serde::{Deserialize, Serialize};

use super::plan::{PlanParams, Prepared, Unsolved};
use super::problem::{Problem, ProjectId};
use crate::solver::{Ended, Outcome, Worth};

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LadderParams {
    /// Money that a step adds over the whole horizon.
    pub step: f64,
    /// Steps above the budget that is there.
    pub steps: usize,
}

impl Default for LadderParams {
    fn default() -> Self {
        Self {
            step: 100.0,
            steps: 5,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Rung {
    /// Money above the budget that is there.
    pub added: f64,
    pub worth: Worth,
    /// Gain over the rung below, with the range that the certificates leave; the first has none.
    pub gain: Option<Estimate>,
    pub starts: BTreeMap<ProjectId, usize>,
    /// Projects that the rung below did not hold.
    pub enter: Vec<ProjectId>,
    pub leave: Vec<ProjectId>,
}

pub fn ladder(
    problem: &Problem,
    params: &PlanParams,
    ladder: &LadderParams,
) -> Result<Vec<Rung>, Unsolved> {
    let Some(budget) = problem.budget.clone() else {
        return Err(Unsolved::Invalid(vec![Message::new(
            "portfolio.check.ladder_without_budget",
        )]));
    };
    if !ladder.step.is_finite() || ladder.step <= 0.0 {
        return Err(Unsolved::Invalid(vec![Message::new(
            "portfolio.check.ladder_step",
        )]));
    }
    // Only the sides of the budget rows grow below: floors that are shares of the budget stay at their amount.
    let mut prepared = Prepared::new(problem, params)?;
    let sum: f64 = budget.iter().sum();
    let mut last = prepared.solve(params)?;
    let mut found = vec![last.clone()];
    for k in 1..=ladder.steps {
        let added = ladder.step * k as f64;
        for (t, row) in prepared.model.rows.budget.iter().enumerate() {
            let part = if sum > 0.0 {
                budget[t] / sum
            } else {
                1.0 / budget.len() as f64
            };
            prepared.model.program.rows[*row].high = budget[t] + added * part;
        }
        if problem.carry_over.most.is_none() {
            for column in &prepared.model.rows.carry {
                prepared.model.program.bounds[column.0].1 = sum + added;
            }
        }
        let mut next = match prepared
            .model
            .program
            .maximise(&params.limits, Some(&last.values))
        {
            Outcome::Solved(next) if next.value >= last.value => next,
            Outcome::Solved(next) => {
                let mut kept = last.clone();
                kept.bound = next.bound.max(kept.value);
                kept.ended = next.ended;
                kept
            }
            _ => {
                let mut kept = last.clone();
                kept.bound = f64::INFINITY;
                kept.ended = Ended::Work;
                kept
            }
        };
        next.bound = next.bound.max(next.value);
        last = next.clone();
        found.push(next);
    }
    // A bound for more money is a bound for less.
    for k in (0..found.len() - 1).rev() {
        found[k].bound = found[k].bound.min(found[k + 1].bound);
    }
    let mut rungs: Vec<Rung> = Vec::new();
    for (k, solved) in found.iter().enumerate() {
        let starts = prepared.starts(&solved.values);
        let before = rungs.last();
        let only = |a: &BTreeMap<ProjectId, usize>, b: &BTreeMap<ProjectId, usize>| {
            a.keys()
                .filter(|id| !b.contains_key(*id))
                .cloned()
                .collect()
        };
        let gain = before.filter(|_| solved.bound.is_finite()).map(|below| {
            let low = (solved.value - below.worth.bound).max(0.0);
            let high = (solved.bound - below.worth.value).max(low);
            let value = (solved.value - below.worth.value).clamp(low, high);
            Estimate::spanning(value, low, high, Basis::Derived)
        });
        rungs.push(Rung {
            added: ladder.step * k as f64,
            worth: Worth::from(solved),
            gain,
            enter: before.map_or_else(Vec::new, |b| only(&starts, &b.starts)),
            leave: before.map_or_else(Vec::new, |b| only(&b.starts, &starts)),
            starts,
        });
    }
    Ok(rungs)
}
