//! Costs from reference classes, in billions of constant US dollars.

use evidence::{Evidence, Record};
use model::{Basis, Estimate, RowRef, Year};
use trend::money::Rates;

use super::rows;
use super::strategies;
use crate::config::Config;

/// What one project costs by the reference classes named: from the lowest to the highest sum on record, with the median of the central
/// ones as value. A class without a range of its own is widened by the confidence in its source. `None` where none of them is a cost
/// that the rates and prices of the evidence convert.
pub fn billions(
    evidence: &Evidence,
    classes: &[String],
    config: &Config,
) -> Option<(Estimate, Vec<RowRef>)> {
    let rates = strategies::rates(evidence);
    let (mut central, mut numbers, mut origins) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows(evidence, "reference_classes").filter(|row| classes.contains(&row.key)) {
        if row.text("quantity") != Some("cost") {
            continue;
        }
        let Some((factor, used)) = factor(row, &rates, config) else {
            continue;
        };
        let found: Vec<f64> = ["low", "central", "high"]
            .iter()
            .filter_map(|column| row.number(column))
            .map(|n| n * factor)
            .collect();
        let middle = row.number("central").map(|n| n * factor);
        let Some(middle) = middle.or_else(|| {
            (!found.is_empty()).then(|| found.iter().sum::<f64>() / found.len() as f64)
        }) else {
            continue;
        };
        if found.len() == 1 {
            let half = (config.ranges).half_width(evidence.confidence(&row.reference()));
            numbers.extend([middle * (1.0 - half), middle * (1.0 + half)]);
        }
        central.push(middle);
        numbers.extend(found);
        origins.push(row.reference());
        origins.extend(used);
    }
    central.sort_by(f64::total_cmp);
    let value = match central.len() {
        0 => return None,
        n if n % 2 == 1 => central[n / 2],
        n => f64::midpoint(central[n / 2 - 1], central[n / 2]),
    };
    let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
    let high = numbers.iter().copied().fold(0.0, f64::max);
    origins.sort();
    origins.dedup();
    Some((
        Estimate::spanning(value, low, high, Basis::Assumed),
        origins,
    ))
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
