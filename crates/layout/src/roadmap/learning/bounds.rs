//! Integer bounds with their history: what is known of every variable, why, and how to take it back.
//!
//! A variable x owns two views: `2x` stands for x and `2x + 1` for -x. A literal `view >= bound` then says
//! everything a solver has to say (x >= 3, x <= 5 is -x >= -5), and lower bounds alone are kept.

use super::Conflict;

/// `view >= bound`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Lit {
    pub view: u32,
    pub bound: i32,
}

impl Lit {
    pub fn at_least(view: u32, bound: i32) -> Self {
        Self { view, bound }
    }

    /// The variable of `view` is at most `bound`.
    pub fn at_most(view: u32, bound: i32) -> Self {
        Self {
            view: view ^ 1,
            bound: -bound,
        }
    }
}

impl std::ops::Not for Lit {
    type Output = Self;

    fn not(self) -> Self {
        Self {
            view: self.view ^ 1,
            bound: 1 - self.bound,
        }
    }
}

/// Why a bound holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reason {
    /// Chosen, or true at the root.
    None,
    /// The other literals of this clause are false.
    Clause(u32),
    /// A lag: the bound is the other view's bound plus its gap.
    Lag(u32),
    /// A stretch of the arena of explanations.
    Because(u32, u32),
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub view: u32,
    pub now: i32,
    pub before: i32,
    /// The entry that gave `before`, or [`ORIGIN`].
    pub previous: u32,
    pub reason: Reason,
}

pub(crate) const ORIGIN: u32 = u32::MAX;

#[derive(Debug, Default)]
pub(crate) struct Bounds {
    lower: Vec<i32>,
    latest: Vec<u32>,
    pub trail: Vec<Entry>,
    /// Lengths of trail and arena when each level above the root began.
    levels: Vec<(u32, u32)>,
    arena: Vec<Lit>,
}

impl Bounds {
    /// A new variable with `low <= x <= high`; its positive view.
    pub fn variable(&mut self, low: i32, high: i32) -> u32 {
        let view = self.lower.len() as u32;
        self.lower.extend([low, -high]);
        self.latest.extend([ORIGIN, ORIGIN]);
        view
    }

    pub fn views(&self) -> usize {
        self.lower.len()
    }

    pub fn low(&self, view: u32) -> i32 {
        self.lower[view as usize]
    }

    pub fn high(&self, view: u32) -> i32 {
        -self.lower[(view ^ 1) as usize]
    }

    pub fn fixed(&self, view: u32) -> bool {
        self.low(view) == self.high(view)
    }

    pub fn holds(&self, lit: Lit) -> bool {
        self.low(lit.view) >= lit.bound
    }

    pub fn fails(&self, lit: Lit) -> bool {
        self.high(lit.view) < lit.bound
    }

    pub fn level(&self) -> usize {
        self.levels.len()
    }

    /// Position in the trail from which on the present level counts.
    pub fn level_start(&self) -> u32 {
        self.levels.last().map_or(0, |l| l.0)
    }

    /// The level of a trail position.
    pub fn level_of(&self, position: u32) -> usize {
        self.levels.partition_point(|l| l.0 <= position)
    }

    /// First position that is not of the root.
    pub fn root_end(&self) -> u32 {
        self.levels.first().map_or(self.trail.len() as u32, |l| l.0)
    }

    pub fn open_level(&mut self) {
        self.levels
            .push((self.trail.len() as u32, self.arena.len() as u32));
    }

    pub fn back_to(&mut self, level: usize) {
        if level >= self.levels.len() {
            return;
        }
        let (trail, arena) = self.levels[level];
        while self.trail.len() > trail as usize {
            if let Some(entry) = self.trail.pop() {
                self.lower[entry.view as usize] = entry.before;
                self.latest[entry.view as usize] = entry.previous;
            }
        }
        self.arena.truncate(arena as usize);
        self.levels.truncate(level);
    }

    /// Stores an explanation; at the root nothing needs one.
    pub fn because(&mut self, lits: &[Lit]) -> Reason {
        if self.levels.is_empty() {
            return Reason::None;
        }
        let start = self.arena.len() as u32;
        self.arena.extend_from_slice(lits);
        Reason::Because(start, lits.len() as u32)
    }

    pub fn stored(&self, start: u32, length: u32) -> &[Lit] {
        &self.arena[start as usize..(start + length) as usize]
    }

    /// Makes `lit` true. The caller knows that it does not fail.
    pub fn raise(&mut self, lit: Lit, reason: Reason) {
        let view = lit.view as usize;
        let before = self.lower[view];
        if before >= lit.bound {
            return;
        }
        self.trail.push(Entry {
            view: lit.view,
            now: lit.bound,
            before,
            previous: self.latest[view],
            reason,
        });
        self.lower[view] = lit.bound;
        self.latest[view] = self.trail.len() as u32 - 1;
    }

    /// Makes `lit` true because of `why`, or reports the literals that cannot all be true.
    pub fn infer(&mut self, lit: Lit, why: &[Lit]) -> Result<(), Conflict> {
        if self.holds(lit) {
            return Ok(());
        }
        if self.fails(lit) {
            let mut lits = why.to_vec();
            lits.push(!lit);
            return Err(Conflict(lits));
        }
        let reason = self.because(why);
        self.raise(lit, reason);
        Ok(())
    }

    /// The entry that first made `lit` true, among those before `position`; `None` when it was true from
    /// the beginning.
    pub fn entry_of(&self, lit: Lit, position: u32) -> Option<u32> {
        let mut at = self.latest[lit.view as usize];
        while at != ORIGIN && at >= position {
            at = self.trail[at as usize].previous;
        }
        while at != ORIGIN && self.trail[at as usize].before >= lit.bound {
            at = self.trail[at as usize].previous;
        }
        (at != ORIGIN).then_some(at)
    }
}
