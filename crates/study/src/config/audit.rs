//! `[audit]` and `[readings]`: what the audit of plans and the readings for a layout take for granted.

use std::collections::BTreeMap;

use layout::audit::{AuditParams, Date};
use layout::cross_impact::CrossImpactParams;
use layout::readings::stage::Stage;
use layout::readings::whole_chain::Link;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuditSection {
    /// The day on which actions are looked at; the first of the study's start year where none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub today: Option<Date>,
    /// Instruments that cost money by themselves.
    pub costly: Vec<String>,
}

impl Default for AuditSection {
    fn default() -> Self {
        Self {
            today: None,
            costly: AuditParams::default().costly,
        }
    }
}

/// Readings of a layout from rows. Which kind of evidence shows which link, and which plan names which stage, is judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReadingSection {
    /// Home's strategies by what they call the technologies that they name.
    pub designations: BTreeMap<Stage, Vec<String>>,
    /// Kinds of evidence of a cluster's strength by the link of the whole chain that they show.
    pub links: BTreeMap<Link, Vec<String>>,
    /// Kinds of organisations likewise.
    pub organisations: BTreeMap<Link, Vec<String>>,
    /// Fewest rows of a cluster for an index of its boundaries.
    pub least_rows: usize,
    /// Fewest jurisdictions abroad that plan two fields together.
    pub least_jurisdictions: usize,
    /// Less slack than this many years calls for action now.
    pub margin_years: f64,
    /// Pairs that are listed.
    pub top: usize,
    pub scenarios: CrossImpactParams,
}

impl Default for ReadingSection {
    fn default() -> Self {
        Self {
            designations: BTreeMap::new(),
            links: BTreeMap::new(),
            organisations: BTreeMap::new(),
            least_rows: 5,
            least_jurisdictions: 3,
            margin_years: 1.0,
            top: 40,
            scenarios: CrossImpactParams::default(),
        }
    }
}
