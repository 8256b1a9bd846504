//! Table schemas are data: one CSV per table under `schema/`, read here and nowhere else.
//!
//! `tables.csv` lists the tables, `<table>.csv` describes the columns. Checks, the store, the mapping
//! of foreign headings and the documentation pages all work from these descriptions.

mod page;
mod parse;

use std::fmt::Write;
use std::sync::{Arc, OnceLock};

use include_dir::{Dir, include_dir};
use model::{Kind, Lang};

pub use page::schema_page;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/schema");

/// What the cells of a column hold. Lists stand in one cell, separated by `;`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColumnType {
    /// A code; text that keeps its leading zeros.
    Id,
    Ids,
    Text,
    Texts,
    Integer,
    Number,
    /// A calendar year.
    Year,
    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    Date,
    Boolean,
    /// ISO 3166-1 alpha-3, or `EU`.
    Country,
    Countries,
    Url,
}

impl ColumnType {
    pub const ALL: [(&'static str, Self); 12] = [
        ("id", Self::Id),
        ("ids", Self::Ids),
        ("text", Self::Text),
        ("texts", Self::Texts),
        ("integer", Self::Integer),
        ("number", Self::Number),
        ("year", Self::Year),
        ("date", Self::Date),
        ("boolean", Self::Boolean),
        ("country", Self::Country),
        ("countries", Self::Countries),
        ("url", Self::Url),
    ];

    /// The word in the schema file.
    pub fn as_str(self) -> &'static str {
        Self::ALL[self as usize].0
    }

    pub fn is_list(self) -> bool {
        matches!(self, Self::Ids | Self::Texts | Self::Countries)
    }

    pub fn is_numeric(self) -> bool {
        matches!(self, Self::Integer | Self::Number | Self::Year)
    }

    /// Codes are never trimmed of zeros, spaces or case without a word.
    pub fn is_code(self) -> bool {
        matches!(self, Self::Id | Self::Ids | Self::Country | Self::Countries)
    }
}

/// Where the values of a column must be found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reference {
    /// A column of a table.
    Column { table: String, column: String },
    /// A word that is allowed as it stands.
    Literal(String),
}

/// One column of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnSchema {
    pub name: String,
    pub kind: ColumnType,
    /// Unit of the numbers, or empty.
    pub unit: String,
    pub required: bool,
    /// Key columns together name a row.
    pub key: bool,
    pub references: Vec<Reference>,
    /// The only words allowed; empty where every word is. In a country column: codes allowed besides ISO 3166.
    pub accepted: Vec<String>,
    pub min: Option<f64>,
    pub max: Option<f64>,
    /// Stands in for an empty cell.
    pub default: Option<String>,
    /// English, Chinese.
    pub description: [String; 2],
}

impl ColumnSchema {
    pub fn description(&self, lang: Lang) -> &str {
        &self.description[lang as usize]
    }

    /// Does the column name a source?
    pub fn names_source(&self) -> bool {
        self.references
            .iter()
            .any(|r| matches!(r, Reference::Column { table, .. } if table == SOURCES))
    }
}

/// The table that every source column refers to.
pub const SOURCES: &str = "sources";

/// One table: its file, what a row means, its columns in order.
#[derive(Debug, Clone, PartialEq)]
pub struct TableSchema {
    pub name: String,
    /// File name in the study's evidence folder.
    pub file: String,
    /// What one row means, English and Chinese.
    pub row: [String; 2],
    /// What the rows name, where they name something.
    pub entity_kind: Option<Kind>,
    /// The columns that hold the English and the Chinese name.
    pub name_columns: [Option<String>; 2],
    pub columns: Vec<ColumnSchema>,
}

impl TableSchema {
    pub fn column(&self, name: &str) -> Option<&ColumnSchema> {
        self.columns.iter().find(|column| column.name == name)
    }

    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The columns that name a source, by position.
    pub fn source_columns(&self) -> impl Iterator<Item = (usize, &ColumnSchema)> {
        self.columns
            .iter()
            .enumerate()
            .filter(|(_, column)| column.names_source())
    }

    /// A short hash of everything that decides how a file is read; it changes when the schema does.
    pub fn version(&self) -> String {
        let mut text = format!("{:?}", (&self.name, &self.entity_kind, &self.name_columns));
        for column in &self.columns {
            let ColumnSchema {
                name,
                kind,
                unit,
                required,
                key,
                references,
                accepted,
                min,
                max,
                default,
                ..
            } = column;
            let _ = write!(
                text,
                "\n{:?}",
                (
                    name, kind, unit, required, key, references, accepted, min, max, default
                )
            );
        }
        blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
    }
}

/// All tables of the evidence.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    tables: Vec<Arc<TableSchema>>,
}

/// A schema file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("schema file {file}, line {line}: {problem}")]
pub struct SchemaError {
    pub file: String,
    pub line: u64,
    pub problem: String,
}

impl Schema {
    /// The schemas that the program carries.
    ///
    /// # Panics
    /// When a schema file is malformed, which the tests rule out.
    pub fn builtin() -> &'static Self {
        static BUILTIN: OnceLock<Schema> = OnceLock::new();
        BUILTIN.get_or_init(|| {
            Self::from_files(|name| FILES.get_file(name).and_then(|file| file.contents_utf8()))
                .expect("invariant: the schemas under schema/ are well formed")
        })
    }

    /// Reads `tables.csv` and one `<table>.csv` for each table in it. `file` gives a file's text by name.
    pub fn from_files<'a>(file: impl Fn(&str) -> Option<&'a str>) -> Result<Self, SchemaError> {
        let tables = parse::tables(&file)?;
        Ok(Self {
            tables: tables.into_iter().map(Arc::new).collect(),
        })
    }

    pub fn tables(&self) -> impl Iterator<Item = &Arc<TableSchema>> {
        self.tables.iter()
    }

    pub fn table(&self, name: &str) -> Option<&Arc<TableSchema>> {
        self.tables.iter().find(|table| table.name == name)
    }
}
