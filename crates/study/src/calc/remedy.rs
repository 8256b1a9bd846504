//! `calc remedy`: the cheapest stock, second sources and home capacity that keep losses under bounds in all scenarios.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use chain::remedy::{
    Bound, Case, CaseLoss, Choice, DrawParams, Kind, Over, Plan, Point, Problem, RemedyError,
    RemedyParams, Risk, Step, best_for, cheapest, cost_curve, evaluate, frontier, robustness,
};
use chain::shock::{Asked, Event, Scenario};
use chain::{Addition, ChainGraph, ChokepointParams, with_added_supply};
use evidence::bulk::ResultColumn;
use model::{Basis, Estimate, Lang, Names, Node, RowRef, Seed, short};
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
    /// The most that may be lost over the horizon, weeks of normal output.
    loss_weeks: Option<f64>,
    /// The most that the worst week may lose, a share of its output.
    worst_week: Option<f64>,
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

/// Writes `plan.csv`, `prices.csv`, `frontier.csv`, `costs.csv`, `remaining.csv` and `report.json`.
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
    let ids: BTreeSet<&str> = file.scenario.iter().map(|s| s.id.as_str()).collect();
    if ids.len() < file.scenario.len() {
        return Err(CalcError::argument(
            "--problem",
            "two scenarios have the same id",
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
        targets: bounds(file)?,
        cases: cases.collect(),
        choices: stocked
            .chain(file.source.iter().map(|s| made(Kind::Source, s)))
            .chain(file.home.iter().map(|s| made(Kind::Home, s)))
            .collect(),
        risk,
    })
}

fn bounds(file: &File) -> Result<Vec<Bound>, CalcError> {
    let mut bounds = Vec::new();
    for entry in &file.target {
        let given = [
            (Over::Horizon, entry.loss_weeks),
            (Over::Week, entry.worst_week),
        ];
        let before = bounds.len();
        bounds.extend(given.into_iter().filter_map(|(over, most)| {
            Some(Bound {
                node: entry.node.as_str().into(),
                over,
                most: most?,
            })
        }));
        if bounds.len() == before {
            let what = format!(
                "the target {} needs loss_weeks, worst_week or both",
                entry.node
            );
            return Err(CalcError::argument("--problem", what));
        }
    }
    Ok(bounds)
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
            column(
                "option",
                words(bought.iter().map(|(c, _)| short(c.kind.code()).to_owned())),
            ),
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
        for ((target, price), bound) in prices.bounds.iter().zip(&problem.targets) {
            let unit = per(match bound.over {
                Over::Horizon => "week of allowed loss",
                Over::Week => "whole of the worst week allowed to be lost",
            });
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
                short(choice.kind.code()).to_owned(),
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

fn write_frontier(out: &mut Out, problem: &Problem, curve: &[Point]) -> Result<(), CalcError> {
    let number = |of: fn(&Point) -> f64| ResultColumn::Number(curve.iter().map(of).collect());
    let (loss, at_least) = match problem.kind() {
        Some(Over::Horizon) => ("loss_weeks", "at_least_weeks"),
        Some(Over::Week) => ("worst_week", "at_least_worst_week"),
        None => return out.absent("frontier"),
    };
    out.table(
        "frontier",
        vec![
            column("budget", number(|p| p.budget)),
            column("cost", number(|p| p.cost)),
            column(loss, number(|p| p.loss)),
            column(at_least, number(|p| p.at_least)),
        ],
    )
}

/// The least cost of each bound on the way from the tightest to none: a row for each target and kind.
fn write_costs(out: &mut Out, problem: &Problem, steps: &[Step]) -> Result<(), CalcError> {
    let rows: Vec<(&Step, &Bound, f64)> = steps
        .iter()
        .flat_map(|step| {
            let bounds = problem.targets.iter().zip(&step.bounds);
            bounds.map(move |(bound, most)| (step, bound, *most))
        })
        .collect();
    let number = |of: &dyn Fn(&(&Step, &Bound, f64)) -> f64| {
        ResultColumn::Number(rows.iter().map(of).collect())
    };
    let only = |over| {
        move |(_, bound, most): &(&Step, &Bound, f64)| {
            if bound.over == over { *most } else { f64::NAN }
        }
    };
    out.table(
        "costs",
        vec![
            column("share_left", number(&|(step, ..)| step.share)),
            column(
                "target",
                words(rows.iter().map(|(_, bound, _)| bound.node.to_string())),
            ),
            column("bound_weeks", number(&only(Over::Horizon))),
            column("bound_worst_week", number(&only(Over::Week))),
            column("cost", number(&|(step, ..)| step.cost)),
            column("at_least", number(&|(step, ..)| step.at_least)),
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
    // A target with two bounds has one row for each scenario.
    let first = |loss: &CaseLoss| {
        let bounds = problem.targets[..loss.bound].iter();
        !bounds.into_iter().any(|b| b.node == loss.target)
    };
    let rows: Vec<(&CaseLoss, &CaseLoss)> = (before.losses.iter().zip(&after.losses))
        .filter(|(_, after)| first(after))
        .collect();
    let bound = |target: &Node, over: Over| {
        let mut bounds = problem.targets.iter();
        let found = bounds.find(|b| b.node == *target && b.over == over);
        found.map_or(f64::NAN, |b| b.most)
    };
    let number = |of: &dyn Fn(&(&CaseLoss, &CaseLoss)) -> f64| {
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
            column(
                "bound_weeks",
                number(&|(_, a)| bound(&a.target, Over::Horizon)),
            ),
            column("before_weeks", number(&|(b, _)| b.weeks.high)),
            column("loss_weeks", number(&|(_, a)| a.weeks.value)),
            column("loss_weeks_low", number(&|(_, a)| a.weeks.low)),
            column("loss_weeks_high", number(&|(_, a)| a.weeks.high)),
            column(
                "bound_worst_week",
                number(&|(_, a)| bound(&a.target, Over::Week)),
            ),
            column("before_peak", number(&|(b, _)| b.peak.high)),
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
