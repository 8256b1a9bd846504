use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::print::{Reporter, json_document, text};
use super::{Failure, Global};

#[derive(Debug, Args)]
pub struct RunArgs {
    /// Steps to run with all they need; all steps where none is named
    #[arg(value_name = "STEP")]
    steps: Vec<String>,
    /// Lay variants/NAME.toml over the settings; such a run never becomes the latest
    #[arg(long, value_name = "NAME")]
    with: Option<String>,
}

pub fn run(global: &Global, args: &RunArgs) -> Result<ExitCode, Failure> {
    let mut study = global.open()?;
    if let Some(name) = &args.with {
        study = study.with_variant(name)?;
    }
    let reporter = Reporter::new(global);
    let run = study::run(&study, &args.steps, &|p| reporter.show(p))?;
    drop(reporter);
    if global.json {
        let evidence = study::evidence_of(&study, &run)?;
        let names = study::names(&evidence, &study.scenarios);
        let refusals: Vec<_> = run
            .outputs
            .values()
            .flat_map(|output| &output.refusals)
            .map(|refusal| study::refusal_json(refusal, global.lang(), &names))
            .collect();
        let tables: Vec<_> = run
            .outputs
            .values()
            .flat_map(|output| &output.tables)
            .map(|table| json!({ "table": table.name, "rows": table.rows.len() }))
            .collect();
        json_document(&json!({
            "schema": "forelay.run/1",
            "run": run.manifest.id,
            "folder": run.folder,
            "steps": run.manifest.steps.len(),
            "reused": run.reused,
            "tables": tables,
            "refusals": refusals,
        }));
    } else {
        text(&study::summary(&study, &run, global.lang())?);
    }
    Ok(ExitCode::SUCCESS)
}
