use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use model::{Message, Names};
use serde_json::json;
use study::open_run;

use super::print::{json_document, text};
use super::{Failure, Global};

#[derive(Debug, Args)]
pub struct ReportArgs {
    /// A run: its id, the beginning of it, or `latest`
    #[arg(default_value = "latest")]
    run: String,
    /// Where to write it (default: reports/ in the study folder)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub fn run(global: &Global, args: &ReportArgs) -> Result<ExitCode, Failure> {
    let study = global.open()?;
    let run = open_run(&study, &args.run)?;
    let report = study::report(&study, &run, global.lang(), args.out.as_deref())?;
    if global.json {
        json_document(&json!({
            "schema": "forelay.report/1",
            "run": run.manifest.id,
            "file": report.path,
            "withheld_rows": report.withheld,
        }));
    } else {
        let message = Message::new("cli.report").with("file", report.path.display().to_string());
        text(&message.render(global.lang(), &Names::default()));
    }
    Ok(ExitCode::SUCCESS)
}
