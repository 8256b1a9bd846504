//! The scenario of a dynamic course: a TOML file whose keys bear the peer's names.

use std::collections::BTreeMap;

use chain::inventory::{
    Ario, BoundsParams, Capital, Economy, Event, InventoryError, Measure, Options, Ranges, Rating,
    Rationing, Stocks, Substitution, region_of, sector_of,
};
use serde::Deserialize;

use super::events::Happening;
use crate::calc::CalcError;
use crate::config::{parse, suggestion};

/// The file as it stands.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Days (`n_temporal_units_to_sim`).
    #[serde(default = "year")]
    pub horizon: u32,
    #[serde(default)]
    parameters: toml::Table,
    #[serde(default)]
    options: Option<Choices>,
    /// Name of a group and its regions, for `stocks = "groups"`.
    #[serde(default)]
    groups: BTreeMap<String, Vec<String>>,
    #[serde(default, rename = "input")]
    inputs: Vec<Rated>,
    #[serde(default, rename = "event")]
    events: Vec<Happening>,
    #[serde(default)]
    pub ranges: Ranges,
}

fn year() -> u32 {
    365
}

/// Choices of Forelay's own model.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Choices {
    stocks: Where,
    substitution: Replacing,
    /// Days.
    substitution_tau: f64,
    rationing: Rationing,
    least_input: f64,
    bounds: bool,
    measure: Measure,
    most_variables: usize,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            stocks: Where::Region,
            substitution: Replacing::None,
            substitution_tau: 90.0,
            rationing: Rationing::Proportional,
            least_input: 1e-5,
            bounds: false,
            measure: Measure::FinalDemand,
            most_variables: BoundsParams::default().most_variables,
        }
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Where {
    Region,
    Product,
    Groups,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Replacing {
    None,
    Ramp,
    Perfect,
}

/// How badly users need inputs; every user, or every input, where none is named.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rated {
    #[serde(default)]
    inputs: Vec<String>,
    #[serde(default)]
    users: Vec<String>,
    rating: Rating,
}

/// A scenario against an economy.
pub struct Ready {
    pub params: Ario,
    pub options: Options,
    /// Where bounds are asked for.
    pub bounds: Option<BoundsParams>,
    pub events: Vec<Event>,
    /// The file names choices of Forelay's own model.
    pub own_choices: bool,
}

impl Scenario {
    pub fn read(file: &str, text: &str) -> Result<Self, CalcError> {
        parse(file, text).map_err(|error| CalcError::Argument {
            argument: "--scenario",
            problem: error.to_string(),
            help: error.help,
        })
    }

    /// Names become places; `labels` are those of the file, `parity` takes the peer's default unit of money for events.
    pub fn against(
        &self,
        economy: &Economy,
        labels: &[String],
        parity: bool,
    ) -> Result<Ready, CalcError> {
        let params = self.ario(economy, labels)?;
        let choices = self.options.clone().unwrap_or_default();
        let options = self.own(economy, &choices).map_err(wrong)?;
        let events = self
            .events
            .iter()
            .enumerate()
            .map(|(at, event)| event.resolve(at, economy, labels, &params, parity))
            .collect::<Result<Vec<Event>, InventoryError>>()
            .map_err(wrong)?;
        Ok(Ready {
            params,
            options,
            bounds: choices.bounds.then_some(BoundsParams {
                measure: choices.measure,
                most_variables: choices.most_variables,
            }),
            events,
            own_choices: self.options.is_some()
                || !self.inputs.is_empty()
                || !self.groups.is_empty(),
        })
    }

    fn ario(&self, economy: &Economy, labels: &[String]) -> Result<Ario, CalcError> {
        let mut table = self.parameters.clone();
        let fault = |problem: String, help: Option<String>| CalcError::Argument {
            argument: "--scenario [parameters]",
            problem,
            help,
        };
        let ratios = table.remove("productive_capital_to_VA_dict");
        let vector = table.remove("productive_capital_vector");
        let mut infinite: Vec<toml::Value> = Vec::new();
        if let Some(toml::Value::Table(stocks)) = table.get_mut("inventory_dict") {
            let main = self.parameters.get("main_inv_dur").cloned();
            for (name, days) in stocks.iter_mut() {
                if days
                    .as_str()
                    .is_some_and(|d| ["inf", "infinity"].contains(&d.to_lowercase().as_str()))
                {
                    infinite.push(toml::Value::String(name.clone()));
                    *days = main.clone().unwrap_or(toml::Value::Float(90.0));
                }
            }
        }
        if !infinite.is_empty() {
            let named = table
                .entry("infinite_inventories_sect")
                .or_insert_with(|| toml::Value::Array(Vec::new()));
            if let toml::Value::Array(named) = named {
                named.extend(infinite);
            }
        }
        // The peer reads "0_80" as 0.80.
        if let Some(text) = table.get("psi_param").and_then(toml::Value::as_str)
            && let Ok(psi) = text.replace('_', ".").parse::<f64>()
        {
            table.insert("psi_param".to_owned(), toml::Value::Float(psi));
        }
        let mut params: Ario =
            toml::Value::Table(table)
                .try_into()
                .map_err(|error: toml::de::Error| {
                    let message = error.message().to_owned();
                    let help = suggestion(&message);
                    fault(message, help)
                })?;
        let numbers = |value: toml::Value, key: &str| -> Result<BTreeMap<String, f64>, CalcError> {
            value
                .try_into()
                .map_err(|_| fault(format!("{key} is not a table of numbers by name"), None))
        };
        params.capital = match (vector, ratios) {
            (Some(toml::Value::Array(values)), _) => {
                let values: Vec<f64> = toml::Value::Array(values).try_into().map_err(|_| {
                    fault(
                        "productive_capital_vector holds no numbers".to_owned(),
                        None,
                    )
                })?;
                Capital::Vector(values)
            }
            (Some(value), _) => {
                let by_label = numbers(value, "productive_capital_vector")?;
                let values = labels
                    .iter()
                    .map(|label| {
                        by_label.get(label).copied().ok_or_else(|| {
                            fault(
                                format!("productive_capital_vector does not name {label}"),
                                Some("name every industry by its label, or give an array in the table's order".to_owned()),
                            )
                        })
                    })
                    .collect::<Result<_, _>>()?;
                Capital::Vector(values)
            }
            (None, Some(value)) => Capital::Ratio(numbers(value, "productive_capital_to_VA_dict")?),
            (None, None) => Capital::FourTimesValueAdded,
        };
        params.check(economy).map_err(wrong)?;
        Ok(params)
    }

    fn own(&self, economy: &Economy, choices: &Choices) -> Result<Options, InventoryError> {
        let mut options = Options::new(economy);
        options.stocks = match (choices.stocks, choices.substitution) {
            (_, Replacing::Perfect) | (Where::Product, _) => Stocks::Product,
            (Where::Region, _) => Stocks::Region,
            (Where::Groups, _) => Stocks::Groups(self.grouped(economy)?),
        };
        if matches!(choices.substitution, Replacing::Ramp) {
            options.substitution = Substitution::Ramp {
                tau: choices.substitution_tau,
            };
        }
        options.rationing = choices.rationing;
        options.least_input = choices.least_input;
        for rated in &self.inputs {
            let places = |names: &[String], key: &str| -> Result<Vec<usize>, InventoryError> {
                if names.is_empty() {
                    return Ok((0..economy.sectors.len()).collect());
                }
                names
                    .iter()
                    .map(|name| sector_of(economy, key, name))
                    .collect()
            };
            for input in places(&rated.inputs, "input.inputs")? {
                for user in places(&rated.users, "input.users")? {
                    options.essentiality.set(input, user, rated.rating);
                }
            }
        }
        Ok(options)
    }

    /// Regions that no group names stand alone.
    fn grouped(&self, economy: &Economy) -> Result<Vec<usize>, InventoryError> {
        let mut groups: Vec<usize> = (0..economy.regions.len()).collect();
        for (number, members) in self.groups.values().enumerate() {
            for member in members {
                groups[region_of(economy, "groups", member)?] = economy.regions.len() + number;
            }
        }
        Ok(groups)
    }
}

/// An error of the engine as one of the command.
pub fn wrong(error: InventoryError) -> CalcError {
    match error {
        InventoryError::Scenario { key, problem, help } => CalcError::Argument {
            argument: "--scenario",
            problem: format!("{key}: {problem}"),
            help: Some(help),
        },
        other => CalcError::argument("calc inventory", other.to_string()),
    }
}
