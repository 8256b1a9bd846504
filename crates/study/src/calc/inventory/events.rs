//! What happens in the scenario of a dynamic course, and whom it hits.

use std::collections::BTreeMap;

use chain::inventory::{
    Ario, Economy, Event, EventKind, Impact, InventoryError, Recovery, region_of, sector_of,
};
use serde::Deserialize;

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
pub(super) struct Happening {
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

impl Happening {
    pub(super) fn resolve(
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
