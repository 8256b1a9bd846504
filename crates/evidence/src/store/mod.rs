//! The Parquet store: one file for each table, named by what the table says.
//!
//! The name is the BLAKE3 hash of a canonical form of the rows, sorted by key: the order of rows in the user's file, its
//! format and its encoding leave no trace in it.

mod columns;
mod content;
mod export;
mod flat;

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Arc;

use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use serde::{Deserialize, Serialize};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use crate::check::Checked;
use crate::schema::{Schema, TableSchema};
use crate::table::{Evidence, Table};

pub use columns::{arrow_schema, to_batch};
pub use content::{content_hash, sha256_hex};
pub use export::{without_formula, write_csv};
pub use flat::{Flat, write_flat_csv, write_flat_parquet};

/// Why the store could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{path}: {source}")]
    Io { path: String, source: io::Error },
    #[error("{path}: {source}")]
    Parquet {
        path: String,
        source: parquet::errors::ParquetError,
    },
    #[error("{path}: {source}")]
    Arrow {
        path: String,
        source: arrow::error::ArrowError,
    },
    /// The file does not hold the table that it is named for.
    #[error("{path}: the content does not match the hash in its name")]
    Damaged { path: String },
    /// Written with another version of the table's schema.
    #[error("{path}: the columns are not those of table {table}")]
    OtherSchema { path: String, table: String },
}

/// One input in `forelay.lock`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockEntry {
    pub table: String,
    pub file: String,
    /// Of the file's bytes.
    pub blake3: String,
    /// Of what the table says; the name of its file in the store.
    pub content: String,
    /// Rows that passed the check.
    pub rows: u64,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub encoding: String,
    /// Changes when the description of the table does.
    pub schema: String,
}

/// The entries of all tables, by name of the table.
pub fn lock_entries(checked: &Checked) -> Vec<LockEntry> {
    let tables = checked.evidence.tables.iter();
    tables
        .map(|(name, table)| LockEntry {
            table: name.clone(),
            file: table.file.clone(),
            blake3: checked.hashes.get(name).cloned().unwrap_or_default(),
            content: content_hash(table),
            rows: table.rows.len() as u64,
            encoding: checked
                .formats
                .get(name)
                .map(|f| f.encoding.clone())
                .unwrap_or_default(),
            schema: table.schema.version(),
        })
        .collect()
}

/// Writes every table as `<content hash>.parquet` into `dir`; returns (table, content hash). A file that is there
/// already is left as it is. Readers never see half a file: it gets its name when it is whole.
pub fn write(evidence: &Evidence, dir: &Path) -> Result<Vec<(String, String)>, StoreError> {
    fs::create_dir_all(dir).map_err(|source| at(dir, source))?;
    let mut written = Vec::new();
    for (name, table) in &evidence.tables {
        let hash = content_hash(table);
        let path = dir.join(format!("{hash}.parquet"));
        if !path.is_file() {
            let batch = to_batch(table).map_err(|source| StoreError::Arrow {
                path: show(&path),
                source,
            })?;
            write_parquet_batches(&path, &batch.schema(), [batch])?;
        }
        written.push((name.clone(), hash));
    }
    Ok(written)
}

/// Reads the table that `hash` names; `table` is the name of its schema.
///
/// Row numbers of the user's file are not part of the content; rows are counted from 2 in order of their keys.
pub fn read(schema: &Schema, table: &str, dir: &Path, hash: &str) -> Result<Table, StoreError> {
    let path = dir.join(format!("{hash}.parquet"));
    let other = || StoreError::OtherSchema {
        path: show(&path),
        table: table.to_owned(),
    };
    let schema: &Arc<TableSchema> = schema.table(table).ok_or_else(other)?;
    let parquet = |source| StoreError::Parquet {
        path: show(&path),
        source,
    };
    let file = File::open(&path).map_err(|source| at(&path, source))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(parquet)?;
    if builder.schema().fields() != arrow_schema(schema).fields() {
        return Err(other());
    }
    let mut rows = Vec::new();
    for batch in builder.build().map_err(parquet)? {
        let batch = batch.map_err(|source| StoreError::Arrow {
            path: show(&path),
            source,
        })?;
        columns::read_batch(schema, &batch, &mut rows);
    }
    let table = Table::new(Arc::clone(schema), show(&path), rows, Vec::new());
    if content_hash(&table) == hash {
        Ok(table)
    } else {
        Err(StoreError::Damaged { path: show(&path) })
    }
}

/// Writes batches as one Parquet file, under a temporary name until it is whole. The same batches give the same bytes.
pub fn write_parquet_batches(
    path: &Path,
    schema: &SchemaRef,
    batches: impl IntoIterator<Item = RecordBatch>,
) -> Result<(), StoreError> {
    let parquet = |source| StoreError::Parquet {
        path: show(path),
        source,
    };
    let dir = path
        .parent()
        .filter(|dir| !dir.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let temporary = tempfile::NamedTempFile::new_in(dir).map_err(|source| at(path, source))?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by("forelay".to_owned())
        .build();
    let mut writer =
        ArrowWriter::try_new(temporary, Arc::clone(schema), Some(properties)).map_err(parquet)?;
    for batch in batches {
        writer.write(&batch).map_err(parquet)?;
    }
    let temporary = writer.into_inner().map_err(parquet)?;
    keep(temporary, path)
}

/// Gives a finished temporary file its name and the permissions of an ordinary file.
pub(crate) fn keep(temporary: tempfile::NamedTempFile, path: &Path) -> Result<(), StoreError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let readable = fs::Permissions::from_mode(0o644);
        temporary
            .as_file()
            .set_permissions(readable)
            .map_err(|source| at(path, source))?;
    }
    temporary.persist(path).map_err(|e| at(path, e.error))?;
    Ok(())
}

pub(crate) fn at(path: &Path, source: io::Error) -> StoreError {
    StoreError::Io {
        path: show(path),
        source,
    }
}

pub(crate) fn show(path: &Path) -> String {
    path.display().to_string()
}
