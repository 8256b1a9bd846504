//! A large table as a file: what a study refers to instead of rows.

use std::fs::File;
use std::path::{Path, PathBuf};

use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use serde::{Deserialize, Serialize};

use super::format::BulkKind;
use super::groups::{hash_file, parquet_error};
use crate::store::{LockEntry, StoreError, at, show};

/// The key under which a table file says what it is.
pub(super) const KEY: &str = "forelay.bulk";

/// A `trade`, `activity` or `io` table in a Parquet file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkTable {
    /// Where the file lies; not part of what it says.
    #[serde(skip)]
    pub path: PathBuf,
    pub kind: BulkKind,
    /// Key of the row of `sources`.
    pub source: String,
    /// Id of the format that it was imported from.
    pub format: String,
    /// Hash of the format's description.
    pub fingerprint: String,
    pub revision: Option<String>,
    pub release: Option<String>,
    pub rows: u64,
    /// Sorted.
    pub years: Vec<i32>,
    pub provisional_years: Vec<i32>,
    /// Of the values, where the table has one for all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// BLAKE3 of the file, in hex.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub content: String,
}

impl BulkTable {
    /// Reads what the file says of itself, and its hash.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let file = File::open(path).map_err(|source| at(path, source))?;
        let metadata = ArrowReaderMetadata::load(&file, super::columnar::options())
            .map_err(|source| parquet_error(path, source))?;
        let pairs = metadata.metadata().file_metadata().key_value_metadata();
        let said = pairs
            .into_iter()
            .flatten()
            .find(|pair| pair.key == KEY)
            .and_then(|pair| serde_json::from_str::<Self>(pair.value.as_deref()?).ok());
        let Some(said) = said else {
            return Err(StoreError::OtherSchema {
                path: show(path),
                table: "trade, activity, io".to_owned(),
            });
        };
        Ok(Self {
            path: path.to_owned(),
            content: hash_file(path)?,
            ..said
        })
    }

    /// Is the file still the one that the hash names?
    pub fn verify(&self) -> Result<(), StoreError> {
        if hash_file(&self.path)? == self.content {
            Ok(())
        } else {
            Err(StoreError::Damaged {
                path: show(&self.path),
            })
        }
    }

    /// The entry of `forelay.lock`. The file is its own content, so both hashes are the same.
    pub fn lock_entry(&self) -> LockEntry {
        LockEntry {
            table: self.kind.as_str().to_owned(),
            file: super::open::file_name(&self.path),
            blake3: self.content.clone(),
            content: self.content.clone(),
            rows: self.rows,
            encoding: String::new(),
            schema: self.fingerprint.clone(),
        }
    }
}
