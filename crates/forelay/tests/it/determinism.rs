//! Same input, same output: replay, threads, order of rows.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::program::{call, edit, example, finished, forelay, json, shrink};

fn manifest(study: &Path) -> Value {
    let runs = study.join("runs");
    let latest = std::fs::read_to_string(runs.join("latest")).unwrap();
    serde_json::from_slice(&std::fs::read(runs.join(latest.trim()).join("manifest.json")).unwrap())
        .unwrap()
}

fn outputs(study: &Path) -> BTreeMap<String, String> {
    manifest(study)["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| {
            (
                s["step"].as_str().unwrap().to_owned(),
                s["output"].as_str().unwrap().to_owned(),
            )
        })
        .collect()
}

#[test]
fn a_replay_is_identical_to_the_bit() {
    let replay = json(finished(), &["replay"], 0);
    assert_eq!(replay["identical"], true);
    assert!(replay["steps"].as_u64().unwrap() >= 10);
}

#[test]
fn one_thread_and_five_threads_give_the_same_tables() {
    let mut found = Vec::new();
    for threads in ["1", "5"] {
        let folder = example();
        let study = folder.path().join("study");
        shrink(&study);
        let output = forelay()
            .args(["run", "--json", "--study"])
            .arg(&study)
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .unwrap();
        assert!(output.status.success());
        found.push(outputs(&study));
    }
    assert_eq!(found[0], found[1]);
}

#[test]
fn the_order_of_rows_changes_nothing() {
    let folder = example();
    let study = folder.path().join("study");
    shrink(&study);
    json(&study, &["run"], 0);
    let before = (manifest(&study)["id"].clone(), outputs(&study));
    for entry in std::fs::read_dir(study.join("evidence")).unwrap() {
        let path = entry.unwrap().path();
        reverse_rows(&path);
    }
    std::fs::remove_dir_all(study.join(".forelay")).unwrap();
    json(&study, &["run"], 0);
    assert_eq!((manifest(&study)["id"].clone(), outputs(&study)), before);
}

/// Reverses the records of a CSV file, leaving its header first.
fn reverse_rows(path: &Path) {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader.headers().unwrap().clone();
    let mut records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    records.reverse();
    let mut writer = csv::Writer::from_path(path).unwrap();
    writer.write_record(&header).unwrap();
    for record in records {
        writer.write_record(&record).unwrap();
    }
    writer.flush().unwrap();
}

#[test]
fn only_what_changed_runs_again_and_diff_says_why() {
    let folder = example();
    let study = folder.path().join("study");
    shrink(&study);
    let first = json(&study, &["run"], 0);
    let again = json(&study, &["run"], 0);
    assert_eq!(first["run"], again["run"]);
    assert_eq!(again["reused"], again["steps"]);
    edit(
        &study,
        "study.toml",
        &[("base_year = 2021", "base_year = 2020")],
    );
    let changed = json(&study, &["run"], 0);
    assert_ne!(first["run"], changed["run"]);
    assert!(
        changed["reused"].as_u64().unwrap() >= 5,
        "the chains do not depend on the price year"
    );
    let (a, b) = (
        first["run"].as_str().unwrap(),
        changed["run"].as_str().unwrap(),
    );
    let diff = json(&study, &["diff", a, b], 1);
    let money = diff["steps"]
        .as_array()
        .unwrap()
        .iter()
        .find(|s| s["step"] == "trend.money")
        .unwrap();
    assert_eq!(money["because"][0]["parameter"]["path"], "money.base_year");
    assert!(!money["changes"].as_array().unwrap().is_empty());
    assert!(
        !diff["steps"]
            .as_array()
            .unwrap()
            .iter()
            .any(|s| s["step"] == "chain.exposure")
    );
    let same = call(&study, &["diff", a, a]);
    assert_eq!(same.status.code(), Some(0));
}
