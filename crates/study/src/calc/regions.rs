//! `calc regions`: a regional layout with chain links and the proof of how good it is.

mod instance_file;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use layout::regions::{
    Certificate, Certified, CertifyParams, Ended, Unsolved, certified, check as prove,
};
use model::{Lang, Message, Names, Refusal, Seed};
use serde_json::{Value, json};

use super::CalcError;
use super::out::CalcReport;
use crate::engine::files::write_whole;
use instance_file::{InstanceFile, read};

pub use instance_file::NextDoor;

#[derive(Debug, Clone)]
pub struct RegionsArgs {
    pub instance: PathBuf,
    /// The schedule of work is made for it; the emergency stop too.
    pub time_limit: f64,
    pub seed: u64,
    pub next_door: NextDoor,
    pub out: PathBuf,
    /// `cluster,industry` by positions from 0.
    pub plan_csv: Option<PathBuf>,
    pub certificate: Option<PathBuf>,
}

#[derive(Debug, Clone)]
pub struct RegionsCheckArgs {
    pub instance: PathBuf,
    pub next_door: NextDoor,
    pub certificate: PathBuf,
}

/// Searches, and writes the plan, its lines and its certificate.
pub fn regions(args: &RegionsArgs, lang: Lang) -> Result<CalcReport, CalcError> {
    if !(args.time_limit.is_finite() && args.time_limit > 0.0) {
        return Err(CalcError::argument("--time-limit", "seconds above 0"));
    }
    let file = read(&args.instance, args.next_door)?;
    let params = CertifyParams {
        seed: Seed(args.seed),
        ..CertifyParams::within(args.time_limit, &file.instance)
    };
    let found = certified(&file.instance, &params).map_err(|u| unsolved(&u))?;
    let mut files = Vec::new();
    if let Some(path) = &args.certificate {
        let text = serde_json::to_string(&found.certificate)
            .map_err(|error| failed(path, &error.to_string()))?;
        write(path, &text, &mut files)?;
    }
    if let Some(path) = &args.plan_csv {
        write(path, &lines(&file, &found), &mut files)?;
    }
    let json = plan(args, &params, &found);
    write(&args.out, &format!("{json:#}\n"), &mut files)?;
    Ok(CalcReport {
        lines: vec![
            format!(
                "plan {}, bound {}, gap {:.3} %, neighbour score {}",
                found.objective,
                found.bound,
                100.0 * found.gap,
                found.neighbour_score
            ),
            ended(found.ended).render(lang, &Names::default()),
        ],
        json,
        files,
        refused: Vec::new(),
        found: 0,
    })
}

/// Proves a certificate again, without a solver.
pub fn regions_check(args: &RegionsCheckArgs) -> Result<CalcReport, CalcError> {
    let file = read(&args.instance, args.next_door)?;
    let unreadable = |problem: String| {
        CalcError::argument(
            "--check",
            format!("{}: {problem}", args.certificate.display()),
        )
    };
    let bytes = fs::read(&args.certificate).map_err(|e| unreadable(e.to_string()))?;
    let certificate: Certificate =
        serde_json::from_slice(&bytes).map_err(|e| unreadable(e.to_string()))?;
    match prove(&file.instance, &certificate) {
        Ok(checked) => {
            let gap = (checked.bound - checked.objective)
                / checked.objective.abs().max(f64::MIN_POSITIVE);
            Ok(CalcReport {
                json: json!({
                    "proved": true, "objective": checked.objective, "bound": checked.bound,
                    "gap": gap, "leaves": checked.leaves,
                }),
                files: Vec::new(),
                lines: vec![format!(
                    "proved: plan {}, bound {}, gap {:.3} %, {} cases",
                    checked.objective,
                    checked.bound,
                    100.0 * gap,
                    checked.leaves
                )],
                refused: Vec::new(),
                found: 0,
            })
        }
        Err(wrong) => Err(CalcError::Refused(Box::new(Refusal {
            code: "regions.certificate.refused".to_owned(),
            question: Message::new("regions.certificate.question"),
            reason: Message::new("regions.certificate.refused")
                .with("problems", Message::joined(&wrong)),
            needed: Message::new("regions.certificate.needed"),
        }))),
    }
}

fn ended(ended: Ended) -> Message {
    Message::new(match ended {
        Ended::Proved => "regions.ended.proved",
        Ended::Work => "regions.ended.work",
        Ended::Time => "regions.ended.time",
    })
}

fn unsolved(unsolved: &Unsolved) -> CalcError {
    let (code, needed) = match unsolved {
        Unsolved::Invalid(_) => (
            "regions.invalid_question",
            "regions.invalid_question.needed",
        ),
        Unsolved::Infeasible(_) => (
            "regions.infeasible",
            "regions.infeasible.needed_of_instance",
        ),
        Unsolved::Stopped(_) => ("regions.stopped_question", "regions.stopped"),
    };
    CalcError::Refused(Box::new(Refusal {
        code: code.to_owned(),
        question: Message::new("regions.question"),
        reason: Message::new(code).with("rules", Message::joined(&unsolved.messages())),
        needed: Message::new(needed),
    }))
}

fn plan(args: &RegionsArgs, params: &CertifyParams, found: &Certified) -> Value {
    json!({
        "format": "forelay-layout-plan/1",
        "instance": args.instance.file_name().map(|n| n.to_string_lossy().into_owned()),
        "objective": found.objective,
        "bound": found.bound,
        "gap": found.gap,
        "neighbour_score": found.neighbour_score,
        "counting": "a chain link counts once in each region (or circle) that hosts both ends",
        "ended": found.ended,
        "nodes": found.nodes,
        "work": params,
        "assignment": found.assignment,
        "leads": found.leads,
        "not_in_the_bound": if args.next_door == NextDoor::Kept {
            json!("next-door pairs over a border of regions are kept by the plan, and relaxed in the bound")
        } else {
            Value::Null
        },
    })
}

fn lines(file: &InstanceFile, found: &Certified) -> String {
    let mut text = String::from("cluster,industry\n");
    for (c, cluster) in file.clusters.iter().enumerate() {
        let hosted = found.assignment.get(cluster);
        for (i, industry) in file.industries.iter().enumerate() {
            if hosted.is_some_and(|h| h.contains(industry)) {
                let _ = writeln!(text, "{c},{i}");
            }
        }
    }
    text
}

fn write(path: &Path, text: &str, files: &mut Vec<PathBuf>) -> Result<(), CalcError> {
    write_whole(path, text.as_bytes()).map_err(|error| failed(path, &error.to_string()))?;
    files.push(path.to_owned());
    Ok(())
}

fn failed(path: &Path, problem: &str) -> CalcError {
    CalcError::Write {
        doing: "write",
        path: path.display().to_string(),
        problem: problem.to_owned(),
    }
}
