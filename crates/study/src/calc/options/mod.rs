//! `calc options`: which new activities of one location are near and complex, and the least effort to a wanted complexity.

mod page;

use std::path::PathBuf;

use evidence::bulk::ResultColumn;
use foundation::complexity::advantage::location_quotient;
use foundation::complexity::table::{Complexity, ComplexityError, Parts};
use foundation::robustness::around::Around;
use foundation::robustness::validity::{ValidityParams, validity};
use foundation::strategy::optimise::{EciProblem, OptimiseParams, Target, optimise};
use foundation::strategy::options::options as nearest;
use foundation::strategy::quadrants::Candidate;
use model::{Lang, Message, Names, Seed, short};
use serde_json::{Value, json};

use super::CalcError;
use super::out::{CalcReport, Out, column, words};
use super::table::{Period, TableArgs, prepare};

#[derive(Debug, Clone)]
pub struct OptionsArgs {
    pub table: TableArgs,
    pub location: String,
    /// Increase of the mean PCI that is wanted, for the cheapest set of entries.
    pub increase: Option<f64>,
    pub out: PathBuf,
}

/// Of the random tables that the table is compared with.
const SEED: Seed = Seed(1);

/// Computes and writes `options.csv`, `entries.csv` where an increase is asked for, `page.html` to print, and `report.json`.
pub fn options(args: &OptionsArgs, lang: Lang) -> Result<CalcReport, CalcError> {
    let prepared = prepare(&args.table)?;
    let names = Names::default();
    let Some(period) = prepared.periods.last() else {
        return Err(CalcError::argument("the table", "no cell is left"));
    };
    let table = &period.table;
    let home = table.location(&args.location).ok_or_else(|| {
        CalcError::argument(
            "--location",
            format!("`{}` is not in the table", args.location),
        )
    })?;
    let around =
        Around::of(table, &prepared.convention, &prepared.params(period)).map_err(|error| {
            match error {
                ComplexityError::Refused(refusal) => CalcError::Refused(refusal),
                other => CalcError::argument("the table", other.to_string()),
            }
        })?;
    let base = &around.base;
    let width = table.activities().len();
    let found = nearest(&around, home).map_err(CalcError::Refused)?;
    let placed = &found.placed;
    let mut out = Out::new(&args.out)?;
    let number = |pick: &dyn Fn(&Candidate) -> f64| {
        ResultColumn::Number(placed.iter().map(|p| pick(&p.candidate)).collect())
    };
    out.table(
        "options",
        vec![
            column(
                "activity",
                words(
                    placed
                        .iter()
                        .map(|p| table.activities()[p.candidate.activity].clone()),
                ),
            ),
            column("density", number(&|c| c.relatedness.value)),
            column("density_low", number(&|c| c.relatedness.low)),
            column("density_high", number(&|c| c.relatedness.high)),
            column("pci", number(&|c| c.complexity.value)),
            column("pci_low", number(&|c| c.complexity.low)),
            column("pci_high", number(&|c| c.complexity.high)),
            column(
                "cog",
                ResultColumn::Number(
                    placed
                        .iter()
                        .map(|p| base.cog[home * width + p.candidate.activity])
                        .collect(),
                ),
            ),
            column(
                "quadrant",
                words(placed.iter().map(|p| short(p.quadrant.code()).to_owned())),
            ),
            column(
                "possible_quadrants",
                words(placed.iter().map(|p| {
                    p.possible
                        .iter()
                        .map(|q| short(q.code()).to_owned())
                        .collect::<Vec<_>>()
                        .join(" ")
                })),
            ),
        ],
    )?;
    // Who asks for the largest part is told about that part.
    let least_part = match prepared.parts {
        Parts::Largest => 0.0,
        Parts::Refuse => ValidityParams::default().least_part,
    };
    let checks = ValidityParams {
        least_part,
        ..ValidityParams::default()
    };
    let checked = validity(&base.presence, &checks, SEED).ok();
    let quotients = location_quotient(table);
    let place = page::Place {
        prepared: &prepared,
        period,
        home,
        quotients: &quotients,
        found: &found,
        validity: checked.as_ref(),
    };
    out.text("page.html", &publish::html::to_html(&place.document(lang)))?;
    let (mut lines, mut refused) = (prepared.notes.clone(), Vec::new());
    if let Some(year) = period.year {
        lines.push(if prepared.periods.len() > 1 {
            format!("options in {year}, the last of the years read")
        } else {
            format!("options in {year}")
        });
    }
    let warnings: Vec<String> = (place.warnings().iter())
        .map(|warning| warning.render(lang, &names))
        .collect();
    lines.push(place.finding().render(lang, &names));
    lines.extend(warnings.iter().cloned());
    let plan = match args.increase {
        None => Value::Null,
        // A cheapest way up an order that is none would be no advice.
        Some(_) if place.verdict() == page::Verdict::Blind => {
            out.absent("entries")?;
            refused.push(Message::new("options.no_entries").render(lang, &names));
            json!({ "refused": "options.no_entries" })
        }
        Some(increase) => entries(
            &mut out,
            period,
            base,
            home,
            increase,
            &mut lines,
            &mut |refusal| {
                refused.push(refusal.reason.render(lang, &names));
            },
        )?,
    };
    let json = json!({
        "schema": "forelay.calc.options/1",
        "input": prepared.input,
        "convention": prepared.preset.code(),
        "location": args.location,
        "year": period.year.map(|y| y.0),
        "cuts": { "relatedness": found.relatedness_cut, "complexity": found.complexity_cut },
        "plan": plan,
        "verdict": place.verdict().code(),
        "related_and_complex": { "sure": place.high_roads().0, "maybe": place.high_roads().1 },
        "findings": warnings,
        "ranges": "RCA thresholds 0.75 and 1.25 times the convention's",
    });
    out.report(json, lines, refused)
}

/// The cheapest entries that raise the mean PCI; effort is the distance 1 - density.
fn entries(
    out: &mut Out,
    period: &Period,
    base: &Complexity,
    home: usize,
    increase: f64,
    lines: &mut Vec<String>,
    refuse: &mut dyn FnMut(&model::Refusal),
) -> Result<Value, CalcError> {
    let labels = period.table.activities();
    let width = labels.len();
    let portfolio: Vec<bool> = (0..width).map(|a| base.presence.get(home, a)).collect();
    let effort: Vec<f64> = (0..width)
        .map(|a| 1.0 - base.density[home * width + a])
        .collect();
    let problem = EciProblem {
        portfolio: &portfolio,
        pci: &base.pci,
        effort: &effort,
        target: Target::Increase(increase),
    };
    match optimise(&problem, OptimiseParams::default()) {
        Ok(Ok(plan)) => {
            let chosen = |of: &dyn Fn(usize) -> f64| {
                ResultColumn::Number(plan.chosen.iter().map(|a| of(*a)).collect())
            };
            out.table(
                "entries",
                vec![
                    column(
                        "activity",
                        words(plan.chosen.iter().map(|a| labels[*a].clone())),
                    ),
                    column("effort", chosen(&|a| effort[a])),
                    column("pci", chosen(&|a| base.pci[a])),
                ],
            )?;
            lines.push(format!(
                "{} entries raise the mean PCI from {:.4} to {:.4}; effort {:.4}, no choice takes less than {:.4}",
                plan.chosen.len(), plan.eci_before, plan.eci_after, plan.effort, plan.lower_bound
            ));
            Ok(json!({
                "effort": plan.effort, "lower_bound": plan.lower_bound, "gap": plan.gap, "eci_before": plan.eci_before,
                "eci_target": plan.eci_target, "eci_after": plan.eci_after, "candidates": plan.candidates,
                "effort_is": "1 - density (distance); experimental",
            }))
        }
        Ok(Err(refusal)) => {
            refuse(&refusal);
            Ok(json!({ "refused": refusal.code }))
        }
        Err(error) => Err(CalcError::argument("--increase", error.to_string())),
    }
}
