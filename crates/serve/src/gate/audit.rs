//! The log of what was changed, computed or refused. Every line carries the hash of the line before it, so that an
//! altered or missing line shows.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::lock;

/// Characters of a path that are kept.
const PATH: usize = 200;

pub struct Audit(Mutex<(File, String)>);

#[derive(Debug, Serialize, Deserialize)]
struct Line {
    /// Seconds since 1970.
    time: u64,
    from: String,
    method: String,
    path: String,
    status: u16,
    before: String,
}

/// The first line that does not follow from the one before it, from 1.
#[derive(Debug, PartialEq, Eq)]
pub struct Broken(pub usize);

impl Audit {
    /// Goes on with the log in `path`, or begins one.
    pub fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let last = fs::read_to_string(path)
            .unwrap_or_default()
            .lines()
            .last()
            .map_or_else(String::new, digest);
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self(Mutex::new((file, last))))
    }

    /// Notes a request. A log that cannot be written stops nothing: the study stays readable on a full disk.
    pub fn note(&self, from: IpAddr, method: &str, path: &str, status: u16) {
        let mut log = lock(&self.0);
        let line = Line {
            time: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |d| d.as_secs()),
            from: from.to_string(),
            method: method.chars().take(16).collect(),
            path: path.chars().take(PATH).collect(),
            status,
            before: log.1.clone(),
        };
        let Ok(text) = serde_json::to_string(&line) else {
            return;
        };
        if writeln!(log.0, "{text}").is_ok() {
            log.1 = digest(&text);
        }
    }
}

fn digest(line: &str) -> String {
    blake3::hash(line.as_bytes()).to_hex().to_string()
}

/// Checks a log line by line; returns how many lines it has.
pub fn verify(text: &str) -> Result<usize, Broken> {
    let mut before = String::new();
    for (i, line) in text.lines().enumerate() {
        let told: Line = serde_json::from_str(line).map_err(|_| Broken(i + 1))?;
        if told.before != before {
            return Err(Broken(i + 1));
        }
        before = digest(line);
    }
    Ok(text.lines().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_altered_or_missing_line_shows() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("deep/audit.log");
        for round in 0..2 {
            let audit = Audit::open(&path).expect("a log");
            for i in 0..3 {
                audit.note(
                    [127, 0, 0, 1].into(),
                    "POST",
                    &format!("/api/{round}/{i}"),
                    200,
                );
            }
        }
        let text = fs::read_to_string(&path).expect("a text");
        assert_eq!(verify(&text), Ok(6));
        assert_eq!(
            verify(&text.replacen("/api/0/1", "/api/0/9", 1)),
            Err(Broken(3))
        );
        let without: String = text
            .lines()
            .enumerate()
            .filter(|(i, _)| *i != 3)
            .flat_map(|(_, line)| [line, "\n"])
            .collect();
        assert_eq!(verify(&without), Err(Broken(4)));
    }
}
