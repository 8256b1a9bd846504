//! Parameters of ARIO under the names and defaults of `BoARIO` 0.7.2.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::economy::Economy;

/// Why a course could not be computed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InventoryError {
    /// The table cannot be used.
    #[error("{0}")]
    Data(String),
    /// A key of the scenario holds what it cannot hold; `help` says what it may hold.
    #[error("{key}: {problem}")]
    Scenario {
        key: String,
        problem: String,
        help: String,
    },
    /// The solver found no answer within its limits.
    #[error("the linear program was not solved: {0}")]
    Solver(String),
}

impl InventoryError {
    pub(crate) fn data(problem: impl Into<String>) -> Self {
        Self::Data(problem.into())
    }

    pub(crate) fn scenario(
        key: impl Into<String>,
        problem: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self::Scenario {
            key: key.into(),
            problem: problem.into(),
            help: help.into(),
        }
    }
}

/// Which of the two models of `BoARIO`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// `ARIOBaseModel`: stocks constrain below their full target; gaps are ordered at once.
    Base,
    /// `ARIOPsiModel`: stocks constrain below `psi_param` of the target; gaps are ordered over a restoration time.
    #[default]
    Psi,
}

/// How orders for a product are split over its suppliers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderType {
    /// By the table's shares weighted with each supplier's present capacity over its output at rest.
    #[default]
    Alt,
    /// By the table's shares.
    Noalt,
}

/// One number for every sector, or one by sector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PerSector {
    Every(f64),
    By(BTreeMap<String, f64>),
}

/// Productive capital of industries, in the money of the table.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Capital {
    /// 4 times value added.
    #[default]
    FourTimesValueAdded,
    /// Times value added, by sector (every sector named).
    Ratio(BTreeMap<String, f64>),
    /// By industry, in the order of the table.
    Vector(Vec<f64>),
}

/// Parameters; the names are `BoARIO`'s.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ario {
    pub model: ModelKind,
    pub order_type: OrderType,
    /// Overproduction at rest, from 1 on. Default 1.
    pub alpha_base: f64,
    /// Largest overproduction, from `alpha_base` on. Default 1.25.
    pub alpha_max: f64,
    /// Days to raise or lower overproduction. Default 365.
    pub alpha_tau: f64,
    /// Days to rebuild, where an event names none. Default 60.
    pub rebuild_tau: f64,
    /// Days of stock of every input that `inventory_dict` does not name. Default 90.
    pub main_inv_dur: f64,
    /// Part of the target stock below which production falls, 0..=1. Default 0.8.
    pub psi_param: f64,
    /// Days over which a gap in a stock is ordered. Default 60.
    pub inventory_restoration_tau: PerSector,
    /// Units of money in one unit of the table. Default 1,000,000.
    pub monetary_factor: f64,
    /// Days in a step. Default 1.
    pub temporal_units_by_step: u32,
    /// Days in the year of the table. Default 365.
    pub iotable_year_to_temporal_unit_factor: f64,
    /// Inputs that never constrain.
    pub infinite_inventories_sect: Vec<String>,
    /// Days of stock by input; every sector must be named, as in `BoARIO`. A run with stocks by supplier takes
    /// `main_inv_dur` for the others.
    pub inventory_dict: BTreeMap<String, f64>,
    #[serde(skip)]
    pub capital: Capital,
}

impl Default for Ario {
    fn default() -> Self {
        Self {
            model: ModelKind::Psi,
            order_type: OrderType::Alt,
            alpha_base: 1.0,
            alpha_max: 1.25,
            alpha_tau: 365.0,
            rebuild_tau: 60.0,
            main_inv_dur: 90.0,
            psi_param: 0.8,
            inventory_restoration_tau: PerSector::Every(60.0),
            monetary_factor: 1e6,
            temporal_units_by_step: 1,
            iotable_year_to_temporal_unit_factor: 365.0,
            infinite_inventories_sect: Vec::new(),
            inventory_dict: BTreeMap::new(),
            capital: Capital::FourTimesValueAdded,
        }
    }
}

impl Ario {
    /// Checks ranges and the names of sectors.
    pub fn check(&self, economy: &Economy) -> Result<(), InventoryError> {
        let positive = [
            ("alpha_tau", self.alpha_tau),
            ("rebuild_tau", self.rebuild_tau),
            ("main_inv_dur", self.main_inv_dur),
            ("monetary_factor", self.monetary_factor),
            (
                "iotable_year_to_temporal_unit_factor",
                self.iotable_year_to_temporal_unit_factor,
            ),
            (
                "temporal_units_by_step",
                f64::from(self.temporal_units_by_step),
            ),
        ];
        for (key, value) in positive {
            if !(value.is_finite() && value > 0.0) {
                return Err(out_of_range(key, value, "a number above 0"));
            }
        }
        for (key, value, least, most) in [
            ("alpha_base", self.alpha_base, 1.0, f64::MAX),
            ("alpha_max", self.alpha_max, self.alpha_base, f64::MAX),
            ("psi_param", self.psi_param, 0.0, 1.0),
        ] {
            if !(least..=most).contains(&value) {
                let most = if most < f64::MAX {
                    format!("{most}")
                } else {
                    "any larger number".to_owned()
                };
                return Err(out_of_range(key, value, &format!("{least} to {most}")));
            }
        }
        for (key, names) in [
            (
                "infinite_inventories_sect",
                self.infinite_inventories_sect.iter().collect::<Vec<_>>(),
            ),
            ("inventory_dict", self.inventory_dict.keys().collect()),
        ] {
            for name in names {
                sector_of(economy, key, name)?;
            }
        }
        for (name, days) in &self.inventory_dict {
            if days.is_nan() || *days <= 0.0 {
                return Err(out_of_range(
                    &format!("inventory_dict.{name}"),
                    *days,
                    "days of stock above 0, or inf",
                ));
            }
        }
        match &self.inventory_restoration_tau {
            PerSector::Every(tau) if !(tau.is_finite() && *tau > 0.0) => {
                return Err(out_of_range(
                    "inventory_restoration_tau",
                    *tau,
                    "days above 0",
                ));
            }
            PerSector::By(taus) => {
                for (name, tau) in taus {
                    sector_of(economy, "inventory_restoration_tau", name)?;
                    if !(tau.is_finite() && *tau > 0.0) {
                        return Err(out_of_range(
                            &format!("inventory_restoration_tau.{name}"),
                            *tau,
                            "days above 0",
                        ));
                    }
                }
                every_sector(economy, "inventory_restoration_tau", taus)?;
            }
            PerSector::Every(_) => {}
        }
        match &self.capital {
            Capital::Ratio(ratios) => {
                for (name, ratio) in ratios {
                    sector_of(economy, "productive_capital_to_VA_dict", name)?;
                    if !(ratio.is_finite() && *ratio >= 0.0) {
                        return Err(out_of_range(
                            &format!("productive_capital_to_VA_dict.{name}"),
                            *ratio,
                            "a ratio from 0 on",
                        ));
                    }
                }
                every_sector(economy, "productive_capital_to_VA_dict", ratios)
            }
            Capital::Vector(values) if values.len() != economy.len() => {
                Err(InventoryError::scenario(
                    "productive_capital_vector",
                    format!("{} numbers for {} industries", values.len(), economy.len()),
                    "give one number for every industry",
                ))
            }
            _ => Ok(()),
        }
    }

    /// Money of one step in money of a year.
    pub(crate) fn step_of_year(&self) -> f64 {
        f64::from(self.temporal_units_by_step) / self.iotable_year_to_temporal_unit_factor
    }

    /// Steps of stock by sector; infinite where an input never constrains. A stock that lasts one step or less is
    /// set to 2 steps, as in `BoARIO`, because deliveries arrive after production.
    pub(crate) fn stock_steps(&self, economy: &Economy) -> Vec<f64> {
        economy
            .sectors
            .iter()
            .map(|sector| {
                let days = if self.infinite_inventories_sect.contains(sector) {
                    f64::INFINITY
                } else {
                    *self
                        .inventory_dict
                        .get(sector)
                        .unwrap_or(&self.main_inv_dur)
                };
                let steps = days / f64::from(self.temporal_units_by_step);
                if steps <= 1.0 { 2.0 } else { steps }
            })
            .collect()
    }

    /// Part of a gap that is ordered in a step, by sector.
    pub(crate) fn restoration(&self, economy: &Economy) -> Vec<f64> {
        let step = f64::from(self.temporal_units_by_step);
        economy
            .sectors
            .iter()
            .map(
                |sector| match (self.model, &self.inventory_restoration_tau) {
                    (ModelKind::Base, _) => 1.0,
                    (ModelKind::Psi, PerSector::Every(tau)) => step / tau,
                    (ModelKind::Psi, PerSector::By(taus)) => {
                        step / taus.get(sector).copied().unwrap_or(step)
                    }
                },
            )
            .collect()
    }

    /// Part of the target stock that full production needs.
    pub(crate) fn psi(&self) -> f64 {
        match self.model {
            ModelKind::Base => 1.0,
            ModelKind::Psi => self.psi_param,
        }
    }

    pub(crate) fn capital_of(&self, economy: &Economy) -> Vec<f64> {
        let added = economy.value_added();
        match &self.capital {
            Capital::FourTimesValueAdded => added.iter().map(|va| 4.0 * va).collect(),
            Capital::Ratio(ratios) => added
                .iter()
                .zip(&economy.industries)
                .map(|(va, (_, s))| va * ratios.get(&economy.sectors[*s]).copied().unwrap_or(0.0))
                .collect(),
            Capital::Vector(values) => values.clone(),
        }
    }
}

pub(crate) fn out_of_range(key: &str, value: f64, need: &str) -> InventoryError {
    InventoryError::scenario(
        key,
        format!("{value} is out of range"),
        format!("need {need}"),
    )
}

/// Position of a sector; where there is none, an error that names near ones.
pub fn sector_of(economy: &Economy, key: &str, name: &str) -> Result<usize, InventoryError> {
    economy.sector(name).ok_or_else(|| {
        InventoryError::scenario(
            key,
            format!("the table has no sector `{name}`"),
            near(name, &economy.sectors),
        )
    })
}

/// Position of a region; where there is none, an error that names near ones.
pub fn region_of(economy: &Economy, key: &str, name: &str) -> Result<usize, InventoryError> {
    economy.region(name).ok_or_else(|| {
        InventoryError::scenario(
            key,
            format!("the table has no region `{name}`"),
            near(name, &economy.regions),
        )
    })
}

pub(crate) fn every_sector(
    economy: &Economy,
    key: &str,
    given: &BTreeMap<String, f64>,
) -> Result<(), InventoryError> {
    match economy.sectors.iter().find(|s| !given.contains_key(*s)) {
        None => Ok(()),
        Some(missing) => Err(InventoryError::scenario(
            key,
            format!("sector `{missing}` is not named"),
            "name every sector, or give one number for all",
        )),
    }
}

/// "did you mean …?" with up to three names that share the most letter pairs.
pub(crate) fn near(name: &str, all: &[String]) -> String {
    let pairs = |text: &str| -> Vec<(char, char)> {
        let letters: Vec<char> = text.to_lowercase().chars().collect();
        letters.windows(2).map(|w| (w[0], w[1])).collect()
    };
    let wanted = pairs(name);
    let score = |other: &str| {
        let theirs = pairs(other);
        let common = wanted.iter().filter(|p| theirs.contains(p)).count();
        2.0 * common as f64 / (wanted.len() + theirs.len()).max(1) as f64
    };
    let mut scored: Vec<(f64, &String)> = all.iter().map(|other| (score(other), other)).collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    let good: Vec<String> = scored
        .iter()
        .filter(|(s, _)| *s >= 0.4)
        .take(3)
        .map(|(_, other)| format!("`{other}`"))
        .collect();
    if good.is_empty() {
        let some: Vec<String> = all.iter().take(5).map(|s| format!("`{s}`")).collect();
        format!("it has {} names, among them {}", all.len(), some.join(", "))
    } else {
        format!("did you mean {}?", good.join(" or "))
    }
}
