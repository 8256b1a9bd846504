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

/// A chain link: `from` supplies `to`. It is worth `weight` once in each region (or cooperation circle) that
/// hosts both ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    pub from: Industry,
    pub to: Industry,
    /// On the scale of suitability, at least 0.
    pub weight: f64,
    /// The least and the largest that it may be worth. The plan counts `weight`; prices of changes span the range.
    #[serde(default)]
    pub range: Option<[f64; 2]>,
}

/// Something that industries need and clusters have (land, power), in whole units.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    pub name: String,
    /// Need of an industry; absent is none.
    #[serde(default)]
    pub need: BTreeMap<Industry, u32>,
    /// Stock of a cluster; absent is not limited.
    #[serde(default)]
    pub stock: BTreeMap<Cluster, u32>,
}

/// The whole question.
///
/// All but fairness makes the integer program that [`super::solve`] answers exactly; links tie clusters together, so
/// large questions with many of them are answered by [`super::certified`], with a bound, and so is fairness.
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
    /// Pairs below this suitability stay out, unless committed.
    pub least: Option<f64>,
    pub resources: Vec<Resource>,
    /// Clusters next door to each other: not both host the same industry.
    pub next_door: Vec<(Cluster, Cluster)>,
    /// Industries that need a lead site: the best suited of their hosts, so at least one host.
    pub leads: BTreeSet<Industry>,
    pub links: Vec<Link>,
    /// The cooperation circle of a cluster, within its region; absent: the whole region.
    pub circles: BTreeMap<Cluster, Region>,
    /// For the neighbour score: the clusters that a link of this one may reach.
    pub neighbours: BTreeMap<Cluster, Vec<Cluster>>,
    /// Weight of the mean suitability per cluster of the region that fares worst, at most [`LARGEST_FAIRNESS`].
    pub fairness: f64,
}

/// A larger weight of fairness would leave less than a thousand steps to tell scores apart in a certified bound.
pub const LARGEST_FAIRNESS: f64 = 1e8;

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
        let named_clusters = self
            .next_door
            .iter()
            .flat_map(|(c, d)| [c, d])
            .chain(self.circles.keys())
            .chain(
                self.neighbours
                    .iter()
                    .flat_map(|(c, list)| list.iter().chain([c])),
            )
            .chain(self.resources.iter().flat_map(|r| r.stock.keys()));
        unknown.extend(
            named_clusters
                .filter(|c| !clusters.contains(c))
                .map(Cluster::entity),
        );
        let named_industries = self
            .links
            .iter()
            .flat_map(|l| [&l.from, &l.to])
            .chain(&self.leads)
            .chain(self.resources.iter().flat_map(|r| r.need.keys()));
        unknown.extend(
            named_industries
                .filter(|i| !industries.contains(i))
                .map(Industry::entity),
        );
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
        for link in &self.links {
            let [low, high] = link.range.unwrap_or([link.weight; 2]);
            let around = 0.0 <= low && low <= link.weight && link.weight <= high;
            if !(around && high.is_finite() && link.from != link.to) {
                problems.push(
                    Message::new("regions.invalid.link")
                        .with("from", link.from.entity())
                        .with("to", link.to.entity()),
                );
            }
        }
        if self.next_door.iter().any(|(c, d)| c == d) {
            problems.push(Message::new("regions.invalid.next_door"));
        }
        if self.fairness > 0.0 && self.suitability.values().any(|s| s.value < 0.0) {
            problems.push(Message::new("regions.invalid.fairness"));
        }
        if !(0.0..=LARGEST_FAIRNESS).contains(&self.fairness)
            || self.least.is_some_and(|least| !least.is_finite())
        {
            problems.push(Message::new("regions.invalid.weights").with("most", LARGEST_FAIRNESS));
        }
        // A circle that reaches over a border would tie regions together.
        let mut region_of_circle: BTreeMap<&Region, &Region> = BTreeMap::new();
        for spec in &self.clusters {
            if let Some(circle) = self.circles.get(&spec.cluster)
                && region_of_circle
                    .insert(circle, &spec.region)
                    .is_some_and(|r| r != &spec.region)
            {
                problems
                    .push(Message::new("regions.invalid.circle").with("circle", circle.entity()));
            }
        }
        problems
    }
}
