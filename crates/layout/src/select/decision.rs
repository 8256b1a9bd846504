//! A decision table of single numbers with one set of weights, for the methods that know no ranges.

/// Which way is better.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Sense {
    /// More is better.
    Benefit,
    /// Less is better.
    Cost,
}

/// `values[alternative][criterion]`, all finite, at least one of each.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    values: Vec<Vec<f64>>,
    senses: Vec<Sense>,
    weights: Vec<f64>,
}

/// Why a table is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecisionError {
    #[error("a decision table needs at least one alternative and one criterion")]
    Empty,
    #[error(
        "row {alternative} has {found} values; {expected} are needed, as many as there are senses and weights"
    )]
    Ragged {
        alternative: usize,
        found: usize,
        expected: usize,
    },
    #[error(
        "the value of alternative {alternative} on criterion {criterion} is not a finite number"
    )]
    NotFinite {
        alternative: usize,
        criterion: usize,
    },
    #[error("weights must be finite, at least 0, and not all 0")]
    Weights,
}

impl Decision {
    pub fn new(
        values: Vec<Vec<f64>>,
        senses: Vec<Sense>,
        weights: Vec<f64>,
    ) -> Result<Self, DecisionError> {
        let m = senses.len();
        if values.is_empty() || m == 0 {
            return Err(DecisionError::Empty);
        }
        if weights.len() != m
            || weights.iter().any(|w| !w.is_finite() || *w < 0.0)
            || weights.iter().all(|w| *w == 0.0)
        {
            return Err(DecisionError::Weights);
        }
        for (i, row) in values.iter().enumerate() {
            if row.len() != m {
                return Err(DecisionError::Ragged {
                    alternative: i,
                    found: row.len(),
                    expected: m,
                });
            }
            if let Some(j) = row.iter().position(|x| !x.is_finite()) {
                return Err(DecisionError::NotFinite {
                    alternative: i,
                    criterion: j,
                });
            }
        }
        Ok(Self {
            values,
            senses,
            weights,
        })
    }

    pub fn alternatives(&self) -> usize {
        self.values.len()
    }

    pub fn criteria(&self) -> usize {
        self.senses.len()
    }

    pub fn value(&self, alternative: usize, criterion: usize) -> f64 {
        self.values[alternative][criterion]
    }

    pub fn senses(&self) -> &[Sense] {
        &self.senses
    }

    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The same table without one alternative; `None` where none would be left.
    pub fn without(&self, alternative: usize) -> Option<Self> {
        let values: Vec<Vec<f64>> = self
            .values
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != alternative)
            .map(|(_, row)| row.clone())
            .collect();
        (!values.is_empty()).then(|| Self {
            values,
            senses: self.senses.clone(),
            weights: self.weights.clone(),
        })
    }
}

/// Ranks by score, larger is better; ties share the better rank. An alternative without a score has no rank.
pub fn ranks(scores: &[Option<f64>]) -> Vec<Option<usize>> {
    scores
        .iter()
        .map(|own| {
            own.map(|own| {
                1 + scores
                    .iter()
                    .flatten()
                    .filter(|other| **other > own)
                    .count()
            })
        })
        .collect()
}
