//! When an iteration ends: fixed counts of the peers, crossing times, and ranks that are settled.
//!
//! The time at which two neighbours in rank would cross, if each ln v went on growing as a power of n with the exponent
//! g seen in the last step (Pugliese et al., 2016):
//!
//! ```text
//! g_i = (ln v_i(n') − ln v_i(n)) / ln(n'/n)
//! T   = n' · (v_i / v_j)^(1 / (g_j − g_i))   for v_i < v_j and g_j < g_i, the lower of two neighbours growing faster
//! ```

use super::{Convergence, State, order};

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stop {
    /// Exactly so many updates.
    Fixed { iterations: usize },
    /// Until the largest change of F and of Q, each over its largest old value, is below `tolerance` (econcomplex).
    Relative { most: usize, tolerance: f64 },
    /// Until Σ|ΔF| / ΣF is below `tolerance`, asked after a tenth of `most` (fermi-cref).
    Distance { most: usize, tolerance: f64 },
    /// Until no ranks are expected to cross before `most`, asked every eighth update after a tenth of `most` (fermi-cref;
    /// where no pair closes up at all this stops, and fermi-cref goes on).
    CrossingTime { most: usize },
    /// Until every ln F and ln Q moves by less than `tolerance` in one update; or until, over the last doubling of
    /// updates, no rank of a location changed, no F (mean 1) moved by more than `value_tolerance`, and no two ranks are
    /// expected to cross before `most`. At `most` it gives up.
    Settled {
        most: usize,
        tolerance: f64,
        value_tolerance: f64,
    },
}

impl Default for Stop {
    fn default() -> Self {
        Self::Settled {
            most: 20_000,
            tolerance: 1e-10,
            value_tolerance: 1e-3,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The number of updates asked for.
    Counted,
    /// Changes below the tolerance.
    Converged,
    /// Ranks are settled; logarithms of weak units still fall.
    RankStable,
    /// Neither, after as many updates as allowed.
    GaveUp,
}

/// The earliest step at which two neighbours in rank are expected to cross; ∞ if no pair closes up.
///
/// `before` and `after` are logarithms at steps `from` < `to`, both at least 1.
pub fn minimum_crossing_time(before: &[f64], after: &[f64], from: usize, to: usize) -> f64 {
    let span = (to as f64 / from as f64).ln();
    let growth = |i: usize| (after[i] - before[i]) / span;
    let order = order(after);
    order
        .windows(2)
        .filter_map(|pair| {
            let (high, low) = (pair[0], pair[1]);
            let closing = growth(high) - growth(low);
            (closing < 0.0).then(|| ((after[low] - after[high]) / closing).exp() * to as f64)
        })
        .fold(f64::INFINITY, f64::min)
}

/// Watches an iteration and says when it ends.
pub(super) struct Watch {
    stop: Stop,
    iterations: usize,
    order: Vec<usize>,
    ranks_since: usize,
    /// ln F at the last power of two.
    checkpoint: Vec<f64>,
}

impl Watch {
    pub fn new(stop: Stop, start: &[f64]) -> Self {
        Self {
            stop,
            iterations: 0,
            order: order(start),
            ranks_since: 0,
            checkpoint: start.to_vec(),
        }
    }

    pub fn step(&mut self, old: &State, new: &State) -> Option<Convergence> {
        self.iterations += 1;
        let n = self.iterations;
        let ranks = order(&new.f);
        if ranks != self.order {
            self.order = ranks;
            self.ranks_since = n;
        }
        let log_change =
            largest(&old.f, &new.f, |a, b| (a - b).abs())
                .max(largest(&old.q, &new.q, |a, b| (a - b).abs()));
        let ending = self.ending(old, new, log_change);
        if n.is_power_of_two() {
            self.checkpoint.clone_from(&new.f);
        }
        Some(Convergence {
            iterations: n,
            ending: ending?,
            log_change,
            change: largest(&old.f, &new.f, plain),
            ranks_since: self.ranks_since,
        })
    }

    fn ending(&self, old: &State, new: &State, log_change: f64) -> Option<Ending> {
        let n = self.iterations;
        // Asked for nothing: one update all the same, a start is no result.
        let spent = |most: usize| (n >= most).then_some(Ending::GaveUp);
        let done = |is: bool, ending: Ending| is.then_some(ending);
        match self.stop {
            Stop::Fixed { iterations } => done(n >= iterations, Ending::Counted),
            Stop::Relative { most, tolerance } => {
                let relative = |old: &[f64], new: &[f64]| {
                    let top = old.iter().copied().fold(f64::NEG_INFINITY, f64::max).exp();
                    largest(old, new, plain) / (top + 1e-15)
                };
                let small =
                    relative(&old.f, &new.f) < tolerance && relative(&old.q, &new.q) < tolerance;
                done(small, Ending::Converged).or_else(|| spent(most))
            }
            Stop::Distance { most, tolerance } => {
                let total: f64 = new.f.iter().map(|f| f.exp()).sum();
                let moved: f64 = old
                    .f
                    .iter()
                    .zip(&new.f)
                    .map(|(a, b)| (a.exp() - b.exp()).abs())
                    .sum();
                let small = n > most / 10 + 1 && moved / total < tolerance;
                done(small, Ending::Converged).or_else(|| spent(most))
            }
            Stop::CrossingTime { most } => {
                let asked = n.is_multiple_of(8) && n > most / 10 + 1;
                let settled = asked
                    && minimum_crossing_time(&old.f, &new.f, n - 1, n) + n as f64 > most as f64;
                done(settled, Ending::RankStable).or_else(|| spent(most))
            }
            Stop::Settled {
                most,
                tolerance,
                value_tolerance,
            } => {
                let ranks = n >= 64
                    && n.is_power_of_two()
                    && self.ranks_since <= n / 2
                    && largest(&self.checkpoint, &new.f, plain) < value_tolerance
                    && minimum_crossing_time(&self.checkpoint, &new.f, n / 2, n) > most as f64;
                done(log_change < tolerance, Ending::Converged)
                    .or_else(|| done(ranks, Ending::RankStable))
                    .or_else(|| spent(most))
            }
        }
    }
}

fn plain(a: f64, b: f64) -> f64 {
    (a.exp() - b.exp()).abs()
}

/// Over entries that are finite in both.
fn largest(old: &[f64], new: &[f64], distance: fn(f64, f64) -> f64) -> f64 {
    let pairs = old.iter().zip(new);
    pairs
        .filter(|(a, b)| a.is_finite() && b.is_finite())
        .map(|(a, b)| distance(*a, *b))
        .fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crossing_by_hand() {
        // v = (4, 1) at n' = 2; exponents g = (0, 1): 4 = (T/2)^1, so T = 8.
        let after = [4.0_f64.ln(), 0.0];
        let before = [4.0_f64.ln(), 0.5_f64.ln()];
        assert!((minimum_crossing_time(&before, &after, 1, 2) - 8.0).abs() < 1e-12);
        assert!(minimum_crossing_time(&after, &after, 1, 2).is_infinite());
    }
}
