//! Strengths of home's clusters by field.

use std::collections::BTreeSet;

use foundation::strengths::strengths;
use model::{Cluster, Entity, Kind, Message, Refusal, ResultTable};
use serde_json::{Value, json};

use super::{evidence_rows, parameters};
use crate::config::Config;
use crate::engine::output::StepOutput;
use crate::engine::step::Context;
use crate::inputs::{clusters as inputs, rows};
use crate::scenario::Scenario;

pub fn params(config: &Config, _: &[Scenario]) -> Value {
    json!({ "home": config.study.home, "clusters": config.clusters })
}

pub fn run(context: &Context) -> StepOutput {
    let config = context.config;
    let home = config.study.home.as_str();
    let pieces = inputs::pieces(context.evidence, home, &config.clusters);
    let mut table = ResultTable::new(
        "foundation.strengths",
        "cluster-strengths",
        "strength = 1 - Π (1 - weight of the kind × trust in the source)",
        &[
            ("cluster", ""),
            ("field", ""),
            ("strength", "share"),
            ("pieces", ""),
        ],
    );
    let found = strengths(&pieces);
    for s in &found {
        let mut origins = evidence_rows(&s.origins);
        origins.extend(parameters(&[
            "clusters.weights",
            "clusters.default_weight",
            "clusters.trust",
        ]));
        table.push(
            format!("{}/{}", s.cluster, s.field),
            vec![
                s.cluster.entity().into(),
                s.field.entity().into(),
                s.strength.into(),
                s.pieces.into(),
            ],
            origins,
        );
    }
    let known: BTreeSet<&Cluster> = found.iter().map(|s| &s.cluster).collect();
    let without: Vec<Entity> = rows(context.evidence, "clusters")
        .filter(|row| row.text("country") == Some(home))
        .filter(|row| !known.contains(&Cluster::from(row.key.as_str())))
        .map(|row| Entity::new(Kind::Cluster, row.key.clone()))
        .collect();
    let mut refusals = Vec::new();
    if !without.is_empty() {
        refusals.push(Refusal {
            code: "clusters.no_evidence".to_owned(),
            question: Message::new("clusters.question"),
            reason: Message::new("clusters.no_evidence").with("clusters", without),
            needed: Message::new("clusters.no_evidence.needed"),
        });
    }
    StepOutput {
        tables: vec![table],
        refusals,
    }
}
