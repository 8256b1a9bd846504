//! Rules for one cell: the right code at the right row and column, and the row is left out.

use model::{Lang, Severity};

use crate::helpers::{check_one, errors, expect};

/// One bad cell in a table that is else good: (table, header, row, code, column).
const CELLS: [(&str, &str, &str, &str, &str); 40] = [
    (
        "things",
        "id,number",
        "a,abc",
        "number.not_a_number",
        "number",
    ),
    (
        "things",
        "id,number",
        "a,\"1,5\"",
        "number.decimal_comma",
        "number",
    ),
    (
        "things",
        "id,number",
        "a,\"1,234.5\"",
        "number.thousands",
        "number",
    ),
    ("things", "id,number", "a,12%", "number.percent", "number"),
    (
        "things",
        "id,number",
        "a,１２",
        "number.full_width",
        "number",
    ),
    (
        "things",
        "id,number",
        "a,inf",
        "number.not_finite",
        "number",
    ),
    (
        "things",
        "id,number",
        "a,#REF!",
        "value.spreadsheet_error",
        "number",
    ),
    (
        "things",
        "id,text",
        "a,#N/A",
        "value.spreadsheet_error",
        "text",
    ),
    (
        "things",
        "id,text",
        "a,#DIV/0!",
        "value.spreadsheet_error",
        "text",
    ),
    (
        "things",
        "id,number",
        "a,n/a",
        "value.missing_word",
        "number",
    ),
    ("things", "id,number", "a,-", "value.missing_word", "number"),
    (
        "things",
        "id,year",
        "a,unknown",
        "value.missing_word",
        "year",
    ),
    (
        "things",
        "id,number",
        "a,未知",
        "value.missing_word",
        "number",
    ),
    ("things", "id,whole", "a,1.5", "integer.not_whole", "whole"),
    ("things", "id,whole", "a,3.0", "integer.not_whole", "whole"),
    ("things", "id,year", "a,21", "year.not_a_year", "year"),
    ("things", "id,year", "a,44197", "year.not_a_year", "year"),
    ("things", "id,year", "a,2021.0", "year.not_a_year", "year"),
    ("things", "id,year", "a,1799", "value.below", "year"),
    ("things", "id,year", "a,2101", "value.above", "year"),
    ("things", "id,day", "a,03/04/2021", "date.not_a_date", "day"),
    (
        "things",
        "id,day",
        "a,2021-02-30",
        "date.no_such_day",
        "day",
    ),
    (
        "things",
        "id,flag",
        "a,yes",
        "boolean.not_a_boolean",
        "flag",
    ),
    ("things", "id,flag", "a,1", "boolean.not_a_boolean", "flag"),
    (
        "things",
        "id,countries",
        "a,CHN;Japan",
        "country.not_iso3",
        "countries",
    ),
    (
        "things",
        "id,countries",
        "a,\"CHN,JPN\"",
        "list.separator",
        "countries",
    ),
    (
        "things",
        "id,address",
        "a,www.example.org",
        "url.malformed",
        "address",
    ),
    (
        "things",
        "id,address",
        "a,https://nowhere",
        "url.malformed",
        "address",
    ),
    (
        "things",
        "id,address",
        "a,https://a.org/b c",
        "url.malformed",
        "address",
    ),
    (
        "things",
        "id,text",
        "a,x\u{7}y",
        "value.control_character",
        "text",
    ),
    ("things", "id,text", "a b,x", "id.space", "id"),
    ("things", "id,text", "\"  \",x", "value.missing", "id"),
    (
        "chain_nodes",
        "id,name,stage,hs_codes,essential,source",
        "a,A,material,25309,true,usgs",
        "id.leading_zero",
        "hs_codes",
    ),
    (
        "chain_nodes",
        "id,name,stage,hs_codes,essential,source",
        "a,A,material,8507.60,true,usgs",
        "id.not_digits",
        "hs_codes",
    ),
    (
        "chain_nodes",
        "id,name,stage,essential,source",
        "a,A,materials,true,usgs",
        "value.not_accepted",
        "stage",
    ),
    (
        "chain_nodes",
        "id,name,stage,essential,source",
        "a,,material,true,usgs",
        "value.missing",
        "name",
    ),
    (
        "chain_nodes",
        "id,name,stage,essential,source",
        "a,A,material,true,",
        "source.missing",
        "source",
    ),
    (
        "chain_nodes",
        "id,name,stage,essential,source",
        "a,A,material,true,ugs",
        "source.unknown",
        "source",
    ),
    (
        "chain_links",
        "from_node,to_node,source",
        "ore,magnt,usgs",
        "reference.unknown",
        "to_node",
    ),
    (
        "chain_links",
        "from_node,to_node,source",
        "ore,ore,usgs",
        "links.self",
        "to_node",
    ),
];

#[test]
fn each_bad_cell_is_an_error_at_its_place_and_its_row_is_left_out() {
    for (table, header, row, code, column) in CELLS {
        let checked = check_one(table, &format!("{header}\n{row}\n"));
        let finding = expect(&checked.diagnostics, code, Some(2), Some(column));
        assert_eq!(finding.severity, Severity::Error, "{code}: {row}");
        assert_eq!(finding.file, format!("{table}.csv"));
        let table = checked.evidence.table(table).unwrap();
        assert_eq!(
            (table.rows.len(), table.rejected.as_slice()),
            (0, [2].as_slice()),
            "{row}"
        );
        // One slip, one error.
        assert_eq!(
            errors(&checked)
                .iter()
                .filter(|d| d.file == format!("{}.csv", table.schema.name))
                .count(),
            1,
            "{row}"
        );
    }
}

#[test]
fn small_slips_are_warnings_and_the_row_stays() {
    for (row, code, column) in [
        ("id,text\na,n/a", "value.missing_word", "text"),
        ("id,text\na,\"  \"", "value.blank", "text"),
        (
            "id,text\na,K\u{fffd}ln",
            "value.replacement_character",
            "text",
        ),
        ("id,words\na,x;;y", "list.empty_item", "words"),
        ("id,words\na,x;y;x", "list.twice", "words"),
    ] {
        let checked = check_one("things", &format!("{row}\n"));
        assert_eq!(
            expect(&checked.diagnostics, code, Some(2), Some(column)).severity,
            Severity::Warning
        );
        assert_eq!(checked.evidence.rows("things").len(), 1);
    }
}

#[test]
fn the_nearest_word_is_offered() {
    let hint = |table, text: &str, code, column| {
        let checked = check_one(table, text);
        expect(&checked.diagnostics, code, Some(2), Some(column))
            .expected
            .render(Lang::En, &model::Names::default())
    };
    let nodes = |row: &str| format!("id,name,stage,essential,source\n{row}\n");
    assert!(
        hint(
            "chain_nodes",
            &nodes("a,A,materials,true,usgs"),
            "value.not_accepted",
            "stage"
        )
        .ends_with("Did you mean: material?")
    );
    assert!(
        hint(
            "chain_nodes",
            &nodes("a,A,material,true,usgss"),
            "source.unknown",
            "source"
        )
        .ends_with("Did you mean: usgs?")
    );
    assert!(
        hint(
            "things",
            "id,countries\na,cn\n",
            "country.not_iso3",
            "countries"
        )
        .ends_with("Did you mean: CHN?")
    );
    assert!(
        hint(
            "chain_links",
            "from_node,to_node,source\nore,magnt,usgs\n",
            "reference.unknown",
            "to_node"
        )
        .ends_with("Did you mean: magnet?")
    );
}

#[test]
fn all_problems_are_reported_at_once() {
    let text = "id,number,year,flag\na,x,21,maybe\nb,1,2021,true\nb,2,2022,false\n,3,2021,true\n";
    let checked = check_one("things", text);
    expect(
        &checked.diagnostics,
        "number.not_a_number",
        Some(2),
        Some("number"),
    );
    expect(
        &checked.diagnostics,
        "year.not_a_year",
        Some(2),
        Some("year"),
    );
    expect(
        &checked.diagnostics,
        "boolean.not_a_boolean",
        Some(2),
        Some("flag"),
    );
    expect(&checked.diagnostics, "row.duplicate_key", Some(4), None);
    expect(&checked.diagnostics, "value.missing", Some(5), Some("id"));
    assert_eq!(errors(&checked).len(), 5);
    assert_eq!(
        checked.evidence.table("things").unwrap().rejected,
        [2, 3, 4, 5]
    );
    assert!(checked.has_errors());
}
