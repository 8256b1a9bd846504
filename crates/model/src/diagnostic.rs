//! Findings for readers: what was found, what was expected, where, and what to do.

use serde::{Deserialize, Serialize};

use crate::catalogue::Lang;
use crate::message::Message;
use crate::phrases::phrase;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing (an encoding that was detected, a source that is weak).
    Note,
    /// The row is kept, the reader should look.
    Warning,
    /// The row cannot be used; nothing is run on it.
    Error,
}

impl Severity {
    pub fn word(self, lang: Lang) -> String {
        let word = match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        };
        phrase(word, lang)
    }
}

/// One problem of one place in the input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Stable code, e.g. `number.not_a_number`; the catalogue holds `check.<code>` (what was
    /// expected) and `check.<code>.remedy`.
    pub code: String,
    pub severity: Severity,
    /// File name as the user knows it.
    pub file: String,
    /// Line or spreadsheet row, counted from 1 with the header as row 1.
    pub row: Option<u64>,
    pub column: Option<String>,
    /// What stands there, shortened.
    pub found: String,
    pub expected: Message,
    pub remedy: Message,
}

/// A question that the evidence cannot carry, with the reason and the data that would answer it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Refusal {
    /// Stable code, e.g. `shock.firm_question`.
    pub code: String,
    pub question: Message,
    pub reason: Message,
    pub needed: Message,
}
