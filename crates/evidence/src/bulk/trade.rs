//! Reading the large tables back: columns of numbers, codes as numbers of sorted dictionaries.

use std::path::Path;

use super::columnar::{CodeColumn, Columns, Kind, Part, Source, assemble, headings};
use super::format::BulkKind;
use super::gather::layout;
use super::groups::parquet_error;
use crate::read::fault::Fault;
use crate::store::{StoreError, at, show};

/// Which rows are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// `None`: all years.
    pub years: Option<Vec<i32>>,
    /// Of an activity table; `None`: all layers.
    pub layer: Option<String>,
}

/// Rows of a trade table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TradeColumns {
    pub years: Vec<i32>,
    pub exporter: CodeColumn,
    pub importer: CodeColumn,
    pub product: CodeColumn,
    pub value: Vec<f64>,
    /// `NaN` where not known.
    pub quantity: Vec<f64>,
    /// `NaN` where not known.
    pub reexport: Vec<f64>,
}

/// Rows of an activity table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ActivityColumns {
    pub years: Vec<i32>,
    pub layer: CodeColumn,
    pub location: CodeColumn,
    pub activity: CodeColumn,
    pub value: Vec<f64>,
}

/// Reads the rows of a trade table that `filter` lets through, in the order of the file.
pub fn read_trade(path: &Path, filter: &Filter) -> Result<TradeColumns, StoreError> {
    let columns = read(path, BulkKind::Trade, filter)?;
    let mut codes = columns.codes.into_iter();
    let mut numbers = columns.numbers.into_iter();
    let mut code = || codes.next().unwrap_or_default();
    Ok(TradeColumns {
        years: columns.years.into_iter().next().unwrap_or_default(),
        exporter: code(),
        importer: code(),
        product: code(),
        value: numbers.next().unwrap_or_default(),
        quantity: numbers.next().unwrap_or_default(),
        reexport: numbers.next().unwrap_or_default(),
    })
}

/// Reads the rows of an activity table that `filter` lets through, in the order of the file.
pub fn read_activity(path: &Path, filter: &Filter) -> Result<ActivityColumns, StoreError> {
    let columns = read(path, BulkKind::Activity, filter)?;
    let mut codes = columns.codes.into_iter();
    let mut code = || codes.next().unwrap_or_default();
    Ok(ActivityColumns {
        years: columns.years.into_iter().next().unwrap_or_default(),
        layer: code(),
        location: code(),
        activity: code(),
        value: columns.numbers.into_iter().next().unwrap_or_default(),
    })
}

pub(super) fn read(path: &Path, kind: BulkKind, filter: &Filter) -> Result<Columns, StoreError> {
    let source = open(path, kind)?;
    let keep = |part: &mut Part| {
        if let Some(years) = &filter.years {
            part.retain(|part, row| years.contains(&part.years[0][row]));
        }
        if let (Some(layer), BulkKind::Activity) = (&filter.layer, kind) {
            let mut values = part.codes[0].0.values().iter();
            let number = values.position(|value| &**value == layer.as_bytes());
            part.retain(|part, row| Some(part.codes[0].1[row] as usize) == number);
        }
    };
    let parts = source.read(filter.years.as_deref(), keep);
    Ok(assemble(parts.map_err(|fault| as_store(path, &fault))?))
}

/// The columns of a table of `kind`, in their order.
pub(super) fn open(path: &Path, kind: BulkKind) -> Result<Source, StoreError> {
    let found = headings(path).map_err(|fault| as_store(path, &fault))?;
    let layout = layout(kind);
    let codes = layout
        .codes
        .iter()
        .map(|(role, _)| (role.as_str(), Kind::Code));
    let numbers = layout
        .numbers
        .iter()
        .map(|role| (role.as_str(), Kind::Number));
    let wanted: Option<Vec<(usize, Kind)>> = [("year", Kind::Year)]
        .into_iter()
        .chain(codes)
        .chain(numbers)
        .map(|(name, kind)| Some((found.iter().position(|heading| heading == name)?, kind)))
        .collect();
    let wanted = wanted.ok_or_else(|| StoreError::OtherSchema {
        path: show(path),
        table: kind.as_str().to_owned(),
    })?;
    Source::open(path, wanted).map_err(|fault| as_store(path, &fault))
}

pub(super) fn as_store(path: &Path, fault: &Fault) -> StoreError {
    match fault {
        Fault::Unreadable(why) => at(path, std::io::Error::other(why.clone())),
        other => parquet_error(
            path,
            parquet::errors::ParquetError::General(other.to_string()),
        ),
    }
}
