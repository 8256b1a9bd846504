//! Least squares with intervals.
//!
//! Gauss-Newton steps damped after Levenberg and Marquardt on the logarithms of m, p and q (which keeps them positive),
//! from several starts; the best end wins. Standard errors from `s² (JᵀJ)⁻¹` in the parameters themselves, as in `nls`.

use model::{Basis, Estimate, Message, Refusal};
use serde::{Deserialize, Serialize};

use super::AdoptionParams;
use super::curve::Bass;
use super::student::t95;
use crate::refusal;

/// What a value of the series is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FitTo {
    /// Adopters of the whole period (Srinivasan & Mason 1986).
    Increments,
    /// The rate at the period's end: what is often fitted, and biased by half a period.
    Rates,
}

/// A fit with 95 % intervals.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    pub curve: Bass,
    pub m: Estimate,
    pub p: Estimate,
    pub q: Estimate,
    pub standard_errors: [f64; 3],
    /// Of m, p and q, row by row.
    pub covariance: [[f64; 3]; 3],
    /// Residual standard error.
    pub residual: f64,
    pub periods: usize,
}

/// Fits the curve to the adopters of periods 1, 2, …; refuses where the series cannot carry three parameters.
pub fn fit(series: &[f64], params: &AdoptionParams) -> Result<Fit, Box<Refusal>> {
    let no = |code: &str| {
        refusal(code, |m: Message| {
            m.with("periods", series.len())
                .with("least", params.least_periods.max(4))
        })
    };
    if series.len() < params.least_periods.max(4) {
        return Err(no("adoption.too_short"));
    }
    if series.iter().any(|n| !n.is_finite() || *n < 0.0) || series.iter().all(|n| *n == 0.0) {
        return Err(no("adoption.no_series"));
    }
    // Before the peak the potential is not in the data: fits then follow the last value (Van den Bulte & Lilien 1997).
    let largest = (0..series.len())
        .max_by(|a, b| series[*a].total_cmp(&series[*b]).then(b.cmp(a)))
        .unwrap_or(0);
    if largest + 1 == series.len() {
        return Err(no("adoption.before_peak"));
    }
    let total: f64 = series.iter().sum();
    let mut best: Option<(f64, Bass)> = None;
    for m in [1.05, 1.5, 3.0] {
        for p in [0.002, 0.01, 0.03] {
            for q in [0.1, 0.4, 0.8] {
                let start = Bass { m: m * total, p, q };
                let (error, curve) = descend(series, start, params.to);
                if error.is_finite() && best.is_none_or(|(least, _)| error < least) {
                    best = Some((error, curve));
                }
            }
        }
    }
    let (error, curve) = best.ok_or_else(|| no("adoption.no_fit"))?;
    let df = series.len() - 3;
    let s2 = error / df as f64;
    let covariance = inverse(&normal(series, &curve, params.to, Scale::Plain).0)
        .map(|inverse| inverse.map(|row| row.map(|x| x * s2)))
        .ok_or_else(|| no("adoption.no_fit"))?;
    let values = [curve.m, curve.p, curve.q];
    let standard_errors = [0, 1, 2].map(|k| covariance[k][k].max(0.0).sqrt());
    // An interval that reaches past zero, or a potential far outside what was seen, says nothing.
    let t = t95(df);
    let [m, p, q] = [0, 1, 2].map(|k| {
        let half = t * standard_errors[k];
        Estimate::spanning(
            values[k],
            values[k] - half,
            values[k] + half,
            Basis::Derived,
        )
    });
    if m.low <= 0.0 || curve.m > 10.0 * total || !m.high.is_finite() {
        return Err(no("adoption.no_potential"));
    }
    Ok(Fit {
        curve,
        m,
        p,
        q,
        standard_errors,
        covariance,
        residual: s2.sqrt(),
        periods: series.len(),
    })
}

fn value(curve: &Bass, t: usize, to: FitTo) -> f64 {
    match to {
        FitTo::Increments => curve.increment(t as f64),
        FitTo::Rates => curve.rate(t as f64),
    }
}

fn squares(series: &[f64], curve: &Bass, to: FitTo) -> f64 {
    series
        .iter()
        .enumerate()
        .map(|(k, n)| (n - value(curve, k + 1, to)).powi(2))
        .sum()
}

#[derive(Clone, Copy)]
enum Scale {
    Logarithms,
    Plain,
}

/// `JᵀJ` and `Jᵀr` by central differences.
fn normal(series: &[f64], curve: &Bass, to: FitTo, scale: Scale) -> ([[f64; 3]; 3], [f64; 3]) {
    const STEP: f64 = 1e-6;
    let moved = |k: usize, by: f64| {
        let mut values = [curve.m, curve.p, curve.q];
        values[k] *= 1.0 + by;
        Bass {
            m: values[0],
            p: values[1],
            q: values[2],
        }
    };
    let own = [curve.m, curve.p, curve.q];
    let (mut jj, mut jr) = ([[0.0; 3]; 3], [0.0; 3]);
    for (at, n) in series.iter().enumerate() {
        let t = at + 1;
        let slope = [0, 1, 2].map(|k| {
            let rise = value(&moved(k, STEP), t, to) - value(&moved(k, -STEP), t, to);
            let per = match scale {
                Scale::Logarithms => 2.0 * STEP,
                Scale::Plain => 2.0 * STEP * own[k],
            };
            rise / per
        });
        let residual = n - value(curve, t, to);
        for i in 0..3 {
            jr[i] += slope[i] * residual;
            for k in 0..3 {
                jj[i][k] += slope[i] * slope[k];
            }
        }
    }
    (jj, jr)
}

fn descend(series: &[f64], start: Bass, to: FitTo) -> (f64, Bass) {
    let (mut curve, mut error) = (start, squares(series, &start, to));
    let mut damping = 1e-2;
    for _ in 0..500 {
        let (jj, jr) = normal(series, &curve, to, Scale::Logarithms);
        let mut damped = jj;
        for (k, row) in damped.iter_mut().enumerate() {
            row[k] += damping * row[k].max(1e-300);
        }
        let Some(inverse) = inverse(&damped) else {
            break;
        };
        let step = [0, 1, 2].map(|i| {
            let s: f64 = (0..3).map(|k| inverse[i][k] * jr[k]).sum();
            s.clamp(-1.0, 1.0)
        });
        let next = Bass {
            m: curve.m * step[0].exp(),
            p: curve.p * step[1].exp(),
            q: curve.q * step[2].exp(),
        };
        let reached = squares(series, &next, to);
        if reached.is_finite() && reached < error {
            let little = error - reached <= 1e-14 * error;
            (curve, error) = (next, reached);
            damping = (damping / 10.0).max(1e-15);
            if little {
                break;
            }
        } else {
            damping *= 10.0;
            if damping > 1e12 {
                break;
            }
        }
    }
    (error, curve)
}

/// Of a symmetric 3 × 3 matrix, scaled to a unit diagonal first.
fn inverse(a: &[[f64; 3]; 3]) -> Option<[[f64; 3]; 3]> {
    let d = [0, 1, 2].map(|k| a[k][k].sqrt());
    if d.iter().any(|x| !x.is_finite() || *x <= 0.0) {
        return None;
    }
    let b = |i: usize, k: usize| a[i][k] / (d[i] * d[k]);
    let minor = |i: usize, k: usize| {
        let (r, s) = ((i + 1) % 3, (i + 2) % 3);
        let (u, v) = ((k + 1) % 3, (k + 2) % 3);
        b(r, u) * b(s, v) - b(r, v) * b(s, u)
    };
    let determinant: f64 = (0..3).map(|k| b(0, k) * minor(0, k)).sum();
    if !determinant.is_finite() || determinant.abs() < 1e-13 {
        return None;
    }
    let mut out = [[0.0; 3]; 3];
    for (i, row) in out.iter_mut().enumerate() {
        for (k, x) in row.iter_mut().enumerate() {
            *x = minor(k, i) / determinant / (d[i] * d[k]);
        }
    }
    Some(out)
}
