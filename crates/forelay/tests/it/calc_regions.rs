//! `calc regions` through the program.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::program::forelay;

/// Two clusters of one region with one place each: a: x 5, y 4, z 0; b: x 3, y 5, z 4; the link x-z is worth 2.
/// By hand: a x and b z with 5 + 4 + 2 = 11 beat a x and b y with 10.
fn question() -> Value {
    json!({
        "format": "forelay-layout/1", "min_per_cluster": 1, "max_per_cluster": 1, "tau": 0, "lambda": 1,
        "regions": [{"id": "east", "dup_cap": 1}],
        "clusters": [{"id": "a", "region": 0}, {"id": "b", "region": 0}],
        "industries": [{"id": "x", "floor": 0, "cap": 2}, {"id": "y", "floor": 0, "cap": 2}, {"id": "z", "floor": 0, "cap": 2}],
        "suitability": [[5, 4, 0], [3, 5, 4]],
        "edges": [[0, 2, 2]], "neighbours": [[1], [0]], "committed": [], "vetoed": []
    })
}

fn regions(folder: &Path, more: &[&str]) -> Output {
    forelay()
        .current_dir(folder)
        .args(["calc", "regions", "question.json"])
        .args(more)
        .output()
        .unwrap()
}

fn put(folder: &Path, name: &str, value: &Value) {
    fs::write(folder.join(name), value.to_string()).unwrap();
}

#[test]
fn a_plan_with_proof() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    put(at, "question.json", &question());
    let run = regions(
        at,
        &[
            "--time-limit",
            "1",
            "--out",
            "plan.json",
            "--plan-csv",
            "plan.csv",
            "--certificate",
            "proof.json",
        ],
    );
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    let read = |name: &str| -> Value {
        serde_json::from_str(&fs::read_to_string(at.join(name)).unwrap()).unwrap()
    };
    let plan = read("plan.json");
    assert_eq!(
        (&plan["objective"], &plan["bound"]),
        (&json!(11.0), &json!(11.0))
    );
    assert_eq!(plan["assignment"], json!({"a": ["x"], "b": ["z"]}));
    assert_eq!(
        fs::read_to_string(at.join("plan.csv")).unwrap(),
        "cluster,industry\n0,0\n1,2\n"
    );
    assert!(regions(at, &["--check", "proof.json"]).status.success());
    let mut proof = read("proof.json");
    proof["bound"] = json!(10.0);
    put(at, "proof.json", &proof);
    assert_eq!(
        regions(at, &["--check", "proof.json"]).status.code(),
        Some(2)
    );
}

#[test]
fn wrong_files_and_conflicts_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let mut wrong = question();
    wrong["clusters"][1]["region"] = json!(7);
    wrong["suitability"][0][1] = json!("high");
    put(at, "question.json", &wrong);
    let run = regions(at, &["--out", "plan.json"]);
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    assert_eq!(run.status.code(), Some(2));
    assert!(
        said.contains("clusters[1].region") && said.contains("suitability[0][1]"),
        "{said}"
    );
    assert!(!at.join("plan.json").exists());
    let mut conflict = question();
    conflict["industries"][0]["floor"] = json!(2);
    put(at, "question.json", &conflict);
    let run = regions(at, &["--out", "plan.json"]);
    // Messages are broken into lines at the width of a terminal.
    let said = String::from_utf8_lossy(&run.stderr).replace('│', " ");
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(run.status.code(), Some(2));
    assert!(
        said.contains("at least 2 clusters") && said.contains("at most 1 clusters"),
        "{said}"
    );
}
