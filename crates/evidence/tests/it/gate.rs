//! The licence gate, by a table of 200 cases: licence × table × how the row is reached.

use evidence::{CheckParams, Evidence, check, export_gate, sql};
use model::{Catalogue, Lang, RowRef};

use crate::helpers::{LINKS, SOURCES, base, raw, schema};

/// (source as the row names it, may leave, with a notice).
const LICENCES: [(&str, bool, bool); 5] = [
    ("usgs", true, false),
    ("press", true, true),
    ("eto", false, false),
    ("lost", false, false),
    ("", false, false),
];

const TABLES: [&str; 5] = [
    "chain_nodes",
    "chain_links",
    "chain_supply",
    "reference_classes",
    "notes",
];

/// How the rows come to the gate.
const TARGETS: [&str; 8] = [
    "row",
    "row twice",
    "first of many",
    "last of many",
    "whole table",
    "query",
    "join",
    "document",
];

/// Evidence in which exactly one row of `table`, of key `x…`, has the source `source`. Sources that the check would not
/// let pass are put in after it: the gate does not rely on the check.
fn evidence_with(table: &str, source: &str) -> (Evidence, RowRef) {
    let named = if matches!(source, "lost" | "") {
        "eto"
    } else {
        source
    };
    let (text, key) = match table {
        "chain_nodes" => (
            format!(
                "id,name,stage,essential,source\nore,Ore,material,true,usgs\nx,X,material,true,{named}\n"
            ),
            "x",
        ),
        "chain_links" => (
            format!("from_node,to_node,source\nore,magnet,usgs\nmagnet,motor,{named}\n"),
            "magnet/motor",
        ),
        "chain_supply" => (
            format!(
                "node_id,country,basis,year,share_pct,source\nore,CHN,capacity,2020,5,usgs\nore,JPN,capacity,2020,5,{named}\n"
            ),
            "ore/JPN/capacity/2020",
        ),
        "reference_classes" => (format!("id,central,source\na,1,usgs\nx,1,{named}\n"), "x"),
        _ => ("id,text\na,own\nx,own remark\n".to_owned(), "x"),
    };
    let mut tables = base();
    tables.retain(|(name, _)| name != table);
    if table == "chain_nodes" {
        tables.push(raw(table, &text));
    } else {
        tables.extend([raw(table, &text)]);
    }
    let mut evidence = check(&schema(), &tables, &CheckParams::default()).evidence;
    let row = RowRef::new(table, key);
    assert!(evidence.record(&row).is_some(), "{table}");
    if named != source {
        let sources = evidence.tables.get_mut("sources").unwrap();
        if source == "lost" {
            sources.rows.retain(|record| record.key != "eto");
        } else if table != "notes" {
            let table = evidence.tables.get_mut(table).unwrap();
            let at = table.schema.position("source").unwrap();
            let record = table
                .rows
                .iter_mut()
                .find(|record| record.key == key)
                .unwrap();
            record.values[at] = evidence::Value::Empty;
        }
    }
    (evidence, row)
}

fn rows_for(target: &str, evidence: &Evidence, row: &RowRef) -> Vec<RowRef> {
    let whole = |table: &str| {
        evidence
            .rows(table)
            .iter()
            .map(evidence::Record::reference)
            .collect::<Vec<_>>()
    };
    let good = RowRef::new("sources", "usgs");
    match target {
        "row" => vec![row.clone()],
        "row twice" => vec![row.clone(), row.clone()],
        "first of many" => vec![row.clone(), good.clone(), good],
        "last of many" => vec![good.clone(), good, row.clone()],
        "whole table" => whole(&row.table),
        "query" | "join" => {
            let text = if target == "query" {
                format!("SELECT * FROM {}", row.table)
            } else {
                format!("SELECT count(*) FROM {} t, countries c", row.table)
            };
            let sources = sql::evidence_sources(evidence);
            let read = sql::tables_read(&text, &sources).unwrap();
            let tables = read
                .iter()
                .filter_map(|name| name.strip_prefix("evidence."));
            tables.flat_map(whole).collect()
        }
        _ => vec![row.clone(), RowRef::new("countries", "CHN")],
    }
}

#[test]
fn two_hundred_cases() {
    let mut cases = 0;
    for (source, passes, notice) in LICENCES {
        for table in TABLES {
            let (evidence, row) = evidence_with(table, source);
            // A table without a source column is the study's own.
            let own = table == "notes";
            for target in TARGETS {
                cases += 1;
                let case = format!("{source:?} {table} {target}");
                match export_gate(&evidence, rows_for(target, &evidence, &row).into_iter()) {
                    Ok(notices) => {
                        assert!(passes || own, "{case} passed");
                        let cited = notices
                            .iter()
                            .any(|n| n.source == source && n.rows.contains(&row));
                        assert_eq!(cited, notice && !own, "{case}");
                    }
                    Err(refused) => {
                        assert!(!passes && !own, "{case} was refused");
                        let by_name = refused.rows.iter().find(|r| r.row == row).expect(&case);
                        assert_eq!(refused.rows.len(), 1, "{case}: {refused:?}");
                        let text = by_name.message.render(Lang::En, &evidence.names());
                        assert!(
                            text.contains(&format!("{}/{}", row.table, row.key)),
                            "{text}"
                        );
                        assert_eq!(
                            by_name.licence.as_deref(),
                            (source == "eto").then_some("CC BY-NC 4.0"),
                            "{case}"
                        );
                    }
                }
            }
        }
    }
    assert_eq!(cases, 200);
}

#[test]
fn a_row_that_is_not_there_may_not_leave() {
    let evidence = check(&schema(), &base(), &CheckParams::default()).evidence;
    let refused = export_gate(
        &evidence,
        [RowRef::new("chain_nodes", "nothing")].into_iter(),
    )
    .unwrap_err();
    assert_eq!(refused.rows.len(), 1);
    assert!(
        export_gate(&evidence, std::iter::empty())
            .unwrap()
            .is_empty()
    );
}

#[test]
fn sources_themselves_obey_their_licence() {
    let evidence = check(&schema(), &base(), &CheckParams::default()).evidence;
    assert!(export_gate(&evidence, [RowRef::new("sources", "eto")].into_iter()).is_err());
    assert!(
        export_gate(&evidence, [RowRef::new("sources", "usgs")].into_iter())
            .unwrap()
            .is_empty()
    );
}

#[test]
fn notices_are_one_for_each_source() {
    let mut tables = base();
    tables.push(raw("chain_links", LINKS));
    let evidence = check(&schema(), &tables, &CheckParams::default()).evidence;
    let rows = [
        RowRef::new("chain_links", "magnet/motor"),
        RowRef::new("chain_nodes", "magnet"),
        RowRef::new("chain_nodes", "ore"),
    ];
    let notices = export_gate(&evidence, rows.into_iter()).unwrap();
    assert_eq!(notices.len(), 1);
    assert_eq!(
        (notices[0].source.as_str(), notices[0].rows.len()),
        ("press", 2)
    );
    let text = notices[0].message.render(Lang::En, &evidence.names());
    assert!(
        text.starts_with("2 rows are single facts from Press (all rights reserved)"),
        "{text}"
    );
    assert!(
        Catalogue::builtin()
            .text("licence.facts_only", Lang::Zh)
            .is_some()
    );
    assert!(SOURCES.contains("facts_only"));
}
