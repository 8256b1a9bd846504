//! Scanned chunks become one table: shared dictionaries, keys, totals and full row groups, in the order of the rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{ArrayRef, DictionaryArray, Float64Array, Int32Array, StringArray};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::datatypes::{DataType, Field, Int32Type, Schema as ArrowSchema, SchemaRef};

use super::codes::Codes;
use super::format::{BulkKind, Role};
use super::groups::GROUP_ROWS;
use super::report::Growing;
use super::scan::Scanned;
use crate::read::is_space;

/// The columns of a table besides the year: codes with the bits that each has in a key, and numbers.
pub(super) struct Layout {
    pub codes: &'static [(Role, u32)],
    pub numbers: &'static [Role],
}

pub(super) fn layout(kind: BulkKind) -> Layout {
    match kind {
        BulkKind::Trade => Layout {
            codes: &[
                (Role::Exporter, 16),
                (Role::Importer, 16),
                (Role::Product, 20),
            ],
            numbers: &[Role::Value, Role::Quantity, Role::Reexport],
        },
        BulkKind::Activity => Layout {
            codes: &[(Role::Layer, 8), (Role::Location, 24), (Role::Activity, 20)],
            numbers: &[Role::Value],
        },
        BulkKind::Io => Layout {
            codes: &[
                (Role::SellerRegion, 12),
                (Role::Seller, 14),
                (Role::BuyerRegion, 12),
                (Role::Buyer, 14),
            ],
            numbers: &[Role::Value],
        },
    }
}

/// `year`, the codes as dictionaries, the numbers.
pub(super) fn schema(kind: BulkKind) -> SchemaRef {
    let layout = layout(kind);
    let code = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let mut fields = vec![Field::new("year", DataType::Int32, false)];
    let codes = layout.codes.iter();
    fields.extend(codes.map(|(role, _)| Field::new(role.as_str(), code.clone(), false)));
    let numbers = layout.numbers.iter();
    fields.extend(
        numbers.map(|role| Field::new(role.as_str(), DataType::Float64, *role != Role::Value)),
    );
    Arc::new(ArrowSchema::new(fields))
}

/// Rows of a table by columns; codes are numbers of a dictionary.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    pub years: Vec<i32>,
    pub codes: Vec<Vec<u32>>,
    /// `NaN` where not known.
    pub numbers: Vec<Vec<f64>>,
}

impl Rows {
    pub fn new(layout: &Layout) -> Self {
        Self {
            years: Vec::new(),
            codes: vec![Vec::new(); layout.codes.len()],
            numbers: vec![Vec::new(); layout.numbers.len()],
        }
    }

    pub fn len(&self) -> usize {
        self.years.len()
    }

    /// The key of a row: the year and all codes in one word.
    pub fn key(&self, row: usize, layout: &Layout) -> u64 {
        let start = u64::from(self.years[row].cast_unsigned()) & 0xfff;
        let codes = self.codes.iter().zip(layout.codes);
        codes.fold(start, |key, (column, (_, bits))| {
            key << bits | u64::from(column[row])
        })
    }

    /// Appends the rows `from..to` of `other`.
    fn append(&mut self, other: &Self, from: usize, to: usize) {
        self.years.extend_from_slice(&other.years[from..to]);
        for (mine, theirs) in self.codes.iter_mut().zip(&other.codes) {
            mine.extend_from_slice(&theirs[from..to]);
        }
        for (mine, theirs) in self.numbers.iter_mut().zip(&other.numbers) {
            mine.extend_from_slice(&theirs[from..to]);
        }
    }

    pub fn push(&mut self, other: &Self, row: usize) {
        self.append(other, row, row + 1);
    }

    /// Arrow columns in the order of [`schema`].
    pub fn into_arrays(self, dictionaries: &[ArrayRef]) -> Vec<ArrayRef> {
        let mut arrays: Vec<ArrayRef> = vec![Arc::new(Int32Array::from(self.years))];
        for (numbers, values) in self.codes.into_iter().zip(dictionaries) {
            arrays.push(dictionary_array(numbers, None, values));
        }
        arrays.extend(self.numbers.into_iter().map(number_array));
        arrays
    }
}

/// Numbers of a dictionary as an Arrow column.
pub(super) fn dictionary_array(
    numbers: Vec<u32>,
    nulls: Option<NullBuffer>,
    values: &ArrayRef,
) -> ArrayRef {
    let keys: Vec<i32> = numbers.into_iter().map(u32::cast_signed).collect();
    let keys = Int32Array::new(keys.into(), nulls);
    let array = DictionaryArray::<Int32Type>::try_new(keys, Arc::clone(values));
    Arc::new(array.expect("invariant: numbers come from this dictionary"))
}

/// A column of numbers; `NaN` is null.
pub(super) fn number_array(numbers: Vec<f64>) -> ArrayRef {
    let missing = numbers.iter().any(|x| x.is_nan());
    let nulls = missing.then(|| {
        NullBuffer::new(BooleanBuffer::collect_bool(numbers.len(), |at| {
            !numbers[at].is_nan()
        }))
    });
    Arc::new(Float64Array::new(numbers.into(), nulls))
}

/// The codes of one column over all files, as they stand in the table.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    pub codes: Codes,
    /// Digits of every code, where they are known.
    pub width: Option<usize>,
    /// What the publisher's codes stand for.
    pub list: Option<Arc<BTreeMap<String, String>>>,
    /// Codes that got zeros at the front.
    pub padded: BTreeSet<String>,
    /// Codes that cannot have `width` digits.
    pub misshapen: BTreeSet<String>,
    /// Codes that the list does not have.
    pub unlisted: BTreeSet<String>,
}

impl Dictionary {
    pub fn number(&mut self, original: &[u8]) -> u32 {
        let text = String::from_utf8_lossy(original);
        let text = text.trim_matches(is_space);
        if let Some(list) = &self.list {
            return if let Some(code) = list.get(text) {
                self.codes.number(code.as_bytes())
            } else {
                self.unlisted.insert(text.to_owned());
                self.codes.number(text.as_bytes())
            };
        }
        if let Some(width) = self.width {
            let digits = text.bytes().all(|b| b.is_ascii_digit());
            if digits && text.len() < width {
                self.padded.insert(text.to_owned());
                return self.codes.number(format!("{text:0>width$}").as_bytes());
            }
            if !digits || text.len() > width {
                self.misshapen.insert(text.to_owned());
            }
        }
        self.codes.number(text.as_bytes())
    }

    pub fn len(&self) -> usize {
        self.codes.len()
    }

    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let codes = self.codes.values().iter();
        codes.map(|code| std::str::from_utf8(code).unwrap_or_default())
    }

    pub fn array(&self) -> ArrayRef {
        Arc::new(StringArray::from_iter_values(self.texts()))
    }
}

/// Where the columns of a scanned chunk belong.
#[derive(Debug, Clone)]
pub(super) struct Slots {
    /// For each code column of the table, its place among the scanned codes.
    pub codes: Vec<Option<usize>>,
    pub numbers: Vec<Option<usize>>,
}

/// The local numbers of a chunk's codes as numbers of the table, one list for each code column of the table.
pub(super) fn merge_codes(
    scanned: &Scanned,
    slots: &Slots,
    dictionaries: &mut [Dictionary],
) -> Vec<Option<Vec<u32>>> {
    let columns = slots.codes.iter().zip(dictionaries);
    columns
        .map(|(slot, dictionary)| {
            let (codes, _) = &scanned.codes[(*slot)?];
            Some(
                codes
                    .values()
                    .iter()
                    .map(|code| dictionary.number(code))
                    .collect(),
            )
        })
        .collect()
}

/// A chunk as rows of the table, with its keys and its totals by year.
pub(super) struct Settled {
    pub rows: Rows,
    pub keys: Vec<u64>,
    pub totals: BTreeMap<i32, Growing>,
}

pub(super) fn settle(
    mut scanned: Scanned,
    maps: &[Option<Vec<u32>>],
    slots: &Slots,
    layout: &Layout,
) -> Settled {
    let count = scanned.rows;
    let mut rows = Rows::new(layout);
    rows.years = scanned.years.pop().unwrap_or_default();
    for ((column, slot), map) in rows.codes.iter_mut().zip(&slots.codes).zip(maps) {
        *column = match (slot, map) {
            (Some(at), Some(map)) => {
                let mut numbers = std::mem::take(&mut scanned.codes[*at].1);
                for number in &mut numbers {
                    *number = map[*number as usize];
                }
                numbers
            }
            // The one constant of the column.
            _ => vec![0; count],
        };
    }
    for (column, slot) in rows.numbers.iter_mut().zip(&slots.numbers) {
        *column = match slot {
            Some(at) => std::mem::take(&mut scanned.numbers[*at]),
            None => vec![f64::NAN; count],
        };
    }
    let keys = (0..count).map(|row| rows.key(row, layout)).collect();
    let totals = totals(&rows);
    Settled { rows, keys, totals }
}

fn totals(rows: &Rows) -> BTreeMap<i32, Growing> {
    let mut totals: BTreeMap<i32, Growing> = BTreeMap::new();
    let mut at = 0;
    // Runs of one year, which is what files have.
    while at < rows.len() {
        let year = rows.years[at];
        let run = rows.years[at..].iter().take_while(|y| **y == year).count();
        let total = totals.entry(year).or_default();
        total.rows += run as u64;
        for value in &rows.numbers[0][at..at + run] {
            total.value.add(*value);
        }
        for quantity in rows.numbers.get(1).map_or(&[][..], |q| &q[at..at + run]) {
            if quantity.is_nan() {
                total.missing_quantity += 1;
            } else {
                total.quantity.add(*quantity);
            }
        }
        at += run;
    }
    totals
}

/// Cuts rows into groups of [`GROUP_ROWS`].
pub(super) struct Cutter {
    open: Rows,
    pub full: Vec<Rows>,
    size: usize,
}

impl Cutter {
    pub fn new(layout: &Layout) -> Self {
        Self {
            open: Rows::new(layout),
            full: Vec::new(),
            size: GROUP_ROWS,
        }
    }

    pub fn append(&mut self, rows: &Rows, layout: &Layout) {
        let mut at = 0;
        while at < rows.len() {
            let to = rows.len().min(at + self.size - self.open.len());
            self.open.append(rows, at, to);
            at = to;
            if self.open.len() == self.size {
                self.full
                    .push(std::mem::replace(&mut self.open, Rows::new(layout)));
            }
        }
    }

    /// The last group as well.
    pub fn close(mut self) -> Vec<Rows> {
        if self.open.len() > 0 {
            self.full.push(self.open);
        }
        self.full
    }
}
