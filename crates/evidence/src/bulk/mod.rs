//! Large tables: from publishers' files to Parquet, and back as columns of numbers.
//!
//! Two tables are too large to be held as rows: `trade` (year, exporter, importer, product, value, quantity, reexport)
//! and `activity` (year, layer, location, activity, value). An import reads files in a known [`Format`] or by columns
//! that the user names, checks every row, and writes one Parquet file ([`import`]). [`read_trade`],
//! [`read_activity`] and [`read_long`] give columns; [`ColumnsWriter`] writes results of the same size.
//!
//! Start reading at [`import`](fn@import); what the program knows about publishers is data under `schema/bulk`.

mod codes;
mod columnar;
mod findings;
mod format;
mod gather;
mod groups;
mod import;
mod io_table;
mod judge;
mod keys;
mod lines;
mod long;
mod number;
mod open;
mod prepare;
mod recognise;
mod records;
mod report;
mod results;
mod scan;
mod sum;
mod table;
mod totals;
mod trade;

pub use columnar::CodeColumn;
pub use format::{BulkKind, CodeKind, Format, FormatColumn, LicenceRecord, Role};
pub use import::import;
pub use io_table::{read_io_table, write_io_table};
pub use long::{Gaps, LongTable, read_long};
pub use recognise::{ColumnMap, FileFacts, Recognised, recognise};
pub use report::{
    BulkError, Duplicates, Flow, ImportParams, ImportReport, InputFile, InputHash, LeftOut,
    Progress, PublishedTotal, YearTotal,
};
pub use results::{ColumnsWriter, MISSING, ResultColumn, ResultKind, write_columns};
pub use table::BulkTable;
pub use totals::read_totals;
pub use trade::{ActivityColumns, Filter, TradeColumns, read_activity, read_trade};
