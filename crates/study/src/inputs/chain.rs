//! Chains: nodes, links and country shares.

use std::collections::{BTreeMap, BTreeSet};

use chain::{
    ChainGraph, ChainInput, Essential, GraphProblem, LinkSpec, NodeSpec, Relation, Stage, Supply,
    SupplyBasis, SupplySpec,
};
use evidence::Evidence;
use model::{Basis, Chain, Country, Estimate, Field, Node, short};

use super::{published_share, rows};
use crate::config::Config;

/// The graph of all chains that the study does not exclude.
pub fn graph(evidence: &Evidence, config: &Config) -> Result<ChainGraph, Vec<GraphProblem>> {
    ChainGraph::build(input(evidence, config), &config.chain.graph)
}

/// Nodes, links and all shares (every basis and year) of the chains that the study does not exclude.
pub fn input(evidence: &Evidence, config: &Config) -> ChainInput {
    let nodes: Vec<NodeSpec> = rows(evidence, "chain_nodes")
        .filter(|row| {
            let chain = row.text("chain_id").unwrap_or_default();
            !config
                .chain
                .exclude
                .iter()
                .any(|excluded| excluded == chain)
        })
        .filter_map(|row| {
            Some(NodeSpec {
                node: row.key.as_str().into(),
                chain: row.text("chain_id")?.into(),
                stage: stage(row.text("stage")?)?,
                essential: if row.boolean("essential")? {
                    Essential::Yes
                } else {
                    Essential::No
                },
                substitute_group: row.text("substitute_group").map(str::to_owned),
                origin: row.reference(),
            })
        })
        .collect();
    let known: BTreeSet<&str> = nodes.iter().map(|node| node.node.as_str()).collect();
    let links = rows(evidence, "chain_links")
        .filter_map(|row| {
            let (from, to) = (row.text("from_node")?, row.text("to_node")?);
            (known.contains(from) && known.contains(to)).then_some(())?;
            let relation = match row.text("relation")? {
                "tool_for" => Relation::ToolFor,
                "material_for" => Relation::MaterialFor,
                _ => Relation::InputTo,
            };
            Some(LinkSpec {
                from: from.into(),
                to: to.into(),
                relation,
                origin: row.reference(),
            })
        })
        .collect();
    let supply = rows(evidence, "chain_supply")
        .filter(|row| row.text("node_id").is_some_and(|node| known.contains(node)))
        .filter_map(|row| {
            Some(SupplySpec {
                node: row.text("node_id")?.into(),
                country: row.text("country")?.into(),
                share: published_share(evidence, row, "share_pct", &config.ranges)?,
                basis: basis(row.text("basis")?)?,
                year: row.year("year")?,
                origin: row.reference(),
            })
        })
        .collect();
    ChainInput {
        nodes,
        links,
        supply,
    }
}

fn stage(word: &str) -> Option<Stage> {
    Stage::ALL
        .iter()
        .copied()
        .find(|stage| short(stage.code()) == word)
}

fn basis(word: &str) -> Option<SupplyBasis> {
    SupplyBasis::ALL
        .iter()
        .copied()
        .find(|basis| short(basis.code()) == word)
}

/// The share of a country in a node: as listed, or what may hide in the rest.
///
/// A country that is not listed may hold up to what no listed country holds, and up to the share of a bloc that it belongs
/// to. In the middle (a convention, not an estimate) it holds half of the rest, and no more than half of the smallest
/// listed share, because lists name the largest holders; where the list is complete that is nothing.
pub fn share_of(supply: &Supply, country: &Country, config: &Config) -> Estimate {
    if let Some(provider) = supply.provider(country) {
        return provider.share;
    }
    let blocs: Vec<Estimate> = config
        .chain
        .graph
        .blocs
        .iter()
        .filter(|(_, members)| members.contains(country))
        .filter_map(|(bloc, _)| supply.provider(bloc))
        .map(|p| p.share)
        .collect();
    let within = |pick: fn(&Estimate) -> f64| {
        let rest = pick(&supply.unknown).max(0.0) + blocs.iter().map(pick).sum::<f64>();
        rest.min(1.0)
    };
    let likely = supply
        .providers
        .iter()
        .map(|p| p.share.value)
        .fold(within(|e| e.value), f64::min);
    Estimate::spanning(likely / 2.0, 0.0, within(|e| e.high), Basis::Derived)
}

/// What the evidence says about a chain.
#[derive(Debug, Clone, PartialEq)]
pub struct ChainInfo {
    pub chain: Chain,
    pub fields: Vec<Field>,
    /// End products.
    pub targets: Vec<Node>,
}

/// The chains with targets that the study does not exclude, by id.
pub fn chains(evidence: &Evidence, config: &Config) -> BTreeMap<Chain, ChainInfo> {
    rows(evidence, "chains")
        .filter(|row| !config.chain.exclude.contains(&row.key))
        .filter(|row| !row.list("targets").is_empty())
        .map(|row| {
            let chain: Chain = row.key.as_str().into();
            let info = ChainInfo {
                chain: chain.clone(),
                fields: row.list("fields").into_iter().map(Field::from).collect(),
                targets: row.list("targets").into_iter().map(Node::from).collect(),
            };
            (chain, info)
        })
        .collect()
}
