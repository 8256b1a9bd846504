//! The rules of a layout, each with its sentence.

use model::{Cluster, Industry, Message, Region};
use serde::{Deserialize, Serialize};

/// One rule that a plan keeps.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// `candidates`: industries for which there is evidence in this cluster.
    ClusterMin {
        cluster: Cluster,
        min: usize,
        candidates: usize,
    },
    ClusterMax {
        cluster: Cluster,
        max: usize,
    },
    /// `candidates`: clusters for which there is evidence of this industry.
    Floor {
        industry: Industry,
        floor: usize,
        candidates: usize,
    },
    Cap {
        industry: Industry,
        cap: usize,
    },
    RegionalCap {
        region: Region,
        cap: usize,
    },
    Veto {
        cluster: Cluster,
        industry: Industry,
    },
    Commitment {
        cluster: Cluster,
        industry: Industry,
    },
    /// A commitment to a pair for which there is no evidence: it cannot be kept.
    CommitmentWithoutEvidence {
        cluster: Cluster,
        industry: Industry,
    },
    /// `closed`: pairs below the least suitability.
    LeastSuitability {
        closed: usize,
    },
    Resource {
        cluster: Cluster,
        resource: String,
        stock: u32,
    },
    NextDoor {
        cluster: Cluster,
        other: Cluster,
    },
    Lead {
        industry: Industry,
    },
}

/// Rules of one kind, as a policy maker would lift them together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleFamily {
    ClusterMin,
    ClusterMax,
    Floors,
    Caps,
    RegionalCaps,
    Vetoes,
    Commitments,
    LeastSuitability,
    Resources,
    NextDoor,
    Leads,
}

impl RuleFamily {
    /// The catalogue code.
    pub fn code(self) -> &'static str {
        match self {
            Self::ClusterMin => "rules.cluster_min",
            Self::ClusterMax => "rules.cluster_max",
            Self::Floors => "rules.floors",
            Self::Caps => "rules.caps",
            Self::RegionalCaps => "rules.regional_caps",
            Self::Vetoes => "rules.vetoes",
            Self::Commitments => "rules.commitments",
            Self::LeastSuitability => "rules.least_suitability",
            Self::Resources => "rules.resources",
            Self::NextDoor => "rules.next_door",
            Self::Leads => "rules.leads",
        }
    }
}

impl Rule {
    pub fn family(&self) -> RuleFamily {
        match self {
            Self::ClusterMin { .. } => RuleFamily::ClusterMin,
            Self::ClusterMax { .. } => RuleFamily::ClusterMax,
            Self::Floor { .. } => RuleFamily::Floors,
            Self::Cap { .. } => RuleFamily::Caps,
            Self::RegionalCap { .. } => RuleFamily::RegionalCaps,
            Self::Veto { .. } => RuleFamily::Vetoes,
            Self::Commitment { .. } | Self::CommitmentWithoutEvidence { .. } => {
                RuleFamily::Commitments
            }
            Self::LeastSuitability { .. } => RuleFamily::LeastSuitability,
            Self::Resource { .. } => RuleFamily::Resources,
            Self::NextDoor { .. } => RuleFamily::NextDoor,
            Self::Lead { .. } => RuleFamily::Leads,
        }
    }

    /// The rule as a sentence.
    pub fn message(&self) -> Message {
        let pair = |id: &str, cluster: &Cluster, industry: &Industry| {
            Message::new(id)
                .with("cluster", cluster.entity())
                .with("industry", industry.entity())
        };
        match self {
            Self::ClusterMin {
                cluster,
                min,
                candidates,
            } => Message::new("regions.rule.cluster_min")
                .with("cluster", cluster.entity())
                .with("min", *min)
                .with("candidates", *candidates),
            Self::ClusterMax { cluster, max } => Message::new("regions.rule.cluster_max")
                .with("cluster", cluster.entity())
                .with("max", *max),
            Self::Floor {
                industry,
                floor,
                candidates,
            } => Message::new("regions.rule.floor")
                .with("industry", industry.entity())
                .with("floor", *floor)
                .with("candidates", *candidates),
            Self::Cap { industry, cap } => Message::new("regions.rule.cap")
                .with("industry", industry.entity())
                .with("cap", *cap),
            Self::RegionalCap { region, cap } => Message::new("regions.rule.regional_cap")
                .with("region", region.entity())
                .with("cap", *cap),
            Self::Veto { cluster, industry } => pair("regions.rule.veto", cluster, industry),
            Self::Commitment { cluster, industry } => {
                pair("regions.rule.commitment", cluster, industry)
            }
            Self::CommitmentWithoutEvidence { cluster, industry } => pair(
                "regions.rule.commitment_without_evidence",
                cluster,
                industry,
            ),
            Self::LeastSuitability { closed } => {
                Message::new("regions.rule.least_suitability").with("closed", *closed)
            }
            Self::Resource {
                cluster,
                resource,
                stock,
            } => Message::new("regions.rule.resource")
                .with("cluster", cluster.entity())
                .with("resource", resource.as_str())
                .with("stock", *stock as usize),
            Self::NextDoor { cluster, other } => Message::new("regions.rule.next_door")
                .with("cluster", cluster.entity())
                .with("other", other.entity()),
            Self::Lead { industry } => {
                Message::new("regions.rule.lead").with("industry", industry.entity())
            }
        }
    }
}
