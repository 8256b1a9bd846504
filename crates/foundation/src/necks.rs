//! Stuck necks: key technologies that others hold, by four attributes.
//!
//! After Chen Xu et al. (2024), Journal of Intelligence 情报杂志 43(4): a stuck neck has high value, a large
//! gap, a strong monopoly, and is hard to break. Each attribute is a number with a range, compared with a
//! threshold of the study:
//!
//! | attribute | measured by | range of |
//! |---|---|---|
//! | value | share of end products that stop without it | 0..1 |
//! | gap | 1 - home's share / largest foreign share | 0..1 |
//! | monopoly | share of the largest foreign country | 0..1 |
//! | hardness | years to build the capability (reference class) | years |
//!
//! An attribute passes when its whole range lies at or above the threshold, fails when it lies below, and is
//! open otherwise. Neck: all four pass. No neck: one fails. Open: the rest, with what would decide it.

use model::{Basis, Entity, Estimate, Message, Quantity, RowRef};
use serde::{Deserialize, Serialize};

/// Thresholds of the four attributes; an attribute at or above its threshold passes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NeckParams {
    pub value: f64,
    pub gap: f64,
    pub monopoly: f64,
    /// Years.
    pub hardness: f64,
}

impl Default for NeckParams {
    fn default() -> Self {
        Self {
            value: 0.2,
            gap: 0.6,
            monopoly: 0.5,
            hardness: 2.0,
        }
    }
}

/// One attribute with what carries it.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    pub quantity: Quantity,
    pub origins: Vec<RowRef>,
}

impl Attribute {
    pub fn new(quantity: impl Into<Quantity>, origins: Vec<RowRef>) -> Self {
        Self {
            quantity: quantity.into(),
            origins,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// A chain node or a published chokepoint.
    pub subject: Entity,
    pub value: Attribute,
    pub gap: Attribute,
    pub monopoly: Attribute,
    pub hardness: Attribute,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Test {
    Pass,
    Open,
    Fail,
}

impl Test {
    pub fn code(self) -> &'static str {
        match self {
            Self::Pass => "test.pass",
            Self::Open => "test.open",
            Self::Fail => "test.fail",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    Neck,
    Open,
    NoNeck,
}

impl Verdict {
    pub fn code(self) -> &'static str {
        match self {
            Self::Neck => "verdict.neck",
            Self::Open => "verdict.open",
            Self::NoNeck => "verdict.no_neck",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Neck {
    pub candidate: Candidate,
    /// value, gap, monopoly, hardness.
    pub tests: [Test; 4],
    pub verdict: Verdict,
    /// What would change the verdict, one line per attribute that decides.
    pub would_change: Vec<Message>,
}

const ATTRIBUTES: [&str; 4] = ["value", "gap", "monopoly", "hardness"];

/// Judges every candidate; necks first, then open ones by how many attributes pass, then by id.
pub fn judge(candidates: Vec<Candidate>, params: &NeckParams) -> Vec<Neck> {
    let thresholds = [params.value, params.gap, params.monopoly, params.hardness];
    let mut necks: Vec<Neck> = candidates
        .into_iter()
        .map(|candidate| {
            let attributes = [
                &candidate.value,
                &candidate.gap,
                &candidate.monopoly,
                &candidate.hardness,
            ];
            let tests: [Test; 4] =
                std::array::from_fn(|i| test(&attributes[i].quantity, thresholds[i]));
            let verdict = if tests.contains(&Test::Fail) {
                Verdict::NoNeck
            } else if tests.contains(&Test::Open) {
                Verdict::Open
            } else {
                Verdict::Neck
            };
            let would_change = deciding(&attributes, &tests, verdict, &thresholds)
                .into_iter()
                .filter_map(|i| {
                    change(i, &attributes[i].quantity, tests[i], verdict, thresholds[i])
                })
                .collect();
            Neck {
                tests,
                verdict,
                would_change,
                candidate,
            }
        })
        .collect();
    necks.sort_by(|a, b| {
        let passes = |n: &Neck| n.tests.iter().filter(|t| **t == Test::Pass).count();
        (
            a.verdict,
            std::cmp::Reverse(passes(a)),
            &a.candidate.subject,
        )
            .cmp(&(
                b.verdict,
                std::cmp::Reverse(passes(b)),
                &b.candidate.subject,
            ))
    });
    necks
}

/// The attributes that decide: for a neck the one that is closest to its threshold, else all that stand in the
/// way.
fn deciding(
    attributes: &[&Attribute; 4],
    tests: &[Test; 4],
    verdict: Verdict,
    thresholds: &[f64; 4],
) -> Vec<usize> {
    let margin = |i: usize| {
        let low = attributes[i].quantity.estimate().map_or(0.0, |e| e.low);
        if thresholds[i] > 0.0 {
            low / thresholds[i]
        } else {
            f64::INFINITY
        }
    };
    match verdict {
        Verdict::Neck => (0..4)
            .min_by(|a, b| margin(*a).total_cmp(&margin(*b)))
            .into_iter()
            .collect(),
        Verdict::Open => (0..4).filter(|i| tests[*i] == Test::Open).collect(),
        Verdict::NoNeck => (0..4).filter(|i| tests[*i] == Test::Fail).collect(),
    }
}

fn test(quantity: &Quantity, threshold: f64) -> Test {
    match quantity.estimate() {
        Some(e) if e.low >= threshold => Test::Pass,
        Some(e) if e.high < threshold => Test::Fail,
        _ => Test::Open,
    }
}

/// The finding that would turn the verdict, where this attribute can turn it.
fn change(
    attribute: usize,
    quantity: &Quantity,
    test: Test,
    verdict: Verdict,
    threshold: f64,
) -> Option<Message> {
    let with = |id: &str| {
        Message::new(id)
            .with(
                "attribute",
                Message::new(format!("attribute.{}", ATTRIBUTES[attribute])),
            )
            .with("threshold", threshold)
            .with(
                "setting",
                format!("necks.thresholds.{}", ATTRIBUTES[attribute]),
            )
    };
    match (verdict, test, quantity) {
        (Verdict::Neck, Test::Pass, Quantity::Estimated(e)) => {
            Some(with("necks.ends_if_below").with("low", e.low))
        }
        (Verdict::Open, Test::Open, Quantity::Estimated(e)) => Some(
            with("necks.decided_by")
                .with("low", e.low)
                .with("high", e.high),
        ),
        (Verdict::Open, Test::Open, Quantity::NotEstimated(reason)) => {
            Some(with("necks.needs_evidence").with("reason", reason.clone()))
        }
        (Verdict::NoNeck, Test::Fail, Quantity::Estimated(e)) => {
            Some(with("necks.becomes_if_above").with("high", e.high))
        }
        _ => None,
    }
}

/// Gap and monopoly of home at a node from the shares of its supplier countries.
///
/// `shares` are fractions of the node's supply. The unknown rest r = 1 - Σ shares may hold home, where it is not
/// listed, or a rival larger than every listed one:
///
/// ```text
/// home's share   listed, else in [0, r] with r/2 as value
/// largest rival  low = max of lows, high = max(max of highs, r); value = max of values, r/2 where none is listed
/// gap            = max(0, 1 - home / rival)
/// ```
pub fn gap_and_monopoly(home: Option<Estimate>, foreign: &[Estimate]) -> (Quantity, Quantity) {
    if home.is_none() && foreign.is_empty() {
        let missing = || Quantity::not_estimated(Message::new("necks.no_share"));
        return (missing(), missing());
    }
    let zero = Estimate::exact(0.0, Basis::Derived);
    let known = foreign
        .iter()
        .copied()
        .fold(home.unwrap_or(zero), Estimate::plus);
    let rest = Estimate::exact(1.0, Basis::Derived)
        .minus(known)
        .clamped(0.0, 1.0);
    let hidden = Estimate::spanning(rest.value / 2.0, 0.0, rest.high, Basis::Derived);
    let own = home.unwrap_or(hidden);
    let largest = |pick: fn(&Estimate) -> f64| foreign.iter().map(pick).fold(0.0, f64::max);
    let rival = Estimate::spanning(
        if foreign.is_empty() {
            hidden.value
        } else {
            largest(|e| e.value)
        },
        largest(|e| e.low),
        largest(|e| e.high).max(rest.high).min(1.0),
        foreign
            .iter()
            .map(|e| e.basis)
            .fold(Basis::Derived, Basis::and),
    );
    // 1 - home / rival, increasing in the rival and decreasing in home; without a rival there is no gap.
    let gap = |own: f64, rival: f64| {
        if rival > 0.0 {
            (1.0 - own / rival).clamp(0.0, 1.0)
        } else {
            0.0
        }
    };
    let gap = Estimate::spanning(
        gap(own.value, rival.value),
        gap(own.high, rival.low),
        gap(own.low, rival.high),
        own.basis.and(rival.basis),
    );
    (gap.into(), rival.into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use model::Kind;
    use proptest::prelude::*;

    use super::*;

    fn e(value: f64, low: f64, high: f64) -> Estimate {
        Estimate::new(value, low, high, Basis::Published).expect("a range")
    }

    fn candidate(
        id: &str,
        value: Quantity,
        gap: Quantity,
        monopoly: Quantity,
        hardness: Quantity,
    ) -> Candidate {
        let a = |q| Attribute::new(q, vec![]);
        Candidate {
            subject: Entity::new(Kind::Node, id),
            value: a(value),
            gap: a(gap),
            monopoly: a(monopoly),
            hardness: a(hardness),
        }
    }

    #[test]
    fn gap_and_monopoly_by_hand() {
        // Home 10 %, A 60 % (50-70), B 20 %: rest 10 % (0-20).
        let (gap, monopoly) = gap_and_monopoly(
            Some(e(0.1, 0.1, 0.1)),
            &[e(0.6, 0.5, 0.7), e(0.2, 0.2, 0.2)],
        );
        let gap = gap.estimate().expect("shares");
        assert!((gap.value - (1.0 - 0.1 / 0.6)).abs() < 1e-12);
        assert!((gap.low - 0.8).abs() < 1e-12); // 1 - 0.1 / 0.5
        assert!((gap.high - (1.0 - 0.1 / 0.7)).abs() < 1e-12);
        let monopoly = monopoly.estimate().expect("shares");
        assert_eq!(
            (monopoly.low, monopoly.value, monopoly.high),
            (0.5, 0.6, 0.7)
        );
    }

    #[test]
    fn an_unlisted_rival_may_be_larger_than_every_listed_one() {
        // Home 10 %, A 20 %, 70 % unknown: a rival with all of it makes the gap 1 - 0.1 / 0.7.
        let (gap, monopoly) = gap_and_monopoly(Some(e(0.1, 0.1, 0.1)), &[e(0.2, 0.2, 0.2)]);
        let gap = gap.estimate().expect("shares");
        assert!((gap.value - 0.5).abs() < 1e-12 && (gap.high - (1.0 - 0.1 / 0.7)).abs() < 1e-12);
        assert!((monopoly.estimate().expect("shares").high - 0.7).abs() < 1e-12);
    }

    #[test]
    fn an_unlisted_home_may_sit_in_the_unknown_rest() {
        let (gap, _) = gap_and_monopoly(None, &[e(0.6, 0.6, 0.6)]);
        let gap = gap.estimate().expect("shares");
        // Home somewhere in [0, 0.4]: the value takes the middle, 1 - 0.2 / 0.6.
        assert!((gap.value - (1.0 - 0.2 / 0.6)).abs() < 1e-12 && gap.high == 1.0);
        assert!((gap.low - (1.0 - 0.4 / 0.6)).abs() < 1e-12);
        // Home with 70 %: a rival has at most 30 %, there is no gap in any reading.
        let (gap, monopoly) = gap_and_monopoly(Some(e(0.7, 0.7, 0.7)), &[]);
        assert_eq!(gap.estimate().map(|g| (g.low, g.high)), Some((0.0, 0.0)));
        let rival = monopoly.estimate().expect("a bound");
        assert!(rival.low == 0.0 && (rival.high - 0.3).abs() < 1e-12);
        let (gap, _) = gap_and_monopoly(None, &[]);
        assert!(matches!(gap, Quantity::NotEstimated(_)));
    }

    #[test]
    fn verdicts_and_what_would_change_them() {
        let high = || Quantity::from(e(0.9, 0.8, 1.0));
        let years = || Quantity::from(e(5.0, 3.0, 8.0));
        let unknown = || Quantity::not_estimated(Message::new("necks.no_reference_class"));
        let found = judge(
            vec![
                candidate(
                    "c",
                    high(),
                    Quantity::from(e(0.1, 0.0, 0.2)),
                    high(),
                    years(),
                ),
                candidate("b", high(), high(), high(), unknown()),
                candidate("a", high(), high(), high(), years()),
                candidate(
                    "d",
                    high(),
                    Quantity::from(e(0.6, 0.5, 0.7)),
                    high(),
                    years(),
                ),
            ],
            &NeckParams::default(),
        );
        let order: Vec<&str> = found
            .iter()
            .map(|n| n.candidate.subject.id.as_str())
            .collect();
        assert_eq!(order, ["a", "b", "d", "c"]);
        let verdicts: Vec<Verdict> = found.iter().map(|n| n.verdict).collect();
        assert_eq!(
            verdicts,
            [Verdict::Neck, Verdict::Open, Verdict::Open, Verdict::NoNeck]
        );
        // gap and monopoly: 0.8 / 0.6 and 0.8 / 0.5; hardness 3 / 2; value 0.8 / 0.2: the gap is closest.
        assert_eq!(found[0].would_change.len(), 1);
        assert_eq!(
            found[0].would_change[0].args["attribute"],
            Message::new("attribute.gap").into()
        );
        assert_eq!(
            found[0].would_change[0].args["setting"],
            "necks.thresholds.gap".into()
        );
        assert_eq!(found[1].would_change[0].id, "necks.needs_evidence");
        assert_eq!(found[2].would_change[0].id, "necks.decided_by");
        assert_eq!(found[3].would_change[0].id, "necks.becomes_if_above");
    }

    proptest! {
        #[test]
        fn a_stronger_attribute_never_weakens_the_verdict(
            v in 0.0f64..1.0, g in 0.0f64..1.0, m in 0.0f64..1.0, h in 0.0f64..10.0, more in 0.0f64..0.5
        ) {
            let q = |x: f64| Quantity::from(Estimate::exact(x, Basis::Derived));
            let params = NeckParams::default();
            let before = judge(vec![candidate("n", q(v), q(g), q(m), q(h))], &params)[0].verdict;
            let after = judge(vec![candidate("n", q(v), q(g + more), q(m), q(h))], &params)[0].verdict;
            prop_assert!(after <= before);
        }

        #[test]
        fn gap_and_monopoly_are_shares(home in 0.0f64..0.3, a in 0.01f64..0.4, b in 0.01f64..0.3) {
            let est = |x: f64| e(x, x * 0.8, x * 1.1);
            let (gap, monopoly) = gap_and_monopoly(Some(est(home)), &[est(a), est(b)]);
            for q in [gap, monopoly] {
                let q = q.estimate().expect("shares are given");
                prop_assert!(0.0 <= q.low && q.low <= q.value && q.value <= q.high && q.high <= 1.0);
            }
        }
    }
}
