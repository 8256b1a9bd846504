//! Denominate: make indicators comparable between units of different size (per inhabitant, per unit of product).

use model::Criterion;

use super::table::Table;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DenominateError {
    #[error(
        "`{indicator}` is to be divided by `{denominator}`, which the table of denominators does not hold"
    )]
    Unknown {
        indicator: Criterion,
        denominator: Criterion,
    },
    #[error("the denominator `{denominator}` of `{indicator}` is 0 for `{unit}`")]
    Zero {
        indicator: Criterion,
        denominator: Criterion,
        unit: String,
    },
    #[error("the tables of indicators and denominators have different units")]
    Units,
}

/// `x / d` for every indicator that has a denominator, by position of the indicator. A missing denominator leaves the value
/// missing.
pub fn denominate(
    table: &Table,
    denominators: &Table,
    by: &[Option<Criterion>],
) -> Result<Table, DenominateError> {
    if table.units() != denominators.units() {
        return Err(DenominateError::Units);
    }
    let mut columns = Vec::with_capacity(table.indicators().len());
    for (j, indicator) in table.indicators().iter().enumerate() {
        let values = table.values(j);
        let Some(denominator) = by.get(j).and_then(Option::as_ref) else {
            columns.push(values);
            continue;
        };
        let Some(d) = denominators.position(denominator) else {
            return Err(DenominateError::Unknown {
                indicator: indicator.clone(),
                denominator: denominator.clone(),
            });
        };
        let mut column = Vec::with_capacity(values.len());
        for (i, (x, d)) in values.into_iter().zip(denominators.values(d)).enumerate() {
            if x.is_some() && d.is_some_and(|d| d == 0.0) {
                return Err(DenominateError::Zero {
                    indicator: indicator.clone(),
                    denominator: denominator.clone(),
                    unit: table.units()[i].as_str().to_owned(),
                });
            }
            column.push(x.zip(d).map(|(x, d)| x / d));
        }
        columns.push(column);
    }
    Ok(table.with_values(columns))
}
