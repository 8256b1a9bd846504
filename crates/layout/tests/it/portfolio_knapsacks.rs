//! Knapsacks and assignments: published optima, exhaustive search, capacities never broken.

use std::path::PathBuf;

use layout::portfolio::knapsack::{Assignment, Knapsack, KnapsackParams, Sense, assign, pack};
use layout::{Ended, Limits};
use libtest_mimic::Trial;
use model::Seed;
use rand::RngExt;

use crate::trial;

pub fn trials() -> Vec<Trial> {
    let absent = !folder().join("mkp/rd_petersen_1.txt").exists();
    vec![
        trial("knapsack::equal_to_exhaustive_search", exhaustively),
        trial("knapsack::the_same_on_any_number_of_threads", threads),
        trial("knapsack::petersen_projects_are_optimal", petersen).with_ignored_flag(absent),
        trial("knapsack::a_sample_lies_near_the_best_known", near_best).with_ignored_flag(absent),
        trial("knapsack::assignments_are_optimal", assignments).with_ignored_flag(absent),
    ]
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/decisions")
}

fn numbers(name: &str) -> Vec<f64> {
    let text = std::fs::read_to_string(folder().join(name)).unwrap();
    text.split_whitespace()
        .map(|n| n.parse().unwrap())
        .collect()
}

/// One OR-Library instance and the value it states.
fn read(name: &str) -> (Knapsack, f64) {
    let v = numbers(name);
    let (n, m) = (v[1] as usize, v[2] as usize);
    let rows = |i: usize| v[4 + n + i * n..4 + n + (i + 1) * n].to_vec();
    let knapsack = Knapsack {
        gains: v[4..4 + n].to_vec(),
        uses: (0..m).map(rows).collect(),
        capacities: v[4 + n + m * n..].to_vec(),
    };
    (knapsack, v[3])
}

fn value(knapsack: &Knapsack, chosen: &[usize]) -> f64 {
    for (uses, capacity) in knapsack.uses.iter().zip(&knapsack.capacities) {
        assert!(chosen.iter().map(|j| uses[*j]).sum::<f64>() <= capacity + 1e-9);
    }
    chosen.iter().map(|j| knapsack.gains[*j]).sum()
}

fn exhaustively() {
    for index in 0..200 {
        let mut random = Seed(3).stream("test.knapsack", index);
        let (n, m) = (
            random.random_range(1..=12_usize),
            random.random_range(1..=4),
        );
        let mut numbers = |n: usize, most: u32| -> Vec<f64> {
            (0..n)
                .map(|_| f64::from(random.random_range(0..=most)))
                .collect()
        };
        let knapsack = Knapsack {
            gains: numbers(n, 20),
            uses: (0..m).map(|_| numbers(n, 9)).collect(),
            capacities: numbers(m, 30),
        };
        let best = (0..1_u32 << n)
            .filter_map(|bits| {
                let chosen: Vec<usize> = (0..n).filter(|j| bits >> j & 1 == 1).collect();
                let fits = (knapsack.uses.iter().zip(&knapsack.capacities))
                    .all(|(u, c)| chosen.iter().map(|j| u[*j]).sum::<f64>() <= *c);
                fits.then(|| chosen.iter().map(|j| knapsack.gains[*j]).sum::<f64>())
            })
            .fold(0.0, f64::max);
        let params = KnapsackParams {
            rounds: 50,
            neighbourhoods: 5,
            ..KnapsackParams::default()
        };
        let found = pack(&knapsack, &params).unwrap();
        assert_eq!(value(&knapsack, &found.chosen), best, "{index}");
        assert!(found.worth.bound >= best - 1e-9 && found.worth.bound < best + 1e-3);
    }
}

/// One thread does the searches one after the other, more do them at once: the same in the end.
fn threads() {
    let mut random = Seed(4).stream("test.knapsack.twice", 0);
    let mut numbers = |n: usize| -> Vec<f64> {
        (0..n)
            .map(|_| f64::from(random.random_range(1..=100_u32)))
            .collect()
    };
    let knapsack = Knapsack {
        gains: numbers(60),
        uses: (0..5).map(|_| numbers(60)).collect(),
        capacities: vec![900.0; 5],
    };
    let params = KnapsackParams {
        rounds: 300,
        neighbourhoods: 5,
        limits: Limits {
            node_limit: Some(50),
            time_limit_seconds: None,
            ..Limits::default()
        },
        ..KnapsackParams::default()
    };
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().unwrap().install(|| pack(&knapsack, &params))
    };
    assert_eq!(on(1), on(2));
    assert_eq!(on(1), on(4));
}

/// Petersen (1967): the published optima.
fn petersen() {
    for k in [1, 2, 4, 5, 7] {
        let (knapsack, best) = read(&format!("mkp/rd_petersen_{k}.txt"));
        let params = KnapsackParams {
            rounds: 500,
            neighbourhoods: 5,
            ..KnapsackParams::default()
        };
        let found = pack(&knapsack, &params).unwrap();
        assert!(
            (value(&knapsack, &found.chosen) - best).abs() < 1e-6,
            "{k}: {found:?}"
        );
        assert_eq!(found.worth.ended, Ended::Proved);
    }
}

/// Chu & Beasley (1998): with a small work limit, within 0.5 % of their best known value and of no worse a bound than the relaxation.
fn near_best() {
    let table = std::fs::read_to_string(folder().join("mkp/mkp_best.csv")).unwrap();
    for name in ["mknapcb1_00.txt", "mknapcb3_10.txt", "mknapcb7_10.txt"] {
        let line = table.lines().find(|line| line.starts_with(name)).unwrap();
        let known: Vec<f64> = line
            .split(',')
            .skip(3)
            .map(|x| x.parse().unwrap())
            .collect();
        let (knapsack, _) = read(&format!("mkp/{name}"));
        let params = KnapsackParams {
            rounds: 300,
            neighbourhoods: 10,
            limits: Limits {
                node_limit: Some(20),
                time_limit_seconds: None,
                ..Limits::default()
            },
            ..KnapsackParams::default()
        };
        let found = pack(&knapsack, &params).unwrap();
        let own = value(&knapsack, &found.chosen);
        assert!((own - found.worth.value).abs() < 1e-6);
        assert!(own >= known[0] * 0.995, "{name}: {own} of {}", known[0]);
        assert!((found.relaxation - known[1]).abs() < 1e-3 * known[1]);
        assert!(
            found.worth.bound <= found.relaxation + 1e-6 && found.worth.bound >= known[0] - 1e-6
        );
    }
}

fn assignments() {
    let table = std::fs::read_to_string(folder().join("gap/gap_results.csv")).unwrap();
    for name in ["gap1_1.txt", "gap3_3.txt", "gap6_4.txt"] {
        let line = table.lines().find(|line| line.starts_with(name)).unwrap();
        let best: f64 = line.split(',').nth(4).unwrap().parse().unwrap();
        let v = numbers(&format!("gap/{name}"));
        let (m, n) = (v[0] as usize, v[1] as usize);
        let block = |from: usize| -> Vec<Vec<f64>> {
            (0..m)
                .map(|i| v[from + i * n..from + (i + 1) * n].to_vec())
                .collect()
        };
        let problem = Assignment {
            worth: block(2),
            uses: block(2 + m * n),
            capacities: v[2 + 2 * m * n..].to_vec(),
            sense: Sense::Most,
        };
        let found = assign(&problem, &Limits::default()).unwrap();
        assert_eq!(found.worth.value, best, "{name}");
        assert_eq!(found.worth.ended, Ended::Proved);
    }
}
