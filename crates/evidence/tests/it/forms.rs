//! The same table in every form gives the same cells.

use arrow::array::{ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};
use evidence::{RawTable, ReadOptions, read_bytes};
use model::Diagnostic;
use std::sync::Arc;

use crate::helpers::{expect, gz, ods};

const TEXT: &str = "编号,名称,数值\nn1,\"稀土永磁, 钕铁硼\",1.5\nn2,光刻机,20\n";

fn cells(raw: &RawTable) -> Vec<Vec<String>> {
    let row = |r: &evidence::RawRow| {
        (0..raw.columns.len())
            .map(|at| r.cell(at).to_owned())
            .collect()
    };
    std::iter::once(raw.columns.clone())
        .chain(raw.rows.iter().map(row))
        .collect()
}

fn read(name: &str, bytes: &[u8]) -> (RawTable, Vec<Diagnostic>) {
    read_bytes(name, bytes, &ReadOptions::default())
        .unwrap_or_else(|findings| panic!("{name}: {findings:?}"))
}

fn expected() -> Vec<Vec<String>> {
    [
        ["编号", "名称", "数值"],
        ["n1", "稀土永磁, 钕铁硼", "1.5"],
        ["n2", "光刻机", "20"],
    ]
    .map(|row| row.map(str::to_owned).to_vec())
    .to_vec()
}

#[test]
fn encodings_round_trip() {
    let (gb, _, _) = encoding_rs::GB18030.encode(TEXT);
    let units: Vec<u16> = TEXT.encode_utf16().collect();
    let le: Vec<u8> = units.iter().flat_map(|u| u.to_le_bytes()).collect();
    let be: Vec<u8> = units.iter().flat_map(|u| u.to_be_bytes()).collect();
    let marked = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
    for (name, bytes, encoding, code) in [
        ("plain.csv", TEXT.as_bytes().to_vec(), "UTF-8", None),
        (
            "mark.csv",
            marked(b"\xef\xbb\xbf", TEXT.as_bytes()),
            "UTF-8",
            Some("encoding.detected"),
        ),
        (
            "le.csv",
            marked(b"\xff\xfe", &le),
            "UTF-16LE",
            Some("encoding.detected"),
        ),
        (
            "be.csv",
            marked(b"\xfe\xff", &be),
            "UTF-16BE",
            Some("encoding.detected"),
        ),
        ("gb.csv", gb.to_vec(), "gb18030", Some("encoding.guessed")),
    ] {
        let (raw, findings) = read(name, &bytes);
        assert_eq!(cells(&raw), expected(), "{name}");
        assert_eq!(raw.format.encoding, encoding, "{name}");
        match code {
            Some(code) => assert_eq!(expect(&findings, code, None, None).found, encoding),
            None => assert!(findings.is_empty(), "{findings:?}"),
        }
    }
}

/// The first letter that is not ASCII stands far behind any sample.
#[test]
fn a_late_chinese_letter_decides_the_encoding() {
    let mut bytes = b"id,name\n".to_vec();
    bytes.extend(b"a,plain\n".repeat(50_000));
    bytes.extend_from_slice(
        &encoding_rs::GB18030
            .encode("b,可控核聚变与未来能源\nc,稀土功能材料\n")
            .0,
    );
    let (raw, findings) = read("late.csv", &bytes);
    assert_eq!(raw.rows[50_000].cell(1), "可控核聚变与未来能源");
    expect(&findings, "encoding.guessed", None, None);
}

#[test]
fn a_named_encoding_is_taken() {
    let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode("id,name\n1,Società\n");
    let options = ReadOptions {
        encoding: Some("windows-1252".into()),
        ..ReadOptions::default()
    };
    let (raw, _) = read_bytes("x.csv", &bytes, &options).unwrap();
    assert_eq!(raw.rows[0].cell(1), "Società");
}

#[test]
fn delimiters_and_compression() {
    let semicolons = TEXT.replace(',', ";").replace("稀土永磁;", "稀土永磁,");
    let tabs = TEXT.replace(',', "\t").replace("稀土永磁\t", "稀土永磁,");
    for (name, bytes, delimiter) in [
        ("a.csv", semicolons.into_bytes(), ';'),
        ("a.tsv", tabs.into_bytes(), '\t'),
        ("a.csv.gz", gz(TEXT.as_bytes()), ','),
        (
            "a.csv.zst",
            zstd::encode_all(TEXT.as_bytes(), 3).unwrap(),
            ',',
        ),
        (
            "members.csv.gz",
            [gz(&TEXT.as_bytes()[..20]), gz(&TEXT.as_bytes()[20..])].concat(),
            ',',
        ),
    ] {
        let (raw, findings) = read(name, &bytes);
        assert_eq!(cells(&raw), expected(), "{name}");
        assert_eq!(raw.format.delimiter, Some(delimiter), "{name}");
        assert!(findings.is_empty(), "{name}: {findings:?}");
        assert_eq!(raw.blake3, blake3::hash(&bytes).to_hex().to_string());
    }
}

#[test]
fn rows_carry_the_numbers_that_an_editor_shows() {
    let numbers = |text: &str| -> Vec<u64> {
        read("a.csv", text.as_bytes())
            .0
            .rows
            .iter()
            .map(|r| r.number)
            .collect()
    };
    assert_eq!(numbers("a,b\n1,2\n3,4\n"), [2, 3]);
    assert_eq!(numbers("a,b\r\n1,2\r\n\r\n3,4"), [2, 4]);
    assert_eq!(numbers("a,b\n\"x\ny\nz\",2\n3,4\n"), [2, 5]);
    assert_eq!(numbers("\n\na,b\n1,2\n"), [4]);
    assert_eq!(numbers("a,b\r\n\"x\r\ny\",2\r\n\r\n\r\n3,4\r\n"), [2, 6]);
}

#[test]
fn workbooks_keep_what_was_typed() {
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet().set_name("cover").unwrap();
    let sheet = book.add_worksheet().set_name("data").unwrap();
    for (at, heading) in ["id", "year", "share", "day", "flag", "code"]
        .iter()
        .enumerate()
    {
        sheet.write_string(0, at as u16, *heading).unwrap();
    }
    sheet.write_string(2, 0, "x").unwrap();
    sheet.write_number(2, 1, 2021.0).unwrap();
    sheet.write_number(2, 2, 0.125).unwrap();
    let day = rust_xlsxwriter::ExcelDateTime::from_ymd(2021, 3, 1).unwrap();
    let format = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
    sheet
        .write_datetime_with_format(2, 3, &day, &format)
        .unwrap();
    sheet.write_boolean(2, 4, true).unwrap();
    sheet.write_string(2, 5, "010121").unwrap();
    let bytes = book.save_to_buffer().unwrap();
    let (raw, findings) = read("a.xlsx", &bytes);
    assert_eq!(
        cells(&raw)[1],
        ["x", "2021", "0.125", "2021-03-01", "true", "010121"]
    );
    assert_eq!(raw.rows[0].number, 3, "row 2 of the sheet is empty");
    assert_eq!(
        raw.format.sheet.as_deref(),
        Some("data"),
        "the first sheet with cells"
    );
    expect(&findings, "sheet.several", None, None);
}

#[test]
fn open_document_workbooks() {
    let bytes = ods(&[
        vec![("string", "id"), ("string", "year"), ("string", "day")],
        vec![
            ("string", "光刻机"),
            ("float", "2021"),
            ("date", "2021-03-01"),
        ],
    ]);
    let (raw, findings) = read("a.ods", &bytes);
    assert_eq!(cells(&raw)[1], ["光刻机", "2021", "2021-03-01"]);
    assert_eq!(raw.rows[0].number, 2);
    assert!(findings.is_empty(), "{findings:?}");
}

#[test]
fn parquet_files() {
    let columns: [(&str, ArrayRef); 4] = [
        ("id", Arc::new(StringArray::from(vec![Some("a"), None]))),
        ("year", Arc::new(Int64Array::from(vec![2021, 2022]))),
        (
            "share",
            Arc::new(Float64Array::from(vec![Some(12.0), Some(0.1)])),
        ),
        ("day", Arc::new(Date32Array::from(vec![Some(0), None]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let (raw, findings) = read("a.parquet", &bytes);
    assert_eq!(cells(&raw)[1], ["a", "2021", "12", "1970-01-01"]);
    assert_eq!(cells(&raw)[2], ["", "2022", "0.1", ""]);
    assert!(findings.is_empty(), "{findings:?}");
}
