//! Ranges of losses and ranks when the coefficients are uncertain.
//!
//! ```text
//! a_ij' = a_ij exp(σ z − σ²/2),   z standard normal, independent between coefficients: mean a_ij, relative spread ≈ σ
//! ```
//!
//! Each draw is inverted anew with the same final demand; an industry's loss and rank over the draws give its
//! interval. Lognormal errors of coefficients are usual since Jackson and West (1989) and Lenzen (2001). Errors that go
//! together (a whole row that is mismeasured) are not drawn: intervals are then too narrow. Draws in which an industry
//! would use up its own product are left out and counted.

use model::{Basis, Estimate, Message, Quantity, Seed};
use rand::RngExt;

use super::coefficients::Coefficients;
use super::dense::Dense;
use super::extraction::{self, Part};
use super::leontief::Leontief;
use super::table::{IoError, Label};

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NoiseParams {
    /// σ, relative spread of a coefficient; 0 turns nothing.
    pub spread: f64,
    /// Below 20 nothing is estimated.
    pub draws: usize,
    /// Part of the draws inside the interval, 0..1.
    pub level: f64,
    pub part: Part,
    /// Part that falls out, 0..=1.
    pub theta: f64,
}

impl Default for NoiseParams {
    /// 10 % spread (an assumption: tables give no error of their own), 200 draws, 90 % of them inside, industries
    /// whole.
    fn default() -> Self {
        Self {
            spread: 0.1,
            draws: 200,
            level: 0.9,
            part: Part::Whole,
            theta: 1.0,
        }
    }
}

/// Loss of an industry with its rank (1 is the largest loss).
#[derive(Debug, Clone, PartialEq)]
pub struct RangedLoss {
    pub industry: usize,
    pub loss: Quantity,
    pub share: Quantity,
    pub rank: Quantity,
}

#[derive(Debug, Clone, PartialEq)]
pub struct RangedLosses {
    /// In the order of the industries.
    pub losses: Vec<RangedLoss>,
    pub draws: usize,
    /// Draws left out because a column of coefficients reached one.
    pub left_out: usize,
}

/// Fewest draws from which an interval is read.
const FEWEST: usize = 20;

/// Losses of all industries with intervals. The draws belong to labels, so the order of rows does not matter.
pub fn ranges(
    model: &Leontief,
    labels: &[Label],
    params: &NoiseParams,
    seed: Seed,
) -> Result<RangedLosses, IoError> {
    let n = model.len();
    if labels.len() != n {
        return Err(IoError::new("shape", format!("{} ≠ {n}", labels.len())));
    }
    let fits = params.spread.is_finite() && params.spread >= 0.0;
    if !fits || !(0.0..1.0).contains(&params.level) {
        let detail = format!("{}, {}", params.spread, params.level);
        return Err(IoError::new("noise", detail));
    }
    let base = extraction::industries(model, params.part, params.theta)?;
    let mut drawn = Vec::with_capacity(params.draws);
    let mut left_out = 0;
    if params.draws >= FEWEST {
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|a, b| labels[*a].cmp(&labels[*b]));
        let sorted = sorted(model.coefficients(), &order);
        for draw in 0..params.draws {
            match one_draw(&sorted, params, seed, draw)? {
                Some(losses) => drawn.push(losses),
                None => left_out += 1,
            }
        }
        // Back to the order of the table.
        let mut place = vec![0; n];
        for (k, industry) in order.iter().enumerate() {
            place[*industry] = k;
        }
        for draw in &mut drawn {
            *draw = place.iter().map(|k| draw[*k]).collect();
        }
    }
    let ranks: Vec<Vec<f64>> = drawn
        .iter()
        .map(|draw| ranks(&draw.iter().map(|l| l.0).collect::<Vec<_>>()))
        .collect();
    let base_ranks = self::ranks(&base.iter().map(|l| l.loss).collect::<Vec<_>>());
    let enough = drawn.len() >= FEWEST;
    let range = |value: f64, of: &dyn Fn(usize) -> f64| {
        if !enough {
            return Quantity::not_estimated(Message::new("io.no_draws"));
        }
        let mut values: Vec<f64> = (0..drawn.len()).map(of).collect();
        values.sort_by(f64::total_cmp);
        let tail = (1.0 - params.level) / 2.0;
        let (low, high) = (quantile(&values, tail), quantile(&values, 1.0 - tail));
        Estimate::spanning(value, low, high, Basis::Assumed).into()
    };
    let losses = base
        .iter()
        .enumerate()
        .map(|(k, loss)| RangedLoss {
            industry: k,
            loss: range(loss.loss, &|d| drawn[d][k].0),
            share: range(loss.share, &|d| drawn[d][k].1),
            rank: range(base_ranks[k], &|d| ranks[d][k]),
        })
        .collect();
    Ok(RangedLosses {
        losses,
        draws: drawn.len(),
        left_out,
    })
}

fn sorted(coefficients: &Coefficients, order: &[usize]) -> Coefficients {
    let pick = |v: &[f64]| order.iter().map(|k| v[*k]).collect();
    Coefficients {
        a: coefficients.a.reordered(order, order),
        x: pick(&coefficients.x),
        y: pick(&coefficients.y),
        without_output: Vec::new(),
        dropped: 0.0,
    }
}

/// Loss and share of every industry; `None` where a column of the drawn coefficients reaches one.
fn one_draw(
    base: &Coefficients,
    params: &NoiseParams,
    seed: Seed,
    draw: usize,
) -> Result<Option<Vec<(f64, f64)>>, IoError> {
    let mut drawn = base.clone();
    let mut rng = seed.stream("io.coefficients", draw as u64);
    noisy(&mut drawn.a, params.spread, &mut || {
        (rng.random::<f64>(), rng.random::<f64>())
    });
    if drawn.a.column_sums().iter().any(|s| *s >= 1.0) {
        return Ok(None);
    }
    let model = Leontief::invert(drawn)?;
    let losses = extraction::industries(&model, params.part, params.theta)?;
    Ok(Some(losses.iter().map(|l| (l.loss, l.share)).collect()))
}

/// Every cell that is not zero times exp(σ z − σ²/2), z after Box and Muller (1958).
fn noisy(a: &mut Dense, spread: f64, uniform: &mut dyn FnMut() -> (f64, f64)) {
    let mut waiting = None;
    for j in 0..a.columns() {
        for cell in a.column_mut(j).iter_mut().filter(|v| **v != 0.0) {
            let z = waiting.take().unwrap_or_else(|| {
                let (u, v) = uniform();
                let radius = libm::sqrt(-2.0 * libm::log(1.0 - u));
                let (sin, cos) = libm::sincos(std::f64::consts::TAU * v);
                waiting = Some(radius * sin);
                radius * cos
            });
            *cell *= libm::exp(spread * z - spread * spread / 2.0);
        }
    }
}

/// 1 for the largest; equal values get the same, smallest, rank.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    values
        .iter()
        .map(|v| 1.0 + sorted.partition_point(|s| s > v) as f64)
        .collect()
}

/// Linear between order statistics (type 7 of Hyndman and Fan 1996).
fn quantile(sorted: &[f64], at: f64) -> f64 {
    let place = at * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}
