//! The names a query may use, and which of them it does.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::catalog::{
    CatalogProvider, MemoryCatalogProvider, MemorySchemaProvider, SchemaProvider, TableProvider,
};
use datafusion::common::TableReference;
use datafusion::datasource::MemTable;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{
    ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
};
use datafusion::error::DataFusionError;
use datafusion::prelude::SessionContext;
use datafusion::sql::parser::Statement;
use datafusion::sql::resolve::resolve_table_references;
use model::Arg;

use super::Source;
use super::error::SqlError;
use crate::store::{arrow_schema, to_batch};
use crate::suggest::hint;

pub(super) const CATALOG: &str = "forelay";
/// The default schema.
pub(super) const EVIDENCE: &str = "evidence";

/// `trend.consensus` is table `consensus` of schema `trend`; a name without a dot is evidence.
fn split(name: &str) -> (&str, &str) {
    name.split_once('.').unwrap_or((EVIDENCE, name))
}

pub(super) fn full_name(name: &str) -> String {
    let (schema, table) = split(name);
    format!("{schema}.{table}")
}

/// A source that outlives the caller.
pub(super) enum Owned {
    Parquet(PathBuf),
    Batch(RecordBatch),
}

/// Only tables that are read are copied; the others show their columns.
pub(super) fn own(
    sources: &[(String, Source)],
    reads: &BTreeSet<String>,
) -> Result<Vec<(String, Owned)>, SqlError> {
    sources
        .iter()
        .map(|(name, source)| {
            let owned = match source {
                Source::Parquet(path) => Owned::Parquet(path.clone()),
                Source::Table(table) if reads.contains(&full_name(name)) => {
                    Owned::Batch(to_batch(table).map_err(|e| failed(name, &e.to_string()))?)
                }
                Source::Table(table) => {
                    Owned::Batch(RecordBatch::new_empty(arrow_schema(&table.schema)))
                }
            };
            Ok((name.clone(), owned))
        })
        .collect()
}

fn failed(name: &str, detail: &str) -> SqlError {
    let detail = crate::finding::shorten(detail);
    SqlError::new(
        "sql.source",
        &[("name", name.into()), ("detail", detail.into())],
    )
}

/// The full names, among `full`, of the sources that `statement` reads.
pub(super) fn read_by(
    statement: &Statement,
    full: &BTreeSet<String>,
) -> Result<BTreeSet<String>, SqlError> {
    let (references, _) = resolve_table_references(statement, true)
        .map_err(|error| SqlError::engine(&error, "sql.invalid"))?;
    let mut read = BTreeSet::new();
    for reference in references {
        if reference.schema() == Some("information_schema")
            || reference.table() == "information_schema"
        {
            continue;
        }
        // Functions that give rows; they read nothing.
        if reference.schema().is_none() && matches!(reference.table(), "generate_series" | "range")
        {
            continue;
        }
        let name = match reference.schema() {
            Some(schema) => format!("{schema}.{}", reference.table()),
            // A quoted name that holds a dot is the full name itself.
            None if reference.table().contains('.') => reference.table().to_owned(),
            None => format!("{EVIDENCE}.{}", reference.table()),
        };
        let elsewhere = reference
            .catalog()
            .is_some_and(|catalog| catalog != CATALOG);
        if elsewhere || !full.contains(&name) {
            return Err(unknown(&reference, full));
        }
        read.insert(name);
    }
    Ok(read)
}

fn unknown(reference: &TableReference, full: &BTreeSet<String>) -> SqlError {
    let asked = match reference.schema() {
        Some(schema) => format!("{schema}.{}", reference.table()),
        None => reference.table().to_owned(),
    };
    let bare = full
        .iter()
        .filter_map(|name| name.strip_prefix("evidence."));
    // A name without its schema is near to the full name as well.
    let same_table = full.iter().find(|name| split(name).1 == reference.table());
    let near = match same_table {
        Some(name) => crate::suggest::hint_of(&[name]),
        None => hint(&asked, bare.chain(full.iter().map(String::as_str))),
    };
    let known = full
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    SqlError::new(
        "sql.unknown_table",
        &[
            ("name", asked.into()),
            ("hint", near),
            ("known", Arg::from(known)),
        ],
    )
}

/// Registers every source under its names.
pub(super) async fn register(
    context: &SessionContext,
    sources: &[(String, Owned)],
) -> Result<(), SqlError> {
    let mut schemas: BTreeMap<&str, Arc<MemorySchemaProvider>> = BTreeMap::new();
    schemas.insert(EVIDENCE, Arc::new(MemorySchemaProvider::new()));
    for (name, source) in sources {
        let engine = |e: DataFusionError| failed(name, &e.strip_backtrace());
        let provider: Arc<dyn TableProvider> = match source {
            Owned::Batch(batch) => Arc::new(
                MemTable::try_new(batch.schema(), vec![vec![batch.clone()]]).map_err(engine)?,
            ),
            Owned::Parquet(path) => parquet(context, path).await.map_err(|e| failed(name, &e))?,
        };
        let (schema, table) = split(name);
        let home = Arc::clone(schemas.entry(schema).or_default());
        home.register_table(table.to_owned(), Arc::clone(&provider))
            .map_err(engine)?;
        if name.contains('.') {
            let evidence = Arc::clone(schemas.entry(EVIDENCE).or_default());
            evidence
                .register_table(name.clone(), provider)
                .map_err(engine)?;
        }
    }
    let catalog = MemoryCatalogProvider::new();
    for (name, schema) in schemas {
        catalog
            .register_schema(name, schema)
            .map_err(|error| SqlError::engine(&error, "sql.internal"))?;
    }
    context.register_catalog(CATALOG, Arc::new(catalog));
    Ok(())
}

/// One Parquet file; the path is taken literally, without patterns.
async fn parquet(context: &SessionContext, path: &Path) -> Result<Arc<dyn TableProvider>, String> {
    let absolute = std::path::absolute(path).map_err(|e| e.to_string())?;
    if !absolute.is_file() {
        return Err(format!("{}: no such file", path.display()));
    }
    let url = url::Url::from_file_path(&absolute).map_err(|()| path.display().to_string())?;
    let url = ListingTableUrl::try_new(url, None).map_err(|e| e.strip_backtrace())?;
    let options = ListingOptions::new(Arc::new(ParquetFormat::default())).with_file_extension("");
    let schema = options
        .infer_schema(&context.state(), &url)
        .await
        .map_err(|e| e.strip_backtrace())?;
    let config = ListingTableConfig::new(url)
        .with_listing_options(options)
        .with_schema(schema);
    let table = ListingTable::try_new(config).map_err(|e| e.strip_backtrace())?;
    Ok(Arc::new(table))
}
