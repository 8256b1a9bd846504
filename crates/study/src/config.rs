//! `study.toml`: home, horizon, assumptions, weights, limits and seed of a study.
//!
//! Every assumption lives here, visible and ranged; the code holds none.

mod audit;
mod cascade;
mod chains;
mod choices;
mod decisions;
mod home;
mod inventory;
mod report;
mod span;

use evidence::{Confidence, Mapping};
use model::{Basis, Country, Estimate, Seed, Year};
use serde::{Deserialize, Serialize};

pub use audit::{AuditSection, Condition, ModelSection, OrganisationModel, ReadingSection};
pub use cascade::{CascadeSection, Mode, Replaced};
pub use chains::{
    ChainSection, LossSection, NeckSection, ReferenceSection, ReliabilitySection, RemedySection,
};
pub use choices::{
    Aggregation, FloorCap, LinkRole, LinkSection, PlanSection, RegionSection, RoadmapSection,
    SelectionSection, StageClasses, WeightRange, WholeSection,
};
pub use decisions::{ConsortiumSection, KindSection, PortfolioSection, SiteSection};
pub use home::{
    ClusterSection, ComplexitySection, ConditionSection, CouplingSection, DependencySection, Trust,
};
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
                    "whole.draws must be 1 to {MOST_DRAWS}, found {}",
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
