//! How losses combine when it is unknown whether they overlap.
//!
//! A node's output is a mass of 1. Each cause (own providers that stop, an input that falls short) takes away a
//! part of it; production needs every input in fixed proportions, so a shortfall `x` of an input takes away the
//! part `x`. Where the parts lie is unknown: they may be nested or disjoint. The union of parts of sizes
//! `x_1..x_n` therefore has a size in
//!
//! ```text
//! [ max(x_1..x_n), min(1, x_1 + .. + x_n) ]          (Fréchet 1935, Hoeffding 1940)
//! ```
//!
//! and both ends are reached. Alternatives (OR) that replace one another fully lose `min`; when nothing is known
//! about how the user splits its purchases and nothing can be switched, they lose at most `max`. An input that
//! was judged not essential is left out of the lower bound and required in the upper one.
//!
//! With `B` the lower and `W` the upper rule, four tracks are carried through the graph: `best` (rule `B`, the most
//! favourable ends of all ranges), `mild` (`B`, central numbers), `severe` (`W`, central numbers) and `worst` (`W`,
//! the least favourable ends). `B` and `W` are non-decreasing and `B <= W`, hence `best <= mild <= severe <= worst`
//! everywhere. The value shown is `central = (mild + severe) / 2`: a convention, not a most likely value. It is
//! taken at the end of the graph; taken at every node it would drift to the upper rule layer by layer.

use model::{Basis, Estimate};

use crate::input::Essential;

/// One number in four readings, `best <= mild <= severe <= worst` for losses (fractions 0..1).
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Tracks {
    pub best: f64,
    pub mild: f64,
    pub severe: f64,
    pub worst: f64,
}

impl Tracks {
    pub const ZERO: Self = Self::all(0.0);
    pub const ONE: Self = Self::all(1.0);

    pub const fn new(best: f64, mild: f64, severe: f64, worst: f64) -> Self {
        Self {
            best,
            mild,
            severe,
            worst,
        }
    }

    pub const fn all(x: f64) -> Self {
        Self::new(x, x, x, x)
    }

    /// A loss that grows with `e`.
    pub const fn rising(e: Estimate) -> Self {
        Self::new(e.low, e.value, e.value, e.high)
    }

    /// A loss that shrinks with `e` (a stock, a tool life).
    pub const fn falling(e: Estimate) -> Self {
        Self::new(e.high, e.value, e.value, e.low)
    }

    /// An unknown part of `e`: nothing of it under the lower rule, all under the upper one.
    pub const fn part_of(e: Estimate) -> Self {
        Self::new(0.0, 0.0, e.value, e.high)
    }

    /// The same readings for what helps instead of hurts.
    #[must_use]
    pub const fn reversed(self) -> Self {
        Self::new(self.worst, self.severe, self.mild, self.best)
    }

    pub fn central(&self) -> f64 {
        f64::midpoint(self.mild, self.severe)
    }

    #[must_use]
    pub fn map(self, f: impl Fn(f64) -> f64) -> Self {
        Self::new(f(self.best), f(self.mild), f(self.severe), f(self.worst))
    }

    #[must_use]
    pub fn zip(self, other: Self, f: impl Fn(f64, f64) -> f64) -> Self {
        Self::new(
            f(self.best, other.best),
            f(self.mild, other.mild),
            f(self.severe, other.severe),
            f(self.worst, other.worst),
        )
    }

    /// The range from best to worst around central, in whatever order they stand.
    pub fn estimate(self, basis: Basis) -> Estimate {
        Estimate::spanning(self.central(), self.best, self.worst, basis)
    }
}

/// All of the parts hit: `[max, min(1, sum)]`.
pub fn union_of(parts: impl IntoIterator<Item = Tracks>) -> Tracks {
    let (max, sum) = parts
        .into_iter()
        .fold((Tracks::ZERO, Tracks::ZERO), |(max, sum), part| {
            (max.zip(part, f64::max), sum.zip(part, |a, b| a + b))
        });
    between(max, sum.map(|sum| sum.min(1.0)))
}

/// The shortfall of an input group from its alternatives: `[min, max]`.
pub fn alternatives(shortfalls: impl IntoIterator<Item = Tracks>) -> Tracks {
    let (min, max) = shortfalls
        .into_iter()
        .fold((Tracks::ONE, Tracks::ZERO), |(min, max), short| {
            (min.zip(short, f64::min), max.zip(short, f64::max))
        });
    between(min, max)
}

/// The lower rule for the two lower tracks, the upper rule for the two upper ones.
pub(crate) const fn between(lower: Tracks, upper: Tracks) -> Tracks {
    Tracks::new(lower.best, lower.mild, upper.severe, upper.worst)
}

/// The loss of a node from what its own providers lose and what its input groups lack.
///
/// `pass` is the part of the node's supply that needs the inputs at all, used by the lower rule only (1 unless a
/// buyer's view leaves third countries' makers untouched).
pub fn node_loss(own: Tracks, groups: &[(Essential, Tracks)], pass: Tracks) -> Tracks {
    let lower = |pick: fn(&Tracks) -> f64| {
        let inputs = groups
            .iter()
            .filter(|(essential, _)| *essential == Essential::Yes)
            .fold(0.0_f64, |m, (_, group)| m.max(pick(group)));
        pick(&own).max(pick(&pass) * inputs)
    };
    let upper = |pick: fn(&Tracks) -> f64| {
        groups
            .iter()
            .fold(pick(&own), |sum, (_, group)| sum + pick(group))
            .min(1.0)
    };
    Tracks::new(
        lower(|t| t.best),
        lower(|t| t.mild),
        upper(|t| t.severe),
        upper(|t| t.worst),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use super::*;

    #[test]
    fn and_groups_by_hand() {
        // own 0.2, input 0.5, optional input 0.4.
        // best: max(0.2, 0.5) = 0.5; worst: 0.2 + 0.5 + 0.4 = 1.1 -> 1.
        let groups = [
            (Essential::Yes, Tracks::all(0.5)),
            (Essential::No, Tracks::all(0.4)),
        ];
        let loss = node_loss(Tracks::all(0.2), &groups, Tracks::ONE);
        assert_eq!(loss, Tracks::new(0.5, 0.5, 1.0, 1.0));
        assert_eq!(loss.central(), 0.75);
    }

    #[test]
    fn or_groups_by_hand() {
        // one alternative lost, the other whole: 0 when substitution is full, 1 when all had bought the first.
        let loss = alternatives([Tracks::ONE, Tracks::ZERO]);
        assert_eq!(loss, Tracks::new(0.0, 0.0, 1.0, 1.0));
    }
}
