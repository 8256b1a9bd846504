use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use model::{Message, Names};
use serde_json::json;
use study::open_run;

use super::print::{json_document, text};
use super::{Failure, Global};

#[derive(Debug, Args)]
pub struct PackageArgs {
    /// A run: its id, the beginning of it, or `latest`
    #[arg(default_value = "latest")]
    run: String,
    /// The archive to write, a .zip
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub fn run(global: &Global, args: &PackageArgs) -> Result<ExitCode, Failure> {
    if args
        .out
        .extension()
        .is_none_or(|e| !e.eq_ignore_ascii_case("zip"))
    {
        return Err(Failure::new(format!(
            "{}: a package is written as .zip",
            args.out.display()
        ))
        .with_help("for example --out package.zip; nothing was written"));
    }
    let study = global.open()?;
    let run = open_run(&study, &args.run)?;
    let package = study::package(&study, &run, global.lang(), &args.out)?;
    if global.json {
        json_document(&json!({
            "schema": "forelay.package/1",
            "run": run.manifest.id,
            "file": args.out,
            "files": package.files,
            "rows": package.rows,
            "withheld_rows": package.withheld,
        }));
    } else {
        let message = Message::new("cli.package")
            .with("file", args.out.display().to_string())
            .with("files", package.files)
            .with("rows", package.rows)
            .with("withheld", package.withheld);
        text(&message.render(global.lang(), &Names::default()));
    }
    Ok(ExitCode::SUCCESS)
}
