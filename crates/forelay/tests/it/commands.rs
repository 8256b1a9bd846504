//! Every command, as people and as programs call it.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::program::{call, edit, example, finished, forelay, json, shrink, withdraw};

#[test]
fn the_embedded_study_runs_from_evidence_to_report() {
    let study = finished();
    let check = json(study, &["check"], 0);
    assert_eq!(
        (&check["errors"], &check["warnings"]),
        (&0.into(), &0.into())
    );
    assert!(check["rows"].as_u64().unwrap() > 3500);
    for lang in ["en", "zh"] {
        let report = json(study, &["report", "--lang", lang], 0);
        let html = std::fs::read_to_string(report["file"].as_str().unwrap()).unwrap();
        assert!(!html.contains("<script"), "{lang}: a script");
        assert!(
            html.contains(&format!("<html lang=\"{lang}")),
            "{lang}: no language attribute"
        );
        // Limits come first.
        let at = |id: &str| html.find(&format!("<section id=\"{id}\"")).unwrap();
        let order = [
            "limits",
            "brief",
            "trend",
            "foundation",
            "layout",
            "plan",
            "methods",
        ]
        .map(at);
        assert!(order.is_sorted(), "{lang}: {order:?}");
        // A message without text shows its id and arguments; none may.
        assert!(
            !html.contains(": Text(") && !html.contains("{&quot;"),
            "{lang}: a message without text"
        );
    }
}

#[test]
fn explain_follows_ten_numbers_to_rows_with_sources() {
    let study = finished();
    for id in [
        "trend.consensus/quantum_information#consensus",
        "trend.directions/all/digital#share",
        "trend.instruments/CHN/standard#share",
        "trend.money/quantum_information/FRA/2021#money",
        "trend.lead/advanced_alloys/share_intl_patent_families_wipo_materials_metallurgy/2020#concentration",
        "foundation.strengths/shanghai/semiconductors#strength",
        "foundation.necks/semi_euv_scanner#gap",
        "chain.shock/photoresist-jpn/semi_logic_chip#peak",
        "layout.acceptability/semiconductors#top_acceptability",
        "plan.effect/euv-scanners-nld/semi_logic_chip#cumulative_after",
    ] {
        let explained = json(study, &["explain", id], 0);
        assert_eq!(explained["id"], id);
        assert_eq!(explained["cells"].as_array().unwrap().len(), 1, "{id}");
        assert!(!explained["formula"].as_str().unwrap().is_empty(), "{id}");
        let mut rows = BTreeSet::new();
        collect(&explained, &mut rows);
        assert!(!rows.is_empty(), "{id} reaches no evidence");
        for (row, source) in rows {
            assert!(!source.is_empty(), "{id}: {row} has no source");
        }
    }
}

/// Evidence rows of an explanation, at any depth, with their sources.
fn collect(explained: &Value, rows: &mut BTreeSet<(String, String)>) {
    for row in explained["evidence"].as_array().unwrap() {
        let name = format!(
            "{}/{}",
            row["table"].as_str().unwrap(),
            row["key"].as_str().unwrap()
        );
        rows.insert((
            name,
            row["source"]["id"].as_str().unwrap_or_default().to_owned(),
        ));
    }
    for result in explained["results"].as_array().unwrap() {
        collect(result, rows);
    }
}

#[test]
fn explain_shows_the_very_numbers_of_the_evidence() {
    // The largest foreign share of EUV scanners is one row; read it with SQL and compare.
    let study = finished();
    let explained = json(
        study,
        &["explain", "foundation.necks/semi_euv_scanner#monopoly"],
        0,
    );
    let row = explained["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["table"] == "chain_supply")
        .expect("a share");
    let share: f64 = row["fields"]
        .as_array()
        .unwrap()
        .iter()
        .find(|field| field[0] == "share_pct")
        .map(|field| field[1].as_str().unwrap().parse().unwrap())
        .unwrap();
    let value = explained["cells"][0]["value"]["quantity"]["estimated"]["value"]
        .as_f64()
        .unwrap();
    assert!(
        (value - share / 100.0).abs() < 1e-12,
        "{value} from {share}"
    );
    let sql = json(
        study,
        &[
            "sql",
            "select share_pct from chain_supply where node_id = 'semi_euv_scanner' and country = 'NLD'",
        ],
        0,
    );
    assert_eq!(sql["rows"][0]["share_pct"].as_f64(), Some(share));
}

#[test]
fn unknown_ids_are_answered_with_likely_ones() {
    let study = finished();
    for (id, likely) in [
        ("trend.consensu/quantum_information", "trend.consensus"),
        (
            "trend.consensus/quantum_informatoin",
            "trend.consensus/quantum_information",
        ),
        ("trend.consensus/quantum_information#consenus", "#consensus"),
    ] {
        let error = json(study, &["explain", id], 2);
        assert!(
            error["help"].as_str().unwrap().contains(likely),
            "{id}: {error}"
        );
    }
    let error = json(study, &["run", "layout.region"], 2);
    assert!(error["help"].as_str().unwrap().contains("layout.regions"));
    let error = json(study, &["report", "ffffff"], 2);
    assert!(error["error"].as_str().unwrap().contains("no run"));
}

#[test]
fn sql_reads_evidence_and_results_and_writes_nothing() {
    let study = finished();
    let found = json(
        study,
        &[
            "sql",
            "select p.jurisdiction, count(*) as n from policies p group by p.jurisdiction order by n desc, 1 limit 1",
        ],
        0,
    );
    assert_eq!(found["rows"][0]["jurisdiction"], "USA");
    let joined = json(
        study,
        &[
            "sql",
            "select f.name, c.consensus from trend.consensus c join fields f on f.id = c.subject order by c.consensus desc limit 3",
        ],
        0,
    );
    assert_eq!(joined["rows"].as_array().unwrap().len(), 3);
    for query in [
        "drop table policies",
        "insert into policies select * from policies",
        "copy policies to '/tmp/x.csv'",
        "create external table t stored as csv location '/etc/passwd'",
        "select * from '/etc/passwd'",
    ] {
        json(study, &["sql", query], 2);
    }
    let error = json(study, &["sql", "select * from polices"], 2);
    assert!(error.to_string().contains("policies"), "{error}");
}

#[test]
fn an_export_that_its_licence_forbids_is_refused_and_names_the_rows() {
    let folder = example();
    let study = folder.path().join("study");
    let out = folder.path().join("out.csv");
    let path = out.to_str().unwrap();
    let export = json(&study, &["export", "policies", "--out", path], 0);
    assert_eq!(export["rows"], 105);
    assert!(
        !export["notices"].as_array().unwrap().is_empty(),
        "facts must be cited"
    );
    std::fs::remove_file(&out).unwrap();

    // The source of one policy withdraws its permission.
    let rows = json(
        &study,
        &["sql", "select id, source from policies order by id limit 1"],
        0,
    );
    let (id, source) = (
        rows["rows"][0]["id"].as_str().unwrap().to_owned(),
        rows["rows"][0]["source"].as_str().unwrap().to_owned(),
    );
    withdraw(&study, &source);
    for arguments in [
        vec!["export", "policies", "--out", path],
        vec!["sql", "select title from policies", "--out", path],
    ] {
        let error = json(&study, &arguments, 2);
        assert!(
            error["help"]
                .as_str()
                .unwrap()
                .contains(&format!("policies/{id}")),
            "{error}"
        );
        assert!(!out.exists(), "nothing is written");
    }
    // A table without such rows still leaves.
    json(&study, &["export", "fields", "--out", path], 0);
    // The report keeps the row's content out.
    shrink(&study);
    json(&study, &["run"], 0);
    let report = json(&study, &["report"], 0);
    assert!(report["withheld_rows"].as_u64().unwrap() >= 1);
}

#[test]
fn add_proposes_a_mapping_and_check_reads_with_it() {
    let folder = example();
    let study = folder.path().join("study");
    let file = folder.path().join("汇率.csv");
    let rows = std::fs::read_to_string(study.join("evidence/exchange_rates.csv")).unwrap();
    let renamed = rows.replacen(
        "currency,year,per_usd,source",
        "Currency Code,Year,Per USD,Source",
        1,
    );
    assert_ne!(rows, renamed);
    std::fs::write(&file, &renamed).unwrap();
    std::fs::remove_file(study.join("evidence/exchange_rates.csv")).unwrap();
    let path = file.to_str().unwrap();
    let added = json(
        &study,
        &[
            "add",
            path,
            "--as",
            "exchange_rates",
            "--map",
            "currency=Currency Code",
        ],
        0,
    );
    assert_eq!(added["written"], true);
    let check = json(&study, &["check"], 0);
    assert_eq!(check["errors"], 0, "{check}");
    let sql = json(
        &study,
        &["sql", "select count(*) as n from exchange_rates"],
        0,
    );
    assert!(sql["rows"][0]["n"].as_i64().unwrap() > 100);
    // A second mapping of the same table, or a required column that is missing, writes nothing.
    json(&study, &["add", path, "--as", "exchange_rates"], 2);
    let error = json(
        &study,
        &[
            "add",
            study.join("evidence/fields.csv").to_str().unwrap(),
            "--as",
            "deflators",
        ],
        1,
    );
    assert_eq!(error["written"], false);
    let deflators = folder.path().join("prices.csv");
    std::fs::copy(study.join("evidence/deflators.csv"), &deflators).unwrap();
    let prices = deflators.to_str().unwrap();
    let error = json(&study, &["add", prices, "--as", "deflators"], 2);
    assert!(
        error["help"].as_str().unwrap().contains("--replace"),
        "{error}"
    );
    json(
        &study,
        &["add", prices, "--as", "deflators", "--replace"],
        0,
    );
    assert!(study.join("evidence/deflators.csv.replaced").is_file());
    assert_eq!(json(&study, &["check"], 0)["errors"], 0);
    let before = std::fs::read_to_string(study.join("study.toml")).unwrap();
    let bad = folder.path().join("bad.csv");
    std::fs::write(&bad, "foo,bar\n1,2\n").unwrap();
    let refused = json(
        &study,
        &["add", bad.to_str().unwrap(), "--as", "deflators"],
        1,
    );
    assert_eq!(refused["written"], false);
    assert_eq!(
        std::fs::read_to_string(study.join("study.toml")).unwrap(),
        before
    );
}

#[test]
fn a_broken_study_is_refused_with_place_and_remedy() {
    let folder = example();
    let study = folder.path().join("study");
    edit(&study, "evidence/clusters.csv", &[("CHN", "CHINA")]);
    let check = json(&study, &["check"], 1);
    let finding = &check["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["severity"] == "error")
        .unwrap();
    assert!(finding["file"].as_str().unwrap().contains("clusters.csv"));
    assert!(finding["row"].as_u64().is_some() && finding["column"] == "country");
    assert!(!finding["remedy"].as_str().unwrap().is_empty());
    let error = json(&study, &["run"], 2);
    assert!(!error["findings"].as_array().unwrap().is_empty());
    assert!(!study.join("runs").exists(), "nothing is half-written");

    let folder = example();
    let study = folder.path().join("study");
    edit(&study, "study.toml", &[("min_documents", "min_document")]);
    let error = json(&study, &["check"], 2);
    assert!(error["error"].as_str().unwrap().contains("line"), "{error}");
    assert!(
        error["help"].as_str().unwrap().contains("min_documents"),
        "{error}"
    );
    let error = json(folder.path(), &["run"], 2);
    assert!(
        error["error"]
            .as_str()
            .unwrap()
            .contains("study.toml is missing")
    );
}

#[test]
fn an_impossible_setting_is_refused_before_anything_runs() {
    for (from, to) in [
        ("common_from = 0.5", "common_from = nan"),
        ("rate_half_width = 0.05", "rate_half_width = -0.5"),
        ("money_scale_bn = 500.0", "money_scale_bn = 0.0"),
        ("draws = 20000", "draws = 1000000000"),
        ("pilot = 4", "pilto = 4"),
        ("prospects = { low = 0.20", "prospetcs = { low = 0.20"),
        ("start_year = 2026", "start_year = -5"),
    ] {
        let folder = example();
        let study = folder.path().join("study");
        edit(&study, "study.toml", &[(from, to)]);
        json(&study, &["run"], 2);
        assert!(!study.join("runs").exists(), "{to}");
    }
    let folder = example();
    let study = folder.path().join("study");
    edit(
        &study,
        "scenarios/photoresist-jpn.toml",
        &[("value = 0.9", "value = inf")],
    );
    json(&study, &["run"], 2);
}

#[test]
fn names_reach_the_report_and_a_partial_run_leaves_the_latest_alone() {
    let folder = example();
    let study = folder.path().join("study");
    shrink(&study);
    let first = json(&study, &["run"], 0)["run"].clone();
    json(&study, &["run", "trend.lead"], 0);
    assert_eq!(
        json(&study, &["replay"], 0)["run"],
        first,
        "a partial run is not the latest"
    );
    edit(
        &study,
        "study.toml",
        &[(
            "title_en = \"Forward",
            "title_en = \"Another title: forward",
        )],
    );
    assert_ne!(json(&study, &["run"], 0)["run"], first);
    let report = json(&study, &["report"], 0);
    let html = std::fs::read_to_string(report["file"].as_str().unwrap()).unwrap();
    assert!(html.contains("Another title"));
}

#[test]
fn the_coverage_meter_counts_the_technologies_of_the_evidence() {
    let study = finished();
    let rows = json(study, &["sql", "select count(*) as n from technologies"], 0);
    let meter = json(
        study,
        &["sql", "select technologies, \"of\" from trend.coverage"],
        0,
    );
    for row in meter["rows"].as_array().unwrap() {
        assert_eq!(row["of"], rows["rows"][0]["n"]);
        assert!(row["technologies"].as_i64() <= row["of"].as_i64());
    }
}

#[test]
fn any_country_can_be_home() {
    let folder = example();
    let study = folder.path().join("study");
    shrink(&study);
    edit(
        &study,
        "study.toml",
        &[("home = \"CHN\"", "home = \"DEU\"")],
    );
    json(&study, &["run"], 0);
    let report = json(&study, &["report"], 0);
    assert!(Path::new(report["file"].as_str().unwrap()).is_file());
}

#[test]
fn help_schemas_and_pages() {
    let output = forelay().arg("--help").output().unwrap();
    let help = String::from_utf8_lossy(&output.stdout);
    for command in [
        "init", "add", "check", "run", "explain", "diff", "replay", "report", "sql", "export",
        "schema",
    ] {
        assert!(help.contains(command), "{command} is not in the help");
    }
    let study = finished();
    let schema = json(study, &["schema", "chain_supply", "--lang", "zh"], 0);
    assert!(schema["tables"][0]["columns"].as_array().unwrap().len() > 5);
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("pages");
    json(study, &["schema", "--out", pages.to_str().unwrap()], 0);
    assert!(pages.join("zh/policies.md").is_file() && pages.join("en/README.md").is_file());
    for shell in ["bash", "fish"] {
        assert!(call(study, &["completions", shell]).status.success());
    }
}

#[test]
fn the_schema_pages_in_the_documentation_are_those_of_the_schemas() {
    let folder = tempfile::tempdir().unwrap();
    json(
        finished(),
        &["schema", "--out", folder.path().to_str().unwrap()],
        0,
    );
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema");
    for lang in ["en", "zh"] {
        for entry in std::fs::read_dir(folder.path().join(lang)).unwrap() {
            let path = entry.unwrap().path();
            let page = committed.join(lang).join(path.file_name().unwrap());
            let now = std::fs::read_to_string(&path).unwrap();
            let then = std::fs::read_to_string(&page).unwrap_or_default();
            assert!(now == then, "{} is out of date: make docs", page.display());
        }
    }
}
