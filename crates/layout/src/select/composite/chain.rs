//! The whole chain, stage after stage, each stage kept so that every number can be walked back.

use std::collections::BTreeMap;

use model::Criterion;
use serde::{Deserialize, Serialize};

use super::aggregate::{Aggregation, aggregate};
use super::denominate::{DenominateError, denominate};
use super::hierarchy::Hierarchy;
use super::impute::{Imputation, impute};
use super::normalise::{Normalisation, normalise};
use super::table::Table;
use super::treat::{Treated, Treatment, treat};
use super::weight::{benefit_of_the_doubt, equal, pca};
use crate::select::decision::{Sense, ranks};

/// What is measured and how it hangs together. Lists go by position of the indicator in the table, groups by unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Framework {
    pub table: Table,
    pub senses: Vec<Sense>,
    pub targets: Vec<Option<f64>>,
    pub groups: Vec<Option<String>>,
    /// Its leaves are the indicators.
    pub hierarchy: Hierarchy,
    pub denominators: Option<Table>,
    pub denominate_by: Vec<Option<Criterion>>,
}

/// Where the weights among siblings come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WeightScheme {
    /// Those of the hierarchy.
    #[default]
    Given,
    Equal,
    /// By the first principal component of the siblings.
    Pca,
    /// Each unit its own at the root; the hierarchy's below.
    BenefitOfTheDoubt,
}

/// What a geometric or harmonic mean does with numbers that are not positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Positive {
    /// The mean does not exist.
    #[default]
    Demanded,
    /// Normalised indicators with such numbers are scaled to 1..100 first.
    Lifted,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Method {
    pub imputation: Imputation,
    /// `None`: outliers stay.
    pub treatment: Option<Treatment>,
    pub normalisation: Normalisation,
    pub weights: WeightScheme,
    pub aggregation: Aggregation,
    /// By code of an aggregate, where it is aggregated otherwise.
    pub aggregation_of: BTreeMap<String, Aggregation>,
    /// Share of weight that must be present for an aggregate to exist.
    pub least_share: f64,
    pub positive: Positive,
}

impl Default for Method {
    fn default() -> Self {
        Self {
            imputation: Imputation::None,
            treatment: Some(Treatment::default()),
            normalisation: Normalisation::default(),
            weights: WeightScheme::Given,
            aggregation: Aggregation::Arithmetic,
            aggregation_of: BTreeMap::new(),
            least_share: 0.5,
            positive: Positive::Demanded,
        }
    }
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CompositeError {
    #[error(transparent)]
    Denominate(#[from] DenominateError),
    #[error("`{0}` is a leaf of the hierarchy and no indicator of the table")]
    NoIndicator(Criterion),
    #[error("the indicator `{0}` stands nowhere in the hierarchy")]
    NotPlaced(Criterion),
    #[error(
        "the first principal component of the parts of `{0}` has both signs or does not exist: it gives no weights"
    )]
    NoComponent(Criterion),
}

/// Every stage, and the aggregates.
#[derive(Debug, Clone, PartialEq)]
pub struct Composite {
    pub denominated: Table,
    pub imputed: Table,
    /// (indicator, unit) of values that were put in.
    pub filled: Vec<(usize, usize)>,
    pub treated: Table,
    pub treatments: Vec<Treated>,
    pub normalised: Table,
    /// `[element of the hierarchy][unit]`.
    pub scores: Vec<Vec<Option<f64>>>,
    /// Weights among siblings as they were used, by element; at a root under the benefit of the doubt they differ by unit and
    /// are those of the hierarchy here.
    pub weights: Vec<f64>,
    /// Of the root, by unit; 1 is best.
    pub ranks: Vec<Option<usize>>,
}

/// Runs the chain.
pub fn composite(framework: &Framework, method: &Method) -> Result<Composite, CompositeError> {
    let denominated = match &framework.denominators {
        Some(by) => denominate(&framework.table, by, &framework.denominate_by)?,
        None => framework.table.clone(),
    };
    let imputed = impute(&denominated, method.imputation, &framework.groups);
    let (treated, treatments) = match &method.treatment {
        Some(treatment) => treat(&imputed.table, treatment),
        None => (
            imputed.table.clone(),
            vec![Treated::Nothing; imputed.table.indicators().len()],
        ),
    };
    let normalised = normalise(
        &treated,
        &method.normalisation,
        &framework.senses,
        &framework.targets,
    );
    let (scores, weights) = scores(framework, method, &normalised)?;
    let ranks = ranks(&scores[framework.hierarchy.root()]);
    Ok(Composite {
        denominated,
        imputed: imputed.table,
        filled: imputed.filled,
        treated,
        treatments,
        normalised,
        scores,
        weights,
        ranks,
    })
}

type Scores = (Vec<Vec<Option<f64>>>, Vec<f64>);

fn scores(
    framework: &Framework,
    method: &Method,
    normalised: &Table,
) -> Result<Scores, CompositeError> {
    let tree = &framework.hierarchy;
    let leaves = tree.leaves();
    if let Some(lost) = (normalised.indicators().iter())
        .find(|i| !leaves.iter().any(|k| tree.elements()[*k].code == **i))
    {
        return Err(CompositeError::NotPlaced(lost.clone()));
    }
    let compensating = |code: &Criterion| {
        let how = method.aggregation_of.get(code.as_str());
        matches!(
            how.unwrap_or(&method.aggregation),
            Aggregation::Geometric | Aggregation::Harmonic
        )
    };
    let mut scores: Vec<Vec<Option<f64>>> = vec![Vec::new(); tree.elements().len()];
    let mut weights: Vec<f64> = tree.elements().iter().map(|e| e.weight).collect();
    for k in tree.order() {
        let element = &tree.elements()[*k];
        let parts = tree.children(*k);
        if parts.is_empty() {
            let j = normalised
                .position(&element.code)
                .ok_or_else(|| CompositeError::NoIndicator(element.code.clone()))?;
            scores[*k] = normalised.values(j);
            continue;
        }
        let mut columns: Vec<Vec<Option<f64>>> = parts.iter().map(|c| scores[*c].clone()).collect();
        if method.positive == Positive::Lifted && compensating(&element.code) {
            for column in &mut columns {
                lift(column);
            }
        }
        match method.weights {
            WeightScheme::Equal => {
                for (c, w) in parts.iter().zip(equal(parts.len())) {
                    weights[*c] = w;
                }
            }
            WeightScheme::Pca if parts.len() > 1 => {
                let found = pca(&columns)
                    .ok_or_else(|| CompositeError::NoComponent(element.code.clone()))?;
                for (c, w) in parts.iter().zip(found) {
                    weights[*c] = w;
                }
            }
            WeightScheme::Given | WeightScheme::BenefitOfTheDoubt | WeightScheme::Pca => {}
        }
        let at_root = *k == tree.root();
        scores[*k] = if at_root && method.weights == WeightScheme::BenefitOfTheDoubt {
            let light = benefit_of_the_doubt(&columns, 0.0);
            light.into_iter().map(|b| b.map(|b| b.score)).collect()
        } else {
            let own: Vec<f64> = parts.iter().map(|c| weights[*c]).collect();
            let how = method.aggregation_of.get(element.code.as_str());
            let how = *how.unwrap_or(&method.aggregation);
            aggregate(&columns, &own, how, method.least_share)
        };
    }
    Ok((scores, weights))
}

/// Scaled to 1..100 where a number is not positive.
fn lift(column: &mut [Option<f64>]) {
    let low = column
        .iter()
        .flatten()
        .copied()
        .fold(f64::INFINITY, f64::min);
    let high = column
        .iter()
        .flatten()
        .copied()
        .fold(f64::NEG_INFINITY, f64::max);
    if low > 0.0 || high <= low {
        return;
    }
    for x in column.iter_mut().flatten() {
        *x = 1.0 + 99.0 * (*x - low) / (high - low);
    }
}
