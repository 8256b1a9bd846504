//! Runs: which there are, what each was computed from, how two differ, the graph of steps, the roadmap's evidence.

use axum::extract::{Path, State};
use axum::routing::get;
use serde::Deserialize;
use serde_json::{Value, json};
use study::{Change, open_run};

use super::{
    Answer, Answered, Ask, Endpoint, ID, LANG, Method, Place, RUN, RUN_PATH, Which, cells, command,
    english, latest, parameter,
};
use crate::App;
use crate::error::ApiError;

/// Changes of a step that are listed; all are counted.
const LISTED: usize = 200;
/// Years after which a row behind a roadmap node counts as old.
const OLD: i32 = 5;

pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        method: Method::Get,
        path: "/api/steps",
        summary: "The graph of steps: what each needs and reads",
        parameters: &[RUN, LANG],
        body: None,
        answer: &[("steps", "array"), ("command", "string")],
        handler: || get(steps),
    },
    Endpoint {
        method: Method::Get,
        path: "/api/runs",
        summary: "All runs of the study",
        parameters: &[],
        body: None,
        answer: &[("runs", "array"), ("command", "string")],
        handler: || get(list),
    },
    Endpoint {
        method: Method::Get,
        path: "/api/runs/{run}",
        summary: "The record of a run: settings, scenarios, inputs, steps",
        parameters: &[RUN_PATH],
        body: None,
        answer: &[("manifest", "object"), ("command", "string")],
        handler: || get(manifest),
    },
    Endpoint {
        method: Method::Get,
        path: "/api/runs/{run}/diff/{other}",
        summary: "What changed in the plan between two runs, in words; then which results differ, and why",
        parameters: &[
            RUN_PATH,
            parameter("other", Place::Path, ID, "The run to compare with"),
            LANG,
        ],
        body: None,
        answer: &[
            ("passages", "array"),
            ("plan", "object"),
            ("steps", "array"),
            ("command", "string"),
        ],
        handler: || get(diff),
    },
    Endpoint {
        method: Method::Get,
        path: "/api/roadmap",
        summary: "Nodes of the roadmap with the evidence behind them, what has aged or changed since the run, and what moved since another run",
        parameters: &[
            RUN,
            LANG,
            parameter(
                "since",
                Place::Query,
                ID,
                "A run before: what moved since its roadmap",
            ),
        ],
        body: None,
        answer: &[
            ("nodes", "array"),
            ("versions", "object"),
            ("command", "string"),
        ],
        handler: || get(roadmap),
    },
];

async fn steps(State(app): State<App>, Ask(which): Ask<Which>) -> Answered {
    app.read(move |app| {
        let view = app.view(&which.run)?;
        let steps: Vec<Value> = study::steps::STEPS
            .iter()
            .map(|step| {
                let output = view.run.outputs.get(step.name);
                let tables: Vec<Value> = output
                    .into_iter()
                    .flat_map(|o| &o.tables)
                    .map(|t| json!({ "name": t.name, "title": cells::title(&t.name, which.lang), "rows": t.rows.len() }))
                    .collect();
                json!({
                    "name": step.name, "needs": step.needs, "reads": step.reads, "tables": tables,
                    "refusals": output.map_or(0, |o| o.refusals.len()),
                })
            })
            .collect();
        Ok(Answer(json!({ "run": view.run.manifest.id, "steps": steps, "command": command(&["run"]) })))
    })
    .await
}

async fn list(State(app): State<App>) -> Answered {
    app.read(|app| {
        let study = app.study()?;
        let latest = study::run_id(&study, "latest").ok();
        let mut manifests: Vec<(Option<u64>, study::Manifest)> = (study::run_list(&study).iter())
            .filter_map(|id| Some((written(&study, id), study::manifest_of(&study, id).ok()?)))
            .collect();
        // The newest first; runs hold no time themselves, so that the same input gives the same files.
        manifests.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.id.cmp(&b.1.id)));
        let runs: Vec<Value> = (manifests.iter())
            .map(|(written, m)| {
                json!({
                    "written": written,
                    "id": m.id, "version": m.version, "code": m.code,
                    "steps": m.steps.len(), "whole": m.steps.len() == study::steps::STEPS.len(),
                    "latest": latest.as_deref() == Some(m.id.as_str()),
                    "as_study": m.config == study.config,
                    "variant": m.variant.as_ref().map(|v| v.name.clone()),
                    "seed": m.config.study.seed.0,
                })
            })
            .collect();
        Ok(Answer(
            json!({ "runs": runs, "latest": latest, "command": command(&["run"]) }),
        ))
    })
    .await
}

/// When the record of a run was written, in seconds since 1970.
fn written(study: &study::Study, id: &str) -> Option<u64> {
    let file = study.root.join("runs").join(id).join("manifest.json");
    let time = std::fs::metadata(file).ok()?.modified().ok()?;
    Some(time.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs())
}

async fn manifest(State(app): State<App>, Path(run): Path<String>) -> Answered {
    app.read(move |app| {
        let manifest = study::manifest_of(&app.study()?, &run)?;
        let id = manifest.id.clone();
        Ok(Answer(
            json!({ "manifest": manifest, "command": command(&["replay", &id]) }),
        ))
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Language {
    #[serde(default = "english")]
    lang: model::Lang,
}

async fn diff(
    State(app): State<App>,
    Path((run, other)): Path<(String, String)>,
    Ask(ask): Ask<Language>,
) -> Answered {
    app.compute(move |app| {
        let study = app.study()?;
        let (a, b) = (open_run(&study, &run)?, open_run(&study, &other)?);
        let view = app.view(&b.manifest.id)?;
        let found = study::diff(&a, &b);
        let plan = study::changed(&a, &b, &view.evidence, &view.names);
        let steps: Vec<Value> = found
            .steps
            .iter()
            .map(|step| {
                let changes: Vec<Value> = step
                    .changes
                    .iter()
                    .take(LISTED)
                    .map(|change| match change {
                        Change::Row { id, only_in } => json!({ "id": id, "only_in": only_in }),
                        Change::Number { id, from, to } => json!({
                            "id": id,
                            "from": cells::cell(from, "", ask.lang, &view.names),
                            "to": cells::cell(to, "", ask.lang, &view.names),
                        }),
                    })
                    .collect();
                json!({
                    "step": step.step, "because": step.because,
                    "total": step.changes.len(), "changes": changes,
                })
            })
            .collect();
        Ok(Answer(json!({
            "from": found.from, "to": found.to,
            "passages": plan.passages(ask.lang, &view.names), "plan": plan, "steps": steps,
            "command": command(&["diff", &found.from, &found.to]),
        })))
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Version {
    #[serde(default = "latest")]
    run: String,
    #[serde(default = "english")]
    lang: model::Lang,
    since: Option<String>,
}

async fn roadmap(State(app): State<App>, Ask(which): Ask<Version>) -> Answered {
    app.compute(move |app| {
        let view = app.view(&which.run)?;
        let versions = which.since.as_deref().map(|since| {
            let before = app.view(since)?;
            Ok::<_, ApiError>(study::roadmap_versions(&before.run, &view.run)?)
        });
        let versions = versions.transpose()?;
        let now = app.loaded()?;
        let nodes = study::roadmap_nodes(&view.run, &view.evidence, &now.evidence, OLD)?;
        let nodes: Vec<Value> = nodes
            .iter()
            .map(|node| {
                let mut value = json!(node);
                let name = |id: &str| {
                    let industry = model::Entity::new(model::Kind::Field, id);
                    view.names.show(&industry, which.lang)
                };
                let names: Vec<String> = node.industry.split(';').map(name).collect();
                value["name"] = names.join(", ").into();
                let group = match node.layer.as_str() {
                    "market" | "policy" => "roadmap_node.",
                    _ => "",
                };
                value["stage_name"] =
                    super::word(&format!("code.{group}{}", node.stage), which.lang).into();
                let shown = node.evidence.iter().map(|reference| {
                    let (table, key) = reference.split_once('/').unwrap_or(("", reference));
                    let row = model::RowRef::new(table, key);
                    let row = study::explained_row(&view.evidence, &row);
                    super::explain::row_label(&row, &view.names, which.lang)
                });
                value["evidence_names"] = shown.collect::<Vec<String>>().into();
                value
            })
            .collect();
        let id = &view.run.manifest.id;
        let mut words = vec!["roadmap", "--run", id];
        if let Some(versions) = &versions {
            words.extend(["--since", &versions.from]);
        }
        Ok(Answer(json!({
            "run": id,
            "nodes": nodes,
            "versions": versions.as_ref().map_or_else(|| json!({}), |v| json!(v)),
            "command": command(&words),
        })))
    })
    .await
}
