//! `calc remedy`: the cheapest stock, second sources and home capacity that keep losses under bounds in all scenarios.

mod file;
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use chain::remedy::{
    DrawParams, Over, Plan, Point, Problem, RemedyError, RemedyParams, best_for, cheapest,
    cost_curve, frontier, robustness,
};
use chain::{Addition, ChainGraph, ChokepointParams, with_added_supply};
use model::{Basis, Estimate, Lang, Names, Node, RowRef, Seed, short};
use serde_json::{Value, json};

use super::CalcError;
use super::chain_files::{ChainFiles, ReadChain, read_chain, read_weeks};
use super::out::{CalcReport, Out};
use file::{File, problem};
use written::{write_costs, write_frontier, write_plan, write_prices, write_remaining};

#[derive(Debug, Clone)]
pub struct RemedyArgs {
    pub files: ChainFiles,
    /// `node,weeks[,low,high]`: weeks of normal use that users hold.
    pub stocks: Option<PathBuf>,
    /// Targets, scenarios, options with costs, budget and risk measure.
    pub problem: PathBuf,
    /// Of the single points that remain.
    pub threshold: f64,
    pub out: PathBuf,
}

/// Writes `plan.csv`, `prices.csv`, `frontier.csv`, `costs.csv`, `remaining.csv` and `report.json`.
pub fn remedy(args: &RemedyArgs, lang: Lang) -> Result<CalcReport, CalcError> {
    if !(0.0..=1.0).contains(&args.threshold) {
        return Err(CalcError::argument("--threshold", "a share lies in 0..1"));
    }
    let file: File = super::toml("--problem", &args.problem)?;
    let read = read_chain(&args.files)?;
    let graph = &read.graph;
    let stocks = match &args.stocks {
        Some(file) => read_weeks(file, "--stocks", "node")?,
        None => BTreeMap::new(),
    };
    let problem = problem(&file, &stocks)?;
    let params = RemedyParams {
        lead_weeks: file.lead_weeks,
        ..RemedyParams::default()
    };
    let mut refused = Vec::new();
    let say = |error: RemedyError| failure(error, lang);
    let points = file.frontier_points.max(2);
    // Losses of two kinds have no largest; what they cost together is in the other curve.
    let curve = match problem.kind() {
        Some(_) => frontier(graph, &problem, &params, points).map_err(say)?,
        None => Vec::new(),
    };
    let steps = cost_curve(graph, &problem, &params, points).map_err(say)?;
    let mut bought: Option<(Vec<f64>, Value)> = None;
    let mut plan: Option<Plan> = None;
    if let Some(budget) = file.budget {
        let point = best_for(graph, &problem, &params, budget).map_err(say)?;
        let largest = match problem.kind() {
            Some(Over::Week) => "largest_worst_week",
            _ => "largest_loss_weeks",
        };
        let summary = json!({"budget": budget, "cost": point.cost, largest: point.loss, "at_least": point.at_least});
        bought = Some((point.amounts, summary));
    } else {
        match cheapest(graph, &problem, &params) {
            Ok(found) => {
                let summary = json!({
                    "cost": found.cost.value, "cost_low": found.cost.low, "cost_high": found.cost.high,
                    "at_least": found.at_least, "gap": found.gap(), "proof": found.proof,
                    "before_trimming": found.before_trimming,
                });
                bought = Some((found.amounts.clone(), summary));
                plan = Some(found);
            }
            Err(error @ RemedyError::Unreachable(_)) => refused.push(error.to_string()),
            Err(error) => return Err(say(error)),
        }
    }
    let mut out = Out::new(&args.out)?;
    let none = vec![0.0; problem.choices.len()];
    let amounts = bought.as_ref().map_or(&none, |(amounts, _)| amounts);
    if bought.is_some() {
        write_plan(&mut out, &problem, amounts, &file.cost_unit)?;
    }
    write_prices(&mut out, &problem, plan.as_ref(), &file.cost_unit)?;
    write_frontier(&mut out, &problem, &curve)?;
    write_costs(&mut out, &problem, &steps)?;
    write_remaining(&mut out, graph, &problem, &params, amounts)?;
    let draws = if file.draws > 0 && bought.is_some() {
        let draws = DrawParams {
            draws: file.draws,
            seed: Seed(file.seed),
        };
        let found = robustness(graph, &problem, &params, amounts, &draws).map_err(say)?;
        let span = |e: &Estimate| json!({"median": e.value, "p05": e.low, "p95": e.high});
        json!({
            "draws": found.draws, "cost": found.cost.as_ref().map(span), "without_plan": found.without_plan,
            "undecided": found.undecided, "kept": found.kept,
            "losses": problem.targets.iter().zip(&found.losses).map(|(bound, loss)| json!({
                "target": bound.node.as_str(), "over": bound.over, "loss": span(loss),
            })).collect::<Vec<_>>(),
        })
    } else {
        json!("not estimated: no draws are asked for, or there is no plan")
    };
    let (before_points, after_points) = single_points(&read, &problem, amounts, args.threshold);
    let mut lines = lines(&file, &problem, &curve, bought.as_ref(), plan.as_ref());
    lines.extend(
        after_points
            .as_str()
            .map(|said| format!("single points with the plan: {said}")),
    );
    let json = json!({
        "schema": "forelay.calc.remedy/1",
        "input": read.input,
        "cost_unit": file.cost_unit,
        "risk": problem.risk,
        "plan": bought.map(|(_, summary)| summary),
        "robustness": draws,
        "single_points": {"threshold": args.threshold, "before": before_points, "after": after_points},
        "conventions": "losses: weeks of the target's normal output over the horizon, or the share of a week's output that the worst \
            week loses, worst track of the weekly course; one plan for all scenarios; prices: duals with yes-or-no columns held, of the \
            weekly program where it found the plan, else of the linear over-estimate before trimming; at_least: no plan on offer costs \
            less; proof: solved, stopped at its limit of nodes, or too_large to try; stocks stand at the users of a node, in weeks of its \
            normal use",
        "refused": refused,
    });
    out.report(json, lines, refused)
}

fn failure(error: RemedyError, lang: Lang) -> CalcError {
    match error {
        RemedyError::Refused(mut refusals) if refusals.len() == 1 => {
            CalcError::Refused(Box::new(refusals.remove(0)))
        }
        RemedyError::Refused(refusals) => {
            let names = Names::default();
            let reasons = refusals.iter().map(|r| r.reason.render(lang, &names));
            CalcError::argument("--problem", reasons.collect::<Vec<_>>().join(" "))
        }
        other => CalcError::argument("--problem", other.to_string()),
    }
}

/// Countries that stop a target alone, before and with the plan's further sources.
fn single_points(
    read: &ReadChain,
    problem: &Problem,
    amounts: &[f64],
    threshold: f64,
) -> (Value, Value) {
    let named: BTreeSet<&Node> = problem.targets.iter().map(|t| &t.node).collect();
    let targets: Vec<Node> = named.into_iter().cloned().collect();
    let params = ChokepointParams {
        theta: threshold,
        max_cut: 1,
        home: None,
    };
    let of = |graph: &ChainGraph| -> Value {
        let mut country_of = read.country_of.clone();
        for choice in &problem.choices {
            if let Some(country) = &choice.country {
                country_of
                    .entry(country.clone())
                    .or_insert_with(|| country.clone());
            }
        }
        let actors = chain::chokepoints::Actors::grouped(graph, &country_of);
        let Ok(found) = chain::chokepoints::chokepoints_of(graph, &actors, &targets, &params)
        else {
            return Value::Null;
        };
        found
            .iter()
            .map(|t| {
                let of: Vec<Value> = t
                    .single_countries()
                    .map(|(c, certainty)| json!({"country": c.as_str(), "certainty": certainty}))
                    .collect();
                (t.target.to_string(), of.into())
            })
            .collect::<serde_json::Map<String, Value>>()
            .into()
    };
    let additions: Vec<Addition> = problem
        .choices
        .iter()
        .zip(amounts)
        .enumerate()
        .filter(|(_, (_, amount))| **amount > 0.0)
        .filter_map(|(k, (choice, amount))| {
            Some(Addition {
                node: choice.node.clone(),
                country: choice.country.clone()?,
                share: Estimate::exact(*amount, Basis::Assumed),
                origin: RowRef::new("plan", k.to_string()),
            })
        })
        .collect();
    let after = if let Ok(graph) = with_added_supply(&read.graph, &additions) {
        of(&graph)
    } else {
        json!("not estimated: the added shares do not fit")
    };
    (of(&read.graph), after)
}

fn lines(
    file: &File,
    problem: &Problem,
    curve: &[Point],
    bought: Option<&(Vec<f64>, Value)>,
    plan: Option<&Plan>,
) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(plan) = plan {
        lines.push(format!(
            "cheapest plan for {} {}: {:.4} {} ({:.4} to {:.4}); no plan on offer costs less than {:.4} (gap {:.1} %)",
            problem.cases.len(),
            if problem.cases.len() == 1 { "scenario" } else { "scenarios together" },
            plan.cost.value,
            file.cost_unit,
            plan.cost.low,
            plan.cost.high,
            plan.at_least,
            100.0 * plan.gap()
        ));
    }
    if let Some((amounts, _)) = bought {
        for (choice, amount) in problem
            .choices
            .iter()
            .zip(amounts)
            .filter(|(_, a)| **a > 0.0)
        {
            lines.push(match &choice.provider {
                None => format!("  {}: {amount:.3} weeks of stock", choice.node),
                Some(provider) => format!(
                    "  {}: {:.1} % from {provider} ({})",
                    choice.node,
                    100.0 * amount,
                    short(choice.kind.code())
                ),
            });
        }
    }
    if let (Some(first), Some(last)) = (curve.first(), curve.last()) {
        let of = match problem.kind() {
            Some(Over::Week) => "of the worst week",
            _ => "weeks",
        };
        lines.push(format!(
            "largest loss: {:.3} {of} with nothing, {:.3} {of} for {:.4} {}",
            first.loss, last.loss, last.cost, file.cost_unit
        ));
    }
    lines
}
