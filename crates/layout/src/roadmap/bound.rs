//! A lower bound on the makespan: no schedule can be shorter.
//!
//! ```text
//! critical path      max_j head_j + d_j + tail_j
//! stage capacity     max over stages s, heads r, tails q of  r + ceil(Σ d_j / R_s) + q,
//!                    the sum over the tasks of s with head >= r and tail >= q
//! starts of a year   with S starts a year, a set of N tasks has a last start no earlier than year
//!                    ceil(N / S) - 1, so 4 (ceil(N / S) - 1) + min (d_j + tail_j)
//! ```
//!
//! The second line at r = q = 0 is the plain energy bound; with heads and tails it follows Carlier (1982)
//! for one machine, and is weaker but valid for parallel ones.

use super::network::{Network, QUARTERS_PER_YEAR};

/// In quarters.
pub(crate) fn lower_bound(network: &Network) -> usize {
    let d = &network.durations;
    let (heads, tails) = (network.heads(d), network.tails(d));
    let tasks = || 0..network.len();
    let mut bound = tasks()
        .map(|j| heads[j] + d[j] + tails[j])
        .max()
        .unwrap_or(0);
    for (stage, capacity) in network.capacity.iter().enumerate() {
        let Some(capacity) = *capacity else { continue };
        let of_stage: Vec<usize> = tasks()
            .filter(|j| network.stages[*j] as usize == stage && d[*j] > 0)
            .collect();
        for r in of_stage.iter().map(|j| heads[*j]) {
            for q in of_stage.iter().map(|j| tails[*j]) {
                let inside = of_stage
                    .iter()
                    .filter(|j| heads[**j] >= r && tails[**j] >= q);
                let work: usize = inside.map(|j| d[*j]).sum();
                if work > 0 {
                    bound = bound.max(r + work.div_ceil(capacity) + q);
                }
            }
        }
    }
    if let Some(most) = network.starts_per_year {
        for q in tasks().map(|j| d[j] + tails[j]) {
            let count = tasks().filter(|j| d[*j] + tails[*j] >= q).count();
            bound = bound.max(QUARTERS_PER_YEAR * (count.div_ceil(most) - 1) + q);
        }
    }
    bound
}
