//! The dated plan: priority rules, seeded restarts and double justification around the serial scheme.
//!
//! Objective: the smallest makespan, then the smallest sum of finishes. The schedule is near-optimal, not
//! proved optimal, unless its makespan meets the lower bound; the gap says so.

use model::{Refusal, Seed, Year};
use rand::RngExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::bound::lower_bound;
use super::generation::{justified, serial};
use super::network::{Network, QUARTERS_PER_YEAR, network};
use super::task::{Limits, Task, TaskId};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScheduleParams {
    /// Random restarts beside the priority rules.
    pub restarts: usize,
    /// Rounds of double justification per start; each round keeps the better schedule.
    pub justifications: usize,
}

impl Default for ScheduleParams {
    fn default() -> Self {
        Self {
            restarts: 200,
            justifications: 3,
        }
    }
}

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
/// duration and stages without capacity. The order of `tasks` does not matter.
pub fn schedule(
    tasks: &[Task],
    limits: &Limits,
    params: &ScheduleParams,
    seed: Seed,
) -> Result<Schedule, Box<Refusal>> {
    let network = network(tasks, limits)?;
    let lists: Vec<Vec<usize>> = rules(&network)
        .into_iter()
        .chain((0..params.restarts).map(|i| random_list(&network, seed, i as u64)))
        .collect();
    let best = best(&network, &lists, params.justifications);
    Ok(dated(&network, limits.start_year, &best))
}

fn best(network: &Network, lists: &[Vec<usize>], justifications: usize) -> Vec<usize> {
    lists
        .par_iter()
        .map(|list| improved(network, list, justifications))
        .enumerate()
        .min_by_key(|(i, starts)| (objective(network, starts), *i))
        .map(|(_, starts)| starts)
        .expect("invariant: the priority rules are never empty")
}

/// Makespan, then sum of finishes.
fn objective(network: &Network, starts: &[usize]) -> (usize, usize) {
    let finishes = || (0..network.len()).map(|k| starts[k] + network.durations[k]);
    (finishes().max().unwrap_or(0), finishes().sum())
}

/// Latest finish, latest start, earliest start, most successors, shortest task, and the order of ids.
fn rules(network: &Network) -> Vec<Vec<usize>> {
    let d = &network.durations;
    let (heads, tails) = (network.heads(d), network.tails(d));
    let successors = successors(network);
    let by = |key: &dyn Fn(usize) -> usize| -> Vec<usize> {
        let mut order: Vec<usize> = (0..network.len()).collect();
        order.sort_by_key(|k| (key(*k), *k));
        order
    };
    vec![
        by(&|k| usize::MAX - tails[k]),
        by(&|k| usize::MAX - (tails[k] + d[k])),
        by(&|k| heads[k]),
        by(&|k| usize::MAX - successors[k]),
        by(&|k| d[k]),
        by(&|_| 0),
    ]
}

/// Number of direct and indirect successors.
fn successors(network: &Network) -> Vec<usize> {
    let n = network.len();
    let mut reached = vec![vec![false; n]; n];
    for i in network.topological.iter().rev() {
        for j in &network.after[*i] {
            let further = reached[*j].clone();
            reached[*i][*j] = true;
            for (mine, theirs) in reached[*i].iter_mut().zip(further) {
                *mine |= theirs;
            }
        }
    }
    reached
        .iter()
        .map(|r| r.iter().filter(|b| **b).count())
        .collect()
}

/// Tasks by their longest way to the end, blurred by up to the length of the critical path.
fn random_list(network: &Network, seed: Seed, restart: u64) -> Vec<usize> {
    let tails = network.tails(&network.durations);
    let length = tails
        .iter()
        .zip(&network.durations)
        .map(|(t, d)| t + d)
        .max()
        .unwrap_or(0) as f64;
    let mut rng = seed.stream("roadmap/restart", restart);
    let blur = rng.random::<f64>() * length + 1.0;
    let keys: Vec<f64> = (0..network.len())
        .map(|k| -((tails[k] + network.durations[k]) as f64) + blur * rng.random::<f64>())
        .collect();
    let mut order: Vec<usize> = (0..network.len()).collect();
    order.sort_by(|a, b| keys[*a].total_cmp(&keys[*b]).then(a.cmp(b)));
    order
}

fn improved(network: &Network, list: &[usize], rounds: usize) -> Vec<usize> {
    let mut best = serial(network, &network.durations, list);
    for _ in 0..rounds {
        let order = justified(network, &network.durations, &best);
        let next = serial(network, &network.durations, &order);
        if objective(network, &next) >= objective(network, &best) {
            break;
        }
        best = next;
    }
    best
}

fn dated(network: &Network, start_year: Year, starts: &[usize]) -> Schedule {
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
    tasks.sort_by(|a, b| (a.start_quarter, &a.id).cmp(&(b.start_quarter, &b.id)));
    let makespan = objective(network, starts).0;
    let bound = lower_bound(network);
    Schedule {
        tasks,
        makespan_years: makespan as f64 / per_year,
        lower_bound_years: bound as f64 / per_year,
        gap: if bound > 0 {
            (makespan - bound) as f64 / bound as f64
        } else {
            0.0
        },
    }
}
