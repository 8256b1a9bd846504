//! The evidence: tables that people keep, read, checked, stored and asked.
//!
//! Reads CSV, Parquet and spreadsheets ([`read_raw`]), proposes which foreign column means what ([`propose`]), checks
//! every cell against schemas that are themselves data and reports all problems at once ([`check`]), holds the
//! good rows ([`Evidence`]), guards licences ([`export_gate`]), keeps tables in a content-addressed Parquet store
//! ([`store`]) and answers SQL ([`sql::query`]). Converts values between classifications ([`concordance`]), knows where
//! public data are had and under which licence, and downloads them when a person says so ([`fetch`]).
//!
//! Deliberately knows nothing about methods, studies, pages or terminals; no other crate names `DataFusion`.
//!
//! Start reading at [`schema`]: the files under `schema/` decide what the rest of the crate does. Then
//! [`mod@check`], one small function for each rule.

pub mod bulk;
pub mod check;
mod codes;
pub mod concordance;
mod exact_sum;
pub mod fetch;
mod finding;
pub mod io;
pub mod licence;
pub mod mapping;
mod read;
pub mod schema;
pub mod sql;
pub mod store;
mod suggest;
mod table;

pub use check::{CheckParams, Checked, check, check_folder};
pub use codes::CODES;
pub use licence::{Notice, Refused, export_gate, may_leave};
pub use mapping::{Mapping, Proposal, propose};
pub use read::{Corner, Format, RawRow, RawTable, ReadOptions, read_bytes, read_raw};
pub use schema::{ColumnSchema, ColumnType, Reference, Schema, TableSchema, schema_page};
pub use store::LockEntry;
pub use table::{Confidence, Evidence, Record, Table, Value};
