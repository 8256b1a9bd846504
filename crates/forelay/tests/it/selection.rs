//! What the pages say about leads, conditions and the selection, on the embedded study.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::program::{finished, json};

fn select(query: &str) -> Vec<Value> {
    let answer = json(finished(), &["sql", query], 0);
    answer["rows"].as_array().unwrap().clone()
}

fn names(query: &str, column: &str) -> BTreeSet<String> {
    select(query)
        .iter()
        .map(|row| row[column].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn what_the_selection_says_of_the_plan_is_what_the_plan_holds() {
    let yes = names(
        "select field from layout.acceptability where laid_out = 'laid_out.placed'",
        "field",
    );
    let planned = names("select distinct industry from layout.regions", "industry");
    assert_eq!(yes, planned);
    // Nothing is in reserve but what no cluster has evidence for, and nothing that the data rule out is laid out.
    let reserve = names(
        "select field from layout.acceptability where laid_out = 'laid_out.reserve'",
        "field",
    );
    let hosted = names("select distinct field from foundation.strengths", "field");
    assert!(reserve.contains("blockchain"), "{reserve:?}");
    assert!(reserve.is_disjoint(&hosted));
    let out = names(
        "select field from layout.acceptability where separation = 'separation.out'",
        "field",
    );
    assert!(out.is_disjoint(&planned));
}

#[test]
fn the_share_of_one_firm_names_no_leader() {
    // The evidence has Micron's share of the DRAM market (0.248 of the whole) and nobody else's under this indicator.
    let rows = select(
        "select leader, leader_value, leader_value_missing, distance, home_value, home_value_missing, \"primary\" \
         from trend.lead where indicator = 'share_dram_market_micron'",
    );
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!(row["leader"], "not_estimated");
    assert_eq!(row["primary"], "no");
    for column in ["leader_value", "distance", "home_value"] {
        assert!(row[column].is_null(), "{column}: {row}");
    }
    for column in ["leader_value_missing", "home_value_missing"] {
        assert!(row[column].is_string(), "{column}: {row}");
    }
    // Samsung and SK hynix together have 0.705, more than all the rest.
    let rows = select(
        "select leader, \"primary\" from trend.lead where indicator = 'share_dram_market_samsung_and_sk_hynix'",
    );
    assert_eq!(rows[0]["leader"], "KOR");
    assert_eq!(rows[0]["primary"], "yes");
    // A leader is named only with its figure, and nowhere a share that the rest can exceed.
    let broken = select(
        "select count(*) as n from trend.lead where (leader = 'not_estimated') <> (leader_value is null) \
         or (second = 'not_estimated') <> (second_value is null) \
         or (covered is not null and leader_value <= 1 - covered)",
    );
    assert_eq!(broken[0]["n"], 0);
}

#[test]
fn a_lead_over_the_second_names_what_it_is_measured_by() {
    let unnamed = select(
        "select count(*) as n from trend.monopoly where (indicator = 'not_estimated') <> (lead_ratio is null)",
    );
    assert_eq!(unnamed[0]["n"], 0);
    let papers = names(
        "select distinct indicator from trend.monopoly where lead_ratio is not null",
        "indicator",
    );
    assert!(!papers.is_empty());
    assert!(papers.iter().all(|name| name.contains("top10pct_papers")));
}
