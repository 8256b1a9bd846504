//! Row groups of a Parquet file, several columns encoded at once, written in their order: the bytes do not depend on
//! the number of threads.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use arrow::array::ArrayRef;
use arrow::datatypes::{FieldRef, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use rayon::prelude::*;
use tempfile::NamedTempFile;

use crate::store::{StoreError, at, keep, show};

/// Rows of a row group.
pub(super) const GROUP_ROWS: usize = 1 << 20;

/// A Parquet file under a temporary name, and the hash of what was written.
pub(super) struct Groups {
    writer: SerializedFileWriter<Hashing>,
    columns: ArrowRowGroupWriterFactory,
    schema: SchemaRef,
    written: usize,
    path: std::path::PathBuf,
}

impl Groups {
    pub fn create(path: &Path, schema: &SchemaRef) -> Result<Self, StoreError> {
        let out = Hashing {
            inner: temporary(path)?,
            hasher: blake3::Hasher::new(),
        };
        let level = ZstdLevel::try_new(1).map_err(|source| parquet_error(path, source))?;
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(level))
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_created_by("forelay".to_owned());
        for field in schema.fields() {
            // Measured values hardly ever repeat.
            if field.data_type().is_floating() {
                let path = ColumnPath::from(field.name().as_str());
                properties = properties.set_column_dictionary_enabled(path, false);
            }
        }
        let writer = ArrowWriter::try_new(out, SchemaRef::clone(schema), Some(properties.build()));
        let (writer, columns) = writer
            .and_then(ArrowWriter::into_serialized_writer)
            .map_err(|source| parquet_error(path, source))?;
        Ok(Self {
            writer,
            columns,
            schema: SchemaRef::clone(schema),
            written: 0,
            path: path.to_owned(),
        })
    }

    /// Appends row groups, each given by its columns.
    pub fn append(&mut self, groups: Vec<Vec<ArrayRef>>) -> Result<(), StoreError> {
        self.try_append(groups)
            .map_err(|source| parquet_error(&self.path, source))
    }

    fn try_append(&mut self, groups: Vec<Vec<ArrayRef>>) -> Result<(), ParquetError> {
        let mut tasks: Vec<(ArrowColumnWriter, &FieldRef, ArrayRef)> = Vec::new();
        for (ahead, columns) in groups.into_iter().enumerate() {
            let writers = self.columns.create_column_writers(self.written + ahead)?;
            for ((writer, field), column) in
                writers.into_iter().zip(self.schema.fields()).zip(columns)
            {
                tasks.push((writer, field, column));
            }
        }
        let encoded: Vec<ArrowColumnChunk> = tasks
            .into_par_iter()
            .with_max_len(1)
            .map(|(writer, field, column)| encode(writer, field, &column))
            .collect::<Result<_, _>>()?;
        let width = self.schema.fields().len().max(1);
        let mut encoded = encoded.into_iter().peekable();
        while encoded.peek().is_some() {
            let mut group = self.writer.next_row_group()?;
            for chunk in encoded.by_ref().take(width) {
                chunk.append_to_row_group(&mut group)?;
            }
            group.close()?;
            self.written += 1;
        }
        Ok(())
    }

    /// Ends the file without giving it its name; it is gone when the value returned is dropped.
    pub fn close(self) -> Result<NamedTempFile, StoreError> {
        let out = self.writer.into_inner();
        Ok(out
            .map_err(|source| parquet_error(&self.path, source))?
            .inner)
    }

    /// Gives the file its name; returns the BLAKE3 of its bytes.
    pub fn finish(mut self, metadata: Vec<(String, String)>) -> Result<String, StoreError> {
        for (key, value) in metadata {
            self.writer
                .append_key_value_metadata(KeyValue::new(key, value));
        }
        let out = self
            .writer
            .into_inner()
            .map_err(|source| parquet_error(&self.path, source))?;
        keep(out.inner, &self.path)?;
        Ok(out.hasher.finalize().to_hex().to_string())
    }
}

fn encode(
    mut writer: ArrowColumnWriter,
    field: &FieldRef,
    column: &ArrayRef,
) -> Result<ArrowColumnChunk, ParquetError> {
    for leaf in compute_leaves(field, column)? {
        writer.write(&leaf)?;
    }
    writer.close()
}

/// A file beside `path` that gets its name when it is whole.
pub(super) fn temporary(path: &Path) -> Result<NamedTempFile, StoreError> {
    let dir = path
        .parent()
        .filter(|dir| !dir.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    NamedTempFile::new_in(dir).map_err(|source| at(path, source))
}

pub(super) fn parquet_error(path: &Path, source: ParquetError) -> StoreError {
    StoreError::Parquet {
        path: show(path),
        source,
    }
}

struct Hashing {
    inner: NamedTempFile,
    hasher: blake3::Hasher,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// BLAKE3 of a file's bytes, in hex.
pub(super) fn hash_file(path: &Path) -> Result<String, StoreError> {
    let mut hasher = blake3::Hasher::new();
    let file = File::open(path).map_err(|source| at(path, source))?;
    hasher
        .update_reader(file)
        .map_err(|source| at(path, source))?;
    Ok(hasher.finalize().to_hex().to_string())
}
