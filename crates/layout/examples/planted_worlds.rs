//! How much noise a layout stands: worlds with a known best layout, through selection and layout.
//!
//! `cargo run --example planted_worlds -- [SEEDS]` prints the table of `methods/regional-layout.md`.

#![allow(clippy::print_stdout)]

#[allow(
    dead_code,
    clippy::needless_range_loop,
    reason = "the proof of the planting is for the tests; loops over places read like the formulas"
)]
#[path = "../tests/it/worlds.rs"]
mod worlds;

use std::time::Instant;

use model::Seed;
use rayon::prelude::*;
use worlds::{Recovery, Shape, alone, recover, world};

const SHAPES: [(&str, Shape); 2] = [
    (
        "24 x 8",
        Shape {
            clusters: 24,
            regions: 6,
            chosen: 8,
            decoys: 8,
            links: 10,
        },
    ),
    (
        "60 x 12",
        Shape {
            clusters: 60,
            regions: 12,
            chosen: 12,
            decoys: 12,
            links: 20,
        },
    ),
];
const NOISE: [f64; 8] = [0.0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.4];

/// Mean with the half width of its 95 % range over seeds (normal), and the least.
fn summary(list: &[f64]) -> (f64, f64, f64) {
    let n = list.len() as f64;
    let mean = list.iter().sum::<f64>() / n;
    let variance = list.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    let least = list.iter().copied().fold(f64::INFINITY, f64::min);
    (mean, 1.96 * (variance / n).sqrt(), least)
}

fn main() {
    let seeds: u64 = std::env::args()
        .nth(1)
        .and_then(|s| s.parse().ok())
        .unwrap_or(40);
    println!(
        "| world | noise (sd) | planted pairs recovered | least of {seeds} seeds | fields recovered | true value kept | largest gap | s per world |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for (name, shape) in SHAPES {
        let worlds: Vec<_> = (0..seeds).map(|s| world(shape, Seed(s))).collect();
        for noise in NOISE {
            let start = Instant::now();
            let found: Vec<Recovery> = worlds
                .par_iter()
                .enumerate()
                .map(|(s, world)| recover(world, noise, Seed(s as u64)))
                .collect();
            let seconds = start.elapsed().as_secs_f64() / seeds as f64;
            let of =
                |get: fn(&Recovery) -> f64| summary(&found.iter().map(get).collect::<Vec<_>>());
            let (pairs, half, least) = of(|r| r.pairs);
            let (fields, ..) = of(|r| r.fields);
            let (kept, kept_half, _) = of(|r| r.kept);
            let gap = found.iter().map(|r| r.gap).fold(0.0, f64::max);
            println!(
                "| {name} | {noise} | {:.1} ± {:.1} % | {:.1} % | {:.1} % | {:.1} ± {:.1} % | {:.2} % | {seconds:.2} |",
                100.0 * pairs,
                100.0 * half,
                100.0 * least,
                100.0 * fields,
                100.0 * kept,
                100.0 * kept_half,
                100.0 * gap,
            );
        }
        let (mean, half, least) = summary(&worlds.iter().map(alone).collect::<Vec<_>>());
        println!(
            "| {name} | 0, every cluster for itself | {:.1} ± {:.1} % | {:.1} % | – | – | – | – |",
            100.0 * mean,
            100.0 * half,
            100.0 * least
        );
    }
}
