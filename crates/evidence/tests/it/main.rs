//! The crate from outside: files in, findings, tables, hashes and answers out.
#![allow(clippy::unwrap_used, clippy::float_cmp)]

mod bad_files;
mod builtin;
mod bulk_columns;
mod bulk_forms;
mod bulk_import;
mod cells;
mod concordances;
mod downloads;
mod downloads_resumed;
mod forms;
mod gate;
mod headings;
mod helpers;
mod io_tables;
mod query;
mod random;
mod rules;
mod server;
mod stored;
