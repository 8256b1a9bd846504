//! Clauses of bound literals with two watches each (Moskewicz et al. 2001), learned ones forgotten by the
//! number of levels they span (Audemard & Simon 2009).

use super::Conflict;
use super::bounds::{Bounds, Lit, Reason};

#[derive(Debug, Clone, Copy)]
struct Header {
    start: u32,
    length: u32,
    /// Levels when it was learned; 0 for clauses of the problem.
    levels: u32,
    activity: f32,
}

#[derive(Debug, Clone, Copy)]
struct Watch {
    /// The watched literal fails once the view reaches this bound.
    threshold: i32,
    clause: u32,
    /// Another literal of the clause: while it holds there is nothing to do.
    blocker: Lit,
}

#[derive(Debug, Default)]
pub(crate) struct Clauses {
    lits: Vec<Lit>,
    headers: Vec<Header>,
    watches: Vec<Vec<Watch>>,
    learned: usize,
    step: f32,
}

impl Clauses {
    pub fn literals(&self, clause: u32) -> &[Lit] {
        let h = self.headers[clause as usize];
        &self.lits[h.start as usize..(h.start + h.length) as usize]
    }

    pub fn learned(&self) -> usize {
        self.learned
    }

    /// Adds a clause of at least two literals; the first two are watched.
    pub fn add(&mut self, lits: &[Lit], levels: u32) -> u32 {
        let clause = self.headers.len() as u32;
        self.headers.push(Header {
            start: self.lits.len() as u32,
            length: lits.len() as u32,
            levels,
            activity: self.step,
        });
        self.lits.extend_from_slice(lits);
        self.learned += usize::from(levels > 0);
        self.watch(lits[0], clause, lits[1]);
        self.watch(lits[1], clause, lits[0]);
        clause
    }

    fn watch(&mut self, lit: Lit, clause: u32, blocker: Lit) {
        let failing = !lit;
        let view = failing.view as usize;
        if self.watches.len() <= view {
            self.watches.resize_with(view + 1, Vec::new);
        }
        self.watches[view].push(Watch {
            threshold: failing.bound,
            clause,
            blocker,
        });
    }

    pub fn bump(&mut self, clause: u32) {
        let header = &mut self.headers[clause as usize];
        header.activity += self.step;
        if header.activity > 1e20 {
            for h in &mut self.headers {
                h.activity *= 1e-20;
            }
            self.step *= 1e-20;
        }
    }

    pub fn decay(&mut self) {
        self.step = if self.step > 0.0 {
            self.step / 0.999
        } else {
            1.0
        };
    }

    /// The bound of `view` rose from `before` to `now`.
    pub fn propagate(
        &mut self,
        bounds: &mut Bounds,
        view: u32,
        before: i32,
        now: i32,
    ) -> Result<(), Conflict> {
        let Some(list) = self.watches.get_mut(view as usize) else {
            return Ok(());
        };
        let mut list = std::mem::take(list);
        let mut kept = 0;
        let mut result = Ok(());
        let mut at = 0;
        while at < list.len() {
            let watch = list[at];
            at += 1;
            if watch.threshold <= before || watch.threshold > now || bounds.holds(watch.blocker) {
                list[kept] = watch;
                kept += 1;
                continue;
            }
            let failing = !Lit::at_least(view, watch.threshold);
            let h = self.headers[watch.clause as usize];
            let lits = &mut self.lits[h.start as usize..(h.start + h.length) as usize];
            if lits[0] == failing {
                lits.swap(0, 1);
            }
            if lits[1] != failing {
                // Another watch of this clause on the same view has been moved away.
                continue;
            }
            let first = lits[0];
            if bounds.holds(first) {
                list[kept] = Watch {
                    blocker: first,
                    ..watch
                };
                kept += 1;
                continue;
            }
            if let Some(k) = (2..lits.len()).find(|k| !bounds.fails(lits[*k])) {
                lits.swap(1, k);
                let next = lits[1];
                let target = !next;
                let moved = Watch {
                    threshold: target.bound,
                    clause: watch.clause,
                    blocker: first,
                };
                if target.view == view {
                    list.push(moved);
                } else {
                    let other = target.view as usize;
                    if self.watches.len() <= other {
                        self.watches.resize_with(other + 1, Vec::new);
                    }
                    self.watches[other].push(moved);
                }
                continue;
            }
            list[kept] = watch;
            kept += 1;
            if bounds.fails(first) {
                result = Err(Conflict(lits.iter().map(|l| !*l).collect()));
                self.bump(watch.clause);
                break;
            }
            bounds.raise(first, Reason::Clause(watch.clause));
        }
        list.copy_within(at.., kept);
        let left = list.len() - at;
        list.truncate(kept + left);
        self.watches[view as usize] = list;
        result
    }

    /// Forgets the worse half of the learned clauses. Only at the root, where no reason is needed.
    pub fn reduce(&mut self) {
        let mut order: Vec<usize> = (0..self.headers.len())
            .filter(|c| self.headers[*c].levels > 2)
            .collect();
        order.sort_by(|a, b| {
            let (x, y) = (&self.headers[*a], &self.headers[*b]);
            x.levels
                .cmp(&y.levels)
                .then(y.activity.total_cmp(&x.activity))
                .then(a.cmp(b))
        });
        let mut forget = vec![false; self.headers.len()];
        for c in &order[order.len() / 2..] {
            forget[*c] = true;
        }
        let old = std::mem::take(&mut self.lits);
        let headers = std::mem::take(&mut self.headers);
        for list in &mut self.watches {
            list.clear();
        }
        self.learned = 0;
        for (c, h) in headers.into_iter().enumerate() {
            if forget[c] {
                continue;
            }
            let lits = &old[h.start as usize..(h.start + h.length) as usize];
            let kept = self.add(lits, h.levels);
            self.headers[kept as usize].activity = h.activity;
        }
    }
}
