//! The weighted null model and inferred advantage against their peers, by their equations and by hand.

use foundation::activity::ActivityTable;
use foundation::null::NullError;
use foundation::null::false_discovery::Correction;
use foundation::null::weighted::{Inferred, Params, Weights, inferred_advantage};
use libtest_mimic::Trial;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::{close, golden, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial(
            "null::weighted is BiWCM of bicm 3.4.0 and ICA of fermi-cref 0.2.0",
            those_of_the_peers,
        ),
        trial("null::weighted by hand", by_hand),
        trial(
            "null::weighted meets every total in any unit and order",
            totals,
        ),
        trial("null::weighted leaves unknown cells out", unknown),
        trial("null::weighted refuses what it cannot answer", refusals),
    ]
}

fn labels(n: usize) -> Vec<String> {
    (0..n).map(|i| format!("{i:03}")).collect()
}

fn table(locations: usize, activities: usize, values: Vec<f64>) -> ActivityTable {
    ActivityTable::new(labels(locations), labels(activities), values).unwrap()
}

fn inferred(table: &ActivityTable, weights: Weights) -> Inferred {
    let params = Params {
        weights,
        ..Params::default()
    };
    inferred_advantage(table, &params).unwrap()
}

fn those_of_the_peers() {
    for (name, weights, activities, tolerance) in [
        ("values", Weights::Values, 14, 1e-9),
        ("counts", Weights::Counts, 12, 1e-7),
    ] {
        let rows: Vec<_> = golden("null_weighted.csv")
            .into_iter()
            .filter(|r| &r[0] == name)
            .collect();
        let number = |column: usize| -> Vec<f64> {
            rows.iter().map(|r| r[column].parse().unwrap()).collect()
        };
        let found = inferred(
            &table(rows.len() / activities, activities, number(3)),
            weights,
        );
        for (what, found, wanted) in [
            ("expected", found.expected(), number(4)),
            ("p", found.p_values(), number(5)),
            ("advantage", found.advantage(), number(6)),
        ] {
            for (k, (f, w)) in found.iter().zip(&wanted).enumerate() {
                close(&format!("{name} {what} {k}"), *f, *w, tolerance);
            }
        }
    }
}

fn by_hand() {
    // Totals 2 and 2 both ways: every cell is expected to be 1, whatever it is.
    let t = table(2, 2, vec![2.0, 0.0, 0.0, 2.0]);
    let values = inferred(&t, Weights::Values);
    let counts = inferred(&t, Weights::Counts);
    for k in 0..4 {
        assert!((values.expected()[k] - 1.0).abs() < 1e-12);
        assert!((counts.expected()[k] - 1.0).abs() < 1e-12);
    }
    // e^-2 of an exponential, (1/2)² of a geometric; a zero is certain.
    assert!((values.p_values()[0] - (-2.0_f64).exp()).abs() < 1e-12);
    assert!((counts.p_values()[0] - 0.25).abs() < 1e-12);
    assert_eq!(values.p_values()[1], 1.0);
    let m = values.presence(0.14, Correction::None);
    assert_eq!(
        [m.get(0, 0), m.get(0, 1), m.get(1, 0), m.get(1, 1)],
        [true, false, false, true]
    );
    assert_eq!(values.presence(0.14, Correction::Bonferroni).links(), 0);
}

fn totals() {
    let mut runner = TestRunner::deterministic();
    let cases = (2usize..12, 2usize..20).prop_flat_map(|(l, a)| {
        let cell = prop_oneof![3 => (-3.0..4.0f64).prop_map(f64::exp), 1 => Just(0.0)];
        (Just(l), Just(a), proptest::collection::vec(cell, l * a))
    });
    runner
        .run(&cases, |(l, a, values)| {
            for weights in [Weights::Values, Weights::Counts] {
                let cells: Vec<f64> = match weights {
                    Weights::Values => values.clone(),
                    Weights::Counts => values.iter().map(|v| v.ceil()).collect(),
                };
                if cells.iter().all(|v| *v == 0.0) {
                    return Ok(());
                }
                let t = table(l, a, cells.clone());
                let found = inferred(&t, weights);
                let expected = table(l, a, found.expected().to_vec());
                let sums = |t: &ActivityTable| [t.location_totals(), t.activity_totals()].concat();
                for (f, w) in sums(&expected).iter().zip(sums(&t)) {
                    prop_assert!((f - w).abs() <= 1e-8 * w, "{f} {w}");
                }
                // Rows and columns turned round.
                let mut turned = cells.clone();
                turned.reverse();
                let again = inferred(&table(l, a, turned), weights);
                for (f, w) in again.expected().iter().rev().zip(found.expected()) {
                    prop_assert!((f - w).abs() <= 1e-7 * w, "{f} {w}");
                }
                if weights == Weights::Values {
                    let larger = cells.iter().map(|v| v * 1e9).collect();
                    let again = inferred(&table(l, a, larger), weights);
                    for (f, w) in again.p_values().iter().zip(found.p_values()) {
                        prop_assert!((f - w).abs() <= 1e-7, "{f} {w}");
                    }
                }
            }
            Ok(())
        })
        .unwrap();
}

fn unknown() {
    let cells = |unknown: f64| {
        vec![
            3.0, 1.0, 2.0, 5.0, 1.0, unknown, 2.0, 2.0, 9.0, unknown, unknown, unknown,
        ]
    };
    let found = inferred(&table(4, 3, cells(f64::NAN)), Weights::Values);
    let nan = |values: &[f64]| values.iter().map(|v| v.is_nan()).collect::<Vec<_>>();
    for values in [found.expected(), found.advantage(), found.p_values()] {
        assert_eq!(nan(values), nan(&cells(f64::NAN)));
    }
    // The known cells meet the known totals, so a missing reporter changes nothing for the others.
    let expected = found.expected();
    assert!((expected[3] + expected[4] - 6.0).abs() < 1e-8);
    assert!((expected[2] + expected[8] - 11.0).abs() < 1e-8);
    let without = inferred(&table(3, 3, cells(f64::NAN)[..9].to_vec()), Weights::Values);
    assert_eq!(without.expected()[..5], expected[..5]);
    // As a zero the same cell would have an expectation.
    let zero = inferred(&table(4, 3, cells(0.0)), Weights::Values);
    assert!(zero.expected()[5] > 0.5 && zero.p_values()[5] == 1.0);
    assert!(zero.advantage()[9].is_nan() && zero.expected()[9] == 0.0);
}

fn refusals() {
    let t = table(2, 2, vec![1.5, 1.0, 1.0, 1.0]);
    let counts = Params {
        weights: Weights::Counts,
        ..Params::default()
    };
    assert!(matches!(
        inferred_advantage(&t, &counts),
        Err(NullError::Parameter { .. })
    ));
    let code = |table: &ActivityTable, params: &Params| match inferred_advantage(table, params) {
        Err(NullError::Refused(refusal)) => refusal.code.clone(),
        other => panic!("{other:?}"),
    };
    let empty = table(2, 2, vec![0.0, 0.0, f64::NAN, 0.0]);
    assert_eq!(code(&empty, &Params::default()), "null.no_values");
    let hurried = Params {
        steps: 1,
        ..Params::default()
    };
    let t = table(2, 3, vec![1.0, 200.0, 3.0, 50.0, 1.0, 7.0]);
    assert_eq!(code(&t, &hurried), "null.not_converged");
}
