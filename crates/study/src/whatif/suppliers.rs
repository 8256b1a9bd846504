//! The fact that a question about a chain starts from: which share of each named node the stopping country holds, as
//! recorded, and on which basis.

use std::collections::BTreeSet;

use chain::ChainGraph;
use evidence::Evidence;
use model::{Cell, Country, Message, Node, Origin, ResultTable};

use crate::config::Config;
use crate::inputs::chain::share_of;
use crate::inputs::rows;
use crate::scenario::Scenario;
use crate::steps::{code, evidence_rows, parameters};

/// Shares this many years before the study begins are old.
const OLD: i32 = 5;
/// Old shares named.
const NAMED: usize = 4;
const SHARES: &str = "chain_supply";

/// Which of the shares behind these answers are old, where any is.
pub fn old(evidence: &Evidence, answers: &ResultTable, config: &Config) -> Option<Message> {
    let used: BTreeSet<&str> = answers
        .rows
        .iter()
        .flat_map(|row| &row.origins)
        .filter_map(|origin| match origin {
            Origin::Evidence(row) if row.table == SHARES => Some(row.key.as_str()),
            _ => None,
        })
        .collect();
    let begins = config.study.start_year.0;
    let mut found: BTreeSet<(i32, Node)> = BTreeSet::new();
    for row in rows(evidence, SHARES).filter(|row| used.contains(row.key.as_str())) {
        let year = row.year("year").filter(|year| begins - year.0 >= OLD);
        if let (Some(year), Some(node)) = (year, row.text("node_id")) {
            found.insert((year.0, node.into()));
        }
    }
    let item = |(year, node): &(i32, Node)| {
        Message::new("whatif.note.old.item")
            .with("node", node.entity())
            .with("year", year.to_string())
    };
    let mut items: Vec<Message> = found.iter().take(NAMED).map(item).collect();
    if found.len() > NAMED {
        items.push(Message::new("more").with("n", found.len() - NAMED));
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
