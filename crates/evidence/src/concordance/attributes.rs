//! Attributes of codes: substitution elasticities, differentiated goods, whatever a table says of a code.
//!
//! Two tables are much used with trade data. Broda and Weinstein (2006, Quarterly Journal of Economics 121):
//! elasticities of substitution σ by importer and code; a high σ means that another supplier's good will do. Rauch (1999,
//! Journal of International Economics 48): goods traded on an exchange (`w`), with a reference price (`r`), or
//! differentiated (`n`), in a conservative and a liberal reading.

use std::collections::BTreeMap;

use super::links::{code, missing, number, position};
use super::{ConcordanceError, cut};
use crate::read::{RawRow, RawTable};

/// What a table says of codes, for one scope (a country) or for all.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributeTable<T> {
    /// Scope → code → value. Tables without a scope have the scope "".
    values: BTreeMap<String, BTreeMap<String, T>>,
    /// File name and BLAKE3 of its bytes.
    pub origin: String,
}

/// Which code of the table stands for a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup {
    /// The same.
    Exact,
    /// Its first characters: `010121` finds `010` with 3.
    Prefix(usize),
}

/// Values of codes, and the codes of which the table says nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Joined<'t, T> {
    /// In the order of the codes asked for.
    pub values: Vec<Option<&'t T>>,
    /// Codes without a value and their mass, most mass first, each once.
    pub unmatched: Vec<(String, f64)>,
    /// Mass of codes without a value, as a fraction of all (absolute values).
    pub unmatched_share: f64,
}

impl AttributeTable<f64> {
    /// Reads numbers, such as σ. Rows without a number are left out.
    ///
    /// # Errors
    /// A column that is not there, a cell that is no number, a code with two values.
    pub fn read_numbers(
        raw: &RawTable,
        scope: Option<&str>,
        code: &str,
        value: &str,
    ) -> Result<Self, ConcordanceError> {
        read(raw, scope, code, value, |row, at| number(raw, row, at))
    }
}

impl AttributeTable<String> {
    /// Reads words, such as the Rauch class. Rows without a word are left out.
    ///
    /// # Errors
    /// A column that is not there, a code with two values.
    pub fn read_words(
        raw: &RawTable,
        scope: Option<&str>,
        code: &str,
        value: &str,
    ) -> Result<Self, ConcordanceError> {
        read(raw, scope, code, value, |row, at| {
            let text = row.cell(at);
            Ok((!missing(text)).then(|| text.to_owned()))
        })
    }
}

impl<T> AttributeTable<T> {
    /// The scopes the table has, sorted.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// Codes and values of a scope, by code.
    pub fn of(&self, scope: &str) -> impl Iterator<Item = (&str, &T)> {
        let codes = self.values.get(scope).into_iter().flatten();
        codes.map(|(code, value)| (code.as_str(), value))
    }

    pub fn get(&self, scope: &str, code: &str, lookup: Lookup) -> Option<&T> {
        let code = match lookup {
            Lookup::Exact => code,
            Lookup::Prefix(digits) => cut(code, digits).ok()?,
        };
        self.values.get(scope)?.get(code)
    }

    /// The values of codes with their masses (weights in the report; 1 each where codes only count).
    pub fn join<'c>(
        &self,
        scope: &str,
        codes: impl IntoIterator<Item = (&'c str, f64)>,
        lookup: Lookup,
    ) -> Joined<'_, T> {
        let mut values = Vec::new();
        let mut unmatched: BTreeMap<&str, f64> = BTreeMap::new();
        let (mut all, mut without) = (0.0, 0.0);
        for (code, mass) in codes {
            let value = self.get(scope, code, lookup);
            all += mass.abs();
            if value.is_none() {
                without += mass.abs();
                *unmatched.entry(code).or_default() += mass.abs();
            }
            values.push(value);
        }
        let mut unmatched: Vec<(String, f64)> = unmatched
            .into_iter()
            .map(|(code, mass)| (code.to_owned(), mass))
            .collect();
        unmatched.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Joined {
            values,
            unmatched,
            unmatched_share: if all > 0.0 { without / all } else { 0.0 },
        }
    }
}

fn read<T: PartialEq>(
    raw: &RawTable,
    scope: Option<&str>,
    code_column: &str,
    value_column: &str,
    parse: impl Fn(&RawRow, usize) -> Result<Option<T>, ConcordanceError>,
) -> Result<AttributeTable<T>, ConcordanceError> {
    let scope = scope.map(|column| position(raw, column)).transpose()?;
    let code_at = position(raw, code_column)?;
    let value_at = position(raw, value_column)?;
    let mut values: BTreeMap<String, BTreeMap<String, T>> = BTreeMap::new();
    for row in &raw.rows {
        let (Some(code), Some(value)) = (code(raw, row, code_at, None)?, parse(row, value_at)?)
        else {
            continue;
        };
        // As it stands: `NA` is Namibia.
        let scope = scope.map_or("", |at| row.cell(at)).to_owned();
        let of_scope = values.entry(scope).or_default();
        if of_scope.get(&code).is_some_and(|earlier| *earlier != value) {
            return Err(ConcordanceError::Cell {
                file: raw.file.clone(),
                line: row.number,
                problem: format!("{code} has another value further up"),
            });
        }
        of_scope.insert(code, value);
    }
    Ok(AttributeTable {
        values,
        origin: format!("{} {}", raw.file, raw.blake3),
    })
}
