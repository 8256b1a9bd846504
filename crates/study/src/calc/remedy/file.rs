//! The file of a question: targets, scenarios, options with costs, budget and risk measure.

use std::collections::{BTreeMap, BTreeSet};

use chain::remedy::{Bound, Case, Choice, Kind, Over, Problem, Risk};
use chain::shock::{Asked, Event, Scenario};
use model::Estimate;
use serde::Deserialize;

use super::super::CalcError;
use crate::config::Span;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RiskName {
    #[default]
    Worst,
    Cvar,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(default)]
    risk: RiskName,
    alpha: Option<f64>,
    /// What the costs are counted in.
    pub(super) cost_unit: String,
    horizon_weeks: u32,
    #[serde(default)]
    pub(super) lead_weeks: u32,
    /// Stock of every node that --stocks does not name.
    default_stock_weeks: Span,
    /// Given: the best protection for it, instead of the cheapest plan within the bounds.
    pub(super) budget: Option<f64>,
    #[serde(default = "eleven")]
    pub(super) frontier_points: usize,
    /// Draws over all ranges; 0: none.
    #[serde(default)]
    pub(super) draws: usize,
    #[serde(default)]
    pub(super) seed: u64,
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
    severity: Span,
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
    cost_per_week: Span,
    #[serde(default = "nothing")]
    fixed_cost: Span,
    max_weeks: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceEntry {
    node: String,
    provider: String,
    country: String,
    cost_per_share: Span,
    #[serde(default = "nothing")]
    fixed_cost: Span,
    max_share: f64,
    #[serde(default)]
    ready_after_weeks: u32,
}

fn nothing() -> Span {
    Span::exactly(0.0)
}

pub(super) fn problem(
    file: &File,
    stocks: &BTreeMap<String, Estimate>,
) -> Result<Problem, CalcError> {
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
    if numbers.map(Span::assumed).any(|e| e.low < 0.0) {
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
