//! What a method leaves behind: tables and `report.json`, each whole or not there.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use evidence::bulk::{ColumnsWriter, ResultColumn, ResultKind, write_columns};
use evidence::store::StoreError;
use model::{Names, ResultTable};
use serde_json::Value;

use super::CalcError;

/// Format of the large table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellsFormat {
    Csv,
    Parquet,
    None,
}

/// What was computed and written.
#[derive(Debug, Clone)]
pub struct CalcReport {
    /// As written to `report.json`.
    pub json: Value,
    /// Files written, in the order of writing.
    pub files: Vec<PathBuf>,
    /// A few lines for people.
    pub lines: Vec<String>,
    /// Questions that the data could not carry, in words.
    pub refused: Vec<String>,
    /// Things that the reader should look at, where the method finds such.
    pub found: usize,
}

/// Columns of a table on its way out.
pub type Columns = Vec<(String, ResultColumn)>;

/// Every label once, in order.
pub fn text(labels: &[String]) -> ResultColumn {
    coded(labels, (0..labels.len() as u32).collect())
}

/// Labels by their positions.
pub fn coded(labels: &[String], numbers: Vec<u32>) -> ResultColumn {
    ResultColumn::Text {
        values: Arc::new(labels.to_vec()),
        numbers,
    }
}

/// Words as they come; an empty word is a missing one.
pub fn words(words: impl IntoIterator<Item = String>) -> ResultColumn {
    text(&words.into_iter().collect::<Vec<_>>())
}

pub fn column(name: &str, column: ResultColumn) -> (String, ResultColumn) {
    (name.to_owned(), column)
}

/// The folder that results go to.
pub struct Out {
    folder: PathBuf,
    files: Vec<PathBuf>,
}

impl Out {
    pub fn new(folder: &Path) -> Result<Self, CalcError> {
        fs::create_dir_all(folder).map_err(|error| CalcError::Write {
            doing: "create",
            path: folder.display().to_string(),
            problem: error.to_string(),
        })?;
        Ok(Self {
            folder: folder.to_owned(),
            files: Vec::new(),
        })
    }

    /// A table that is written part by part, as `name.csv` or `name.parquet`; it gets its name when it is finished.
    pub fn sheet(&self, file: &str) -> Sheet {
        Sheet {
            path: self.folder.join(file),
            writer: None,
        }
    }

    pub fn finish(&mut self, sheet: Sheet) -> Result<(), CalcError> {
        let Sheet { path, writer } = sheet;
        if let Some(writer) = writer {
            writer.finish().map_err(|error| failed(&path, &error))?;
            self.files.push(path);
            return Ok(());
        }
        removed(&path)
    }

    /// A table that this call does not answer: what an earlier call left under `name.csv` goes.
    pub fn absent(&self, name: &str) -> Result<(), CalcError> {
        removed(&self.folder.join(format!("{name}.csv")))
    }

    /// A whole table as `name.csv`.
    pub fn table(&mut self, name: &str, columns: Columns) -> Result<(), CalcError> {
        let path = self.folder.join(format!("{name}.csv"));
        write_columns(&path, columns).map_err(|error| failed(&path, &error))?;
        self.files.push(path);
        Ok(())
    }

    /// A result table with its names, as `file`.
    pub fn result(
        &mut self,
        file: &str,
        table: &ResultTable,
        names: &Names,
    ) -> Result<(), CalcError> {
        let path = self.folder.join(file);
        let flat = crate::engine::flat::flatten(table, names);
        crate::tables::write_one(&path, &flat, false).map_err(|error| CalcError::Write {
            doing: "write",
            path: path.display().to_string(),
            problem: error.to_string(),
        })?;
        self.files.push(path);
        Ok(())
    }

    /// A file of text.
    pub fn text(&mut self, file: &str, text: &str) -> Result<(), CalcError> {
        let path = self.folder.join(file);
        crate::engine::files::write_whole(&path, text.as_bytes()).map_err(|error| {
            CalcError::Write {
                doing: "write",
                path: path.display().to_string(),
                problem: error.to_string(),
            }
        })?;
        self.files.push(path);
        Ok(())
    }

    /// Removes what an earlier call left under this name: it is no answer to this one.
    pub fn without(&self, file: &str) -> Result<(), CalcError> {
        let path = self.folder.join(file);
        if !path.is_file() {
            return Ok(());
        }
        fs::remove_file(&path).map_err(|error| CalcError::Write {
            doing: "remove",
            path: path.display().to_string(),
            problem: error.to_string(),
        })
    }

    /// Writes `report.json`, which names the files of this call, and gives the account of everything.
    pub fn report(
        mut self,
        mut json: Value,
        lines: Vec<String>,
        refused: Vec<String>,
    ) -> Result<CalcReport, CalcError> {
        let path = self.folder.join("report.json");
        let names = self.files.iter().filter_map(|file| file.file_name());
        json["files"] = names
            .map(|name| name.to_string_lossy().into_owned())
            .collect();
        let text = format!("{json:#}\n");
        crate::engine::files::write_whole(&path, text.as_bytes()).map_err(|error| {
            CalcError::Write {
                doing: "write",
                path: path.display().to_string(),
                problem: error.to_string(),
            }
        })?;
        self.files.push(path);
        Ok(CalcReport {
            json,
            files: self.files,
            lines,
            refused,
            found: 0,
        })
    }
}

/// A table on its way to a file.
pub struct Sheet {
    path: PathBuf,
    writer: Option<ColumnsWriter>,
}

impl Sheet {
    /// Adds rows; every part has the same columns.
    pub fn append(&mut self, columns: Columns) -> Result<(), CalcError> {
        let path = &self.path;
        let writer = if let Some(writer) = &mut self.writer {
            writer
        } else {
            let kinds: Vec<(String, ResultKind)> = columns
                .iter()
                .map(|(name, c)| (name.clone(), c.kind()))
                .collect();
            let made = ColumnsWriter::create(path, &kinds).map_err(|error| failed(path, &error))?;
            self.writer.insert(made)
        };
        writer
            .write(columns.into_iter().map(|(_, c)| c).collect())
            .map_err(|error| failed(path, &error))
    }
}

/// What an earlier call left is no answer to this one.
fn removed(path: &Path) -> Result<(), CalcError> {
    if !path.is_file() {
        return Ok(());
    }
    fs::remove_file(path).map_err(|error| CalcError::Write {
        doing: "remove",
        path: path.display().to_string(),
        problem: error.to_string(),
    })
}

fn failed(path: &Path, error: &StoreError) -> CalcError {
    CalcError::Write {
        doing: "write",
        path: path.display().to_string(),
        problem: error.to_string(),
    }
}
