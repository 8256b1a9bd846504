//! Any statistic of a presence matrix against random matrices of its null model.
//!
//! Where a co-occurrence is the question, [`super::validated`] has the exact answer; this is for everything else (a taxonomy
//! or assist matrix, nestedness, a rank). With B samples, of which b reach the observed value,
//!
//! ```text
//! p = (1 + b) / (1 + B)
//! ```
//!
//! never zero, and valid for any B (Phipson and Smyth, 2010). Sample `index` is the same whatever the number of threads.

use rayon::prelude::*;

use super::bicm::Bicm;

/// Draws that are summed up in order before chunks are added up in order.
const CHUNK: u64 = 16;
/// Two ways to add up the same numbers may differ by this share; a sample so close counts as reaching the observed value.
const ROUNDING: f64 = 1e-12;

/// An observed value among its samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampled {
    /// Mean of the samples.
    pub mean: f64,
    /// (1 + samples ≥ observed) / (1 + samples).
    pub p: f64,
}

/// Compares `observed` with `draws` samples of the same statistic; `statistic(index)` must have the length of `observed` (a
/// shorter one counts as zero in its missing places).
pub fn exceedance(
    observed: &[f64],
    draws: u32,
    statistic: impl Fn(u64) -> Vec<f64> + Sync,
) -> Vec<Sampled> {
    let n = observed.len();
    let draws = u64::from(draws);
    let one_chunk = |chunk: u64| {
        let mut reached = vec![0_u64; n];
        let mut sums = vec![0.0; n];
        for index in chunk * CHUNK..((chunk + 1) * CHUNK).min(draws) {
            let sample = statistic(index);
            for (k, value) in sample.iter().take(n).enumerate() {
                sums[k] += value;
                reached[k] += u64::from(*value >= observed[k] - ROUNDING * observed[k].abs());
            }
        }
        (reached, sums)
    };
    let mut reached = vec![0_u64; n];
    let mut sums = vec![0.0; n];
    let chunks: Vec<u64> = (0..draws.div_ceil(CHUNK)).collect();
    // A wave of as many chunks as threads bounds the memory; their sums are added in the order of the chunks.
    for wave in chunks.chunks(rayon::current_num_threads()) {
        let done: Vec<_> = wave.par_iter().map(|chunk| one_chunk(*chunk)).collect();
        for (r, s) in done {
            for k in 0..n {
                reached[k] += r[k];
                sums[k] += s[k];
            }
        }
    }
    (0..n)
        .map(|k| Sampled {
            mean: if draws == 0 {
                f64::NAN
            } else {
                sums[k] / draws as f64
            },
            p: (1 + reached[k]) as f64 / (1 + draws) as f64,
        })
        .collect()
}

/// Σ_l p_la p_lb: expected locations with both activities (a ≠ b; with itself an activity occurs u_a times).
pub fn expected_both_activities(null: &Bicm, a: usize, b: usize) -> f64 {
    expected_across(null, a, null, b)
}

/// Σ_a p_la p_ka: expected activities of both locations (l ≠ k).
pub fn expected_both_locations(null: &Bicm, l: usize, k: usize) -> f64 {
    let of = null.activities();
    (0..of.count())
        .map(|class| {
            let p = |member: usize| {
                null.class_probability(null.locations().of()[member] as usize, class)
            };
            f64::from(of.sizes()[class]) * p(l) * p(k)
        })
        .sum()
}

/// Σ_l p_la p'_lb: expected locations with activity a of one layer and b of another, both at chance. The locations of
/// both layers must be the same.
pub fn expected_across(first: &Bicm, a: usize, second: &Bicm, b: usize) -> f64 {
    (0..first.locations().of().len())
        .map(|l| first.probability(l, a) * second.probability(l, b))
        .sum()
}
