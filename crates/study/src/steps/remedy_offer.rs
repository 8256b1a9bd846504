//! What a remedy may be made of: options with the study's costs and limits.

use std::collections::BTreeSet;

use chain::remedy::{Choice, Kind};
use chain::shock::{Event, Scenario as Question};
use chain::{ChainGraph, ShockResult};
use evidence::Evidence;
use model::{Basis, Country, Estimate, Node, RowRef};

use super::reliability::recovery;
use crate::config::{Config, RemedySection};

/// What a remedy is asked with.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    pub evidence: &'a Evidence,
    pub config: &'a Config,
    pub settings: &'a RemedySection,
    pub graph: &'a ChainGraph,
}

/// What is on offer: stock of everything that falls short, a further source and capacity of the buyer's own (home's where
/// nobody is named) where the stop bites.
pub fn choices(
    desk: &Desk,
    question: &Question,
    events: &[Event],
    shocked: &ShockResult,
) -> (Vec<Choice>, Vec<RowRef>) {
    let Desk {
        evidence,
        config,
        settings,
        graph,
        ..
    } = *desk;
    let home = question.buyer.as_ref().unwrap_or(&config.study.home);
    let upstream: BTreeSet<&Node> = question
        .targets
        .iter()
        .flat_map(|target| graph.upstream(target).unwrap_or_default())
        .collect();
    let mut choices = Vec::new();
    let mut rows = Vec::new();
    let weekly = |rate: crate::config::Span| rate.assumed().map_increasing(|r| r * 52.0);
    for course in shocked.nodes.iter().filter(|c| upstream.contains(&c.node)) {
        let Some(node) = graph.get(&course.node) else {
            continue;
        };
        // Stock of an end product stands behind its own loss and does not lower it.
        if !question.targets.contains(&course.node)
            && !config.chain.shock.not_stocked.contains(&node.stage)
        {
            choices.push(Choice {
                kind: Kind::Stock,
                node: course.node.clone(),
                provider: None,
                country: None,
                fixed: Estimate::exact(0.0, Basis::Assumed),
                // A week of use held for a year.
                per_unit: settings.holding_rate.assumed(),
                most: settings.max_stock_weeks,
                ready_after: 0,
            });
        }
        let hit = |e: &Event| e.node.as_ref().is_none_or(|n| *n == course.node);
        if !question.events.iter().any(hit) {
            continue;
        }
        if let Some(country) = further_source(events, graph, node, home) {
            choices.push(Choice {
                kind: Kind::Source,
                node: course.node.clone(),
                provider: Some(country.to_string()),
                country: Some(country),
                fixed: settings.source_fixed.assumed(),
                // A year's use of the share, at the premium.
                per_unit: weekly(settings.source_premium),
                most: settings.source_max_share,
                ready_after: settings.source_ready_weeks,
            });
        }
        if let Some((weeks, found)) = recovery(evidence, config, &node.chain) {
            rows.extend(found);
            choices.push(Choice {
                kind: Kind::Home,
                node: course.node.clone(),
                provider: Some(home.to_string()),
                country: Some(home.clone()),
                fixed: settings.home_fixed.assumed(),
                per_unit: weekly(settings.home_premium),
                most: settings.home_max_share,
                ready_after: weeks.value.ceil() as u32,
            });
        }
    }
    (choices, rows)
}

/// The largest listed country, other than home, that no event names, by itself or in a bloc; none where everybody stops.
fn further_source(
    events: &[Event],
    graph: &ChainGraph,
    node: &chain::GraphNode,
    home: &Country,
) -> Option<Country> {
    let of_node = |e: &&Event| e.node.as_ref().is_none_or(|n| *n == node.node);
    if events.iter().filter(of_node).any(|e| e.country.is_none()) {
        return None;
    }
    let stops = |country: &Country| {
        let mut named = events.iter().filter_map(|e| e.country.as_ref());
        named.any(|hit| graph.overlap(hit, country))
    };
    let providers = node.supply.iter().flat_map(|s| &s.providers);
    providers
        .filter(|p| p.country != *home && !stops(&p.country))
        .max_by(|a, b| {
            let by_share = a.share.value.total_cmp(&b.share.value);
            by_share.then(b.country.cmp(&a.country))
        })
        .map(|p| p.country.clone())
}
