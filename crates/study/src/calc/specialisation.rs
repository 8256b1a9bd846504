//! `calc specialisation`: how specialised each location is, how concentrated each activity, and what entered or left.

use std::path::PathBuf;

use evidence::bulk::ResultColumn;
use foundation::complexity::table::presence_of;
use foundation::specialisation::concentration::{entropy, herfindahl, herfindahl_normalised};
use foundation::specialisation::gini::{Reference, hoover_index, locational_gini};
use foundation::specialisation::krugman::{krugman, specialisation_coefficient};
use foundation::specialisation::prody::{expy, prody};
use foundation::specialisation::quotient::hachman;
use model::Lang;
use serde_json::json;

use super::CalcError;
use super::out::{CalcReport, Out, column, text, words};
use super::table::{TableArgs, audit, by_location, prepare};

#[derive(Debug, Clone)]
pub struct SpecialisationArgs {
    pub table: TableArgs,
    /// A file with the columns location, value (and year): income per head, for PRODY and EXPY.
    pub income: Option<PathBuf>,
    pub out: PathBuf,
}

/// Year, cells that are present, locations that report.
type Held = (i32, Vec<(String, String)>, Vec<String>);

/// Computes and writes `locations.csv`, `activities.csv`, `changes.csv` where there are years, and `report.json`.
pub fn specialisation(args: &SpecialisationArgs, _: Lang) -> Result<CalcReport, CalcError> {
    let prepared = prepare(&args.table)?;
    // Beside nobody, every place is as specialised as the world: the numbers would be constants.
    if let Some(period) = (prepared.periods.iter()).find(|p| p.table.locations().len() < 2) {
        let when = period
            .year
            .map_or_else(String::new, |y| format!(" in {}", y.0));
        return Err(CalcError::Argument {
            argument: "the table",
            problem: format!("holds one location{when}: it can be compared with nothing"),
            help: Some(
                "add rows of other places, or of the rest of the nation as one place more"
                    .to_owned(),
            ),
        });
    }
    let income = args
        .income
        .as_deref()
        .map(|file| by_location(file, "--income"))
        .transpose()?;
    let mut out = Out::new(&args.out)?;
    let (mut locations, mut activities) = (out.sheet("locations.csv"), out.sheet("activities.csv"));
    let wrong = |error: foundation::specialisation::SpecialisationError| {
        CalcError::argument("the table", error.to_string())
    };
    let mut history: Vec<Held> = Vec::new();
    for period in &prepared.periods {
        let table = &period.table;
        let presence = presence_of(table, &prepared.convention, &prepared.params(period))
            .map_err(|error| CalcError::argument("the table", error.to_string()))?;
        let year = |n: usize| {
            period
                .year
                .map(|y| column("year", ResultColumn::Count(vec![y.0.unsigned_abs(); n])))
        };
        let mut rows = vec![column("location", text(table.locations()))];
        rows.extend(year(table.locations().len()));
        rows.extend([
            column(
                "diversity",
                ResultColumn::Count(presence.diversity().to_vec()),
            ),
            column("herfindahl", ResultColumn::Number(herfindahl(table))),
            column(
                "herfindahl_normalised",
                ResultColumn::Number(herfindahl_normalised(table)),
            ),
            column(
                "entropy",
                ResultColumn::Number(entropy(table, std::f64::consts::E)),
            ),
            column("hachman", ResultColumn::Number(hachman(table))),
            column("krugman", ResultColumn::Number(krugman(table))),
            column(
                "specialisation_coefficient",
                ResultColumn::Number(specialisation_coefficient(table)),
            ),
        ]);
        let mut columns = vec![column("activity", text(table.activities()))];
        columns.extend(year(table.activities().len()));
        columns.extend([
            column(
                "ubiquity",
                ResultColumn::Count(presence.ubiquity().to_vec()),
            ),
            column(
                "locational_gini",
                ResultColumn::Number(locational_gini(table)),
            ),
            column(
                "hoover_index",
                ResultColumn::Number(hoover_index(table, &Reference::Totals).map_err(wrong)?),
            ),
        ]);
        if let Some(income) = &income {
            let known = income.of(period.year);
            let per_location: Vec<f64> = table
                .locations()
                .iter()
                .map(|l| known.get(l).copied().unwrap_or(f64::NAN))
                .collect();
            let products = prody(table, &per_location).map_err(wrong)?;
            rows.push(column(
                "expy",
                ResultColumn::Number(expy(table, &products).map_err(wrong)?),
            ));
            columns.push(column("prody", ResultColumn::Number(products)));
        }
        locations.append(rows)?;
        activities.append(columns)?;
        if let Some(year) = period.year {
            let held = (0..table.locations().len()).flat_map(|l| {
                let presence = &presence;
                presence
                    .activities_of(l)
                    .map(move |a| (table.locations()[l].clone(), table.activities()[a].clone()))
            });
            let mut held: Vec<(String, String)> = held.collect();
            held.sort_unstable();
            history.push((year.0, held, table.locations().to_vec()));
        }
    }
    out.finish(locations)?;
    out.finish(activities)?;
    if history.len() > 1 {
        write_changes(&mut out, &history)?;
    }
    let dropped: Vec<_> = prepared.periods.iter().flat_map(audit).collect();
    let json = json!({
        "schema": "forelay.calc.specialisation/1",
        "input": prepared.input,
        "convention": prepared.preset.code(),
        "universe": { "dropped": dropped, "not_found": prepared.not_found },
    });
    out.report(json, prepared.notes.clone(), Vec::new())
}

/// Entries and exits between neighbouring years; a location that reports in one of them only has none.
fn write_changes(out: &mut Out, history: &[Held]) -> Result<(), CalcError> {
    let (mut from, mut to, mut l, mut a, mut what) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for pair in history.windows(2) {
        let [(first, before, here), (second, after, there)] = pair else {
            continue;
        };
        let both = |label: &String| {
            here.binary_search(label).is_ok() && there.binary_search(label).is_ok()
        };
        let mut note = |cell: &(String, String), word: &str| {
            if both(&cell.0) {
                from.push(first.unsigned_abs());
                to.push(second.unsigned_abs());
                l.push(cell.0.clone());
                a.push(cell.1.clone());
                what.push(word.to_owned());
            }
        };
        for cell in after.iter().filter(|c| before.binary_search(c).is_err()) {
            note(cell, "entry");
        }
        for cell in before.iter().filter(|c| after.binary_search(c).is_err()) {
            note(cell, "exit");
        }
    }
    out.table(
        "changes",
        vec![
            column("from", ResultColumn::Count(from)),
            column("to", ResultColumn::Count(to)),
            column("location", words(l)),
            column("activity", words(a)),
            column("change", words(what)),
        ],
    )
}
