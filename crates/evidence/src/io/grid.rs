//! A file as headings, labels and numbers, whatever the number of their levels.

use std::collections::BTreeMap;
use std::path::Path;

use model::Diagnostic;

use super::{Empty, IoOptions};
use crate::finding::{Place, error, note};
use crate::read::{RawRow, RawTable, read_grid};

/// Most rows of headings and most columns of labels.
const MOST_LEVELS: usize = 6;
/// First cells of a row that continues the headings.
const LEVEL_NAMES: [&str; 14] = [
    "region",
    "country",
    "sector",
    "industry",
    "category",
    "product",
    "unit",
    "population",
    "stressor",
    "inputtype",
    "indout",
    "final demand",
    "code",
    "description",
];
/// Cells that say that there is no number.
const NOTHING: [&str; 8] = ["", "NA", "N/A", "NaN", "nan", "null", ":", ".."];
/// Most cells that are no numbers and are kept to be shown.
const MOST_ODD: usize = 1000;

#[derive(Debug, Clone)]
pub(super) struct Grid {
    pub file: String,
    pub blake3: String,
    /// Levels × columns of numbers.
    pub headings: Vec<Vec<String>>,
    /// Headings over the columns of labels.
    pub names: Vec<String>,
    /// By row: one text for each column of labels.
    pub labels: Vec<Vec<String>>,
    lines: Vec<u64>,
    /// Row-major; `NaN` where no number stands.
    values: Vec<f64>,
    odd: BTreeMap<usize, String>,
}

impl Grid {
    pub fn read(
        path: &Path,
        options: &IoOptions,
        notes: &mut Vec<Diagnostic>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let (table, findings) = read_grid(path, &options.read)?;
        let broken = findings
            .iter()
            .any(|f| f.severity == model::Severity::Error);
        if broken {
            return Err(findings);
        }
        notes.extend(findings.into_iter().filter(|f| f.code != "row.blank"));
        Self::of(table)
    }

    fn of(mut table: RawTable) -> Result<Self, Vec<Diagnostic>> {
        labels_first(&mut table);
        let width = table.columns.len();
        let shape = Shape::of(&table);
        let below = Place::row(&table.file, 1);
        if shape.labels >= width || table.rows.len() < shape.headings {
            return Err(vec![error(
                "io.no_numbers",
                below,
                &table.columns.join(" | "),
                &[],
            )]);
        }
        let mut headings = vec![table.columns.clone()];
        let data = table.rows.split_off(shape.headings - 1);
        headings.extend(table.rows.iter().map(|row| cells(row, width)));
        let mut names = headings
            .last()
            .map(|last| last[..shape.labels].to_vec())
            .unwrap_or_default();
        if shape.headings == 1 && names.iter().all(String::is_empty) {
            names = vec![String::new(); shape.labels];
        }
        let mut headings: Vec<Vec<String>> = headings
            .into_iter()
            .map(|level| level[shape.labels..].to_vec())
            .filter(|level| level.iter().any(|cell| !cell.is_empty()))
            .collect();
        if let [only] = headings.as_slice()
            && let Some(levels) = tuples(only)
        {
            headings = levels;
        }
        let columns = width - shape.labels;
        let mut grid = Self {
            file: table.file,
            blake3: table.blake3,
            headings,
            names,
            labels: Vec::with_capacity(data.len()),
            lines: Vec::with_capacity(data.len()),
            values: Vec::with_capacity(data.len() * columns),
            odd: BTreeMap::new(),
        };
        // Row by row, so that the text of a row is gone when its numbers are kept.
        for row in data {
            grid.labels.push(
                (0..shape.labels)
                    .map(|at| row.cell(at).to_owned())
                    .collect(),
            );
            grid.lines.push(row.number);
            for at in shape.labels..width {
                let text = row.cell(at);
                let number = number(text);
                if number.is_none() && !NOTHING.contains(&text) && grid.odd.len() < MOST_ODD {
                    grid.odd.insert(grid.values.len(), text.to_owned());
                }
                grid.values.push(number.unwrap_or(f64::NAN));
            }
        }
        Ok(grid)
    }

    pub fn rows(&self) -> usize {
        self.lines.len()
    }

    pub fn columns(&self) -> usize {
        self.headings.first().map_or(0, Vec::len)
    }

    pub fn line(&self, row: usize) -> u64 {
        self.lines[row]
    }

    /// The number as it stands; `NaN` where there is none.
    pub fn raw(&self, row: usize, column: usize) -> f64 {
        self.values[row * self.columns() + column]
    }

    /// What stands in the file, for a message.
    fn shown(&self, row: usize, column: usize) -> &str {
        self.odd
            .get(&(row * self.columns() + column))
            .map_or("", String::as_str)
    }

    /// All levels of a heading in one text.
    pub fn heading(&self, column: usize) -> String {
        let levels: Vec<&str> = self
            .headings
            .iter()
            .map(|level| level[column].as_str())
            .collect();
        levels.join("_")
    }

    /// Rows × columns of the file as numbers of their own, in the order asked for.
    pub fn take(&self, rows: &[usize], columns: &[usize], empty: Empty, log: &mut Log) -> Vec<f64> {
        let mut values = Vec::with_capacity(rows.len() * columns.len());
        for &row in rows {
            for &column in columns {
                let value = self.raw(row, column);
                values.push(if value.is_finite() {
                    value
                } else {
                    self.judge(row, column, empty, log)
                });
            }
        }
        values
    }

    fn judge(&self, row: usize, column: usize, empty: Empty, log: &mut Log) -> f64 {
        let text = self.shown(row, column);
        if text.is_empty() && empty == Empty::Zero {
            log.filled += 1;
            return 0.0;
        }
        let code = if text.is_empty() {
            "io.empty_cell"
        } else {
            "io.not_number"
        };
        let heading = self.heading(column);
        log.error(
            code,
            Place::cell(&self.file, self.line(row), &heading),
            text,
        );
        f64::NAN
    }
}

/// Findings while a table is read: the first hundred of each kind, and how many cells were taken for zero.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub errors: Vec<Diagnostic>,
    pub notes: Vec<Diagnostic>,
    kinds: BTreeMap<String, usize>,
    pub filled: usize,
}

impl Log {
    pub fn error(&mut self, code: &str, place: Place, found: &str) {
        self.error_with(code, place, found, &[]);
    }

    pub fn error_with(
        &mut self,
        code: &str,
        place: Place,
        found: &str,
        args: &[(&str, model::Arg)],
    ) {
        let seen = self.kinds.entry(code.to_owned()).or_default();
        *seen += 1;
        if *seen <= 100 {
            self.errors.push(error(code, place, found, args));
        }
    }

    pub fn note(&mut self, code: &str, place: Place, found: &str, args: &[(&str, model::Arg)]) {
        self.notes.push(note(code, place, found, args));
    }

    /// The notes, or the errors where there are any.
    pub fn close(mut self, file: &str) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
        if !self.errors.is_empty() {
            return Err(self.errors);
        }
        if self.filled > 0 {
            let args = [("cells", self.filled.into())];
            self.note("io.zero_filled", Place::file(file), "", &args);
        }
        Ok(self.notes)
    }
}

struct Shape {
    /// Rows of headings, at least 1.
    headings: usize,
    /// Columns of labels, at least 1.
    labels: usize,
}

impl Shape {
    fn of(table: &RawTable) -> Self {
        let width = table.columns.len();
        let more = table
            .rows
            .iter()
            .take(MOST_LEVELS)
            .take_while(|row| continues(table, row))
            .count();
        let data = &table.rows[more..];
        let text = |at: usize| {
            let mut seen = data.iter().take(20).map(|row| row.cell(at)).peekable();
            seen.peek().is_some()
                && seen.all(|cell| !NOTHING.contains(&cell) && number(cell).is_none())
        };
        let mut labels = 1;
        if more > 0 {
            let last = cells(&table.rows[more - 1], width);
            let named = last.iter().take_while(|cell| !cell.is_empty()).count();
            labels = if named < width && last[named..].iter().all(String::is_empty) {
                named
            } else {
                let empty = |cell: &&String| cell.is_empty();
                1 + table.columns.iter().skip(1).take_while(empty).count()
            };
            if labels >= width {
                // The first row is a title; the row before the data decides.
                labels = last.iter().take_while(|cell| cell.is_empty()).count();
            }
        }
        labels = labels.max(1);
        while labels < width.min(MOST_LEVELS) && text(labels) {
            labels += 1;
        }
        Self {
            headings: 1 + more,
            labels,
        }
    }
}

/// Does this row continue the headings? It has no label of its own, or names a level, and its cells are words.
fn continues(table: &RawTable, row: &RawRow) -> bool {
    let width = table.columns.len();
    let first = row.cell(0).to_lowercase();
    let is_level = |text: &str| LEVEL_NAMES.contains(&text);
    let filled = (1..width)
        .filter(|at| !NOTHING.contains(&row.cell(*at)))
        .count();
    let numbers = (1..width)
        .filter(|at| number(row.cell(*at)).is_some())
        .count();
    let words = filled == 0 || numbers * 2 < filled;
    if is_level(&first) {
        // Codes of sectors may be numbers; then the first row names its level as well.
        return words || is_level(&table.columns[0].to_lowercase());
    }
    (first.is_empty() || first.starts_with('(')) && words
}

fn cells(row: &RawRow, width: usize) -> Vec<String> {
    (0..width).map(|at| row.cell(at).to_owned()).collect()
}

/// A decimal number; `None` for words, empty cells and what is not finite.
pub(super) fn number(text: &str) -> Option<f64> {
    let starts = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'));
    if !starts {
        return None;
    }
    text.parse::<f64>().ok().filter(|x| x.is_finite())
}

/// Parquet files written from a data frame carry the labels behind the numbers.
fn labels_first(table: &mut RawTable) {
    let is_parquet = table.format.delimiter.is_none() && table.format.encoding.is_empty();
    let Some(first) = table.rows.first() else {
        return;
    };
    let width = table.columns.len();
    let word = |at: usize| {
        let cell = first.cell(at);
        !cell.is_empty() && number(cell).is_none()
    };
    let named = |at: usize| table.columns[at].starts_with("__index_level");
    let trailing = (0..width)
        .rev()
        .take_while(|at| word(*at) || named(*at))
        .count();
    if !is_parquet || trailing == 0 || trailing == width || word(0) {
        return;
    }
    table.columns.rotate_right(trailing);
    for row in &mut table.rows {
        let mut texts = cells(row, width);
        texts.rotate_right(trailing);
        *row = RawRow::new(row.number, texts.iter().map(String::as_str));
    }
}

/// Headings that a data frame wrote as tuples: `('reg1', 'food')`.
fn tuples(headings: &[String]) -> Option<Vec<Vec<String>>> {
    let parts: Option<Vec<Vec<String>>> = headings
        .iter()
        .map(|heading| {
            let inner = heading.strip_prefix('(')?.strip_suffix(')')?;
            let parts: Vec<String> = inner
                .split(", ")
                .map(|part| part.trim_matches(['\'', '"']).to_owned())
                .collect();
            (parts.len() > 1).then_some(parts)
        })
        .collect();
    let parts = parts?;
    let levels = parts.first()?.len();
    parts.iter().all(|p| p.len() == levels).then(|| {
        (0..levels)
            .map(|level| parts.iter().map(|p| p[level].clone()).collect())
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_decimal_and_finite() {
        assert_eq!(number("1e3"), Some(1000.0));
        assert_eq!(number("-0.5"), Some(-0.5));
        for text in ["", "inf", "NaN", "1,5", "1 000", "c1", "-"] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn tuples_are_levels() {
        let headings = ["('a', 'b')".to_owned(), "('c', 'd')".to_owned()];
        let level = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
        assert_eq!(
            tuples(&headings),
            Some(vec![level("a", "c"), level("b", "d")])
        );
        assert!(tuples(&["a".to_owned()]).is_none());
    }
}
