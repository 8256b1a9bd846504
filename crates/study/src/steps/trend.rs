//! Trend as tables: strategies, money, technology lead.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Cell, Entity, Kind, Message, Origin, Quantity, Refusal, ResultTable, RowRef, Technology,
};
use serde_json::{Value, json};
use trend::consensus::consensus;
use trend::directions::direction_shares;
use trend::instruments::instrument_mix;
use trend::{lead, money};

use super::{code, evidence_rows, parameters, year};
use crate::config::Config;
use crate::engine::output::StepOutput;
use crate::engine::step::Context;
use crate::inputs::{indicators, rows, strategies as inputs};
use crate::scenario::Scenario;

pub fn strategies_params(config: &Config, _: &[Scenario]) -> Value {
    json!({ "home": config.study.home, "consensus": config.consensus, "ranges": config.ranges })
}

/// Registry, consensus by field and by technology, direction shares, instrument mix.
pub fn strategies(context: &Context) -> StepOutput {
    let config = context.config;
    let all = inputs::strategies(context.evidence, &config.ranges);
    let mut tables = vec![registry(context), jurisdictions(&all)];
    for kind in [Kind::Field, Kind::Technology] {
        let table = if kind == Kind::Field {
            "fields"
        } else {
            "technologies"
        };
        let subjects: BTreeSet<Entity> = rows(context.evidence, table)
            .map(|row| Entity::new(kind, row.key.clone()))
            .collect();
        let found = consensus(&all, &subjects, &config.study.home, &config.consensus);
        tables.extend(consensus_tables(kind, &found));
    }
    tables.push(directions(&all));
    tables.push(instruments(&all));
    let mut refusals = Vec::new();
    if !all.iter().any(|s| s.jurisdiction == config.study.home) {
        refusals.push(Refusal {
            code: "consensus.home_unrecorded".to_owned(),
            question: Message::new("consensus.question"),
            reason: Message::new("consensus.home_unrecorded")
                .with("home", config.study.home.entity()),
            needed: Message::new("consensus.home_unrecorded.needed")
                .with("home", config.study.home.entity()),
        });
    }
    StepOutput { tables, refusals }
}

fn registry(context: &Context) -> ResultTable {
    let mut table = ResultTable::new(
        "trend.registry",
        "consensus",
        "one row per strategy of the registry, as recorded",
        &[
            ("strategy", ""),
            ("jurisdiction", ""),
            ("published", ""),
            ("technologies", ""),
            ("instruments", ""),
        ],
    )
    .repeating(&["jurisdiction", "published", "technologies", "instruments"]);
    for row in rows(context.evidence, "policies") {
        let entities = |kind, column: &str| -> Cell {
            row.list(column)
                .into_iter()
                .map(|id| Entity::new(kind, id))
                .collect::<Vec<_>>()
                .into()
        };
        table.push(
            row.key.clone(),
            vec![
                Entity::new(Kind::Policy, row.key.clone()).into(),
                Entity::new(Kind::Country, row.text("jurisdiction").unwrap_or_default()).into(),
                row.text("published").unwrap_or_default().into(),
                entities(Kind::Technology, "technology_ids"),
                entities(Kind::Code, "instruments"),
            ],
            vec![Origin::Evidence(row.reference())],
        );
    }
    table
}

/// How many strategies each jurisdiction has on record: the denominators of shares, with every strategy that is
/// counted in them.
fn jurisdictions(all: &[trend::Strategy]) -> ResultTable {
    let mut table = ResultTable::new(
        "trend.jurisdictions",
        "consensus",
        "strategies on record",
        &[("jurisdiction", ""), ("documents", "")],
    );
    let mut groups: BTreeMap<&str, Vec<RowRef>> = BTreeMap::new();
    for strategy in all {
        groups
            .entry("all")
            .or_default()
            .push(strategy.origin.clone());
        groups
            .entry(strategy.jurisdiction.as_str())
            .or_default()
            .push(strategy.origin.clone());
    }
    for (who, rows) in groups {
        let name: Cell = if who == "all" {
            code("all")
        } else {
            Entity::new(Kind::Country, who).into()
        };
        table.push(who, vec![name, rows.len().into()], evidence_rows(&rows));
    }
    table
}

/// The strategies that are in the denominator of a share.
fn counted(who: &str) -> Origin {
    Origin::Result(RowRef::new("trend.jurisdictions", who))
}

fn consensus_tables(kind: Kind, found: &trend::consensus::Consensus) -> Vec<ResultTable> {
    let (of_fields, suffix) = (
        kind == Kind::Field,
        if kind == Kind::Field {
            ""
        } else {
            "_technologies"
        },
    );
    let formula = "consensus = naming / (jurisdictions - unknown); low = naming / jurisdictions; high = (naming + unknown) / jurisdictions";
    let mut subjects = ResultTable::new(
        &format!("trend.consensus{suffix}"),
        "consensus",
        formula,
        &[
            ("subject", ""),
            ("consensus", "share"),
            ("named_by", ""),
            ("unknown", ""),
            ("choice", ""),
        ],
    );
    let entities = |set: &BTreeSet<model::Jurisdiction>| -> Cell {
        set.iter()
            .map(model::Country::entity)
            .collect::<Vec<_>>()
            .into()
    };
    for s in &found.subjects {
        let mut origins = evidence_rows(&s.origins);
        origins.push(counted("all"));
        origins.extend(parameters(&[
            "consensus.min_documents",
            "consensus.common_from",
            "study.home",
        ]));
        subjects.push(
            s.subject.id.clone(),
            vec![
                s.subject.clone().into(),
                s.share.into(),
                entities(&s.named_by),
                entities(&s.unknown),
                code(s.choice.code()),
            ],
            origins,
        );
    }
    let mut tables = vec![subjects];
    if of_fields {
        let mut matrix = ResultTable::new(
            "trend.matrix",
            "consensus",
            "documents of the jurisdiction that name the field",
            &[
                ("subject", ""),
                ("jurisdiction", ""),
                ("documents", ""),
                ("first_year", ""),
            ],
        );
        for cell in found.cells.iter().filter(|cell| cell.documents > 0) {
            matrix.push(
                format!("{}/{}", cell.subject.id, cell.jurisdiction),
                vec![
                    cell.subject.clone().into(),
                    cell.jurisdiction.entity().into(),
                    cell.documents.into(),
                    cell.first.map_or(Cell::Empty, year),
                ],
                evidence_rows(&cell.origins),
            );
        }
        let mut over_time = ResultTable::new(
            "trend.consensus_over_time",
            "consensus",
            "consensus of the strategies published up to the end of the year",
            &[("subject", ""), ("year", ""), ("consensus", "share")],
        );
        for (subject, at, share) in &found.over_time {
            let result = Origin::Result(RowRef::new("trend.consensus", subject.id.clone()));
            over_time.push(
                format!("{}/{at}", subject.id),
                vec![subject.clone().into(), year(*at), (*share).into()],
                vec![result],
            );
        }
        tables.extend([matrix, over_time]);
    }
    tables
}

fn directions(all: &[trend::Strategy]) -> ResultTable {
    let mut table = ResultTable::new(
        "trend.directions",
        "directions",
        "share = Σ 1/n over strategies with the direction / strategies; low: it alone; high: it or cross-cutting",
        &[
            ("jurisdiction", ""),
            ("direction", ""),
            ("documents", ""),
            ("share", "share"),
        ],
    );
    for share in direction_shares(all) {
        let who = share.jurisdiction.as_ref().map_or("all", |j| j.as_str());
        let mut origins = evidence_rows(&share.origins);
        origins.push(counted(who));
        table.push(
            format!("{who}/{}", share.direction),
            vec![
                share
                    .jurisdiction
                    .as_ref()
                    .map_or_else(|| code("all"), |j| j.entity().into()),
                code(&share.direction),
                share.documents.into(),
                share.share.into(),
            ],
            origins,
        );
    }
    table
}

fn instruments(all: &[trend::Strategy]) -> ResultTable {
    let mut table = ResultTable::new(
        "trend.instruments",
        "instruments",
        "share = documents with the instrument / documents; Wilson 95 % interval",
        &[
            ("jurisdiction", ""),
            ("instrument", ""),
            ("documents", ""),
            ("share", "share"),
            ("others", "share"),
        ],
    );
    for share in instrument_mix(all) {
        let mut origins = evidence_rows(&share.origins);
        origins.push(counted(share.jurisdiction.as_str()));
        origins.push(counted("all"));
        table.push(
            format!("{}/{}", share.jurisdiction, share.instrument),
            vec![
                share.jurisdiction.entity().into(),
                code(&share.instrument),
                share.documents.into(),
                share.share.into(),
                share.others.into(),
            ],
            origins,
        );
    }
    table
}

pub fn money_params(config: &Config, _: &[Scenario]) -> Value {
    json!({ "money": config.money, "ranges": config.ranges })
}

/// Announced money, by strategy and by field and year.
pub fn money(context: &Context) -> StepOutput {
    let config = context.config;
    let all = inputs::strategies(context.evidence, &config.ranges);
    let converted = money::convert(&all, &inputs::rates(context.evidence), &config.money);
    let mut sums = ResultTable::new(
        "trend.money_by_strategy",
        "money",
        "amount / rate × index(base year) / index(year); rate: the source's own, else the year's average",
        &[
            ("strategy", ""),
            ("jurisdiction", ""),
            ("year", ""),
            ("fields", ""),
            ("money", "usd_bn"),
        ],
    );
    for sum in &converted {
        let mut origins = evidence_rows(&sum.origins);
        origins.extend(parameters(&[
            "money.base_year",
            "money.rate_half_width",
            "ranges",
        ]));
        sums.push(
            sum.strategy.key.clone(),
            vec![
                Entity::new(Kind::Policy, sum.strategy.key.clone()).into(),
                sum.jurisdiction.entity().into(),
                year(sum.year),
                sum.fields.clone().into(),
                sum.usd_bn.clone().into(),
            ],
            origins,
        );
    }
    let mut fields = ResultTable::new(
        "trend.money",
        "money",
        "value = Σ amount / fields named; low = largest sum for this field alone; high = Σ amount",
        &[
            ("subject", ""),
            ("jurisdiction", ""),
            ("year", ""),
            ("documents", ""),
            ("unconverted", ""),
            ("money", "usd_bn"),
        ],
    );
    for cell in money::by_field(&converted) {
        let origins = cell
            .origins
            .iter()
            .filter(|row| row.table == "policies")
            .map(|row| Origin::Result(RowRef::new("trend.money_by_strategy", row.key.clone())))
            .collect();
        fields.push(
            format!("{}/{}/{}", cell.field.id, cell.jurisdiction, cell.year),
            vec![
                cell.field.clone().into(),
                cell.jurisdiction.entity().into(),
                year(cell.year),
                cell.documents.into(),
                cell.unconverted.into(),
                cell.usd_bn.into(),
            ],
            origins,
        );
    }
    let mut refusals = Vec::new();
    let missing: BTreeSet<String> = converted
        .iter()
        .filter(|c| matches!(c.usd_bn, Quantity::NotEstimated(_)))
        .map(|c| c.strategy.key.clone())
        .collect();
    if !missing.is_empty() {
        let list: Vec<Entity> = missing
            .iter()
            .map(|id| Entity::new(Kind::Policy, id.clone()))
            .collect();
        refusals.push(Refusal {
            code: "money.not_converted".to_owned(),
            question: Message::new("money.question"),
            reason: Message::new("money.not_converted").with("strategies", list),
            needed: Message::new("money.not_converted.needed"),
        });
    }
    StepOutput {
        tables: vec![sums, fields],
        refusals,
    }
}

pub fn lead_params(config: &Config, _: &[Scenario]) -> Value {
    json!({ "home": config.study.home, "monopoly": config.monopoly, "ranges": config.ranges })
}

/// Technology lead, coverage meter, monopoly risk.
pub fn lead(context: &Context) -> StepOutput {
    let config = context.config;
    let observations = indicators::observations(context.evidence, &config.ranges);
    let leads = lead::leads(&observations, &config.study.home);
    let mut table = ResultTable::new(
        "trend.lead",
        "technology-lead",
        "lead ratio = s1/s2; concentration = Σ s²; distance = 1 - s_home/s1; rank = 1 + countries ahead of home; a leader only where s1 exceeds the unlisted rest",
        &[
            ("technology", ""),
            ("indicator", ""),
            ("year", ""),
            ("primary", ""),
            ("leader", ""),
            ("leader_value", ""),
            ("second", ""),
            ("second_value", ""),
            ("home_value", ""),
            ("home_rank", "rank"),
            ("lead_ratio", "times"),
            ("concentration", "share"),
            ("distance", "share"),
            ("countries", ""),
            ("covered", "share"),
        ],
    );
    for l in &leads {
        let mut origins = evidence_rows(&l.origins);
        origins.extend(parameters(&["ranges", "study.home"]));
        table.push(
            format!("{}/{}/{}", l.technology, l.indicator, l.year),
            vec![
                l.technology.entity().into(),
                l.indicator.entity().into(),
                year(l.year),
                code(if l.primary { "yes" } else { "no" }),
                holder(&l.leader),
                figure(&l.leader),
                holder(&l.second),
                figure(&l.second),
                l.home_value.clone().into(),
                l.home_rank.clone().into(),
                l.lead_ratio.clone().into(),
                l.concentration.clone().into(),
                l.distance.clone().into(),
                l.countries.into(),
                l.covered.clone().into(),
            ],
            origins,
        );
    }
    let technologies: BTreeSet<Technology> = rows(context.evidence, "technologies")
        .map(|row| row.key.as_str().into())
        .collect();
    let coverage = lead::coverage(&technologies, &leads);
    let mut meter = ResultTable::new(
        "trend.coverage",
        "technology-lead",
        "technologies with evidence of the kind / technologies",
        &[
            ("measure", ""),
            ("technologies", ""),
            ("of", ""),
            ("missing", ""),
        ],
    );
    let observed: Vec<Origin> = leads
        .iter()
        .map(|l| {
            Origin::Result(RowRef::new(
                "trend.lead",
                format!("{}/{}/{}", l.technology, l.indicator, l.year),
            ))
        })
        .collect();
    let missing: Vec<Entity> = coverage.missing.iter().map(Technology::entity).collect();
    meter.push(
        "observed",
        vec![
            code("coverage.observed"),
            coverage.observed.len().into(),
            coverage.technologies.into(),
            missing.clone().into(),
        ],
        observed.clone(),
    );
    let without: Vec<Entity> = technologies
        .iter()
        .filter(|t| !coverage.with_shares.contains(*t))
        .map(Technology::entity)
        .collect();
    meter.push(
        "with_shares",
        vec![
            code("coverage.with_shares"),
            coverage.with_shares.len().into(),
            coverage.technologies.into(),
            without.into(),
        ],
        observed,
    );
    let (monopoly, mut refusals) = monopoly(&observations, config);
    if !missing.is_empty() {
        refusals.push(Refusal {
            code: "lead.no_indicator".to_owned(),
            question: Message::new("lead.question"),
            reason: Message::new("lead.no_indicator").with("technologies", missing),
            needed: Message::new("lead.no_indicator.needed"),
        });
    }
    StepOutput {
        tables: vec![table, meter, monopoly],
        refusals,
    }
}

/// Who holds a place, or the words "not estimated"; [`figure`] beside it says why.
fn holder(place: &Result<lead::Held, Message>) -> Cell {
    match place {
        Ok(held) => held.country.entity().into(),
        Err(_) => code("not_estimated"),
    }
}

/// What the holder of a place holds, or why nobody is known to hold it.
fn figure(place: &Result<lead::Held, Message>) -> Cell {
    match place {
        Ok(held) => held.value.into(),
        Err(reason) => Quantity::not_estimated(reason.clone()).into(),
    }
}

fn monopoly(observations: &[lead::Observation], config: &Config) -> (ResultTable, Vec<Refusal>) {
    let mut table = ResultTable::new(
        "trend.monopoly",
        "technology-lead",
        "high: at least 8 of the top 10 institutions in the lead country and 3 times the second's papers; medium: 5 and 2; else low",
        &[
            ("technology", ""),
            ("indicator", ""),
            ("country", ""),
            ("institutions", "of_ten"),
            ("lead_ratio", "times"),
            ("verdict", ""),
        ],
    );
    let mut refusals = Vec::new();
    for risk in lead::monopoly_risk(observations, &config.monopoly) {
        let verdict = match risk.verdict {
            Some((low, high)) if low == high => code(low.code()),
            Some((low, high)) => Message::new("lead.between")
                .with("low", Entity::new(Kind::Code, low.code()))
                .with("high", Entity::new(Kind::Code, high.code()))
                .into(),
            None => {
                refusals.push(Refusal {
                    code: "lead.monopoly_inputs".to_owned(),
                    question: Message::new("lead.monopoly_question")
                        .with("technology", risk.technology.entity()),
                    reason: Message::new("lead.second_not_on_record"),
                    needed: Message::new("lead.monopoly_needed"),
                });
                code("not_estimated")
            }
        };
        let mut origins = evidence_rows(&risk.origins);
        origins.extend(parameters(&["monopoly"]));
        table.push(
            format!("{}/{}", risk.technology, risk.country),
            vec![
                risk.technology.entity().into(),
                risk.indicator.map_or_else(
                    || code("not_estimated"),
                    |measured| measured.entity().into(),
                ),
                risk.country.entity().into(),
                risk.institutions.into(),
                risk.lead.into(),
                verdict,
            ],
            origins,
        );
    }
    (table, refusals)
}
