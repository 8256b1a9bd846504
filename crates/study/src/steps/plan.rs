//! What the plan buys: home's new capacity, and the scenarios asked again with it.

use std::collections::BTreeMap;

use chain::shock::TargetCourse;
use chain::{Addition, ChainGraph, exposure, with_added_supply};
use model::{
    Basis, Cell, Entity, Estimate, Field, Kind, Message, Node, Origin, Quantity, Refusal,
    ResultTable, RowRef,
};
use serde_json::{Value, json};

use super::chain::targets;
use super::shock::{ask, course_origins, on_chains};
use super::{laid_out, parameters};
use crate::config::Config;
use crate::engine::output::{StepOutput, entity, estimate, quantity};
use crate::engine::step::Context;
use crate::inputs::chain::{chains, graph};
use crate::scenario::Scenario;

pub fn params(config: &Config, scenarios: &[Scenario]) -> Value {
    json!({
        "home": config.study.home, "ranges": config.ranges, "plan": config.plan, "scenarios": scenarios,
        "chain": {
            "exclude": config.chain.exclude, "graph": config.chain.graph, "shock": config.chain.shock,
        },
    })
}

pub fn run(context: &Context) -> StepOutput {
    let config = context.config;
    let Ok(before) = graph(context.evidence, config) else {
        // chain.exposure reports what is wrong with the graph.
        return StepOutput::default();
    };
    let mut output = StepOutput::default();
    let (capacity, additions) = capacity(context, &before);
    output.tables.push(capacity);
    if additions.is_empty() {
        output.refusals.push(Refusal {
            code: "plan.no_capacity".to_owned(),
            question: Message::new("plan.question"),
            reason: Message::new("plan.no_capacity"),
            needed: Message::new("plan.no_capacity.needed"),
        });
        return output;
    }
    let after = match with_added_supply(&before, &additions) {
        Ok(after) => after,
        Err(problems) => {
            output.refusals.extend(super::chain::broken(&problems));
            return output;
        }
    };
    output
        .tables
        .push(effect(context, &before, &after, &additions));
    output
        .tables
        .push(home(context, &before, &after, &additions));
    output
}

/// For each industry of the plan, the worst necks of its chains that have shares on record.
fn capacity(context: &Context, graph: &ChainGraph) -> (ResultTable, Vec<Addition>) {
    let config = context.config;
    let mut table = ResultTable::new(
        "plan.capacity",
        "plan-effect",
        "home's added share of the supply that home draws on at the node, once the industry's capacity stage is done",
        &[
            ("node", ""),
            ("industry", ""),
            ("added_share", "share"),
            ("ready", "year"),
        ],
    );
    let layout = context.table("layout.regions");
    let necks = context.table("foundation.necks");
    let milestones = context.table("layout.milestones");
    let industries = laid_out(&layout);
    let share = config.plan.added_share.assumed();
    // A chain that serves several industries is built by the first that it names.
    let info = chains(context.evidence, config);
    let serves: BTreeMap<&str, &str> = info
        .values()
        .filter_map(|i| {
            let first = i.fields.iter().find(|f| industries.contains(&f.as_str()))?;
            Some((i.chain.as_str(), first.as_str()))
        })
        .collect();
    let mut chosen: BTreeMap<String, Addition> = BTreeMap::new();
    for industry in industries.iter().copied() {
        let mut taken = 0;
        for row in worst_first(context, &necks) {
            if taken == config.plan.nodes_per_industry {
                break;
            }
            let Some(Cell::Entity(subject)) = necks.column("subject").map(|i| &row.cells[i]) else {
                continue;
            };
            let wanted = subject.kind == Kind::Node
                && entity(&necks, row, "chain")
                    .is_some_and(|chain| serves.get(chain) == Some(&industry))
                && entity(&necks, row, "verdict") != Some("verdict.no_neck")
                && !chosen.contains_key(&subject.id);
            let node: Node = subject.id.as_str().into();
            // Without shares on record nobody can say what an added share changes.
            if !wanted || graph.get(&node).is_none_or(|n| n.supply.is_none()) {
                continue;
            }
            taken += 1;
            chosen.insert(
                subject.id.clone(),
                Addition {
                    node: node.clone(),
                    country: config.study.home.clone(),
                    share,
                    origin: RowRef::new("plan.capacity", subject.id.clone()),
                },
            );
            let mut origins = vec![
                Origin::Result(RowRef::new("foundation.necks", row.key.clone())),
                Origin::Result(RowRef::new("chain.node_reach", row.key.clone())),
                Origin::Result(RowRef::new("layout.milestones", industry)),
            ];
            origins.extend(parameters(&["plan.added_share", "plan.nodes_per_industry"]));
            table.push(
                subject.id.clone(),
                vec![
                    subject.clone().into(),
                    Field::from(industry).entity().into(),
                    share.into(),
                    milestones
                        .row(industry)
                        .and_then(|row| quantity(&milestones, row, "p50"))
                        .unwrap_or_else(|| Quantity::not_estimated(Message::new("plan.no_date")))
                        .into(),
                ],
                origins,
            );
        }
    }
    (table, chosen.into_values().collect())
}

/// Rows of the necks: proven before open, then by the share of all end products that stop, then by the largest
/// foreign share.
fn worst_first<'t>(context: &Context, necks: &'t ResultTable) -> Vec<&'t model::Row> {
    let reach = context.table("chain.node_reach");
    let mut rows: Vec<&model::Row> = necks.rows.iter().collect();
    let rank = |row: &model::Row| {
        let proven = entity(necks, row, "verdict") == Some("verdict.neck");
        let stops = reach
            .row(&row.key)
            .and_then(|r| estimate(&reach, r, "all_chains"));
        let share = estimate(necks, row, "monopoly");
        (
            proven,
            stops.map_or(0.0, |e| e.value),
            share.map_or(0.0, |e| e.value),
        )
    };
    rows.sort_by(|a, b| {
        let (x, y) = (rank(a), rank(b));
        y.0.cmp(&x.0)
            .then_with(|| y.1.total_cmp(&x.1))
            .then_with(|| y.2.total_cmp(&x.2))
            .then_with(|| a.key.cmp(&b.key))
    });
    rows
}

fn added(additions: &[Addition]) -> Vec<Origin> {
    additions
        .iter()
        .map(|a| Origin::Result(a.origin.clone()))
        .collect()
}

/// Reading by reading: what the plan takes off the best, the central and the worst track.
fn change(before: Estimate, after: Estimate) -> Estimate {
    Estimate::spanning(
        before.value - after.value,
        before.low - after.low,
        before.high - after.high,
        Basis::Assumed,
    )
}

fn effect(
    context: &Context,
    before: &ChainGraph,
    after: &ChainGraph,
    additions: &[Addition],
) -> ResultTable {
    let config = context.config;
    let chains = chains(context.evidence, config);
    let mut table = ResultTable::new(
        "plan.effect",
        "plan-effect",
        "the scenario on the chain with the plan's capacity; reduction compares best with best and worst with worst",
        &[
            ("scenario", ""),
            ("target", ""),
            ("peak_before", "share"),
            ("peak_after", "share"),
            ("peak_reduction", "share"),
            ("cumulative_before", "weeks"),
            ("cumulative_after", "weeks"),
            ("cumulative_reduction", "weeks"),
        ],
    );
    for asked in on_chains(context, before) {
        let scenario = &asked.scenario;
        // A scenario that the chains refuse is reported by chain.shock.
        let (Ok(then), Ok(now)) = (
            ask(before, &chains, scenario, &config.chain.shock),
            ask(after, &chains, scenario, &config.chain.shock),
        ) else {
            continue;
        };
        for (a, b) in then.targets.iter().zip(&now.targets) {
            debug_assert_eq!(a.target, b.target);
            let mut origins = effect_origins(scenario, a);
            origins.extend(added(additions));
            table.push(
                format!("{}/{}", scenario.id, a.target),
                vec![
                    Entity::new(Kind::Scenario, scenario.id.clone()).into(),
                    a.target.entity().into(),
                    a.peak.into(),
                    b.peak.into(),
                    change(a.peak, b.peak).into(),
                    a.cumulative.into(),
                    b.cumulative.into(),
                    change(a.cumulative, b.cumulative).into(),
                ],
                origins,
            );
        }
    }
    table
}

fn effect_origins(scenario: &Scenario, course: &TargetCourse) -> Vec<Origin> {
    let mut origins = course_origins(scenario, course);
    let key = format!("{}/{}", scenario.id, course.target);
    origins.push(Origin::Result(RowRef::new("chain.shock", key)));
    origins
}

/// What would remain of each end product if all foreign supply stopped, before and after.
fn home(
    context: &Context,
    before: &ChainGraph,
    after: &ChainGraph,
    additions: &[Addition],
) -> ResultTable {
    let config = context.config;
    let chains = chains(context.evidence, config);
    let list = targets(&chains, before);
    let nodes: Vec<Node> = list.iter().map(|(_, node)| node.clone()).collect();
    let mut table = ResultTable::new(
        "plan.home",
        "plan-effect",
        "what would remain of the product if all foreign supply stopped, without and with the plan's capacity",
        &[
            ("target", ""),
            ("chain", ""),
            ("before", "share"),
            ("after", "share"),
            ("home_gain", "share"),
        ],
    );
    let home = Some(&config.study.home);
    let (Ok(then), Ok(now)) = (
        exposure(before, &nodes, home),
        exposure(after, &nodes, home),
    ) else {
        return table;
    };
    for ((chain, target), (a, b)) in list.iter().zip(then.targets.iter().zip(&now.targets)) {
        let key = format!("{chain}/{target}");
        let mut origins = vec![Origin::Result(RowRef::new("chain.home", key.clone()))];
        origins.extend(added(additions));
        let gain = match (a.home_alone.estimate(), b.home_alone.estimate()) {
            (Some(a), Some(b)) => change(b, a).into(),
            _ => Quantity::not_estimated(Message::new("necks.no_share")),
        };
        table.push(
            key,
            vec![
                target.entity().into(),
                chain.entity().into(),
                a.home_alone.clone().into(),
                b.home_alone.clone().into(),
                gain.into(),
            ],
            origins,
        );
    }
    table
}
