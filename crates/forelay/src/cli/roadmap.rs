use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use model::{Message, Names};
use serde_json::json;
use study::timeline::Format;
use study::{
    Amber, Cause, Moved, Node, evidence_of, open_run, roadmap_nodes, roadmap_timeline,
    roadmap_versions,
};

use super::print::{json_document, text};
use super::{Failure, Global};

#[derive(Debug, Args)]
pub struct RoadmapArgs {
    /// The run whose roadmap is meant: its id, the beginning of it, or `latest`
    #[arg(long, default_value = "latest")]
    run: String,
    /// Write it for another program: ms-project, taskjuggler, mermaid, icalendar, csv
    #[arg(long, value_name = "FORMAT", requires = "out")]
    export: Option<Format>,
    /// The file that --export writes
    #[arg(long, value_name = "FILE", requires = "export")]
    out: Option<PathBuf>,
    /// Evidence from longer ago than this, before the study's start year, turns a node amber
    #[arg(long, value_name = "YEARS", default_value_t = 10)]
    stale: i32,
    /// What moved since the roadmap of this run, and why
    #[arg(long, value_name = "RUN")]
    since: Option<String>,
}

pub fn run(global: &Global, args: &RoadmapArgs) -> Result<ExitCode, Failure> {
    let study = global.open()?;
    let run = open_run(&study, &args.run)?;
    let now = study.load()?.evidence;
    let nodes = roadmap_nodes(&run, &evidence_of(&study, &run)?, &now, args.stale)?;
    let versions = match &args.since {
        Some(earlier) => Some(roadmap_versions(&open_run(&study, earlier)?, &run)?),
        None => None,
    };
    if let (Some(format), Some(path)) = (args.export, &args.out) {
        let timeline = roadmap_timeline(&study, &run, &nodes, global.lang())?;
        study::write_file(path, timeline.render(format).as_bytes())?;
    }
    let amber = nodes.iter().filter(|n| !n.amber.is_empty()).count();
    if global.json {
        json_document(&json!({
            "schema": "forelay.roadmap/1", "run": run.manifest.id, "nodes": nodes, "amber": amber,
            "stale_years": args.stale, "versions": versions, "file": args.out,
        }));
    } else {
        let names = Names::default();
        let say = |message: Message| message.render(global.lang(), &names);
        let mut lines: Vec<String> = Vec::new();
        for node in &nodes {
            let state = if node.amber.is_empty() {
                "roadmap.state.green"
            } else {
                "roadmap.state.amber"
            };
            let state = say(Message::new(state));
            lines.push(format!("{state}  {:<40} {}", node.id, say(dates(node))));
            lines.extend((node.amber.iter()).map(|a| format!("         {}", say(show(a)))));
        }
        if let Some(versions) = &versions {
            let moved = Message::new("roadmap.versions")
                .with("from", versions.from.as_str())
                .with("to", versions.to.as_str())
                .with("n", versions.moved.len());
            lines.push(say(moved));
            lines.extend((versions.moved.iter()).map(|m| format!("  {}", say(change(m)))));
            lines.extend((versions.because.iter()).map(|c| format!("  {}", say(because(c)))));
        }
        let count = Message::new("roadmap.count")
            .with("n", nodes.len())
            .with("amber", amber);
        lines.push(say(count));
        lines.extend(args.out.iter().map(|path| {
            say(Message::new("roadmap.written").with("file", path.display().to_string()))
        }));
        text(&lines.join("\n"));
    }
    Ok(if amber == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

/// Quarters of a stage with its P80; whole years of a target or a policy, which nobody schedules.
fn dates(node: &Node) -> Message {
    match (node.shown_from, node.shown_until) {
        (Some(from), Some(until)) if until > from => Message::new("roadmap.years")
            .with("from", from.to_string())
            .with("until", until.to_string()),
        (Some(year), Some(_)) => Message::new("roadmap.year").with("year", year.to_string()),
        (Some(from), None) => Message::new("roadmap.since").with("from", from.to_string()),
        (None, _) => {
            let dated = match node.p80 {
                Some(p80) => Message::new("roadmap.stage").with("p80", format!("{p80:.2}")),
                None => Message::new("roadmap.stage.no_p80"),
            };
            dated
                .with("start", format!("{:.2}", node.start))
                .with("finish", format!("{:.2}", node.finish))
        }
    }
}

fn show(amber: &Amber) -> Message {
    match amber {
        Amber::Changed { row, columns } => Message::new("roadmap.amber.changed")
            .with("row", row.as_str())
            .with("columns", columns.join(", ")),
        Amber::Gone { row } => Message::new("roadmap.amber.gone").with("row", row.as_str()),
        Amber::Old { row, year } => Message::new("roadmap.amber.old")
            .with("row", row.as_str())
            .with("year", year.to_string()),
        Amber::Nothing => Message::new("roadmap.amber.nothing"),
    }
}

fn change(moved: &Moved) -> Message {
    match moved {
        Moved::Added { id } => Message::new("roadmap.moved.added").with("id", id.as_str()),
        Moved::Removed { id } => Message::new("roadmap.moved.removed").with("id", id.as_str()),
        Moved::Shifted { id, start, finish } => Message::new("roadmap.moved.shifted")
            .with("id", id.as_str())
            .with("start", format!("{start:+.2}"))
            .with("finish", format!("{finish:+.2}")),
    }
}

fn because(cause: &Cause) -> Message {
    match cause {
        Cause::Code { from, to } => Message::new("roadmap.because.code")
            .with("from", from.as_str())
            .with("to", to.as_str()),
        Cause::Parameter { path, from, to } => Message::new("roadmap.because.parameter")
            .with("path", path.as_str())
            .with("from", from.to_string())
            .with("to", to.to_string()),
        Cause::Evidence { table } => {
            Message::new("roadmap.because.evidence").with("table", table.as_str())
        }
        Cause::Step { step } => Message::new("roadmap.because.step").with("step", step.as_str()),
        Cause::OnlyIn { run } => Message::new("roadmap.because.only_in").with("run", run.as_str()),
    }
}
