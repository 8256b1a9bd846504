//! Technological sovereignty of a node, read as the ability to act, not as autarky.
//!
//! March and Schieferdecker (2023), Edler et al. (2020): a country is sovereign in a technology when it can provide
//! it itself **or** draw on others without one-sided dependence. Four numbers with ranges, each against a threshold:
//!
//! ```text
//! own      home's share of the supply                                       at least own_from
//! access   share of the foreign supply held by countries with access        at least access_from
//! sources  foreign countries with access that hold source_from or more      at least sources_from
//! years    years to substitute (reference classes)                          at most years_within
//!
//! able = own  or  (access and sources)  or  years           (three-valued, Kleene 1938)
//! ```
//!
//! A country without a plant of its own but with three accessible suppliers is able to act; one that is left out of a
//! published list is neither trusted nor barred. Countries whose access is in doubt (a published chokepoint names
//! them) and unlisted ones count in the high end only.

use std::collections::{BTreeMap, BTreeSet};

use model::{Country, Estimate, Message, Node, Quantity, RowRef};
use serde::{Deserialize, Serialize};

use super::concentration::{sources, supply_hhi};
use super::{
    at_least, at_most, basis_of, both, foreign, needed, no_data, origins_of, share_at, sorted,
};
use crate::graph::ChainGraph;
use crate::input::coded;
use crate::must_control::{Criterion, Verdict};
use crate::problem::GraphProblem;
use crate::supply::{Provider, Supply};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SovereigntyParams {
    /// Default 0.2, as in the test of nodes to control.
    pub own_from: f64,
    /// Default 0.5.
    pub access_from: f64,
    /// Share of the supply from which on a country is a source. Default 0.05.
    pub source_from: f64,
    /// Default 3.
    pub sources_from: f64,
    /// Default 1.5.
    pub years_within: f64,
    /// Countries that do not supply home. Default: none.
    pub denied: BTreeSet<Country>,
}

impl Default for SovereigntyParams {
    fn default() -> Self {
        Self {
            own_from: 0.2,
            access_from: 0.5,
            source_from: 0.05,
            sources_from: 3.0,
            years_within: 1.5,
            denied: BTreeSet::new(),
        }
    }
}

coded! {
    /// How home is able to act at a node.
    Ability {
        Own => "readings.ability.own",
        Access => "readings.ability.access",
        Time => "readings.ability.time",
        Open => "readings.ability.open",
        Exposed => "readings.ability.exposed",
    }
}

/// What is known about a node beside its shares.
#[derive(Debug, Clone, PartialEq)]
pub struct Means {
    /// Countries whose access is in doubt here.
    pub doubtful: BTreeSet<Country>,
    /// Years to substitute.
    pub years: Quantity,
    pub origins: Vec<RowRef>,
}

/// The sovereignty card of a node.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    pub node: Node,
    pub own: Criterion,
    pub access: Criterion,
    pub sources: Criterion,
    pub years: Criterion,
    /// Sum of squared shares of the whole supply.
    pub concentration: Quantity,
    pub ability: Ability,
    /// What would change it, one line per criterion that decides.
    pub would_change: Vec<Message>,
    pub origins: Vec<RowRef>,
}

/// One card per node that a target needs; the exposed ones first, then open ones, by home's share and id.
pub fn sovereignty(
    graph: &ChainGraph,
    targets: &[Node],
    home: &Country,
    means: &BTreeMap<Node, Means>,
    params: &SovereigntyParams,
) -> Result<Vec<Card>, Vec<GraphProblem>> {
    let mut cards: Vec<Card> = needed(graph, targets)?
        .into_iter()
        .map(|i| card(graph, i, home, means.get(&graph.nodes[i].node), params))
        .collect();
    let own = |c: &Card| c.own.quantity.estimate().map_or(2.0, |e| e.value);
    cards.sort_by(|a, b| {
        (b.ability.cmp(&a.ability))
            .then(own(a).total_cmp(&own(b)))
            .then(a.node.cmp(&b.node))
    });
    Ok(cards)
}

fn card(
    graph: &ChainGraph,
    i: usize,
    home: &Country,
    means: Option<&Means>,
    params: &SovereigntyParams,
) -> Card {
    let none = BTreeSet::new();
    let doubtful = means.map_or(&none, |m| &m.doubtful);
    let supply = graph.nodes[i].supply.as_ref();
    let own = at_least(share_at(graph, i, home), params.own_from);
    let held = supply.map(|s| Access::of(graph, s, home, doubtful, &params.denied));
    let access = at_least(
        held.as_ref()
            .map_or_else(|| no_data(graph, i), |a| a.share(graph, i)),
        params.access_from,
    );
    let number = held.as_ref().map_or_else(
        || no_data(graph, i),
        |a| a.number(params.source_from).into(),
    );
    let sources = at_least(number, params.sources_from);
    let years = at_most(
        means.map_or_else(
            || Quantity::not_estimated(Message::new("readings.no_years")),
            |m| m.years.clone(),
        ),
        params.years_within,
    );
    let concentration = supply.map_or_else(
        || no_data(graph, i),
        |s| {
            let shares: Vec<Estimate> = s.providers.iter().map(|p| p.share).collect();
            supply_hhi(&shares, s.unknown).into()
        },
    );
    let ways = [
        (Ability::Own, own.verdict),
        (Ability::Access, both(access.verdict, sources.verdict)),
        (Ability::Time, years.verdict),
    ];
    let ability = if let Some((way, _)) = ways.iter().find(|(_, v)| *v == Verdict::Pass) {
        *way
    } else if ways.iter().all(|(_, v)| *v == Verdict::Fail) {
        Ability::Exposed
    } else {
        Ability::Open
    };
    let mut origins = origins_of(graph, i);
    origins.extend(means.iter().flat_map(|m| m.origins.clone()));
    Card {
        node: graph.nodes[i].node.clone(),
        would_change: would_change(ability, [&own, &access, &sources, &years]),
        own,
        access,
        sources,
        years,
        concentration,
        ability,
        origins: sorted(origins),
    }
}

/// The foreign supply by access.
struct Access<'g> {
    supply: &'g Supply,
    open: Vec<&'g Provider>,
    doubtful: Vec<&'g Provider>,
    denied: Vec<&'g Provider>,
}

impl<'g> Access<'g> {
    fn of(
        graph: &'g ChainGraph,
        supply: &'g Supply,
        home: &'g Country,
        doubtful: &BTreeSet<Country>,
        denied: &BTreeSet<Country>,
    ) -> Self {
        let mut found = Self {
            supply,
            open: Vec::new(),
            doubtful: Vec::new(),
            denied: Vec::new(),
        };
        // A bloc is in doubt with one of its members.
        let names = |set: &BTreeSet<Country>, row: &Country| {
            set.contains(row)
                || graph
                    .blocs
                    .get(row)
                    .is_some_and(|m| m.iter().any(|c| set.contains(c)))
        };
        for provider in foreign(supply, home, &graph.blocs) {
            if denied.contains(&provider.country) {
                found.denied.push(provider);
            } else if names(doubtful, &provider.country) || names(denied, &provider.country) {
                found.doubtful.push(provider);
            } else {
                found.open.push(provider);
            }
        }
        found
    }

    /// Share of the foreign supply with access: doubtful and unlisted holders count half in the value (a
    /// convention), not in the low end, and in the high end.
    fn share(&self, graph: &ChainGraph, i: usize) -> Quantity {
        let sum = |rows: &[&Provider], pick: fn(&Estimate) -> f64| -> f64 {
            rows.iter().fold(0.0, |sum, p| sum + pick(&p.share))
        };
        let unknown = self.supply.unknown;
        let ratio = |yes: f64, no: f64| (yes + no > 0.0).then(|| yes / (yes + no));
        let low = ratio(
            sum(&self.open, |e| e.low),
            sum(&self.doubtful, |e| e.high) + sum(&self.denied, |e| e.high) + unknown.high,
        );
        let high = ratio(
            sum(&self.open, |e| e.high) + sum(&self.doubtful, |e| e.high) + unknown.high,
            sum(&self.denied, |e| e.low),
        );
        let half = f64::midpoint(sum(&self.doubtful, |e| e.value), unknown.value);
        let value = ratio(
            sum(&self.open, |e| e.value) + half,
            sum(&self.denied, |e| e.value) + half,
        );
        match (value, low, high) {
            (Some(value), Some(low), Some(high)) => {
                Estimate::spanning(value, low, high, basis_of(self.supply)).into()
            }
            _ => Quantity::not_estimated(
                Message::new("readings.no_foreign").with("node", graph.nodes[i].node.entity()),
            ),
        }
    }

    fn number(&self, from: f64) -> Estimate {
        let shares = |rows: &[&Provider]| rows.iter().map(|p| p.share).collect::<Vec<_>>();
        let sure = sources(&shares(&self.open), self.supply.unknown, from);
        let nothing = Estimate::exact(0.0, sure.basis);
        let doubt = sources(&shares(&self.doubtful), nothing, from);
        Estimate::spanning(sure.value, sure.low, sure.high + doubt.high, sure.basis)
    }
}

const CRITERIA: [&str; 4] = ["own", "access", "sources", "years"];

/// An ability that stands ends when its own criterion falls; one that is missing is gained by any that is reached.
fn would_change(ability: Ability, criteria: [&Criterion; 4]) -> Vec<Message> {
    let standing: &[usize] = match ability {
        Ability::Own => &[0],
        Ability::Access => &[1, 2],
        Ability::Time => &[3],
        Ability::Open | Ability::Exposed => &[],
    };
    let line = |i: usize, id: &str| {
        Message::new(id)
            .with(
                "criterion",
                Message::new(format!("readings.criterion.{}", CRITERIA[i])),
            )
            .with("threshold", criteria[i].threshold)
    };
    if !standing.is_empty() {
        return standing
            .iter()
            .filter_map(|i| {
                let e = criteria[*i].quantity.estimate()?;
                let now = if *i == 3 { e.high } else { e.low };
                Some(line(*i, "readings.change.ends").with("now", now))
            })
            .collect();
    }
    (0..4)
        .filter(|i| criteria[*i].verdict != Verdict::Pass)
        .map(|i| match &criteria[i].quantity {
            Quantity::Estimated(e) => line(i, "readings.change.gains")
                .with("low", e.low)
                .with("high", e.high),
            Quantity::NotEstimated(reason) => {
                line(i, "readings.change.evidence").with("reason", reason.clone())
            }
        })
        .collect()
}
