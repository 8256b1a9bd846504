//! What a plan buys: the same chain with supply added in a country.
//!
//! Shares are shares of the world's supply, so an addition displaces. With `A = sum of additions` at a node and
//! `S = sum of the old shares of the countries that gain`,
//!
//! ```text
//! gaining country k:  s_k + a_k              (scaled down together where S + A > 1)
//! any other p:        p * (1 - S - A) / (1 - S)
//! ```
//!
//! unknown countries included, so the shares keep their sum. The ranges follow from the ends of both inputs.

use std::collections::BTreeMap;

use model::{Basis, Country, Estimate, Node, RowRef};

use crate::graph::ChainGraph;
use crate::problem::GraphProblem;
use crate::supply::{Provider, Supply};

/// Supply that a plan adds, as a share of the node's world supply.
#[derive(Debug, Clone, PartialEq)]
pub struct Addition {
    pub node: Node,
    pub country: Country,
    /// Fraction 0..1.
    pub share: Estimate,
    pub origin: RowRef,
}

/// The graph after all additions at once; their order does not matter. At a node without supply data the rest
/// stays unknown.
pub fn with_added_supply(
    graph: &ChainGraph,
    additions: &[Addition],
) -> Result<ChainGraph, Vec<GraphProblem>> {
    let mut problems = Vec::new();
    let mut by_node: BTreeMap<usize, Vec<&Addition>> = BTreeMap::new();
    for addition in additions {
        match graph.index(&addition.node) {
            None => problems.push(GraphProblem::UnknownNode {
                node: addition.node.clone(),
                origin: addition.origin.clone(),
            }),
            Some(_) if addition.share.low < 0.0 || addition.share.high > 1.0 => {
                problems.push(GraphProblem::ShareOutOfRange {
                    node: addition.node.clone(),
                    country: addition.country.clone(),
                    share: addition.share.value,
                    origin: addition.origin.clone(),
                });
            }
            Some(i) => by_node.entry(i).or_default().push(addition),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut changed = graph.clone();
    for (i, mut added) in by_node {
        added.sort_by(|a, b| {
            (&a.country, &a.origin)
                .cmp(&(&b.country, &b.origin))
                .then(a.share.value.total_cmp(&b.share.value))
        });
        let node = &mut changed.nodes[i];
        let before = node.supply.take().unwrap_or_else(unknown_supply);
        node.supply = Some(displace(before, &added));
    }
    Ok(changed)
}

/// A node of which nothing was known: all of it belongs to unknown countries.
fn unknown_supply() -> Supply {
    Supply {
        group: None,
        providers: Vec::new(),
        unknown: Estimate::exact(1.0, Basis::Assumed),
        set_aside: Vec::new(),
    }
}

fn displace(mut supply: Supply, added: &[&Addition]) -> Supply {
    let mut gains: BTreeMap<Country, (Estimate, Vec<RowRef>)> = BTreeMap::new();
    for addition in added {
        let gain = gains
            .entry(addition.country.clone())
            .or_insert_with(|| (Estimate::exact(0.0, addition.share.basis), Vec::new()));
        gain.0 = gain.0.plus(addition.share);
        gain.1.push(addition.origin.clone());
    }
    for country in gains.keys() {
        if let Err(at) = supply
            .providers
            .binary_search_by(|p| p.country.cmp(country))
        {
            let provider = Provider {
                country: country.clone(),
                share: Estimate::exact(0.0, Basis::Derived),
                origins: Vec::new(),
            };
            supply.providers.insert(at, provider);
        }
    }
    let sum = |pick: fn(&Estimate) -> f64| {
        let of_gainers = supply
            .providers
            .iter()
            .filter(|p| gains.contains_key(&p.country));
        let old: f64 = of_gainers.map(|p| pick(&p.share)).sum();
        let new: f64 = gains.values().map(|(gain, _)| pick(gain)).sum();
        (old.min(1.0), new)
    };
    // Falls with both the old and the added share.
    let kept = |(old, new): (f64, f64)| {
        if old + new >= 1.0 {
            0.0
        } else {
            (1.0 - old - new) / (1.0 - old)
        }
    };
    let central = sum(|e| e.value);
    let high = sum(|e| e.high);
    let factor = Estimate::spanning(
        kept(central),
        kept(high),
        kept(sum(|e| e.low)),
        Basis::Derived,
    );
    let scale = (1.0 / (central.0 + central.1)).min(1.0);
    let crowded = (high.0 + high.1).max(1.0);
    for provider in &mut supply.providers {
        provider.share = if let Some((gain, origins)) = gains.get(&provider.country) {
            provider.origins.extend(origins.iter().cloned());
            let share = provider.share.plus(*gain);
            let basis = provider.share.basis.and(gain.basis);
            let low = share.low / crowded;
            Estimate::spanning(share.value * scale, low, share.high.min(1.0), basis)
        } else {
            provider.share.times(factor).clamped(0.0, 1.0)
        };
    }
    supply.unknown = supply.unknown.times(factor).clamped(0.0, 1.0);
    supply
}
