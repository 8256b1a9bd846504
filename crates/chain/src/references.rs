//! Reference cases: an interval of ours beside what was observed or published.
//!
//! ```text
//! hit          max(ours.low, observed.low) <= min(ours.high, observed.high)
//! informative  a share:  high - low <= width            anything else:  high <= ratio * low, or high = low
//! centre       ours.value / observed.value
//! at risk      sum over uses i of  value_i * dependent_i * shortage * not_replaced * passed_on
//! ```
//!
//! An interval that holds every outcome cannot miss, so a hit counts only with its width: a hit by an interval
//! that does not inform is called empty. A number that stands in the input cannot test the method: what is read
//! back is called input. Both conventions follow the practice of forecast verification, where reliability without
//! sharpness is no skill (Gneiting, Balabdaoui and Raftery 2007).
//!
//! The value at risk is a chain of shares in the manner of the criticality literature (Graedel et al. 2012; the
//! uses of a material weighted by the value added of the industries that need it), not an equilibrium: no price,
//! no substitution between industries beyond the range of `not_replaced`. Every factor is at least zero and the sum
//! rises in each, so the ends of the product are reached at the ends of the factors.

use model::{Basis, Estimate};
use serde::{Deserialize, Serialize};

use crate::input::coded;

coded! {
    /// What a reference case says about the method.
    Verdict {
        /// The observation lies in an interval that is narrow enough to say something.
        InformativeHit => "references.verdict.informative_hit",
        /// The observation lies in an interval that would have held nearly anything.
        EmptyHit => "references.verdict.empty_hit",
        Missed => "references.verdict.missed",
        /// The observation stands in the input: reading it back tests nothing.
        Input => "references.verdict.input",
        /// The method does not model what was observed, or lacks the data to answer.
        NotModelled => "references.verdict.not_modelled",
    }
}

/// When an interval says something.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sharpness {
    /// Up to this width (shares, 0..1).
    Width(f64),
    /// Up to this ratio of its ends (positive quantities).
    Ratio(f64),
}

impl Sharpness {
    /// Whether `ours` informs. An interval of one point always does.
    pub fn informs(self, ours: &Estimate) -> bool {
        match self {
            Self::Width(most) => ours.width() <= most,
            Self::Ratio(most) => {
                ours.width() == 0.0 || (ours.low > 0.0 && ours.high <= most * ours.low)
            }
        }
    }
}

/// Compares an interval with an observation of the same kind and unit.
pub fn compare(ours: &Estimate, observed: &Estimate, sharpness: Sharpness) -> Verdict {
    let overlap = ours.low.max(observed.low) <= ours.high.min(observed.high);
    match (overlap, sharpness.informs(ours)) {
        (false, _) => Verdict::Missed,
        (true, true) => Verdict::InformativeHit,
        (true, false) => Verdict::EmptyHit,
    }
}

/// How far our value lies from the observed one, as a ratio; `None` where a ratio says nothing.
pub fn centre_ratio(ours: &Estimate, observed: &Estimate) -> Option<f64> {
    (ours.value > 0.0 && observed.value > 0.0).then(|| ours.value / observed.value)
}

/// An industry that uses a material.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Use {
    /// What the industry makes in a year (any currency; the result has the same).
    pub value: Estimate,
    /// The part of it that cannot be made without the material, 0..1.
    pub dependent: Estimate,
}

/// What happens between a shortage and a loss.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Loss {
    /// The part of a year's need that falls short after stocks, 0..1.
    pub shortage: Estimate,
    /// The part of the shortage that no other source, material or recycling replaces, 0..1.
    pub not_replaced: Estimate,
    /// Loss of the whole economy per unit of the using industries' loss, at least 1.
    pub passed_on: Estimate,
}

/// Value added that a shortage of a material takes in a year. Experimental. `None` without uses or with a factor
/// below zero.
pub fn value_at_risk(uses: &[Use], loss: &Loss) -> Option<Estimate> {
    let factors = [loss.shortage, loss.not_replaced, loss.passed_on];
    let negative = |e: &Estimate| e.low < 0.0;
    let bad = uses
        .iter()
        .any(|u| negative(&u.value) || negative(&u.dependent));
    if uses.is_empty() || bad || factors.iter().any(negative) {
        return None;
    }
    let exposed = uses
        .iter()
        .map(|u| u.value.times(u.dependent))
        .fold(Estimate::exact(0.0, Basis::Derived), Estimate::plus);
    Some(factors.into_iter().fold(exposed, Estimate::times))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn span(low: f64, value: f64, high: f64) -> Estimate {
        Estimate::spanning(value, low, high, Basis::Assumed)
    }

    const SHARE: Sharpness = Sharpness::Width(0.3);
    const SIZE: Sharpness = Sharpness::Ratio(10.0);

    #[test]
    fn a_hit_is_an_overlap_and_counts_with_its_width() {
        let observed = span(0.2, 0.2, 0.2);
        let verdict = |low, high| compare(&span(low, low, high), &observed, SHARE);
        assert_eq!(verdict(0.1, 0.3), Verdict::InformativeHit);
        assert_eq!(
            verdict(0.2, 0.3),
            Verdict::InformativeHit,
            "touching ends meet"
        );
        assert_eq!(verdict(0.0, 1.0), Verdict::EmptyHit);
        assert_eq!(verdict(0.21, 0.3), Verdict::Missed);
        assert_eq!(verdict(0.0, 0.19), Verdict::Missed);
    }

    #[test]
    fn sizes_inform_by_the_ratio_of_their_ends() {
        let observed = span(1.7, 3.1, 8.2);
        assert_eq!(
            compare(&span(1.0, 3.0, 10.0), &observed, SIZE),
            Verdict::InformativeHit
        );
        assert_eq!(
            compare(&span(0.9, 3.0, 10.0), &observed, SIZE),
            Verdict::EmptyHit
        );
        assert_eq!(
            compare(&span(0.0, 3.0, 10.0), &observed, SIZE),
            Verdict::EmptyHit
        );
        assert_eq!(
            compare(&span(9.0, 9.0, 10.0), &observed, SIZE),
            Verdict::Missed
        );
        let nothing = span(0.0, 0.0, 0.0);
        assert_eq!(compare(&nothing, &nothing, SIZE), Verdict::InformativeHit);
    }

    #[test]
    fn the_centre_is_a_ratio_where_both_are_positive() {
        assert_eq!(
            centre_ratio(&span(0.0, 6.2, 9.0), &span(1.7, 3.1, 8.2)),
            Some(2.0)
        );
        assert_eq!(
            centre_ratio(&span(0.0, 0.0, 9.0), &span(1.7, 3.1, 8.2)),
            None
        );
    }

    #[test]
    fn the_value_at_risk_multiplies_along_the_chain() {
        // 100 * 0.1 + 50 * 0.2 = 20; 20 * 0.9 * 0.5 * 2 = 18; ends 12 * 0.8 * 0.25 * 1 = 2.4, 30 * 1 * 1 * 3 = 90.
        let uses = [
            Use {
                value: span(80.0, 100.0, 120.0),
                dependent: span(0.1, 0.1, 0.15),
            },
            Use {
                value: span(40.0, 50.0, 60.0),
                dependent: span(0.1, 0.2, 0.2),
            },
        ];
        let loss = Loss {
            shortage: span(0.8, 0.9, 1.0),
            not_replaced: span(0.25, 0.5, 1.0),
            passed_on: span(1.0, 2.0, 3.0),
        };
        let risk = value_at_risk(&uses, &loss).expect("uses");
        for (found, by_hand) in [(risk.low, 2.4), (risk.value, 18.0), (risk.high, 90.0)] {
            assert!((found - by_hand).abs() < 1e-12, "{found} {by_hand}");
        }
        assert_eq!(value_at_risk(&[], &loss), None, "missing is not zero");
    }

    fn any_span() -> impl Strategy<Value = Estimate> {
        (0.0..10.0, 0.0..10.0, 0.0..10.0).prop_map(|(a, b, c): (f64, f64, f64)| {
            let mut ends = [a, b, c];
            ends.sort_by(f64::total_cmp);
            span(ends[0], ends[1], ends[2])
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn a_wider_interval_never_turns_a_hit_into_a_miss_nor_an_empty_one_into_news(
            ours in any_span(), observed in any_span(), down in 0.0..5.0_f64, up in 0.0..5.0_f64,
        ) {
            let wider = span((ours.low - down).max(0.0), ours.value, ours.high + up);
            for sharpness in [SHARE, SIZE] {
                let before = compare(&ours, &observed, sharpness);
                let after = compare(&wider, &observed, sharpness);
                if before != Verdict::Missed {
                    prop_assert_ne!(after, Verdict::Missed);
                }
                if before == Verdict::EmptyHit {
                    prop_assert_eq!(after, Verdict::EmptyHit);
                }
            }
        }

        #[test]
        fn a_larger_shortage_never_risks_less(
            value in any_span(), dependent in any_span(), loss in any_span(), more in 0.0..5.0_f64,
        ) {
            let uses = [Use { value, dependent }];
            let with = |shortage| Loss { shortage, not_replaced: loss, passed_on: loss };
            let less = value_at_risk(&uses, &with(loss)).expect("uses");
            let larger = span(loss.low + more, loss.value + more, loss.high + more);
            let much = value_at_risk(&uses, &with(larger)).expect("uses");
            prop_assert!(less.low <= much.low && less.value <= much.value && less.high <= much.high);
            let none = value_at_risk(&uses, &with(span(0.0, 0.0, 0.0))).expect("uses");
            prop_assert_eq!((none.low, none.high), (0.0, 0.0));
        }
    }
}
