//! Input–output tables: flows between industries, final demand and output, from the forms in which they are published.
//!
//! A folder holds `Z` and `Y`, optionally `x` and `VA`, with any prefix (`wiot_2011_Z.parquet`, `Z.csv`), as CSV, TSV,
//! Parquet or a workbook, plain, gzip or zstd; or one wide table (OECD ICIO, FIGARO, WIOD 2016, national tables), or
//! FIGARO's flat file. Labels stand in the first column and in the first row, in one, two or three levels.
//!
//! A missing cell is not a zero: it is refused unless [`Empty::Zero`] is asked for. Orientation and order are
//! checked by labels; what was put right is said in [`IoFiles::notes`].

mod assemble;
mod find;
mod flat;
mod fold;
mod grid;
mod labels;
mod layout;
mod parts;
mod stored;
mod wide;

use std::path::{Path, PathBuf};

use model::{Diagnostic, Message};

use crate::read::ReadOptions;

pub use layout::Layout;
pub use stored::{Flows, from_flows, to_flows};

/// Name of an industry, an imported product or a category of final demand.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label {
    /// As in the file; the levels of a label in several levels are joined by `_`.
    pub text: String,
    /// Empty where the table has no regions.
    pub region: String,
    /// Industry or category without its region.
    pub name: String,
}

/// Imports of a table that keeps them apart: what industries and final users buy from abroad, by product.
#[derive(Debug, Clone, PartialEq)]
pub struct Imports {
    pub products: Vec<Label>,
    /// Row-major, products × industries.
    pub z: Vec<f64>,
    /// Row-major, products × categories of final demand.
    pub y: Vec<f64>,
}

/// Where the numbers were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IoSource {
    pub file: String,
    /// BLAKE3 of the file's bytes, in hex.
    pub blake3: String,
}

/// An input–output table as it was published.
#[derive(Debug, Clone, PartialEq)]
pub struct IoFiles {
    pub layout: Layout,
    pub industries: Vec<Label>,
    /// Categories of final demand, by region where the table has regions.
    pub finals: Vec<Label>,
    /// Row-major, sellers × buyers, in `unit`.
    pub z: Vec<f64>,
    /// Row-major, sellers × categories of final demand.
    pub y: Vec<f64>,
    /// Output as given; `None` where only Z and Y are.
    pub x: Option<Vec<f64>>,
    /// Value added as given.
    pub value_added: Option<Vec<f64>>,
    /// Imports that no industry of the table sells.
    pub imports: Option<Imports>,
    /// Empty where the file does not say.
    pub unit: String,
    pub sources: Vec<IoSource>,
    /// Why numbers from this table may not leave the house; `None` where the layout says nothing of it.
    pub gate: Option<Message>,
    /// What a reader has to know: what was put right, left out or could not be judged.
    pub notes: Vec<Diagnostic>,
}

/// What a cell without a number means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Empty {
    /// A finding with file, row and column.
    #[default]
    Refuse,
    /// Nothing is sold; the number of such cells is noted.
    Zero,
}

/// How a table is read.
#[derive(Debug, Clone, Default)]
pub struct IoOptions {
    /// Which table of a folder with several: what stands before `Z` in the file name, as in `wiot_2011`.
    pub prefix: Option<String>,
    pub empty: Empty,
    pub read: ReadOptions,
}

/// Reads a folder or a single file.
///
/// # Errors
/// Every finding that keeps the table from being read; at least one is an error.
pub fn read_io(path: &Path, options: &IoOptions) -> Result<IoFiles, Vec<Diagnostic>> {
    if path.is_dir() {
        read_folder(path, options)
    } else {
        wide::read(&[path.to_owned()], options)
    }
}

/// Reads the table in `folder`.
///
/// # Errors
/// As [`read_io`].
pub fn read_folder(folder: &Path, options: &IoOptions) -> Result<IoFiles, Vec<Diagnostic>> {
    match find::find(folder, options.prefix.as_deref())? {
        find::Found::Parts(parts) => parts::read(&parts, options),
        find::Found::Single(file) => wide::read(&[file], options),
    }
}

/// The files of one table in a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Parts {
    z: Option<PathBuf>,
    /// Coefficients, where the folder has no flows.
    a: Option<PathBuf>,
    y: Option<PathBuf>,
    x: Option<PathBuf>,
    value_added: Option<PathBuf>,
    unit: Option<PathBuf>,
    /// `file_parameters.json` or `metadata.json` of pymrio.
    saved: Option<PathBuf>,
}
