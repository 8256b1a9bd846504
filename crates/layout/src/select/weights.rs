//! Weights drawn uniformly from the part of the simplex that ranges and statements leave.
//!
//! Exact where exact exists, in this order:
//!
//! ```text
//! free simplex      w = E / Σ E, E_j exponential                  (Tervonen & Lahdelma 2007)
//! a point           the only weights that are left
//! ranges only       the free draw, repeated until it lies inside, where a pilot accepts at least 1 %
//! a simplex         w = Σ_k λ_k corner_k, λ uniform on the free simplex (a full order, a chain of ratios)
//! anything else     rejection where a pilot accepts at least 1 %
//! ```
//!
//! and hit-and-run otherwise ([`super::hit_and_run`]): uniform in the limit, with the account of its mixing.

use model::{Criterion, Seed};
use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::hit_and_run::{Mixing, walk};
use super::polytope::Polytope;
use super::preferences::{Relation, Row};

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

/// How weights were drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sampler {
    /// Independent draws, exactly uniform.
    Exact(Exact),
    /// A random walk: nearly independent, uniform in the limit.
    HitAndRun(Mixing),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exact {
    Free,
    Point,
    Rejection,
    Simplex,
}

impl Sampler {
    /// The catalogue code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Exact(Exact::Free) => "sampler.free",
            Self::Exact(Exact::Point) => "sampler.point",
            Self::Exact(Exact::Rejection) => "sampler.rejection",
            Self::Exact(Exact::Simplex) => "sampler.simplex",
            Self::HitAndRun(_) => "sampler.hit_and_run",
        }
    }
}

/// Weight vectors one after another, and how they were drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Drawn {
    pub weights: Vec<f64>,
    pub sampler: Sampler,
    /// Dimensions of the region of allowed weights.
    pub dimension: usize,
}

/// `draws` weight vectors within `bounds` and `rows`; `None` where no weights are allowed.
pub(crate) fn draw_weights(
    bounds: &[(f64, f64)],
    rows: &[Row],
    draws: usize,
    seed: Seed,
) -> Option<Drawn> {
    let m = bounds.len();
    let free = bounds.iter().all(|(low, high)| *low <= 0.0 && *high >= 1.0);
    let drawn = |weights, exact, dimension| {
        Some(Drawn {
            weights,
            sampler: Sampler::Exact(exact),
            dimension,
        })
    };
    if free && rows.is_empty() {
        let weights = rejection(m, &|_| true, draws, seed)?;
        return drawn(weights, Exact::Free, m - 1);
    }
    let within = |w: &[f64]| inside(w, bounds);
    let full = bounds.iter().all(|(low, high)| low < high);
    if rows.is_empty()
        && full
        && accepts(m, &within, seed)
        && let Some(weights) = rejection(m, &within, draws, seed)
    {
        return drawn(weights, Exact::Rejection, m - 1);
    }
    let mut all = range_rows(bounds);
    all.extend_from_slice(rows);
    let polytope = Polytope::new(m, &all)?;
    let dimension = polytope.dimension();
    if let Some(corners) = polytope.corners() {
        let exact = if dimension == 0 {
            Exact::Point
        } else {
            Exact::Simplex
        };
        return drawn(mixtures(&corners, draws, seed), exact, dimension);
    }
    let within = |w: &[f64]| polytope.contains(w);
    if dimension + 1 == m
        && accepts(m, &within, seed)
        && let Some(weights) = rejection(m, &within, draws, seed)
    {
        return drawn(weights, Exact::Rejection, dimension);
    }
    let (weights, mixing) = walk(&polytope, draws, seed);
    Some(Drawn {
        weights,
        sampler: Sampler::HitAndRun(mixing),
        dimension,
    })
}

/// Ranges as rows.
pub(crate) fn range_rows(bounds: &[(f64, f64)]) -> Vec<Row> {
    let unit = |j: usize, factor: f64| -> Vec<f64> {
        let mut terms = vec![0.0; bounds.len()];
        terms[j] = factor;
        terms
    };
    let mut rows = Vec::new();
    for (j, (low, high)) in bounds.iter().enumerate() {
        if low >= high {
            rows.push(Row {
                terms: unit(j, 1.0),
                side: *low,
                relation: Relation::Equal,
            });
            continue;
        }
        if *low > 0.0 {
            rows.push(Row {
                terms: unit(j, 1.0),
                side: *low,
                relation: Relation::AtLeast,
            });
        }
        if *high < 1.0 {
            rows.push(Row {
                terms: unit(j, -1.0),
                side: -high,
                relation: Relation::AtLeast,
            });
        }
    }
    rows
}

fn accepts(m: usize, within: &dyn Fn(&[f64]) -> bool, seed: Seed) -> bool {
    let accepted = (0..PILOT)
        .filter(|i| within(&simplex(m, &mut seed.stream("select/pilot", *i))))
        .count() as u64;
    accepted >= LEAST_ACCEPTED
}

/// Uniform on the simplex with these corners.
fn mixtures(corners: &[Vec<f64>], draws: usize, seed: Seed) -> Vec<f64> {
    let m = corners.first().map_or(0, Vec::len);
    let mut weights = Vec::with_capacity(draws * m);
    for i in 0..draws {
        let mut rng = seed.stream("select/weights", i as u64);
        let shares = simplex(corners.len(), &mut rng);
        for j in 0..m {
            let parts = shares.iter().zip(corners);
            weights.push(parts.map(|(share, corner)| share * corner[j]).sum());
        }
    }
    weights
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
fn rejection(
    m: usize,
    within: &dyn Fn(&[f64]) -> bool,
    draws: usize,
    seed: Seed,
) -> Option<Vec<f64>> {
    let mut weights = Vec::with_capacity(draws * m);
    for i in 0..draws {
        let mut rng = seed.stream("select/weights", i as u64);
        let accepted = (0..TRIES)
            .map(|_| simplex(m, &mut rng))
            .find(|w| within(w))?;
        weights.extend(accepted);
    }
    Some(weights)
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

    fn drawn(bounds: &[(f64, f64)], rows: &[Row], seed: u64) -> Drawn {
        draw_weights(bounds, rows, 20_000, Seed(seed)).expect("some weights")
    }

    fn above(terms: &[f64]) -> Row {
        Row {
            terms: terms.to_vec(),
            side: 0.0,
            relation: Relation::Above,
        }
    }

    #[test]
    fn free_weights_have_the_mean_and_spread_of_the_uniform_simplex() {
        // Uniform on the simplex of 4: mean 1/4, P(w > 1/2) = (1/2)³ = 0.125.
        let d = drawn(&[(0.0, 1.0); 4], &[], 1);
        assert_eq!(d.sampler, Sampler::Exact(Exact::Free));
        for j in 0..4 {
            assert!((mean(&d.weights, 4, j) - 0.25).abs() < 0.005);
        }
        let heavy = d.weights.iter().step_by(4).filter(|w| **w > 0.5).count() as f64 / 20_000.0;
        assert!((heavy - 0.125).abs() < 0.01, "{heavy}");
    }

    #[test]
    fn the_walk_agrees_with_rejection_on_a_restricted_simplex() {
        let bounds = [(0.3, 0.6), (0.0, 0.5), (0.1, 1.0)];
        let a = drawn(&bounds, &[], 2);
        assert_eq!(a.sampler, Sampler::Exact(Exact::Rejection));
        let polytope = Polytope::new(3, &range_rows(&bounds)).expect("some weights");
        let (b, mixing) = walk(&polytope, 20_000, Seed(2));
        assert!(
            mixing.r_hat < 1.01 && mixing.effective_draws > 10_000.0,
            "{mixing:?}"
        );
        for j in 0..3 {
            assert!((mean(&a.weights, 3, j) - mean(&b, 3, j)).abs() < 0.004);
        }
        for w in a.weights.chunks(3).chain(b.chunks(3)) {
            assert!((w.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            assert!(
                w.iter()
                    .zip(bounds)
                    .all(|(w, (l, h))| *w >= l - 1e-9 && *w <= h + 1e-9)
            );
        }
    }

    /// A full order on m criteria: E w_(r) = (1/m) Σ_{s>=r} 1/s, the rank-order centroid.
    #[test]
    fn a_full_order_is_a_simplex_with_the_centroid_as_its_mean() {
        let rows = [above(&[1.0, -1.0, 0.0]), above(&[0.0, 1.0, -1.0])];
        let d = drawn(&[(0.0, 1.0); 3], &rows, 5);
        assert_eq!(d.sampler, Sampler::Exact(Exact::Simplex));
        for (j, expected) in [11.0 / 18.0, 5.0 / 18.0, 2.0 / 18.0]
            .into_iter()
            .enumerate()
        {
            assert!((mean(&d.weights, 3, j) - expected).abs() < 0.003);
        }
        assert!(d.weights.chunks(3).all(|w| w[0] >= w[1] && w[1] >= w[2]));
    }

    #[test]
    fn a_sliver_is_sampled_uniformly_too() {
        // w1 in [0.9, 0.91]: density falls as (1 - w1), mean by hand
        // ∫ w (1 - w) / ∫ (1 - w) over [0.9, 0.91] = 0.0859667e-2 / 0.0950e-2 = 0.904912
        let d = drawn(&[(0.9, 0.91), (0.0, 1.0), (0.0, 1.0)], &[], 3);
        assert!((mean(&d.weights, 3, 0) - 0.904_912).abs() < 1e-4);
        assert!((mean(&d.weights, 3, 1) - mean(&d.weights, 3, 2)).abs() < 1e-3);
    }

    #[test]
    fn fixed_weights_stay_fixed_and_equations_lower_the_dimension() {
        let d = drawn(&[(0.25, 0.25), (0.75, 0.75)], &[], 4);
        assert_eq!((d.sampler, d.dimension), (Sampler::Exact(Exact::Point), 0));
        assert!(
            d.weights
                .chunks(2)
                .all(|w| (w[0] - 0.25).abs() < 1e-12 && (w[1] - 0.75).abs() < 1e-12)
        );
        // w0 >= w1 and w1 >= w0 is an equation in disguise: w = (t, t, 1 - 2t), t uniform on [0, 1/2].
        let both = [above(&[1.0, -1.0, 0.0]), above(&[-1.0, 1.0, 0.0])];
        let d = drawn(&[(0.0, 1.0); 3], &both, 6);
        assert_eq!(
            (d.sampler, d.dimension),
            (Sampler::Exact(Exact::Simplex), 1)
        );
        assert!((mean(&d.weights, 3, 2) - 0.5).abs() < 0.006);
        assert!(d.weights.chunks(3).all(|w| (w[0] - w[1]).abs() < 1e-9));
    }

    #[test]
    fn nothing_is_drawn_where_nothing_is_allowed() {
        assert!(draw_weights(&[(0.7, 1.0), (0.6, 1.0)], &[], 10, Seed(1)).is_none());
    }
}
