//! The product space of a run, in columns: thousands of nodes in one answer.

use std::borrow::Cow;

use axum::extract::{Path, State};
use axum::routing::get;
use model::{Cell, Lang, Message, Names, ResultTable, Row};
use serde_json::{Value, json};

use super::{
    Answer, Answered, Ask, Endpoint, LANG, Method, Place, RUN, TEXT, Which, cells, command,
    lang_word, parameter, tables,
};
use crate::App;
use crate::error::ApiError;

pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        method: Method::Get,
        path: "/api/space",
        summary: "The product space: places, links, and what home holds; empty where the study has no table of activities",
        parameters: &[RUN, LANG],
        body: None,
        answer: &[
            ("keys", "array"),
            ("x", "array"),
            ("y", "array"),
            ("held", "array"),
            ("links", "array"),
            ("finding", "string"),
            ("command", "string"),
        ],
        handler: || get(space),
    },
    Endpoint {
        method: Method::Get,
        path: "/api/space/{activity}",
        summary: "An activity of the product space: complexity, density, what is near to it, each with its range",
        parameters: &[
            parameter("activity", Place::Path, TEXT, "Code of the activity"),
            RUN,
            LANG,
        ],
        body: None,
        answer: &[
            ("key", "string"),
            ("pci", "object"),
            ("density", "object"),
            ("near", "array"),
            ("command", "string"),
        ],
        handler: || get(activity),
    },
];

/// Held at every threshold, at some, at none; -1 where home is not in the table.
fn held(cell: Option<&Cell>) -> i8 {
    match cell {
        Some(Cell::Entity(e)) if e.id == "space.held" => 2,
        Some(Cell::Entity(e)) if e.id == "space.doubtful" => 1,
        Some(Cell::Entity(_)) => 0,
        _ => -1,
    }
}

fn value(cell: Option<&Cell>) -> Option<f64> {
    match cell {
        Some(Cell::Quantity(q)) => q.estimate().map(|e| rounded(e.value)),
        Some(Cell::Count(n)) => Some(*n as f64),
        _ => None,
    }
}

/// A number as it is read, with its range; the reason where there is none.
fn shown(cell: Option<&Cell>, unit: &str, lang: Lang, names: &Names) -> Value {
    let cell = cells::cell(cell.unwrap_or(&Cell::Empty), unit, lang, names);
    json!({ "text": cell["text"], "range": cell["range"], "reason": cell["reason"] })
}

/// What a drawing shows: four digits.
fn rounded(x: f64) -> f64 {
    (x * 1e4).round() / 1e4
}

fn column<'a>(table: &'a ResultTable, name: &str) -> impl Iterator<Item = Option<&'a Cell>> {
    let at = table.column(name);
    let cell = move |row: &'a Row| at.and_then(|i| row.cells.get(i));
    table.rows.iter().map(cell)
}

async fn space(State(app): State<App>, Ask(which): Ask<Which>) -> Answered {
    app.read(move |app| {
        let view = app.view(&which.run)?;
        let none = ResultTable::new("foundation.space", "", "", &[]);
        let table = |name| tables::find(&view, name).unwrap_or(Cow::Borrowed(&none));
        let (nodes, links) = (table("foundation.space"), table("foundation.space_links"));
        let keys: Vec<&str> = nodes.rows.iter().map(|r| r.key.as_str()).collect();
        let at: std::collections::BTreeMap<&str, usize> =
            keys.iter().enumerate().map(|(i, k)| (*k, i)).collect();
        let ends = |row: &Row, i: usize| match row.cells.get(i) {
            Some(Cell::Text(label)) => at.get(label.as_str()).copied(),
            _ => None,
        };
        let linked: Vec<Value> = links
            .rows
            .iter()
            .filter_map(|row| {
                let near = value(row.cells.get(2))?;
                Some(json!([ends(row, 0)?, ends(row, 1)?, near]))
            })
            .collect();
        let held: Vec<i8> = column(&nodes, "held").map(held).collect();
        let count = |level: i8| held.iter().filter(|h| **h == level).count();
        let home = &view.run.manifest.config.study.home;
        let finding = if keys.is_empty() {
            Message::new("complexity.needed")
        } else if count(-1) == keys.len() {
            Message::new("space.finding.no_home")
                .with("home", home.entity())
                .with("all", keys.len())
                .with("links", linked.len())
        } else {
            Message::new("space.finding")
                .with("home", home.entity())
                .with("held", count(2))
                .with("doubtful", count(1))
                .with("all", keys.len())
                .with("links", linked.len())
        };
        let id = &view.run.manifest.id;
        // Places, PCI and density stand in one table, links in the other.
        let commands = ["foundation.space", "foundation.space_links"].map(|table| {
            let all = format!("select * from {table}");
            command(&["--lang", lang_word(which.lang), "sql", &all, "--run", id])
        });
        let numbers = |name: &str| column(&nodes, name).map(value).collect::<Vec<_>>();
        Ok(Answer(json!({
            "run": id,
            "keys": keys,
            "x": numbers("drawn_x"),
            "y": numbers("drawn_y"),
            "held": held,
            "links": linked,
            "finding": finding.render(which.lang, &view.names),
            "title": cells::title("foundation.space", which.lang),
            "command": commands.join(" && "),
        })))
    })
    .await
}

/// One activity: its numbers with their ranges, and what is near to it.
async fn activity(
    State(app): State<App>,
    Path(key): Path<String>,
    Ask(which): Ask<Which>,
) -> Answered {
    app.read(move |app| {
        let view = app.view(&which.run)?;
        let none = ResultTable::new("foundation.space", "", "", &[]);
        let table = |name| tables::find(&view, name).unwrap_or(Cow::Borrowed(&none));
        let (nodes, links) = (table("foundation.space"), table("foundation.space_links"));
        let row = nodes.rows.iter().find(|row| row.key == key);
        let row = row.ok_or_else(|| {
            ApiError::not_found("the space has no such activity").help("GET /api/space lists them")
        })?;
        let said = |cell, unit| shown(cell, unit, which.lang, &view.names);
        let own =
            |name: &str, unit| said(nodes.column(name).and_then(|at| row.cells.get(at)), unit);
        let end = |row: &Row, i: usize| match row.cells.get(i) {
            Some(Cell::Text(label)) => Some(label.clone()),
            _ => None,
        };
        let mut near: Vec<(f64, Value)> = links
            .rows
            .iter()
            .filter_map(|row| {
                let (from, to) = (end(row, 0)?, end(row, 1)?);
                let other = match (from == key, to == key) {
                    (true, _) => to,
                    (_, true) => from,
                    _ => return None,
                };
                let proximity = said(row.cells.get(2), "share");
                let value = value(row.cells.get(2))?;
                Some((value, json!({ "key": other, "proximity": proximity })))
            })
            .collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0));
        let id = &view.run.manifest.id;
        Ok(Answer(json!({
            "run": id,
            "key": row.key,
            "pci": own("pci", "standard_deviations"),
            "density": own("density", "share"),
            "near": near.into_iter().map(|(_, near)| near).collect::<Vec<_>>(),
            "command": command(&["explain", "--run", id, &format!("foundation.space/{key}")]),
        })))
    })
    .await
}
