//! Basic capabilities: how far does home depend on foreign components, materials, processes, software and tools?
//!
//! Over the nodes of one stage that the targets need:
//!
//! ```text
//! foreign    mean of 1 - home's share, over the nodes with shares
//! dependent  nodes with foreign share at least foreign_from / nodes     nodes without shares: no to yes
//! gap        mean of the local-capacity gap, over the nodes where it is estimated
//! worst      the nodes with the largest foreign share
//! ```

use model::{Basis, Chain, Country, Estimate, Message, Node, Quantity, RowRef};
use serde::{Deserialize, Serialize};

use super::{at_least, capacity, needed, origins_of, share_at, sorted, tally};
use crate::graph::ChainGraph;
use crate::input::Stage;
use crate::must_control::Verdict;
use crate::problem::GraphProblem;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BasicsParams {
    /// Foreign share from which on a node counts as dependent. Default 0.8.
    pub foreign_from: f64,
    /// Worst nodes listed. Default 3.
    pub worst: usize,
}

impl Default for BasicsParams {
    fn default() -> Self {
        Self {
            foreign_from: 0.8,
            worst: 3,
        }
    }
}

/// One stage, of one chain or of all.
#[derive(Debug, Clone, PartialEq)]
pub struct Basic {
    pub chain: Option<Chain>,
    pub stage: Stage,
    pub nodes: usize,
    pub nodes_known: usize,
    pub foreign: Quantity,
    pub dependent: Estimate,
    pub gap: Quantity,
    pub worst: Vec<Node>,
    pub origins: Vec<RowRef>,
}

/// All chains first, then chain by chain, each by stage; stages without nodes are left out.
pub fn basics(
    graph: &ChainGraph,
    targets: &[Node],
    home: &Country,
    params: &BasicsParams,
) -> Result<Vec<Basic>, Vec<GraphProblem>> {
    let nodes: Vec<usize> = needed(graph, targets)?.into_iter().collect();
    let gaps = capacity::capacity(graph, targets, home)?;
    let mut chains: Vec<Option<&Chain>> =
        nodes.iter().map(|i| Some(&graph.nodes[*i].chain)).collect();
    chains.push(None);
    chains.sort();
    chains.dedup();
    let mut rows = Vec::new();
    for chain in chains {
        for stage in Stage::ALL {
            let own: Vec<usize> = nodes
                .iter()
                .copied()
                .filter(|i| graph.nodes[*i].stage == *stage)
                .filter(|i| chain.is_none_or(|c| graph.nodes[*i].chain == *c))
                .collect();
            if !own.is_empty() {
                rows.push(basic(graph, &own, (chain, *stage), &gaps, home, params));
            }
        }
    }
    Ok(rows)
}

fn basic(
    graph: &ChainGraph,
    nodes: &[usize],
    (chain, stage): (Option<&Chain>, Stage),
    gaps: &[capacity::CapacityGap],
    home: &Country,
    params: &BasicsParams,
) -> Basic {
    let foreign: Vec<Quantity> = nodes
        .iter()
        .map(|i| match share_at(graph, *i, home) {
            Quantity::Estimated(own) => Estimate::exact(1.0, Basis::Derived).minus(own).into(),
            missing @ Quantity::NotEstimated(_) => missing,
        })
        .collect();
    let known: Vec<Estimate> = foreign.iter().filter_map(Quantity::estimate).collect();
    let verdicts: Vec<Verdict> = foreign
        .iter()
        .map(|q| at_least(q.clone(), params.foreign_from).verdict)
        .collect();
    let own_gaps: Vec<Estimate> = gaps
        .iter()
        .filter(|g| nodes.iter().any(|i| graph.nodes[*i].node == g.node))
        .filter_map(|g| g.gap.estimate())
        .collect();
    let mut worst: Vec<(f64, usize)> = nodes
        .iter()
        .zip(&foreign)
        .filter_map(|(i, q)| Some((q.estimate()?.value, *i)))
        .collect();
    worst.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let count = nodes.len() as f64;
    let dependent = tally(verdicts);
    Basic {
        chain: chain.cloned(),
        stage,
        nodes: nodes.len(),
        nodes_known: known.len(),
        foreign: mean(&known, "readings.no_stage_shares"),
        dependent: Estimate::spanning(
            dependent.value / count,
            dependent.low / count,
            dependent.high / count,
            Basis::Derived,
        ),
        gap: mean(&own_gaps, "readings.no_stage_gaps"),
        worst: worst
            .into_iter()
            .take(params.worst)
            .map(|(_, i)| graph.nodes[i].node.clone())
            .collect(),
        origins: sorted(nodes.iter().flat_map(|i| origins_of(graph, *i)).collect()),
    }
}

/// The mean of the numbers, each end by itself; they are summed in order of size, so their order does not matter.
fn mean(numbers: &[Estimate], reason: &str) -> Quantity {
    if numbers.is_empty() {
        return Quantity::not_estimated(Message::new(reason));
    }
    let of = |pick: fn(&Estimate) -> f64| {
        let mut all: Vec<f64> = numbers.iter().map(pick).collect();
        all.sort_by(f64::total_cmp);
        all.iter().sum::<f64>() / all.len() as f64
    };
    let basis = numbers.iter().fold(Basis::Derived, |b, e| b.and(e.basis));
    Estimate::spanning(of(|e| e.value), of(|e| e.low), of(|e| e.high), basis).into()
}
