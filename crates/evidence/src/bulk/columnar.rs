//! Columns of a Parquet file, row groups read on all threads, codes kept as numbers of a dictionary.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, DictionaryArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float64Type, Int32Type, Int64Type, Schema as ArrowSchema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;
use parquet::file::statistics::Statistics;
use rayon::prelude::*;

use super::codes::Codes;
use crate::read::fault::Fault;

/// What a column is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Code,
    Year,
    Number,
}

/// A Parquet file and the columns of it that are wanted.
pub(super) struct Source {
    path: PathBuf,
    metadata: ArrowReaderMetadata,
    /// Position among the columns of the file.
    wanted: Vec<(usize, Kind)>,
}

/// A column of text codes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeColumn {
    /// The codes that rows have, sorted.
    pub values: Vec<String>,
    /// For each row the place of its code in `values`.
    pub numbers: Vec<u32>,
}

impl CodeColumn {
    pub fn get(&self, row: usize) -> &str {
        &self.values[self.numbers[row] as usize]
    }
}

/// The rows of a row group (or of a chunk of text); each kind of column in the order of the wanted columns.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub rows: usize,
    pub codes: Vec<(Codes, Vec<u32>)>,
    pub years: Vec<Vec<i32>>,
    pub numbers: Vec<Vec<f64>>,
    /// Rows without a code or year, by wanted column.
    pub missing: Vec<u64>,
}

/// All parts as one.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub codes: Vec<CodeColumn>,
    pub years: Vec<Vec<i32>>,
    pub numbers: Vec<Vec<f64>>,
}

pub(super) fn options() -> ArrowReaderOptions {
    ArrowReaderOptions::new()
}

fn damaged(error: &ParquetError) -> Fault {
    Fault::Damaged(error.to_string())
}

/// The names of the columns of a file.
pub(super) fn headings(path: &Path) -> Result<Vec<String>, Fault> {
    let file = File::open(path)?;
    guarded(|| {
        let metadata = ArrowReaderMetadata::load(&file, options()).map_err(|e| damaged(&e))?;
        let fields = metadata.schema().fields().iter();
        Ok(fields.map(|field| field.name().clone()).collect())
    })
}

/// The decoder is third-party and may stop with a panic on a damaged file.
fn guarded<T>(read: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(Fault::Damaged(String::new())))
}

impl Source {
    /// Opens `path` for the columns `wanted`, each by its position in the file.
    pub fn open(path: &Path, wanted: Vec<(usize, Kind)>) -> Result<Self, Fault> {
        let file = File::open(path)?;
        guarded(|| {
            let metadata = ArrowReaderMetadata::load(&file, options()).map_err(|e| damaged(&e))?;
            let mut fields: Vec<Arc<Field>> = metadata.schema().fields().to_vec();
            for (at, kind) in &wanted {
                let field = &fields[*at];
                if !fits(field.data_type(), *kind) {
                    return Err(Fault::ColumnType {
                        column: field.name().clone(),
                        kind: field.data_type().to_string(),
                    });
                }
                // Text comes as a dictionary, which is how it is stored, without being spelled out for every row.
                if *kind == Kind::Code && is_text(field.data_type()) {
                    let kind = DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into());
                    fields[*at] = Arc::new(Field::new(field.name(), kind, field.is_nullable()));
                }
            }
            let metadata_of_schema = metadata.schema().metadata().clone();
            let schema = ArrowSchema::new_with_metadata(fields, metadata_of_schema);
            let options = options().with_schema(Arc::new(schema));
            let parquet = Arc::clone(metadata.metadata());
            let metadata =
                ArrowReaderMetadata::try_new(parquet, options).map_err(|e| damaged(&e))?;
            Ok(Self {
                path: path.to_owned(),
                metadata,
                wanted,
            })
        })
    }

    pub fn groups(&self) -> usize {
        self.metadata.metadata().num_row_groups()
    }

    /// Can the row group hold one of `years`, by the smallest and the largest that it states?
    fn may_hold(&self, group: usize, years: &[i32]) -> bool {
        let Some((at, _)) = self.wanted.iter().find(|(_, kind)| *kind == Kind::Year) else {
            return true;
        };
        let group = self.metadata.metadata().row_group(group);
        match group.column(*at).statistics() {
            Some(Statistics::Int32(s)) => match (s.min_opt(), s.max_opt()) {
                (Some(min), Some(max)) => years.iter().any(|year| (min..=max).contains(&year)),
                _ => true,
            },
            _ => true,
        }
    }

    /// Reads one row group.
    pub fn group(&self, group: usize) -> Result<Part, Fault> {
        guarded(|| {
            let file = File::open(&self.path)?;
            let roots = self.wanted.iter().map(|(at, _)| *at);
            let mask = ProjectionMask::roots(self.metadata.parquet_schema(), roots);
            let builder =
                ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
                    .with_projection(mask)
                    .with_row_groups(vec![group])
                    .with_batch_size(1 << 16);
            // The batches hold the wanted columns in the order of the file.
            let mut order: Vec<usize> = self.wanted.iter().map(|(at, _)| *at).collect();
            order.sort_unstable();
            order.dedup();
            let mut part = Part::new(self.wanted.iter().map(|(_, kind)| *kind));
            for batch in builder.build().map_err(|e| damaged(&e))? {
                let batch = batch.map_err(|e| Fault::Damaged(e.to_string()))?;
                let mut next = [0, 0, 0];
                for (wanted, (at, kind)) in self.wanted.iter().enumerate() {
                    let column = batch.column(order.binary_search(at).unwrap_or_default());
                    let slot = &mut next[*kind as usize];
                    part.missing[wanted] += match kind {
                        Kind::Code => codes(column, &mut part.codes[*slot])?,
                        Kind::Year => years(column, &mut part.years[*slot])?,
                        Kind::Number => numbers(column, &mut part.numbers[*slot])?,
                    };
                    *slot += 1;
                }
                part.rows += batch.num_rows();
            }
            Ok(part)
        })
    }

    /// Reads all row groups that can hold one of `years` (all, where none is given); `keep` takes rows out of each.
    pub fn read(
        &self,
        years: Option<&[i32]>,
        keep: impl Fn(&mut Part) + Sync,
    ) -> Result<Vec<Part>, Fault> {
        let groups: Vec<usize> = (0..self.groups())
            .filter(|group| years.is_none_or(|years| self.may_hold(*group, years)))
            .collect();
        let read = |group: usize| {
            let mut part = self.group(group)?;
            keep(&mut part);
            Ok(part)
        };
        groups.into_par_iter().with_max_len(1).map(read).collect()
    }
}

fn is_text(kind: &DataType) -> bool {
    matches!(
        kind,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View
    )
}

fn fits(kind: &DataType, wanted: Kind) -> bool {
    match kind {
        DataType::Dictionary(_, value) => wanted != Kind::Number && fits(value, wanted),
        kind if is_text(kind) => wanted != Kind::Number,
        kind if kind.is_integer() => true,
        kind if kind.is_floating() => wanted != Kind::Code,
        DataType::Decimal128(..) | DataType::Decimal256(..) => wanted == Kind::Number,
        _ => false,
    }
}

fn as_kind(column: &ArrayRef, kind: &DataType) -> Result<ArrayRef, Fault> {
    cast(column, kind).map_err(|e| Fault::Damaged(e.to_string()))
}

/// Appends codes; gives the number of rows without one, which get the empty code.
fn codes(column: &ArrayRef, into: &mut (Codes, Vec<u32>)) -> Result<u64, Fault> {
    let (dictionary, numbers) = into;
    if column.data_type().is_integer() {
        return whole_codes(column, dictionary, numbers);
    }
    let kind = DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into());
    let column = if *column.data_type() == kind {
        Arc::clone(column)
    } else if let DataType::Dictionary(_, value) = column.data_type()
        && value.is_integer()
    {
        return whole_codes(&as_kind(column, &DataType::Int64)?, dictionary, numbers);
    } else {
        as_kind(column, &kind)?
    };
    let array: &DictionaryArray<Int32Type> = column.as_dictionary();
    let values: &StringArray = array.values().as_string();
    // Only codes that a row has get a number.
    let mut map = vec![u32::MAX; values.len()];
    let mut missing = 0;
    numbers.reserve(array.len());
    let keys = array.keys();
    for at in 0..keys.len() {
        let key = if keys.is_null(at) {
            None
        } else {
            usize::try_from(keys.value(at)).ok()
        };
        let number = match key {
            Some(key) if map[key] != u32::MAX => map[key],
            Some(key) if !values.is_null(key) && !values.value(key).trim().is_empty() => {
                map[key] = dictionary.number(values.value(key).trim().as_bytes());
                map[key]
            }
            _ => {
                missing += 1;
                dictionary.number(b"")
            }
        };
        numbers.push(number);
    }
    Ok(missing)
}

fn whole_codes(
    column: &ArrayRef,
    dictionary: &mut Codes,
    numbers: &mut Vec<u32>,
) -> Result<u64, Fault> {
    let column = as_kind(column, &DataType::Int64)?;
    let array = column.as_primitive::<Int64Type>();
    let mut known: HashMap<i64, u32> = HashMap::new();
    let mut last = None;
    let mut missing = 0;
    for at in 0..array.len() {
        if array.is_null(at) {
            missing += 1;
            numbers.push(dictionary.number(b""));
            continue;
        }
        let value = array.value(at);
        let number = match last {
            Some((before, number)) if before == value => number,
            _ => *known
                .entry(value)
                .or_insert_with(|| dictionary.number(value.to_string().as_bytes())),
        };
        last = Some((value, number));
        numbers.push(number);
    }
    Ok(missing)
}

/// Appends years; gives the number of rows without one. What is no year becomes the year 0.
fn years(column: &ArrayRef, into: &mut Vec<i32>) -> Result<u64, Fault> {
    let mut missing = 0;
    let whole = |x: f64| (x.fract() == 0.0 && x.abs() < 10_000.0).then_some(x as i32);
    let kind = column.data_type();
    if kind.is_integer() || matches!(kind, DataType::Dictionary(_, v) if v.is_integer()) {
        let column = as_kind(column, &DataType::Int32)?;
        let array = column.as_primitive::<Int32Type>();
        into.extend(array.iter().map(|year| {
            missing += u64::from(year.is_none());
            year.unwrap_or_default()
        }));
    } else if kind.is_floating() {
        let column = as_kind(column, &DataType::Float64)?;
        let array = column.as_primitive::<Float64Type>();
        into.extend(array.iter().map(|year| {
            let year = year.and_then(whole);
            missing += u64::from(year.is_none());
            year.unwrap_or_default()
        }));
    } else {
        let column = as_kind(column, &DataType::Utf8)?;
        let array: &StringArray = column.as_string();
        into.extend(array.iter().map(|year| {
            let year = year.and_then(|y| y.trim().parse::<i32>().ok());
            missing += u64::from(year.is_none());
            year.unwrap_or_default()
        }));
    }
    Ok(missing)
}

/// Appends numbers; null is `NaN`, which is not missing here.
fn numbers(column: &ArrayRef, into: &mut Vec<f64>) -> Result<u64, Fault> {
    let column = as_kind(column, &DataType::Float64)?;
    let array = column.as_primitive::<Float64Type>();
    if array.null_count() == 0 {
        into.extend_from_slice(array.values());
    } else {
        into.extend(array.iter().map(|x| x.unwrap_or(f64::NAN)));
    }
    Ok(0)
}

impl Part {
    pub fn new(kinds: impl Iterator<Item = Kind>) -> Self {
        let mut part = Self::default();
        for kind in kinds {
            part.missing.push(0);
            match kind {
                Kind::Code => part.codes.push((Codes::default(), Vec::new())),
                Kind::Year => part.years.push(Vec::new()),
                Kind::Number => part.numbers.push(Vec::new()),
            }
        }
        part
    }

    /// Keeps the rows for which `keep` holds.
    pub fn retain(&mut self, keep: impl Fn(&Self, usize) -> bool) {
        let kept: Vec<bool> = (0..self.rows).map(|row| keep(self, row)).collect();
        if kept.iter().all(|kept| *kept) {
            return;
        }
        self.rows = kept.iter().filter(|kept| **kept).count();
        for (_, column) in &mut self.codes {
            retain(column, &kept);
        }
        for column in &mut self.years {
            retain(column, &kept);
        }
        for column in &mut self.numbers {
            retain(column, &kept);
        }
    }
}

fn retain<T>(column: &mut Vec<T>, kept: &[bool]) {
    let mut kept = kept.iter();
    column.retain(|_| *kept.next().unwrap_or(&true));
}

/// Puts parts together in their order; dictionaries hold the codes that rows have, sorted.
pub(super) fn assemble(mut parts: Vec<Part>) -> Columns {
    let Some(first) = parts.first() else {
        return Columns::default();
    };
    let (codes, years, numbers) = (first.codes.len(), first.years.len(), first.numbers.len());
    let mut of_codes: Vec<Vec<(Codes, Vec<u32>)>> = (0..codes).map(|_| Vec::new()).collect();
    let mut of_years: Vec<Vec<Vec<i32>>> = vec![Vec::new(); years];
    let mut of_numbers: Vec<Vec<Vec<f64>>> = vec![Vec::new(); numbers];
    for part in &mut parts {
        for (column, piece) in of_codes.iter_mut().zip(part.codes.drain(..)) {
            column.push(piece);
        }
        for (column, piece) in of_years.iter_mut().zip(part.years.drain(..)) {
            column.push(piece);
        }
        for (column, piece) in of_numbers.iter_mut().zip(part.numbers.drain(..)) {
            column.push(piece);
        }
    }
    let (codes, (years, numbers)) = rayon::join(
        || {
            of_codes
                .into_par_iter()
                .map(|pieces| join_codes(&pieces))
                .collect()
        },
        || {
            rayon::join(
                || {
                    of_years
                        .into_par_iter()
                        .map(|pieces| pieces.concat())
                        .collect()
                },
                || {
                    of_numbers
                        .into_par_iter()
                        .map(|pieces| pieces.concat())
                        .collect()
                },
            )
        },
    );
    Columns {
        codes,
        years,
        numbers,
    }
}

fn join_codes(pieces: &[(Codes, Vec<u32>)]) -> CodeColumn {
    let mut sorted: BTreeMap<&[u8], u32> = BTreeMap::new();
    for (codes, numbers) in pieces {
        let mut used = vec![false; codes.len()];
        for number in numbers {
            used[*number as usize] = true;
        }
        let values = codes.values().iter().zip(used);
        sorted.extend(
            values
                .filter(|(_, used)| *used)
                .map(|(code, _)| (&**code, 0)),
        );
    }
    for (at, number) in sorted.values_mut().enumerate() {
        *number = at as u32;
    }
    let mut all = Vec::with_capacity(pieces.iter().map(|(_, numbers)| numbers.len()).sum());
    for (codes, numbers) in pieces {
        let number = |code: &[u8]| sorted.get(code).copied().unwrap_or_default();
        let map: Vec<u32> = codes.values().iter().map(|code| number(code)).collect();
        all.extend(numbers.iter().map(|number| map[*number as usize]));
    }
    let text = |code: &&[u8]| String::from_utf8_lossy(code).into_owned();
    CodeColumn {
        values: sorted.keys().map(text).collect(),
        numbers: all,
    }
}
