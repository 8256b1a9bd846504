//! Large tables come in: `forelay add FILE --as trade`, `--as activity` or `--as io`.

use std::fs;
use std::path::{Path, PathBuf};

use evidence::bulk::{
    BulkError, BulkKind, BulkTable, ColumnMap, Duplicates, ImportParams, ImportReport, import,
    write_io_table,
};
use evidence::io::{IoFiles, IoOptions, read_io};
use model::{Lang, Names};

use crate::error::StudyError;
use crate::exchange::Given;
use crate::folder::{BULK, Study};

/// A large table to be imported.
#[derive(Debug, Clone, Default)]
pub struct AddLarge {
    /// Files, compressed files and archives of one release.
    pub files: Vec<PathBuf>,
    /// Key of the row of `sources` that they come from.
    pub source: String,
    /// A known format by its id; found by its headings where `None`.
    pub format: Option<String>,
    /// `exporter=…,importer=…` or `location=…,activity=…`, for a format of the user's own.
    pub columns: Option<String>,
    /// Layer of an activity table.
    pub layer: Option<String>,
    /// Add up rows that share a key instead of refusing them.
    pub sum_duplicates: bool,
}

/// An input–output table to be stored.
#[derive(Debug, Clone, Default)]
pub struct AddIo {
    /// Folder with Z and Y, or one file with the whole table.
    pub path: PathBuf,
    /// Which table of a folder with several.
    pub prefix: Option<String>,
    /// Read off the names of the files where `None`.
    pub year: Option<i32>,
    pub source: String,
}

/// Stores an input–output table as `evidence/large/io.parquet`.
pub fn add_io(
    study: &Study,
    add: &AddIo,
    given: Given,
) -> Result<(BulkTable, IoFiles), StudyError> {
    let folder = study.large_folder();
    let path = folder.join("io.parquet");
    place(study, BulkKind::Io, &path, &add.source, given)?;
    let options = IoOptions {
        prefix: add.prefix.clone(),
        ..IoOptions::default()
    };
    let table = read_io(&add.path, &options).map_err(StudyError::Evidence)?;
    let year = add
        .year
        .or_else(|| year_of(&table))
        .ok_or(StudyError::NoYear)?;
    fs::create_dir_all(&folder).map_err(StudyError::io("create", &folder))?;
    let part = folder.join(".io.part.parquet");
    let mut written = write_io_table(&part, &table, year, &add.source)
        .map_err(|error| StudyError::Store(error.to_string()))?;
    publish(&part, &path)?;
    written.path = path;
    Ok((written, table))
}

/// The year in the names of the files, if they name one.
fn year_of(table: &IoFiles) -> Option<i32> {
    let mut years: Vec<i32> = table
        .sources
        .iter()
        .flat_map(|s| s.file.split(|c: char| !c.is_ascii_digit()))
        .filter(|digits| digits.len() == 4)
        .filter_map(|digits| digits.parse().ok())
        .filter(|year| (1950..=2100).contains(year))
        .collect();
    years.sort_unstable();
    years.dedup();
    match years.as_slice() {
        [only] => Some(*only),
        _ => None,
    }
}

/// May a table come here, from this source?
fn place(
    study: &Study,
    kind: BulkKind,
    path: &Path,
    source: &str,
    given: Given,
) -> Result<(), StudyError> {
    if path.is_file() && given == Given::Keep {
        return Err(StudyError::AlreadyGiven {
            table: kind.as_str().to_owned(),
            path: path.to_owned(),
        });
    }
    let loaded = study.load()?;
    let known = loaded
        .evidence
        .table("sources")
        .is_some_and(|sources| sources.get(source).is_some());
    if known {
        Ok(())
    } else {
        Err(StudyError::UnlistedSource {
            id: source.to_owned(),
        })
    }
}

/// A finished file gets its name; one that is there is set aside.
fn publish(part: &Path, path: &Path) -> Result<(), StudyError> {
    if path.is_file() {
        let mut aside = path.as_os_str().to_owned();
        aside.push(".replaced");
        fs::rename(path, &aside).map_err(StudyError::io("set aside", path))?;
    }
    fs::rename(part, path).map_err(StudyError::io("write", path))
}

/// The kind of large table that `name` is.
pub fn large_kind(name: &str) -> Option<BulkKind> {
    BULK.into_iter().find(|kind| kind.as_str() == name)
}

/// Imports into `evidence/large/<table>.parquet`; nothing is there until all is well.
pub fn add_large(
    study: &Study,
    kind: BulkKind,
    add: &AddLarge,
    given: Given,
) -> Result<ImportReport, StudyError> {
    let folder = study.large_folder();
    let path = folder.join(format!("{}.parquet", kind.as_str()));
    place(study, kind, &path, &add.source, given)?;
    let columns = add
        .columns
        .as_deref()
        .map(str::parse::<ColumnMap>)
        .transpose()
        .map_err(|message| StudyError::BadMap {
            map: message.render(Lang::En, &Names::default()),
        })?;
    fs::create_dir_all(&folder).map_err(StudyError::io("create", &folder))?;
    let params = ImportParams {
        format: add.format.clone(),
        columns,
        source: add.source.clone(),
        layer: add.layer.clone(),
        duplicates: if add.sum_duplicates {
            Duplicates::Sum
        } else {
            Duplicates::Refuse
        },
        ..ImportParams::default()
    };
    let part = folder.join(format!(".{}.part.parquet", kind.as_str()));
    let done = import(&add.files, &part, &params, &mut |_| {});
    let report = done.map_err(|error| match error {
        BulkError::Refused(findings) => StudyError::Evidence(findings),
        BulkError::Store(error) => StudyError::Store(error.to_string()),
    });
    let report = match report {
        Ok(report) if report.table.kind == kind => report,
        other => {
            let _ = fs::remove_file(&part);
            return Err(match other {
                Err(error) => error,
                Ok(report) => StudyError::OtherKind {
                    wanted: kind.as_str(),
                    found: report.table.kind.as_str(),
                },
            });
        }
    };
    publish(&part, &path)?;
    Ok(report)
}
