//! Revealed advantage: how much of an activity a location has, against what the world has.
//!
//! With values x_la, location totals x_l = Σ_a x_la, activity totals x_a = Σ_l x_la, the total x and population n_l:
//!
//! ```text
//! RCA_la  = (x_la / x_l) / (x_a / x)            Balassa (1965); the location quotient of regional science
//! RpOP_la = (x_la / n_l) / (x_a / n)            per head instead of per value; n = Σ_l n_l
//! RSCA_la = (RCA_la - 1) / (RCA_la + 1)         Laursen (1998), in [-1, 1)
//! ```
//!
//! Cells are row-major, one per cell of the table. Unknown cells stay unknown (`NaN`) and are left out of the totals; a
//! location or an activity whose total is zero has no advantage that could be revealed (`NaN`), neither 0 nor 1.
//! Totals are compensated sums (Neumaier, 1974), so that a location with exactly the world's basket has an RCA of 1
//! within a few units in the last place, whatever the order of its activities.

use crate::activity::ActivityTable;

/// RCA of every cell: ≥ 0, 1 where the location has the world's share.
pub fn rca(table: &ActivityTable) -> Vec<f64> {
    let (rows, columns, total) = totals(table);
    cells(table, |l, a, x| (x / rows[l]) / (columns[a] / total))
}

/// The location quotient of regional science is RCA under its older name.
pub fn location_quotient(table: &ActivityTable) -> Vec<f64> {
    rca(table)
}

/// RpOP of every cell. `population` is one number per location; a location whose population is unknown or zero is unknown and
/// is left out of the world.
pub fn rpop(table: &ActivityTable, population: &[f64]) -> Vec<f64> {
    let known = |l: usize| population.get(l).is_some_and(|n| *n > 0.0);
    let width = table.activities().len();
    let people = sum((0..table.locations().len())
        .filter(|l| known(*l))
        .map(|l| population[l]));
    let columns: Vec<f64> = (0..width)
        .map(|a| {
            sum((0..table.locations().len())
                .filter(|l| known(*l))
                .map(|l| table.value(l, a)))
        })
        .collect();
    cells(table, |l, a, x| {
        if known(l) {
            (x / population[l]) / (columns[a] / people)
        } else {
            f64::NAN
        }
    })
}

/// RSCA of RCA values.
pub fn symmetric(rca: &[f64]) -> Vec<f64> {
    rca.iter().map(|r| (r - 1.0) / (r + 1.0)).collect()
}

/// Totals of the rows, of the columns and of all known cells.
fn totals(table: &ActivityTable) -> (Vec<f64>, Vec<f64>, f64) {
    let rows: Vec<f64> = (0..table.locations().len())
        .map(|l| sum(table.row(l).iter().copied()))
        .collect();
    let mut columns = vec![Sum::default(); table.activities().len()];
    for l in 0..table.locations().len() {
        for (column, value) in columns.iter_mut().zip(table.row(l)) {
            column.add(*value);
        }
    }
    let total = sum(rows.iter().copied());
    (rows, columns.iter().map(Sum::value).collect(), total)
}

fn cells(table: &ActivityTable, of: impl Fn(usize, usize, f64) -> f64) -> Vec<f64> {
    let width = table.activities().len();
    let mut cells = Vec::with_capacity(table.values().len());
    for l in 0..table.locations().len() {
        for a in 0..width {
            // 0 / 0 is NaN by itself; x / 0 cannot be, because a total is no less than its parts.
            cells.push(of(l, a, table.value(l, a)));
        }
    }
    cells
}

/// Σ of the known values, compensated.
pub(crate) fn sum(values: impl Iterator<Item = f64>) -> f64 {
    let mut sum = Sum::default();
    for value in values {
        sum.add(value);
    }
    sum.value()
}

/// A running sum with its rounding error (Neumaier, 1974). Unknown values are passed over.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    high: f64,
    low: f64,
}

impl Sum {
    fn add(&mut self, value: f64) {
        if value.is_nan() {
            return;
        }
        let next = self.high + value;
        self.low += if self.high.abs() >= value.abs() {
            (self.high - next) + value
        } else {
            (value - next) + self.high
        };
        self.high = next;
    }

    fn value(&self) -> f64 {
        self.high + self.low
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use super::*;

    fn table(rows: &[(&str, &str, f64)]) -> ActivityTable {
        ActivityTable::from_rows(rows.iter().copied()).expect("a table")
    }

    #[test]
    fn two_countries_by_hand() {
        // Totals: a 4, b 4; x 5, y 3; all 8.
        let t = table(&[("a", "x", 1.0), ("a", "y", 3.0), ("b", "x", 4.0)]);
        let r = rca(&t);
        assert_eq!(r, [0.4, 2.0, 1.6, 0.0]);
        assert_eq!(location_quotient(&t), r);
        assert_eq!(symmetric(&r)[1], 1.0 / 3.0);
        assert_eq!(symmetric(&r)[3], -1.0);
        // 10 and 30 people: (1/10)/(5/40) = 0.8.
        assert_eq!(rpop(&t, &[10.0, 30.0])[0], 0.8);
        // Without the second country's people it is left out of the world: (1/10)/(1/10) = 1.
        let r = rpop(&t, &[10.0, f64::NAN]);
        assert_eq!(r[0], 1.0);
        assert!(r[2].is_nan());
    }

    #[test]
    fn nothing_is_revealed_by_a_total_of_zero_or_by_an_unknown_cell() {
        let t = ActivityTable::new(
            vec!["a".into(), "b".into(), "c".into()],
            vec!["x".into(), "y".into()],
            vec![1.0, 1.0, 0.0, 0.0, f64::NAN, 2.0],
        )
        .expect("a table");
        let r = rca(&t);
        assert!(r[2].is_nan() && r[3].is_nan() && r[4].is_nan());
        assert!((r[5] - (4.0 / 3.0)).abs() < 1e-15);
    }
}
