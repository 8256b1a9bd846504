//! The dated plan: the kernel's schedule with its proof, every task as early as the order of the plan allows.
//!
//! The makespan is the smallest where it meets the lower bound; the gap says how far it may be off. Work is
//! counted in conflicts and schedules, so that equal input gives an equal plan on every machine.

use model::{Refusal, Seed, Year};

use super::network::{Network, QUARTERS_PER_YEAR, network};
use super::policy::{follow, project};
use super::project::{Plan, SolveError, SolveParams, check, solve};
use super::task::{Limits, Task, TaskId};
use crate::refusal;

/// A task on the calendar.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    pub id: TaskId,
    /// Quarters since the first day of the start year.
    pub start_quarter: usize,
    pub finish_quarter: usize,
    /// Decimal year: 2026.25 is the first of April 2026.
    pub start: f64,
    pub finish: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// By start, then id: the activity list that [`super::simulate`] runs as a policy.
    pub tasks: Vec<Placed>,
    pub makespan_years: f64,
    /// No schedule of the planned durations is shorter.
    pub lower_bound_years: f64,
    /// (makespan - lower bound) / lower bound; 0 proves the makespan optimal.
    pub gap: f64,
}

impl Schedule {
    pub fn placed(&self, id: &TaskId) -> Option<&Placed> {
        self.tasks.iter().find(|p| &p.id == id)
    }
}

/// A schedule under the limits. Refuses unknown, repeated or circular tasks, tasks without a usable
/// duration, stages without capacity and years without money. The order of `tasks` does not matter.
pub fn schedule(
    tasks: &[Task],
    limits: &Limits,
    params: &SolveParams,
    seed: Seed,
) -> Result<Schedule, Box<Refusal>> {
    let network = network(tasks, limits)?;
    let free = vec![0; network.len()];
    let project = project(&network, &network.durations, &free);
    let none = || refusal("roadmap.no_schedule", |m| m);
    let solved = match solve(&project, params, seed, &|| false) {
        Ok(solved) => solved,
        Err(SolveError::Flawed(_)) => return Err(none()),
        Err(error @ SolveError::Broken(_)) => unreachable!("invariant: {error}"),
    };
    let plan = solved.plan.ok_or_else(none)?;
    let mut list: Vec<usize> = (0..network.len()).collect();
    list.sort_by_key(|k| (plan.starts[*k], *k));
    let early = follow(&network, &network.durations, &free, &list).filter(|starts| {
        let early = Plan {
            starts: starts.iter().map(|s| *s as i32).collect(),
            modes: plan.modes.clone(),
        };
        check(&project, &early).is_empty() && early.makespan(&project) <= plan.makespan(&project)
    });
    let starts = early.unwrap_or_else(|| plan.starts.iter().map(|s| *s as usize).collect());
    Ok(dated(
        &network,
        limits.start_year,
        &starts,
        solved.lower_bound as usize,
    ))
}

pub(crate) fn dated(
    network: &Network,
    start_year: Year,
    starts: &[usize],
    bound: usize,
) -> Schedule {
    let per_year = QUARTERS_PER_YEAR as f64;
    let date = |quarter: usize| f64::from(start_year.0) + quarter as f64 / per_year;
    let mut tasks: Vec<Placed> = (0..network.len())
        .map(|k| {
            let finish = starts[k] + network.durations[k];
            Placed {
                id: network.ids[k].clone(),
                start_quarter: starts[k],
                finish_quarter: finish,
                start: date(starts[k]),
                finish: date(finish),
            }
        })
        .collect();
    let makespan = tasks.iter().map(|t| t.finish_quarter).max().unwrap_or(0);
    tasks.sort_by(|a, b| (a.start_quarter, &a.id).cmp(&(b.start_quarter, &b.id)));
    Schedule {
        tasks,
        makespan_years: makespan as f64 / per_year,
        lower_bound_years: bound as f64 / per_year,
        gap: if bound > 0 {
            makespan.saturating_sub(bound) as f64 / bound as f64
        } else {
            0.0
        },
    }
}
