//! From a number back to what it was computed from, a step at a time or as a graph.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::routing::get;
use evidence::{ColumnSchema, ColumnType, Reference, Schema};
use model::{Catalogue, Entity, Kind, Lang, Names};
use serde::Deserialize;
use serde_json::{Value, json};
use study::{EvidenceRow, Explained};

use super::{
    Answer, Answered, Ask, Endpoint, LANG, Method, Place, RUN, cells, command, english, latest,
    parameter, word,
};
use crate::App;
use crate::app::RunView;

/// Rows listed of each kind; all are counted.
const LISTED: usize = 60;
/// Nodes of the graph.
const NODES: usize = 90;
/// Of these, earlier results.
const RESULTS: usize = 60;

pub const ENDPOINTS: &[Endpoint] = &[Endpoint {
    method: Method::Get,
    path: "/api/explain",
    summary: "Where a number comes from: formula, settings, earlier results, evidence rows with their sources",
    parameters: &[
        parameter(
            "id",
            Place::Needed,
            r#"{"type":"string","minLength":3,"maxLength":300}"#,
            "table/row#column or table/row",
        ),
        RUN,
        LANG,
        parameter(
            "depth",
            Place::Query,
            r#"{"type":"integer","minimum":1,"maximum":6,"default":3}"#,
            "Levels of the graph",
        ),
    ],
    body: None,
    answer: &[
        ("id", "string"),
        ("results", "array"),
        ("evidence", "array"),
        ("graph", "object"),
        ("command", "string"),
    ],
    handler: || get(explain),
}];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct What {
    id: String,
    #[serde(default = "latest")]
    run: String,
    #[serde(default = "english")]
    lang: Lang,
    #[serde(default = "three")]
    depth: usize,
}

const fn three() -> usize {
    3
}

async fn explain(State(app): State<App>, Ask(what): Ask<What>) -> Answered {
    if !(1..=6).contains(&what.depth) {
        return Err(crate::error::ApiError::bad("depth must be 1 to 6"));
    }
    app.read(move |app| {
        let view = app.view(&what.run)?;
        let explained = study::explain(&view.run, &view.evidence, &what.id)?;
        let id = &view.run.manifest.id;
        let lang = what.lang;
        Ok(Answer(json!({
            "run": id,
            "id": explained.id,
            "table": explained.table,
            "title": cells::title(&explained.table, lang),
            "label": label(&view, &explained, lang),
            "formula": formula(&view, &explained, lang),
            "method": explained.method,
            "cells": shown_cells(&view, &explained, lang),
            "parameters": explained.parameters.iter()
                .map(|(path, value)| json!({ "path": path, "value": value })).collect::<Vec<_>>(),
            "evidence": explained.evidence.iter().take(LISTED)
                .map(|row| evidence_json(row, &view.names, lang)).collect::<Vec<_>>(),
            "evidence_total": explained.evidence.len(),
            "results": explained.results.iter().take(LISTED).map(|r| json!({
                "id": r.id, "title": cells::title(&r.table, lang), "label": label(&view, r, lang),
                "cells": shown_cells(&view, r, lang),
            })).collect::<Vec<_>>(),
            "results_total": explained.results.len(),
            "graph": graph(&view, &explained, lang, what.depth),
            "command": command(&["explain", &explained.id, "--run", id]),
        })))
    })
    .await
}

fn label(view: &RunView, explained: &Explained, lang: Lang) -> String {
    super::tables::find(view, &explained.table)
        .ok()
        .and_then(|table| Some(cells::label(view, table.row(&explained.row)?, lang)))
        .unwrap_or_else(|| explained.row.clone())
}

fn formula(view: &RunView, explained: &Explained, lang: Lang) -> String {
    super::tables::find(view, &explained.table)
        .map_or_else(|_| explained.formula.clone(), |t| cells::formula(&t, lang))
}

fn shown_cells(view: &RunView, explained: &Explained, lang: Lang) -> Vec<Value> {
    explained
        .cells
        .iter()
        .map(|c| {
            let column = model::Column::new(c.column.as_str(), c.unit.as_str());
            let mut value = cells::cell(&c.value, &c.unit, lang, &view.names);
            value["column"] = c.column.clone().into();
            value["heading"] = cells::heading(&column, lang).into();
            value["unit"] = cells::unit(&column, lang).into();
            value
        })
        .collect()
}

/// A row of evidence as far as its licence allows. Columns have their names, words for them, and what they hold, in words where
/// it is a code; what the source says of itself is in words as well.
pub fn evidence_json(row: &EvidenceRow, names: &Names, lang: Lang) -> Value {
    let schema = Schema::builtin().table(&row.table);
    let fields = row.fields.iter().map(|(name, value)| {
        let column = schema.and_then(|table| table.column(name));
        json!({
            "name": name, "heading": cells::field(name, lang), "value": value,
            "shown": column.map_or_else(|| value.clone(), |c| in_words(c, value, names, lang)),
            "about": column.map_or("", |c| c.description(lang)),
            "unit": column.map_or_else(String::new, |c| cells::unit_words(&c.unit, lang)),
        })
    });
    let source = row.source.as_ref().map(|source| {
        let mut value = json!(source);
        let said = format!("redistributable.{}", source.redistributable);
        value["redistributable_name"] = word(&said, lang).into();
        value["confidence_name"] = word(&format!("code.{}", source.confidence), lang).into();
        value
    });
    json!({
        "table": row.table, "title": cells::title(&row.table, lang), "key": row.key,
        "label": row_label(row, names, lang), "withheld": row.withheld, "source": source,
        "fields": fields.collect::<Vec<_>>(),
    })
}

/// The words by which a row of evidence is known: its name, else what its key holds.
pub fn row_label(row: &EvidenceRow, names: &Names, lang: Lang) -> String {
    let Some(schema) = Schema::builtin().table(&row.table) else {
        return row.key.clone();
    };
    if let Some(kind) = schema.entity_kind {
        return names.show(&Entity::new(kind, row.key.clone()), lang);
    }
    // Tables whose rows are no entities name them all the same, in one language or in both.
    let columns = match lang {
        Lang::En => ["name_en", "name", "subject", "title_en", "title"],
        Lang::Zh => ["name_zh", "name", "subject_zh", "title_zh", "title"],
    };
    let named = columns.iter().find_map(|wanted| {
        let mut fields = row.fields.iter();
        let (_, value) = fields.find(|(name, value)| name == wanted && !value.is_empty())?;
        Some(value.clone())
    });
    if let Some(name) = named {
        return name;
    }
    let keys = row.fields.iter().filter_map(|(name, value)| {
        let column = schema.column(name).filter(|c| c.key && !value.is_empty())?;
        Some(in_words(column, value, names, lang))
    });
    let keys: Vec<String> = keys.collect();
    if keys.is_empty() {
        row.key.clone()
    } else {
        keys.join(" · ")
    }
}

/// What a cell of evidence holds: names for codes of other tables, words for words that stand in the catalogue.
fn in_words(column: &ColumnSchema, value: &str, names: &Names, lang: Lang) -> String {
    let of_table = |reference: &Reference| match reference {
        Reference::Column { table, .. } => Schema::builtin().table(table)?.entity_kind,
        Reference::Literal(_) => None,
    };
    let kind = match column.kind {
        ColumnType::Country | ColumnType::Countries => Some(Kind::Country),
        _ => column.references.iter().find_map(of_table),
    };
    if kind.is_none() && column.accepted.is_empty() {
        return value.to_owned();
    }
    let one = |text: &str| match kind {
        Some(kind) => names.show(&Entity::new(kind, text), lang),
        None => Catalogue::builtin().text_or(&format!("code.{text}"), lang, text),
    };
    if column.kind.is_list() {
        let all: Vec<String> = value.split(';').map(one).collect();
        all.join(if lang == Lang::Zh { "、" } else { ", " })
    } else {
        one(value)
    }
}

/// Rows of results whose title, key or names hold all words; none that may not leave.
pub fn results_with(view: &RunView, words: &[String], lang: Lang) -> Vec<Value> {
    let mut found = Vec::new();
    for table in view.run.tables() {
        let table = study::released(&view.evidence, table);
        let titles = Lang::ALL.map(|lang| cells::title(&table.name, lang));
        for row in &table.rows {
            let labels = Lang::ALL.map(|lang| cells::label(view, row, lang));
            let text = format!("{}\n{}\n{}", titles.join("\n"), labels.join("\n"), row.key);
            let text = text.to_lowercase();
            if words.iter().all(|word| text.contains(word.as_str())) {
                found.push(json!({
                    "id": format!("{}/{}", table.name, row.key),
                    "title": titles[lang as usize], "label": labels[lang as usize],
                }));
            }
        }
    }
    found
}

/// Nodes by level, from the number to the sources, and the links between them.
fn graph(view: &RunView, top: &Explained, lang: Lang, depth: usize) -> Value {
    let mut nodes: Vec<Value> = Vec::new();
    let mut links: BTreeSet<(String, String)> = BTreeSet::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut left_out = 0_usize;
    // Earlier results come first, up to their part of the places: a number with many rows shows its way, too.
    let mut rows: Vec<Value> = Vec::new();
    let mut level: Vec<&Explained> = vec![top];
    for at in 0..=depth {
        let mut next: Vec<&Explained> = Vec::new();
        for node in level {
            let id = format!("{}/{}", node.table, node.row);
            if seen.insert(id.clone()) {
                if nodes.len() >= RESULTS {
                    left_out += 1;
                    continue;
                }
                nodes.push(json!({
                    "id": id, "kind": "result", "level": at,
                    "title": cells::title(&node.table, lang), "label": label(view, node, lang),
                    "explain": node.id,
                }));
            }
            for row in &node.evidence {
                let row_id = format!("{}/{}", row.table, row.key);
                if seen.insert(format!("evidence {row_id}")) {
                    let row = json!({
                        "id": format!("evidence {row_id}"), "kind": "evidence", "level": at + 1,
                        "title": cells::title(&row.table, lang),
                        "label": row_label(row, &view.names, lang), "withheld": row.withheld,
                        "source": row.source.as_ref().map(|s| s.id.clone()),
                    });
                    rows.push(row);
                }
                links.insert((id.clone(), format!("evidence {row_id}")));
            }
            for child in &node.results {
                links.insert((id.clone(), format!("{}/{}", child.table, child.row)));
                if at < depth {
                    next.push(child);
                } else {
                    left_out += 1;
                }
            }
        }
        level = next;
    }
    let places = NODES - nodes.len();
    left_out += rows.len().saturating_sub(places);
    nodes.extend(rows.into_iter().take(places));
    let known: BTreeSet<&str> = nodes.iter().filter_map(|n| n["id"].as_str()).collect();
    let links: Vec<Value> = links
        .iter()
        .filter(|(a, b)| known.contains(a.as_str()) && known.contains(b.as_str()))
        .map(|(a, b)| json!([a, b]))
        .collect();
    json!({ "nodes": nodes, "links": links, "left_out": left_out })
}
