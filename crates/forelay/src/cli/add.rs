use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::print::{self, diagnostic_json, diagnostic_text, json_document};
use super::{Failure, Global};

#[derive(Debug, Args)]
pub struct Add {
    /// CSV or TSV (also .gz, .zst), Parquet, XLSX or ODS; for `trade` and `activity` also archives, and several files; for
    /// `io` a folder with Z and Y
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The table it becomes; `trade` and `activity` are large tables that stay in Parquet
    #[arg(long = "as", value_name = "TABLE")]
    table: String,
    /// Sheet of a spreadsheet
    #[arg(long)]
    sheet: Option<String>,
    /// Columns that the proposal should take as given, e.g. --map share_pct=Anteil
    #[arg(long = "map", value_name = "COLUMN=HEADING")]
    maps: Vec<String>,
    /// Source of a large table: an id of the table `sources`
    #[arg(long, value_name = "ID")]
    source: Option<String>,
    /// Format of a large table, where its headings do not say
    #[arg(long, value_name = "ID")]
    format: Option<String>,
    /// Headings of a large table of your own: exporter=…,importer=…,product=…,value=…,year=… or location=…,activity=…
    #[arg(long, value_name = "ROLE=HEADING,…")]
    columns: Option<String>,
    /// Layer of an activity table, such as patents or employment
    #[arg(long)]
    layer: Option<String>,
    /// Year of an input–output table, where its files do not name it
    #[arg(long, value_name = "YEAR")]
    year: Option<i32>,
    /// Which input–output table of a folder with several, such as wiot_2011
    #[arg(long, value_name = "PREFIX")]
    prefix: Option<String>,
    /// Add up rows of a large table that share a key
    #[arg(long)]
    sum_duplicates: bool,
    /// Set aside the file that gives the table now
    #[arg(long)]
    replace: bool,
}

pub fn run(global: &Global, args: &Add) -> Result<ExitCode, Failure> {
    let study = global.open()?;
    let given = if args.replace {
        study::Given::Replace
    } else {
        study::Given::Keep
    };
    if let Some(kind) = study::large_kind(&args.table) {
        return large(global, args, &study, kind, given);
    }
    let [file] = args.files.as_slice() else {
        return Err(Failure::new(format!(
            "the table {} comes from one file, {} were named",
            args.table,
            args.files.len()
        )));
    };
    let added = study::add(
        &study,
        file,
        &args.table,
        args.sheet.as_deref(),
        &args.maps,
        given,
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
        print::lines(global, &lines);
    }
    Ok(if added.written {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

fn large(
    global: &Global,
    args: &Add,
    study: &study::Study,
    kind: study::BulkKind,
    given: study::Given,
) -> Result<ExitCode, Failure> {
    let Some(source) = args.source.clone() else {
        return Err(Failure::new(format!("the table {} needs its source", args.table))
            .with_help("name a row of evidence/sources with --source ID; its licence goes with every number"));
    };
    if kind == study::BulkKind::Io {
        return io(global, args, study, source, given);
    }
    let add = study::AddLarge {
        files: args.files.clone(),
        source,
        format: args.format.clone(),
        columns: args.columns.clone(),
        layer: args.layer.clone(),
        sum_duplicates: args.sum_duplicates,
    };
    let report = study::add_large(study, kind, &add, given)?;
    let lang = global.lang();
    if global.json {
        json_document(&json!({ "schema": "forelay.add_large/1", "import": report }));
        return Ok(ExitCode::SUCCESS);
    }
    let mut lines: Vec<String> = report
        .diagnostics
        .iter()
        .map(|d| diagnostic_text(d, lang))
        .collect();
    lines.extend(report.years.iter().map(|year| {
        format!(
            "  {}  {} rows, total value {:.6e}{}",
            year.year,
            year.rows,
            year.value,
            if year.provisional {
                ", provisional"
            } else {
                ""
            }
        )
    }));
    lines.push(format!(
        "{} rows of {} from {} ({}); licence: {}",
        report.rows,
        args.table,
        report.table.format,
        report.release.as_deref().unwrap_or("no edition stated"),
        report.licence.licence
    ));
    print::lines(global, &lines);
    Ok(ExitCode::SUCCESS)
}

fn io(
    global: &Global,
    args: &Add,
    study: &study::Study,
    source: String,
    given: study::Given,
) -> Result<ExitCode, Failure> {
    let [path] = args.files.as_slice() else {
        return Err(Failure::new(
            "an input–output table comes from one folder or one file".to_owned(),
        ));
    };
    let add = study::AddIo {
        path: path.clone(),
        prefix: args.prefix.clone(),
        year: args.year,
        source,
    };
    let (table, files) = study::add_io(study, &add, given)?;
    let lang = global.lang();
    if global.json {
        json_document(&json!({
            "schema": "forelay.add_io/1", "table": table, "industries": files.industries.len(),
            "findings": files.notes.iter().map(|d| diagnostic_json(d, lang)).collect::<Vec<_>>(),
        }));
        return Ok(ExitCode::SUCCESS);
    }
    let mut lines: Vec<String> = files
        .notes
        .iter()
        .map(|d| diagnostic_text(d, lang))
        .collect();
    lines.push(format!(
        "{} flows between {} industries as the table io of {:?}, unit {}",
        table.rows,
        files.industries.len(),
        table.years,
        table.unit
    ));
    print::lines(global, &lines);
    Ok(ExitCode::SUCCESS)
}
