use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::print::{self, json_document};
use super::{Failure, Global};

#[derive(Debug, Args)]
pub struct Export {
    /// A table of the evidence (policies) or of the results (trend.lead)
    table: String,
    /// The file to write; .csv or .parquet
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// A run whose results are exported: its id, the beginning of it, or `latest`
    #[arg(long, default_value = "latest")]
    run: String,
}

pub fn run(global: &Global, args: &Export) -> Result<ExitCode, Failure> {
    let study = global.open()?;
    let export = study::export(&study, &args.run, &args.table, &args.out)?;
    if global.json {
        json_document(&json!({
            "schema": "forelay.export/1", "file": args.out, "rows": export.rows, "notices": export.notices,
        }));
    } else {
        print::lines(
            global,
            &[format!("{}: {} rows", args.out.display(), export.rows)],
        );
    }
    for notice in &export.notices {
        print::remark(global, notice);
    }
    Ok(ExitCode::SUCCESS)
}
