//! A table between reading and acceptance: typed rows, good and bad.

use std::sync::Arc;

use super::cell;
use super::findings::Findings;
use super::header;
use crate::finding::Place;
use crate::read::RawTable;
use crate::schema::TableSchema;
use crate::table::{Record, Table, Value};

pub(super) struct Draft {
    pub schema: Arc<TableSchema>,
    pub file: String,
    pub rows: Vec<DraftRow>,
    /// Rows that could not be read as rows at all.
    unreadable: Vec<u64>,
}

pub(super) struct DraftRow {
    pub number: u64,
    pub key: String,
    pub values: Vec<Value>,
    /// Has an error; such a row still counts as present for references, so that one slip gives one finding.
    pub bad: bool,
}

impl Draft {
    pub fn read(schema: &Arc<TableSchema>, raw: &RawTable, findings: &mut Findings) -> Self {
        let header = header::check(schema, raw, findings);
        let mut rows = Vec::with_capacity(raw.rows.len());
        for raw_row in &raw.rows {
            let mut bad = !header.complete;
            let mut values = Vec::with_capacity(schema.columns.len());
            for (column, position) in schema.columns.iter().zip(&header.positions) {
                let value = match position {
                    Some(at) => {
                        let place = Place::cell(&raw.file, raw_row.number, &column.name);
                        cell::read(column, raw_row.raw(*at), place, findings)
                    }
                    None => Ok(cell::default(column)),
                };
                bad |= value.is_err();
                values.push(value.unwrap_or_default());
            }
            rows.push(DraftRow {
                number: raw_row.number,
                key: key(schema, &values),
                values,
                bad,
            });
        }
        Self {
            schema: Arc::clone(schema),
            file: raw.file.clone(),
            rows,
            unreadable: raw.unreadable.clone(),
        }
    }

    pub fn position(&self, column: &str) -> Option<usize> {
        self.schema.position(column)
    }

    pub fn place(&self, row: usize) -> Place<'_> {
        Place::row(&self.file, self.rows[row].number)
    }

    pub fn into_table(self) -> Table {
        let mut rejected = self.unreadable;
        let mut rows = Vec::with_capacity(self.rows.len());
        for row in self.rows {
            if row.bad {
                rejected.push(row.number);
            } else {
                rows.push(Record::new(
                    row.number,
                    row.key,
                    row.values,
                    Arc::clone(&self.schema),
                ));
            }
        }
        Table::new(self.schema, self.file, rows, rejected)
    }
}

/// The key columns joined by `/`; in a table without key columns a hash of the row, which does not depend on
/// where the row stands.
pub(crate) fn key(schema: &TableSchema, values: &[Value]) -> String {
    let text = |keys: bool| -> Vec<String> {
        let chosen = schema
            .columns
            .iter()
            .zip(values)
            .filter(|(column, _)| column.key || !keys);
        chosen.map(|(_, value)| value.to_text()).collect()
    };
    if schema.columns.iter().any(|column| column.key) {
        text(true).join("/")
    } else {
        blake3::hash(text(false).join("\u{1f}").as_bytes()).to_hex()[..12].to_owned()
    }
}
