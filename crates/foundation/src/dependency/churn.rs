//! How long a product stays on a list of dependent products.
//!
//! ```text
//! survival(k) = #{p, t : dependent at t and at t + k}/#{p, t : dependent at t and known at t + k}
//! ```
//!
//! Vicard and Wibaux (2023) find that 1 in 5 products on the Commission's list of 2018 is not on it a year later, and
//! close to half of the list of 2014 not five years later. Ranges are Wilson (1927) intervals of 95 %; pooled over
//! start years they are too narrow, because a product counts once for each start.
//!
//! [`Transitions`] is the same question near the threshold: how often did the verdict change from one year to the
//! next, by how far the product was from the threshold.

use std::collections::BTreeMap;

use model::{Basis, Estimate, Message, Quantity, Refusal, Year};

use super::refuse;

/// Joint margin of every product and year: above 0 exactly if dependent, `None` if unknown.
pub type Margins = BTreeMap<String, BTreeMap<Year, Option<f64>>>;

#[derive(Debug, Clone, PartialEq)]
pub struct Survival {
    /// First year; `None` for all start years together.
    pub start: Option<Year>,
    /// Years later, ≥ 1.
    pub lag: i32,
    /// Dependent at the start and known later.
    pub dependent: usize,
    /// Of these, still dependent.
    pub still: usize,
    /// Dependent at the start and unknown later.
    pub unknown: usize,
    /// still/dependent, 0..1.
    pub survival: Quantity,
}

/// Survival of each start year and lag, and of all start years together (`start` `None`, first). Refused for fewer
/// than two years or where nothing was dependent with a later year known.
pub fn curve(margins: &Margins) -> Result<Vec<Survival>, Box<Refusal>> {
    let mut counts: BTreeMap<(Option<Year>, i32), [usize; 3]> = BTreeMap::new();
    for years in margins.values() {
        for (start, margin) in years {
            if !margin.is_some_and(|m| m > 0.0) {
                continue;
            }
            for (later, margin) in years.range(Year(start.0.saturating_add(1))..) {
                let lag = later.0 - start.0;
                for start in [None, Some(*start)] {
                    let count = counts.entry((start, lag)).or_default();
                    match margin {
                        Some(margin) => {
                            count[0] += 1;
                            count[1] += usize::from(*margin > 0.0);
                        }
                        None => count[2] += 1,
                    }
                }
            }
        }
    }
    if counts.values().all(|count| count[0] == 0) {
        return Err(refuse(
            "no_later_year",
            Message::new("dependency.no_later_year"),
            Message::new("dependency.no_later_year.needed"),
        ));
    }
    Ok(counts
        .into_iter()
        .map(|((start, lag), [dependent, still, unknown])| Survival {
            start,
            lag,
            dependent,
            still,
            unknown,
            survival: proportion(still, dependent),
        })
        .collect())
}

/// k of n with its Wilson interval of 95 %; "not estimated" for n = 0.
pub fn proportion(k: usize, n: usize) -> Quantity {
    if n == 0 {
        return Quantity::not_estimated(Message::new("dependency.gap.never_observed"));
    }
    let z: f64 = 1.959_963_984_540_054;
    let (size, p) = (n as f64, k as f64 / n as f64);
    let scale = 1.0 + z * z / size;
    let centre = (p + z * z / (2.0 * size)) / scale;
    let half = z * (p * (1.0 - p) / size + z * z / (4.0 * size * size)).sqrt() / scale;
    Estimate::spanning(
        p,
        (centre - half).max(0.0),
        (centre + half).min(1.0),
        Basis::Derived,
    )
    .into()
}

/// Edges of |margin| between bins.
const EDGES: [f64; 6] = [0.02, 0.05, 0.1, 0.25, 0.5, 1.0];

/// How often the verdict changed within a year, by margin at its start.
#[derive(Debug, Clone, PartialEq)]
pub struct Transitions {
    /// [not dependent, dependent] × bin: [observed, changed].
    counts: [[[usize; 2]; EDGES.len() + 1]; 2],
}

/// Counts over all products and pairs of consecutive years.
pub fn transitions(margins: &Margins) -> Transitions {
    let mut counts = [[[0; 2]; EDGES.len() + 1]; 2];
    for years in margins.values() {
        for (year, margin) in years {
            let next = years.get(&Year(year.0.saturating_add(1)));
            if let (Some(now), Some(Some(next))) = (margin, next) {
                let (side, bin) = place(*now);
                counts[side][bin][0] += 1;
                counts[side][bin][1] += usize::from((*now > 0.0) != (*next > 0.0));
            }
        }
    }
    Transitions { counts }
}

impl Transitions {
    /// Probability that the verdict of a product with this margin changes within a year.
    pub fn change(&self, margin: f64) -> Quantity {
        let (side, bin) = place(margin);
        let [observed, changed] = self.counts[side][bin];
        proportion(changed, observed)
    }
}

fn place(margin: f64) -> (usize, usize) {
    let bin = EDGES.iter().filter(|edge| margin.abs() > **edge).count();
    (usize::from(margin > 0.0), bin)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use super::*;

    #[test]
    fn wilson_by_hand() {
        let e = proportion(8, 10).estimate().expect("observed");
        // (0.8 + 3.8415/20 ± 1.96 √(0.016 + 3.8415/400))/1.38415
        assert_eq!(e.value, 0.8);
        assert!((e.low - 0.490_16).abs() < 1e-5 && (e.high - 0.943_32).abs() < 1e-5);
        let none = proportion(0, 5).estimate().expect("observed");
        assert!(none.low == 0.0 && none.high > 0.4);
        assert!(proportion(0, 0).estimate().is_none());
    }

    #[test]
    fn survival_by_hand() {
        let product = |margins: [Option<f64>; 3]| -> BTreeMap<Year, Option<f64>> {
            (2000..).map(Year).zip(margins).collect()
        };
        let margins: Margins = [
            ("a".to_owned(), product([Some(1.0), Some(0.5), Some(-0.5)])),
            ("b".to_owned(), product([Some(0.1), None, Some(0.1)])),
            ("c".to_owned(), product([Some(-1.0), Some(0.2), Some(0.2)])),
        ]
        .into();
        let found = curve(&margins).expect("three years");
        let at = |start: Option<i32>, lag| {
            let s = found
                .iter()
                .find(|s| s.start == start.map(Year) && s.lag == lag)
                .expect("on the curve");
            (s.dependent, s.still, s.unknown)
        };
        assert_eq!(at(None, 1), (3, 2, 1));
        assert_eq!(at(None, 2), (2, 1, 0));
        assert_eq!(at(Some(2001), 1), (2, 1, 0));
        let t = transitions(&margins);
        let e = t.change(0.4).estimate().expect("one observed");
        assert_eq!(e.value, 1.0, "0.5 became -0.5");
        assert!(t.change(0.03).estimate().is_none());
    }

    #[test]
    fn one_year_is_refused() {
        let margins: Margins = [("a".to_owned(), [(Year(2000), Some(1.0))].into())].into();
        assert_eq!(
            curve(&margins).expect_err("no later year").code,
            "dependency.no_later_year"
        );
    }
}
