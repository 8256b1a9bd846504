//! Tables of evidence with their sources, and a search through them in both languages. Rows whose licence keeps them in
//! show their key (a hash for each text in it) and source only, and are not searched.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::routing::get;
use evidence::schema::SOURCES;
use evidence::{ColumnType, Evidence, Record, Schema, TableSchema};
use model::{Lang, RowRef};
use serde::Deserialize;
use serde_json::{Value, json};

use super::cells;
use super::explain::{evidence_json, results_with};
use super::tables::{column_and_text, no_column};
use super::{
    Answer, Answered, Ask, Endpoint, ID, LANG, LIMIT, Method, OFFSET, Parameter, Place, Q, RUN,
    TEXT, Which, command, english, hundred, latest, parameter, word,
};
use crate::App;
use crate::error::ApiError;
use crate::search::words;

/// Hits of a search that are given; all are counted.
const HITS: usize = 200;

const CONFIDENCE: Parameter = parameter(
    "confidence",
    Place::Query,
    r#"{"type":"string","enum":["","high","medium","low"]}"#,
    "Rows of sources with this confidence only",
);
const REDISTRIBUTABLE: Parameter = parameter(
    "redistributable",
    Place::Query,
    r#"{"type":"string","enum":["","yes","facts_only","no"]}"#,
    "Rows of sources that allow this much only",
);
const YEAR: Parameter = parameter(
    "year",
    Place::Query,
    r#"{"type":"string","pattern":"^[0-9]{0,4}$"}"#,
    "Rows of this year only",
);

pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        method: Method::Get,
        path: "/api/evidence",
        summary: "The tables of evidence that a run read",
        parameters: &[RUN, LANG],
        body: None,
        answer: &[
            ("tables", "array"),
            ("choices", "object"),
            ("command", "string"),
        ],
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
            CONFIDENCE,
            REDISTRIBUTABLE,
            YEAR,
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
        summary: "Rows of evidence that hold the most of the words, in any table, and where asked rows of results that hold all; the command finds the rows of the table with the most, by the words as they are written (not by their sound)",
        parameters: &[
            Q,
            RUN,
            LANG,
            CONFIDENCE,
            REDISTRIBUTABLE,
            YEAR,
            parameter(
                "results",
                Place::Query,
                r#"{"type":"boolean","default":false}"#,
                "Rows of results as well",
            ),
        ],
        body: None,
        answer: &[
            ("hits", "array"),
            ("total", "integer"),
            ("words", "integer"),
            ("held", "integer"),
            ("tables", "array"),
            ("results", "array"),
            ("results_total", "integer"),
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
                    "name": table.schema.name, "title": cells::title(&table.schema.name, which.lang),
                    "file": file_name(&table.file), "rows": table.rows.len(),
                    "about": table.schema.row[which.lang as usize],
                })
            })
            .collect();
        let choices = json!({
            "confidence": choices("confidence", "code", which.lang),
            "redistributable": choices("redistributable", "redistributable", which.lang),
        });
        Ok(Answer(json!({
            "run": view.run.manifest.id, "tables": tables, "choices": choices,
            "command": command(&["schema"]),
        })))
    })
    .await
}

/// What a column of the sources may hold, in words.
fn choices(column: &str, family: &str, lang: Lang) -> Vec<Value> {
    let sources = Schema::builtin().table(SOURCES);
    let column = sources.and_then(|table| table.column(column));
    let accepted = column.into_iter().flat_map(|c| &c.accepted);
    accepted
        .map(|id| json!({ "id": id, "name": word(&format!("{family}.{id}"), lang) }))
        .collect()
}

/// What is asked of a row and its source, besides words; an empty text asks nothing.
struct Wanted<'a> {
    confidence: &'a str,
    redistributable: &'a str,
    year: &'a str,
}

impl Wanted<'_> {
    fn nothing(&self) -> bool {
        [self.confidence, self.redistributable, self.year] == [""; 3]
    }

    fn takes(&self, evidence: &Evidence, row: &RowRef) -> bool {
        if self.nothing() {
            return true;
        }
        let shown = study::explained_row(evidence, row);
        let (confidence, redistributable) = match &shown.source {
            Some(s) => (s.confidence.as_str(), s.redistributable.as_str()),
            None => ("", ""),
        };
        let year = || {
            let mut fields = shown.fields.iter();
            fields.any(|(name, value)| name == "year" && value == self.year)
        };
        (self.confidence.is_empty() || confidence == self.confidence)
            && (self.redistributable.is_empty() || redistributable == self.redistributable)
            && (self.year.is_empty() || year())
    }

    /// The same as conditions of SQL.
    fn sql(&self, schema: &TableSchema) -> Vec<String> {
        let said = |text: &str| text.replace('\'', "''");
        let asked = [
            ("confidence", self.confidence),
            ("redistributable", self.redistributable),
        ];
        let asked = asked.into_iter().filter(|(_, text)| !text.is_empty());
        let of_source = schema.source_columns().find(|(_, c)| c.name == "source");
        let of_source = of_source.or_else(|| schema.source_columns().next());
        let mut all: Vec<String> = asked
            .map(|(column, text)| match of_source {
                _ if schema.name == SOURCES => format!("{column} = '{}'", said(text)),
                Some((_, source)) => format!(
                    "\"{}\" in (select id from evidence.sources where {column} = '{}')",
                    source.name,
                    said(text)
                ),
                None => "false".to_owned(),
            })
            .collect();
        if !self.year.is_empty() {
            let year = schema.position("year").and(self.year.parse::<u32>().ok());
            all.push(year.map_or_else(|| "false".to_owned(), |year| format!("year = {year}")));
        }
        all
    }
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
    #[serde(default)]
    confidence: String,
    #[serde(default)]
    redistributable: String,
    #[serde(default)]
    year: String,
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
        let only = column_wanted(&table.schema, &page.only)?;
        let wanted = Wanted {
            confidence: &page.confidence,
            redistributable: &page.redistributable,
            year: &page.year,
        };
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
            .filter(|row| wanted.takes(&view.evidence, row))
            .collect();
        let total = found.len();
        let plain = words.is_empty() && wanted.nothing();
        let repeats = if plain {
            command(&["export", &name, "--out", &format!("{name}.csv")])
        } else {
            query(&table.schema, &words, words.len(), &wanted)
        };
        let rows: Vec<Value> = found
            .iter()
            .skip(page.offset)
            .take(page.limit)
            .map(|row| {
                let row = study::explained_row(&view.evidence, row);
                evidence_json(&row, &view.names, page.lang)
            })
            .collect();
        Ok(Answer(json!({
            "run": view.run.manifest.id,
            "table": name,
            "title": cells::title(&name, page.lang),
            "about": table.schema.row[page.lang as usize],
            "file": file_name(&table.file),
            "columns": columns(&table.schema, page.lang),
            "rows": rows,
            "total": total,
            "all": table.rows.len(),
            "offset": page.offset,
            "command": repeats,
        })))
    })
    .await
}

/// A column of the table and the text that its cell must hold; none where nothing is asked.
fn column_wanted<'a>(
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
    #[serde(default)]
    q: String,
    #[serde(default = "latest")]
    run: String,
    #[serde(default = "english")]
    lang: Lang,
    #[serde(default)]
    confidence: String,
    #[serde(default)]
    redistributable: String,
    #[serde(default)]
    year: String,
    #[serde(default)]
    results: bool,
}

async fn search(State(app): State<App>, Ask(ask): Ask<Search>) -> Answered {
    app.read(move |app| {
        let view = app.view(&ask.run)?;
        let words = words(&ask.q);
        let wanted = Wanted {
            confidence: &ask.confidence,
            redistributable: &ask.redistributable,
            year: &ask.year,
        };
        if words.is_empty() && wanted.nothing() {
            return Err(ApiError::bad("q holds no word"));
        }
        let mut hits: Vec<(&RowRef, usize)> = view
            .index()
            .find(&words, |row| wanted.takes(&view.evidence, row))
            .filter(|(row, _)| !study::explained_row(&view.evidence, row).withheld)
            .collect();
        // Rows with the most words; those with fewer say less of what is asked.
        let held = hits.iter().map(|(_, n)| *n).max().unwrap_or_default();
        hits.retain(|(_, n)| *n == held);
        let shown = hits.iter().take(HITS).map(|(row, _)| {
            let shown = study::explained_row(&view.evidence, row);
            let mut hit = evidence_json(&shown, &view.names, ask.lang);
            let table = view.evidence.table(&row.table);
            let about = table.map_or("", |t| t.schema.row[ask.lang as usize].as_str());
            hit["about"] = about.into();
            hit
        });
        let mut tables: BTreeMap<&str, usize> = BTreeMap::new();
        for (row, _) in &hits {
            *tables.entry(row.table.as_str()).or_default() += 1;
        }
        let most = tables.iter().max_by_key(|(_, n)| **n);
        let most = most.and_then(|(table, _)| view.evidence.table(table));
        let repeats = most.map_or_else(
            || command(&["schema"]),
            |table| query(&table.schema, &words, held, &wanted),
        );
        let results = if ask.results && !words.is_empty() {
            results_with(&view, &words, ask.lang)
        } else {
            Vec::new()
        };
        Ok(Answer(json!({
            "run": view.run.manifest.id,
            "total": hits.len(),
            "words": words.len(),
            "held": held,
            "hits": shown.collect::<Vec<_>>(),
            "tables": tables.iter().map(|(table, n)| json!({
                "name": table, "title": cells::title(table, ask.lang), "rows": n,
            })).collect::<Vec<_>>(),
            "results_total": results.len(),
            "results": results.into_iter().take(HITS).collect::<Vec<_>>(),
            "command": repeats,
        })))
    })
    .await
}

/// The query that finds what is asked in a table: rows that hold `held` of the words.
fn query(schema: &TableSchema, words: &[String], held: usize, wanted: &Wanted<'_>) -> String {
    let numbers = [ColumnType::Integer, ColumnType::Number, ColumnType::Boolean];
    let texts = schema.columns.iter();
    let texts: Vec<String> = texts
        .filter(|column| !numbers.contains(&column.kind) && column.kind != ColumnType::Year)
        .map(|column| format!("\"{}\"", column.name))
        .collect();
    let said = format!("lower(concat_ws(' ', {}))", texts.join(", "));
    let each = words.iter();
    let each = each.map(|word| format!("{said} like '%{}%'", word.replace('\'', "''")));
    let mut all: Vec<String> = if held == words.len() {
        each.collect()
    } else {
        let each: Vec<String> = each.map(|holds| format!("cast({holds} as int)")).collect();
        vec![format!("{} = {held}", each.join(" + "))]
    };
    all.extend(wanted.sql(schema));
    let asked = format!("select * from evidence.{}", schema.name);
    if all.is_empty() {
        command(&["sql", &asked])
    } else {
        command(&["sql", &format!("{asked} where {}", all.join(" and "))])
    }
}
