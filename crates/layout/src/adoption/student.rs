//! The quantile of Student's t for whole degrees of freedom.

use std::f64::consts::{FRAC_2_PI, FRAC_PI_2};

/// `P(|T| <= t)` for `df` degrees of freedom (Abramowitz & Stegun 1964, 26.7.3 and 26.7.4).
fn within(t: f64, df: usize) -> f64 {
    let nu = df as f64;
    let theta = (t / nu.sqrt()).atan();
    let (sin, cos) = theta.sin_cos();
    // Terms cos^k with the products of odd over even (or even over odd) numbers, up to cos^(df - 2).
    let series = |first: f64, from: usize| {
        let (mut sum, mut term, mut k) = (first, first, from);
        while k + 2 <= df.saturating_sub(2) {
            term *= cos * cos * (k + 1) as f64 / (k + 2) as f64;
            sum += term;
            k += 2;
        }
        sum
    };
    if df == 1 {
        theta / FRAC_PI_2
    } else if df % 2 == 1 {
        FRAC_2_PI * (theta + sin * series(cos, 1))
    } else {
        sin * series(1.0, 0)
    }
}

/// The two-sided 95 % quantile.
pub(super) fn t95(df: usize) -> f64 {
    let (mut low, mut high) = (0.0, 20.0);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if within(middle, df) < 0.95 {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_the_usual_table() {
        for (df, t) in [
            (1, 12.706),
            (2, 4.303),
            (3, 3.182),
            (4, 2.776),
            (5, 2.571),
            (7, 2.365),
            (10, 2.228),
            (30, 2.042),
            (120, 1.980),
        ] {
            assert!((t95(df) - t).abs() < 6e-4, "{df}: {}", t95(df));
        }
    }
}
