//! Result tables: every row knows where it comes from.

use serde::{Deserialize, Serialize};

use crate::ids::Entity;
use crate::message::Message;
use crate::quantity::Quantity;

/// A row of evidence, by table and key (the values of its key columns joined by `/`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RowRef {
    pub table: String,
    pub key: String,
}

impl RowRef {
    pub fn new(table: impl Into<String>, key: impl Into<String>) -> Self {
        Self {
            table: table.into(),
            key: key.into(),
        }
    }
}

/// Something that a result was computed from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A row of the evidence.
    Evidence(RowRef),
    /// A row of an earlier result table.
    Result(RowRef),
    /// A setting of the study, by its path in `study.toml` (or in a scenario file).
    Parameter(String),
}

/// A column of a result table. Its heading is the catalogue message `column.<name>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    pub name: String,
    /// Unit of the numbers, or empty.
    pub unit: String,
    /// Its cells say what rows of the evidence say, and leave only as far as the licences of these rows allow.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeats_evidence: bool,
}

impl Column {
    pub fn new(name: impl Into<String>, unit: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            unit: unit.into(),
            repeats_evidence: false,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    Empty,
    Text(String),
    Count(i64),
    Entity(Entity),
    Entities(Vec<Entity>),
    Quantity(Quantity),
    Message(Message),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Unique in its table; part of the number's address `table/key#column`.
    pub key: String,
    pub cells: Vec<Cell>,
    pub origins: Vec<Origin>,
}

/// A table of results with ranges and lineage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResultTable {
    /// `step.table`, e.g. `trend.consensus`.
    pub name: String,
    /// The page under `methods/` that explains it.
    pub method: String,
    /// The formula in one line, as in the code and on the method page.
    pub formula: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
}

impl ResultTable {
    pub fn new(name: &str, method: &str, formula: &str, columns: &[(&str, &str)]) -> Self {
        Self {
            name: name.to_owned(),
            method: method.to_owned(),
            formula: formula.to_owned(),
            columns: columns
                .iter()
                .map(|(name, unit)| Column::new(*name, *unit))
                .collect(),
            rows: Vec::new(),
        }
    }

    /// Marks columns that repeat what the evidence says.
    #[must_use]
    pub fn repeating(mut self, columns: &[&str]) -> Self {
        for name in columns {
            let at = self.column(name);
            debug_assert!(at.is_some(), "table {} has no column {name}", self.name);
            if let Some(column) = at.and_then(|at| self.columns.get_mut(at)) {
                column.repeats_evidence = true;
            }
        }
        self
    }

    /// Adds a row; its origins are sorted and written once each.
    pub fn push(&mut self, key: impl Into<String>, cells: Vec<Cell>, mut origins: Vec<Origin>) {
        debug_assert_eq!(cells.len(), self.columns.len(), "table {}", self.name);
        origins.sort();
        origins.dedup();
        self.rows.push(Row {
            key: key.into(),
            cells,
            origins,
        });
    }

    pub fn row(&self, key: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.key == key)
    }

    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<usize> for Cell {
    fn from(count: usize) -> Self {
        Self::Count(count as i64)
    }
}
impl From<Entity> for Cell {
    fn from(entity: Entity) -> Self {
        Self::Entity(entity)
    }
}
impl From<Vec<Entity>> for Cell {
    fn from(entities: Vec<Entity>) -> Self {
        Self::Entities(entities)
    }
}
impl From<Quantity> for Cell {
    fn from(quantity: Quantity) -> Self {
        Self::Quantity(quantity)
    }
}
impl From<crate::Estimate> for Cell {
    fn from(estimate: crate::Estimate) -> Self {
        Self::Quantity(Quantity::Estimated(estimate))
    }
}
impl From<Message> for Cell {
    fn from(message: Message) -> Self {
        Self::Message(message)
    }
}
