//! What an indicator really moves: the correlation ratio beside its weight (Paruolo, Saisana & Saltelli 2013, Journal of the
//! Royal Statistical Society A 176).
//!
//! ```text
//! S_j = Var(E[y | x_j]) / Var(y)
//! ```
//!
//! E[y | x] is estimated by local linear regression with a Gaussian kernel; the bandwidth, a share of the spread of x, is the one
//! with the least leave-one-out error. Beside it stands r², what a straight line explains.

use model::{Basis, Estimate, Seed};
use rand::RngExt;

/// Of one indicator on the index.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Importance {
    /// 0..1, with the 95 % percentile range of a bootstrap over the units (bandwidth held).
    pub correlation_ratio: Estimate,
    /// Squared Pearson correlation.
    pub linear: f64,
    /// Units that have both numbers.
    pub units: usize,
}

/// Bandwidths that are tried, as shares of the standard deviation of x.
const BANDWIDTHS: [f64; 8] = [0.15, 0.25, 0.4, 0.6, 0.9, 1.4, 2.5, 8.0];

/// `None` for fewer than ten common units, or where x or y does not vary.
pub fn correlation_ratio(
    x: &[Option<f64>],
    y: &[Option<f64>],
    replicates: usize,
    seed: Seed,
) -> Option<Importance> {
    let pairs: Vec<(f64, f64)> = x
        .iter()
        .zip(y)
        .filter_map(|(x, y)| Some(((*x)?, (*y)?)))
        .collect();
    if pairs.len() < 10 {
        return None;
    }
    let (vx, vy, cov) = spread(&pairs);
    if vx <= 0.0 || vy <= 0.0 {
        return None;
    }
    let error = |h: f64| -> f64 {
        (0..pairs.len())
            .map(|i| {
                let fitted = local_linear(&pairs, pairs[i].0, h, Some(i));
                fitted.map_or(f64::INFINITY, |f| (pairs[i].1 - f).powi(2))
            })
            .sum()
    };
    let h = BANDWIDTHS
        .iter()
        .map(|share| share * vx.sqrt())
        .map(|h| (error(h), h))
        .reduce(|a, b| if b.0 < a.0 { b } else { a })
        .map(|(_, h)| h)?;
    let value = explained(&pairs, h)?;
    let mut resampled: Vec<f64> = (0..replicates)
        .filter_map(|r| {
            let mut rng = seed.stream("composite/importance", r as u64);
            let drawn: Vec<(f64, f64)> = (0..pairs.len())
                .map(|_| pairs[rng.random_range(0..pairs.len())])
                .collect();
            explained(&drawn, h)
        })
        .collect();
    resampled.sort_by(f64::total_cmp);
    let at = |p: f64| {
        let rank = (p * resampled.len() as f64).ceil().max(1.0) as usize - 1;
        resampled.get(rank).copied().unwrap_or(value)
    };
    Some(Importance {
        correlation_ratio: Estimate::spanning(value, at(0.025), at(0.975), Basis::Derived)
            .clamped(0.0, 1.0),
        linear: cov * cov / (vx * vy),
        units: pairs.len(),
    })
}

fn spread(pairs: &[(f64, f64)]) -> (f64, f64, f64) {
    let n = pairs.len() as f64;
    let mx = pairs.iter().map(|p| p.0).sum::<f64>() / n;
    let my = pairs.iter().map(|p| p.1).sum::<f64>() / n;
    let mean = |f: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(f).sum::<f64>() / n;
    (
        mean(&|p| (p.0 - mx).powi(2)),
        mean(&|p| (p.1 - my).powi(2)),
        mean(&|p| (p.0 - mx) * (p.1 - my)),
    )
}

/// Var of the fitted values over Var(y).
fn explained(pairs: &[(f64, f64)], h: f64) -> Option<f64> {
    let fitted: Option<Vec<(f64, f64)>> = pairs
        .iter()
        .map(|(x, y)| Some((local_linear(pairs, *x, h, None)?, *y)))
        .collect();
    let (vf, vy, _) = spread(&fitted?);
    (vy > 0.0).then(|| (vf / vy).min(1.0))
}

/// The fit at `at`; where the neighbours lie on one x, their weighted mean.
fn local_linear(pairs: &[(f64, f64)], at: f64, h: f64, without: Option<usize>) -> Option<f64> {
    let (mut s0, mut s1, mut s2, mut t0, mut t1) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (i, (x, y)) in pairs.iter().enumerate() {
        if Some(i) == without {
            continue;
        }
        let d = x - at;
        let k = (-0.5 * (d / h).powi(2)).exp();
        s0 += k;
        s1 += k * d;
        s2 += k * d * d;
        t0 += k * y;
        t1 += k * d * y;
    }
    let determinant = s0 * s2 - s1 * s1;
    if s0 <= f64::MIN_POSITIVE {
        None
    } else if determinant > 1e-10 * s0 * s0 * h * h {
        Some((s2 * t0 - s1 * t1) / determinant)
    } else {
        Some(t0 / s0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_curve_that_a_line_does_not_see() {
        // y = (x - 10)² on 0..20 is symmetric: r² = 0, and x explains all of y.
        let x: Vec<Option<f64>> = (0..21).map(|i| Some(f64::from(i))).collect();
        let y: Vec<Option<f64>> = (0..21)
            .map(|i| Some((f64::from(i) - 10.0).powi(2)))
            .collect();
        let found = correlation_ratio(&x, &y, 100, Seed(1)).unwrap();
        assert!(found.linear < 1e-20);
        assert!(found.correlation_ratio.value > 0.85, "{found:?}");
        let line = correlation_ratio(&x, &x, 100, Seed(1)).unwrap();
        assert!((line.linear - 1.0).abs() < 1e-12);
        assert!(line.correlation_ratio.value > 0.999);
        assert!(correlation_ratio(&x[..5], &y[..5], 0, Seed(1)).is_none());
    }
}
