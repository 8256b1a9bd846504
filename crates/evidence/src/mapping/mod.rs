//! Foreign headings: which column of a user's file means which column of a table.
//!
//! [`propose`] guesses and says how sure it is; nothing is applied until a study writes the [`Mapping`] down.

mod propose;

use std::collections::{BTreeMap, BTreeSet};

use model::Diagnostic;
use serde::{Deserialize, Serialize};

use crate::finding::{Place, error, note};
use crate::read::{RawRow, RawTable, ReadOptions};
use crate::schema::TableSchema;
use crate::suggest::hint;

pub use propose::{Match, Proposal, Reason, propose};

/// How a file becomes a table; a study keeps it in its configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    pub table: String,
    pub file: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Column of the table = heading in the file.
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
}

impl Mapping {
    /// `options` with what the mapping says about the file.
    pub fn read_options(&self, options: &ReadOptions) -> ReadOptions {
        let mut options = options.clone();
        options.encoding = self.encoding.clone().or(options.encoding);
        options.delimiter = self.delimiter.or(options.delimiter);
        options.sheet = self.sheet.clone().or(options.sheet);
        options
    }

    /// The file with the table's own headings; columns that the mapping does not name are left out, with a note.
    ///
    /// # Errors
    /// A finding for every heading that the file does not have.
    pub fn apply(&self, raw: &RawTable) -> Result<(RawTable, Vec<Diagnostic>), Vec<Diagnostic>> {
        let mut positions = Vec::new();
        let mut errors = Vec::new();
        for (target, source) in &self.columns {
            if let Some(position) = raw.position(source) {
                positions.push((target.clone(), position));
            } else {
                let place = Place {
                    file: &raw.file,
                    row: Some(1),
                    column: Some(source),
                };
                let near = hint(source, raw.columns.iter().map(String::as_str));
                let args = [
                    ("source", source.as_str().into()),
                    ("target", target.as_str().into()),
                    ("hint", near),
                ];
                errors.push(error(
                    "mapping.column_missing",
                    place,
                    &raw.columns.join(", "),
                    &args,
                ));
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let used: BTreeSet<usize> = positions.iter().map(|(_, position)| *position).collect();
        let ignored: Vec<&str> = raw
            .columns
            .iter()
            .enumerate()
            .filter(|(at, _)| !used.contains(at))
            .map(|(_, c)| c.as_str())
            .collect();
        let mut notes = Vec::new();
        if !ignored.is_empty() {
            notes.push(note(
                "mapping.ignored",
                Place::row(&raw.file, 1),
                &ignored.join(", "),
                &[],
            ));
        }
        let rows = raw
            .rows
            .iter()
            .map(|row| {
                RawRow::new(
                    row.number,
                    positions.iter().map(|(_, position)| row.raw(*position)),
                )
            })
            .collect();
        let columns = positions.into_iter().map(|(target, _)| target).collect();
        Ok((
            RawTable {
                columns,
                rows,
                ..raw.clone_without_rows()
            },
            notes,
        ))
    }

    /// Findings for targets that the table does not have (a slip in the study's configuration).
    pub fn check(&self, schema: &TableSchema) -> Vec<Diagnostic> {
        let unknown = self
            .columns
            .keys()
            .filter(|target| schema.column(target).is_none());
        unknown
            .map(|target| {
                let place = Place {
                    file: &self.file,
                    row: None,
                    column: Some(target),
                };
                let near = hint(target, schema.columns.iter().map(|c| c.name.as_str()));
                let args = [("table", schema.name.as_str().into()), ("hint", near)];
                error("mapping.unknown_target", place, target, &args)
            })
            .collect()
    }
}
