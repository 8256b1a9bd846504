//! Any bytes, any text, any query: an answer or a finding, never a panic.

use evidence::{CheckParams, ReadOptions, check, propose, read_bytes};
use proptest::prelude::*;

use crate::helpers::{gz, schema};

fn survives(name: &str, bytes: &[u8]) {
    let options = ReadOptions {
        max_bytes: 1 << 20,
        ..ReadOptions::default()
    };
    match read_bytes(name, bytes, &options) {
        Ok((raw, _)) => {
            let width = raw.columns.len();
            assert!(
                raw.rows.iter().all(|row| row.raw(width).is_empty()),
                "no row is wider than the header"
            );
            let schema = schema();
            for table in ["things", "chain_nodes"] {
                let _ = propose(&raw, schema.table(table).unwrap());
                let _ = check(
                    &schema,
                    &[(table.to_owned(), raw.clone())],
                    &CheckParams::default(),
                );
            }
        }
        Err(findings) => assert!(
            findings
                .iter()
                .any(|f| f.severity == model::Severity::Error)
        ),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400), start in 0..8_usize) {
        let magic: [&[u8]; 8] = [b"", b"PAR1", b"PK\x03\x04", b"\x1f\x8b\x08\0", b"\x28\xb5\x2f\xfd", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf"];
        survives("x.csv", &[magic[start], &bytes].concat());
    }

    #[test]
    fn arbitrary_tables(text in "(id|number|year|flag|countries|,|;|\"|\n|\r\n|[a-z0-9.%#-]|[年份，；　])*") {
        survives("x.csv", text.as_bytes());
        survives("x.csv.gz", &gz(text.as_bytes()));
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        survives("x.csv", &wide);
        survives("x.csv", &encoding_rs::GB18030.encode(&text).0);
    }

    #[test]
    fn what_is_written_is_read(cells in proptest::collection::vec(proptest::collection::vec("[a-z,;\"\n\t 年份'=+-]{0,12}", 3), 1..12)) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["a", "b", "c"]).unwrap();
        for row in &cells {
            writer.write_record(row).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        let options = ReadOptions { delimiter: Some(','), ..ReadOptions::default() };
        let (raw, _) = read_bytes("x.csv", &bytes, &options).unwrap();
        let blank = |row: &&Vec<String>| !row.iter().all(|cell| cell.trim().is_empty());
        let expected: Vec<&Vec<String>> = cells.iter().filter(blank).collect();
        prop_assert_eq!(raw.rows.len(), expected.len());
        for (row, cells) in raw.rows.iter().zip(expected) {
            for (at, cell) in cells.iter().enumerate() {
                prop_assert_eq!(row.raw(at), cell);
            }
        }
        // The line of each row is where its text begins.
        let text = String::from_utf8(bytes).unwrap();
        let lines: Vec<&str> = text.split('\n').collect();
        for row in &raw.rows {
            let first = row.raw(0).split('\n').next().unwrap().replace('"', "\"\"");
            let line = lines[row.number as usize - 1];
            let begins = line.starts_with(first.as_str()) || line.starts_with(&format!("\"{first}"));
            prop_assert!(begins, "{:?} {:?}", line, first);
        }
    }
}
