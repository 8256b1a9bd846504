//! `calc consortium` and `calc sites` through the program: hand cases, ranked answers, reasons, bad tables.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::program::{calc, write};

fn answer(output: &Output) -> Value {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// All at the same place, so that only ties count: firm – university is one step (0.25 of the cap of 4, half weight),
/// firm – institute is unknown (half weight). Needs a, b, c, d: nobody holds d; the university brings b and c.
/// Firm and university: cost 2, distance 0.125. All three: cost 3, distance 0.125 + 0.5.
fn mission(folder: &Path) {
    write(
        folder,
        "organisations.csv",
        "organisation,leads,kind,cost,lon,lat\nfirm,yes,enterprise,1,116.4,39.9\ninstitute,no,institute,1,116.4,39.9\n\
         university,no,university,1,116.4,39.9\n",
    );
    write(
        folder,
        "capabilities.csv",
        "organisation,capability,level\nfirm,a,1\ninstitute,b,1\nuniversity,b,1\nuniversity,c,1\n",
    );
    write(
        folder,
        "needs.csv",
        "mission,capability\nm,a\nm,b\nm,c\nm,d\n",
    );
    write(folder, "collaborations.csv", "a,b\nfirm,university\n");
}

#[test]
fn a_consortium_is_formed_ranked_and_says_what_nobody_has() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    mission(folder);
    let found = answer(&calc(
        folder,
        &["consortium", ".", "--json", "--out", "out"],
    ));
    let best = &found["consortia"][0];
    let members = &best["missions"][0]["members"];
    assert_eq!(members[0]["organisation"], "firm");
    assert_eq!(members[0]["leads"], true);
    assert_eq!(members[1]["organisation"], "university");
    assert_eq!(members.as_array().unwrap().len(), 2);
    assert!((best["objective"]["value"].as_f64().unwrap() - 2.125).abs() < 1e-9);
    assert!((best["objective"]["bound"].as_f64().unwrap() - 2.125).abs() < 1e-5);
    let second = &found["consortia"][1]["objective"]["value"];
    assert!((second.as_f64().unwrap() - 3.625).abs() < 1e-9);
    assert_eq!(found["uncovered"].as_array().unwrap().len(), 1);
    assert_eq!(found["uncovered"][0]["capability"], "d");
    assert_eq!(found["uncovered"][0]["why"], "nobody");
    let left = &found["leaving"];
    assert_eq!(left[0]["possible"], "no"); // nobody else may lead
    assert_eq!(left[1]["lost"], 1); // c goes with the university
    let rows = fs::read_to_string(folder.join("out/members.csv")).unwrap();
    assert!(rows.contains("1,m,university,member,b;c"), "{rows}");
    assert!(folder.join("out/report.json").is_file());
}

/// A conflict keeps c out: then the institute brings b. A budget of 1 leaves the firm alone.
#[test]
fn conflicts_and_budgets_are_named_as_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    mission(folder);
    write(folder, "conflicts.csv", "a,b\nfirm,university\n");
    let found = answer(&calc(folder, &["consortium", ".", "--json"]));
    let open = found["uncovered"].as_array().unwrap();
    assert_eq!(open[0]["capability"], "c");
    assert_eq!(open[0]["why"], "conflict");
    assert_eq!(open[1]["why"], "nobody");
    fs::remove_file(folder.join("conflicts.csv")).unwrap();
    write(folder, "missions.csv", "mission,budget\nm,1\n");
    let found = answer(&calc(folder, &["consortium", ".", "--json"]));
    let open = found["uncovered"].as_array().unwrap();
    let why: Vec<&str> = open.iter().map(|u| u["why"].as_str().unwrap()).collect();
    assert_eq!(why, ["budget", "budget", "nobody"]);
}

#[test]
fn every_wrong_cell_of_a_consortium_is_named_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    mission(folder);
    write(
        folder,
        "organisations.csv",
        "organisation,leads,cost,load,lon,lat\nfirm,perhaps,1,1,116,39\ninstitute,no,,1.5,116,\nfirm,no,-1,1,,\n",
    );
    write(
        folder,
        "capabilities.csv",
        "organisation,capability,level\nfirm,a,much\nnobody,b,1\n",
    );
    write(folder, "conflicts.csv", "a,b\nfirm,firm\n");
    let output = calc(folder, &["consortium", ".", "--out", "out"]);
    assert!(!output.status.success());
    let errors = String::from_utf8_lossy(&output.stderr);
    for part in [
        "organisations.csv",
        "capabilities.csv",
        "conflicts.csv",
        "collaborations.csv",
        "perhaps",
        "much",
        "1.5",
        "-1",
        "missing is not zero",
    ] {
        assert!(errors.contains(part), "{part}: {errors}");
    }
    assert!(!folder.join("out").exists(), "nothing is half-written");
    // Tables that are not there are named together, too.
    fs::remove_file(folder.join("needs.csv")).unwrap();
    fs::remove_file(folder.join("capabilities.csv")).unwrap();
    let output = calc(folder, &["consortium", "."]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        errors.contains("needs.csv") && errors.contains("mission, capability"),
        "{errors}"
    );
    assert!(errors.contains("capabilities.csv"), "{errors}");
}

/// Places on a line at 0, 1, 2 and 10 with weights 1, 1, 1 and 2 (distances stated). Within 1, one site at 1 covers 3, and the
/// next best is 10 with 2 (or 0 or 2, each with 2). Median: 2, total 19; centre: 2, farthest 8. Two sites cover all.
fn line(folder: &Path) {
    let places = [
        ("a", 0.0, 1.0),
        ("b", 1.0, 1.0),
        ("c", 2.0, 1.0),
        ("d", 10.0, 2.0),
    ];
    let mut demands = "demand,weight\n".to_owned();
    let mut candidates = "candidate,suitability\n".to_owned();
    let mut distances = "from,to,distance\n".to_owned();
    for (id, at, weight) in places {
        demands += &format!("{id},{weight}\n");
        candidates += &format!("{id},0.5\n");
        for (other, there, _) in places {
            distances += &format!("{id},{other},{}\n", f64::abs(at - there));
        }
    }
    write(folder, "demands.csv", &demands);
    write(folder, "candidates.csv", &candidates);
    write(folder, "distances.csv", &distances);
}

#[test]
fn sites_are_chosen_by_three_models_with_fronts_and_reasons() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    line(folder);
    let arguments = [
        "sites", ".", "--sites", "1", "--radius", "1", "--json", "--out", "out",
    ];
    let found = answer(&calc(folder, &arguments));
    assert_eq!(found["cover"]["sites"], serde_json::json!(["b"]));
    assert_eq!(found["cover"]["value"], 3.0);
    assert_eq!(found["cover"]["alternatives"][0]["value"], 2.0);
    assert_eq!(found["median"]["sites"], serde_json::json!(["c"]));
    assert_eq!(found["median"]["value"], 19.0);
    assert_eq!(found["centre"]["value"], 8.0);
    assert_eq!(found["uncovered"][0]["demand"], "d");
    assert_eq!(found["uncovered"][0]["why"], "budget");
    let front = found["fronts"]["coverage"].as_array().unwrap();
    let covered: Vec<f64> = front.iter().map(|p| p["value"].as_f64().unwrap()).collect();
    assert_eq!(covered, [3.0, 5.0]);
    assert!(found["hubs"].is_null());
    let table = fs::read_to_string(folder.join("out/sites.csv")).unwrap();
    assert!(table.contains("cover,1,b,3,3"), "{table}");
}

/// Flows a→d and d→a of 1. One hub: through b (1 + 9 = 10) as through any between; within 10 one hub reaches both; within 5 no
/// single hub does, and two (a and d) do at half the distance between them.
#[test]
fn hubs_reach_flows_within_a_radius() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    line(folder);
    write(folder, "flows.csv", "from,to,flow\na,d,1\nd,a,1\n");
    let reached = |hubs: usize| {
        write(
            folder,
            "sites.toml",
            &format!("sites = 1\n[hub_cover]\nhubs = {hubs}\nradius = 5\n"),
        );
        answer(&calc(folder, &["sites", "sites.toml", "--json"]))
    };
    let one = reached(1);
    assert_eq!(one["hub_cover"]["value"], 0.0);
    assert_eq!(one["hub_cover"]["missed"].as_array().unwrap().len(), 2);
    assert_eq!(one["hub_set_cover"]["value"], 2.0);
    assert_eq!(one["hub_set_cover"]["hubs"], serde_json::json!(["a", "d"]));
    let two = reached(2);
    assert_eq!(two["hub_cover"]["value"], 2.0);
    assert_eq!(two["hub_cover"]["hubs"], serde_json::json!(["a", "d"]));
}

#[test]
fn every_wrong_cell_of_sites_is_named_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(
        folder,
        "demands.csv",
        "demand,weight,lon,lat\na,,116,39\nb,-2,216,39\nc,1,,\n",
    );
    write(
        folder,
        "candidates.csv",
        "candidate,fixed,lon,lat\na,maybe,117,39\nx,no,110,30\n",
    );
    write(folder, "flows.csv", "from,to,flow\nx,nowhere,1\n");
    let output = calc(folder, &["sites", ".", "--sites", "1"]);
    assert!(!output.status.success());
    let errors = String::from_utf8_lossy(&output.stderr);
    for part in [
        "demands.csv",
        "candidates.csv",
        "flows.csv",
        "216",
        "-2",
        "maybe",
        "nowhere",
        "distances.csv",
    ] {
        assert!(errors.contains(part), "{part}: {errors}");
    }
    let output = calc(folder, &["sites", "."]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("number of sites"), "{errors}");
}
