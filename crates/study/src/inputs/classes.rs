//! What several reference classes say together about one quantity.

use evidence::{Evidence, Record};
use model::{Basis, Estimate, RowRef};

use super::rows;
use crate::config::Ranges;

/// From the lowest to the highest number of the classes named, with the median of their central ones as value, in the unit that `scale`
/// converts a row to (with the rows that it used); rows that it does not convert do not count. A class without a range of its own is
/// widened by the confidence in its source. `None` where no class counts.
pub fn pooled(
    evidence: &Evidence,
    classes: &[String],
    ranges: &Ranges,
    scale: impl Fn(&Record) -> Option<(f64, Vec<RowRef>)>,
) -> Option<(Estimate, Vec<RowRef>)> {
    let (mut central, mut numbers, mut origins) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows(evidence, "reference_classes").filter(|row| classes.contains(&row.key)) {
        let Some((scale, used)) = scale(row) else {
            continue;
        };
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
        for row in used {
            if !origins.contains(&row) {
                origins.push(row);
            }
        }
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
