//! What must hold on every table, whatever the convention's details.

use foundation::activity::ActivityTable;
use foundation::complexity::advantage::rca;
use foundation::complexity::eigen::Sign;
use foundation::complexity::fitness::FitnessParams;
use foundation::complexity::presence_rule::Source;
use foundation::complexity::table::Parts;
use foundation::complexity::{Complexity, ComplexityError, Convention, Params, Preset, complexity};
use libtest_mimic::Trial;
use model::{Catalogue, Lang, Names};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::golden_table;
use crate::trial;

pub fn trials() -> Vec<Trial> {
    vec![
        trial("complexity/RCA averages to one", averages),
        trial("complexity/ECI is the mean PCI of what is held", mean_pci),
        trial("complexity/order and scale do not matter", order_and_scale),
        trial("complexity/threads do not matter", threads),
        trial(
            "complexity/every convention against plain loops",
            plain_loops,
        ),
        trial(
            "complexity/parts that share nothing are refused by name",
            parts,
        ),
        trial("complexity/the largest part on request", largest_part),
        trial("complexity/wrong arguments are named", wrong_arguments),
        trial("complexity/a silent location is not an empty one", silent),
    ]
}

fn full(table: &ActivityTable, preset: Preset) -> Result<Complexity, ComplexityError> {
    complexity(table, &Convention::of(preset), &Params::default())
}

/// Random tables with zeros, connected by a first activity that everyone has.
fn tables() -> impl Strategy<Value = ActivityTable> {
    (4usize..9, 4usize..12).prop_flat_map(|(l, a)| {
        proptest::collection::vec(
            prop_oneof![Just(0.0), 0.1f64..1e3, (1u32..40).prop_map(f64::from)],
            l * a,
        )
        .prop_map(move |mut values| {
            for k in 0..l {
                values[k * a] += 1.0;
            }
            let names = |c: char, n: usize| (0..n).map(|k| format!("{c}{k:02}")).collect();
            ActivityTable::new(names('l', l), names('a', a), values).unwrap()
        })
    })
}

fn run(test: impl Fn(ActivityTable) -> Result<(), TestCaseError>) {
    let config = Config {
        cases: 200,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config).run(&tables(), test).unwrap();
}

fn near(a: f64, b: f64, tolerance: f64) -> bool {
    (a.is_nan() && b.is_nan()) || (a - b).abs() <= tolerance * b.abs().max(1.0)
}

/// Σ_a (x_a/x) RCA_la = 1 for every location, Σ_l (x_l/x) RCA_la = 1 for every activity.
fn averages() {
    run(|table| {
        let cells = rca(&table);
        let (rows, columns) = (table.location_totals(), table.activity_totals());
        let total: f64 = rows.iter().sum();
        let width = columns.len();
        for l in 0..rows.len() {
            let sum: f64 = (0..width)
                .filter(|a| columns[*a] > 0.0)
                .map(|a| columns[a] / total * cells[l * width + a])
                .sum();
            prop_assert!(near(sum, 1.0, 1e-12));
        }
        for a in (0..width).filter(|a| columns[*a] > 0.0) {
            let sum: f64 = (0..rows.len())
                .map(|l| rows[l] / total * cells[l * width + a])
                .sum();
            prop_assert!(near(sum, 1.0, 1e-12));
        }
        Ok(())
    });
}

fn mean_pci() {
    run(|table| {
        for preset in [
            Preset::Forelay,
            Preset::PyEcomplexity,
            Preset::GrowthLabStata,
        ] {
            let Ok(found) = full(&table, preset) else {
                continue;
            };
            for l in (0..found.eci.len()).filter(|l| !found.eci[*l].is_nan()) {
                let held: Vec<f64> = found
                    .presence
                    .activities_of(l)
                    .map(|a| found.pci[a])
                    .collect();
                let mean = held.iter().sum::<f64>() / held.len() as f64;
                prop_assert!(near(mean, found.eci[l], 1e-9), "{} {}", mean, found.eci[l]);
            }
        }
        Ok(())
    });
}

fn order_and_scale() {
    run(|table| {
        let Ok(found) = full(&table, Preset::Forelay) else {
            return Ok(());
        };
        if found.diagnostics.sign == Some(Sign::FirstLargest)
            || found.diagnostics.gap.is_none_or(|gap| gap < 1e-3)
            || !found.diagnostics.near_threshold.is_empty()
        {
            return Ok(());
        }
        // The last location and activity become the first; values in other units.
        let (height, width) = (table.locations().len(), table.activities().len());
        let turned: Vec<f64> = (0..height * width)
            .map(|k| table.value((k / width + 1) % height, (k % width + 1) % width) * 3.7)
            .collect();
        let other = ActivityTable::new(
            table.locations().to_vec(),
            table.activities().to_vec(),
            turned,
        )
        .unwrap();
        let moved = full(&other, Preset::Forelay).unwrap();
        for l in 0..height {
            let from = (l + 1) % height;
            prop_assert!(near(moved.eci[l], found.eci[from], 1e-8));
            prop_assert!(near(moved.coi[l], found.coi[from], 1e-8));
            for a in 0..width {
                let (to, from) = (l * width + a, from * width + (a + 1) % width);
                prop_assert!(near(moved.density[to], found.density[from], 1e-12));
                prop_assert!(near(moved.cog[to], found.cog[from], 1e-8));
            }
        }
        // Scaling one location leaves its own shares alone, so what changes is the world: RCA only by the new totals.
        let scaled: Vec<f64> = table.values().iter().map(|v| v * 1e6).collect();
        let scaled = ActivityTable::new(
            table.locations().to_vec(),
            table.activities().to_vec(),
            scaled,
        )
        .unwrap();
        prop_assert!(full(&scaled, Preset::Forelay).unwrap().presence == found.presence);
        Ok(())
    });
}

fn threads() {
    let table = golden_table("complexity_table.csv");
    let with = |threads: usize| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
            .install(|| full(&table, Preset::GrowthLabStata).unwrap())
    };
    let one = with(1);
    for threads in [2, 5] {
        let many = with(threads);
        let same = |x: &[f64], y: &[f64]| x.iter().zip(y).all(|(x, y)| x.to_bits() == y.to_bits());
        assert!(
            same(&one.eci, &many.eci) && same(&one.pci, &many.pci) && same(&one.coi, &many.coi)
        );
        assert!(same(&one.density, &many.density) && same(&one.cog, &many.cog));
    }
}

/// The forelay convention written as loops over the definition, by power iteration.
fn plain_loops() {
    run(|table| {
        let Ok(found) = full(&table, Preset::Forelay) else {
            return Ok(());
        };
        if found.diagnostics.gap.is_none_or(|gap| gap < 0.02) {
            return Ok(());
        }
        let (height, width) = (table.locations().len(), table.activities().len());
        let (rows, columns) = (table.location_totals(), table.activity_totals());
        let total: f64 = rows.iter().sum();
        let m = |l: usize, a: usize| {
            let r = table.value(l, a) * total / (rows[l] * columns[a]);
            f64::from(u8::from(r >= 1.0 - 1e-12))
        };
        let d: Vec<f64> = (0..height)
            .map(|l| (0..width).map(|a| m(l, a)).sum())
            .collect();
        let u: Vec<f64> = (0..width)
            .map(|a| (0..height).map(|l| m(l, a)).sum())
            .collect();
        let step = |k: &[f64]| -> Vec<f64> {
            let p: Vec<f64> = (0..width)
                .map(|a| {
                    if u[a] > 0.0 {
                        (0..height).map(|l| m(l, a) * k[l]).sum::<f64>() / u[a]
                    } else {
                        0.0
                    }
                })
                .collect();
            (0..height)
                .map(|l| {
                    if d[l] > 0.0 {
                        (0..width).map(|a| m(l, a) * p[a]).sum::<f64>() / d[l]
                    } else {
                        0.0
                    }
                })
                .collect()
        };
        // The constant is orthogonal to ECI in the measure d.
        let all: f64 = d.iter().sum();
        let mut k: Vec<f64> = (0..height).map(|l| ((l * l) as f64).sin()).collect();
        for _ in 0..2000 {
            let mean = k.iter().zip(&d).map(|(k, d)| k * d).sum::<f64>() / all;
            k = step(&k.iter().map(|k| k - mean).collect::<Vec<f64>>());
            let size = k.iter().fold(0.0f64, |s, k| s.max(k.abs()));
            for k in &mut k {
                *k /= size;
            }
        }
        let known: Vec<usize> = (0..height).filter(|l| d[*l] > 0.0).collect();
        let n = known.len() as f64;
        let mean = known.iter().map(|l| k[*l]).sum::<f64>() / n;
        let sd = (known.iter().map(|l| (k[*l] - mean).powi(2)).sum::<f64>() / n).sqrt();
        let along: f64 = known.iter().map(|l| (k[*l] - mean) * d[*l]).sum();
        if along.abs() < 1e-6 * sd {
            return Ok(());
        }
        for l in known {
            let eci = (k[l] - mean) / sd * along.signum();
            prop_assert!(near(found.eci[l], eci, 1e-6), "{} {}", found.eci[l], eci);
        }
        let phi = |a: usize, b: usize| {
            let c: f64 = (0..height).map(|l| m(l, a) * m(l, b)).sum();
            if a == b || c == 0.0 {
                0.0
            } else {
                c / u[a].max(u[b])
            }
        };
        let s: Vec<f64> = (0..width)
            .map(|a| (0..width).map(|b| phi(b, a)).sum())
            .collect();
        for l in 0..height {
            let mut coi = 0.0;
            for a in 0..width {
                let density = (0..width).map(|b| m(l, b) * phi(b, a)).sum::<f64>() / s[a];
                let gain = (0..width)
                    .filter(|b| s[*b] > 0.0 && !found.pci[*b].is_nan())
                    .map(|b| (1.0 - m(l, b)) * phi(b, a) * found.pci[b] / s[b])
                    .sum::<f64>();
                prop_assert!(near(found.density[l * width + a], density, 1e-10));
                if s[a] > 0.0 {
                    prop_assert!(near(found.cog[l * width + a], (1.0 - m(l, a)) * gain, 1e-9));
                    coi += if m(l, a) == 0.0 && !found.pci[a].is_nan() {
                        density * found.pci[a]
                    } else {
                        0.0
                    };
                }
            }
            prop_assert!(found.eci[l].is_nan() || near(found.coi[l], coi, 1e-9));
        }
        Ok(())
    });
}

fn parts() {
    let rows = [
        ("fiji", "sugar", 5.0),
        ("fiji", "water", 1.0),
        ("guam", "sugar", 1.0),
        ("guam", "water", 5.0),
        ("mali", "gold", 3.0),
        ("niger", "uranium", 3.0),
        ("niger", "gold", 1.0),
    ];
    let table = ActivityTable::from_rows(rows).unwrap();
    let Err(ComplexityError::Refused(refusal)) = full(&table, Preset::Forelay) else {
        panic!("an answer for parts that share nothing")
    };
    assert_eq!(refusal.code, "complexity.disconnected");
    for lang in Lang::ALL {
        let text = Catalogue::builtin().render(&refusal.reason, lang, &Names::default());
        assert!(text.contains("niger") && text.contains("sugar"), "{text}");
        assert!(
            !text.contains('{') && !text.contains("complexity."),
            "{text}"
        );
        for message in [&refusal.question, &refusal.needed] {
            assert!(
                !Catalogue::builtin()
                    .render(message, lang, &Names::default())
                    .contains("complexity.")
            );
        }
    }
}

/// Asked for, the largest part is answered as if the others were not there.
fn largest_part() {
    let table = golden_table("complexity_table.csv");
    let mut rows: Vec<(String, String, f64)> = Vec::new();
    for (l, location) in table.locations().iter().enumerate() {
        for (a, activity) in table.activities().iter().enumerate() {
            rows.push((location.clone(), activity.clone(), table.value(l, a)));
        }
    }
    for (l, a) in [("Y", "own"), ("Z", "own"), ("Z", "alone")] {
        rows.push((l.into(), a.into(), 1.0));
    }
    let wide = ActivityTable::from_rows(rows.iter().map(|(l, a, v)| (l.as_str(), a.as_str(), *v)))
        .unwrap();
    let convention = Convention::of(Preset::Forelay);
    assert!(complexity(&wide, &convention, &Params::default()).is_err());
    let params = Params {
        parts: Parts::Largest,
        fitness: Some(FitnessParams::default()),
        ..Params::default()
    };
    let found = complexity(&wide, &convention, &params).unwrap();
    // Two small locations change the world's total, and with it every RCA, by less than any distance from 1.
    let alone = full(&table, Preset::Forelay).unwrap();
    assert_eq!(
        found
            .presence
            .restricted(&(0..30).collect::<Vec<_>>(), &(0..80).collect::<Vec<_>>()),
        alone.presence
    );
    assert!(
        found.eci[..30]
            .iter()
            .zip(&alone.eci)
            .all(|(x, y)| near(*x, *y, 1e-12))
    );
    assert!(found.eci[30].is_nan() && found.eci[31].is_nan() && found.coi[31].is_nan());
    assert_eq!(found.diagnostics.dropped_activities, [80, 81]);
    assert_eq!(found.fitness.unwrap().log_fitness.len(), 32);
}

fn wrong_arguments() {
    let table = golden_table("complexity_table.csv");
    let with = |convention: Convention, population: Option<&[f64]>| {
        let params = Params {
            population,
            ..Params::default()
        };
        complexity(&table, &convention, &params).unwrap_err()
    };
    let rpop = Convention {
        source: Source::Rpop,
        ..Convention::default()
    };
    let wanted = ComplexityError::Population { locations: 30 };
    assert_eq!(with(rpop.clone(), None), wanted);
    assert_eq!(with(rpop, Some(&[1.0, 2.0])), wanted);
    let zero = Convention {
        threshold: 0.0,
        ..Convention::default()
    };
    assert_eq!(with(zero, None), ComplexityError::Threshold(0.0));
    // Nobody reaches such a threshold.
    let high = Convention {
        threshold: 1e9,
        ..Convention::default()
    };
    let ComplexityError::Refused(refusal) = with(high, None) else {
        panic!("an answer without any presence")
    };
    assert_eq!(refusal.code, "complexity.too_small");
}

fn silent() {
    let table = golden_table("complexity_table.csv");
    let before = full(&table, Preset::Forelay).unwrap();
    let mut locations = table.locations().to_vec();
    locations.push("Z".into());
    let width = table.activities().len();
    let with = |value: f64| {
        let values = [table.values(), &vec![value; width]].concat();
        let table =
            ActivityTable::new(locations.clone(), table.activities().to_vec(), values).unwrap();
        full(&table, Preset::Forelay).unwrap()
    };
    let (unknown, zero) = (with(f64::NAN), with(0.0));
    let last = before.density.len();
    assert!(unknown.density[last].is_nan() && unknown.cog[last].is_nan());
    assert_eq!(zero.density[last], 0.0);
    for found in [&unknown, &zero] {
        assert_eq!(found.eci[..before.eci.len()], before.eci[..]);
        assert_eq!(found.density[..last], before.density[..]);
        assert_eq!(found.diagnostics.dropped_locations, [before.eci.len()]);
    }
    assert_eq!(unknown.diagnostics.unknown_cells, width);
}
