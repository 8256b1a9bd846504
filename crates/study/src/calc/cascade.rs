//! `calc cascade`: systemic risk of every firm of a supply network, or the losses under given shocks.

use std::path::{Path, PathBuf};

use chain::cascade::{
    Cascade, Certainty, ConvergedParams, FirmNetwork, JacobiParams, Model, Production, Score,
    Shocks, Substitution, Summary,
};
use evidence::bulk::ResultColumn;
use model::{Lang, Message, Names};
use serde_json::{Value, json};

use super::CalcError;
use super::firms::{Inputs, read_network, read_shocks};
use super::out::{CalcReport, Columns, Out, column, text, words};
use super::table::hash;

/// How far the iteration goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stop {
    /// The published iteration with this tolerance.
    Published { tolerance: f64 },
    /// Until the error of each score is certified.
    Converged {
        tolerance: f64,
        relative: Option<f64>,
    },
}

#[derive(Debug, Clone)]
pub struct CascadeArgs {
    /// Columns supplier, customer, weight.
    pub edges: PathBuf,
    /// Columns firm, sector and any that the other arguments name.
    pub firms: PathBuf,
    /// Columns sector, essential (0 or 1), or a matrix of 0, 1, 2: supplier's sector × customer's sector.
    pub essential: PathBuf,
    pub production: Production,
    pub substitution: Substitution,
    pub stop: Stop,
    /// A share of every firm's revenue, or a heading of the firms' file with shares.
    pub final_demand: Option<String>,
    /// Headings of the firms' file.
    pub costs: Option<String>,
    pub revenue: Option<String>,
    /// Columns shock, firm and perhaps remaining; each firm alone where `None`.
    pub shocks: Option<PathBuf>,
    pub out: PathBuf,
}

/// Networks up to this size are computed by the published iteration too, to say how far that one is off.
const MOST_COMPARED: usize = 20_000;
/// Losses below this are not listed firm by firm.
const LEAST_LISTED: f64 = 1e-4;

/// Computes and writes `scores.csv` (each firm) or `shocks.csv` and `losses.csv`, and `report.json`.
pub fn cascade(args: &CascadeArgs, lang: Lang) -> Result<CalcReport, CalcError> {
    let wrong =
        |error: chain::cascade::CascadeError| CalcError::argument("the network", error.to_string());
    let Inputs {
        network,
        costs,
        revenue,
        ..
    } = read_network(args)?;
    let model = Model {
        production: args.production,
        substitution: args.substitution,
        costs,
        revenue,
    };
    let prepared = Cascade::new(&network, &model).map_err(wrong)?;
    let scenarios = match &args.shocks {
        Some(file) => Some(read_shocks(file, &network)?),
        None => None,
    };
    let shocks = scenarios
        .clone()
        .map_or(Shocks::EachFirm, Shocks::Scenarios);
    let (scores, summary) = match args.stop {
        Stop::Published { tolerance } => {
            let params = JacobiParams {
                tolerance,
                ..JacobiParams::default()
            };
            (prepared.published(&shocks, &params).map_err(wrong)?, None)
        }
        Stop::Converged {
            tolerance,
            relative,
        } => {
            let params = ConvergedParams {
                tolerance,
                relative,
            };
            let done = prepared.converged(&shocks, &params).map_err(wrong)?;
            (done.scores, Some(done.summary))
        }
    };
    let mut out = Out::new(&args.out)?;
    match &scenarios {
        None => {
            let shares = prepared.shares();
            let mut columns = vec![column("firm", text(&network.firms().ids))];
            columns.extend(numbers(&scores, Some(&shares)));
            out.table("scores", columns)?;
        }
        Some(scenarios) => {
            let mut columns = vec![column(
                "shock",
                words(scenarios.iter().map(|s| s.name.clone())),
            )];
            columns.extend(numbers(&scores, None));
            out.table("shocks", columns)?;
            if let Stop::Converged { tolerance, .. } = args.stop {
                write_losses(&mut out, &network, &prepared, scenarios, tolerance)?;
            }
        }
    }
    let compared = match (&scenarios, args.stop) {
        (None, Stop::Converged { .. }) if network.firms().ids.len() <= MOST_COMPARED => {
            let found = prepared
                .published(&shocks, &JacobiParams::default())
                .map_err(wrong)?;
            Some(found)
        }
        _ => None,
    };
    let (lines, closed) = account(
        &network,
        &prepared,
        &scores,
        summary,
        compared.as_deref(),
        args.stop,
    );
    let render = |message: &Message| message.render(lang, &Names::default());
    let json = json!({
        "schema": "forelay.calc.cascade/1",
        "input": {
            "edges": args.edges.display().to_string(), "edges_blake3": hash(&args.edges)?,
            "firms": args.firms.display().to_string(), "firms_blake3": hash(&args.firms)?,
            "essential": args.essential.display().to_string(), "essential_blake3": hash(&args.essential)?,
            "links": network.links().weight.len(), "count": network.firms().ids.len(),
        },
        "model": {
            "production": match args.production {
                Production::GeneralisedLeontief => "gl",
                Production::Linear => "linear",
                Production::Leontief => "leontief",
            },
            "substitution": args.substitution == Substitution::MarketShare,
            "final_demand": args.final_demand, "costs": args.costs, "revenue": args.revenue,
        },
        "stop": match args.stop {
            Stop::Published { tolerance } => json!({ "published": tolerance }),
            Stop::Converged { tolerance, relative } => json!({ "converged": tolerance, "relative": relative }),
        },
        "mean_index": mean(&scores),
        "certificates": summary.map(|s| json!({
            "shocks": s.shocks, "certified": s.certified, "one_by_one": s.one_by_one,
            "mean_bound": s.mean_bound, "largest_bound": s.largest_bound,
        })),
        "published": compared.as_deref().map(|found| difference(found, &scores)),
        "closed": closed,
        "remarks": lines.iter().map(render).collect::<Vec<_>>(),
    });
    out.report(json, lines.iter().map(render).collect(), Vec::new())
}

fn mean(scores: &[Score]) -> f64 {
    scores.iter().map(|s| s.esri).sum::<f64>() / scores.len().max(1) as f64
}

/// Columns of the scores; the error also as a share of the firm's own where `shares` are given.
fn numbers(scores: &[Score], shares: Option<&[f64]>) -> Columns {
    let number = |of: &dyn Fn(&Score) -> f64| ResultColumn::Number(scores.iter().map(of).collect());
    let bound = |s: &Score| s.certainty.bound().unwrap_or(f64::NAN);
    let mut columns = vec![
        column("esri", number(&|s| s.esri)),
        column("esri_down", number(&|s| s.down)),
        column("esri_up", number(&|s| s.up)),
        column(
            "iterations",
            ResultColumn::Count(scores.iter().map(|s| s.iterations).collect()),
        ),
        column("error_bound", number(&bound)),
        column(
            "error_share",
            number(&|s| {
                if s.esri > 0.0 {
                    bound(s) / s.esri
                } else {
                    f64::NAN
                }
            }),
        ),
        column(
            "certificate",
            words(scores.iter().map(|s| {
                match s.certainty {
                    Certainty::NotEstimated => "not estimated",
                    Certainty::Certified(_) => "certified",
                    Certainty::NotCertified(_) => "lower bound",
                }
                .to_owned()
            })),
        ),
    ];
    if let Some(shares) = shares {
        columns.push(column("own_share", ResultColumn::Number(shares.to_vec())));
    }
    columns
}

/// Who loses how much, for each shock.
fn write_losses(
    out: &mut Out,
    network: &FirmNetwork,
    prepared: &Cascade,
    scenarios: &[chain::cascade::Shock],
    tolerance: f64,
) -> Result<(), CalcError> {
    let firms = network.firms();
    let mut sheet = out.sheet("losses.csv");
    for shock in scenarios {
        let found = prepared
            .losses(shock, tolerance)
            .map_err(|error| CalcError::argument("--shock", error.to_string()))?;
        let listed: Vec<usize> = (0..firms.ids.len())
            .filter(|i| found.low[*i] >= LEAST_LISTED)
            .collect();
        let pick =
            |values: &[f64]| ResultColumn::Number(listed.iter().map(|i| values[*i]).collect());
        sheet.append(vec![
            column("shock", words(listed.iter().map(|_| shock.name.clone()))),
            column("firm", words(listed.iter().map(|i| firms.ids[*i].clone()))),
            column(
                "sector",
                words(
                    listed
                        .iter()
                        .map(|i| firms.sectors[firms.sector[*i] as usize].clone()),
                ),
            ),
            column("loss_low", pick(&found.low)),
            column("loss_high", pick(&found.high)),
            column("loss_down", pick(&found.down)),
            column("loss_up", pick(&found.up)),
        ])?;
    }
    out.finish(sheet)
}

/// Remarks for people, and the closed parts for the record.
fn account(
    network: &FirmNetwork,
    prepared: &Cascade,
    scores: &[Score],
    summary: Option<Summary>,
    compared: Option<&[Score]>,
    stop: Stop,
) -> (Vec<Message>, Value) {
    let firms = network.firms();
    let closed = prepared.closed();
    let mut lines = vec![
        Message::new("cascade.mean")
            .with("shocks", scores.len())
            .with("mean", exponent(mean(scores))),
    ];
    match (summary, stop) {
        (Some(s), Stop::Converged { tolerance, .. }) => {
            lines.push(
                Message::new("cascade.certified")
                    .with("certified", s.certified)
                    .with("shocks", s.shocks)
                    .with("tolerance", exponent(tolerance))
                    .with("largest", exponent(s.largest_bound)),
            );
            if s.certified < s.shocks {
                lines.push(Message::new("cascade.not_certified").with("n", s.shocks - s.certified));
            }
        }
        (_, Stop::Published { tolerance } | Stop::Converged { tolerance, .. }) => {
            lines.push(Message::new("cascade.published").with("tolerance", exponent(tolerance)));
        }
    }
    if let Some(found) = compared {
        let (before, after) = (mean(found), mean(scores));
        lines.push(
            Message::new("cascade.compared")
                .with("published", exponent(before))
                .with(
                    "change",
                    if after > 0.0 {
                        1.0 - before / after
                    } else {
                        0.0
                    },
                ),
        );
    } else if summary.is_some() {
        lines.push(Message::new("cascade.not_compared"));
    }
    let n = firms.ids.len();
    if closed.upstream.len() == 1 && closed.upstream[0].len() == n {
        lines.push(Message::new("cascade.closed_whole"));
    } else if !closed.upstream.is_empty() {
        lines.push(
            Message::new("cascade.closed_up")
                .with("n", closed.upstream.len())
                .with("firms", closed.upstream.iter().map(Vec::len).sum::<usize>()),
        );
    }
    if !closed.downstream.is_empty() {
        lines.push(
            Message::new("cascade.closed_down")
                .with("n", closed.downstream.len())
                .with(
                    "firms",
                    closed.downstream.iter().map(Vec::len).sum::<usize>(),
                ),
        );
    }
    let sellers = network.sales().iter().filter(|s| **s > 0.0).count();
    if closed.firms_without_leak == sellers {
        lines.push(Message::new("cascade.no_leak"));
    }
    let named = |sets: &[Vec<u32>]| -> Vec<Value> {
        let one = |set: &Vec<u32>| {
            let first: Vec<&str> = set
                .iter()
                .take(20)
                .map(|i| firms.ids[*i as usize].as_str())
                .collect();
            json!({ "count": set.len(), "first": first })
        };
        sets.iter().map(one).collect()
    };
    let record = json!({
        "upstream": named(&closed.upstream),
        "downstream": named(&closed.downstream),
        "firms_without_leak": closed.firms_without_leak,
    });
    (lines, record)
}

fn exponent(x: f64) -> String {
    format!("{x:.3e}")
}

/// What the published stop rule would have said.
fn difference(published: &[Score], scores: &[Score]) -> Value {
    let far = published
        .iter()
        .zip(scores)
        .map(|(p, s)| s.esri - p.esri)
        .fold(0.0, f64::max);
    json!({
        "tolerance": 1e-2,
        "mean_index": mean(published),
        "largest_difference": far,
    })
}

/// Whether a path is given as a file that exists; a better message than the reader's for a misspelt argument.
pub(super) fn exists(argument: &'static str, file: &Path) -> Result<(), CalcError> {
    if file.is_file() {
        Ok(())
    } else {
        Err(CalcError::Argument {
            argument,
            problem: format!("there is no file {}", file.display()),
            help: None,
        })
    }
}
