//! The fact that a question about a chain starts from: which share of each named node the stopping country holds, as
//! recorded, and on which basis.

use chain::ChainGraph;
use model::{Cell, Country, Message, Node, Origin, ResultTable};

use crate::config::Config;
use crate::engine::output::count;
use crate::inputs::chain::share_of;
use crate::report::book::entity_of;
use crate::scenario::Scenario;
use crate::steps::{code, evidence_rows, parameters};

/// Shares this many years before the study begins are old.
const OLD: i64 = 5;

/// Which of the shares are old, where any is.
pub fn old(suppliers: &ResultTable, config: &Config) -> Option<Message> {
    let begins = i64::from(config.study.start_year.0);
    let mut items: Vec<Message> = Vec::new();
    for row in &suppliers.rows {
        let year = count(suppliers, row, "year").filter(|year| begins - year >= OLD);
        let (Some(year), Some(node)) = (year, entity_of(suppliers, row, "node")) else {
            continue;
        };
        let item = Message::new("whatif.note.old.item")
            .with("node", node)
            .with("year", year.to_string());
        if !items.contains(&item) {
            items.push(item);
        }
    }
    (!items.is_empty()).then(|| {
        Message::new("whatif.note.old")
            .with("items", Message::listed(&items))
            .with("begins", begins.to_string())
    })
}

/// A row for each node and country that the question names; empty where it names no country.
pub fn table(graph: &ChainGraph, config: &Config, scenario: &Scenario) -> ResultTable {
    let mut table = ResultTable::new(
        "whatif.suppliers",
        "shock",
        "share of the recorded supply of the node; a country that is not listed holds at most what no listed country holds",
        &[
            ("node", ""),
            ("country", ""),
            ("share", "share"),
            ("basis", ""),
            ("year", ""),
        ],
    );
    let mut named: Vec<(Node, Country)> = scenario
        .of_goods()
        .filter_map(|e| Some((e.node.as_deref()?.into(), e.country.as_deref()?.into())))
        .collect();
    named.sort();
    named.dedup();
    for (node, country) in named {
        let Some(supply) = graph.get(&node).and_then(|n| n.supply.as_ref()) else {
            continue;
        };
        let listed = supply.provider(&country);
        let rows = supply.providers.iter().flat_map(|p| &p.origins);
        let rows: Vec<_> = match listed {
            Some(provider) => provider.origins.clone(),
            None => rows.cloned().collect(),
        };
        let origins: Vec<Origin> = evidence_rows(&rows)
            .into_iter()
            .chain(parameters(&["ranges", "chain.graph"]))
            .collect();
        table.push(
            format!("{node}/{country}"),
            vec![
                node.entity().into(),
                country.entity().into(),
                share_of(supply, &country, config).into(),
                supply
                    .group
                    .map_or(Cell::Empty, |(basis, _)| code(basis.code())),
                supply
                    .group
                    .map_or(Cell::Empty, |(_, year)| crate::steps::year(year)),
            ],
            origins,
        );
    }
    table
}
