//! The shock library: recorded disruptions as what-if scenarios.
//!
//! A row of the table `shocks` says what stopped, where, how much and when. [`case`] turns it into a
//! [`Scenario`] that the chains can be asked, or says why the row holds no question of supply. What a scenario can
//! carry: one or more losses of supply, at several nodes and in several countries at once, each with its weeks.
//! What it cannot: a fall or a rise of demand (a pandemic brings both), so a supply shock whose demand fell as well
//! is overstated by it. Two cases are joined by [`together`].
//!
//! How a row is read:
//!
//! - *How much.* A share of the world's supply stops at the node, whoever makes it; a share of a country's supply
//!   stops at the country's providers. The recorded number gets the study's range for its source. A share that was
//!   *exposed* (`supply_share_affected`) is an upper bound of what stopped: the study says which part of it stops
//!   (`references.stopped`).
//! - *Who is hit.* Every buyer, unless the row names `buyers`; then the exports to the first of them stop.
//! - *How long.* From `from` to `to` at the precision both are written with; open-ended rows last `references.open_weeks`.
//! - *Stocks.* Days of use from the reference classes that name a node, else `references.default_stock_weeks`.

use evidence::{Evidence, Record};
use model::{Basis, Estimate, Message, Refusal};

use crate::config::{Config, Span};
use crate::inputs::rows;
use crate::scenario::{Asked, Event, Scenario, Stock};

/// Every scenario of the library has an id that starts with this.
pub const PREFIX: &str = "case:";

const DAYS_PER_WEEK: f64 = 7.0;
const WEEKS_PER_MONTH: f64 = 365.25 / 12.0 / DAYS_PER_WEEK;

/// A recorded disruption.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// `case:<id of the row>`.
    pub id: String,
    /// The row of `shocks`.
    pub shock: model::RowRef,
    pub title_en: String,
    pub title_zh: String,
    /// The what-if, or why the row holds none.
    pub scenario: Result<Scenario, Box<Refusal>>,
}

/// Every row of `shocks`, by id.
pub fn library(evidence: &Evidence, config: &Config) -> Vec<Case> {
    rows(evidence, "shocks")
        .map(|row| Case {
            id: format!("{PREFIX}{}", row.key),
            shock: row.reference(),
            title_en: title(row, "what"),
            title_zh: title(row, "what_zh"),
            scenario: scenario(evidence, config, row),
        })
        .collect()
}

/// The case of a row of `shocks`, with or without the prefix; `None` where there is no such row.
pub fn case(
    evidence: &Evidence,
    config: &Config,
    id: &str,
) -> Option<Result<Scenario, Box<Refusal>>> {
    let id = id.strip_prefix(PREFIX).unwrap_or(id);
    let row = rows(evidence, "shocks").find(|row| row.key == id)?;
    Some(scenario(evidence, config, row))
}

/// Several cases at once, each from the week given: the simultaneous shocks of a crisis. Nodes hit twice keep both
/// events; the method bounds their overlap. The buyer must be the same in all of them.
pub fn together(id: &str, cases: &[(Scenario, u32)], max_weeks: u32) -> Option<Scenario> {
    let (first, _) = cases.first()?;
    if cases.iter().any(|(case, _)| case.buyer != first.buyer) {
        return None;
    }
    let mut joined = first.clone();
    id.clone_into(&mut joined.id);
    joined.event.clear();
    for (case, start) in cases {
        let moved = case.event.iter().map(|event| Event {
            start_week: event.start_week + start.saturating_sub(1),
            ..event.clone()
        });
        joined.event.extend(moved);
        for stock in &case.stocks {
            if !joined.stocks.iter().any(|known| known.node == stock.node) {
                joined.stocks.push(stock.clone());
            }
        }
        let end = case.horizon_weeks + start.saturating_sub(1);
        joined.horizon_weeks = joined.horizon_weeks.max(end).min(max_weeks);
        if *case != *first {
            joined.title_en = format!("{}; {}", joined.title_en, case.title_en);
            joined.title_zh = format!("{}；{}", joined.title_zh, case.title_zh);
        }
    }
    Some(joined)
}

/// Weeks from `from` to `to`, at the precision both are written with and at least one unit of it; `None` where the
/// row has no end.
pub fn weeks(row: &Record) -> Option<f64> {
    let (from, to) = (row.text("from")?, row.text("to")?);
    let parts = from.split('-').count().min(to.split('-').count());
    let unit = match parts {
        1 => 365.25 / DAYS_PER_WEEK,
        2 => WEEKS_PER_MONTH,
        _ => 1.0 / DAYS_PER_WEEK,
    };
    let count = ordinal(to, parts)? - ordinal(from, parts)?;
    Some(count.max(1.0) * unit)
}

/// Years, months or days since year 0, by the number of parts read.
fn ordinal(date: &str, parts: usize) -> Option<f64> {
    let mut numbers = date.split('-').map(str::parse::<f64>);
    let year = numbers.next()?.ok()?;
    if parts == 1 {
        return Some(year);
    }
    let month = numbers.next()?.ok()?;
    if parts == 2 {
        return Some(year * 12.0 + month);
    }
    let day = numbers.next()?.ok()?;
    // Days since a fixed day in the proleptic Gregorian calendar, years counted from March.
    let (y, m) = if month > 2.0 {
        (year, month - 3.0)
    } else {
        (year - 1.0, month + 9.0)
    };
    let leap = (y / 4.0).floor() - (y / 100.0).floor() + (y / 400.0).floor();
    Some(365.0 * y + leap + (153.0 * m + 2.0).div_euclid(5.0) + day)
}

fn title(row: &Record, column: &str) -> String {
    let text = row.text(column).or_else(|| row.text("what"));
    text.unwrap_or_default().to_owned()
}

fn scenario(evidence: &Evidence, config: &Config, row: &Record) -> Result<Scenario, Box<Refusal>> {
    let nodes = row.list("node_ids");
    if nodes.is_empty() {
        return Err(refusal(row, "references.no_node"));
    }
    let basis = row.text("severity_basis");
    let quantity = if basis == Some("price_change") {
        Asked::Price
    } else {
        Asked::Volume
    };
    let severity = severity(evidence, config, row, basis)?;
    let countries = row.list("countries");
    let firm = (row.text("severity_of") == Some("firm")).then(|| title(row, "material"));
    let worldwide = countries.is_empty() || row.text("severity_of") == Some("world");
    let most = config.chain.shock.max_weeks;
    let lasting = weeks(row).map_or(config.references.open_weeks, |weeks| weeks.round() as u32);
    let lasting = lasting.clamp(1, most);
    let places: Vec<Option<String>> = if worldwide {
        vec![None]
    } else {
        countries.iter().map(|c| Some((*c).to_owned())).collect()
    };
    let event = nodes
        .iter()
        .take(if spreads(row) { 1 } else { nodes.len() })
        .flat_map(|node| places.iter().map(move |place| (*node, place.clone())))
        .map(|(node, country)| Event {
            country,
            node: Some(node.to_owned()),
            product: None,
            industry: None,
            firm: firm.clone(),
            region: None,
            quantity,
            severity,
            start_week: 1,
            weeks: lasting,
        })
        .collect();
    Ok(Scenario {
        id: format!("{PREFIX}{}", row.key),
        title_en: title(row, "what"),
        title_zh: title(row, "what_zh"),
        buyer: row.list("buyers").first().map(|buyer| (*buyer).to_owned()),
        horizon_weeks: (lasting + config.references.weeks_after).min(most),
        default_stock_weeks: config.references.default_stock_weeks,
        stocks: stocks(evidence, config),
        event,
        targets: Vec::new(),
        inventory: crate::config::InventorySection::default(),
    })
}

/// Whether the nodes of the row are a source and the products it reached, rather than several sources.
fn spreads(row: &Record) -> bool {
    row.list("node_ids").contains(&"motor_vehicles") && row.list("node_ids").len() > 1
}

/// The part of the supply that stops, 0..1.
fn severity(
    evidence: &Evidence,
    config: &Config,
    row: &Record,
    basis: Option<&str>,
) -> Result<Span, Box<Refusal>> {
    let unknown = Span {
        low: 0.0,
        value: 0.5,
        high: 1.0,
    };
    match basis {
        // How much of the supply stopped is not recorded, and a price is what is asked.
        Some("price_change") => return Ok(unknown),
        Some("import_share_change") => return Err(refusal(row, "references.outcome")),
        _ => {}
    }
    let recorded = row
        .number("severity_pct")
        .filter(|percent| *percent < 0.0)
        .ok_or_else(|| refusal(row, "references.no_severity"))?;
    let half = config
        .ranges
        .half_width(evidence.confidence(&row.reference()));
    let lost = Estimate::relative(-recorded / 100.0, half, Basis::Published);
    let lost = if basis == Some("supply_share_affected") {
        lost.times(config.references.stopped.assumed())
    } else {
        lost
    }
    .clamped(0.0, 1.0);
    Ok(Span {
        low: lost.low,
        value: lost.value,
        high: lost.high,
    })
}

/// Weeks of use in stock, from the reference classes that name a node of the chains.
fn stocks(evidence: &Evidence, config: &Config) -> Vec<Stock> {
    let excluded = |node: &str| {
        let chain = rows(evidence, "chain_nodes")
            .find(|row| row.key == node)
            .and_then(|row| row.text("chain_id"));
        chain.is_none_or(|chain| config.chain.exclude.iter().any(|e| e == chain))
    };
    let mut found: Vec<Stock> = Vec::new();
    for row in rows(evidence, "reference_classes") {
        if row.text("quantity") != Some("stock_days") {
            continue;
        }
        let Some(days) = days(evidence, config, row) else {
            continue;
        };
        for node in row.list("technology_or_node_ids") {
            if !excluded(node) && !found.iter().any(|stock| stock.node == node) {
                found.push(Stock {
                    node: node.to_owned(),
                    weeks: Span {
                        low: days.low / DAYS_PER_WEEK,
                        value: days.value / DAYS_PER_WEEK,
                        high: days.high / DAYS_PER_WEEK,
                    },
                });
            }
        }
    }
    found
}

/// A row that gives one number only is widened by the confidence in its source; one that gives an upper end only
/// may be anything below it.
fn days(evidence: &Evidence, config: &Config, row: &Record) -> Option<Estimate> {
    let half = config
        .ranges
        .half_width(evidence.confidence(&row.reference()));
    let (low, central, high) = (row.number("low"), row.number("central"), row.number("high"));
    let value = central.or(match (low, high) {
        (Some(low), Some(high)) => Some(f64::midpoint(low, high)),
        (Some(low), None) => Some(low),
        (None, Some(high)) => Some(high / 2.0),
        (None, None) => None,
    })?;
    let low = low.unwrap_or(if central.is_some() {
        value * (1.0 - half)
    } else {
        0.0
    });
    let high = high.unwrap_or(value * (1.0 + half.max(config.ranges.open_side)));
    Some(Estimate::spanning(value, low, high, Basis::Published))
}

fn refusal(row: &Record, code: &str) -> Box<Refusal> {
    let fill = |id: String| Message::new(id).with("case", row.key.as_str());
    Box::new(Refusal {
        code: code.to_owned(),
        question: fill("references.question".to_owned()),
        reason: fill(code.to_owned()),
        needed: fill(format!("{code}.needed")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length(from: &str, to: &str) -> Option<f64> {
        let parts = from.split('-').count().min(to.split('-').count());
        Some(ordinal(to, parts)? - ordinal(from, parts)?)
    }

    #[test]
    fn dates_are_counted_at_the_precision_they_share() {
        assert_eq!(length("2011-03", "2011-06"), Some(3.0));
        assert_eq!(length("2021-03-23", "2021-03-29"), Some(6.0));
        assert_eq!(length("2024-09-26", "2024-10-10"), Some(14.0));
        assert_eq!(length("2024-02-28", "2024-03-01"), Some(2.0));
        assert_eq!(length("2023-12-31", "2024-01-01"), Some(1.0));
        assert_eq!(length("2014-01", "2017"), Some(3.0));
        assert_eq!(length("2011-0x", "2011-06"), None);
    }
}
