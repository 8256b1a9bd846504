//! Units (regions, industries) by indicators, with missing values that stay missing.

use std::collections::BTreeSet;

use model::{Basis, Criterion, Estimate, Industry, Seed};
use rand::RngExt;

use crate::triangular::triangular;

/// Values by indicator and unit. Ranges matter to sampling only; every other step uses the value.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    units: Vec<Industry>,
    indicators: Vec<Criterion>,
    /// `[indicator][unit]`.
    columns: Vec<Vec<Option<Estimate>>>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    #[error("the table has no unit or no indicator")]
    Empty,
    #[error("`{0}` is named twice")]
    Twice(String),
    #[error("`{indicator}` has {found} values for {expected} units")]
    Ragged {
        indicator: Criterion,
        found: usize,
        expected: usize,
    },
}

impl Table {
    /// `columns[indicator][unit]`.
    pub fn new(
        units: Vec<Industry>,
        indicators: Vec<Criterion>,
        columns: Vec<Vec<Option<Estimate>>>,
    ) -> Result<Self, TableError> {
        if units.is_empty() || indicators.is_empty() || columns.len() != indicators.len() {
            return Err(TableError::Empty);
        }
        let mut seen = BTreeSet::new();
        for name in units.iter().map(Industry::as_str) {
            if !seen.insert(name) {
                return Err(TableError::Twice(name.to_owned()));
            }
        }
        seen.clear();
        for (indicator, column) in indicators.iter().zip(&columns) {
            if !seen.insert(indicator.as_str()) {
                return Err(TableError::Twice(indicator.as_str().to_owned()));
            }
            if column.len() != units.len() {
                return Err(TableError::Ragged {
                    indicator: indicator.clone(),
                    found: column.len(),
                    expected: units.len(),
                });
            }
        }
        Ok(Self {
            units,
            indicators,
            columns,
        })
    }

    /// A table of single numbers.
    pub fn of_values(
        units: Vec<Industry>,
        indicators: Vec<Criterion>,
        columns: Vec<Vec<Option<f64>>>,
    ) -> Result<Self, TableError> {
        let exact = |x: Option<f64>| x.map(|x| Estimate::exact(x, Basis::Derived));
        let columns = columns
            .into_iter()
            .map(|column| column.into_iter().map(exact).collect())
            .collect();
        Self::new(units, indicators, columns)
    }

    pub fn units(&self) -> &[Industry] {
        &self.units
    }

    pub fn indicators(&self) -> &[Criterion] {
        &self.indicators
    }

    /// The values of one indicator.
    pub fn values(&self, indicator: usize) -> Vec<Option<f64>> {
        let column = self.columns[indicator].iter();
        column.map(|cell| cell.map(|e| e.value)).collect()
    }

    pub fn value(&self, indicator: usize, unit: usize) -> Option<f64> {
        self.columns[indicator][unit].map(|e| e.value)
    }

    pub fn position(&self, indicator: &Criterion) -> Option<usize> {
        self.indicators.iter().position(|i| i == indicator)
    }

    /// Whether any number has a range.
    pub fn has_ranges(&self) -> bool {
        let mut cells = self.columns.iter().flatten().flatten();
        cells.any(|e| e.width() > 0.0)
    }

    /// The same table with other columns, of the same shape.
    pub(crate) fn with_values(&self, columns: Vec<Vec<Option<f64>>>) -> Self {
        let exact = |x: Option<f64>| x.map(|x| Estimate::exact(x, Basis::Derived));
        Self {
            units: self.units.clone(),
            indicators: self.indicators.clone(),
            columns: columns
                .into_iter()
                .map(|column| column.into_iter().map(exact).collect())
                .collect(),
        }
    }

    /// Every number drawn within its range (triangular). Each cell has a stream of its own, keyed by its names.
    #[must_use]
    pub fn drawn(&self, seed: Seed, draw: u64) -> Self {
        let columns = self
            .indicators
            .iter()
            .zip(&self.columns)
            .map(|(indicator, column)| {
                self.units
                    .iter()
                    .zip(column)
                    .map(|(unit, cell)| {
                        cell.map(|e| {
                            if e.width() <= 0.0 {
                                return e.value;
                            }
                            let label = format!("composite/{unit}/{indicator}");
                            triangular(&e, seed.stream(&label, draw).random())
                        })
                    })
                    .collect()
            })
            .collect();
        self.with_values(columns)
    }

    /// Without some indicators and one unit.
    pub(crate) fn without(&self, indicators: &[usize], unit: Option<usize>) -> Self {
        let keep = |i: &usize| Some(*i) != unit;
        let units: Vec<usize> = (0..self.units.len()).filter(keep).collect();
        let kept: Vec<usize> = (0..self.indicators.len())
            .filter(|j| !indicators.contains(j))
            .collect();
        Self {
            units: units.iter().map(|i| self.units[*i].clone()).collect(),
            indicators: kept.iter().map(|j| self.indicators[*j].clone()).collect(),
            columns: kept
                .iter()
                .map(|j| units.iter().map(|i| self.columns[*j][*i]).collect())
                .collect(),
        }
    }
}
