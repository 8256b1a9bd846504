//! One test of a list of dependent products: a reading against its threshold.
//!
//! A criterion passes when its value is **above** the threshold (as in the published lists). Because origins may be
//! unknown the value has a range; where the range crosses the threshold the verdict is open, although the published
//! convention (unknown origin = one supplier of its own) still decides `passes`.

use model::{Basis, Estimate, Message, Quantity};

/// A value with the ends that unknown origins allow, without the cost of an [`Estimate`] per cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

impl Range {
    pub fn exact(value: f64) -> Self {
        Self {
            value,
            low: value,
            high: value,
        }
    }

    /// Ordered also where rounding has pushed an end past the value.
    pub fn spanning(value: f64, low: f64, high: f64) -> Self {
        Self {
            value,
            low: low.min(value),
            high: high.max(value),
        }
    }
}

impl From<Range> for Estimate {
    fn from(range: Range) -> Self {
        Self::spanning(range.value, range.low, range.high, Basis::Derived)
    }
}

/// Why a criterion has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gap {
    /// The importer reports and buys nothing abroad: it does not depend.
    NoImports,
    /// No row of the importer in the year: a missing reporter.
    ImportsNotOnRecord,
    ExportsNotOnRecord,
    QuantitiesNotOnRecord,
    /// Nobody trades the product in the year; its code may not exist.
    NotTraded,
}

impl Gap {
    pub fn message(self) -> Message {
        Message::new(match self {
            Self::NoImports => "dependency.gap.no_imports",
            Self::ImportsNotOnRecord => "dependency.gap.imports_not_on_record",
            Self::ExportsNotOnRecord => "dependency.gap.exports_not_on_record",
            Self::QuantitiesNotOnRecord => "dependency.gap.quantities_not_on_record",
            Self::NotTraded => "dependency.gap.not_traded",
        })
    }
}

/// What a criterion reads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reading {
    Known(Range),
    /// A ratio to exports where the importer exports nothing: above any threshold, and no number.
    NoExports,
    Missing(Gap),
}

/// Where the whole range stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    Passes,
    Fails,
    /// The range lies on both sides of the threshold.
    Open,
    NotEstimated,
}

impl Verdict {
    pub fn code(self) -> &'static str {
        match self {
            Self::Passes => "dependency.passes",
            Self::Fails => "dependency.fails",
            Self::Open => "dependency.open",
            Self::NotEstimated => "not_estimated",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Criterion {
    /// Name in the literature, e.g. `cdi1`.
    pub id: &'static str,
    pub reading: Reading,
    /// Passes above it; > 0.
    pub threshold: f64,
}

impl Criterion {
    pub fn new(id: &'static str, reading: Reading, threshold: f64) -> Self {
        Self {
            id,
            reading,
            threshold,
        }
    }

    /// By the published convention; `None` where there is no reading.
    pub fn passes(&self) -> Option<bool> {
        self.margin().map(|margin| margin > 0.0)
    }

    /// Over the whole range.
    pub fn verdict(&self) -> Verdict {
        match self.reading {
            Reading::NoExports => Verdict::Passes,
            Reading::Missing(_) => Verdict::NotEstimated,
            Reading::Known(r) if r.low > self.threshold => Verdict::Passes,
            Reading::Known(r) if r.high <= self.threshold => Verdict::Fails,
            Reading::Known(_) => Verdict::Open,
        }
    }

    /// Value minus threshold; `None` without a number.
    pub fn distance(&self) -> Option<f64> {
        match self.reading {
            Reading::Known(r) => Some(r.value - self.threshold),
            _ => None,
        }
    }

    /// (value - threshold)/threshold: above 0 exactly if it passes; infinite without exports.
    pub fn margin(&self) -> Option<f64> {
        match self.reading {
            Reading::Known(r) => Some((r.value - self.threshold) / self.threshold),
            Reading::NoExports => Some(f64::INFINITY),
            Reading::Missing(_) => None,
        }
    }

    /// Whether the value lies within `width` (relative) of the threshold.
    pub fn at_cliff(&self, width: f64) -> bool {
        self.margin().is_some_and(|margin| margin.abs() <= width)
    }

    pub fn quantity(&self) -> Quantity {
        match self.reading {
            Reading::Known(range) => Estimate::from(range).into(),
            Reading::NoExports => {
                Quantity::not_estimated(Message::new("dependency.gap.no_exports"))
            }
            Reading::Missing(gap) => Quantity::not_estimated(gap.message()),
        }
    }
}

/// All criteria together: the smallest margin, `None` where one that could decide is missing.
pub fn joint_margin(criteria: &[Criterion]) -> Option<f64> {
    let known = criteria
        .iter()
        .filter_map(Criterion::margin)
        .fold(f64::INFINITY, f64::min);
    let complete = criteria.iter().all(|c| c.margin().is_some());
    (complete || known <= 0.0).then_some(known)
}

/// All criteria together over their ranges.
pub fn joint_verdict(criteria: &[Criterion]) -> Verdict {
    let any = |verdict| criteria.iter().any(|c| c.verdict() == verdict);
    if any(Verdict::Fails) {
        Verdict::Fails
    } else if any(Verdict::NotEstimated) {
        Verdict::NotEstimated
    } else if any(Verdict::Open) {
        Verdict::Open
    } else {
        Verdict::Passes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(value: f64, low: f64, high: f64) -> Criterion {
        Criterion::new("c", Reading::Known(Range { value, low, high }), 0.4)
    }

    #[test]
    fn equal_to_the_threshold_does_not_pass() {
        assert_eq!(known(0.4, 0.4, 0.4).passes(), Some(false));
        assert_eq!(known(0.4, 0.4, 0.4).verdict(), Verdict::Fails);
        let next = 0.4f64.next_up();
        assert_eq!(known(next, next, next).passes(), Some(true));
    }

    #[test]
    fn a_range_across_the_threshold_is_open_and_a_cliff_is_marked() {
        let c = known(0.41, 0.3, 0.5);
        assert_eq!((c.verdict(), c.passes()), (Verdict::Open, Some(true)));
        assert!(c.at_cliff(0.05) && !c.at_cliff(0.02));
        assert!((c.distance().expect("a number") - 0.01).abs() < 1e-12);
    }

    #[test]
    fn a_missing_criterion_only_matters_if_no_other_fails() {
        let missing = Criterion::new("m", Reading::Missing(Gap::ExportsNotOnRecord), 1.0);
        let passes = known(0.5, 0.5, 0.5);
        let fails = known(0.3, 0.3, 0.3);
        assert_eq!(joint_margin(&[missing, passes]), None);
        assert_eq!(joint_verdict(&[missing, passes]), Verdict::NotEstimated);
        assert!(joint_margin(&[missing, fails]).expect("fails") < 0.0);
        assert_eq!(joint_verdict(&[missing, fails]), Verdict::Fails);
        let none = Criterion::new("n", Reading::NoExports, 1.0);
        assert_eq!(none.passes(), Some(true));
        assert_eq!(none.distance(), None);
    }
}
