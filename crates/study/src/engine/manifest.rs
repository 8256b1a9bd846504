//! The record of a run: enough to say what it was computed from, and to compute it again.

use std::collections::BTreeMap;

use evidence::store::LockEntry;
use model::{Lang, Message, Names};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::config::Config;
use crate::scenario::Scenario;
use crate::variant::Variant;

pub const SCHEMA: &str = "forelay.run/1";

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub schema: String,
    pub id: String,
    /// Version of the program and hash of its sources.
    pub version: String,
    pub code: String,
    pub config: Config,
    pub scenarios: Vec<Scenario>,
    /// What was laid over the settings of the study.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<Variant>,
    /// Tables of evidence that the run read.
    pub inputs: Vec<LockEntry>,
    pub steps: Vec<StepRecord>,
}

/// Characters of a run's id that readers are shown.
const SHOWN: usize = 8;

/// What readers know a run by: its variant, or that it is the study's own, and the beginning of its id.
pub fn mark(id: &str, variant: Option<&str>, lang: Lang) -> String {
    let name = variant.map_or_else(|| Message::new("run.study"), Message::verbatim);
    Message::new("run.mark")
        .with("name", name)
        .with("id", id.chars().take(SHOWN).collect::<String>())
        .render(lang, &Names::default())
}

impl Manifest {
    /// What readers know the run by.
    pub fn mark(&self, lang: Lang) -> String {
        let variant = self.variant.as_ref();
        mark(&self.id, variant.map(|v| v.name.as_str()), lang)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    pub step: String,
    /// Hash over code, parameters, inputs and the outputs of the steps before.
    pub key: String,
    pub output: String,
    pub params: Value,
    /// Content hash by evidence table.
    pub inputs: BTreeMap<String, String>,
    /// Output hash by step.
    pub needs: BTreeMap<String, String>,
}
