//! Which nodes upstream of the targets must be under home's control.
//!
//! Three criteria, each a number with a range and a threshold of the study:
//!
//! | criterion | number | passes when |
//! |---|---|---|
//! | `foreign_share` | share of the largest single foreign country | whole range above the threshold |
//! | `home_share` | home's own share | whole range below the threshold |
//! | `targets_stopped` | share of the targets downstream that stop without the node | whole range above the threshold |
//!
//! A range that straddles its threshold leaves the criterion undecided, and so does a number that is not
//! estimated. Verdict: `fail` when one criterion fails, `pass` when all pass, else `undecided`. After the
//! bottom-up tests of the European Commission (2021) and single-point-of-failure screening.

use model::{Basis, Country, Estimate, Message, Node, Quantity, RowRef};
use serde::{Deserialize, Serialize};

use crate::chokepoints::Actors;
use crate::chokepoints::works::{Reading, Works};
use crate::exposure::{direct_share, weakest};
use crate::graph::ChainGraph;
use crate::input::coded;
use crate::problem::GraphProblem;
use crate::stop;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MustControlParams {
    /// Default 0.5.
    pub foreign_share: f64,
    /// Default 0.2.
    pub home_share: f64,
    /// Default 0: stopping one target is enough.
    pub targets_stopped: f64,
}

impl Default for MustControlParams {
    fn default() -> Self {
        Self {
            foreign_share: 0.5,
            home_share: 0.2,
            targets_stopped: 0.0,
        }
    }
}

coded! {
    Verdict {
        Pass => "chain.verdict.pass",
        Undecided => "chain.verdict.undecided",
        Fail => "chain.verdict.fail",
    }
}

/// A criterion's number against its threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Criterion {
    pub quantity: Quantity,
    pub threshold: f64,
    pub verdict: Verdict,
}

#[derive(Debug, Clone, PartialEq)]
pub struct MustControl {
    pub node: Node,
    /// The foreign country with the largest recorded share.
    pub holder: Option<Country>,
    pub foreign_share: Criterion,
    pub home_share: Criterion,
    pub targets_stopped: Criterion,
    pub verdict: Verdict,
    /// The shares that were compared.
    pub origins: Vec<RowRef>,
}

/// Every node upstream of the targets (targets included) with its criteria; passes first, then undecided ones,
/// then failures, each by the holder's share and id.
pub fn must_control(
    graph: &ChainGraph,
    targets: &[Node],
    home: &Country,
    params: &MustControlParams,
) -> Result<Vec<MustControl>, Vec<GraphProblem>> {
    let indices = graph.indices(targets)?;
    let upstream: Vec<_> = indices.iter().map(|t| graph.upstream_of(*t)).collect();
    // Removing a node needs no share threshold, so any theta will do.
    let works = Works::new(graph, 0.5, Some(home), &Actors::as_recorded(graph));
    let mut rows: Vec<MustControl> = Vec::new();
    for i in 0..graph.nodes.len() {
        let downstream: Vec<usize> = (0..indices.len())
            .filter(|t| upstream[*t].contains(&i))
            .map(|t| indices[t])
            .collect();
        if downstream.is_empty() {
            continue;
        }
        let stopped = |reading| {
            let down = works.without_node(i, reading).down;
            let count = downstream.iter().filter(|t| down[**t]).count();
            count as f64 / downstream.len() as f64
        };
        let (low, high) = (stopped(Reading::Favourable), stopped(Reading::Unfavourable));
        let range = Estimate::spanning(f64::midpoint(low, high), low, high, Basis::Judged);
        let (holder, foreign) = largest_foreign(graph, i, home);
        let foreign_share = above(foreign, params.foreign_share);
        let home_share = below(home_quantity(graph, i, home), params.home_share);
        let targets_stopped = above(range.into(), params.targets_stopped);
        let verdicts = [
            foreign_share.verdict,
            home_share.verdict,
            targets_stopped.verdict,
        ];
        let mut origins: Vec<RowRef> = graph.nodes[i]
            .supply
            .iter()
            .flat_map(|supply| &supply.providers)
            .flat_map(|p| p.origins.clone())
            .collect();
        origins.push(graph.nodes[i].origin.clone());
        origins.sort();
        origins.dedup();
        rows.push(MustControl {
            node: graph.nodes[i].node.clone(),
            holder,
            foreign_share,
            home_share,
            targets_stopped,
            verdict: if verdicts.contains(&Verdict::Fail) {
                Verdict::Fail
            } else {
                verdicts.into_iter().max().unwrap_or(Verdict::Undecided)
            },
            origins,
        });
    }
    let share = |row: &MustControl| {
        row.foreign_share
            .quantity
            .estimate()
            .map_or(-1.0, |e| e.value)
    };
    rows.sort_by(|a, b| {
        (a.verdict.cmp(&b.verdict))
            .then(share(b).total_cmp(&share(a)))
            .then(a.node.cmp(&b.node))
    });
    Ok(rows)
}

/// The largest share of one foreign country. Unknown countries may hold more than any listed one, so the upper
/// end is at least the unknown remainder; the lower end is the largest low end.
fn largest_foreign(
    graph: &ChainGraph,
    index: usize,
    home: &Country,
) -> (Option<Country>, Quantity) {
    let node = &graph.nodes[index];
    let Some(supply) = &node.supply else {
        let reason = Message::new("chain.no_supply_data").with("node", node.node.entity());
        return (None, Quantity::not_estimated(reason));
    };
    let foreign = || supply.providers.iter().filter(|p| p.country != *home);
    let holder = foreign()
        .max_by(|a, b| {
            (a.share.value.total_cmp(&b.share.value)).then_with(|| b.country.cmp(&a.country))
        })
        .map(|p| p.country.clone());
    let max = |pick: fn(&Estimate) -> f64| foreign().fold(0.0_f64, |m, p| m.max(pick(&p.share)));
    let range = Estimate::spanning(
        max(|e| e.value),
        max(|e| e.low),
        max(|e| e.high).max(supply.unknown.high),
        weakest(graph, index),
    );
    (holder, range.into())
}

/// Home's share; where home is not listed it may be among the unknown countries.
fn home_quantity(graph: &ChainGraph, index: usize, home: &Country) -> Quantity {
    let node = &graph.nodes[index];
    let (Some(supply), Some(own)) = (&node.supply, stop::home_share(graph, index, home)) else {
        return direct_share(graph, index, home);
    };
    let hidden = if supply.provider(home).is_some() {
        0.0
    } else {
        supply.unknown.high
    };
    let high = (own.best + hidden).min(1.0);
    let value = (own.central() + hidden / 2.0).min(high);
    Estimate::spanning(value, own.worst, high, weakest(graph, index)).into()
}

pub(crate) fn above(quantity: Quantity, threshold: f64) -> Criterion {
    let verdict = match quantity.estimate() {
        Some(e) if e.low > threshold => Verdict::Pass,
        Some(e) if e.high <= threshold => Verdict::Fail,
        _ => Verdict::Undecided,
    };
    Criterion {
        quantity,
        threshold,
        verdict,
    }
}

pub(crate) fn below(quantity: Quantity, threshold: f64) -> Criterion {
    let verdict = match quantity.estimate() {
        Some(e) if e.high < threshold => Verdict::Pass,
        Some(e) if e.low >= threshold => Verdict::Fail,
        _ => Verdict::Undecided,
    };
    Criterion {
        quantity,
        threshold,
        verdict,
    }
}
