//! Reading a file as the user sees it: text cells under headings, with row numbers.
//!
//! CSV, TSV and other separated text (plain, gzip or zstd; UTF-8, UTF-16, GB18030), Parquet, XLSX and ODS. What
//! the file is, its content decides, not its name. Broken input ends in findings, never in a hang or a full memory.

pub(crate) mod delimited;
pub(crate) mod encoding;
pub(crate) mod fault;
pub(crate) mod guard;
pub(crate) mod input;
mod parquet_file;
mod sheet;
pub(crate) mod sniff;

use std::collections::BTreeMap;
use std::path::Path;

use model::{Diagnostic, Severity};
use serde::{Deserialize, Serialize};

use crate::finding::{Place, error};
use fault::Fault;
use input::Input;
use sniff::Form;

/// How to read a file. What is `None` is found out.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// A WHATWG label such as `gb18030`.
    pub encoding: Option<String>,
    pub delimiter: Option<char>,
    /// The sheet of a workbook; else the first that has cells.
    pub sheet: Option<String>,
    /// Most bytes after decompression. Default 8 GiB.
    pub max_bytes: u64,
    /// Most bytes of one record, counted from its first byte. Default 16 MiB.
    pub max_record_bytes: usize,
    /// Most decompressed bytes for one compressed byte, once more than 64 MiB have come out. Default 200:
    /// tables of text seldom pass 30, bombs start at 1000.
    pub max_ratio: u64,
    /// Whether the first column must be named; a matrix with labels often leaves its corner empty.
    pub corner: Corner,
}

/// The heading of the first column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Corner {
    #[default]
    Named,
    /// May be empty; the column is then called `label`.
    MayBeEmpty,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            encoding: None,
            delimiter: None,
            sheet: None,
            max_bytes: 8 << 30,
            max_record_bytes: 16 << 20,
            max_ratio: 200,
            corner: Corner::default(),
        }
    }
}

/// A row as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRow {
    /// Line of the text file (of the row's first line) or row of the sheet; the header is row 1.
    pub number: u64,
    cells: csv::StringRecord,
}

impl RawRow {
    pub fn new<'a>(number: u64, cells: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            number,
            cells: cells.into_iter().collect(),
        }
    }

    /// The cell at `position`, without surrounding white space. Empty where there is none.
    pub fn cell(&self, position: usize) -> &str {
        self.raw(position).trim_matches(is_space)
    }

    /// The cell at `position` as it stands.
    pub fn raw(&self, position: usize) -> &str {
        self.cells.get(position).unwrap_or_default()
    }
}

/// White space, including the byte order mark and the zero-width space that spreadsheets leave behind.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}')
}

/// A file read as text cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawTable {
    /// File name as the user knows it.
    pub file: String,
    pub columns: Vec<String>,
    pub rows: Vec<RawRow>,
    /// Rows that could not be read as rows (too few or too many cells); each has a finding.
    pub unreadable: Vec<u64>,
    pub format: Format,
    /// BLAKE3 of the file's bytes, in hex.
    pub blake3: String,
}

/// How the file was read; a [`crate::Mapping`] keeps it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Format {
    /// `UTF-8`, `GB18030`, …; empty for Parquet and workbooks.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub encoding: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
}

impl RawTable {
    /// Everything but columns and rows.
    pub(crate) fn clone_without_rows(&self) -> Self {
        Self {
            file: self.file.clone(),
            columns: Vec::new(),
            rows: Vec::new(),
            unreadable: self.unreadable.clone(),
            format: self.format.clone(),
            blake3: self.blake3.clone(),
        }
    }

    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|name| name == column)
    }
}

/// Reads the file at `path`. The findings of a good read are notes, warnings, and errors of single rows.
///
/// # Errors
/// The findings that made the file unreadable; at least one is an error.
pub fn read_raw(
    path: &Path,
    options: &ReadOptions,
) -> Result<(RawTable, Vec<Diagnostic>), Vec<Diagnostic>> {
    let name = file_to_read(path)?;
    read(&Input::File(path), &name, options)
}

/// Reads the file at `path` without judging its first row: for tables with headings in several rows.
pub(crate) fn read_grid(
    path: &Path,
    options: &ReadOptions,
) -> Result<(RawTable, Vec<Diagnostic>), Vec<Diagnostic>> {
    let name = file_to_read(path)?;
    let mut findings = Vec::new();
    match read_form(&Input::File(path), &name, options, &mut findings) {
        Ok(table) => Ok((table, findings)),
        Err(fault) => {
            findings.push(fault.finding(&name));
            Err(findings)
        }
    }
}

/// The name of a file that is there.
fn file_to_read(path: &Path) -> Result<String, Vec<Diagnostic>> {
    let name = path.file_name().map_or_else(
        || path.display().to_string(),
        |n| n.to_string_lossy().into_owned(),
    );
    match std::fs::metadata(path) {
        Ok(meta) if meta.is_dir() => {
            Err(vec![error("file.folder", Place::file(&name), &name, &[])])
        }
        Ok(meta) if !meta.is_file() => Err(vec![Fault::Unreadable(String::new()).finding(&name)]),
        Ok(_) => Ok(name),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Err(vec![error(
            "file.missing",
            Place::file(&name),
            &path.display().to_string(),
            &[],
        )]),
        Err(e) => Err(vec![Fault::Unreadable(e.to_string()).finding(&name)]),
    }
}

/// Reads the content of a file that is already in memory.
///
/// # Errors
/// As [`read_raw`].
pub fn read_bytes(
    name: &str,
    bytes: &[u8],
    options: &ReadOptions,
) -> Result<(RawTable, Vec<Diagnostic>), Vec<Diagnostic>> {
    read(&Input::Bytes(bytes), name, options)
}

fn read(
    input: &Input,
    name: &str,
    options: &ReadOptions,
) -> Result<(RawTable, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut findings = Vec::new();
    match read_form(input, name, options, &mut findings) {
        Ok(mut table) => {
            if let (Corner::MayBeEmpty, Some(corner)) = (options.corner, table.columns.first_mut())
                && corner.is_empty()
            {
                "label".clone_into(corner);
            }
            check_header(&table, &mut findings);
            if findings
                .iter()
                .any(|f| f.severity == Severity::Error && f.code.starts_with("header."))
            {
                return Err(findings);
            }
            if table.rows.is_empty() && table.unreadable.is_empty() {
                findings.push(crate::finding::warning(
                    "file.header_only",
                    Place::row(name, 1),
                    name,
                    &[],
                ));
            }
            for (position, column) in table.columns.iter_mut().enumerate() {
                // A column without a name and without cells is an artefact of spreadsheets; it keeps a name
                // that no schema has.
                if column.is_empty() {
                    *column = format!("column {}", position + 1);
                }
            }
            Ok((table, findings))
        }
        Err(fault) => {
            findings.push(fault.finding(name));
            Err(findings)
        }
    }
}

fn read_form(
    input: &Input,
    name: &str,
    options: &ReadOptions,
    findings: &mut Vec<Diagnostic>,
) -> Result<RawTable, Fault> {
    let form = sniff::form(input, options)?;
    sniff::check_extension(name, form, findings);
    let mut table = match form {
        Form::Text(compression) => delimited::read(input, compression, name, options, findings)?,
        Form::Parquet => parquet_file::read(input, name, options)?,
        Form::Xlsx | Form::Ods => sheet::read(input, form, name, options, findings)?,
    };
    table.blake3 = input.blake3()?;
    Ok(table)
}

/// Headings name columns: none twice, none empty above cells.
fn check_header(table: &RawTable, findings: &mut Vec<Diagnostic>) {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for (position, column) in table.columns.iter().enumerate() {
        let place = Place {
            file: &table.file,
            row: Some(1),
            column: Some(column),
        };
        if column.is_empty() {
            if table.rows.iter().any(|row| !row.cell(position).is_empty()) {
                findings.push(error(
                    "header.empty_name",
                    place,
                    "",
                    &[("position", (position + 1).into())],
                ));
            }
        } else if let Some(earlier) = first.insert(column, position) {
            let args = [
                ("first", (earlier + 1).into()),
                ("second", (position + 1).into()),
            ];
            findings.push(error("header.duplicate", place, column, &args));
        }
    }
}
