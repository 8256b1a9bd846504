//! Does a node still work? One pass over the graph, inputs before users.

use model::{Country, RowRef};

use super::actors::Actors;
use crate::bounds::Tracks;
use crate::graph::ChainGraph;
use crate::input::Essential;
use crate::stop::{self, Hit};
use crate::supply::Supply;

/// Slack for sums of decimal shares: 0.3 + 0.2 leaves half.
const TOLERANCE: f64 = 1e-9;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Low shares, inputs judged not essential are left out.
    Favourable,
    /// High shares, every input is required.
    Unfavourable,
}

/// The state after a stop.
#[derive(Debug, Clone)]
pub(crate) struct Stopped {
    pub reading: Reading,
    /// The node's own supply fell below `theta` (or the node was removed).
    pub own: Vec<bool>,
    /// The node does not work, for whatever reason.
    pub down: Vec<bool>,
}

pub(crate) struct Works<'g> {
    pub graph: &'g ChainGraph,
    pub theta: f64,
    /// Who may stop, sorted.
    pub actors: Vec<Country>,
    /// By actor: the rows it hits, as (node, position of the row, hit).
    hits: Vec<Vec<(usize, usize, Hit)>>,
}

/// Buffers for many evaluations in a row.
pub(crate) struct Scratch {
    hit: Vec<Vec<Hit>>,
    own: Vec<bool>,
    down: Vec<bool>,
}

impl<'g> Works<'g> {
    pub fn new(graph: &'g ChainGraph, theta: f64, home: Option<&Country>, actors: &Actors) -> Self {
        let mut names = Vec::new();
        let mut hits = Vec::new();
        for (name, members) in actors.iter() {
            let mut rows: Vec<(usize, usize, Hit)> = Vec::new();
            for (i, node) in graph.nodes.iter().enumerate() {
                let Some(supply) = &node.supply else { continue };
                for (position, provider) in supply.providers.iter().enumerate() {
                    let hit = members
                        .iter()
                        .map(|member| own_hit(graph, supply, &provider.country, member, home))
                        .max()
                        .unwrap_or(Hit::No);
                    if hit > Hit::No {
                        rows.push((i, position, hit));
                    }
                }
            }
            if !rows.is_empty() {
                names.push(name.clone());
                hits.push(rows);
            }
        }
        Self {
            graph,
            theta,
            actors: names,
            hits,
        }
    }

    pub fn scratch(&self) -> Scratch {
        let rows = |node: &crate::GraphNode| node.supply.as_ref().map_or(0, |s| s.providers.len());
        Scratch {
            hit: self
                .graph
                .nodes
                .iter()
                .map(|n| vec![Hit::No; rows(n)])
                .collect(),
            own: vec![false; self.graph.nodes.len()],
            down: vec![false; self.graph.nodes.len()],
        }
    }

    /// Which nodes are down after `set` stops; `None` when no node's own supply fell below `theta`.
    pub fn down<'s>(
        &self,
        set: &[u16],
        reading: Reading,
        scratch: &'s mut Scratch,
    ) -> Option<&'s [bool]> {
        let touched = || set.iter().flat_map(|c| &self.hits[usize::from(*c)]);
        for &(node, row, hit) in touched() {
            let slot = &mut scratch.hit[node][row];
            *slot = (*slot).max(hit);
        }
        let mut any = false;
        scratch.own.fill(false);
        for &(node, ..) in touched() {
            if !scratch.own[node] && self.fails(node, &scratch.hit[node], reading) {
                scratch.own[node] = true;
                any = true;
            }
        }
        for &(node, row, _) in touched() {
            scratch.hit[node][row] = Hit::No;
        }
        if !any {
            return None;
        }
        self.spread(&scratch.own, reading, &mut scratch.down);
        Some(&scratch.down)
    }

    /// `1 - lost < theta`, with the low or the high end of what is lost.
    fn fails(&self, node: usize, hits: &[Hit], reading: Reading) -> bool {
        let Some(supply) = &self.graph.nodes[node].supply else {
            return false;
        };
        let lost: f64 = supply
            .providers
            .iter()
            .zip(hits)
            .map(|(provider, hit)| match (reading, hit) {
                (_, Hit::No) | (Reading::Favourable, Hit::Part) => 0.0,
                (Reading::Favourable, Hit::Whole) => provider.share.low,
                (Reading::Unfavourable, _) => provider.share.high,
            })
            .sum();
        1.0 - lost.min(1.0) + TOLERANCE < self.theta
    }

    fn spread(&self, own: &[bool], reading: Reading, down: &mut [bool]) {
        for &i in &self.graph.order {
            down[i] = own[i]
                || self.graph.nodes[i].groups.iter().any(|group| {
                    let required =
                        reading == Reading::Unfavourable || group.essential == Essential::Yes;
                    required && group.alternatives.iter().all(|input| down[input.index])
                });
        }
    }

    /// What each node loses of its own supply when `set` stops.
    pub fn own_losses(&self, set: &[u16]) -> Vec<Tracks> {
        let mut hits = self.scratch().hit;
        for &(node, row, hit) in set.iter().flat_map(|c| &self.hits[usize::from(*c)]) {
            let slot = &mut hits[node][row];
            *slot = (*slot).max(hit);
        }
        self.graph
            .nodes
            .iter()
            .zip(hits)
            .map(|(node, hits)| match &node.supply {
                Some(supply) => stop::lost(supply, hits.into_iter()),
                None => Tracks::ZERO,
            })
            .collect()
    }

    /// Nodes with a row that the actor hits.
    pub fn nodes_hit(&self, actor: u16) -> impl Iterator<Item = usize> + '_ {
        self.hits[usize::from(actor)].iter().map(|(node, ..)| *node)
    }

    pub fn without_actors(&self, set: &[u16], reading: Reading) -> Stopped {
        let mut scratch = self.scratch();
        self.down(set, reading, &mut scratch);
        Stopped {
            reading,
            own: scratch.own,
            down: scratch.down,
        }
    }

    pub fn without_node(&self, node: usize, reading: Reading) -> Stopped {
        let mut own = vec![false; self.graph.nodes.len()];
        let mut down = own.clone();
        own[node] = true;
        self.spread(&own, reading, &mut down);
        Stopped { reading, own, down }
    }

    /// The rows of `node` that `set` hits.
    pub fn rows_hit<'a>(
        &'a self,
        node: usize,
        set: &'a [u16],
    ) -> impl Iterator<Item = &'a RowRef> + 'a {
        let providers = self.graph.nodes[node].supply.as_ref().map(|s| &s.providers);
        set.iter()
            .flat_map(|c| &self.hits[usize::from(*c)])
            .filter(move |(at, ..)| *at == node)
            .filter_map(move |(_, row, _)| providers.map(|p| &p[*row].origins))
            .flatten()
    }
}

fn own_hit(
    graph: &ChainGraph,
    supply: &Supply,
    row: &Country,
    actor: &Country,
    home: Option<&Country>,
) -> Hit {
    let hit = stop::hit(supply, row, actor, home, &graph.blocs);
    // Which part of a bloc's row a member holds is unknown; counted, it would make every member
    // a possible cause. The bloc stands for it.
    if hit == Hit::Whole || row == actor {
        hit
    } else {
        Hit::No
    }
}
