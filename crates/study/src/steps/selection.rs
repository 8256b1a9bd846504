//! Selection of industries by foundation, prospects and needs.

mod four_new;

use std::collections::{BTreeMap, BTreeSet};

use layout::select::{Performance, SelectParams, Selection, Separation, WeightRange, select};
use model::{
    Basis, Cell, Criterion, Entity, Estimate, Field, Industry, Kind, Message, Origin, Quantity,
    Refusal, ResultTable, RowRef,
};
use serde_json::{Value, json};

use super::{code, parameters};
use crate::config::Config;
use crate::engine::output::{StepOutput, entity, estimate};
use crate::engine::step::Context;
use crate::inputs::{chain as chains, rows};
use crate::scenario::Scenario;

pub fn params(config: &Config, _: &[Scenario]) -> Value {
    json!({
        "home": config.study.home, "selection": config.selection, "seed": config.study.seed,
        "exclude": config.chain.exclude,
    })
}

/// The three criteria of the essay: a certain technical foundation, significant prospects, and needs.
pub const CRITERIA: [&str; 3] = ["foundation", "prospects", "needs"];

/// A sub-indicator of a field, 0..1, larger is better.
struct Score {
    quantity: Quantity,
    origins: Vec<Origin>,
}

impl Score {
    fn missing(reason: &str) -> Self {
        Self {
            quantity: Quantity::not_estimated(Message::new(reason)),
            origins: Vec::new(),
        }
    }
}

pub fn run(context: &Context) -> StepOutput {
    let fields: Vec<Field> = rows(context.evidence, "fields")
        .map(|row| row.key.as_str().into())
        .collect();
    let mut criteria = ResultTable::new(
        "layout.criteria",
        "selection",
        "criterion = mean of its indicators on record; not estimated where none is",
        &[
            ("field", ""),
            ("foundation", "score"),
            ("position", "score"),
            ("clusters_base", "score"),
            ("prospects", "score"),
            ("consensus", "score"),
            ("money_score", "score"),
            ("needs", "score"),
            ("foreign_exposure", "score"),
            ("necks", "score"),
        ],
    );
    let mut card = four_new::table();
    let mut cells = Vec::new();
    for field in &fields {
        let scores = [
            [position(context, field), cluster_base(context, field)],
            [consensus(context, field), money(context, field)],
            [exposure(context, field), necks(context, field)],
        ];
        four_new::rows_for_field(&mut card, context, field, &scores);
        let means: Vec<Quantity> = scores.iter().map(|pair| mean(pair)).collect();
        let mut origins: Vec<Origin> = scores
            .iter()
            .flatten()
            .flat_map(|score| score.origins.iter().cloned())
            .collect();
        origins.extend(parameters(&["selection.money_scale_bn"]));
        let mut row: Vec<Cell> = vec![field.entity().into()];
        for (mean, pair) in means.iter().zip(scores) {
            row.push(mean.clone().into());
            row.extend(pair.map(|score| Cell::from(score.quantity)));
        }
        criteria.push(field.as_str(), row, origins);
        cells.push(means);
    }
    let performance = Performance {
        alternatives: fields,
        criteria: CRITERIA.iter().map(|name| Criterion::from(*name)).collect(),
        cells,
    };
    let mut output = StepOutput {
        tables: vec![criteria, card],
        refusals: Vec::new(),
    };
    match select(
        &performance,
        &select_params(context.config),
        context.config.study.seed,
    ) {
        Ok(selection) => output
            .tables
            .extend(tables(context, &selection, &mut output.refusals)),
        Err(refusal) => output.refusals.push(*refusal),
    }
    output
}

pub(super) fn select_params(config: &Config) -> SelectParams {
    let settings = &config.selection;
    SelectParams {
        top: settings.top,
        draws: settings.draws,
        max_unknown_share: settings.max_unknown_share,
        weights: settings
            .weights
            .iter()
            .map(|(name, range)| WeightRange {
                criterion: name.as_str().into(),
                low: range.low,
                high: range.high,
            })
            .collect(),
        statements: settings.statement.clone(),
        limits: settings.limits.clone(),
        ..SelectParams::default()
    }
}

/// Whether the industry goes on to the layout: where the data do not rule it out and a cluster has evidence for it.
fn laid_out(separation: Separation, hosted: bool) -> &'static str {
    match (separation, hosted) {
        (Separation::Out, _) => "laid_out.out",
        (Separation::In | Separation::NotSeparated, true) => "laid_out.placed",
        (Separation::In | Separation::NotSeparated, false) => "laid_out.reserve",
    }
}

fn tables(
    context: &Context,
    selection: &Selection,
    refusals: &mut Vec<Refusal>,
) -> Vec<ResultTable> {
    let mut acceptability = ResultTable::new(
        "layout.acceptability",
        "selection",
        "share of draws of scores and weights in which the rank is within the top k (SMAA-2)",
        &[
            ("field", ""),
            ("top_acceptability", "share"),
            ("first_rank", "share"),
            ("confidence", "share"),
            ("weight_foundation", "weight"),
            ("weight_prospects", "weight"),
            ("weight_needs", "weight"),
            ("separation", ""),
            ("laid_out", ""),
            ("unknown_criteria", ""),
        ],
    );
    let mut ranks = ResultTable::new(
        "layout.ranks",
        "selection",
        "b(i, r) = share of draws in which industry i has rank r",
        &[("field", ""), ("rank", ""), ("acceptability", "share")],
    );
    let all: Vec<Origin> = selection
        .candidates
        .iter()
        .map(|c| Origin::Result(RowRef::new("layout.criteria", c.industry.as_str())))
        .collect();
    let strengths = context.table("foundation.strengths");
    let hosted: BTreeSet<&str> = strengths
        .rows
        .iter()
        .filter(|row| estimate(&strengths, row, "strength").is_some())
        .filter_map(|row| entity(&strengths, row, "field"))
        .collect();
    for candidate in &selection.candidates {
        // A rank depends on all candidates.
        let mut origins = all.clone();
        origins.extend(parameters(&[
            "selection.weights",
            "selection.draws",
            "selection.top",
            "study.seed",
        ]));
        let weight = |name: &str| -> Cell {
            candidate
                .central_weights
                .as_ref()
                .and_then(|c| {
                    c.weights
                        .iter()
                        .find(|(criterion, _)| criterion.as_str() == name)
                })
                .map_or_else(
                    || Quantity::not_estimated(Message::new("selection.never_first")).into(),
                    |(_, weight)| Cell::from(*weight),
                )
        };
        acceptability.push(
            candidate.industry.as_str(),
            vec![
                candidate.industry.entity().into(),
                candidate.top_acceptability.into(),
                candidate
                    .rank_acceptability
                    .first()
                    .map_or(Cell::Empty, |e| (*e).into()),
                candidate.confidence.map_or_else(
                    || Quantity::not_estimated(Message::new("selection.never_first")).into(),
                    Cell::from,
                ),
                weight("foundation"),
                weight("prospects"),
                weight("needs"),
                code(candidate.separation.code()),
                code(laid_out(
                    candidate.separation,
                    hosted.contains(candidate.industry.as_str()),
                )),
                candidate
                    .unknown
                    .iter()
                    .map(|criterion| Entity::new(Kind::Code, criterion.as_str()))
                    .collect::<Vec<_>>()
                    .into(),
            ],
            origins.clone(),
        );
        for (r, share) in candidate.rank_acceptability.iter().enumerate() {
            ranks.push(
                format!("{}/{}", candidate.industry, r + 1),
                vec![
                    candidate.industry.entity().into(),
                    (r + 1).into(),
                    (*share).into(),
                ],
                vec![Origin::Result(RowRef::new(
                    "layout.acceptability",
                    candidate.industry.as_str(),
                ))],
            );
        }
    }
    refusals.extend(selection.refused.iter().map(|(_, refusal)| refusal.clone()));
    let open = selection.not_separated();
    if !open.is_empty() {
        refusals.push(Refusal {
            code: "selection.not_separated".to_owned(),
            question: Message::new("selection.question").with("top", selection.top),
            reason: selection.finding(),
            needed: Message::new("selection.not_separated.needed"),
        });
    }
    vec![acceptability, ranks, sets(selection)]
}

/// The most frequent of the sets that are the best in some draws.
fn sets(selection: &Selection) -> ResultTable {
    const SHOWN: usize = 10;
    let mut table = ResultTable::new(
        "layout.sets",
        "selection",
        "B(S) = share of draws in which S is the best set of k that the limits allow",
        &[
            ("members", ""),
            ("set_acceptability", "share"),
            ("set_loss", "share"),
        ],
    );
    for (k, set) in selection.sets.iter().take(SHOWN).enumerate() {
        let members: Vec<Entity> = set.industries.iter().map(Industry::entity).collect();
        let mut origins: Vec<Origin> = (selection.candidates.iter())
            .map(|c| Origin::Result(RowRef::new("layout.criteria", c.industry.as_str())))
            .collect();
        origins.extend(parameters(&[
            "selection.weights",
            "selection.top",
            "study.seed",
        ]));
        table.push(
            (k + 1).to_string(),
            vec![
                members.into(),
                set.acceptability.into(),
                set.loss.map_or(Cell::Empty, Cell::from),
            ],
            origins,
        );
    }
    table
}

/// Mean of the estimates on record.
fn mean(scores: &[Score]) -> Quantity {
    let known: Vec<Estimate> = scores
        .iter()
        .filter_map(|s| s.quantity.estimate())
        .collect();
    average(&known).map_or_else(
        || Quantity::not_estimated(Message::new("selection.no_indicator")),
        Quantity::from,
    )
}

fn average(estimates: &[Estimate]) -> Option<Estimate> {
    if estimates.is_empty() {
        return None;
    }
    let sum = estimates
        .iter()
        .copied()
        .fold(Estimate::exact(0.0, Basis::Derived), Estimate::plus);
    Some(
        sum.times(Estimate::exact(
            1.0 / estimates.len() as f64,
            Basis::Derived,
        ))
        .clamped(0.0, 1.0),
    )
}

fn scored(estimates: &[Estimate], origins: Vec<Origin>, missing: &str) -> Score {
    average(estimates).map_or_else(
        || Score::missing(missing),
        |mean| Score {
            quantity: mean.into(),
            origins,
        },
    )
}

/// Mean closeness to the leader over the field's technologies: 1 - distance.
fn position(context: &Context, field: &Field) -> Score {
    let leads = context.table("trend.lead");
    let technologies: Vec<&str> = rows(context.evidence, "technologies")
        .filter(|row| row.text("field") == Some(field.as_str()))
        .map(|row| row.key.as_str())
        .collect();
    let mut found = Vec::new();
    let mut origins = Vec::new();
    for row in &leads.rows {
        let about = entity(&leads, row, "technology").unwrap_or_default();
        if technologies.contains(&about)
            && entity(&leads, row, "primary") == Some("yes")
            && let Some(distance) = estimate(&leads, row, "distance")
        {
            found.push(
                Estimate::exact(1.0, Basis::Derived)
                    .minus(distance)
                    .clamped(0.0, 1.0),
            );
            origins.push(Origin::Result(RowRef::new("trend.lead", row.key.clone())));
        }
    }
    scored(&found, origins, "selection.no_lead")
}

/// Mean strength of the field's three strongest clusters on record.
fn cluster_base(context: &Context, field: &Field) -> Score {
    let (estimates, origins): (Vec<Estimate>, Vec<Origin>) = strongest(context, field)
        .into_iter()
        .map(|(strength, key)| {
            let origin = Origin::Result(RowRef::new("foundation.strengths", key));
            (strength, origin)
        })
        .unzip();
    scored(&estimates, origins, "selection.no_cluster")
}

/// The field's three strongest clusters on record: strength, and key in `foundation.strengths`.
pub(super) fn strongest(context: &Context, field: &Field) -> Vec<(Estimate, String)> {
    let strengths = context.table("foundation.strengths");
    let mut found: Vec<(Estimate, String)> = strengths
        .rows
        .iter()
        .filter(|row| entity(&strengths, row, "field") == Some(field.as_str()))
        .filter_map(|row| Some((estimate(&strengths, row, "strength")?, row.key.clone())))
        .collect();
    found.sort_by(|a, b| b.0.value.total_cmp(&a.0.value).then_with(|| a.1.cmp(&b.1)));
    found.truncate(3);
    found
}

fn consensus(context: &Context, field: &Field) -> Score {
    let table = context.table("trend.consensus");
    let share = table
        .row(field.as_str())
        .and_then(|row| estimate(&table, row, "consensus"));
    let origin = Origin::Result(RowRef::new("trend.consensus", field.as_str()));
    scored(
        &share.into_iter().collect::<Vec<_>>(),
        vec![origin],
        "selection.no_consensus",
    )
}

/// Money announced for the field by all others, on a log scale: ln(1 + bn) / ln(1 + scale).
fn money(context: &Context, field: &Field) -> Score {
    let table = context.table("trend.money");
    let home = context.config.study.home.as_str();
    let mut total: Option<Estimate> = None;
    let mut origins = Vec::new();
    for row in &table.rows {
        let other = entity(&table, row, "jurisdiction") != Some(home);
        if other
            && entity(&table, row, "subject") == Some(field.as_str())
            && let Some(sum) = estimate(&table, row, "money")
        {
            total = Some(total.map_or(sum, |t| t.plus(sum)));
            origins.push(Origin::Result(RowRef::new("trend.money", row.key.clone())));
        }
    }
    let scale = (1.0 + context.config.selection.money_scale_bn).ln();
    let score = total.map(|t| t.map_increasing(|bn| ((1.0 + bn).ln() / scale).clamp(0.0, 1.0)));
    scored(
        &score.into_iter().collect::<Vec<_>>(),
        origins,
        "selection.no_money",
    )
}

/// Mean share of the field's end products that would not remain if all foreign supply stopped.
fn exposure(context: &Context, field: &Field) -> Score {
    let table = context.table("chain.home");
    let mut found = Vec::new();
    let mut origins = Vec::new();
    for info in chains::chains(context.evidence, context.config).values() {
        if !info.fields.contains(field) {
            continue;
        }
        for target in &info.targets {
            let key = format!("{}/{target}", info.chain);
            if let Some(row) = table.row(&key)
                && let Some(remains) = estimate(&table, row, "home_look_through")
            {
                found.push(
                    Estimate::exact(1.0, Basis::Derived)
                        .minus(remains)
                        .clamped(0.0, 1.0),
                );
                origins.push(Origin::Result(RowRef::new("chain.home", key)));
            }
        }
    }
    scored(&found, origins, "selection.no_chain")
}

/// Share of the field's candidates that are stuck necks: low counts the proven, high also the open ones.
fn necks(context: &Context, field: &Field) -> Score {
    let table = context.table("foundation.necks");
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut origins = Vec::new();
    for row in &table.rows {
        let Some(Cell::Entities(fields)) = table.column("fields").map(|i| &row.cells[i]) else {
            continue;
        };
        if fields.iter().any(|f| f.id == field.as_str()) {
            *counts
                .entry(entity(&table, row, "verdict").unwrap_or_default())
                .or_insert(0) += 1;
            origins.push(Origin::Result(RowRef::new(
                "foundation.necks",
                row.key.clone(),
            )));
        }
    }
    let all: usize = counts.values().sum();
    if all == 0 {
        return Score::missing("selection.no_candidate");
    }
    let count = |verdict: &str| counts.get(verdict).copied().unwrap_or(0) as f64 / all as f64;
    let (proven, open) = (count("verdict.neck"), count("verdict.open"));
    let share = Estimate::spanning(proven + open / 2.0, proven, proven + open, Basis::Derived);
    Score {
        quantity: share.into(),
        origins,
    }
}
