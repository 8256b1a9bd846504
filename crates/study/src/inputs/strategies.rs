//! Policies, exchange rates and price indices.

use std::collections::{BTreeMap, BTreeSet};

use evidence::Evidence;
use model::{Basis, Entity, Estimate, Kind};
use trend::money::Rates;
use trend::{Announced, Strategy};

use super::rows;
use crate::config::Ranges;

/// Strategies with the technologies they name and the fields of those technologies.
pub fn strategies(evidence: &Evidence, ranges: &Ranges) -> Vec<Strategy> {
    let field_of: BTreeMap<&str, &str> = rows(evidence, "technologies")
        .filter_map(|row| Some((row.text("id")?, row.text("field")?)))
        .collect();
    rows(evidence, "policies")
        .filter_map(|row| {
            let year = row.year("published")?;
            let mut subjects = BTreeSet::new();
            for technology in row.list("technology_ids") {
                subjects.insert(Entity::new(Kind::Technology, technology));
                if let Some(field) = field_of.get(technology) {
                    subjects.insert(Entity::new(Kind::Field, *field));
                }
            }
            let here = row.reference();
            let half = ranges.half_width(evidence.confidence(&here));
            let money = row
                .number("amount")
                .zip(row.text("currency"))
                .map(|(amount, currency)| Announced {
                    amount: Estimate::relative(amount, half, Basis::Published),
                    currency: currency.to_owned(),
                    usd: row
                        .number("amount_usd_bn")
                        .map(|bn| Estimate::relative(bn * 1e9, half, Basis::Published)),
                });
            Some(Strategy {
                policy: row.text("id")?.into(),
                jurisdiction: row.text("jurisdiction")?.into(),
                published: year,
                subjects,
                directions: row
                    .list("direction")
                    .into_iter()
                    .map(str::to_owned)
                    .collect(),
                instruments: row
                    .list("instruments")
                    .into_iter()
                    .map(str::to_owned)
                    .collect(),
                money,
                origin: here,
            })
        })
        .collect()
}

/// Annual exchange rates and the price index of the United States.
pub fn rates(evidence: &Evidence) -> Rates {
    let per_usd = rows(evidence, "exchange_rates")
        .filter_map(|row| {
            let year = row.year("year")?;
            let rate = row.number("per_usd").filter(|rate| *rate > 0.0)?;
            Some((
                (row.text("currency")?.to_owned(), year),
                (rate, row.reference()),
            ))
        })
        .collect();
    let prices = rows(evidence, "deflators")
        .filter(|row| row.text("country") == Some("USA"))
        .filter_map(|row| {
            let index = row.number("index").filter(|index| *index > 0.0)?;
            Some((row.year("year")?, (index, row.reference())))
        })
        .collect();
    Rates { per_usd, prices }
}
