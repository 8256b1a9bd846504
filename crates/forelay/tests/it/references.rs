//! The reference cases of the embedded study, and their page in the documentation.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use model::ResultTable;
use study::engine::output::{entity, estimate};
use study::scenario_library::{case, library};
use study::steps::references::{Page, page};
use study::{Study, init_example};

const STEP: &str = "chain.references";

struct Finished {
    _folder: tempfile::TempDir,
    study: Study,
    loaded: study::Loaded,
    table: ResultTable,
}

fn finished() -> &'static Finished {
    static FINISHED: OnceLock<Finished> = OnceLock::new();
    FINISHED.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("s");
        init_example("china-2021", &to).unwrap();
        let study = Study::open(&to).unwrap();
        let loaded = study.load().unwrap();
        let run = study::run(&study, &[STEP.to_owned()], &|_| {}).unwrap();
        let table = run.outputs[STEP].table(STEP).unwrap().clone();
        Finished {
            _folder: folder,
            study,
            loaded,
            table,
        }
    })
}

fn verdict(key: &str) -> &'static str {
    let table = &finished().table;
    let row = table.row(key).unwrap_or_else(|| panic!("no case {key}"));
    entity(table, row, "verdict")
        .unwrap()
        .strip_prefix("references.verdict.")
        .unwrap()
}

#[test]
fn every_recorded_disruption_has_its_case_and_every_row_its_lineage() {
    let Finished { loaded, table, .. } = finished();
    let evidence = &loaded.evidence;
    for shock in evidence.rows("shocks") {
        let judged = table
            .rows
            .iter()
            .any(|row| entity(table, row, "case") == Some(&shock.key));
        assert!(judged, "{} is in no reference case", shock.key);
    }
    assert!(table.rows.iter().all(|row| row.origins.len() >= 2));
}

#[test]
fn the_answers_are_those_that_the_evidence_gives_by_hand() {
    let table = &finished().table;
    let ours = |key: &str| estimate(table, table.row(key).unwrap(), "ours").unwrap();
    // 0.6226 of the world's nickel ore, five per cent up and down (the source is of high confidence).
    let nickel = ours("nickel_idn_2014");
    assert!((nickel.value - 0.6226).abs() < 1e-9 && (nickel.low - 0.6226 * 0.95).abs() < 1e-9);
    // One plant in Japan: nothing to all of 0.513.
    let wafer = ours("tohoku_wafer_2011");
    assert!(wafer.low == 0.0 && wafer.high >= 0.513);
    // 0.7483 * 290,000 t * 4 months.
    let cobalt = ours("cobalt_drc_2025");
    assert!(
        (cobalt.value - 0.7483 * 290_000.0 / 3.0).abs() < 1.0,
        "{cobalt:?}"
    );
    // Fire at a chip plant 1 to 3 months, a chemical plant 8 and a tenth more.
    let repair = ours("renesas_naka_2011");
    assert!((repair.low - 1.0).abs() < 1e-9 && repair.high >= 8.0 && repair.high <= 10.0);
    // Two weeks without quartz stay within four weeks of stock.
    assert!(ours("spruce_pine_restart_2024").high <= 0.0);
}

#[test]
fn the_published_gdp_losses_are_overlapped_and_a_far_centre_is_explained() {
    let Finished { loaded, table, .. } = finished();
    let mut far = Vec::new();
    for key in ["usgs_ga_model", "usgs_ge_model", "usgs_ga_ge_model"] {
        let row = table.row(key).unwrap();
        let ours = estimate(table, row, "ours").unwrap();
        let published = estimate(table, row, "observed").unwrap();
        assert!(
            ours.low <= published.high && published.low <= ours.high,
            "{key}"
        );
        let centre = estimate(table, row, "centre").unwrap().value;
        if !(0.5..=2.0).contains(&centre) {
            far.push(key);
        }
        let case = loaded
            .evidence
            .rows("reference_cases")
            .iter()
            .find(|c| c.key == key);
        assert!(case.unwrap().text("why").is_some() && case.unwrap().text("why_zh").is_some());
        assert_eq!(
            verdict(key),
            "empty_hit",
            "an interval of two orders of magnitude is no answer"
        );
    }
    assert_eq!(
        far,
        ["usgs_ga_model"],
        "the page says which centre lies outside a factor of two"
    );
    let sum = ["usgs_ga_model", "usgs_ge_model"]
        .map(|key| {
            estimate(table, table.row(key).unwrap(), "ours")
                .unwrap()
                .value
        })
        .iter()
        .sum::<f64>();
    let both = estimate(table, table.row("usgs_ga_ge_model").unwrap(), "ours").unwrap();
    assert!((both.value - sum).abs() < 1e-9);
}

#[test]
fn wider_assumptions_never_turn_a_hit_into_a_miss() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("s");
    init_example("china-2021", &to).unwrap();
    let mut study = Study::open(&to).unwrap();
    let references = &mut study.config.references;
    references.default_stock_weeks.low = 0.0;
    references.default_stock_weeks.high = 26.0;
    references.loss.not_replaced.low = 0.1;
    references.loss.passed_on.high = 6.0;
    references.stopped.low = 0.2;
    let run = study::run(&study, &[STEP.to_owned()], &|_| {}).unwrap();
    let wider = run.outputs[STEP].table(STEP).unwrap();
    let table = &finished().table;
    let verdict = |of: &ResultTable, key: &str| {
        entity(of, of.row(key).unwrap(), "verdict")
            .unwrap()
            .to_owned()
    };
    let mut changed = Vec::new();
    for row in &table.rows {
        let (before, after) = (verdict(table, &row.key), verdict(wider, &row.key));
        if before.ends_with("hit") {
            assert!(
                after.ends_with("hit"),
                "{}: {before} became {after}",
                row.key
            );
        }
        if before != after {
            changed.push((row.key.as_str(), after));
        }
    }
    // What the page says about stocks that may be nothing.
    let keys: Vec<&str> = changed.iter().map(|(key, _)| *key).collect();
    let expected = [
        "jp_kr_stock_2019",
        "neon_stock_2022",
        "polysilicon_stock_2021",
        "spruce_pine_restart_2024",
        "tohoku_auto_2011",
    ];
    assert_eq!(keys, expected);
    assert!(
        changed
            .iter()
            .all(|(_, after)| after.ends_with("empty_hit"))
    );
}

#[test]
fn what_the_input_says_is_never_counted_as_a_hit() {
    for key in [
        "neon_2022",
        "spruce_pine_2024",
        "evonik_repair_2012",
        "ga_ge_exports_2023",
    ] {
        assert_eq!(verdict(key), "input");
    }
    for key in [
        "ree_price_2011",
        "suez_2021",
        "masks_2020",
        "thai_flood_2011",
    ] {
        assert_eq!(verdict(key), "not_modelled");
    }
}

#[test]
fn a_case_is_called_not_modelled_only_where_the_chains_refuse_it_too() {
    let Finished {
        study,
        loaded,
        table,
        ..
    } = finished();
    let evidence = &loaded.evidence;
    let graph = study::inputs::chain::graph(evidence, &study.config).unwrap();
    let chains = study::inputs::chain::chains(evidence, &study.config);
    for row in &table.rows {
        let reason = entity(table, row, "reason").unwrap();
        let shock = entity(table, row, "case").unwrap();
        let answered = case(evidence, &study.config, shock)
            .unwrap()
            .ok()
            .map(|scenario| {
                study::steps::ask(&graph, &chains, &scenario, &study.config.chain.shock)
            });
        match reason.strip_prefix("references.reason.").unwrap() {
            // One price is of a good that the chains do not hold.
            "price" if shock == "masks_india_2020" => assert!(answered.is_none()),
            "price" => {
                let refusals = answered.unwrap().unwrap_err();
                assert!(
                    refusals.iter().any(|r| r.code == "shock.price_question"),
                    "{shock}"
                );
            }
            "firm" => {
                let refusals = answered.unwrap().unwrap_err();
                assert!(
                    refusals.iter().any(|r| r.code == "shock.firm_question"),
                    "{shock}"
                );
            }
            "no_node" | "severity_unknown" | "outcome" => assert!(answered.is_none(), "{shock}"),
            _ => {}
        }
    }
}

#[test]
fn the_library_holds_every_recorded_disruption_as_a_scenario_or_a_reason() {
    let Finished { study, loaded, .. } = finished();
    let evidence = &loaded.evidence;
    let cases = library(evidence, &study.config);
    assert_eq!(cases.len(), evidence.rows("shocks").len());
    let graph = study::inputs::chain::graph(evidence, &study.config).unwrap();
    let chains = study::inputs::chain::chains(evidence, &study.config);
    let mut ran = 0;
    for case in &cases {
        let Ok(scenario) = &case.scenario else {
            continue;
        };
        assert!(scenario.id.starts_with("case:") && !scenario.title_zh.is_empty());
        for event in &scenario.event {
            let s = event.severity;
            assert!(0.0 <= s.low && s.low <= s.value && s.value <= s.high && s.high <= 1.0);
            assert!(event.weeks >= 1 && event.weeks <= scenario.horizon_weeks);
        }
        let params = &study.config.chain.shock;
        ran += usize::from(study::steps::ask(&graph, &chains, scenario, params).is_ok());
    }
    let runnable = cases.iter().filter(|case| case.scenario.is_ok()).count();
    assert_eq!(
        (runnable, ran),
        (38, 19),
        "scenarios, and those that the chains answer"
    );
    // A case of the library is worth as much as a file: it can be written as one and read back.
    let scenario = cases
        .iter()
        .find_map(|case| case.scenario.as_ref().ok())
        .unwrap();
    let text = serde_json::to_string(scenario).unwrap();
    assert_eq!(
        serde_json::from_str::<study::Scenario>(&text).unwrap(),
        *scenario
    );
}

fn documentation() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference-cases.md")
}

/// Puts a block between `<!-- name -->` and `<!-- end -->`.
fn filled(text: &str, name: &str, block: &str) -> String {
    let start = format!("<!-- {name} -->\n");
    let at = text
        .find(&start)
        .unwrap_or_else(|| panic!("no place for {name}"))
        + start.len();
    let end = at + text[at..].find("<!-- end -->").unwrap();
    format!("{}\n{}\n{}", &text[..at], block.trim_end(), &text[end..])
        .replace("\n\n<!-- end", "\n<!-- end")
}

#[test]
fn the_page_in_the_documentation_is_that_of_the_embedded_study() {
    let Finished { loaded, table, .. } = finished();
    let evidence = &loaded.evidence;
    let Page {
        summary,
        tests,
        others,
    } = page(table, evidence);
    let committed = std::fs::read_to_string(documentation()).unwrap();
    let mut now = filled(&committed, "summary", &summary);
    now = filled(&now, "tests", &tests);
    now = filled(&now, "others", &others);
    if std::env::var_os("FORELAY_WRITE_DOCS").is_some() {
        std::fs::write(documentation(), &now).unwrap();
    }
    assert!(
        now == committed || std::env::var_os("FORELAY_WRITE_DOCS").is_some(),
        "docs/reference-cases.md is out of date: FORELAY_WRITE_DOCS=1 cargo test --workspace references"
    );
}

#[test]
fn every_miss_is_sorted_by_what_would_mend_it() {
    let table = &finished().table;
    let missed: Vec<&str> = table
        .rows
        .iter()
        .filter(|row| entity(table, row, "verdict") == Some("references.verdict.missed"))
        .map(|row| row.key.as_str())
        .collect();
    let text = std::fs::read_to_string(documentation()).unwrap();
    let list = text
        .split("## The misses")
        .nth(1)
        .and_then(|rest| rest.split("\n## ").next())
        .unwrap();
    let named: Vec<&str> = list.split('`').skip(1).step_by(2).collect();
    for case in &missed {
        assert!(named.contains(case), "{case} is missed and not in the list");
    }
    assert_eq!(named.len(), missed.len(), "{named:?}");
}
