//! From rows of evidence to the values that the methods take.
//!
//! The only place where the study's assumptions about how far a published number may be off
//! (`[ranges]`) meet the evidence. Rows come sorted by key, so nothing here depends on file order.

pub mod chain;
pub mod classes;
pub mod clusters;
pub mod costs;
pub mod durations;
pub mod firms;
pub mod indicators;
pub mod io;
pub mod large;
pub mod links;
pub mod plans;
pub mod projects;
pub mod references;
pub mod seats;
pub mod strategies;

use evidence::{Evidence, Record};
use model::{Basis, Estimate};

use crate::config::Ranges;

/// Rows of a table; an absent table has none.
pub fn rows<'a>(evidence: &'a Evidence, table: &str) -> impl Iterator<Item = &'a Record> {
    evidence.rows(table).iter()
}

/// A published number of a row with its range.
///
/// The row's own `low` and `high` come first. Otherwise the relative half width of the source's confidence
/// applies, and the qualifier opens the side that the source leaves open: "more than 60" cannot be less.
pub fn published(
    evidence: &Evidence,
    record: &Record,
    column: &str,
    ranges: &Ranges,
) -> Option<Estimate> {
    let value = record.number(column)?;
    let half = ranges.half_width(evidence.confidence(&record.reference()));
    let (mut low, mut high) = (value - value.abs() * half, value + value.abs() * half);
    match record.text("qualifier") {
        Some("more_than") => {
            low = value;
            high = value + value.abs() * ranges.open_side.max(half);
        }
        Some("less_than" | "almost") => {
            low = value - value.abs() * ranges.open_side.max(half);
            high = value;
        }
        Some("about") => {
            let about = ranges.about.max(half);
            low = value - value.abs() * about;
            high = value + value.abs() * about;
        }
        _ => {}
    }
    if let Some(own) = record.number("low") {
        low = own;
    }
    if let Some(own) = record.number("high") {
        high = own;
    }
    Some(Estimate::spanning(value, low, high, Basis::Published))
}

/// A published percentage as a fraction, confined to 0..1.
pub fn published_share(
    evidence: &Evidence,
    record: &Record,
    column: &str,
    ranges: &Ranges,
) -> Option<Estimate> {
    let percent = published(evidence, record, column, ranges)?;
    Some(
        Estimate::spanning(
            percent.value / 100.0,
            percent.low / 100.0,
            percent.high / 100.0,
            percent.basis,
        )
        .clamped(0.0, 1.0),
    )
}
