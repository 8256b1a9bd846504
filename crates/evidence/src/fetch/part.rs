//! The part of a file that has arrived: `<file>.part` with what is needed to go on, `<file>.part.toml`.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use url::Url;

use super::{FetchError, date};

/// What the server said of the file that the part belongs to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Version {
    /// BLAKE3 of the address asked for: the address itself may hold a key.
    pub address: String,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    /// The server's date when the file was first asked for.
    pub date: Option<String>,
    pub content_type: Option<String>,
    pub total: Option<u64>,
}

impl Version {
    /// What tells the same bytes from others (RFC 9110, 13.1.5): an entity tag that is not weak, or a date that was old
    /// enough when the answer was sent.
    pub fn validator(&self) -> Option<&str> {
        let strong = self.etag.as_deref().filter(|tag| !tag.starts_with("W/"));
        strong.or_else(|| {
            let modified = self.last_modified.as_deref()?;
            let sent = date::seconds(self.date.as_deref()?)?;
            (sent - date::seconds(modified)? >= 60).then_some(modified)
        })
    }

    /// Whether an answer to "go on" is about the same bytes.
    pub fn same_as(&self, other: &Self) -> bool {
        let agree = |a: &Option<String>, b: &Option<String>| a.is_none() || b.is_none() || a == b;
        agree(&self.etag, &other.etag)
            && agree(&self.last_modified, &other.last_modified)
            && (self.total.is_none() || other.total.is_none() || self.total == other.total)
    }
}

/// The open part. It is locked: a second download of the same file is refused.
#[derive(Debug)]
pub(super) struct Part {
    /// The file's final path.
    target: PathBuf,
    path: PathBuf,
    file: File,
    length: u64,
    pub version: Version,
}

impl Part {
    /// Opens what an earlier try left behind, or begins. A part of another address is thrown away.
    pub fn open(target: &Path, url: &Url) -> Result<Self, FetchError> {
        let path = beside(target, ".part");
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(FetchError::io("write", &path))?;
        match file.try_lock() {
            // A file system without locks still takes the download.
            Ok(()) | Err(TryLockError::Error(_)) => {}
            Err(TryLockError::WouldBlock) => return Err(FetchError::Busy { path }),
        }
        let address = blake3::hash(url.as_str().as_bytes()).to_hex().to_string();
        let version = std::fs::read_to_string(beside(target, ".part.toml"))
            .ok()
            .and_then(|text| toml::from_str::<Version>(&text).ok())
            .filter(|version| version.address == address);
        let length = file
            .seek(SeekFrom::End(0))
            .map_err(FetchError::io("read", &path))?;
        let mut part = Self {
            target: target.to_owned(),
            path,
            file,
            length,
            version: version.unwrap_or_default(),
        };
        if part.version.validator().is_none() || part.too_long() {
            part.clear()?;
        }
        part.version.address = address;
        Ok(part)
    }

    fn too_long(&self) -> bool {
        self.version.total.is_some_and(|total| self.length > total)
    }

    pub fn length(&self) -> u64 {
        self.length
    }

    /// From where to go on, and what vouches for the bytes so far.
    pub fn resume(&self) -> Option<(u64, &str)> {
        let validator = self.version.validator()?;
        (self.length > 0).then_some((self.length, validator))
    }

    /// Throws away what has arrived.
    pub fn clear(&mut self) -> Result<(), FetchError> {
        let cut = self
            .file
            .set_len(0)
            .and_then(|()| self.file.seek(SeekFrom::Start(0)));
        cut.map_err(FetchError::io("write", &self.path))?;
        self.length = 0;
        let address = std::mem::take(&mut self.version.address);
        self.version = Version {
            address,
            ..Version::default()
        };
        Ok(())
    }

    /// Begins this version of the file from its first byte.
    pub fn begin(&mut self, version: Version) -> Result<(), FetchError> {
        self.clear()?;
        let address = std::mem::take(&mut self.version.address);
        self.version = Version { address, ..version };
        let path = beside(&self.target, ".part.toml");
        let text = toml::to_string(&self.version).expect("invariant: a version is plain text");
        std::fs::write(&path, text).map_err(FetchError::io("write", &path))
    }

    pub fn append(&mut self, bytes: &[u8]) -> Result<(), FetchError> {
        self.file
            .write_all(bytes)
            .map_err(FetchError::io("write", &self.path))?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Onto the disk; returns where the bytes lie.
    pub fn sync(&self) -> Result<&Path, FetchError> {
        self.file
            .sync_all()
            .map_err(FetchError::io("write", &self.path))?;
        Ok(&self.path)
    }

    /// Gives the part its final name.
    pub fn keep(self) -> Result<(), FetchError> {
        let target = self.target.clone();
        self.rename(&target)
    }

    /// Sets the part aside as `<file>.bad`, so that the next try starts afresh; returns where.
    pub fn set_aside(self) -> Result<PathBuf, FetchError> {
        let aside = beside(&self.target, ".bad");
        self.rename(&aside)?;
        Ok(aside)
    }

    /// Leaves nothing behind.
    pub fn discard(self) {
        let _ = std::fs::remove_file(beside(&self.target, ".part.toml"));
        let _ = std::fs::remove_file(&self.path);
    }

    fn rename(self, to: &Path) -> Result<(), FetchError> {
        std::fs::rename(&self.path, to).map_err(FetchError::io("write", to))?;
        let _ = std::fs::remove_file(beside(&self.target, ".part.toml"));
        Ok(())
    }
}

/// `<path><ending>`.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_strong_validator_vouches() {
        let version = |etag: Option<&str>, modified: Option<&str>| Version {
            etag: etag.map(str::to_owned),
            last_modified: modified.map(str::to_owned),
            date: Some("Sun, 06 Nov 1994 08:49:37 GMT".to_owned()),
            ..Version::default()
        };
        let old = "Sun, 06 Nov 1994 08:00:00 GMT";
        assert_eq!(version(Some("\"a\""), None).validator(), Some("\"a\""));
        assert_eq!(version(Some("W/\"a\""), None).validator(), None);
        assert_eq!(version(Some("W/\"a\""), Some(old)).validator(), Some(old));
        let just_now = "Sun, 06 Nov 1994 08:49:30 GMT";
        assert_eq!(version(None, Some(just_now)).validator(), None);
    }
}
