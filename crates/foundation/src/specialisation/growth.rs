//! Growth of locations, activities and cells between two tables with the same labels.
//!
//! ```text
//! g = x(second) / x(first) - 1          fraction, not per cent;      per year: (1 + g)^(1/years) - 1
//! ```
//!
//! From zero there is no growth rate (`NaN`): EconGeo prints 0 or infinity, econcomplex 0. The sums of a location or an
//! activity run over the cells known in **both** tables, so that a reporter who appears is not growth.

use super::SpecialisationError;
use crate::activity::ActivityTable;

/// Growth between two tables.
#[derive(Debug, Clone, PartialEq)]
pub struct Growth {
    /// One for each location; ≥ -1.
    pub locations: Vec<f64>,
    /// One for each activity.
    pub activities: Vec<f64>,
    /// Row-major, one for each cell.
    pub cells: Vec<f64>,
}

/// Growth of everything from `first` to `second`.
pub fn growth(
    first: &ActivityTable,
    second: &ActivityTable,
) -> Result<Growth, SpecialisationError> {
    if first.locations() != second.locations() || first.activities() != second.activities() {
        return Err(SpecialisationError::Labels);
    }
    let width = first.activities().len();
    let mut rows = vec![(0.0, 0.0); first.locations().len()];
    let mut columns = vec![(0.0, 0.0); width];
    let mut cells = Vec::with_capacity(first.values().len());
    for (k, (x, y)) in first.values().iter().zip(second.values()).enumerate() {
        cells.push(rate(*x, *y));
        if !x.is_nan() && !y.is_nan() {
            for sum in [&mut rows[k / width], &mut columns[k % width]] {
                sum.0 += x;
                sum.1 += y;
            }
        }
    }
    let rates = |sums: Vec<(f64, f64)>| sums.into_iter().map(|(x, y)| rate(x, y)).collect();
    Ok(Growth {
        locations: rates(rows),
        activities: rates(columns),
        cells,
    })
}

/// Growth per year of a growth over `years` > 0.
pub fn per_year(growth: f64, years: f64) -> f64 {
    (1.0 + growth).powf(1.0 / years) - 1.0
}

fn rate(first: f64, second: f64) -> f64 {
    if first > 0.0 {
        (second - first) / first
    } else {
        f64::NAN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_reporter_is_not_growth() {
        let table = |values: [f64; 4]| {
            ActivityTable::new(
                vec!["a".into(), "b".into()],
                vec!["x".into(), "y".into()],
                values.to_vec(),
            )
            .expect("a table")
        };
        let found = growth(
            &table([1.0, 0.0, f64::NAN, f64::NAN]),
            &table([3.0, 1.0, 50.0, 50.0]),
        )
        .expect("same labels");
        assert_eq!(found.locations[0].to_bits(), 3.0f64.to_bits());
        assert!(found.locations[1].is_nan() && found.cells[1].is_nan());
        assert_eq!(found.activities[0].to_bits(), 2.0f64.to_bits());
        assert!((per_year(0.21, 2.0) - 0.1).abs() < 1e-15);
    }
}
