//! Many tests at once: which p-values are still remarkable?
//!
//! ```text
//! false discovery rate   p_(i) ≤ α i / n for the largest such i;   q_(i) = min_{j ≥ i} n p_(j) / j
//! Bonferroni             p ≤ α / n;                                 adjusted: min(1, n p)
//! none                   p ≤ α
//! ```
//!
//! n counts **all** tests, also those nobody looked at because nothing was there to see. (Benjamini and Hochberg, 1995.)

/// What is done about the number of tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Correction {
    /// Of the accepted, an expected share of at most α is by chance.
    #[default]
    FalseDiscoveryRate,
    /// Any one accepted by chance has at most the probability α.
    Bonferroni,
    None,
}

/// A p-value that `times` tests share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tied {
    pub p: f64,
    pub times: u64,
}

/// The largest p-value accepted at `alpha` among `tests` tests; `None` where none is. `found` must hold every p-value
/// up to `alpha`, in ascending order.
pub fn threshold(found: &[Tied], tests: u64, alpha: f64, correction: Correction) -> Option<f64> {
    let n = tests as f64;
    match correction {
        Correction::FalseDiscoveryRate => {
            let mut rank = 0;
            let mut last = None;
            for tied in found {
                rank += tied.times;
                if tied.p <= alpha * rank as f64 / n {
                    last = Some(tied.p);
                }
            }
            last
        }
        Correction::Bonferroni => last_up_to(found, alpha / n),
        Correction::None => last_up_to(found, alpha),
    }
}

fn last_up_to(found: &[Tied], limit: f64) -> Option<f64> {
    found.iter().map(|t| t.p).take_while(|p| *p <= limit).last()
}

/// Adjusted p-values of `found` (ascending), each 0 to 1: accepted at α exactly where not above α (up to rounding).
pub fn adjusted(found: &[Tied], tests: u64, correction: Correction) -> Vec<f64> {
    let n = tests as f64;
    match correction {
        Correction::FalseDiscoveryRate => {
            let mut rank: u64 = found.iter().map(|t| t.times).sum();
            let mut least = 1.0_f64;
            let mut q: Vec<f64> = found
                .iter()
                .rev()
                .map(|tied| {
                    least = least.min(tied.p * n / rank as f64);
                    rank -= tied.times;
                    least
                })
                .collect();
            q.reverse();
            q
        }
        Correction::Bonferroni => found.iter().map(|t| (t.p * n).min(1.0)).collect(),
        Correction::None => found.iter().map(|t| t.p).collect(),
    }
}

/// Adjusted p-values of `p`, in its order. Tests that are not listed count as p = 1.
pub fn adjust(p: &[f64], tests: u64, correction: Correction) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let sorted: Vec<Tied> = order.iter().map(|i| Tied { p: p[*i], times: 1 }).collect();
    let mut out = vec![0.0; p.len()];
    for (place, q) in order.iter().zip(adjusted(&sorted, tests, correction)) {
        out[*place] = q;
    }
    out
}
