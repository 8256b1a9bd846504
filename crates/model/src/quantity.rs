//! Numbers that carry their range, or say why there is none.

use serde::{Deserialize, Serialize};

use crate::message::Message;

/// Where a number comes from, strongest first. A derived number is as weak as its weakest input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Observed by the source itself.
    Measured,
    /// Read in a publication.
    Published,
    /// Computed from measured or published numbers.
    Derived,
    /// Set in the study as an assumption.
    Assumed,
    /// Expert judgement.
    Judged,
}

impl Basis {
    /// The basis of a number computed from `self` and `other`.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.max(other).max(Self::Derived)
    }
}

/// A value with its range: `low <= value <= high`, all finite.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    pub value: f64,
    pub low: f64,
    pub high: f64,
    pub basis: Basis,
}

/// A range that is not one.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("not a range: low {low}, value {value}, high {high}; need finite low <= value <= high")]
pub struct RangeError {
    pub low: f64,
    pub value: f64,
    pub high: f64,
}

impl Estimate {
    pub fn new(value: f64, low: f64, high: f64, basis: Basis) -> Result<Self, RangeError> {
        let ordered = low <= value && value <= high;
        if ordered && low.is_finite() && high.is_finite() {
            Ok(Self {
                value,
                low,
                high,
                basis,
            })
        } else {
            Err(RangeError { low, value, high })
        }
    }

    /// A range from three numbers in any order: the middle one becomes the value.
    ///
    /// Rounding in interval arithmetic can push a value past its bound by an ulp; ordering absorbs it.
    /// Non-finite numbers are a bug of the caller and are replaced by the finite ones among the three.
    pub fn spanning(value: f64, a: f64, b: f64, basis: Basis) -> Self {
        debug_assert!(value.is_finite() && a.is_finite() && b.is_finite());
        let low = a.min(b).min(value);
        let high = a.max(b).max(value);
        Self {
            value,
            low,
            high,
            basis,
        }
    }

    /// A number without spread (a count, a definition).
    pub fn exact(value: f64, basis: Basis) -> Self {
        Self {
            value,
            low: value,
            high: value,
            basis,
        }
    }

    /// `value` widened by a relative half width.
    pub fn relative(value: f64, half_width: f64, basis: Basis) -> Self {
        let spread = value.abs() * half_width;
        Self {
            value,
            low: value - spread,
            high: value + spread,
            basis,
        }
    }

    /// The same estimate confined to `[min, max]`.
    #[must_use]
    pub fn clamped(self, min: f64, max: f64) -> Self {
        Self {
            value: self.value.clamp(min, max),
            low: self.low.clamp(min, max),
            high: self.high.clamp(min, max),
            basis: self.basis,
        }
    }

    /// Applies a non-decreasing function to all three numbers.
    #[must_use]
    pub fn map_increasing(self, f: impl Fn(f64) -> f64) -> Self {
        Self::spanning(
            f(self.value),
            f(self.low),
            f(self.high),
            self.basis.and(self.basis),
        )
    }

    /// Interval sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            value: self.value + other.value,
            low: self.low + other.low,
            high: self.high + other.high,
            basis: self.basis.and(other.basis),
        }
    }

    /// Interval difference.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self {
            value: self.value - other.value,
            low: self.low - other.high,
            high: self.high - other.low,
            basis: self.basis.and(other.basis),
        }
    }

    /// Interval product.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        let corners = [
            self.low * other.low,
            self.low * other.high,
            self.high * other.low,
            self.high * other.high,
        ];
        let low = corners.iter().copied().fold(f64::INFINITY, f64::min);
        let high = corners.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self::spanning(
            self.value * other.value,
            low,
            high,
            self.basis.and(other.basis),
        )
    }

    /// Interval quotient; `None` where the divisor's range holds zero.
    #[must_use]
    pub fn over(self, other: Self) -> Option<Self> {
        if other.low <= 0.0 && other.high >= 0.0 {
            return None;
        }
        let inverse = Self::spanning(
            1.0 / other.value,
            1.0 / other.low,
            1.0 / other.high,
            other.basis,
        );
        Some(self.times(inverse))
    }

    pub fn width(&self) -> f64 {
        self.high - self.low
    }
}

/// A number with its range, or the words "not estimated" with the reason. Missing is not zero.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    Estimated(Estimate),
    NotEstimated(Message),
}

impl Quantity {
    pub fn exact(value: f64, basis: Basis) -> Self {
        Self::Estimated(Estimate::exact(value, basis))
    }

    pub fn not_estimated(reason: Message) -> Self {
        Self::NotEstimated(reason)
    }

    pub fn estimate(&self) -> Option<Estimate> {
        match self {
            Self::Estimated(e) => Some(*e),
            Self::NotEstimated(_) => None,
        }
    }
}

impl From<Estimate> for Quantity {
    fn from(estimate: Estimate) -> Self {
        Self::Estimated(estimate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn e(value: f64, low: f64, high: f64) -> Estimate {
        Estimate::new(value, low, high, Basis::Published).expect("a range")
    }

    #[test]
    fn interval_arithmetic_by_hand() {
        let a = e(2.0, 1.0, 3.0);
        let b = e(-1.0, -2.0, 4.0);
        assert_eq!(
            a.plus(b),
            Estimate {
                value: 1.0,
                low: -1.0,
                high: 7.0,
                basis: Basis::Derived
            }
        );
        assert_eq!(
            a.minus(b),
            Estimate {
                value: 3.0,
                low: -3.0,
                high: 5.0,
                basis: Basis::Derived
            }
        );
        assert_eq!(
            a.times(b),
            Estimate {
                value: -2.0,
                low: -6.0,
                high: 12.0,
                basis: Basis::Derived
            }
        );
        assert_eq!(a.over(b), None);
        let q = a.over(e(4.0, 2.0, 8.0)).expect("no zero in the divisor");
        assert_eq!((q.value, q.low, q.high), (0.5, 0.125, 1.5));
    }

    #[test]
    fn a_reversed_or_infinite_range_is_refused() {
        assert!(Estimate::new(1.0, 2.0, 3.0, Basis::Derived).is_err());
        assert!(Estimate::new(1.0, 0.0, f64::INFINITY, Basis::Derived).is_err());
        assert!(Estimate::new(f64::NAN, 0.0, 1.0, Basis::Derived).is_err());
    }

    #[test]
    fn a_derived_number_is_as_weak_as_its_weakest_input() {
        assert_eq!(Basis::Measured.and(Basis::Published), Basis::Derived);
        assert_eq!(Basis::Judged.and(Basis::Measured), Basis::Judged);
    }
}
