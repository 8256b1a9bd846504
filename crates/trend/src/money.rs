//! Announced money by field and year, in constant US dollars; unlike currencies are never added.
//!
//! amount → US dollars by the source's own conversion, else by the year's average rate → dollars of the
//! base year by the price index. No rate or no index: not estimated.
//!
//! A strategy that names n fields does not say how its sum splits, and sums overlap (an umbrella and its
//! parts both have rows). For a field f, a jurisdiction and a year, with a_p the strategies' sums and n_p
//! the number of fields they name:
//!
//! ```text
//! value = Σ a_p / n_p        equal split, no overlap
//! low   = max { a_p : n_p = 1 } (0 if none)   everything else overlaps with it or goes elsewhere
//! high  = Σ a_p              every sum goes to f in full
//! ```

use std::collections::BTreeMap;

use model::{Basis, Entity, Estimate, Jurisdiction, Kind, Message, Quantity, RowRef, Year};
use serde::{Deserialize, Serialize};

use crate::Strategy;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MoneyParams {
    /// Dollars of this year.
    pub base_year: i32,
    /// How far the rate of the day may lie from the year's average, as a share.
    pub rate_half_width: f64,
}

impl Default for MoneyParams {
    fn default() -> Self {
        Self {
            base_year: 2021,
            rate_half_width: 0.05,
        }
    }
}

/// Rates and prices of the evidence.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rates {
    /// Units of currency per US dollar, annual average.
    pub per_usd: BTreeMap<(String, Year), (f64, RowRef)>,
    /// Price index of the United States.
    pub prices: BTreeMap<Year, (f64, RowRef)>,
}

/// A strategy's sum in constant dollars.
#[derive(Debug, Clone, PartialEq)]
pub struct Converted {
    pub strategy: RowRef,
    pub jurisdiction: Jurisdiction,
    pub year: Year,
    pub fields: Vec<Entity>,
    /// Billions of constant US dollars.
    pub usd_bn: Quantity,
    pub origins: Vec<RowRef>,
}

/// Money announced for a field in a year.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldMoney {
    pub field: Entity,
    pub jurisdiction: Jurisdiction,
    pub year: Year,
    pub documents: usize,
    /// Sums that no rate or index of the evidence converts; they are in no number.
    pub unconverted: usize,
    /// Billions of constant US dollars.
    pub usd_bn: Quantity,
    pub origins: Vec<RowRef>,
}

/// Converts every announced sum; fields are the strategy's subjects of kind field.
pub fn convert(strategies: &[Strategy], rates: &Rates, params: &MoneyParams) -> Vec<Converted> {
    let mut converted: Vec<Converted> = strategies
        .iter()
        .filter_map(|strategy| {
            let money = strategy.money.as_ref()?;
            let mut origins = vec![strategy.origin.clone()];
            let usd = match (&money.usd, money.currency.as_str()) {
                (_, "USD") => Some(money.amount),
                (Some(usd), _) => Some(*usd),
                (None, currency) => rates
                    .per_usd
                    .get(&(currency.to_owned(), strategy.published))
                    .and_then(|(rate, origin)| {
                        origins.push(origin.clone());
                        let rate =
                            Estimate::relative(*rate, params.rate_half_width, Basis::Published);
                        money.amount.over(rate)
                    }),
            };
            let then = rates.prices.get(&strategy.published);
            let base = rates.prices.get(&Year(params.base_year));
            let usd_bn = match (usd, then, base) {
                (None, _, _) => Quantity::not_estimated(
                    Message::new("money.no_rate")
                        .with("currency", money.currency.as_str())
                        .with("year", strategy.published.to_string()),
                ),
                (Some(usd), Some((then, a)), Some((base, b))) => {
                    origins.push(a.clone());
                    origins.push(b.clone());
                    let factor = base / then / 1e9;
                    usd.times(Estimate::exact(factor, Basis::Published)).into()
                }
                _ => Quantity::not_estimated(
                    Message::new("money.no_index")
                        .with("year", strategy.published.to_string())
                        .with("base", params.base_year.to_string()),
                ),
            };
            Some(Converted {
                strategy: strategy.origin.clone(),
                jurisdiction: strategy.jurisdiction.clone(),
                year: strategy.published,
                fields: strategy
                    .subjects
                    .iter()
                    .filter(|s| s.kind == Kind::Field)
                    .cloned()
                    .collect(),
                usd_bn,
                origins,
            })
        })
        .collect();
    converted.sort_by(|a, b| a.strategy.cmp(&b.strategy));
    converted
}

/// Sums the converted amounts by field, jurisdiction and year.
pub fn by_field(converted: &[Converted]) -> Vec<FieldMoney> {
    let mut groups: BTreeMap<(&Entity, &Jurisdiction, Year), Vec<&Converted>> = BTreeMap::new();
    for sum in converted {
        for field in &sum.fields {
            groups
                .entry((field, &sum.jurisdiction, sum.year))
                .or_default()
                .push(sum);
        }
    }
    groups
        .into_iter()
        .map(|((field, jurisdiction, year), sums)| {
            let known: Vec<(Estimate, f64)> = sums
                .iter()
                .filter_map(|s| Some((s.usd_bn.estimate()?, s.fields.len() as f64)))
                .collect();
            let unconverted = sums.len() - known.len();
            // A sum that does not convert leaves no upper bound.
            let usd_bn = if known.is_empty() || unconverted > 0 {
                Quantity::not_estimated(Message::new("money.nothing_converts"))
            } else {
                let value = known.iter().map(|(a, n)| a.value / n).sum();
                let low = known
                    .iter()
                    .filter(|(_, n)| *n <= 1.0)
                    .map(|(a, _)| a.low)
                    .fold(0.0, f64::max);
                let high = known.iter().map(|(a, _)| a.high).sum();
                Estimate::spanning(value, low, high, Basis::Assumed).into()
            };
            let mut origins: Vec<RowRef> = sums
                .iter()
                .flat_map(|s| s.origins.iter().cloned())
                .collect();
            origins.sort();
            origins.dedup();
            FieldMoney {
                field: field.clone(),
                jurisdiction: jurisdiction.clone(),
                year,
                documents: sums.len(),
                unconverted,
                usd_bn,
                origins,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use std::collections::BTreeSet;

    use super::*;
    use crate::Announced;

    fn strategy(id: &str, year: i32, fields: &[&str], amount: f64, currency: &str) -> Strategy {
        Strategy {
            policy: id.into(),
            jurisdiction: "DEU".into(),
            published: Year(year),
            subjects: fields
                .iter()
                .map(|f| Entity::new(Kind::Field, *f))
                .collect(),
            directions: BTreeSet::new(),
            instruments: BTreeSet::new(),
            money: Some(Announced {
                amount: Estimate::exact(amount, Basis::Published),
                currency: currency.to_owned(),
                usd: None,
            }),
            origin: RowRef::new("policies", id),
        }
    }

    fn rates() -> Rates {
        let row = |t: &str, k: &str| RowRef::new(t, k);
        Rates {
            per_usd: [(
                ("EUR".to_owned(), Year(2020)),
                (0.8, row("exchange_rates", "EUR/2020")),
            )]
            .into(),
            prices: [
                (Year(2020), (100.0, row("deflators", "USA/2020"))),
                (Year(2021), (105.0, row("deflators", "USA/2021"))),
            ]
            .into(),
        }
    }

    #[test]
    fn euros_become_constant_dollars_by_hand() {
        // EUR 8 bn / 0.8 = USD 10 bn of 2020 = 10.5 bn of 2021; the rate may be 5 % off.
        let params = MoneyParams {
            base_year: 2021,
            rate_half_width: 0.05,
        };
        let c = convert(
            &[strategy("a", 2020, &["q"], 8e9, "EUR")],
            &rates(),
            &params,
        );
        let e = c[0].usd_bn.estimate().expect("a rate and an index");
        assert!((e.value - 10.5).abs() < 1e-9);
        assert!((e.low - 10.0).abs() < 1e-9); // 8 / 0.84 × 1.05
        assert!((e.high - 10.5 / 0.95).abs() < 1e-9);
    }

    #[test]
    fn without_a_rate_nothing_is_estimated_and_nothing_is_added() {
        let params = MoneyParams::default();
        let strategies = [
            strategy("a", 2020, &["q"], 8e9, "EUR"),
            strategy("b", 2020, &["q"], 5e9, "KRW"),
        ];
        let c = convert(&strategies, &rates(), &params);
        assert!(matches!(c[1].usd_bn, Quantity::NotEstimated(_)));
        let cells = by_field(&c);
        assert_eq!((cells[0].documents, cells[0].unconverted), (2, 1));
        assert!(matches!(cells[0].usd_bn, Quantity::NotEstimated(_)));
    }

    #[test]
    fn the_range_of_a_field_holds_overlap_and_every_split() {
        let params = MoneyParams {
            base_year: 2020,
            rate_half_width: 0.0,
        };
        let strategies = [
            strategy("a", 2020, &["q"], 3e9, "USD"),
            strategy("b", 2020, &["q"], 2e9, "USD"),
            strategy("c", 2020, &["q", "h"], 10e9, "USD"),
        ];
        let cells = by_field(&convert(&strategies, &rates(), &params));
        let q = cells.iter().find(|c| c.field.id == "q").expect("a row");
        let e = q.usd_bn.estimate().expect("dollars");
        assert_eq!((e.low, e.value, e.high), (3.0, 10.0, 15.0));
    }
}
