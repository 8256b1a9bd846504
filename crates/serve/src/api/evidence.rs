//! Tables of evidence with their sources, and a search through them in both languages. Rows whose licence keeps them in
//! show their key and source only, and are not searched.

use axum::extract::{Path, State};
use axum::routing::get;
use evidence::{Evidence, TableSchema};
use model::{Lang, RowRef};
use serde::Deserialize;
use serde_json::{Value, json};

use super::explain::evidence_json;
use super::{
    Answer, Answered, Ask, Endpoint, ID, LANG, LIMIT, Method, OFFSET, Place, Q, RUN, TEXT, Which,
    command, english, hundred, latest, parameter,
};
use crate::App;
use crate::app::RunView;
use crate::error::ApiError;

/// Hits of a search that are given; all are counted.
const HITS: usize = 200;

pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        method: Method::Get,
        path: "/api/evidence",
        summary: "The tables of evidence that a run read",
        parameters: &[RUN, LANG],
        body: None,
        answer: &[("tables", "array"), ("command", "string")],
        handler: || get(list),
    },
    Endpoint {
        method: Method::Get,
        path: "/api/evidence/{table}",
        summary: "Rows of a table of evidence, each with its source and licence",
        parameters: &[
            parameter("table", Place::Path, ID, "Name of the table"),
            RUN,
            LANG,
            OFFSET,
            LIMIT,
            Q,
            parameter("key", Place::Query, TEXT, "The row with this key only"),
        ],
        body: None,
        answer: &[
            ("table", "string"),
            ("columns", "array"),
            ("rows", "array"),
            ("total", "integer"),
            ("command", "string"),
        ],
        handler: || get(rows),
    },
    Endpoint {
        method: Method::Get,
        path: "/api/search",
        summary: "Rows of evidence that hold all words, in any table",
        parameters: &[
            parameter(
                "q",
                Place::Needed,
                r#"{"type":"string","minLength":1,"maxLength":300}"#,
                "Words, in either language",
            ),
            RUN,
            LANG,
        ],
        body: None,
        answer: &[
            ("hits", "array"),
            ("total", "integer"),
            ("command", "string"),
        ],
        handler: || get(search),
    },
];

async fn list(State(app): State<App>, Ask(which): Ask<Which>) -> Answered {
    app.read(move |app| {
        let view = app.view(&which.run)?;
        let tables: Vec<Value> = view
            .evidence
            .tables
            .values()
            .map(|table| {
                json!({
                    "name": table.schema.name, "file": table.file, "rows": table.rows.len(),
                    "about": table.schema.row[which.lang as usize],
                })
            })
            .collect();
        Ok(Answer(json!({
            "run": view.run.manifest.id, "tables": tables, "command": command(&["schema"]),
        })))
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    #[serde(default = "latest")]
    run: String,
    #[serde(default = "english")]
    lang: Lang,
    #[serde(default)]
    offset: usize,
    #[serde(default = "hundred")]
    limit: usize,
    #[serde(default)]
    q: String,
    #[serde(default)]
    key: String,
}

fn columns(schema: &TableSchema, lang: Lang) -> Vec<Value> {
    schema
        .columns
        .iter()
        .map(|c| json!({ "name": c.name, "unit": c.unit, "about": c.description[lang as usize] }))
        .collect()
}

async fn rows(State(app): State<App>, Path(name): Path<String>, Ask(page): Ask<Page>) -> Answered {
    if page.limit == 0 || page.limit > 1000 {
        return Err(ApiError::bad("limit is 1 to 1000"));
    }
    app.read(move |app| {
        let view = app.view(&page.run)?;
        let table = view
            .evidence
            .table(&name)
            .ok_or_else(|| ApiError::not_found(format!("the evidence has no table `{name}`")))?;
        let words = words(&page.q);
        let found: Vec<Value> = table
            .rows
            .iter()
            .filter(|row| page.key.is_empty() || row.key == page.key)
            .map(|row| shown(&view.evidence, &row.reference()))
            .filter(|row| holds(row, &words))
            .collect();
        let total = found.len();
        let rows: Vec<Value> = found
            .into_iter()
            .skip(page.offset)
            .take(page.limit)
            .collect();
        Ok(Answer(json!({
            "run": view.run.manifest.id,
            "table": name,
            "about": table.schema.row[page.lang as usize],
            "file": table.file,
            "columns": columns(&table.schema, page.lang),
            "rows": rows,
            "total": total,
            "all": table.rows.len(),
            "offset": page.offset,
            "command": command(&["export", &name, "--out", &format!("{name}.csv")]),
        })))
    })
    .await
}

fn shown(evidence: &Evidence, reference: &RowRef) -> Value {
    evidence_json(&study::explained_row(evidence, reference))
}

fn words(q: &str) -> Vec<String> {
    q.to_lowercase()
        .split_whitespace()
        .map(str::to_owned)
        .collect()
}

fn holds(row: &Value, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let mut text = row["key"].as_str().unwrap_or_default().to_lowercase();
    for field in row["fields"].as_array().into_iter().flatten() {
        text.push('\n');
        text.push_str(&field["value"].as_str().unwrap_or_default().to_lowercase());
    }
    words.iter().all(|word| text.contains(word))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Search {
    q: String,
    #[serde(default = "latest")]
    run: String,
    #[serde(default = "english")]
    lang: Lang,
}

async fn search(State(app): State<App>, Ask(ask): Ask<Search>) -> Answered {
    app.read(move |app| {
        let view = app.view(&ask.run)?;
        let words = words(&ask.q);
        if words.is_empty() {
            return Err(ApiError::bad("q holds no word"));
        }
        let hits = found(&view, &words, ask.lang);
        Ok(Answer(json!({
            "run": view.run.manifest.id,
            "total": hits.len(),
            "hits": hits.into_iter().take(HITS).collect::<Vec<_>>(),
            "command": command(&["sql", "select table_name from information_schema.tables"]),
        })))
    })
    .await
}

fn found(view: &RunView, words: &[String], lang: Lang) -> Vec<Value> {
    let mut hits = Vec::new();
    for table in view.evidence.tables.values() {
        for record in &table.rows {
            let row = shown(&view.evidence, &record.reference());
            if row["withheld"] == false && holds(&row, words) {
                let mut row = row;
                row["about"] = table.schema.row[lang as usize].clone().into();
                hits.push(row);
            }
        }
    }
    hits
}
