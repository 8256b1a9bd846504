//! The least fixed point of a channel from below, sixteen shocks at once, and the check that bounds it from above.
//!
//! Updating rows in any order, with inputs that may be out of date, never passes the least fixed point L* (monotone chaotic
//! iteration); whatever is skipped, `low ≤ L*`. If `Lp = min(1, low + τζ)` satisfies G(Lp) ≤ Lp, then L* ≤ Lp (Knaster,
//! Tarski): optimistic value iteration (Hartmanns, Kaminski 2020). Sums are rounded down on the way up and up in the check.

use super::lanes::{LANES, V, larger, smaller, widest};
use super::layout::ALONE;
use super::prepared::Asked;
use super::system::{Marked, System, rounding};
use super::zeta::Zeta;

/// Links read in one climb at most: the larger of the two.
const LEAST_VISITS: usize = 10_000_000;
const VISITS_PER_LINK: usize = 200;

/// State of a batch in one channel.
pub(crate) struct Ascent {
    pub low: Vec<V>,
    passed: Vec<V>,
    /// Firms with a loss in some lane, in the order in which they were found, and the same as a set.
    pub touched: Vec<u32>,
    is_touched: Marked,
    dirty: Marked,
    /// Σ s L by market and the number of its summands.
    lost: Vec<V>,
    updates: Vec<u32>,
    inverse: Vec<V>,
    shocked: Vec<u8>,
    /// c(Lp) of touched firms during a check.
    above: Vec<V>,
}

impl Ascent {
    pub fn new(system: &System) -> Self {
        let n = system.len();
        let markets = system.market_size.len();
        Self {
            low: vec![V::ZERO; n],
            passed: vec![V::ZERO; n],
            touched: Vec::new(),
            is_touched: Marked::new(n),
            dirty: Marked::new(n),
            lost: vec![V::ZERO; markets],
            updates: vec![0; markets],
            inverse: vec![V::ZERO; markets],
            shocked: vec![0; n],
            above: vec![V::ZERO; n],
        }
    }

    /// Starts a batch; what the last one left is taken away.
    pub fn start(&mut self, system: &System, asked: &Asked, lanes: &[Option<usize>; LANES]) {
        for i in self.touched.drain(..) {
            (self.low[i as usize], self.passed[i as usize]) = (V::ZERO, V::ZERO);
            self.shocked[i as usize] = 0;
        }
        self.is_touched.clear();
        self.dirty.clear();
        self.lost.fill(V::ZERO);
        self.updates.fill(0);
        for (lane, shock) in lanes.iter().enumerate() {
            let Some(shock) = shock else { continue };
            for (firm, loss) in asked.shock(*shock) {
                for i in [*firm, system.stand_in[*firm as usize]] {
                    let i = i as usize;
                    self.shocked[i] = 1;
                    self.touch(i);
                    self.low[i].0[lane] = larger(self.low[i].0[lane], *loss);
                }
            }
        }
        for at in 0..self.touched.len() {
            let i = self.touched[at] as usize;
            let (m, low) = (system.market[i], self.low[i]);
            self.count(m, system.size[i], &low);
        }
    }

    #[inline(always)]
    fn touch(&mut self, i: usize) {
        if !self.is_touched.has(i) {
            self.is_touched.mark(i);
            self.touched.push(i as u32);
        }
    }

    #[inline(always)]
    fn count(&mut self, market: u32, size: f64, rise: &V) {
        if market != ALONE {
            self.lost[market as usize].add(size, rise);
            self.updates[market as usize] += 1;
        }
    }

    /// Climbs until no loss that is passed on changes by more than `step`. Returns the number of rounds.
    pub fn climb(&mut self, system: &System, step: &V, most_rounds: u32) -> u32 {
        widest(
            #[inline(always)]
            || climb(self, system, step, most_rounds),
        )
    }

    /// Lanes in which low + τζ is a bound from above.
    pub fn verify(&mut self, system: &System, zeta: &Zeta, tau: &V) -> [bool; LANES] {
        widest(
            #[inline(always)]
            || verify(self, system, zeta, tau),
        )
    }

    /// S_m/D_m of the most depleted market, by lane.
    pub fn depletion(&self, system: &System) -> V {
        let mut most = V::all(1.0);
        for (m, size) in system.market_size.iter().enumerate() {
            if *size > 0.0 {
                let at = self.lost[m].map(|lost| size / (size - lost).max(size * 1e-12));
                most = most.max(&at);
            }
        }
        most
    }

    /// The losses of one lane.
    pub fn column(&self, lane: usize) -> Vec<f64> {
        self.low.iter().map(|low| low.0[lane]).collect()
    }

    /// Replaces the losses of one lane by larger ones.
    pub fn raise(&mut self, lane: usize, values: &[f64]) {
        for (i, value) in values.iter().enumerate() {
            if *value > self.low[i].0[lane] {
                self.touch(i);
                self.low[i].0[lane] = *value;
            }
        }
    }
}

/// Most that a market can be too small by rounding.
#[inline(always)]
fn slack(size: f64, summands: u32) -> f64 {
    f64::from(summands + 16) * f64::EPSILON * size
}

#[inline(always)]
fn climb(state: &mut Ascent, system: &System, step: &V, most_rounds: u32) -> u32 {
    let rows = &system.rows;
    let mut visits = LEAST_VISITS.max(VISITS_PER_LINK * rows.from.len());
    for round in 1..=most_rounds {
        for m in 0..state.lost.len() {
            let size = system.market_size[m];
            let room = slack(size, state.updates[m]);
            state.inverse[m] = state.lost[m]
                .map(|lost| 1.0 / (larger(size - lost, 0.0) + room + f64::MIN_POSITIVE));
        }
        let mut moved = false;
        for at in 0..state.touched.len() {
            let i = state.touched[at] as usize;
            let pass = passed_on(state, system, i);
            if pass.minus(&state.passed[i]).any_above(step) {
                state.passed[i] = pass.max(&state.passed[i]);
                state.dirty.mark_all(system.readers_of(i));
                moved = true;
            }
        }
        let mut word = 0;
        while let Some(j) = state.dirty.take(&mut word) {
            // A round can mark its own rows again and again: what bounds the work is what was read.
            visits = visits.saturating_sub(1 + rows.all_of(j).len());
            if visits == 0 {
                return round;
            }
            moved = true;
            let mut most = V::ZERO;
            for group in rows.groups_of(j) {
                let links = rows.links_of(group);
                let down = 1.0 - rounding(links.len());
                let mut sum = V::ZERO;
                for link in links {
                    sum.add(rows.weight[link], &state.passed[rows.from[link] as usize]);
                }
                most = most.max(&sum.map(|x| x * down));
            }
            let old = state.low[j];
            let new = most.at_most_one().max(&old);
            let rise = new.minus(&old);
            if !rise.any_above(&V::ZERO) {
                continue;
            }
            state.touch(j);
            state.low[j] = new;
            state.count(system.market[j], system.size[j], &rise);
            let pass = passed_on(state, system, j);
            if pass.minus(&state.passed[j]).any_above(step) {
                state.passed[j] = pass.max(&state.passed[j]);
                state.dirty.mark_all(system.readers_of(j));
            }
        }
        if !moved {
            return round;
        }
    }
    most_rounds
}

#[inline(always)]
fn passed_on(state: &Ascent, system: &System, i: usize) -> V {
    let low = state.low[i];
    match system.market[i] {
        ALONE => low,
        m => {
            let size = system.size[i];
            low.with(&state.inverse[m as usize], |loss, inv| {
                loss * smaller(1.0, size * inv)
            })
        }
    }
}

#[inline(always)]
fn verify(state: &mut Ascent, system: &System, zeta: &Zeta, tau: &V) -> [bool; LANES] {
    let rows = &system.rows;
    let mut holds = [true; LANES];
    // D_m(Lp) from below.
    for m in 0..state.lost.len() {
        let size = system.market_size[m];
        if size <= 0.0 {
            continue;
        }
        let room = slack(size, state.updates[m]) + 1e-13 * size;
        let spread = zeta.by_market[m];
        let left = state.lost[m].with(tau, |lost, tau| size - lost - tau * spread - room);
        for lane in 0..LANES {
            holds[lane] &= size <= zeta.depletion * left.0[lane];
        }
        state.inverse[m] = left.map(|d| if d > 0.0 { 1.0 / d } else { f64::MAX });
    }
    // What touched firms pass on at most.
    for at in 0..state.touched.len() {
        let i = state.touched[at] as usize;
        let z = zeta.zeta[i];
        let bound = state.low[i].with(tau, |low, tau| smaller(1.0, low + tau * z));
        let above = match system.market[i] {
            ALONE => bound,
            m => {
                let size = system.size[i] * (1.0 + 4.0 * f64::EPSILON);
                bound.with(&state.inverse[m as usize], |loss, inv| {
                    loss * smaller(1.0, size * inv)
                })
            }
        };
        state.above[i] = above;
        state.dirty.mark(i);
        state.dirty.mark_all(system.readers_of(i));
    }
    let mut word = 0;
    while let Some(j) = state.dirty.take(&mut word) {
        let mut most = V::ZERO;
        for group in rows.groups_of(j) {
            let links = rows.links_of(group);
            let up = 1.0 + rounding(links.len());
            let (mut sum, mut untouched) = (V::ZERO, 0.0);
            for link in links {
                let i = rows.from[link] as usize;
                if state.is_touched.has(i) {
                    sum.add(rows.weight[link], &state.above[i]);
                } else {
                    untouched += rows.weight[link] * zeta.passed[i];
                }
            }
            sum.add(untouched, tau);
            most = most.max(&sum.map(|x| x * up));
        }
        let z = zeta.zeta[j];
        for lane in 0..LANES {
            let bound = state.low[j].0[lane] + tau.0[lane] * z;
            holds[lane] &= most.0[lane] <= bound || bound >= 1.0;
        }
    }
    holds
}
