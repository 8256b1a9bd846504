//! Rules between cells, rows and tables, and what the check leaves.

use evidence::{CODES, CheckParams, Schema, check, check_folder, read_bytes};
use evidence::{Confidence, Mapping, ReadOptions};
use model::{Catalogue, Entity, Kind, Lang, RowRef, Severity, Year};

use crate::helpers::{
    COUNTRIES, LINKS, NODES, SOURCES, base, check_one, errors, expect, put, raw, schema,
};

#[test]
fn headings() {
    let checked = check_one("chain_links", "from_nod,to_node,source\nore,magnet,usgs\n");
    let missing = expect(
        &checked.diagnostics,
        "column.missing",
        Some(1),
        Some("from_node"),
    );
    assert!(
        missing
            .expected
            .render(Lang::En, &model::Names::default())
            .contains("from_nod")
    );
    assert_eq!(
        expect(
            &checked.diagnostics,
            "column.unknown",
            Some(1),
            Some("from_nod")
        )
        .severity,
        Severity::Error
    );
    assert!(checked.evidence.rows("chain_links").is_empty());
    // A column that is like none of the table is only worth a warning.
    let checked = check_one("things", "id,my remarks\na,x\n");
    assert_eq!(
        expect(
            &checked.diagnostics,
            "column.unknown",
            Some(1),
            Some("my remarks")
        )
        .severity,
        Severity::Warning
    );
    assert_eq!(checked.evidence.rows("things").len(), 1);
    // A misspelt column that may be left out must not turn known values into missing ones.
    let checked = check_one("things", "id,numbr\na,1\n");
    assert_eq!(
        expect(
            &checked.diagnostics,
            "column.unknown",
            Some(1),
            Some("numbr")
        )
        .severity,
        Severity::Error
    );
}

#[test]
fn ranges_keep_their_order() {
    let classes = |row: &str| {
        check_one(
            "reference_classes",
            &format!("id,low,central,high,source\n{row}\n"),
        )
    };
    for bad in ["a,3,2,4,usgs", "a,1,5,4,usgs", "a,5,,4,usgs"] {
        let checked = classes(bad);
        let column = if bad.starts_with("a,1") {
            "central"
        } else {
            "low"
        };
        expect(&checked.diagnostics, "range.order", Some(2), Some(column));
    }
    for good in ["a,1,2,3,usgs", "a,,2,3,usgs", "a,2,2,2,usgs", "a,,,,usgs"] {
        assert!(errors(&classes(good)).is_empty(), "{good}");
    }
    let supply = "node_id,country,basis,year,share_pct,low,high,source\nore,CHN,production,2020,50,60,70,usgs\n";
    expect(
        &check_one("chain_supply", supply).diagnostics,
        "range.order",
        Some(2),
        Some("low"),
    );
    expect(
        &check_one("things", "id,from,to\na,2021-05,2021-03-01\n").diagnostics,
        "range.order",
        Some(2),
        Some("from"),
    );
    assert!(errors(&check_one("things", "id,from,to\na,2021-05,2021\n")).is_empty());
}

#[test]
fn shares_add_up_to_100_at_most() {
    let head = "node_id,country,basis,year,share_pct,source\n";
    let over = format!(
        "{head}ore,CHN,production,2020,70,usgs\nore,JPN,production,2021,90,usgs\nore,USA,production,2020,30.5,usgs\n"
    );
    let checked = check_one("chain_supply", &over);
    let finding = expect(
        &checked.diagnostics,
        "shares.above_100",
        Some(2),
        Some("share_pct"),
    );
    assert_eq!(finding.found, "100.50");
    assert!(
        finding
            .expected
            .render(Lang::En, &model::Names::default())
            .contains("rows 2, 4")
    );
    assert_eq!(
        checked.evidence.table("chain_supply").unwrap().rejected,
        [2, 4],
        "another year is another whole"
    );
    // 33.4 + 33.3 + 33.3 = 100, with the error of binary fractions.
    let whole = format!(
        "{head}ore,CHN,production,2020,33.4,usgs\nore,JPN,production,2020,33.3,usgs\nore,USA,production,2020,33.3,usgs\n"
    );
    assert!(errors(&check_one("chain_supply", &whole)).is_empty());
}

#[test]
fn links_form_no_circle() {
    let checked = check_one(
        "chain_links",
        "from_node,to_node,source\nmagnet,motor,usgs\nore,magnet,usgs\nmotor,ore,press\n",
    );
    let finding = expect(
        &checked.diagnostics,
        "links.cycle",
        Some(2),
        Some("to_node"),
    );
    assert_eq!(finding.found, "magnet → motor → ore → magnet");
    assert_eq!(
        checked.evidence.table("chain_links").unwrap().rejected,
        [2, 3, 4]
    );
    assert!(errors(&check_one("chain_links", LINKS)).is_empty());
}

#[test]
fn references_accept_words_and_several_tables() {
    let classes = |ids: &str| {
        check_one(
            "reference_classes",
            &format!("id,ids,source\na,{ids},usgs\n"),
        )
    };
    assert!(errors(&classes("ore;general")).is_empty());
    expect(
        &classes("ore;generl").diagnostics,
        "reference.unknown",
        Some(2),
        Some("ids"),
    );
}

/// A slip in one table gives one error, not another for each row that refers to it.
#[test]
fn a_bad_row_is_still_there_for_those_that_refer_to_it() {
    let mut tables = base();
    tables.retain(|(name, _)| name != "chain_nodes");
    tables.push(raw(
        "chain_nodes",
        &NODES.replace("ore,Ore,矿石,material", "ore,Ore,矿石,rock"),
    ));
    tables.push(raw("chain_links", LINKS));
    let checked = check(&schema(), &tables, &CheckParams::default());
    assert_eq!(errors(&checked).len(), 1);
    expect(
        &checked.diagnostics,
        "value.not_accepted",
        Some(2),
        Some("stage"),
    );
    assert_eq!(checked.evidence.rows("chain_links").len(), 2);
}

#[test]
fn a_table_that_is_not_there_is_said_once() {
    let tables = vec![raw("chain_links", LINKS), raw("sources", SOURCES)];
    let checked = check(&schema(), &tables, &CheckParams::default());
    let finding = expect(
        &checked.diagnostics,
        "reference.no_table",
        None,
        Some("from_node"),
    );
    assert_eq!(finding.severity, Severity::Warning);
    assert!(errors(&checked).is_empty());
    let checked = check(
        &schema(),
        &[raw("chain_link", LINKS)],
        &CheckParams::default(),
    );
    expect(&checked.diagnostics, "file.unknown_table", None, None);
}

#[test]
fn many_findings_of_one_kind_are_counted() {
    let rows = (0..50)
        .map(|n| format!("a{n},x"))
        .collect::<Vec<_>>()
        .join("\n");
    let tables = [raw("things", &format!("id,number\n{rows}"))];
    let checked = check(&schema(), &tables, &CheckParams { most_per_code: 10 });
    assert_eq!(
        checked
            .diagnostics
            .iter()
            .filter(|d| d.code == "number.not_a_number")
            .count(),
        10
    );
    let more = expect(&checked.diagnostics, "more", None, Some("number"));
    assert!(
        more.expected
            .render(Lang::En, &model::Names::default())
            .starts_with("40 more")
    );
    assert_eq!(checked.evidence.table("things").unwrap().rejected.len(), 50);
}

#[test]
fn records_give_their_values_by_type() {
    let header = "id,words,text,number,day,flag,countries,address,year\n";
    let row = "007,x; y,hello,0.5,2021-03,TRUE,CHN;JPN,https://a.org/b?c=d,2020\nb,,,,,,,,\n";
    let checked = check_one("things", &format!("{header}{row}"));
    assert!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
    let table = checked.evidence.table("things").unwrap();
    let record = table.get("007").unwrap();
    assert_eq!(record.text("id"), Some("007"), "codes keep their zeros");
    assert_eq!(record.list("words"), ["x", "y"]);
    assert_eq!(record.number("number"), Some(0.5));
    assert_eq!(record.year("day"), Some(Year(2021)));
    assert_eq!(record.year("year"), Some(Year(2020)));
    assert_eq!(record.boolean("flag"), Some(true));
    assert_eq!(record.list("countries"), ["CHN", "JPN"]);
    assert_eq!(
        record.integer("whole"),
        Some(7),
        "the default of a column that is not in the file"
    );
    assert_eq!(record.reference(), RowRef::new("things", "007"));
    let empty = table.get("b").unwrap();
    assert_eq!(
        (
            empty.number("number"),
            empty.text("text"),
            empty.boolean("flag")
        ),
        (None, None, None)
    );
    assert!(empty.list("words").is_empty());
    assert!(table.get("c").is_none());
}

#[test]
fn names_sources_and_confidence() {
    let mut tables = base();
    tables.push(raw("chain_links", LINKS));
    let evidence = check(&schema(), &tables, &CheckParams::default()).evidence;
    let names = evidence.names();
    let magnet = Entity::new(Kind::Node, "magnet");
    assert_eq!(
        (names.get(&magnet, Lang::En), names.get(&magnet, Lang::Zh)),
        (Some("Magnet"), Some("磁体"))
    );
    assert_eq!(
        names.get(&Entity::new(Kind::Source, "usgs"), Lang::En),
        Some("USGS")
    );
    let link = RowRef::new("chain_links", "magnet/motor");
    assert_eq!(evidence.source_of(&link).unwrap().key, "press");
    assert_eq!(evidence.confidence(&link), Some(Confidence::Low));
    assert!(Confidence::Low < Confidence::High);
    assert_eq!(evidence.confidence(&RowRef::new("chain_links", "x")), None);
}

#[test]
fn a_folder_of_any_formats() {
    let dir = tempfile::tempdir().unwrap();
    put(
        dir.path(),
        "sources.csv.gz",
        &crate::helpers::gz(SOURCES.as_bytes()),
    );
    put(
        dir.path(),
        "countries.csv",
        &encoding_rs::GB18030.encode(COUNTRIES).0,
    );
    put(dir.path(), "chain_nodes.csv", NODES.as_bytes());
    put(
        dir.path(),
        "links from ministry.csv",
        b"up;down;ref\nore;magnet;usgs\n",
    );
    put(dir.path(), "chain_suply.csv", b"a,b\n1,2\n");
    put(dir.path(), "things.csv", b"id,number\n\"a,1\n");
    put(dir.path(), "README.md", b"words");
    let columns = [("from_node", "up"), ("to_node", "down"), ("source", "ref")];
    let mapping = Mapping {
        table: "chain_links".into(),
        file: "links from ministry.csv".into(),
        columns: columns
            .map(|(target, source)| (target.to_owned(), source.to_owned()))
            .into(),
        ..Mapping::default()
    };
    let read = |mappings: &[Mapping]| {
        check_folder(
            &schema(),
            dir.path(),
            mappings,
            &ReadOptions::default(),
            &CheckParams::default(),
        )
    };
    let checked = read(std::slice::from_ref(&mapping));
    expect(&checked.diagnostics, "file.unknown_table", None, None);
    expect(&checked.diagnostics, "encoding.guessed", None, None);
    expect(&checked.diagnostics, "row.unclosed_quote", Some(2), None);
    assert_eq!(
        errors(&checked).len(),
        1,
        "a table loads although another fails"
    );
    assert_eq!(checked.evidence.rows("chain_links")[0].key, "ore/magnet");
    assert_eq!(
        checked
            .evidence
            .table("countries")
            .unwrap()
            .get("CHN")
            .unwrap()
            .text("name_zh"),
        Some("中国")
    );
    put(dir.path(), "sources.csv", SOURCES.as_bytes());
    expect(&read(&[mapping]).diagnostics, "file.twice", None, None);
    let nowhere = check_folder(
        &schema(),
        &dir.path().join("x"),
        &[],
        &ReadOptions::default(),
        &CheckParams::default(),
    );
    assert_eq!(nowhere.diagnostics[0].code, "file.missing");
}

#[test]
fn every_code_has_its_texts() {
    for code in CODES {
        for id in [format!("check.{code}"), format!("check.{code}.remedy")] {
            for lang in Lang::ALL {
                assert!(Catalogue::builtin().text(&id, lang).is_some(), "{id}");
            }
        }
    }
    for code in evidence::sql::CODES {
        assert!(
            Catalogue::builtin().text(code, Lang::Zh).is_some(),
            "{code}"
        );
        assert!(
            Catalogue::builtin()
                .text(&format!("{code}.remedy"), Lang::En)
                .is_some(),
            "{code}"
        );
    }
}

/// A finding says the same whatever the order of the rows; only its row number moves with the row.
#[test]
fn the_order_of_rows_does_not_matter() {
    let rows = ["a,1,2021", "b,x,2021", "c,3,21", "d,4,2020"];
    let forward = check_one("things", &format!("id,number,year\n{}\n", rows.join("\n")));
    let backward: Vec<&str> = rows.iter().rev().copied().collect();
    let backward = check_one(
        "things",
        &format!("id,number,year\n{}\n", backward.join("\n")),
    );
    let keys = |c: &evidence::Checked| {
        c.evidence
            .rows("things")
            .iter()
            .map(|r| r.key.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(keys(&forward), ["a", "d"]);
    assert_eq!(keys(&forward), keys(&backward));
}

#[test]
fn the_schema_that_the_program_carries_is_whole() {
    for table in Schema::builtin().tables() {
        assert!(
            table.columns.iter().any(|c| c.key),
            "{} has no key",
            table.name
        );
        if table.name != "sources" {
            assert!(
                table.source_columns().next().is_some(),
                "{} names no source",
                table.name
            );
        }
        assert_eq!(table.version().len(), 16);
        for lang in Lang::ALL {
            let page = evidence::schema_page(table, lang);
            assert_eq!(
                page.lines().filter(|line| line.starts_with("| `")).count(),
                table.columns.len()
            );
            assert!(!page.contains("schema.") && !page.contains('{'), "{page}");
        }
    }
    assert!(read_bytes("x.csv", b"a\n1\n", &ReadOptions::default()).is_ok());
}
