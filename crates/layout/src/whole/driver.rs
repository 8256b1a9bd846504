//! Which input decides: the first-order sensitivity index from draws that exist already.
//!
//! ```text
//! S_j = Var(E[Y | X_j]) / Var(Y)                      first-order index (Sobol 1993)
//! η²  = Σ_b n_b (ȳ_b - ȳ)² / Σ_d (y_d - ȳ)²           correlation ratio over B groups of X_j (Pearson 1905)
//! ε²  = 1 - (1 - η²) (K - 1) / (K - B)                 less what B groups explain by chance (Kelley 1935)
//! ```
//!
//! A number is cut into B groups of equal count, a choice groups by its value. No further run of the model is
//! needed, unlike pick-and-freeze; inputs that act only together with others are not seen (S_j of each can be
//! 0 where their total effect is not), so the sum of all drivers is reported beside them.
//!
//! Range: percentile bootstrap over the draws, moved by its own bias.

use model::{Basis, Estimate, Seed};
use rand::RngExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// One input of the draws.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// One number a draw.
    Number { name: String, values: Vec<f64> },
    /// One of a few choices a draw, by position.
    Choice { name: String, values: Vec<usize> },
}

impl Input {
    pub fn name(&self) -> &str {
        match self {
            Self::Number { name, .. } | Self::Choice { name, .. } => name,
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Number { values, .. } => values.len(),
            Self::Choice { values, .. } => values.len(),
        }
    }

    /// The group of each draw, and how many groups there are. A number that takes no more values than
    /// groups is a choice.
    fn groups(&self, bins: usize) -> (Vec<usize>, usize) {
        match self {
            Self::Choice { values, .. } => {
                let mut kinds = values.clone();
                kinds.sort_unstable();
                kinds.dedup();
                let group = |v: &usize| kinds.partition_point(|k| k < v);
                (values.iter().map(group).collect(), kinds.len())
            }
            Self::Number { values, .. } => {
                let mut kinds = values.clone();
                kinds.sort_unstable_by(f64::total_cmp);
                kinds.dedup();
                if kinds.len() <= bins {
                    let group = |v: &f64| kinds.partition_point(|k| k < v);
                    return (values.iter().map(group).collect(), kinds.len());
                }
                let mut order: Vec<usize> = (0..values.len()).collect();
                order.sort_unstable_by(|a, b| values[*a].total_cmp(&values[*b]).then(a.cmp(b)));
                let mut groups = vec![0; values.len()];
                for (position, draw) in order.into_iter().enumerate() {
                    groups[draw] = position * bins / values.len();
                }
                (groups, bins)
            }
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DriverParams {
    /// Groups of a number, at least 2. Fewer than the cube root of the draws lose curvature, many more lose
    /// precision.
    pub bins: usize,
    /// Bootstrap replicates of the range; 0 leaves the range at 0..1.
    pub replicates: usize,
    /// How many drivers are named.
    pub most: usize,
}

impl Default for DriverParams {
    fn default() -> Self {
        Self {
            bins: 10,
            replicates: 200,
            most: 3,
        }
    }
}

/// An input, and the share of the variance of the outcome that it explains alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Driver {
    pub name: String,
    /// In 0..=1, with a 95 % bootstrap range.
    pub share: Estimate,
}

/// The inputs whose range lies above 0, largest first, at most `params.most`.
///
/// `outcome` has one value a draw. Empty where the outcome never changes, or where no input explains more
/// than chance does. Inputs of another length than the outcome are not read.
pub fn drivers(
    outcome: &[f64],
    inputs: &[Input],
    params: &DriverParams,
    seed: Seed,
) -> Vec<Driver> {
    let draws = outcome.len();
    let constant = outcome.iter().all(|y| *y == outcome[0]);
    if draws < 3 || constant {
        return Vec::new();
    }
    let grouped: Vec<(&Input, Vec<usize>, usize)> = inputs
        .iter()
        .filter(|input| input.len() == draws)
        .map(|input| {
            let (groups, count) = input.groups(params.bins.max(2));
            (input, groups, count)
        })
        .filter(|(_, _, count)| *count > 1 && *count < draws)
        .collect();
    let all: Vec<usize> = (0..draws).collect();
    let points: Vec<f64> = grouped
        .iter()
        .map(|(_, groups, count)| explained(outcome, groups, *count, &all))
        .collect();
    // Every replicate draws the same draws for all inputs, so drivers can be compared.
    let replicates: Vec<Vec<f64>> = (0..params.replicates as u64)
        .into_par_iter()
        .map(|replicate| {
            let mut rng = seed.stream("whole/drivers", replicate);
            let sample: Vec<usize> = (0..draws).map(|_| rng.random_range(0..draws)).collect();
            grouped
                .iter()
                .map(|(_, groups, count)| explained(outcome, groups, *count, &sample))
                .collect()
        })
        .collect();
    let mut found: Vec<Driver> = grouped
        .iter()
        .enumerate()
        .map(|(j, (input, _, _))| Driver {
            name: input.name().to_owned(),
            share: ranged(points[j], replicates.iter().map(|r| r[j]).collect()),
        })
        .filter(|driver| driver.share.low > 0.0)
        .collect();
    found.sort_by(|a, b| {
        b.share
            .value
            .total_cmp(&a.share.value)
            .then_with(|| a.name.cmp(&b.name))
    });
    found.truncate(params.most);
    found
}

/// ε² of the outcome over groups, of the draws in `sample`.
fn explained(outcome: &[f64], groups: &[usize], count: usize, sample: &[usize]) -> f64 {
    let mut sums = vec![(0.0, 0.0_f64); count];
    let mut total = 0.0;
    for d in sample {
        let (sum, n) = &mut sums[groups[*d]];
        *sum += outcome[*d];
        *n += 1.0;
        total += outcome[*d];
    }
    let k = sample.len() as f64;
    let mean = total / k;
    let spread: f64 = sample.iter().map(|d| (outcome[*d] - mean).powi(2)).sum();
    let filled = sums.iter().filter(|(_, n)| *n > 0.0).count() as f64;
    if spread <= 0.0 || k <= filled {
        return 0.0;
    }
    let between: f64 = sums
        .iter()
        .filter(|(_, n)| *n > 0.0)
        .map(|(sum, n)| n * (sum / n - mean).powi(2))
        .sum();
    1.0 - (1.0 - between / spread) * (k - 1.0) / (k - filled)
}

/// A bootstrap replicate explains more by chance than the draws themselves, for it holds some of them
/// twice; the mean of the replicates shows by how much, and the range is moved back.
fn ranged(point: f64, mut replicates: Vec<f64>) -> Estimate {
    let value = point.clamp(0.0, 1.0);
    if replicates.is_empty() {
        return Estimate::spanning(value, 0.0, 1.0, Basis::Derived);
    }
    let bias = replicates.iter().sum::<f64>() / replicates.len() as f64 - point;
    replicates.sort_unstable_by(f64::total_cmp);
    let at = |p: f64| {
        let rank = (p * replicates.len() as f64).ceil().max(1.0) as usize;
        (replicates[rank.min(replicates.len()) - 1] - bias).clamp(0.0, 1.0)
    };
    Estimate::spanning(
        value,
        at(0.025).min(value),
        at(0.975).max(value),
        Basis::Derived,
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]
    use super::*;

    fn number(name: &str, values: Vec<f64>) -> Input {
        Input::Number {
            name: name.to_owned(),
            values,
        }
    }

    /// y = 0, 0, 1, 1 over two groups (0, 0) and (1, 1): everything is between the groups.
    #[test]
    fn all_and_half_of_the_variance_by_hand() {
        let y = [0.0, 0.0, 1.0, 1.0];
        assert_eq!(explained(&y, &[0, 0, 1, 1], 2, &[0, 1, 2, 3]), 1.0);
        // Groups (0, 1), (0, 1): nothing between, η² = 0, ε² = 1 - 3/2 = -0.5.
        assert_eq!(explained(&y, &[0, 1, 0, 1], 2, &[0, 1, 2, 3]), -0.5);
    }

    #[test]
    fn a_constant_outcome_has_no_driver() {
        let x = number("x", (0..100).map(f64::from).collect());
        assert!(drivers(&[1.0; 100], &[x], &DriverParams::default(), Seed(1)).is_empty());
    }

    #[test]
    fn few_values_are_a_choice() {
        let x = number("x", vec![0.5, 2.0, 0.5, 2.0]);
        assert_eq!(x.groups(10), (vec![0, 1, 0, 1], 2));
    }
}
