use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;
use study::timeline::Format;
use study::{Amber, Moved, Node, open_run, roadmap_nodes, roadmap_timeline, roadmap_versions};

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
    let nodes = roadmap_nodes(&study, &run, args.stale)?;
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
        let mut lines: Vec<String> = Vec::new();
        for node in &nodes {
            let state = if node.amber.is_empty() {
                "green"
            } else {
                "amber"
            };
            lines.push(format!("{state}  {:<40} {}", node.id, dates(node)));
            lines.extend(node.amber.iter().map(|a| format!("         {}", show(a))));
        }
        if let Some(versions) = &versions {
            lines.push(format!(
                "{} → {}: {} moved",
                versions.from,
                versions.to,
                versions.moved.len()
            ));
            lines.extend(versions.moved.iter().map(|m| match m {
                Moved::Added { id } => format!("  {id}: new"),
                Moved::Removed { id } => format!("  {id}: gone"),
                Moved::Shifted { id, start, finish } => {
                    format!("  {id}: start {start:+.2}, finish {finish:+.2} years")
                }
            }));
            lines.extend(versions.because.iter().map(|c| {
                let cause = serde_json::to_string(c).unwrap_or_default();
                format!("  because {cause}")
            }));
        }
        lines.push(format!("{} nodes, {amber} amber", nodes.len()));
        lines.extend(
            args.out
                .iter()
                .map(|path| format!("written: {}", path.display())),
        );
        text(&lines.join("\n"));
    }
    Ok(if amber == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

/// Quarters of a stage with its P80; whole years of a target or a policy, which nobody schedules.
fn dates(node: &Node) -> String {
    let (start, finish) = (node.start, node.finish);
    match node.layer.as_str() {
        "market" | "policy" if finish > start => format!("{start:.0} to {:.0}", finish - 1.0),
        "market" | "policy" => format!("from {start:.0}"),
        _ => {
            let p80 = node.p80.map(|d| format!("{d:.2}"));
            let p80 = p80.unwrap_or_else(|| "not estimated".to_owned());
            format!("{start:.2} to {finish:.2}  P80 {p80}")
        }
    }
}

fn show(amber: &Amber) -> String {
    match amber {
        Amber::Changed { row, columns } => {
            format!("{row} changed since the run: {}", columns.join(", "))
        }
        Amber::Gone { row } => format!("{row} is no longer in the evidence"),
        Amber::Old { row, year } => format!("{row} speaks of {year}"),
        Amber::Nothing => "no evidence row stands behind it".to_owned(),
    }
}
