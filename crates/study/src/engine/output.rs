//! What a step leaves behind.

use model::{Cell, Estimate, Quantity, Refusal, ResultTable, Row};
use serde::{Deserialize, Serialize};

/// Tables of results and the questions that the evidence could not carry.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct StepOutput {
    pub tables: Vec<ResultTable>,
    pub refusals: Vec<Refusal>,
}

impl StepOutput {
    /// BLAKE3 of the canonical JSON; two outputs with the same hash are the same to the bit.
    pub fn hash(&self) -> String {
        blake3::hash(&self.to_bytes()).to_hex().to_string()
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("invariant: results hold finite numbers and text keys only")
    }

    pub fn table(&self, name: &str) -> Option<&ResultTable> {
        self.tables.iter().find(|table| table.name == name)
    }
}

/// Reads a cell of an earlier result by column name.
pub fn cell<'a>(table: &'a ResultTable, row: &'a Row, column: &str) -> Option<&'a Cell> {
    row.cells.get(table.column(column)?)
}

/// The estimate in a cell, if it is a number with a range.
pub fn estimate(table: &ResultTable, row: &Row, column: &str) -> Option<Estimate> {
    match cell(table, row, column)? {
        Cell::Quantity(quantity) => quantity.estimate(),
        _ => None,
    }
}

/// The quantity in a cell, also when it is not estimated.
pub fn quantity(table: &ResultTable, row: &Row, column: &str) -> Option<Quantity> {
    match cell(table, row, column)? {
        Cell::Quantity(quantity) => Some(quantity.clone()),
        _ => None,
    }
}

/// The id of the entity in a cell.
pub fn entity<'a>(table: &'a ResultTable, row: &'a Row, column: &str) -> Option<&'a str> {
    match cell(table, row, column)? {
        Cell::Entity(entity) => Some(&entity.id),
        Cell::Text(text) => Some(text),
        _ => None,
    }
}

/// The whole number in a cell.
pub fn count(table: &ResultTable, row: &Row, column: &str) -> Option<i64> {
    match cell(table, row, column)? {
        Cell::Count(count) => Some(*count),
        _ => None,
    }
}
