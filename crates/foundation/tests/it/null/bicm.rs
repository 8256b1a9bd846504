//! The Bipartite Configuration Model against its peer, by its equations and by hand.

use std::collections::BTreeMap;

use foundation::null::NullError;
use foundation::null::bicm::{self, Bicm};
use foundation::presence::Presence;
use libtest_mimic::Trial;
use model::Seed;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::{golden_presence, random_presence, solved};
use crate::{golden, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial(
            "null::bicm probabilities are those of bicm 3.4.0",
            probabilities_of_the_peer,
        ),
        trial("null::bicm by hand", by_hand),
        trial(
            "null::bicm forced cells without a full or empty row",
            forced_cells,
        ),
        trial(
            "null::bicm meets every margin and forgets the order",
            margins_and_order,
        ),
        trial(
            "null::bicm finds every forced cell of all small matrices",
            forced_cells_of_all_small_matrices,
        ),
        trial("null::bicm samples have the expected margins", samples),
        trial("null::bicm refuses what it cannot solve", refusals),
    ]
}

/// Largest relative error of a margin, from p alone.
fn margin_error(m: &Presence, model: &Bicm) -> f64 {
    let sum = |cells: &mut dyn Iterator<Item = f64>| cells.sum::<f64>();
    let rows = (0..m.locations()).map(|l| {
        let found = sum(&mut (0..m.activities()).map(|a| model.probability(l, a)));
        (found, f64::from(m.diversity()[l]))
    });
    let columns = (0..m.activities()).map(|a| {
        let found = sum(&mut (0..m.locations()).map(|l| model.probability(l, a)));
        (found, f64::from(m.ubiquity()[a]))
    });
    rows.chain(columns)
        .map(|(found, wanted)| (found - wanted).abs() / wanted.max(1.0))
        .fold(0.0, f64::max)
}

fn probabilities_of_the_peer() {
    for table in ["nested", "flat", "edges"] {
        let (m, wanted) = golden_presence(table);
        let model = solved(&m);
        let mut worst = 0.0_f64;
        for l in 0..m.locations() {
            for a in 0..m.activities() {
                worst = worst.max((model.probability(l, a) - wanted[l * m.activities() + a]).abs());
            }
        }
        assert!(worst < 1e-10, "{table}: {worst:e}");
    }
    assert!(!golden("null_projection.csv").is_empty());
}

fn by_hand() {
    // d = (2, 1, 1), u = (2, 2), not forced: x = (1/s, s/…) by symmetry p_1a = 2/2 is full, the rest 1/2.
    let m = Presence::from_fn(3, 2, |l, a| l == 0 || l - 1 == a);
    let model = solved(&m);
    assert_eq!(
        [model.probability(0, 0), model.probability(0, 1)],
        [1.0, 1.0]
    );
    for (l, a) in [(1, 0), (1, 1), (2, 0), (2, 1)] {
        assert!((model.probability(l, a) - 0.5).abs() < 1e-14);
    }
    assert_eq!(model.forced(), 2);
    // d = (2, 1), u = (1, 1, 1): p_1a = 2/3, p_2a = 1/3.
    let m = Presence::from_fn(2, 3, |l, a| (l == 0) == (a < 2));
    let model = solved(&m);
    assert!((model.probability(0, 2) - 2.0 / 3.0).abs() < 1e-14);
    assert!((model.probability(1, 2) - 1.0 / 3.0).abs() < 1e-14);
    assert_eq!(
        model.transposed().probability(2, 0),
        model.probability(0, 2)
    );
}

fn forced_cells() {
    // Blocks: ones, identity; identity, zeros. No row is full or empty, yet half of the cells are forced.
    let m = Presence::from_fn(4, 4, |l, a| match (l < 2, a < 2) {
        (true, true) => true,
        (false, false) => false,
        _ => l % 2 == a % 2,
    });
    let model = solved(&m);
    assert_eq!(model.forced(), 8);
    for l in 0..4 {
        for a in 0..4 {
            let wanted = match (l < 2, a < 2) {
                (true, true) => 1.0,
                (false, false) => 0.0,
                _ => 0.5,
            };
            assert!((model.probability(l, a) - wanted).abs() < 1e-14);
        }
    }
    // A perfectly nested matrix is the only one with its margins.
    let nested = Presence::from_fn(5, 6, |l, a| l + a < 6);
    let model = solved(&nested);
    assert_eq!((model.forced(), model.steps()), (30, 0));
    assert_eq!(model.sample(Seed(1), 0), nested);
}

/// All 3 × 4 matrices: a cell is forced exactly where every matrix with the same margins agrees.
fn forced_cells_of_all_small_matrices() {
    let (rows, columns) = (3, 4);
    let all: Vec<Presence> = (0..1_u32 << (rows * columns))
        .map(|bits| Presence::from_fn(rows, columns, |l, a| bits >> (l * columns + a) & 1 == 1))
        .collect();
    let mut same: BTreeMap<(Vec<u32>, Vec<u32>), Vec<&Presence>> = BTreeMap::new();
    for m in &all {
        same.entry((m.diversity().to_vec(), m.ubiquity().to_vec()))
            .or_default()
            .push(m);
    }
    for group in same.values() {
        let model = solved(group[0]);
        assert!(margin_error(group[0], &model) < 1e-9);
        for l in 0..rows {
            for a in 0..columns {
                let p = model.probability(l, a);
                let ones = group.iter().filter(|m| m.get(l, a)).count();
                assert_eq!(p == 0.0, ones == 0, "{:?} {l} {a} {p}", group[0]);
                assert_eq!(p == 1.0, ones == group.len(), "{:?} {l} {a} {p}", group[0]);
            }
        }
    }
}

fn margins_and_order() {
    let mut runner = TestRunner::deterministic();
    let cases = (1usize..30, 1usize..60, any::<u64>());
    runner
        .run(&cases, |(l, a, seed)| {
            let m = random_presence(l, a, seed);
            let model = solved(&m);
            prop_assert!(margin_error(&m, &model) <= 1e-9);
            prop_assert!(model.worst_error() <= 1e-9);
            // Rows and columns turned round: the same bits in other places.
            let turned = Presence::from_fn(l, a, |i, j| m.get(l - 1 - i, a - 1 - j));
            let again = solved(&turned);
            for i in 0..l {
                for j in 0..a {
                    prop_assert_eq!(
                        again.probability(i, j).to_bits(),
                        model.probability(l - 1 - i, a - 1 - j).to_bits()
                    );
                }
            }
            // The model of M' is the transposed model, up to rounding.
            let across = solved(&m.transposed());
            for i in 0..l {
                for j in 0..a {
                    prop_assert!((across.probability(j, i) - model.probability(i, j)).abs() < 1e-8);
                }
            }
            Ok(())
        })
        .unwrap();
}

fn samples() {
    let m = random_presence(12, 40, 5);
    let model = solved(&m);
    let draws = 2000;
    let mut ones = vec![0.0; 12 * 40];
    for index in 0..draws {
        let sample = model.sample(Seed(7), index);
        for l in 0..12 {
            for a in sample.activities_of(l) {
                ones[l * 40 + a] += 1.0;
            }
        }
    }
    // Every share within 5 standard errors of its probability.
    for l in 0..12 {
        for a in 0..40 {
            let p = model.probability(l, a);
            let error = (ones[l * 40 + a] / draws as f64 - p).abs();
            assert!(
                error <= 5.0 * (p * (1.0 - p) / draws as f64).sqrt(),
                "{l} {a}: {p} {error}"
            );
        }
    }
    assert_eq!(model.sample(Seed(7), 3), model.sample(Seed(7), 3));
    assert_ne!(model.sample(Seed(7), 3), model.sample(Seed(7), 4));
    assert_ne!(
        model.sample_of("science", Seed(7), 3),
        model.sample_of("trade", Seed(7), 3)
    );
}

fn refusals() {
    let m = random_presence(10, 20, 1);
    let with = |tolerance, steps| bicm::solve(&m, &bicm::Params { tolerance, steps });
    assert!(matches!(with(0.0, 10), Err(NullError::Parameter { .. })));
    assert!(matches!(
        with(f64::NAN, 10),
        Err(NullError::Parameter { .. })
    ));
    let Err(NullError::Refused(refusal)) = with(1e-9, 0) else {
        panic!("no step cannot be enough");
    };
    assert_eq!(refusal.code, "null.not_converged");
}
