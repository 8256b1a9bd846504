//! Which recorded shares a stop of countries hits.
//!
//! Sources list `EU` beside single countries. A stop of the bloc hits its members' rows; a stop of a member hits
//! an unknown part of the bloc's row, unless the member has a row of its own there (the bloc's row then reads as
//! the rest of the bloc). Home's own supply never stops.

use model::{Country, RowRef};

use crate::bounds::Tracks;
use crate::graph::{Blocs, ChainGraph};
use crate::supply::Supply;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Hit {
    No,
    /// An unknown part of the row, 0..1.
    Part,
    Whole,
}

/// How a stop of `country` hits the row `row` of `supply`.
pub(crate) fn hit(
    supply: &Supply,
    row: &Country,
    country: &Country,
    home: Option<&Country>,
    blocs: &Blocs,
) -> Hit {
    let within = |member: &Country, bloc: &Country| {
        blocs
            .get(bloc)
            .is_some_and(|members| members.contains(member))
    };
    let listed = |c: &Country| supply.provider(c).is_some();
    let spared = home.is_some_and(|home| row == home || country == home || within(row, home));
    if spared {
        Hit::No
    } else if row == country {
        let holds_home = home.is_some_and(|home| within(home, row) && !listed(home));
        if holds_home { Hit::Part } else { Hit::Whole }
    } else if within(row, country) {
        Hit::Whole
    } else if within(country, row) && !listed(country) {
        Hit::Part
    } else {
        Hit::No
    }
}

/// The part of the supply that stops with `hits` (one per provider).
pub(crate) fn lost(supply: &Supply, hits: impl Iterator<Item = Hit>) -> Tracks {
    let sum =
        supply
            .providers
            .iter()
            .zip(hits)
            .fold(Tracks::ZERO, |sum, (provider, hit)| match hit {
                Hit::No => sum,
                Hit::Whole => sum.zip(Tracks::rising(provider.share), |a, b| a + b),
                Hit::Part => {
                    let part = Tracks::part_of(provider.share);
                    sum.zip(part, |a, b| a + b)
                }
            });
    sum.map(|loss| loss.min(1.0))
}

/// The share of `home`: its row, or an unknown part of a bloc's row. `None` where the node has no supply data.
/// Falls towards the worst track (a small own share is bad).
pub(crate) fn home_share(graph: &ChainGraph, index: usize, home: &Country) -> Option<Tracks> {
    let supply = graph.nodes[index].supply.as_ref()?;
    Some(home_of(supply, home, &graph.blocs))
}

/// The share of `home` in `supply`.
pub(crate) fn home_of(supply: &Supply, home: &Country, blocs: &Blocs) -> Tracks {
    let hits = supply
        .providers
        .iter()
        .map(|p| hit(supply, &p.country, home, None, blocs));
    lost(supply, hits).reversed()
}

/// What is lost when all foreign supply stops: everything but home's share. Unknown countries are foreign where
/// home has a row; otherwise home may be among them. `None` where the node has no supply data.
pub(crate) fn foreign_share(graph: &ChainGraph, index: usize, home: &Country) -> Option<Tracks> {
    let supply = graph.nodes[index].supply.as_ref()?;
    Some(foreign_of(supply, home, &graph.blocs))
}

/// The share of everyone but `home` in `supply`.
pub(crate) fn foreign_of(supply: &Supply, home: &Country, blocs: &Blocs) -> Tracks {
    let own = home_of(supply, home, blocs);
    let hidden = if supply.provider(home).is_some() {
        Tracks::ZERO
    } else {
        Tracks::part_of(supply.unknown).reversed()
    };
    own.zip(hidden, |own, hidden| (1.0 - own - hidden).max(0.0))
}

/// Rows of `index` that a stop of `country` hits.
pub(crate) fn hit_rows<'g>(
    graph: &'g ChainGraph,
    index: usize,
    country: &Country,
    home: Option<&Country>,
) -> Vec<&'g RowRef> {
    let Some(supply) = &graph.nodes[index].supply else {
        return Vec::new();
    };
    supply
        .providers
        .iter()
        .filter(|p| hit(supply, &p.country, country, home, &graph.blocs) > Hit::No)
        .flat_map(|p| &p.origins)
        .collect()
}
