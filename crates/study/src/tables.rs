//! Tables on their way out: files of a run, exports, SQL. The licence gate stands here.

use std::fs;
use std::path::Path;

use evidence::Evidence;
use evidence::store::{Flat, write_flat_csv, write_flat_parquet};
use model::RowRef;

use crate::error::StudyError;

/// Writes a result table as `<name>.csv` and `<name>.parquet`.
pub fn write(folder: &Path, name: &str, columns: &[(String, Flat)]) -> Result<(), StudyError> {
    fs::create_dir_all(folder).map_err(StudyError::io("create", folder))?;
    let store = |error: evidence::store::StoreError| StudyError::Store(error.to_string());
    write_flat_csv(&folder.join(format!("{name}.csv")), columns).map_err(store)?;
    write_flat_parquet(&folder.join(format!("{name}.parquet")), columns).map_err(store)
}

/// Writes columns to one file.
pub fn write_one(path: &Path, columns: &[(String, Flat)], parquet: bool) -> Result<(), StudyError> {
    let written = if parquet {
        write_flat_parquet(path, columns)
    } else {
        write_flat_csv(path, columns)
    };
    written.map_err(|error| StudyError::Store(error.to_string()))
}

/// The filled fields of an evidence row, in the order of its schema.
pub fn fields(evidence: &Evidence, reference: &RowRef) -> Vec<(String, String)> {
    let Some(record) = evidence.record(reference) else {
        return Vec::new();
    };
    record
        .schema()
        .columns
        .iter()
        .zip(&record.values)
        .map(|(column, value)| (column.name.clone(), value.to_text()))
        .filter(|(_, text)| !text.is_empty())
        .collect()
}
