//! Totals that a publisher states, as a small table: year, value, quantity, rows.

use std::path::Path;

use model::{Diagnostic, Severity};

use super::report::PublishedTotal;
use crate::check::parse_number;
use crate::finding::{Place, error};
use crate::read::{ReadOptions, read_raw};

/// Reads `year` and any of `value`, `quantity`, `rows`, in the units of the imported table.
///
/// # Errors
/// All findings, at least one of them an error.
pub fn read_totals(
    path: &Path,
    options: &ReadOptions,
) -> Result<Vec<PublishedTotal>, Vec<Diagnostic>> {
    let (table, mut findings) = read_raw(path, options)?;
    let mut totals = Vec::new();
    let place = |row: Option<u64>, column: &'static str| Place {
        file: &table.file,
        row,
        column: Some(column),
    };
    let Some(year) = table.position("year") else {
        let args = [("column", "year".into()), ("hint", "".into())];
        return Err(vec![error(
            "column.missing",
            place(Some(1), "year"),
            &table.columns.join(", "),
            &args,
        )]);
    };
    for row in &table.rows {
        let mut number = |column: &'static str| {
            let at = table.position(column)?;
            let text = row.cell(at);
            if text.is_empty() {
                return None;
            }
            match parse_number(text) {
                Ok(x) => Some(x),
                Err(code) => {
                    findings.push(error(code, place(Some(row.number), column), text, &[]));
                    None
                }
            }
        };
        let (value, quantity, rows) = (number("value"), number("quantity"), number("rows"));
        if let Ok(year) = row.cell(year).parse() {
            totals.push(PublishedTotal {
                year,
                value,
                quantity,
                rows: rows.map(|n| n as u64),
            });
        } else {
            let place = place(Some(row.number), "year");
            findings.push(error("year.not_a_year", place, row.cell(year), &[]));
        }
    }
    if findings.iter().any(|f| f.severity == Severity::Error) {
        Err(findings)
    } else {
        Ok(totals)
    }
}
