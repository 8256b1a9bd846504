//! What home can do: strengths of clusters, complexity, dependency, coupling and the card of conditions.

use std::collections::BTreeMap;

use evidence::Confidence;
use model::Country;
use serde::{Deserialize, Serialize};

use super::Span;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterSection {
    /// Weight of a piece of evidence by its kind.
    pub weights: BTreeMap<String, Span>,
    /// Weight of a kind that is not listed.
    pub default_weight: Span,
    /// Discount by the confidence in the source.
    pub trust: Trust,
}

/// How much a piece of evidence counts, by the confidence in its source.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trust {
    pub high: Span,
    pub medium: Span,
    pub low: Span,
}

impl ClusterSection {
    pub fn weight(&self, kind: &str) -> Span {
        self.weights
            .get(kind)
            .copied()
            .unwrap_or(self.default_weight)
    }

    /// A source without a recorded confidence is treated as a weak one.
    pub fn trust(&self, confidence: Option<Confidence>) -> Span {
        match confidence {
            Some(Confidence::High) => self.trust.high,
            Some(Confidence::Medium) => self.trust.medium,
            Some(Confidence::Low) | None => self.trust.low,
        }
    }
}

/// Complexity of locations and the options of home, from the large tables.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ComplexitySection {
    /// Layer of the table `activity`; exports of the table `trade` where there is none.
    pub layer: String,
    /// Location that stands for home; its country code where empty.
    pub location: String,
    /// Least totals of a location and of an activity, in the unit of the table.
    pub least_location: f64,
    pub least_activity: f64,
    /// Replicates of the bootstrap.
    pub replicates: usize,
    /// Options of home that are listed.
    pub options: usize,
}

impl Default for ComplexitySection {
    fn default() -> Self {
        Self {
            layer: "products".to_owned(),
            location: String::new(),
            least_location: 0.0,
            least_activity: 0.0,
            replicates: 200,
            options: 40,
        }
    }
}

/// Import dependency of home, from the table `trade`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DependencySection {
    /// Whose criteria: `ec2021`, `geo_dep` or `ecipe`.
    pub method: foundation::dependency::record::Method,
    pub params: foundation::dependency::record::ListParams,
    /// Years read, counted from the latest.
    pub years: usize,
    pub capability: foundation::dependency::capability::CapabilityParams,
    /// Share of the exposure that the smallest set of products is to cover.
    pub cover: f64,
}

impl Default for DependencySection {
    fn default() -> Self {
        Self {
            method: foundation::dependency::record::Method::GeoDep,
            params: foundation::dependency::record::ListParams::default(),
            years: 5,
            capability: foundation::dependency::capability::CapabilityParams::default(),
            cover: 0.5,
        }
    }
}

/// Coupling of innovation and industry by field, from the rows of the evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CouplingSection {
    /// Weight of the innovation chain; the rest is that of the industrial chain.
    pub innovation_weight: f64,
}

impl Default for CouplingSection {
    fn default() -> Self {
        Self {
            innovation_weight: 0.5,
        }
    }
}

/// The card of national conditions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConditionSection {
    /// Countries whose cards stand beside home's.
    pub compare: Vec<Country>,
    /// A country makes a node of a chain from this share of its supply on.
    pub present_from: f64,
    /// A technology is far behind from this distance to the leader on.
    pub behind_from: f64,
    /// A cluster is strong in a field from this strength on.
    pub strong_from: f64,
    /// Fewest units with data for an answer.
    pub least_known: usize,
}

impl Default for ConditionSection {
    fn default() -> Self {
        Self {
            compare: Vec::new(),
            present_from: 0.05,
            behind_from: 0.5,
            strong_from: 0.5,
            least_known: 3,
        }
    }
}

impl ConditionSection {
    pub fn reading(&self) -> foundation::conditions::ReadingParams {
        foundation::conditions::ReadingParams {
            least_known: self.least_known,
        }
    }
}
