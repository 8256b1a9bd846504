//! What people can say about weights without giving numbers, and what it means for the weights.
//!
//! | statement | meaning for the weights w (Σ w = 1, w >= 0) |
//! |---|---|
//! | a range | low <= w_a <= high |
//! | more than | w_a > w_b; with times: t w_b <= w_a <= T w_b |
//! | an order | w_1 > w_2 > ... (all criteria: full ordinal; some: partial ordinal) |
//! | equal | w_a = w_b = ... |
//!
//! Each side may be several criteria: their weights are added, so that a group can be weighed against a group. All are
//! linear in w, so the allowed weights are a convex polytope ([`super::polytope`]); ordinal and ratio statements follow
//! Lahdelma, Miettinen & Salminen (2003) and Weber (1987).

use model::{Criterion, Entity, Message};
use serde::{Deserialize, Serialize};

/// One or several criteria; several are weighed together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Side {
    One(Criterion),
    Together(Vec<Criterion>),
}

impl Side {
    pub fn criteria(&self) -> &[Criterion] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Together(several) => several,
        }
    }

    fn entities(&self) -> Vec<Entity> {
        self.criteria().iter().map(Criterion::entity).collect()
    }
}

impl From<&str> for Side {
    fn from(criterion: &str) -> Self {
        Self::One(criterion.into())
    }
}

/// One statement about weights.
#[derive(Debug, Clone, PartialEq)]
pub enum Statement {
    Range {
        weight: Side,
        low: f64,
        high: f64,
    },
    /// More than the other, strictly.
    More {
        more: Side,
        than: Side,
    },
    /// At least `low` times and at most `high` times the other.
    Times {
        more: Side,
        than: Side,
        low: f64,
        high: Option<f64>,
    },
    /// Most important first, strictly.
    Order(Vec<Side>),
    Equal(Vec<Side>),
}

/// A statement as it is written in a file: the fields of exactly one kind.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Said {
    /// With `at_least`, `at_most`: a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<Side>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
    /// With `than`, and `times_at_least`, `times_at_most` if wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more: Option<Side>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub than: Option<Side>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times_at_least: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times_at_most: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<Vec<Side>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equal: Option<Vec<Side>>,
}

/// A written statement that says nothing, or two things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a statement is one of: weight with at_least or at_most; more with than (and times_at_least, times_at_most); order; equal"
)]
pub struct SaidError;

impl Said {
    pub fn statement(&self) -> Result<Statement, SaidError> {
        let bounds = self.at_least.is_some() || self.at_most.is_some();
        let times = self.times_at_least.is_some() || self.times_at_most.is_some();
        match (
            &self.weight,
            &self.more,
            &self.than,
            &self.order,
            &self.equal,
        ) {
            (Some(weight), None, None, None, None) if bounds && !times => Ok(Statement::Range {
                weight: weight.clone(),
                low: self.at_least.unwrap_or(0.0),
                high: self.at_most.unwrap_or(1.0),
            }),
            (None, Some(more), Some(than), None, None) if !bounds && times => {
                Ok(Statement::Times {
                    more: more.clone(),
                    than: than.clone(),
                    low: self.times_at_least.unwrap_or(0.0),
                    high: self.times_at_most,
                })
            }
            (None, Some(more), Some(than), None, None) if !bounds => Ok(Statement::More {
                more: more.clone(),
                than: than.clone(),
            }),
            (None, None, None, Some(order), None) if !bounds && !times => {
                Ok(Statement::Order(order.clone()))
            }
            (None, None, None, None, Some(equal)) if !bounds && !times => {
                Ok(Statement::Equal(equal.clone()))
            }
            _ => Err(SaidError),
        }
    }
}

/// `terms · w` against `side`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub terms: Vec<f64>,
    pub side: f64,
    pub relation: Relation,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    AtLeast,
    /// Larger than; the boundary has no volume, so this matters for contradictions only.
    Above,
    Equal,
}

impl Statement {
    /// The statement in the words of its author.
    pub fn words(&self) -> Message {
        let chain = |sides: &[Side]| {
            let parts: Vec<Message> = sides
                .iter()
                .map(|side| Message::new("preference.side").with("criteria", side.entities()))
                .collect();
            Message::listed(&parts)
        };
        match self {
            Self::Range { weight, low, high } => Message::new("preference.range")
                .with("criteria", weight.entities())
                .with("low", *low)
                .with("high", *high),
            Self::More { more, than } => Message::new("preference.more")
                .with("more", more.entities())
                .with("than", than.entities()),
            Self::Times {
                more,
                than,
                low,
                high,
            } => {
                let id = match (*low > 0.0, high) {
                    (_, None) => "preference.times_at_least",
                    (false, Some(_)) => "preference.times_at_most",
                    (true, Some(_)) => "preference.times",
                };
                Message::new(id)
                    .with("more", more.entities())
                    .with("than", than.entities())
                    .with("low", *low)
                    .with("high", high.unwrap_or(f64::MAX))
            }
            Self::Order(sides) => Message::new("preference.order").with("order", chain(sides)),
            Self::Equal(sides) => Message::new("preference.equal").with("equal", chain(sides)),
        }
    }

    /// Every criterion that the statement names.
    pub fn criteria(&self) -> Vec<&Criterion> {
        match self {
            Self::Range { weight, .. } => weight.criteria().iter().collect(),
            Self::More { more, than } | Self::Times { more, than, .. } => {
                more.criteria().iter().chain(than.criteria()).collect()
            }
            Self::Order(sides) | Self::Equal(sides) => {
                sides.iter().flat_map(Side::criteria).collect()
            }
        }
    }

    /// Whether the numbers are usable, the sides are not empty, and no criterion stands on two sides.
    pub fn is_sound(&self) -> bool {
        let mut named = self.criteria();
        let all = named.len();
        named.sort_unstable();
        named.dedup();
        let sides: Vec<&Side> = match self {
            Self::Range { weight, .. } => vec![weight],
            Self::More { more, than } | Self::Times { more, than, .. } => vec![more, than],
            Self::Order(sides) | Self::Equal(sides) => sides.iter().collect(),
        };
        let numbers = match self {
            Self::Range { low, high, .. } => 0.0 <= *low && low <= high && *high <= 1.0,
            Self::Times { low, high, .. } => {
                low.is_finite()
                    && *low >= 0.0
                    && high.is_none_or(|h| h.is_finite() && h > 0.0 && *low <= h)
                    && (*low > 0.0 || high.is_some())
            }
            Self::More { .. } => true,
            Self::Order(sides) | Self::Equal(sides) => sides.len() >= 2,
        };
        numbers && named.len() == all && sides.iter().all(|side| !side.criteria().is_empty())
    }

    /// The rows over `criteria` (ascending); criteria that are not among them must have been refused before.
    pub(crate) fn rows(&self, criteria: &[Criterion]) -> Vec<Row> {
        let sum = |side: &Side, factor: f64, terms: &mut Vec<f64>| {
            for criterion in side.criteria() {
                if let Ok(j) = criteria.binary_search(criterion) {
                    terms[j] += factor;
                }
            }
        };
        let row = |parts: &[(&Side, f64)], side: f64, relation: Relation| {
            let mut terms = vec![0.0; criteria.len()];
            for (part, factor) in parts {
                sum(part, *factor, &mut terms);
            }
            Row {
                terms,
                side,
                relation,
            }
        };
        match self {
            Self::Range { weight, low, high } if low >= high => {
                vec![row(&[(weight, 1.0)], *low, Relation::Equal)]
            }
            Self::Range { weight, low, high } => {
                let mut rows = Vec::new();
                if *low > 0.0 {
                    rows.push(row(&[(weight, 1.0)], *low, Relation::AtLeast));
                }
                if *high < 1.0 {
                    rows.push(row(&[(weight, -1.0)], -*high, Relation::AtLeast));
                }
                rows
            }
            Self::More { more, than } => {
                vec![row(&[(more, 1.0), (than, -1.0)], 0.0, Relation::Above)]
            }
            Self::Times {
                more,
                than,
                low,
                high,
            } => {
                if high.is_some_and(|high| high <= *low) {
                    return vec![row(&[(more, 1.0), (than, -low)], 0.0, Relation::Equal)];
                }
                let mut rows = Vec::new();
                if *low > 0.0 {
                    rows.push(row(&[(more, 1.0), (than, -low)], 0.0, Relation::AtLeast));
                }
                if let Some(high) = high {
                    rows.push(row(&[(than, *high), (more, -1.0)], 0.0, Relation::AtLeast));
                }
                rows
            }
            Self::Order(sides) => sides
                .windows(2)
                .map(|pair| row(&[(&pair[0], 1.0), (&pair[1], -1.0)], 0.0, Relation::Above))
                .collect(),
            Self::Equal(sides) => sides
                .windows(2)
                .map(|pair| row(&[(&pair[0], 1.0), (&pair[1], -1.0)], 0.0, Relation::Equal))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_written_statement_is_one_kind() {
        let said = |text: Said| text.statement();
        assert_eq!(
            said(Said {
                more: Some("a".into()),
                than: Some("b".into()),
                ..Said::default()
            }),
            Ok(Statement::More {
                more: "a".into(),
                than: "b".into()
            })
        );
        assert!(said(Said::default()).is_err());
        let two = Said {
            more: Some("a".into()),
            than: Some("b".into()),
            order: Some(vec!["a".into(), "b".into()]),
            ..Said::default()
        };
        assert!(said(two).is_err());
        let bare = Said {
            weight: Some("a".into()),
            ..Said::default()
        };
        assert!(said(bare).is_err());
    }

    #[test]
    fn rows_by_hand() {
        let criteria: Vec<Criterion> = ["a", "b", "c"].map(Criterion::from).to_vec();
        let order = Statement::Order(vec!["c".into(), "a".into(), "b".into()]);
        let rows = order.rows(&criteria);
        assert_eq!(rows[0].terms, [-1.0, 0.0, 1.0]);
        assert_eq!(rows[1].terms, [1.0, -1.0, 0.0]);
        let together = Statement::Times {
            more: Side::Together(vec!["a".into(), "b".into()]),
            than: "c".into(),
            low: 2.0,
            high: Some(3.0),
        };
        assert_eq!(together.rows(&criteria)[0].terms, [1.0, 1.0, -2.0]);
        assert_eq!(together.rows(&criteria)[1].terms, [-1.0, -1.0, 3.0]);
        assert!(together.is_sound());
        let twice = Statement::More {
            more: "a".into(),
            than: "a".into(),
        };
        assert!(!twice.is_sound());
    }
}
