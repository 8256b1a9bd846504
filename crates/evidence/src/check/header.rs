//! The headings of a file against the columns of a table.

use super::findings::Findings;
use crate::finding::Place;
use crate::read::RawTable;
use crate::schema::TableSchema;
use crate::suggest::{hint, nearest};

pub(super) struct Header {
    /// For each column of the schema, where it stands in the file.
    pub positions: Vec<Option<usize>>,
    /// No required column is missing.
    pub complete: bool,
}

pub(super) fn check(schema: &TableSchema, raw: &RawTable, findings: &mut Findings) -> Header {
    let positions: Vec<Option<usize>> = schema
        .columns
        .iter()
        .map(|c| raw.position(&c.name))
        .collect();
    let unknown: Vec<&str> = raw
        .columns
        .iter()
        .enumerate()
        .filter(|(at, name)| schema.column(name).is_none() && has_cells(raw, *at))
        .map(|(_, name)| name.as_str())
        .collect();
    let mut complete = true;
    for (column, position) in schema.columns.iter().zip(&positions) {
        if column.required && position.is_none() {
            let place = Place {
                file: &raw.file,
                row: Some(1),
                column: Some(&column.name),
            };
            let found = raw.columns.join(", ");
            let near = hint(&column.name, unknown.iter().copied());
            findings.error(
                "column.missing",
                place,
                &found,
                &[("column", column.name.as_str().into()), ("hint", near)],
            );
            complete = false;
        }
    }
    let absent: Vec<&str> = schema
        .columns
        .iter()
        .zip(&positions)
        .filter(|(_, p)| p.is_none())
        .map(|(c, _)| c.name.as_str())
        .collect();
    for name in unknown {
        let place = Place {
            file: &raw.file,
            row: Some(1),
            column: Some(name),
        };
        let near = hint(name, absent.iter().copied());
        let args = [
            ("column", name.into()),
            ("table", schema.name.as_str().into()),
            ("hint", near),
        ];
        // A heading that is nearly a column of the table is a slip: leaving its cells out silently would turn
        // known values into missing ones.
        if nearest(name, absent.iter().copied()).is_empty() {
            findings.warning("column.unknown", place, name, &args);
        } else {
            findings.error("column.unknown", place, name, &args);
        }
    }
    Header {
        positions,
        complete,
    }
}

/// Spreadsheets leave columns without heading and cells; nobody needs to hear of them.
fn has_cells(raw: &RawTable, at: usize) -> bool {
    let named = raw.columns[at] != format!("column {}", at + 1);
    named || raw.rows.iter().any(|row| !row.cell(at).is_empty())
}
