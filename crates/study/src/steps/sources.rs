//! Further foreign sources of what home does not make enough of.

use std::collections::BTreeMap;

use chain::readings::sources::Last;
use chain::readings::{AddedSource, added_sources};
use model::{Basis, Cell, Country, Estimate, Origin, ResultTable, RowRef};

use super::chain::broken;
use super::ground::{ground, lineage, list};
use crate::engine::output::StepOutput;
use crate::engine::step::Context;

pub fn run(context: &Context) -> StepOutput {
    let Some(ground) = ground(context) else {
        return StepOutput::default();
    };
    let config = context.config;
    let readings = &config.chain.readings;
    match added_sources(
        &ground.graph,
        &ground.targets,
        &config.study.home,
        &readings.sovereignty.denied,
        &readings.sources,
    ) {
        Ok(found) => StepOutput {
            tables: vec![source_table(&found), country_table(&found)],
            refusals: vec![],
        },
        Err(problems) => StepOutput {
            tables: vec![],
            refusals: broken(&problems),
        },
    }
}

fn source_table(found: &[AddedSource]) -> ResultTable {
    let mut table = ResultTable::new(
        "chain.sources",
        "chain-sources",
        "first k sources bought in proportion to their shares: hhi = Σ w²; exposure = (1 - home) max w; gain = fall of hhi",
        &[
            ("node", ""),
            ("source_place", ""),
            ("country", ""),
            ("share", "share"),
            ("hhi_before", "share"),
            ("hhi_after", "share"),
            ("source_gain", "share"),
            ("exposure_before", "share"),
            ("exposure_after", "share"),
            ("residual_risk", "share"),
        ],
    );
    let optional = |e: Option<Estimate>| e.map_or(Cell::Empty, Cell::from);
    for row in found {
        table.push(
            format!("{}/{}", row.node, row.place),
            vec![
                row.node.entity().into(),
                row.place.into(),
                row.country.entity().into(),
                row.share.into(),
                optional(row.hhi_before),
                row.hhi.into(),
                if row.place == 1 {
                    Cell::Empty
                } else {
                    row.gain.into()
                },
                optional(row.exposure_before),
                row.exposure.into(),
                optional((row.last == Last::Yes).then_some(row.exposure)),
            ],
            lineage(&row.origins, &["chain.readings"]),
        );
    }
    table
}

/// Countries by what they add as further sources, over all nodes.
fn country_table(found: &[AddedSource]) -> ResultTable {
    let mut table = ResultTable::new(
        "chain.source_countries",
        "chain-sources",
        "Σ over nodes of the fall of hhi by the country as second or later source",
        &[
            ("country", ""),
            ("added_nodes", ""),
            ("gain_sum", ""),
            ("added_at", ""),
        ],
    );
    let mut by_country: BTreeMap<&Country, Vec<&AddedSource>> = BTreeMap::new();
    for row in found.iter().filter(|row| row.place > 1) {
        by_country.entry(&row.country).or_default().push(row);
    }
    let mut rows: Vec<(&Country, Estimate, Vec<&AddedSource>)> = by_country
        .into_iter()
        .map(|(country, mut own)| {
            let zero = Estimate::exact(0.0, Basis::Derived);
            let sum = own.iter().fold(zero, |sum, row| sum.plus(row.gain));
            own.sort_by(|a, b| {
                (b.gain.value.total_cmp(&a.gain.value)).then_with(|| a.node.cmp(&b.node))
            });
            (country, sum, own)
        })
        .collect();
    rows.sort_by(|a, b| (b.1.value.total_cmp(&a.1.value)).then_with(|| a.0.cmp(b.0)));
    for (country, sum, own) in rows {
        let nodes: Vec<_> = own.iter().map(|row| row.node.clone()).collect();
        let origins = own.iter().map(|row| {
            let key = format!("{}/{}", row.node, row.place);
            Origin::Result(RowRef::new("chain.sources", key))
        });
        table.push(
            country.as_str(),
            vec![
                country.entity().into(),
                own.len().into(),
                sum.into(),
                list(&nodes),
            ],
            origins.collect(),
        );
    }
    table
}
