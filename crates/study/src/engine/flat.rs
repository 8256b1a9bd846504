//! Result tables as flat columns, for CSV, Parquet and SQL.
//!
//! A quantity becomes five columns: `x`, `x_low`, `x_high`, `x_basis`, `x_missing` (the reason where it is
//! not estimated). Entities are written as ids, lists joined by `;`.

use evidence::store::Flat;
use model::{Basis, Cell, Lang, Names, Quantity, ResultTable};

/// Named flat columns of a result table; the first is `key`.
pub fn flatten(table: &ResultTable, names: &Names) -> Vec<(String, Flat)> {
    let mut columns = vec![(
        "key".to_owned(),
        Flat::Text(table.rows.iter().map(|row| Some(row.key.clone())).collect()),
    )];
    for (i, column) in table.columns.iter().enumerate() {
        let cells: Vec<&Cell> = table.rows.iter().map(|row| &row.cells[i]).collect();
        let is_quantity = cells.iter().any(|cell| matches!(cell, Cell::Quantity(_)));
        let is_count = cells.iter().any(|cell| matches!(cell, Cell::Count(_)));
        if is_quantity {
            let number = |pick: fn(&model::Estimate) -> f64| {
                Flat::Number(
                    cells
                        .iter()
                        .map(|c| estimate(c).map(|e| pick(&e)))
                        .collect(),
                )
            };
            columns.push((column.name.clone(), number(|e| e.value)));
            columns.push((format!("{}_low", column.name), number(|e| e.low)));
            columns.push((format!("{}_high", column.name), number(|e| e.high)));
            columns.push((
                format!("{}_basis", column.name),
                Flat::Text(
                    cells
                        .iter()
                        .map(|c| estimate(c).map(|e| basis(e.basis)))
                        .collect(),
                ),
            ));
            columns.push((
                format!("{}_missing", column.name),
                Flat::Text(cells.iter().map(|c| missing(c, names)).collect()),
            ));
        } else if is_count {
            let counts = cells.iter().map(|c| match c {
                Cell::Count(n) => Some(*n),
                _ => None,
            });
            columns.push((column.name.clone(), Flat::Count(counts.collect())));
        } else {
            let texts = cells.iter().map(|c| text(c, names));
            columns.push((column.name.clone(), Flat::Text(texts.collect())));
        }
    }
    columns
}

fn estimate(cell: &Cell) -> Option<model::Estimate> {
    match cell {
        Cell::Quantity(quantity) => quantity.estimate(),
        _ => None,
    }
}

fn missing(cell: &Cell, names: &Names) -> Option<String> {
    match cell {
        Cell::Quantity(Quantity::NotEstimated(reason)) => Some(reason.render(Lang::En, names)),
        _ => None,
    }
}

fn text(cell: &Cell, names: &Names) -> Option<String> {
    match cell {
        Cell::Empty | Cell::Quantity(_) => None,
        Cell::Text(text) => Some(text.clone()),
        Cell::Count(n) => Some(n.to_string()),
        Cell::Entity(entity) => Some(entity.id.clone()),
        Cell::Entities(list) => Some(
            list.iter()
                .map(|e| e.id.as_str())
                .collect::<Vec<_>>()
                .join(";"),
        ),
        Cell::Message(message) => Some(message.render(Lang::En, names)),
    }
}

/// The word for a basis in files.
pub fn basis(basis: Basis) -> String {
    match basis {
        Basis::Measured => "measured",
        Basis::Published => "published",
        Basis::Derived => "derived",
        Basis::Assumed => "assumed",
        Basis::Judged => "judged",
    }
    .to_owned()
}
