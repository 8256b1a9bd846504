//! Large tables come in: `forelay add FILE --as trade` or `--as activity`.

use std::fs;
use std::path::PathBuf;

use evidence::bulk::{
    BulkError, BulkKind, ColumnMap, Duplicates, ImportParams, ImportReport, import,
};
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
    if path.is_file() && given == Given::Keep {
        return Err(StudyError::AlreadyGiven {
            table: kind.as_str().to_owned(),
            path,
        });
    }
    let loaded = study.load()?;
    let known = loaded
        .evidence
        .table("sources")
        .is_some_and(|sources| sources.get(&add.source).is_some());
    if !known {
        return Err(StudyError::UnlistedSource {
            id: add.source.clone(),
        });
    }
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
    if path.is_file() {
        let aside = folder.join(format!("{}.parquet.replaced", kind.as_str()));
        fs::rename(&path, &aside).map_err(StudyError::io("set aside", &path))?;
    }
    fs::rename(&part, &path).map_err(StudyError::io("write", &path))?;
    Ok(report)
}
