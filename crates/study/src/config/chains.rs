//! Chains: graph, what-ifs, reliability, remedies, stuck necks, recorded disruptions.

use std::collections::BTreeMap;

use model::Country;
use serde::{Deserialize, Serialize};

use super::Span;

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
