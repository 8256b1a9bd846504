//! The weights that ranges and statements leave, or which of them contradict each other.

use std::collections::BTreeSet;

use model::{Criterion, Entity, Refusal};

use super::conflict;
use super::preferences::{Row, Statement};
use super::selection::SelectParams;
use super::weights::{WeightRange, feasible};
use crate::refusal;

/// Least and most weight by criterion, and rows over the criteria.
pub(super) type WeightRegion = (Vec<(f64, f64)>, Vec<Row>);

/// Ranges of the criteria and rows of all statements, after every contradiction was named.
pub(super) fn weight_region(
    criteria: &[Criterion],
    params: &SelectParams,
) -> Result<WeightRegion, Box<Refusal>> {
    let bounds = weight_bounds(criteria, &params.weights)?;
    let mut statements = Vec::new();
    for said in &params.statements {
        let statement = said.statement().map_err(|error| {
            refusal("select.unreadable_statement", |m| {
                m.with("problem", error.to_string())
            })
        })?;
        statements.push(statement);
    }
    let rows = statements.iter().flat_map(|s| s.rows(criteria)).collect();
    if !statements.is_empty() {
        // Ranges can contradict statements, so they are named with them.
        let ranges = params.weights.iter().map(|range| Statement::Range {
            weight: super::Side::One(range.criterion.clone()),
            low: range.low,
            high: range.high,
        });
        statements.extend(ranges);
        conflict::check(criteria, &statements)?;
    }
    Ok((bounds, rows))
}

fn weight_bounds(
    criteria: &[Criterion],
    ranges: &[WeightRange],
) -> Result<Vec<(f64, f64)>, Box<Refusal>> {
    let mut bounds = vec![(0.0, 1.0); criteria.len()];
    let mut given = BTreeSet::new();
    for range in ranges {
        let is_range = 0.0 <= range.low && range.low <= range.high && range.high <= 1.0;
        let position = criteria.binary_search(&range.criterion);
        match position {
            Ok(j) if is_range && given.insert(j) => bounds[j] = (range.low, range.high),
            _ => {
                return Err(refusal("select.bad_weight_range", |m| {
                    m.with("criterion", range.criterion.entity())
                        .with("low", range.low)
                        .with("high", range.high)
                }));
            }
        }
    }
    if feasible(&bounds) {
        return Ok(bounds);
    }
    Err(infeasible(criteria, &bounds, ranges))
}

pub(super) fn infeasible(
    criteria: &[Criterion],
    bounds: &[(f64, f64)],
    ranges: &[WeightRange],
) -> Box<Refusal> {
    let low: f64 = bounds.iter().map(|b| b.0).sum();
    let high: f64 = bounds.iter().map(|b| b.1).sum();
    let ranged: Vec<Entity> = criteria
        .iter()
        .filter(|criterion| ranges.iter().any(|r| r.criterion == **criterion))
        .map(Criterion::entity)
        .collect();
    refusal("select.infeasible_weights", |m| {
        m.with("criteria", ranged.clone())
            .with("low", low)
            .with("high", high)
    })
}
