//! `scenarios/*.toml`: what-if questions about broken chains.

use serde::{Deserialize, Serialize};

use crate::config::Span;

/// A what-if as written in a scenario file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Name of the file without its ending.
    #[serde(default)]
    pub id: String,
    pub title_en: String,
    pub title_zh: String,
    /// The country whose access is asked about; without it, the question is about all buyers.
    #[serde(default)]
    pub buyer: Option<String>,
    pub horizon_weeks: u32,
    /// Weeks of normal use in stock, where no reference class says otherwise.
    pub default_stock_weeks: Span,
    /// Stocks of single nodes.
    #[serde(default)]
    pub stocks: Vec<Stock>,
    pub event: Vec<Event>,
    /// Products to report; all end products downstream of the event where empty.
    #[serde(default)]
    pub targets: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stock {
    pub node: String,
    pub weeks: Span,
}

/// What a what-if asks about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    #[default]
    Volume,
    Price,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    #[serde(default)]
    pub country: Option<String>,
    #[serde(default)]
    pub node: Option<String>,
    /// A firm of the table `firms`; refused where the study holds none.
    #[serde(default)]
    pub firm: Option<String>,
    /// A province or city; likewise.
    #[serde(default)]
    pub region: Option<String>,
    /// What is asked; prices are answered with a refusal.
    #[serde(default)]
    pub quantity: Asked,
    /// Part of the supply that stops, 0..1.
    pub severity: Span,
    pub start_week: u32,
    pub weeks: u32,
}
