//! Impute: what stands in for a missing value, and which values those are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::table::Table;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Imputation {
    /// Missing stays missing; aggregation leaves it out.
    #[default]
    None,
    Mean,
    Median,
    /// Mean of the unit's group; a group without values stays missing.
    GroupMean,
    GroupMedian,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Imputed {
    pub table: Table,
    /// (indicator, unit) of every value that was put in.
    pub filled: Vec<(usize, usize)>,
}

/// `groups`: the group of each unit, for imputation by groups; units without one are a group together.
pub fn impute(table: &Table, method: Imputation, groups: &[Option<String>]) -> Imputed {
    let mut filled = Vec::new();
    let columns = (0..table.indicators().len())
        .map(|j| {
            let values = table.values(j);
            let group = |i: usize| match method {
                Imputation::GroupMean | Imputation::GroupMedian => {
                    groups.get(i).and_then(Option::as_deref)
                }
                _ => None,
            };
            let mut known: BTreeMap<Option<&str>, Vec<f64>> = BTreeMap::new();
            for (i, x) in values.iter().enumerate() {
                if let Some(x) = x {
                    known.entry(group(i)).or_default().push(*x);
                }
            }
            let centre: BTreeMap<Option<&str>, f64> = known
                .into_iter()
                .filter_map(|(group, values)| Some((group, of(method, values)?)))
                .collect();
            values
                .iter()
                .enumerate()
                .map(|(i, x)| {
                    x.or_else(|| {
                        let put = centre.get(&group(i)).copied()?;
                        filled.push((j, i));
                        Some(put)
                    })
                })
                .collect()
        })
        .collect();
    Imputed {
        table: table.with_values(columns),
        filled,
    }
}

fn of(method: Imputation, mut values: Vec<f64>) -> Option<f64> {
    let n = values.len();
    match method {
        Imputation::None => None,
        _ if n == 0 => None,
        Imputation::Mean | Imputation::GroupMean => Some(values.iter().sum::<f64>() / n as f64),
        Imputation::Median | Imputation::GroupMedian => {
            values.sort_by(f64::total_cmp);
            let middle = values[n / 2];
            Some(if n % 2 == 1 {
                middle
            } else {
                f64::midpoint(values[n / 2 - 1], middle)
            })
        }
    }
}
