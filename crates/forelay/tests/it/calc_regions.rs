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

/// By hand: a y and b z (8) is the best with y in a, 3 below the plan; a x and b y (10) the best without z in b. With
/// places for all, x in a, y and z in b and the link give 16. The regional cap costs nothing.
#[test]
fn reasons_alternatives_and_the_price_of_rules() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    put(at, "question.json", &question());
    let asked = [
        "--time-limit",
        "1",
        "--out",
        "plan.json",
        "--why",
        "a,y",
        "--why",
        "b,z",
        "--alternatives",
        "3",
        "--within",
        "0.5",
        "--neighbours-within",
        "0.1",
        "--rule-prices",
    ];
    let run = regions(at, &asked);
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    let plan: Value =
        serde_json::from_str(&fs::read_to_string(at.join("plan.json")).unwrap()).unwrap();
    let lost = |n: usize| &plan["why"][n]["nation_loses"];
    assert_eq!(plan["why"][0]["question"], "why_not_that");
    assert_eq!(plan["why"][1]["question"], "why_this");
    for (n, by_hand) in [(0, 3.0), (1, 1.0)] {
        let (low, high) = (&lost(n)["at_least"], &lost(n)["at_most"]);
        assert!(
            low.as_f64().unwrap() <= by_hand && by_hand <= high.as_f64().unwrap(),
            "{low} {high}"
        );
        assert!((high.as_f64().unwrap() - by_hand).abs() < 1e-9, "{high}");
    }
    assert_eq!(plan["alternatives"]["layouts"].as_array().unwrap().len(), 3);
    assert_eq!(plan["neighbours"]["objective"], 11.0);
    let prices = plan["rule_prices"].as_array().unwrap();
    let price = |code: &str| prices.iter().find(|p| p["rules"] == code).unwrap();
    let gain = |code: &str| price(code)["gain"]["estimated"]["value"].as_f64().unwrap();
    // Without the limit of one place each, the regional cap of one still stands: x y in a, z in b.
    assert_eq!(gain("rules.cluster_max"), 5.0);
    assert_eq!(gain("rules.regional_caps"), 0.0);
    let wrong = regions(at, &["--out", "p.json", "--why", "a,steel"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("steel"));
    assert!(!at.join("p.json").exists());
}

/// The example of the method page: three cities, a lead, a veto and a link. By hand 8 + 6 + 5 and 2 for the link.
#[test]
fn the_documented_instance_is_answered() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../methods/regional-layout.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once("```json\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    put(at, "question.json", &serde_json::from_str(example).unwrap());
    let asked = [
        "--time-limit",
        "1",
        "--out",
        "plan.json",
        "--alternatives",
        "3",
        "--within",
        "0",
    ];
    let run = regions(at, &asked);
    let said = String::from_utf8_lossy(&run.stdout).into_owned();
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(run.status.success(), "{said}");
    assert!(said.contains("no other layout within reach"), "{said}");
    let plan: Value =
        serde_json::from_str(&fs::read_to_string(at.join("plan.json")).unwrap()).unwrap();
    assert_eq!(
        plan["assignment"],
        json!({"harbour": ["chips"], "hill": ["drugs"], "river": ["batteries"]})
    );
    assert_eq!(plan["objective"], 21.0);
    assert!(plan["alternatives"]["least_distance"].is_null());
}

#[test]
fn wrong_files_and_conflicts_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let mut wrong = question();
    wrong["clusters"][1]["region"] = json!(7);
    wrong["suitability"][0][1] = json!("high");
    wrong["clusters"][0]["circle"] = json!(3);
    wrong["industries"][2]["lead"] = json!("yes");
    put(at, "question.json", &wrong);
    let run = regions(at, &["--out", "plan.json"]);
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    assert_eq!(run.status.code(), Some(2));
    for place in [
        "clusters[1].region",
        "suitability[0][1]",
        "clusters[0].circle",
        "industries[2].lead",
    ] {
        assert!(said.contains(place), "{place}: {said}");
    }
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
