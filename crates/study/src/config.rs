//! `study.toml`: home, horizon, assumptions, weights, limits and seed of a study.
//!
//! Every assumption lives here, visible and ranged; the code holds none.

mod audit;
mod cascade;
mod decisions;
mod inventory;
mod report;
mod span;

use std::collections::BTreeMap;

use evidence::{Confidence, Mapping};
use model::{Basis, Country, Estimate, Seed, Year};
use serde::{Deserialize, Serialize};

pub use audit::{AuditSection, Condition, ModelSection, OrganisationModel, ReadingSection};
pub use cascade::{CascadeSection, Mode, Replaced};
pub use decisions::{ConsortiumSection, KindSection, PortfolioSection, SiteSection};
pub use inventory::{Given as GivenAssumption, GivenBy, InventorySection, Resolved};
pub use report::{DataGrade, ReportSection};
pub use span::number_or_percent;

/// A value with its range, as written in `study.toml`: `{ low = 0.1, value = 0.2, high = 0.4 }`.
/// A number alone, or a share as `"50%"`, is a range without width.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Span {
    pub low: f64,
    pub value: f64,
    pub high: f64,
}

impl Span {
    pub fn assumed(self) -> Estimate {
        Estimate::spanning(self.value, self.low, self.high, Basis::Assumed)
    }

    fn problem(self) -> bool {
        !(self.low <= self.value
            && self.value <= self.high
            && self.low.is_finite()
            && self.high.is_finite())
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub study: StudySection,
    pub ranges: Ranges,
    #[serde(default)]
    pub consensus: trend::consensus::ConsensusParams,
    #[serde(default)]
    pub money: trend::money::MoneyParams,
    #[serde(default)]
    pub monopoly: trend::lead::MonopolyParams,
    pub clusters: ClusterSection,
    #[serde(default)]
    pub chain: ChainSection,
    pub necks: NeckSection,
    #[serde(default)]
    pub conditions: ConditionSection,
    #[serde(default)]
    pub complexity: ComplexitySection,
    #[serde(default)]
    pub dependency: DependencySection,
    #[serde(default)]
    pub coupling: CouplingSection,
    pub selection: SelectionSection,
    pub regions: RegionSection,
    pub roadmap: RoadmapSection,
    /// Without it, the plan as a whole is not tested under uncertainty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<WholeSection>,
    /// Without these, the study forms no consortia, sites no pilots and chooses no projects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consortium: Option<ConsortiumSection>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sites: Option<SiteSection>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portfolio: Option<PortfolioSection>,
    pub plan: PlanSection,
    #[serde(default)]
    pub references: ReferenceSection,
    #[serde(default)]
    pub cascade: CascadeSection,
    #[serde(default)]
    pub audit: AuditSection,
    #[serde(default)]
    pub readings: ReadingSection,
    #[serde(default)]
    pub inventory: InventorySection,
    /// Without it, times to survive are not estimated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reliability: Option<ReliabilitySection>,
    /// Without it, no remedy is sought: its costs are assumptions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<RemedySection>,
    /// How documents are marked and set: read where they are written, kept in no run.
    #[serde(default, skip_serializing)]
    pub report: ReportSection,
    /// Files that `forelay add` registered, with their column mapping.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub table: Vec<Mapping>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StudySection {
    pub id: String,
    pub title_en: String,
    pub title_zh: String,
    /// ISO 3166-1 alpha-3 code of the country that plans.
    pub home: Country,
    /// The year the plan starts from; evidence from later years is used and shown with its year.
    pub start_year: Year,
    pub horizon_year: Year,
    pub seed: Seed,
}

/// How far a published number may be off, by the confidence in its source (relative half widths).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ranges {
    pub high: f64,
    pub medium: f64,
    pub low: f64,
    /// How far "more than", "less than" and "almost" reach beyond the number.
    pub open_side: f64,
    /// Half width of "about".
    pub about: f64,
}

impl Ranges {
    /// A source without a recorded confidence is treated as a weak one.
    pub fn half_width(&self, confidence: Option<Confidence>) -> f64 {
        match confidence {
            Some(Confidence::High) => self.high,
            Some(Confidence::Medium) => self.medium,
            Some(Confidence::Low) | None => self.low,
        }
    }
}

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

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChainSection {
    /// Chains left out because another chain of the evidence describes the same industry.
    pub exclude: Vec<String>,
    pub graph: chain::GraphParams,
    pub chokepoints: chain::ChokepointParams,
    pub must_control: chain::MustControlParams,
    pub readings: chain::readings::ReadingParams,
    pub shock: chain::ShockParams,
}

/// What the times to survive take where the scenarios name no stock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReliabilitySection {
    /// Weeks of normal use that users hold of a node.
    pub stock_weeks: Span,
    /// Capacity beyond the normal flow, as a share of it.
    #[serde(default)]
    pub spare: f64,
    /// Pairs kept per target.
    pub pairs: usize,
}

/// What remedies cost, in weeks of normal use of the node; a week of every node counts alike.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemedySection {
    /// Share of a target's loss without a plan that a plan may leave.
    pub leave: f64,
    /// What is bounded: the sum over the horizon (where nothing is said) or the worst week.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<chain::remedy::Over>,
    /// Of the plan for all scenarios together: the average of the worst 1 - alpha of the probability instead of the worst.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alpha: Option<f64>,
    /// By scenario; needed where `alpha` is given. What they leave of one is a case without loss.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub probabilities: BTreeMap<String, f64>,
    /// Cost of holding a stock for a year, as a share of its worth.
    pub holding_rate: Span,
    pub max_stock_weeks: f64,
    /// What a further source costs more than the present ones, as a share of the price.
    pub source_premium: Span,
    /// Qualifying a further source, weeks of normal use.
    pub source_fixed: Span,
    pub source_max_share: f64,
    pub source_ready_weeks: u32,
    /// What making at home costs more, as a share of the price.
    pub home_premium: Span,
    pub home_fixed: Span,
    pub home_max_share: f64,
    /// Weeks between the decision and the first week of a scenario.
    #[serde(default)]
    pub lead_weeks: u32,
    /// Points of the curve of loss against budget.
    pub points: usize,
    pub draws: usize,
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

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeckSection {
    #[serde(default)]
    pub thresholds: foundation::necks::NeckParams,
    /// The country whose published chokepoints the table `gaps` lists; for another home they say nothing.
    pub claims_about: Country,
    /// How a published chokepoint claim is read as a gap where no shares are on record.
    pub claim_gap: Span,
    /// Reference classes (ids) that give the years to build a capability, by chain; `default` for the rest.
    pub hardness: BTreeMap<String, Vec<String>>,
}

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
    /// Unchosen industries explained per cluster.
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
    fn problem(self) -> Option<String> {
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

/// Recorded disruptions as scenarios and as tests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReferenceSection {
    /// Weeks of normal use in stock, where no reference class says otherwise.
    pub default_stock_weeks: Span,
    /// Part of the supply that was exposed to a recorded event and stopped.
    pub stopped: Span,
    /// Weeks that a scenario goes on after the event.
    pub weeks_after: u32,
    /// Weeks of an event that has no end on record.
    pub open_weeks: u32,
    /// An interval of a share informs up to this width.
    pub informative_width: f64,
    /// An interval of any other quantity informs up to this ratio of its ends.
    pub informative_ratio: f64,
    pub loss: LossSection,
    /// Part of an industry's value (a row of `mineral_uses`) that cannot be made without the material.
    pub dependent: BTreeMap<String, Span>,
}

/// From a shortage of a material to a loss of the economy.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LossSection {
    /// Part of a shortage that no other source, material or recycling replaces within a year.
    pub not_replaced: Span,
    /// Loss of the economy per unit of loss in the industries that use the material.
    pub passed_on: Span,
}

impl Default for LossSection {
    fn default() -> Self {
        Self {
            not_replaced: Span {
                low: 0.3,
                value: 0.6,
                high: 1.0,
            },
            passed_on: Span {
                low: 1.0,
                value: 2.0,
                high: 4.0,
            },
        }
    }
}

impl Default for ReferenceSection {
    fn default() -> Self {
        Self {
            default_stock_weeks: Span {
                low: 4.0,
                value: 8.0,
                high: 16.0,
            },
            stopped: Span {
                low: 0.5,
                value: 1.0,
                high: 1.0,
            },
            weeks_after: 26,
            open_weeks: 52,
            informative_width: 0.3,
            informative_ratio: 10.0,
            loss: LossSection::default(),
            dependent: BTreeMap::new(),
        }
    }
}

/// More draws than this change no digit that is shown and fill the memory.
const MOST_DRAWS: usize = 1_000_000;

/// The stages of a roadmap, in their order.
const STAGES: [&str; 4] = ["research", "pilot", "demonstration", "capacity"];

/// What is wrong in a configuration file, for readers.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{file}{}: {problem}", line.map(|l| format!(" line {l}")).unwrap_or_default())]
pub struct ConfigError {
    pub file: String,
    pub line: Option<usize>,
    pub problem: String,
    pub help: Option<String>,
}

/// Reads a TOML text into `T`; a misspelt key is answered with the likely one, `nan` and `inf` with their line.
pub fn parse<T: for<'de> Deserialize<'de>>(file: &str, text: &str) -> Result<T, ConfigError> {
    let fault = |error: toml::de::Error| {
        let message = error.message().to_owned();
        let line = error
            .span()
            .map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        ConfigError {
            file: file.to_owned(),
            line,
            help: suggestion(&message),
            problem: message,
        }
    };
    let value: toml::Table = toml::from_str(text).map_err(fault)?;
    if let Some(path) = not_finite("", &toml::Value::Table(value)) {
        return Err(ConfigError {
            file: file.to_owned(),
            line: None,
            problem: format!("{path} is not a finite number"),
            help: Some("write a number; an unknown one is left out".to_owned()),
        });
    }
    toml::from_str(text).map_err(fault)
}

/// The path of the first number that is NaN or infinite.
fn not_finite(path: &str, value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::Float(x) if !x.is_finite() => Some(path.to_owned()),
        toml::Value::Table(table) => table.iter().find_map(|(key, inner)| {
            let dot = if path.is_empty() { "" } else { "." };
            not_finite(&format!("{path}{dot}{key}"), inner)
        }),
        toml::Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(i, inner)| not_finite(&format!("{path}[{i}]"), inner)),
        _ => None,
    }
}

/// "unknown field `x`, expected one of `a`, `b`" → "did you mean `a`?"
pub(crate) fn suggestion(message: &str) -> Option<String> {
    let mut names = message.split('`').skip(1).step_by(2);
    let unknown = message
        .starts_with("unknown")
        .then(|| names.next())
        .flatten()?;
    names
        .map(|name| (strsim::jaro_winkler(unknown, name), name))
        .filter(|(score, _)| *score > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| format!("did you mean `{name}`?"))
}

impl Config {
    /// Reads `study.toml` and checks what the type system cannot.
    pub fn from_toml(file: &str, text: &str) -> Result<Self, ConfigError> {
        let config: Self = parse(file, text)?;
        if let Some(problem) = config.problem() {
            return Err(ConfigError {
                file: file.to_owned(),
                line: None,
                problem,
                help: None,
            });
        }
        Ok(config)
    }

    fn problem(&self) -> Option<String> {
        if let Some(problem) = self.remedy_problem() {
            return Some(problem);
        }
        if let Some(problem) = self.regions.links.and_then(LinkSection::problem) {
            return Some(problem);
        }
        if let Some(problem) = self.report.problem() {
            return Some(problem);
        }
        if let Some(problem) = self.cascade.problem().or_else(|| self.inventory.problem()) {
            return Some(problem);
        }
        let spans = self
            .clusters
            .weights
            .iter()
            .map(|(name, span)| (format!("clusters.weights.{name}"), *span))
            .chain([
                ("clusters.trust.high".to_owned(), self.clusters.trust.high),
                (
                    "clusters.trust.medium".to_owned(),
                    self.clusters.trust.medium,
                ),
                ("clusters.trust.low".to_owned(), self.clusters.trust.low),
                (
                    "clusters.default_weight".to_owned(),
                    self.clusters.default_weight,
                ),
                ("necks.claim_gap".to_owned(), self.necks.claim_gap),
                ("plan.added_share".to_owned(), self.plan.added_share),
                ("references.stopped".to_owned(), self.references.stopped),
                (
                    "references.loss.not_replaced".to_owned(),
                    self.references.loss.not_replaced,
                ),
            ])
            .chain(
                self.references
                    .dependent
                    .iter()
                    .map(|(name, span)| (format!("references.dependent.{name}"), *span)),
            );
        for (path, span) in spans {
            if span.problem() || span.low < 0.0 || span.high > 1.0 {
                return Some(format!(
                    "{path} must satisfy 0 <= low <= value <= high <= 1, found low {}, value {}, high {}",
                    span.low, span.value, span.high
                ));
            }
        }
        let half_widths = [
            ("high", self.ranges.high),
            ("medium", self.ranges.medium),
            ("low", self.ranges.low),
            ("open_side", self.ranges.open_side),
            ("about", self.ranges.about),
        ];
        for (name, half) in half_widths {
            if !(0.0..=1.0).contains(&half) {
                return Some(format!("ranges.{name} must lie in 0..1, found {half}"));
            }
        }
        let shares = [
            ("money.rate_half_width", self.money.rate_half_width),
            ("consensus.common_from", self.consensus.common_from),
            (
                "selection.max_unknown_share",
                self.selection.max_unknown_share,
            ),
            ("necks.thresholds.value", self.necks.thresholds.value),
            ("necks.thresholds.gap", self.necks.thresholds.gap),
            ("necks.thresholds.monopoly", self.necks.thresholds.monopoly),
            ("chain.chokepoints.theta", self.chain.chokepoints.theta),
        ];
        for (name, share) in shares {
            if !(0.0..=1.0).contains(&share) || (name == "money.rate_half_width" && share >= 1.0) {
                return Some(format!("{name} must lie in 0..1, found {share}"));
            }
        }
        let positive = [
            (
                "references.default_stock_weeks",
                self.references.default_stock_weeks,
            ),
            ("references.loss.passed_on", self.references.loss.passed_on),
        ];
        for (path, span) in positive {
            if span.problem() || span.low < 0.0 {
                return Some(format!(
                    "{path} must satisfy 0 <= low <= value <= high, found low {}, value {}, high {}",
                    span.low, span.value, span.high
                ));
            }
        }
        if self.selection.money_scale_bn <= 0.0 {
            return Some(format!(
                "selection.money_scale_bn must be larger than 0, found {}",
                self.selection.money_scale_bn
            ));
        }
        let draws = [
            ("selection.draws", self.selection.draws),
            ("regions.draws", self.regions.draws),
            ("roadmap.draws", self.roadmap.draws),
        ];
        for (name, draws) in draws {
            if draws > MOST_DRAWS {
                return Some(format!("{name} may be at most {MOST_DRAWS}, found {draws}"));
            }
        }
        let sections = [
            self.consortium
                .as_ref()
                .and_then(ConsortiumSection::problem),
            self.sites.as_ref().and_then(SiteSection::problem),
            self.portfolio.as_ref().and_then(PortfolioSection::problem),
        ];
        if let Some(problem) = sections.into_iter().flatten().next() {
            return Some(problem);
        }
        if let Some(whole) = &self.whole {
            if !(1..=MOST_DRAWS).contains(&whole.draws) {
                return Some(format!(
                    "whole.draws must lie in 1..={MOST_DRAWS}, found {}",
                    whole.draws
                ));
            }
            if whole.aggregation.is_empty() {
                return Some(
                    "whole.aggregation must name at least one of arithmetic, geometric, worst"
                        .to_owned(),
                );
            }
            let (core, frequent) = (whole.core_from, whole.frequent_from);
            if !(0.0 <= frequent && frequent <= core && core <= 1.0) {
                return Some(format!(
                    "whole: 0 <= frequent_from <= core_from <= 1 is needed, found {frequent} and {core}"
                ));
            }
        }
        for (name, range) in &self.selection.weights {
            if !crate::steps::CRITERIA.contains(&name.as_str()) {
                return Some(format!(
                    "selection.weights.{name}: the criteria are {}",
                    crate::steps::CRITERIA.join(", ")
                ));
            }
            if !(0.0 <= range.low && range.low <= range.high && range.high <= 1.0) {
                return Some(format!(
                    "selection.weights.{name} must satisfy 0 <= low <= high <= 1, found {} and {}",
                    range.low, range.high
                ));
            }
        }
        for name in self
            .roadmap
            .stages
            .keys()
            .chain(self.roadmap.per_stage.keys())
            .chain(self.roadmap.gates.keys())
        {
            if !STAGES.contains(&name.as_str()) {
                return Some(format!(
                    "roadmap: `{name}` is no stage; the stages are {}",
                    STAGES.join(", ")
                ));
            }
        }
        for year in [self.study.start_year, self.study.horizon_year] {
            if !(1900..=2200).contains(&year.0) {
                return Some(format!(
                    "study: the year {year} is out of range (1900 to 2200)"
                ));
            }
        }
        if self.study.horizon_year <= self.study.start_year {
            return Some(format!(
                "study.horizon_year ({}) must come after study.start_year ({})",
                self.study.horizon_year, self.study.start_year
            ));
        }
        if self.regions.min_per_cluster > self.regions.max_per_cluster {
            return Some(
                "regions.min_per_cluster is larger than regions.max_per_cluster".to_owned(),
            );
        }
        if self.regions.floor > self.regions.cap {
            return Some("regions.floor is larger than regions.cap".to_owned());
        }
        None
    }

    fn remedy_problem(&self) -> Option<String> {
        let mut spans: Vec<(&str, Span)> = Vec::new();
        let mut shares: Vec<(&str, f64)> = Vec::new();
        if let Some(r) = &self.reliability {
            spans.push(("reliability.stock_weeks", r.stock_weeks));
            if !(r.spare.is_finite() && r.spare >= 0.0) {
                return Some(format!(
                    "reliability.spare must be 0 or more, found {}",
                    r.spare
                ));
            }
        }
        if let Some(r) = &self.remedy {
            spans.extend([
                ("remedy.holding_rate", r.holding_rate),
                ("remedy.source_premium", r.source_premium),
                ("remedy.source_fixed", r.source_fixed),
                ("remedy.home_premium", r.home_premium),
                ("remedy.home_fixed", r.home_fixed),
            ]);
            shares.extend([
                ("remedy.leave", r.leave),
                ("remedy.source_max_share", r.source_max_share),
                ("remedy.home_max_share", r.home_max_share),
            ]);
            shares.extend(r.alpha.map(|alpha| ("remedy.alpha", alpha)));
            shares.extend(
                r.probabilities
                    .values()
                    .map(|p| ("remedy.probabilities", *p)),
            );
            if r.draws > MOST_DRAWS || r.points > 1000 || r.points < 2 {
                return Some(
                    "remedy.points must lie in 2..1000, remedy.draws be at most the general limit"
                        .to_owned(),
                );
            }
        }
        for (name, span) in spans {
            if span.problem() || span.low < 0.0 {
                return Some(format!(
                    "{name} must satisfy 0 <= low <= value <= high, found low {}, value {}, high {}",
                    span.low, span.value, span.high
                ));
            }
        }
        let outside = |(_, share): &&(&str, f64)| !(0.0..=1.0).contains(share);
        shares
            .iter()
            .find(outside)
            .map(|(name, share)| format!("{name} must lie in 0..1, found {share}"))
    }

    /// The value at a dotted path, for explanations.
    pub fn at(&self, path: &str) -> Option<serde_json::Value> {
        let json = serde_json::to_value(self).ok()?;
        path.split('.')
            .try_fold(json, |value, part| value.get(part).cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Small {
        horizon: i32,
    }

    #[test]
    fn nan_and_infinity_are_refused_with_their_place() {
        let error = parse::<toml::Table>("s.toml", "[a]\nb = [1.0, nan]\n").expect_err("nan");
        assert!(error.problem.contains("a.b[1]"), "{error}");
        assert!(parse::<toml::Table>("s.toml", "x = -inf").is_err());
    }

    #[test]
    fn a_misspelt_key_is_answered_with_line_and_suggestion() {
        let error = parse::<Small>("study.toml", "\nhorizn = 3\n").expect_err("unknown key");
        assert_eq!(error.line, Some(2));
        assert_eq!(error.help.as_deref(), Some("did you mean `horizon`?"));
    }
}
