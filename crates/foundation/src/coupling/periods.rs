//! Moving sums over years: counts of a single year are too few for a presence.

use model::Year;

use crate::activity::{ActivityPanel, ActivityTable};

/// For every year of the panel, from the `width`-th on, the sum of that year and the `width` - 1 before it. Cells that
/// are unknown in all of them stay unknown; a year that the panel lacks adds nothing. `width` 0 counts as 1.
pub fn moving_sums(panel: &ActivityPanel, width: usize) -> ActivityPanel {
    let aligned = panel.aligned();
    let (locations, activities) = panel.labels();
    let span = width.max(1) as i32 - 1;
    let first = panel.years.keys().next().map_or(0, |y| y.0 + span);
    let years = aligned.years.keys().filter(|y| y.0 >= first);
    let sum = |year: &Year| {
        let mut values = vec![f64::NAN; locations.len() * activities.len()];
        for (_, table) in aligned.years.range(Year(year.0 - span)..=*year) {
            for (sum, value) in values.iter_mut().zip(table.values()) {
                if !value.is_nan() {
                    *sum = if sum.is_nan() { *value } else { *sum + value };
                }
            }
        }
        ActivityTable::new(locations.clone(), activities.clone(), values)
            .map(|table| (*year, table))
    };
    ActivityPanel {
        // Finite values of tables add up to a table, unless a sum overflows: such a year is left out.
        years: years.filter_map(|year| sum(year).ok()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_years_by_hand() {
        let year = |rows: &[(&str, &str, f64)]| {
            ActivityTable::from_rows(rows.iter().copied()).expect("a table")
        };
        let panel = ActivityPanel {
            years: [
                (Year(2000), year(&[("a", "x", 1.0), ("b", "y", 2.0)])),
                (Year(2001), year(&[("a", "x", 3.0)])),
                (Year(2002), year(&[("a", "y", 5.0), ("c", "x", 7.0)])),
            ]
            .into(),
        };
        let sums = moving_sums(&panel, 2);
        let years: Vec<i32> = sums.years.keys().map(|y| y.0).collect();
        assert_eq!(years, [2001, 2002]);
        let first = &sums.years[&Year(2001)];
        assert_eq!(first.row(0), [4.0, 0.0]);
        assert_eq!(first.row(1), [0.0, 2.0]);
        assert!(first.row(2).iter().all(|v| v.is_nan()));
        let second = &sums.years[&Year(2002)];
        assert_eq!(second.row(0), [3.0, 5.0]);
        assert!(second.row(1).iter().all(|v| v.is_nan()));
    }
}
