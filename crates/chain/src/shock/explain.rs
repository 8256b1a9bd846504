//! From courses to a result: peaks, sums, first weeks, the path to the source, and the rows used.

use std::collections::BTreeSet;

use model::{Basis, Estimate, Message, Node, RowRef};

use super::binding::stretches;
use super::course::{Courses, NEGLIGIBLE};
use super::result::{Cause, FirstWeek, NodeCourse, ShockResult, Step, TargetCourse};
use super::scenario::{Scenario, ShockParams, ThirdCountries};
use super::stopped::OwnLosses;
use crate::bounds::{self, Tracks};
use crate::exposure::weakest;
use crate::graph::{ChainGraph, Input};
use crate::input::{Essential, Relation};

pub(crate) fn assemble(
    graph: &ChainGraph,
    scenario: &Scenario,
    params: &ShockParams,
    own: &OwnLosses,
    courses: &Courses,
) -> ShockResult {
    let targets: Vec<usize> = scenario
        .targets
        .iter()
        .filter_map(|t| graph.index(t))
        .collect();
    let lineages: Vec<Lineage> = targets
        .iter()
        .map(|t| lineage(graph, own, courses, *t))
        .collect();
    let assumed = assumptions(scenario, params);
    let course = |target: usize, lineage: &Lineage| {
        let basis = lineage.basis.and(assumed);
        let tracks = &courses.loss[target];
        TargetCourse {
            target: graph.nodes[target].node.clone(),
            weeks: tracks.iter().map(|t| t.estimate(basis)).collect(),
            first_week: first_week(tracks),
            peak: largest_week(tracks, basis),
            cumulative: sum(tracks).estimate(basis),
            reason: no_loss_reason(graph, own, target),
            path: path(graph, own, courses, target, basis),
            binding: stretches(graph, &own.weekly, courses, target, basis),
            origins: lineage.origins.iter().cloned().collect(),
        }
    };
    let upstream: BTreeSet<usize> = targets.iter().flat_map(|t| graph.upstream_of(*t)).collect();
    let nodes = (0..graph.nodes.len())
        .filter(|i| peak(&courses.loss[*i]).worst > NEGLIGIBLE)
        .map(|i| {
            node_course(
                graph,
                courses,
                i,
                lineage(graph, own, courses, i).basis.and(assumed),
            )
        })
        .collect();
    ShockResult {
        id: scenario.id.clone(),
        targets: targets
            .iter()
            .zip(&lineages)
            .map(|(t, l)| course(*t, l))
            .collect(),
        nodes,
        notes: notes(graph, scenario, params, own, &upstream),
        coverage_gaps: upstream
            .iter()
            .filter(|i| graph.nodes[**i].supply.is_none())
            .map(|i| graph.nodes[*i].node.clone())
            .collect(),
        origins: lineages
            .iter()
            .flat_map(|lineage| lineage.origins.iter().cloned())
            .collect::<BTreeSet<RowRef>>()
            .into_iter()
            .collect(),
    }
}

fn peak(tracks: &[Tracks]) -> Tracks {
    tracks.iter().fold(Tracks::ZERO, |m, t| m.zip(*t, f64::max))
}

/// The largest weekly loss; its value is the largest central one, which no single week need share with the bounds.
fn largest_week(tracks: &[Tracks], basis: Basis) -> Estimate {
    let central = tracks.iter().map(Tracks::central).fold(0.0, f64::max);
    let Tracks { best, worst, .. } = peak(tracks);
    Estimate::spanning(central, best, worst, basis)
}

fn sum(tracks: &[Tracks]) -> Tracks {
    tracks
        .iter()
        .fold(Tracks::ZERO, |s, t| s.zip(*t, |a, b| a + b))
}

fn first_week(tracks: &[Tracks]) -> FirstWeek {
    let first = |pick: fn(&Tracks) -> f64| {
        tracks
            .iter()
            .position(|t| pick(t) > NEGLIGIBLE)
            .map(|week| week as u32 + 1)
    };
    FirstWeek {
        worst: first(|t| t.worst),
        central: first(Tracks::central),
        best: first(|t| t.best),
    }
}

/// The weakest basis among what the scenario itself states.
fn assumptions(scenario: &Scenario, params: &ShockParams) -> Basis {
    let severities = scenario.events.iter().map(|event| event.severity.basis);
    let stocks = (scenario.stocks.values())
        .chain(scenario.stage_stocks.values())
        .chain([&scenario.default_stock, &params.tool_life_years])
        .map(|stock| stock.basis);
    severities.chain(stocks).fold(Basis::Derived, Basis::and)
}

fn node_course(graph: &ChainGraph, courses: &Courses, i: usize, basis: Basis) -> NodeCourse {
    let tracks = &courses.loss[i];
    NodeCourse {
        node: graph.nodes[i].node.clone(),
        weeks: tracks.iter().map(|t| t.estimate(basis)).collect(),
        first_week: first_week(tracks),
        peak: largest_week(tracks, basis),
        cumulative: sum(tracks).estimate(basis),
        stock_start: courses.stock_start[i].estimate(basis),
        stock_left: courses.stock_left[i].estimate(basis),
        passed_on: sum(&courses.short[i]).estimate(basis),
    }
}

struct Lineage {
    origins: BTreeSet<RowRef>,
    basis: Basis,
}

/// Rows of the stopped providers and of the links that carry a loss to `target` in some week.
fn lineage(graph: &ChainGraph, own: &OwnLosses, courses: &Courses, target: usize) -> Lineage {
    let mut found = Lineage {
        origins: BTreeSet::new(),
        basis: Basis::Derived,
    };
    let mut seen = BTreeSet::from([target]);
    let mut open = vec![target];
    while let Some(i) = open.pop() {
        if peak(&own.weekly[i]).worst > 0.0 {
            found.origins.extend(own.rows[i].iter().copied().cloned());
            if !own.rows[i].is_empty() {
                found.basis = found.basis.and(weakest(graph, i));
            }
        }
        for input in graph.nodes[i].inputs() {
            let carries = (0..courses.loss[i].len())
                .any(|week| courses.lacking(input, week).worst > NEGLIGIBLE);
            if carries {
                found.origins.insert(input.origin.clone());
                if seen.insert(input.index) {
                    open.push(input.index);
                }
            }
        }
    }
    found
}

fn no_loss_reason(graph: &ChainGraph, own: &OwnLosses, target: usize) -> Option<Message> {
    let hit = |i: &usize| peak(&own.weekly[*i]).worst > 0.0;
    if graph.upstream_of(target).iter().any(hit) {
        return None;
    }
    let nothing_stops = !(0..graph.nodes.len()).any(|i| hit(&i));
    let id = if nothing_stops {
        "shock.nothing_stops"
    } else {
        "shock.not_downstream"
    };
    Some(Message::new(id).with("node", graph.nodes[target].node.entity()))
}

/// Follows what takes most, from the target's peak week to the source. Central numbers decide, or the worst ones
/// where the central track loses nothing.
fn path(
    graph: &ChainGraph,
    own: &OwnLosses,
    courses: &Courses,
    target: usize,
    basis: Basis,
) -> Vec<Step> {
    let pick: fn(&Tracks) -> f64 = if peak(&courses.loss[target]).central() > NEGLIGIBLE {
        Tracks::central
    } else {
        |t| t.worst
    };
    let mut steps = Vec::new();
    let mut at = target;
    let mut until = courses.loss[target].len();
    loop {
        // The first week with the largest loss so far: a tool's shortage shows at its users later on.
        let mut week = 0;
        for w in 0..until {
            if pick(&courses.loss[at][w]) > pick(&courses.loss[at][week]) + NEGLIGIBLE {
                week = w;
            }
        }
        if pick(&courses.loss[at][week]) <= NEGLIGIBLE {
            return steps;
        }
        let lacking = |input: &&Input| pick(&courses.lacking(input, week));
        let mut largest = pick(&own.weekly[at][week]);
        let mut binding = None;
        for group in &graph.nodes[at].groups {
            let lack = bounds::alternatives(
                group
                    .alternatives
                    .iter()
                    .map(|input| courses.lacking(input, week)),
            );
            if pick(&lack) > largest {
                largest = pick(&lack);
                binding = Some(group);
            }
        }
        steps.push(Step {
            node: graph.nodes[at].node.clone(),
            week: week as u32 + 1,
            loss: courses.loss[at][week].estimate(basis),
            cause: binding.map_or(Cause::Own, |group| {
                Cause::Inputs(group.alternatives.iter().map(|u| u.node.clone()).collect())
            }),
        });
        let Some(next) = binding.and_then(|group| {
            let inputs = group.alternatives.iter();
            inputs.max_by(|a, b| lacking(a).total_cmp(&lacking(b)).then(b.node.cmp(&a.node)))
        }) else {
            return steps;
        };
        at = next.index;
        until = week + 1;
    }
}

fn notes(
    graph: &ChainGraph,
    scenario: &Scenario,
    params: &ShockParams,
    own: &OwnLosses,
    upstream: &BTreeSet<usize>,
) -> Vec<Message> {
    let mut notes = vec![Message::new("shock.note.stocks")];
    for (i, country) in &own.from_unknown {
        let node = &graph.nodes[*i];
        let remainder = node
            .supply
            .as_ref()
            .map_or(1.0, |supply| supply.unknown.high);
        notes.push(
            Message::new("shock.note.unknown_remainder")
                .with("country", country.entity())
                .with("node", node.node.entity())
                .with("remainder", remainder),
        );
    }
    let uses = |relation| {
        let inputs = upstream.iter().flat_map(|i| graph.nodes[*i].inputs());
        inputs.into_iter().any(|input| input.relation == relation)
    };
    if uses(Relation::ToolFor) {
        let life = params.tool_life_years;
        notes.push(
            Message::new("shock.note.tools")
                .with("low", life.low)
                .with("high", life.high),
        );
    }
    let optional: Vec<Node> = upstream
        .iter()
        .flat_map(|i| &graph.nodes[*i].groups)
        .filter(|group| group.essential == Essential::No)
        .flat_map(|group| group.alternatives.iter().map(|u| u.node.clone()))
        .collect::<BTreeSet<Node>>()
        .into_iter()
        .collect();
    if !optional.is_empty() {
        let list: Vec<model::Entity> = optional.iter().map(Node::entity).collect();
        notes.push(Message::new("shock.note.optional").with("nodes", list));
    }
    if let Some(buyer) = &scenario.buyer {
        let id = match params.third_countries {
            ThirdCountries::MayDeliver => "shock.note.buyer",
            ThirdCountries::Follow => "shock.note.buyer_follow",
        };
        notes.push(Message::new(id).with("country", buyer.entity()));
    }
    let gaps = upstream
        .iter()
        .filter(|i| graph.nodes[**i].supply.is_none())
        .count();
    if gaps > 0 {
        notes.push(
            Message::new("shock.note.coverage")
                .with("gaps", gaps)
                .with("upstream", upstream.len()),
        );
    }
    notes
}
