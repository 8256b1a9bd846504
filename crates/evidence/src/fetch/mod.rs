//! Public data: where each source is had, under which licence, and how it comes here.
//!
//! [`catalogue`] lists the sources; its rows are data (`sources.csv`) and say of each fact whether it was read or
//! remembered. [`get`] downloads one file, and only when a person asked for this very file: nothing else in the program
//! opens a connection. A download
//!
//! - goes to `<file>.part` and gets its name when it is whole and its checksum is right;
//! - goes on where it stopped (`Range` with `If-Range`) if the server vouches that the file is the same, else starts over;
//! - waits and tries again when the server is busy or the line drops, a limited number of times;
//! - leaves `<file>.source.toml` beside the file: address, the server's date, size, checksums, licence.
//!
//! Addresses are HTTPS. Plain HTTP is taken only from this machine (127.0.0.1), where tests have their server.

mod address;
mod catalogue;
mod date;
mod error;
mod exchange;
mod get;
mod part;
mod record;

pub use catalogue::{Access, CatalogueError, Source, Terms, catalogue, source};
pub use error::FetchError;
pub use get::{
    Acceptance, Checksum, ChecksumError, Fetched, Limits, Outcome, Progress, Request, get,
};
pub use record::Record;
