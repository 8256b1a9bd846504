//! Foreign headings (T21): the right import or a readable stop, never a silent loss.

use std::collections::BTreeMap;

use evidence::mapping::Reason;
use evidence::{CheckParams, Mapping, ReadOptions, Schema, check, propose, read_bytes};
use model::Severity;

use crate::helpers::{base, expect, raw, schema};

const ROWS: &str = "ore,CHN,production,2020,50,usgs\nmagnet,JPN,capacity,2021,12.5,press\n";
const COLUMNS: [&str; 6] = ["node_id", "country", "basis", "year", "share_pct", "source"];

fn proposal(header: &str, rows: &str) -> evidence::Proposal {
    let (_, raw) = raw("chain_supply", &format!("{header}\n{rows}"));
    propose(&raw, schema().table("chain_supply").unwrap())
}

#[test]
fn the_same_headings_are_taken_as_they_are() {
    let proposal = proposal(&COLUMNS.join(","), ROWS);
    assert!(
        proposal
            .matches
            .iter()
            .all(|m| m.confidence == 1.0 && m.reason == Reason::Same && m.target == m.source)
    );
    assert!(
        proposal.missing.is_empty()
            && proposal.unmapped.is_empty()
            && proposal.ambiguous.is_empty()
    );
}

#[test]
fn chinese_headings() {
    let proposal = proposal("节点编号,国家,统计口径,年份,市场份额（%）,数据来源", ROWS);
    let sources: Vec<&str> = COLUMNS
        .iter()
        .map(|c| proposal.mapping.columns[*c].as_str())
        .collect();
    assert_eq!(
        sources,
        [
            "节点编号",
            "国家",
            "统计口径",
            "年份",
            "市场份额（%）",
            "数据来源"
        ]
    );
    assert!(proposal.confidence("country").unwrap() < 1.0);
}

#[test]
fn cells_speak_against_a_heading_that_fits_by_chance() {
    // The column called "year" holds names.
    let proposal = proposal(
        "node_id,country,basis,Year,share_pct,source",
        "ore,CHN,production,first,50,usgs\n",
    );
    assert!(!proposal.mapping.columns.contains_key("year"));
    assert_eq!(proposal.missing, ["year"]);
    assert_eq!(proposal.unmapped, ["Year"]);
}

#[test]
fn two_equal_candidates_are_left_open() {
    let proposal = proposal(
        "node_id,country,basis,yr,calendar year,share_pct,source",
        "ore,CHN,production,2020,2021,50,usgs\n",
    );
    assert_eq!(
        proposal.ambiguous,
        [(
            "year".to_owned(),
            vec!["yr".to_owned(), "calendar year".to_owned()]
        )]
    );
    assert_eq!(proposal.missing, ["year"]);
}

#[test]
fn a_mapping_is_applied_and_written_as_toml() {
    let (_, foreign) = raw(
        "chain_supply",
        "Share,Nation,Jahr,node_id,basis,Quelle,remarks\n50,CHN,2020,ore,production,usgs,x\n",
    );
    let columns = [
        ("node_id", "node_id"),
        ("country", "Nation"),
        ("basis", "basis"),
        ("year", "Jahr"),
        ("share_pct", "Share"),
        ("source", "Quelle"),
    ];
    let mapping = Mapping {
        table: "chain_supply".into(),
        file: "x.csv".into(),
        delimiter: Some(','),
        encoding: Some("UTF-8".into()),
        columns: columns
            .map(|(target, source)| (target.to_owned(), source.to_owned()))
            .into(),
        ..Mapping::default()
    };
    let text = toml::to_string(&mapping).unwrap();
    assert_eq!(toml::from_str::<Mapping>(&text).unwrap(), mapping, "{text}");
    let (mapped, notes) = mapping.apply(&foreign).unwrap();
    expect(&notes, "mapping.ignored", Some(1), None);
    let mut tables = base();
    tables.push(("chain_supply".into(), mapped));
    let checked = check(&schema(), &tables, &CheckParams::default());
    assert!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
    assert_eq!(
        checked.evidence.rows("chain_supply")[0].key,
        "ore/CHN/production/2020"
    );
    // The source changed its layout.
    let (_, changed) = raw(
        "chain_supply",
        "Share,Nation,Year,node_id,basis,Quelle\n50,CHN,2020,ore,production,usgs\n",
    );
    let stop = mapping.apply(&changed).unwrap_err();
    assert_eq!(stop.len(), 1);
    expect(&stop, "mapping.column_missing", Some(1), Some("Jahr"));
    let mut slip = mapping;
    slip.columns.insert("contry".into(), "Nation".into());
    expect(
        &slip.check(schema().table("chain_supply").unwrap()),
        "mapping.unknown_target",
        None,
        Some("contry"),
    );
}

/// Twenty ways in which a header changes; the cells stay. Either every cell arrives where it belongs, or there is an error.
#[test]
fn twenty_mutated_headers() {
    let reference: BTreeMap<&str, Vec<&str>> = COLUMNS
        .iter()
        .enumerate()
        .map(|(at, c)| {
            (
                *c,
                ROWS.lines()
                    .map(|line| line.split(',').nth(at).unwrap())
                    .collect(),
            )
        })
        .collect();
    let mutations: [[&str; 6]; 20] = [
        ["NODE_ID", "COUNTRY", "BASIS", "YEAR", "SHARE_PCT", "SOURCE"],
        ["Node ID", "Country", "Basis", "Year", "Share pct", "Source"],
        ["nodeId", "country", "basis", "year", "sharePct", "source"],
        ["node", "country_code", "basis", "yr", "share", "source_id"],
        [
            "node_id",
            "iso3",
            "measure",
            "reference year",
            "market share",
            "reference",
        ],
        ["节点", "国家代码", "口径", "年度", "份额", "来源"],
        ["环节", "国别", "统计口径", "年", "占比", "资料来源"],
        ["node_id", "contry", "basis", "year", "share_pct", "source"],
        ["nodeid", "countr", "basiss", "yeer", "share_pc", "sourc"],
        [
            "  node_id ",
            " country",
            "basis ",
            "year",
            "share_pct",
            "source",
        ],
        [
            "node-id",
            "country.",
            "basis:",
            "year*",
            "share-pct",
            "source#",
        ],
        [
            "node_id",
            "country",
            "basis",
            "year",
            "share_pct (percent)",
            "source",
        ],
        ["node_id", "country", "basis", "2020", "share_pct", "source"],
        ["a", "b", "c", "d", "e", "f"],
        ["country", "node_id", "basis", "year", "share_pct", "source"],
        ["node_id", "country", "year", "basis", "share_pct", "source"],
        ["node_id", "country", "basis", "share_pct", "year", "source"],
        ["node_id", "country", "basis", "year", "value", "source"],
        ["identifier", "land", "basis", "year", "share_pct", "source"],
        ["node_id", "country", "basis", "year", "share_pct", "origin"],
    ];
    let (mut imported, mut stopped) = (0, 0);
    for header in mutations {
        let text = format!("{}\n{ROWS}", header.join(","));
        let (raw, _) =
            read_bytes("chain_supply.csv", text.as_bytes(), &ReadOptions::default()).unwrap();
        let schema = schema();
        // With a proposal that leaves nothing open, as a user would accept it; else as the file is.
        let proposal = propose(&raw, schema.table("chain_supply").unwrap());
        let accepted = proposal.missing.is_empty() && proposal.ambiguous.is_empty();
        let table = if accepted {
            proposal.mapping.apply(&raw).unwrap().0
        } else {
            raw
        };
        let mut tables = base();
        tables.push(("chain_supply".into(), table));
        let checked = check(&schema, &tables, &CheckParams::default());
        if checked.has_errors() {
            stopped += 1;
            for finding in checked
                .diagnostics
                .iter()
                .filter(|d| d.severity == Severity::Error)
            {
                crate::helpers::readable(finding);
            }
            continue;
        }
        imported += 1;
        for (column, cells) in &reference {
            let rows = checked.evidence.rows("chain_supply");
            let at = rows[0].schema().position(column).unwrap();
            let mut found: Vec<String> = rows.iter().map(|r| r.values[at].to_text()).collect();
            let mut expected: Vec<String> = cells.iter().map(ToString::to_string).collect();
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "{header:?}: column {column}");
        }
    }
    assert_eq!(imported + stopped, 20);
    assert!(imported >= 11, "imported {imported}, stopped {stopped}");
    assert!(stopped >= 5, "imported {imported}, stopped {stopped}");
}

/// The program's own tables, each under upper-case headings in reversed order.
#[test]
fn every_table_finds_its_own_columns() {
    for table in Schema::builtin().tables() {
        let headings: Vec<String> = table
            .columns
            .iter()
            .rev()
            .map(|c| c.name.to_uppercase().replace('_', " "))
            .collect();
        let text = format!("{}\n", headings.join(","));
        let (raw, _) = read_bytes("x.csv", text.as_bytes(), &ReadOptions::default()).unwrap();
        let proposal = propose(&raw, table);
        assert!(
            proposal.missing.is_empty() && proposal.ambiguous.is_empty(),
            "{}: {proposal:?}",
            table.name
        );
        for (target, source) in &proposal.mapping.columns {
            assert_eq!(target.to_uppercase().replace('_', " "), *source);
        }
    }
}
