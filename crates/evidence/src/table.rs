//! The evidence after the check: typed rows, sorted by key, so that no result can depend on the order of a file.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{Entity, Names, RowRef, Year};

use crate::schema::{Reference, SOURCES, TableSchema};

/// A cell. Missing is not zero: an empty cell is [`Value::Empty`], whatever its column.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    #[default]
    Empty,
    Text(String),
    List(Vec<String>),
    Integer(i64),
    Number(f64),
    Boolean(bool),
}

impl Value {
    /// The cell as it is written in a CSV file.
    pub fn to_text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => text.clone(),
            Self::List(items) => items.join(";"),
            Self::Integer(n) => n.to_string(),
            Self::Number(x) => x.to_string(),
            Self::Boolean(b) => b.to_string(),
        }
    }
}

/// A row of evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Row of the file it was read from (the header is row 1); rows read from the store are counted there.
    pub row: u64,
    /// The values of the key columns, joined by `/`.
    pub key: String,
    /// In the order of the schema's columns.
    pub values: Vec<Value>,
    schema: Arc<TableSchema>,
}

impl Record {
    pub(crate) fn new(row: u64, key: String, values: Vec<Value>, schema: Arc<TableSchema>) -> Self {
        debug_assert_eq!(values.len(), schema.columns.len());
        Self {
            row,
            key,
            values,
            schema,
        }
    }

    pub fn value(&self, column: &str) -> &Value {
        const EMPTY: &Value = &Value::Empty;
        let position = self.schema.position(column);
        debug_assert!(
            position.is_some(),
            "table {} has no column {column}",
            self.schema.name
        );
        position.and_then(|at| self.values.get(at)).unwrap_or(EMPTY)
    }

    /// Text of a column of one code, word, date or address.
    pub fn text(&self, column: &str) -> Option<&str> {
        match self.value(column) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a list; none when the cell is empty.
    pub fn list(&self, column: &str) -> Vec<&str> {
        match self.value(column) {
            Value::List(items) => items.iter().map(String::as_str).collect(),
            Value::Text(text) => vec![text],
            _ => Vec::new(),
        }
    }

    pub fn number(&self, column: &str) -> Option<f64> {
        match self.value(column) {
            Value::Number(x) => Some(*x),
            Value::Integer(n) => Some(*n as f64),
            _ => None,
        }
    }

    pub fn integer(&self, column: &str) -> Option<i64> {
        match self.value(column) {
            Value::Integer(n) => Some(*n),
            _ => None,
        }
    }

    /// The year of a year column, or of a date.
    pub fn year(&self, column: &str) -> Option<Year> {
        match self.value(column) {
            Value::Integer(n) => i32::try_from(*n).ok().map(Year),
            Value::Text(date) => date.get(..4)?.parse().ok().map(Year),
            _ => None,
        }
    }

    pub fn boolean(&self, column: &str) -> Option<bool> {
        match self.value(column) {
            Value::Boolean(b) => Some(*b),
            _ => None,
        }
    }

    /// The row's address, for lineage.
    pub fn reference(&self) -> RowRef {
        RowRef::new(self.schema.name.clone(), self.key.clone())
    }

    pub fn schema(&self) -> &TableSchema {
        &self.schema
    }
}

/// The good rows of one table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub schema: Arc<TableSchema>,
    /// The file it was read from, as the user knows it.
    pub file: String,
    /// Sorted by key.
    pub rows: Vec<Record>,
    /// Rows of the file that have an error and are therefore not among `rows`.
    pub rejected: Vec<u64>,
}

impl Table {
    pub(crate) fn new(
        schema: Arc<TableSchema>,
        file: String,
        mut rows: Vec<Record>,
        mut rejected: Vec<u64>,
    ) -> Self {
        rows.sort_by(|a, b| a.key.cmp(&b.key));
        rejected.sort_unstable();
        rejected.dedup();
        Self {
            schema,
            file,
            rows,
            rejected,
        }
    }

    pub fn get(&self, key: &str) -> Option<&Record> {
        self.rows
            .binary_search_by(|record| record.key.as_str().cmp(key))
            .ok()
            .map(|at| &self.rows[at])
    }
}

/// How far a source is trusted, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    Low,
    Medium,
    High,
}

/// All tables of a study that loaded.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evidence {
    pub tables: BTreeMap<String, Table>,
}

impl Evidence {
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.get(name)
    }

    /// The rows of a table; none when it did not load.
    pub fn rows(&self, name: &str) -> &[Record] {
        self.tables.get(name).map_or(&[], |table| &table.rows)
    }

    pub fn record(&self, row: &RowRef) -> Option<&Record> {
        self.tables.get(&row.table)?.get(&row.key)
    }

    /// Display names of everything that a table names.
    pub fn names(&self) -> Names {
        self.names_of(|_| true)
    }

    /// As [`Evidence::names`], of the rows that `shown` lets pass.
    pub fn names_of(&self, shown: impl Fn(&Record) -> bool) -> Names {
        let mut names = Names::default();
        for table in self.tables.values() {
            let Some(kind) = table.schema.entity_kind else {
                continue;
            };
            for record in table.rows.iter().filter(|record| shown(record)) {
                let name = |lang: usize| {
                    let column = table.schema.name_columns[lang].as_deref()?;
                    record.text(column)
                };
                let en = name(0).unwrap_or(&record.key);
                names.insert(
                    Entity::new(kind, record.key.clone()),
                    en,
                    name(1).unwrap_or_default(),
                );
            }
        }
        names
    }

    /// The source of a row: the one in its column `source`, else the first that any column names.
    pub fn source_of(&self, row: &RowRef) -> Option<&Record> {
        let record = self.record(row)?;
        if row.table == SOURCES {
            return Some(record);
        }
        let schema = &record.schema;
        let main = schema
            .source_columns()
            .find(|(_, column)| column.name == "source");
        let (position, column) = main.or_else(|| schema.source_columns().next())?;
        let name = first_text(&record.values[position])?;
        self.source(&column.references, name)
    }

    /// Every source that a row names, main and further ones: the words of its source columns, each with the
    /// source it stands for, where that is known.
    pub fn sources_of(&self, record: &Record) -> Vec<(String, Option<&Record>)> {
        let mut sources: Vec<(String, Option<&Record>)> = Vec::new();
        for (position, column) in record.schema.source_columns() {
            let names: Vec<&str> = match &record.values[position] {
                Value::Text(name) => vec![name],
                Value::List(names) => names.iter().map(String::as_str).collect(),
                _ => Vec::new(),
            };
            for name in names {
                if !sources.iter().any(|(known, _)| known == name) {
                    sources.push((name.to_owned(), self.source(&column.references, name)));
                }
            }
        }
        sources
    }

    fn source(&self, references: &[Reference], name: &str) -> Option<&Record> {
        let sources = self.tables.get(SOURCES)?;
        let column = references.iter().find_map(|reference| match reference {
            Reference::Column { table, column } if table == SOURCES => Some(column.as_str()),
            _ => None,
        })?;
        let keys: Vec<&str> = sources
            .schema
            .columns
            .iter()
            .filter(|c| c.key)
            .map(|c| c.name.as_str())
            .collect();
        if keys == [column] {
            sources.get(name)
        } else {
            sources.rows.iter().find(|s| s.text(column) == Some(name))
        }
    }

    /// How far the row's source is trusted; `None` where the row has no known source.
    pub fn confidence(&self, row: &RowRef) -> Option<Confidence> {
        match self.source_of(row)?.text("confidence")? {
            "high" => Some(Confidence::High),
            "medium" => Some(Confidence::Medium),
            "low" => Some(Confidence::Low),
            _ => None,
        }
    }
}

fn first_text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        Value::List(items) => items.first().map(String::as_str),
        _ => None,
    }
}
