//! Where a stop bites and what lies most upstream of it.

use std::collections::BTreeMap;

use model::RowRef;

use super::RootCause;
use super::works::{Reading, Stopped};
use crate::graph::ChainGraph;
use crate::input::Essential;

pub(crate) struct Cause {
    /// Nodes that fail by themselves and whose failure reaches the target.
    pub bites: Vec<usize>,
    pub root: RootCause,
    /// Rows of the links on the root's path.
    pub links: Vec<RowRef>,
}

/// Walks upstream from the failed target along input groups without a working alternative. The root is the bite
/// at the end of the longest such path (ties: smallest id).
pub(crate) fn trace(graph: &ChainGraph, target: usize, stopped: &Stopped) -> Cause {
    // Longest distance to the target and the next node towards it, users before inputs.
    let mut reach: BTreeMap<usize, (usize, usize)> = BTreeMap::from([(target, (0, target))]);
    for &i in graph.order.iter().rev() {
        let Some(&(stages, _)) = reach.get(&i) else {
            continue;
        };
        for group in &graph.nodes[i].groups {
            let required =
                stopped.reading == Reading::Unfavourable || group.essential == Essential::Yes;
            if !required || !group.alternatives.iter().all(|u| stopped.down[u.index]) {
                continue;
            }
            for input in &group.alternatives {
                let longest = reach.entry(input.index).or_insert((stages + 1, i));
                if stages + 1 > longest.0 {
                    *longest = (stages + 1, i);
                }
            }
        }
    }
    let bites: Vec<usize> = reach.keys().copied().filter(|i| stopped.own[*i]).collect();
    let root = bites
        .iter()
        .copied()
        .max_by_key(|i| (reach[i].0, std::cmp::Reverse(*i)))
        .expect("invariant: a node fails only because some node upstream fails by itself");
    let mut path = vec![root];
    let mut links = Vec::new();
    let mut at = root;
    while at != target {
        let next = reach[&at].1;
        let link = graph.nodes[next].inputs().find(|input| input.index == at);
        links.extend(link.map(|input| input.origin.clone()));
        path.push(next);
        at = next;
    }
    Cause {
        bites,
        root: RootCause {
            node: graph.nodes[root].node.clone(),
            stages: reach[&root].0,
            path: path
                .into_iter()
                .map(|i| graph.nodes[i].node.clone())
                .collect(),
        },
        links,
    }
}
