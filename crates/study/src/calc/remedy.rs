//! `calc remedy`: the cheapest stock, second sources and home capacity that keep a loss under a bound.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chain::remedy::{
    Bound, Case, Choice, DrawParams, Kind, Plan, Point, Problem, RemedyError, RemedyParams, Risk,
    best_for, cheapest, evaluate, frontier, robustness,
};
use chain::shock::{Asked, Event, Scenario};
use chain::{Addition, ChainGraph, ChokepointParams, with_added_supply};
use evidence::bulk::ResultColumn;
use model::{Basis, Estimate, Lang, Names, Node, RowRef, Seed};
use serde::Deserialize;
use serde_json::{Value, json};

use super::CalcError;
use super::chain_files::{ChainFiles, ReadChain, read_chain, read_weeks};
use super::out::{CalcReport, Out, column, words};
use crate::config::{Span, parse};

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

/// A number, or one with its range.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Number {
    One(f64),
    Range(Span),
}

impl Number {
    fn assumed(self) -> Estimate {
        match self {
            Self::One(value) => Estimate::exact(value, Basis::Assumed),
            Self::Range(span) => span.assumed(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RiskName {
    #[default]
    Worst,
    Cvar,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    risk: RiskName,
    alpha: Option<f64>,
    /// What the costs are counted in.
    cost_unit: String,
    horizon_weeks: u32,
    #[serde(default)]
    lead_weeks: u32,
    /// Stock of every node that --stocks does not name.
    default_stock_weeks: Number,
    /// Given: the best protection for it, instead of the cheapest plan within the bounds.
    budget: Option<f64>,
    #[serde(default = "eleven")]
    frontier_points: usize,
    /// Draws over all ranges; 0: none.
    #[serde(default)]
    draws: usize,
    #[serde(default)]
    seed: u64,
    target: Vec<TargetEntry>,
    scenario: Vec<ScenarioEntry>,
    #[serde(default)]
    stock: Vec<StockEntry>,
    #[serde(default)]
    source: Vec<SourceEntry>,
    #[serde(default)]
    home: Vec<SourceEntry>,
}

fn eleven() -> usize {
    11
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetEntry {
    node: String,
    loss_weeks: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScenarioEntry {
    id: String,
    probability: Option<f64>,
    event: Vec<EventEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EventEntry {
    /// A country or a provider.
    country: Option<String>,
    node: Option<String>,
    severity: Number,
    #[serde(default = "one")]
    start_week: u32,
    weeks: u32,
}

fn one() -> u32 {
    1
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StockEntry {
    node: String,
    cost_per_week: Number,
    #[serde(default = "nothing")]
    fixed_cost: Number,
    max_weeks: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceEntry {
    node: String,
    provider: String,
    country: String,
    cost_per_share: Number,
    #[serde(default = "nothing")]
    fixed_cost: Number,
    max_share: f64,
    #[serde(default)]
    ready_after_weeks: u32,
}

fn nothing() -> Number {
    Number::One(0.0)
}

/// Writes `plan.csv`, `prices.csv`, `frontier.csv`, `remaining.csv` and `report.json`.
pub fn remedy(args: &RemedyArgs, lang: Lang) -> Result<CalcReport, CalcError> {
    if !(0.0..=1.0).contains(&args.threshold) {
        return Err(CalcError::argument("--threshold", "a share lies in 0..1"));
    }
    let file = read_problem(args)?;
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
    let curve = frontier(graph, &problem, &params, file.frontier_points.max(2)).map_err(say)?;
    let mut bought: Option<(Vec<f64>, Value)> = None;
    let mut plan: Option<Plan> = None;
    if let Some(budget) = file.budget {
        let point = best_for(graph, &problem, &params, budget).map_err(say)?;
        let summary = json!({"budget": budget, "cost": point.cost, "largest_loss_weeks": point.loss, "at_least": point.at_least});
        bought = Some((point.amounts, summary));
    } else {
        match cheapest(graph, &problem, &params) {
            Ok(found) => {
                let summary = json!({
                    "cost": found.cost.value, "cost_low": found.cost.low, "cost_high": found.cost.high,
                    "at_least": found.at_least, "gap": found.gap(), "solver_gap": found.solver_gap,
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
    write_frontier(&mut out, &curve)?;
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
            "kept": found.kept, "loss_weeks": found.losses.iter().map(span).collect::<Vec<_>>(),
        })
    } else {
        json!("not estimated: no draws are asked for, or there is no plan")
    };
    let (before_points, after_points) =
        single_points(&read, &problem, amounts, args.threshold, &mut refused);
    let lines = lines(&file, &problem, &curve, bought.as_ref(), plan.as_ref());
    let json = json!({
        "schema": "forelay.calc.remedy/1",
        "input": read.input,
        "cost_unit": file.cost_unit,
        "risk": problem.risk,
        "plan": bought.map(|(_, summary)| summary),
        "robustness": draws,
        "single_points": {"threshold": args.threshold, "before": before_points, "after": after_points},
        "conventions": "losses: weeks of the target's normal output over the horizon, worst track of the weekly course; prices: duals of \
            the linear over-estimate before trimming, yes-or-no choices held; at_least: no plan on offer costs less; stocks stand \
            at the users of a node, in weeks of its normal use",
        "refused": refused,
    });
    out.report(json, lines, refused)
}

fn read_problem(args: &RemedyArgs) -> Result<File, CalcError> {
    let name = args.problem.display().to_string();
    let text = std::fs::read_to_string(&args.problem).map_err(|error| CalcError::Write {
        doing: "read",
        path: name.clone(),
        problem: error.to_string(),
    })?;
    parse(&name, &text).map_err(|error| CalcError::Argument {
        argument: "--problem",
        problem: error.to_string(),
        help: error.help,
    })
}

fn problem(file: &File, stocks: &BTreeMap<String, Estimate>) -> Result<Problem, CalcError> {
    let risk = match (file.risk, file.alpha) {
        (RiskName::Worst, None) => Risk::Worst,
        (RiskName::Cvar, Some(alpha)) => Risk::Cvar { alpha },
        (RiskName::Worst, Some(_)) => {
            return Err(CalcError::argument(
                "--problem",
                "alpha belongs to risk = \"cvar\"",
            ));
        }
        (RiskName::Cvar, None) => {
            return Err(CalcError::argument(
                "--problem",
                "risk = \"cvar\" needs alpha",
            ));
        }
    };
    let numbers = (file.stock.iter())
        .flat_map(|s| [s.cost_per_week, s.fixed_cost])
        .chain([file.default_stock_weeks])
        .chain(
            (file.source.iter().chain(&file.home)).flat_map(|s| [s.cost_per_share, s.fixed_cost]),
        );
    if numbers.map(Number::assumed).any(|e| e.low < 0.0) {
        return Err(CalcError::argument(
            "--problem",
            "costs and stocks are 0 or more",
        ));
    }
    let cases = file.scenario.iter().map(|entry| Case {
        scenario: Scenario {
            id: entry.id.clone(),
            events: entry
                .event
                .iter()
                .map(|e| Event {
                    country: e.country.as_deref().map(Into::into),
                    node: e.node.as_deref().map(Into::into),
                    severity: e.severity.assumed(),
                    start_week: e.start_week,
                    weeks: e.weeks,
                })
                .collect(),
            horizon_weeks: file.horizon_weeks,
            stocks: stocks
                .iter()
                .map(|(node, weeks)| (node.as_str().into(), *weeks))
                .collect(),
            stage_stocks: BTreeMap::new(),
            default_stock: file.default_stock_weeks.assumed(),
            buyer: None,
            targets: Vec::new(),
            firm: None,
            place: None,
            quantity: Asked::Supply,
        },
        probability: entry.probability,
    });
    let stocked = file.stock.iter().map(|s| Choice {
        kind: Kind::Stock,
        node: s.node.as_str().into(),
        provider: None,
        country: None,
        fixed: s.fixed_cost.assumed(),
        per_unit: s.cost_per_week.assumed(),
        most: s.max_weeks,
        ready_after: 0,
    });
    let made = |kind: Kind, s: &SourceEntry| Choice {
        kind,
        node: s.node.as_str().into(),
        provider: Some(s.provider.clone()),
        country: Some(s.country.as_str().into()),
        fixed: s.fixed_cost.assumed(),
        per_unit: s.cost_per_share.assumed(),
        most: s.max_share,
        ready_after: s.ready_after_weeks,
    };
    Ok(Problem {
        targets: file
            .target
            .iter()
            .map(|t| Bound {
                node: t.node.as_str().into(),
                weeks: t.loss_weeks,
            })
            .collect(),
        cases: cases.collect(),
        choices: stocked
            .chain(file.source.iter().map(|s| made(Kind::Source, s)))
            .chain(file.home.iter().map(|s| made(Kind::Home, s)))
            .collect(),
        risk,
    })
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

fn short(kind: Kind) -> String {
    let code = kind.code();
    code.rsplit('.').next().unwrap_or_default().to_owned()
}

fn unit(kind: Kind) -> String {
    match kind {
        Kind::Stock => "weeks of normal use".to_owned(),
        Kind::Source | Kind::Home => "share of supply".to_owned(),
    }
}

fn write_plan(
    out: &mut Out,
    problem: &Problem,
    amounts: &[f64],
    cost_unit: &str,
) -> Result<(), CalcError> {
    let bought: Vec<(&Choice, f64)> = problem
        .choices
        .iter()
        .zip(amounts.iter().copied())
        .filter(|(_, amount)| *amount > 0.0)
        .collect();
    let cost = |pick: fn(&Estimate) -> f64| {
        let of = |(c, amount): &(&Choice, f64)| pick(&c.fixed) + pick(&c.per_unit) * amount;
        ResultColumn::Number(bought.iter().map(of).collect())
    };
    out.table(
        "plan",
        vec![
            column("option", words(bought.iter().map(|(c, _)| short(c.kind)))),
            column(
                "node",
                words(bought.iter().map(|(c, _)| c.node.to_string())),
            ),
            column(
                "provider",
                words(
                    bought
                        .iter()
                        .map(|(c, _)| c.provider.clone().unwrap_or_default()),
                ),
            ),
            column(
                "amount",
                ResultColumn::Number(bought.iter().map(|(_, amount)| *amount).collect()),
            ),
            column("unit", words(bought.iter().map(|(c, _)| unit(c.kind)))),
            column("cost", cost(|e| e.value)),
            column("cost_low", cost(|e| e.low)),
            column("cost_high", cost(|e| e.high)),
            column(
                "cost_unit",
                words(bought.iter().map(|_| cost_unit.to_owned())),
            ),
        ],
    )
}

fn write_prices(
    out: &mut Out,
    problem: &Problem,
    plan: Option<&Plan>,
    cost_unit: &str,
) -> Result<(), CalcError> {
    let mut rows: Vec<(String, String, String, f64, f64, String)> = Vec::new();
    if let Some(prices) = plan.and_then(|plan| plan.prices.as_ref()) {
        let per = |unit: &str| format!("{cost_unit} per {unit}");
        for (target, price) in &prices.bounds {
            let unit = per("week of allowed loss");
            rows.push((
                "bound".into(),
                target.to_string(),
                String::new(),
                *price,
                f64::NAN,
                unit,
            ));
        }
        for (node, price) in &prices.stock_days {
            let unit = per("day of stock");
            rows.push((
                "stock_day".into(),
                node.to_string(),
                String::new(),
                *price,
                f64::NAN,
                unit,
            ));
        }
        for (choice, price) in problem.choices.iter().zip(&prices.options) {
            let provider = choice.provider.clone().unwrap_or_default();
            let unit = per(if choice.kind == Kind::Stock {
                "week of stock"
            } else {
                "whole share"
            });
            rows.push((
                short(choice.kind),
                choice.node.to_string(),
                provider,
                price.worth,
                price.unit_cost,
                unit,
            ));
        }
    }
    out.table(
        "prices",
        vec![
            column("what", words(rows.iter().map(|r| r.0.clone()))),
            column("node", words(rows.iter().map(|r| r.1.clone()))),
            column("provider", words(rows.iter().map(|r| r.2.clone()))),
            column(
                "worth",
                ResultColumn::Number(rows.iter().map(|r| r.3).collect()),
            ),
            column(
                "unit_cost",
                ResultColumn::Number(rows.iter().map(|r| r.4).collect()),
            ),
            column("unit", words(rows.iter().map(|r| r.5.clone()))),
        ],
    )
}

fn write_frontier(out: &mut Out, curve: &[Point]) -> Result<(), CalcError> {
    let number = |of: fn(&Point) -> f64| ResultColumn::Number(curve.iter().map(of).collect());
    out.table(
        "frontier",
        vec![
            column("budget", number(|p| p.budget)),
            column("cost", number(|p| p.cost)),
            column("loss_weeks", number(|p| p.loss)),
            column("at_least_weeks", number(|p| p.at_least)),
        ],
    )
}

fn write_remaining(
    out: &mut Out,
    graph: &ChainGraph,
    problem: &Problem,
    params: &RemedyParams,
    amounts: &[f64],
) -> Result<(), CalcError> {
    let before = evaluate(graph, problem, params, &vec![0.0; amounts.len()]);
    let after = evaluate(graph, problem, params, amounts);
    let rows: Vec<_> = before.losses.iter().zip(&after.losses).collect();
    let bound: BTreeMap<&Node, f64> = problem.targets.iter().map(|t| (&t.node, t.weeks)).collect();
    let number = |of: &dyn Fn(&(&chain::remedy::CaseLoss, &chain::remedy::CaseLoss)) -> f64| {
        ResultColumn::Number(rows.iter().map(of).collect())
    };
    out.table(
        "remaining",
        vec![
            column(
                "scenario",
                words(rows.iter().map(|(_, a)| a.scenario.clone())),
            ),
            column(
                "target",
                words(rows.iter().map(|(_, a)| a.target.to_string())),
            ),
            column("bound_weeks", number(&|(_, a)| bound[&a.target])),
            column("before_weeks", number(&|(b, _)| b.weeks.high)),
            column("loss_weeks", number(&|(_, a)| a.weeks.value)),
            column("loss_weeks_low", number(&|(_, a)| a.weeks.low)),
            column("loss_weeks_high", number(&|(_, a)| a.weeks.high)),
            column("peak", number(&|(_, a)| a.peak.value)),
            column("peak_low", number(&|(_, a)| a.peak.low)),
            column("peak_high", number(&|(_, a)| a.peak.high)),
        ],
    )
}

/// Countries that stop a target alone, before and with the plan's further sources.
fn single_points(
    read: &ReadChain,
    problem: &Problem,
    amounts: &[f64],
    threshold: f64,
    refused: &mut Vec<String>,
) -> (Value, Value) {
    let targets: Vec<Node> = problem.targets.iter().map(|t| t.node.clone()).collect();
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
        refused.push("single points after the plan: the added shares do not fit".to_owned());
        Value::Null
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
            "cheapest plan: {:.4} {} ({:.4} to {:.4}); no plan on offer costs less than {:.4} (gap {:.1} %)",
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
                    short(choice.kind)
                ),
            });
        }
    }
    if let (Some(first), Some(last)) = (curve.first(), curve.last()) {
        lines.push(format!(
            "largest loss: {:.3} weeks with nothing, {:.3} weeks for {:.4} {}",
            first.loss, last.loss, last.cost, file.cost_unit
        ));
    }
    lines
}
