//! Multi-dimensional 0-1 knapsacks: `max sum p_j x_j, sum_j w_ij x_j <= b_i` (Petersen 1967 for the selection of R&D projects;
//! Chu & Beasley 1998 for the instances in use), and generalised assignment.
//!
//! First a local search with a fixed number of rounds, guided by the prices of the linear relaxation (pseudo-utility
//! `p_j / sum_i u_i w_ij`, Pirkul 1987): drop a few items, fill up greedily with a little noise, swap one for one
//! while that gains; a slightly worse plan may be accepted (threshold accepting, Dueck & Scheuer 1990). Then side by side: branch and
//! bound from that plan, which brings the bound; and neighbourhoods solved exactly, where items that the relaxation leaves open are
//! freed and all others stay (large neighbourhood search, Shaw 1998). Neither hears of the other before it ends, but that a proved
//! optimum ends the neighbourhoods, whose plans then do not count: the same on any number of threads.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use model::{Message, Seed};
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::plan::Unsolved;
use crate::solver::{Col, Ended, Limits, Outcome, Program, Worth};

#[derive(Debug, Clone, PartialEq)]
pub struct Knapsack {
    pub gains: Vec<f64>,
    /// By constraint, then item.
    pub uses: Vec<Vec<f64>>,
    pub capacities: Vec<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KnapsackParams {
    /// Rounds of the local search.
    pub rounds: usize,
    /// Neighbourhoods that are solved exactly beside the branch and bound.
    pub neighbourhoods: usize,
    pub seed: Seed,
    /// Of the branch and bound after it; its clock also stops the local search.
    pub limits: Limits,
}

impl Default for KnapsackParams {
    fn default() -> Self {
        Self {
            rounds: 10_000,
            neighbourhoods: 600,
            seed: Seed(1),
            limits: Limits::default(),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Packed {
    /// Positions of the items taken, ascending.
    pub chosen: Vec<usize>,
    pub worth: Worth,
    /// Value of the linear relaxation.
    pub relaxation: f64,
    /// What the local search reached.
    pub searched: f64,
}

/// The most valuable set of items that fits.
pub fn pack(knapsack: &Knapsack, params: &KnapsackParams) -> Result<Packed, Unsolved> {
    check(knapsack)?;
    let clock = Instant::now();
    let limit = params
        .limits
        .time_limit_seconds
        .map(Duration::from_secs_f64);
    let left = |limit: Duration| limit.saturating_sub(clock.elapsed());
    let mut program = Program::default();
    let columns: Vec<Col> = knapsack.gains.iter().map(|g| program.switch(*g)).collect();
    for (uses, capacity) in knapsack.uses.iter().zip(&knapsack.capacities) {
        let terms = columns.iter().copied().zip(uses.iter().copied());
        program.at_most(terms.filter(|(_, w)| *w != 0.0).collect(), *capacity);
    }
    let Outcome::Solved(relaxed) = program.relaxed().maximise(&params.limits, None) else {
        return Err(Unsolved::stopped());
    };
    let mut search = Search::new(knapsack, &relaxed.duals, &relaxed.reduced);
    // A fifth of the time for the local search, the rest for neighbourhoods and bound at once.
    let until = |fifths: u32| limit.map(|limit| clock + limit * fifths / 5);
    let mut stopped = search.run(params.rounds, params.seed, until(1));
    let start = search.plan();
    let searched = search.best_value;
    let limits = Limits {
        time_limit_seconds: limit.map(|limit| left(limit).as_secs_f64()),
        ..params.limits
    };
    let proved = AtomicBool::new(false);
    let bound = |limits: &Limits| {
        let found = program.maximise(limits, Some(&start));
        let ended = matches!(&found, Outcome::Solved(s) if s.ended == Ended::Proved);
        proved.store(ended, Ordering::Relaxed);
        found
    };
    let (found, struck) = if rayon::current_num_threads() > 1 {
        rayon::join(
            || bound(&limits),
            || search.neighbourhoods(&program, params, until(5), &proved),
        )
    } else {
        // One after the other: half of the clock for each.
        let struck = search.neighbourhoods(&program, params, until(3), &proved);
        let rest = limit.map(|limit| left(limit).as_secs_f64());
        let limits = Limits {
            time_limit_seconds: rest,
            ..limits
        };
        (bound(&limits), struck)
    };
    stopped |= struck;
    let (best, value) = (search.plan(), search.best_value);
    let (values, mut worth) = match found {
        // A proved optimum is the answer whatever the neighbourhoods had reached by then.
        Outcome::Solved(solved)
            if solved.value >= value
                || (proved.load(Ordering::Relaxed) && solved.value >= searched) =>
        {
            let worth = Worth::from(&solved);
            (solved.values, worth)
        }
        Outcome::Solved(solved) => {
            let bound = solved.bound.max(value);
            (
                best,
                Worth {
                    value,
                    bound,
                    ended: solved.ended,
                },
            )
        }
        // Branch and bound found nothing in time: the plan of the searches and the relaxation's bound remain.
        Outcome::Stopped { bound } => {
            let bound = bound.min(relaxed.value);
            (
                best,
                Worth {
                    value,
                    bound,
                    ended: Ended::Clock,
                },
            )
        }
        Outcome::Infeasible => return Err(Unsolved::stopped()),
    };
    if stopped && worth.ended != Ended::Proved {
        worth.ended = Ended::Clock;
    }
    worth.bound = worth.bound.min(relaxed.value.max(worth.value));
    Ok(Packed {
        chosen: (0..values.len()).filter(|j| values[*j] > 0.5).collect(),
        worth,
        relaxation: relaxed.value,
        searched,
    })
}

fn check(knapsack: &Knapsack) -> Result<(), Unsolved> {
    let n = knapsack.gains.len();
    let numbers = (knapsack.gains.iter())
        .chain(knapsack.uses.iter().flatten())
        .chain(&knapsack.capacities);
    let whole = knapsack.uses.len() == knapsack.capacities.len()
        && knapsack.uses.iter().all(|row| row.len() == n);
    if whole && numbers.into_iter().all(|x| x.is_finite() && *x >= 0.0) {
        Ok(())
    } else {
        Err(Unsolved::Invalid(vec![Message::new(
            "portfolio.check.knapsack",
        )]))
    }
}

/// Threshold that a worse plan may fall short of the current one, relative.
const WORSE: f64 = 2e-3;
/// Items of a neighbourhood, and nodes of its search.
const FREED: usize = 30;
const NEIGHBOURHOOD_NODES: usize = 100;
/// Neighbourhoods without a better plan after which no further one is tried.
const IDLE: usize = 150;
/// Rounds without a better plan after which the search returns to its best.
const PATIENCE: usize = 400;

struct Search {
    gains: Vec<f64>,
    /// By item, then constraint: one item's uses lie together.
    uses: Vec<Vec<f64>>,
    capacities: Vec<f64>,
    utility: Vec<f64>,
    /// Items that the relaxation leaves open, the most open first.
    core: Vec<usize>,
    best: Vec<bool>,
    best_value: f64,
}

/// A plan on the way.
#[derive(Clone)]
struct Load {
    taken: Vec<bool>,
    free: Vec<f64>,
    value: f64,
}

impl Search {
    fn new(knapsack: &Knapsack, prices: &[f64], reduced: &[f64]) -> Self {
        let n = knapsack.gains.len();
        let uses: Vec<Vec<f64>> = (0..n)
            .map(|j| knapsack.uses.iter().map(|row| row[j]).collect())
            .collect();
        let utility = (0..n)
            .map(|j| {
                let price: f64 = uses[j]
                    .iter()
                    .zip(prices)
                    .map(|(w, u)| w * u.max(0.0))
                    .sum();
                knapsack.gains[j] / (price + 1e-9 * knapsack.gains[j].max(1e-9))
            })
            .collect();
        let mut core: Vec<usize> = (0..n).collect();
        let open = |j: usize| reduced.get(j).map_or(0.0, |r| r.abs());
        core.sort_by(|a, b| open(*a).total_cmp(&open(*b)).then(a.cmp(b)));
        core.truncate((n / 3).max(60));
        Self {
            gains: knapsack.gains.clone(),
            uses,
            capacities: knapsack.capacities.clone(),
            utility,
            core,
            best: vec![false; n],
            best_value: 0.0,
        }
    }

    /// Whether the clock ended it.
    fn run(&mut self, rounds: usize, seed: Seed, until: Option<Instant>) -> bool {
        let mut random = seed.stream("portfolio.knapsack", 0);
        let mut now = Load {
            taken: vec![false; self.gains.len()],
            free: self.capacities.clone(),
            value: 0.0,
        };
        self.fill(&mut now, &[], 0.0, &mut random);
        self.swap(&mut now);
        self.keep(&now);
        let mut since = 0;
        for round in 0..rounds {
            if round % 256 == 0 && until.is_some_and(|until| Instant::now() >= until) {
                return true;
            }
            let mut next = now.clone();
            let dropped = self.drop_some(&mut next, &mut random);
            self.fill(&mut next, &dropped, 0.05, &mut random);
            self.swap(&mut next);
            if next.value >= now.value - WORSE * random.random::<f64>() * now.value.abs() {
                now = next;
            }
            since += 1;
            if self.keep(&now) {
                since = 0;
            }
            if since >= PATIENCE {
                since = 0;
                now = self.load_of(&self.best);
            }
        }
        false
    }

    /// The best plan, a number for each item.
    fn plan(&self) -> Vec<f64> {
        let taken = self.best.iter();
        taken.map(|x| f64::from(u8::from(*x))).collect()
    }

    /// Frees some items of the core, holds all others, and solves what is left, until `done`. Whether the clock ended it.
    fn neighbourhoods(
        &mut self,
        program: &Program,
        params: &KnapsackParams,
        until: Option<Instant>,
        done: &AtomicBool,
    ) -> bool {
        let mut random = params.seed.stream("portfolio.knapsack.neighbourhood", 0);
        let limits = Limits {
            relative_gap: 0.0,
            node_limit: Some(NEIGHBOURHOOD_NODES),
            time_limit_seconds: None,
        };
        if self.gains.len() <= FREED {
            return false;
        }
        let mut idle = 0;
        for _ in 0..params.neighbourhoods {
            if idle >= IDLE {
                return false;
            }
            idle += 1;
            if done.load(Ordering::Relaxed) {
                return false;
            }
            if until.is_some_and(|until| Instant::now() >= until) {
                return true;
            }
            // The more open an item, the likelier it is freed.
            let mut ranked: Vec<(f64, usize)> = (self.core.iter().enumerate())
                .map(|(rank, j)| ((rank as f64 + 10.0) * random.random::<f64>(), *j))
                .collect();
            ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let free: Vec<usize> = ranked.into_iter().take(FREED).map(|(_, j)| j).collect();
            let mut open = vec![false; self.gains.len()];
            for j in &free {
                open[*j] = true;
            }
            let mut small = Program::default();
            let columns: Vec<Col> = free.iter().map(|j| small.switch(self.gains[*j])).collect();
            for (row, capacity) in program.rows.iter().zip(&self.capacities) {
                let held: f64 = (row.terms.iter())
                    .filter(|(c, _)| self.best[c.0] && !open[c.0])
                    .map(|(_, w)| w)
                    .sum();
                let i = small.rows.len();
                let terms = columns
                    .iter()
                    .zip(&free)
                    .map(|(c, j)| (*c, self.uses[*j][i]));
                small.at_most(terms.collect(), capacity - held);
            }
            let start: Vec<f64> = free
                .iter()
                .map(|j| f64::from(u8::from(self.best[*j])))
                .collect();
            if let Outcome::Solved(solved) = small.maximise(&limits, Some(&start)) {
                let mut taken = self.best.clone();
                for (j, x) in free.iter().zip(&solved.values) {
                    taken[*j] = *x > 0.5;
                }
                let load = self.load_of(&taken);
                if load.free.iter().all(|f| *f >= -SLACK) && self.keep(&load) {
                    idle = 0;
                }
            }
        }
        false
    }

    fn keep(&mut self, load: &Load) -> bool {
        let better = load.value > self.best_value + 1e-9;
        if better {
            self.best_value = load.value;
            self.best.clone_from(&load.taken);
        }
        better
    }

    fn load_of(&self, taken: &[bool]) -> Load {
        let mut load = Load {
            taken: vec![false; taken.len()],
            free: self.capacities.clone(),
            value: 0.0,
        };
        for j in (0..taken.len()).filter(|j| taken[*j]) {
            self.take(&mut load, j);
        }
        load
    }

    fn fits(&self, load: &Load, j: usize) -> bool {
        self.uses[j]
            .iter()
            .zip(&load.free)
            .all(|(w, f)| *w <= *f + SLACK)
    }

    fn take(&self, load: &mut Load, j: usize) {
        load.taken[j] = true;
        load.value += self.gains[j];
        for (f, w) in load.free.iter_mut().zip(&self.uses[j]) {
            *f -= w;
        }
    }

    fn give(&self, load: &mut Load, j: usize) {
        load.taken[j] = false;
        load.value -= self.gains[j];
        for (f, w) in load.free.iter_mut().zip(&self.uses[j]) {
            *f += w;
        }
    }

    /// Gives back one to six items of the core; they may not return at once.
    fn drop_some(&self, load: &mut Load, random: &mut impl Rng) -> Vec<usize> {
        let mut dropped = Vec::new();
        let count = random.random_range(1..=6);
        for _ in 0..count {
            let held: Vec<usize> = self
                .core
                .iter()
                .copied()
                .filter(|j| load.taken[*j])
                .collect();
            if held.is_empty() {
                break;
            }
            let j = held[random.random_range(0..held.len())];
            self.give(load, j);
            if random.random::<f64>() < 0.8 {
                dropped.push(j);
            }
        }
        dropped
    }

    /// Takes what fits, the highest utility first, with relative noise.
    fn fill(&self, load: &mut Load, barred: &[usize], noise: f64, random: &mut impl Rng) {
        let mut open: Vec<(f64, usize)> = (0..self.gains.len())
            .filter(|j| !load.taken[*j] && !barred.contains(j) && self.fits(load, *j))
            .map(|j| {
                (
                    self.utility[j] * (1.0 + noise * (random.random::<f64>() - 0.5)),
                    j,
                )
            })
            .collect();
        open.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        for (_, j) in open {
            if self.fits(load, j) {
                self.take(load, j);
            }
        }
    }

    /// One for one, the best gain first, while there is any; then what fits.
    fn swap(&self, load: &mut Load) {
        loop {
            let mut best: Option<(f64, usize, usize)> = None;
            for &out in self.core.iter().filter(|j| load.taken[**j]) {
                for &into in self.core.iter().filter(|j| !load.taken[**j]) {
                    let gain = self.gains[into] - self.gains[out];
                    if gain > best.map_or(1e-9, |b| b.0) && self.exchange_fits(load, out, into) {
                        best = Some((gain, out, into));
                    }
                }
            }
            let Some((_, out, into)) = best else {
                break;
            };
            self.give(load, out);
            self.take(load, into);
        }
        for &j in &self.core {
            if !load.taken[j] && self.fits(load, j) {
                self.take(load, j);
            }
        }
    }

    fn exchange_fits(&self, load: &Load, out: usize, into: usize) -> bool {
        (self.uses[into].iter().zip(&self.uses[out]).zip(&load.free))
            .all(|((w, v), f)| w - v <= f + SLACK)
    }
}

/// Rounding of sums of published weights.
const SLACK: f64 = 1e-9;

/// Generalised assignment: every job to one agent, agents have capacities.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// By agent, then job; gains, or costs with [`Sense::Least`].
    pub worth: Vec<Vec<f64>>,
    pub uses: Vec<Vec<f64>>,
    pub capacities: Vec<f64>,
    pub sense: Sense,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sense {
    Most,
    Least,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Assigned {
    /// Agent of each job.
    pub agent: Vec<usize>,
    /// In the sense asked for: with [`Sense::Least`] the bound lies below the value.
    pub worth: Worth,
}

pub fn assign(problem: &Assignment, limits: &Limits) -> Result<Assigned, Unsolved> {
    let jobs = problem.worth.first().map_or(0, Vec::len);
    let whole = |rows: &[Vec<f64>]| {
        rows.len() == problem.capacities.len()
            && rows
                .iter()
                .all(|r| r.len() == jobs && r.iter().all(|x| x.is_finite()))
    };
    if jobs == 0 || !whole(&problem.worth) || !whole(&problem.uses) {
        return Err(Unsolved::Invalid(vec![Message::new(
            "portfolio.check.knapsack",
        )]));
    }
    let sign = match problem.sense {
        Sense::Most => 1.0,
        Sense::Least => -1.0,
    };
    let mut program = Program::default();
    let columns: Vec<Vec<Col>> = problem
        .worth
        .iter()
        .map(|row| row.iter().map(|w| program.switch(sign * w)).collect())
        .collect();
    for job in 0..jobs {
        program.equal(columns.iter().map(|row| (row[job], 1.0)).collect(), 1.0);
    }
    for (agent, row) in columns.iter().enumerate() {
        let terms = row.iter().copied().zip(problem.uses[agent].iter().copied());
        program.at_most(terms.collect(), problem.capacities[agent]);
    }
    match program.maximise(limits, None) {
        Outcome::Solved(solved) => Ok(Assigned {
            agent: (0..jobs)
                .map(|job| {
                    columns
                        .iter()
                        .position(|row| solved.values[row[job].0] > 0.5)
                })
                .map(Option::unwrap_or_default)
                .collect(),
            worth: Worth {
                value: sign * solved.value,
                bound: sign * solved.bound,
                ended: solved.ended,
            },
        }),
        Outcome::Infeasible => Err(Unsolved::Infeasible(vec![Message::new(
            "portfolio.infeasible.other",
        )])),
        Outcome::Stopped { .. } => Err(Unsolved::stopped()),
    }
}
