//! Step outputs by the hash of everything they depend on.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::files::write_whole;
use super::output::StepOutput;

/// The cache folder of a study; safe to delete at any time.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    step: String,
    output_hash: String,
    output: StepOutput,
}

impl Cache {
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.json"))
    }

    /// The output stored under `key`. An entry that cannot be read or whose hash is wrong counts as
    /// absent: it is computed again, never trusted.
    pub fn get(&self, key: &str) -> Option<StepOutput> {
        let bytes = fs::read(self.path(key)).ok()?;
        let entry: Entry = serde_json::from_slice(&bytes).ok()?;
        (entry.output.hash() == entry.output_hash).then_some(entry.output)
    }

    pub fn put(&self, key: &str, step: &str, output: &StepOutput) -> std::io::Result<()> {
        let entry = Entry {
            step: step.to_owned(),
            output_hash: output.hash(),
            output: output.clone(),
        };
        let bytes = serde_json::to_vec(&entry)?;
        write_whole(&self.path(key), &bytes)
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Basis, Cell, Estimate, ResultTable};

    fn output() -> StepOutput {
        let mut table = ResultTable::new("a.b", "page", "x", &[("share", "share")]);
        let third = Estimate::exact(1.0 / 3.0, Basis::Derived);
        table.push("k", vec![Cell::from(third)], vec![]);
        StepOutput {
            tables: vec![table],
            refusals: vec![],
        }
    }

    #[test]
    fn an_output_comes_back_bit_by_bit_and_a_damaged_entry_is_absent() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::new(folder.path());
        assert!(cache.get("k").is_none());
        cache.put("k", "step", &output()).expect("written");
        let back = cache.get("k").expect("stored");
        assert_eq!(back.to_bytes(), output().to_bytes());
        let path = folder.path().join("k.json");
        let damaged = fs::read_to_string(&path)
            .expect("text")
            .replace("0.333", "0.334");
        fs::write(&path, damaged).expect("written");
        assert!(cache.get("k").is_none());
        fs::write(&path, b"{\"step\":").expect("written");
        assert!(cache.get("k").is_none());
    }
}
