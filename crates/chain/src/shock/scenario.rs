//! A what-if scenario as the study states it.

use std::collections::{BTreeMap, BTreeSet};

use model::{Basis, Chain, Country, Estimate, Node};
use serde::{Deserialize, Serialize};

use crate::input::Stage;

/// Supply that stops. Country alone: all its supply; node alone: all providers of the node; both: that country
/// at that node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    #[serde(default)]
    pub country: Option<Country>,
    #[serde(default)]
    pub node: Option<Node>,
    /// Part of the supply that stops, 0..1.
    pub severity: Estimate,
    /// First week, counted from 1.
    pub start_week: u32,
    pub weeks: u32,
}

impl Event {
    /// Whether the event lasts in `week` (counted from 1).
    pub fn active(&self, week: u32) -> bool {
        self.start_week <= week && week - self.start_week < self.weeks
    }
}

/// What is asked for. Only supply can be answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    #[default]
    Supply,
    Price,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    pub id: String,
    pub events: Vec<Event>,
    pub horizon_weeks: u32,
    /// Weeks of normal demand that the users of a node hold of it.
    #[serde(default)]
    pub stocks: BTreeMap<Node, Estimate>,
    /// Stocks by stage, for nodes that `stocks` does not list.
    #[serde(default)]
    pub stage_stocks: BTreeMap<Stage, Estimate>,
    /// Stock of every other node that is used up.
    pub default_stock: Estimate,
    /// Exports to this country stop; its own supply is not hit.
    #[serde(default)]
    pub buyer: Option<Country>,
    pub targets: Vec<Node>,
    /// A firm that the question names; the evidence holds shares of countries only.
    #[serde(default)]
    pub firm: Option<String>,
    /// A region or city that the question names.
    #[serde(default)]
    pub place: Option<String>,
    #[serde(default)]
    pub quantity: Asked,
}

/// What makers in third countries do when exports to the buyer stop; concerns the lower bound only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThirdCountries {
    /// They may deliver to the buyer what embodies the stopped input.
    #[default]
    MayDeliver,
    /// They do not deliver it either (controls on re-export).
    Follow,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ShockParams {
    /// Longest horizon that country shares of one year can carry. Default 104.
    pub max_weeks: u32,
    /// Years until a tool is replaced. Default 10, range 5..20, assumed.
    pub tool_life_years: Estimate,
    /// How fast worn capacity comes back once the tools are supplied again, as a multiple of the rate at which a
    /// full stop wears it away; counts under the lower rule only, under the upper one nothing comes back.
    /// Default 1.
    pub catch_up: f64,
    /// Stages that cannot be stocked. Default: services and software.
    pub not_stocked: BTreeSet<Stage>,
    pub third_countries: ThirdCountries,
    /// Chains that describe the same industry and must not be mixed. Default: `semiconductors` and
    /// `semiconductor_activities`.
    pub exclusive_views: Vec<(Chain, Chain)>,
}

impl Default for ShockParams {
    fn default() -> Self {
        Self {
            max_weeks: 104,
            tool_life_years: Estimate {
                value: 10.0,
                low: 5.0,
                high: 20.0,
                basis: Basis::Assumed,
            },
            catch_up: 1.0,
            not_stocked: BTreeSet::from([Stage::Service, Stage::Software]),
            third_countries: ThirdCountries::MayDeliver,
            exclusive_views: vec![(
                Chain::from("semiconductors"),
                Chain::from("semiconductor_activities"),
            )],
        }
    }
}
