//! Why a file as a whole cannot be read, and the finding that says so.

use std::io;

use model::{Arg, Diagnostic};

use crate::finding::{Place, error};

/// The end of reading a file. Travels through `io::Error` where readers are stacked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{self:?}")]
pub(crate) enum Fault {
    Unreadable(String),
    Empty,
    Binary(String),
    Html,
    Json,
    Archive,
    OldSpreadsheet,
    Truncated,
    Damaged(String),
    TooLarge {
        limit: u64,
    },
    Bomb {
        ratio: u64,
    },
    RecordTooLong {
        line: u64,
        limit: u64,
    },
    Nul {
        line: u64,
    },
    UnclosedQuote {
        line: u64,
    },
    /// Bytes that are no text in the assumed encoding.
    Undecodable {
        line: u64,
        encoding: &'static str,
    },
    UnknownEncoding(String),
    UnknownSheet {
        sheet: String,
        sheets: Vec<String>,
    },
    EmptySheet(String),
    ColumnType {
        column: String,
        kind: String,
    },
}

impl Fault {
    pub fn into_io(self) -> io::Error {
        io::Error::other(self)
    }

    /// The fault inside `error`, or the general one that fits.
    pub fn from_io(error: &io::Error) -> Self {
        if let Some(fault) = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<Self>())
        {
            return fault.clone();
        }
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Truncated,
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::Other => {
                Self::Damaged(error.to_string())
            }
            _ => Self::Unreadable(error.to_string()),
        }
    }

    pub fn finding(&self, file: &str) -> Diagnostic {
        let whole = Place::file(file);
        let at = |line: u64| Place::row(file, line);
        let mebibytes = |bytes: u64| Arg::Number((bytes >> 20).max(1) as f64);
        match self {
            Self::Unreadable(why) => error("file.unreadable", whole, why, &[]),
            Self::Empty => error("file.empty", whole, file, &[]),
            Self::Binary(start) => error("file.binary", whole, start, &[]),
            Self::Html => error("file.html", whole, file, &[]),
            Self::Json => error("file.json", whole, file, &[]),
            Self::Archive => error("file.archive", whole, file, &[]),
            Self::OldSpreadsheet => error("file.old_spreadsheet", whole, file, &[]),
            Self::Truncated => error("file.truncated", whole, file, &[]),
            Self::Damaged(why) => error("file.damaged", whole, why, &[]),
            Self::TooLarge { limit } => error(
                "file.too_large",
                whole,
                file,
                &[("limit", mebibytes(*limit))],
            ),
            Self::Bomb { ratio } => error(
                "file.bomb",
                whole,
                file,
                &[("ratio", Arg::Number(*ratio as f64))],
            ),
            Self::RecordTooLong { line, limit } => error(
                "file.line_too_long",
                at(*line),
                "",
                &[("limit", mebibytes(*limit))],
            ),
            Self::Nul { line } => error("file.nul", at(*line), "\0", &[]),
            Self::UnclosedQuote { line } => error("row.unclosed_quote", at(*line), "\"", &[]),
            Self::Undecodable { line, encoding } => error(
                "encoding.undecodable",
                at(*line),
                encoding,
                &[("encoding", (*encoding).into())],
            ),
            Self::UnknownEncoding(label) => error("encoding.unknown", whole, label, &[]),
            Self::UnknownSheet { sheet, sheets } => error(
                "sheet.unknown",
                whole,
                sheet,
                &[("sheets", sheets.join(", ").into())],
            ),
            Self::EmptySheet(sheet) => error("sheet.empty", whole, sheet, &[]),
            Self::ColumnType { column, kind } => {
                let place = Place {
                    file,
                    row: Some(1),
                    column: Some(column),
                };
                error("value.type_in_file", place, kind, &[])
            }
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::from_io(&error)
    }
}
