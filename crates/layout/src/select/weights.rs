//! Weights drawn uniformly from the part of the simplex that the weight ranges leave.
//!
//! Free simplex: w = E / Σ E with `E_j` exponential (Tervonen & Lahdelma 2007). Restricted by ranges:
//! the same draw, repeated until it lies in the ranges (rejection; draws are independent), as long as a
//! pilot accepts at least 1 %. Otherwise hit-and-run along the directions `e_a - e_b` (Smith 1984): two
//! weights trade within their ranges while their sum stands; uniform in the limit, thinned by 8 m²
//! steps, so neighbouring draws are nearly but not strictly independent.

use model::{Criterion, Seed};
use rand::RngExt;
use serde::{Deserialize, Serialize};

/// The least and most weight that a criterion may get, within 0..1. Weights add up to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightRange {
    pub criterion: Criterion,
    #[serde(default)]
    pub low: f64,
    #[serde(default = "one")]
    pub high: f64,
}

fn one() -> f64 {
    1.0
}

const PILOT: u64 = 2_000;
const LEAST_ACCEPTED: u64 = PILOT / 100;
const TRIES: usize = 100_000;
const SUM_TOLERANCE: f64 = 1e-12;

/// `draws` weight vectors one after another. `bounds` must allow a sum of 1.
pub(crate) fn draw_weights(bounds: &[(f64, f64)], draws: usize, seed: Seed) -> Vec<f64> {
    let free = bounds.iter().all(|(low, high)| *low <= 0.0 && *high >= 1.0);
    let accepted = || {
        (0..PILOT)
            .filter(|i| {
                let w = simplex(bounds.len(), &mut seed.stream("select/pilot", *i));
                inside(&w, bounds)
            })
            .count() as u64
    };
    if (free || accepted() >= LEAST_ACCEPTED)
        && let Some(weights) = rejection(bounds, draws, seed)
    {
        return weights;
    }
    hit_and_run(bounds, draws, seed)
}

/// Uniform on the simplex of dimension `m`.
fn simplex(m: usize, rng: &mut impl RngExt) -> Vec<f64> {
    let mut w: Vec<f64> = (0..m).map(|_| -(1.0 - rng.random::<f64>()).ln()).collect();
    let sum: f64 = w.iter().sum();
    for e in &mut w {
        *e /= sum;
    }
    w
}

fn inside(w: &[f64], bounds: &[(f64, f64)]) -> bool {
    w.iter()
        .zip(bounds)
        .all(|(w, (low, high))| low <= w && w <= high)
}

/// `None` where a draw was never accepted, which the pilot makes all but impossible.
fn rejection(bounds: &[(f64, f64)], draws: usize, seed: Seed) -> Option<Vec<f64>> {
    let mut weights = Vec::with_capacity(draws * bounds.len());
    for i in 0..draws {
        let mut rng = seed.stream("select/weights", i as u64);
        let accepted = (0..TRIES)
            .map(|_| simplex(bounds.len(), &mut rng))
            .find(|w| inside(w, bounds))?;
        weights.extend(accepted);
    }
    Some(weights)
}

fn hit_and_run(bounds: &[(f64, f64)], draws: usize, seed: Seed) -> Vec<f64> {
    let m = bounds.len();
    let mut rng = seed.stream("select/weights/chain", 0);
    let mut w = interior(bounds);
    let mut weights = Vec::with_capacity(draws * m);
    let thinning = 8 * m * m;
    for i in 0..=draws {
        // The first round is longer, to forget the starting point.
        let steps = if i == 0 { 50 * thinning } else { thinning };
        for _ in 0..steps {
            let a = rng.random_range(0..m);
            let b = rng.random_range(0..m);
            let u = rng.random::<f64>();
            if a == b {
                continue;
            }
            let sum = w[a] + w[b];
            let low = bounds[a].0.max(sum - bounds[b].1);
            let high = bounds[a].1.min(sum - bounds[b].0);
            if low < high {
                w[a] = low + u * (high - low);
                w[b] = sum - w[a];
            }
        }
        if i > 0 {
            weights.extend_from_slice(&w);
        }
    }
    weights
}

/// A point at the same relative height in every range: low + t (high - low) with sum 1.
fn interior(bounds: &[(f64, f64)]) -> Vec<f64> {
    let low: f64 = bounds.iter().map(|b| b.0).sum();
    let high: f64 = bounds.iter().map(|b| b.1).sum();
    let t = if high > low {
        ((1.0 - low) / (high - low)).clamp(0.0, 1.0)
    } else {
        0.0
    };
    bounds.iter().map(|(l, h)| l + t * (h - l)).collect()
}

/// Whether some weights within `bounds` add up to 1.
pub(crate) fn feasible(bounds: &[(f64, f64)]) -> bool {
    let low: f64 = bounds.iter().map(|b| b.0).sum();
    let high: f64 = bounds.iter().map(|b| b.1).sum();
    low <= 1.0 + SUM_TOLERANCE && high >= 1.0 - SUM_TOLERANCE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(weights: &[f64], m: usize, j: usize) -> f64 {
        let k = weights.len() / m;
        weights.iter().skip(j).step_by(m).sum::<f64>() / k as f64
    }

    #[test]
    fn free_weights_have_the_mean_and_spread_of_the_uniform_simplex() {
        // Uniform on the simplex of 4: mean 1/4, P(w > 1/2) = (1/2)³ = 0.125.
        let w = draw_weights(&[(0.0, 1.0); 4], 20_000, Seed(1));
        for j in 0..4 {
            assert!((mean(&w, 4, j) - 0.25).abs() < 0.005);
        }
        let heavy = w.iter().step_by(4).filter(|w| **w > 0.5).count() as f64 / 20_000.0;
        assert!((heavy - 0.125).abs() < 0.01, "{heavy}");
    }

    #[test]
    fn both_samplers_agree_on_a_restricted_simplex() {
        let bounds = [(0.3, 0.6), (0.0, 0.5), (0.1, 1.0)];
        let a = rejection(&bounds, 20_000, Seed(2)).expect("a fifth of the simplex");
        let b = hit_and_run(&bounds, 20_000, Seed(2));
        for j in 0..3 {
            assert!((mean(&a, 3, j) - mean(&b, 3, j)).abs() < 0.004);
        }
        for w in a.chunks(3).chain(b.chunks(3)) {
            assert!((w.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            assert!(
                w.iter()
                    .zip(bounds)
                    .all(|(w, (l, h))| *w >= l - 1e-9 && *w <= h + 1e-9)
            );
        }
    }

    #[test]
    fn a_sliver_is_sampled_uniformly_too() {
        // w1 in [0.9, 0.91]: density falls as (1 - w1), mean by hand
        // ∫ w (1 - w) / ∫ (1 - w) over [0.9, 0.91] = 0.0859667e-2 / 0.0950e-2 = 0.904912
        let w = draw_weights(&[(0.9, 0.91), (0.0, 1.0), (0.0, 1.0)], 20_000, Seed(3));
        assert!((mean(&w, 3, 0) - 0.904_912).abs() < 1e-4);
        assert!((mean(&w, 3, 1) - mean(&w, 3, 2)).abs() < 1e-3);
    }

    #[test]
    fn fixed_weights_stay_fixed() {
        let w = draw_weights(&[(0.25, 0.25), (0.75, 0.75)], 3, Seed(4));
        assert!(
            w.chunks(2)
                .all(|w| (w[0] - 0.25).abs() < 1e-12 && (w[1] - 0.75).abs() < 1e-12)
        );
    }
}
