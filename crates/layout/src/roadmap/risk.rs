//! When will it be done, given that durations are uncertain? Policy simulation.
//!
//! Each draw takes every duration from its distribution ([`super::duration`]) and runs the plan's activity list
//! again: dates shift as they would, instead of standing fixed, and nobody plans anew with hindsight. Merging paths
//! push the mean later than the plan, so the planned date usually holds in fewer than half of the draws.
//!
//! ```text
//! P50, P80       order statistics of the finishes, with their 95 % distribution-free range
//! slack          P80 - planned finish: what a date that holds in four of five draws has to contain
//! holds          share of draws in which the task is finished by its planned date
//! criticality    CI_i, share of draws in which the task lies on a chain that determines the end of the whole
//! cruciality     corr(d_i, makespan)                         (Williams 1992), range by Fisher's z
//! SSI            CI_i · sd(d_i) / sd(makespan)               (schedule sensitivity index; Vanhoucke 2010)
//! reached        Π over the task and all its predecessors of 1 - (1 - success)^(R+1), gates independent
//! ```
//!
//! Dates are conditional on success; `reached` is the probability of getting there at all. A correlation with a range is
//! taken at its value and its ends; P50, P80, slack and shares then span what the three say. A chain runs
//! backwards from the last finishes: from a task to those that end when it starts and that it waited for,
//! as predecessors or because their stage was full. A start delayed only by the money of a year ends it.

use std::collections::{BTreeMap, BTreeSet};

use model::{Basis, Estimate, Industry, Message, Quantity, Refusal, Seed};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::duration::{Quantile, Rework, Shape, drawn};
use super::network::{Network, QUARTERS_PER_YEAR, network, quarters};
use super::plan::Schedule;
use super::policy::follow;
use super::task::{Limits, Stage, Task, TaskId};
use crate::interval::{Z95, quantile, share};
use crate::refusal;

/// With fewer draws, the range of P80 would run past the largest of them.
const LEAST_DRAWS: usize = 50;

/// Correlation ρ of the tasks of one field, with its range, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correlation {
    pub low: f64,
    pub value: f64,
    pub high: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SimulateParams {
    /// At least 50.
    pub draws: usize,
    pub shape: Shape,
    /// Default: independent.
    pub correlation: Correlation,
    pub rework: Rework,
}

impl Default for SimulateParams {
    fn default() -> Self {
        Self {
            draws: 2_000,
            shape: Shape::default(),
            correlation: Correlation::default(),
            rework: Rework::default(),
        }
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
    /// P80 less the planned finish, years.
    pub slack: Estimate,
    /// Share of draws on a critical chain.
    pub criticality: Estimate,
    /// Not estimated where the duration or the makespan does not vary.
    pub cruciality: Quantity,
    pub sensitivity: Quantity,
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
    pub slack: Quantity,
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

/// The durations that [`simulate`] draws, for those who carry a draw further than the roadmap.
#[derive(Debug)]
pub struct Durations {
    network: Network,
    quantiles: Vec<Quantile>,
    rework: Rework,
    /// Place in the network of each task, in the order they were given.
    places: Vec<usize>,
}

impl Durations {
    /// Refuses what [`simulate`] refuses of tasks and settings.
    pub fn new(
        tasks: &[Task],
        limits: &Limits,
        params: &SimulateParams,
    ) -> Result<Self, Box<Refusal>> {
        let network = network(tasks, limits)?;
        checked(&network, params)?;
        let place = |task: &Task| {
            let found = network.ids.binary_search(&task.id);
            found.expect("invariant: the network holds every task")
        };
        Ok(Self {
            places: tasks.iter().map(place).collect(),
            quantiles: quantiles(&network, params.shape),
            rework: params.rework,
            network,
        })
    }

    /// Years of every task in draw `draw`, repeats included, in the order the tasks were given.
    pub fn draw(&self, correlation: f64, seed: Seed, draw: u64) -> Vec<f64> {
        let rho = correlation.clamp(0.0, 1.0);
        let years = drawn(&self.network, &self.quantiles, rho, self.rework, seed, draw);
        self.places.iter().map(|k| years[*k]).collect()
    }
}

fn quantiles(network: &Network, shape: Shape) -> Vec<Quantile> {
    let years = network.years.iter();
    years.map(|years| Quantile::of(shape, years)).collect()
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
    checked(&network, params)?;
    let list: Vec<usize> = schedule
        .tasks
        .iter()
        .filter_map(|p| network.ids.binary_search(&p.id).ok())
        .collect();
    let distinct: BTreeSet<&usize> = list.iter().collect();
    if distinct.len() != network.len() || schedule.tasks.len() != network.len() {
        return Err(refusal("roadmap.other_schedule", |m| m));
    }
    let by_id: BTreeMap<&TaskId, &Task> = tasks.iter().map(|t| (&t.id, t)).collect();
    let mut planned = vec![0; network.len()];
    let mut starts = vec![0; network.len()];
    for (k, placed) in list.iter().zip(&schedule.tasks) {
        planned[*k] = placed.finish_quarter;
        starts[*k] = placed.start_quarter;
    }
    let free = vec![0; network.len()];
    let early = follow(&network, &network.durations, &free, &list);
    let earliest = if early.as_ref() == Some(&starts) {
        free
    } else {
        starts
    };
    let at = |correlation: f64| -> Result<Risk, Box<Refusal>> {
        let draws = draws(&network, (&list, &earliest), params, correlation, seed)
            .ok_or_else(|| refusal("roadmap.no_schedule", |m| m))?;
        let view = View {
            network: &network,
            tasks: network.ids.iter().map(|id| by_id[id]).collect(),
            draws: &draws,
            planned: &planned,
            start: f64::from(limits.start_year.0),
            rework: params.rework,
            basis: network
                .years
                .iter()
                .fold(Basis::Derived, |weakest, y| weakest.and(y.basis)),
        };
        Ok(view.risk())
    };
    let Correlation { low, value, high } = params.correlation;
    let mut risk = at(value)?;
    for end in [low, high] {
        if (end - value).abs() > 0.0 {
            risk.span(&at(end)?);
        }
    }
    Ok(risk)
}

fn checked(network: &Network, params: &SimulateParams) -> Result<(), Box<Refusal>> {
    if params.draws < LEAST_DRAWS {
        return Err(refusal("roadmap.too_few_draws", |m| {
            m.with("draws", params.draws).with("least", LEAST_DRAWS)
        }));
    }
    let Correlation { low, value, high } = params.correlation;
    if !(0.0 <= low && low <= value && value <= high && high <= 1.0) {
        return Err(refusal("roadmap.correlation", |m| {
            m.with("low", low).with("value", value).with("high", high)
        }));
    }
    let share = params.rework.share;
    if !(0.0..=10.0).contains(&share) || params.rework.most > 100 {
        return Err(refusal("roadmap.rework", |m| {
            m.with("share", share)
                .with("most", params.rework.most as usize)
        }));
    }
    let unusable = (0..network.len()).find(|k| {
        let years = &network.years[*k];
        params.shape == Shape::Lognormal && years.width() > 0.0 && years.low <= 0.0
    });
    match unusable {
        Some(k) => Err(refusal("roadmap.lognormal", |m| {
            m.with("task", network.ids[k].to_string())
        })),
        None => Ok(()),
    }
}

impl Risk {
    /// Widens every range to hold what `other` says.
    fn span(&mut self, other: &Self) {
        let wide = |mine: &mut Estimate, theirs: &Estimate| {
            *mine = Estimate::spanning(
                mine.value,
                mine.low.min(theirs.low),
                mine.high.max(theirs.high),
                mine.basis,
            );
        };
        let quantity = |mine: &mut Quantity, theirs: &Quantity| {
            if let (Quantity::Estimated(mine), Quantity::Estimated(theirs)) = (mine, theirs) {
                wide(mine, theirs);
            }
        };
        for (mine, theirs) in self.tasks.iter_mut().zip(&other.tasks) {
            wide(&mut mine.p50, &theirs.p50);
            wide(&mut mine.p80, &theirs.p80);
            wide(&mut mine.holds, &theirs.holds);
            wide(&mut mine.slack, &theirs.slack);
            wide(&mut mine.criticality, &theirs.criticality);
            quantity(&mut mine.cruciality, &theirs.cruciality);
            quantity(&mut mine.sensitivity, &theirs.sensitivity);
        }
        for (mine, theirs) in self.milestones.iter_mut().zip(&other.milestones) {
            quantity(&mut mine.p50, &theirs.p50);
            quantity(&mut mine.p80, &theirs.p80);
            quantity(&mut mine.holds, &theirs.holds);
            quantity(&mut mine.slack, &theirs.slack);
        }
        wide(&mut self.makespan_holds, &other.makespan_holds);
    }
}

struct Draw {
    durations: Vec<usize>,
    finishes: Vec<usize>,
    critical: Vec<bool>,
    makespan: usize,
}

/// `None` where a task of some draw finds no year with the money for it.
fn draws(
    network: &Network,
    (list, earliest): (&[usize], &[usize]),
    params: &SimulateParams,
    correlation: f64,
    seed: Seed,
) -> Option<Vec<Draw>> {
    let quantiles = quantiles(network, params.shape);
    (0..params.draws as u64)
        .into_par_iter()
        .map(|draw| {
            let years = drawn(network, &quantiles, correlation, params.rework, seed, draw);
            let durations: Vec<usize> = years.into_iter().map(quarters).collect();
            let starts = follow(network, &durations, earliest, list)?;
            let finishes: Vec<usize> = starts.iter().zip(&durations).map(|(s, d)| s + d).collect();
            Some(Draw {
                critical: critical(network, &starts, &durations),
                makespan: finishes.iter().copied().max().unwrap_or(0),
                finishes,
                durations,
            })
        })
        .collect()
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
    tasks: Vec<&'a Task>,
    draws: &'a [Draw],
    planned: &'a [usize],
    start: f64,
    rework: Rework,
    basis: Basis,
}

impl View<'_> {
    fn risk(&self) -> Risk {
        let end = self.planned.iter().copied().max().unwrap_or(0);
        let on_time = self.draws.iter().filter(|d| d.makespan <= end).count();
        Risk {
            draws: self.draws.len(),
            tasks: (0..self.network.len()).map(|k| self.task(k)).collect(),
            milestones: self.milestones(),
            makespan_holds: share(on_time, self.draws.len(), self.basis),
        }
    }

    /// P80 less the planned date.
    fn slack(&self, p80: &Estimate, planned: usize) -> Estimate {
        let planned = self.date(planned);
        Estimate::spanning(
            p80.value - planned,
            p80.low - planned,
            p80.high - planned,
            p80.basis,
        )
    }

    /// Cruciality and sensitivity of a task with this criticality.
    fn drivers(&self, k: usize, criticality: &Estimate) -> (Quantity, Quantity) {
        let n = self.draws.len() as f64;
        let mean = |of: &dyn Fn(&Draw) -> f64| self.draws.iter().map(of).sum::<f64>() / n;
        let own = |d: &Draw| d.durations[k] as f64;
        let whole = |d: &Draw| d.makespan as f64;
        let (a, b) = (mean(&own), mean(&whole));
        let var_own = mean(&|d| (own(d) - a).powi(2));
        let var_whole = mean(&|d| (whole(d) - b).powi(2));
        if var_own <= 0.0 || var_whole <= 0.0 {
            let missing = || Quantity::not_estimated(Message::new("roadmap.no_spread"));
            return (missing(), missing());
        }
        let r = mean(&|d| (own(d) - a) * (whole(d) - b)) / (var_own * var_whole).sqrt();
        let r = r.clamp(-1.0, 1.0);
        // Fisher's z: atanh r ± 1.96 / sqrt(n - 3).
        let half = Z95 / (n - 3.0).sqrt();
        let inner = r.clamp(-1.0 + 1e-15, 1.0 - 1e-15).atanh();
        let cruciality = Estimate::spanning(
            r,
            (inner - half).tanh().min(r),
            (inner + half).tanh().max(r),
            self.basis,
        );
        let ratio = (var_own / var_whole).sqrt();
        let sensitivity = Estimate::spanning(
            criticality.value * ratio,
            criticality.low * ratio,
            criticality.high * ratio,
            self.basis,
        );
        (cruciality.into(), sensitivity.into())
    }

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
        let criticality = share(critical, self.draws.len(), self.basis);
        let (cruciality, sensitivity) = self.drivers(k, &criticality);
        let (reached, without_gate) = self.reached(&[k]);
        TaskRisk {
            id: self.network.ids[k].clone(),
            p50,
            p80,
            holds,
            slack: self.slack(&p80, self.planned[k]),
            criticality,
            cruciality,
            sensitivity,
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
            .map(|gate| self.rework.passed(gate))
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
                        slack: missing(),
                        reached: missing(),
                    };
                }
                let (p50, p80, holds) = self.dates(&group);
                let planned = group.iter().map(|k| self.planned[*k]).max();
                let slack = self.slack(&p80, planned.unwrap_or(0));
                Milestone {
                    industry: industry.clone(),
                    planned: planned.map(|q| self.date(q)),
                    p50: p50.into(),
                    p80: p80.into(),
                    holds: holds.into(),
                    slack: slack.into(),
                    reached: self.reached(&group).0,
                }
            })
            .collect()
    }
}
