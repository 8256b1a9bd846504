//! Projects on record (table `projects`) through the portfolio and the plan as a whole.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::program::{example, json, results};

/// Rows of a table of the only run, by key.
fn table(study: &Path, name: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let rows = results(study, name).into_iter();
    rows.map(|row| (row["key"].clone(), row)).collect()
}

const HEADINGS: &str = "id,name,name_zh,field,kind,cost,low,high,currency,year,duration_years,success_pct,public_share_pct,worth,worth_low,worth_high,source\n";

/// Two applied projects and a pilot of one field, each of one year and cheap: the pilot waits for both. One project with its own worth
/// in a field that is not laid out, one without a worth in such a field: the first is worth what it says, the second is incomplete.
#[test]
fn projects_on_record_keep_their_order_and_their_worth() {
    let folder = example();
    let study = folder.path().join("study");
    let row = |id: &str, field: &str, kind: &str, worth: &str| {
        format!("{id},{id},,{field},{kind},1000000,,,USD,2021,1,90,50,{worth},,,forelay_editors\n")
    };
    let rows = [
        row("first", "semiconductors", "applied", "5"),
        row("second", "semiconductors", "applied", "5"),
        row("pilot", "semiconductors", "experimental", "9"),
        row("alone", "deep_sea_aerospace", "applied", "7"),
        row("unworthy", "brain_like_intelligence", "applied", ""),
    ];
    fs::write(
        study.join("evidence/projects.csv"),
        format!("{HEADINGS}{}", rows.concat()),
    )
    .unwrap();
    // Few draws: what is asked does not depend on their number.
    let settings = fs::read_to_string(study.join("study.toml")).unwrap();
    assert!(settings.contains("[whole]\ndraws = 1000"));
    fs::write(
        study.join("study.toml"),
        settings.replace("[whole]\ndraws = 1000", "[whole]\ndraws = 60"),
    )
    .unwrap();
    let run = json(&study, &["run", "layout.whole"], 0);
    let portfolio = table(&study, "layout.portfolio");
    let start = |id: &str| portfolio[id]["project_start"].parse::<i32>().unwrap();
    assert!(start("pilot") > start("first").max(start("second")));
    assert_eq!(portfolio["alone"]["project_value"], "7");
    assert!(!portfolio.contains_key("unworthy"));
    assert!(
        run["refusals"].to_string().contains("unworthy"),
        "{}",
        run["refusals"]
    );
    let whole = table(&study, "layout.whole");
    let share = |id: &str| {
        whole[&format!("project/{id}")]["draws_with_part"]
            .parse::<f64>()
            .unwrap()
    };
    // Cheap beside the budget, and worth something in every draw.
    for id in ["first", "second", "pilot", "alone"] {
        assert!((share(id) - 1.0).abs() < 1e-12, "{id}: {}", share(id));
    }
}

#[test]
fn a_project_of_a_billion_years_is_refused() {
    let folder = example();
    let study = folder.path().join("study");
    let row =
        "long,long,,semiconductors,applied,1000000,,,USD,2021,1e18,90,50,5,,,forelay_editors\n";
    fs::write(
        study.join("evidence/projects.csv"),
        format!("{HEADINGS}{row}"),
    )
    .unwrap();
    let output = crate::program::call(&study, &["check"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(said.contains("duration_years"), "{said}");
}
