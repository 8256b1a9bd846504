//! The stage of a field: basic, emerging, future, strategic emerging, mature.
//!
//! Two rules, shown side by side and never mixed. By readiness: the groups of the International Energy Agency's extended
//! scale (ETP Clean Energy Technology Guide 2020): concept 1-3, prototype 4-6, demonstration 7-8, early adoption 9-10,
//! mature 11. By designation: what home's own plans call it. A technology without either is unknown, and counted.

use std::collections::BTreeMap;

use model::{Field, RowRef, Technology};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Basic,
    Emerging,
    Future,
    StrategicEmerging,
    Mature,
}

impl Stage {
    pub const ALL: [Self; 5] = [
        Self::Basic,
        Self::Emerging,
        Self::Future,
        Self::StrategicEmerging,
        Self::Mature,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::Basic => "stage.basic",
            Self::Emerging => "stage.emerging",
            Self::Future => "stage.future",
            Self::StrategicEmerging => "stage.strategic_emerging",
            Self::Mature => "stage.mature",
        }
    }

    /// Of a level of the extended scale, 1 to 11; others have none.
    pub fn of_level(level: u8) -> Option<Self> {
        Some(match level {
            1..=3 => Self::Basic,
            4..=6 => Self::Emerging,
            7..=8 => Self::Future,
            9..=10 => Self::StrategicEmerging,
            11 => Self::Mature,
            _ => return None,
        })
    }
}

/// What is on record about one technology.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    pub technology: Technology,
    pub field: Field,
    /// Lower and upper end of its readiness.
    pub levels: Option<(u8, u8)>,
    /// What home's plans call it; a later plan may call it something else.
    pub designated: Vec<Stage>,
    pub origins: Vec<RowRef>,
}

/// Whether the two rules say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    Agree,
    Differ,
    OneRule,
    Unknown,
}

impl Agreement {
    pub fn code(self) -> &'static str {
        match self {
            Self::Agree => "agreement.agree",
            Self::Differ => "agreement.differ",
            Self::OneRule => "agreement.one_rule",
            Self::Unknown => "agreement.unknown",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct FieldStage {
    pub field: Field,
    pub technologies: usize,
    /// Earliest and latest stage of its technologies by readiness, and how many have one.
    pub by_readiness: Option<(Stage, Stage)>,
    pub with_readiness: usize,
    /// Likewise by designation.
    pub by_designation: Option<(Stage, Stage)>,
    pub with_designation: usize,
    pub agreement: Agreement,
    pub origins: Vec<RowRef>,
}

/// Fields by id.
pub fn stages(known: &[Known]) -> Vec<FieldStage> {
    let mut by_field: BTreeMap<&Field, Vec<&Known>> = BTreeMap::new();
    for technology in known {
        by_field
            .entry(&technology.field)
            .or_default()
            .push(technology);
    }
    by_field
        .into_iter()
        .map(|(field, group)| {
            let readiness: Vec<(Stage, Stage)> = group
                .iter()
                .filter_map(|k| {
                    let (low, high) = k.levels?;
                    Some((Stage::of_level(low)?, Stage::of_level(high)?))
                })
                .collect();
            let designated: Vec<(Stage, Stage)> = group
                .iter()
                .filter_map(|k| Some((*k.designated.iter().min()?, *k.designated.iter().max()?)))
                .collect();
            let (by_readiness, by_designation) = (span(&readiness), span(&designated));
            let agreement = match (by_readiness, by_designation) {
                (Some(a), Some(b)) if a.0 <= b.1 && b.0 <= a.1 => Agreement::Agree,
                (Some(_), Some(_)) => Agreement::Differ,
                (None, None) => Agreement::Unknown,
                _ => Agreement::OneRule,
            };
            let mut origins: Vec<RowRef> = group
                .iter()
                .flat_map(|k| k.origins.iter().cloned())
                .collect();
            origins.sort();
            origins.dedup();
            FieldStage {
                field: field.clone(),
                technologies: group.len(),
                by_readiness,
                with_readiness: readiness.len(),
                by_designation,
                with_designation: designated.len(),
                agreement,
                origins,
            }
        })
        .collect()
}

fn span(stages: &[(Stage, Stage)]) -> Option<(Stage, Stage)> {
    let first = stages.iter().map(|s| s.0).min()?;
    let last = stages.iter().map(|s| s.1).max()?;
    Some((first, last))
}
