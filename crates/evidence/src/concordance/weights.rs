//! From links to weights that sum to 1 for every code.

use std::collections::BTreeMap;

use super::{Concordance, ConcordanceError, Link, Step, WEIGHT_TOLERANCE};
use crate::exact_sum::Sum;

/// Where the weights come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Weights {
    /// The table has them. A link with the weight 0 is none.
    Given(Sums),
    /// The table says which codes correspond, not how much.
    Split(Split),
}

/// What to do where the given weights of a code do not sum to 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sums {
    /// Refuse.
    MustBeOne,
    /// Divide by their sum; the step is then called `renormalised`.
    Renormalise,
    /// Up to 1; the rest has no counterpart and is reported as lost.
    Partial,
}

/// How the mass of a code is divided among its counterparts.
#[derive(Debug, Clone, PartialEq)]
pub enum Split {
    Equal,
    /// In proportion to these values (world trade by code, say). A code without a value has none; where all counterparts
    /// have none, the split is equal and the code is listed ([`Step::split_equally`]).
    Reference(BTreeMap<String, f64>),
}

impl Split {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Reference(_) => "reference",
        }
    }

    /// The reference mass of a code; 1 where there is no reference.
    pub(super) fn mass(&self, code: &str) -> Result<f64, ConcordanceError> {
        let Self::Reference(values) = self else {
            return Ok(1.0);
        };
        match values.get(code) {
            None => Ok(0.0),
            Some(value) if value.is_finite() && *value >= 0.0 => Ok(*value),
            Some(value) => Err(ConcordanceError::Reference {
                code: code.to_owned(),
                value: *value,
            }),
        }
    }
}

pub(super) fn derive(
    from: &str,
    to: &str,
    links: &[Link],
    weights: &Weights,
    origin: &str,
) -> Result<Concordance, ConcordanceError> {
    let table = unique(links, weights)?;
    if table.is_empty() {
        return Err(ConcordanceError::Empty);
    }
    let mut targets: Vec<&str> = table.keys().map(|(_, to)| *to).collect();
    targets.sort_unstable();
    targets.dedup();
    let mut sources: Vec<String> = Vec::new();
    let mut rows: Vec<Vec<(usize, f64)>> = Vec::new();
    for ((source, target), weight) in table {
        let weight = match (weights, weight) {
            (Weights::Given(_), weight) => weight.unwrap_or_default(),
            (Weights::Split(split), _) => split.mass(target)?,
        };
        let at = targets
            .binary_search(&target)
            .expect("invariant: the counterpart of every link is a target");
        if sources.last().is_none_or(|last| last != source) {
            sources.push(source.to_owned());
            rows.push(Vec::new());
        }
        rows.last_mut()
            .expect("invariant: a row was just pushed")
            .push((at, weight));
    }

    let mut lost = vec![0.0; rows.len()];
    let mut split_equally = Vec::new();
    let mut name = match weights {
        Weights::Given(_) => "given",
        Weights::Split(split) => split.name(),
    };
    let mut wrong: Vec<(usize, f64)> = Vec::new();
    for (source, row) in rows.iter_mut().enumerate() {
        match weights {
            Weights::Split(_) => {
                if !normalise(row) {
                    share_equally(row);
                    split_equally.push(sources[source].clone());
                }
            }
            Weights::Given(sums) => {
                let sum = total(row);
                let whole = (sum - 1.0).abs() <= WEIGHT_TOLERANCE;
                match sums {
                    _ if whole => {}
                    Sums::Renormalise if normalise(row) => name = "renormalised",
                    Sums::Partial if sum < 1.0 => lost[source] = 1.0 - sum,
                    _ => wrong.push((source, sum)),
                }
            }
        }
    }
    if let Some((source, sum)) = wrong.first() {
        return Err(ConcordanceError::Sums {
            count: wrong.len(),
            code: sources[*source].clone(),
            sum: *sum,
        });
    }
    let step = Step {
        from: from.to_owned(),
        to: to.to_owned(),
        origin: origin.to_owned(),
        weights: name.to_owned(),
        split_equally,
    };
    Ok(Concordance::assemble(
        (from.to_owned(), to.to_owned()),
        sources,
        targets.into_iter().map(str::to_owned).collect(),
        rows,
        lost,
        vec![step],
    ))
}

/// Each link once, sorted; given weights checked.
fn unique<'a>(
    links: &'a [Link],
    weights: &Weights,
) -> Result<BTreeMap<(&'a str, &'a str), Option<f64>>, ConcordanceError> {
    let mut table: BTreeMap<(&str, &str), Option<f64>> = BTreeMap::new();
    let given = matches!(weights, Weights::Given(_));
    for link in links {
        let names = || (link.from.clone(), link.to.clone());
        let weight = match link.weight.filter(|_| given) {
            Some(weight) if !weight.is_finite() || weight < 0.0 => {
                let (from, to) = names();
                return Err(ConcordanceError::Weight { from, to, weight });
            }
            None if given => {
                let (from, to) = names();
                return Err(ConcordanceError::NoWeight { from, to });
            }
            weight => weight,
        };
        if weight == Some(0.0) {
            continue;
        }
        let earlier = table.insert((&link.from, &link.to), weight);
        if earlier.is_some_and(|earlier| earlier != weight) {
            let (from, to) = names();
            return Err(ConcordanceError::Twice { from, to });
        }
    }
    Ok(table)
}

pub(super) fn share_equally(row: &mut [(usize, f64)]) {
    let n = row.len() as f64;
    for (_, weight) in row {
        *weight = 1.0 / n;
    }
}

/// Divides the weights by their sum; `false`, and nothing is changed, where they sum to nothing.
pub(super) fn normalise(row: &mut [(usize, f64)]) -> bool {
    // Scaled first, so that neither sum nor quotient can overflow or vanish.
    let largest = row.iter().map(|(_, weight)| *weight).fold(0.0, f64::max);
    if largest <= 0.0 {
        return false;
    }
    let sum: Sum = row.iter().map(|(_, weight)| weight / largest).collect();
    for (_, weight) in row.iter_mut() {
        *weight = *weight / largest / sum.value();
    }
    true
}

fn total(row: &[(usize, f64)]) -> f64 {
    row.iter()
        .map(|(_, weight)| *weight)
        .collect::<Sum>()
        .value()
}
