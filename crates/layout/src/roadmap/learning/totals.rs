//! Sums over the whole project and over calendar periods: what a store holds, what a year may cost.
//!
//! ```text
//! store          Σ_j amount of the mode of j                        <= supply
//! period y       Σ_j rate_j · |[start_j, start_j + d_j) ∩ period y|   <= limit_y
//! ```
//!
//! The overlap of a task with a period rises, stays, and falls with its start, so over a range of starts its
//! smallest value is at one of the ends.

use super::Conflict;
use super::bounds::{Bounds, Lit};

/// What an activity takes from a store in one of its modes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Portion {
    pub amount: i64,
    /// The mode is taken when this holds; always when `None`.
    pub present: Option<Lit>,
}

#[derive(Debug)]
pub(crate) struct Supply {
    /// By activity: exactly one portion is taken.
    pub portions: Vec<Vec<Portion>>,
    pub total: i64,
}

impl Supply {
    pub fn views(&self) -> Vec<u32> {
        let all = self.portions.iter().flatten();
        all.filter_map(|p| p.present.map(|l| l.view)).collect()
    }

    /// The least that activity `a` takes.
    fn least(&self, bounds: &Bounds, a: usize) -> i64 {
        let open = self.portions[a]
            .iter()
            .filter(|p| p.present.is_none_or(|l| !bounds.fails(l)));
        open.map(|p| p.amount).min().unwrap_or(0)
    }

    /// Why activity `a` takes at least `least`: the cheaper modes are out.
    fn why(&self, bounds: &Bounds, a: usize, least: i64, into: &mut Vec<Lit>) {
        let cheaper = self.portions[a].iter().filter(|p| p.amount < least);
        into.extend(
            cheaper
                .filter_map(|p| p.present)
                .filter(|l| bounds.fails(*l))
                .map(|l| !l),
        );
    }

    pub fn propagate(&mut self, bounds: &mut Bounds) -> Result<(), Conflict> {
        let least: Vec<i64> = (0..self.portions.len())
            .map(|a| self.least(bounds, a))
            .collect();
        let sum: i64 = least.iter().sum();
        let why_others = |bounds: &Bounds, except: usize| {
            let mut why = Vec::new();
            for (a, least) in least.iter().enumerate() {
                if a != except {
                    self.why(bounds, a, *least, &mut why);
                }
            }
            why
        };
        if sum > self.total {
            return Err(Conflict(why_others(bounds, usize::MAX)));
        }
        for (a, portions) in self.portions.iter().enumerate() {
            for p in portions {
                let Some(present) = p.present else { continue };
                if sum - least[a] + p.amount > self.total && !bounds.fails(present) {
                    let why = why_others(bounds, a);
                    bounds.infer(!present, &why)?;
                }
            }
        }
        Ok(())
    }
}

/// What an activity pays while it runs, in one of its modes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Payment {
    pub start: u32,
    /// Units of time over which `rate` is paid, from the start on.
    pub duration: i32,
    pub rate: i64,
    pub present: Option<Lit>,
}

#[derive(Debug)]
pub(crate) struct Spending {
    pub payments: Vec<Payment>,
    /// Periods `[from, to)` and what each may cost; times outside are free.
    pub periods: Vec<(i32, i32, i64)>,
}

impl Payment {
    fn at(&self, start: i32, period: (i32, i32, i64)) -> i64 {
        let overlap = (start + self.duration).min(period.1) - start.max(period.0);
        self.rate * i64::from(overlap.max(0))
    }

    fn least(&self, bounds: &Bounds, period: (i32, i32, i64)) -> i64 {
        if self.present.is_some_and(|p| !bounds.holds(p)) {
            return 0;
        }
        self.at(bounds.low(self.start), period)
            .min(self.at(bounds.high(self.start), period))
    }
}

impl Spending {
    pub fn views(&self) -> Vec<u32> {
        let each = |p: &Payment| [Some(p.start), p.present.map(|l| l.view)];
        self.payments.iter().flat_map(each).flatten().collect()
    }

    fn why(&self, bounds: &Bounds, period: (i32, i32, i64), except: usize) -> Vec<Lit> {
        let mut why = Vec::new();
        for (k, p) in self.payments.iter().enumerate() {
            if k != except && p.least(bounds, period) > 0 {
                why.push(Lit::at_least(p.start, bounds.low(p.start)));
                why.push(Lit::at_most(p.start, bounds.high(p.start)));
                why.extend(p.present);
            }
        }
        why
    }

    pub fn propagate(&mut self, bounds: &mut Bounds) -> Result<(), Conflict> {
        for k in 0..self.periods.len() {
            let period = self.periods[k];
            let least: Vec<i64> = self
                .payments
                .iter()
                .map(|p| p.least(bounds, period))
                .collect();
            let sum: i64 = least.iter().sum();
            if sum > period.2 {
                return Err(Conflict(self.why(bounds, period, usize::MAX)));
            }
            for (j, of_j) in least.iter().enumerate() {
                let p = self.payments[j];
                let room = period.2 - (sum - of_j);
                if p.present.is_some_and(|l| bounds.fails(l))
                    || p.rate * i64::from(p.duration.min(period.1 - period.0)) <= room
                {
                    continue;
                }
                let sure = p.present.is_none_or(|l| bounds.holds(l));
                let (low, high) = (bounds.low(p.start), bounds.high(p.start));
                if !sure {
                    if p.at(low, period).min(p.at(high, period)) > room
                        && let Some(present) = p.present
                    {
                        let mut why = self.why(bounds, period, j);
                        why.push(Lit::at_least(p.start, low));
                        why.push(Lit::at_most(p.start, high));
                        bounds.infer(!present, &why)?;
                    }
                    continue;
                }
                if p.at(low, period) > room {
                    // Too much from here on until the overlap has shrunk to what fits.
                    let fits = (room / p.rate) as i32;
                    let mut why = self.why(bounds, period, j);
                    why.push(Lit::at_least(p.start, low));
                    why.extend(p.present);
                    bounds.infer(Lit::at_least(p.start, period.1 - fits), &why)?;
                }
                let high = bounds.high(p.start);
                if p.at(high, period) > room {
                    let fits = (room / p.rate) as i32;
                    let mut why = self.why(bounds, period, j);
                    why.push(Lit::at_most(p.start, high));
                    why.extend(p.present);
                    bounds.infer(Lit::at_most(p.start, period.0 + fits - p.duration), &why)?;
                }
            }
        }
        Ok(())
    }
}
