//! Numbers of about 32 digits as unevaluated sums of two (Dekker 1971), for a direct solve that decides between close values.

use std::ops::{Add, AddAssign, Div, Mul};

#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Twofold {
    high: f64,
    low: f64,
}

impl Twofold {
    pub const ZERO: Self = Self::new(0.0);
    pub const ONE: Self = Self::new(1.0);

    pub const fn new(high: f64) -> Self {
        Self { high, low: 0.0 }
    }

    pub fn rounded(self) -> f64 {
        self.high + self.low
    }

    /// Exact a + b where |a| ≥ |b|.
    fn fast(a: f64, b: f64) -> Self {
        let high = a + b;
        Self {
            high,
            low: b - (high - a),
        }
    }
}

/// Upper and lower half of the digits.
fn split(a: f64) -> (f64, f64) {
    let c = 134_217_729.0 * a;
    let high = c - (c - a);
    (high, a - high)
}

impl Add for Twofold {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let sum = self.high + other.high;
        let part = sum - self.high;
        let rest = (self.high - (sum - part)) + (other.high - part);
        Self::fast(sum, rest + self.low + other.low)
    }
}

impl AddAssign for Twofold {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Mul for Twofold {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        let product = self.high * other.high;
        let ((a, b), (c, d)) = (split(self.high), split(other.high));
        let rest = ((a * c - product) + a * d + b * c) + b * d;
        Self::fast(
            product,
            rest + (self.high * other.low + self.low * other.high),
        )
    }
}

impl Div for Twofold {
    type Output = Self;

    fn div(self, other: Self) -> Self {
        let negative = |x: Self| Self {
            high: -x.high,
            low: -x.low,
        };
        let first = self.high / other.high;
        let rest = self + negative(other * Self::new(first));
        let second = rest.high / other.high;
        let rest = rest + negative(other * Self::new(second));
        Self::fast(first, second) + Self::new(rest.high / other.high)
    }
}
