//! A question in a folder of plain tables, with an optional file of settings beside them.

use std::path::{Path, PathBuf};

use evidence::RawTable;
use model::{Diagnostic, Message, Severity};
use serde::de::DeserializeOwned;

use super::CalcError;
use super::lines::{Line, Lines};
use super::portfolio::{parsed, text_of};

/// Whether the question can be answered without a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    Needed,
    Optional,
}

/// The settings and the folder of the tables. `path` is the file of settings, or a folder that may hold it as `name`.
pub fn settings<S: DeserializeOwned + Default>(
    path: &Path,
    name: &str,
) -> Result<(S, PathBuf), CalcError> {
    let (file, folder) = if path.is_dir() {
        (path.join(name), path.to_owned())
    } else {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
        (path.to_owned(), folder.unwrap_or(Path::new(".")).to_owned())
    };
    if path.is_dir() && !file.is_file() {
        return Ok((S::default(), folder));
    }
    let settings = parsed(&file.display().to_string(), &text_of(&file)?)?;
    Ok((settings, folder))
}

/// The tables `name.csv` of a folder, with the columns that each needs; the problems of all of them at once.
pub fn open(
    folder: &Path,
    wanted: &[(&str, Wanted, &[&str])],
) -> Result<Vec<Option<Lines>>, CalcError> {
    let (mut tables, mut findings, mut files) = (Vec::new(), Vec::new(), Vec::new());
    for (name, how, columns) in wanted {
        let path = folder.join(format!("{name}.csv"));
        let file = path.display().to_string();
        if !path.is_file() {
            if *how == Wanted::Needed {
                findings.push(no_file(&file, columns));
                files.push(file);
            }
            tables.push(None);
            continue;
        }
        match Lines::open(&path, columns) {
            Ok(lines) => tables.push(Some(lines)),
            Err(CalcError::Input {
                findings: found, ..
            }) => {
                findings.extend(found);
                files.push(file);
                tables.push(None);
            }
            Err(other) => return Err(other),
        }
    }
    if findings.is_empty() {
        Ok(tables)
    } else {
        Err(CalcError::Input {
            file: files.join(", "),
            findings,
        })
    }
}

fn no_file(file: &str, columns: &[&str]) -> Diagnostic {
    Diagnostic {
        code: "calc.rows.no_file".to_owned(),
        severity: Severity::Error,
        file: file.to_owned(),
        row: None,
        column: None,
        found: String::new(),
        expected: Message::new("calc.rows.no_file"),
        remedy: Message::new("calc.rows.no_file.remedy").with("columns", columns.join(", ")),
    }
}

/// BLAKE3 of every file read, by name.
pub fn hashes(tables: &[(&str, Option<&RawTable>)]) -> serde_json::Value {
    let read = tables.iter().filter_map(|(name, raw)| {
        let raw = raw.as_ref()?;
        Some((
            (*name).to_owned(),
            serde_json::json!({"rows": raw.rows.len(), "blake3": raw.blake3}),
        ))
    });
    serde_json::Value::Object(read.collect())
}

impl Line<'_> {
    /// A whole number of 0 or more.
    pub fn whole(&self, column: &str) -> Option<usize> {
        let text = self.text(column)?;
        let found = text.parse().ok();
        if found.is_none() {
            self.problem(column, "calc.rows.whole", |m| m);
        }
        found
    }

    /// A number of 0 or more.
    pub fn amount(&self, column: &str) -> Option<f64> {
        let found = self.number(column)?;
        if found < 0.0 {
            self.problem(column, "calc.rows.negative", |m| m);
            return None;
        }
        Some(found)
    }

    /// Both degrees, or neither.
    pub fn place(&self) -> Option<layout::consortium::Place> {
        match (self.text("lon"), self.text("lat")) {
            (None, None) => None,
            (Some(_), Some(_)) => {
                let (lon, lat) = (self.number("lon")?, self.number("lat")?);
                for (column, degree, most) in [("lon", lon, 180.0), ("lat", lat, 90.0)] {
                    if degree.abs() > most {
                        self.problem(column, "calc.rows.degrees", |m| m.with("most", most));
                        return None;
                    }
                }
                Some(layout::consortium::Place { lon, lat })
            }
            (lon, _) => {
                let column = if lon.is_none() { "lon" } else { "lat" };
                self.problem(column, "calc.rows.half_place", |m| m);
                None
            }
        }
    }
}
