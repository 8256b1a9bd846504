//! The roadmap through the program: layers, what turns amber, versions.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::forelay;

/// Standard output of a command that ends with 0 or 1.
fn said(study: &Path, arguments: &[&str]) -> String {
    let output = forelay()
        .arg("--study")
        .arg(study)
        .args(arguments)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code().is_some_and(|c| c < 2), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn roadmap(study: &Path, arguments: &[&str]) -> Value {
    let all = [&["roadmap", "--json"], arguments].concat();
    serde_json::from_str(&said(study, &all)).unwrap()
}

/// Runs what the roadmap needs; the id of the run.
fn run(study: &Path) -> String {
    let found: Value =
        serde_json::from_str(&said(study, &["run", "--json", "layout.roadmap"])).unwrap();
    let folder = found["folder"].as_str().unwrap();
    folder.rsplit('/').next().unwrap().to_owned()
}

fn node<'a>(found: &'a Value, id: &str) -> &'a Value {
    let nodes = found["nodes"].as_array().unwrap();
    nodes.iter().find(|node| node["id"] == id).unwrap()
}

fn reasons(node: &Value) -> Vec<&str> {
    let amber = node["amber"].as_array().unwrap();
    amber.iter().map(|a| a["why"].as_str().unwrap()).collect()
}

/// Puts `new` for `old` in the only row of the file that begins with `key`.
fn edit(study: &Path, table: &str, key: &str, old: &str, new: &str) {
    let path = study.join(format!("evidence/{table}.csv"));
    let text = fs::read_to_string(&path).unwrap();
    let row = text.lines().find(|line| line.starts_with(key)).unwrap();
    assert_eq!(row.matches(old).count(), 1, "{row}");
    fs::write(&path, text.replacen(row, &row.replace(old, new), 1)).unwrap();
}

#[test]
fn layers_amber_and_versions() {
    let folder = tempfile::tempdir().unwrap();
    let study = folder.path().join("s");
    let at = study.to_str().unwrap();
    assert!(
        forelay()
            .args(["init", "--example", "china-2021", at])
            .output()
            .unwrap()
            .status
            .success()
    );
    let earlier = run(&study);
    let first = roadmap(&study, &["--run", &earlier]);
    for layer in [
        "market",
        "product",
        "technology",
        "research",
        "resources",
        "policy",
    ] {
        let nodes = first["nodes"].as_array().unwrap();
        let held = nodes.iter().filter(|n| n["layer"] == layer);
        // Every node of every layer stands on rows that are there.
        let mut count = 0;
        for node in held {
            count += 1;
            assert!(!node["evidence"].as_array().unwrap().is_empty(), "{node}");
            assert!(!reasons(node).contains(&"gone"), "{node}");
        }
        assert!(count > 0, "{layer}");
    }
    let plan = "policies/cn_15fyp_proposal_2025";
    let target = "clauses/beijing_city.quantum_computing";
    assert_eq!(node(&first, plan)["finish"], 2031.0);
    assert_eq!(node(&first, target)["start"], 2030.0);
    assert_eq!(reasons(node(&first, plan)), [""; 0]);
    // A policy speaks of its last year, a target of its deadline: neither ages before.
    let strict = roadmap(&study, &["--run", &earlier, "--stale", "0"]);
    assert_eq!(reasons(node(&strict, target)), [""; 0]);
    let demand = "application_scenarios/aiapp_beijing";
    assert_eq!(reasons(node(&strict, demand)), ["old"]);
    assert_eq!(reasons(node(&first, demand)), [""; 0]);

    // The policy is prolonged: it turns amber before anything is run again.
    edit(
        &study,
        "policies",
        "cn_15fyp_proposal_2025,",
        ",2030,",
        ",2035,",
    );
    let changed = roadmap(&study, &["--run", &earlier]);
    assert_eq!(reasons(node(&changed, plan)), ["changed"]);
    assert_eq!(
        node(&changed, plan)["amber"][0]["columns"][0],
        "horizon_year"
    );
    let later = run(&study);
    let second = roadmap(&study, &["--run", &later, "--since", &earlier]);
    assert_eq!(reasons(node(&second, plan)), [""; 0]);
    let moved = second["versions"]["moved"].as_array().unwrap();
    let shift = moved.iter().find(|m| m["id"] == plan).unwrap();
    assert_eq!(
        (&shift["change"], &shift["finish"]),
        (&"shifted".into(), &5.0.into())
    );
    let because = second["versions"]["because"].to_string();
    assert!(because.contains("policies"), "{because}");

    // Without its row, a node is gone from the next version, and amber until then.
    let path = study.join("evidence/clauses.csv");
    let text = fs::read_to_string(&path).unwrap();
    let kept: String = text
        .lines()
        .filter(|line| !line.starts_with("beijing_city.quantum_computing,"))
        .map(|line| format!("{line}\n"))
        .collect();
    fs::write(&path, kept).unwrap();
    let gone = roadmap(&study, &["--run", &later]);
    assert_eq!(reasons(node(&gone, target)), ["gone"]);

    let out = study.join("roadmap.csv");
    said(
        &study,
        &[
            "roadmap",
            "--run",
            &later,
            "--export",
            "csv",
            "--out",
            out.to_str().unwrap(),
        ],
    );
    let exported = fs::read_to_string(out).unwrap();
    assert!(exported.contains(plan) && exported.contains("quantum_information/research"));
}
