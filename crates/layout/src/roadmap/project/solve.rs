//! The best schedule and a proof of how good it is, in rounds of counted work.
//!
//! Two searches run side by side and meet after every round, so that the answer does not depend on their
//! speed: one improves (lists that evolve, then search for anything shorter), one raises the lower bound
//! (destructive: is a makespan of the bound possible at all? Klein & Scholl 1999). A clock of the caller may
//! only stop early, and the answer then says so.

use model::Seed;
use serde::{Deserialize, Serialize};

use super::check::{Broken, check};
use super::encode::{Encoded, encode};
use super::genetic::Population;
use super::problem::{Anchor, Flaw, Gap, Plan, Project, Time};
use super::serial::Serial;
use crate::roadmap::learning::{End, Lit};

/// How much work a search may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SolveParams {
    /// Conflicts of each of the two searches.
    pub conflicts: u64,
    /// Schedules of the lists that evolve.
    pub schedules: u64,
}

impl Default for SolveParams {
    /// Seconds for projects of a hundred activities.
    fn default() -> Self {
        Self {
            conflicts: 100_000,
            schedules: 200_000,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The makespan is the smallest.
    Optimal,
    /// There is a plan; a shorter one may exist.
    Feasible,
    /// No plan keeps the rules.
    Infeasible,
    /// Neither a plan nor a proof that there is none.
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// Nothing is left to do.
    Proven,
    /// The limits of work are reached: the same everywhere.
    WorkLimit,
    /// The caller's clock: a slower machine may have found less.
    WallLimit,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Solved {
    pub status: Status,
    pub plan: Option<Plan>,
    pub makespan: Option<Time>,
    /// No schedule is shorter.
    pub lower_bound: Time,
    pub stop: Stop,
    /// Conflicts of both searches, and schedules made from lists.
    pub conflicts: u64,
    pub schedules: u64,
    /// Activities of a circle of lags that no schedule can keep.
    pub circle: Vec<usize>,
}

impl Solved {
    /// (makespan - bound) / bound; `None` without a plan.
    pub fn gap(&self) -> Option<f64> {
        let makespan = self.makespan?;
        Some(if self.lower_bound > 0 {
            f64::from(makespan - self.lower_bound) / f64::from(self.lower_bound)
        } else {
            f64::from(makespan)
        })
    }
}

#[derive(Debug, thiserror::Error)]
pub enum SolveError {
    #[error("the project is not well formed")]
    Flawed(Vec<Flaw>),
    /// A bug: the scheduler made a plan that the checker refuses. No such plan leaves.
    #[error("a plan broke its own rules: {0:?}")]
    Broken(Vec<Broken>),
}

/// Conflicts of the first round; later rounds are longer.
const FIRST_ROUND: u64 = 500;
const LONGEST_ROUND: u64 = 10_000;
/// Schedules from lists for each conflict of a round.
const SCHEDULES_PER_CONFLICT: u64 = 2;

struct Search<'a> {
    project: &'a Project,
    horizon: Time,
    best: Option<(Time, Plan)>,
    bound: Time,
    broken: Vec<Broken>,
}

impl Search<'_> {
    fn offer(&mut self, plan: Plan) {
        let makespan = plan.makespan(self.project);
        if self.best.as_ref().is_none_or(|b| makespan < b.0) {
            let broken = check(self.project, &plan);
            if broken.is_empty() {
                self.best = Some((makespan, plan));
            } else {
                self.broken = broken;
            }
        }
    }

    fn shortest(&self) -> Time {
        self.best.as_ref().map_or(self.horizon + 1, |b| b.0)
    }

    fn closed(&self) -> bool {
        self.bound >= self.shortest() || !self.broken.is_empty()
    }
}

/// Solves `project`; `stop` may end the search early, and is asked often.
pub fn solve(
    project: &Project,
    params: &SolveParams,
    seed: Seed,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Solved, SolveError> {
    let flaws = project.flaws();
    if !flaws.is_empty() {
        return Err(SolveError::Flawed(flaws));
    }
    let horizon = project.latest_finish();
    let mut solved = Solved {
        status: Status::Infeasible,
        plan: None,
        makespan: None,
        lower_bound: 0,
        stop: Stop::Proven,
        conflicts: 0,
        schedules: 0,
        circle: circle(project),
    };
    if !solved.circle.is_empty() {
        return Ok(solved);
    }
    let mut search = Search {
        project,
        horizon,
        best: None,
        bound: 0,
        broken: Vec::new(),
    };
    let mut lists = Serial::of(project, horizon).map(|serial| Population::new(serial, seed));
    let mut improver = encode(project, horizon);
    let mut bounder = encode(project, horizon);
    if improver.engine.settle() && bounder.engine.settle() {
        search.bound = improver.engine.bounds.low(improver.end);
    } else {
        return Ok(solved);
    }
    let mut used = 0;
    let mut round = FIRST_ROUND;
    let mut stopped = Stop::Proven;
    while !search.closed() {
        if stop() {
            stopped = Stop::WallLimit;
            break;
        }
        if used >= params.conflicts {
            stopped = Stop::WorkLimit;
            break;
        }
        let budget = round.min(params.conflicts - used);
        used += budget;
        round = (round + round / 2).min(LONGEST_ROUND);
        if let Some(lists) = &mut lists
            && lists.schedules < params.schedules
        {
            let (bound, count) = (search.bound, budget * SCHEDULES_PER_CONFLICT);
            lists.evolve(count, bound, stop);
            if let Some((_, starts)) = lists.best() {
                search.offer(Plan {
                    starts: starts.to_vec(),
                    modes: vec![0; starts.len()],
                });
            }
            if search.closed() {
                break;
            }
        }
        let shortest = search.shortest();
        let best = search.best.as_ref().map(|b| &b.1);
        let bound = search.bound;
        let (better, raised) = rayon::join(
            || improve(project, &mut improver, best, shortest, bound, budget, stop),
            || raise(&mut bounder, best, shortest, bound, budget, stop),
        );
        if let Some(lists) = &mut lists
            && let Some(plan) = &better.plan
        {
            lists.welcome(&plan.starts);
        }
        for plan in better.plan.into_iter().chain(raised.plan) {
            search.offer(plan);
        }
        search.bound = search.bound.max(raised.bound);
        if better.refuted {
            // Nothing is shorter than the best: it is its own bound.
            search.bound = search.shortest();
        }
    }
    if !search.broken.is_empty() {
        return Err(SolveError::Broken(search.broken));
    }
    solved.conflicts = improver.engine.conflicts + bounder.engine.conflicts;
    solved.schedules = lists.map_or(0, |l| l.schedules);
    solved.status = match (&search.best, search.closed()) {
        (Some(_), true) => Status::Optimal,
        (Some(_), false) => Status::Feasible,
        (None, true) => Status::Infeasible,
        (None, false) => Status::Unknown,
    };
    solved.stop = if search.closed() {
        Stop::Proven
    } else {
        stopped
    };
    solved.lower_bound = search.bound.min(search.shortest());
    if let Some((makespan, plan)) = search.best {
        solved.makespan = Some(makespan);
        solved.plan = Some(plan);
    }
    Ok(solved)
}

#[derive(Default)]
struct Progress {
    plan: Option<Plan>,
    bound: Time,
    refuted: bool,
}

/// Looks for anything shorter than `shortest`.
fn improve(
    project: &Project,
    encoded: &mut Encoded,
    best: Option<&Plan>,
    shortest: Time,
    bound: Time,
    budget: u64,
    stop: &(dyn Fn() -> bool + Sync),
) -> Progress {
    let mut progress = Progress::default();
    let until = encoded.engine.conflicts + budget;
    let mut shortest = shortest;
    if let Some(plan) = best {
        encoded.lean(plan, shortest);
    }
    encoded.engine.tighten(Lit::at_least(encoded.end, bound));
    loop {
        if !encoded
            .engine
            .tighten(Lit::at_most(encoded.end, shortest - 1))
        {
            progress.refuted = true;
            return progress;
        }
        let left = until.saturating_sub(encoded.engine.conflicts);
        match encoded.engine.search(None, left, stop) {
            End::Solution => {
                let plan = encoded.plan();
                shortest = plan.makespan(project).min(shortest - 1);
                encoded.lean(&plan, shortest);
                progress.plan = Some(plan);
            }
            End::Refuted => {
                progress.refuted = true;
                return progress;
            }
            End::Budget | End::Stopped => return progress,
        }
    }
}

/// Asks for `bound`, and raises it while the answer is no.
fn raise(
    encoded: &mut Encoded,
    best: Option<&Plan>,
    shortest: Time,
    bound: Time,
    budget: u64,
    stop: &(dyn Fn() -> bool + Sync),
) -> Progress {
    let mut progress = Progress {
        bound,
        ..Progress::default()
    };
    let until = encoded.engine.conflicts + budget;
    if let Some(plan) = best {
        encoded.lean(plan, shortest);
    }
    while progress.bound < shortest {
        if !encoded
            .engine
            .tighten(Lit::at_least(encoded.end, progress.bound))
        {
            progress.bound = shortest;
            return progress;
        }
        let left = until.saturating_sub(encoded.engine.conflicts);
        let assumption = Lit::at_most(encoded.end, progress.bound);
        match encoded.engine.search(Some(assumption), left, stop) {
            End::Solution => {
                progress.plan = Some(encoded.plan());
                return progress;
            }
            End::Refuted => progress.bound += 1,
            End::Budget | End::Stopped => return progress,
        }
    }
    progress
}

/// Activities on a circle of lags whose gaps sum to more than 0 (Bellman 1958; Ford 1956), or nothing. Modes
/// count with the durations that leave the most room.
fn circle(project: &Project) -> Vec<usize> {
    let n = project.activities.len();
    let mut arcs: Vec<(usize, usize, i64)> = Vec::new();
    for lag in &project.lags {
        let durations = project.activities[lag.from]
            .modes
            .iter()
            .map(|m| m.duration);
        let arc = match (lag.gap, lag.anchor) {
            (Gap::AtLeast(g), Anchor::Start) => (lag.from, lag.to, i64::from(g)),
            (Gap::AtLeast(g), Anchor::Finish) => {
                let d = durations.min().unwrap_or(0);
                (lag.from, lag.to, i64::from(g) + i64::from(d))
            }
            (Gap::AtMost(g), Anchor::Start) => (lag.to, lag.from, -i64::from(g)),
            (Gap::AtMost(g), Anchor::Finish) => {
                let d = durations.max().unwrap_or(0);
                (lag.to, lag.from, -i64::from(g) - i64::from(d))
            }
        };
        arcs.push(arc);
    }
    let mut far = vec![0_i64; n];
    let mut from = vec![usize::MAX; n];
    let mut moved = usize::MAX;
    for _ in 0..=n {
        moved = usize::MAX;
        for (i, j, gap) in &arcs {
            if far[*i] + gap > far[*j] {
                far[*j] = far[*i] + gap;
                from[*j] = *i;
                moved = *j;
            }
        }
        if moved == usize::MAX {
            return Vec::new();
        }
    }
    // After n rounds of moves the walk back from the last one has entered the circle.
    for _ in 0..n {
        moved = from[moved];
    }
    let mut circle = vec![moved];
    let mut at = from[moved];
    while at != moved {
        circle.push(at);
        at = from[at];
    }
    circle.reverse();
    circle
}
