use std::process::ExitCode;

use clap::Args;
use study::{Cause, Change, diff, open_run};

use super::print::{json_document, text};
use super::{Failure, Global};

#[derive(Debug, Args)]
pub struct DiffArgs {
    /// A run: its id, the beginning of it, or `latest`
    a: String,
    /// The run to compare it with
    b: String,
    /// Changed numbers shown per step
    #[arg(long, default_value_t = 10, value_name = "N")]
    most: usize,
}

pub fn run(global: &Global, args: &DiffArgs) -> Result<ExitCode, Failure> {
    let study = global.open()?;
    let found = diff(&open_run(&study, &args.a)?, &open_run(&study, &args.b)?);
    let same = found.steps.is_empty();
    if global.json {
        let mut value = serde_json::to_value(&found).map_err(|e| Failure::new(e.to_string()))?;
        value["schema"] = "forelay.diff/1".into();
        json_document(&value);
    } else if same {
        text(&format!("{} and {}: no difference", found.from, found.to));
    } else {
        let mut lines = vec![format!("{} → {}", found.from, found.to)];
        for step in &found.steps {
            lines.push(format!("{}: {} changes", step.step, step.changes.len()));
            lines.extend(
                step.because
                    .iter()
                    .map(|cause| format!("  because {}", show_cause(cause))),
            );
            lines.extend(
                step.changes
                    .iter()
                    .take(args.most)
                    .map(|c| format!("  {}", show_change(c))),
            );
            if step.changes.len() > args.most {
                lines.push(format!("  … and {} more", step.changes.len() - args.most));
            }
        }
        text(&lines.join("\n"));
    }
    Ok(if same {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

fn show_cause(cause: &Cause) -> String {
    match cause {
        Cause::Code { from, to } => format!("the program changed ({from} → {to})"),
        Cause::Parameter { path, from, to } => format!("{path}: {from} → {to}"),
        Cause::Evidence { table } => format!("the evidence table {table} changed"),
        Cause::Step { step } => format!("{step} came out different"),
        Cause::OnlyIn { run } => format!("only run {run} has this step"),
    }
}

fn show_change(change: &Change) -> String {
    match change {
        Change::Row { id, only_in } => format!("{id} only in {only_in}"),
        Change::Number { id, from, to } => {
            format!("{id}: {} → {}", study::plain(from), study::plain(to))
        }
    }
}
