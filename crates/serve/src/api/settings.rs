//! What a study assumes, what can be chosen in its place, and variants: named changes saved as text.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use axum::routing::{get, post};
use model::{Entity, Kind, Lang};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use toml::Table;

use super::{
    Answer, Answered, Ask, Endpoint, Given, LANG, Method, RUN, Which, command, lang_word,
    whole_number,
};
use crate::App;
use crate::app::RunView;
use crate::error::ApiError;

/// Settings that may be changed from here, by section; the others are changed in `study.toml`. None of them decides
/// how long a computation takes.
const OPEN: [(&str, &[&str]); 2] = [
    ("selection", &["top", "weights", "statement", "limits"]),
    (
        "regions",
        &[
            "vetoes",
            "commitments",
            "floor",
            "cap",
            "regional_cap",
            "min_per_cluster",
            "max_per_cluster",
            "industry",
        ],
    ),
];

/// Settings that are whole numbers.
const COUNTS: [&str; 6] = [
    "top",
    "floor",
    "cap",
    "regional_cap",
    "min_per_cluster",
    "max_per_cluster",
];

/// JSON schema of a change.
pub const SET: &str = r#"{"type":"object","minProperties":1,"additionalProperties":false,"properties":{
"selection":{"type":"object","additionalProperties":false,"properties":{
 "top":{"type":"integer","minimum":1,"maximum":1000},
 "weights":{"type":"object","additionalProperties":{"type":"object","additionalProperties":false,"required":["low","high"],"properties":{"low":{"type":"number","minimum":0,"maximum":1},"high":{"type":"number","minimum":0,"maximum":1}}}},
 "statement":{"type":"array","maxItems":50,"items":{"type":"object"}},
 "limits":{"type":"object"}}},
"regions":{"type":"object","additionalProperties":false,"properties":{
 "vetoes":{"type":"array","maxItems":500,"items":{"type":"array","minItems":2,"maxItems":2,"items":{"type":"string","maxLength":100}}},
 "commitments":{"type":"array","maxItems":500,"items":{"type":"array","minItems":2,"maxItems":2,"items":{"type":"string","maxLength":100}}},
 "floor":{"type":"integer","minimum":0,"maximum":1000},"cap":{"type":"integer","minimum":0,"maximum":1000},
 "regional_cap":{"type":"integer","minimum":0,"maximum":1000},
 "min_per_cluster":{"type":"integer","minimum":0,"maximum":100},"max_per_cluster":{"type":"integer","minimum":0,"maximum":100},
 "industry":{"type":"object"}}}}}"#;

const SAVE: &str = r#"{"type":"object","additionalProperties":false,"required":["name","set"],"properties":{"name":{"type":"string","minLength":1,"maxLength":40,"pattern":"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"},"set":"$SET"}}"#;

pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        method: Method::Get,
        path: "/api/settings",
        summary: "The settings of a run, and the countries, fields, clusters, nodes, firms and scenarios that questions may name",
        parameters: &[RUN, LANG],
        body: None,
        answer: &[
            ("settings", "object"),
            ("names", "object"),
            ("command", "string"),
        ],
        handler: || get(settings),
    },
    Endpoint {
        method: Method::Get,
        path: "/api/variants",
        summary: "The variants of the study, as text",
        parameters: &[],
        body: None,
        answer: &[("variants", "array"), ("command", "string")],
        handler: || get(variants),
    },
    Endpoint {
        method: Method::Post,
        path: "/api/variants/save",
        summary: "Saves changed settings as a variant: variants/NAME.toml",
        parameters: &[],
        body: Some(SAVE),
        answer: &[
            ("name", "string"),
            ("text", "string"),
            ("command", "string"),
        ],
        handler: || post(save),
    },
];

async fn settings(State(app): State<App>, Ask(which): Ask<Which>) -> Answered {
    app.read(move |app| {
        let view = app.view(&which.run)?;
        let config = &view.run.manifest.config;
        let mut names: Map<String, Value> = [
            ("fields", Kind::Field),
            ("clusters", Kind::Cluster),
            ("chain_nodes", Kind::Node),
        ]
        .into_iter()
        .map(|(table, kind)| (table.to_owned(), list(&view, table, kind, which.lang)))
        .collect();
        names.insert("countries".to_owned(), places(&view, which.lang));
        names.insert("firms".to_owned(), firms(&view));
        let scenarios: Vec<Value> = view
            .run
            .manifest
            .scenarios
            .iter()
            .map(|s| {
                let title = if which.lang == Lang::Zh { &s.title_zh } else { &s.title_en };
                json!({ "id": s.id, "name": title })
            })
            .collect();
        Ok(Answer(json!({
            "run": view.run.manifest.id,
            "settings": { "study": config.study, "selection": config.selection, "regions": config.regions },
            "names": names,
            "scenarios": scenarios,
            "command": command(&["--lang", lang_word(which.lang), "run"]),
        })))
    })
    .await
}

fn list(view: &RunView, table: &str, kind: Kind, lang: Lang) -> Value {
    view.evidence
        .rows(table)
        .iter()
        .map(|row| {
            let entity = Entity::new(kind, row.key.clone());
            json!({ "id": row.key, "name": view.names.show(&entity, lang) })
        })
        .collect()
}

/// Countries and regions, and whether the chains have them as suppliers.
fn places(view: &RunView, lang: Lang) -> Value {
    let suppliers: BTreeSet<&str> = ["chain_supply", "chain_suppliers"]
        .into_iter()
        .flat_map(|table| view.evidence.rows(table))
        .filter_map(|row| row.text("country"))
        .collect();
    let mut all = list(view, "countries", Kind::Country, lang);
    for place in all.as_array_mut().into_iter().flatten() {
        let supplies = place["id"]
            .as_str()
            .is_some_and(|id| suppliers.contains(id));
        place["supplies"] = supplies.into();
    }
    all
}

/// Firms with the nodes and countries where they are on record.
fn firms(view: &RunView) -> Value {
    let mut found: BTreeMap<String, (String, Vec<Value>)> = BTreeMap::new();
    let seats = study::firm_seats(&view.evidence, &view.run.manifest.config);
    // A name that no row may show is not shown here either.
    for seat in seats.into_iter().filter(|seat| seat.open) {
        let (_, seats) = found
            .entry(seat.firm)
            .or_insert_with(|| (seat.name, Vec::new()));
        let row = seat.origins.first();
        let key = |row| study::released_key(&view.evidence, row);
        let row = row.map(|row| json!({ "table": row.table, "key": key(row) }));
        seats.push(json!({ "node": seat.node, "country": seat.country, "row": row }));
    }
    let firms = found.into_iter();
    firms
        .map(|(id, (name, seats))| json!({ "id": id, "name": name, "seats": seats }))
        .collect()
}

async fn variants(State(app): State<App>) -> Answered {
    app.read(|app| {
        let found: Vec<Value> = study::variants(&app.study()?)?
            .iter()
            .map(|v| {
                json!({ "name": v.name, "text": v.text, "command": command(&["run", "--with", &v.name]) })
            })
            .collect();
        Ok(Answer(json!({ "variants": found, "command": command(&["run", "--with", "NAME"]) })))
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Save {
    name: String,
    set: Map<String, Value>,
}

async fn save(State(app): State<App>, Given(given): Given<Save>) -> Answered {
    let set = open_settings(&given.set)?;
    app.read(move |app| {
        let study = app.study()?;
        // Without a run there is no evidence to ask; the run then does.
        if let Ok(view) = app.view("latest") {
            let varied = study.with_settings(&given.name, &set)?;
            if let Some(unknown) = study::unknown_placement(&varied.config, &view.evidence) {
                return Err(unknown.into());
            }
        }
        let saved = study::save_variant(&study, &given.name, &set)?;
        Ok(Answer(json!({
            "name": saved.name, "text": saved.text, "file": format!("variants/{}.toml", saved.name),
            "command": command(&["run", "--with", &saved.name]),
        })))
    })
    .await
}

/// A change of settings as a table, if it touches only what is open.
pub fn open_settings(set: &Map<String, Value>) -> Result<Table, ApiError> {
    if set.is_empty() {
        return Err(ApiError::unusable("nothing is changed"));
    }
    for (section, inner) in set {
        let open = OPEN.iter().find(|(name, _)| name == section);
        let closed = |path: &str| {
            ApiError::unusable(format!("`{path}` cannot be changed from here"))
                .help("change it in study.toml; here: selection.{top,weights,statement,limits} and the keys of [regions]")
        };
        let (_, keys) = open.ok_or_else(|| closed(section))?;
        let inner = inner
            .as_object()
            .ok_or_else(|| ApiError::unusable(format!("`{section}` must be a table")))?;
        if let Some(key) = inner.keys().find(|key| !keys.contains(&key.as_str())) {
            return Err(closed(&format!("{section}.{key}")));
        }
    }
    let mut set = set.clone();
    // To JSON Schema 3.0 is an integer; to TOML it is none.
    for inner in set.values_mut().filter_map(Value::as_object_mut) {
        for (_, value) in inner
            .iter_mut()
            .filter(|(key, _)| COUNTS.contains(&key.as_str()))
        {
            let whole = match value {
                Value::Number(number) => whole_number::<u64>(number),
                _ => None,
            };
            if let Some(whole) = whole {
                *value = whole.into();
            }
        }
    }
    Table::try_from(&set)
        .map_err(|error| ApiError::unusable(format!("the settings cannot be written: {error}")))
}
