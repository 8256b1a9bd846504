//! Rows of an answer as JSON values.

use std::collections::BTreeSet;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, SchemaRef,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

/// A column of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultColumn {
    pub name: String,
    /// Arrow's name of the type, e.g. `Utf8`, `Float64`.
    pub kind: String,
}

/// The answer to a query. Without ORDER BY the order of the rows means nothing and may change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResultSet {
    pub columns: Vec<ResultColumn>,
    /// Numbers, booleans and null as JSON has them; NaN and the infinities, dates and nested values as text.
    pub rows: Vec<Vec<Value>>,
    /// Full names of the sources read.
    pub reads: BTreeSet<String>,
    /// There were more rows than the limit.
    pub truncated: bool,
}

impl ResultSet {
    pub(super) fn new(schema: &SchemaRef, reads: BTreeSet<String>) -> Self {
        let columns = schema.fields().iter();
        let columns = columns
            .map(|f| ResultColumn {
                name: f.name().clone(),
                kind: f.data_type().to_string(),
            })
            .collect();
        Self {
            columns,
            rows: Vec::new(),
            reads,
            truncated: false,
        }
    }

    pub(super) fn add(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        let columns = batch
            .columns()
            .iter()
            .map(values)
            .collect::<Result<Vec<_>, _>>()?;
        for at in 0..batch.num_rows() {
            self.rows
                .push(columns.iter().map(|column| column[at].clone()).collect());
        }
        Ok(())
    }

    /// The evidence tables that were read, without their schema's name.
    pub fn evidence_tables(&self) -> impl Iterator<Item = &str> {
        self.reads
            .iter()
            .filter_map(|name| name.strip_prefix("evidence."))
    }

    /// Rows as text; null is empty.
    pub fn texts(&self) -> Vec<Vec<String>> {
        let text = |value: &Value| match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        self.rows
            .iter()
            .map(|row| row.iter().map(text).collect())
            .collect()
    }
}

macro_rules! whole {
    ($column:expr, $at:expr, $kind:ty) => {
        Value::Number(Number::from($column.as_primitive::<$kind>().value($at)))
    };
}

fn values(column: &ArrayRef) -> Result<Vec<Value>, ArrowError> {
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(column.as_ref(), &options)?;
    (0..column.len())
        .map(|at| {
            if column.is_null(at) {
                return Ok(Value::Null);
            }
            Ok(match column.data_type() {
                DataType::Boolean => Value::Bool(column.as_boolean().value(at)),
                DataType::Int8 => whole!(column, at, Int8Type),
                DataType::Int16 => whole!(column, at, Int16Type),
                DataType::Int32 => whole!(column, at, Int32Type),
                DataType::Int64 => whole!(column, at, Int64Type),
                DataType::UInt8 => whole!(column, at, UInt8Type),
                DataType::UInt16 => whole!(column, at, UInt16Type),
                DataType::UInt32 => whole!(column, at, UInt32Type),
                DataType::UInt64 => whole!(column, at, UInt64Type),
                DataType::Float32 => {
                    float(f64::from(column.as_primitive::<Float32Type>().value(at)))
                }
                DataType::Float64 => float(column.as_primitive::<Float64Type>().value(at)),
                DataType::Null => Value::Null,
                _ => Value::String(formatter.value(at).try_to_string()?),
            })
        })
        .collect()
}

fn float(x: f64) -> Value {
    Number::from_f64(x).map_or_else(|| Value::String(x.to_string()), Value::Number)
}
