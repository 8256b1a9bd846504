//! What a chain's shares say to a planner: ability to act, control, local capacity, basic capabilities, further
//! sources, pairs of domestic suppliers and weak links.
//!
//! Every reading takes the [`ChainGraph`] (or the rows it was built from) and gives numbers with ranges, the rows
//! behind them, or "not estimated" with the reason. Shares of the world's supply stand for what a country buys; a
//! country that is not listed holds an unknown part of the rest, never zero.
//!
//! Start at [`sovereignty()`] (the card of a node), then [`control()`] (who holds it).

pub mod basics;
pub mod capacity;
pub mod concentration;
pub mod control;
pub mod held;
pub mod matching;
pub mod pairing;
pub mod shift;
pub mod sources;
pub mod sovereignty;
pub mod tree;

pub use basics::{Basic, BasicsParams, basics};
pub use capacity::{CapacityGap, capacity};
pub use control::{Balance, FirmSeat, Mutual, NodeControl, control, mutual};
pub use held::{Held, held};
pub use pairing::{Offer, Pair, Pairing, PairingParams, WeakLink, pairing};
pub use shift::{Direction, Group as ShiftGroup, Shift, shift};
pub use sources::{AddedSource, SourceParams, added_sources};
pub use sovereignty::{Ability, Card, Means, SovereigntyParams, sovereignty};
pub use tree::{Branch, tree};

use std::collections::BTreeSet;

use model::{Basis, Country, Estimate, Message, Node, Quantity, RowRef};
use serde::{Deserialize, Serialize};

use crate::graph::{Blocs, ChainGraph};
use crate::must_control::{Criterion, Verdict};
use crate::problem::GraphProblem;
use crate::supply::{Provider, Supply};

/// The settings of all readings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReadingParams {
    pub sovereignty: SovereigntyParams,
    pub basics: BasicsParams,
    pub pairing: PairingParams,
    pub sources: SourceParams,
    /// Countries that count as near in the monitor of shifts. Default: none.
    pub near: BTreeSet<Country>,
    /// Countries that count as partners there, those that are near left out. Default: none.
    pub partners: BTreeSet<Country>,
}

/// The share of a country at a node, 0..1: its row; the rows of its members where it is a bloc; else an unknown
/// part of the rest and of the blocs that it belongs to.
///
/// The value of an unlisted share is a convention: half of what is left, and no more than half of the smallest
/// listed share, because lists name the largest holders.
pub(crate) fn share_in(supply: &Supply, country: &Country, blocs: &Blocs) -> Estimate {
    if let Some(provider) = supply.provider(country) {
        return provider.share;
    }
    let rows = |wanted: &dyn Fn(&Provider) -> bool, pick: fn(&Estimate) -> f64| -> f64 {
        let rows = supply.providers.iter().filter(|p| wanted(p));
        rows.map(|p| pick(&p.share))
            .fold(0.0, |sum, share| sum + share)
    };
    let member = |p: &Provider| blocs.get(country).is_some_and(|m| m.contains(&p.country));
    let around = |p: &Provider| blocs.get(&p.country).is_some_and(|m| m.contains(country));
    let hidden = |pick: fn(&Estimate) -> f64| pick(&supply.unknown) + rows(&around, pick);
    let smallest = supply
        .providers
        .iter()
        .map(|p| p.share.value)
        .fold(hidden(|e| e.value), f64::min);
    let own = |pick: fn(&Estimate) -> f64| rows(&member, pick);
    Estimate::spanning(
        own(|e| e.value) + smallest / 2.0,
        own(|e| e.low),
        own(|e| e.high) + hidden(|e| e.high),
        basis_of(supply),
    )
    .clamped(0.0, 1.0)
}

/// The share of a country at a node of the graph, or the reason why there is none.
pub(crate) fn share_at(graph: &ChainGraph, index: usize, country: &Country) -> Quantity {
    match &graph.nodes[index].supply {
        Some(supply) => share_in(supply, country, &graph.blocs).into(),
        None => no_data(graph, index),
    }
}

pub(crate) fn no_data(graph: &ChainGraph, index: usize) -> Quantity {
    let node = graph.nodes[index].node.entity();
    Quantity::not_estimated(Message::new("chain.no_supply_data").with("node", node))
}

/// The listed foreign providers. A bloc that holds home is not foreign.
pub(crate) fn foreign<'s>(
    supply: &'s Supply,
    home: &'s Country,
    blocs: &'s Blocs,
) -> impl Iterator<Item = &'s Provider> {
    let of = |bloc: &Country, member: &Country| blocs.get(bloc).is_some_and(|m| m.contains(member));
    supply
        .providers
        .iter()
        .filter(move |p| p.country != *home && !of(&p.country, home) && !of(home, &p.country))
}

pub(crate) fn basis_of(supply: &Supply) -> Basis {
    let shares = supply.providers.iter().map(|p| p.share.basis);
    shares.fold(Basis::Derived, Basis::and)
}

/// The row of the node and those of its shares.
pub(crate) fn origins_of(graph: &ChainGraph, index: usize) -> Vec<RowRef> {
    let node = &graph.nodes[index];
    let shares = node.supply.iter().flat_map(|s| &s.providers);
    let mut origins: Vec<RowRef> = shares.flat_map(|p| p.origins.clone()).collect();
    origins.push(node.origin.clone());
    origins
}

/// The nodes that a target needs, targets included, by id.
pub(crate) fn needed(
    graph: &ChainGraph,
    targets: &[Node],
) -> Result<BTreeSet<usize>, Vec<GraphProblem>> {
    let indices = graph.indices(targets)?;
    Ok(indices
        .into_iter()
        .flat_map(|target| graph.upstream_of(target))
        .collect())
}

/// Passes when the whole range is at or above the threshold, fails when it is below, else undecided.
pub(crate) fn at_least(quantity: Quantity, threshold: f64) -> Criterion {
    let verdict = match quantity.estimate() {
        Some(e) if e.low >= threshold => Verdict::Pass,
        Some(e) if e.high < threshold => Verdict::Fail,
        _ => Verdict::Undecided,
    };
    Criterion {
        quantity,
        threshold,
        verdict,
    }
}

/// Passes when the whole range is at or below the threshold, fails when it is above, else undecided.
pub(crate) fn at_most(quantity: Quantity, threshold: f64) -> Criterion {
    let verdict = match quantity.estimate() {
        Some(e) if e.high <= threshold => Verdict::Pass,
        Some(e) if e.low > threshold => Verdict::Fail,
        _ => Verdict::Undecided,
    };
    Criterion {
        quantity,
        threshold,
        verdict,
    }
}

/// Both must hold (Kleene 1938).
pub(crate) fn both(a: Verdict, b: Verdict) -> Verdict {
    a.max(b)
}

/// A count of things that hold: certain ones at least, undecided ones at most.
pub(crate) fn tally(verdicts: impl IntoIterator<Item = Verdict>) -> Estimate {
    let (mut certain, mut possible) = (0_u32, 0_u32);
    for verdict in verdicts {
        certain += u32::from(verdict == Verdict::Pass);
        possible += u32::from(verdict != Verdict::Fail);
    }
    let (low, high) = (f64::from(certain), f64::from(possible));
    Estimate::spanning(f64::midpoint(low, high), low, high, Basis::Derived)
}

pub(crate) fn sorted(mut origins: Vec<RowRef>) -> Vec<RowRef> {
    origins.sort();
    origins.dedup();
    origins
}
