//! Computes a run again from its own record and compares every table to the bit.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use evidence::Evidence;
use serde::Serialize;

use super::run::{CODE, Computed, Inputs, Progress, compute, open, plan};
use crate::error::StudyError;
use crate::folder::Study;

/// The verdict of a replay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replay {
    pub run: String,
    pub steps: usize,
    pub tables: usize,
    /// Steps whose tables came out different.
    pub different: Vec<String>,
    /// The program's code was another one when the run was made.
    pub other_code: bool,
}

/// Replays run `id` from the stored copies of its evidence, without the cache.
pub fn replay(
    study: &Study,
    id: &str,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Replay, StudyError> {
    let recorded = open(study, id)?;
    let manifest = &recorded.manifest;
    let mut tables = BTreeMap::new();
    let bulk = study
        .large_as_read(&manifest.inputs)
        .map_err(|problem| StudyError::Replay {
            id: manifest.id.clone(),
            problem,
        })?;
    for input in manifest
        .inputs
        .iter()
        .filter(|i| !bulk.contains_key(&i.table))
    {
        let table = study
            .stored(&input.table, &input.content)
            .map_err(|problem| StudyError::Replay {
                id: manifest.id.clone(),
                problem,
            })?;
        tables.insert(input.table.clone(), table);
    }
    let evidence = Evidence { tables };
    let names = crate::folder::names(&evidence, &manifest.scenarios);
    let only: Vec<String> = manifest
        .steps
        .iter()
        .map(|step| step.step.clone())
        .collect();
    let inputs = Inputs::of(manifest, &evidence, &bulk, &names, &manifest.config);
    let Computed { records, done, .. } = compute(
        &plan(&only)?,
        &inputs,
        None,
        progress,
        &AtomicBool::new(false),
    )?;
    let different = manifest
        .steps
        .iter()
        .filter(|then| {
            !records
                .iter()
                .any(|now| now.step == then.step && now.output == then.output)
        })
        .map(|step| step.step.clone())
        .collect();
    Ok(Replay {
        run: manifest.id.clone(),
        steps: records.len(),
        tables: done.values().map(|output| output.tables.len()).sum(),
        different,
        other_code: manifest.code != CODE,
    })
}
