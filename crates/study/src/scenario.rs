//! `scenarios/*.toml`: what-if questions about broken chains.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::config::{ConfigError, InventorySection, Span, parse};

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
    /// Assumptions of the model with stocks, before those of the study.
    #[serde(default)]
    pub inventory: InventorySection,
}

impl Scenario {
    /// Reads a scenario file; its name without the ending becomes the id.
    pub fn read(file: &str, text: &str) -> Result<Self, ConfigError> {
        let mut scenario: Self = parse(file, text)?;
        if let Some(problem) = scenario.inventory.problem() {
            return Err(ConfigError {
                file: file.to_owned(),
                line: None,
                problem,
                help: None,
            });
        }
        let stem = Path::new(file).file_stem().unwrap_or_default();
        scenario.id = stem.to_string_lossy().into_owned();
        Ok(scenario)
    }

    /// Events that chains can be asked: about a node, or about all that a provider makes. An event that names only a
    /// product code or an industry is none of them.
    pub fn of_goods(&self) -> impl Iterator<Item = &Event> {
        let narrower =
            |e: &Event| e.node.is_none() && (e.product.is_some() || e.industry.is_some());
        let narrow = self.event.iter().any(narrower);
        self.event
            .iter()
            .filter(move |e| e.node.is_some() || (!narrower(e) && !narrow))
    }

    pub fn asks_chains(&self) -> bool {
        self.of_goods().next().is_some()
    }
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
    /// A product code of trade; stands for the one node that carries it.
    #[serde(default)]
    pub product: Option<String>,
    /// An industry of the input–output table.
    #[serde(default)]
    pub industry: Option<String>,
    /// A firm by its name at the nodes of the chains, or by its id or name in the table `firms`.
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
