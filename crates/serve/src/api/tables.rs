//! Result tables of a run: paged, sorted, filtered.

use std::borrow::Cow;
use std::cmp::Ordering;

use axum::extract::{Path, State};
use axum::routing::get;
use model::{Cell, Lang, ResultTable, Row};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Answer, Answered, Ask, Endpoint, ID, LANG, LIMIT, Method, OFFSET, Place, Q, RUN_PATH, TEXT,
    cells, command, english, hundred, lang_word, parameter,
};
use crate::App;
use crate::app::RunView;
use crate::error::ApiError;

pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        method: Method::Get,
        path: "/api/runs/{run}/tables",
        summary: "The result tables of a run",
        parameters: &[RUN_PATH, LANG],
        body: None,
        answer: &[
            ("run", "string"),
            ("tables", "array"),
            ("command", "string"),
        ],
        handler: || get(list),
    },
    Endpoint {
        method: Method::Get,
        path: "/api/runs/{run}/tables/{table}",
        summary: "Rows of a result table, with units, ranges and headings",
        parameters: &[
            RUN_PATH,
            parameter("table", Place::Path, ID, "Name of the table, step.table"),
            LANG,
            OFFSET,
            LIMIT,
            parameter(
                "sort",
                Place::Query,
                TEXT,
                "Name of the column to sort by; with a minus before it, largest first",
            ),
            Q,
            parameter(
                "where",
                Place::Query,
                TEXT,
                "column:text; the text stands in the cell, or is the id that it names",
            ),
        ],
        body: None,
        answer: &[
            ("name", "string"),
            ("columns", "array"),
            ("rows", "array"),
            ("total", "integer"),
            ("command", "string"),
        ],
        handler: || get(rows),
    },
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Language {
    #[serde(default = "english")]
    lang: Lang,
}

async fn list(
    State(app): State<App>,
    Path(run): Path<String>,
    Ask(ask): Ask<Language>,
) -> Answered {
    app.read(move |app| {
        let view = app.view(&run)?;
        let tables: Vec<Value> = view
            .run
            .outputs
            .iter()
            .flat_map(|(step, output)| output.tables.iter().map(move |table| (step, table)))
            .map(|(step, table)| {
                json!({
                    "name": table.name, "step": step, "title": cells::title(&table.name, ask.lang),
                    "rows": table.rows.len(), "method": table.method,
                })
            })
            .collect();
        let id = &view.run.manifest.id;
        Ok(Answer(json!({
            "run": id, "tables": tables,
            "command": command(&["explain", "--run", id, "TABLE/ROW"]),
        })))
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    #[serde(default = "english")]
    lang: Lang,
    #[serde(default)]
    offset: usize,
    #[serde(default = "hundred")]
    limit: usize,
    #[serde(default)]
    sort: String,
    #[serde(default)]
    q: String,
    #[serde(default, rename = "where")]
    only: String,
}

/// A table of a run by its name, as far as it may leave.
pub fn find<'a>(view: &'a RunView, name: &str) -> Result<Cow<'a, ResultTable>, ApiError> {
    view.run
        .table(name)
        .map(|table| study::released(&view.evidence, table))
        .ok_or_else(|| ApiError::not_found(format!("the run has no table `{name}`")))
}

async fn rows(
    State(app): State<App>,
    Path((run, table)): Path<(String, String)>,
    Ask(page): Ask<Page>,
) -> Answered {
    if page.limit == 0 || page.limit > 1000 {
        return Err(ApiError::bad("limit must be 1 to 1000"));
    }
    app.read(move |app| {
        let view = app.view(&run)?;
        let table = find(&view, &table)?;
        let found = chosen(&view, &table, &page)?;
        let total = found.len();
        let rows: Vec<Value> = found
            .into_iter()
            .skip(page.offset)
            .take(page.limit)
            .map(|row| cells::row(&table, row, page.lang, &view.names))
            .collect();
        let id = &view.run.manifest.id;
        Ok(Answer(json!({
            "run": id,
            "name": table.name,
            "title": cells::title(&table.name, page.lang),
            "formula": cells::formula(&table, page.lang),
            "method": table.method,
            "columns": cells::columns(&table, page.lang),
            "rows": rows,
            "total": total,
            "all": table.rows.len(),
            "offset": page.offset,
            "command": command(&[
                "--lang", lang_word(page.lang), "sql", &format!("select * from {}", table.name),
                "--run", id,
            ]),
        })))
    })
    .await
}

/// What `where` asks: a column and the text that its cell must hold.
pub fn column_and_text(asked: &str) -> Result<(&str, &str), ApiError> {
    asked
        .split_once(':')
        .ok_or_else(|| ApiError::bad("`where` takes column:text"))
}

pub fn no_column<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> ApiError {
    ApiError::unusable(format!("the table has no column `{name}`"))
        .help(format!("columns: {}", known.collect::<Vec<_>>().join(", ")))
}

fn chosen<'a>(
    view: &RunView,
    table: &'a ResultTable,
    page: &Page,
) -> Result<Vec<&'a Row>, ApiError> {
    let column = |name: &str| {
        let known = || table.columns.iter().map(|c| c.name.as_str());
        table.column(name).ok_or_else(|| no_column(name, known()))
    };
    let mut found: Vec<&Row> = table.rows.iter().collect();
    if !page.only.is_empty() {
        let (name, wanted) = column_and_text(&page.only)?;
        let (at, wanted) = (column(name)?, wanted.to_lowercase());
        found.retain(|row| match &row.cells[at] {
            Cell::Entity(entity) => entity.id.to_lowercase() == wanted,
            Cell::Entities(list) => list.iter().any(|e| e.id.to_lowercase() == wanted),
            other => shown(other, view, page.lang).contains(&wanted),
        });
    }
    if !page.q.trim().is_empty() {
        let words: Vec<String> = page
            .q
            .to_lowercase()
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        found.retain(|row| {
            let mut text = row.key.to_lowercase();
            for cell in &row.cells {
                for lang in Lang::ALL {
                    text.push('\n');
                    text.push_str(&shown(cell, view, lang));
                }
            }
            words.iter().all(|word| text.contains(word))
        });
    }
    if !page.sort.is_empty() {
        let (name, falling) = match page.sort.strip_prefix('-') {
            Some(name) => (name, true),
            None => (page.sort.as_str(), false),
        };
        let at = column(name)?;
        // Stable: equal rows keep the order of the table. What is not estimated comes last either way.
        found.sort_by(|a, b| {
            let (x, y) = (&a.cells[at], &b.cells[at]);
            match (number(x), number(y)) {
                (Some(x), Some(y)) if falling => y.total_cmp(&x),
                (Some(x), Some(y)) => x.total_cmp(&y),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => {
                    let order = shown(x, view, page.lang).cmp(&shown(y, view, page.lang));
                    if falling { order.reverse() } else { order }
                }
            }
        });
    }
    Ok(found)
}

fn number(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Count(n) => Some(*n as f64),
        Cell::Quantity(quantity) => quantity.estimate().map(|e| e.value),
        _ => None,
    }
}

fn shown(cell: &Cell, view: &RunView, lang: Lang) -> String {
    cells::cell(cell, "", lang, &view.names)["text"]
        .as_str()
        .unwrap_or_default()
        .to_lowercase()
}
