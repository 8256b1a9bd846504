//! Sums that keep what plain addition drops (Neumaier, 1974).

/// A running sum with the rounding error of every addition carried beside it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Sum {
    total: f64,
    error: f64,
}

impl Sum {
    pub fn add(&mut self, value: f64) {
        let total = self.total + value;
        self.error += if self.total.abs() >= value.abs() {
            (self.total - total) + value
        } else {
            (value - total) + self.total
        };
        self.total = total;
    }

    pub fn merge(&mut self, other: Self) {
        self.add(other.total);
        self.add(other.error);
    }

    pub fn value(self) -> f64 {
        self.total + self.error
    }
}

impl FromIterator<f64> for Sum {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut sum = Self::default();
        for value in values {
            sum.add(value);
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_plain_addition_drops_is_kept() {
        let values = [1e16, 1.0, -1e16, 1.0];
        let sum: Sum = values.into_iter().collect();
        assert!((sum.value() - 2.0).abs() < 1e-15);
        assert!(
            (values.iter().sum::<f64>() - 2.0).abs() > 0.5,
            "else there is nothing to keep"
        );
    }
}
