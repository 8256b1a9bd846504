//! The supply of a node: one group of shares (one basis, one year), never a mixture.

use std::collections::BTreeMap;

use model::{Basis, Country, Estimate, RowRef, Year};

use crate::graph::GraphParams;
use crate::input::{SupplyBasis, SupplySpec};
use crate::problem::GraphProblem;

/// A country's recorded share of a node.
#[derive(Debug, Clone, PartialEq)]
pub struct Provider {
    pub country: Country,
    /// Fraction 0..1.
    pub share: Estimate,
    pub origins: Vec<RowRef>,
}

/// The shares that were chosen for a node.
#[derive(Debug, Clone, PartialEq)]
pub struct Supply {
    /// Basis and year of the chosen group; `None` where only a plan's additions stand.
    pub group: Option<(SupplyBasis, Year)>,
    /// By country.
    pub providers: Vec<Provider>,
    /// What no listed country holds: `1 - sum of shares`; its range comes from the ranges of the shares.
    pub unknown: Estimate,
    /// The groups that were left aside.
    pub set_aside: Vec<(SupplyBasis, Year)>,
}

impl Supply {
    pub fn provider(&self, country: &Country) -> Option<&Provider> {
        self.providers
            .binary_search_by(|p| p.country.cmp(country))
            .ok()
            .map(|i| &self.providers[i])
    }
}

/// Chooses the group by basis (in the order of the parameters), then by year: the most recent one up to the
/// reference year, else the most recent one. `rows` belong to one node.
pub(crate) fn choose(
    rows: &[&SupplySpec],
    params: &GraphParams,
) -> Result<Option<Supply>, Vec<GraphProblem>> {
    let mut groups: BTreeMap<(SupplyBasis, Year), BTreeMap<&Country, Vec<&SupplySpec>>> =
        BTreeMap::new();
    for row in rows {
        groups
            .entry((row.basis, row.year))
            .or_default()
            .entry(&row.country)
            .or_default()
            .push(row);
    }
    let problems: Vec<GraphProblem> = groups
        .iter()
        .flat_map(|(key, group)| faults(*key, group, params.rounding))
        .collect();
    if !problems.is_empty() {
        return Err(problems);
    }

    let rank = |(basis, year): &(SupplyBasis, Year)| {
        let preference = params.basis_order.iter().position(|b| b == basis);
        let in_time = params
            .reference_year
            .is_none_or(|reference| *year <= reference);
        (
            preference.unwrap_or(params.basis_order.len()),
            *basis,
            !in_time,
            std::cmp::Reverse(*year),
        )
    };
    let Some(chosen) = groups.keys().min_by_key(|key| rank(key)).copied() else {
        return Ok(None);
    };
    let providers: Vec<Provider> = groups[&chosen]
        .values()
        .flatten()
        .map(|row| Provider {
            country: row.country.clone(),
            share: row.share,
            origins: vec![row.origin.clone()],
        })
        .collect();
    Ok(Some(Supply {
        group: Some(chosen),
        unknown: remainder(&providers),
        providers,
        set_aside: groups
            .keys()
            .filter(|key| **key != chosen)
            .copied()
            .collect(),
    }))
}

/// `1 - sum of shares`, confined to 0..1.
pub(crate) fn remainder(providers: &[Provider]) -> Estimate {
    providers
        .iter()
        .fold(Estimate::exact(1.0, Basis::Derived), |rest, provider| {
            rest.minus(provider.share)
        })
        .clamped(0.0, 1.0)
}

fn faults(
    (basis, year): (SupplyBasis, Year),
    group: &BTreeMap<&Country, Vec<&SupplySpec>>,
    rounding: f64,
) -> Vec<GraphProblem> {
    let mut problems = Vec::new();
    let sorted = |rows: Vec<&SupplySpec>| {
        let mut origins: Vec<RowRef> = rows.into_iter().map(|row| row.origin.clone()).collect();
        origins.sort();
        origins
    };
    for (country, rows) in group {
        if rows.len() > 1 {
            problems.push(GraphProblem::DuplicateShare {
                node: rows[0].node.clone(),
                country: (*country).clone(),
                basis,
                year,
                origins: sorted(rows.clone()),
            });
        }
        for row in rows {
            let share = row.share;
            let ordered = 0.0 <= share.low
                && share.low <= share.value
                && share.value <= share.high
                && share.high <= 1.0;
            if !ordered {
                problems.push(GraphProblem::ShareOutOfRange {
                    node: row.node.clone(),
                    country: row.country.clone(),
                    share: share.value,
                    origin: row.origin.clone(),
                });
            }
        }
    }
    let rows: Vec<&SupplySpec> = group.values().flatten().copied().collect();
    let sum: f64 = rows.iter().map(|row| row.share.value).sum();
    if problems.is_empty() && sum > 1.0 + rounding {
        problems.push(GraphProblem::SharesAboveOne {
            node: rows[0].node.clone(),
            basis,
            year,
            sum,
            origins: sorted(rows),
        });
    }
    problems
}
