//! The cumulative resource by its time table, every inference explained at one point of time (Schutt,
//! Feydy, Stuckey & Wallace 2011, "Explaining the cumulative propagator").
//!
//! ```text
//! compulsory part of task i      [latest start, earliest finish), when it is not empty
//! profile(t)                     Σ demand of the tasks whose compulsory part holds t
//! overload at t                  profile(t) > capacity
//! push                           profile(t) + demand_j > capacity, est_j <= t < est_j + d_j  =>  start_j > t
//! ```

use super::Conflict;
use super::bounds::{Bounds, Lit};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Occupation {
    pub start: u32,
    pub duration: i32,
    pub demand: i64,
    /// The task takes place at all when this holds.
    pub present: Option<Lit>,
}

#[derive(Debug, Clone, Copy)]
struct Segment {
    from: i32,
    to: i32,
    height: i64,
}

const NOWHERE: (i32, i32) = (i32::MAX, i32::MAX);

#[derive(Debug)]
pub(crate) struct Timetable {
    tasks: Vec<Occupation>,
    capacity: i64,
    /// Compulsory parts of which `segments` is the profile.
    parts: Vec<(i32, i32)>,
    segments: Vec<Segment>,
    /// Bounds at which a task was last found to be free of pushes by `segments`.
    seen: Vec<(i32, i32)>,
    valid: bool,
    events: Vec<(i32, i64)>,
    why: Vec<Lit>,
    /// Tasks by falling demand: explanations take few of them.
    by_demand: Vec<u32>,
}

impl Timetable {
    pub fn new(mut tasks: Vec<Occupation>, capacity: i64) -> Self {
        tasks.retain(|t| t.duration > 0 && t.demand > 0);
        let mut by_demand: Vec<u32> = (0..tasks.len() as u32).collect();
        by_demand.sort_by_key(|i| std::cmp::Reverse(tasks[*i as usize].demand));
        Self {
            parts: vec![NOWHERE; tasks.len()],
            seen: vec![NOWHERE; tasks.len()],
            tasks,
            capacity,
            segments: Vec::new(),
            valid: false,
            events: Vec::new(),
            why: Vec::new(),
            by_demand,
        }
    }

    pub fn tasks(&self) -> &[Occupation] {
        &self.tasks
    }

    pub fn propagate(&mut self, bounds: &mut Bounds) -> Result<(), Conflict> {
        self.refresh(bounds)?;
        for j in 0..self.tasks.len() {
            let task = self.tasks[j];
            let now = (bounds.low(task.start), bounds.high(task.start));
            if self.seen[j] == now || task.present.is_some_and(|p| bounds.fails(p)) {
                continue;
            }
            let sure = task.present.is_none_or(|p| bounds.holds(p));
            if sure {
                if now.0 < now.1 {
                    self.push_start(bounds, j)?;
                    self.push_end(bounds, j)?;
                }
                self.seen[j] = (bounds.low(task.start), bounds.high(task.start));
            } else {
                self.exclude(bounds, j)?;
            }
        }
        Ok(())
    }

    fn refresh(&mut self, bounds: &Bounds) -> Result<(), Conflict> {
        let mut changed = !self.valid;
        for (part, task) in self.parts.iter_mut().zip(&self.tasks) {
            let sure = task.present.is_none_or(|p| bounds.holds(p));
            let (from, to) = (
                bounds.high(task.start),
                bounds.low(task.start) + task.duration,
            );
            let now = if sure && from < to {
                (from, to)
            } else {
                NOWHERE
            };
            if *part != now {
                *part = now;
                changed = true;
            }
        }
        if !changed {
            return Ok(());
        }
        self.valid = false;
        self.seen.fill(NOWHERE);
        self.events.clear();
        for (part, task) in self.parts.iter().zip(&self.tasks) {
            if *part != NOWHERE {
                self.events.push((part.0, task.demand));
                self.events.push((part.1, -task.demand));
            }
        }
        self.events.sort_unstable_by_key(|e| e.0);
        self.segments.clear();
        let mut height = 0;
        let mut k = 0;
        while k < self.events.len() {
            let from = self.events[k].0;
            while k < self.events.len() && self.events[k].0 == from {
                height += self.events[k].1;
                k += 1;
            }
            if height > self.capacity {
                self.why.clear();
                self.cover(bounds, from, self.capacity, usize::MAX);
                return Err(Conflict(self.why.clone()));
            }
            if height > 0 {
                let to = self.events[k].0;
                self.segments.push(Segment { from, to, height });
            }
        }
        self.valid = true;
        Ok(())
    }

    /// Adds to `why` literals that put more than `room` into time `t`, without task `except`.
    fn cover(&mut self, bounds: &Bounds, t: i32, room: i64, except: usize) {
        let mut sum = 0;
        let root = bounds.root_end();
        // First what costs nothing, because it was so from the beginning.
        for free in [true, false] {
            for i in &self.by_demand {
                let i = *i as usize;
                let part = self.parts[i];
                if sum > room {
                    return;
                }
                if i == except || part.0 > t || part.1 <= t {
                    continue;
                }
                let task = self.tasks[i];
                let lits = [
                    Some(Lit::at_least(task.start, t + 1 - task.duration)),
                    Some(Lit::at_most(task.start, t)),
                    task.present,
                ];
                let at_root = |l: Lit| bounds.entry_of(l, u32::MAX).is_none_or(|p| p < root);
                let is_free = lits.iter().flatten().all(|l| at_root(*l));
                if is_free != free {
                    continue;
                }
                sum += task.demand;
                if !is_free {
                    self.why.extend(lits.iter().flatten());
                }
            }
        }
    }

    fn own(&self, j: usize, segment: Segment) -> bool {
        let part = self.parts[j];
        part.0 <= segment.from && segment.to <= part.1
    }

    fn push_start(&mut self, bounds: &mut Bounds, j: usize) -> Result<(), Conflict> {
        let task = self.tasks[j];
        let mut k = self
            .segments
            .partition_point(|s| s.to <= bounds.low(task.start));
        while k < self.segments.len() {
            let segment = self.segments[k];
            let est = bounds.low(task.start);
            if segment.from >= est + task.duration {
                break;
            }
            if segment.to <= est
                || segment.height + task.demand <= self.capacity
                || self.own(j, segment)
            {
                k += 1;
                continue;
            }
            let t = segment.to.min(est + task.duration) - 1;
            self.why.clear();
            self.why
                .push(Lit::at_least(task.start, t + 1 - task.duration));
            self.why.extend(task.present);
            self.cover(bounds, t, self.capacity - task.demand, j);
            bounds.infer(Lit::at_least(task.start, t + 1), &self.why)?;
        }
        Ok(())
    }

    fn push_end(&mut self, bounds: &mut Bounds, j: usize) -> Result<(), Conflict> {
        let task = self.tasks[j];
        let mut k = self
            .segments
            .partition_point(|s| s.from < bounds.high(task.start) + task.duration);
        while k > 0 {
            let segment = self.segments[k - 1];
            let lst = bounds.high(task.start);
            if segment.to <= lst {
                break;
            }
            if segment.from >= lst + task.duration
                || segment.height + task.demand <= self.capacity
                || self.own(j, segment)
            {
                k -= 1;
                continue;
            }
            let t = segment.from.max(lst);
            self.why.clear();
            self.why.push(Lit::at_most(task.start, t));
            self.why.extend(task.present);
            self.cover(bounds, t, self.capacity - task.demand, j);
            bounds.infer(Lit::at_most(task.start, t - task.duration), &self.why)?;
        }
        Ok(())
    }

    /// A task that may be absent is, when no start is left for it.
    fn exclude(&mut self, bounds: &mut Bounds, j: usize) -> Result<(), Conflict> {
        let task = self.tasks[j];
        let Some(present) = task.present else {
            return Ok(());
        };
        let (mut est, last) = (bounds.low(task.start), bounds.high(task.start));
        self.why.clear();
        let mut k = self.segments.partition_point(|s| s.to <= est);
        while k < self.segments.len() && est <= last {
            let segment = self.segments[k];
            if segment.from >= est + task.duration {
                break;
            }
            if segment.to <= est || segment.height + task.demand <= self.capacity {
                k += 1;
                continue;
            }
            let t = segment.to.min(est + task.duration) - 1;
            if self.why.is_empty() {
                self.why
                    .push(Lit::at_least(task.start, t + 1 - task.duration));
            }
            self.cover(bounds, t, self.capacity - task.demand, j);
            est = t + 1;
        }
        if est > last {
            self.why.push(Lit::at_most(task.start, last));
            bounds.infer(!present, &self.why)?;
        }
        Ok(())
    }
}
