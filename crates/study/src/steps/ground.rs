//! What the readings of a chain share: the graph, its end products, and where a node stands.

use std::collections::BTreeMap;

use chain::ChainGraph;
use model::{Cell, Chain, Node, Origin, RowRef};
use serde_json::{Value, json};

use super::chain::targets;
use super::{code, evidence_rows, parameters};
use crate::config::Config;
use crate::engine::step::Context;
use crate::inputs::chain::{ChainInfo, chains, graph};
use crate::scenario::Scenario;

pub struct Ground {
    pub graph: ChainGraph,
    pub chains: BTreeMap<Chain, ChainInfo>,
    /// The end products of all chains.
    pub targets: Vec<Node>,
}

/// `None` where the graph is broken; the step `chain.exposure` says why.
pub fn ground(context: &Context) -> Option<Ground> {
    let graph = graph(context.evidence, context.config).ok()?;
    let chains = chains(context.evidence, context.config);
    let mut nodes: Vec<Node> = targets(&chains, &graph)
        .into_iter()
        .map(|(_, n)| n)
        .collect();
    nodes.sort();
    nodes.dedup();
    Some(Ground {
        graph,
        chains,
        targets: nodes,
    })
}

pub fn params(config: &Config, _: &[Scenario]) -> Value {
    json!({
        "home": config.study.home, "ranges": config.ranges,
        "chain": {
            "exclude": config.chain.exclude,
            "graph": config.chain.graph,
            "must_control": config.chain.must_control,
            "readings": config.chain.readings,
        },
        "necks": { "claims_about": config.necks.claims_about, "hardness": config.necks.hardness },
    })
}

impl Ground {
    /// Chain and stage of a node.
    pub fn place(&self, node: &Node) -> [Cell; 2] {
        match self.graph.get(node) {
            Some(found) => [found.chain.entity().into(), code(found.stage.code())],
            None => [Cell::Empty, Cell::Empty],
        }
    }
}

pub fn list(nodes: &[Node]) -> Cell {
    nodes.iter().map(Node::entity).collect::<Vec<_>>().into()
}

/// Rows of evidence, and what every reading depends on.
pub fn lineage(rows: &[RowRef], more: &[&str]) -> Vec<Origin> {
    let mut origins = evidence_rows(rows);
    origins.extend(parameters(&["study.home", "ranges", "chain.graph"]));
    origins.extend(parameters(more));
    origins
}
