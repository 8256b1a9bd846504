//! Questions that the evidence cannot carry: each is refused, with the reason and the data that would answer
//! (T40).

use std::path::Path;

use serde_json::Value;

use crate::program::{call, edit, example, json, shrink};

/// Runs the study and returns the refusals; each must say why and what is needed, in both languages.
fn refusals(study: &Path) -> Vec<Value> {
    let mut all = Vec::new();
    for lang in ["en", "zh"] {
        let run = json(study, &["run", "--lang", lang], 0);
        let found = run["refusals"].as_array().unwrap().clone();
        for refusal in &found {
            for part in ["question", "reason", "needed"] {
                let text = refusal[part].as_str().unwrap();
                assert!(
                    !text.is_empty() && !text.contains('{'),
                    "{lang} {part}: {refusal}"
                );
            }
        }
        all = found;
    }
    all
}

fn refused(study: &Path, code: &str) {
    let found = refusals(study);
    let codes: Vec<&str> = found.iter().map(|r| r["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&code), "expected {code}, found {codes:?}");
}

/// The tables of the latest run that hold rows.
fn rows(study: &Path, table: &str) -> usize {
    let run = json(study, &["run"], 0);
    let tables = run["tables"].as_array().unwrap();
    tables
        .iter()
        .find(|t| t["table"] == table)
        .map_or(0, |t| t["rows"].as_u64().unwrap() as usize)
}

fn study() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = example();
    let study = folder.path().join("study");
    shrink(&study);
    (folder, study)
}

/// A scenario with one event, written as `event` says.
fn scenario(study: &Path, event: &str, more: &str) {
    let folder = study.join("scenarios");
    for entry in std::fs::read_dir(&folder).unwrap() {
        std::fs::remove_file(entry.unwrap().path()).unwrap();
    }
    let text = format!(
        "title_en = \"trap\"\ntitle_zh = \"陷阱\"\nhorizon_weeks = 52\n\
         default_stock_weeks = {{ low = 1.0, value = 2.0, high = 3.0 }}\n{more}\n[[event]]\n{event}\n"
    );
    std::fs::write(folder.join("trap.toml"), text).unwrap();
}

const FULL: &str = "severity = { low = 1.0, value = 1.0, high = 1.0 }\nstart_week = 1\nweeks = 26";

#[test]
fn what_if_questions_beyond_the_chain_evidence() {
    let (_folder, study) = study();
    for (code, event, more) in [
        ("shock.firm_question", format!("country = \"NLD\"\nfirm = \"TSMC\"\n{FULL}"), ""),
        ("shock.place_question", format!("country = \"JPN\"\nregion = \"Kyushu\"\n{FULL}"), ""),
        ("shock.price_question", format!("country = \"JPN\"\nnode = \"semi_photoresist\"\nquantity = \"price\"\n{FULL}"), ""),
        ("shock.unknown_node", format!("country = \"JPN\"\nnode = \"semi_fotoresist\"\n{FULL}"), ""),
        // Known to the evidence, but on record nowhere in the chains.
        ("shock.unknown_country", format!("country = \"ABW\"\n{FULL}"), ""),
        ("shock.no_supply_data", format!("country = \"JPN\"\nnode = \"semi_photomask\"\n{FULL}"), ""),
        (
            "shock.severity",
            "country = \"JPN\"\nnode = \"semi_photoresist\"\nseverity = { low = 0.5, value = 1.0, high = 1.5 }\nstart_week = 1\nweeks = 4"
                .to_owned(),
            "",
        ),
        (
            "shock.outside_horizon",
            "country = \"JPN\"\nnode = \"semi_photoresist\"\nseverity = { low = 1.0, value = 1.0, high = 1.0 }\nstart_week = 60\nweeks = 4"
                .to_owned(),
            "",
        ),
        ("shock.own_supply", format!("country = \"CHN\"\nnode = \"ndfeb_magnet\"\n{FULL}"), "buyer = \"CHN\""),
    ] {
        scenario(&study, &event, more);
        refused(&study, code);
        assert_eq!(rows(&study, "chain.shock"), 0, "{code} still got an answer");
    }
    // A country that no unknown rest can hide: the United States hold all of it, without a range.
    let before = std::fs::read_to_string(study.join("study.toml")).unwrap();
    edit(
        &study,
        "study.toml",
        &[(
            "high = 0.05\nmedium = 0.10\nlow = 0.25",
            "high = 0.0\nmedium = 0.0\nlow = 0.0",
        )],
    );
    scenario(
        &study,
        &format!("country = \"KOR\"\nnode = \"server_cpu\"\n{FULL}"),
        "",
    );
    refused(&study, "shock.no_evidence");
    std::fs::write(study.join("study.toml"), before).unwrap();
    // Ten years of weeks from one year's shares.
    scenario(
        &study,
        &format!("country = \"JPN\"\nnode = \"semi_photoresist\"\n{FULL}"),
        "",
    );
    edit(
        &study,
        "scenarios/trap.toml",
        &[("horizon_weeks = 52", "horizon_weeks = 520")],
    );
    refused(&study, "shock.horizon");
    // Two views of the same industry at once.
    edit(
        &study,
        "scenarios/trap.toml",
        &[("horizon_weeks = 520", "horizon_weeks = 52")],
    );
    scenario(&study, &format!("country = \"JPN\"\n{FULL}"), "");
    edit(
        &study,
        "study.toml",
        &[("exclude = [\"semiconductor_activities\"]", "exclude = []")],
    );
    refused(&study, "shock.mixed_views");
}

#[test]
fn choices_that_the_settings_or_the_data_do_not_allow() {
    for (code, changes) in [
        ("select.nothing_to_choose", vec![("top = 8", "top = 16")]),
        ("select.no_draws", vec![("draws = 400", "draws = 0")]),
        (
            "select.infeasible_weights",
            vec![
                ("foundation = { low = 0.20", "foundation = { low = 0.45"),
                ("prospects = { low = 0.20", "prospects = { low = 0.45"),
                ("needs = { low = 0.20", "needs = { low = 0.45"),
            ],
        ),
        ("regions.infeasible", vec![("cap = 8", "cap = 2")]),
        (
            "regions.infeasible",
            vec![(
                "alternatives = 2",
                "alternatives = 2\nvetoes = [[\"wuhan\", \"future_network\"]]\ncommitments = [[\"wuhan\", \"future_network\"]]",
            )],
        ),
        (
            "roadmap.no_duration",
            vec![(
                "default = [\"pilot_nanoic_time\", \"corporate_battery_lab_time\"]",
                "default = []",
            )],
        ),
        (
            "roadmap.beyond_horizon",
            vec![("horizon_year = 2045", "horizon_year = 2030")],
        ),
    ] {
        let (_folder, study) = study();
        edit(&study, "study.toml", &changes);
        refused(&study, code);
    }
}

/// A stage without a duration does not take no time: fields without one have no milestone in the plan as a whole.
#[test]
fn stages_without_a_duration_have_no_milestones_in_the_whole() {
    // Semiconductors have a capacity stage of their own.
    for (stage, default, most) in [
        ("capacity", "[\"fab_build_world\", \"fab_build_china\"]", 1),
        (
            "pilot",
            "[\"pilot_nanoic_time\", \"corporate_battery_lab_time\"]",
            0,
        ),
    ] {
        let (_folder, study) = study();
        let heading = format!("[roadmap.stages.{stage}]\ndefault = ");
        let (from, to) = (format!("{heading}{default}"), format!("{heading}[]"));
        edit(&study, "study.toml", &[(&from, &to)]);
        refused(&study, "whole.untimed");
        assert!(rows(&study, "layout.whole") > 0, "{stage}");
        let query = "select key from layout.whole where key like 'milestone/%'";
        let found = json(&study, &["sql", query], 0);
        let milestones = found["rows"].as_array().unwrap();
        assert!(milestones.len() <= most, "{stage}: {milestones:?}");
    }
}

/// The selection leaves advanced materials out: a veto on it is kept already, a commitment to it is said to be left out,
/// and either way the layout is made.
#[test]
fn rules_on_a_field_that_the_selection_left_out() {
    for (rule, code) in [
        ("vetoes", None),
        ("commitments", Some("regions.commitment_without_field")),
    ] {
        let (_folder, study) = study();
        let pair = format!("alternatives = 2\n{rule} = [[\"beijing\", \"advanced_materials\"]]");
        edit(&study, "study.toml", &[("alternatives = 2", &pair)]);
        let found: Vec<String> = refusals(&study)
            .iter()
            .filter_map(|r| r["code"].as_str())
            // What the study lacks with or without the rule is refused either way.
            .filter(|code| {
                code.starts_with("regions.") && *code != "regions.floor_without_evidence"
            })
            .map(str::to_owned)
            .collect();
        assert_eq!(found, Vec::from_iter(code), "{rule}");
        assert!(rows(&study, "layout.regions") > 0, "{rule}");
    }
}

#[test]
fn what_the_embedded_evidence_itself_does_not_carry() {
    let (_folder, study) = study();
    for code in [
        "lead.no_indicator",
        "lead.monopoly_inputs",
        "chain.no_shares",
        "clusters.no_evidence",
        "necks.open",
        "select.too_little_known",
    ] {
        refused(&study, code);
    }
    // A monopoly verdict stands only where all inputs of its definition are on record.
    let sql = json(
        &study,
        &[
            "sql",
            "select technology, verdict from trend.monopoly order by 1",
        ],
        0,
    );
    assert_eq!(sql["rows"][1]["verdict"], "not_estimated", "{sql}");
    // A home that no strategy of the registry comes from.
    edit(
        &study,
        "study.toml",
        &[("home = \"CHN\"", "home = \"BRA\"")],
    );
    refused(&study, "consensus.home_unrecorded");
    // No published chokepoint about another country is read as one of home.
    let claims = "select count(*) as n from foundation.necks where gap_basis = 'assumed'";
    assert_eq!(json(&study, &["sql", claims], 0)["rows"][0]["n"], 0);
}

#[test]
fn unlike_currencies_are_never_added() {
    let (_folder, study) = study();
    let path = study.join("evidence/exchange_rates.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.lines().next().unwrap().to_owned() + "\n").unwrap();
    refused(&study, "money.not_converted");
    let missing = json(
        &study,
        &[
            "sql",
            "select count(*) as n from trend.money_by_strategy where money is null and money_missing is not null",
        ],
        0,
    );
    assert!(missing["rows"][0]["n"].as_i64().unwrap() > 20);
}

#[test]
fn a_city_question_and_a_written_query_are_refused_by_the_command() {
    let (_folder, study) = study();
    // A city cannot be home: the code is no country on record.
    edit(
        &study,
        "study.toml",
        &[("home = \"CHN\"", "home = \"wuhan\"")],
    );
    assert_eq!(call(&study, &["run"]).status.code(), Some(2));
    // Nor can a scenario speak of a country that no table knows.
    let (_folder, study) = self::study();
    scenario(
        &study,
        &format!("country = \"ZZZ\"\nnode = \"semi_photoresist\"\n{FULL}"),
        "",
    );
    assert_eq!(call(&study, &["run"]).status.code(), Some(2));
}
