//! Normalise: one scale for all indicators, larger is better.
//!
//! ```text
//! min_max     (x - min)/(max - min), scaled to low..high
//! z_score     mean + sd · (x - x̄)/s, s with n - 1
//! rank        1 for the worst; ties share the lower rank           borda: rank - 1
//! percentile  (rank - 1)/(n - 1)
//! reference   (x - min)/(r - min): r the reference unit's value, or the target; 1 at the reference
//! ```
//!
//! Names and details as in COINr 1.1 (n_minmax, n_zscore, n_rank, n_borda, n_prank, n_dist2ref, n_dist2targ); an indicator where
//! less is better is turned round first (×(-1)).

use serde::{Deserialize, Serialize};

use super::super::decision::Sense;
use super::table::Table;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum Normalisation {
    MinMax {
        #[serde(default)]
        low: f64,
        #[serde(default = "hundred")]
        high: f64,
    },
    ZScore {
        #[serde(default)]
        mean: f64,
        #[serde(default = "one")]
        sd: f64,
    },
    Rank,
    Percentile,
    Borda,
    /// Distance to a unit's value, or, where `unit` is not given, to each indicator's target (its best value if it has none).
    Reference {
        #[serde(default)]
        unit: Option<String>,
    },
}

fn hundred() -> f64 {
    100.0
}

fn one() -> f64 {
    1.0
}

impl Default for Normalisation {
    fn default() -> Self {
        Self::MinMax {
            low: 0.0,
            high: 100.0,
        }
    }
}

impl Normalisation {
    /// The catalogue code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::MinMax { .. } => "normalisation.min_max",
            Self::ZScore { .. } => "normalisation.z_score",
            Self::Rank => "normalisation.rank",
            Self::Percentile => "normalisation.percentile",
            Self::Borda => "normalisation.borda",
            Self::Reference { .. } => "normalisation.reference",
        }
    }
}

/// The table on one scale. `senses` and `targets` by indicator; an indicator without spread (and a reference without distance)
/// cannot be put on the scale and becomes missing.
pub fn normalise(
    table: &Table,
    how: &Normalisation,
    senses: &[Sense],
    targets: &[Option<f64>],
) -> Table {
    let columns = (0..table.indicators().len())
        .map(|j| {
            let sign = match senses.get(j) {
                Some(Sense::Cost) => -1.0,
                _ => 1.0,
            };
            let values: Vec<Option<f64>> = (table.values(j).into_iter())
                .map(|x| x.map(|x| sign * x))
                .collect();
            let target = if let Normalisation::Reference { unit: Some(unit) } = how {
                let place = table.units().iter().position(|u| u.as_str() == unit);
                place.and_then(|i| values[i])
            } else {
                let known = values.iter().flatten().copied();
                let best = known.fold(f64::NEG_INFINITY, f64::max);
                let given = targets.get(j).copied().flatten();
                Some(given.map_or(best, |t| sign * t))
            };
            one_column(&values, how, target)
        })
        .collect();
    table.with_values(columns)
}

fn one_column(
    values: &[Option<f64>],
    how: &Normalisation,
    target: Option<f64>,
) -> Vec<Option<f64>> {
    let known: Vec<f64> = values.iter().flatten().copied().collect();
    let n = known.len() as f64;
    let low = known.iter().copied().fold(f64::INFINITY, f64::min);
    let high = known.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let all = |f: &dyn Fn(f64) -> Option<f64>| values.iter().map(|x| x.and_then(f)).collect();
    let below = |x: f64| known.iter().filter(|other| **other < x).count() as f64;
    match how {
        Normalisation::MinMax { low: l, high: h } => {
            all(&|x| (high > low).then(|| l + (h - l) * (x - low) / (high - low)))
        }
        Normalisation::ZScore { mean, sd } => {
            let centre = known.iter().sum::<f64>() / n;
            let squares: f64 = known.iter().map(|x| (x - centre).powi(2)).sum();
            let s = (squares / (n - 1.0)).sqrt();
            all(&|x| (s > 0.0).then(|| mean + sd * (x - centre) / s))
        }
        Normalisation::Rank => all(&|x| Some(below(x) + 1.0)),
        Normalisation::Borda => all(&|x| Some(below(x))),
        Normalisation::Percentile => all(&|x| (n > 1.0).then(|| below(x) / (n - 1.0))),
        Normalisation::Reference { .. } => all(&|x| {
            let span = target? - low;
            (span > 0.0).then(|| (x - low) / span)
        }),
    }
}
