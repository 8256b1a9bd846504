//! Activities in locations: the table that complexity, relatedness and specialisation start from.
//!
//! A row is a location (a country, a region, a firm), a column an activity (a product, a technology, an
//! industry). A cell is a value ≥ 0, or unknown: **a missing reporter is not a zero exporter**. Locations and
//! activities are sorted by their codes, so that no result depends on the order of the rows of a file.

use std::collections::BTreeMap;

use model::Year;

/// One period: values of every activity in every location, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct ActivityTable {
    locations: Vec<String>,
    activities: Vec<String>,
    /// `NaN` where the value is unknown.
    values: Vec<f64>,
}

/// Why values do not make a table.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ActivityError {
    #[error("no values")]
    Empty,
    #[error(
        "value {value} of activity {activity} in location {location}: need a finite number not below 0"
    )]
    NotAValue {
        location: String,
        activity: String,
        value: f64,
    },
    #[error("{found} values for {locations} locations and {activities} activities")]
    Shape {
        found: usize,
        locations: usize,
        activities: usize,
    },
    #[error("labels must be sorted and unique; {label} is not")]
    Labels { label: String },
}

impl ActivityTable {
    /// A table from sorted, unique labels and row-major values; `NaN` is unknown.
    pub fn new(
        locations: Vec<String>,
        activities: Vec<String>,
        values: Vec<f64>,
    ) -> Result<Self, ActivityError> {
        for labels in [&locations, &activities] {
            if let Some(pair) = labels.windows(2).find(|pair| pair[0] >= pair[1]) {
                return Err(ActivityError::Labels {
                    label: pair[1].clone(),
                });
            }
        }
        if values.len() != locations.len() * activities.len() {
            return Err(ActivityError::Shape {
                found: values.len(),
                locations: locations.len(),
                activities: activities.len(),
            });
        }
        if values.is_empty() {
            return Err(ActivityError::Empty);
        }
        if let Some(k) = values.iter().position(|v| v.is_infinite() || *v < 0.0) {
            return Err(ActivityError::NotAValue {
                location: locations[k / activities.len()].clone(),
                activity: activities[k % activities.len()].clone(),
                value: values[k],
            });
        }
        Ok(Self {
            locations,
            activities,
            values,
        })
    }

    /// A table from rows (location, activity, value) in any order. Rows of the same cell are added up; a cell
    /// without a row is zero, because the location reports.
    pub fn from_rows<'a>(
        rows: impl IntoIterator<Item = (&'a str, &'a str, f64)>,
    ) -> Result<Self, ActivityError> {
        let mut cells: BTreeMap<(&str, &str), Vec<f64>> = BTreeMap::new();
        for (location, activity, value) in rows {
            cells.entry((location, activity)).or_default().push(value);
        }
        let mut locations: Vec<String> = cells.keys().map(|(l, _)| (*l).to_owned()).collect();
        locations.dedup();
        let mut activities: Vec<String> = cells.keys().map(|(_, a)| (*a).to_owned()).collect();
        activities.sort_unstable();
        activities.dedup();
        let width = activities.len();
        let mut values = vec![0.0; locations.len() * width];
        let mut l = 0;
        for ((location, activity), mut parts) in cells {
            while locations[l] != location {
                l += 1;
            }
            let a = activities
                .binary_search_by(|known| known.as_str().cmp(activity))
                .expect("invariant: every activity of a row is a label");
            // Sorted, so that the sum has the same bits in any order of rows.
            parts.sort_by(f64::total_cmp);
            values[l * width + a] = parts.iter().sum();
        }
        Self::new(locations, activities, values)
    }

    /// [`Self::from_rows`] on coded columns: row i is (`locations[i]`, `activities[i]`, `values[i]`), where a code is a
    /// position among the sorted labels. Labels without a row are left out; a `NaN` row makes its cell unknown.
    pub fn from_codes(
        labels: (&[String], &[String]),
        rows: CodedRows,
    ) -> Result<Self, ActivityError> {
        let kept = |count: usize, codes: &[u32]| {
            let mut seen = vec![false; count];
            for code in codes {
                seen[*code as usize] = true;
            }
            (0..count).filter(|i| seen[*i]).collect::<Vec<_>>()
        };
        let (l_kept, a_kept) = (
            kept(labels.0.len(), rows.locations),
            kept(labels.1.len(), rows.activities),
        );
        let place = |count: usize, kept: &[usize]| {
            let mut place = vec![0usize; count];
            for (new, old) in kept.iter().enumerate() {
                place[*old] = new;
            }
            place
        };
        let (l_place, a_place) = (
            place(labels.0.len(), &l_kept),
            place(labels.1.len(), &a_kept),
        );
        let width = a_kept.len();
        let mut values = vec![0.0; l_kept.len() * width];
        let mut filled = vec![false; values.len()];
        let mut again: Vec<(usize, f64)> = Vec::new();
        for ((l, a), value) in rows.locations.iter().zip(rows.activities).zip(rows.values) {
            let cell = l_place[*l as usize] * width + a_place[*a as usize];
            if std::mem::replace(&mut filled[cell], true) {
                again.push((cell, *value));
            } else {
                values[cell] = *value;
            }
        }
        // Cells of several rows are added up in ascending order: the sum has the same bits in any order of rows.
        let mut repeated: Vec<usize> = again.iter().map(|(cell, _)| *cell).collect();
        repeated.sort_unstable();
        repeated.dedup();
        again.extend(repeated.iter().map(|cell| (*cell, values[*cell])));
        again.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.total_cmp(&b.1)));
        for cell in repeated {
            values[cell] = 0.0;
        }
        for (cell, value) in again {
            values[cell] += value;
        }
        let named = |labels: &[String], kept: &[usize]| -> Vec<String> {
            kept.iter().map(|i| labels[*i].clone()).collect()
        };
        Self::new(named(labels.0, &l_kept), named(labels.1, &a_kept), values)
    }

    pub fn locations(&self) -> &[String] {
        &self.locations
    }

    pub fn activities(&self) -> &[String] {
        &self.activities
    }

    /// Position of a location.
    pub fn location(&self, label: &str) -> Option<usize> {
        position(&self.locations, label)
    }

    /// Position of an activity.
    pub fn activity(&self, label: &str) -> Option<usize> {
        position(&self.activities, label)
    }

    /// `NaN` where unknown.
    pub fn value(&self, location: usize, activity: usize) -> f64 {
        self.values[location * self.activities.len() + activity]
    }

    /// Values of all activities of one location.
    pub fn row(&self, location: usize) -> &[f64] {
        let n = self.activities.len();
        &self.values[location * n..(location + 1) * n]
    }

    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Σ over known cells, for every location.
    pub fn location_totals(&self) -> Vec<f64> {
        (0..self.locations.len())
            .map(|l| self.row(l).iter().filter(|v| !v.is_nan()).sum())
            .collect()
    }

    /// Σ over known cells, for every activity.
    pub fn activity_totals(&self) -> Vec<f64> {
        let mut totals = vec![0.0; self.activities.len()];
        for l in 0..self.locations.len() {
            for (total, value) in totals.iter_mut().zip(self.row(l)) {
                if !value.is_nan() {
                    *total += value;
                }
            }
        }
        totals
    }

    /// The table of the locations and activities at these positions (each in ascending order).
    #[must_use]
    pub fn restricted(&self, locations: &[usize], activities: &[usize]) -> Self {
        Self {
            locations: locations
                .iter()
                .map(|l| self.locations[*l].clone())
                .collect(),
            activities: activities
                .iter()
                .map(|a| self.activities[*a].clone())
                .collect(),
            values: locations
                .iter()
                .flat_map(|l| activities.iter().map(|a| self.value(*l, *a)))
                .collect(),
        }
    }
}

fn position(labels: &[String], label: &str) -> Option<usize> {
    labels
        .binary_search_by(|known| known.as_str().cmp(label))
        .ok()
}

/// Rows as columns of codes, all of one length.
#[derive(Debug, Clone, Copy)]
pub struct CodedRows<'a> {
    pub locations: &'a [u32],
    pub activities: &'a [u32],
    pub values: &'a [f64],
}

/// Tables of several years, each with its own reporters and activities.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ActivityPanel {
    pub years: BTreeMap<Year, ActivityTable>,
}

impl ActivityPanel {
    /// All locations and all activities of any year, sorted.
    pub fn labels(&self) -> (Vec<String>, Vec<String>) {
        let all = |pick: fn(&ActivityTable) -> &[String]| {
            let mut labels: Vec<String> = self
                .years
                .values()
                .flat_map(|table| pick(table).iter().cloned())
                .collect();
            labels.sort_unstable();
            labels.dedup();
            labels
        };
        (
            all(ActivityTable::locations),
            all(ActivityTable::activities),
        )
    }

    /// Every year on the same labels: a location without a row in a year is unknown there (`NaN` in every cell), an
    /// activity that a reporting location does not have is zero.
    #[must_use]
    pub fn aligned(&self) -> Self {
        let (locations, activities) = self.labels();
        let years = self.years.iter().map(|(year, table)| {
            let place: Vec<Option<usize>> = activities
                .iter()
                .map(|a| table.activities.binary_search(a).ok())
                .collect();
            let values = locations
                .iter()
                .flat_map(|location| {
                    let row = table.locations.binary_search(location).ok();
                    place.iter().map(move |column| match (row, column) {
                        (None, _) => f64::NAN,
                        (Some(_), None) => 0.0,
                        (Some(l), Some(a)) => table.value(l, *a),
                    })
                })
                .collect();
            let table = ActivityTable {
                locations: locations.clone(),
                activities: activities.clone(),
                values,
            };
            (*year, table)
        });
        Self {
            years: years.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_in_any_order_make_the_same_table() {
        let rows = [
            ("b", "y", 0.1),
            ("a", "x", 1.0),
            ("b", "y", 0.2),
            ("b", "y", 0.3),
        ];
        let table = ActivityTable::from_rows(rows).expect("a table");
        let mut back = rows;
        back.reverse();
        assert_eq!(ActivityTable::from_rows(back).expect("a table"), table);
        assert_eq!(table.locations(), ["a", "b"]);
        assert_eq!(table.activities(), ["x", "y"]);
        assert_eq!(table.values(), [1.0, 0.0, 0.0, 0.1 + 0.2 + 0.3]);
        assert!((table.location_totals()[0] - 1.0).abs() < 1e-15);
    }

    proptest::proptest! {
        #[test]
        fn coded_rows_make_the_same_table_as_rows_of_text(
            rows in proptest::collection::vec((0u32..4, 0u32..6, 0.0f64..1.0), 1..60)
        ) {
            let l: Vec<String> = (0..4).map(|i| format!("l{i}")).collect();
            let a: Vec<String> = (0..6).map(|i| format!("a{i}")).collect();
            let text = ActivityTable::from_rows(
                rows.iter().map(|(x, y, v)| (l[*x as usize].as_str(), a[*y as usize].as_str(), *v)),
            );
            let (x, y): (Vec<u32>, Vec<u32>) = rows.iter().map(|(x, y, _)| (*x, *y)).unzip();
            let values: Vec<f64> = rows.iter().map(|r| r.2).collect();
            let coded = CodedRows { locations: &x, activities: &y, values: &values };
            proptest::prop_assert_eq!(ActivityTable::from_codes((&l, &a), coded), text);
        }
    }

    #[test]
    fn a_missing_reporter_is_not_a_zero_exporter() {
        let one = ActivityTable::from_rows([("a", "x", 1.0), ("b", "x", 1.0)]).expect("a table");
        let two = ActivityTable::from_rows([("a", "x", 1.0), ("a", "y", 1.0)]).expect("a table");
        let panel = ActivityPanel {
            years: [(Year(2000), one), (Year(2001), two)].into(),
        }
        .aligned();
        let first = &panel.years[&Year(2000)];
        assert_eq!(first.row(0), [1.0, 0.0]);
        let second = &panel.years[&Year(2001)];
        assert!(second.row(1).iter().all(|v| v.is_nan()));
        assert_eq!(second.activity_totals(), [1.0, 1.0]);
    }

    #[test]
    fn what_is_no_value_is_named() {
        let error = ActivityTable::from_rows([("a", "x", -1.0)]).expect_err("below zero");
        assert!(
            error.to_string().contains("activity x in location a"),
            "{error}"
        );
    }
}
