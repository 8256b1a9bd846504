//! The readings of the chains for planners, on the embedded study.
//!
//! The expected numbers of `chain.basics`, `chain.capacity` and `chain.tree` were computed apart from the program by a
//! short Python script that reads the CSV files of the study: preferred basis and latest year per node, ranges by the
//! confidence in the source, an unlisted home between nothing and the rest, plain means.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::program::{edit, example, finished, json};

fn select(study: &Path, query: &str) -> Vec<Value> {
    let answer = json(study, &["sql", query], 0);
    answer["rows"].as_array().unwrap().clone()
}

fn text<'a>(row: &'a Value, column: &str) -> &'a str {
    row[column].as_str().unwrap_or_default()
}

#[test]
fn every_reading_has_rows() {
    for (table, at_least) in [
        ("chain.sovereignty", 100),
        ("chain.sovereignty_technologies", 10),
        ("chain.control", 100),
        ("chain.mutual", 3),
        ("chain.tree", 100),
        ("chain.tree_stages", 30),
        ("chain.capacity", 100),
        ("chain.shift", 5),
        ("chain.basics", 20),
        ("chain.sources", 50),
        ("chain.source_countries", 5),
        ("chain.years_held", 50),
        ("chain.roots", 3),
        ("chain.root_distance", 2),
        ("chain.pairing", 10),
        ("chain.pairing_total", 1),
        ("foundation.neck_cards", 4),
    ] {
        let rows = select(finished(), &format!("select count(*) as n from {table}"));
        assert!(
            rows[0]["n"].as_u64().unwrap() >= at_least,
            "{table}: {rows:?}"
        );
    }
}

#[test]
fn basics_capacity_and_tree_equal_an_independent_computation() {
    let study = finished();
    let basics = select(
        study,
        "select stage, nodes, nodes_known, foreign_mean, foreign_mean_low, foreign_mean_high, capacity_gap \
         from chain.basics where scope = 'all_chains'",
    );
    let expected = [
        (
            "component",
            48,
            27,
            [
                0.569_462_962_962_962_8,
                0.392_448_148_148_148_1,
                0.677_533_333_333_333_3,
            ],
            0.024_871_428_571_428_572,
        ),
        (
            "equipment",
            18,
            13,
            [0.955_653_846_153_846_2, 0.821_473_076_923_076_9, 1.0],
            0.057_840_277_777_777_78,
        ),
        (
            "material",
            44,
            37,
            [
                0.623_102_702_702_702_7,
                0.491_752_162_162_162_1,
                0.711_699_594_594_594_5,
            ],
            0.169_532,
        ),
        ("software", 2, 2, [0.8725, 0.528_75, 1.0], 0.022_5),
    ];
    for (stage, nodes, known, foreign, gap) in expected {
        let code = format!("chain.stage.{stage}");
        let row = basics.iter().find(|r| text(r, "stage") == code).unwrap();
        assert_eq!(row["nodes"], nodes, "{stage}");
        assert_eq!(row["nodes_known"], known, "{stage}");
        let columns = ["foreign_mean", "foreign_mean_low", "foreign_mean_high"];
        for (column, wanted) in columns.iter().zip(foreign) {
            let found = row[*column].as_f64().unwrap();
            assert!((found - wanted).abs() < 1e-9, "{stage} {column}: {found}");
        }
        assert!(
            (row["capacity_gap"].as_f64().unwrap() - gap).abs() < 1e-9,
            "{stage}"
        );
    }
    for (table, rows) in [("chain.tree", 339), ("chain.capacity", 141)] {
        let found = select(study, &format!("select count(*) as n from {table}"));
        assert_eq!(found[0]["n"], rows, "{table}");
    }
}

#[test]
fn abilities_agree_with_their_tests() {
    let rows = select(
        finished(),
        "select ability, own_test, access_test, sources_test, years_test, would_change from chain.sovereignty",
    );
    for row in &rows {
        let test = |column: &str| match text(row, column) {
            "test.pass" => 2,
            "test.open" => 1,
            _ => 0,
        };
        let access = test("access_test").min(test("sources_test"));
        let able = test("own_test").max(access).max(test("years_test"));
        let expected = match text(row, "ability") {
            "readings.ability.exposed" => 0,
            "readings.ability.open" => 1,
            _ => 2,
        };
        assert_eq!(able, expected, "{row}");
        assert!(!row["would_change"].is_null(), "{row}");
    }
}

#[test]
fn the_pairing_is_proved_and_stands_on_evidence() {
    let study = finished();
    let total = &select(study, "select * from chain.pairing_total")[0];
    let (sum, bound) = (
        total["pairing_total"].as_f64().unwrap(),
        total["pairing_bound"].as_f64().unwrap(),
    );
    assert!(sum > 0.0 && (bound - sum).abs() < 1e-9, "{sum} {bound}");
    let pairs = select(
        study,
        "select node, domestic_supplier, unpaired from chain.pairing",
    );
    let mut links: BTreeMap<&str, usize> = BTreeMap::new();
    for pair in &pairs {
        match text(pair, "domestic_supplier") {
            "" => assert!(!text(pair, "unpaired").is_empty(), "{pair}"),
            supplier => *links.entry(supplier).or_default() += 1,
        }
    }
    assert!(
        !links.is_empty() && links.values().all(|n| *n <= 2),
        "{links:?}"
    );
    let paired = pairs
        .iter()
        .find(|p| !text(p, "domestic_supplier").is_empty())
        .unwrap();
    let id = format!("chain.pairing/{}#pair_weight", text(paired, "node"));
    let explained = json(study, &["explain", &id], 0);
    let evidence = explained["evidence"].as_array().unwrap();
    assert!(
        evidence
            .iter()
            .any(|row| { row["table"] == "capabilities" || row["table"] == "chain_suppliers" }),
        "{explained}"
    );
    assert!(evidence.iter().all(|row| row["source"]["id"].is_string()));
}

#[test]
fn another_home_reads_its_own_chains() {
    let folder = example();
    let study = folder.path().join("study");
    edit(
        &study,
        "study.toml",
        &[("home = \"CHN\"", "home = \"ISL\"")],
    );
    let read = |step: &str| -> Vec<BTreeMap<String, String>> {
        let run = json(&study, &["run", step], 0);
        let file = study
            .join("runs")
            .join(run["run"].as_str().unwrap())
            .join(format!("tables/{step}.csv"));
        csv::Reader::from_path(file)
            .unwrap()
            .deserialize()
            .map(Result::unwrap)
            .collect()
    };
    // No organisation of this country is on record: nothing is paired.
    let pairs = read("chain.pairing");
    assert!(!pairs.is_empty());
    assert!(pairs.iter().all(|p| p["domestic_supplier"].is_empty()));
    let basics = read("chain.basics");
    assert!(basics.iter().any(|b| b["scope"] == "all_chains"));
}

/// A capability in a technology of the chain covers no node, but the node is not said to have nobody near.
#[test]
fn a_node_that_is_near_by_technology_says_who_is_near() {
    let study = finished();
    let paired = &select(
        study,
        "select domestic_supplier, nearness from chain.pairing where node = 'ai_gpu'",
    )[0];
    assert_eq!(text(paired, "nearness"), "readings.near.technology");
    let open = select(study, "select * from layout.consortium_uncovered");
    let row = open
        .iter()
        .find(|row| text(row, "key") == "ai_servers/ai_gpu");
    let row = row.unwrap();
    assert_eq!(text(row, "why"), "uncovered.near_by_technology", "{row}");
    assert_eq!(row["near"], paired["domestic_supplier"], "{row}");
    // Who is near stands with this reason only.
    for row in &open {
        let near = text(row, "why") == "uncovered.near_by_technology";
        assert_eq!(near, !text(row, "near").is_empty(), "{row}");
    }
}

#[test]
fn models_fit_as_their_conditions_say_and_quote_the_rows() {
    let study = finished();
    let models = select(study, "select * from layout.models");
    let fields = select(study, "select count(*) as n from fields")[0]["n"].as_u64();
    assert_eq!(models.len() as u64, 6 * fields.unwrap());
    let mut seen = std::collections::BTreeSet::new();
    for row in &models {
        let none = |column| text(row, column).is_empty();
        let fit = match (none("conditions_unmet"), none("conditions_unknown")) {
            (true, true) => "fit.fits",
            (true, false) => "fit.open",
            (false, _) => "fit.does_not",
        };
        assert_eq!(text(row, "fit"), fit, "{row}");
        seen.insert(fit);
    }
    // On the embedded evidence no list of levels is whole, so nothing is ruled out; what is met differs by field.
    assert!(!seen.contains("fit.does_not"), "{seen:?}");
    let met: std::collections::BTreeSet<&str> = models
        .iter()
        .map(|row| text(row, "conditions_met"))
        .collect();
    assert!(met.len() > 3, "every model meets the same: {met:?}");
    // A field that no list of chokepoints names has the condition unknown, never unmet.
    let unmet = select(
        study,
        "select key from layout.models where conditions_unmet like '%chokepoint%' or conditions_unmet like '%enterprise%'",
    );
    assert!(unmet.is_empty(), "{unmet:?}");
    // A readiness of some technologies says nothing of the others: unmet needs a level for every one.
    let levels = select(
        study,
        "select field, count(*) as n, count(trl_2021) as levels, min(trl_2021) as least, max(coalesce(trl_2021_max, trl_2021)) as most from technologies group by field",
    );
    let bands = [("early_", 1, 3), ("middle_", 4, 6), ("late_", 7, 11)];
    for row in &models {
        for field in levels.iter().filter(|f| f["field"] == row["field"]) {
            let whole = field["n"] == field["levels"];
            for (band, from, to) in bands {
                let condition = format!("{band}technology");
                let unmet = text(row, "conditions_unmet").contains(&condition);
                assert!(whole || !unmet, "{row} {field}");
                let (least, most) = (field["least"].as_i64(), field["most"].as_i64());
                let met = text(row, "conditions_met").contains(&condition);
                let may = least.is_some_and(|l| l <= to) && most.is_some_and(|m| m >= from);
                assert!(may || !met, "{row} {field}");
            }
        }
    }
    let quoted = select(
        study,
        "select m.figure_value, r.central, r.low, r.high from layout.model_cases m join reference_classes r on r.id = split_part(m.key, '/', 2)",
    );
    assert!(quoted.len() >= 10);
    for row in &quoted {
        if let Some(central) = row["central"].as_f64() {
            assert_eq!(row["figure_value"].as_f64(), Some(central), "{row}");
        }
    }
}
