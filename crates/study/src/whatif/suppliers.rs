//! The fact that a question about a chain starts from: which share of each named node the stopping country holds, as
//! recorded, and on which basis.

use chain::ChainGraph;
use model::{Cell, Country, Node, Origin, ResultTable};

use crate::config::Config;
use crate::inputs::chain::share_of;
use crate::scenario::Scenario;
use crate::steps::{code, evidence_rows, parameters};

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
