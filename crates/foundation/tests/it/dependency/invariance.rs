use foundation::dependency::flows::{Flow, FlowKind, FlowRow, Flows};
use foundation::dependency::importer::Importer;
use foundation::dependency::record::{ListParams, Method};
use foundation::dependency::supply::{Supply, of_product, per_product};
use libtest_mimic::Trial;
use model::Seed;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rand::seq::SliceRandom;

use super::golden::panel;
use crate::trial;

pub fn trials() -> Vec<Trial> {
    vec![
        trial(
            "dependency/order and scale of rows change nothing",
            order_and_scale,
        ),
        trial("dependency/a group of one is the country", group_of_one),
        trial("dependency/extra, intra and the world add up", conservation),
    ]
}

/// Rows of seeded flows, as owned codes.
fn rows(seed: u64) -> Vec<(String, String, String, f64, bool)> {
    use rand::RngExt;
    let mut rng = Seed(seed).stream("flows", 0);
    let mut rows = Vec::new();
    for _ in 0..rng.random_range(20..200) {
        let e = rng.random_range(0..8u8);
        let i = rng.random_range(0..8u8);
        let code = |c: u8| {
            if c == 7 {
                "899".to_owned()
            } else {
                format!("C{c}")
            }
        };
        rows.push((
            code(e),
            code(i),
            format!("P{}", rng.random_range(0..4u8)),
            rng.random_range(0.0..100.0),
            rng.random_range(0.0..1.0) < 0.1,
        ));
    }
    // So that every country buys and sells.
    for c in 0..7u8 {
        rows.push((
            format!("C{c}"),
            format!("C{}", (c + 1) % 7),
            "P0".to_owned(),
            1.0,
            false,
        ));
    }
    rows
}

fn build(rows: &[(String, String, String, f64, bool)], scale: f64) -> Flows {
    Flows::from_rows(
        rows.iter().map(|(e, i, p, v, re)| Flow {
            exporter: e,
            importer: i,
            product: p,
            value: v * scale,
            quantity: None,
            kind: if *re {
                FlowKind::ReExport
            } else {
                FlowKind::Direct
            },
        }),
        &["899"],
    )
    .unwrap()
}

fn all(flows: &Flows) -> Vec<Vec<Supply>> {
    let mut importers = Importer::every_country(flows);
    importers.push(Importer::group("G", &["C1", "C3", "C4"]));
    per_product(flows, &importers, |_, _, s| s.to_vec()).unwrap()
}

fn order_and_scale() {
    let mut runner = TestRunner::new(Config {
        cases: 60,
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&any::<u64>(), |seed| {
            let given = rows(seed);
            let flows = build(&given, 1.0);
            let mut shuffled = given.clone();
            shuffled.shuffle(&mut Seed(seed).stream("order", 0));
            let other = build(&shuffled, 1.0);
            prop_assert_eq!(format!("{:?}", all(&flows)), format!("{:?}", all(&other)));
            // A power of two scales without rounding: every share keeps its bits.
            let params = ListParams::default();
            let double = build(&given, 4.0);
            for (one, four) in all(&flows).concat().iter().zip(all(&double).concat()) {
                prop_assert_eq!(one.hhi(), four.hhi());
                prop_assert_eq!(one.first, four.first);
                prop_assert_eq!(
                    format!(
                        "{:?}",
                        foundation::dependency::ec2021::criteria(one, &params.ec2021)
                    ),
                    format!(
                        "{:?}",
                        foundation::dependency::ec2021::criteria(&four, &params.ec2021)
                    )
                );
            }
            Ok(())
        })
        .unwrap();
}

fn group_of_one() {
    let panel = panel();
    let mut compared = 0;
    for flows in panel.values() {
        for code in flows.countries().iter().filter(|c| *c != "899") {
            let group = Importer::group(code, &[code, code]);
            for p in 0..flows.products().len() {
                let Ok((world, one)) = of_product(flows, &[Importer::country(code)], p) else {
                    continue;
                };
                let (_, two) = of_product(flows, std::slice::from_ref(&group), p).unwrap();
                assert_eq!(format!("{one:?}"), format!("{two:?}"));
                for method in Method::ALL {
                    let params = ListParams::default();
                    assert_eq!(
                        method.margin(&one[0], &world, &params),
                        method.margin(&two[0], &world, &params)
                    );
                }
                compared += 1;
            }
        }
    }
    assert!(compared > 500);
}

fn conservation() {
    for flows in panel().values() {
        for p in 0..flows.products().len() {
            let known: Vec<Importer> = Importer::every_country(flows)
                .into_iter()
                .filter(|i| flows.imports_on_record(flows.country(&i.name).unwrap()))
                .collect();
            let (world, supplies) = of_product(flows, &known, p).unwrap();
            let to_unknown: f64 = flows
                .rows(p)
                .filter(|r: &FlowRow| flows.is_unknown(r.importer))
                .map(|r| r.value)
                .sum();
            let bought: f64 = supplies
                .iter()
                .map(|s| s.imports_extra + s.imports_intra)
                .sum();
            assert!((bought + to_unknown - world.exports).abs() <= 1e-9 * world.exports);
        }
    }
}
