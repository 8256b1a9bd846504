//! The tree of what a product needs, from final use to raw materials.
//!
//! A chain is a graph without cycles; unfolded into paths it grows without end. The tree holds every node once, under
//! the user on a shortest way to the product (the smallest id decides between equals), and says by how many ways it is
//! reached. Breadth first (Moore 1959); ways by one pass in the order of the graph.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use model::{Country, Estimate, Node, Quantity, RowRef};

use super::{origins_of, share_at, sorted};
use crate::graph::ChainGraph;
use crate::input::{Essential, Stage};
use crate::problem::GraphProblem;

/// A node of the tree of one target.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    pub target: Node,
    pub node: Node,
    pub stage: Stage,
    pub essential: Essential,
    /// From the target down to this node, both included.
    pub path: Vec<Node>,
    /// Steps from the target on the shortest and on the longest way.
    pub depth: usize,
    pub deepest: usize,
    /// Number of ways to the target; large numbers are rounded.
    pub ways: f64,
    pub home: Quantity,
    /// The largest listed foreign supplier.
    pub supplier: Option<(Country, Estimate)>,
    /// The node's row, its shares and the links of the path.
    pub origins: Vec<RowRef>,
}

/// The trees of the targets in their order, each from the target outwards, children by id.
pub fn tree(
    graph: &ChainGraph,
    targets: &[Node],
    home: &Country,
) -> Result<Vec<Branch>, Vec<GraphProblem>> {
    let mut rows = Vec::new();
    for target in graph.indices(targets)? {
        rows.extend(of_target(graph, target, home));
    }
    Ok(rows)
}

fn of_target(graph: &ChainGraph, target: usize, home: &Country) -> Vec<Branch> {
    let within = graph.upstream_of(target);
    let mut paths: BTreeMap<usize, Vec<usize>> = BTreeMap::from([(target, vec![target])]);
    let mut open = VecDeque::from([target]);
    while let Some(user) = open.pop_front() {
        let inputs: BTreeSet<usize> = graph.nodes[user]
            .inputs()
            .map(|input| input.index)
            .collect();
        for input in inputs {
            if !paths.contains_key(&input) {
                let mut path = paths[&user].clone();
                path.push(input);
                paths.insert(input, path);
                open.push_back(input);
            }
        }
    }
    // Users before inputs.
    let mut ways: BTreeMap<usize, (f64, usize)> = BTreeMap::from([(target, (1.0, 0))]);
    for &user in graph.order.iter().rev().filter(|i| within.contains(i)) {
        let Some((count, deepest)) = ways.get(&user).copied() else {
            continue;
        };
        for input in graph.nodes[user].inputs() {
            let entry = ways.entry(input.index).or_insert((0.0, 0));
            entry.0 += count;
            entry.1 = entry.1.max(deepest + 1);
        }
    }
    let mut order: Vec<(Vec<&Node>, usize)> = paths
        .iter()
        .map(|(i, path)| (path.iter().map(|p| &graph.nodes[*p].node).collect(), *i))
        .collect();
    order.sort();
    order
        .into_iter()
        .map(|(path, i)| {
            let node = &graph.nodes[i];
            let mut origins = origins_of(graph, i);
            for step in paths[&i].windows(2) {
                origins.extend(
                    graph.nodes[step[0]]
                        .inputs()
                        .filter(|input| input.index == step[1])
                        .map(|input| input.origin.clone()),
                );
            }
            let supplier = node.supply.as_ref().and_then(|supply| {
                super::foreign(supply, home, &graph.blocs)
                    .max_by(|a, b| {
                        (a.share.value.total_cmp(&b.share.value))
                            .then_with(|| b.country.cmp(&a.country))
                    })
                    .map(|p| (p.country.clone(), p.share))
            });
            Branch {
                target: graph.nodes[target].node.clone(),
                node: node.node.clone(),
                stage: node.stage,
                essential: node.essential,
                depth: path.len() - 1,
                path: path.into_iter().cloned().collect(),
                deepest: ways[&i].1,
                ways: ways[&i].0,
                home: share_at(graph, i, home),
                supplier,
                origins: sorted(origins),
            }
        })
        .collect()
}
