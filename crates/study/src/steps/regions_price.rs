//! What a change of the layout gives up.
//!
//! ```text
//! price = Σ_{p left} a s - Σ_{p entered} a s + w (links before - links after)
//! ```
//!
//! a: acceptability of the industry, at its central value as in the plan; s: strength of the cluster in it, and w: what a
//! link is worth, both with their ranges. Placements in both layouts cancel, so that the range is that of the change and
//! not of the two objectives.

use std::collections::{BTreeMap, BTreeSet};

use model::{Basis, Estimate, ResultTable};

use crate::config::{Config, LinkRole};
use crate::engine::output::{StepOutput, count, entity, estimate};
use crate::engine::run::Run;

/// The price of going from the layout of `run` to that of `after`; `None` where either has none, or where `config` weighs
/// industries otherwise than the run did.
pub fn price_of_change(run: &Run, after: &StepOutput, config: &Config) -> Option<Estimate> {
    let was = &run.manifest.config;
    if was.selection != config.selection || was.regions.links != config.regions.links {
        return None;
    }
    let table = |name: &str| run.tables().find(|t| t.name == name);
    let (strengths, weights) = (
        table("foundation.strengths")?,
        table("layout.acceptability")?,
    );
    let weight = |industry: &str| {
        let row = weights.row(industry)?;
        Some(estimate(weights, row, "top_acceptability")?.value)
    };
    let worth: BTreeMap<(&str, &str), Estimate> = strengths
        .rows
        .iter()
        .filter_map(|row| {
            let (cluster, field) = (
                entity(strengths, row, "cluster")?,
                entity(strengths, row, "field")?,
            );
            let weight = weight(field)?;
            let strength = estimate(strengths, row, "strength")?;
            Some(((cluster, field), strength.map_increasing(|s| weight * s)))
        })
        .collect();
    let new = |name: &str| after.tables.iter().find(|t| t.name == name);
    let (before, now) = (table("layout.regions")?, new("layout.regions")?);
    let (left, entered) = (pairs(before), pairs(now));
    let sum = |of: &BTreeSet<(String, String)>, but: &BTreeSet<(String, String)>| {
        let mut total = [0.0; 3];
        for (c, i) in of.difference(but) {
            let worth = worth.get(&(c.as_str(), i.as_str()))?;
            for (sum, part) in total.iter_mut().zip([worth.low, worth.value, worth.high]) {
                *sum += part;
            }
        }
        Some(total)
    };
    let (gone, gained) = (sum(&left, &entered)?, sum(&entered, &left)?);
    let mut price = [
        gone[0] - gained[2],
        gone[1] - gained[1],
        gone[2] - gained[0],
    ];
    if let Some(links) = config.regions.links.filter(|l| l.role == LinkRole::Plan) {
        let hosted = |table: &ResultTable| count(table, table.rows.first()?, "links_hosted");
        let lost = hosted(table("layout.certificate")?)? - hosted(new("layout.certificate")?)?;
        let lost = lost as f64;
        let w = links.weight;
        let ends = [lost * w.low, lost * w.high];
        price[0] += ends[0].min(ends[1]);
        price[1] += lost * w.value;
        price[2] += ends[0].max(ends[1]);
    }
    let [low, value, high] = price;
    Some(Estimate::spanning(value, low, high, Basis::Derived))
}

fn pairs(layout: &ResultTable) -> BTreeSet<(String, String)> {
    let of = |row| {
        let cluster = entity(layout, row, "cluster")?;
        Some((
            cluster.to_owned(),
            entity(layout, row, "industry")?.to_owned(),
        ))
    };
    layout.rows.iter().filter_map(of).collect()
}
