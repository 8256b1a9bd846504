use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::print::{self, json_document, text};
use super::{Failure, Global};

#[derive(Debug, Args)]
pub struct Sql {
    /// The query, e.g. 'select * from policies limit 5' or 'select * from trend.lead'
    query: String,
    /// A run whose results are queried: its id, the beginning of it, or `latest`
    #[arg(long, default_value = "latest")]
    run: String,
    /// Write the rows to a CSV file; refused where a source forbids it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub fn run(global: &Global, args: &Sql) -> Result<ExitCode, Failure> {
    let study = global.open()?;
    let rows = study::sql(&study, &args.run, &args.query, args.out.as_deref())?;
    if global.json {
        json_document(&json!({
            "schema": "forelay.sql/1", "columns": rows.columns, "rows": rows.json(), "notices": rows.notices,
        }));
    } else if args.out.is_none() {
        text(&rows.aligned(global.lang()));
    }
    for notice in &rows.notices {
        print::remark(global, notice);
    }
    Ok(ExitCode::SUCCESS)
}
