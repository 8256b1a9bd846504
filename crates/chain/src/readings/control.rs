//! Who controls which node, and who depends on whom.
//!
//! ```text
//! x depends on z at v:   share of z at v at least hold_from   and   share of x at v below own_from
//! reverse dependence     home holds, the other depends
//! common dependence      home and the other both depend on a third country
//! ```
//!
//! Reverse and common dependencies after the European Commission's look at mutual strength (2021) [from memory].
//! Where plants stand (production, capacity) and where firms have their seat (market shares, lists of firms) are two
//! facts and stay two fields.

use std::collections::{BTreeMap, BTreeSet};

use model::{Country, Estimate, Node, Quantity, RowRef};
use serde::{Deserialize, Serialize};

use super::concentration::supply_hhi;
use super::{at_least, both, foreign, needed, no_data, origins_of, share_at, sorted, tally};
use crate::graph::{ChainGraph, GraphParams};
use crate::input::{Stage, SupplyBasis, SupplySpec, coded};
use crate::must_control::{MustControlParams, Verdict};
use crate::problem::GraphProblem;
use crate::supply::{Provider, Supply, choose};

/// A firm at a node, with the country of its seat.
#[derive(Debug, Clone, PartialEq)]
pub struct FirmSeat {
    pub node: Node,
    pub country: Country,
    pub origin: RowRef,
}

/// The largest holder of a node.
#[derive(Debug, Clone, PartialEq)]
pub struct Largest {
    pub country: Country,
    pub share: Estimate,
    /// Passes where no other holder, listed or not, can be larger.
    pub clear: Verdict,
}

#[derive(Debug, Clone, PartialEq)]
pub struct NodeControl {
    pub node: Node,
    pub stage: Stage,
    pub largest: Option<Largest>,
    pub concentration: Quantity,
    pub home: Quantity,
    /// Home depends on the largest foreign holder.
    pub dependence: Verdict,
    /// The largest holder by where plants stand.
    pub plant: Option<Largest>,
    /// The largest holder by the seat of the firms.
    pub seat: Option<Largest>,
    /// Firms on record, and the countries of their seats with the number of firms, the most first.
    pub firms: usize,
    pub seats: Vec<(Country, usize)>,
    pub origins: Vec<RowRef>,
}

/// One row per node that a target needs, by id.
///
/// `rows` are the shares that the graph was built from (all bases), `firms` the list of firms.
pub fn control(
    graph: &ChainGraph,
    targets: &[Node],
    home: &Country,
    evidence: (&[SupplySpec], &[FirmSeat]),
    params: (&GraphParams, &MustControlParams),
) -> Result<Vec<NodeControl>, Vec<GraphProblem>> {
    let ((rows, firms), (graph_params, limits)) = (evidence, params);
    let mut found = Vec::new();
    for i in needed(graph, targets)? {
        let node = &graph.nodes[i];
        let here: Vec<&SupplySpec> = rows.iter().filter(|r| r.node == node.node).collect();
        let of_basis = |bases: &[SupplyBasis]| -> Result<Option<Supply>, Vec<GraphProblem>> {
            let wanted: Vec<&SupplySpec> = here
                .iter()
                .copied()
                .filter(|r| bases.contains(&r.basis))
                .collect();
            choose(&wanted, graph_params)
        };
        let plants = of_basis(&[SupplyBasis::Production, SupplyBasis::Capacity])?;
        let seats = of_basis(&[SupplyBasis::Market])?;
        let mut origins = origins_of(graph, i);
        for supply in [&plants, &seats].into_iter().flatten() {
            origins.extend(supply.providers.iter().flat_map(|p| p.origins.clone()));
        }
        let at: Vec<&FirmSeat> = firms.iter().filter(|f| f.node == node.node).collect();
        origins.extend(at.iter().map(|f| f.origin.clone()));
        let mut counts: BTreeMap<&Country, usize> = BTreeMap::new();
        for firm in &at {
            *counts.entry(&firm.country).or_default() += 1;
        }
        let mut by_seat: Vec<(Country, usize)> =
            counts.into_iter().map(|(c, n)| (c.clone(), n)).collect();
        by_seat.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        found.push(NodeControl {
            node: node.node.clone(),
            stage: node.stage,
            largest: node.supply.as_ref().and_then(|s| largest(s, &s.providers)),
            concentration: node.supply.as_ref().map_or_else(
                || no_data(graph, i),
                |s| {
                    let shares: Vec<Estimate> = s.providers.iter().map(|p| p.share).collect();
                    supply_hhi(&shares, s.unknown).into()
                },
            ),
            home: share_at(graph, i, home),
            dependence: node.supply.as_ref().map_or(Verdict::Undecided, |s| {
                foreign(s, home, &graph.blocs)
                    .map(|p| depends(graph, i, home, &p.country, limits))
                    .min()
                    .unwrap_or(if s.unknown.high > 0.0 {
                        Verdict::Undecided
                    } else {
                        Verdict::Fail
                    })
            }),
            plant: plants.as_ref().and_then(|s| largest(s, &s.providers)),
            seat: seats.as_ref().and_then(|s| largest(s, &s.providers)),
            firms: at.len(),
            seats: by_seat,
            origins: sorted(origins),
        });
    }
    Ok(found)
}

fn largest(supply: &Supply, providers: &[Provider]) -> Option<Largest> {
    let top = providers.iter().max_by(|a, b| {
        (a.share.value.total_cmp(&b.share.value)).then_with(|| b.country.cmp(&a.country))
    })?;
    let others = || providers.iter().filter(|p| p.country != top.country);
    let highest = |pick: fn(&Estimate) -> f64| others().map(|p| pick(&p.share)).fold(0.0, f64::max);
    let clear = if top.share.low > highest(|e| e.high).max(supply.unknown.high) {
        Verdict::Pass
    } else {
        Verdict::Undecided
    };
    Some(Largest {
        country: top.country.clone(),
        share: top.share,
        clear,
    })
}

/// Whether `who` depends on `on` at a node; undecided where nothing is recorded.
fn depends(
    graph: &ChainGraph,
    i: usize,
    who: &Country,
    on: &Country,
    limits: &MustControlParams,
) -> Verdict {
    let held = at_least(share_at(graph, i, on), limits.foreign_share).verdict;
    let own = match at_least(share_at(graph, i, who), limits.home_share).verdict {
        Verdict::Pass => Verdict::Fail,
        Verdict::Fail => Verdict::Pass,
        Verdict::Undecided => Verdict::Undecided,
    };
    both(held, own)
}

coded! {
    /// How two countries stand to each other.
    Balance {
        Mutual => "readings.balance.mutual",
        HomeDepends => "readings.balance.home_depends",
        OtherDepends => "readings.balance.other_depends",
        Open => "readings.balance.open",
        None => "readings.balance.none",
    }
}

/// Home and one other country, over the nodes that the targets need.
#[derive(Debug, Clone, PartialEq)]
pub struct Mutual {
    pub country: Country,
    /// Nodes at which home depends on it: certain to possible, and the certain ones by id.
    pub home_depends: (Estimate, Vec<Node>),
    /// Nodes at which it depends on home.
    pub other_depends: (Estimate, Vec<Node>),
    /// Nodes at which both depend on the same third country.
    pub common: (Estimate, Vec<Node>),
    pub balance: Balance,
    pub origins: Vec<RowRef>,
}

/// Every country that holds, or may hold, a node by the threshold; those that home depends on most first.
///
/// Only listed shares make a holder: what may hide in the rest names nobody.
pub fn mutual(
    graph: &ChainGraph,
    targets: &[Node],
    home: &Country,
    limits: &MustControlParams,
) -> Result<Vec<Mutual>, Vec<GraphProblem>> {
    let nodes: Vec<usize> = needed(graph, targets)?.into_iter().collect();
    // The listed providers that may reach the threshold, by node.
    let holders: Vec<Vec<&Provider>> = nodes
        .iter()
        .map(|i| {
            let supply = graph.nodes[*i].supply.iter();
            supply
                .flat_map(|s| &s.providers)
                .filter(|p| p.share.high >= limits.foreign_share)
                .collect()
        })
        .collect();
    let countries: BTreeSet<&Country> = holders
        .iter()
        .flatten()
        .map(|p| &p.country)
        .filter(|c| *c != home)
        .collect();
    let listed = |position: usize, c: &Country| holders[position].iter().any(|p| p.country == *c);
    let mut rows: Vec<Mutual> = countries
        .into_iter()
        .map(|other| {
            let over = |at: &dyn Fn(usize, usize) -> Verdict| -> (Estimate, Vec<Node>) {
                let verdicts: Vec<Verdict> =
                    nodes.iter().enumerate().map(|(p, i)| at(p, *i)).collect();
                let certain = nodes
                    .iter()
                    .zip(&verdicts)
                    .filter(|(_, v)| **v == Verdict::Pass)
                    .map(|(i, _)| graph.nodes[*i].node.clone())
                    .collect();
                (tally(verdicts), certain)
            };
            let on = |p: usize, i: usize, who: &Country, on: &Country| {
                if listed(p, on) {
                    depends(graph, i, who, on, limits)
                } else {
                    Verdict::Fail
                }
            };
            let home_depends = over(&|p, i| on(p, i, home, other));
            let other_depends = over(&|p, i| on(p, i, other, home));
            let common = over(&|p, i| {
                holders[p]
                    .iter()
                    .filter(|third| third.country != *home && third.country != *other)
                    .map(|third| {
                        both(
                            depends(graph, i, home, &third.country, limits),
                            depends(graph, i, other, &third.country, limits),
                        )
                    })
                    .min()
                    .unwrap_or(Verdict::Fail)
            });
            let touched = nodes.iter().enumerate().filter(|(p, i)| {
                on(*p, **i, home, other) != Verdict::Fail
                    || on(*p, **i, other, home) != Verdict::Fail
            });
            let origins = touched.flat_map(|(_, i)| origins_of(graph, *i)).collect();
            Mutual {
                country: other.clone(),
                balance: balance(home_depends.0, other_depends.0),
                home_depends,
                other_depends,
                common,
                origins: sorted(origins),
            }
        })
        .collect();
    rows.sort_by(|a, b| {
        (b.home_depends.0.value.total_cmp(&a.home_depends.0.value))
            .then_with(|| a.country.cmp(&b.country))
    });
    Ok(rows)
}

fn balance(home: Estimate, other: Estimate) -> Balance {
    match (home.low > 0.0, other.low > 0.0) {
        (true, true) => Balance::Mutual,
        (true, false) if other.high <= 0.0 => Balance::HomeDepends,
        (false, true) if home.high <= 0.0 => Balance::OtherDepends,
        (false, false) if home.high <= 0.0 && other.high <= 0.0 => Balance::None,
        _ => Balance::Open,
    }
}
