//! `calc schedule`: the best schedule of a project file, its bound, and files for other programs.

mod lines;
mod progen_max;
mod psplib;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use layout::roadmap::project::{
    Anchor, Gap, Plan, Project, SolveError, SolveParams, Solved, Status, Stop, check, solve,
};
use model::{Lang, Message, Seed};
use serde_json::{Map, Value, json};

use super::CalcError;
use super::out::CalcReport;
use crate::timeline::{Date, Format, Item, Link, LinkKind, Timeline};
use lines::{Lines, Named};

#[derive(Debug, Clone)]
pub struct ScheduleArgs {
    pub file: PathBuf,
    /// Seconds after which the search stops early; the answer then depends on the machine and says so.
    pub time_limit: Option<f64>,
    /// Conflicts of each search; the library's default where neither this nor a time limit is given.
    pub conflicts: Option<u64>,
    pub schedules: Option<u64>,
    pub seed: u64,
    /// Where to write the report.
    pub out: Option<PathBuf>,
    /// A file for another program.
    pub export: Option<(Format, PathBuf)>,
    /// The day of time 0 in exports.
    pub start: Date,
}

/// Schedules the project of a file.
pub fn schedule(args: &ScheduleArgs, _lang: Lang) -> Result<CalcReport, CalcError> {
    let named = read(&args.file)?;
    let project = &named.project;
    let mut params = SolveParams::default();
    if args.time_limit.is_some() {
        (params.conflicts, params.schedules) = (u64::MAX, u64::MAX);
    }
    params.conflicts = args.conflicts.unwrap_or(params.conflicts);
    params.schedules = args.schedules.unwrap_or(params.schedules);
    let limit = match args.time_limit {
        Some(seconds) if !(0.0..1e7).contains(&seconds) => {
            return Err(CalcError::argument(
                "--time-limit",
                "seconds lie between 0 and 1e7",
            ));
        }
        seconds => seconds.map(Duration::from_secs_f64),
    };
    let begun = Instant::now();
    let late = || limit.is_some_and(|limit| begun.elapsed() >= limit);
    let solved = solve(project, &params, Seed(args.seed), &late)
        .map_err(|error| unsolved(&args.file, error))?;
    let json = report(&args.file, &named, &solved, begun.elapsed(), args, &params);
    let mut files = Vec::new();
    if let (Some((format, path)), Some(plan)) = (&args.export, &solved.plan) {
        let timeline = timeline(&args.file, &named, plan, args.start);
        write(path, timeline.render(*format).as_bytes())?;
        files.push(path.clone());
    }
    if let Some(path) = &args.out {
        write(path, format!("{json:#}\n").as_bytes())?;
        files.push(path.clone());
    }
    let word = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let mut lines = vec![format!("status: {}", word(&json["status"]))];
    if let (Some(makespan), Some(gap)) = (solved.makespan, solved.gap()) {
        lines.push(format!(
            "makespan: {makespan}, lower bound {}, gap {:.2} %",
            solved.lower_bound,
            100.0 * gap
        ));
    } else if solved.status != Status::Infeasible {
        lines.push(format!("lower bound: {}", solved.lower_bound));
    }
    lines.push(format!(
        "stopped: {}; {} conflicts, {} schedules",
        word(&json["stop"]),
        solved.conflicts,
        solved.schedules
    ));
    Ok(CalcReport {
        json,
        files,
        lines,
        refused: refused(&named, &solved),
        found: 0,
    })
}

fn read(path: &Path) -> Result<Named, CalcError> {
    let file = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| CalcError::Argument {
        argument: "FILE",
        problem: format!("{file} cannot be read: {error}"),
        help: Some("name a .sm, .mm or .sch file".to_owned()),
    })?;
    let mut lines = Lines::new(&file, &String::from_utf8_lossy(&bytes));
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    let named = match ending.to_lowercase().as_str() {
        "sm" | "mm" => psplib::read(&mut lines),
        "sch" => progen_max::read(&mut lines),
        _ => {
            let expected = Message::new("check.schedule.kind");
            lines.push(None, "kind", ending.into_owned(), expected);
            None
        }
    };
    if let Some(named) = &named
        && lines.findings.is_empty()
    {
        for flaw in named.project.flaws() {
            let expected = Message::new("check.schedule.range").with("flaw", flaw.to_string());
            lines.push(None, "range", String::new(), expected);
        }
    }
    match named {
        Some(named) if lines.findings.is_empty() => Ok(named),
        _ => {
            if lines.findings.is_empty() {
                lines.ends(0, "", 0, 1);
            }
            Err(CalcError::Input {
                file,
                findings: lines.findings,
            })
        }
    }
}

fn unsolved(file: &Path, error: SolveError) -> CalcError {
    match error {
        SolveError::Flawed(flaws) => {
            let all: Vec<String> = flaws.iter().map(ToString::to_string).collect();
            CalcError::argument("FILE", format!("{}: {}", file.display(), all.join("; ")))
        }
        broken @ SolveError::Broken(_) => CalcError::argument("FILE", broken.to_string()),
    }
}

fn report(
    file: &Path,
    named: &Named,
    solved: &Solved,
    took: Duration,
    args: &ScheduleArgs,
    params: &SolveParams,
) -> Value {
    let by_name = |value: &dyn Fn(usize, &Plan) -> Value| {
        solved.plan.as_ref().map(|plan| {
            let each = named.project.activities.iter().enumerate();
            let pairs = each.map(|(j, a)| (a.name.clone(), value(j, plan)));
            Value::Object(pairs.collect::<Map<String, Value>>())
        })
    };
    let several = named.project.activities.iter().any(|a| a.modes.len() > 1);
    let limit = |n: u64| (n != u64::MAX).then_some(n);
    json!({
        "schema": "forelay.calc.schedule/1",
        "file": file.display().to_string(),
        "status": solved.status,
        "makespan": solved.makespan,
        // No schedule, no bound on its length.
        "lower_bound": (solved.status != Status::Infeasible).then_some(solved.lower_bound),
        "gap": solved.gap(),
        "stop": solved.stop,
        "starts": by_name(&|j, plan| plan.starts[j].into()),
        "modes": if several { by_name(&|j, plan| (plan.modes[j] + 1).into()) } else { None },
        "circle": solved.circle.iter().map(|j| j + named.first).collect::<Vec<_>>(),
        // Recomputed by the independent checker, not carried over.
        "rules_broken": solved.plan.as_ref().map(|plan| check(&named.project, plan).len()),
        "activities": named.project.activities.len(),
        "horizon": named.project.latest_finish(),
        "work": { "conflicts": solved.conflicts, "schedules": solved.schedules },
        "limits": {
            "conflicts": limit(params.conflicts), "schedules": limit(params.schedules),
            "seconds": args.time_limit, "seed": args.seed,
        },
        "seconds": took.as_secs_f64(),
    })
}

/// What there is to say beyond a schedule.
fn refused(named: &Named, solved: &Solved) -> Vec<String> {
    match solved.status {
        Status::Optimal | Status::Feasible => Vec::new(),
        Status::Infeasible if !solved.circle.is_empty() => {
            let circle: Vec<String> = solved
                .circle
                .iter()
                .map(|j| (j + named.first).to_string())
                .collect();
            vec![format!(
                "infeasible: the lags around {} cannot all be kept",
                circle.join(" → ")
            )]
        }
        Status::Infeasible => vec![format!(
            "infeasible: proved that no schedule up to time {} keeps every rule",
            named.project.latest_finish()
        )],
        Status::Unknown => vec![format!(
            "unknown: neither a schedule nor a proof that there is none; {}",
            if solved.stop == Stop::WallLimit {
                "give a larger --time-limit"
            } else {
                "give more --conflicts"
            }
        )],
    }
}

fn timeline(file: &Path, named: &Named, plan: &Plan, start: Date) -> Timeline {
    let project: &Project = &named.project;
    let duration = |j: usize| project.activities[j].modes[plan.modes[j]].duration;
    let end = plan.makespan(project);
    let mut items: Vec<Item> = (0..project.activities.len())
        .map(|j| Item {
            id: format!("a{}", j + named.first),
            name: project.activities[j].name.clone(),
            group: "project".to_owned(),
            start: start.plus(plan.starts[j]),
            finish: start.plus(plan.starts[j] + duration(j)),
            // Without slack by precedence alone; those that wait for resources are not marked.
            critical: plan.starts[j] + duration(j) == end,
            note: String::new(),
            after: Vec::new(),
        })
        .collect();
    for lag in &project.lags {
        let kind = match lag.anchor {
            Anchor::Start => LinkKind::StartToStart,
            Anchor::Finish => LinkKind::FinishToStart,
        };
        // Maximum lags have no counterpart in most formats: the dates keep them, the links do not show them.
        if let Gap::AtLeast(days) = lag.gap
            && days >= 0
        {
            items[lag.to].after.push(Link {
                to: lag.from,
                kind,
                days,
            });
        }
    }
    Timeline {
        title: file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        items,
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), CalcError> {
    crate::engine::files::write_whole(path, bytes).map_err(|error| CalcError::Write {
        doing: "write",
        path: path.display().to_string(),
        problem: error.to_string(),
    })
}
