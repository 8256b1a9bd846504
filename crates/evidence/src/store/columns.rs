//! Tables as Arrow columns and back. Lists stand in one text, separated by `;`, as in the CSV files: any engine can
//! read and search them.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, RecordBatch,
    RecordBatchOptions, StringArray,
};
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type, Schema as ArrowSchema, SchemaRef};
use arrow::error::ArrowError;

use crate::check::key;
use crate::schema::{ColumnSchema, ColumnType, TableSchema};
use crate::table::{Record, Table, Value};

/// The Arrow columns of a table: numbers Float64, integers and years Int64, booleans Boolean, all else Utf8.
pub fn arrow_schema(table: &TableSchema) -> SchemaRef {
    let fields: Vec<Field> = table
        .columns
        .iter()
        .map(|c| Field::new(&c.name, data_type(c.kind), true))
        .collect();
    Arc::new(ArrowSchema::new(fields))
}

fn data_type(kind: ColumnType) -> DataType {
    match kind {
        ColumnType::Number => DataType::Float64,
        ColumnType::Integer | ColumnType::Year => DataType::Int64,
        ColumnType::Boolean => DataType::Boolean,
        _ => DataType::Utf8,
    }
}

/// The rows of a table as one batch, in order of their keys.
pub fn to_batch(table: &Table) -> Result<RecordBatch, ArrowError> {
    let columns = table
        .schema
        .columns
        .iter()
        .enumerate()
        .map(|(at, column)| array(table, at, column))
        .collect();
    let options = RecordBatchOptions::new().with_row_count(Some(table.rows.len()));
    RecordBatch::try_new_with_options(arrow_schema(&table.schema), columns, &options)
}

fn array(table: &Table, at: usize, column: &ColumnSchema) -> ArrayRef {
    let values = table.rows.iter().map(|record| &record.values[at]);
    match data_type(column.kind) {
        DataType::Float64 => {
            let number = |value: &Value| {
                if let Value::Number(x) = value {
                    Some(*x)
                } else {
                    None
                }
            };
            Arc::new(values.map(number).collect::<Float64Array>())
        }
        DataType::Int64 => {
            let whole = |value: &Value| {
                if let Value::Integer(n) = value {
                    Some(*n)
                } else {
                    None
                }
            };
            Arc::new(values.map(whole).collect::<Int64Array>())
        }
        DataType::Boolean => {
            let flag = |value: &Value| {
                if let Value::Boolean(b) = value {
                    Some(*b)
                } else {
                    None
                }
            };
            Arc::new(values.map(flag).collect::<BooleanArray>())
        }
        _ => {
            let text = |value: &Value| (*value != Value::Empty).then(|| value.to_text());
            Arc::new(values.map(text).collect::<StringArray>())
        }
    }
}

/// Appends the rows of `batch`, whose columns are those of `schema`.
pub(super) fn read_batch(schema: &Arc<TableSchema>, batch: &RecordBatch, rows: &mut Vec<Record>) {
    for at in 0..batch.num_rows() {
        let columns = schema.columns.iter().zip(batch.columns());
        let values: Vec<Value> = columns
            .map(|(column, array)| value(column, array, at))
            .collect();
        let number = rows.len() as u64 + 2;
        rows.push(Record::new(
            number,
            key(schema, &values),
            values,
            Arc::clone(schema),
        ));
    }
}

fn value(column: &ColumnSchema, array: &ArrayRef, at: usize) -> Value {
    if array.is_null(at) {
        return Value::Empty;
    }
    match data_type(column.kind) {
        DataType::Float64 => Value::Number(array.as_primitive::<Float64Type>().value(at)),
        DataType::Int64 => Value::Integer(array.as_primitive::<Int64Type>().value(at)),
        DataType::Boolean => Value::Boolean(array.as_boolean().value(at)),
        _ => {
            let text = array.as_string::<i32>().value(at);
            if column.kind.is_list() {
                Value::List(text.split(';').map(str::to_owned).collect())
            } else {
                Value::Text(text.to_owned())
            }
        }
    }
}
