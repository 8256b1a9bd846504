//! Parquet as text cells. The row after the (invisible) header is row 2, as in a text file.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float32Type, Float64Type};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;
use parquet::file::reader::ChunkReader;

use super::fault::Fault;
use super::input::Input;
use super::sheet::{iso, number};
use super::{Format, RawRow, RawTable, ReadOptions};

pub(super) fn read(input: &Input, name: &str, options: &ReadOptions) -> Result<RawTable, Fault> {
    check_end(input)?;
    // The decoder is third-party and may stop with a panic on a damaged file.
    let outcome = catch_unwind(AssertUnwindSafe(|| match input {
        Input::File(path) => rows(File::open(path)?, name, options),
        Input::Bytes(bytes) => rows(bytes::Bytes::copy_from_slice(bytes), name, options),
    }));
    outcome.unwrap_or_else(|_| Err(Fault::Damaged(String::new())))
}

/// A Parquet file ends as it begins; a copy that broke off does not.
fn check_end(input: &Input) -> Result<(), Fault> {
    if input.len()? < 12 {
        return Err(Fault::Truncated);
    }
    let mut file = input.open()?;
    file.seek(SeekFrom::End(-4))?;
    let mut end = [0; 4];
    file.read_exact(&mut end)?;
    if &end == b"PAR1" {
        Ok(())
    } else {
        Err(Fault::Truncated)
    }
}

fn rows<R: ChunkReader + 'static>(
    source: R,
    name: &str,
    options: &ReadOptions,
) -> Result<RawTable, Fault> {
    let damaged = |e: ParquetError| Fault::Damaged(e.to_string());
    let builder = ParquetRecordBatchReaderBuilder::try_new(source).map_err(damaged)?;
    let size: i64 = builder
        .metadata()
        .row_groups()
        .iter()
        .map(|group| group.total_byte_size().max(0))
        .sum();
    if u64::try_from(size).unwrap_or(u64::MAX) > options.max_bytes {
        return Err(Fault::TooLarge {
            limit: options.max_bytes,
        });
    }
    let columns: Vec<String> = builder
        .schema()
        .fields()
        .iter()
        .map(|f| f.name().clone())
        .collect();
    for field in builder.schema().fields() {
        if !readable(field.data_type()) {
            return Err(Fault::ColumnType {
                column: field.name().clone(),
                kind: field.data_type().to_string(),
            });
        }
    }
    let mut table_rows = Vec::new();
    for batch in builder.build().map_err(damaged)? {
        let batch = batch.map_err(|e| Fault::Damaged(e.to_string()))?;
        let cells = texts(&batch)?;
        for at in 0..batch.num_rows() {
            let number = table_rows.len() as u64 + 2;
            table_rows.push(RawRow::new(
                number,
                cells.iter().map(|column| column[at].as_str()),
            ));
        }
    }
    Ok(RawTable {
        file: name.to_owned(),
        columns,
        rows: table_rows,
        unreadable: Vec::new(),
        format: Format::default(),
        blake3: String::new(),
    })
}

fn readable(kind: &DataType) -> bool {
    match kind {
        DataType::List(item) | DataType::LargeList(item) => {
            matches!(
                item.data_type(),
                DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View
            )
        }
        DataType::Dictionary(_, value) => readable(value),
        other => !other.is_nested() && !other.is_binary(),
    }
}

fn texts(batch: &RecordBatch) -> Result<Vec<Vec<String>>, Fault> {
    batch.columns().iter().map(column_texts).collect()
}

fn column_texts(column: &ArrayRef) -> Result<Vec<String>, Fault> {
    let damaged = |e: arrow::error::ArrowError| Fault::Damaged(e.to_string());
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(column.as_ref(), &options).map_err(damaged)?;
    let kind = column.data_type();
    (0..column.len())
        .map(|at| {
            if column.is_null(at) {
                return Ok(String::new());
            }
            Ok(match kind {
                DataType::Float64 => number(column.as_primitive::<Float64Type>().value(at)),
                DataType::Float32 => number_f32(column.as_primitive::<Float32Type>().value(at)),
                DataType::List(_) => list(&column.as_list::<i32>().value(at))?,
                DataType::LargeList(_) => list(&column.as_list::<i64>().value(at))?,
                _ if kind.is_temporal() => {
                    iso(&formatter.value(at).try_to_string().map_err(damaged)?)
                }
                _ => formatter.value(at).try_to_string().map_err(damaged)?,
            })
        })
        .collect()
}

/// The fewest digits that name the same single-precision number: `0.1`, not `0.10000000149011612`.
fn number_f32(x: f32) -> String {
    if x.fract() == 0.0 {
        number(f64::from(x))
    } else {
        x.to_string()
    }
}

fn list(items: &ArrayRef) -> Result<String, Fault> {
    Ok(column_texts(items)?.join(";"))
}
