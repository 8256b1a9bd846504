//! A table as CSV that a spreadsheet may open without running what stands in it.

use std::io::Write;
use std::path::Path;

use super::{StoreError, at, keep};
use crate::table::{Table, Value};

/// Writes a table as CSV: UTF-8, RFC 4180, rows in order of their keys, under a temporary name until it is whole.
///
/// A text that a spreadsheet would take for a formula gets an apostrophe before it; numbers are written as they are.
pub fn write_csv(table: &Table, path: &Path) -> Result<(), StoreError> {
    let dir = path
        .parent()
        .filter(|dir| !dir.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut temporary = tempfile::NamedTempFile::new_in(dir).map_err(|source| at(path, source))?;
    to_csv(table, &mut temporary).map_err(|source| at(path, source))?;
    keep(temporary, path)
}

fn to_csv(table: &Table, out: impl Write) -> std::io::Result<()> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(out);
    writer.write_record(
        table
            .schema
            .columns
            .iter()
            .map(|column| column.name.as_str()),
    )?;
    for record in &table.rows {
        writer.write_record(record.values.iter().map(cell))?;
    }
    writer.flush()
}

fn cell(value: &Value) -> String {
    match value {
        Value::Text(_) | Value::List(_) => without_formula(value.to_text()),
        _ => value.to_text(),
    }
}

/// Protection against formula injection (OWASP, "CSV Injection"): the first character decides. Text that is a number
/// (a code such as `-5`) cannot be a formula.
pub fn without_formula(text: String) -> String {
    let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if risky && crate::check::parse_number(&text).is_err() {
        format!("'{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::without_formula;

    #[test]
    fn formulas_are_disarmed_and_numbers_are_not() {
        for (text, written) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
            ("+1", "+1"),
            ("-5.5e3", "-5.5e3"),
            ("\t=1", "'\t=1"),
            ("plain", "plain"),
            ("", ""),
        ] {
            assert_eq!(without_formula(text.to_owned()), written);
        }
    }
}
