//! `calc regions`: a regional layout with chain links and the proof of how good it is.

mod instance_file;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use layout::regions::{
    Alternatives, AlternativesParams, Answers, Certificate, Certified, CertifyParams, Ended,
    Neighbourly, RulePrice, RulesFrom, Unsolved, Wishes, Worth, certified_telling, check as prove,
    coupled_price_of_rules,
};
use model::{Cluster, Industry, Lang, Message, Names, Quantity, Refusal, Seed};
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
    pub also: Also,
}

/// What is asked besides the plan. Each takes time beyond the limit.
#[derive(Debug, Clone, Default)]
pub struct Also {
    /// `CLUSTER,INDUSTRY` by their ids: why it is, or is not, in the plan.
    pub why: Vec<String>,
    /// A cluster's ids: every industry that it could have and has not.
    pub why_not_us: Vec<String>,
    /// Layouts wanted, the plan among them.
    pub alternatives: Option<usize>,
    /// Share of the objective that an alternative may lose.
    pub within: f64,
    /// The best neighbour score among layouts that lose at most this share of the objective.
    pub neighbours_within: Option<f64>,
    pub rule_prices: RulePrices,
}

/// Is the question asked again without each kind of rule?
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RulePrices {
    #[default]
    Omitted,
    Asked,
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
    let wishes = wishes(&file, &args.also)?;
    // Reasons, alternatives and prices take work beyond the limit: the plan is on disk before they begin.
    let mut written = Ok(Vec::new());
    let asked = !args.also.why.is_empty()
        || !args.also.why_not_us.is_empty()
        || args.also.alternatives.is_some()
        || args.also.neighbours_within.is_some()
        || args.also.rule_prices == RulePrices::Asked;
    let mut tell = |found: &Certified| {
        let mut json = plan(args, &params, found);
        if asked {
            json["besides"] = "not yet: reasons, alternatives and prices follow".into();
        }
        written = keep(args, &file, found, &json);
        written.is_ok()
    };
    let (found, answers) =
        certified_telling(&file.instance, &params, &wishes, &mut tell).map_err(|u| unsolved(&u))?;
    written?;
    let prices = match args.also.rule_prices {
        RulePrices::Omitted => None,
        RulePrices::Asked => {
            let each = CertifyParams {
                seed: params.seed,
                ..CertifyParams::within(args.time_limit * RULE_PRICE_SHARE, &file.instance)
            };
            let priced = coupled_price_of_rules(&file.instance, &found, &each);
            Some(priced.map_err(|u| unsolved(&u))?)
        }
    };
    let mut json = plan(args, &params, &found);
    let mut said = Vec::new();
    also(&mut json, &mut said, &answers, prices.as_deref(), lang);
    let files = keep(args, &file, &found, &json)?;
    let mut lines = vec![
        format!(
            "plan {}, bound {}, gap {:.3} %, neighbour score {}",
            found.objective,
            found.bound,
            100.0 * found.gap,
            found.neighbour_score
        ),
        ended(found.ended).render(lang, &Names::default()),
    ];
    lines.extend(said);
    Ok(CalcReport {
        lines,
        json,
        files,
        refused: Vec::new(),
        found: 0,
    })
}

/// Writes the certificate and the lines of the plan where they are asked for, then the plan; gives their paths.
fn keep(
    args: &RegionsArgs,
    file: &InstanceFile,
    found: &Certified,
    json: &Value,
) -> Result<Vec<PathBuf>, CalcError> {
    let mut files = Vec::new();
    if let Some(path) = &args.certificate {
        let text = serde_json::to_string(&found.certificate)
            .map_err(|error| failed(path, &error.to_string()))?;
        write(path, &text, &mut files)?;
    }
    if let Some(path) = &args.plan_csv {
        write(path, &lines(file, found), &mut files)?;
    }
    write(&args.out, &format!("{json:#}\n"), &mut files)?;
    Ok(files)
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

/// Share of the time limit that each search without a kind of rule may take.
const RULE_PRICE_SHARE: f64 = 0.25;

/// The wishes in the terms of the question; an id that it does not hold is an error.
fn wishes(file: &InstanceFile, also: &Also) -> Result<Wishes, CalcError> {
    let cluster = |option: &'static str, id: &str| {
        let found = file.clusters.iter().find(|c| c.as_str() == id.trim());
        found.cloned().ok_or_else(|| unknown(option, "cluster", id))
    };
    let industry = |id: &str| {
        let found = file.industries.iter().find(|i| i.as_str() == id.trim());
        found
            .cloned()
            .ok_or_else(|| unknown("--why", "industry", id))
    };
    let mut why: Vec<(Cluster, Industry)> = Vec::new();
    for pair in &also.why {
        let Some((c, i)) = pair.split_once(',') else {
            let needed = format!("CLUSTER,INDUSTRY by their ids, not `{pair}`");
            return Err(CalcError::argument("--why", needed));
        };
        why.push((cluster("--why", c)?, industry(i)?));
    }
    for id in &also.why_not_us {
        let c = cluster("--why-not-us", id)?;
        why.extend(file.industries.iter().map(|i| (c.clone(), i.clone())));
    }
    let share = |option, value: f64| {
        if value.is_finite() && (0.0..1.0).contains(&value) {
            Ok(value)
        } else {
            Err(CalcError::argument(option, "a share from 0 to below 1"))
        }
    };
    let alternatives = match also.alternatives {
        Some(0) => return Err(CalcError::argument("--alternatives", "at least 1")),
        Some(layouts) => Some(AlternativesParams {
            layouts,
            within: share("--within", also.within)?,
            ..AlternativesParams::default()
        }),
        None => None,
    };
    let neighbours_within = also
        .neighbours_within
        .map(|s| share("--neighbours-within", s))
        .transpose()?;
    Ok(Wishes {
        why,
        alternatives,
        neighbours_within,
    })
}

fn unknown(option: &'static str, kind: &str, id: &str) -> CalcError {
    CalcError::argument(option, format!("the instance has no {kind} `{id}`"))
}

/// Adds what was asked besides the plan, and says it.
fn also(
    json: &mut Value,
    said: &mut Vec<String>,
    answers: &Answers,
    prices: Option<&[RulePrice]>,
    lang: Lang,
) {
    let names = Names::default();
    if !answers.why.is_empty() {
        said.extend(answers.why.iter().map(|w| w.message().render(lang, &names)));
        json["why"] = answers.why.iter().map(worth).collect();
    }
    if let Some(found) = &answers.alternatives {
        let reach = match found.distance {
            Some((least, mean)) => format!(
                "{} layouts within reach, at least {} % and on average {} % of placements different",
                found.layouts.len(),
                (100.0 * least).floor(),
                (100.0 * mean).round()
            ),
            None => "no other layout within reach".to_owned(),
        };
        said.push(format!(
            "{reach}; {} pairs proved needed, {} proved out",
            found.proved_needed.len(),
            found.proved_out.len()
        ));
        json["alternatives"] = alternatives(found);
    }
    if let Some(found) = &answers.neighbours {
        said.push(format!(
            "for the neighbours: score {}, plan {}",
            found.neighbour_score, found.objective
        ));
        json["neighbours"] = neighbours(found);
    }
    if let Some(prices) = prices {
        for price in prices {
            let family = Message::new(format!("code.{}", price.family.code())).render(lang, &names);
            said.push(match &price.gain {
                Quantity::Estimated(e) => format!(
                    "without {family} ({} rules): {} more, from {} to {}",
                    price.rules, e.value, e.low, e.high
                ),
                Quantity::NotEstimated(reason) => {
                    format!("without {family}: {}", reason.render(lang, &names))
                }
            });
        }
        json["rule_prices"] = prices.iter().map(rule_price).collect();
    }
}

fn worth(w: &Worth) -> Value {
    let between = |(low, high): (f64, Option<f64>)| json!({ "at_least": low, "at_most": high });
    let moves: Vec<Value> = w
        .moves
        .iter()
        .map(|m| json!({ "cluster": m.cluster, "leaves": m.leaves, "enters": m.enters }))
        .collect();
    json!({
        "cluster": w.cluster, "industry": w.industry, "question": w.question,
        "region_loses_at_national_prices": between(w.region_loses),
        "nation_loses": between(w.nation_loses),
        "suitability_change": w.suitability_change, "link_change": w.link_change, "moves": moves,
    })
}

fn alternatives(found: &Alternatives) -> Value {
    let layouts: Vec<Value> = found
        .layouts
        .iter()
        .map(|l| json!({ "objective": l.objective, "gap": l.gap, "assignment": l.assignment }))
        .collect();
    let share: Vec<Value> = found
        .share
        .iter()
        .map(|((c, i), share)| json!({ "cluster": c, "industry": i, "share": share }))
        .collect();
    json!({
        "layouts": layouts, "share_of_layouts": share,
        "proved_needed": found.proved_needed, "proved_out": found.proved_out,
        "least_distance": found.distance.map(|d| d.0), "mean_distance": found.distance.map(|d| d.1),
    })
}

fn neighbours(found: &Neighbourly) -> Value {
    json!({
        "objective": found.objective, "neighbour_score": found.neighbour_score,
        "assignment": found.assignment,
    })
}

fn rule_price(price: &RulePrice) -> Value {
    json!({ "rules": price.family.code(), "count": price.rules, "gain": price.gain })
}

fn ended(ended: Ended) -> Message {
    Message::new(match ended {
        Ended::Proved => "regions.ended.proved",
        Ended::Work => "regions.ended.work",
        Ended::Time => "regions.ended.time",
    })
}

fn unsolved(unsolved: &Unsolved) -> CalcError {
    let question = Message::new("regions.question");
    CalcError::Refused(Box::new(unsolved.refusal(question, RulesFrom::Instance)))
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
