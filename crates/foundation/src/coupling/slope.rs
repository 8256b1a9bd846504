//! Slope of a short series with its range: Theil–Sen.
//!
//! ```text
//! slope = median of (y_j - y_i)/(t_j - t_i) over all pairs with t_j > t_i
//! range: the slopes at ranks (N ∓ z σ)/2, σ² = n(n - 1)(2n + 5)/18, N the number of pairs     (Theil, 1950; Sen, 1968)
//! ```
//!
//! Years count as independent. Equal values of t are not used; ties of y are ignored in σ.

use model::{Basis, Estimate};

use super::quantile::quantile;

/// Median slope of points (t, y); `None` with fewer than two different t.
pub fn theil_sen(points: &[(f64, f64)]) -> Option<f64> {
    let slopes = sorted_slopes(points);
    (!slopes.is_empty()).then(|| quantile(&slopes, 0.5))
}

/// Median slope with its range at `z` standard deviations of Kendall's statistic (1.96: 95 %); `None` with fewer than four points, for
/// which the range would be all slopes and mean nothing.
pub fn theil_sen_range(points: &[(f64, f64)], z: f64) -> Option<Estimate> {
    let slopes = sorted_slopes(points);
    if points.len() < 4 || slopes.is_empty() {
        return None;
    }
    let (n, pairs) = (points.len() as f64, slopes.len() as f64);
    let spread = z * (n * (n - 1.0) * (2.0 * n + 5.0) / 18.0).sqrt();
    let last = slopes.len() - 1;
    let low = f64::midpoint(pairs, -spread).round().max(1.0) as usize - 1;
    let high = (f64::midpoint(pairs, spread).round() as usize).min(last);
    Some(Estimate::spanning(
        quantile(&slopes, 0.5),
        slopes[low.min(last)],
        slopes[high],
        Basis::Derived,
    ))
}

fn sorted_slopes(points: &[(f64, f64)]) -> Vec<f64> {
    let mut slopes: Vec<f64> = points
        .iter()
        .flat_map(|a| points.iter().map(move |b| (a, b)))
        .filter(|(a, b)| b.0 > a.0)
        .map(|(a, b)| (b.1 - a.1) / (b.0 - a.0))
        .collect();
    slopes.sort_by(f64::total_cmp);
    slopes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_one_outlier_by_hand() {
        let mut points: Vec<(f64, f64)> =
            (0..7).map(|t| (f64::from(t), 2.0 * f64::from(t))).collect();
        points[3].1 = 100.0;
        assert!((theil_sen(&points).expect("slopes") - 2.0).abs() < 1e-12);
        let range = theil_sen_range(&points, 1.96).expect("seven points");
        assert!(range.low <= 2.0 && 2.0 <= range.high);
        assert_eq!(theil_sen(&points[..1]), None);
        assert_eq!(theil_sen_range(&points[..3], 1.96), None);
    }
}
