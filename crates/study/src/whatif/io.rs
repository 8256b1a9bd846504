//! The part that an input–output table carries: what the rest of the economy loses with an industry of a country.
//!
//! Week by week: the model with stocks ([`chain::inventory::weekly`]), its tables those of the step `chain.inventory`.
//! For a year, marked as such:
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

use chain::inventory::{InventoryError, StopQuestion, weekly};
use chain::io::{
    Coefficients, Cut, Extraction, Factorised, IoError, IoTable, OutputBasis, Part as Whole,
};
use evidence::bulk::read_io_table;
use evidence::io::IoFiles;
use model::{Basis, Cell, Entity, Estimate, Kind, Message, Origin, ResultTable, RowRef};

use super::question::title;
use super::{Carrier, Desk, Part, beyond, direct, refusal};
use crate::folder::BulkTables;
use crate::inputs::io as inputs;
use crate::scenario::Scenario;
use crate::steps::inventory::{Subject, Tables};
use crate::steps::shock::scenario_entity;

/// What is left out below this share.
const SMALL: f64 = 1e-6;

/// The table `io` of a study, its latest year.
pub fn of_study(bulk: &BulkTables, desk: &Desk) -> Part {
    if let Some(part) = beyond(Carrier::InputOutput, desk.scenario) {
        return part;
    }
    let question = title(desk.scenario);
    let Some(stored) = bulk.get("io") else {
        return Part::refused(Carrier::InputOutput, refusal("no_io", &question));
    };
    let wrong = |problem: String| unreadable(desk, problem);
    let Some(year) = stored.years.last().copied() else {
        return wrong("no year".to_owned());
    };
    let origin = Origin::Evidence(RowRef::new("sources", stored.source.clone()));
    match read_io_table(stored, year) {
        Ok(files) => answer(desk, &files, &origin),
        Err(problems) => wrong(problems.first().map_or(String::new(), |p| p.code.clone())),
    }
}

fn unreadable(desk: &Desk, problem: String) -> Part {
    let mut refused = refusal("io_unreadable", &title(desk.scenario));
    refused.reason = refused.reason.with("problem", problem);
    Part::refused(Carrier::InputOutput, refused)
}

/// Asks one table: week by week with stocks, and for a year by extraction.
pub fn answer(desk: &Desk, files: &IoFiles, origin: &Origin) -> Part {
    if let Some(part) = beyond(Carrier::InputOutput, desk.scenario) {
        return part;
    }
    let labels = inputs::labels(&files.industries);
    let stops = match inputs::stops(&labels, desk.scenario) {
        Ok(stops) => stops,
        Err(refusal) => return Part::refused(Carrier::InputOutput, *refusal),
    };
    let mut part = Part {
        carrier: Carrier::InputOutput,
        tables: Vec::new(),
        refusals: Vec::new(),
        notes: Vec::new(),
        draws: None,
    };
    course(&mut part, desk, files, &stops, origin);
    let table = match inputs::table(files) {
        Ok((table, _)) => table,
        Err(error) => {
            part.refusals
                .extend(unreadable(desk, error.detail).refusals);
            return part;
        }
    };
    match losses(&table, desk.scenario, &stops) {
        Ok((low, middle, high)) => {
            let found = [&low, &middle, &high];
            let home = desk.scenario.buyer.as_deref().or(desk.home);
            part.tables.extend([
                direct::table(&table, &stops, home, origin),
                by_industry(&table, found, &ranks(&table, &stops, home), origin),
                by_region(&table, found, origin),
            ]);
            part.notes.push(Message::new("whatif.note.io"));
            part.notes.push(if files.unit.is_empty() {
                Message::new("whatif.note.no_unit")
            } else {
                Message::new("whatif.note.unit").with("unit", files.unit.as_str())
            });
        }
        Err(error) => part
            .refusals
            .extend(unreadable(desk, error.detail).refusals),
    }
    part
}

/// Week by week, by the model with stocks.
fn course(part: &mut Part, desk: &Desk, files: &IoFiles, stops: &StopQuestion, origin: &Origin) {
    let scenario = desk.scenario;
    let given = scenario
        .inventory
        .resolved(desk.inventory, scenario.default_stock_weeks);
    let how = scenario
        .inventory
        .params(desk.inventory, desk.draws, desk.seed);
    let found = inputs::economy(files).and_then(|economy| {
        let found = weekly(&economy, stops, &given.assumptions, &how)?;
        Ok((economy, found))
    });
    let (economy, found) = match found {
        Ok(found) => found,
        Err(error) => {
            let mut refused = refusal("no_course", &title(scenario));
            refused.reason = refused.reason.with("problem", error.to_string());
            let help = match error {
                InventoryError::Scenario { help, .. } => help,
                _ => String::new(),
            };
            refused.needed = refused.needed.with("help", help);
            part.refusals.push(refused);
            return;
        }
    };
    let mut tables = Tables::empty();
    let origins = [
        origin.clone(),
        Origin::Parameter("inventory".to_owned()),
        Origin::Parameter(format!("scenarios/{}", scenario.id)),
    ];
    let subject = Subject {
        id: &scenario.id,
        cell: scenario_entity(scenario).into(),
        origins: &origins,
    };
    tables.add(&subject, &economy, &found, &given.given);
    part.tables.extend(tables.into_vec());
    part.draws = Some(found.draws);
    let step = Message::new(format!("inventory.step.{}", found.days_in_step));
    part.notes.push(
        Message::new("whatif.note.inventory")
            .with("draws", found.draws)
            .with("wanted", desk.draws)
            .with("step", step),
    );
    if economy.clipped.0 > 0 {
        part.notes.push(
            Message::new("whatif.note.clipped")
                .with("cells", economy.clipped.0)
                .with("sum", economy.clipped.1),
        );
    }
}

type Three = (Extraction, Extraction, Extraction);

fn losses(table: &IoTable, scenario: &Scenario, stops: &StopQuestion) -> Result<Three, IoError> {
    let model = Factorised::new(Coefficients::of(table, OutputBasis::Given)?)?;
    let mut set: Vec<usize> = stops
        .stops
        .iter()
        .flat_map(|s| s.industries.iter().copied())
        .collect();
    set.sort_unstable();
    set.dedup();
    // One cut for all: the largest severity for what may be lost, the smallest for what must be.
    let all = |pick: fn(&Estimate) -> f64| stops.stops.iter().map(move |s| pick(&s.severity));
    let most = |pick| all(pick).fold(0.0, f64::max);
    let least = |pick| all(pick).fold(1.0, f64::min);
    let cut = |theta: f64| -> Cut {
        match &scenario.buyer {
            Some(buyer) => Cut::Links {
                suppliers: set.clone(),
                customers: table.block(&[buyer.as_str()], &[]),
                demand: set.iter().map(|i| to_buyer(table, *i, buyer)).collect(),
                theta,
            },
            None => Cut::Set {
                industries: set.clone(),
                part: Whole::Whole,
                theta,
            },
        }
    };
    let high = chain::io::extraction::extract(&model, &cut(most(|s| s.high)))?;
    let centre = chain::io::extraction::extract(&model, &cut(most(|s| s.value)))?;
    let own = |theta: f64| -> Result<Extraction, IoError> {
        let found = chain::io::extraction::extract(&model, &cut(theta))?;
        Ok(own_only(&found, &set))
    };
    let low = own(least(|s| s.low))?;
    let mild = own(least(|s| s.value))?;
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

/// Home's industries first, then those of others, what is itself stopped last.
fn ranks(table: &IoTable, stops: &StopQuestion, home: Option<&str>) -> Vec<u8> {
    let stopped = |i: &usize| stops.stops.iter().any(|s| s.industries.contains(i));
    let labels = table.industries().iter().enumerate();
    labels
        .map(|(i, label)| match home {
            _ if stopped(&i) => 2,
            Some(home) if label.region == home => 0,
            _ => 1,
        })
        .collect()
}

fn by_industry(
    table: &IoTable,
    found: [&Extraction; 3],
    ranks: &[u8],
    origin: &Origin,
) -> ResultTable {
    let name = inputs::names(table.industries());
    let named = table
        .industries()
        .iter()
        .any(|l| name(&l.industry).is_some());
    let mut columns = vec![("industry_code", "")];
    columns.extend(named.then_some(("industry_name", "")));
    columns.extend([("loss_io", "io_value"), ("loss_share", "share")]);
    let mut losses = ResultTable::new(
        "whatif.industries",
        "shock",
        "loss of output: low others replace everything, high hypothetical extraction, value the middle",
        &columns,
    );
    let share = |i: &usize| found[2].by_industry[*i].share;
    let mut order: Vec<usize> = (0..table.len())
        .filter(|i| share(i).abs() >= SMALL)
        .collect();
    order.sort_by(|a, b| {
        let by_share = share(b).total_cmp(&share(a));
        ranks[*a].cmp(&ranks[*b]).then(by_share).then(a.cmp(b))
    });
    for i in order {
        let label = &table.industries()[i];
        let [low, middle, high] = found.map(|f| f.by_industry[i]);
        let mut cells = vec![format!("{} {}", label.region, label.industry).trim().into()];
        if named {
            cells.push(name(&label.industry).map_or(Cell::Empty, Cell::Message));
        }
        cells.extend([
            ranged(low.loss, middle.loss, high.loss).into(),
            ranged(low.share, middle.share, high.share).into(),
        ]);
        losses.push(
            format!("{}/{}", label.region, label.industry),
            cells,
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
        &[
            ("region_code", ""),
            ("loss_io", "io_value"),
            ("loss_share", "share"),
        ],
    );
    let output = table
        .given_output()
        .map_or_else(|| table.sales(), <[f64]>::to_vec);
    // Losses, and output at rest.
    let mut sums: BTreeMap<&str, ([f64; 3], f64)> = BTreeMap::new();
    for (i, label) in table.industries().iter().enumerate() {
        let (lost, made) = sums.entry(label.region.as_str()).or_default();
        for (lost, found) in lost.iter_mut().zip(found) {
            *lost += found.by_industry[i].loss;
        }
        *made += output[i];
    }
    for (region, ([low, middle, high], made)) in sums {
        if region.is_empty() || high == 0.0 {
            continue;
        }
        losses.push(
            region,
            vec![
                Cell::Entity(Entity::new(Kind::Country, region)),
                ranged(low, middle, high).into(),
                if made > 0.0 {
                    ranged(low / made, middle / made, high / made).into()
                } else {
                    Cell::Empty
                },
            ],
            vec![origin.clone()],
        );
    }
    losses
}
