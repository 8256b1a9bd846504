//! Golden values of fitness, trimming and nestedness from the peers.

use foundation::activity::ActivityTable;
use foundation::complexity::advantage::rca;
use foundation::complexity::fitness::{
    Fitness, FitnessParams, Scale, Stop, Update, Variant, exogenous_fitness, fitness,
    weighted_fitness,
};
use foundation::complexity::presence_rule::Rule;
use foundation::presence::Presence;
use foundation::robustness::nestedness::{nodf, stable_nodf};
use foundation::robustness::universe::trim_core;
use libtest_mimic::Trial;

use super::{ACTIVITIES, LOCATIONS, labelled, present, table, value};
use crate::{close, golden, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("fitness_agrees_with_the_peers_step_by_step", peers),
        trial("trim_core_agrees_with_econcomplex", trimming),
        trial("nestedness_agrees_with_fermi", nestedness),
    ]
}

const SALTS: [usize; 2] = [1, 2];

/// Worst relative deviation from the golden case; fails above `tolerance`.
fn compare(case: &str, found_f: &[f64], found_q: &[f64], tolerance: f64) {
    let mut seen = (0, 0);
    for row in golden("fitness_peers.csv").iter().filter(|r| &r[0] == case) {
        let (i, wanted): (usize, f64) = (row[2].parse().unwrap(), row[3].parse().unwrap());
        if &row[1] == "f" {
            seen.0 += 1;
            if i < found_f.len() {
                close(&format!("{case} f {i}"), found_f[i], wanted, tolerance);
            }
        } else {
            seen.1 += 1;
            // A pruned activity is 0 there and has no number here.
            if wanted == 0.0 {
                assert!(found_q[i].is_nan(), "{case} q {i}");
            } else {
                close(&format!("{case} q {i}"), found_q[i], wanted, tolerance);
            }
        }
    }
    assert!(
        seen.0 >= found_f.len() && seen.1 == found_q.len(),
        "{case}: {seen:?}"
    );
}

fn with(stop: Stop) -> FitnessParams {
    FitnessParams {
        stop,
        ..FitnessParams::fermi()
    }
}

fn peers() {
    let fixed = |iterations| with(Stop::Fixed { iterations });
    for salt in SALTS {
        let x = table(salt);
        let m = present(&x);
        let run = |case: &str, params: &FitnessParams, tolerance: f64| -> Fitness {
            let found = fitness(&m, params).unwrap();
            compare(
                &format!("{salt} {case}"),
                &found.fitness(),
                &found.complexity(),
                tolerance,
            );
            found
        };
        run("econcomplex20", &FitnessParams::econcomplex(), 1e-12);
        let steep = FitnessParams {
            variant: Variant::Homogeneous { extremality: 2.0 },
            ..FitnessParams::econcomplex()
        };
        run("econcomplex20 extremality", &steep, 1e-12);
        run(
            "synchronous19",
            &FitnessParams::economiccomplexity_r(),
            1e-12,
        );
        run("fermi", &FitnessParams::fermi(), 1e-8);
        run(
            "fermi crossing",
            &with(Stop::CrossingTime { most: 1000 }),
            1e-8,
        );
        let redundant = FitnessParams {
            update: Update::ComplexityFirst,
            ..fixed(300)
        };
        run("fermi redundant", &redundant, 1e-10);
        let servedio = FitnessParams {
            variant: Variant::Inhomogeneous { delta: 0.01 },
            ..fixed(400)
        };
        run("fermi servedio", &servedio, 1e-10);
        let dummy = FitnessParams {
            scale: Scale::DummyLocation,
            ..fixed(200)
        };
        run("fermi dummy", &dummy, 1e-10);

        // The default, which stops by itself, is at the same place.
        let settled = fitness(&m, &FitnessParams::default()).unwrap();
        compare(
            &format!("{salt} fermi"),
            &settled.fitness(),
            &settled.complexity(),
            1e-5,
        );

        // fermi-cref averages complexity over pruned activities too; here the mean is over those that are left.
        let pruned = FitnessParams {
            prune_ubiquity: 14,
            ..fixed(200)
        };
        let found = fitness(&m, &pruned).unwrap();
        let left = m.ubiquity().iter().filter(|u| **u > 14).count();
        assert!(left < ACTIVITIES);
        let factor = ACTIVITIES as f64 / left as f64;
        let q: Vec<f64> = found.complexity().iter().map(|q| q * factor).collect();
        compare(&format!("{salt} fermi pruned"), &found.fitness(), &q, 1e-10);

        let weights = labelled(LOCATIONS, ACTIVITIES, rca(&x));
        let found = weighted_fitness(&weights, &fixed(200)).unwrap();
        compare(
            &format!("{salt} fermi weighted"),
            &found.fitness(),
            &found.complexity(),
            1e-10,
        );

        let q = fitness(&m, &FitnessParams::fermi()).unwrap().complexity();
        let mirrored =
            Presence::from_fn(LOCATIONS, ACTIVITIES, |l, a| m.get(l, ACTIVITIES - 1 - a));
        let f: Vec<f64> = exogenous_fitness(&mirrored, &q)
            .unwrap()
            .iter()
            .map(|f| f.fitness)
            .collect();
        compare(&format!("{salt} fermi exogenous"), &f, &[], 1e-8);
    }
}

fn thinned(salt: usize) -> ActivityTable {
    let values = (0..LOCATIONS * ACTIVITIES).map(|k| {
        let (l, a) = (k / ACTIVITIES, k % ACTIVITIES);
        let x = value(l, a, salt);
        if a.is_multiple_of(3) || l.is_multiple_of(4) || x > 800.0 {
            x
        } else {
            0.0
        }
    });
    labelled(LOCATIONS, ACTIVITIES, values.collect())
}

fn trimming() {
    let rows = golden("trim_core_econcomplex.csv");
    for salt in SALTS {
        let found = trim_core(&thinned(salt), 20, 10, Rule::default());
        for row in rows.iter().filter(|r| r[0] == *salt.to_string()) {
            let kept: Vec<usize> = row[2].split(' ').map(|i| i.parse().unwrap()).collect();
            let own = if &row[1] == "rows" {
                &found.locations
            } else {
                &found.activities
            };
            assert_eq!(*own, kept, "{salt} {}", &row[1]);
        }
        assert!(found.passes > 2, "the core takes more than one pass");
    }
    assert_eq!(rows.len(), 4);
}

fn nestedness() {
    for row in golden("nestedness_fermi.csv") {
        let m = present(&table(row[0].parse().unwrap()));
        let found = match &row[1] {
            "nodf" => nodf(&m).mean(),
            _ => stable_nodf(&m).pooled,
        };
        close(&row[1], found, row[2].parse().unwrap(), 1e-12);
    }
}
