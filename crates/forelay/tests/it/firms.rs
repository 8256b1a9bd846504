//! Firms in a study: systemic risk of each, a what-if on one, and what is refused.

use std::fs;
use std::path::Path;

use crate::program::{call, example, finished, forelay, json, shrink};

/// Firm, sector, share of final demand; links; which sectors are essential.
const FIRMS: [(&str, &str, &str); 5] = [
    ("mine", "01", "0.5"),
    ("smelter", "02", "0.25"),
    ("foundry", "02", "0.5"),
    ("chips", "03", "0.2"),
    ("phones", "04", "0.9"),
];
const LINKS: [(&str, &str, &str); 6] = [
    ("mine", "smelter", "6"),
    ("mine", "foundry", "2"),
    ("smelter", "chips", "5"),
    ("foundry", "chips", "3"),
    ("chips", "phones", "9"),
    ("phones", "mine", "1"),
];
const ESSENTIAL: [(&str, &str); 4] = [("01", "yes"), ("02", "no"), ("03", "yes"), ("04", "no")];

fn table(heading: &str, rows: impl Iterator<Item = String>) -> String {
    heading.to_owned() + "\n" + &rows.collect::<Vec<_>>().join("\n") + "\n"
}

fn add_firms(study: &Path) {
    let write = |name: &str, text: String| {
        fs::write(study.join("evidence").join(format!("{name}.csv")), text).unwrap();
    };
    write(
        "firms",
        table(
            "id,name,sector,country,region,output,unit,final_demand_share,source",
            FIRMS.iter().map(|(id, sector, share)| {
                format!("{id},,{sector},CHN,,,,{share},forelay_editors")
            }),
        ),
    );
    // An older year is left alone.
    let old = "phones,chips,2019,100,USD m,forelay_editors".to_owned();
    write(
        "firm_links",
        table(
            "supplier,customer,year,value,unit,source",
            LINKS
                .iter()
                .map(|(s, c, w)| format!("{s},{c},2021,{w},USD m,forelay_editors"))
                .chain([old]),
        ),
    );
    write(
        "firm_sectors",
        table(
            "sector,essential,source",
            ESSENTIAL
                .iter()
                .map(|(s, e)| format!("{s},{e},forelay_editors")),
        ),
    );
}

/// Scores and one firm's losses from the same numbers as plain files.
fn plain(folder: &Path, more: &[&str]) -> Vec<csv::StringRecord> {
    let file = |name: &str, text: String| {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let edges = LINKS.iter().map(|(s, c, w)| format!("{s},{c},{w}"));
    let firms = FIRMS.iter().map(|(f, s, d)| format!("{f},{s},{d}"));
    let essential = ESSENTIAL
        .iter()
        .map(|(s, e)| format!("{s},{}", u8::from(*e == "yes")));
    let done = forelay()
        .args(["calc", "cascade", "--converged", "--final-demand", "fd"])
        .arg("--edges")
        .arg(file("e.csv", table("supplier,customer,weight", edges)))
        .arg("--firms")
        .arg(file("f.csv", table("firm,sector,fd", firms)))
        .arg("--essential")
        .arg(file("s.csv", table("sector,essential", essential)))
        .args(more)
        .arg("--out")
        .arg(folder.join("out"))
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    let name = if more.is_empty() {
        "scores.csv"
    } else {
        "shocks.csv"
    };
    let mut reader = csv::Reader::from_path(folder.join("out").join(name)).unwrap();
    reader.records().map(Result::unwrap).collect()
}

#[test]
fn firms_of_a_study_get_the_index_of_plain_files() {
    let folder = example();
    let study = folder.path().join("study");
    shrink(&study);
    add_firms(&study);
    let run = json(&study, &["run"], 0);
    let refused = run["refusals"].as_array().unwrap();
    assert!(
        refused
            .iter()
            .all(|r| !r["code"].as_str().unwrap().starts_with("cascade.")),
        "{refused:?}"
    );
    for score in plain(folder.path(), &[]) {
        let number = |at: usize| score[at].parse::<f64>().unwrap();
        for (at, column) in [(1, "esri"), (2, "esri_down"), (3, "esri_up")] {
            let place = format!("chain.cascade/{}#{column}", &score[0]);
            let explained = json(&study, &["explain", &place], 0);
            let text = explained.to_string();
            assert!(
                text.contains("firm_links"),
                "the links stand behind: {text}"
            );
            let low = find(&explained, "low").unwrap();
            assert!((low - number(at)).abs() < 1e-12, "{place}: {low} {score:?}");
        }
    }
    // A partial stop between two severities holds the loss of each end.
    let asked = json(
        &study,
        &["shock", "--firm", "mine", "--severity", "0.5..1"],
        0,
    );
    let firms = asked["parts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|part| part["evidence"] == "whatif.firms")
        .unwrap();
    let shock = folder.path().join("shock.csv");
    fs::write(&shock, "shock,firm,remaining\nlow,mine,0.5\nhigh,mine,0\n").unwrap();
    let shocks = plain(folder.path(), &["--shock", shock.to_str().unwrap()]);
    let lost = &firms["tables"]["whatif.firm_network"][0]["output_lost"];
    for (row, end, room) in [(0, "low", 1e-12), (1, "high", 1e-6)] {
        let wanted: f64 = shocks[row][1].parse().unwrap();
        let found = lost[end].as_f64().unwrap();
        assert!((found - wanted).abs() <= room, "{end}: {found}, {wanted}");
    }
    let sectors = firms["tables"]["whatif.firm_sectors"].as_array().unwrap();
    assert_eq!(sectors[0]["key"], "01");
    assert!(
        (sectors[0]["output_lost"]["high"].as_f64().unwrap() - 1.0).abs() < 1e-6,
        "the mine is its sector"
    );
    let unknown = call(&study, &["shock", "--firm", "smelt"]);
    assert_eq!(unknown.status.code(), Some(2));
    let said = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert!(said.contains("smelter"), "{said}");
    // Without the sectors nothing says what is essential.
    fs::remove_file(study.join("evidence/firm_sectors.csv")).unwrap();
    let refused = json(&study, &["shock", "--firm", "mine"], 1);
    assert!(refused.to_string().contains("cascade.no_essential"));
}

/// The first number under this key, anywhere in the document.
fn find(json: &serde_json::Value, key: &str) -> Option<f64> {
    match json {
        serde_json::Value::Object(map) => map
            .get(key)
            .and_then(serde_json::Value::as_f64)
            .or_else(|| map.values().find_map(|v| find(v, key))),
        serde_json::Value::Array(items) => items.iter().find_map(|v| find(v, key)),
        _ => None,
    }
}

#[test]
fn without_firms_the_study_says_what_it_needs() {
    let study = finished();
    let run = json(study, &["run"], 0);
    let refused = run["refusals"].as_array().unwrap();
    assert!(
        refused.iter().any(|r| r["code"] == "cascade.no_firms"),
        "{refused:?}"
    );
    // The chains answer with what its country may lose; the network of firms has nothing to say.
    let asked = json(study, &["shock", "--firm", "TSMC"], 0);
    assert!(asked.to_string().contains("whatif.no_firms"));
}
