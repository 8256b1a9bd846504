use std::process::ExitCode;

use clap::Args;
use model::Message;
use study::{Cause, Change, Passage, StepDiff, changed, diff, evidence_of, names, open_run};

use super::print::{self, json_document};
use super::{Failure, Global};

#[derive(Debug, Args)]
pub struct DiffArgs {
    /// A run: its id, the beginning of it, or `latest`
    a: String,
    /// The run to compare it with
    b: String,
    /// List what each step computed again, with the first N of its changed numbers by id
    #[arg(long, value_name = "N")]
    most: Option<usize>,
}

pub fn run(global: &Global, args: &DiffArgs) -> Result<ExitCode, Failure> {
    let study = global.open()?;
    let (a, b) = (open_run(&study, &args.a)?, open_run(&study, &args.b)?);
    let found = diff(&a, &b);
    let evidence = evidence_of(&study, &b)?;
    let names = names(&evidence, &b.manifest.scenarios);
    let lang = global.lang();
    let plan = changed(&a, &b, &evidence, &names);
    let same = found.steps.is_empty();
    if global.json {
        let mut value = serde_json::to_value(&found).map_err(|e| Failure::new(e.to_string()))?;
        value["schema"] = "forelay.diff/1".into();
        value["plan"] = serde_json::to_value(&plan).map_err(|e| Failure::new(e.to_string()))?;
        let passages = plan.passages(lang, &names);
        value["passages"] =
            serde_json::to_value(&passages).map_err(|e| Failure::new(e.to_string()))?;
        json_document(&value);
    } else if same {
        print::lines(
            global,
            &[format!("{} and {}: no difference", found.from, found.to)],
        );
    } else {
        let marks = format!("{} → {}", a.manifest.mark(lang), b.manifest.mark(lang));
        let mut lines = vec![marks, String::new()];
        // Which tables differ is said with what differs in them.
        let passages = plan.passages(lang, &names).into_iter();
        let told = passages.filter(|p| args.most.is_some() || p.about != "tables");
        lines.extend(told.flat_map(|passage| in_lines(&passage)));
        if let Some(most) = args.most {
            lines.push(Message::new("changed.technical").render(lang, &names));
            lines.extend(found.steps.iter().flat_map(|step| of_step(step, most)));
        } else {
            let count = Message::new("changed.countable")
                .with(
                    "n",
                    found.steps.iter().map(|s| s.changes.len()).sum::<usize>(),
                )
                .with("steps", found.steps.len());
            lines.push(count.render(lang, &names));
        }
        print::lines(global, &lines);
    }
    Ok(if same {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

/// The heading, its lines below it, and an empty one.
fn in_lines(passage: &Passage) -> Vec<String> {
    let mut lines = vec![passage.heading.clone()];
    lines.extend(passage.lines.iter().map(|line| format!("  {line}")));
    lines.push(String::new());
    lines
}

/// Why a step was computed again, and the first of its changed numbers.
fn of_step(step: &StepDiff, most: usize) -> Vec<String> {
    let mut lines = vec![format!("{}: {} changes", step.step, step.changes.len())];
    let because = step.because.iter();
    lines.extend(because.map(|cause| format!("  because {}", show_cause(cause))));
    let changes = step.changes.iter().take(most);
    lines.extend(changes.map(|change| format!("  {}", show_change(change))));
    if step.changes.len() > most {
        lines.push(format!("  … and {} more", step.changes.len() - most));
    }
    lines
}

fn show_cause(cause: &Cause) -> String {
    match cause {
        Cause::Code { from, to } => format!("the program changed ({from} → {to})"),
        Cause::Parameter { path, from, to } => {
            format!("{path}: {} → {}", short(from), short(to))
        }
        Cause::Evidence { table } => format!("the evidence table {table} changed"),
        Cause::Step { step } => format!("{step} came out different"),
        Cause::OnlyIn { run } => format!("only run {run} has this step"),
    }
}

/// A setting on one line; a long one by its beginning.
fn short(value: &impl std::fmt::Display) -> String {
    const MOST: usize = 80;
    let text = value.to_string();
    let mut kept: String = text.chars().take(MOST).collect();
    if kept.len() < text.len() {
        kept.push('…');
    }
    kept
}

fn show_change(change: &Change) -> String {
    match change {
        Change::Row { id, only_in } => format!("{id} only in {only_in}"),
        Change::Number { id, from, to } => {
            format!("{id}: {} → {}", study::plain(from), study::plain(to))
        }
    }
}
