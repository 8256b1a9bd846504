//! What went wrong with a query, for a reader.

use std::fmt;

use datafusion::common::SchemaError;
use datafusion::error::DataFusionError;
use model::{Arg, Lang, Message, Names};

use crate::suggest::hint;

/// A query that could not be answered.
#[derive(Debug, Clone, PartialEq)]
pub struct SqlError {
    /// Stable code, e.g. `sql.unknown_table`; the catalogue holds `<code>` and `<code>.remedy`.
    pub code: String,
    pub message: Message,
    pub remedy: Message,
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message.render(Lang::En, &Names::default()))
    }
}

impl std::error::Error for SqlError {}

/// Every code of an [`SqlError`].
pub const CODES: [&str; 13] = [
    "sql.empty",
    "sql.too_long",
    "sql.syntax",
    "sql.several",
    "sql.not_read_only",
    "sql.unknown_table",
    "sql.unknown_column",
    "sql.source",
    "sql.invalid",
    "sql.failed",
    "sql.memory",
    "sql.time",
    "sql.internal",
];

impl SqlError {
    pub(super) fn new(code: &str, args: &[(&str, Arg)]) -> Self {
        debug_assert!(
            CODES.contains(&code),
            "code {code} is not in the list of codes"
        );
        let message = |id: String| {
            args.iter()
                .fold(Message::new(id), |m, (name, arg)| m.with(name, arg.clone()))
        };
        Self {
            code: code.to_owned(),
            message: message(code.to_owned()),
            remedy: message(format!("{code}.remedy")),
        }
    }

    pub(super) fn detail(code: &str, detail: &str) -> Self {
        // The first line says it; what follows is the engine's own trace.
        let line = detail.lines().next().unwrap_or_default();
        Self::new(code, &[("detail", crate::finding::shorten(line).into())])
    }

    /// An error of the engine while it plans (`sql.invalid`) or runs (`sql.failed`).
    pub(super) fn engine(error: &DataFusionError, otherwise: &str) -> Self {
        match error {
            DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner) => {
                Self::engine(inner, otherwise)
            }
            DataFusionError::Shared(inner) => Self::engine(inner, otherwise),
            DataFusionError::Collection(errors) if !errors.is_empty() => {
                Self::engine(&errors[0], otherwise)
            }
            DataFusionError::SchemaError(schema, _) => Self::schema(schema),
            DataFusionError::SQL(syntax, _) => Self::detail("sql.syntax", &syntax.to_string()),
            DataFusionError::ResourcesExhausted(_) => Self::new("sql.memory", &[]),
            DataFusionError::Plan(text)
            | DataFusionError::NotImplemented(text)
            | DataFusionError::Execution(text) => Self::detail(otherwise, text),
            other => Self::detail(otherwise, &other.strip_backtrace()),
        }
    }

    fn schema(error: &SchemaError) -> Self {
        let SchemaError::FieldNotFound {
            field,
            valid_fields,
        } = error
        else {
            return Self::detail("sql.invalid", &error.to_string());
        };
        let near = hint(
            &field.name,
            valid_fields.iter().map(|column| column.name.as_str()),
        );
        Self::new(
            "sql.unknown_column",
            &[("name", field.name.clone().into()), ("hint", near)],
        )
    }
}
