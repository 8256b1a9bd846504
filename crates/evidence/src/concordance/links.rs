//! Reading a correspondence table: which column holds which codes.

use super::{ConcordanceError, normal, with_zeros};
use crate::read::{RawRow, RawTable};

/// Two codes that correspond.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    pub from: String,
    pub to: String,
    /// The part of `from` that goes to `to`, 0..1.
    pub weight: Option<f64>,
}

/// Where the codes stand in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkColumns {
    pub from: String,
    pub to: String,
    pub weight: Option<String>,
    /// Codes of `from` all have this many digits: zeros that are missing at the front are put back.
    pub from_digits: Option<usize>,
    pub to_digits: Option<usize>,
}

impl LinkColumns {
    /// Two columns of codes as they stand, no weights.
    pub fn new(from: &str, to: &str) -> Self {
        Self {
            from: from.to_owned(),
            to: to.to_owned(),
            weight: None,
            from_digits: None,
            to_digits: None,
        }
    }
}

/// The links of a file, and what in it is none.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkTable {
    /// In the order of the file.
    pub links: Vec<Link>,
    /// Codes that stand in the file without any counterpart; sorted, each once.
    pub without_counterpart: Vec<String>,
    /// Rows with a counterpart but no code.
    pub without_code: usize,
    /// File name and BLAKE3 of its bytes, for [`super::Concordance::new`].
    pub origin: String,
}

/// Reads the links of a correspondence table. An empty cell, `NA`, `n/a` or `-` is no code.
///
/// # Errors
/// A column that is not there, a code that is a number, a weight that is none; with file and line.
pub fn read_links(raw: &RawTable, columns: &LinkColumns) -> Result<LinkTable, ConcordanceError> {
    let from = position(raw, &columns.from)?;
    let to = position(raw, &columns.to)?;
    let weight = columns
        .weight
        .as_deref()
        .map(|column| position(raw, column))
        .transpose()?;
    let mut links = Vec::with_capacity(raw.rows.len());
    let mut alone = std::collections::BTreeSet::new();
    let mut without_code = 0;
    for row in &raw.rows {
        let source = code(raw, row, from, columns.from_digits)?;
        let target = code(raw, row, to, columns.to_digits)?;
        match (source, target) {
            (Some(from), Some(to)) => links.push(Link {
                from,
                to,
                weight: weight.map(|at| number(raw, row, at)).transpose()?.flatten(),
            }),
            (Some(from), None) => {
                alone.insert(from);
            }
            (None, Some(_)) => without_code += 1,
            (None, None) => {}
        }
    }
    for link in &links {
        alone.remove(&link.from);
    }
    Ok(LinkTable {
        links,
        without_counterpart: alone.into_iter().collect(),
        without_code,
        origin: format!("{} {}", raw.file, raw.blake3),
    })
}

pub(super) fn position(raw: &RawTable, column: &str) -> Result<usize, ConcordanceError> {
    raw.position(column)
        .ok_or_else(|| ConcordanceError::Column {
            file: raw.file.clone(),
            column: column.to_owned(),
            known: raw.columns.clone(),
        })
}

/// The code in a cell; `None` where the cell says that there is none.
pub(super) fn code(
    raw: &RawTable,
    row: &RawRow,
    at: usize,
    digits: Option<usize>,
) -> Result<Option<String>, ConcordanceError> {
    let text = row.cell(at);
    if missing(text) {
        return Ok(None);
    }
    let code = normal(text).map_err(|error| cell(raw, row, error.to_string()))?;
    Ok(Some(match digits {
        Some(digits) => with_zeros(&code, digits),
        None => code,
    }))
}

/// The number in a cell; `None` where the cell says that there is none.
pub(super) fn number(
    raw: &RawTable,
    row: &RawRow,
    at: usize,
) -> Result<Option<f64>, ConcordanceError> {
    let text = row.cell(at);
    if missing(text) {
        return Ok(None);
    }
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(Some(number)),
        _ => Err(cell(raw, row, format!("{text} is not a number"))),
    }
}

pub(super) fn missing(text: &str) -> bool {
    matches!(text, "" | "NA" | "N/A" | "n/a" | "-")
}

fn cell(raw: &RawTable, row: &RawRow, problem: String) -> ConcordanceError {
    ConcordanceError::Cell {
        file: raw.file.clone(),
        line: row.number,
        problem,
    }
}
