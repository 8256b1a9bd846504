//! `calc inventory`: what an economy makes day by day after a shock, with stocks, rationing and rebuilding.

mod events;
mod scenario;

use std::fs;
use std::path::PathBuf;

use chain::inventory::{Bounds, Course, DrawParams, Drawn, Economy, Model, bounds, draws};
use evidence::bulk::ResultColumn;
use evidence::io::{Empty, IoFiles, IoOptions, read_io};
use model::{Lang, Seed};
use serde_json::{Value, json};

use super::CalcError;
use super::out::{CalcReport, Columns, Out, column, words};
use scenario::{Ready, Scenario, wrong};

/// Whose model runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parity {
    /// Forelay's own: stocks by supplier region.
    None,
    /// `BoARIO` 0.7.2, its conventions included.
    Boario,
}

#[derive(Debug, Clone)]
pub struct InventoryArgs {
    /// A folder with Z and Y, optionally x, or one wide table.
    pub folder: PathBuf,
    pub scenario: PathBuf,
    pub parity: Parity,
    /// 0: no draws.
    pub draws: usize,
    pub seed: u64,
    /// Which table of a folder with several.
    pub prefix: Option<String>,
    /// A cell without a number is a sale of 0.
    pub empty_is_zero: bool,
    pub out: PathBuf,
}

/// Runs the scenario and writes `production.csv`, `loss.csv`, `total.csv` and `report.json`.
pub fn inventory(args: &InventoryArgs, _lang: Lang) -> Result<CalcReport, CalcError> {
    let name = args.scenario.display().to_string();
    let text = fs::read_to_string(&args.scenario).map_err(|error| CalcError::Argument {
        argument: "--scenario",
        problem: format!("{name} cannot be read: {error}"),
        help: Some("name a TOML file; methods/inventory.md shows one".to_owned()),
    })?;
    let scenario = Scenario::read(&name, &text)?;
    let files = read(args)?;
    let labels: Vec<String> = files.industries.iter().map(|l| l.text.clone()).collect();
    let (notes, sources) = account(&files);
    let economy = crate::inputs::io::economy(&files).map_err(wrong)?;
    let parity = args.parity == Parity::Boario;
    let ready = scenario.against(&economy, &labels, parity)?;
    if parity && ready.own_choices {
        return Err(CalcError::Argument {
            argument: "--parity boario",
            problem: "the scenario has [options], [groups] or [[input]], which the peer's model does not know".to_owned(),
            help: Some("leave them out of the scenario, or leave out --parity".to_owned()),
        });
    }
    let model = if parity {
        Model::Boario
    } else {
        Model::Forelay(Box::new(ready.options.clone()))
    };
    let days = scenario.horizon;
    let course = model
        .course(&economy, &ready.params, &ready.events, days)
        .map_err(wrong)?;
    let how = DrawParams {
        draws: args.draws,
        seed: Seed(args.seed),
        ..DrawParams::default()
    };
    let drawn = (args.draws > 0)
        .then(|| {
            draws(
                &economy,
                &ready.params,
                &model,
                &ready.events,
                days,
                &scenario.ranges,
                &how,
            )
        })
        .transpose()
        .map_err(wrong)?;
    let bounds = match (&ready.bounds, parity) {
        (Some(asked), false) => Some(
            bounds(
                &economy,
                &ready.params,
                &ready.options,
                &ready.events,
                days,
                asked,
            )
            .map_err(wrong)?,
        ),
        _ => None,
    };
    let mut out = Out::new(&args.out)?;
    out.table("production", production(&labels, &course))?;
    out.table("loss", losses(&labels, &economy, &course, drawn.as_ref()))?;
    out.table("total", total(&course, drawn.as_ref()))?;
    let mut lines = notes.clone();
    let found = Found {
        economy: &economy,
        ready: &ready,
        course: &course,
        drawn: drawn.as_ref(),
        bounds: bounds.as_ref(),
    };
    lines.extend(found.lines(&labels));
    let mut json = found.report(args, &scenario, &how);
    json["input"] = sources;
    json["notes"] = json!(notes);
    out.report(json, lines, Vec::new())
}

fn read(args: &InventoryArgs) -> Result<IoFiles, CalcError> {
    let options = IoOptions {
        prefix: args.prefix.clone(),
        empty: if args.empty_is_zero {
            Empty::Zero
        } else {
            Empty::Refuse
        },
        ..IoOptions::default()
    };
    read_io(&args.folder, &options).map_err(|findings| CalcError::Input {
        file: args.folder.display().to_string(),
        findings,
    })
}

/// What was read and what a reader has to know of it.
fn account(files: &IoFiles) -> (Vec<String>, Value) {
    let names = model::Names::default();
    let mut notes: Vec<String> = files
        .notes
        .iter()
        .map(|note| format!("{}: {}", note.file, note.expected.render(Lang::En, &names)))
        .collect();
    if files.imports.is_some() {
        notes.push(
            "imports that the table keeps apart are left out: nothing of them can run short"
                .to_owned(),
        );
    }
    let sources = files
        .sources
        .iter()
        .map(|s| json!({ "file": s.file, "blake3": s.blake3 }))
        .collect();
    (notes, Value::Array(sources))
}

fn days(course: &Course) -> (String, ResultColumn) {
    column("day", ResultColumn::Count(course.days.clone()))
}

fn production(labels: &[String], course: &Course) -> Columns {
    let mut columns = vec![days(course)];
    columns.extend(labels.iter().enumerate().map(|(i, label)| {
        let made = (0..course.steps()).map(|step| course.production_at(step)[i]);
        column(label, ResultColumn::Number(made.collect()))
    }));
    columns
}

/// The input that holds an industry back most often, in words.
fn held_back(labels: &[String], economy: &Economy, course: &Course) -> Vec<String> {
    let name = |key: usize| {
        let (product, group) = course.stocks[key];
        let mut makers = (0..labels.len()).filter(|i| economy.industries[*i].1 == product);
        // With one stock for each region the supplier itself can be named.
        match (makers.find(|i| economy.industries[*i].0 == group), group) {
            (Some(i), group) if by_region(economy, course) && economy.industries[i].0 == group => {
                labels[i].clone()
            }
            _ => economy.sectors[product].clone(),
        }
    };
    (0..labels.len())
        .map(|i| {
            let mut times = vec![0_u32; course.stocks.len()];
            for step in 0..course.steps() {
                let key = course.binding[step * course.industries + i];
                if key != u32::MAX {
                    times[key as usize] += 1;
                }
            }
            let most = times
                .iter()
                .enumerate()
                .max_by_key(|(key, t)| (**t, std::cmp::Reverse(*key)));
            most.filter(|(_, t)| **t > 0)
                .map_or_else(String::new, |(key, _)| name(key))
        })
        .collect()
}

/// Every industry has a stock key of its own.
fn by_region(economy: &Economy, course: &Course) -> bool {
    course.stocks.len() == economy.len()
}

fn losses(labels: &[String], economy: &Economy, course: &Course, drawn: Option<&Drawn>) -> Columns {
    let losses = course.losses();
    let number =
        |of: &dyn Fn(usize) -> f64| ResultColumn::Number((0..labels.len()).map(of).collect());
    let mut columns = vec![
        column("industry", words(labels.iter().cloned())),
        column("loss", number(&|i| losses[i].production)),
        column(
            "loss_share",
            number(&|i| losses[i].share.unwrap_or(f64::NAN)),
        ),
        column("peak", number(&|i| losses[i].peak)),
        column(
            "peak_day",
            number(&|i| losses[i].peak_day.map_or(f64::NAN, f64::from)),
        ),
        column("unmet_final_demand", number(&|i| losses[i].unmet)),
        column("held_back_by", words(held_back(labels, economy, course))),
    ];
    if let Some(drawn) = drawn {
        for (at, name) in ["loss_low", "loss_median", "loss_high"]
            .into_iter()
            .enumerate()
        {
            columns.push(column(name, number(&|i| drawn.loss[i][at])));
        }
    }
    columns
}

fn total(course: &Course, drawn: Option<&Drawn>) -> Columns {
    let number =
        |of: &dyn Fn(usize) -> f64| ResultColumn::Number((0..course.steps()).map(of).collect());
    let totals = course.total();
    let mut columns = vec![
        days(course),
        column("output", number(&|step| totals[step])),
        column(
            "unmet_final_demand",
            number(&|step| course.unmet_at(step).iter().sum()),
        ),
    ];
    if let Some(drawn) = drawn {
        for (at, name) in ["output_low", "output_median", "output_high"]
            .into_iter()
            .enumerate()
        {
            columns.push(column(name, number(&|step| drawn.total[step][at])));
        }
    }
    columns
}

/// Everything that was found, to be told.
struct Found<'a> {
    economy: &'a Economy,
    ready: &'a Ready,
    course: &'a Course,
    drawn: Option<&'a Drawn>,
    bounds: Option<&'a Bounds>,
}

impl Found<'_> {
    /// What people read first.
    fn lines(&self, labels: &[String]) -> Vec<String> {
        let Self {
            economy,
            ready,
            course,
            drawn,
            bounds,
        } = *self;
        let rest: f64 = course.at_rest.iter().sum::<f64>() * course.steps() as f64;
        let percent = |loss: f64| if rest > 0.0 { 100.0 * loss / rest } else { 0.0 };
        let lost = course.lost_output();
        let mut lines = Vec::new();
        if economy.clipped.0 > 0 {
            lines.push(format!(
                "{} cells of final demand below zero, {:.6} together, are set to zero",
                economy.clipped.0, economy.clipped.1
            ));
        }
        if economy.imbalance > 1e-6 {
            lines.push(format!(
                "output given and row sums differ by up to {:.3} %",
                100.0 * economy.imbalance
            ));
        }
        lines.push(format!(
            "lost output {:.6}, {:.4} % of {} steps; final demand not met {:.6}",
            lost,
            percent(lost),
            course.steps(),
            course.unmet_total()
        ));
        if let Some(stopped) = &course.stopped {
            lines.push(format!("the model stopped: {stopped}"));
        }
        let losses = course.losses();
        let mut order: Vec<usize> = (0..labels.len()).collect();
        order.sort_by(|a, b| losses[*b].production.total_cmp(&losses[*a].production));
        for i in order
            .into_iter()
            .take(5)
            .filter(|i| losses[*i].production > 0.0)
        {
            lines.push(format!(
                "{}: lost {:.6}{}",
                labels[i],
                losses[i].production,
                losses[i].peak_day.map_or_else(String::new, |day| format!(
                    ", {:.1} % at most, on day {day}",
                    100.0 * losses[i].peak
                ))
            ));
        }
        if let Some(drawn) = drawn {
            lines.push(format!(
                "{} draws: lost output {:.6} to {:.6} (5th to 95th percentile), median {:.6}",
                drawn.draws, drawn.whole[0], drawn.whole[2], drawn.whole[1]
            ));
        } else {
            lines.push(
                "range over parameters: not estimated (--draws N with [ranges] in the scenario)"
                    .to_owned(),
            );
        }
        if let (Some(found), Some(asked)) = (bounds, &ready.bounds) {
            lines.push(format!(
                "under any rule of rationing the loss ({}) is between {:.6} ({}) and {:.6}",
                json!(asked.measure).as_str().unwrap_or_default(),
                found.best,
                json!(found.best_by).as_str().unwrap_or_default(),
                found.worst
            ));
        }
        lines
    }

    /// As in `report.json`.
    fn report(&self, args: &InventoryArgs, scenario: &Scenario, how: &DrawParams) -> Value {
        let Self {
            economy,
            ready,
            course,
            drawn,
            bounds,
        } = *self;
        let rest = course.at_rest.iter().sum::<f64>() * course.steps() as f64;
        let share = (rest > 0.0).then(|| course.lost_output() / rest);
        json!({
            "schema": "forelay.calc.inventory/1",
            "industries": economy.len(),
            "regions": economy.regions.len(),
            "sectors": economy.sectors.len(),
            "clipped_final_demand": { "cells": economy.clipped.0, "sum": economy.clipped.1 },
            "largest_imbalance": economy.imbalance,
            "model": match args.parity { Parity::Boario => "boario 0.7.2", Parity::None => "forelay" },
            "horizon": scenario.horizon,
            "steps": course.steps(),
            "parameters": ready.params,
            "events": ready.events.len(),
            "stopped": course.stopped,
            "lost_output": course.lost_output(),
            "lost_output_share": share,
            "unmet_final_demand": course.unmet_total(),
            "accounts": (args.parity == Parity::None).then(|| json!({
                "largest_undelivered_share": course.audit.deliveries,
                "least_stock": course.audit.least_stock,
            })),
            "draws": drawn.map(|d| json!({
                "draws": d.draws, "seed": how.seed, "quantiles": [how.low, 0.5, how.high],
                "ranges": scenario.ranges, "lost_output": d.whole, "unmet_final_demand": d.unmet,
            })),
            "bounds": bounds.map(|b| json!({
                "measure": ready.bounds.map(|a| a.measure),
                "best": b.best, "best_by": b.best_by, "worst": b.worst,
            })),
        })
    }
}
