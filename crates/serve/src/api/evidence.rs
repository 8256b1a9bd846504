//! Tables of evidence with their sources, and a search through them in both languages. Rows whose licence keeps them in
//! show their key (a hash for each text in it) and source only, and are not searched.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::routing::get;
use evidence::{ColumnType, Evidence, Record, TableSchema};
use model::{Lang, RowRef};
use serde::Deserialize;
use serde_json::{Value, json};

use super::cells;
use super::explain::evidence_json;
use super::tables::{column_and_text, no_column};
use super::{
    Answer, Answered, Ask, Endpoint, ID, LANG, LIMIT, Method, OFFSET, Place, Q, RUN, TEXT, Which,
    command, english, hundred, latest, parameter,
};
use crate::App;
use crate::error::ApiError;
use crate::search::words;

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
            parameter(
                "where",
                Place::Query,
                TEXT,
                "column:text; rows that hold exactly this text there, and may leave",
            ),
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
        summary: "Rows of evidence that hold all words, in any table; the command finds those of the table with the most, by the words as they are written (not by their sound)",
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
                    "name": table.schema.name, "file": file_name(&table.file), "rows": table.rows.len(),
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
    #[serde(default, rename = "where")]
    only: String,
}

fn columns(schema: &TableSchema, lang: Lang) -> Vec<Value> {
    schema
        .columns
        .iter()
        .map(|c| json!({ "name": c.name, "heading": cells::field(&c.name, lang), "unit": cells::unit_words(&c.unit, lang), "about": c.description[lang as usize] }))
        .collect()
}

async fn rows(State(app): State<App>, Path(name): Path<String>, Ask(page): Ask<Page>) -> Answered {
    if page.limit == 0 || page.limit > 1000 {
        return Err(ApiError::bad("limit must be 1 to 1000"));
    }
    app.read(move |app| {
        let view = app.view(&page.run)?;
        let table = view
            .evidence
            .table(&name)
            .ok_or_else(|| ApiError::not_found(format!("the evidence has no table `{name}`")))?;
        let words = words(&page.q);
        let only = wanted(&table.schema, &page.only)?;
        let found: Vec<RowRef> = table
            .rows
            .iter()
            .filter(|row| {
                only.is_none_or(|(column, text)| {
                    row.value(column).to_text() == text
                        && shows(&view.evidence, row, (column, text))
                })
            })
            .map(Record::reference)
            .filter(|row| {
                page.key.is_empty() || study::released_key(&view.evidence, row) == page.key
            })
            .filter(|row| words.is_empty() || view.index().holds(row, &words))
            .collect();
        let total = found.len();
        let rows: Vec<Value> = found
            .iter()
            .skip(page.offset)
            .take(page.limit)
            .map(|row| evidence_json(&study::explained_row(&view.evidence, row), page.lang))
            .collect();
        Ok(Answer(json!({
            "run": view.run.manifest.id,
            "table": name,
            "about": table.schema.row[page.lang as usize],
            "file": file_name(&table.file),
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

/// A column of the table and the text that its cell must hold; none where nothing is asked.
fn wanted<'a>(
    schema: &TableSchema,
    asked: &'a str,
) -> Result<Option<(&'a str, &'a str)>, ApiError> {
    if asked.is_empty() {
        return Ok(None);
    }
    let (column, text) = column_and_text(asked)?;
    if schema.position(column).is_none() {
        let known = schema.columns.iter().map(|c| c.name.as_str());
        return Err(no_column(column, known));
    }
    Ok(Some((column, text)))
}

/// Whether readers are shown this cell of the row: what is kept in cannot be found by asking for it.
fn shows(evidence: &Evidence, row: &Record, (column, text): (&str, &str)) -> bool {
    let shown = study::explained_row(evidence, &row.reference());
    let mut fields = shown.fields.iter();
    fields.any(|(name, value)| name == column && value == text)
}

/// Of the file that a table was read from, the name only: where it lies is nobody's business.
fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
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
        let about = |row: &RowRef| {
            let table = view.evidence.table(&row.table);
            table.map_or("", |t| t.schema.row[ask.lang as usize].as_str())
        };
        let hits: Vec<(&str, study::EvidenceRow)> = view
            .index()
            .find(&words)
            .map(|row| (about(row), study::explained_row(&view.evidence, row)))
            .filter(|(_, row)| !row.withheld)
            .collect();
        let shown = hits.iter().take(HITS).map(|(about, row)| {
            let mut hit = evidence_json(row, ask.lang);
            hit["about"] = (*about).into();
            hit
        });
        let commands = like(
            &view.evidence,
            hits.iter().map(|(_, row)| &row.table),
            &words,
        );
        Ok(Answer(json!({
            "run": view.run.manifest.id,
            "total": hits.len(),
            "hits": shown.collect::<Vec<_>>(),
            "command": commands,
        })))
    })
    .await
}

/// The query that finds the words in the table with the most hits; where nothing was found, the tables to look in.
fn like<'a>(
    evidence: &Evidence,
    tables: impl Iterator<Item = &'a String>,
    words: &[String],
) -> String {
    let mut hits: BTreeMap<&String, usize> = BTreeMap::new();
    for table in tables {
        *hits.entry(table).or_default() += 1;
    }
    let most = hits
        .iter()
        .max_by_key(|(_, n)| **n)
        .map(|(table, _)| *table);
    let Some(table) = most.and_then(|table| evidence.table(table)) else {
        return command(&["schema"]);
    };
    let numbers = [ColumnType::Integer, ColumnType::Number, ColumnType::Boolean];
    let texts = table.schema.columns.iter();
    let texts: Vec<String> = texts
        .filter(|column| !numbers.contains(&column.kind) && column.kind != ColumnType::Year)
        .map(|column| format!("\"{}\"", column.name))
        .collect();
    let said = format!("lower(concat_ws(' ', {}))", texts.join(", "));
    let each = words.iter();
    let each = each.map(|word| format!("{said} like '%{}%'", word.replace('\'', "''")));
    let all = each.collect::<Vec<_>>().join(" and ");
    let query = format!("select * from evidence.{} where {all}", table.schema.name);
    command(&["sql", &query])
}
