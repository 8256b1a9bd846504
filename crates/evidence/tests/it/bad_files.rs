//! Broken files: each has its own finding, at its row and column, with a remedy in both languages, soon and in
//! little memory.

use std::time::{Duration, Instant};

use evidence::{ReadOptions, read_raw};
use model::Severity;

use crate::helpers::{archive, expect, gz, put};

struct Bad {
    name: &'static str,
    bytes: Vec<u8>,
    code: &'static str,
    row: Option<u64>,
    column: Option<&'static str>,
    severity: Severity,
}

fn bad(name: &'static str, bytes: impl Into<Vec<u8>>, code: &'static str, row: Option<u64>) -> Bad {
    Bad {
        name,
        bytes: bytes.into(),
        code,
        row,
        column: None,
        severity: Severity::Error,
    }
}

fn workbook() -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for row in 0..200 {
        sheet.write_string(row, 0, format!("id{row}")).unwrap();
        sheet.write_number(row, 1, f64::from(row)).unwrap();
    }
    book.save_to_buffer().unwrap()
}

fn parquet() -> Vec<u8> {
    use arrow::array::{Int64Array, RecordBatch};
    let batch =
        RecordBatch::try_from_iter([("a", std::sync::Arc::new(Int64Array::from(vec![1, 2])) as _)])
            .unwrap();
    let mut bytes = Vec::new();
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn cut(mut bytes: Vec<u8>, share: f64) -> Vec<u8> {
    bytes.truncate((bytes.len() as f64 * share) as usize);
    bytes
}

fn damaged_middle(mut bytes: Vec<u8>) -> Vec<u8> {
    let middle = bytes.len() / 2;
    for byte in &mut bytes[middle..middle + 20] {
        *byte ^= 0x5a;
    }
    bytes
}

/// Text that does not compress to nothing.
fn long_text() -> Vec<u8> {
    let mut text = b"id,value\n".to_vec();
    let mut x = 1_u64;
    for row in 0..5000 {
        x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        text.extend_from_slice(format!("r{row},{x}\n").as_bytes());
    }
    text
}

fn files() -> Vec<Bad> {
    let zst = |bytes: &[u8]| zstd::encode_all(bytes, 3).unwrap();
    let utf16 = |text: &str| -> Vec<u8> {
        [0xff, 0xfe]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect()
    };
    let big_line = || "x".repeat(17 << 20);
    let corner_sheet = {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write_string(0, 0, "id").unwrap();
        sheet.write_string(1_048_575, 16_383, "far").unwrap();
        book.save_to_buffer().unwrap()
    };
    let empty_book = {
        let mut book = rust_xlsxwriter::Workbook::new();
        book.add_worksheet();
        book.save_to_buffer().unwrap()
    };
    vec![
        bad("empty.csv", "", "file.empty", None),
        bad("blank.csv", "\n\n\n", "file.empty", None),
        bad("mark.csv", b"\xef\xbb\xbf", "file.empty", None),
        bad("commas.csv", ",,,\n", "file.empty", None),
        Bad {
            severity: Severity::Warning,
            ..bad("header.csv", "id,name\n", "file.header_only", Some(1))
        },
        bad(
            "twice.csv",
            "id,name,id\n1,2,3\n",
            "header.duplicate",
            Some(1),
        ),
        bad(
            "unnamed.csv",
            "id,,name\n1,2,3\n",
            "header.empty_name",
            Some(1),
        ),
        bad("short.csv", "a,b,c\n1,2,3\n1,2\n", "row.ragged", Some(3)),
        bad("long.csv", "a,b\n1,2\n\n1,2,3\n", "row.ragged", Some(4)),
        bad("crlf.csv", "a,b\r\n1,2\r\n1\r\n", "row.ragged", Some(3)),
        bad(
            "multiline.csv",
            "a,b\n\"x\ny\",2\n1\n",
            "row.ragged",
            Some(4),
        ),
        bad("old_mac.csv", "a,b\r1,2\r1\r", "row.ragged", Some(3)),
        Bad {
            severity: Severity::Warning,
            ..bad("gap.csv", "a,b\n,\n1,2\n", "row.blank", Some(2))
        },
        bad(
            "quote.csv",
            "a,b\n1,2\n\"x,2\n3,4\n",
            "row.unclosed_quote",
            Some(3),
        ),
        bad(
            "quote_long.csv",
            format!("a,b\n1,2\n\"x,2\n{}", "3,4\n".repeat(5 << 20)),
            "row.unclosed_quote",
            Some(3),
        ),
        bad(
            "quote16.csv",
            utf16("a,b\n\"x,2\n"),
            "row.unclosed_quote",
            Some(2),
        ),
        bad("nul.csv", "a,b\n1,2\n1,\0\n", "file.nul", Some(3)),
        bad("zeros.csv", vec![0; 4096], "file.nul", Some(1)),
        bad(
            "line.csv",
            format!("a,b\n{}", big_line()),
            "file.line_too_long",
            Some(2),
        ),
        bad("header_line.csv", big_line(), "file.line_too_long", Some(1)),
        bad(
            "line.csv.gz",
            gz(format!("a,b\n{}", big_line()).as_bytes()),
            "file.line_too_long",
            Some(2),
        ),
        bad(
            "bomb.csv.gz",
            gz(&b"a,b\n".repeat(20 << 20)),
            "file.bomb",
            None,
        ),
        bad(
            "bomb.csv.zst",
            zst(&b"a,b\n".repeat(20 << 20)),
            "file.bomb",
            None,
        ),
        bad(
            "bomb.xlsx",
            archive(&[("xl/workbook.xml", &vec![b' '; 80 << 20])]),
            "file.bomb",
            None,
        ),
        bad(
            "cut.csv.gz",
            cut(gz(&long_text()), 0.5),
            "file.truncated",
            None,
        ),
        bad(
            "cut.csv.zst",
            cut(zst(&long_text()), 0.5),
            "file.truncated",
            None,
        ),
        bad("cut.xlsx", cut(workbook(), 0.6), "file.truncated", None),
        bad("cut.parquet", cut(parquet(), 0.7), "file.truncated", None),
        bad("tiny.parquet", "PAR1", "file.truncated", None),
        bad(
            "damaged.csv.gz",
            damaged_middle(gz(&long_text())),
            "file.damaged",
            None,
        ),
        bad(
            "damaged.xlsx",
            damaged_middle(workbook()),
            "file.damaged",
            None,
        ),
        bad(
            "damaged.parquet",
            damaged_middle(parquet()),
            "file.damaged",
            None,
        ),
        bad(
            "picture.csv",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(),
            "file.binary",
            None,
        ),
        bad("paper.csv", "%PDF-1.7\n%abc\n", "file.binary", None),
        bad(
            "program.csv",
            b"\x7fELF\x02\x01\x01\0\0\0".as_slice(),
            "file.binary",
            None,
        ),
        bad(
            "noise.csv",
            (1..200_u8)
                .cycle()
                .filter(|b| b % 7 < 3)
                .take(600)
                .collect::<Vec<_>>(),
            "file.binary",
            None,
        ),
        bad(
            "page.csv",
            "<!DOCTYPE html>\n<html><body>login</body></html>\n",
            "file.html",
            None,
        ),
        bad(
            "page.xls",
            "\n <html><table></table></html>",
            "file.html",
            None,
        ),
        bad("data.csv", "[{\"id\": 1}]", "file.json", None),
        bad(
            "old.xls",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0".as_slice(),
            "file.old_spreadsheet",
            None,
        ),
        bad(
            "text.xlsx.zip",
            archive(&[("readme.txt", b"hello")]),
            "file.archive",
            None,
        ),
        bad("empty.xlsx", empty_book, "sheet.empty", None),
        bad("corner.xlsx", corner_sheet, "row.ragged", Some(1_048_576)),
        Bad {
            severity: Severity::Warning,
            ..bad("csv.xlsx", "a,b\n1,2\n", "file.extension", None)
        },
        Bad {
            severity: Severity::Warning,
            ..bad("plain.csv.gz", "a,b\n1,2\n", "file.extension", None)
        },
        Bad {
            severity: Severity::Warning,
            ..bad("book.csv", workbook(), "file.extension", None)
        },
        // 0xFF is no byte of UTF-8 nor of GB18030.
        bad(
            "bytes.csv",
            b"a,b\n1,2\n\xff\xff\xff\x80,3\n".as_slice(),
            "encoding.undecodable",
            Some(3),
        ),
        bad(
            "odd16.csv",
            b"\xff\xfea\0,\0b\0\n\0\x00\xd8x\0".as_slice(),
            "encoding.undecodable",
            Some(2),
        ),
    ]
}

#[test]
fn each_broken_file_has_its_own_finding() {
    let dir = tempfile::tempdir().unwrap();
    let files = files();
    assert!(files.len() >= 40, "{}", files.len());
    for file in files {
        let path = put(dir.path(), file.name, &file.bytes);
        let begun = Instant::now();
        let outcome = read_raw(&path, &ReadOptions::default());
        let time = begun.elapsed();
        let findings = match outcome {
            Ok((_, findings)) | Err(findings) => findings,
        };
        let column = match file.code {
            "header.duplicate" => Some("id"),
            "header.empty_name" => Some(""),
            _ => file.column,
        };
        let finding = expect(&findings, file.code, file.row, column);
        assert_eq!(finding.severity, file.severity, "{}", file.name);
        assert_eq!(finding.file, file.name);
        // Two seconds is the promise; unoptimised test builds on a busy machine get five times that.
        assert!(
            time < Duration::from_secs(10),
            "{} took {time:?}",
            file.name
        );
    }
}

#[test]
fn what_is_no_file_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let read = |path| read_raw(path, &ReadOptions::default()).unwrap_err();
    expect(&read(dir.path()), "file.folder", None, None);
    expect(
        &read(&dir.path().join("nothing.csv")),
        "file.missing",
        None,
        None,
    );
}

#[test]
fn options_that_do_not_fit_are_said() {
    let dir = tempfile::tempdir().unwrap();
    let path = put(dir.path(), "a.csv", b"a,b\n1,2\n");
    let options = ReadOptions {
        encoding: Some("klingon".into()),
        ..ReadOptions::default()
    };
    expect(
        &read_raw(&path, &options).unwrap_err(),
        "encoding.unknown",
        None,
        None,
    );
    let options = ReadOptions {
        encoding: Some("utf-16le".into()),
        ..ReadOptions::default()
    };
    let odd = put(dir.path(), "b.csv", b"a,b\n1,2");
    expect(
        &read_raw(&odd, &options).unwrap_err(),
        "encoding.undecodable",
        Some(1),
        None,
    );
    let path = put(dir.path(), "a.xlsx", &workbook());
    let options = ReadOptions {
        sheet: Some("Data".into()),
        ..ReadOptions::default()
    };
    let found = expect(
        &read_raw(&path, &options).unwrap_err(),
        "sheet.unknown",
        None,
        None,
    );
    assert_eq!(found.found, "Data");
    let options = ReadOptions {
        max_bytes: 100,
        ..ReadOptions::default()
    };
    let path = put(dir.path(), "long.csv", &long_text());
    expect(
        &read_raw(&path, &options).unwrap_err(),
        "file.too_large",
        None,
        None,
    );
}

#[test]
fn a_sparse_file_of_ten_gigabytes_stops_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = put(dir.path(), "huge.csv", b"a,b\n");
    let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(10 << 30).unwrap();
    let begun = Instant::now();
    let findings = read_raw(&path, &ReadOptions::default()).unwrap_err();
    expect(&findings, "file.nul", Some(2), None);
    assert!(begun.elapsed() < Duration::from_secs(10));
}
