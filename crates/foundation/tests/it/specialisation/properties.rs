//! What must hold for any table.

use foundation::activity::ActivityTable;
use foundation::specialisation::change::{ChangeParams, History, State, changes};
use foundation::specialisation::{concentration, gini, krugman, prody, quotient, similarity};
use libtest_mimic::Trial;
use model::Year;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::trial;

pub fn trials() -> Vec<Trial> {
    vec![
        trial("specialisation/units_and_order_do_not_matter", invariant),
        trial("specialisation/numbers_keep_their_ranges", ranges),
        trial(
            "specialisation/a_panel_read_backwards_swaps_entry_and_exit",
            backwards,
        ),
    ]
}

fn name(prefix: &str, n: usize) -> Vec<String> {
    (0..n).map(|i| format!("{prefix}{i:02}")).collect()
}

fn tables() -> impl Strategy<Value = (usize, usize, Vec<f64>)> {
    (2usize..8, 2usize..8).prop_flat_map(|(l, a)| {
        let cell = prop_oneof![1 => Just(0.0), 4 => 0.1f64..1e3];
        proptest::collection::vec(cell, l * a).prop_map(move |values| (l, a, values))
    })
}

fn table(l: usize, a: usize, values: Vec<f64>) -> ActivityTable {
    ActivityTable::new(name("l", l), name("a", a), values).unwrap()
}

type PerLocation = fn(&ActivityTable) -> Vec<f64>;
const MEASURES: [PerLocation; 5] = [
    quotient::average_quotients,
    quotient::hachman,
    krugman::krugman,
    concentration::herfindahl_normalised,
    |t| concentration::entropy(t, std::f64::consts::E),
];

fn same(a: f64, b: f64) -> bool {
    (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-9 * a.abs().max(1.0)
}

fn invariant() {
    TestRunner::default()
        .run(&(tables(), 0.01f64..100.0), |((l, a, values), scale)| {
            let plain = table(l, a, values.clone());
            let scaled = table(l, a, values.iter().map(|v| v * scale).collect());
            // Locations and activities in the opposite order.
            let turned = table(l, a, values.iter().rev().copied().collect());
            for of in MEASURES {
                let mut back = of(&turned);
                back.reverse();
                for ((x, y), z) in of(&plain).iter().zip(of(&scaled)).zip(back) {
                    prop_assert!(same(*x, y) && same(*x, z), "{} {} {}", x, y, z);
                }
            }
            for (x, y) in gini::locational_gini(&plain)
                .iter()
                .zip(gini::locational_gini(&scaled))
            {
                prop_assert!(same(*x, y));
            }
            Ok(())
        })
        .unwrap();
}

fn ranges() {
    TestRunner::default()
        .run(&tables(), |(l, a, values)| {
            let t = table(l, a, values);
            let within = |values: &[f64], low: f64, high: f64| {
                values
                    .iter()
                    .all(|v| v.is_nan() || (low - 1e-9..=high + 1e-9).contains(v))
            };
            prop_assert!(within(&quotient::hachman(&t), 0.0, 1.0));
            prop_assert!(within(&krugman::krugman(&t), 0.0, 2.0));
            prop_assert!(within(&concentration::herfindahl(&t), 1.0 / a as f64, 1.0));
            prop_assert!(within(
                &concentration::entropy(&t, 2.0),
                0.0,
                (a as f64).log2()
            ));
            prop_assert!(within(&gini::locational_gini(&t), 0.0, 0.5));
            let income: Vec<f64> = (1..=l).map(|i| i as f64 * 1000.0).collect();
            let worth = prody::prody(&t, &income).unwrap();
            prop_assert!(within(&worth, 1000.0, l as f64 * 1000.0));
            prop_assert!(within(
                &prody::expy(&t, &worth).unwrap(),
                1000.0,
                l as f64 * 1000.0
            ));
            let pairs = krugman::krugman_between(&t);
            let alike = similarity::export_similarity(&t, similarity::SimilarityScale::default());
            for i in 0..l {
                for j in 0..l {
                    prop_assert!(same(pairs[i * l + j], pairs[j * l + i]));
                    prop_assert!(same(alike[i * l + j], alike[j * l + i]));
                }
                prop_assert!(pairs[i * l + i].is_nan() || pairs[i * l + i] == 0.0);
            }
            Ok(())
        })
        .unwrap();
}

fn backwards() {
    let state = prop_oneof![
        Just(State::Absent),
        Just(State::Present),
        Just(State::Unknown)
    ];
    let panels = (1usize..4, 3usize..8).prop_flat_map(move |(cells, years)| {
        proptest::collection::vec(proptest::collection::vec(state.clone(), cells), years)
    });
    TestRunner::default()
        .run(&(panels, 1usize..3), |(states, agree)| {
            let history = |states: Vec<Vec<State>>| History {
                locations: vec!["l".into()],
                activities: name("a", states[0].len()),
                years: (0..states.len()).map(|y| Year(y as i32)).collect(),
                states,
            };
            let params = ChangeParams {
                before: agree,
                after: agree,
            };
            let forward = changes(&history(states.clone()), params);
            let back = changes(&history(states.into_iter().rev().collect()), params);
            prop_assert_eq!(forward.entries.happened, back.exits.happened);
            prop_assert_eq!(forward.exits.happened, back.entries.happened);
            Ok(())
        })
        .unwrap();
}
