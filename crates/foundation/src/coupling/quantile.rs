//! Percentile ranges of replicates (Efron, 1979).

use model::{Basis, Estimate};

/// Quantile q of sorted values, linear between neighbours (type 7 of Hyndman and Fan, 1996).
pub(super) fn quantile(sorted: &[f64], q: f64) -> f64 {
    let place = q * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

/// `value` with the central range of `level` of its replicates; those that are not a number are left out. Without a
/// replicate the range is the value itself.
pub(super) fn percentile_range(value: f64, replicates: &[f64], level: f64) -> Estimate {
    let mut sorted: Vec<f64> = replicates
        .iter()
        .copied()
        .filter(|v| v.is_finite())
        .collect();
    sorted.sort_by(f64::total_cmp);
    if sorted.is_empty() {
        return Estimate::exact(value, Basis::Derived);
    }
    let tail = (1.0 - level) / 2.0;
    Estimate::spanning(
        value,
        quantile(&sorted, tail),
        quantile(&sorted, 1.0 - tail),
        Basis::Derived,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_by_hand() {
        let sorted = [1.0, 2.0, 4.0, 8.0, 16.0];
        assert!((quantile(&sorted, 0.1) - 1.4).abs() < 1e-15);
        assert!((quantile(&sorted, 0.5) - 4.0).abs() < 1e-15);
        let e = percentile_range(5.0, &[16.0, 1.0, f64::NAN, 8.0, 2.0, 4.0], 0.8);
        assert!((e.low - 1.4).abs() < 1e-12 && (e.high - 12.8).abs() < 1e-12);
    }
}
