//! Large tables in a study: import, steps that read them, replay, and what is refused.

use std::fs;
use std::path::Path;

use crate::program::{call, example, json, shrink};

/// Bilateral trade in BACI's layout: a nested world, in which one country alone sells one product.
fn write_trade(path: &Path) {
    let countries = [
        "CHN", "USA", "JPN", "DEU", "KOR", "FRA", "GBR", "ITA", "IND", "BRA", "VNM", "MEX",
    ];
    let mut text = "year,from,to,good,usd\n".to_owned();
    for year in 2018..=2021 {
        for (i, from) in countries.iter().enumerate() {
            for (j, to) in countries.iter().enumerate().filter(|(j, _)| *j != i) {
                for p in 0..24usize {
                    let makes = p < 24 - 2 * i || (p + i) % 5 == 0;
                    let value = (1 + (i * 7 + j * 3 + p * 11 + year % 5) % 13) * 100;
                    if makes && p != 23 {
                        text.push_str(&format!("{year},{from},{to},{p:06},{value}\n"));
                    }
                }
                if *from == "JPN" {
                    text.push_str(&format!("{year},{from},{to},000023,5000\n"));
                }
            }
        }
    }
    fs::write(path, text).unwrap();
}

const COLUMNS: &str = "year=year,exporter=from,importer=to,product=good,value=usd";

#[test]
fn trade_comes_in_is_answered_and_replayed() {
    let folder = example();
    let study = folder.path().join("study");
    shrink(&study);
    let file = folder.path().join("trade.csv");
    write_trade(&file);
    let file = file.to_str().unwrap();
    let arguments = [
        "add",
        file,
        "--as",
        "trade",
        "--columns",
        COLUMNS,
        "--source",
        "forelay_editors",
    ];
    let unknown = call(
        &study,
        &[
            "add",
            file,
            "--as",
            "trade",
            "--columns",
            COLUMNS,
            "--source",
            "nobody",
        ],
    );
    assert_eq!(unknown.status.code(), Some(2));
    assert!(!study.join("evidence/large/trade.parquet").exists());
    let added = json(&study, &arguments, 0);
    assert_eq!(
        added["import"]["table"]["years"].as_array().unwrap().len(),
        4
    );
    let again = call(&study, &arguments);
    assert_eq!(again.status.code(), Some(2), "a table is given once");

    let run = json(&study, &["run"], 0);
    let tables = run["tables"].as_array().unwrap();
    let rows = |name: &str| {
        let table = tables.iter().find(|t| t["table"] == name).unwrap();
        table["rows"].as_u64().unwrap()
    };
    assert_eq!(rows("foundation.complexity"), 12);
    assert!(rows("foundation.options") > 0);
    assert!(rows("foundation.dependency") > 0);
    // Japan alone sells 000023: home depends on it, and the source of the table stands behind the number.
    let explained = call(
        &study,
        &["explain", "foundation.dependency/000023#criterion_1"],
    );
    let text = String::from_utf8_lossy(&explained.stdout).into_owned();
    assert!(text.contains("forelay_editors"), "{text}");
    for lang in ["en", "zh"] {
        json(&study, &["report", "--lang", lang], 0);
    }

    let sold = json(
        &study,
        &[
            "sql",
            "select count(*) as n from large.trade where product = '000023' and year = 2021",
        ],
        0,
    );
    assert_eq!(sold["rows"][0]["n"], 11);

    let replay = json(&study, &["replay"], 0);
    assert_eq!(replay["different"].as_array().unwrap().len(), 0);
    let path = study.join("evidence/large/trade.parquet");
    let mut bytes = fs::read(&path).unwrap();
    bytes.truncate(bytes.len() / 2);
    fs::write(&path, bytes).unwrap();
    assert_eq!(call(&study, &["replay"]).status.code(), Some(2));
    let check = call(&study, &["check"]);
    assert_ne!(
        check.status.code(),
        Some(0),
        "a damaged large table is a finding"
    );
}

#[test]
fn without_large_tables_the_study_says_what_it_cannot_answer() {
    let study = crate::program::finished();
    let run = json(study, &["run"], 0);
    let codes: Vec<&str> = run["refusals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["code"].as_str().unwrap())
        .collect();
    for code in [
        "complexity.no_table",
        "dependency.no_trade",
        "coupling.no_layers",
    ] {
        assert!(codes.contains(&code), "{code}: {codes:?}");
    }
}
