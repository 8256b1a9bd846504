//! Plain columns of one type, as CSV and Parquet: how results leave.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema as ArrowSchema};

use super::{StoreError, at, keep, show, without_formula, write_parquet_batches};

/// A column of one type; `None` is missing.
#[derive(Debug, Clone, PartialEq)]
pub enum Flat {
    Text(Vec<Option<String>>),
    Number(Vec<Option<f64>>),
    Count(Vec<Option<i64>>),
}

impl Flat {
    pub fn len(&self) -> usize {
        match self {
            Self::Text(cells) => cells.len(),
            Self::Number(cells) => cells.len(),
            Self::Count(cells) => cells.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn array(&self) -> (DataType, ArrayRef) {
        match self {
            Self::Text(cells) => (DataType::Utf8, Arc::new(StringArray::from(cells.clone()))),
            Self::Number(cells) => (
                DataType::Float64,
                Arc::new(Float64Array::from(cells.clone())),
            ),
            Self::Count(cells) => (DataType::Int64, Arc::new(Int64Array::from(cells.clone()))),
        }
    }

    fn cell(&self, row: usize) -> String {
        match self {
            Self::Text(cells) => cells[row].clone().map(without_formula).unwrap_or_default(),
            Self::Number(cells) => cells[row].map(|x| x.to_string()).unwrap_or_default(),
            Self::Count(cells) => cells[row].map(|n| n.to_string()).unwrap_or_default(),
        }
    }
}

/// Writes named columns of equal length as one Parquet file.
pub fn write_flat_parquet(path: &Path, columns: &[(String, Flat)]) -> Result<(), StoreError> {
    let arrays: Vec<(DataType, ArrayRef)> =
        columns.iter().map(|(_, column)| column.array()).collect();
    let fields: Vec<Field> = columns
        .iter()
        .zip(&arrays)
        .map(|((name, _), (kind, _))| Field::new(name, kind.clone(), true))
        .collect();
    let schema = Arc::new(ArrowSchema::new(fields));
    let batch = RecordBatch::try_new(
        Arc::clone(&schema),
        arrays.into_iter().map(|(_, array)| array).collect(),
    )
    .map_err(|source| StoreError::Arrow {
        path: show(path),
        source,
    })?;
    write_parquet_batches(path, &schema, [batch])
}

/// Writes named columns of equal length as CSV (UTF-8, RFC 4180), safe to open in a spreadsheet.
pub fn write_flat_csv(path: &Path, columns: &[(String, Flat)]) -> Result<(), StoreError> {
    let dir = path
        .parent()
        .filter(|dir| !dir.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut temporary = tempfile::NamedTempFile::new_in(dir).map_err(|source| at(path, source))?;
    let write = |out: &mut tempfile::NamedTempFile| -> std::io::Result<()> {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(out);
        writer.write_record(columns.iter().map(|(name, _)| name.as_str()))?;
        for row in 0..columns.first().map_or(0, |(_, column)| column.len()) {
            writer.write_record(columns.iter().map(|(_, column)| column.cell(row)))?;
        }
        writer.flush()
    };
    write(&mut temporary).map_err(|source| at(path, source))?;
    keep(temporary, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_keeps_missing_apart_from_zero_and_disarms_formulas() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("t.csv");
        let columns = [
            (
                "a".to_owned(),
                Flat::Number(vec![Some(0.0), None, Some(-1.5)]),
            ),
            (
                "b".to_owned(),
                Flat::Text(vec![Some("=1".to_owned()), None, Some("x,y".to_owned())]),
            ),
        ];
        write_flat_csv(&path, &columns).expect("written");
        let text = std::fs::read_to_string(path).expect("text");
        assert_eq!(text, "a,b\r\n0,'=1\r\n,\r\n-1.5,\"x,y\"\r\n");
    }
}
