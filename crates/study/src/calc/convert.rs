//! `calc convert`: values from one classification to another, with the books of what was lost and what is uncertain.

use std::path::PathBuf;

use evidence::bulk::{Gaps, ResultColumn, read_long};
use evidence::concordance::{
    Concordance, ConvertParams, LinkColumns, Split, Sums, Unmatched, Weights, read_links,
};
use evidence::{ReadOptions, read_raw};
use model::{Lang, Names};
use serde_json::json;

use super::CalcError;
use super::out::{CalcReport, Out, column, words};
use super::table::{column_map, hash};

#[derive(Debug, Clone)]
pub struct ConvertArgs {
    /// A table with location, activity (the code that is converted), value and, where it has them, years.
    pub file: PathBuf,
    pub columns: String,
    /// The correspondence table.
    pub concordance: PathBuf,
    /// `from=HEADING,to=HEADING[,weight=HEADING]`.
    pub links: String,
    /// Code for the mass that has no counterpart; left out and reported where `None`.
    pub unmatched: Option<String>,
    pub out: PathBuf,
}

/// Converts and writes `converted.csv`, `unmatched.csv` and `report.json`.
pub fn convert(args: &ConvertArgs, lang: Lang) -> Result<CalcReport, CalcError> {
    let mut columns = LinkColumns::new("from", "to");
    for part in args.links.split(',').filter(|p| !p.trim().is_empty()) {
        match part
            .split_once('=')
            .map(|(role, heading)| (role.trim(), heading.trim().to_owned()))
        {
            Some(("from", heading)) => columns.from = heading,
            Some(("to", heading)) => columns.to = heading,
            Some(("weight", heading)) => columns.weight = Some(heading),
            _ => {
                return Err(CalcError::Argument {
                    argument: "--links",
                    problem: format!("`{part}` is not from=…, to=… or weight=…"),
                    help: Some("for example --links from=hs6,to=isic4,weight=share".to_owned()),
                });
            }
        }
    }
    let wrong = |problem: String| CalcError::argument("--concordance", problem);
    let (raw, _) = read_raw(&args.concordance, &ReadOptions::default()).map_err(|findings| {
        CalcError::Input {
            file: args.concordance.display().to_string(),
            findings,
        }
    })?;
    let links = read_links(&raw, &columns).map_err(|e| wrong(e.to_string()))?;
    let weights = if columns.weight.is_some() {
        Weights::Given(Sums::MustBeOne)
    } else {
        Weights::Split(Split::Equal)
    };
    let table = Concordance::new(
        &columns.from,
        &columns.to,
        &links.links,
        &weights,
        &raw.file,
    )
    .map_err(|e| wrong(e.to_string()))?;
    let map = column_map(&args.columns)?;
    let (long, _) =
        read_long(&args.file, &map, Gaps::Refuse, &ReadOptions::default()).map_err(|findings| {
            CalcError::Input {
                file: args.file.display().to_string(),
                findings,
            }
        })?;
    let rows = (0..long.value.len()).map(|row| {
        let group = (
            long.location.numbers[row],
            long.years.as_ref().map(|y| y[row]),
        );
        (group, long.activity.get(row), long.value[row])
    });
    let params = ConvertParams {
        unmatched: args
            .unmatched
            .clone()
            .map_or(Unmatched::Leave, Unmatched::Keep),
    };
    let done = table
        .convert(rows, &params)
        .map_err(|e| wrong(e.to_string()))?;
    let mut out = Out::new(&args.out)?;
    let number =
        |of: &dyn Fn(usize) -> f64| ResultColumn::Number((0..done.rows.len()).map(of).collect());
    let mut converted = vec![
        column(
            "location",
            words(
                done.rows
                    .iter()
                    .map(|r| long.location.values[r.group.0 as usize].clone()),
            ),
        ),
        column("activity", words(done.rows.iter().map(|r| r.code.clone()))),
    ];
    if long.years.is_some() {
        let years = done
            .rows
            .iter()
            .map(|r| r.group.1.unwrap_or(0).unsigned_abs());
        converted.push(column("year", ResultColumn::Count(years.collect())));
    }
    converted.extend([
        column("value", number(&|i| done.rows[i].value)),
        column("low", number(&|i| done.rows[i].low)),
        column("high", number(&|i| done.rows[i].high)),
    ]);
    out.table("converted", converted)?;
    let r = &done.report;
    out.table(
        "unmatched",
        vec![
            column("code", words(r.unmatched.iter().map(|l| l.code.clone()))),
            column(
                "rows",
                ResultColumn::Count(r.unmatched.iter().map(|l| l.rows as u32).collect()),
            ),
            column(
                "mass",
                ResultColumn::Number(r.unmatched.iter().map(|l| l.mass).collect()),
            ),
        ],
    )?;
    let names = Names::default();
    let lines = r
        .messages()
        .iter()
        .map(|m| m.render(lang, &names))
        .collect();
    let json = json!({
        "schema": "forelay.calc.convert/1",
        "input": { "file": args.file.file_name().unwrap_or_default().to_string_lossy(), "blake3": hash(&args.file)?, "rows": long.value.len() },
        "concordance": { "file": raw.file, "blake3": raw.blake3, "from": r.from, "to": r.to, "links": links.links.len() },
        "weights": if columns.weight.is_some() { "given" } else { "equal split" },
        "mass_in": r.mass_in, "mass_out": r.mass_out, "mass_lost": r.mass_lost, "lost_share": r.lost_share(),
        "imbalance": r.imbalance, "ambiguous_share": r.ambiguous_share, "rows_of_unknown_value": r.unknown_rows,
    });
    out.report(json, lines, Vec::new())
}
