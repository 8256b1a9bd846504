//! What other settings would change, from a run that is already there.
//!
//! Steps whose settings, evidence and earlier results are the same keep the results of the run; only the others are
//! computed, and only as far as the wanted steps need them. Nothing is written.

use std::collections::BTreeMap;

use evidence::Evidence;

use super::output::StepOutput;
use super::run::{CODE, Inputs, Run, plan, record};
use super::step::{Extent, Pace};
use crate::config::Config;
use crate::error::StudyError;
use crate::folder::Study;

/// Results under other settings.
#[derive(Debug, Clone)]
pub struct Preview {
    /// Steps that were computed, by name; the others are those of the run.
    pub outputs: BTreeMap<String, StepOutput>,
    /// The run was computed by another version of the program: its results and these may differ for that reason too.
    pub other_code: bool,
}

/// Computes `wanted` steps of `run` under `config`, at a glance: without what takes long and only explains them. Neither of them
/// needs another.
pub fn preview(
    study: &Study,
    run: &Run,
    evidence: &Evidence,
    config: &Config,
    wanted: &[String],
) -> Result<Preview, StudyError> {
    let steps = plan(wanted)?;
    let manifest = &run.manifest;
    let bulk = study
        .large_as_read(&manifest.inputs)
        .map_err(|problem| StudyError::Replay {
            id: manifest.id.clone(),
            problem,
        })?;
    let names = crate::folder::names(evidence, &manifest.scenarios);
    let inputs = Inputs::of(manifest, evidence, &bulk, &names, config);
    let mut records = Vec::new();
    let mut computed: BTreeMap<String, StepOutput> = BTreeMap::new();
    for step in steps {
        let mut now = record(step, &inputs, &records);
        let then = manifest.steps.iter().find(|then| then.step == step.name);
        let same = then.filter(|then| {
            then.params == now.params && then.inputs == now.inputs && then.needs == now.needs
        });
        if let Some(then) = same {
            now.output.clone_from(&then.output);
        } else {
            let before = |name: &str| computed.get(name).or_else(|| run.outputs.get(name));
            let done: BTreeMap<&'static str, StepOutput> = step
                .needs
                .iter()
                .filter_map(|name| Some((*name, before(name)?.clone())))
                .collect();
            // What a later step needs has to be whole.
            let extent = if wanted.iter().any(|name| name == step.name) {
                Extent::Glance
            } else {
                Extent::Whole
            };
            let output = (step.run)(&inputs.context(step, &done, extent, Pace::UNSEEN));
            now.output = output.hash();
            computed.insert(step.name.to_owned(), output);
        }
        records.push(now);
    }
    Ok(Preview {
        outputs: computed,
        other_code: manifest.code != CODE,
    })
}
