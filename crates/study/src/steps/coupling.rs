//! Coupling of the innovation chain and the industrial chain, as far as rows of evidence carry it: by field.
//!
//! Without layers of activities over many locations there are no assist matrices; what remains is which
//! technologies belong to the fields of a chain, how far home is behind in each, and how evenly home's technologies and
//! home's industry stand in a field.

use std::collections::BTreeMap;

use chain::ChainGraph;
use foundation::conditions::{ReadingParams, median};
use foundation::coupling::index::coordination;
use model::{
    Cell, Entity, Estimate, Kind, Message, Origin, Quantity, Refusal, ResultTable, Row, RowRef,
};
use serde_json::{Value, json};

use super::{code, evidence_rows, parameters};
use crate::config::Config;
use crate::engine::output::{StepOutput, cell, entity, estimate, quantity};
use crate::engine::step::Context;
use crate::inputs::chain::{chains, graph, share_of};
use crate::inputs::rows;
use crate::scenario::Scenario;

pub fn params(config: &Config, _: &[Scenario]) -> Value {
    json!({
        "home": config.study.home, "coupling": config.coupling, "ranges": config.ranges,
        "least_known": config.conditions.least_known,
        "chain": { "exclude": config.chain.exclude, "graph": config.chain.graph },
    })
}

/// Distance of home to the leader of a technology, with the row of `trend.lead` that says so.
struct Standing {
    distance: Estimate,
    rank: Quantity,
    origin: Origin,
}

pub fn run(context: &Context) -> StepOutput {
    let lead = context.table("trend.lead");
    let standings: BTreeMap<String, Standing> = lead
        .rows
        .iter()
        .filter(|row| primary(&lead, row))
        .filter_map(|row| {
            let standing = Standing {
                distance: estimate(&lead, row, "distance")?,
                rank: quantity(&lead, row, "home_rank")?,
                origin: Origin::Result(RowRef::new("trend.lead", row.key.clone())),
            };
            Some((entity(&lead, row, "technology")?.to_owned(), standing))
        })
        .collect();
    let mut refusals = vec![Refusal {
        code: "coupling.no_layers".to_owned(),
        question: Message::new("coupling.step.question"),
        reason: Message::new("coupling.no_layers"),
        needed: Message::new("coupling.no_layers.needed"),
    }];
    let (knowledge, uses) = by_chain(context, &standings);
    let (fields, open) = by_field(context, &standings);
    if !open.is_empty() {
        refusals.push(Refusal {
            code: "coupling.fields_open".to_owned(),
            question: Message::new("coupling.step.question"),
            reason: Message::new("coupling.fields_open").with("fields", open),
            needed: Message::new("coupling.fields_open.needed"),
        });
    }
    StepOutput {
        tables: vec![fields, knowledge, uses],
        refusals,
    }
}

fn primary(lead: &ResultTable, row: &Row) -> bool {
    matches!(cell(lead, row, "primary"), Some(Cell::Entity(e)) if e.id == "yes")
}

/// Technologies of a field, by id.
fn technologies(context: &Context, field: &str) -> Vec<String> {
    rows(context.evidence, "technologies")
        .filter(|row| row.text("field") == Some(field))
        .map(|row| row.key.clone())
        .collect()
}

/// From every chain to the technologies of its fields and where home lacks them; from home's leads to the chains.
fn by_chain(
    context: &Context,
    standings: &BTreeMap<String, Standing>,
) -> (ResultTable, ResultTable) {
    let far = context.config.conditions.behind_from;
    let mut knowledge = ResultTable::new(
        "foundation.chain_knowledge",
        "coupling",
        "technologies of the chain's fields; far behind: distance of home to the leader at or above the threshold over its whole range",
        &[
            ("chain", ""),
            ("technology", ""),
            ("distance", "share"),
            ("home_rank", "rank"),
            ("lacking", ""),
        ],
    );
    let mut uses = ResultTable::new(
        "foundation.strength_uses",
        "coupling",
        "technologies in which home may lead (best rank 1), with the chains of the same field that they can feed",
        &[
            ("technology", ""),
            ("home_rank", "rank"),
            ("chains", ""),
            ("targets", ""),
        ],
    );
    let chains = chains(context.evidence, context.config);
    let mut feeds: BTreeMap<String, (Vec<Entity>, Vec<Entity>)> = BTreeMap::new();
    for info in chains.values() {
        for field in &info.fields {
            for technology in technologies(context, field.as_str()) {
                let known = standings.get(&technology);
                let feed = feeds.entry(technology.clone()).or_default();
                feed.0.push(info.chain.entity());
                feed.1.extend(info.targets.iter().map(model::Node::entity));
                let mut origins = evidence_rows(&[
                    RowRef::new("technologies", technology.clone()),
                    RowRef::new("chains", info.chain.to_string()),
                ]);
                origins.extend(known.map(|k| k.origin.clone()));
                origins.extend(parameters(&["conditions.behind_from", "study.home"]));
                let missing = || Quantity::not_estimated(Message::new("coupling.no_indicator"));
                let lacking = match known.map(|k| k.distance) {
                    None => "not_estimated",
                    Some(d) if d.low >= far => "yes",
                    Some(d) if d.high < far => "no",
                    Some(_) => "verdict.open",
                };
                knowledge.push(
                    format!("{}/{technology}", info.chain),
                    vec![
                        info.chain.entity().into(),
                        Entity::new(Kind::Technology, technology.clone()).into(),
                        known.map_or_else(missing, |k| k.distance.into()).into(),
                        known.map_or_else(missing, |k| k.rank.clone()).into(),
                        code(lacking),
                    ],
                    origins,
                );
            }
        }
    }
    for (technology, (mut own, mut targets)) in feeds {
        let Some(known) = standings.get(&technology) else {
            continue;
        };
        if known.rank.estimate().is_none_or(|rank| rank.low > 1.0) {
            continue;
        }
        for list in [&mut own, &mut targets] {
            list.sort();
            list.dedup();
        }
        uses.push(
            technology.clone(),
            vec![
                Entity::new(Kind::Technology, technology).into(),
                known.rank.clone().into(),
                own.into(),
                targets.into(),
            ],
            vec![known.origin.clone()],
        );
    }
    (knowledge, uses)
}

/// The coupling coordination degree of every field, and the fields that have none.
fn by_field(
    context: &Context,
    standings: &BTreeMap<String, Standing>,
) -> (ResultTable, Vec<Entity>) {
    let config = context.config;
    let mut table = ResultTable::new(
        "foundation.coupling",
        "coupling",
        "D = √(C T), C = 2 √(U₁ U₂) / (U₁ + U₂), T = α U₁ + (1 - α) U₂; U₁ = median nearness in technologies, U₂ = median share of chain nodes over the leader's",
        &[
            ("field", ""),
            ("innovation_score", "share"),
            ("industry_score", "share"),
            ("coupling_degree", "share"),
            ("coordination", "share"),
            ("technologies_known", ""),
            ("nodes_known", ""),
        ],
    );
    let reading = ReadingParams {
        least_known: config.conditions.least_known,
    };
    let graph = graph(context.evidence, config).ok();
    let weights = [
        config.coupling.innovation_weight,
        1.0 - config.coupling.innovation_weight,
    ];
    let mut open = Vec::new();
    for field in rows(context.evidence, "fields") {
        let technologies = technologies(context, &field.key);
        let nearness: Vec<Option<Estimate>> = technologies
            .iter()
            .map(|t| standings.get(t).map(|s| mirrored(s.distance)))
            .collect();
        let (shares, nodes) = industry(context, graph.as_ref(), &field.key);
        let innovation = median(&nearness, &reading);
        let industry = median(&shares, &reading);
        let found = match (innovation.value.estimate(), industry.value.estimate()) {
            (Some(a), Some(b)) => {
                coordination(&[a.clamped(0.0, 1.0), b.clamped(0.0, 1.0)], &weights)
                    .ok()
                    .flatten()
            }
            _ => None,
        };
        let entity = Entity::new(Kind::Field, field.key.clone());
        if found.is_none() {
            open.push(entity.clone());
        }
        let none = || Quantity::not_estimated(Message::new("coupling.one_side_open"));
        let mut origins: Vec<Origin> = technologies
            .iter()
            .filter_map(|t| standings.get(t))
            .map(|s| s.origin.clone())
            .collect();
        origins.extend(evidence_rows(&nodes));
        origins.extend(parameters(&[
            "coupling",
            "conditions.least_known",
            "chain.graph",
        ]));
        table.push(
            field.key.clone(),
            vec![
                entity.into(),
                innovation.value.into(),
                industry.value.into(),
                found
                    .as_ref()
                    .map_or_else(none, |f| f.coupling.into())
                    .into(),
                found
                    .as_ref()
                    .map_or_else(none, |f| f.coordination.into())
                    .into(),
                innovation.known.into(),
                industry.known.into(),
            ],
            origins,
        );
    }
    (table, open)
}

fn mirrored(distance: Estimate) -> Estimate {
    Estimate::spanning(
        1.0 - distance.value,
        1.0 - distance.low,
        1.0 - distance.high,
        distance.basis,
    )
}

/// Home's share of every node of the field's chains, over the largest share of the node.
fn industry(
    context: &Context,
    graph: Option<&ChainGraph>,
    field: &str,
) -> (Vec<Option<Estimate>>, Vec<RowRef>) {
    let home = &context.config.study.home;
    let chains = chains(context.evidence, context.config);
    let mut origins = Vec::new();
    let shares = graph
        .iter()
        .flat_map(|graph| graph.nodes())
        .filter(|node| {
            chains
                .get(&node.chain)
                .is_some_and(|info| info.fields.iter().any(|f| f.as_str() == field))
        })
        .map(|node| {
            let supply = node.supply.as_ref()?;
            origins.extend(supply.providers.iter().flat_map(|p| p.origins.clone()));
            let leader = supply
                .providers
                .iter()
                .map(|p| p.share)
                .max_by(|a, b| a.value.total_cmp(&b.value))?;
            let own = share_of(supply, home, context.config);
            Some(own.over(leader)?.clamped(0.0, 1.0))
        })
        .collect();
    (shares, origins)
}
