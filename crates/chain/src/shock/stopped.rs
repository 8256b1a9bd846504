//! How much of each node's own supply an event takes away, week by week.

use model::{Country, RowRef};

use super::scenario::{Event, Scenario};
use crate::bounds::{self, Tracks};
use crate::graph::{Blocs, ChainGraph};
use crate::stop::{self, Hit};
use crate::supply::Supply;

pub(crate) struct OwnLosses<'g> {
    /// By node, by week (from 0).
    pub weekly: Vec<Vec<Tracks>>,
    /// By node: the rows that are hit.
    pub rows: Vec<Vec<&'g RowRef>>,
    /// Nodes where the answer rests on the unknown remainder.
    pub from_unknown: Vec<(usize, Country)>,
}

/// A country that is not listed at the node may sit in the unknown remainder. Only an event that names the node
/// asks about it.
pub(crate) fn hidden_in_unknown(graph: &ChainGraph, node: usize, event: &Event) -> bool {
    let supply = graph.nodes[node].supply.as_ref();
    supply.is_some_and(|supply| hides(supply, &graph.blocs, event))
}

fn hides(supply: &Supply, blocs: &Blocs, event: &Event) -> bool {
    let country = event.country.as_ref().filter(|_| event.node.is_some());
    country.is_some_and(|country| hidden_in(supply, blocs, country))
}

/// Whether `country` may hold a part of what no listed country holds.
pub(crate) fn hidden_in(supply: &Supply, blocs: &Blocs, country: &Country) -> bool {
    let hit = |row: &Country| stop::hit(supply, row, country, None, blocs) > Hit::No;
    supply.unknown.high > 0.0 && !supply.providers.iter().any(|p| hit(&p.country))
}

/// Sums must not depend on the order in which events are written.
pub(crate) fn sorted(scenario: &Scenario) -> Vec<&Event> {
    let mut events: Vec<&Event> = scenario.events.iter().collect();
    events.sort_by(|a, b| {
        (&a.country, &a.node, a.start_week, a.weeks)
            .cmp(&(&b.country, &b.node, b.start_week, b.weeks))
            .then(a.severity.value.total_cmp(&b.severity.value))
            .then(a.severity.low.total_cmp(&b.severity.low))
            .then(a.severity.high.total_cmp(&b.severity.high))
    });
    events
}

pub(crate) fn own_losses<'g>(graph: &'g ChainGraph, scenario: &Scenario) -> OwnLosses<'g> {
    let events = sorted(scenario);
    let home = scenario.buyer.as_ref();
    let mut result = OwnLosses {
        weekly: Vec::with_capacity(graph.nodes.len()),
        rows: Vec::with_capacity(graph.nodes.len()),
        from_unknown: Vec::new(),
    };
    for (i, node) in graph.nodes.iter().enumerate() {
        let here: Vec<&Event> = events
            .iter()
            .copied()
            .filter(|event| event.node.as_ref().is_none_or(|n| *n == node.node))
            .collect();
        let weekly = (1..=scenario.horizon_weeks)
            .map(|week| {
                let active: Vec<&Event> = here
                    .iter()
                    .copied()
                    .filter(|event| event.active(week))
                    .collect();
                in_week(node.supply.as_ref(), &graph.blocs, &active, home)
            })
            .collect();
        let mut rows: Vec<&RowRef> = Vec::new();
        for event in &here {
            match &event.country {
                Some(country) => rows.extend(stop::hit_rows(graph, i, country, home)),
                // All providers stop: their shares only matter where the buyer's own is spared.
                None if home.is_some() => rows.extend(all_rows(node.supply.as_ref())),
                None => {}
            }
            if hidden_in_unknown(graph, i, event) {
                rows.extend(all_rows(node.supply.as_ref()));
                result
                    .from_unknown
                    .extend(event.country.clone().map(|country| (i, country)));
            }
        }
        result.weekly.push(weekly);
        result.rows.push(rows);
    }
    result
}

fn all_rows(supply: Option<&Supply>) -> impl Iterator<Item = &RowRef> {
    supply
        .into_iter()
        .flat_map(|s| s.providers.iter().flat_map(|p| &p.origins))
}

/// Providers are disjoint, so their losses add up; events that hit the same provider overlap by an unknown part.
/// `active` holds events that concern the node whose supply this is.
pub(crate) fn in_week(
    supply: Option<&Supply>,
    blocs: &Blocs,
    active: &[&Event],
    home: Option<&Country>,
) -> Tracks {
    if active.is_empty() {
        return Tracks::ZERO;
    }
    let severities = |pick: &dyn Fn(&Event) -> bool| {
        let parts: Vec<Tracks> = active
            .iter()
            .filter(|event| pick(event))
            .map(|event| Tracks::rising(event.severity))
            .collect();
        bounds::union_of(parts)
    };
    // The buyer's own part is spared; without supply data it may be anything.
    let foreign = home.map_or(Tracks::ONE, |home| {
        supply.map_or(Tracks::new(0.0, 0.0, 1.0, 1.0), |supply| {
            stop::foreign_of(supply, home, blocs)
        })
    });
    let everyone = severities(&|event| event.country.is_none()).zip(foreign, |a, b| a * b);
    let Some(supply) = supply else {
        return everyone;
    };
    let mut listed = Tracks::ZERO;
    for provider in &supply.providers {
        let hit = |event: &Event| {
            event.country.as_ref().map_or(Hit::No, |country| {
                stop::hit(supply, &provider.country, country, home, blocs)
            })
        };
        let whole = severities(&|event| hit(event) == Hit::Whole);
        let some = severities(&|event| hit(event) > Hit::No);
        let severity = bounds::between(whole, some);
        listed = listed.zip(
            Tracks::rising(provider.share).zip(severity, |share, severity| share * severity),
            |a, b| a + b,
        );
    }
    let unlisted = severities(&|event| hides(supply, blocs, event));
    let unknown = Tracks::part_of(supply.unknown);
    let named = listed.zip(unlisted.zip(unknown, |a, b| a * b), |a, b| (a + b).min(1.0));
    bounds::union_of([everyone, named])
}
