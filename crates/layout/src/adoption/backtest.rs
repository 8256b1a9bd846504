//! The model against the naive forecast, over the past.
//!
//! From every origin at which a fit is possible, the next `ahead` periods are forecast by the fit and by the last value
//! seen. The model is worth using where its mean absolute error is smaller over resampled origins (95 %).

use model::{Basis, Estimate, Seed};
use rand::RngExt;

use super::AdoptionParams;
use super::fit::{FitTo, fit};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The error is smaller than the baseline's over the whole range.
    Beats,
    /// The range holds 1: use the fit to describe, not to forecast.
    DescriptiveOnly,
    /// Fewer than three origins.
    TooFewOrigins,
}

impl Verdict {
    pub fn code(self) -> &'static str {
        match self {
            Self::Beats => "backtest.beats",
            Self::DescriptiveOnly => "backtest.descriptive_only",
            Self::TooFewOrigins => "backtest.too_few_origins",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Backtest {
    /// Origins with a forecast, and origins at which the fit refused.
    pub origins: usize,
    pub refused: usize,
    pub model_error: f64,
    pub naive_error: f64,
    /// Error of the model over that of the baseline; none without an origin, or where the baseline makes no error.
    pub ratio: Option<Estimate>,
    pub verdict: Verdict,
}

const RESAMPLES: u64 = 2000;

pub fn backtest(series: &[f64], params: &AdoptionParams, seed: Seed) -> Backtest {
    let mut pairs: Vec<(f64, f64)> = Vec::new();
    let mut refused = 0;
    let from = params.least_periods.max(4);
    for origin in from..series.len() {
        let past = &series[..origin];
        let Ok(found) = fit(past, params) else {
            refused += 1;
            continue;
        };
        let ahead = params.ahead.max(1).min(series.len() - origin);
        let (mut model, mut naive) = (0.0, 0.0);
        for h in 1..=ahead {
            let t = (origin + h) as f64;
            let forecast = match params.to {
                FitTo::Increments => found.curve.increment(t),
                FitTo::Rates => found.curve.rate(t),
            };
            let seen = series[origin + h - 1];
            model += (seen - forecast).abs();
            naive += (seen - past[origin - 1]).abs();
        }
        pairs.push((model / ahead as f64, naive / ahead as f64));
    }
    let n = pairs.len();
    let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / n.max(1) as f64;
    let (model_error, naive_error) = (mean(|p| p.0), mean(|p| p.1));
    let ratio = (n > 0 && naive_error > 0.0).then(|| {
        let mut ratios: Vec<f64> = (0..RESAMPLES)
            .filter_map(|draw| {
                let mut stream = seed.stream("adoption/backtest", draw);
                let (mut a, mut b) = (0.0, 0.0);
                for _ in 0..n {
                    let pair = pairs[stream.random_range(0..n)];
                    a += pair.0;
                    b += pair.1;
                }
                (b > 0.0).then_some(a / b)
            })
            .collect();
        ratios.sort_by(f64::total_cmp);
        let at = |p: f64| ratios[((p * ratios.len() as f64) as usize).min(ratios.len() - 1)];
        let (low, high) = if ratios.is_empty() {
            (model_error / naive_error, model_error / naive_error)
        } else {
            (at(0.025), at(0.975))
        };
        Estimate::spanning(model_error / naive_error, low, high, Basis::Derived)
    });
    let verdict = match ratio {
        _ if n < 3 => Verdict::TooFewOrigins,
        Some(ratio) if ratio.high < 1.0 => Verdict::Beats,
        _ => Verdict::DescriptiveOnly,
    };
    Backtest {
        origins: n,
        refused,
        model_error,
        naive_error,
        ratio,
        verdict,
    }
}
