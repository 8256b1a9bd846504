//! Search by conflicts: propagate, learn why a branch fails (first unique implication point, Marques-Silva
//! & Sakallah 1999), go back, decide by activity, restart (Luby, Sinclair & Zuckerman 1993).
//!
//! Work is counted in conflicts, so equal input and equal limits give equal output on every machine.

use super::Conflict;
use super::bounds::{Bounds, Lit, ORIGIN, Reason};
use super::clauses::Clauses;
use super::order::Order;
use super::timetable::Timetable;
use super::totals::{Spending, Supply};

/// `to >= from + gap`, when the condition holds.
#[derive(Debug, Clone, Copy)]
struct Lag {
    from: u32,
    to: u32,
    gap: i32,
    when: Option<Lit>,
}

#[derive(Debug)]
enum Rule {
    Timetable(Timetable),
    Supply(Supply),
    Spending(Spending),
}

/// How a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// `values` hold a solution.
    Solution,
    /// There is none under the assumption.
    Refuted,
    /// The budget of conflicts is used up.
    Budget,
    /// The caller's clock said so.
    Stopped,
}

#[derive(Debug)]
pub(crate) struct Engine {
    pub bounds: Bounds,
    clauses: Clauses,
    order: Order,
    lags: Vec<Lag>,
    /// Lags by the view they start from, and by the view of their condition.
    leaving: Vec<Vec<u32>>,
    conditional: Vec<Vec<u32>>,
    rules: Vec<Rule>,
    /// Rules by variable.
    touching: Vec<Vec<u32>>,
    dirty: Vec<bool>,
    queue: std::collections::VecDeque<u32>,
    head: usize,
    /// Decided first when activity has nothing to say: whether, then when.
    pub choices: Vec<u32>,
    pub starts: Vec<u32>,
    /// Values by variable of the schedule towards which decisions lean.
    pub lean: Vec<i32>,
    /// Values by variable of the last solution.
    pub values: Vec<i32>,
    pub conflicts: u64,
    restarts: u64,
    allowed: usize,
    refuted: bool,
    needed: Vec<i32>,
    place: Vec<u32>,
    active: Vec<u32>,
    why: Vec<Lit>,
}

/// Conflicts between restarts, times the Luby sequence.
const RESTART: u64 = 100;
/// Learned clauses kept at first.
const KEPT: usize = 4_000;

impl Engine {
    pub fn new() -> Self {
        Self {
            bounds: Bounds::default(),
            clauses: Clauses::default(),
            order: Order::new(0.95),
            lags: Vec::new(),
            leaving: Vec::new(),
            conditional: Vec::new(),
            rules: Vec::new(),
            touching: Vec::new(),
            dirty: Vec::new(),
            queue: std::collections::VecDeque::new(),
            head: 0,
            choices: Vec::new(),
            starts: Vec::new(),
            lean: Vec::new(),
            values: Vec::new(),
            conflicts: 0,
            restarts: 0,
            allowed: KEPT,
            refuted: false,
            needed: Vec::new(),
            place: Vec::new(),
            active: Vec::new(),
            why: Vec::new(),
        }
    }

    /// A new variable with `low <= x <= high`; its positive view.
    pub fn variable(&mut self, low: i32, high: i32) -> u32 {
        let view = self.bounds.variable(low, high);
        self.leaving.extend([Vec::new(), Vec::new()]);
        self.conditional.extend([Vec::new(), Vec::new()]);
        self.touching.push(Vec::new());
        self.needed.extend([0, 0]);
        self.place.extend([ORIGIN, ORIGIN]);
        self.refuted |= low > high;
        view
    }

    /// `to >= from + gap`, when the condition holds.
    pub fn lag(&mut self, from: u32, to: u32, gap: i32, when: Option<Lit>) {
        for (from, to) in [(from, to), (to ^ 1, from ^ 1)] {
            let id = self.lags.len() as u32;
            self.lags.push(Lag {
                from,
                to,
                gap,
                when,
            });
            self.leaving[from as usize].push(id);
            if let Some(when) = when {
                self.conditional[when.view as usize].push(id);
            }
        }
    }

    /// At least one of `lits`.
    pub fn clause(&mut self, lits: &[Lit]) {
        match lits {
            [] => self.refuted = true,
            [one] => {
                self.tighten(*one);
            }
            _ => {
                self.clauses.add(lits, 0);
            }
        }
    }

    pub fn timetable(&mut self, table: Timetable) {
        let views: Vec<u32> = table
            .tasks()
            .iter()
            .flat_map(|t| [Some(t.start), t.present.map(|p| p.view)])
            .flatten()
            .collect();
        self.rule(Rule::Timetable(table), &views);
    }

    pub fn supply(&mut self, supply: Supply) {
        let views = supply.views();
        self.rule(Rule::Supply(supply), &views);
    }

    pub fn spending(&mut self, spending: Spending) {
        let views = spending.views();
        self.rule(Rule::Spending(spending), &views);
    }

    fn rule(&mut self, rule: Rule, views: &[u32]) {
        let id = self.rules.len() as u32;
        self.rules.push(rule);
        self.dirty.push(true);
        self.queue.push_back(id);
        for view in views {
            let list = &mut self.touching[(view >> 1) as usize];
            if list.last() != Some(&id) {
                list.push(id);
            }
        }
    }

    /// Adds a fact; `false` when nothing is left.
    pub fn tighten(&mut self, lit: Lit) -> bool {
        self.back_to(0);
        if self.bounds.fails(lit) {
            self.refuted = true;
        } else {
            self.bounds.raise(lit, Reason::None);
        }
        !self.refuted
    }

    /// Propagates at the root; `false` when nothing is left.
    pub fn settle(&mut self) -> bool {
        self.back_to(0);
        if !self.refuted {
            self.head = 0;
            // Lags that start from bounds nothing has changed yet.
            let all: Vec<u32> = (0..self.lags.len() as u32).collect();
            for id in all {
                if self.follow(id).is_err() {
                    self.refuted = true;
                    return false;
                }
            }
            self.refuted = self.propagate().is_err();
        }
        !self.refuted
    }

    pub fn back_to(&mut self, level: usize) {
        if self.bounds.level() > level {
            self.bounds.back_to(level);
            self.order.back_to(level);
            self.head = self.head.min(self.bounds.trail.len());
        }
    }

    fn follow(&mut self, id: u32) -> Result<(), Conflict> {
        let lag = self.lags[id as usize];
        let bounds = &mut self.bounds;
        let reach = bounds.low(lag.from) + lag.gap;
        if bounds.low(lag.to) >= reach {
            return Ok(());
        }
        let high = bounds.high(lag.to);
        let too_far = [
            Lit::at_least(lag.from, high + 1 - lag.gap),
            Lit::at_most(lag.to, high),
        ];
        match lag.when {
            Some(when) if bounds.fails(when) => Ok(()),
            Some(when) if !bounds.holds(when) => {
                if reach > high {
                    bounds.infer(!when, &too_far)
                } else {
                    Ok(())
                }
            }
            when => {
                if reach > high {
                    let mut lits = too_far.to_vec();
                    lits.extend(when);
                    return Err(Conflict(lits));
                }
                bounds.raise(Lit::at_least(lag.to, reach), Reason::Lag(id));
                Ok(())
            }
        }
    }

    fn propagate(&mut self) -> Result<(), Conflict> {
        loop {
            while self.head < self.bounds.trail.len() {
                let entry = self.bounds.trail[self.head];
                self.head += 1;
                let view = entry.view as usize;
                for rule in &self.touching[view >> 1] {
                    if !self.dirty[*rule as usize] {
                        self.dirty[*rule as usize] = true;
                        self.queue.push_back(*rule);
                    }
                }
                self.clauses
                    .propagate(&mut self.bounds, entry.view, entry.before, entry.now)?;
                for k in 0..self.leaving[view].len() {
                    self.follow(self.leaving[view][k])?;
                }
                for k in 0..self.conditional[view].len() {
                    self.follow(self.conditional[view][k])?;
                }
            }
            let Some(rule) = self.queue.pop_front() else {
                return Ok(());
            };
            self.dirty[rule as usize] = false;
            let done = match &mut self.rules[rule as usize] {
                Rule::Timetable(t) => t.propagate(&mut self.bounds),
                Rule::Supply(s) => s.propagate(&mut self.bounds),
                Rule::Spending(s) => s.propagate(&mut self.bounds),
            };
            if done.is_err() {
                // What it would still have found is found after going back.
                self.dirty[rule as usize] = true;
                self.queue.push_back(rule);
            }
            done?;
        }
    }

    /// Literals that together made `lit` true at `position`.
    fn explain(&mut self, lit: Lit, position: u32) {
        self.why.clear();
        let entry = self.bounds.trail[position as usize];
        match entry.reason {
            Reason::None => {}
            Reason::Clause(clause) => {
                let implied = Lit::at_least(entry.view, entry.now);
                let others = self.clauses.literals(clause).iter();
                self.why
                    .extend(others.filter(|l| **l != implied).map(|l| !*l));
            }
            Reason::Lag(id) => {
                let lag = self.lags[id as usize];
                self.why.push(Lit::at_least(lag.from, lit.bound - lag.gap));
                self.why.extend(lag.when);
            }
            Reason::Because(start, length) => {
                self.why
                    .extend_from_slice(self.bounds.stored(start, length));
            }
        }
    }

    /// Enters `lit`, true before `position`, into the conflict; 1 if it is new on the present level.
    fn enter(&mut self, lit: Lit, position: u32) -> usize {
        let Some(at) = self.bounds.entry_of(lit, position) else {
            return 0;
        };
        if at < self.bounds.root_end() {
            return 0;
        }
        let view = lit.view as usize;
        let here = self.bounds.level_start();
        let old = self.place[view];
        if old == ORIGIN {
            self.active.push(lit.view);
        } else if self.needed[view] >= lit.bound {
            return 0;
        }
        self.needed[view] = lit.bound;
        self.place[view] = at;
        usize::from(at >= here && (old == ORIGIN || old < here))
    }

    /// Learns from a conflict, goes back and asserts what was learned; `false` when nothing is left.
    fn learn(&mut self, conflict: &Conflict) -> bool {
        self.conflicts += 1;
        let end = |b: &Bounds, l: Lit| b.entry_of(l, u32::MAX).map_or(0, |p| b.level_of(p));
        let deepest = conflict
            .0
            .iter()
            .map(|l| end(&self.bounds, *l))
            .max()
            .unwrap_or(0);
        if deepest == 0 {
            self.refuted = true;
            self.back_to(0);
            return false;
        }
        self.back_to(deepest);
        let mut open = 0;
        for lit in &conflict.0 {
            open += self.enter(*lit, u32::MAX);
        }
        let mut position = self.bounds.trail.len() as u32;
        let asserted = loop {
            position -= 1;
            let view = self.bounds.trail[position as usize].view;
            if self.place[view as usize] != position {
                continue;
            }
            let lit = Lit::at_least(view, self.needed[view as usize]);
            self.order.bump(lit);
            if open == 1 {
                break lit;
            }
            open -= 1;
            if let Reason::Clause(clause) = self.bounds.trail[position as usize].reason {
                self.clauses.bump(clause);
            }
            self.place[view as usize] = ORIGIN;
            self.explain(lit, position);
            for k in 0..self.why.len() {
                let why = self.why[k];
                open += self.enter(why, position);
            }
        };
        // `active` may name a view twice when it left and came back.
        self.active.sort_unstable();
        self.active.dedup();
        let mut lits = vec![!asserted];
        let mut levels: Vec<usize> = Vec::new();
        let mut second = (0, 0);
        for k in 0..self.active.len() {
            let view = self.active[k];
            let at = self.place[view as usize];
            if at == ORIGIN || view == asserted.view {
                continue;
            }
            let lit = Lit::at_least(view, self.needed[view as usize]);
            if self.implied(lit, at) {
                continue;
            }
            self.order.bump(lit);
            let level = self.bounds.level_of(at);
            levels.push(level);
            if level > second.0 {
                second = (level, lits.len());
            }
            lits.push(!lit);
        }
        for view in self.active.drain(..) {
            self.place[view as usize] = ORIGIN;
        }
        self.order.decay();
        self.clauses.decay();
        self.back_to(second.0);
        if lits.len() == 1 {
            if self.bounds.fails(lits[0]) {
                self.refuted = true;
                return false;
            }
            self.bounds.raise(lits[0], Reason::None);
            return true;
        }
        lits.swap(1, second.1);
        levels.sort_unstable();
        levels.dedup();
        let clause = self.clauses.add(&lits, levels.len() as u32 + 1);
        self.bounds.raise(lits[0], Reason::Clause(clause));
        true
    }

    /// A literal whose reason lies within the conflict says nothing new (local minimisation).
    fn implied(&mut self, lit: Lit, at: u32) -> bool {
        if matches!(self.bounds.trail[at as usize].reason, Reason::None) {
            return false;
        }
        self.explain(lit, at);
        let root = self.bounds.root_end();
        (0..self.why.len()).all(|k| {
            let why = self.why[k];
            let view = why.view as usize;
            (self.place[view] != ORIGIN && self.needed[view] >= why.bound && self.place[view] < at)
                || self.bounds.entry_of(why, at).is_none_or(|p| p < root)
        })
    }

    /// Searches under `assumption` for at most `conflicts` conflicts.
    pub fn search(
        &mut self,
        assumption: Option<Lit>,
        conflicts: u64,
        stop: &dyn Fn() -> bool,
    ) -> End {
        self.back_to(0);
        let until = self.conflicts + conflicts;
        let mut restart = self.conflicts + RESTART * luby(self.restarts);
        loop {
            if self.refuted {
                return End::Refuted;
            }
            if let Err(conflict) = self.propagate() {
                if !self.learn(&conflict) {
                    return End::Refuted;
                }
                if self.conflicts.is_multiple_of(64) && stop() {
                    self.back_to(0);
                    return End::Stopped;
                }
                continue;
            }
            if self.conflicts >= until {
                self.back_to(0);
                return End::Budget;
            }
            if self.conflicts >= restart {
                self.restarts += 1;
                restart = self.conflicts + RESTART * luby(self.restarts);
                self.back_to(0);
                if self.clauses.learned() > self.allowed {
                    self.clauses.reduce();
                    self.allowed += self.allowed / 20;
                }
                continue;
            }
            match self.decide(assumption) {
                Decision::Refuted => return End::Refuted,
                Decision::Done => {
                    self.values = (0..self.bounds.views() as u32)
                        .step_by(2)
                        .map(|v| self.bounds.low(v))
                        .collect();
                    return End::Solution;
                }
                Decision::Lit(lit) => {
                    self.bounds.open_level();
                    self.bounds.raise(lit, Reason::None);
                }
            }
        }
    }

    fn decide(&mut self, assumption: Option<Lit>) -> Decision {
        if self.bounds.level() == 0
            && let Some(lit) = assumption
        {
            if self.bounds.fails(lit) {
                return Decision::Refuted;
            }
            // Also when it holds already: the first level is the assumption's.
            return Decision::Lit(lit);
        }
        if let Some(atom) = self.order.next(&self.bounds) {
            let variable = (atom.view >> 1) as usize;
            let lit = match self.lean.get(variable) {
                Some(value) if *value >= atom.bound => atom,
                _ => !atom,
            };
            return Decision::Lit(lit);
        }
        let choice = self.choices.iter().find(|v| !self.bounds.fixed(**v));
        if let Some(view) = choice {
            return Decision::Lit(Lit::at_least(*view, 1));
        }
        let start = self
            .starts
            .iter()
            .filter(|v| !self.bounds.fixed(**v))
            .min_by_key(|v| (self.bounds.low(**v), self.bounds.high(**v), **v));
        match start {
            Some(view) => Decision::Lit(Lit::at_most(*view, self.bounds.low(*view))),
            None => Decision::Done,
        }
    }
}

enum Decision {
    Lit(Lit),
    Done,
    Refuted,
}

/// 1 1 2 1 1 2 4 …
fn luby(index: u64) -> u64 {
    let mut i = index + 1;
    loop {
        let bits = 64 - i.leading_zeros();
        if i == (1 << bits) - 1 {
            return 1 << (bits - 1);
        }
        i -= (1 << (bits - 1)) - 1;
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn luby_sequence() {
        let first: Vec<u64> = (0..15).map(super::luby).collect();
        assert_eq!(first, [1, 1, 2, 1, 1, 2, 4, 1, 1, 2, 1, 1, 2, 4, 8]);
    }
}
