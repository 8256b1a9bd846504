//! Behind the products of a what-if: the fields they belong to, and home's clusters that are strong in these fields.
//!
//! ```text
//! field     hit = largest peak among its end products
//! cluster   at stake = strength in the field × the field's hit        both with their ranges
//! ```
//!
//! A cluster's strength says how much evidence speaks for it, not how much it makes; the product of both ranks what to
//! look at first and is no loss of output.

use std::collections::{BTreeMap, BTreeSet};

use chain::shock::TargetCourse;
use evidence::Evidence;
use foundation::strengths::strengths;
use model::{Chain, Estimate, Field, Node, Origin, ResultTable, RowRef};

use super::shock::scenario_entity;
use super::{evidence_rows, parameters};
use crate::config::Config;
use crate::inputs::chain::ChainInfo;
use crate::inputs::clusters::pieces;
use crate::scenario::Scenario;

/// The products that each scenario hits.
#[derive(Default)]
pub struct Hits {
    /// Peak of every product, by scenario.
    peaks: Vec<(Scenario, BTreeMap<Node, Estimate>)>,
}

impl Hits {
    pub fn add(&mut self, scenario: &Scenario, course: &TargetCourse) {
        if self
            .peaks
            .last()
            .is_none_or(|(last, _)| last.id != scenario.id)
        {
            self.peaks.push((scenario.clone(), BTreeMap::new()));
        }
        if let Some((_, peaks)) = self.peaks.last_mut() {
            peaks.insert(course.target.clone(), course.peak);
        }
    }

    /// Fields hit, and clusters at stake.
    pub fn tables(
        &self,
        evidence: &Evidence,
        config: &Config,
        chains: &BTreeMap<Chain, ChainInfo>,
    ) -> (ResultTable, ResultTable) {
        let (mut sectors, mut regions) = (sector_table(), region_table());
        let strengths = strengths(&pieces(
            evidence,
            config.study.home.as_str(),
            &config.clusters,
        ));
        for (scenario, peaks) in &self.peaks {
            for (field, products) in products(chains) {
                let hit: Vec<(&Node, &Estimate)> = products
                    .iter()
                    .filter_map(|node| peaks.get_key_value(node))
                    .filter(|(_, peak)| peak.high > 0.0)
                    .collect();
                let Some(largest) = largest(hit.iter().map(|(_, peak)| **peak)) else {
                    continue;
                };
                let key = format!("{}/{field}", scenario.id);
                let results = hit.iter().map(|(node, _)| {
                    Origin::Result(RowRef::new(
                        "chain.shock",
                        format!("{}/{node}", scenario.id),
                    ))
                });
                let mut origins: Vec<Origin> = results.collect();
                sectors.push(
                    key.clone(),
                    vec![
                        scenario_entity(scenario).into(),
                        field.entity().into(),
                        hit.len().into(),
                        products.len().into(),
                        largest.into(),
                    ],
                    origins.clone(),
                );
                origins.clear();
                for strength in strengths.iter().filter(|s| s.field == field) {
                    let mut origins = evidence_rows(&strength.origins);
                    origins.extend(parameters(&["clusters.weights", "clusters.trust"]));
                    origins.push(Origin::Result(RowRef::new(
                        "chain.shock_sectors",
                        key.clone(),
                    )));
                    regions.push(
                        format!("{key}/{}", strength.cluster),
                        vec![
                            scenario_entity(scenario).into(),
                            strength.cluster.entity().into(),
                            field.entity().into(),
                            strength.strength.into(),
                            largest.into(),
                            strength.strength.times(largest).into(),
                        ],
                        origins,
                    );
                }
            }
        }
        (sectors, regions)
    }
}

/// End products by field.
fn products(chains: &BTreeMap<Chain, ChainInfo>) -> BTreeMap<Field, BTreeSet<Node>> {
    let mut found: BTreeMap<Field, BTreeSet<Node>> = BTreeMap::new();
    for info in chains.values() {
        for field in &info.fields {
            let products = found.entry(field.clone()).or_default();
            products.extend(info.targets.iter().cloned());
        }
    }
    found
}

/// The range of the largest of several losses.
fn largest(peaks: impl Iterator<Item = Estimate>) -> Option<Estimate> {
    peaks.reduce(|a, b| Estimate {
        value: a.value.max(b.value),
        low: a.low.max(b.low),
        high: a.high.max(b.high),
        basis: a.basis.and(b.basis),
    })
}

fn sector_table() -> ResultTable {
    ResultTable::new(
        "chain.shock_sectors",
        "shock",
        "largest peak among the end products of the field",
        &[
            ("scenario", ""),
            ("field", ""),
            ("products_hit", ""),
            ("products_all", ""),
            ("peak", "share"),
        ],
    )
}

fn region_table() -> ResultTable {
    ResultTable::new(
        "chain.shock_regions",
        "shock",
        "at stake = strength of the cluster in the field × largest peak of the field's products",
        &[
            ("scenario", ""),
            ("cluster", ""),
            ("field", ""),
            ("strength", "share"),
            ("peak", "share"),
            ("at_stake", "share"),
        ],
    )
}
