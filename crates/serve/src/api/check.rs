//! All problems of all tables, and the words of the program.

use axum::extract::State;
use axum::routing::get;
use model::{Catalogue, Lang, Names, Severity};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Answer, Answered, Ask, Endpoint, LANG, Method, Place, TEXT, command, english, parameter,
};
use crate::App;

/// Words given at once.
const WORDS: usize = 4000;

pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        method: Method::Get,
        path: "/api/check",
        summary: "Reads every table as it is now and reports all problems at once",
        parameters: &[LANG],
        body: None,
        answer: &[
            ("findings", "array"),
            ("errors", "integer"),
            ("warnings", "integer"),
            ("command", "string"),
        ],
        handler: || get(check),
    },
    Endpoint {
        method: Method::Get,
        path: "/api/words",
        summary: "Messages of the program in both languages, by the beginning of their id",
        parameters: &[parameter(
            "prefix",
            Place::Query,
            TEXT,
            "Beginning of the ids, for example column.",
        )],
        body: None,
        answer: &[("words", "object")],
        handler: || get(words),
    },
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Language {
    #[serde(default = "english")]
    lang: Lang,
}

async fn check(State(app): State<App>, Ask(ask): Ask<Language>) -> Answered {
    app.compute(move |app| {
        let loaded = app.loaded()?;
        let names = Names::default();
        let count = |severity| {
            let found = loaded.diagnostics.iter();
            found.filter(|d| d.severity == severity).count()
        };
        let findings: Vec<Value> = loaded
            .diagnostics
            .iter()
            .map(|d| {
                json!({
                    "code": d.code, "severity": d.severity, "severity_name": d.severity.word(ask.lang),
                    "file": d.file, "row": d.row, "column": d.column,
                    "found": d.found,
                    "expected": d.expected.render(ask.lang, &names),
                    "remedy": d.remedy.render(ask.lang, &names),
                })
            })
            .collect();
        Ok(Answer(json!({
            "errors": count(Severity::Error), "warnings": count(Severity::Warning),
            "notes": count(Severity::Note), "findings": findings, "command": command(&["check"]),
        })))
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Prefix {
    #[serde(default)]
    prefix: String,
}

async fn words(State(_): State<App>, Ask(ask): Ask<Prefix>) -> Answer {
    let catalogue = Catalogue::builtin();
    let words: Map<String, Value> = catalogue
        .ids()
        .filter(|id| id.starts_with(&ask.prefix))
        .take(WORDS)
        .map(|id| {
            let text = |lang| catalogue.text(id, lang).unwrap_or_default();
            (
                id.to_owned(),
                json!({ "en": text(Lang::En), "zh": text(Lang::Zh) }),
            )
        })
        .collect();
    Answer(json!({ "words": words }))
}
