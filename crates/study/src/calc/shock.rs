//! `calc shock`: a what-if on a chain in plain files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chain::shock::{Asked, Cause, DrawParams, Event, Scenario as Ask, shock_draws};
use chain::{ShockParams, shock};
use evidence::bulk::ResultColumn;
use model::{Basis, Estimate, Lang, Names, Refusal, Seed};
use serde_json::json;

use super::CalcError;
use super::chain_files::{ChainFiles, read_chain};
use super::out::{CalcReport, Out, column, words};
use crate::config::{Span, parse};
use crate::scenario::{Asked as AskedFor, Scenario};

#[derive(Debug, Clone)]
pub struct ShockArgs {
    pub files: ChainFiles,
    pub scenario: PathBuf,
    pub draws: usize,
    pub seed: u64,
    pub out: PathBuf,
}

/// Writes `products.csv`, `weeks.csv` (bounds and draws), `binding.csv` and `report.json`.
pub fn shock_files(args: &ShockArgs, lang: Lang) -> Result<CalcReport, CalcError> {
    let read = read_chain(&args.files)?;
    let path = args.scenario.display().to_string();
    let text = std::fs::read_to_string(&args.scenario).map_err(|error| CalcError::Write {
        doing: "read",
        path: path.clone(),
        problem: error.to_string(),
    })?;
    let scenario: Scenario = parse(&path, &text)
        .map_err(|error| CalcError::argument("--scenario", error.to_string()))?;
    let question = question(
        &scenario,
        &name_of(&args.scenario),
        read.targets(&scenario.targets)?,
    );
    let params = ShockParams::default();
    let found = match shock(&read.graph, &question, &params) {
        Ok(found) => found,
        Err(refusals) => return Err(CalcError::Refused(Box::new(joined(&refusals)))),
    };
    let draws = DrawParams {
        draws: args.draws,
        seed: Seed(args.seed),
    };
    let drawn = shock_draws(&read.graph, &question, &params, &draws)
        .map_err(|refusals| CalcError::Refused(Box::new(joined(&refusals))))?;
    let mut out = Out::new(&args.out)?;
    let targets = &found.targets;
    let name = |i: usize| targets[i].target.as_str().to_owned();
    let all: Vec<usize> = (0..targets.len()).collect();
    let number =
        |of: &dyn Fn(usize) -> f64| ResultColumn::Number(all.iter().map(|i| of(*i)).collect());
    let first = |week: Option<u32>| week.map_or(f64::NAN, f64::from);
    out.table(
        "products",
        vec![
            column("target", words(all.iter().map(|i| name(*i)))),
            column("peak", number(&|i| targets[i].peak.value)),
            column("peak_low", number(&|i| targets[i].peak.low)),
            column("peak_high", number(&|i| targets[i].peak.high)),
            column("lost_weeks", number(&|i| targets[i].cumulative.value)),
            column("lost_low", number(&|i| targets[i].cumulative.low)),
            column("lost_high", number(&|i| targets[i].cumulative.high)),
            column(
                "first_week_worst",
                number(&|i| first(targets[i].first_week.worst)),
            ),
            column(
                "first_week_best",
                number(&|i| first(targets[i].first_week.best)),
            ),
            column("peak_p05", number(&|i| drawn[i].peak.p05)),
            column("peak_p50", number(&|i| drawn[i].peak.p50)),
            column("peak_p95", number(&|i| drawn[i].peak.p95)),
            column("lost_p05", number(&|i| drawn[i].cumulative.p05)),
            column("lost_p50", number(&|i| drawn[i].cumulative.p50)),
            column("lost_p95", number(&|i| drawn[i].cumulative.p95)),
            column("draws_with_loss", number(&|i| drawn[i].hit)),
        ],
    )?;
    let weeks: Vec<(usize, usize)> = (0..targets.len())
        .flat_map(|i| (0..targets[i].weeks.len()).map(move |week| (i, week)))
        .collect();
    let weekly = |of: &dyn Fn(usize, usize) -> f64| {
        ResultColumn::Number(weeks.iter().map(|(i, w)| of(*i, *w)).collect())
    };
    let numbers = weeks.iter().map(|(_, week)| *week as u32 + 1).collect();
    out.table(
        "weeks",
        vec![
            column("target", words(weeks.iter().map(|(i, _)| name(*i)))),
            column("week", ResultColumn::Count(numbers)),
            column("best", weekly(&|i, w| targets[i].weeks[w].low)),
            column("value", weekly(&|i, w| targets[i].weeks[w].value)),
            column("worst", weekly(&|i, w| targets[i].weeks[w].high)),
            column("p05", weekly(&|i, w| drawn[i].weeks[w].p05)),
            column("p50", weekly(&|i, w| drawn[i].weeks[w].p50)),
            column("p95", weekly(&|i, w| drawn[i].weeks[w].p95)),
        ],
    )?;
    let stretches: Vec<_> = targets
        .iter()
        .flat_map(|t| t.binding.iter().map(move |b| (t, b)))
        .collect();
    out.table(
        "binding",
        vec![
            column(
                "target",
                words(stretches.iter().map(|(t, _)| t.target.to_string())),
            ),
            column(
                "from_week",
                ResultColumn::Count(stretches.iter().map(|(_, b)| b.weeks.0).collect()),
            ),
            column(
                "to_week",
                ResultColumn::Count(stretches.iter().map(|(_, b)| b.weeks.1).collect()),
            ),
            column(
                "binds",
                words(stretches.iter().map(|(_, b)| {
                    match &b.cause {
                        Cause::Own => "own".to_owned(),
                        Cause::Inputs(nodes) => nodes
                            .iter()
                            .map(model::Node::as_str)
                            .collect::<Vec<_>>()
                            .join(";"),
                    }
                })),
            ),
            column(
                "source",
                words(stretches.iter().map(|(_, b)| b.source.to_string())),
            ),
            column(
                "loss",
                ResultColumn::Number(stretches.iter().map(|(_, b)| b.loss.value).collect()),
            ),
            column(
                "loss_low",
                ResultColumn::Number(stretches.iter().map(|(_, b)| b.loss.low).collect()),
            ),
            column(
                "loss_high",
                ResultColumn::Number(stretches.iter().map(|(_, b)| b.loss.high).collect()),
            ),
        ],
    )?;
    let names = Names::default();
    let json = json!({
        "schema": "forelay.calc.shock/1",
        "input": read.input,
        "scenario": scenario,
        "draws": args.draws,
        "seed": args.seed,
        "notes": found.notes.iter().map(|n| n.render(lang, &names)).collect::<Vec<_>>(),
        "without_shares": found.coverage_gaps.iter().map(model::Node::as_str).collect::<Vec<_>>(),
    });
    let lines = targets.iter().zip(&drawn).map(|(t, d)| {
        format!(
            "{}: peak {:.3} [{:.3}..{:.3}], draws {:.3} [{:.3}..{:.3}]",
            t.target, t.peak.value, t.peak.low, t.peak.high, d.peak.p50, d.peak.p05, d.peak.p95
        )
    });
    out.report(json, lines.collect(), Vec::new())
}

fn question(scenario: &Scenario, id: &str, targets: Vec<model::Node>) -> Ask {
    let assumed = |span: Span| Estimate {
        value: span.value,
        low: span.low,
        high: span.high,
        basis: Basis::Assumed,
    };
    let asks_price = scenario.event.iter().any(|e| e.quantity == AskedFor::Price);
    Ask {
        // The same question draws the same numbers wherever its file lies.
        id: id.to_owned(),
        events: scenario
            .event
            .iter()
            .map(|event| Event {
                country: event.country.as_deref().map(Into::into),
                node: event.node.as_deref().map(Into::into),
                severity: assumed(event.severity),
                start_week: event.start_week,
                weeks: event.weeks,
            })
            .collect(),
        horizon_weeks: scenario.horizon_weeks,
        stocks: scenario
            .stocks
            .iter()
            .map(|stock| (stock.node.as_str().into(), assumed(stock.weeks)))
            .collect(),
        stage_stocks: BTreeMap::new(),
        default_stock: assumed(scenario.default_stock_weeks),
        buyer: scenario.buyer.as_deref().map(Into::into),
        targets,
        firm: scenario.event.iter().find_map(|event| event.firm.clone()),
        place: scenario.event.iter().find_map(|event| event.region.clone()),
        quantity: if asks_price {
            Asked::Price
        } else {
            Asked::Supply
        },
    }
}

fn name_of(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

/// Several refusals as one.
fn joined(refusals: &[Refusal]) -> Refusal {
    let of = |pick: fn(&Refusal) -> &model::Message| {
        let messages: Vec<model::Message> = refusals.iter().map(|r| pick(r).clone()).collect();
        model::Message::joined(&messages)
    };
    Refusal {
        code: refusals.first().map_or(String::new(), |r| r.code.clone()),
        question: of(|r| &r.question),
        reason: of(|r| &r.reason),
        needed: of(|r| &r.needed),
    }
}
