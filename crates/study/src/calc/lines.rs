//! Tables for people who write them by hand: every wrong cell is collected with its row, column and remedy, and nothing
//! is computed before all files are sound.

use std::cell::RefCell;
use std::path::Path;

use evidence::{RawRow, RawTable, ReadOptions, read_raw};
use model::{Basis, Diagnostic, Estimate, Message, Severity, Year};

use super::CalcError;

pub(crate) struct Lines {
    pub raw: RawTable,
    file: String,
    problems: RefCell<Vec<Diagnostic>>,
}

#[derive(Clone, Copy)]
pub(crate) struct Line<'a> {
    lines: &'a Lines,
    row: &'a RawRow,
}

impl Lines {
    pub fn open(file: &Path, needed: &[&str]) -> Result<Self, CalcError> {
        let name = file.display().to_string();
        let wrong = |findings| CalcError::Input {
            file: name.clone(),
            findings,
        };
        let (raw, _) = read_raw(file, &ReadOptions::default()).map_err(wrong)?;
        let missing: Vec<Diagnostic> = needed
            .iter()
            .filter(|c| raw.position(c).is_none())
            .map(|c| Diagnostic {
                code: "column.missing".to_owned(),
                severity: Severity::Error,
                file: name.clone(),
                row: Some(1),
                column: None,
                found: raw.columns.join(", "),
                expected: Message::new("check.column.missing")
                    .with("column", *c)
                    .with("hint", ""),
                remedy: Message::new("check.column.missing.remedy"),
            })
            .collect();
        if missing.is_empty() {
            Ok(Self {
                raw,
                file: name,
                problems: RefCell::default(),
            })
        } else {
            Err(wrong(missing))
        }
    }

    pub fn rows(&self) -> impl Iterator<Item = Line<'_>> {
        self.raw.rows.iter().map(|row| Line { lines: self, row })
    }

    /// The problems of all files, if there is one.
    pub fn sound(all: &[&Self]) -> Result<(), CalcError> {
        let findings: Vec<Diagnostic> = all
            .iter()
            .flat_map(|lines| lines.problems.borrow().clone())
            .collect();
        let files: Vec<&str> = all
            .iter()
            .filter(|lines| !lines.problems.borrow().is_empty())
            .map(|lines| lines.file.as_str())
            .collect();
        if findings.is_empty() {
            Ok(())
        } else {
            Err(CalcError::Input {
                file: files.join(", "),
                findings,
            })
        }
    }
}

impl Line<'_> {
    pub fn number_of(&self) -> u64 {
        self.row.number
    }

    /// Notes a problem of a cell; `code` names a check of the catalogue, or a message `calc.…` of its own.
    pub fn problem(&self, column: &str, code: &str, fill: impl Fn(Message) -> Message) {
        let id = if code.starts_with("calc.") {
            code.to_owned()
        } else {
            format!("check.{code}")
        };
        self.lines.problems.borrow_mut().push(Diagnostic {
            code: code.to_owned(),
            severity: Severity::Error,
            file: self.lines.file.clone(),
            row: Some(self.row.number),
            column: Some(column.to_owned()),
            found: self.text(column).unwrap_or_default().to_owned(),
            remedy: Message::new(format!("{id}.remedy")),
            expected: fill(Message::new(id)),
        });
    }

    /// The cell, where it is not empty.
    pub fn text(&self, column: &str) -> Option<&str> {
        let at = self.lines.raw.position(column)?;
        Some(self.row.cell(at).trim()).filter(|text| !text.is_empty())
    }

    pub fn needed(&self, column: &str) -> Option<&str> {
        let found = self.text(column);
        if found.is_none() {
            self.problem(column, "value.missing", |m| m.with("column", column));
        }
        found
    }

    pub fn list(&self, column: &str) -> Vec<&str> {
        let parts = self.text(column).unwrap_or_default().split(';');
        parts.map(str::trim).filter(|p| !p.is_empty()).collect()
    }

    pub fn number(&self, column: &str) -> Option<f64> {
        let found = self
            .text(column)?
            .parse()
            .ok()
            .filter(|n: &f64| n.is_finite());
        if found.is_none() {
            self.problem(column, "number.not_a_number", |m| m);
        }
        found
    }

    pub fn year(&self, column: &str) -> Option<Year> {
        let text = self.text(column)?;
        let found = text.parse().ok().filter(|_| text.len() == 4).map(Year);
        if found.is_none() {
            self.problem(column, "year.not_a_year", |m| m);
        }
        found
    }

    pub fn date(&self, column: &str) -> Option<layout::audit::Date> {
        let found = self.text(column)?.parse().ok();
        if found.is_none() {
            self.problem(column, "date.not_a_date", |m| m);
        }
        found
    }

    /// A number with the range of the columns `low` and `high`, where they are filled.
    pub fn range(&self, column: &str) -> Option<Estimate> {
        let value = self.number(column)?;
        let low = self.number("low").unwrap_or(value);
        let high = self.number("high").unwrap_or(value);
        let found = Estimate::new(value, low, high, Basis::Published).ok();
        if found.is_none() {
            self.problem(column, "range.order", |m| {
                m.with("first", "low").with("second", "high")
            });
        }
        found
    }

    /// One of several words; the first where the cell is empty.
    pub fn one_of<T: Copy>(&self, column: &str, words: &[(&str, T)]) -> Option<T> {
        let Some(text) = self.text(column) else {
            return words.first().map(|(_, value)| *value);
        };
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.problem(column, "value.not_accepted", |m| {
                m.with("accepted", known.join(", ")).with("hint", "")
            });
        }
        found.map(|(_, value)| *value)
    }
}
