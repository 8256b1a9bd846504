//! What other settings would change: the steps that depend on them, computed from the results of a run. Nothing is
//! written.

use axum::extract::State;
use axum::routing::post;
use model::Lang;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::settings::open_settings;
use super::{Answer, Answered, Endpoint, Given, Method, cells, command, english, latest};
use crate::App;
use crate::error::ApiError;

/// Steps that answer while one waits.
const STEPS: [&str; 2] = ["layout.select", "layout.regions"];

const BODY: &str = r#"{"type":"object","additionalProperties":false,"required":["step","set"],"properties":{
"step":{"type":"string","enum":["layout.select","layout.regions"]},
"run":{"type":"string","maxLength":12,"pattern":"^[a-z0-9]+$"},
"lang":{"type":"string","enum":["en","zh"]},
"tables":{"type":"array","maxItems":10,"items":{"type":"string","maxLength":80}},
"set":"$SET",
"beside":"$SET"}}"#;

pub const ENDPOINTS: &[Endpoint] = &[Endpoint {
    method: Method::Post,
    path: "/api/preview",
    summary: "The tables of a step under changed weights, locks and vetoes; those that are named, or all",
    parameters: &[],
    body: Some(BODY),
    answer: &[
        ("tables", "array"),
        ("refusals", "array"),
        ("command", "string"),
    ],
    handler: || post(preview),
}];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    step: String,
    #[serde(default = "latest")]
    run: String,
    #[serde(default = "english")]
    lang: Lang,
    /// Empty: all of the step.
    #[serde(default)]
    tables: Vec<String>,
    set: Map<String, Value>,
    /// What the price is counted from, instead of the run: the run with these settings.
    beside: Option<Map<String, Value>>,
}

async fn preview(State(app): State<App>, Given(change): Given<Change>) -> Answered {
    if !STEPS.contains(&change.step.as_str()) {
        return Err(ApiError::unusable("this step takes too long to wait for")
            .help("steps: layout.select, layout.regions; a run computes all"));
    }
    let set = open_settings(&change.set)?;
    let beside = change.beside.as_ref().map(open_settings).transpose()?;
    app.compute(move |app| {
        let view = app.view(&change.run)?;
        let study = app.study()?;
        // The run's own settings are the base, whatever study.toml says by now.
        let base = &view.run.manifest.config;
        let wanted = std::slice::from_ref(&change.step);
        let computed = |set| {
            let under = study.with_settings_on(base, set)?;
            if let Some(unknown) = study::unknown_placement(&under, &view.evidence) {
                return Err(unknown);
            }
            let found = study::preview(&study, &view.run, &view.evidence, &under, wanted)?;
            Ok::<_, study::StudyError>((under, found))
        };
        let own = view.run.outputs.get(&change.step);
        let (under, found) = computed(&set)?;
        let output = found.outputs.get(&change.step).or(own);
        let other = beside.as_ref().map(computed).transpose()?;
        let from = (other.as_ref()).and_then(|(_, other)| other.outputs.get(&change.step));
        let tables: Vec<Value> = output
            .into_iter()
            .flat_map(|o| &o.tables)
            .filter(|t| change.tables.is_empty() || change.tables.contains(&t.name))
            .map(|t| study::released(&view.evidence, t))
            .map(|t| cells::whole(&t, change.lang, &view.names))
            .collect();
        let price = (from.or(own).zip(output))
            .filter(|_| change.step == "layout.regions")
            .and_then(|(from, to)| {
                study::price_of_change(&view.run, [from, to], &under, &view.evidence, &view.names)
            })
            .map(|e| {
                let (text, range) = publish::estimate(&e, "points", change.lang);
                json!({ "value": e.value, "low": e.low, "high": e.high, "text": text, "range": range })
            });
        // What the run refused already says nothing about the change.
        let known: Vec<&model::Refusal> = (view.run.outputs.values())
            .flat_map(|output| &output.refusals)
            .collect();
        let refusals: Vec<Value> = (found.outputs.values())
            .flat_map(|output| &output.refusals)
            .filter(|refusal| !known.contains(refusal))
            .map(|r| study::refusal_json(r, change.lang, &view.names))
            .collect();
        Ok(Answer(json!({
            "run": view.run.manifest.id,
            "step": change.step,
            "computed": found.outputs.keys().collect::<Vec<_>>(),
            "other_code": found.other_code,
            "tables": tables,
            "price": price,
            "refusals": refusals,
            "text": toml::to_string(&set).unwrap_or_default(),
            "command": command(&["run", "--with", "NAME"]),
        })))
    })
    .await
}
