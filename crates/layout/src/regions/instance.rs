//! The question: clusters, industries, suitability and rules.

use std::collections::{BTreeMap, BTreeSet};

use model::{Cluster, Entity, Estimate, Industry, Message, Region};
use serde::{Deserialize, Serialize};

/// A cluster and how many industries it may host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterSpec {
    pub cluster: Cluster,
    pub region: Region,
    /// Least number of industries, default 1.
    #[serde(default = "one")]
    pub min: usize,
    /// Largest number of industries, default 2.
    #[serde(default = "two")]
    pub max: usize,
}

/// An industry and how many clusters of the nation host it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndustrySpec {
    pub industry: Industry,
    /// Least number of clusters, default 0.
    #[serde(default)]
    pub floor: usize,
    /// Largest number of clusters, default unlimited.
    #[serde(default)]
    pub cap: Option<usize>,
    /// Factor on its suitability in the national objective, at least 0, default 1.
    #[serde(default = "unit")]
    pub weight: f64,
}

/// How many clusters of one region may host the same industry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RegionalCap {
    /// For every region without its own limit; `None` is unlimited.
    pub limit: Option<usize>,
    pub by_region: BTreeMap<Region, usize>,
}

impl RegionalCap {
    pub fn of(&self, region: &Region) -> Option<usize> {
        self.by_region.get(region).copied().or(self.limit)
    }
}

/// The whole question.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Instance {
    pub clusters: Vec<ClusterSpec>,
    pub industries: Vec<IndustrySpec>,
    /// Suitability of a cluster for an industry on one common scale. A pair that is absent has no evidence
    /// and cannot be chosen.
    pub suitability: BTreeMap<(Cluster, Industry), Estimate>,
    pub regional_cap: RegionalCap,
    pub vetoes: Vec<(Cluster, Industry)>,
    pub commitments: Vec<(Cluster, Industry)>,
}

fn one() -> usize {
    1
}
fn two() -> usize {
    2
}
fn unit() -> f64 {
    1.0
}

impl Instance {
    /// Region of each cluster.
    pub fn regions(&self) -> BTreeMap<Cluster, Region> {
        self.clusters
            .iter()
            .map(|c| (c.cluster.clone(), c.region.clone()))
            .collect()
    }

    /// What is wrong with the question itself, before any rule can conflict with another.
    pub(crate) fn problems(&self) -> Vec<Message> {
        let mut problems = Vec::new();
        let clusters: BTreeSet<&Cluster> = self.clusters.iter().map(|c| &c.cluster).collect();
        let industries: BTreeSet<&Industry> = self.industries.iter().map(|i| &i.industry).collect();
        if clusters.is_empty() || industries.is_empty() {
            problems.push(Message::new("regions.invalid.empty"));
        }
        if clusters.len() != self.clusters.len() || industries.len() != self.industries.len() {
            problems.push(Message::new("regions.invalid.twice"));
        }
        for spec in &self.industries {
            if !(spec.weight.is_finite() && spec.weight >= 0.0) {
                problems.push(
                    Message::new("regions.invalid.weight").with("industry", spec.industry.entity()),
                );
            }
        }
        let pairs = self
            .suitability
            .keys()
            .map(|(c, i)| (c, i))
            .chain(self.vetoes.iter().map(|(c, i)| (c, i)))
            .chain(self.commitments.iter().map(|(c, i)| (c, i)));
        let mut unknown: BTreeSet<Entity> = BTreeSet::new();
        for (c, i) in pairs {
            if !clusters.contains(c) {
                unknown.insert(c.entity());
            }
            if !industries.contains(i) {
                unknown.insert(i.entity());
            }
        }
        if !unknown.is_empty() {
            let listed: Vec<Entity> = unknown.into_iter().collect();
            problems.push(Message::new("regions.invalid.unknown").with("names", listed));
        }
        for ((c, i), s) in &self.suitability {
            let finite = s.low.is_finite() && s.high.is_finite();
            if !(finite && s.low <= s.value && s.value <= s.high) {
                problems.push(
                    Message::new("regions.invalid.suitability")
                        .with("cluster", c.entity())
                        .with("industry", i.entity()),
                );
            }
        }
        problems
    }
}
