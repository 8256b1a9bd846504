//! Selection, regional layout, roadmap, and the plan as a whole.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Span;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelectionSection {
    /// How many industries the plan can carry.
    pub top: usize,
    pub draws: usize,
    /// Weight ranges of the criteria foundation, prospects and needs.
    pub weights: BTreeMap<String, WeightRange>,
    /// Alternatives with a larger share of unknown criteria are refused.
    pub max_unknown_share: f64,
    /// Sums in constant dollars are scaled by this many billions to 0..1 (log scale), as prospects.
    pub money_scale_bn: f64,
    /// What is said about weights without numbers, or about groups of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statement: Vec<layout::select::Said>,
    /// Which sets of industries are allowed.
    #[serde(default, skip_serializing_if = "is_unlimited")]
    pub limits: layout::select::SetLimits,
}

fn is_unlimited(limits: &layout::select::SetLimits) -> bool {
    *limits == layout::select::SetLimits::default()
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightRange {
    pub low: f64,
    pub high: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionSection {
    /// Fewest and most industries of a cluster.
    pub min_per_cluster: usize,
    pub max_per_cluster: usize,
    /// Fewest and most clusters of an industry in the nation.
    pub floor: usize,
    pub cap: usize,
    /// Most clusters of one region with the same industry.
    pub regional_cap: usize,
    /// Industry-specific floors and caps.
    #[serde(default)]
    pub industry: BTreeMap<String, FloorCap>,
    /// `["cluster", "field"]` pairs that are ruled out or already decided.
    #[serde(default)]
    pub vetoes: Vec<(String, String)>,
    #[serde(default)]
    pub commitments: Vec<(String, String)>,
    /// Draws of the suitabilities for the share of draws in which a pair is in the plan.
    pub draws: usize,
    /// Unchosen industries per cluster whose answer stands in full on paper: those that cost the plan the least.
    pub alternatives: usize,
    /// Without it, chain links are not rewarded anywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub links: Option<LinkSection>,
}

/// The layout in which chain links count.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkSection {
    /// Whether the plan itself counts links, or they are shown beside it.
    #[serde(default)]
    pub role: LinkRole,
    /// Worth of a region that hosts both ends of a link, on the scale of acceptability × strength.
    pub weight: Span,
    /// Layouts wanted that are nearly as good, the best among them.
    pub layouts: usize,
    /// Share of the objective that such a layout may lose.
    pub within: f64,
}

/// What the links are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkRole {
    /// The plan counts them at their central weight; the layout without them stands beside it.
    #[default]
    Plan,
    /// The plan does not count them; the layout with them stands beside it.
    Comparison,
}

impl LinkSection {
    pub(super) fn problem(self) -> Option<String> {
        if self.weight.problem() || self.weight.low < 0.0 {
            return Some("regions.links.weight must satisfy 0 <= low <= value <= high".to_owned());
        }
        if self.layouts == 0 || self.layouts > 100 || !(0.0..1.0).contains(&self.within) {
            return Some("regions.links: 1 to 100 layouts; 0 <= within < 1".to_owned());
        }
        None
    }
}

/// The plan as a whole under uncertainty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WholeSection {
    /// 1,000 draws bring every share within 0.03.
    pub draws: usize,
    /// Ways to bring the criteria together; each draw takes one of them.
    pub aggregation: Vec<Aggregation>,
    /// Shares of draws from which a part is core, and frequent.
    #[serde(default = "core_from")]
    pub core_from: f64,
    #[serde(default = "frequent_from")]
    pub frequent_from: f64,
}

/// How criteria become one score (OECD & JRC 2008, step 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregation {
    /// Σ w x: a strong criterion makes up for a weak one.
    Arithmetic,
    /// Π x^w: it does so less, and never for nothing.
    Geometric,
    /// The weakest criterion alone counts; weights do not.
    Worst,
}

fn core_from() -> f64 {
    0.9
}

fn frequent_from() -> f64 {
    0.5
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FloorCap {
    pub floor: usize,
    pub cap: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoadmapSection {
    pub draws: usize,
    /// Reference classes of each stage's duration.
    pub stages: BTreeMap<String, StageClasses>,
    /// Most industries in the same stage at the same time.
    pub per_stage: BTreeMap<String, usize>,
    /// How durations are distributed within their ranges.
    #[serde(default)]
    pub shape: layout::roadmap::Shape,
    /// Of the durations of one field; 0 where it is left out.
    #[serde(default)]
    pub correlation: layout::roadmap::Correlation,
    /// Probability that the gate at the end of a stage is passed; stages left out have no gate.
    #[serde(default)]
    pub gates: BTreeMap<String, Span>,
    #[serde(default)]
    pub rework: layout::roadmap::Rework,
    /// Without it, money binds nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub money: Option<layout::roadmap::Money>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageClasses {
    /// Reference classes used where no field has its own.
    pub default: Vec<String>,
    #[serde(default)]
    pub fields: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanSection {
    /// Home's added share of the supply that it draws on at a node, once an industry's capacity stage is done.
    pub added_share: Span,
    /// Most nodes that one industry's plan adds capacity at, the worst necks first.
    pub nodes_per_industry: usize,
}
