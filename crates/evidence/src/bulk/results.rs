//! Results of millions of rows as CSV or Parquet, batch after batch, formatted and encoded on all threads.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, StringArray, UInt32Array};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::datatypes::{DataType, Field, Schema as ArrowSchema};
use arrow::error::ArrowError;
use rayon::prelude::*;
use tempfile::NamedTempFile;

use super::gather::{dictionary_array, number_array};
use super::groups::{GROUP_ROWS, Groups, hash_file, temporary};
use crate::store::{StoreError, at, keep, show, without_formula};

/// The number of a text that is missing.
pub const MISSING: u32 = u32::MAX;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultKind {
    Text,
    Number,
    Count,
    Flag,
}

/// A column of a batch of rows.
#[derive(Debug, Clone, PartialEq)]
pub enum ResultColumn {
    /// Places in `values`, or [`MISSING`].
    Text {
        values: Arc<Vec<String>>,
        numbers: Vec<u32>,
    },
    /// `NaN` is missing.
    Number(Vec<f64>),
    Count(Vec<u32>),
    Flag(Vec<bool>),
}

impl ResultColumn {
    pub fn len(&self) -> usize {
        match self {
            Self::Text { numbers, .. } => numbers.len(),
            Self::Number(numbers) => numbers.len(),
            Self::Count(counts) => counts.len(),
            Self::Flag(flags) => flags.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn kind(&self) -> ResultKind {
        match self {
            Self::Text { .. } => ResultKind::Text,
            Self::Number(_) => ResultKind::Number,
            Self::Count(_) => ResultKind::Count,
            Self::Flag(_) => ResultKind::Flag,
        }
    }

    fn numbers_are_known(&self) -> bool {
        match self {
            Self::Text { values, numbers } => numbers
                .iter()
                .all(|n| *n == MISSING || (*n as usize) < values.len()),
            _ => true,
        }
    }
}

/// A file of results that grows by batches and gets its name when it is whole.
pub struct ColumnsWriter {
    columns: Vec<(String, ResultKind)>,
    path: PathBuf,
    rows: u64,
    form: Form,
}

enum Form {
    Csv(BufWriter<NamedTempFile>),
    Parquet(Box<Groups>),
}

impl ColumnsWriter {
    /// Parquet where the name ends so, else CSV (UTF-8, RFC 4180, safe to open in a spreadsheet).
    pub fn create(path: &Path, columns: &[(String, ResultKind)]) -> Result<Self, StoreError> {
        let is_parquet = path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("parquet") || e.eq_ignore_ascii_case("pq"));
        let form = if is_parquet {
            let fields = columns.iter().map(|(name, kind)| {
                let nullable = matches!(kind, ResultKind::Text | ResultKind::Number);
                Field::new(name, data_type(*kind), nullable)
            });
            let schema = Arc::new(ArrowSchema::new(fields.collect::<Vec<_>>()));
            Form::Parquet(Box::new(Groups::create(path, &schema)?))
        } else {
            let mut out = BufWriter::with_capacity(1 << 20, temporary(path)?);
            let header: Vec<String> = columns.iter().map(|(name, _)| quoted(name)).collect();
            write!(out, "{}\r\n", header.join(",")).map_err(|source| at(path, source))?;
            Form::Csv(out)
        };
        Ok(Self {
            columns: columns.to_vec(),
            path: path.to_owned(),
            rows: 0,
            form,
        })
    }

    /// Appends rows, given by their columns.
    ///
    /// # Errors
    /// Columns of other kinds or of unequal length; failures to write.
    pub fn write(&mut self, batch: Vec<ResultColumn>) -> Result<(), StoreError> {
        let rows = batch.first().map_or(0, ResultColumn::len);
        let kinds = self.columns.iter().map(|(_, kind)| *kind);
        let fits = batch.iter().map(ResultColumn::kind).eq(kinds)
            && batch
                .iter()
                .all(|c| c.len() == rows && c.numbers_are_known());
        if !fits {
            return Err(StoreError::Arrow {
                path: show(&self.path),
                source: ArrowError::InvalidArgumentError(
                    "the columns of a batch do not fit the file".to_owned(),
                ),
            });
        }
        self.rows += rows as u64;
        match &mut self.form {
            Form::Csv(out) => write_csv(out, &batch, rows).map_err(|source| at(&self.path, source)),
            Form::Parquet(groups) => write_parquet(groups, batch, rows),
        }
    }

    /// Gives the file its name; returns the number of rows and the BLAKE3 of the file.
    pub fn finish(self) -> Result<(u64, String), StoreError> {
        let hash = match self.form {
            Form::Parquet(groups) => groups.finish(Vec::new())?,
            Form::Csv(out) => {
                let file = out
                    .into_inner()
                    .map_err(|e| at(&self.path, e.into_error()))?;
                keep(file, &self.path)?;
                hash_file(&self.path)?
            }
        };
        Ok((self.rows, hash))
    }
}

/// Writes named columns as one file.
pub fn write_columns(
    path: &Path,
    columns: Vec<(String, ResultColumn)>,
) -> Result<(u64, String), StoreError> {
    let kinds: Vec<(String, ResultKind)> = columns
        .iter()
        .map(|(name, column)| (name.clone(), column.kind()))
        .collect();
    let mut writer = ColumnsWriter::create(path, &kinds)?;
    writer.write(columns.into_iter().map(|(_, column)| column).collect())?;
    writer.finish()
}

fn data_type(kind: ResultKind) -> DataType {
    match kind {
        ResultKind::Text => DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into()),
        ResultKind::Number => DataType::Float64,
        ResultKind::Count => DataType::UInt32,
        ResultKind::Flag => DataType::Boolean,
    }
}

fn write_parquet(
    groups: &mut Groups,
    batch: Vec<ResultColumn>,
    rows: usize,
) -> Result<(), StoreError> {
    let arrays: Vec<ArrayRef> = batch.into_par_iter().map(array).collect();
    let cut = |from: usize| -> Vec<ArrayRef> {
        let length = GROUP_ROWS.min(rows - from);
        arrays
            .iter()
            .map(|array| array.slice(from, length))
            .collect()
    };
    let starts: Vec<usize> = (0..rows).step_by(GROUP_ROWS).collect();
    for wave in starts.chunks(rayon::current_num_threads().max(1)) {
        groups.append(wave.iter().map(|from| cut(*from)).collect())?;
    }
    Ok(())
}

fn array(column: ResultColumn) -> ArrayRef {
    match column {
        ResultColumn::Text {
            values,
            mut numbers,
        } => {
            let values: ArrayRef = Arc::new(StringArray::from_iter_values(values.iter()));
            let missing = numbers.contains(&MISSING);
            let nulls = missing.then(|| {
                NullBuffer::new(BooleanBuffer::collect_bool(numbers.len(), |at| {
                    numbers[at] != MISSING
                }))
            });
            for number in numbers.iter_mut().filter(|n| **n == MISSING) {
                *number = 0;
            }
            if values.is_empty() {
                let none: Vec<Option<&str>> = vec![None; numbers.len()];
                let array: arrow::array::DictionaryArray<arrow::datatypes::Int32Type> =
                    none.into_iter().collect();
                return Arc::new(array);
            }
            dictionary_array(numbers, nulls, &values)
        }
        ResultColumn::Number(numbers) => number_array(numbers),
        ResultColumn::Count(counts) => Arc::new(UInt32Array::from(counts)),
        ResultColumn::Flag(flags) => Arc::new(BooleanArray::from(flags)),
    }
}

fn write_csv(out: &mut impl Write, batch: &[ResultColumn], rows: usize) -> std::io::Result<()> {
    const BLOCK: usize = 1 << 15;
    // Every text of a dictionary is made safe and quoted once.
    let texts: Vec<Vec<String>> = batch
        .iter()
        .map(|column| match column {
            ResultColumn::Text { values, .. } => values
                .par_iter()
                .map(|text| quoted(&without_formula(text.clone())))
                .collect(),
            _ => Vec::new(),
        })
        .collect();
    let starts: Vec<usize> = (0..rows).step_by(BLOCK).collect();
    for wave in starts.chunks(rayon::current_num_threads().max(1) * 4) {
        let blocks: Vec<Vec<u8>> = wave
            .par_iter()
            .map(|from| {
                let mut block = Vec::with_capacity(BLOCK * batch.len() * 8);
                for row in *from..rows.min(from + BLOCK) {
                    for (at, column) in batch.iter().enumerate() {
                        if at > 0 {
                            block.push(b',');
                        }
                        cell(column, row, &texts[at], &mut block);
                    }
                    block.extend_from_slice(b"\r\n");
                }
                block
            })
            .collect();
        for block in blocks {
            out.write_all(&block)?;
        }
    }
    Ok(())
}

fn cell(column: &ResultColumn, row: usize, texts: &[String], out: &mut Vec<u8>) {
    match column {
        ResultColumn::Text { numbers, .. } => {
            if let Some(text) = texts.get(numbers[row] as usize) {
                out.extend_from_slice(text.as_bytes());
            }
        }
        ResultColumn::Number(numbers) => number(numbers[row], out),
        ResultColumn::Count(counts) => whole(counts[row], out),
        ResultColumn::Flag(flags) => {
            out.extend_from_slice(if flags[row] { b"true" } else { b"false" });
        }
    }
}

/// The fewest digits that name the number (Adams 2018 and successors); nothing where it is missing.
fn number(x: f64, out: &mut Vec<u8>) {
    if x.is_nan() {
        return;
    }
    if x.is_infinite() {
        out.extend_from_slice(if x > 0.0 { b"inf" } else { b"-inf" });
        return;
    }
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(x + 0.0);
    out.extend_from_slice(text.strip_suffix(".0").unwrap_or(text).as_bytes());
}

fn whole(mut n: u32, out: &mut Vec<u8>) {
    let mut digits = [0; 10];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
