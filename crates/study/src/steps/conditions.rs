//! The card of national conditions: six parts for home, for the countries it is compared with, and for any
//! country or cluster that is asked for.

use std::collections::{BTreeMap, BTreeSet};

use chain::{ChainGraph, GraphNode, Stage};
use evidence::Evidence;
use foundation::conditions::{Part, Reading, median, passing_share, rank};
use foundation::strengths::strengths;
use model::{
    Basis, Cell, Country, Entity, Estimate, Kind, Message, Quantity, Refusal, ResultTable, RowRef,
};
use serde_json::{Value, json};
use trend::lead::{Measure, leads};

use super::{code, evidence_rows, parameters};
use crate::config::Config;
use crate::engine::output::StepOutput;
use crate::engine::step::Context;
use crate::folder::BulkTables;
use crate::inputs::chain::{graph, share_of};
use crate::inputs::large::activities;
use crate::inputs::{clusters, indicators, rows};
use crate::scenario::Scenario;

/// One line of a card.
struct Line {
    part: Part,
    /// What is read: a code of the catalogue.
    reading: &'static str,
    of: Reading,
    origins: Vec<RowRef>,
}

pub fn params(config: &Config, _: &[Scenario]) -> Value {
    json!({
        "home": config.study.home, "conditions": config.conditions, "ranges": config.ranges,
        "clusters": config.clusters,
        "chain": { "exclude": config.chain.exclude, "graph": config.chain.graph },
    })
}

pub fn run(context: &Context) -> StepOutput {
    let config = context.config;
    let mut places = vec![config.study.home.entity()];
    for country in &config.conditions.compare {
        if !places.contains(&country.entity()) {
            places.push(country.entity());
        }
    }
    card(context.evidence, context.bulk, config, &places)
}

/// The cards of these countries and clusters; the first is the one that ranks are given for.
pub fn card(
    evidence: &Evidence,
    bulk: &BulkTables,
    config: &Config,
    places: &[Entity],
) -> StepOutput {
    let mut table = ResultTable::new(
        "foundation.conditions",
        "national-conditions",
        "share of units at or above the threshold, unknown units widen the range; or the median over units",
        &[
            ("place", ""),
            ("part", ""),
            ("reading", ""),
            ("reading_value", "share"),
            ("rank", "rank"),
            ("units_known", ""),
            ("units", ""),
        ],
    );
    let cards: Vec<(&Entity, Vec<Line>)> = places
        .iter()
        .map(|place| (place, lines(evidence, bulk, config, place)))
        .collect();
    let mut refusals = Vec::new();
    for (place, lines) in &cards {
        let mut unanswered = Vec::new();
        for line in lines {
            if line.of.value.estimate().is_none() {
                unanswered.push(Entity::new(Kind::Code, line.part.code()));
            }
            let mut origins = evidence_rows(&line.origins);
            origins.extend(parameters(&["conditions", "ranges", "chain.graph"]));
            table.push(
                format!("{}/{}", place.id, line.reading),
                vec![
                    (*place).clone().into(),
                    code(line.part.code()),
                    code(line.reading),
                    line.of.value.clone().into(),
                    rank_among(place, line, &cards),
                    line.of.known.into(),
                    line.of.of.into(),
                ],
                origins,
            );
        }
        unanswered.dedup();
        // The others stand beside home for comparison; their gaps are on their cards.
        if !unanswered.is_empty() && Some(*place) == places.first() {
            refusals.push(Refusal {
                code: "conditions.unanswered".to_owned(),
                question: Message::new("conditions.question").with("place", (*place).clone()),
                reason: Message::new("conditions.unanswered").with("parts", unanswered),
                needed: Message::new("conditions.unanswered.needed"),
            });
        }
    }
    StepOutput {
        tables: vec![table],
        refusals,
    }
}

fn rank_among(place: &Entity, line: &Line, cards: &[(&Entity, Vec<Line>)]) -> Cell {
    let Some(own) = line.of.value.estimate() else {
        return Cell::Empty;
    };
    let others: Vec<Estimate> = cards
        .iter()
        .filter(|(other, _)| *other != place && other.kind == place.kind)
        .flat_map(|(_, lines)| lines)
        .filter(|other| other.reading == line.reading)
        .filter_map(|other| other.of.value.estimate())
        .collect();
    if others.is_empty() {
        return Cell::Empty;
    }
    Quantity::Estimated(rank(line.part, &own, &others)).into()
}

fn lines(evidence: &Evidence, bulk: &BulkTables, config: &Config, place: &Entity) -> Vec<Line> {
    let mut lines = if place.kind == Kind::Cluster {
        of_cluster(evidence, config, &place.id)
    } else {
        of_country(evidence, config, &Country::from(place.id.as_str()))
    };
    lines.extend(demand(evidence, bulk, config, &place.id));
    // Every part stands on every card, answered or not.
    for part in Part::ALL {
        if !lines.iter().any(|line| line.part == part) {
            let (reading, reason) = missing(part, place.kind);
            lines.push(Line {
                part,
                reading,
                of: Reading {
                    value: Quantity::not_estimated(Message::new(reason)),
                    known: 0,
                    of: 0,
                },
                origins: Vec::new(),
            });
        }
    }
    lines.sort_by_key(|line| line.part);
    lines
}

/// The reading and the reason of a part that the evidence has no units for.
fn missing(part: Part, kind: Kind) -> (&'static str, &'static str) {
    match part {
        Part::Demand => ("reading.demand", "conditions.no_demand"),
        Part::Scenarios => ("reading.scenario_fields", "conditions.no_scenarios"),
        Part::Completeness => (
            "reading.completeness",
            if kind == Kind::Cluster {
                "conditions.no_regional_industry"
            } else {
                "conditions.no_industry"
            },
        ),
        Part::Strength => ("reading.strength", "conditions.no_strength"),
        Part::Gap => ("reading.far_behind", "conditions.no_strength"),
        Part::Capability => (
            "reading.foreign_component",
            if kind == Kind::Cluster {
                "conditions.no_regional_industry"
            } else {
                "conditions.no_industry"
            },
        ),
    }
}

fn of_country(evidence: &Evidence, config: &Config, country: &Country) -> Vec<Line> {
    let clusters: BTreeSet<&str> = rows(evidence, "clusters")
        .filter(|row| row.text("country") == Some(country.as_str()))
        .map(|row| row.key.as_str())
        .collect();
    let mut lines = Vec::new();
    lines.extend(scenarios(evidence, config, &clusters));
    lines.extend(technologies(evidence, config, country));
    lines.extend(industry(evidence, config, country));
    lines
}

fn of_cluster(evidence: &Evidence, config: &Config, cluster: &str) -> Vec<Line> {
    let params = &config.conditions.reading();
    let mut lines = Vec::new();
    lines.extend(scenarios(evidence, config, &[cluster].into()));
    let home = rows(evidence, "clusters")
        .find(|row| row.key == cluster)
        .and_then(|row| row.text("country"));
    let found = strengths(&clusters::pieces(
        evidence,
        home.unwrap_or_default(),
        &config.clusters,
    ));
    let own: Vec<_> = found
        .iter()
        .filter(|s| s.cluster.as_str() == cluster)
        .collect();
    if !own.is_empty() {
        let units: Vec<Option<Estimate>> = rows(evidence, "fields")
            .map(|field| {
                own.iter()
                    .find(|s| s.field.as_str() == field.key)
                    .map(|s| s.strength)
            })
            .collect();
        lines.push(Line {
            part: Part::Strength,
            reading: "reading.strong_fields",
            of: passing_share(&units, config.conditions.strong_from, params),
            origins: own.iter().flat_map(|s| s.origins.clone()).collect(),
        });
    }
    lines
}

/// Share of the world's demand, where the study has figures of demand by location: the layer `demand` of `activity`. The
/// range is that of the source's confidence.
fn demand(evidence: &Evidence, bulk: &BulkTables, config: &Config, place: &str) -> Option<Line> {
    let source = &bulk.get("activity")?.source;
    let found = activities(bulk, DEMAND)?.ok()?;
    let at = found.table.location(place)?;
    let totals = found.table.location_totals();
    let world: f64 = totals.iter().sum();
    let reference = RowRef::new("sources", source.clone());
    let half = config.ranges.half_width(evidence.confidence(&reference));
    let share = (world > 0.0).then(|| totals[at] / world)?;
    let units = found.table.activities().len();
    Some(Line {
        part: Part::Demand,
        reading: "reading.demand",
        of: Reading {
            value: Estimate::relative(share, half, Basis::Derived)
                .clamped(0.0, 1.0)
                .into(),
            known: units,
            of: units,
        },
        origins: vec![reference],
    })
}

/// The layer of `activity` that holds demand.
const DEMAND: &str = "demand";

/// Fields with at least one recorded application scenario. A register that lists nothing for a field does not say
/// that there is nothing: such a field is unknown.
fn scenarios(evidence: &Evidence, config: &Config, clusters: &BTreeSet<&str>) -> Option<Line> {
    let field_of: BTreeMap<&str, &str> = rows(evidence, "technologies")
        .filter_map(|row| Some((row.key.as_str(), row.text("field")?)))
        .collect();
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    let mut origins = Vec::new();
    for row in rows(evidence, "application_scenarios") {
        if row.list("cluster_ids").iter().any(|c| clusters.contains(c)) {
            origins.push(row.reference());
            reached.extend(
                row.list("technology_ids")
                    .iter()
                    .filter_map(|t| field_of.get(t)),
            );
        }
    }
    if origins.is_empty() {
        return None;
    }
    let units: Vec<Option<Estimate>> = rows(evidence, "fields")
        .map(|field| {
            reached
                .contains(field.key.as_str())
                .then(|| Estimate::exact(1.0, Basis::Published))
        })
        .collect();
    let mut of = passing_share(&units, 0.5, &config.conditions.reading());
    // All known units pass by construction: what the register shows is the low end, and the value.
    if let Quantity::Estimated(e) = &mut of.value {
        e.value = e.low;
    }
    Some(Line {
        part: Part::Scenarios,
        reading: "reading.scenario_fields",
        of,
        origins,
    })
}

/// Strength and gap over technologies whose shares of the world are on record.
fn technologies(evidence: &Evidence, config: &Config, country: &Country) -> Vec<Line> {
    let section = &config.conditions;
    let observations = indicators::observations(evidence, &config.ranges);
    let found: Vec<_> = leads(&observations, country)
        .into_iter()
        .filter(|lead| lead.primary && lead.measure == Measure::Share)
        .collect();
    let listed = observations
        .iter()
        .filter(|o| o.country == *country && o.measure == Measure::Share)
        .count();
    if listed < section.least_known {
        return Vec::new();
    }
    let known: BTreeMap<&str, Estimate> = found
        .iter()
        .filter_map(|lead| Some((lead.technology.as_str(), lead.distance.estimate()?)))
        .collect();
    let distances: Vec<Option<Estimate>> = rows(evidence, "technologies")
        .map(|row| known.get(row.key.as_str()).copied())
        .collect();
    let nearness: Vec<Option<Estimate>> = distances
        .iter()
        .map(|d| d.map(|d| Estimate::spanning(1.0 - d.value, 1.0 - d.low, 1.0 - d.high, d.basis)))
        .collect();
    let origins: Vec<RowRef> = found.iter().flat_map(|lead| lead.origins.clone()).collect();
    let params = &section.reading();
    vec![
        Line {
            part: Part::Strength,
            reading: "reading.strength",
            of: median(&nearness, params),
            origins: origins.clone(),
        },
        Line {
            part: Part::Gap,
            reading: "reading.far_behind",
            of: passing_share(&distances, section.behind_from, params),
            origins,
        },
    ]
}

/// Completeness over all nodes of the chains; dependence over basic nodes, by their stage.
fn industry(evidence: &Evidence, config: &Config, country: &Country) -> Vec<Line> {
    let section = &config.conditions;
    let Ok(graph) = graph(evidence, config) else {
        // chain.exposure reports what is wrong with the graph.
        return Vec::new();
    };
    let listed = graph
        .nodes()
        .iter()
        .filter(|node| {
            node.supply
                .as_ref()
                .is_some_and(|s| s.provider(country).is_some())
        })
        .count();
    if listed < section.least_known {
        return Vec::new();
    }
    let params = &section.reading();
    let (units, origins) = own_shares(&graph, config, country, |_| true);
    let mut lines = vec![Line {
        part: Part::Completeness,
        reading: "reading.completeness",
        of: passing_share(&units, section.present_from, params),
        origins,
    }];
    for (stage, reading) in BASIC {
        let (own, origins) = own_shares(&graph, config, country, |node| node.stage == stage);
        let foreign: Vec<Option<Estimate>> = own
            .into_iter()
            .map(|e| {
                e.map(|e| Estimate::spanning(1.0 - e.value, 1.0 - e.low, 1.0 - e.high, e.basis))
            })
            .collect();
        lines.push(Line {
            part: Part::Capability,
            reading,
            of: passing_share(&foreign, 1.0 - section.present_from, params),
            origins,
        });
    }
    lines
}

/// The stages that make up basic industrial capabilities.
const BASIC: [(Stage, &str); 5] = [
    (Stage::Material, "reading.foreign_material"),
    (Stage::Component, "reading.foreign_component"),
    (Stage::Equipment, "reading.foreign_equipment"),
    (Stage::Software, "reading.foreign_software"),
    (Stage::Process, "reading.foreign_process"),
];

/// The country's share of every wanted node, where the node has shares on record.
fn own_shares(
    graph: &ChainGraph,
    config: &Config,
    country: &Country,
    wanted: impl Fn(&GraphNode) -> bool,
) -> (Vec<Option<Estimate>>, Vec<RowRef>) {
    let mut origins = Vec::new();
    let units = graph
        .nodes()
        .iter()
        .filter(|node| wanted(node))
        .map(|node| {
            let supply = node.supply.as_ref()?;
            origins.extend(supply.providers.iter().flat_map(|p| p.origins.clone()));
            Some(share_of(supply, country, config))
        })
        .collect();
    (units, origins)
}

/// The country or cluster of the evidence that `id` names.
pub fn place(evidence: &Evidence, id: &str) -> Option<Entity> {
    [("countries", Kind::Country), ("clusters", Kind::Cluster)]
        .into_iter()
        .find(|(table, _)| rows(evidence, table).any(|row| row.key == id))
        .map(|(_, kind)| Entity::new(kind, id))
}
