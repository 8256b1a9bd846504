//! The report's sections and figures, as the documents show them.

use std::borrow::Cow;

use axum::extract::{Path, State};
use axum::routing::get;
use model::{Catalogue, Lang};
use publish::document::{Block, Figure, Folded, Section, TableView};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Answer, Answered, Ask, Endpoint, ID, LANG, Method, Place, RUN, Which, command, english,
    lang_word, latest, parameter,
};
use crate::App;
use crate::app::RunView;
use crate::error::ApiError;

pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        method: Method::Get,
        path: "/api/overview",
        summary: "The study, the run, its sections and what they refuse",
        parameters: &[RUN, LANG],
        body: None,
        answer: &[
            ("study", "object"),
            ("run", "string"),
            ("sections", "array"),
            ("command", "string"),
        ],
        handler: || get(overview),
    },
    Endpoint {
        method: Method::Get,
        path: "/api/sections/{section}",
        summary: "A section of the report: paragraphs, cards, tables with ranges, figures. Of a table the rows that are seen before it is opened, `total` counts all",
        parameters: &[
            parameter(
                "section",
                Place::Path,
                ID,
                "limits, brief, trend, foundation, chain, layout, plan or methods",
            ),
            RUN,
            LANG,
            parameter(
                "parts",
                Place::Query,
                r#"{"type":"string","maxLength":200,"pattern":"^[a-z_,]*$"}"#,
                "Only these parts, by the heading they stand under: of layout select, regions, roadmap, portfolio, sites, consortium, whole",
            ),
        ],
        body: None,
        answer: &[("section", "object"), ("command", "string")],
        handler: || get(section),
    },
    Endpoint {
        method: Method::Get,
        path: "/api/views/{view}",
        summary: "A table of the report with all its rows",
        parameters: &[
            parameter(
                "view",
                Place::Path,
                ID,
                "Id of the table in its section, with `:` for each `/`",
            ),
            RUN,
            LANG,
        ],
        body: None,
        answer: &[("table", "object"), ("command", "string")],
        handler: || get(view),
    },
    Endpoint {
        method: Method::Get,
        path: "/api/figures",
        summary: "The figures of the report by id, each with its finding",
        parameters: &[RUN, LANG],
        body: None,
        answer: &[("figures", "array")],
        handler: || get(figures),
    },
    Endpoint {
        method: Method::Get,
        path: "/api/figures/{figure}",
        summary: "A figure: its drawing, its finding, the table behind it",
        parameters: &[
            parameter("figure", Place::Path, ID, "Id of the figure"),
            RUN,
            LANG,
        ],
        body: None,
        answer: &[("figure", "object"), ("command", "string")],
        handler: || get(figure),
    },
];

/// The name of a section without the kind before it.
fn short(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

fn report_command(view: &RunView, which: &Which) -> String {
    command(&[
        "report",
        &view.run.manifest.id,
        "--lang",
        lang_word(which.lang),
    ])
}

async fn overview(State(app): State<App>, Ask(which): Ask<Which>) -> Answered {
    app.read(move |app| {
        let view = app.view(&which.run)?;
        let manifest = &view.run.manifest;
        let settings = &manifest.config.study;
        let sections: Vec<Value> = view
            .sections(which.lang)
            .iter()
            .map(|s| json!({ "id": short(&s.id), "heading": s.heading, "number": s.number }))
            .collect();
        let refusals: Vec<Value> = view
            .run
            .outputs
            .iter()
            .flat_map(|(step, output)| output.refusals.iter().map(move |r| (step, r)))
            .map(|(step, refusal)| {
                let mut value = study::refusal_json(refusal, which.lang, &view.names);
                value["step"] = step.clone().into();
                value
            })
            .collect();
        Ok(Answer(json!({
            "study": {
                "id": settings.id, "title_en": settings.title_en, "title_zh": settings.title_zh,
                "home": settings.home,
                "home_name": view.names.show(&settings.home.entity(), which.lang),
                "start_year": settings.start_year, "horizon_year": settings.horizon_year, "seed": settings.seed.0,
            },
            "run": manifest.id,
            "variant": manifest.variant.as_ref().map(|v| v.name.clone()),
            "version": manifest.version,
            "code": manifest.code,
            "other_code": manifest.code != study::CODE,
            "evidence": {
                "tables": manifest.inputs.len(),
                "rows": manifest.inputs.iter().map(|i| i.rows).sum::<u64>(),
            },
            "steps": manifest.steps.len(),
            "sections": sections,
            "refusals": refusals,
            "command": command(&["run"]),
        })))
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Excerpt {
    #[serde(default = "latest")]
    run: String,
    #[serde(default = "english")]
    lang: Lang,
    /// Joined by commas; empty: the whole section.
    #[serde(default)]
    parts: String,
}

async fn section(
    State(app): State<App>,
    Path(name): Path<String>,
    Ask(of): Ask<Excerpt>,
) -> Answered {
    app.read(move |app| {
        let which = Which {
            run: of.run,
            lang: of.lang,
        };
        let view = app.view(&which.run)?;
        let sections = view.sections(which.lang);
        let section = sections
            .iter()
            .find(|s| short(&s.id) == name)
            .ok_or_else(|| {
                let known: Vec<&str> = sections.iter().map(|s| short(&s.id)).collect();
                ApiError::not_found("there is no such section")
                    .help(format!("sections: {}", known.join(", ")))
            })?;
        let wanted = of.parts.split(',').filter(|part| !part.is_empty());
        let headings: Vec<&str> = wanted
            .map(|part| {
                let id = format!("{name}.{part}.heading");
                let heading = Catalogue::builtin().text(&id, which.lang);
                heading.ok_or_else(|| ApiError::not_found("the section has no such part"))
            })
            .collect::<Result<_, _>>()?;
        let section = if of.parts.is_empty() {
            Cow::Borrowed(section)
        } else {
            Cow::Owned(parts_of(section, &headings))
        };
        Ok(Answer(json!({
            "run": view.run.manifest.id,
            "section": shown(&section, Rows::Seen),
            "command": report_command(&view, &which),
        })))
    })
    .await
}

/// Rows of a table that is not folded which are seen at first; two more are not worth a button.
const FIRST: usize = 15;
const FEWEST: usize = 5;
const SLACK: usize = 2;

/// How much of its tables goes with a section.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// What a page shows at first: most rows of most tables are never looked at.
    Seen,
    All,
}

/// A section as pages take it.
pub fn shown(section: &Section, rows: Rows) -> Value {
    let sent = |table: &TableView, seen: usize| match rows {
        Rows::Seen => first_rows(table, seen),
        Rows::All => first_rows(table, table.rows.len()),
    };
    let mut value = json!({
        "id": section.id, "number": section.number, "heading": section.heading,
    });
    let blocks = section.blocks.iter().map(|block| match block {
        Block::Table(table) => json!({ "Table": sent(table, seen_at_first(table)) }),
        Block::Figure(figure) => json!({ "Figure": {
            "id": figure.id, "finding": figure.finding, "svg": figure.svg, "note": figure.note,
            "table": sent(&figure.table, 0),
        }}),
        other => json!(other),
    });
    value["blocks"] = blocks.collect();
    value
}

/// Rows that a table shows once it is open, before all are asked for.
fn first(table: &TableView) -> usize {
    let first = match table.folded {
        Folded::After(rows) => rows.max(FEWEST),
        Folded::Open | Folded::Whole => FIRST,
    };
    if table.rows.len() <= first + SLACK {
        table.rows.len()
    } else {
        first
    }
}

fn seen_at_first(table: &TableView) -> usize {
    match table.folded {
        Folded::Whole => 0,
        _ => first(table),
    }
}

fn first_rows(table: &TableView, rows: usize) -> Value {
    json!({
        "id": table.id, "caption": table.caption, "columns": table.columns, "folded": table.folded,
        "notes": table.notes, "rows": &table.rows[..rows], "first": first(table), "total": table.rows.len(),
    })
}

async fn view(State(app): State<App>, Path(id): Path<String>, Ask(which): Ask<Which>) -> Answered {
    app.read(move |app| {
        let view = app.view(&which.run)?;
        let table = view
            .sections(which.lang)
            .iter()
            .flat_map(Section::tables)
            .find(|table| table.id.replace('/', ":") == id)
            .ok_or_else(|| {
                ApiError::not_found("there is no such table in the report")
                    .help("GET /api/sections/{section} names the tables of a section")
            })?;
        Ok(Answer(json!({
            "run": view.run.manifest.id,
            "table": first_rows(table, table.rows.len()),
            "command": report_command(&view, &which),
        })))
    })
    .await
}

/// The blocks under these subheadings.
fn parts_of(section: &Section, headings: &[&str]) -> Section {
    let mut within = false;
    let blocks = section.blocks.iter().filter(|block| {
        if let Block::Subheading(heading) = block {
            within = headings.contains(&heading.as_str());
        }
        within
    });
    Section {
        blocks: blocks.cloned().collect(),
        id: section.id.clone(),
        number: section.number.clone(),
        heading: section.heading.clone(),
    }
}

fn all(view: &RunView, which: &Which) -> Vec<(String, Figure)> {
    view.sections(which.lang)
        .iter()
        .flat_map(|section| section.blocks.iter().map(move |block| (section, block)))
        .filter_map(|(section, block)| match block {
            Block::Figure(figure) => Some((short(&section.id).to_owned(), figure.clone())),
            _ => None,
        })
        .collect()
}

/// An id that fits into one part of an address.
fn flat(id: &str) -> String {
    id.trim_start_matches("figure/").replace('/', ":")
}

async fn figures(State(app): State<App>, Ask(which): Ask<Which>) -> Answered {
    app.read(move |app| {
        let view = app.view(&which.run)?;
        let figures: Vec<Value> = all(&view, &which)
            .iter()
            .map(|(section, f)| json!({ "id": flat(&f.id), "section": section, "finding": f.finding }))
            .collect();
        Ok(Answer(json!({ "run": view.run.manifest.id, "figures": figures })))
    })
    .await
}

async fn figure(
    State(app): State<App>,
    Path(id): Path<String>,
    Ask(which): Ask<Which>,
) -> Answered {
    app.read(move |app| {
        let view = app.view(&which.run)?;
        let (section, figure) = all(&view, &which)
            .into_iter()
            .find(|(_, f)| flat(&f.id) == id)
            .ok_or_else(|| {
                ApiError::not_found("there is no such figure").help("GET /api/figures lists them")
            })?;
        Ok(Answer(json!({
            "run": view.run.manifest.id,
            "section": section,
            "figure": figure,
            "command": report_command(&view, &which),
        })))
    })
    .await
}
