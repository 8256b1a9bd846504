//! `forelay.lock`: what the last run read and made, as readable text that belongs in git.

use evidence::store::LockEntry;
use serde::Serialize;

use crate::engine::files::write_durable;
use crate::engine::manifest::Manifest;
use crate::error::StudyError;
use crate::folder::Study;

#[derive(Serialize)]
struct Lock<'a> {
    version: u32,
    run: &'a str,
    forelay: &'a str,
    code: &'a str,
    seed: u64,
    input: &'a [LockEntry],
    step: Vec<LockedStep<'a>>,
}

#[derive(Serialize)]
struct LockedStep<'a> {
    name: &'a str,
    key: &'a str,
    output: &'a str,
}

/// Writes the lock of a finished run.
pub fn write(study: &Study, manifest: &Manifest) -> Result<(), StudyError> {
    let path = study.root.join("forelay.lock");
    write_durable(&path, text(manifest)?.as_bytes()).map_err(StudyError::io("write", &path))
}

/// The text of the lock.
pub fn text(manifest: &Manifest) -> Result<String, StudyError> {
    let lock = Lock {
        version: 1,
        run: &manifest.id,
        forelay: &manifest.version,
        code: &manifest.code,
        seed: manifest.config.study.seed.0,
        input: &manifest.inputs,
        step: manifest
            .steps
            .iter()
            .map(|s| LockedStep {
                name: &s.step,
                key: &s.key,
                output: &s.output,
            })
            .collect(),
    };
    let text = toml::to_string(&lock).map_err(|error| StudyError::Store(error.to_string()))?;
    let header =
        "# Written by forelay run. Inputs by their BLAKE3 hashes, steps by what they depend on.\n";
    Ok(format!("{header}{text}"))
}
