//! Null models of a CSV (location, activity, value), timed:
//! `validated_projection FILE activities|locations|weighted [poisson] [direct]`.
//!
//! Presence is RCA ≥ 1 (what the packages it is compared with use); α = 0.01 after the false discovery rate, or direct.

#![allow(clippy::print_stdout)]

use std::error::Error;
use std::time::Instant;

use foundation::activity::ActivityTable;
use foundation::null::false_discovery::Correction;
use foundation::null::validated::{self, Params, Tail};
use foundation::null::{bicm, weighted};
use foundation::presence::Presence;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, file, side, rest @ ..] = args.as_slice() else {
        return Err(
            "validated_projection FILE activities|locations|weighted [poisson] [direct]".into(),
        );
    };
    let mut rows: Vec<(String, String, f64)> = Vec::new();
    for record in csv::Reader::from_path(file)?.records() {
        let record = record?;
        rows.push((
            record[0].to_owned(),
            record[1].to_owned(),
            record[2].parse()?,
        ));
    }
    let table =
        ActivityTable::from_rows(rows.iter().map(|(l, a, v)| (l.as_str(), a.as_str(), *v)))?;
    drop(rows);
    let start = Instant::now();
    if side == "weighted" {
        let found = weighted::inferred_advantage(&table, &weighted::Params::default())?;
        println!(
            "weighted model: {} steps, largest relative error {:.1e}, {:.2?}",
            found.steps(),
            found.worst_error(),
            start.elapsed()
        );
        return Ok(());
    }
    let (by_location, by_activity) = (table.location_totals(), table.activity_totals());
    let world: f64 = by_location.iter().sum();
    let m = Presence::from_fn(by_location.len(), by_activity.len(), |l, a| {
        let value = table.value(l, a);
        value > 0.0 && value / by_location[l] / (by_activity[a] / world) >= 1.0
    });
    println!(
        "{} x {}, {} ones, {:.2?}",
        m.locations(),
        m.activities(),
        m.links(),
        start.elapsed()
    );
    let start = Instant::now();
    let null = bicm::solve(&m, &bicm::Params::default())?;
    println!(
        "null model: {} x {} classes, {} steps, largest relative error {:.1e}, {:.2?}",
        null.locations().count(),
        null.activities().count(),
        null.steps(),
        null.worst_error(),
        start.elapsed()
    );
    let asked = |word: &str| rest.iter().any(|w| w == word);
    let params = Params {
        tail: if asked("poisson") {
            Tail::Poisson
        } else {
            Tail::Exact
        },
        correction: if asked("direct") {
            Correction::None
        } else {
            Correction::FalseDiscoveryRate
        },
        ..Params::default()
    };
    let start = Instant::now();
    let found = match side.as_str() {
        "activities" => validated::activities(&m, &null, &params)?,
        _ => validated::locations(&m, &null, &params)?,
    };
    println!(
        "{side}: {} links of {} pairs, threshold {:?}, {:.2?}",
        found.links.len(),
        found.tests,
        found.threshold,
        start.elapsed()
    );
    Ok(())
}
