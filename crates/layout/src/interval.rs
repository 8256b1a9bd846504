//! Ranges of Monte Carlo numbers.

use model::{Basis, Estimate};

/// The normal quantile of a two-sided 95 % range.
pub(crate) const Z95: f64 = 1.96;

/// A share counted in `draws` independent draws, with its 95 % range.
///
/// ```text
/// b = count / draws,   b ± 1.96 sqrt(b (1 - b) / draws), confined to [0, 1]
/// b = 0: [0, 3 / draws],   b = 1: [1 - 3 / draws, 1]        (rule of three)
/// ```
pub(crate) fn share(count: usize, draws: usize, basis: Basis) -> Estimate {
    let k = draws.max(1) as f64;
    let b = count as f64 / k;
    let (low, high) = if count == 0 {
        (0.0, 3.0 / k)
    } else if count >= draws {
        (1.0 - 3.0 / k, 1.0)
    } else {
        let half = Z95 * (b * (1.0 - b) / k).sqrt();
        (b - half, b + half)
    };
    Estimate::spanning(b, low, high, basis.and(basis)).clamped(0.0, 1.0)
}

/// The `p` quantile of sorted draws with its distribution-free 95 % range.
///
/// The value is the order statistic of rank `ceil(p K)`; the range runs between the order statistics of
/// ranks `floor(p K - 1.96 sqrt(K p (1 - p)))` and `ceil(p K + 1.96 sqrt(K p (1 - p))) + 1` (David &
/// Nagaraja 2003, section 7.1), confined to the draws.
pub(crate) fn quantile(sorted: &[f64], p: f64, basis: Basis) -> Estimate {
    let k = sorted.len() as f64;
    let half = Z95 * (k * p * (1.0 - p)).sqrt();
    let at = |rank: f64| sorted[(rank.clamp(1.0, k) as usize) - 1];
    Estimate::spanning(
        at((p * k).ceil()),
        at((p * k - half).floor()),
        at((p * k + half).ceil() + 1.0),
        basis.and(basis),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use super::*;

    #[test]
    fn a_quarter_of_400_draws_by_hand() {
        // 1.96 * sqrt(0.25 * 0.75 / 400) = 1.96 * 0.0216506 = 0.0424352
        let b = share(100, 400, Basis::Judged);
        assert_eq!(b.value, 0.25);
        assert!((b.high - 0.292_435_2).abs() < 1e-6 && (b.low - 0.207_564_8).abs() < 1e-6);
        assert_eq!(b.basis, Basis::Judged);
    }

    #[test]
    fn never_and_always_keep_a_range() {
        let never = share(0, 300, Basis::Derived);
        assert_eq!((never.low, never.value, never.high), (0.0, 0.0, 0.01));
        let always = share(300, 300, Basis::Derived);
        assert_eq!((always.low, always.value, always.high), (0.99, 1.0, 1.0));
    }

    #[test]
    fn the_median_of_1_to_100_by_hand() {
        // half = 1.96 * sqrt(100 * 0.25) = 9.8: ranks floor(40.2) = 40 and ceil(59.8) + 1 = 61
        let draws: Vec<f64> = (1..=100).map(f64::from).collect();
        let median = quantile(&draws, 0.5, Basis::Derived);
        assert_eq!((median.low, median.value, median.high), (40.0, 50.0, 61.0));
    }
}
