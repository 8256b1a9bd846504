use foundation::null::bicm::{Bicm, Params, solve};
use foundation::presence::Presence;
use libtest_mimic::Trial;
use model::Seed;
use rand::RngExt;

use crate::golden;

mod bicm;
mod projections;
mod tails;
mod weighted;

pub fn trials() -> Vec<Trial> {
    [
        bicm::trials(),
        tails::trials(),
        projections::trials(),
        weighted::trials(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn solved(m: &Presence) -> Bicm {
    solve(m, &Params::default()).unwrap()
}

/// A seeded presence matrix with nested margins.
fn random_presence(locations: usize, activities: usize, seed: u64) -> Presence {
    let mut stream = Seed(seed).stream("presence", 0);
    let mut draw =
        |n: usize| -> Vec<f64> { (0..n).map(|_| stream.random::<f64>() * 4.0 - 2.0).collect() };
    let (rows, columns, noise) = (
        draw(locations),
        draw(activities),
        draw(locations * activities),
    );
    Presence::from_fn(locations, activities, |l, a| {
        rows[l] + columns[a] + noise[l * activities + a] > 0.0
    })
}

/// The matrix of a golden table: rows (table, location, activity, present, p).
fn golden_presence(table: &str) -> (Presence, Vec<f64>) {
    let rows: Vec<_> = golden("null_bicm.csv")
        .into_iter()
        .filter(|r| &r[0] == table)
        .collect();
    let last = rows.last().unwrap();
    let size = |column: usize| last[column].parse::<usize>().unwrap() + 1;
    let (l, a) = (size(1), size(2));
    assert_eq!(rows.len(), l * a);
    let m = Presence::from_fn(l, a, |i, j| &rows[i * a + j][3] == "1");
    (m, rows.iter().map(|r| r[4].parse().unwrap()).collect())
}
