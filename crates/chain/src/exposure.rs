//! Look-through exposure: what a target loses when a country stops everywhere upstream.
//!
//! Inputs before users, with the rules and tracks of [`crate::bounds`]:
//!
//! ```text
//! own_v  = recorded share of the country at v          [low, high]
//! loss_v in [ max(own_v, max_g loss_g), min(1, own_v + sum_g loss_g) ],
//! loss_g in [ min_u loss_u, max_u loss_u ]             over the alternatives u of group g
//! ```
//!
//! Unknown countries' shares, and nodes without supply data, are not counted in the plain range: a second upper
//! bound (`if_unknown`) says what the loss could be if they were this country too.

use std::collections::{BTreeMap, BTreeSet};

use model::{Basis, Country, Estimate, Message, Node, Quantity, RowRef};

use crate::bounds::{self, Tracks};
use crate::graph::{ChainGraph, Coverage};
use crate::input::Essential;
use crate::problem::GraphProblem;
use crate::stop::{self, Hit};

/// A target's exposure to one country.
#[derive(Debug, Clone, PartialEq)]
pub struct Exposure {
    pub target: Node,
    pub country: Country,
    /// Recorded share of the target itself, 0..1.
    pub direct: Quantity,
    /// Share of the target's supply lost, 0..1; `low` is the best bound, `high` the worst one.
    pub look_through: Estimate,
    /// The worst bound if every unknown supplier upstream were this country as well.
    pub if_unknown: f64,
    /// Shares of the country upstream and the links that carry its loss to the target.
    pub origins: Vec<RowRef>,
}

/// A target by itself: home's part of it and how much of its upstream is known.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetExposure {
    pub target: Node,
    /// Home's recorded share of the target.
    pub home_direct: Quantity,
    /// What would remain of the target if all foreign supply stopped, 0..1. Nodes without supply data are foreign
    /// in the low end and home's in the high end; not estimated where no node upstream has data.
    pub home_alone: Quantity,
    /// The low end as far as shares are recorded (nodes without supply data unaffected).
    pub home_alone_recorded: Option<f64>,
    pub coverage: Coverage,
    /// Home's shares upstream and the shares beside them.
    pub origins: Vec<RowRef>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ExposureResult {
    /// By target (in the given order), then by country: every country that occurs upstream.
    pub rows: Vec<Exposure>,
    pub targets: Vec<TargetExposure>,
}

/// Exposure of every target to every country that occurs upstream of it, and home's part where `home` is given.
pub fn exposure(
    graph: &ChainGraph,
    targets: &[Node],
    home: Option<&Country>,
) -> Result<ExposureResult, Vec<GraphProblem>> {
    let indices = graph.indices(targets)?;
    let upstream: Vec<BTreeSet<usize>> = indices.iter().map(|t| graph.upstream_of(*t)).collect();
    let mut rows: BTreeMap<(usize, Country), Exposure> = BTreeMap::new();
    for country in graph.countries() {
        let losses = losses(graph, country);
        for (position, target) in indices.iter().enumerate() {
            let occurs = |i: &usize| losses.plain[*i].worst > 0.0 && !losses.rows[*i].is_empty();
            if !upstream[position].iter().any(occurs) {
                continue;
            }
            rows.insert(
                (position, country.clone()),
                row(graph, *target, country, &losses),
            );
        }
    }
    Ok(ExposureResult {
        rows: rows.into_values().collect(),
        targets: indices
            .iter()
            .zip(&upstream)
            .map(|(target, upstream)| by_itself(graph, *target, upstream, home))
            .collect(),
    })
}

struct Losses<'g> {
    plain: Vec<Tracks>,
    if_unknown: Vec<f64>,
    /// The country's rows at each node.
    rows: Vec<Vec<&'g RowRef>>,
}

fn losses<'g>(graph: &'g ChainGraph, country: &Country) -> Losses<'g> {
    let rows: Vec<Vec<&RowRef>> = (0..graph.nodes.len())
        .map(|i| stop::hit_rows(graph, i, country, None))
        .collect();
    let own: Vec<Tracks> = graph
        .nodes
        .iter()
        .map(|node| {
            node.supply.as_ref().map_or(Tracks::ZERO, |supply| {
                let hits = supply
                    .providers
                    .iter()
                    .map(|p| stop::hit(supply, &p.country, country, None, &graph.blocs));
                stop::lost(supply, hits)
            })
        })
        .collect();
    let with_unknown: Vec<Tracks> = graph
        .nodes
        .iter()
        .zip(&own)
        .map(|(node, own)| {
            let unknown = node.supply.as_ref().map_or(1.0, |s| s.unknown.high);
            Tracks::all((own.worst + unknown).min(1.0))
        })
        .collect();
    Losses {
        plain: through(graph, &own),
        if_unknown: through(graph, &with_unknown)
            .into_iter()
            .map(|loss| loss.worst)
            .collect(),
        rows,
    }
}

/// Carries each node's own loss downstream.
pub(crate) fn through(graph: &ChainGraph, own: &[Tracks]) -> Vec<Tracks> {
    let mut loss = vec![Tracks::ZERO; graph.nodes.len()];
    for &i in &graph.order {
        let groups: Vec<(Essential, Tracks)> = graph.nodes[i]
            .groups
            .iter()
            .map(|group| {
                let lost = group.alternatives.iter().map(|input| loss[input.index]);
                (group.essential, bounds::alternatives(lost))
            })
            .collect();
        loss[i] = bounds::node_loss(own[i], &groups, Tracks::ONE);
    }
    loss
}

fn row(graph: &ChainGraph, target: usize, country: &Country, losses: &Losses) -> Exposure {
    let mut origins: Vec<RowRef> = Vec::new();
    let mut basis = Basis::Derived;
    let mut seen = BTreeSet::from([target]);
    let mut open = vec![target];
    while let Some(i) = open.pop() {
        origins.extend(losses.rows[i].iter().copied().cloned());
        if !losses.rows[i].is_empty() {
            basis = basis.and(weakest(graph, i));
        }
        for input in graph.nodes[i].inputs() {
            if losses.plain[input.index].worst > 0.0 {
                origins.push(input.origin.clone());
                if seen.insert(input.index) {
                    open.push(input.index);
                }
            }
        }
    }
    origins.sort();
    origins.dedup();
    Exposure {
        target: graph.nodes[target].node.clone(),
        country: country.clone(),
        direct: direct_share(graph, target, country),
        look_through: losses.plain[target].estimate(basis),
        if_unknown: losses.if_unknown[target],
        origins,
    }
}

/// The weakest basis among the shares of a node.
pub(crate) fn weakest(graph: &ChainGraph, index: usize) -> Basis {
    let shares = graph.nodes[index].supply.iter().flat_map(|s| &s.providers);
    shares.fold(Basis::Derived, |basis, p| basis.and(p.share.basis))
}

/// The recorded share of `country` at the node. A country that is not listed is unknown, not zero, as long as
/// unknown countries hold something.
pub(crate) fn direct_share(graph: &ChainGraph, index: usize, country: &Country) -> Quantity {
    let node = &graph.nodes[index];
    let Some(supply) = &node.supply else {
        return Quantity::not_estimated(
            Message::new("chain.no_supply_data").with("node", node.node.entity()),
        );
    };
    if let Some(provider) = supply.provider(country) {
        return provider.share.into();
    }
    let hits: Vec<Hit> = supply
        .providers
        .iter()
        .map(|p| stop::hit(supply, &p.country, country, None, &graph.blocs))
        .collect();
    if hits.iter().any(|hit| *hit > Hit::No) {
        return stop::lost(supply, hits.into_iter())
            .estimate(weakest(graph, index))
            .into();
    }
    if supply.unknown.high <= 0.0 {
        return Quantity::exact(0.0, Basis::Derived);
    }
    Quantity::not_estimated(
        Message::new("chain.not_listed")
            .with("country", country.entity())
            .with("node", node.node.entity())
            .with("unknown", supply.unknown.high),
    )
}

fn by_itself(
    graph: &ChainGraph,
    target: usize,
    upstream: &BTreeSet<usize>,
    home: Option<&Country>,
) -> TargetExposure {
    let coverage = graph.coverage_of(target);
    let Some(home) = home else {
        let reason = || Quantity::not_estimated(Message::new("chain.no_home"));
        return TargetExposure {
            target: graph.nodes[target].node.clone(),
            home_direct: reason(),
            home_alone: reason(),
            home_alone_recorded: None,
            coverage,
            origins: Vec::new(),
        };
    };
    let foreign: Vec<Tracks> = (0..graph.nodes.len())
        .map(|i| stop::foreign_share(graph, i, home).unwrap_or(Tracks::ZERO))
        .collect();
    let without_data: Vec<Tracks> = graph
        .nodes
        .iter()
        .zip(&foreign)
        .map(|(node, own)| {
            if node.supply.is_none() {
                Tracks::ONE
            } else {
                *own
            }
        })
        .collect();
    let recorded = through(graph, &foreign)[target].map(|loss| 1.0 - loss);
    let lowest = 1.0 - through(graph, &without_data)[target].worst;
    let basis = upstream
        .iter()
        .fold(Basis::Derived, |basis, i| basis.and(weakest(graph, *i)));
    let mut origins: Vec<RowRef> = upstream
        .iter()
        .filter_map(|i| graph.nodes[*i].supply.as_ref())
        .flat_map(|supply| supply.providers.iter().flat_map(|p| p.origins.clone()))
        .collect();
    origins.sort();
    origins.dedup();
    TargetExposure {
        target: graph.nodes[target].node.clone(),
        home_direct: direct_share(graph, target, home),
        home_alone: if coverage.with_supply == 0 {
            Quantity::not_estimated(
                Message::new("chain.no_supply_upstream")
                    .with("node", graph.nodes[target].node.entity()),
            )
        } else {
            Estimate::spanning(recorded.central(), lowest, recorded.best, basis).into()
        },
        home_alone_recorded: (coverage.with_supply > 0).then_some(recorded.worst),
        coverage,
        origins,
    }
}
