//! What an import did: files with their hashes, rows used and not used, totals by year beside the publisher's.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use model::Diagnostic;
use serde::{Deserialize, Serialize};

use super::format::LicenceRecord;
use super::recognise::{ColumnMap, FileFacts};
use super::table::BulkTable;
use crate::exact_sum::Sum;
use crate::read::ReadOptions;
use crate::store::StoreError;

/// Which reports of trade are used where a file holds those of both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// What exporters report.
    Exports,
    /// What importers report.
    Imports,
}

/// What happens where several rows share a key (year and all codes).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicates {
    /// The import is refused.
    Refuse,
    /// Their values are added; a quantity that one of them lacks is not known. The sums stand behind all other rows.
    Sum,
}

/// A total that the publisher states.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PublishedTotal {
    pub year: i32,
    /// In the unit of the table.
    pub value: Option<f64>,
    pub quantity: Option<f64>,
    pub rows: Option<u64>,
}

/// Settings of an import.
#[derive(Debug, Clone)]
pub struct ImportParams {
    /// The format by its id; `None`: by the headings.
    pub format: Option<String>,
    /// Columns that the user names; they come before any format.
    pub columns: Option<ColumnMap>,
    /// Key of the row of `sources` that the table comes from.
    pub source: String,
    /// The layer of an activity table; `None`: that of the format.
    pub layer: Option<String>,
    /// Default: what exporters report.
    pub flow: Flow,
    /// Words by heading, instead of those that the format keeps.
    pub keep: BTreeMap<String, Vec<String>>,
    /// Rows that may be rejected; one more refuses the import. Default 0.
    pub most_rejected: u64,
    /// Default: refuse.
    pub duplicates: Duplicates,
    /// Years that are accepted, within 1000-5095. Default 1800-2100.
    pub years: RangeInclusive<i32>,
    pub totals: Vec<PublishedTotal>,
    /// Relative difference to a published total that is accepted. Default 1e-6.
    pub totals_tolerance: f64,
    /// Findings shown for one code in one column of one file; the others are counted. Default 100.
    pub most_findings: usize,
    /// Threads; `None`: those of the machine, 16 at most. The result does not depend on it.
    pub threads: Option<usize>,
    /// Bytes of text that one thread reads at a time. Default 4 MiB.
    pub chunk_bytes: usize,
    /// How files are opened. The default allows 1 TiB of text in one file, since it is never held.
    pub read: ReadOptions,
}

impl Default for ImportParams {
    fn default() -> Self {
        Self {
            format: None,
            columns: None,
            source: String::new(),
            layer: None,
            flow: Flow::Exports,
            keep: BTreeMap::new(),
            most_rejected: 0,
            duplicates: Duplicates::Refuse,
            years: 1800..=2100,
            totals: Vec::new(),
            totals_tolerance: 1e-6,
            most_findings: 100,
            threads: None,
            chunk_bytes: 4 << 20,
            read: ReadOptions {
                max_bytes: 1 << 40,
                ..ReadOptions::default()
            },
        }
    }
}

/// How far an import has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Files that are read, of all.
    pub file: usize,
    pub files: usize,
    /// Bytes of text read.
    pub bytes: u64,
    pub rows: u64,
}

/// Why there is no table.
#[derive(Debug, thiserror::Error)]
pub enum BulkError {
    /// The findings say why; at least one is an error.
    #[error("{} findings", .0.len())]
    Refused(Vec<Diagnostic>),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A file that went into the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    /// `archive.zip/member.csv` for a member of an archive.
    pub file: String,
    pub facts: FileFacts,
    /// Rows used.
    pub rows: u64,
}

/// A path that was given, and its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputHash {
    pub path: PathBuf,
    pub blake3: String,
}

/// Rows left out because a column does not hold a word that is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    pub column: String,
    pub rows: u64,
}

/// Totals of a year.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct YearTotal {
    pub year: i32,
    pub rows: u64,
    pub value: f64,
    /// Of the rows whose quantity is known.
    pub quantity: f64,
    pub missing_quantity: u64,
    /// The publisher may still revise the year.
    pub provisional: bool,
    pub published: Option<PublishedTotal>,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportReport {
    pub table: BulkTable,
    pub files: Vec<InputFile>,
    pub inputs: Vec<InputHash>,
    pub licence: LicenceRecord,
    pub revision: Option<String>,
    pub release: Option<String>,
    /// Rows of the table.
    pub rows: u64,
    pub rejected: u64,
    pub blank: u64,
    pub left_out: Vec<LeftOut>,
    /// Rows that were added to another row of the same key.
    pub duplicates: u64,
    pub years: Vec<YearTotal>,
    /// Different codes by column.
    pub distinct: Vec<(String, usize)>,
    /// Codes that are no ISO 3166 countries, sorted.
    pub unknown_countries: Vec<String>,
    /// Warnings, notes, and errors of rows that were allowed to be rejected.
    pub diagnostics: Vec<Diagnostic>,
}

/// Totals of one year while they grow.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Growing {
    pub rows: u64,
    pub value: Sum,
    pub quantity: Sum,
    pub missing_quantity: u64,
}

impl Growing {
    pub fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        self.value.merge(other.value);
        self.quantity.merge(other.quantity);
        self.missing_quantity += other.missing_quantity;
    }
}
