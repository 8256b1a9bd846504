//! What the steps on consortia, sites and the portfolio assume; a study without these sections is not answered.

use std::collections::BTreeMap;

use layout::consortium::DistanceParams;
use layout::portfolio::ResearchKind;
use serde::{Deserialize, Serialize};

use super::Span;

/// How consortia are formed. Costs of organisations are not on record: distance alone decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsortiumSection {
    pub distance: DistanceParams,
    /// Members that have to hold each capability.
    pub holders: usize,
    /// Consortia to rank for each mission.
    pub alternatives: usize,
}

/// How many pilots a field gets, and how far one serves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteSection {
    pub sites: usize,
    /// Solved at the value; the people covered range over the ends.
    pub radius_km: Span,
    /// Least strength of a cluster in the field.
    pub suitable_from: f64,
    /// Sites that have to serve a cluster.
    #[serde(default = "once")]
    pub times: usize,
    /// Largest number of sites of the front.
    pub most: usize,
}

fn once() -> usize {
    1
}

/// The portfolio: money in billions of constant US dollars, as in `[money]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortfolioSection {
    /// Years of the plan, from the study's first year.
    pub years: usize,
    /// Public money of a year.
    pub budget_bn: Span,
    /// Share of the budget that goes to basic research whatever else is worth more.
    pub basic_floor: Span,
    /// Share of a project's worth that each year of waiting loses.
    pub decay: Span,
    /// Share of the optimum that a plan nearly as good may lose.
    pub epsilon: f64,
    pub alternatives: usize,
    /// Years until the review at which gates that were passed through are known.
    pub review: usize,
    /// The next money, and how much more the following steps add.
    pub next_bn: f64,
    pub step_bn: f64,
    pub steps: usize,
    /// Courses of events drawn for the plan.
    pub draws: usize,
    /// What a project of each kind takes and is worth.
    pub kinds: BTreeMap<ResearchKind, KindSection>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindSection {
    /// Reference classes of what one project costs, and of how long it takes.
    pub cost: Vec<String>,
    pub years: Vec<String>,
    /// Points that a project is worth when it succeeds, in the field of highest rank.
    pub worth: Span,
    pub chance: Span,
    /// Share of the cost that the budget bears.
    pub public_share: Span,
}

impl SiteSection {
    pub(super) fn problem(&self) -> Option<String> {
        if self.radius_km.problem() || self.radius_km.low < 0.0 {
            return Some("sites.radius_km must satisfy 0 <= low <= value <= high".to_owned());
        }
        if self.sites == 0 || self.times == 0 || self.most < self.sites || self.most > 100 {
            return Some("sites: 1 <= sites <= most <= 100 and times >= 1 are needed".to_owned());
        }
        None
    }
}

impl ConsortiumSection {
    pub(super) fn problem(&self) -> Option<String> {
        let d = &self.distance;
        let good = |x: f64| x.is_finite() && x >= 0.0;
        if !good(d.ties) || !good(d.geography) || !d.reach_km.is_finite() || d.reach_km <= 0.0 {
            return Some(
                "consortium.distance: ties and geography are 0 or more, reach_km above 0"
                    .to_owned(),
            );
        }
        if self.holders == 0 || !(1..=100).contains(&self.alternatives) {
            return Some(
                "consortium: holders and alternatives (up to 100) are 1 or more".to_owned(),
            );
        }
        None
    }
}

impl PortfolioSection {
    pub(super) fn problem(&self) -> Option<String> {
        let mut spans = vec![
            ("budget_bn".to_owned(), self.budget_bn, f64::INFINITY),
            ("basic_floor".to_owned(), self.basic_floor, 1.0),
            ("decay".to_owned(), self.decay, 1.0),
        ];
        for (kind, section) in &self.kinds {
            let at = |what: &str| format!("kinds.{}.{what}", kind.word());
            spans.push((at("worth"), section.worth, f64::INFINITY));
            spans.push((at("chance"), section.chance, 1.0));
            spans.push((at("public_share"), section.public_share, 1.0));
        }
        for (name, span, most) in spans {
            if span.problem() || span.low < 0.0 || span.high > most {
                return Some(format!(
                    "portfolio.{name} must satisfy 0 <= low <= value <= high{}",
                    if most.is_finite() { " <= 1" } else { "" }
                ));
            }
        }
        if !(1..=50).contains(&self.years) || self.steps > 50 || self.alternatives > 100 {
            return Some(
                "portfolio: 1 to 50 years, at most 50 steps and 100 alternatives".to_owned(),
            );
        }
        if !(0.0..1.0).contains(&self.epsilon) || !(1..=super::MOST_DRAWS).contains(&self.draws) {
            return Some("portfolio: 0 <= epsilon < 1; draws are 1 to 1000000".to_owned());
        }
        let money = |x: f64| x.is_finite() && x > 0.0;
        if !money(self.next_bn) || !money(self.step_bn) {
            return Some("portfolio: next_bn and step_bn are larger than 0".to_owned());
        }
        None
    }
}
