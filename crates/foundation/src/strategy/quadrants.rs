//! Smart specialisation: relatedness against complexity of what a location does not have (Balland, Boschma, Crespo and
//! Rigby, 2019).
//!
//! ```text
//!                     complexity above the cut    below
//! relatedness above   high road                   slow road
//! relatedness below   casino                      dead end
//! ```
//!
//! The cuts are taken over the location's options (M = 0) with both numbers known: their mean, their median, or own values.
//! Both numbers carry a range; an option whose range crosses a cut is **not separated** and lists every quadrant its
//! ranges touch. The cut itself is taken from the values, not from the ranges. The four names are from memory.

use std::collections::BTreeSet;

use model::{Estimate, Message, Refusal};

/// Where the axes are cut.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Cut {
    #[default]
    Mean,
    Median,
    /// (relatedness, complexity).
    At(f64, f64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quadrant {
    /// Related and complex.
    HighRoad,
    /// Related, not complex.
    SlowRoad,
    /// Complex, not related.
    Casino,
    DeadEnd,
}

impl Quadrant {
    pub fn code(self) -> &'static str {
        match self {
            Self::HighRoad => "quadrant.high_road",
            Self::SlowRoad => "quadrant.slow_road",
            Self::Casino => "quadrant.casino",
            Self::DeadEnd => "quadrant.dead_end",
        }
    }

    fn of(related: bool, complex: bool) -> Self {
        match (related, complex) {
            (true, true) => Self::HighRoad,
            (true, false) => Self::SlowRoad,
            (false, true) => Self::Casino,
            (false, false) => Self::DeadEnd,
        }
    }
}

/// An activity that the location does not have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    pub activity: usize,
    /// Relatedness density.
    pub relatedness: Estimate,
    /// Complexity of the activity.
    pub complexity: Estimate,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    pub candidate: Candidate,
    /// The quadrant of the values.
    pub quadrant: Quadrant,
    /// Every quadrant the ranges touch, with the one of the values.
    pub possible: BTreeSet<Quadrant>,
}

impl Placed {
    /// Whether the ranges leave one quadrant only.
    pub fn is_separated(&self) -> bool {
        self.possible.len() == 1
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Quadrants {
    pub relatedness_cut: f64,
    pub complexity_cut: f64,
    /// In the order of the candidates.
    pub placed: Vec<Placed>,
}

/// Places every candidate. At a cut counts as above.
///
/// Refused with fewer than two candidates where the cut comes from them.
pub fn quadrants(candidates: &[Candidate], cut: Cut) -> Result<Quadrants, Box<Refusal>> {
    if candidates.len() < 2 && !matches!(cut, Cut::At(..)) {
        return Err(Box::new(Refusal {
            code: "strategy.quadrants.too_few".to_owned(),
            question: Message::new("strategy.quadrants.question"),
            reason: Message::new("strategy.quadrants.too_few.reason").with("n", candidates.len()),
            needed: Message::new("strategy.quadrants.too_few.needed"),
        }));
    }
    let values = |of: fn(&Candidate) -> f64| candidates.iter().map(of).collect::<Vec<f64>>();
    let (relatedness, complexity) = (
        values(|c| c.relatedness.value),
        values(|c| c.complexity.value),
    );
    let (relatedness_cut, complexity_cut) = match cut {
        Cut::Mean => (mean(relatedness), mean(complexity)),
        Cut::Median => (median(relatedness), median(complexity)),
        Cut::At(r, c) => (r, c),
    };
    let placed = candidates
        .iter()
        .map(|c| {
            let (r, k) = (&c.relatedness, &c.complexity);
            let possible = [r.low, r.high]
                .iter()
                .flat_map(|r| [k.low, k.high].map(|k| (*r, k)))
                .map(|(r, k)| Quadrant::of(r >= relatedness_cut, k >= complexity_cut))
                .collect();
            Placed {
                candidate: *c,
                quadrant: Quadrant::of(r.value >= relatedness_cut, k.value >= complexity_cut),
                possible,
            }
        })
        .collect();
    Ok(Quadrants {
        relatedness_cut,
        complexity_cut,
        placed,
    })
}

fn mean(mut values: Vec<f64>) -> f64 {
    // Sorted: the same bits in any order of candidates.
    values.sort_unstable_by(f64::total_cmp);
    values.iter().sum::<f64>() / values.len() as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    }
}

#[cfg(test)]
mod tests {
    use model::Basis;
    use proptest::prelude::*;

    use super::*;

    fn candidate(activity: usize, r: (f64, f64, f64), k: (f64, f64, f64)) -> Candidate {
        let range =
            |(low, value, high)| Estimate::new(value, low, high, Basis::Derived).expect("a range");
        Candidate {
            activity,
            relatedness: range(r),
            complexity: range(k),
        }
    }

    #[test]
    fn a_range_across_the_cut_is_not_separated() {
        let found = quadrants(
            &[
                candidate(0, (0.7, 0.8, 0.9), (0.9, 1.0, 1.1)),
                candidate(1, (0.1, 0.2, 0.3), (-0.5, 1.0, 1.1)),
                candidate(2, (0.1, 0.2, 0.6), (-1.2, -1.0, 0.5)),
                candidate(3, (0.7, 0.8, 0.9), (-1.2, -1.0, -0.9)),
            ],
            Cut::Median,
        )
        .expect("enough");
        assert!((found.relatedness_cut - 0.5).abs() < 1e-15 && found.complexity_cut == 0.0);
        let seen: Vec<(Quadrant, usize)> = found
            .placed
            .iter()
            .map(|p| (p.quadrant, p.possible.len()))
            .collect();
        assert_eq!(
            seen,
            [
                (Quadrant::HighRoad, 1),
                (Quadrant::Casino, 2),
                (Quadrant::DeadEnd, 4),
                (Quadrant::SlowRoad, 1)
            ]
        );
        assert!(quadrants(&[], Cut::Mean).is_err());
    }

    proptest! {
        #[test]
        fn narrower_ranges_never_open_a_quadrant(
            cells in proptest::collection::vec((-1.0f64..1.0, -1.0f64..1.0, 0.0f64..1.0), 2..20), part in 0.0f64..1.0
        ) {
            let at = |scale: f64| {
                let all: Vec<Candidate> = cells.iter().enumerate().map(|(i, (r, k, w))| {
                    let w = w * scale;
                    candidate(i, (r - w, *r, r + w), (k - w, *k, k + w))
                }).collect();
                quadrants(&all, Cut::Mean).expect("enough")
            };
            let (wide, narrow) = (at(1.0), at(part));
            for (w, n) in wide.placed.iter().zip(&narrow.placed) {
                prop_assert_eq!(w.quadrant, n.quadrant);
                prop_assert!(n.possible.is_subset(&w.possible) && n.possible.contains(&n.quadrant));
            }
            prop_assert!(at(0.0).placed.iter().all(Placed::is_separated));
        }
    }
}
