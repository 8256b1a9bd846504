//! Settings of `calc select`: limits, scales, senses, what is said about weights.

use std::collections::BTreeMap;
use std::path::Path;

use layout::select::{Preference, Said, Sense, SetLimits, WeightRange};
use model::{Criterion, Industry};
use serde::Deserialize;

use crate::calc::{CalcError, toml};

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bounds {
    #[serde(default)]
    low: f64,
    #[serde(default = "one")]
    high: f64,
}

fn one() -> f64 {
    1.0
}

/// How values become utilities on 0..1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// From the least low to the largest high of each criterion.
    #[default]
    MinMax,
    /// They are utilities already.
    None,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    weights: BTreeMap<String, Bounds>,
    pub statement: Vec<Said>,
    pub limits: SetLimits,
    /// Criteria where less is better.
    pub sense: BTreeMap<String, Sense>,
    pub scale: Scale,
    /// Preference functions of PROMETHEE, by criterion, in the unit of the values.
    pub preference: BTreeMap<String, Preference>,
    pub max_unknown_share: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            weights: BTreeMap::new(),
            statement: Vec::new(),
            limits: SetLimits::default(),
            sense: BTreeMap::new(),
            scale: Scale::MinMax,
            preference: BTreeMap::new(),
            max_unknown_share: 0.5,
        }
    }
}

impl Settings {
    pub fn ranges(&self) -> Vec<WeightRange> {
        self.weights
            .iter()
            .map(|(criterion, range)| WeightRange {
                criterion: criterion.as_str().into(),
                low: range.low,
                high: range.high,
            })
            .collect()
    }

    pub fn sense_of(&self, criterion: &Criterion) -> Sense {
        self.sense
            .get(criterion.as_str())
            .copied()
            .unwrap_or(Sense::Benefit)
    }

    /// Every name that the settings use is a criterion or an alternative.
    pub(super) fn check(
        &self,
        alternatives: &[Industry],
        criteria: &[Criterion],
    ) -> Result<(), CalcError> {
        let wrong = |what: &str, name: &str, known: Vec<&str>| {
            CalcError::argument(
                "--preferences",
                format!(
                    "{what} `{name}` is not in the data; known are {}",
                    known.join(", ")
                ),
            )
        };
        let named = self.weights.keys().chain(self.sense.keys());
        for name in named.chain(self.preference.keys()) {
            if !criteria.iter().any(|c| c.as_str() == name) {
                let known = criteria.iter().map(Criterion::as_str).collect();
                return Err(wrong("the criterion", name, known));
            }
        }
        let limits = &self.limits;
        let grouped = limits.group.iter().flat_map(|g| &g.members);
        for name in limits.committed.iter().chain(&limits.vetoed).chain(grouped) {
            if !alternatives.contains(name) {
                let known = alternatives.iter().map(Industry::as_str).collect();
                return Err(wrong("the alternative", name.as_str(), known));
            }
        }
        if let Some((name, _)) = self.preference.iter().find(|(_, p)| !p.is_valid()) {
            return Err(CalcError::argument(
                "--preferences",
                format!("preference.{name}: thresholds are 0 or more, q not above p, s above 0"),
            ));
        }
        Ok(())
    }
}

pub fn settings(file: Option<&Path>) -> Result<Settings, CalcError> {
    file.map_or_else(
        || Ok(Settings::default()),
        |file| toml("--preferences", file),
    )
}
