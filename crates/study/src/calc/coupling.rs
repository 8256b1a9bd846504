//! `calc coupling`: from one layer to another with a time lag, validated against chance, and backtested.

use std::collections::BTreeMap;
use std::path::PathBuf;

use evidence::bulk::ResultColumn;
use foundation::activity::{ActivityPanel, ActivityTable};
use foundation::complexity::table::presence_of;
use foundation::coupling::CouplingError;
use foundation::coupling::backtest::{self, Report, backtest};
use foundation::coupling::cross_space::{cross_density, cross_proximity};
use foundation::coupling::forecast::Target;
use foundation::coupling::lag::{self, lag_profile};
use foundation::coupling::layers::{Layer, matched};
use foundation::coupling::periods::moving_sums;
use foundation::coupling::validation::{self, validate};
use model::{Lang, Names, Quantity, Refusal, Seed, Year, short};
use serde_json::{Value, json};

use super::CalcError;
use super::out::{CalcReport, Columns, Out, coded, column, words};
use super::table::{Prepared, TableArgs, prepare};

#[derive(Debug, Clone)]
pub struct CouplingArgs {
    /// The layer that comes before: science or technology.
    pub from: TableArgs,
    /// The layer that comes after: technology or products. Its conventions are its own.
    pub to: TableArgs,
    /// Years from the first layer to the second.
    pub lag: i32,
    /// Years summed up to each year, for counts too small for one year.
    pub window: usize,
    /// The year of the first layer; the latest that fits where `None`.
    pub year: Option<i32>,
    /// Draws from the null model.
    pub draws: usize,
    pub seed: u64,
    /// Location whose gaps and openings are marked.
    pub home: Option<String>,
    /// Test forecasts over the past, this many years ahead.
    pub backtest: Option<i32>,
    pub out: PathBuf,
}

/// Computes and writes `assist.csv`, `cross.csv`, `cross_density.csv`, `lags.csv` and `backtest.csv` where the years
/// allow it, and `report.json`.
pub fn coupling(args: &CouplingArgs, lang: Lang) -> Result<CalcReport, CalcError> {
    let (from, to) = (prepare(&args.from)?, prepare(&args.to)?);
    let panels = (
        moving_sums(&from.panel(), args.window),
        moving_sums(&to.panel(), args.window),
    );
    let (first, second) = years(args, &from, &to, &panels)?;
    let mut refused = Vec::new();
    let mut lines = [from.notes.clone(), to.notes.clone()].concat();
    let names = Names::default();
    let say = |refusal: &Refusal| refusal.reason.render(lang, &names);
    let layer =
        |prepared: &Prepared, panel: &ActivityPanel, year: Year| -> Result<Layer, CalcError> {
            let table = panel.years.get(&year).ok_or_else(|| {
                CalcError::argument("--year", format!("a layer has no data for {year}"))
            })?;
            layer(prepared, table)
        };
    let pair = matched(
        &layer(&from, &panels.0, first)?,
        &layer(&to, &panels.1, second)?,
    )
    .map_err(|error| match error {
        CouplingError::Refused(refusal) => CalcError::Refused(refusal),
        other => CalcError::argument("the layers", other.to_string()),
    })?;
    let null = validation::Params {
        draws: args.draws,
        seed: Seed(args.seed),
        ..validation::Params::default()
    };
    let mut out = Out::new(&args.out)?;
    let home = match &args.home {
        None => None,
        Some(label) => Some(pair.location(label).ok_or_else(|| {
            CalcError::argument("--home", format!("`{label}` is not in both layers"))
        })?),
    };
    let (a_labels, b_labels) = (pair.from.activities(), pair.to.activities());
    let cross = cross_proximity(pair.from.presence(), pair.to.presence());
    let (height, width) = (a_labels.len(), b_labels.len());
    let all = |of: &dyn Fn(usize, usize) -> f64| {
        ResultColumn::Number(
            (0..height * width)
                .map(|k| of(k / width, k % width))
                .collect(),
        )
    };
    let flags = |of: &dyn Fn(usize, usize) -> bool| {
        ResultColumn::Flag(
            (0..height * width)
                .map(|k| of(k / width, k % width))
                .collect(),
        )
    };
    let mut columns: Columns = vec![
        column(
            "from",
            coded(
                a_labels,
                (0..height * width).map(|k| (k / width) as u32).collect(),
            ),
        ),
        column(
            "to",
            coded(
                b_labels,
                (0..height * width).map(|k| (k % width) as u32).collect(),
            ),
        ),
    ];
    let assist = foundation::coupling::assist::assist(pair.from.presence(), pair.to.presence());
    columns.push(column("assist", all(&|a, b| assist.get(a, b))));
    columns.push(column("cross_proximity", all(&|a, b| cross.get(a, b))));
    let mut significant = None;
    match validate(&pair, &null) {
        Ok(links) => {
            columns.extend([
                column("expected", all(&|a, b| links.expected.get(a, b))),
                column("p_value", all(&|a, b| links.p_values.get(a, b))),
                column("significant", flags(&|a, b| links.significant(a, b))),
            ]);
            lines.push(format!(
                "{} of {} links are stronger than chance explains (year {first} to {second})",
                links.pairs().len(),
                height * width
            ));
            significant = Some(links.pairs().len());
        }
        Err(CouplingError::Refused(refusal)) => refused.push(say(&refusal)),
        Err(error) => return Err(CalcError::argument("--draws", error.to_string())),
    }
    if let Some(home) = home {
        columns.extend([
            column(
                "home_has_from",
                flags(&|a, _| pair.from.presence().get(home, a)),
            ),
            column(
                "home_has_to",
                flags(&|_, b| pair.to.presence().get(home, b)),
            ),
        ]);
    }
    out.table("assist", columns)?;
    let density = cross_density(pair.from.presence(), &cross);
    let cells = pair.locations().len() * width;
    out.table(
        "cross_density",
        vec![
            column(
                "location",
                coded(
                    pair.locations(),
                    (0..cells).map(|k| (k / width) as u32).collect(),
                ),
            ),
            column(
                "activity",
                coded(b_labels, (0..cells).map(|k| (k % width) as u32).collect()),
            ),
            column(
                "cross_density",
                ResultColumn::Number(
                    (0..cells)
                        .map(|k| density.get(k / width, k % width))
                        .collect(),
                ),
            ),
            column(
                "present",
                ResultColumn::Flag(
                    (0..cells)
                        .map(|k| pair.to.presence().get(k / width, k % width))
                        .collect(),
                ),
            ),
        ],
    )?;
    let lags =
        if from.has_years && to.has_years && panels.0.years.len() > 3 && panels.1.years.len() > 3 {
            profile(args, &from, &to, &panels, &null, &mut out, &mut lines, &say)?
        } else {
            Value::Null
        };
    let tested = match args.backtest {
        None => Value::Null,
        Some(horizon) => test(
            args,
            horizon,
            &from,
            &panels,
            &mut out,
            &mut lines,
            &mut refused,
            &say,
        )?,
    };
    let json = json!({
        "schema": "forelay.calc.coupling/1",
        "from": from.input, "to": to.input,
        "convention": from.preset.code(),
        "years": [first.0, second.0], "lag": args.lag, "window": args.window,
        "locations": pair.locations().len(),
        "only_in_first": pair.only_from, "only_in_second": pair.only_to,
        "significant_links": significant,
        "draws": args.draws, "seed": args.seed,
        "lags": lags,
        "backtest": tested,
        "refused": refused,
    });
    out.report(json, lines, refused)
}

/// The year of each layer; 0 where neither file has years.
fn years(
    args: &CouplingArgs,
    from: &Prepared,
    to: &Prepared,
    panels: &(ActivityPanel, ActivityPanel),
) -> Result<(Year, Year), CalcError> {
    if !from.has_years || !to.has_years {
        if args.lag != 0 || args.year.is_some() || args.backtest.is_some() {
            return Err(CalcError::argument(
                "--lag, --at, --backtest",
                "a file has no column of years; name it with --columns or --to-columns year=HEADING",
            ));
        }
        let any =
            |panel: &ActivityPanel| panel.years.keys().next_back().copied().unwrap_or(Year(0));
        return Ok((any(&panels.0), any(&panels.1)));
    }
    let fits = |year: &&Year| panels.1.years.contains_key(&Year(year.0 + args.lag));
    let first = match args.year {
        Some(year) => Year(year),
        None => *panels.0.years.keys().rev().find(fits).ok_or_else(|| {
            CalcError::argument(
                "--lag",
                format!(
                    "no year of the first layer has a year of the second {} years later",
                    args.lag
                ),
            )
        })?,
    };
    Ok((first, Year(first.0 + args.lag)))
}

fn layer(prepared: &Prepared, table: &ActivityTable) -> Result<Layer, CalcError> {
    let wrong = |problem: String| CalcError::argument("the table", problem);
    let params = foundation::complexity::Params::default();
    let presence =
        presence_of(table, &prepared.convention, &params).map_err(|e| wrong(e.to_string()))?;
    Layer::new(
        table.locations().to_vec(),
        table.activities().to_vec(),
        presence,
    )
    .map_err(|e| wrong(e.to_string()))
}

/// How often links are significant at lags of 0, 5, 10 and 15 years.
#[allow(clippy::too_many_arguments)] // one call, made where all of these are at hand
fn profile(
    args: &CouplingArgs,
    from: &Prepared,
    to: &Prepared,
    panels: &(ActivityPanel, ActivityPanel),
    null: &validation::Params,
    out: &mut Out,
    lines: &mut Vec<String>,
    say: &dyn Fn(&Refusal) -> String,
) -> Result<Value, CalcError> {
    let layers =
        |prepared: &Prepared, panel: &ActivityPanel| -> Result<BTreeMap<Year, Layer>, CalcError> {
            let aligned = panel.aligned();
            aligned
                .years
                .iter()
                .map(|(year, table)| Ok((*year, layer(prepared, table)?)))
                .collect()
        };
    let defaults = lag::Params::default();
    let params = lag::Params {
        null: validation::Params {
            draws: null.draws.max(defaults.null.draws),
            seed: null.seed,
            ..defaults.null
        },
        seed: Seed(args.seed),
        ..lag::Params::default()
    };
    match lag_profile(&layers(from, &panels.0)?, &layers(to, &panels.1)?, &params) {
        Ok(found) => {
            let frequency = &found.frequency;
            out.table(
                "lags",
                vec![
                    column(
                        "lag_years",
                        ResultColumn::Number(
                            frequency.iter().map(|(l, _)| f64::from(*l)).collect(),
                        ),
                    ),
                    column(
                        "significant_share",
                        ResultColumn::Number(frequency.iter().map(|(_, e)| e.value).collect()),
                    ),
                    column(
                        "low",
                        ResultColumn::Number(frequency.iter().map(|(_, e)| e.low).collect()),
                    ),
                    column(
                        "high",
                        ResultColumn::Number(frequency.iter().map(|(_, e)| e.high).collect()),
                    ),
                ],
            )?;
            Ok(json!({ "years": found.years.len(), "best": found.best, "chance": found.chance }))
        }
        // Nobody asked for it: years enough are the only reason to try.
        Err(CouplingError::Refused(refusal)) => {
            let said = format!("not estimated: {}", say(&refusal));
            lines.push(format!("profile of lags: {said}"));
            out.absent("lags")?;
            Ok(json!(said))
        }
        Err(error) => Err(CalcError::argument("--lag", error.to_string())),
    }
}

/// Forecasts of the past beside what came true.
#[allow(clippy::too_many_arguments)] // one call, made where all of these are at hand
fn test(
    args: &CouplingArgs,
    horizon: i32,
    from: &Prepared,
    panels: &(ActivityPanel, ActivityPanel),
    out: &mut Out,
    lines: &mut Vec<String>,
    refused: &mut Vec<String>,
    say: &dyn Fn(&Refusal) -> String,
) -> Result<Value, CalcError> {
    let mut params = backtest::Params {
        seed: Seed(args.seed),
        ..backtest::Params::default()
    };
    params.forecast.horizon = horizon;
    params.forecast.seed = Seed(args.seed);
    params.forecast.rule.threshold = from.convention.threshold;
    params.forecast.target = Target::Activation {
        absent_below: from.convention.threshold,
    };
    match backtest(&panels.0, &panels.1, &params) {
        Ok(report) => {
            write_test(out, &report)?;
            for line in &report.lines {
                if let (Some(verdict), "metric.average_precision") =
                    (line.verdict, line.metric.code())
                {
                    lines.push(format!(
                        "{}: {}",
                        short(line.score.code()),
                        short(verdict.code()).replace('_', " ")
                    ));
                }
            }
            Ok(json!({
                "horizon": horizon,
                "locations": report.locations,
                "origins": report.origins.iter().map(|o| json!({
                    "origin": o.origin.0, "locations": o.locations, "cells": o.cells, "came_true": o.hits,
                    "unknown": o.unknown,
                })).collect::<Vec<_>>(),
            }))
        }
        Err(CouplingError::Refused(refusal)) => {
            refused.push(say(&refusal));
            Ok(Value::Null)
        }
        Err(error) => Err(CalcError::argument("--backtest", error.to_string())),
    }
}

/// A line of the backtest: score, metric, value with range, baseline, difference with range, verdict.
type Tested = (String, String, [f64; 3], String, [f64; 3], String);

fn write_test(out: &mut Out, report: &Report) -> Result<(), CalcError> {
    let of = |q: &Quantity, pick: fn(&model::Estimate) -> f64| {
        q.estimate().map_or(f64::NAN, |e| pick(&e))
    };
    let mut rows: Vec<Tested> = Vec::new();
    for line in &report.lines {
        let value = [
            of(&line.value, |e| e.value),
            of(&line.value, |e| e.low),
            of(&line.value, |e| e.high),
        ];
        let verdict = line
            .verdict
            .map(|v| short(v.code()).to_owned())
            .unwrap_or_default();
        if line.differences.is_empty() {
            rows.push((
                short(line.score.code()).into(),
                short(line.metric.code()).into(),
                value,
                String::new(),
                [f64::NAN; 3],
                verdict.clone(),
            ));
        }
        for (baseline, difference) in &line.differences {
            let d = [
                of(difference, |e| e.value),
                of(difference, |e| e.low),
                of(difference, |e| e.high),
            ];
            rows.push((
                short(line.score.code()).into(),
                short(line.metric.code()).into(),
                value,
                short(baseline.code()).into(),
                d,
                verdict.clone(),
            ));
        }
    }
    let number =
        |pick: &dyn Fn(&Tested) -> f64| ResultColumn::Number(rows.iter().map(pick).collect());
    out.table(
        "backtest",
        vec![
            column("score", words(rows.iter().map(|r| r.0.clone()))),
            column("metric", words(rows.iter().map(|r| r.1.clone()))),
            column("value", number(&|r| r.2[0])),
            column("low", number(&|r| r.2[1])),
            column("high", number(&|r| r.2[2])),
            column("baseline", words(rows.iter().map(|r| r.3.clone()))),
            column("difference", number(&|r| r.4[0])),
            column("difference_low", number(&|r| r.4[1])),
            column("difference_high", number(&|r| r.4[2])),
            column("verdict", words(rows.iter().map(|r| r.5.clone()))),
        ],
    )
}
