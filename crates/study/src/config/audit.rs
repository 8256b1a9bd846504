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
    /// Ways to organise research and development.
    pub models: BTreeMap<OrganisationModel, ModelSection>,
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
            models: BTreeMap::new(),
            scenarios: CrossImpactParams::default(),
        }
    }
}

/// A way to organise research and development.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrganisationModel {
    /// Firms of an industry research together, led by some of them.
    IndustryConsortium,
    /// A centre with a core grant that works for firms.
    TechnologyCentre,
    /// Institutes of applied research under one roof.
    InstituteNetwork,
    /// A programme of the state over years with a budget of its own.
    NationalProgramme,
    /// A shared line for trial production.
    PilotLine,
    /// A laboratory of one leading firm.
    CorporateLaboratory,
}

impl OrganisationModel {
    /// The catalogue code.
    pub fn code(self) -> &'static str {
        match self {
            Self::IndustryConsortium => "model.industry_consortium",
            Self::TechnologyCentre => "model.technology_centre",
            Self::InstituteNetwork => "model.institute_network",
            Self::NationalProgramme => "model.national_programme",
            Self::PilotLine => "model.pilot_line",
            Self::CorporateLaboratory => "model.corporate_laboratory",
        }
    }

    /// The word of the settings.
    pub fn word(self) -> &'static str {
        model::short(self.code())
    }
}

/// Something about a field that rows can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// A leading enterprise of home has a capability in it.
    LeadingEnterprise,
    /// Two or more universities, institutes or laboratories of home have.
    ResearchBase,
    /// A platform of home has.
    Platform,
    /// Two of these organisations have worked together.
    Ties,
    /// A published chokepoint concerns it.
    Chokepoint,
    /// A technology stands at readiness 1 to 3, 4 to 6, 7 to 9.
    EarlyTechnology,
    MiddleTechnology,
    LateTechnology,
}

impl Condition {
    /// The catalogue code.
    pub fn code(self) -> &'static str {
        match self {
            Self::LeadingEnterprise => "condition.leading_enterprise",
            Self::ResearchBase => "condition.research_base",
            Self::Platform => "condition.platform",
            Self::Ties => "condition.ties",
            Self::Chokepoint => "condition.chokepoint",
            Self::EarlyTechnology => "condition.early_technology",
            Self::MiddleTechnology => "condition.middle_technology",
            Self::LateTechnology => "condition.late_technology",
        }
    }
}

/// When a way to organise fits, and the cases on record.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelSection {
    /// Rows of `reference_classes`.
    pub cases: Vec<String>,
    pub conditions: Vec<Condition>,
}
