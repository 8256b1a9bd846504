//! The check: every problem of every table at once, each with its place and its remedy.
//!
//! Order: headings and cells of each table (`draft`, `cell`), then keys, then what holds between rows and tables
//! (`across`, one small function for each rule). A row with an error is left out of the evidence and listed; other rows and tables load.

mod across;
mod cell;
mod country;
mod draft;
mod findings;
mod header;
mod keys;
mod number;
mod references;
mod when;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use model::{Diagnostic, Severity};

use crate::finding::{Place, error, warning};
use crate::mapping::Mapping;
use crate::read::{RawTable, ReadOptions, read_raw};
use crate::schema::{ColumnSchema, Schema};
use crate::suggest::hint;
use crate::table::Evidence;
pub(crate) use country::is_country;
use draft::Draft;
pub(crate) use draft::key;
use findings::Findings;
pub(crate) use number::parse as parse_number;

/// Settings of the check.
#[derive(Debug, Clone)]
pub struct CheckParams {
    /// Findings shown for one code in one column of one file; the rest is counted in a note. Default 1000.
    pub most_per_code: usize,
}

impl Default for CheckParams {
    fn default() -> Self {
        Self {
            most_per_code: 1000,
        }
    }
}

/// What the check leaves: the good rows and all findings, sorted by file, row and column.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    pub evidence: Evidence,
    pub diagnostics: Vec<Diagnostic>,
    /// How each file was read, by table.
    pub formats: BTreeMap<String, crate::read::Format>,
    /// BLAKE3 of each file's bytes, by table.
    pub hashes: BTreeMap<String, String>,
}

impl Checked {
    pub fn has_errors(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|d| d.severity == Severity::Error)
    }
}

/// Checks `tables` (name of the table, its file as read) together. Tables that are not in the schema give a finding.
pub fn check(schema: &Schema, tables: &[(String, RawTable)], params: &CheckParams) -> Checked {
    check_with(schema, tables, &BTreeSet::new(), params, Vec::new())
}

/// Reads and checks the files of a folder: for each table of the schema the file of its name, in any format
/// (`sources.csv`, `sources.csv.gz`, `sources.xlsx`, …). `mappings` say which of them have foreign headings.
pub fn check_folder(
    schema: &Schema,
    folder: &Path,
    mappings: &[Mapping],
    options: &ReadOptions,
    params: &CheckParams,
) -> Checked {
    let mut diagnostics = Vec::new();
    let mut tables = Vec::new();
    let mut failed = BTreeSet::new();
    for (table, path) in files_of(schema, folder, mappings, &mut diagnostics) {
        let mapping = mappings.iter().find(|m| m.table == table);
        let options = mapping.map_or_else(|| options.clone(), |m| m.read_options(options));
        let read = read_raw(&path, &options).and_then(|(raw, found)| match mapping {
            None => Ok((raw, found)),
            Some(mapping) => mapping
                .apply(&raw)
                .map(|(raw, more)| (raw, [found, more].concat())),
        });
        match read {
            Ok((raw, found)) => {
                diagnostics.extend(found);
                tables.push((table, raw));
            }
            Err(found) => {
                diagnostics.extend(found);
                failed.insert(table);
            }
        }
    }
    check_with(schema, &tables, &failed, params, diagnostics)
}

fn check_with(
    schema: &Schema,
    tables: &[(String, RawTable)],
    failed: &BTreeSet<String>,
    params: &CheckParams,
    mut diagnostics: Vec<Diagnostic>,
) -> Checked {
    let mut findings = Findings::new(params.most_per_code);
    let mut drafts: BTreeMap<String, Draft> = BTreeMap::new();
    let mut formats = BTreeMap::new();
    let mut hashes = BTreeMap::new();
    for (name, raw) in tables {
        let place = Place::file(&raw.file);
        let Some(table) = schema.table(name) else {
            let near = hint(name, schema.tables().map(|t| t.name.as_str()));
            diagnostics.push(error("file.unknown_table", place, name, &[("hint", near)]));
            continue;
        };
        if drafts.contains_key(name) {
            diagnostics.push(error("file.twice", place, name, &[]));
            continue;
        }
        formats.insert(name.clone(), raw.format.clone());
        hashes.insert(name.clone(), raw.blake3.clone());
        drafts.insert(name.clone(), Draft::read(table, raw, &mut findings));
    }
    keys::unique(&mut drafts, &mut findings);
    references::check(&mut drafts, failed, &mut findings);
    across::check(&mut drafts, &mut findings);
    diagnostics.extend(findings.finish());
    diagnostics.sort_by(|a, b| {
        (&a.file, a.row, &a.column, &a.code, &a.found)
            .cmp(&(&b.file, b.row, &b.column, &b.code, &b.found))
    });
    let tables = drafts
        .into_iter()
        .map(|(name, draft)| (name, draft.into_table()))
        .collect();
    Checked {
        evidence: Evidence { tables },
        diagnostics,
        formats,
        hashes,
    }
}

/// Does `text` fit the column? The same rules as the check, without the findings.
pub(crate) fn fits(column: &ColumnSchema, text: &str) -> bool {
    let mut findings = Findings::new(1);
    cell::read(column, text, Place::file(""), &mut findings).is_ok()
}

/// The file of each table that the folder holds; a mapping's own file comes first. Other files get a warning.
fn files_of(
    schema: &Schema,
    folder: &Path,
    mappings: &[Mapping],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<(String, PathBuf)> {
    let shown = folder.display().to_string();
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) => {
            let code = if e.kind() == std::io::ErrorKind::NotFound {
                "file.missing"
            } else {
                "file.unreadable"
            };
            diagnostics.push(error(code, Place::file(&shown), &shown, &[]));
            return Vec::new();
        }
    };
    let mut names: Vec<String> = entries
        .flatten()
        .filter(|entry| entry.path().is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.') && !name.starts_with('~'))
        .collect();
    names.sort();
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for name in names {
        let mapped = mappings
            .iter()
            .find(|m| m.file == name)
            .map(|m| m.table.clone());
        let stem = stem(&name);
        let table = mapped.or_else(|| {
            // A copy that was set aside (`policies.csv.bak`) is no second table.
            let named = |t: &str| t == name || (self::stem(t) == stem && is_table_file(&name));
            schema
                .tables()
                .find(|t| named(&t.file))
                .map(|t| t.name.clone())
        });
        let place = Place::file(&name);
        match table {
            None if is_table_file(&name) => {
                let near = hint(stem, schema.tables().map(|t| t.name.as_str()));
                diagnostics.push(warning(
                    "file.unknown_table",
                    place,
                    &name,
                    &[("hint", near)],
                ));
            }
            None => {}
            Some(table) if found.contains_key(&table) => {
                diagnostics.push(error("file.twice", place, &table, &[]));
            }
            Some(table) => {
                found.insert(table, name);
            }
        }
    }
    found
        .into_iter()
        .map(|(table, name)| (table, folder.join(name)))
        .collect()
}

/// The name up to its first dot: `trade.csv.gz` and `trade.parquet` are both `trade`.
fn stem(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

fn is_table_file(name: &str) -> bool {
    let lower = name.to_lowercase();
    let bare = lower.trim_end_matches(".gz").trim_end_matches(".zst");
    ["csv", "tsv", "parquet", "xlsx", "xls", "ods"]
        .iter()
        .any(|e| bare.rsplit('.').next() == Some(e))
}
