//! Aggregate: one number from several, level by level.
//!
//! ```text
//! arithmetic  Σ w x / Σ w                  full compensation
//! geometric   exp(Σ w ln x / Σ w)          x > 0; little compensation
//! harmonic    Σ w / Σ (w / x)              x > 0; less still
//! copeland    Σ_k sign(s_ik - s_ki), s_ik = weight of the parts on which i beats k (Copeland 1951; Munda & Nardo 2009)
//! ```
//!
//! Missing parts are left out and the weights of the rest count; below a least share of weight the result is missing.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregation {
    #[default]
    Arithmetic,
    Geometric,
    Harmonic,
    Copeland,
}

impl Aggregation {
    /// The catalogue code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Arithmetic => "aggregation.arithmetic",
            Self::Geometric => "aggregation.geometric",
            Self::Harmonic => "aggregation.harmonic",
            Self::Copeland => "aggregation.copeland",
        }
    }
}

/// The aggregate by unit; `parts[part][unit]`, one weight a part. A geometric or harmonic mean of a number that is not
/// positive does not exist and is missing, as is any result with less than `least_share` of the weight present.
pub fn aggregate(
    parts: &[Vec<Option<f64>>],
    weights: &[f64],
    how: Aggregation,
    least_share: f64,
) -> Vec<Option<f64>> {
    let units = parts.first().map_or(0, Vec::len);
    let total: f64 = weights.iter().sum();
    let present = |i: usize| -> Vec<(f64, f64)> {
        (parts.iter().zip(weights))
            .filter_map(|(part, w)| Some((part[i]?, *w)))
            .collect()
    };
    (0..units)
        .map(|i| {
            let known = present(i);
            let weight: f64 = known.iter().map(|(_, w)| w).sum();
            if weight <= 0.0 || weight < least_share * total - 1e-12 {
                return None;
            }
            let positive = known.iter().all(|(x, w)| *x > 0.0 || *w == 0.0);
            let sum = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
                known
                    .iter()
                    .filter(|(_, w)| *w > 0.0)
                    .map(|(x, w)| f(*x, *w))
                    .sum()
            };
            match how {
                Aggregation::Arithmetic => Some(sum(&|x, w| w * x) / weight),
                Aggregation::Geometric => {
                    positive.then(|| (sum(&|x, w| w * x.ln()) / weight).exp())
                }
                Aggregation::Harmonic => positive.then(|| weight / sum(&|x, w| w / x)),
                Aggregation::Copeland => Some(copeland(parts, weights, i)),
            }
        })
        .collect()
}

fn copeland(parts: &[Vec<Option<f64>>], weights: &[f64], i: usize) -> f64 {
    let units = parts.first().map_or(0, Vec::len);
    (0..units)
        .filter(|k| *k != i)
        .map(|k| {
            let margin: f64 = parts
                .iter()
                .zip(weights)
                .filter_map(|(part, w)| {
                    let (own, other) = (part[i]?, part[k]?);
                    Some(match own.total_cmp(&other) {
                        std::cmp::Ordering::Greater => *w,
                        std::cmp::Ordering::Less => -w,
                        std::cmp::Ordering::Equal => 0.0,
                    })
                })
                .sum();
            // Sums of weights that differ by rounding are a draw.
            if margin.abs() <= 1e-12 * weights.iter().sum::<f64>() {
                0.0
            } else {
                margin.signum()
            }
        })
        .sum()
}
