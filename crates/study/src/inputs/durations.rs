//! Durations from reference classes.

use evidence::{Evidence, Record};
use model::{Basis, Estimate, RowRef};

use super::rows;
use crate::config::Ranges;

/// Years from the reference classes named: from the lowest to the highest number on record, with the median of
/// the central ones as value. A class that gives no range of its own is widened by the confidence in its source. `None` where none of them is a duration on record.
pub fn years(
    evidence: &Evidence,
    classes: &[String],
    ranges: &Ranges,
) -> Option<(Estimate, Vec<RowRef>)> {
    let mut numbers = Vec::new();
    let mut central = Vec::new();
    let mut origins = Vec::new();
    for row in rows(evidence, "reference_classes").filter(|row| classes.contains(&row.key)) {
        let Some(scale) = scale(row) else { continue };
        let found: Vec<f64> = ["low", "central", "high"]
            .iter()
            .filter_map(|column| row.number(column))
            .map(|n| n * scale)
            .collect();
        let Some(middle) = row.number("central").map(|n| n * scale).or_else(|| {
            (!found.is_empty()).then(|| found.iter().sum::<f64>() / found.len() as f64)
        }) else {
            continue;
        };
        central.push(middle);
        if found.len() == 1 {
            let half = ranges.half_width(evidence.confidence(&row.reference()));
            numbers.extend([middle * (1.0 - half), middle * (1.0 + half)]);
        }
        numbers.extend(found);
        origins.push(row.reference());
    }
    central.sort_by(f64::total_cmp);
    let value = match central.len() {
        0 => return None,
        n if n % 2 == 1 => central[n / 2],
        n => f64::midpoint(central[n / 2 - 1], central[n / 2]),
    };
    let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
    let high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    Some((
        Estimate::spanning(value, low, high, Basis::Assumed),
        origins,
    ))
}

/// Years per unit of the row, if it is a duration.
fn scale(row: &Record) -> Option<f64> {
    match row.text("quantity")? {
        "duration_years" => Some(1.0),
        "capacity_build_months" => Some(1.0 / 12.0),
        _ => None,
    }
}
