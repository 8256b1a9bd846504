//! The tables of a remedy.

use chain::ChainGraph;
use chain::remedy::{
    Bound, CaseLoss, Choice, Kind, Over, Plan, Point, Problem, RemedyParams, Step, evaluate,
};
use evidence::bulk::ResultColumn;
use model::{Estimate, Node, short};

use super::super::CalcError;
use super::super::out::{Out, column, words};

fn unit(kind: Kind) -> String {
    match kind {
        Kind::Stock => "weeks of normal use".to_owned(),
        Kind::Source | Kind::Home => "share of supply".to_owned(),
    }
}

pub(super) fn write_plan(
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

pub(super) fn write_prices(
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

pub(super) fn write_frontier(
    out: &mut Out,
    problem: &Problem,
    curve: &[Point],
) -> Result<(), CalcError> {
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
pub(super) fn write_costs(
    out: &mut Out,
    problem: &Problem,
    steps: &[Step],
) -> Result<(), CalcError> {
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

pub(super) fn write_remaining(
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
