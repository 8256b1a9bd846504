//! What is kept beside a downloaded file: where it came from, when, and under which licence.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::FetchError;
use super::part::beside;

/// `<file>.source.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Id in the catalogue; empty for an address that the user gave.
    pub source: String,
    /// Without what follows `?`, unless the catalogue has it so.
    pub address: String,
    /// Where redirects ended, if elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_by: Option<String>,
    /// The server's date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    pub bytes: u64,
    pub sha256: String,
    pub blake3: String,
    /// `sha256` or `blake3` if the user gave one to compare with, else `nothing`.
    pub compared_with: String,
    pub licence: String,
    /// `yes`, `facts_only` or `no`; `no` where nothing is known.
    pub redistributable: String,
    /// `yes` if the user accepted the terms, `not asked` where none had to be.
    pub accepted: String,
}

impl Record {
    pub(super) fn read(file: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(beside(file, ".source.toml")).ok()?;
        toml::from_str(&text).ok()
    }

    pub(super) fn write(&self, file: &Path) -> Result<(), FetchError> {
        let path = beside(file, ".source.toml");
        let body = toml::to_string(self).expect("invariant: a record is plain text");
        let text = format!("# Written with the download; keep it beside the file.\n{body}");
        std::fs::write(&path, text).map_err(FetchError::io("write", &path))
    }
}
