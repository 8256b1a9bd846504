//! Stuck necks among the chain nodes and the published chokepoints.

use std::collections::{BTreeMap, BTreeSet};

use chain::{ChainGraph, GraphNode};
use evidence::Record;
use foundation::necks::{Attribute, Candidate, Neck, gap_and_monopoly, judge};
use model::{
    Basis, Cell, Entity, Estimate, Field, Kind, Message, Origin, Quantity, Refusal, ResultTable,
    RowRef,
};
use serde_json::{Value, json};

use super::{code, parameters};
use crate::config::{Config, Span};
use crate::engine::output::{StepOutput, estimate};
use crate::engine::step::Context;
use crate::inputs::chain::{ChainInfo, chains, graph};
use crate::inputs::{durations, rows};
use crate::scenario::Scenario;

pub fn params(config: &Config, _: &[Scenario]) -> Value {
    json!({
        "home": config.study.home, "necks": config.necks, "ranges": config.ranges,
        "chain": { "exclude": config.chain.exclude, "graph": config.chain.graph },
    })
}

pub fn run(context: &Context) -> StepOutput {
    let config = context.config;
    let Ok(graph) = graph(context.evidence, config) else {
        // chain.exposure reports what is wrong with the graph.
        return StepOutput::default();
    };
    let chains = chains(context.evidence, config);
    let claims: Vec<&Record> = if config.necks.claims_about == config.study.home {
        rows(context.evidence, "gaps").collect()
    } else {
        Vec::new()
    };
    let mut fields: BTreeMap<Entity, BTreeSet<Field>> = BTreeMap::new();
    let mut candidates = Vec::new();
    for node in graph.nodes() {
        let Some(info) = chains.get(&node.chain) else {
            continue;
        };
        let subject = node.node.entity();
        fields.insert(subject.clone(), info.fields.iter().cloned().collect());
        candidates.push(of_node(context, node, &claims));
    }
    let known: BTreeSet<&str> = graph
        .nodes()
        .iter()
        .map(|node| node.node.as_str())
        .collect();
    for claim in &claims {
        if claim
            .list("node_ids")
            .iter()
            .any(|node| known.contains(node))
        {
            continue;
        }
        let subject = Entity::new(Kind::Gap, claim.key.clone());
        fields.insert(subject.clone(), fields_of(context, claim));
        candidates.push(of_claim(context, claim, subject));
    }
    let necks = judge(candidates, &config.necks.thresholds);
    let mut output = StepOutput::default();
    output.tables.push(table(&necks, &fields, &graph, &chains));
    output
        .tables
        .push(super::neck_cards::table(context, &necks));
    let open: Vec<Entity> = necks
        .iter()
        .filter(|neck| neck.verdict == foundation::necks::Verdict::Open)
        .map(|neck| neck.candidate.subject.clone())
        .collect();
    if !open.is_empty() {
        output.refusals.push(Refusal {
            code: "necks.open".to_owned(),
            question: Message::new("necks.question"),
            reason: Message::new("necks.open").with("count", open.len()),
            needed: Message::new("necks.open.needed"),
        });
    }
    output
}

fn fields_of(context: &Context, claim: &Record) -> BTreeSet<Field> {
    let technologies = claim.list("technology_ids");
    rows(context.evidence, "technologies")
        .filter(|row| technologies.contains(&row.key.as_str()))
        .filter_map(|row| row.text("field").map(Field::from))
        .collect()
}

fn of_node(context: &Context, node: &GraphNode, claims: &[&Record]) -> Candidate {
    let config = context.config;
    let home = &config.study.home;
    let claim = claims
        .iter()
        .copied()
        .find(|c| c.list("node_ids").contains(&node.node.as_str()));
    let (gap, monopoly) = match (&node.supply, claim) {
        (Some(supply), _) => {
            let foreign: Vec<Estimate> = supply
                .providers
                .iter()
                .filter(|p| p.country != *home)
                .map(|p| p.share)
                .collect();
            let origins: Vec<RowRef> = supply
                .providers
                .iter()
                .flat_map(|p| p.origins.iter().cloned())
                .collect();
            let (gap, monopoly) =
                gap_and_monopoly(supply.provider(home).map(|p| p.share), &foreign);
            (
                Attribute::new(gap, origins.clone()),
                Attribute::new(monopoly, origins),
            )
        }
        (None, Some(claim)) => claimed(claim, home.as_str(), config.necks.claim_gap),
        (None, None) => {
            let missing = || Quantity::not_estimated(Message::new("necks.no_share"));
            (
                Attribute::new(missing(), vec![]),
                Attribute::new(missing(), vec![]),
            )
        }
    };
    Candidate {
        subject: node.node.entity(),
        value: value(context, node),
        gap,
        monopoly,
        hardness: hardness(context, node.chain.as_str()),
    }
}

fn of_claim(context: &Context, claim: &Record, subject: Entity) -> Candidate {
    let config = context.config;
    let (gap, monopoly) = claimed(claim, config.study.home.as_str(), config.necks.claim_gap);
    let missing = |id: &str| Attribute::new(Quantity::not_estimated(Message::new(id)), vec![]);
    Candidate {
        subject,
        value: missing("necks.no_node"),
        gap,
        monopoly,
        hardness: missing("necks.no_reference_class"),
    }
}

/// What a published claim says by itself: a gap as large as the study reads it, and a largest foreign holder
/// between an equal split among the holders named and one of them alone.
fn claimed(claim: &Record, home: &str, gap: Span) -> (Attribute, Attribute) {
    let origin = vec![claim.reference()];
    let holders = claim
        .list("holder_countries")
        .iter()
        .filter(|c| **c != home)
        .count();
    let monopoly = if holders == 0 {
        Quantity::not_estimated(Message::new("necks.no_share"))
    } else {
        let equal = 1.0 / holders as f64;
        Estimate::spanning(f64::midpoint(equal, 1.0), equal, 1.0, Basis::Judged).into()
    };
    (
        Attribute::new(gap.assumed(), origin.clone()),
        Attribute::new(monopoly, origin),
    )
}

/// Share of the end products of the node's chain that stop without it: certain to possible.
fn value(context: &Context, node: &GraphNode) -> Attribute {
    let table = context.table("chain.node_reach");
    match table
        .row(node.node.as_str())
        .and_then(|row| estimate(&table, row, "own_chain"))
    {
        Some(share) => Attribute::new(share, vec![]),
        None => Attribute::new(
            Quantity::not_estimated(Message::new("necks.no_node")),
            vec![],
        ),
    }
}

fn hardness(context: &Context, chain: &str) -> Attribute {
    let classes = context.config.necks.hardness.get(chain);
    match classes
        .and_then(|classes| durations::years(context.evidence, classes, &context.config.ranges))
    {
        Some((years, origins)) => Attribute::new(years, origins),
        None => Attribute::new(
            Quantity::not_estimated(Message::new("necks.no_reference_class")),
            vec![],
        ),
    }
}

fn table(
    necks: &[Neck],
    fields: &BTreeMap<Entity, BTreeSet<Field>>,
    graph: &ChainGraph,
    chains: &BTreeMap<model::Chain, ChainInfo>,
) -> ResultTable {
    let mut table = ResultTable::new(
        "foundation.necks",
        "stuck-necks",
        "neck: value, gap, monopoly and hardness all at or above their thresholds over their whole ranges",
        &[
            ("subject", ""),
            ("chain", ""),
            ("fields", ""),
            ("verdict", ""),
            ("value", "share"),
            ("value_test", ""),
            ("gap", "share"),
            ("gap_test", ""),
            ("monopoly", "share"),
            ("monopoly_test", ""),
            ("hardness", "years"),
            ("hardness_test", ""),
            ("would_change", ""),
        ],
    );
    for neck in necks {
        let c = &neck.candidate;
        let node = graph
            .nodes()
            .iter()
            .find(|node| node.node.entity() == c.subject);
        let mut origins: Vec<Origin> = [&c.value, &c.gap, &c.monopoly, &c.hardness]
            .iter()
            .flat_map(|attribute| attribute.origins.iter().cloned().map(Origin::Evidence))
            .collect();
        if node.is_some() {
            origins.push(Origin::Result(RowRef::new(
                "chain.node_reach",
                c.subject.id.clone(),
            )));
        }
        origins.extend(parameters(&[
            "necks.thresholds",
            "necks.claims_about",
            "study.home",
            "necks.claim_gap",
            "necks.hardness",
            "ranges",
        ]));
        let tests = neck.tests.map(|test| code(test.code()));
        let [value_test, gap_test, monopoly_test, hardness_test] = tests;
        table.push(
            c.subject.id.clone(),
            vec![
                c.subject.clone().into(),
                node.filter(|node| chains.contains_key(&node.chain))
                    .map_or(Cell::Empty, |node| node.chain.entity().into()),
                fields
                    .get(&c.subject)
                    .map(|set| set.iter().map(Field::entity).collect::<Vec<_>>())
                    .unwrap_or_default()
                    .into(),
                code(neck.verdict.code()),
                c.value.quantity.clone().into(),
                value_test,
                c.gap.quantity.clone().into(),
                gap_test,
                c.monopoly.quantity.clone().into(),
                monopoly_test,
                c.hardness.quantity.clone().into(),
                hardness_test,
                if neck.would_change.is_empty() {
                    Cell::Empty
                } else {
                    Message::joined(&neck.would_change).into()
                },
            ],
            origins,
        );
    }
    table
}
