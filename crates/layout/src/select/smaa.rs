//! SMAA-2 on given samples of measurements and weights (Lahdelma & Salminen 2001; algorithms in
//! Tervonen & Lahdelma 2007, European Journal of Operational Research 178).
//!
//! For alternatives i, criteria j, draws d = 1..K of measurements x and weights w:
//!
//! ```text
//! u(i, d)  = Σ_j w_dj x_dij                         additive linear utility, larger is better
//! rank     = 1 + #{ k : u(k, d) > u(i, d) }         ties share the better rank
//! b_i^r    = share of draws in which i has rank r   rank acceptability;  B_i^k = Σ_{r<=k} b_i^r
//! w_i^c    = mean of w over the draws in which i is first      (undefined if there is none)
//! p_i^c    = share of draws in which i is first under w_i^c    (second pass, weights fixed)
//! c_ik     = share of draws with u(i, d) > u(k, d)
//! H_i      = - Σ_r b_i^r log2 b_i^r
//! a_i^h    = Σ_r α_r b_i^r                          holistic acceptability, α the rank-order centroid weights
//!            α_r = (1/n) Σ_{s>=r} 1/s               (Barron & Barrett 1996), scaled to α_1 = 1
//! ```

use model::{Basis, Estimate};
use rayon::prelude::*;

use crate::interval::{Z95, share};

/// Draws of measurements and weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    alternatives: usize,
    criteria: usize,
    measurements: Vec<f64>,
    weights: Vec<f64>,
    /// In the order draw, alternative.
    utilities: Vec<f64>,
    basis: Basis,
}

/// Samples whose lengths do not fit together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{measurements} measurements and {weights} weights are not whole draws of {alternatives} alternatives and {criteria} criteria"
)]
pub struct SamplesError {
    pub alternatives: usize,
    pub criteria: usize,
    pub measurements: usize,
    pub weights: usize,
}

impl Samples {
    /// `measurements` in the order draw, alternative, criterion; `weights` in the order draw, criterion.
    ///
    /// `basis` is the weakest basis of the measurements. Errors when the lengths differ or no draw is given.
    pub fn new(
        alternatives: usize,
        criteria: usize,
        measurements: Vec<f64>,
        weights: Vec<f64>,
        basis: Basis,
    ) -> Result<Self, SamplesError> {
        let draws = weights.len().checked_div(criteria).unwrap_or(0);
        let fits = draws > 0
            && alternatives > 0
            && weights.len() == draws * criteria
            && measurements.len() == draws * alternatives * criteria;
        if fits {
            let mut u = vec![0.0; draws * alternatives];
            let drawn = measurements.par_chunks_exact(alternatives * criteria);
            (u.par_chunks_exact_mut(alternatives))
                .zip(drawn.zip(weights.par_chunks_exact(criteria)))
                .for_each(|(u, (x, w))| utilities(x, w, u));
            Ok(Self {
                alternatives,
                criteria,
                measurements,
                weights,
                utilities: u,
                basis,
            })
        } else {
            Err(SamplesError {
                alternatives,
                criteria,
                measurements: measurements.len(),
                weights: weights.len(),
            })
        }
    }

    pub fn draws(&self) -> usize {
        self.weights.len() / self.criteria
    }

    pub fn alternatives(&self) -> usize {
        self.alternatives
    }

    pub fn criteria(&self) -> usize {
        self.criteria
    }

    /// The weakest basis of the measurements.
    pub fn basis(&self) -> Basis {
        self.basis
    }

    /// Utility of every alternative in draw `d`.
    pub fn utilities(&self, d: usize) -> &[f64] {
        &self.utilities[d * self.alternatives..(d + 1) * self.alternatives]
    }

    /// Weights of draw `d`.
    pub fn weights(&self, d: usize) -> &[f64] {
        self.draw(d).1
    }

    fn draw(&self, d: usize) -> (&[f64], &[f64]) {
        let cells = self.alternatives * self.criteria;
        (
            &self.measurements[d * cells..(d + 1) * cells],
            &self.weights[d * self.criteria..(d + 1) * self.criteria],
        )
    }
}

/// The weights that, on average, make an alternative the first.
#[derive(Debug, Clone, PartialEq)]
pub struct CentralWeight {
    /// By criterion, with the 95 % range of the mean.
    pub weights: Vec<Estimate>,
    /// Number of draws in which the alternative is first: all that the mean rests on.
    pub support: usize,
}

/// Indices by position of the alternative in the samples. All shares carry their 95 % Monte Carlo range.
#[derive(Debug, Clone, PartialEq)]
pub struct Smaa {
    pub draws: usize,
    /// `[alternative][rank - 1]`.
    pub rank_acceptability: Vec<Vec<Estimate>>,
    /// `[alternative][k - 1]`: acceptability of a rank of k or better.
    pub top_acceptability: Vec<Vec<Estimate>>,
    /// `None` where the alternative is never first.
    pub central_weights: Vec<Option<CentralWeight>>,
    /// Given the central weights as they stand; their own error is not in this range.
    pub confidence: Vec<Option<Estimate>>,
    /// `[i][k]`: share of draws in which i beats k.
    pub pairwise_winning: Vec<Vec<Estimate>>,
    /// In bits, `0..=log2(n)`.
    pub rank_entropy: Vec<Estimate>,
    /// 0..1, with the range of its mean.
    pub holistic: Vec<Estimate>,
    /// The median rank between the ranks of the 5 % and 95 % quantiles of the draws.
    pub rank_interval: Vec<RankInterval>,
    /// Share of draws in which two alternatives share a rank.
    pub tied: Estimate,
}

/// Quantiles of a rank over the draws: the smallest ranks whose cumulated share reaches 5, 50 and 95 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RankInterval {
    pub p05: usize,
    pub median: usize,
    pub p95: usize,
}

/// All SMAA-2 indices of the samples.
pub fn smaa(samples: &Samples) -> Smaa {
    let (n, m, draws) = (samples.alternatives, samples.criteria, samples.draws());
    let mut ranks = vec![vec![0_usize; n]; n];
    let mut wins = vec![vec![0_usize; n]; n];
    let mut sums = vec![vec![(0.0, 0.0); m]; n];
    let mut tied = 0;
    for d in 0..draws {
        let (u, w) = (samples.utilities(d), samples.weights(d));
        tied += usize::from(any_equal(u));
        for i in 0..n {
            let mut better = 0;
            for k in 0..n {
                better += usize::from(u[k] > u[i]);
                wins[i][k] += usize::from(u[i] > u[k]);
            }
            ranks[i][better] += 1;
            if better == 0 {
                for (sum, weight) in sums[i].iter_mut().zip(w) {
                    sum.0 += weight;
                    sum.1 += weight * weight;
                }
            }
        }
    }
    let shares = |counts: &[usize]| -> Vec<Estimate> {
        counts
            .iter()
            .map(|count| share(*count, draws, samples.basis))
            .collect()
    };
    let central_weights: Vec<Option<CentralWeight>> = (0..n)
        .map(|i| central_weight(&sums[i], ranks[i][0], samples.basis))
        .collect();
    Smaa {
        draws,
        top_acceptability: ranks.iter().map(|r| shares(&cumulated(r))).collect(),
        confidence: (0..n)
            .into_par_iter()
            .map(|i| {
                central_weights[i]
                    .as_ref()
                    .map(|c| confidence(samples, i, c))
            })
            .collect(),
        pairwise_winning: wins.iter().map(|w| shares(w)).collect(),
        rank_entropy: ranks
            .iter()
            .map(|r| entropy(r, draws, samples.basis))
            .collect(),
        holistic: ranks
            .iter()
            .map(|r| weighted_ranks(r, &centroid(n), draws, samples.basis))
            .collect(),
        rank_interval: ranks.iter().map(|r| rank_interval(r)).collect(),
        tied: share(tied, draws, samples.basis),
        rank_acceptability: ranks.iter().map(|r| shares(r)).collect(),
        central_weights,
    }
}

fn utilities(measurements: &[f64], weights: &[f64], out: &mut [f64]) {
    for (u, x) in out.iter_mut().zip(measurements.chunks_exact(weights.len())) {
        *u = x.iter().zip(weights).map(|(x, w)| x * w).sum();
    }
}

fn any_equal(u: &[f64]) -> bool {
    let mut sorted = u.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.windows(2).any(|pair| pair[0] >= pair[1])
}

/// Rank-order centroid weights, the first scaled to 1.
fn centroid(n: usize) -> Vec<f64> {
    let tail = |r: usize| (r..=n).map(|s| 1.0 / s as f64).sum::<f64>();
    (1..=n).map(|r| tail(r) / tail(1)).collect()
}

/// Σ_r α_r b^r ± 1.96 standard errors: Var = (Σ α² b - a²) / K.
fn weighted_ranks(counts: &[usize], alpha: &[f64], draws: usize, basis: Basis) -> Estimate {
    let k = draws as f64;
    let moment = |power: i32| -> f64 {
        let parts = counts.iter().zip(alpha);
        parts.map(|(c, a)| *c as f64 / k * a.powi(power)).sum()
    };
    let mean = moment(1);
    let spread = (moment(2) - mean * mean).max(0.0);
    let half = if counts.contains(&draws) {
        3.0 / k
    } else {
        Z95 * (spread / k).sqrt()
    };
    Estimate::spanning(mean, mean - half, mean + half, basis.and(basis)).clamped(0.0, 1.0)
}

pub(crate) fn rank_interval(counts: &[usize]) -> RankInterval {
    let total: usize = counts.iter().sum();
    let at = |p: f64| {
        let needed = (p * total as f64).ceil().max(1.0) as usize;
        let reached = cumulated(counts).iter().position(|c| *c >= needed);
        reached.map_or(counts.len(), |r| r + 1)
    };
    RankInterval {
        p05: at(0.05),
        median: at(0.5),
        p95: at(0.95),
    }
}

fn cumulated(counts: &[usize]) -> Vec<usize> {
    counts
        .iter()
        .scan(0, |sum, count| {
            *sum += count;
            Some(*sum)
        })
        .collect()
}

/// Mean of the supporting weights ± 1.96 standard errors; one draw alone says nothing about the spread,
/// so the range is then the whole of [0, 1].
fn central_weight(sums: &[(f64, f64)], support: usize, basis: Basis) -> Option<CentralWeight> {
    if support == 0 {
        return None;
    }
    let k = support as f64;
    let weights = sums
        .iter()
        .map(|(sum, squares)| {
            let mean = sum / k;
            let half = if support == 1 {
                1.0
            } else {
                let variance = ((squares - sum * mean) / (k - 1.0)).max(0.0);
                Z95 * (variance / k).sqrt()
            };
            Estimate::spanning(mean, mean - half, mean + half, basis.and(basis)).clamped(0.0, 1.0)
        })
        .collect();
    Some(CentralWeight { weights, support })
}

fn confidence(samples: &Samples, alternative: usize, central: &CentralWeight) -> Estimate {
    let w: Vec<f64> = central.weights.iter().map(|w| w.value).collect();
    let mut u = vec![0.0; samples.alternatives];
    let first = (0..samples.draws())
        .filter(|d| {
            utilities(samples.draw(*d).0, &w, &mut u);
            u.iter().all(|other| *other <= u[alternative])
        })
        .count();
    share(first, samples.draws(), samples.basis)
}

/// Rank entropy with its delta-method range: Var(H) ≈ (Σ b log2² b - H²) / K. Where one rank takes all
/// draws, the upper end is the entropy of 3/K of the draws spread over the other ranks (rule of three).
fn entropy(counts: &[usize], draws: usize, basis: Basis) -> Estimate {
    let k = draws as f64;
    let shares: Vec<f64> = counts
        .iter()
        .filter(|c| **c > 0)
        .map(|c| *c as f64 / k)
        .collect();
    let h: f64 = shares.iter().map(|b| -b * b.log2()).sum();
    let h = h.max(0.0);
    let most = (counts.len() as f64).log2();
    let half = if shares.len() == 1 {
        let missed = (3.0 / k).min(0.5);
        let others = (counts.len() as f64 - 1.0).max(1.0);
        -missed * (missed / others).log2() - (1.0 - missed) * (1.0 - missed).log2()
    } else {
        let square: f64 = shares.iter().map(|b| b * b.log2() * b.log2()).sum();
        Z95 * ((square - h * h).max(0.0) / k).sqrt()
    };
    Estimate::spanning(h, h - half, h + half, basis.and(basis)).clamped(0.0, most.max(h))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]
    use super::*;

    /// Two alternatives, two criteria, four draws; alternative 0 has (1, 0), alternative 1 has (0, 1).
    /// Weights (0.8, 0.2), (0.6, 0.4), (0.5, 0.5), (0.1, 0.9): 0 wins twice, ties once, loses once.
    fn hand() -> Smaa {
        let x: Vec<f64> = [1.0, 0.0, 0.0, 1.0].repeat(4);
        let w = vec![0.8, 0.2, 0.6, 0.4, 0.5, 0.5, 0.1, 0.9];
        smaa(&Samples::new(2, 2, x, w, Basis::Measured).unwrap())
    }

    #[test]
    fn ties_share_the_better_rank_by_hand() {
        let s = hand();
        let b = |i: usize, r: usize| s.rank_acceptability[i][r].value;
        assert_eq!((b(0, 0), b(0, 1)), (0.75, 0.25));
        assert_eq!((b(1, 0), b(1, 1)), (0.5, 0.5));
        assert_eq!(s.pairwise_winning[0][1].value, 0.5);
        assert_eq!(s.pairwise_winning[1][0].value, 0.25);
        assert_eq!(s.top_acceptability[1][1].value, 1.0);
        // H = -(0.75 log2 0.75 + 0.25 log2 0.25) = 0.811278
        assert!((s.rank_entropy[0].value - 0.811_278).abs() < 1e-6);
    }

    #[test]
    fn central_weights_and_confidence_by_hand() {
        let s = hand();
        let c = s.central_weights[0].as_ref().unwrap();
        // mean of 0.8, 0.6, 0.5 = 0.6333
        assert_eq!(c.support, 3);
        assert!((c.weights[0].value - 1.9 / 3.0).abs() < 1e-12);
        // sd = sqrt(((0.8-.6333)² + (0.6-.6333)² + (0.5-.6333)²) / 2) = 0.152753, se = 0.088192
        assert!((c.weights[0].high - (1.9 / 3.0 + 1.96 * 0.088_191_7)).abs() < 1e-6);
        assert_eq!(s.confidence[0].unwrap().value, 1.0);
    }

    #[test]
    fn holistic_acceptability_and_rank_intervals_by_hand() {
        let s = hand();
        // α = (1, (1/2) / (3/2)) = (1, 1/3): 0.75 + 0.25/3 and 0.5 + 0.5/3.
        assert!((s.holistic[0].value - (0.75 + 0.25 / 3.0)).abs() < 1e-12);
        assert!((s.holistic[1].value - (0.5 + 0.5 / 3.0)).abs() < 1e-12);
        let r = s.rank_interval[0];
        assert_eq!((r.p05, r.median, r.p95), (1, 1, 2));
        assert_eq!(s.tied.value, 0.25);
    }

    #[test]
    fn an_alternative_that_is_never_first_has_no_central_weight() {
        let s = smaa(&Samples::new(2, 1, vec![1.0, 0.0], vec![1.0], Basis::Derived).unwrap());
        assert!(s.central_weights[1].is_none() && s.confidence[1].is_none());
        assert!(s.rank_entropy[0].high > 0.0);
    }

    #[test]
    fn samples_that_are_not_whole_draws_are_refused() {
        assert!(Samples::new(2, 2, vec![0.0; 7], vec![0.5; 4], Basis::Derived).is_err());
        assert!(Samples::new(2, 2, vec![], vec![], Basis::Derived).is_err());
        assert!(Samples::new(2, 0, vec![], vec![], Basis::Derived).is_err());
    }
}
