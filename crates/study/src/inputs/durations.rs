//! Durations from reference classes.

use evidence::{Evidence, Record};
use model::{Estimate, RowRef};

use super::classes::pooled;
use crate::config::Ranges;

/// Years from the reference classes named ([`pooled`]). `None` where none of them is a duration on record.
pub fn years(
    evidence: &Evidence,
    classes: &[String],
    ranges: &Ranges,
) -> Option<(Estimate, Vec<RowRef>)> {
    pooled(evidence, classes, ranges, |row| {
        Some((scale(row)?, Vec::new()))
    })
}

/// Years per unit of the row, if it is a duration.
fn scale(row: &Record) -> Option<f64> {
    match row.text("quantity")? {
        "duration_years" => Some(1.0),
        "capacity_build_months" => Some(1.0 / 12.0),
        _ => None,
    }
}
