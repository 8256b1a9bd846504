//! `calc complexity`: ECI, PCI, fitness, density, COI and COG of a table, year by year.

use std::path::PathBuf;

use evidence::bulk::ResultColumn;
use foundation::complexity::convention::{Convention, Method as Scores, Preset};
use foundation::complexity::difference::{Change, Output, explain_difference};
use foundation::complexity::fitness::{Fitness, FitnessParams, Stop, Update, fitness};
use foundation::complexity::table::{Complexity, ComplexityError, complexity as compute};
use foundation::robustness::nestedness::nodf;
use model::{Lang, Message, Names};
use serde_json::{Value, json};

use super::out::{CalcReport, CellsFormat, Out, Sheet, coded, column, text, words};
use super::table::{Period, Prepared, TableArgs, audit, finite, prepare, preset as named};
use super::{CalcError, robustness};

/// How ECI and PCI, or fitness, are iterated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Eigen,
    Reflections,
    /// ECI and PCI stay the eigenvectors; `iterations` are those of fitness.
    Fitness,
}

#[derive(Debug, Clone)]
pub struct ComplexityArgs {
    pub table: TableArgs,
    /// `None`: the convention's.
    pub method: Option<Method>,
    pub iterations: Option<usize>,
    pub cells: CellsFormat,
    /// Replicates of the bootstrap for the ranges of every rank; 0 for none.
    pub replicates: usize,
    pub seed: u64,
    /// Two conventions whose difference on this table is to be explained.
    pub explain: Option<(String, String)>,
    pub out: PathBuf,
}

/// Computes and writes `locations.csv`, `activities.csv`, `cells.csv` or `.parquet`, and `report.json`.
pub fn complexity(args: &ComplexityArgs, lang: Lang) -> Result<CalcReport, CalcError> {
    let mut prepared = prepare(&args.table)?;
    let preset = prepared.preset;
    with_method(&mut prepared.convention, preset, args)?;
    let fit = fitness_params(preset, args);
    let mut out = Out::new(&args.out)?;
    let mut locations = out.sheet("locations.csv");
    let mut activities = out.sheet("activities.csv");
    let mut cells = match args.cells {
        CellsFormat::Csv => Some(out.sheet("cells.csv")),
        CellsFormat::Parquet => Some(out.sheet("cells.parquet")),
        CellsFormat::None => None,
    };
    let mut periods = Vec::new();
    let mut scores: Vec<Option<(Vec<f64>, Vec<f64>)>> = Vec::new();
    let mut refused = Vec::new();
    let mut near = Near::default();
    let mut lines = prepared.notes.clone();
    if args.replicates == 0 {
        lines.push("ranges: not estimated (add --replicates 200)".to_owned());
    }
    for period in &prepared.periods {
        match compute(
            &period.table,
            &prepared.convention,
            &prepared.params(period),
        ) {
            Ok(found) => {
                let fit = fitness(&found.presence, &fit)
                    .map_err(|error| CalcError::argument("--iterations", error.to_string()))?;
                scores.push(Some((found.eci.clone(), found.pci.clone())));
                near.add(period, &found);
                periods.push(record(period, &prepared, &found, &fit));
                append(
                    period,
                    found,
                    &fit,
                    &mut locations,
                    &mut activities,
                    cells.as_mut(),
                )?;
            }
            Err(ComplexityError::Refused(refusal)) => {
                scores.push(None);
                let names = Names::default();
                let text = |m: &Message| m.render(lang, &names);
                refused.push(format!(
                    "{}{}",
                    period.year.map(|y| format!("{y}: ")).unwrap_or_default(),
                    text(&refusal.reason)
                ));
                periods.push(json!({
                    "year": period.year.map(|y| y.0),
                    "refused": {
                        "code": refusal.code, "question": text(&refusal.question),
                        "reason": text(&refusal.reason), "needed": text(&refusal.needed),
                    },
                }));
            }
            Err(error) => return Err(CalcError::argument("the table", error.to_string())),
        }
    }
    out.finish(locations)?;
    out.finish(activities)?;
    if let Some(cells) = cells {
        out.finish(cells)?;
    }
    near.write(&mut out, prepared.has_years)?;
    let ranges = if args.replicates > 0 {
        Some(robustness::write(
            &mut out,
            &prepared,
            &scores,
            args.replicates,
            args.seed,
            &mut lines,
            lang,
        )?)
    } else {
        None
    };
    let difference = args
        .explain
        .as_ref()
        .map(|(a, b)| difference(&prepared, (a, b), &mut lines, lang))
        .transpose()?;
    let dropped: Vec<Value> = prepared.periods.iter().flat_map(audit).collect();
    let json = json!({
        "schema": "forelay.calc.complexity/1",
        "input": prepared.input,
        "convention": prepared.preset.code(),
        "choices": choices(&prepared.convention),
        "fitness": format!("{fit:?}"),
        "periods": periods,
        "universe": { "dropped": dropped, "not_found": prepared.not_found },
        "ranges": ranges.unwrap_or_else(|| json!("not estimated: ask with --replicates")),
        "difference": difference,
    });
    out.report(json, lines, refused)
}

/// The convention with the method that was asked for.
fn with_method(
    convention: &mut Convention,
    preset: Preset,
    args: &ComplexityArgs,
) -> Result<(), CalcError> {
    if args.iterations == Some(0) {
        return Err(CalcError::argument("--iterations", "at least 1"));
    }
    match (args.method, args.iterations) {
        (Some(Method::Eigen), Some(_)) => {
            return Err(CalcError::argument(
                "--iterations",
                "the eigenvector is not iterated; say --method reflections or --method fitness",
            ));
        }
        (Some(Method::Eigen | Method::Fitness), _) => convention.method = Scores::Eigenvector,
        (Some(Method::Reflections), iterations) => {
            let n = iterations.unwrap_or(20);
            convention.method = reflections_of(n, preset);
        }
        (None, Some(n)) => {
            if let Scores::Reflections { .. } = convention.method {
                convention.method = reflections_of(n, preset);
            } else {
                return Err(CalcError::argument(
                    "--iterations",
                    "say of what: --method reflections or --method fitness",
                ));
            }
        }
        (None, None) => {}
    }
    Ok(())
}

/// `n` half-steps as the packages count them: econcomplex ends at the orders n and n, the others at n - 2 and n - 1 ("20
/// iterations" are the orders 18 and 19).
fn reflections_of(n: usize, preset: Preset) -> Scores {
    let (location_order, activity_order) = if preset == Preset::Econcomplex {
        (n, n)
    } else {
        (n.saturating_sub(2), n.saturating_sub(1))
    };
    Scores::Reflections {
        location_order,
        activity_order,
    }
}

/// Fitness as the convention's package computes it, for the iterations asked; else until ranks are settled.
fn fitness_params(preset: Preset, args: &ComplexityArgs) -> FitnessParams {
    if args.method != Some(Method::Fitness) {
        return FitnessParams::default();
    }
    let mut params = match preset {
        Preset::Econcomplex => FitnessParams::econcomplex(),
        Preset::Economiccomplexity => FitnessParams::economiccomplexity_r(),
        _ => FitnessParams::default(),
    };
    if let Some(n) = args.iterations {
        params.stop = match preset {
            Preset::Econcomplex => Stop::Relative {
                most: n,
                tolerance: 1e-10,
            },
            // The R package counts columns, of which the first is the start.
            Preset::Economiccomplexity => Stop::Fixed { iterations: n - 1 },
            _ => {
                params.update = Update::Synchronous;
                Stop::Fixed { iterations: n }
            }
        };
    }
    params
}

fn append(
    period: &Period,
    found: Complexity,
    fit: &Fitness,
    locations: &mut Sheet,
    activities: &mut Sheet,
    cells: Option<&mut Sheet>,
) -> Result<(), CalcError> {
    let table = &period.table;
    let (l, a) = (table.locations().len(), table.activities().len());
    let year = |n: usize| {
        period
            .year
            .map(|y| column("year", ResultColumn::Count(vec![y.0.unsigned_abs(); n])))
    };
    let mut columns = vec![column("location", text(table.locations()))];
    columns.extend(year(l));
    columns.extend([
        column(
            "diversity",
            ResultColumn::Count(found.presence.diversity().to_vec()),
        ),
        column("eci", ResultColumn::Number(found.eci.clone())),
        column("coi", ResultColumn::Number(found.coi.clone())),
        column("fitness", ResultColumn::Number(natural(&fit.log_fitness))),
    ]);
    locations.append(columns)?;
    let mut columns = vec![column("activity", text(table.activities()))];
    columns.extend(year(a));
    columns.extend([
        column(
            "ubiquity",
            ResultColumn::Count(found.presence.ubiquity().to_vec()),
        ),
        column("pci", ResultColumn::Number(found.pci.clone())),
        column(
            "complexity",
            ResultColumn::Number(natural(&fit.log_complexity)),
        ),
    ]);
    activities.append(columns)?;
    if let Some(cells) = cells {
        let of =
            |pick: &dyn Fn(usize) -> usize| (0..l * a).map(|k| pick(k) as u32).collect::<Vec<_>>();
        let mut columns = vec![
            column("location", coded(table.locations(), of(&|k| k / a))),
            column("activity", coded(table.activities(), of(&|k| k % a))),
        ];
        columns.extend(year(l * a));
        columns.extend([
            column("value", ResultColumn::Number(table.values().to_vec())),
            column("rca", ResultColumn::Number(found.rca)),
            column(
                "presence",
                ResultColumn::Count(of(&|k| usize::from(found.presence.get(k / a, k % a)))),
            ),
            column("density", ResultColumn::Number(found.density)),
            column("cog", ResultColumn::Number(found.cog)),
        ]);
        cells.append(columns)?;
    }
    Ok(())
}

/// Numbers of their logarithms; what is not a number stays one.
fn natural(logs: &[f64]) -> Vec<f64> {
    logs.iter().map(|x| x.exp()).collect()
}

/// What is known about one period beside its numbers.
fn record(period: &Period, prepared: &Prepared, found: &Complexity, fit: &Fitness) -> Value {
    let d = &found.diagnostics;
    let table = &period.table;
    let named = |labels: &[String], at: &[usize]| -> Vec<String> {
        at.iter().map(|i| labels[*i].clone()).collect()
    };
    let nestedness = nodf(&found.presence);
    json!({
        "year": period.year.map(|y| y.0),
        "locations": table.locations().len(),
        "activities": table.activities().len(),
        "present_cells": found.presence.links(),
        "eigenvalues": d.eigenvalues.iter().take(10).collect::<Vec<_>>(),
        "spectral_gap": d.gap,
        "eci_sd_before_standardising": finite(d.eci_sd),
        "nestedness_nodf": finite(nestedness.pooled),
        "dropped_locations": named(table.locations(), &d.dropped_locations),
        "dropped_activities": named(table.activities(), &d.dropped_activities),
        "near_threshold_cells": d.near_threshold.len(),
        "unknown_cells": d.unknown_cells,
        "missing_reporters": prepared.missing(period),
        "fitness": {
            "iterations": fit.convergence.iterations,
            "ending": format!("{:?}", fit.convergence.ending).to_lowercase(),
        },
    })
}

/// Cells whose presence hangs on a small change of their advantage.
#[derive(Default)]
struct Near {
    years: Vec<u32>,
    locations: Vec<String>,
    activities: Vec<String>,
    advantage: Vec<f64>,
    present: Vec<u32>,
}

impl Near {
    fn add(&mut self, period: &Period, found: &Complexity) {
        for cell in &found.diagnostics.near_threshold {
            self.years
                .push(period.year.map_or(0, |y| y.0.unsigned_abs()));
            self.locations
                .push(period.table.locations()[cell.location].clone());
            self.activities
                .push(period.table.activities()[cell.activity].clone());
            self.advantage.push(cell.advantage);
            self.present.push(u32::from(cell.present));
        }
    }

    fn write(self, out: &mut Out, has_years: bool) -> Result<(), CalcError> {
        let mut columns = vec![
            column("location", words(self.locations)),
            column("activity", words(self.activities)),
        ];
        if has_years {
            columns.push(column("year", ResultColumn::Count(self.years)));
        }
        columns.push(column("advantage", ResultColumn::Number(self.advantage)));
        columns.push(column("presence", ResultColumn::Count(self.present)));
        out.table("near_threshold", columns)
    }
}

/// Why two conventions differ on the latest period, step by step.
fn difference(
    prepared: &Prepared,
    (from, to): (&str, &str),
    lines: &mut Vec<String>,
    lang: Lang,
) -> Result<Value, CalcError> {
    let (a, b) = (Convention::of(named(from)?), Convention::of(named(to)?));
    let Some(period) = prepared.periods.last() else {
        return Ok(Value::Null);
    };
    let found = match explain_difference(&period.table, &a, &b, &prepared.params(period)) {
        Ok(found) => found,
        Err(ComplexityError::Refused(refusal)) => return Err(CalcError::Refused(refusal)),
        Err(error) => {
            return Err(CalcError::argument(
                "--explain-difference",
                error.to_string(),
            ));
        }
    };
    let names = Names::default();
    if let Some(year) = period.year {
        lines.push(format!("the difference in {year}, the last year:"));
    }
    lines.extend(found.sentences().iter().map(|m| m.render(lang, &names)));
    let (locations, activities) = (period.table.locations(), period.table.activities());
    let unit = |output: Output, place: usize| match output {
        Output::Eci | Output::Coi => locations[place].clone(),
        Output::Pci => activities[place].clone(),
        Output::Density | Output::Cog => format!(
            "{}/{}",
            locations[place / activities.len()],
            activities[place % activities.len()]
        ),
    };
    let changes = |changes: &[Change]| -> Vec<Value> {
        changes
            .iter()
            .map(|c| {
                json!({
                    "output": c.output.code(), "compared": c.compared, "changed": c.changed, "unmatched": c.unmatched,
                    "largest": finite(c.largest), "largest_relative": finite(c.largest_relative),
                    "median_relative": finite(c.median_relative), "rank_correlation": c.rank_correlation,
                    "movers": c.movers.iter().map(|(place, by)| json!({ "unit": unit(c.output, *place), "by": by })).collect::<Vec<_>>(),
                })
            })
            .collect()
    };
    Ok(json!({
        "from": from, "to": to, "year": period.year.map(|y| y.0),
        "steps": found.steps.iter().map(|s| json!({
            "field": s.field.code(), "presence_cells_changed": s.presence, "nothing": s.is_nothing(),
            "refused": s.refused, "changes": changes(&s.changes),
        })).collect::<Vec<_>>(),
        "presence_cells_changed": found.presence,
        "total": changes(&found.total),
        "interaction": found.interaction.iter().map(|(o, share)| json!({ "output": o.code(), "share": share })).collect::<Vec<_>>(),
        "movers": found.movers.iter().map(|m| json!({
            "output": m.output.code(), "unit": unit(m.output, m.place), "before": finite(m.before), "after": finite(m.after),
            "by_step": m.by_step.iter().map(|x| finite(*x)).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    }))
}

/// Every choice of the convention, in words.
fn choices(c: &Convention) -> Value {
    json!({
        "source": format!("{:?}", c.source), "threshold": c.threshold, "rpop_threshold": c.rpop_threshold,
        "comparison": format!("{:?}", c.comparison), "tie": c.tie, "undefined": format!("{:?}", c.undefined),
        "universe": format!("{:?}", c.universe), "method": format!("{:?}", c.method), "sign": format!("{:?}", c.sign),
        "moments": format!("{:?}", c.moments), "pci_moments": format!("{:?}", c.pci_moments),
        "measure": format!("{:?}", c.measure), "diagonal": format!("{:?}", c.diagonal),
        "density": format!("{:?}", c.density), "outlook_pci": format!("{:?}", c.outlook_pci),
        "coi": format!("{:?}", c.coi), "gain": format!("{:?}", c.gain), "cog": format!("{:?}", c.cog),
    })
}
