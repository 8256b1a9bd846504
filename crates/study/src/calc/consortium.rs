//! `calc consortium`: who leads, who takes part, and what stays uncovered, from tables in a folder.

mod read;
mod written;

use std::path::PathBuf;

use layout::Limits;
use layout::consortium::{
    Consortia, DistanceParams, FormParams, Leaving, Problem, Uncovered, Unformed, form, leaving,
    uncovered,
};
use model::{Estimate, Lang, Message, Names};
use serde::Deserialize;
use serde_json::{Value, json};

use self::read::read;
use self::written::write;
use super::CalcError;
use super::out::{CalcReport, Out};
use super::plain::settings;
use super::portfolio::{rendered, report, worth};

#[derive(Debug, Clone)]
pub struct ConsortiumArgs {
    /// A folder of tables, or the file of settings beside them.
    pub path: PathBuf,
    /// Consortia to rank, instead of what the settings say.
    pub alternatives: Option<usize>,
    pub time_limit: Option<f64>,
    pub nodes: Option<usize>,
    /// Where tables go; without it the answer is printed only.
    pub out: Option<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    form: FormParams,
    distance: DistanceParams,
}

/// What is known of costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Costs {
    OnRecord,
    None,
}

struct Question {
    problem: Problem,
    costs: Costs,
    places: usize,
    read: Value,
}

/// Writes `members.csv`, `missions.csv`, `uncovered.csv`, `leaving.csv` and `report.json`.
pub fn consortium(args: &ConsortiumArgs, lang: Lang) -> Result<CalcReport, CalcError> {
    let (settings, folder): (Settings, _) = settings(&args.path, "consortium.toml")?;
    let question = read(&folder, &settings.distance)?;
    let mut params = settings.form;
    params.alternatives = args.alternatives.unwrap_or(params.alternatives);
    params.limits = Limits {
        time_limit_seconds: args.time_limit,
        node_limit: args.nodes.or(params.limits.node_limit),
        ..params.limits
    };
    let say = |error: Unformed| rendered(&error.messages(), lang);
    let ranked = form(&question.problem, &params).map_err(say)?;
    let (missing, left) = match ranked.first() {
        Some(best) => (
            uncovered(&question.problem, best, &params).map_err(say)?,
            leaving(&question.problem, best, &params).map_err(say)?,
        ),
        None => (Vec::new(), Vec::new()),
    };
    let mut out = args.out.as_deref().map(Out::new).transpose()?;
    if let Some(out) = &mut out {
        write(out, &question, &ranked, &missing, &left)?;
    }
    let json = document(
        &question,
        &params,
        &settings.distance,
        &ranked,
        &missing,
        &left,
    );
    let lines = lines(&question, &ranked, &missing, &left, lang);
    report(out, json, lines, Vec::new())
}

fn range(e: &Estimate) -> Value {
    json!({"value": e.value, "low": e.low, "high": e.high})
}

fn document(
    question: &Question,
    params: &FormParams,
    distance: &DistanceParams,
    ranked: &[Consortia],
    missing: &[Uncovered],
    left: &[Leaving],
) -> Value {
    let cost = |cost: f64| match question.costs {
        Costs::OnRecord => json!(cost),
        Costs::None => json!("not estimated: no costs are on record"),
    };
    let answers: Vec<Value> = ranked
        .iter()
        .enumerate()
        .map(|(rank, found)| {
            let formed: Vec<Value> = found
                .formed
                .iter()
                .map(|f| {
                    let members: Vec<Value> = f
                        .members
                        .iter()
                        .map(|m| {
                            json!({"organisation": m.organisation, "leads": m.leads, "brings": m.brings})
                        })
                        .collect();
                    let open: Vec<Value> = f
                        .uncovered
                        .iter()
                        .map(|(c, n)| json!({"capability": c, "missing": n}))
                        .collect();
                    json!({
                        "mission": f.mission, "members": members, "cost": cost(f.cost), "distance": f.distance,
                        "uncovered": open,
                    })
                })
                .collect();
            json!({
                "rank": rank + 1, "missing_holders": worth(&found.short), "objective": worth(&found.cost), "missions": formed,
            })
        })
        .collect();
    json!({
        "schema": "forelay.calc.consortium/1",
        "input": question.read,
        "organisations_with_place": question.places,
        "parameters": {"form": params, "distance": distance},
        "consortia": answers,
        "uncovered": missing.iter().map(|u| json!({
            "mission": u.mission, "capability": u.capability, "missing": u.missing, "holders_on_record": u.holders, "why": u.why,
        })).collect::<Vec<_>>(),
        "leaving": left.iter().map(|l| json!({
            "mission": l.mission, "organisation": l.organisation, "possible": l.possible, "lost": l.lost,
            "cost": l.cost.as_ref().map(range), "enters": l.enters.iter().map(|(m, o)| json!({"mission": m, "organisation": o})).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "conventions": "first as few missing holders as possible, then least cost plus weighted distance; each optimum lies between value and \
            bound; an organisation without a place counts as beyond reach; why: the rule whose lifting alone would cover the need with \
            nothing lost elsewhere",
    })
}

fn said(id: &str, lang: Lang) -> String {
    Message::new(id).render(lang, &Names::default())
}

fn lines(
    question: &Question,
    ranked: &[Consortia],
    missing: &[Uncovered],
    left: &[Leaving],
    lang: Lang,
) -> Vec<String> {
    let mut lines = Vec::new();
    for (rank, found) in ranked.iter().enumerate() {
        lines.push(format!(
            "{}: {} holders missing (at least {}), cost and distance {:.4}, bound {:.4}, gap {:.4} %",
            rank + 1,
            found.short.value,
            found.short.bound.max(0.0).ceil(),
            found.cost.value,
            found.cost.bound,
            100.0 * found.cost.gap(),
        ));
        for formed in &found.formed {
            let members: Vec<String> = formed
                .members
                .iter()
                .map(|m| {
                    let role = if m.leads { " (leads)" } else { "" };
                    format!("{}{role}", m.organisation)
                })
                .collect();
            lines.push(format!("   {}: {}", formed.mission, members.join(", ")));
        }
    }
    if question.costs == Costs::None {
        lines.push("costs: not estimated, none are on record; distance alone decides".to_owned());
    }
    for u in missing {
        lines.push(format!(
            "uncovered in {}: {} ({} missing): {}",
            u.mission,
            u.capability,
            u.missing,
            said(&format!("code.{}", u.why.code()), lang)
        ));
    }
    for l in left.iter().filter(|l| l.lost > 0) {
        lines.push(format!(
            "without {} the mission {} loses {} holders",
            l.organisation, l.mission, l.lost
        ));
    }
    lines
}
