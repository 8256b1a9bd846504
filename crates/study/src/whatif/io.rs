//! The part that an input–output table carries: what the rest of the economy loses with an industry of a country.
//!
//! ```text
//! high    other suppliers replace nothing: hypothetical extraction of the industry, part = high end of severity
//! low     they replace everything: only the industry's own output is lost, part = low end of severity
//! value   the middle of both with the central severity: a convention
//! ```
//!
//! Extraction in closed form by one factorisation (`chain::io::extraction`). With a buyer only the industry's
//! deliveries to that buyer's industries and final users stop.

use std::collections::BTreeMap;

use chain::io::{
    Coefficients, Cut, Extraction, Factorised, IoError, IoTable, Label, OutputBasis, Part as Whole,
};
use evidence::bulk::read_io_table;
use model::{Basis, Cell, Entity, Estimate, Kind, Message, Origin, Refusal, ResultTable, RowRef};

use super::question::{Asked, title};
use super::{Carrier, Part, refusal};
use crate::folder::BulkTables;
use crate::inputs::io::table as engine_table;

/// What is left out below this share.
const SMALL: f64 = 1e-6;

pub fn part(bulk: &BulkTables, asked: &Asked) -> Part {
    let question = title(&asked.scenario);
    let Some(stored) = bulk.get("io") else {
        return Part::refused(Carrier::InputOutput, refusal("no_io", &question));
    };
    let wrong = |problem: String| {
        let mut refused = refusal("io_unreadable", &question);
        refused.reason = refused.reason.with("problem", problem);
        Part::refused(Carrier::InputOutput, refused)
    };
    let Some(year) = stored.years.last().copied() else {
        return wrong("no year".to_owned());
    };
    let files = match read_io_table(stored, year) {
        Ok(files) => files,
        Err(problems) => return wrong(problems.first().map_or(String::new(), |p| p.code.clone())),
    };
    let (table, _) = match engine_table(&files) {
        Ok(built) => built,
        Err(error) => return wrong(error.detail),
    };
    let set = match members(&table, asked) {
        Ok(set) => set,
        Err(refusal) => return Part::refused(Carrier::InputOutput, *refusal),
    };
    match losses(&table, asked, &set) {
        Ok((low, middle, high)) => {
            let origin = Origin::Evidence(RowRef::new("sources", stored.source.clone()));
            Part {
                carrier: Carrier::InputOutput,
                tables: vec![
                    by_industry(&table, [&low, &middle, &high], &origin),
                    by_region(&table, [&low, &middle, &high], &origin),
                ],
                refusals: Vec::new(),
                notes: vec![Message::new("whatif.note.io")],
            }
        }
        Err(error) => wrong(error.detail),
    }
}

/// The industries that stop: those named, in the countries that stop; all industries of a country where none is named
/// and the question names no good.
fn members(table: &IoTable, asked: &Asked) -> Result<Vec<usize>, Box<Refusal>> {
    let scenario = &asked.scenario;
    let regions: Vec<&str> = scenario
        .event
        .iter()
        .filter_map(|event| event.country.as_deref())
        .collect();
    let industries: Vec<&str> = asked.industries.iter().map(String::as_str).collect();
    let names_a_good = scenario.event.iter().any(|event| event.node.is_some());
    let refuse = |kind: &str, arg: &str, known: Vec<String>| {
        let fill = |id: String| {
            Message::new(id)
                .with("name", arg)
                .with("known", known.join(", "))
        };
        Box::new(Refusal {
            code: format!("whatif.{kind}"),
            question: title(scenario),
            reason: fill(format!("whatif.{kind}")),
            needed: fill(format!("whatif.{kind}.needed")),
        })
    };
    let names = |of: fn(&Label) -> &String| {
        let mut names: Vec<String> = table.industries().iter().map(|l| of(l).clone()).collect();
        names.sort_unstable();
        names.dedup();
        names.truncate(60);
        names
    };
    if industries.is_empty() && (names_a_good || !asked.codes.is_empty()) {
        return Err(refuse("good_in_industry", "", names(|l| &l.industry)));
    }
    let known = |of: fn(&Label) -> &String, name: &str| {
        table.industries().iter().any(|label| of(label) == name)
    };
    if let Some(region) = regions.iter().find(|r| !known(|l| &l.region, r)) {
        return Err(refuse("io_region", region, names(|l| &l.region)));
    }
    if let Some(industry) = industries.iter().find(|i| !known(|l| &l.industry, i)) {
        return Err(refuse("io_industry", industry, names(|l| &l.industry)));
    }
    Ok(table.block(&regions, &industries))
}

type Three = (Extraction, Extraction, Extraction);

fn losses(table: &IoTable, asked: &Asked, set: &[usize]) -> Result<Three, IoError> {
    let model = Factorised::new(Coefficients::of(table, OutputBasis::Given)?)?;
    let severities = asked.scenario.event.iter().map(|event| event.severity);
    let severity = severities.reduce(|a, b| if b.value > a.value { b } else { a });
    let part = |pick: fn(&crate::config::Span) -> f64| severity.as_ref().map_or(1.0, pick);
    let cut = |theta: f64| -> Cut {
        match &asked.scenario.buyer {
            Some(buyer) => Cut::Links {
                suppliers: set.to_vec(),
                customers: table.block(&[buyer.as_str()], &[]),
                demand: set.iter().map(|i| to_buyer(table, *i, buyer)).collect(),
                theta,
            },
            None => Cut::Set {
                industries: set.to_vec(),
                part: Whole::Whole,
                theta,
            },
        }
    };
    let high = chain::io::extraction::extract(&model, &cut(part(|s| s.high)))?;
    let centre = chain::io::extraction::extract(&model, &cut(part(|s| s.value)))?;
    let low = own_only(
        &chain::io::extraction::extract(&model, &cut(part(|s| s.low)))?,
        set,
    );
    let mild = own_only(&centre, set);
    let middle = between(&mild, &centre);
    Ok((low, middle, high))
}

/// What the buyer's final users take from the industry.
fn to_buyer(table: &IoTable, industry: usize, buyer: &str) -> f64 {
    let columns = table.final_demand().iter().enumerate();
    columns
        .filter(|(_, label)| label.region == buyer)
        .map(|(column, _)| table.demand().get(industry, column))
        .sum()
}

/// Others replace everything: nothing is lost outside the set.
fn own_only(found: &Extraction, set: &[usize]) -> Extraction {
    let mut kept = found.clone();
    for (i, lost) in kept.by_industry.iter_mut().enumerate() {
        if !set.contains(&i) {
            lost.loss = 0.0;
            lost.share = 0.0;
        }
    }
    let loss: f64 = kept.by_industry.iter().map(|lost| lost.loss).sum();
    kept.share = if found.loss == 0.0 {
        0.0
    } else {
        found.share * loss / found.loss
    };
    kept.loss = loss;
    kept
}

fn between(a: &Extraction, b: &Extraction) -> Extraction {
    let mut middle = a.clone();
    middle.loss = f64::midpoint(a.loss, b.loss);
    middle.share = f64::midpoint(a.share, b.share);
    for (lost, other) in middle.by_industry.iter_mut().zip(&b.by_industry) {
        lost.loss = f64::midpoint(lost.loss, other.loss);
        lost.share = f64::midpoint(lost.share, other.share);
    }
    middle
}

fn ranged(low: f64, value: f64, high: f64) -> Estimate {
    Estimate::spanning(value, low, high, Basis::Assumed)
}

fn by_industry(table: &IoTable, found: [&Extraction; 3], origin: &Origin) -> ResultTable {
    let mut losses = ResultTable::new(
        "whatif.industries",
        "shock",
        "loss of output: low others replace everything, high hypothetical extraction, value the middle",
        &[
            ("industry_code", ""),
            ("loss_io", "trade_value"),
            ("loss_share", "share"),
        ],
    );
    for (i, label) in table.industries().iter().enumerate() {
        let [low, middle, high] = found.map(|f| f.by_industry[i]);
        if high.share.abs() < SMALL {
            continue;
        }
        losses.push(
            format!("{}/{}", label.region, label.industry),
            vec![
                format!("{} {}", label.region, label.industry).trim().into(),
                ranged(low.loss, middle.loss, high.loss).into(),
                ranged(low.share, middle.share, high.share).into(),
            ],
            vec![origin.clone()],
        );
    }
    losses
}

fn by_region(table: &IoTable, found: [&Extraction; 3], origin: &Origin) -> ResultTable {
    let mut losses = ResultTable::new(
        "whatif.regions",
        "shock",
        "sum of the losses of the region's industries",
        &[("region_code", ""), ("loss_io", "trade_value")],
    );
    let mut sums: BTreeMap<&str, [f64; 3]> = BTreeMap::new();
    for (i, label) in table.industries().iter().enumerate() {
        let sum = sums.entry(label.region.as_str()).or_default();
        for (sum, found) in sum.iter_mut().zip(found) {
            *sum += found.by_industry[i].loss;
        }
    }
    for (region, [low, middle, high]) in sums {
        if region.is_empty() || high == 0.0 {
            continue;
        }
        losses.push(
            region,
            vec![
                Cell::Entity(Entity::new(Kind::Country, region)),
                ranged(low, middle, high).into(),
            ],
            vec![origin.clone()],
        );
    }
    losses
}
