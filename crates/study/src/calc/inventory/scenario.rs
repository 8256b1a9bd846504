//! The scenario of a dynamic course: a TOML file whose keys bear the peer's names.

use std::collections::BTreeMap;

use chain::inventory::{
    Ario, BoundsParams, Capital, Economy, Event, EventKind, Impact, InventoryError, Measure,
    Options, Ranges, Rating, Rationing, Recovery, Stocks, Substitution, region_of, sector_of,
};
use serde::Deserialize;

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

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
enum Kind {
    /// A part of capacity is lost for the duration, and is back at once.
    #[serde(rename = "stop")]
    Stop,
    #[serde(rename = "arbitrary")]
    Arbitrary,
    #[serde(rename = "capital", alias = "recovery")]
    Capital,
    #[serde(rename = "rebuild")]
    Rebuild,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Happening {
    kind: Kind,
    #[serde(default)]
    name: String,
    #[serde(default = "one")]
    occurrence: u32,
    #[serde(default = "one")]
    duration: u32,
    /// By industry.
    #[serde(default)]
    impact: Vec<Place>,
    /// The same for every industry of `regions` and `sectors`.
    share: Option<f64>,
    /// Spread over the industries of `regions` and `sectors`, or over `industries`.
    total: Option<f64>,
    #[serde(default)]
    regions: Vec<String>,
    #[serde(default)]
    sectors: Vec<String>,
    /// Weights by industry, for `total`.
    #[serde(default)]
    industries: Vec<Place>,
    #[serde(default)]
    impact_regional_distrib: BTreeMap<String, f64>,
    #[serde(default)]
    impact_sectoral_distrib: BTreeMap<String, f64>,
    recovery_tau: Option<f64>,
    #[serde(default)]
    recovery_function: Recovery,
    event_monetary_factor: Option<f64>,
    #[serde(default)]
    households_impact: Vec<Household>,
    rebuild_tau: Option<f64>,
    #[serde(default)]
    rebuilding_sectors: BTreeMap<String, f64>,
    rebuilding_factor: Option<f64>,
}

fn one() -> u32 {
    1
}

/// An industry by region and sector, or by its label in the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    industry: Option<String>,
    region: Option<String>,
    sector: Option<String>,
    #[serde(default = "weight")]
    value: f64,
}

fn weight() -> f64 {
    1.0
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Household {
    region: String,
    category: String,
    value: f64,
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

impl Happening {
    fn resolve(
        &self,
        at: usize,
        economy: &Economy,
        labels: &[String],
        params: &Ario,
        parity: bool,
    ) -> Result<Event, InventoryError> {
        let key = |name: &str| format!("event {}: {name}", at + 1);
        let event_monetary_factor =
            self.event_monetary_factor
                .unwrap_or(if parity { 1.0 } else { params.monetary_factor });
        let households =
            self.households_impact
                .iter()
                .map(|h| {
                    let column = economy.consumers.iter().position(|(region, category)| {
                        *region == h.region && *category == h.category
                    });
                    column
                        .map(|c| (c, h.value))
                        .ok_or_else(|| InventoryError::Scenario {
                            key: key("households_impact"),
                            problem: format!(
                                "the table has no final demand `{}` of `{}`",
                                h.category, h.region
                            ),
                            help: format!(
                                "it has {}",
                                economy
                                    .consumers
                                    .iter()
                                    .take(5)
                                    .map(|(r, c)| format!("`{c}` of `{r}`"))
                                    .collect::<Vec<_>>()
                                    .join(", ")
                            ),
                        })
                })
                .collect::<Result<Vec<_>, _>>()?;
        let missing = |name: &str, help: &str| InventoryError::Scenario {
            key: key(name),
            problem: "is not given".to_owned(),
            help: help.to_owned(),
        };
        let kind = match self.kind {
            Kind::Stop if parity => {
                return Err(InventoryError::Scenario {
                    key: key("kind"),
                    problem: "`stop` is not known to the peer's model".to_owned(),
                    help: "use kind = \"arbitrary\" with recovery_tau = 1, or leave out --parity"
                        .to_owned(),
                });
            }
            Kind::Stop => EventKind::Stop,
            Kind::Arbitrary => EventKind::Arbitrary {
                recovery_tau: self.recovery_tau.unwrap_or(1.0),
                recovery_function: self.recovery_function,
            },
            Kind::Capital => EventKind::Capital {
                recovery_tau: self.recovery_tau.ok_or_else(|| {
                    missing(
                        "recovery_tau",
                        "give the days over which capital comes back",
                    )
                })?,
                recovery_function: self.recovery_function,
                event_monetary_factor,
                households,
            },
            Kind::Rebuild => {
                if self.rebuilding_sectors.is_empty() {
                    return Err(missing(
                        "rebuilding_sectors",
                        "give sectors and shares that sum to 1, e.g. { construction = 0.7, machinery = 0.3 }",
                    ));
                }
                EventKind::Rebuild {
                    rebuild_tau: self.rebuild_tau,
                    rebuilding_sectors: self
                        .rebuilding_sectors
                        .iter()
                        .map(|(name, share)| {
                            Ok((
                                sector_of(economy, &key("rebuilding_sectors"), name)?,
                                *share,
                            ))
                        })
                        .collect::<Result<_, InventoryError>>()?,
                    rebuilding_factor: self.rebuilding_factor.unwrap_or(1.0),
                    event_monetary_factor,
                    households,
                }
            }
        };
        let mut impacts = self.impacts(&key, economy, labels)?;
        impacts.retain(|impact| impact.value != 0.0);
        Ok(Event {
            name: self.name.clone(),
            kind,
            impacts,
            occurrence: self.occurrence,
            duration: self.duration,
        })
    }

    fn impacts(
        &self,
        key: &impl Fn(&str) -> String,
        economy: &Economy,
        labels: &[String],
    ) -> Result<Vec<Impact>, InventoryError> {
        let given = [
            !self.impact.is_empty(),
            self.share.is_some(),
            self.total.is_some(),
        ];
        if given.iter().filter(|g| **g).count() != 1 {
            return Err(InventoryError::Scenario {
                key: key("impact"),
                problem: "needs exactly one of impact, share, total".to_owned(),
                help: "impact = [{ region = \"…\", sector = \"…\", value = 0.5 }], or share = 0.5 with regions and \
                       sectors, or total = 1000 with regions and sectors or industries"
                    .to_owned(),
            });
        }
        let located = |places: &[Place], name: &str| -> Result<Vec<Impact>, InventoryError> {
            places
                .iter()
                .map(|place| {
                    Ok(Impact {
                        industry: place.find(&key(name), economy, labels)?,
                        value: place.value,
                    })
                })
                .collect()
        };
        if !self.impact.is_empty() {
            return located(&self.impact, "impact");
        }
        let chosen = |names: &[String],
                      all: &[String],
                      find: &dyn Fn(&str) -> Result<usize, InventoryError>| {
            if names.is_empty() {
                Ok((0..all.len()).collect())
            } else {
                names
                    .iter()
                    .map(|name| find(name))
                    .collect::<Result<Vec<usize>, _>>()
            }
        };
        let regions = chosen(&self.regions, &economy.regions, &|n| {
            region_of(economy, &key("regions"), n)
        })?;
        let sectors = chosen(&self.sectors, &economy.sectors, &|n| {
            sector_of(economy, &key("sectors"), n)
        })?;
        let weights = |all: &[String], of: &BTreeMap<String, f64>, place: usize| {
            if of.is_empty() {
                1.0
            } else {
                of.get(&all[place]).copied().unwrap_or(0.0)
            }
        };
        let hit: Vec<Impact> = economy
            .industries
            .iter()
            .enumerate()
            .filter(|(_, (r, s))| regions.contains(r) && sectors.contains(s))
            .map(|(industry, (r, s))| Impact {
                industry,
                value: weights(&economy.regions, &self.impact_regional_distrib, *r)
                    * weights(&economy.sectors, &self.impact_sectoral_distrib, *s),
            })
            .collect();
        if let Some(share) = self.share {
            return Ok(hit.iter().map(|i| Impact { value: share, ..*i }).collect());
        }
        let spread = if self.industries.is_empty() {
            hit
        } else {
            located(&self.industries, "industries")?
        };
        let sum: f64 = spread.iter().map(|i| i.value).sum();
        if spread.iter().any(|i| i.value < 0.0) || sum <= 0.0 {
            return Err(InventoryError::Scenario {
                key: key("total"),
                problem: "the weights of the affected industries do not sum to a positive number"
                    .to_owned(),
                help: "check regions, sectors, industries and the two distributions".to_owned(),
            });
        }
        let total = self.total.unwrap_or(0.0);
        Ok(spread
            .iter()
            .map(|i| Impact {
                industry: i.industry,
                value: total * i.value / sum,
            })
            .collect())
    }
}

impl Place {
    fn find(
        &self,
        key: &str,
        economy: &Economy,
        labels: &[String],
    ) -> Result<usize, InventoryError> {
        let unknown = |problem: String, help: &str| InventoryError::Scenario {
            key: key.to_owned(),
            problem,
            help: help.to_owned(),
        };
        match (&self.industry, &self.region, &self.sector) {
            (Some(label), None, None) => labels.iter().position(|l| l == label).ok_or_else(|| {
                let near = labels
                    .iter()
                    .map(|l| (strsim::jaro_winkler(label, l), l))
                    .max_by(|a, b| a.0.total_cmp(&b.0));
                unknown(
                    format!("the table has no industry `{label}`"),
                    &near.map_or_else(String::new, |(_, l)| format!("did you mean `{l}`?")),
                )
            }),
            (None, region, Some(sector)) => {
                let region = region.as_deref().unwrap_or("");
                region_of(economy, key, region)?;
                sector_of(economy, key, sector)?;
                economy.industry(region, sector).ok_or_else(|| {
                    unknown(
                        format!("region `{region}` has no sector `{sector}`"),
                        "check both names",
                    )
                })
            }
            _ => Err(unknown(
                "an industry is named by region and sector, or by industry".to_owned(),
                "write { region = \"…\", sector = \"…\", value = … } or { industry = \"…\", value = … }",
            )),
        }
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
