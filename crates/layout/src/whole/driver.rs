//! Which input decides: the first-order sensitivity index from draws that exist already.
//!
//! ```text
//! S_j = Var(E[Y | X_j]) / Var(Y)                      first-order index (Sobol 1993)
//! η²  = Σ_b n_b (ȳ_b - ȳ)² / Σ_d (y_d - ȳ)²           correlation ratio over B groups of X_j (Pearson 1905)
//! ε²  = 1 - (1 - η²) (K - 1) / (K - B)                 less what B groups explain by chance (Kelley 1935)
//! ```
//!
//! A number is cut into B groups of equal count, a choice groups by its value. No further run of the model is
//! needed, unlike pick-and-freeze; inputs that act only together with others are not seen (their S_j can be 0
//! where their total effect is not).
//!
//! Among hundreds of inputs some explain a little by chance. An input is named only if its F statistic passes the
//! 5 % level divided by the number of inputs (Bonferroni):
//!
//! ```text
//! (B - 1) F = (η² / (1 - η²)) (K - B)  >  χ²(B - 1) at 1 - 0.05 / m
//! ```
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
    /// Bootstrap replicates of the range of each driver named; 0 leaves it at 0..1.
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

/// The inputs that explain more than chance does, largest first, at most `params.most`.
///
/// `outcome` has one value a draw. Empty where the outcome never changes. Inputs of another length than the
/// outcome, and those that never change, are not read.
pub fn drivers(
    outcome: &[f64],
    inputs: &[Input],
    params: &DriverParams,
    seed: Seed,
) -> Vec<Driver> {
    let draws = outcome.len();
    if draws < 3 || outcome.iter().all(|y| y.total_cmp(&outcome[0]).is_eq()) {
        return Vec::new();
    }
    let all: Vec<usize> = (0..draws).collect();
    let readable: Vec<&Input> = inputs.iter().filter(|i| i.len() == draws).collect();
    let chance = 0.05 / readable.len().max(1) as f64;
    let mut named: Vec<(&str, Vec<usize>, usize, f64)> = readable
        .into_par_iter()
        .filter_map(|input| {
            let (groups, count) = input.groups(params.bins.max(2));
            if count < 2 || count >= draws {
                return None;
            }
            let epsilon = explained(outcome, &groups, count, &all);
            beyond_chance(epsilon, draws, count, chance).then_some((
                input.name(),
                groups,
                count,
                epsilon,
            ))
        })
        .collect();
    named.sort_by(|a, b| b.3.total_cmp(&a.3).then_with(|| a.0.cmp(b.0)));
    named.truncate(params.most);
    // Every replicate draws the same draws for all inputs, so drivers can be compared.
    let replicates: Vec<Vec<f64>> = (0..params.replicates as u64)
        .into_par_iter()
        .map(|replicate| {
            let mut rng = seed.stream("whole/drivers", replicate);
            let sample: Vec<usize> = (0..draws).map(|_| rng.random_range(0..draws)).collect();
            named
                .iter()
                .map(|(_, groups, count, _)| explained(outcome, groups, *count, &sample))
                .collect()
        })
        .collect();
    named
        .iter()
        .enumerate()
        .map(|(j, (name, _, _, epsilon))| Driver {
            name: (*name).to_owned(),
            share: ranged(*epsilon, replicates.iter().map(|r| r[j]).collect()),
        })
        .collect()
}

/// Whether `count` groups explain more than they would by chance, but for a probability of `chance`.
fn beyond_chance(epsilon: f64, draws: usize, count: usize, chance: f64) -> bool {
    let (k, groups) = (draws as f64, count as f64);
    let unexplained = ((1.0 - epsilon) * (k - groups) / (k - 1.0)).max(0.0);
    if unexplained == 0.0 {
        return true;
    }
    (1.0 - unexplained) / unexplained * (k - groups) > chi_square(groups - 1.0, chance)
}

/// The value that χ² with `freedom` degrees exceeds with probability `tail` <= 0.5: Wilson & Hilferty 1931, with
/// the normal quantile of Hastings 1955 (error below 4.5e-4).
fn chi_square(freedom: f64, tail: f64) -> f64 {
    let t = (-2.0 * tail.ln()).sqrt();
    let z = t
        - (2.515_517 + 0.802_853 * t + 0.010_328 * t * t)
            / (1.0 + 1.432_788 * t + 0.189_269 * t * t + 0.001_308 * t * t * t);
    let part = 2.0 / (9.0 * freedom);
    freedom * (1.0 - part + z * part.sqrt()).powi(3)
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

    /// Tables of χ²: 16.919 for 9 degrees and 5 %, 27.877 for 9 and 0.1 %, 6.635 for 1 and 1 %.
    #[test]
    fn chi_square_as_printed_in_tables() {
        for (freedom, tail, printed) in [
            (9.0, 0.05, 16.919),
            (9.0, 0.001, 27.877),
            (1.0, 0.01, 6.635),
        ] {
            let found: f64 = chi_square(freedom, tail);
            assert!((found / printed - 1.0).abs() < 0.02, "{found} {printed}");
        }
    }

    #[test]
    fn few_values_are_a_choice() {
        let x = number("x", vec![0.5, 2.0, 0.5, 2.0]);
        assert_eq!(x.groups(10), (vec![0, 1, 0, 1], 2));
    }
}
