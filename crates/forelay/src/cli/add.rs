use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::print::{diagnostic_json, diagnostic_text, json_document, text};
use super::{Failure, Global};

#[derive(Debug, Args)]
pub struct Add {
    /// CSV or TSV (also .gz, .zst), Parquet, XLSX or ODS
    file: PathBuf,
    /// The table it becomes
    #[arg(long = "as", value_name = "TABLE")]
    table: String,
    /// Sheet of a spreadsheet
    #[arg(long)]
    sheet: Option<String>,
    /// Columns that the proposal should take as given, e.g. --map share_pct=Anteil
    #[arg(long = "map", value_name = "COLUMN=HEADING")]
    maps: Vec<String>,
    /// Set aside the file that gives the table now
    #[arg(long)]
    replace: bool,
}

pub fn run(global: &Global, args: &Add) -> Result<ExitCode, Failure> {
    let study = global.open()?;
    let added = study::add(
        &study,
        &args.file,
        &args.table,
        args.sheet.as_deref(),
        &args.maps,
        if args.replace {
            study::Given::Replace
        } else {
            study::Given::Keep
        },
    )?;
    let lang = global.lang();
    if global.json {
        let findings: Vec<_> = added
            .diagnostics
            .iter()
            .map(|d| diagnostic_json(d, lang))
            .collect();
        json_document(&json!({
            "schema": "forelay.add/1",
            "table": args.table,
            "rows": added.rows,
            "columns": added.columns,
            "unmapped": added.unmapped,
            "missing": added.missing,
            "written": added.written,
            "findings": findings,
        }));
    } else {
        let mut lines: Vec<String> = added
            .diagnostics
            .iter()
            .map(|d| diagnostic_text(d, lang))
            .collect();
        for (column, heading, confidence) in &added.columns {
            lines.push(format!(
                "  {column:<24} ← {heading}  ({:.0} %)",
                confidence * 100.0
            ));
        }
        for heading in &added.unmapped {
            lines.push(format!("  {:<24}   {heading}", "(not used)"));
        }
        for column in &added.missing {
            lines.push(format!(
                "  {column:<24} ← ?  required; say which column: --map {column}=HEADING"
            ));
        }
        lines.push(if added.written {
            format!("{} rows; the mapping is written to study.toml, forelay check reads the file with it", added.rows)
        } else {
            "nothing was written: required columns are missing".to_owned()
        });
        text(&lines.join("\n"));
    }
    Ok(if added.written {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}
