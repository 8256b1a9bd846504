//! A year of daily steps on a large table, beside the peer's course. `benches/chain_inventory.sh` prepares the folder.
//!
//! Arguments: FOLDER (z.bin, y.bin, labels.csv, columns.csv and, where the peer ran, production.bin), REGION, SECTOR, DAYS.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::time::Instant;

use chain::inventory::{
    Ario, DrawParams, Economy, EconomyInput, Event, EventKind, Impact, Model, Options, Ranges,
    Recovery, Span, boario, draws, run,
};
use model::Seed;

fn numbers(path: &Path) -> Vec<f64> {
    fs::read(path)
        .unwrap()
        .chunks_exact(8)
        .map(|b| f64::from_le_bytes(b.try_into().unwrap()))
        .collect()
}

fn labels(path: &Path) -> Vec<(String, String)> {
    fs::read_to_string(path)
        .unwrap()
        .lines()
        .map(|line| {
            let (region, name) = line.split_once(',').unwrap();
            (region.to_owned(), name.to_owned())
        })
        .collect()
}

/// Largest relative difference from the peer in any industry and step, and in the total of a step.
fn compare(ours: &[f64], theirs: &[f64], n: usize) -> (f64, f64) {
    let off = |a: f64, b: f64| {
        if b == 0.0 {
            a.abs()
        } else {
            (a / b - 1.0).abs()
        }
    };
    let cells = ours.iter().zip(theirs).map(|(a, b)| off(*a, *b));
    let sums = |of: &[f64]| -> Vec<f64> { of.chunks_exact(n).map(|r| r.iter().sum()).collect() };
    let totals = sums(ours)
        .into_iter()
        .zip(sums(theirs))
        .map(|(a, b)| off(a, b));
    (cells.fold(0.0, f64::max), totals.fold(0.0, f64::max))
}

/// Wall and CPU time since a moment.
struct Clock(Instant, f64);

impl Clock {
    fn now() -> Self {
        Self(Instant::now(), cpu_seconds())
    }

    /// A row of a table.
    fn row(&self, what: &str) {
        println!(
            "| forelay {what}, threads {} | {:.2} | {:.2} | |",
            rayon::current_num_threads(),
            self.0.elapsed().as_secs_f64(),
            cpu_seconds() - self.1
        );
    }
}

/// User and system seconds of this process so far.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after.split_whitespace().skip(11).take(2);
    ticks.filter_map(|t| t.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = Path::new(&arguments[0]);
    let days: u32 = arguments[3].parse().unwrap();
    let started = Instant::now();
    let economy = Economy::new(EconomyInput {
        industries: labels(&folder.join("labels.csv")),
        z: numbers(&folder.join("z.bin")),
        consumers: labels(&folder.join("columns.csv")),
        y: numbers(&folder.join("y.bin")),
        x: None,
    })
    .unwrap();
    println!(
        "{} industries read in {:.2} s",
        economy.len(),
        started.elapsed().as_secs_f64()
    );
    let events = [Event {
        name: String::new(),
        kind: EventKind::Arbitrary {
            recovery_tau: 60.0,
            recovery_function: Recovery::Linear,
        },
        impacts: vec![Impact {
            industry: economy.industry(&arguments[1], &arguments[2]).unwrap(),
            value: 0.5,
        }],
        occurrence: 5,
        duration: 60,
    }];
    let params = Ario::default();
    let started = Clock::now();
    let course = boario(&economy, &params, &events, days).unwrap();
    started.row(&format!("parity mode, {days} steps"));
    let total = course.total();
    let trough = total.iter().copied().fold(f64::INFINITY, f64::min);
    println!(
        "trough {:.4} % below rest",
        100.0 * (1.0 - trough / total[0])
    );
    let peer = folder.join("production.bin");
    if peer.is_file() {
        let peer = numbers(&peer);
        assert_eq!(peer.len(), course.production.len());
        let (cells, totals) = compare(&course.production, &peer, economy.len());
        println!("from the peer: {cells:.1e} in any industry and step, {totals:.1e} in the total");
        assert!(cells < 1e-9, "the peer's course is another one");
    }
    let started = Clock::now();
    let options = Options::new(&economy);
    let own = run(&economy, &params, &options, &events, days).unwrap();
    started.row(&format!("stocks by supplier region, {days} steps"));
    println!(
        "lost output {:.0}, in parity mode {:.0}",
        own.lost_output(),
        course.lost_output()
    );
    let ranges = Ranges {
        main_inv_dur: Some(Span {
            low: 45.0,
            high: 120.0,
        }),
        severity: Some(Span {
            low: 0.6,
            high: 1.4,
        }),
        ..Ranges::default()
    };
    let how = DrawParams {
        draws: 20,
        seed: Seed(1),
        ..DrawParams::default()
    };
    let started = Clock::now();
    let drawn = draws(
        &economy,
        &params,
        &Model::Boario,
        &events,
        days,
        &ranges,
        &how,
    )
    .unwrap();
    started.row(&format!("parity mode, 20 draws of {days} steps"));
    println!("lost output {:.0} to {:.0}", drawn.whole[0], drawn.whole[2]);
}
