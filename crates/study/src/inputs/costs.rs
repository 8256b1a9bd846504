//! Costs from reference classes, in billions of constant US dollars.

use evidence::{Evidence, Record};
use model::{Estimate, RowRef, Year};
use trend::money::Rates;

use super::classes::pooled;
use super::strategies;
use crate::config::Config;

/// What one project costs by the reference classes named ([`pooled`]). `None` where none of them is a cost that the rates and prices
/// of the evidence convert.
pub fn billions(
    evidence: &Evidence,
    classes: &[String],
    config: &Config,
) -> Option<(Estimate, Vec<RowRef>)> {
    let rates = strategies::rates(evidence);
    pooled(evidence, classes, &config.ranges, |row| {
        (row.text("quantity") == Some("cost")).then_some(())?;
        factor(row, &rates, config)
    })
    .map(|(cost, mut origins)| {
        origins.sort();
        (cost, origins)
    })
}

/// Billions of dollars of the base year per unit of the row's currency and year, and the rows of the rate and the prices. A year without
/// a rate or an index takes the latest before it.
pub fn factor(row: &Record, rates: &Rates, config: &Config) -> Option<(f64, Vec<RowRef>)> {
    let (currency, year) = (row.text("currency")?, row.year("year")?);
    let mut used = Vec::new();
    let per_usd = if currency == "USD" {
        1.0
    } else {
        let known = rates.per_usd.iter();
        let (_, (rate, origin)) = known
            .filter(|((of, y), _)| of == currency && *y <= year)
            .max_by_key(|((_, y), _)| *y)?;
        used.push(origin.clone());
        *rate
    };
    let (_, (then, origin)) = rates.prices.range(..=year).next_back()?;
    used.push(origin.clone());
    let (base, origin) = rates.prices.get(&Year(config.money.base_year))?;
    used.push(origin.clone());
    Some((base / then / per_usd / 1e9, used))
}
