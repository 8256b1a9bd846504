//! The roadmap of a run: its nodes with the evidence rows behind them, which of these have changed or aged since, what
//! moved between two versions, and the timeline that other programs read.

use std::collections::BTreeMap;

use evidence::{Evidence, Record};
use layout::roadmap::Stage;
use model::{Cell, Estimate, Lang, Names, Quantity, ResultTable, Row, RowRef, Year, short};
use serde::Serialize;

use crate::engine::diff::{Cause, diff};
use crate::engine::output::cell;
use crate::engine::run::Run;
use crate::error::StudyError;
use crate::folder::Study;
use crate::release::{released, released_label};
use crate::report::evidence_of;
use crate::timeline::{Date, Item, Link, LinkKind, Timeline};

const TABLE: &str = "layout.roadmap";
const LAYERS: &str = crate::steps::roadmap_layers::TABLE;

/// Why the evidence of a node has to be read again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum Amber {
    /// The row says something else today than it did for the run.
    Changed { row: String, columns: Vec<String> },
    /// The row is no longer there.
    Gone { row: String },
    /// The row speaks of a year longer ago than allowed.
    Old { row: String, year: i32 },
    /// No evidence row stands behind the node.
    Nothing,
}

/// One bar of the roadmap.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Node {
    /// `industry/stage`, the row of the table `layout.roadmap`; in the layers of market and policy the `table/key` of its
    /// evidence.
    pub id: String,
    /// The table that holds it.
    pub table: &'static str,
    /// Several in the layers of market and policy, joined by `;`.
    pub industry: String,
    /// In the layers of market and policy the kind of node: target, demand, policy, standard, plan.
    pub stage: String,
    /// Of the T-Plan: the end of its code.
    pub layer: String,
    /// Decimal years.
    pub start: f64,
    /// The finish; of a node without an end on record, its start.
    pub finish: f64,
    /// First year of a node of market or policy, as people write it; nothing for stages, which have quarters.
    pub shown_from: Option<i32>,
    /// Its last year; nothing where none is on record.
    pub shown_until: Option<i32>,
    pub p50: Option<f64>,
    pub p80: Option<f64>,
    /// Share of draws in which it determines the end.
    pub criticality: Option<f64>,
    /// Rows that justify its duration, as `table/key`.
    pub evidence: Vec<String>,
    pub amber: Vec<Amber>,
}

/// What is different in a later version.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "change")]
pub enum Moved {
    Added {
        id: String,
    },
    Removed {
        id: String,
    },
    /// In years, later is positive.
    Shifted {
        id: String,
        start: f64,
        finish: f64,
    },
}

/// Two versions beside each other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Versions {
    pub from: String,
    pub to: String,
    pub moved: Vec<Moved>,
    /// What the roadmap step depends on and is different.
    pub because: Vec<Cause>,
}

fn table(run: &Run) -> Result<&ResultTable, StudyError> {
    run.table(TABLE).ok_or_else(|| StudyError::UnknownTable {
        name: TABLE.to_owned(),
        known: run.tables().map(|t| t.name.clone()).collect(),
    })
}

fn estimate(table: &ResultTable, row: &Row, column: &str) -> Option<Estimate> {
    match cell(table, row, column)? {
        Cell::Quantity(Quantity::Estimated(estimate)) => Some(*estimate),
        _ => None,
    }
}

/// The nodes of a run's roadmap, compared with the evidence as it is now. A row older than `most_age` years before the
/// study's start year turns its node amber. `then` is the evidence that the run read, `now` that of the study's folder.
pub fn roadmap_nodes(
    run: &Run,
    then: &Evidence,
    now: &Evidence,
    most_age: i32,
) -> Result<Vec<Node>, StudyError> {
    let table = table(run)?;
    let today = run.manifest.config.study.start_year;
    let mut nodes = Vec::new();
    for row in &table.rows {
        let Some((industry, stage)) = row.key.split_once('/') else {
            continue;
        };
        let (Some(start), Some(finish)) = (
            estimate(table, row, "start"),
            estimate(table, row, "finish"),
        ) else {
            continue;
        };
        let rows = rows_behind(run, then, industry, stage);
        let value = |column| estimate(table, row, column).map(|e| e.value);
        nodes.push(Node {
            id: row.key.clone(),
            table: TABLE,
            industry: industry.to_owned(),
            stage: stage.to_owned(),
            layer: match cell(table, row, "layer") {
                Some(Cell::Entity(layer)) => short(&layer.id).to_owned(),
                _ => String::new(),
            },
            start: start.value,
            finish: finish.value,
            shown_from: None,
            shown_until: None,
            p50: value("p50"),
            p80: value("p80"),
            criticality: value("criticality"),
            evidence: labels(then, &rows),
            amber: amber(&rows, then, now, today, most_age),
        });
    }
    if let Some(layers) = run.table(LAYERS) {
        for row in &layers.rows {
            nodes.extend(layer_node(layers, row, then, now, today, most_age));
        }
    }
    Ok(nodes)
}

/// First and last year on record of a node of market or policy.
fn on_record(table: &ResultTable, row: &Row) -> Option<(i32, Option<i32>)> {
    let year = |column| match cell(table, row, column) {
        Some(Cell::Count(year)) => i32::try_from(*year).ok(),
        _ => None,
    };
    Some((year("from_year")?, year("until_year")))
}

/// Decimal years of a node of market or policy: a year is its first day, and its last for the end.
fn years(table: &ResultTable, row: &Row) -> Option<(f64, f64)> {
    let (from, until) = on_record(table, row)?;
    let from = f64::from(from);
    Some((from, until.map_or(from, |until| f64::from(until) + 1.0)))
}

fn layer_node(
    table: &ResultTable,
    row: &Row,
    then: &Evidence,
    now: &Evidence,
    today: Year,
    most_age: i32,
) -> Option<Node> {
    let (start, finish) = years(table, row)?;
    let (shown_from, shown_until) = on_record(table, row)?;
    let word = |column| match cell(table, row, column) {
        Some(Cell::Entity(code)) => short(&code.id).to_owned(),
        _ => String::new(),
    };
    let fields: Vec<&str> = match cell(table, row, "fields") {
        Some(Cell::Entities(fields)) => fields.iter().map(|f| f.id.as_str()).collect(),
        _ => Vec::new(),
    };
    let rows: Vec<RowRef> = (row.origins.iter())
        .filter_map(|origin| match origin {
            model::Origin::Evidence(reference) => Some(reference.clone()),
            _ => None,
        })
        .collect();
    Some(Node {
        id: row.key.clone(),
        table: LAYERS,
        industry: fields.join(";"),
        stage: word("node_kind"),
        layer: word("layer"),
        start,
        finish,
        shown_from: Some(shown_from),
        shown_until,
        p50: None,
        p80: None,
        criticality: None,
        evidence: labels(then, &rows),
        amber: amber(&rows, then, now, today, most_age),
    })
}

/// The reference classes that gave a node its duration.
fn rows_behind(run: &Run, then: &Evidence, industry: &str, stage: &str) -> Vec<RowRef> {
    let config = &run.manifest.config;
    let classes = config.roadmap.stages.get(stage).map(|stage| {
        stage
            .fields
            .get(industry)
            .unwrap_or(&stage.default)
            .as_slice()
    });
    crate::inputs::durations::years(then, classes.unwrap_or_default(), &config.ranges)
        .map(|(_, rows)| rows)
        .unwrap_or_default()
}

fn labels(evidence: &Evidence, rows: &[RowRef]) -> Vec<String> {
    rows.iter()
        .map(|row| released_label(evidence, row))
        .collect()
}

fn amber(
    rows: &[RowRef],
    then: &Evidence,
    now: &Evidence,
    today: Year,
    most_age: i32,
) -> Vec<Amber> {
    let mut found = Vec::new();
    for reference in rows {
        let row = released_label(then, reference);
        let (Some(old), new) = (then.record(reference), now.record(reference)) else {
            continue;
        };
        match new {
            None => found.push(Amber::Gone { row: row.clone() }),
            Some(new) => {
                let columns = differing(old, new);
                if !columns.is_empty() {
                    let row = row.clone();
                    found.push(Amber::Changed { row, columns });
                }
            }
        }
        if let Some(year) = spoken_of(old)
            && today.0 - year.0 > most_age
        {
            found.push(Amber::Old { row, year: year.0 });
        }
    }
    if rows.is_empty() {
        found.push(Amber::Nothing);
    }
    found
}

/// The latest year that a row speaks of: a policy for 2030 does not age before.
fn spoken_of(record: &Record) -> Option<Year> {
    const YEARS: [&str; 7] = [
        "year",
        "published",
        "horizon_year",
        "from_year",
        "to_year",
        "deadline",
        "start_year",
    ];
    let known = |name: &&str| record.schema().columns.iter().any(|c| c.name == *name);
    YEARS
        .into_iter()
        .filter(known)
        .filter_map(|name| record.year(name))
        .max()
}

fn differing(old: &Record, new: &Record) -> Vec<String> {
    let columns = old.schema().columns.iter().enumerate();
    columns
        .filter(|(k, c)| {
            let at = new
                .schema()
                .columns
                .iter()
                .position(|other| other.name == c.name);
            at.and_then(|at| new.values.get(at)) != old.values.get(*k)
        })
        .map(|(_, c)| c.name.clone())
        .collect()
}

/// What moved from one run's roadmap to another's, and why.
pub fn roadmap_versions(from: &Run, to: &Run) -> Result<Versions, StudyError> {
    let dates = |run: &Run| -> Result<BTreeMap<String, (f64, f64)>, StudyError> {
        let table = table(run)?;
        let stages = table.rows.iter().filter_map(|row| {
            let start = estimate(table, row, "start")?;
            let finish = estimate(table, row, "finish")?;
            Some((row.key.clone(), (start.value, finish.value)))
        });
        let layers = run.table(LAYERS).into_iter().flat_map(|layers| {
            let dated = |row: &Row| Some((row.key.clone(), years(layers, row)?));
            layers.rows.iter().filter_map(dated).collect::<Vec<_>>()
        });
        Ok(stages.chain(layers).collect())
    };
    let (before, after) = (dates(from)?, dates(to)?);
    let mut moved = Vec::new();
    for (id, old) in &before {
        match after.get(id) {
            None => moved.push(Moved::Removed { id: id.clone() }),
            Some(new) if (new.0 - old.0).abs() > 1e-9 || (new.1 - old.1).abs() > 1e-9 => {
                moved.push(Moved::Shifted {
                    id: id.clone(),
                    start: new.0 - old.0,
                    finish: new.1 - old.1,
                });
            }
            Some(_) => {}
        }
    }
    let added = after.keys().filter(|id| !before.contains_key(*id));
    moved.extend(added.map(|id| Moved::Added { id: id.clone() }));
    let steps = diff(from, to).steps;
    let because = steps
        .into_iter()
        .find(|step| step.step == TABLE)
        .map(|step| step.because)
        .unwrap_or_default();
    Ok(Versions {
        from: from.manifest.id.clone(),
        to: to.manifest.id.clone(),
        moved,
        because,
    })
}

/// The nodes as bars in calendar dates, grouped by industry, every stage after the one before it.
pub fn roadmap_timeline(
    study: &Study,
    run: &Run,
    nodes: &[Node],
    lang: Lang,
) -> Result<Timeline, StudyError> {
    let evidence = evidence_of(study, run)?;
    let names = crate::folder::names(&evidence, &run.manifest.scenarios);
    let table = table(run)?;
    let layers = run.table(LAYERS).map(|table| released(&evidence, table));
    let order = |node: &Node| {
        let stage = Stage::ALL
            .iter()
            .position(|s| s.code().ends_with(&format!(".{}", node.stage)));
        (node.industry.clone(), stage)
    };
    let (stages, around): (Vec<&Node>, Vec<&Node>) =
        nodes.iter().partition(|node| node.table == TABLE);
    let mut sorted = stages;
    sorted.sort_by_key(|node| order(node));
    let mut items: Vec<Item> = Vec::new();
    for node in sorted {
        let row = table.row(&node.id);
        let word = |column: &str| shown(table, row, column, &names, lang);
        let group = word("industry").unwrap_or_else(|| node.industry.clone());
        let stage = word("stage").unwrap_or_else(|| node.stage.clone());
        let previous = items
            .len()
            .checked_sub(1)
            .filter(|k| items[*k].group == group);
        let mut note: Vec<String> = word("layer").into_iter().collect();
        for (label, date) in [("P50", node.p50), ("P80", node.p80)] {
            note.extend(date.map(|d| format!("{label} {}", day(d))));
        }
        note.extend(node.evidence.iter().cloned());
        items.push(Item {
            id: node.id.clone(),
            name: format!("{group}: {stage}"),
            group,
            start: day(node.start),
            finish: day(node.finish),
            // On a chain that determines the end in most draws.
            critical: node.criticality.is_some_and(|c| c > 0.5),
            note: note.join("; "),
            after: previous
                .map(|to| Link {
                    to,
                    kind: LinkKind::FinishToStart,
                    days: 0,
                })
                .into_iter()
                .collect(),
        });
    }
    // Market and policy stand for themselves: nothing waits for them.
    for node in around {
        let Some(layers) = &layers else {
            continue;
        };
        let row = layers.row(&node.id);
        let word = |column: &str| shown(layers, row, column, &names, lang);
        let mut note: Vec<String> = word("fields").into_iter().collect();
        note.extend(node.evidence.iter().cloned());
        items.push(Item {
            id: node.id.clone(),
            name: word("about").unwrap_or_else(|| node.id.clone()),
            group: word("layer").unwrap_or_else(|| node.layer.clone()),
            start: day(node.start),
            finish: day(node.finish),
            critical: false,
            note: note.join("; "),
            after: Vec::new(),
        });
    }
    Ok(Timeline {
        title: format!("Forelay {}", run.manifest.id),
        items,
    })
}

fn shown(
    table: &ResultTable,
    row: Option<&Row>,
    column: &str,
    names: &Names,
    lang: Lang,
) -> Option<String> {
    match cell(table, row?, column)? {
        Cell::Entity(entity) => Some(names.show(entity, lang)),
        Cell::Entities(list) => {
            let names: Vec<String> = list.iter().map(|e| names.show(e, lang)).collect();
            Some(names.join(", "))
        }
        Cell::Text(text) => Some(text.clone()),
        Cell::Message(message) => Some(message.render(lang, names)),
        _ => None,
    }
}

/// The first day of the quarter that a decimal year names.
fn day(years: f64) -> Date {
    let year = years.floor();
    Date::of_quarter(year as i32, ((years - year) * 4.0).round() as usize)
}

#[cfg(test)]
mod tests {
    use super::day;

    #[test]
    fn quarters_become_days() {
        assert_eq!(day(2026.25).to_string(), "2026-04-01");
        assert_eq!(day(2_026.999_999).to_string(), "2027-01-01");
    }
}
