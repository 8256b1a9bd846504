//! Local capacity: does home make as much of an input as its own users of it need?
//!
//! ```text
//! need_v = home's share of what v is used for: between its smallest and its largest share over the users of v
//! gap_v  = max(0, need_v - share_v)                         shares of the world's supply
//! ```
//!
//! A user draws on `v` in proportion to its output, so a country that makes 0.4 of all cells needs 0.4 of the
//! cathodes. Links carry no quantities: how the users divide `v` is unknown, and any division gives a weighted mean
//! of their shares. The value is the plain mean, a convention. Users without shares are counted and left out. What
//! home's own demand needs of an end product is not in a chain: there the need is "not estimated".

use std::collections::BTreeSet;

use model::{Basis, Country, Estimate, Message, Node, Quantity, RowRef};

use super::{needed, origins_of, share_at, share_in, sorted};
use crate::graph::ChainGraph;
use crate::problem::GraphProblem;

#[derive(Debug, Clone, PartialEq)]
pub struct CapacityGap {
    pub node: Node,
    pub share: Quantity,
    pub need: Quantity,
    /// 0..1 of the world's supply; 0 where home makes what it needs.
    pub gap: Quantity,
    pub users: usize,
    pub users_known: usize,
    pub origins: Vec<RowRef>,
}

/// One row per node that a target needs; the largest gap first, then nodes without one by id.
pub fn capacity(
    graph: &ChainGraph,
    targets: &[Node],
    home: &Country,
) -> Result<Vec<CapacityGap>, Vec<GraphProblem>> {
    let mut rows: Vec<CapacityGap> = needed(graph, targets)?
        .into_iter()
        .map(|i| row(graph, i, home))
        .collect();
    let size = |r: &CapacityGap| r.gap.estimate().map_or(-1.0, |e| e.value);
    rows.sort_by(|a, b| {
        size(b)
            .total_cmp(&size(a))
            .then_with(|| a.node.cmp(&b.node))
    });
    Ok(rows)
}

fn row(graph: &ChainGraph, i: usize, home: &Country) -> CapacityGap {
    let node = &graph.nodes[i];
    let users: BTreeSet<usize> = node.users.iter().copied().collect();
    let shares: Vec<Estimate> = users
        .iter()
        .filter_map(|u| graph.nodes[*u].supply.as_ref())
        .map(|supply| share_in(supply, home, &graph.blocs))
        .collect();
    let need = need(&shares, || {
        let id = if users.is_empty() {
            "readings.no_users"
        } else {
            "readings.no_user_shares"
        };
        Message::new(id).with("node", node.node.entity())
    });
    let share = share_at(graph, i, home);
    let gap = match (&need, &share) {
        (Quantity::Estimated(need), Quantity::Estimated(share)) => {
            need.minus(*share).clamped(0.0, 1.0).into()
        }
        (missing @ Quantity::NotEstimated(_), _) | (_, missing) => missing.clone(),
    };
    let mut origins = origins_of(graph, i);
    for user in &users {
        origins.extend(origins_of(graph, *user));
        let links = graph.nodes[*user].inputs().filter(|l| l.index == i);
        origins.extend(links.map(|l| l.origin.clone()));
    }
    CapacityGap {
        node: node.node.clone(),
        share,
        need,
        gap,
        users: users.len(),
        users_known: shares.len(),
        origins: sorted(origins),
    }
}

fn need(shares: &[Estimate], reason: impl FnOnce() -> Message) -> Quantity {
    if shares.is_empty() {
        return Quantity::not_estimated(reason());
    }
    let mut values: Vec<f64> = shares.iter().map(|e| e.value).collect();
    values.sort_by(f64::total_cmp);
    let low = shares.iter().map(|e| e.low).fold(1.0, f64::min);
    let high = shares.iter().map(|e| e.high).fold(0.0, f64::max);
    let basis = shares.iter().fold(Basis::Derived, |b, e| b.and(e.basis));
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    Estimate::spanning(mean, low, high, basis).into()
}
