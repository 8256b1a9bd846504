//! Positions of a chain's nodes for drawing: longest-path layers, then barycentre ordering inside them.
//!
//! Sugiyama, Tagawa and Toda (1981). Layer 0 holds the nodes without inputs inside the chain; every other node
//! lies one layer after its latest input. Within a layer nodes are ordered by the mean position of their
//! neighbours, in sweeps back and forth; ties keep the order by id, so the picture never changes between runs.

use std::collections::BTreeMap;

use model::{Chain, Node};

use crate::graph::ChainGraph;

const SWEEPS: usize = 8;

/// Where to draw a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    pub node: Node,
    /// From the most upstream layer, 0.
    pub layer: usize,
    /// Position inside the layer, from 0.
    pub order: usize,
}

/// The nodes of one chain, by layer and order; links to other chains are left out.
pub fn layers(graph: &ChainGraph, chain: &Chain) -> Vec<Placed> {
    let inside: Vec<usize> = graph
        .order
        .iter()
        .copied()
        .filter(|i| graph.nodes[*i].chain == *chain)
        .collect();
    let mut layer: BTreeMap<usize, usize> = BTreeMap::new();
    let mut inputs: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut users: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for &i in &inside {
        let mut depth = 0;
        for input in graph.nodes[i].inputs() {
            if let Some(before) = layer.get(&input.index) {
                depth = depth.max(before + 1);
                inputs.entry(i).or_default().push(input.index);
                users.entry(input.index).or_default().push(i);
            }
        }
        layer.insert(i, depth);
    }
    let count = layer.values().max().map_or(0, |deepest| deepest + 1);
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (&i, &depth) in &layer {
        rows[depth].push(i);
    }
    let mut best = rows.clone();
    for sweep in 0..SWEEPS {
        let forward = sweep % 2 == 0;
        let neighbours = if forward { &inputs } else { &users };
        for step in 0..count {
            let at = if forward { step } else { count - 1 - step };
            let position = positions(&rows);
            let barycentre = |i: &usize| match neighbours.get(i) {
                Some(near) => near.iter().map(|n| position[n]).sum::<f64>() / near.len() as f64,
                None => position[i],
            };
            rows[at].sort_by(|a, b| barycentre(a).total_cmp(&barycentre(b)));
        }
        if crossings(&rows, &users) < crossings(&best, &users) {
            best.clone_from(&rows);
        }
    }
    best.iter()
        .enumerate()
        .flat_map(|(layer, row)| {
            row.iter().enumerate().map(move |(order, i)| Placed {
                node: graph.nodes[*i].node.clone(),
                layer,
                order,
            })
        })
        .collect()
}

/// Relative position in the layer, 0..1, so that layers of different size compare.
fn positions(rows: &[Vec<usize>]) -> BTreeMap<usize, f64> {
    rows.iter()
        .flat_map(|row| {
            let middle = |order: usize| (order as f64 + 0.5) / row.len() as f64;
            row.iter()
                .enumerate()
                .map(move |(order, i)| (*i, middle(order)))
        })
        .collect()
}

/// Pairs of links that cross when drawn as straight lines between layers they share.
fn crossings(rows: &[Vec<usize>], users: &BTreeMap<usize, Vec<usize>>) -> usize {
    let place: BTreeMap<usize, (usize, usize)> = rows
        .iter()
        .enumerate()
        .flat_map(|(layer, row)| {
            row.iter()
                .enumerate()
                .map(move |(order, i)| (*i, (layer, order)))
        })
        .collect();
    let links: Vec<((usize, usize), (usize, usize))> = users
        .iter()
        .flat_map(|(from, to)| to.iter().map(|to| (place[from], place[to])))
        .collect();
    let mut crossed = 0;
    for (k, (a, b)) in links.iter().enumerate() {
        for (c, d) in &links[k + 1..] {
            let parallel = a.0 == c.0 && b.0 == d.0;
            crossed +=
                usize::from(parallel && (a.1 < c.1) != (b.1 < d.1) && a.1 != c.1 && b.1 != d.1);
        }
    }
    crossed
}
