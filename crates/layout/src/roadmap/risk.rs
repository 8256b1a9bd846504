//! When will it be done, given that durations are uncertain? Policy simulation.
//!
//! Each draw takes every duration triangularly within its range and runs the plan's activity list through
//! the serial scheme again: dates shift as they would, instead of standing fixed (Möhring, Radermacher &
//! Weiss 1984: earliest-start list policies). Merging paths push the mean later than the plan, so the
//! planned date usually holds in fewer than half of the draws.
//!
//! ```text
//! P50, P80       order statistics of the finishes, with their 95 % distribution-free range
//! holds          share of draws in which the task is finished by its planned date
//! criticality    share of draws in which the task lies on a chain that determines the end of the whole
//! reached        Π success over the task and all its predecessors, gates independent
//! ```
//!
//! Dates are conditional on success; `reached` is the probability of getting there at all. A chain runs
//! backwards from the last finishes: from a task to those that end when it starts and that it waited for,
//! as predecessors or because their stage was full. A start delayed only by the starts of a year ends it.

use std::collections::{BTreeMap, BTreeSet};

use model::{Basis, Estimate, Industry, Message, Quantity, Refusal, Seed};
use rand::RngExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::generation::serial;
use super::network::{Network, QUARTERS_PER_YEAR, network, quarters};
use super::plan::Schedule;
use super::task::{Limits, Stage, Task, TaskId};
use crate::interval::{quantile, share};
use crate::refusal;
use crate::triangular::triangular;

/// With fewer draws, the range of P80 would run past the largest of them.
const LEAST_DRAWS: usize = 50;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SimulateParams {
    /// At least 50.
    pub draws: usize,
}

impl Default for SimulateParams {
    fn default() -> Self {
        Self { draws: 2_000 }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct TaskRisk {
    pub id: TaskId,
    /// Decimal years.
    pub p50: Estimate,
    pub p80: Estimate,
    /// Probability that the planned finish holds.
    pub holds: Estimate,
    /// Share of draws on a critical chain.
    pub criticality: Estimate,
    /// Probability that the task is completed at all; not estimated when neither it nor any predecessor
    /// has a gate.
    pub reached: Quantity,
    /// Tasks in that product that have no gate and count as sure.
    pub without_gate: usize,
}

/// The day on which an industry has its production capacity: the end of its last task of that stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Milestone {
    pub industry: Industry,
    /// Planned date, decimal year; `None` if the industry has no task of the stage.
    pub planned: Option<f64>,
    pub p50: Quantity,
    pub p80: Quantity,
    pub holds: Quantity,
    pub reached: Quantity,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Risk {
    pub draws: usize,
    /// By id.
    pub tasks: Vec<TaskRisk>,
    /// By industry.
    pub milestones: Vec<Milestone>,
    /// Probability that the whole roadmap ends by its planned date.
    pub makespan_holds: Estimate,
}

/// Simulates `schedule`, which must be a schedule of the same tasks. Every task has a random stream of its
/// own, so neither row order nor threads change the draws.
pub fn simulate(
    tasks: &[Task],
    schedule: &Schedule,
    limits: &Limits,
    params: &SimulateParams,
    seed: Seed,
) -> Result<Risk, Box<Refusal>> {
    let network = network(tasks, limits)?;
    if params.draws < LEAST_DRAWS {
        return Err(refusal("roadmap.too_few_draws", |m| {
            m.with("draws", params.draws).with("least", LEAST_DRAWS)
        }));
    }
    let list: Vec<usize> = schedule
        .tasks
        .iter()
        .filter_map(|p| network.ids.binary_search(&p.id).ok())
        .collect();
    let distinct: BTreeSet<&usize> = list.iter().collect();
    if distinct.len() != network.len() || schedule.tasks.len() != network.len() {
        return Err(refusal("roadmap.other_schedule", |m| m));
    }
    let draws: Vec<Draw> = (0..params.draws as u64)
        .into_par_iter()
        .map(|draw| run(&network, &list, seed, draw))
        .collect();
    let planned: BTreeMap<&TaskId, usize> = schedule
        .tasks
        .iter()
        .map(|p| (&p.id, p.finish_quarter))
        .collect();
    let start = f64::from(limits.start_year.0);
    let by_id: BTreeMap<&TaskId, &Task> = tasks.iter().map(|t| (&t.id, t)).collect();
    let ordered: Vec<&Task> = network.ids.iter().map(|id| by_id[id]).collect();
    let basis = network
        .years
        .iter()
        .fold(Basis::Derived, |weakest, y| weakest.and(y.basis));
    let view = View {
        network: &network,
        tasks: &ordered,
        draws: &draws,
        planned: network.ids.iter().map(|id| planned[id]).collect(),
        start,
        basis,
    };
    let end = view.planned.iter().copied().max().unwrap_or(0);
    let on_time = draws
        .iter()
        .filter(|d| d.finishes.iter().all(|f| *f <= end))
        .count();
    Ok(Risk {
        draws: params.draws,
        tasks: (0..network.len()).map(|k| view.task(k)).collect(),
        milestones: view.milestones(),
        makespan_holds: share(on_time, draws.len(), basis),
    })
}

struct Draw {
    finishes: Vec<usize>,
    critical: Vec<bool>,
}

fn run(network: &Network, list: &[usize], seed: Seed, draw: u64) -> Draw {
    let durations: Vec<usize> = (0..network.len())
        .map(|k| {
            let label = format!("roadmap/{}", network.ids[k]);
            let u: f64 = seed.stream(&label, draw).random();
            quarters(triangular(&network.years[k], u))
        })
        .collect();
    let starts = serial(network, &durations, list);
    Draw {
        finishes: (0..network.len())
            .map(|k| starts[k] + durations[k])
            .collect(),
        critical: critical(network, &starts, &durations),
    }
}

fn critical(network: &Network, starts: &[usize], durations: &[usize]) -> Vec<bool> {
    let n = network.len();
    let finish = |k: usize| starts[k] + durations[k];
    let end = (0..n).map(finish).max().unwrap_or(0);
    let mut critical: Vec<bool> = (0..n).map(|k| finish(k) == end).collect();
    let mut open: Vec<usize> = (0..n).filter(|k| critical[*k]).collect();
    while let Some(k) = open.pop() {
        let start = starts[k];
        let was_full = start > 0
            && network.capacity[network.stages[k] as usize].is_some_and(|most| {
                let running = (0..n)
                    .filter(|j| network.stages[*j] == network.stages[k])
                    .filter(|j| starts[*j] < start && finish(*j) >= start)
                    .count();
                running >= most
            });
        for j in 0..n {
            let waited_for = network.before[k].contains(&j)
                || (was_full && durations[j] > 0 && network.stages[j] == network.stages[k]);
            if !critical[j] && finish(j) == start && waited_for {
                critical[j] = true;
                open.push(j);
            }
        }
    }
    critical
}

struct View<'a> {
    network: &'a Network,
    tasks: &'a [&'a Task],
    draws: &'a [Draw],
    planned: Vec<usize>,
    start: f64,
    basis: Basis,
}

impl View<'_> {
    /// P50, P80 and the probability of the planned date, for the last finish of `group` in each draw.
    fn dates(&self, group: &[usize]) -> (Estimate, Estimate, Estimate) {
        let mut finishes: Vec<usize> = self
            .draws
            .iter()
            .map(|d| group.iter().map(|k| d.finishes[*k]).max().unwrap_or(0))
            .collect();
        let planned = group.iter().map(|k| self.planned[*k]).max().unwrap_or(0);
        let in_time = finishes.iter().filter(|f| **f <= planned).count();
        finishes.sort_unstable();
        let dates: Vec<f64> = finishes.iter().map(|f| self.date(*f)).collect();
        (
            quantile(&dates, 0.5, self.basis),
            quantile(&dates, 0.8, self.basis),
            share(in_time, self.draws.len(), self.basis),
        )
    }

    fn date(&self, quarter: usize) -> f64 {
        self.start + quarter as f64 / QUARTERS_PER_YEAR as f64
    }

    fn task(&self, k: usize) -> TaskRisk {
        let (p50, p80, holds) = self.dates(&[k]);
        let critical = self.draws.iter().filter(|d| d.critical[k]).count();
        let (reached, without_gate) = self.reached(&[k]);
        TaskRisk {
            id: self.network.ids[k].clone(),
            p50,
            p80,
            holds,
            criticality: share(critical, self.draws.len(), self.basis),
            reached,
            without_gate,
        }
    }

    /// Product of the gates of `group` and all its predecessors, with the product of their ranges.
    fn reached(&self, group: &[usize]) -> (Quantity, usize) {
        let mut needed: BTreeSet<usize> = BTreeSet::new();
        let mut open = group.to_vec();
        while let Some(k) = open.pop() {
            if needed.insert(k) {
                open.extend(&self.network.before[k]);
            }
        }
        let gates: Vec<Estimate> = needed
            .iter()
            .filter_map(|k| self.tasks[*k].success)
            .collect();
        let without = needed.len() - gates.len();
        let product = gates.into_iter().reduce(Estimate::times);
        let reached = product.map_or_else(
            || Quantity::not_estimated(Message::new("roadmap.no_gate")),
            Quantity::from,
        );
        (reached, without)
    }

    fn milestones(&self) -> Vec<Milestone> {
        let mut groups: BTreeMap<&Industry, Vec<usize>> = BTreeMap::new();
        for (k, task) in self.tasks.iter().enumerate() {
            let group = groups.entry(&task.industry).or_default();
            if task.stage == Stage::Capacity {
                group.push(k);
            }
        }
        groups
            .into_iter()
            .map(|(industry, group)| {
                if group.is_empty() {
                    let missing = || Quantity::not_estimated(Message::new("roadmap.no_milestone"));
                    return Milestone {
                        industry: industry.clone(),
                        planned: None,
                        p50: missing(),
                        p80: missing(),
                        holds: missing(),
                        reached: missing(),
                    };
                }
                let (p50, p80, holds) = self.dates(&group);
                let planned = group.iter().map(|k| self.planned[*k]).max();
                Milestone {
                    industry: industry.clone(),
                    planned: planned.map(|q| self.date(q)),
                    p50: p50.into(),
                    p80: p80.into(),
                    holds: holds.into(),
                    reached: self.reached(&group).0,
                }
            })
            .collect()
    }
}
