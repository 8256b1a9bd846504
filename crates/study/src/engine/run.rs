//! Runs the graph of steps; only what changed is computed again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use evidence::Evidence;
use evidence::store::LockEntry;
use model::{Names, ResultTable};

use super::cache::Cache;
use super::files::write_whole;
use super::flat::flatten;
use super::manifest::{Manifest, SCHEMA, StepRecord};
use super::output::StepOutput;
use super::step::{Context, Extent, Pace, Step};
use crate::config::Config;
use crate::error::StudyError;
use crate::folder::{BulkTables, Study};
use crate::scenario::Scenario;
use crate::steps::STEPS;

/// Hash of the program's sources: part of every key.
pub const CODE: &str = env!("FORELAY_CODE");

/// What a run tells while it works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress<'a> {
    Reading,
    Step {
        name: &'a str,
        index: usize,
        of: usize,
    },
    Reused {
        name: &'a str,
        index: usize,
        of: usize,
    },
    /// A long step says how far it is.
    Part {
        name: &'a str,
        done: usize,
        of: usize,
    },
    Writing,
}

/// A finished run.
#[derive(Debug, Clone)]
pub struct Run {
    pub manifest: Manifest,
    pub outputs: BTreeMap<String, StepOutput>,
    pub folder: PathBuf,
    pub reused: usize,
}

impl Run {
    /// Result tables of all steps, by step.
    pub fn tables(&self) -> impl Iterator<Item = &ResultTable> {
        self.outputs.values().flat_map(|output| &output.tables)
    }

    pub fn table(&self, name: &str) -> Option<&ResultTable> {
        self.tables().find(|table| table.name == name)
    }
}

/// Everything that steps read.
pub struct Inputs<'a> {
    pub evidence: &'a Evidence,
    pub bulk: &'a BulkTables,
    pub names: &'a Names,
    pub config: &'a Config,
    pub scenarios: &'a [Scenario],
    /// Content hash by table.
    pub contents: BTreeMap<String, String>,
}

impl<'a> Inputs<'a> {
    /// Those of a run that is there, under `config`.
    pub fn of(
        manifest: &'a Manifest,
        evidence: &'a Evidence,
        bulk: &'a BulkTables,
        names: &'a Names,
        config: &'a Config,
    ) -> Self {
        let contents = manifest.inputs.iter();
        Self {
            evidence,
            bulk,
            names,
            config,
            scenarios: &manifest.scenarios,
            contents: contents
                .map(|i| (i.table.clone(), i.content.clone()))
                .collect(),
        }
    }

    /// What a step sees, with the results of those before it.
    pub fn context<'b>(
        &'b self,
        step: &'b Step,
        done: &'b BTreeMap<&'static str, StepOutput>,
        extent: Extent,
        pace: Pace<'b>,
    ) -> Context<'b> {
        Context {
            evidence: self.evidence,
            bulk: self.bulk,
            names: self.names,
            config: self.config,
            scenarios: self.scenarios,
            needs: step.needs,
            done,
            extent,
            pace,
        }
    }
}

/// What the steps left behind.
pub struct Computed {
    pub records: Vec<StepRecord>,
    pub done: BTreeMap<&'static str, StepOutput>,
    /// Steps that came from the cache.
    pub reused: usize,
}

/// Computes `steps` in order, from the cache where its key is known.
pub fn compute(
    steps: &[&'static Step],
    inputs: &Inputs,
    cache: Option<&Cache>,
    progress: &(dyn Fn(Progress) + Sync),
    stop: &AtomicBool,
) -> Result<Computed, StudyError> {
    let mut records: Vec<StepRecord> = Vec::new();
    let mut done: BTreeMap<&'static str, StepOutput> = BTreeMap::new();
    let mut reused = 0;
    for (index, step) in steps.iter().enumerate() {
        if stop.load(Ordering::Relaxed) {
            return Err(StudyError::Stopped);
        }
        let mut record = record(step, inputs, &records);
        let of = steps.len();
        let output = if let Some(output) = cache.and_then(|cache| cache.get(&record.key)) {
            progress(Progress::Reused {
                name: step.name,
                index,
                of,
            });
            reused += 1;
            output
        } else {
            progress(Progress::Step {
                name: step.name,
                index,
                of,
            });
            let tell = |done, of| {
                let name = step.name;
                progress(Progress::Part { name, done, of });
            };
            let pace = Pace { tell: &tell, stop };
            let output = (step.run)(&inputs.context(step, &done, Extent::Whole, pace));
            // A step that was told to stop may have left its work half done.
            if pace.stopped() {
                return Err(StudyError::Stopped);
            }
            if let Some(cache) = cache {
                cache
                    .put(&record.key, step.name, &output)
                    .map_err(StudyError::io("write", cache.folder()))?;
            }
            output
        };
        record.output = output.hash();
        records.push(record);
        done.insert(step.name, output);
    }
    Ok(Computed {
        records,
        done,
        reused,
    })
}

pub(super) fn record(step: &Step, inputs: &Inputs, before: &[StepRecord]) -> StepRecord {
    let read: BTreeMap<String, String> = step
        .reads
        .iter()
        .chain(["sources"].iter())
        .filter_map(|table| Some(((*table).to_owned(), inputs.contents.get(*table)?.clone())))
        .collect();
    let needs: BTreeMap<String, String> = before
        .iter()
        .filter(|record| step.needs.contains(&record.step.as_str()))
        .map(|record| (record.step.clone(), record.output.clone()))
        .collect();
    let params = (step.params)(inputs.config, inputs.scenarios);
    let identity = serde_json::json!({
        "code": CODE, "step": step.name, "params": params, "inputs": read, "needs": needs,
    });
    StepRecord {
        step: step.name.to_owned(),
        key: blake3::hash(identity.to_string().as_bytes())
            .to_hex()
            .to_string(),
        output: String::new(),
        params,
        inputs: read,
        needs,
    }
}

/// The steps named, with all they need, in the order of the graph; all steps where none is named.
pub fn plan(only: &[String]) -> Result<Vec<&'static Step>, StudyError> {
    let known: Vec<&'static str> = STEPS.iter().map(|step| step.name).collect();
    if let Some(name) = only.iter().find(|name| !known.contains(&name.as_str())) {
        return Err(StudyError::UnknownStep {
            name: name.clone(),
            known,
        });
    }
    let mut wanted: BTreeSet<&str> = if only.is_empty() {
        known.iter().copied().collect()
    } else {
        only.iter().map(String::as_str).collect()
    };
    for step in STEPS.iter().rev() {
        if wanted.contains(step.name) {
            wanted.extend(step.needs);
        }
    }
    Ok(STEPS
        .iter()
        .filter(|step| wanted.contains(step.name))
        .collect())
}

/// Runs a study: reads the evidence, computes what changed, and leaves a new folder under `runs/`.
///
/// The folder is written under a temporary name and renamed when it is whole; `runs/latest` and
/// `forelay.lock` change after that, and only for a run of all steps. A run that is killed leaves the previous one as it was, and what it had
/// computed is in the cache.
pub fn run(
    study: &Study,
    only: &[String],
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Run, StudyError> {
    run_until(study, only, progress, &AtomicBool::new(false))
}

/// Like [`run`]; once `stop` is set, no further step begins. A step that counts its parts ends before the next of them, another
/// one is finished; what was computed before is in the cache, and no run is written.
pub fn run_until(
    study: &Study,
    only: &[String],
    progress: &(dyn Fn(Progress) + Sync),
    stop: &AtomicBool,
) -> Result<Run, StudyError> {
    let steps = plan(only)?;
    progress(Progress::Reading);
    let loaded = study.load()?;
    let errors = loaded.errors();
    if !errors.is_empty() {
        return Err(StudyError::Evidence(errors));
    }
    let inputs = study.store(&loaded)?;
    let names = crate::folder::names(&loaded.evidence, &study.scenarios);
    let contents = inputs
        .iter()
        .map(|i| (i.table.clone(), i.content.clone()))
        .collect();
    let state = Inputs {
        evidence: &loaded.evidence,
        bulk: &loaded.bulk,
        names: &names,
        config: &study.config,
        scenarios: &study.scenarios,
        contents,
    };
    let cache = Cache::new(study.cache_folder());
    let Computed {
        records,
        done,
        reused,
    } = compute(&steps, &state, Some(&cache), progress, stop)?;
    progress(Progress::Writing);
    let manifest = manifest(study, inputs, records);
    let outputs: BTreeMap<String, StepOutput> = done
        .into_iter()
        .map(|(name, output)| (name.to_owned(), output))
        .collect();
    let folder = write(study, &manifest, &outputs, &names)?;
    // `latest` names whole runs of the study as it stands only, and only such as can be read back.
    read(&folder, &manifest.id)?;
    if manifest.steps.len() == STEPS.len() && study.variant.is_none() {
        let latest = study.runs_folder().join("latest");
        write_whole(&latest, manifest.id.as_bytes()).map_err(StudyError::io("write", &latest))?;
        crate::lock::write(study, &manifest)?;
    }
    Ok(Run {
        manifest,
        outputs,
        folder,
        reused,
    })
}

fn manifest(study: &Study, inputs: Vec<LockEntry>, steps: Vec<StepRecord>) -> Manifest {
    let mut hasher = blake3::Hasher::new();
    for step in &steps {
        hasher.update(step.key.as_bytes());
        hasher.update(step.output.as_bytes());
    }
    // Titles, names and sources reach the report without being in any key.
    for input in &inputs {
        hasher.update(input.content.as_bytes());
    }
    let words = match &study.variant {
        None => serde_json::json!([study.config, study.scenarios]),
        Some(variant) => serde_json::json!([study.config, study.scenarios, variant]),
    };
    hasher.update(words.to_string().as_bytes());
    Manifest {
        schema: SCHEMA.to_owned(),
        id: hasher.finalize().to_hex()[..12].to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        code: CODE.to_owned(),
        config: study.config.clone(),
        scenarios: study.scenarios.clone(),
        variant: study.variant.clone(),
        inputs,
        steps,
    }
}

fn write(
    study: &Study,
    manifest: &Manifest,
    outputs: &BTreeMap<String, StepOutput>,
    names: &Names,
) -> Result<PathBuf, StudyError> {
    let runs = study.runs_folder();
    fs::create_dir_all(&runs).map_err(StudyError::io("create", &runs))?;
    sweep(&runs);
    let folder = runs.join(&manifest.id);
    if !folder.join("manifest.json").is_file() {
        let part = tempfile::Builder::new()
            .prefix(".part-")
            .tempdir_in(&runs)
            .map_err(StudyError::io("create a folder in", &runs))?;
        write_outputs(part.path(), outputs, names)?;
        let bytes = serde_json::to_vec_pretty(manifest)
            .map_err(|error| StudyError::Store(error.to_string()))?;
        let path = part.path().join("manifest.json");
        write_whole(&path, &bytes).map_err(StudyError::io("write", &path))?;
        let part = part.keep();
        if let Err(error) = fs::rename(&part, &folder) {
            // Another process may have finished the same run first: its folder holds the same bytes.
            if folder.join("manifest.json").is_file() {
                let _ = fs::remove_dir_all(&part);
            } else {
                return Err(StudyError::Io {
                    doing: "rename a run to",
                    path: folder,
                    source: error,
                });
            }
        }
    }
    Ok(folder)
}

fn write_outputs(
    folder: &Path,
    outputs: &BTreeMap<String, StepOutput>,
    names: &Names,
) -> Result<(), StudyError> {
    for (step, output) in outputs {
        let path = folder.join("steps").join(format!("{step}.json"));
        write_whole(&path, &output.to_bytes()).map_err(StudyError::io("write", &path))?;
        for table in &output.tables {
            crate::tables::write(&folder.join("tables"), &table.name, &flatten(table, names))?;
        }
    }
    Ok(())
}

/// Removes parts that a killed run left behind, once they are an hour old.
fn sweep(runs: &Path) {
    for entry in fs::read_dir(runs).into_iter().flatten().flatten() {
        let old = entry
            .metadata()
            .and_then(|m| m.modified())
            .ok()
            .and_then(|t| t.elapsed().ok())
            .is_some_and(|age| age.as_secs() > 3600);
        if old && entry.file_name().to_string_lossy().starts_with(".part-") {
            let path = entry.path();
            let _ = if path.is_dir() {
                fs::remove_dir_all(path)
            } else {
                fs::remove_file(path)
            };
        }
    }
}

/// The whole id of a run that is named by its id, an unambiguous beginning of it, `latest`, or the name of a variant,
/// whose last run is meant.
pub fn id_of(study: &Study, id: &str) -> Result<String, StudyError> {
    let runs = study.runs_folder();
    let unknown = || StudyError::UnknownRun {
        id: id.to_owned(),
        folder: runs.clone(),
    };
    if id == "latest" {
        let name = fs::read_to_string(runs.join("latest")).map_err(|_| unknown())?;
        return Ok(name.trim().to_owned());
    }
    let mut found: Vec<String> = fs::read_dir(&runs)
        .map_err(|_| unknown())?
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| id.len() >= 4 && name.starts_with(id) && name.len() == 12)
        .collect();
    found.sort();
    if let [only] = found.as_slice() {
        return Ok(only.clone());
    }
    last_of_variant(study, id).ok_or_else(unknown)
}

/// The run of this variant that was written last.
fn last_of_variant(study: &Study, name: &str) -> Option<String> {
    last_written(study, |m| m.variant.is_some_and(|v| v.name == name))
}

/// The last run of the study without a variant that has a layout: `latest`, or of part of the steps.
pub fn last_of_study(study: &Study) -> Option<String> {
    let whole = |id: &String| study.runs_folder().join(id).join("manifest.json").is_file();
    id_of(study, "latest").ok().filter(whole).or_else(|| {
        last_written(study, |m| {
            let laid_out = m.steps.iter().any(|step| step.step == "layout.regions");
            m.variant.is_none() && laid_out
        })
    })
}

/// The run that was written last among those of a kind.
fn last_written(study: &Study, kind: impl Fn(Manifest) -> bool) -> Option<String> {
    let of_kind = |id: &String| {
        let manifest = read_manifest(&study.runs_folder().join(id), id);
        manifest.is_ok_and(&kind)
    };
    let written = |id: &String| {
        let manifest = study.runs_folder().join(id).join("manifest.json");
        fs::metadata(manifest)
            .and_then(|about| about.modified())
            .ok()
    };
    let runs = list(study).into_iter().filter(of_kind);
    runs.max_by_key(|id| written(id))
}

/// Opens a run by what [`id_of`] understands.
pub fn open(study: &Study, id: &str) -> Result<Run, StudyError> {
    let name = id_of(study, id)?;
    read(&study.runs_folder().join(&name), &name)
}

/// Ids of all runs in the folder, sorted.
pub fn list(study: &Study) -> Vec<String> {
    let mut found: Vec<String> = fs::read_dir(study.runs_folder())
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.path().join("manifest.json").is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.len() == 12)
        .collect();
    found.sort();
    found
}

/// The record of a run without its results.
pub fn manifest_of(study: &Study, id: &str) -> Result<Manifest, StudyError> {
    let name = id_of(study, id)?;
    read_manifest(&study.runs_folder().join(&name), &name)
}

fn read_manifest(folder: &Path, id: &str) -> Result<Manifest, StudyError> {
    let damaged = |problem: String| StudyError::DamagedRun {
        id: id.to_owned(),
        problem,
    };
    let path = folder.join("manifest.json");
    let bytes = fs::read(&path).map_err(|_| StudyError::UnknownRun {
        id: id.to_owned(),
        folder: folder.parent().unwrap_or(folder).to_owned(),
    })?;
    let manifest: Manifest =
        serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
    if manifest.schema != SCHEMA {
        return Err(damaged(format!(
            "it is written in {}, this version of forelay reads {SCHEMA}",
            manifest.schema
        )));
    }
    Ok(manifest)
}

fn read(folder: &Path, id: &str) -> Result<Run, StudyError> {
    let damaged = |problem: String| StudyError::DamagedRun {
        id: id.to_owned(),
        problem,
    };
    let manifest = read_manifest(folder, id)?;
    let mut outputs = BTreeMap::new();
    for step in &manifest.steps {
        let path = folder.join("steps").join(format!("{}.json", step.step));
        let bytes = fs::read(&path).map_err(StudyError::io("read", &path))?;
        let output: StepOutput =
            serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        if output.hash() != step.output {
            return Err(damaged(format!(
                "steps/{}.json was changed after the run",
                step.step
            )));
        }
        outputs.insert(step.step.clone(), output);
    }
    Ok(Run {
        manifest,
        outputs,
        folder: folder.to_owned(),
        reused: 0,
    })
}
