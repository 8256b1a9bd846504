//! SQL over the evidence and the results: reading only.
//!
//! A source called `policies` is `evidence.policies` and, as that is the default schema, `policies`. A result called
//! `trend.consensus` is `trend.consensus` and `"trend.consensus"`. The order of the rows is fixed only by ORDER BY.
//!
//! The engine (`DataFusion`) stands behind this module; it runs on threads of its own with limits on time, memory
//! and rows, and a failure inside it ends in an error.

mod error;
mod guard;
mod result;
mod run;
mod sources;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use crate::table::{Evidence, Table};

pub use error::{CODES, SqlError};
pub use result::{ResultColumn, ResultSet};

/// A table that a query may read.
#[derive(Debug, Clone)]
pub enum Source<'a> {
    /// A Parquet file.
    Parquet(PathBuf),
    /// Evidence in memory.
    Table(&'a Table),
}

/// Limits of a query.
#[derive(Debug, Clone)]
pub struct QueryParams {
    /// Rows returned; what is beyond is cut and the result says so. Default one million.
    pub max_rows: usize,
    /// Bytes that joins, sorts and groups may hold before they spill to disk or stop. Default 1 GiB.
    pub memory_bytes: usize,
    /// Default one minute.
    pub time: Duration,
    /// Characters of the query. Default 20,000.
    pub max_chars: usize,
    /// Worker threads. Default: the machine's.
    pub threads: Option<usize>,
}

impl Default for QueryParams {
    fn default() -> Self {
        Self {
            max_rows: 1_000_000,
            memory_bytes: 1 << 30,
            time: Duration::from_secs(60),
            max_chars: 20_000,
            threads: None,
        }
    }
}

/// Runs one reading statement (SELECT, WITH, VALUES, EXPLAIN, SHOW, DESCRIBE) over `sources` (name, source).
///
/// # Errors
/// A statement that is not read-only, names that do not exist (with the nearest that do), and limits that were passed.
pub fn query(sql: &str, sources: &[(String, Source)]) -> Result<ResultSet, SqlError> {
    query_with(sql, sources, &QueryParams::default())
}

/// As [`query`], with limits.
///
/// # Errors
/// As [`query`].
pub fn query_with(
    sql: &str,
    sources: &[(String, Source)],
    params: &QueryParams,
) -> Result<ResultSet, SqlError> {
    let reads = tables_read_with(sql, sources, params)?;
    let owned = sources::own(sources, &reads)?;
    let (sql, inner) = (sql.to_owned(), params.clone());
    run::on_own_stack(params, move || run::query(&sql, &owned, reads, &inner))
}

/// The sources that a query reads, by full name (`evidence.policies`, `trend.consensus`), without running it. The
/// licence gate asks before anything leaves.
///
/// # Errors
/// As [`query`], for what can be seen without running.
pub fn tables_read(sql: &str, sources: &[(String, Source)]) -> Result<BTreeSet<String>, SqlError> {
    tables_read_with(sql, sources, &QueryParams::default())
}

fn tables_read_with(
    sql: &str,
    sources: &[(String, Source)],
    params: &QueryParams,
) -> Result<BTreeSet<String>, SqlError> {
    let (sql, most) = (sql.to_owned(), params.max_chars);
    let names = sources
        .iter()
        .map(|(name, _)| sources::full_name(name))
        .collect();
    run::on_own_stack(params, move || {
        sources::read_by(&guard::statement(&sql, most)?, &names)
    })
}

/// All tables of the evidence as sources.
pub fn evidence_sources(evidence: &Evidence) -> Vec<(String, Source<'_>)> {
    evidence
        .tables
        .iter()
        .map(|(name, table)| (name.clone(), Source::Table(table)))
        .collect()
}
