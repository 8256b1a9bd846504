//! Fields: how ripe, when to act, planned together with what, and which challenges they answer.

use std::collections::{BTreeMap, BTreeSet};

use layout::audit::Level;
use layout::readings::stage::{Known, stages};
use layout::readings::timing::{Call, Timing, timing};
use layout::readings::together::{Document, pairs};
use model::{
    Basis, Cell, Entity, Estimate, Field, Kind, Message, Origin, Quantity, ResultTable, RowRef,
    Year,
};

use super::super::{code, year};
use super::{lineage, refusal};
use crate::engine::output::{StepOutput, entity, estimate};
use crate::engine::step::Context;
use crate::inputs::plans::{self, Subjects};
use crate::inputs::rows;

pub const STAGE_READS: [&str; 3] = ["technologies", "fields", "policies"];

/// The stage of each field by two rules.
pub fn stage(context: &Context) -> StepOutput {
    let designations = &context.config.readings.designations;
    let mut named: BTreeMap<&str, Vec<(layout::readings::stage::Stage, RowRef)>> = BTreeMap::new();
    for policy in rows(context.evidence, "policies") {
        for (stage, ids) in designations {
            if ids.contains(&policy.key) {
                for technology in policy.list("technology_ids") {
                    named
                        .entry(technology)
                        .or_default()
                        .push((*stage, policy.reference()));
                }
            }
        }
    }
    let level = |row: &evidence::Record, column: &str| {
        row.integer(column).and_then(|n| u8::try_from(n).ok())
    };
    let known: Vec<Known> = rows(context.evidence, "technologies")
        .filter_map(|row| {
            let low = level(row, "trl_2021");
            let called = named.get(row.key.as_str());
            let mut origins = vec![row.reference()];
            origins.extend(
                called
                    .into_iter()
                    .flatten()
                    .map(|(_, policy)| policy.clone()),
            );
            Some(Known {
                technology: row.key.as_str().into(),
                field: row.text("field")?.into(),
                levels: low.map(|low| (low, level(row, "trl_2021_max").unwrap_or(low))),
                designated: called
                    .into_iter()
                    .flatten()
                    .map(|(stage, _)| *stage)
                    .collect(),
                origins,
            })
        })
        .collect();
    let found = stages(&known);
    let mut table = ResultTable::new(
        "layout.stages",
        "layout-readings",
        "earliest and latest stage of the field's technologies, by readiness level and by what home's plans call them",
        &[
            ("field", ""),
            ("stage_readiness_from", ""),
            ("stage_readiness_to", ""),
            ("with_readiness", ""),
            ("stage_plan_from", ""),
            ("stage_plan_to", ""),
            ("with_designation", ""),
            ("technologies", ""),
            ("agreement", ""),
        ],
    );
    let mut without = Vec::new();
    for field in &found {
        let ends = |span: Option<(
            layout::readings::stage::Stage,
            layout::readings::stage::Stage,
        )>| match span {
            Some((from, to)) => [code(from.code()), code(to.code())],
            None => [Cell::Empty, Cell::Empty],
        };
        if field.by_readiness.is_none() && field.by_designation.is_none() {
            without.push(field.field.entity());
        }
        let [from, to] = ends(field.by_readiness);
        let [plan_from, plan_to] = ends(field.by_designation);
        table.push(
            field.field.as_str(),
            vec![
                field.field.entity().into(),
                from,
                to,
                field.with_readiness.into(),
                plan_from,
                plan_to,
                field.with_designation.into(),
                field.technologies.into(),
                code(field.agreement.code()),
            ],
            lineage(&field.origins, &["readings.designations"]),
        );
    }
    let mut output = StepOutput {
        tables: vec![table],
        refusals: Vec::new(),
    };
    if !without.is_empty() {
        output.refusals.push(refusal(
            "readings.no_stage",
            "readings.question.stage",
            |m| m.with("fields", without.clone()),
        ));
    }
    output
}

pub const TIMING_READS: [&str; 6] = [
    "plans",
    "clauses",
    "technologies",
    "fields",
    "clusters",
    "challenges",
];

/// Act now, hold or watch, for every industry of the roadmap.
pub fn when(context: &Context) -> StepOutput {
    let config = context.config;
    let plans = plans::plans(context.evidence, config);
    // The last year of a national plan that names the field, or of a clause with a year of its own.
    let mut deadlines: BTreeMap<&Field, (Year, &RowRef)> = BTreeMap::new();
    for clause in &plans.register.clauses {
        let plan = plans.register.plans.iter().find(|p| p.plan == clause.plan);
        let Some(plan) = plan.filter(|p| p.level == Level::National) else {
            continue;
        };
        let Some(limit) = clause.deadline.or(plan.to) else {
            continue;
        };
        for field in &clause.fields {
            let latest = deadlines.entry(field).or_insert((limit, &clause.origin));
            if limit > latest.0 {
                *latest = (limit, &clause.origin);
            }
        }
    }
    let milestones = context.table("layout.milestones");
    let mut table = ResultTable::new(
        "layout.timing",
        "layout-readings",
        "slack = end of the latest national plan that names the industry - finish of its capacity stage (P80 to P50)",
        &[
            ("industry", ""),
            ("deadline", ""),
            ("p50", "year"),
            ("p80", "year"),
            ("slack", "years"),
            ("latest_start", "year"),
            ("call", ""),
            ("trigger", ""),
        ],
    );
    let mut without = Vec::new();
    for row in &milestones.rows {
        let Some(industry) = entity(&milestones, row, "industry").map(Field::from) else {
            continue;
        };
        let deadline = deadlines.get(&industry);
        let value = |column: &str| estimate(&milestones, row, column);
        let found = timing(
            deadline.map(|(year, _)| *year),
            value("p50").map(|e| e.value),
            value("p80").map(|e| e.value),
            f64::from(config.study.start_year.0),
            config.readings.margin_years,
        );
        if deadline.is_none() {
            without.push(industry.entity());
        }
        let mut origins = lineage(
            &deadline
                .iter()
                .map(|(_, row)| (*row).clone())
                .collect::<Vec<_>>(),
            &["readings.margin_years", "study.start_year"],
        );
        origins.push(Origin::Result(RowRef::new(
            "layout.milestones",
            row.key.clone(),
        )));
        let unknown = || {
            Quantity::not_estimated(Message::new(if deadline.is_none() {
                "readings.trigger.no_deadline"
            } else {
                "readings.trigger.no_date"
            }))
        };
        table.push(
            industry.as_str(),
            vec![
                industry.entity().into(),
                deadline.map_or(Cell::Empty, |(at, _)| year(*at)),
                value("p50").map_or_else(unknown, Quantity::from).into(),
                value("p80").map_or_else(unknown, Quantity::from).into(),
                found.slack.map_or_else(unknown, Quantity::from).into(),
                found
                    .latest_start
                    .map_or_else(unknown, |at| Estimate::exact(at, Basis::Derived).into())
                    .into(),
                code(found.call.code()),
                trigger(&found, deadline.map(|(year, _)| *year)).into(),
            ],
            origins,
        );
    }
    let mut output = StepOutput {
        tables: vec![table],
        refusals: Vec::new(),
    };
    if !without.is_empty() {
        output.refusals.push(refusal(
            "readings.no_deadline",
            "readings.question.timing",
            |m| m.with("fields", without.clone()),
        ));
    }
    output
}

fn trigger(timing: &Timing, deadline: Option<Year>) -> Message {
    let deadline = deadline.map(|year| year.to_string());
    match (timing.call, timing.latest_start, deadline) {
        (Call::Late, _, Some(deadline)) => {
            Message::new("readings.trigger.late").with("deadline", deadline)
        }
        (_, Some(start), Some(deadline)) => Message::new("readings.trigger.start")
            .with("year", format!("{start:.1}"))
            .with("deadline", deadline),
        (_, _, None) => Message::new("readings.trigger.no_deadline"),
        _ => Message::new("readings.trigger.no_date"),
    }
}

pub const TOGETHER_READS: [&str; 3] = ["policies", "technologies", "fields"];

/// Strategies with the fields that they name.
pub fn documents(context: &Context) -> Vec<Document> {
    let subjects = Subjects::new(context.evidence);
    rows(context.evidence, "policies")
        .filter_map(|row| {
            Some(Document {
                jurisdiction: row.text("jurisdiction")?.into(),
                fields: row
                    .list("technology_ids")
                    .into_iter()
                    .filter_map(|t| subjects.field(t))
                    .collect(),
                origin: row.reference(),
            })
        })
        .collect()
}

/// Pairs of fields that strategies abroad name together.
pub fn together(context: &Context) -> StepOutput {
    let settings = &context.config.readings;
    let documents = documents(context);
    let found = pairs(
        &documents,
        &context.config.study.home,
        settings.least_jurisdictions,
    );
    let mut table = ResultTable::new(
        "layout.together",
        "layout-readings",
        "lift = documents abroad that name both × documents abroad / (documents that name the one × the other)",
        &[
            ("field_a", ""),
            ("field_b", ""),
            ("jurisdictions", ""),
            ("abroad", ""),
            ("at_home", ""),
            ("lift", ""),
        ],
    );
    for pair in found.iter().take(settings.top) {
        table.push(
            format!("{}/{}", pair.a, pair.b),
            vec![
                pair.a.entity().into(),
                pair.b.entity().into(),
                pair.jurisdictions.len().into(),
                pair.abroad.into(),
                pair.at_home.into(),
                Quantity::exact(pair.lift, Basis::Derived).into(),
            ],
            lineage(
                &pair.origins,
                &["readings.least_jurisdictions", "readings.top"],
            ),
        );
    }
    StepOutput {
        tables: vec![table],
        refusals: Vec::new(),
    }
}

pub const CHALLENGE_READS: [&str; 6] = [
    "challenges",
    "technologies",
    "fields",
    "plans",
    "clauses",
    "clusters",
];

/// Challenge → direction → technology → clause.
pub fn challenges(context: &Context) -> StepOutput {
    let plans = plans::plans(context.evidence, context.config);
    let mut table = ResultTable::new(
        "layout.challenges",
        "layout-readings",
        "technologies of the challenge's directions, and clauses in force that name one of them or the challenge itself",
        &[
            ("challenge", ""),
            ("challenge_directions", ""),
            ("challenge_technologies", ""),
            ("challenge_clauses", ""),
            ("fields", ""),
            ("served", ""),
        ],
    );
    let mut output = StepOutput::default();
    for row in rows(context.evidence, "challenges") {
        let directions = row.list("direction");
        let technologies: Vec<&evidence::Record> = rows(context.evidence, "technologies")
            .filter(|t| t.list("direction").iter().any(|d| directions.contains(d)))
            .collect();
        let clauses: Vec<&layout::audit::Clause> = plans
            .register
            .clauses
            .iter()
            .filter(|c| c.challenges.contains(&row.key))
            .collect();
        let fields: BTreeSet<&str> = technologies
            .iter()
            .filter_map(|t| t.text("field"))
            .collect();
        let mut rows: Vec<RowRef> = vec![row.reference()];
        rows.extend(technologies.iter().map(|t| t.reference()));
        rows.extend(clauses.iter().map(|c| c.origin.clone()));
        let served = match (technologies.is_empty(), clauses.is_empty()) {
            (false, false) => "served.yes",
            (false, true) => "served.no_clause",
            (true, false) => "served.no_technology",
            (true, true) => "served.nothing",
        };
        table.push(
            row.key.clone(),
            vec![
                Entity::new(Kind::Challenge, row.key.clone()).into(),
                directions
                    .iter()
                    .map(|d| Entity::new(Kind::Code, *d))
                    .collect::<Vec<_>>()
                    .into(),
                technologies.len().into(),
                clauses.len().into(),
                fields
                    .iter()
                    .map(|f| Entity::new(Kind::Field, *f))
                    .collect::<Vec<_>>()
                    .into(),
                code(served),
            ],
            lineage(&rows, &["study.start_year"]),
        );
    }
    if table.rows.is_empty() {
        output.refusals.push(refusal(
            "readings.no_challenges",
            "readings.question.challenge",
            |m| m,
        ));
    }
    output.tables.push(table);
    output
}
