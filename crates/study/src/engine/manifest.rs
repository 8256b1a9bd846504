//! The record of a run: enough to say what it was computed from, and to compute it again.

use std::collections::BTreeMap;

use evidence::store::LockEntry;
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
