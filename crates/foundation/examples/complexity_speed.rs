//! Time of the full table at the size of BACI: 226 locations × 5,000 activities, 45 % of the cells above 0.
//!
//! `cargo run --release -p foundation --example complexity_speed [LOCATIONS ACTIVITIES]`

#![allow(clippy::print_stdout)]

use std::time::Instant;

use foundation::activity::ActivityTable;
use foundation::complexity::{Convention, Params, complexity};
use foundation::relatedness::outlook::outlook;
use foundation::relatedness::proximity::Phi;
use rand::RngExt;

fn main() {
    let mut sizes = std::env::args().skip(1).filter_map(|s| s.parse().ok());
    let (height, width) = (sizes.next().unwrap_or(226), sizes.next().unwrap_or(5000));
    let mut random = model::Seed(20_260_101).stream("speed", 0);
    let capability: Vec<f64> = (0..height).map(|_| random.random_range(0.1..1.0)).collect();
    let need: Vec<f64> = (0..width).map(|_| random.random_range(0.0..1.0)).collect();
    let values = (0..height * width)
        .map(|k| {
            let gap = capability[k / width] - need[k % width];
            let has = random.random::<f64>() < 1.0 / (1.0 + (-8.0 * gap + 0.1).exp());
            let size: f64 = random.random_range(0.0..8.0);
            if has { size.exp() } else { 0.0 }
        })
        .collect();
    let names = |n: usize| (0..n).map(|k| format!("{k:05}")).collect();
    let Ok(table) = ActivityTable::new(names(height), names(width), values) else {
        return;
    };
    let filled = table.values().iter().filter(|v| **v > 0.0).count();
    println!(
        "{height} x {width}, {:.1} % > 0",
        100.0 * filled as f64 / table.values().len() as f64
    );
    for _ in 0..3 {
        let start = Instant::now();
        let found = complexity(&table, &Convention::default(), &Params::default());
        let all = start.elapsed();
        let Ok(found) = found else {
            println!("{found:?}");
            return;
        };
        let start = Instant::now();
        let c = Convention::default();
        let phi = Phi::of_presence(&found.presence, c.measure, c.diagonal);
        let near = outlook(&found.presence, &phi, &found.pci, c.gain);
        println!(
            "full table {:.3} s, of it density, COI and COG {:.3} s; {} links, λ2 {:.3}, λ3 {:.3}, checksum {:.9}",
            all.as_secs_f64(),
            start.elapsed().as_secs_f64(),
            found.presence.links(),
            found.diagnostics.eigenvalues[1],
            found.diagnostics.eigenvalues[2],
            near.coi.iter().sum::<f64>(),
        );
    }
}
