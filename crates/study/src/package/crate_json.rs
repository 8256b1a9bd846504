//! The metadata of a package: RO-Crate 1.1 with the Process Run Crate profile 0.5.
//!
//! Sefton et al. (2020), RO-Crate Metadata Specification 1.1; Leo et al. (2024), Recording provenance of workflow runs
//! with RO-Crate, PLOS ONE 19(9). One action for each step: its evidence, settings and the results before are its objects, its tables
//! its results. No clock was asked when the run was made, so actions have no times.

use std::collections::{BTreeMap, BTreeSet};

use evidence::Evidence;
use serde_json::{Value, json};

use crate::engine::manifest::Manifest;

/// Where a file of the package comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// It was there before the run: evidence, settings.
    Given,
    Step(String),
    Packing,
}

#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub path: String,
    /// Media type.
    pub kind: &'static str,
    pub about: String,
    pub made: Origin,
}

pub(super) struct About {
    pub name: String,
    pub description: String,
    pub date: String,
}

const PROFILE: &str = "https://w3id.org/ro/wfrun/process/0.5";
const PROGRAM: &str = "#forelay";
const AGENT: &str = "#study";

/// A list of one is written as the one.
fn all(mut list: Vec<Value>) -> Value {
    match list.len() {
        1 => list.remove(0),
        _ => Value::Array(list),
    }
}

fn id(name: &str) -> Value {
    json!({ "@id": name })
}

/// `ro-crate-metadata.json`; entries with their size and SHA-256.
pub(super) fn metadata(
    about: &About,
    manifest: &Manifest,
    evidence: &Evidence,
    entries: &[(&Entry, usize, String)],
) -> Value {
    let mut graph = vec![
        json!({
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "conformsTo": id("https://w3id.org/ro/crate/1.1"),
            "about": id("./"),
        }),
        root(about, manifest, entries),
        json!({
            "@id": PROFILE,
            "@type": "CreativeWork",
            "name": "Process Run Crate",
            "version": "0.5",
        }),
        json!({
            "@id": PROGRAM,
            "@type": "SoftwareApplication",
            "name": "Forelay",
            "softwareVersion": format!("{}+{}", manifest.version, manifest.code),
        }),
        json!({
            "@id": AGENT,
            "@type": "Organization",
            "name": manifest.config.study.title_en,
        }),
        json!({
            "@id": "#licences",
            "@type": "CreativeWork",
            "name": "Licences of the sources, one by one",
            "description": "Every source has its own licence: evidence/sources.csv names it for each row of the evidence. Rows \
                that a licence keeps in are not part of this package.",
        }),
    ];
    graph.extend(actions(manifest, entries));
    graph.extend(entries.iter().map(|(entry, size, hash)| {
        json!({
            "@id": entry.path,
            "@type": "File",
            "name": entry.path,
            "description": entry.about,
            "encodingFormat": entry.kind,
            "contentSize": size.to_string(),
            "sha256": hash,
        })
    }));
    graph.extend(sources(evidence));
    json!({
        "@context": [
            "https://w3id.org/ro/crate/1.1/context",
            "https://w3id.org/ro/terms/workflow-run/context",
        ],
        "@graph": graph,
    })
}

fn root(about: &About, manifest: &Manifest, entries: &[(&Entry, usize, String)]) -> Value {
    let parts: Vec<Value> = entries.iter().map(|(entry, ..)| id(&entry.path)).collect();
    let actions: Vec<Value> = (manifest.steps.iter())
        .map(|step| id(&action(&step.step)))
        .collect();
    json!({
        "@id": "./",
        "@type": "Dataset",
        "identifier": format!("forelay-run-{}", manifest.id),
        "name": about.name,
        "description": about.description,
        "datePublished": about.date,
        "license": id("#licences"),
        "conformsTo": id(PROFILE),
        "author": id(AGENT),
        "publisher": id(AGENT),
        "hasPart": all(parts),
        "mentions": all(actions),
    })
}

fn action(step: &str) -> String {
    format!("#run-{step}")
}

/// What each step read and made.
fn actions(manifest: &Manifest, entries: &[(&Entry, usize, String)]) -> Vec<Value> {
    let mut made: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for (entry, ..) in entries {
        known.insert(&entry.path);
        if let Origin::Step(step) = &entry.made {
            made.entry(step).or_default().push(id(&entry.path));
        }
    }
    (manifest.steps.iter())
        .map(|step| {
            let given = (step.inputs.keys())
                .map(|table| format!("evidence/{table}.csv"))
                .filter(|path| known.contains(path.as_str()))
                .map(|path| id(&path));
            let before = (step.needs.keys())
                .filter_map(|need| made.get(need.as_str()))
                .flatten()
                .cloned();
            let objects: Vec<Value> = std::iter::once(id("settings/study.toml"))
                .chain(given)
                .chain(before)
                .collect();
            json!({
                "@id": action(&step.step),
                "@type": "CreateAction",
                "name": format!("forelay run {}", step.step),
                "description": format!("key {}, output {}; parameters: {}", step.key, step.output, step.params),
                "instrument": id(PROGRAM),
                "agent": id(AGENT),
                "actionStatus": "http://schema.org/CompletedActionStatus",
                "object": all(objects),
                "result": all(made.get(step.step.as_str()).cloned().unwrap_or_default()),
            })
        })
        .collect()
}

/// The sources of the evidence, each with its licence.
fn sources(evidence: &Evidence) -> Vec<Value> {
    let text =
        |row: &evidence::Record, column: &str| row.text(column).unwrap_or_default().to_owned();
    (evidence.rows("sources").iter())
        .filter(|row| text(row, "url").starts_with("http"))
        .map(|row| {
            let [publisher, title] = ["publisher", "title"].map(|c| text(row, c));
            let name = if title.is_empty() {
                publisher.clone()
            } else {
                title
            };
            json!({
                "@id": format!("#source-{}", row.key),
                "@type": "CreativeWork",
                "name": name,
                "url": text(row, "url"),
                "copyrightNotice": text(row, "licence"),
            })
        })
        .collect()
}
