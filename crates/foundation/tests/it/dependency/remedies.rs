use std::collections::BTreeMap;

use foundation::dependency::capability::{CapabilityParams, Place, Product, Way, cross};
use foundation::dependency::cover::{CoverParams, Exposure, one_each, smallest_cover};
use foundation::dependency::criterion::Verdict;
use foundation::dependency::flows::{Flow, FlowKind, FlowPanel, Flows};
use foundation::dependency::importer::Importer;
use foundation::dependency::reallocation::{Domestic, reallocation};
use foundation::dependency::sources::{SourceParams, Use, sources};
use libtest_mimic::Trial;
use model::{Basis, Estimate, Quantity, Year};

use super::golden::panel;
use super::{flow, flows};
use crate::{close, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("dependency/sources: candidates and moves by hand", by_hand),
        trial("dependency/sources: unknown origin stays at risk", unknown),
        trial(
            "dependency/sources: frontier falls and ranges hold",
            frontier,
        ),
        trial(
            "dependency/capability: from flows to the smallest cover",
            crossed,
        ),
        trial("dependency/reallocation: by hand", moved),
        trial("dependency/reallocation: within and mix add up", adds_up),
    ]
}

fn params() -> SourceParams {
    SourceParams {
        spare: Estimate::new(0.25, 0.1, 0.5, Basis::Assumed).unwrap(),
        moves: vec![0.1, 0.3],
        ..SourceParams::default()
    }
}

fn by_hand() {
    let priced = |e: &'static str, i: &'static str, v: f64, q: f64| Flow {
        quantity: Some(q),
        ..flow(e, i, "p", v)
    };
    let rows = [
        priced("B", "A", 80.0, 80.0),
        priced("C", "A", 16.0, 16.0),
        priced("D", "A", 4.0, 2.0),
        priced("D", "E", 76.0, 38.0),
        priced("E", "D", 200.0, 100.0),
        Flow {
            kind: FlowKind::ReExport,
            ..priced("F", "E", 900.0, 900.0)
        },
    ];
    let f = Flows::from_rows(rows, &[]).unwrap();
    let found = sources(&f, &Importer::country("A"), 0, &params()).unwrap();
    assert_eq!((found.first.as_str(), found.imports), ("B", 100.0));
    close("hhi", found.now.hhi.value, 0.6672, 1e-12);
    // F only passes goods on: no reach. E before D by reach; C is in use.
    let names: Vec<(&str, Use)> = found
        .candidates
        .iter()
        .map(|c| (c.country.as_str(), c.used))
        .collect();
    assert_eq!(names, [("E", Use::NotYet), ("D", Use::Little)]);
    let e = &found.candidates[0];
    assert_eq!(
        (e.spare_reach.low, e.spare_reach.value, e.spare_reach.high),
        (20.0, 50.0, 100.0)
    );
    close(
        "price",
        e.unit_value_ratio.estimate().unwrap().value,
        2.0,
        1e-12,
    );
    // 0.3 from B to E: 0.5, 0.16, 0.04, 0.3; with the low spare only 0.2.
    let point = e.after[1];
    close("moved", point.moved, 0.3, 1e-12);
    close(
        "hhi after",
        point.hhi.value,
        0.25 + 0.0256 + 0.0016 + 0.09,
        1e-12,
    );
    close("worst", point.worst_stop.value, 0.5, 1e-12);
    close(
        "worst if little can be spared",
        point.worst_stop.high,
        0.6,
        1e-12,
    );
    // D can spare 20 of its 80.
    close("limited", found.candidates[1].after[1].moved, 0.2, 1e-12);
    // Frontier at 0.1: B to 0.7, receivers D and E both to 0.07.
    close(
        "frontier",
        found.frontier[0].hhi.value,
        0.49 + 0.0256 + 2.0 * 0.07 * 0.07,
        1e-9,
    );
    assert_eq!(found.added[0].country, None);
    assert_eq!(found.added[1].country.as_deref(), Some("E"));
    assert!(found.added[1].point.hhi.value < found.added[0].point.hhi.value);
    let without = SourceParams {
        excluded: vec!["E".to_owned()],
        ..params()
    };
    let found = sources(&f, &Importer::country("A"), 0, &without).unwrap();
    assert!(found.candidates.iter().all(|c| c.country != "E"));
}

fn unknown() {
    let f = flows(&[
        ("B", "A", "p", 5.0),
        ("899", "A", "p", 5.0),
        ("C", "D", "p", 100.0),
    ]);
    let found = sources(&f, &Importer::country("A"), 0, &params()).unwrap();
    let worst = found.frontier[1].worst_stop;
    // 0.3 of B's 0.5 moves, C takes it; the unknown half may all be C's.
    close("value", worst.value, 0.25, 1e-9);
    close("high", worst.high, 0.75, 1e-9);
    let f = flows(&[("899", "A", "p", 5.0), ("C", "D", "p", 1.0)]);
    let refusal = sources(&f, &Importer::country("A"), 0, &params()).unwrap_err();
    assert_eq!(refusal.code, "dependency.no_imports_of_known_origin");
}

fn frontier() {
    let mut seen = 0;
    for flows in panel().values() {
        for p in 0..flows.products().len() {
            for importer in [
                Importer::country("C01"),
                Importer::group("G", &["C02", "C05"]),
            ] {
                let moves = SourceParams {
                    moves: vec![0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.0],
                    ..SourceParams::default()
                };
                let Ok(found) = sources(flows, &importer, p, &moves) else {
                    continue;
                };
                seen += 1;
                close(
                    "nothing moved",
                    found.frontier[0].hhi.value,
                    found.now.hhi.value,
                    1e-12,
                );
                for pair in found.frontier.windows(2) {
                    assert!(pair[1].hhi.value <= pair[0].hhi.value + 1e-9);
                    assert!(pair[1].worst_stop.value <= pair[0].worst_stop.value + 1e-9);
                }
                for pair in found.added.windows(2) {
                    assert!(pair[1].point.hhi.value <= pair[0].point.hhi.value + 1e-9);
                }
                // No single source does better than the frontier.
                for candidate in &found.candidates {
                    for (one, all) in candidate.after.iter().zip(&found.frontier) {
                        assert!(all.hhi.value <= one.hhi.value + 1e-9);
                        assert!(one.hhi.low <= one.hhi.value && one.hhi.value <= one.hhi.high);
                    }
                }
            }
        }
    }
    assert!(seen > 50, "{seen}");
}

/// Three dependent products: one near, one far with other sources, one far without; cover most of the exposure.
fn crossed() {
    let f = flows(&[
        ("B", "A", "near", 60.0),
        ("B", "A", "replaced", 30.0),
        ("C", "D", "replaced", 900.0),
        ("E", "D", "replaced", 900.0),
        ("B", "A", "exposed", 10.0),
        ("A", "B", "other", 1.0),
    ]);
    let home = Importer::country("A");
    let density = |product: &str| if product == "near" { 0.8 } else { 0.1 };
    let products: Vec<Product> = ["near", "replaced", "exposed"]
        .iter()
        .map(|code| {
            let found = sources(
                &f,
                &home,
                f.product(code).unwrap(),
                &SourceParams::default(),
            )
            .unwrap();
            Product {
                places: vec![Place {
                    name: "wuhan".to_owned(),
                    density: Quantity::exact(density(code), Basis::Derived),
                    distance: Quantity::exact(1.0 - density(code), Basis::Derived),
                }],
                assists: Some(Vec::new()),
                ..Product::from_sources(Verdict::Passes, &found)
            }
        })
        .collect();
    let crossings = cross(&products, &CapabilityParams::default());
    let ways: Vec<(&str, Way)> = crossings
        .iter()
        .map(|c| (c.product.as_str(), c.way))
        .collect();
    // Half may move: the worst stop of `replaced` is B's other half, above 0.4.
    assert_eq!(
        ways,
        [
            ("near", Way::Build),
            ("replaced", Way::Exposed),
            ("exposed", Way::Exposed)
        ]
    );
    let bearable = CapabilityParams {
        worst_stop: 0.55,
        ..CapabilityParams::default()
    };
    let ways: Vec<Way> = cross(&products, &bearable).iter().map(|c| c.way).collect();
    assert_eq!(ways, [Way::Build, Way::Replace, Way::Exposed]);
    assert_eq!(crossings[1].replacements, ["C", "E"]);
    let exposures: Vec<Exposure> = crossings
        .iter()
        .map(|c| Exposure {
            product: c.product.clone(),
            exposure: c.exposure.clone(),
        })
        .collect();
    let params = CoverParams {
        share: 0.65,
        ..CoverParams::default()
    };
    let cover = smallest_cover(&exposures, &one_each(&exposures), &params).unwrap();
    assert_eq!(cover.products, ["near", "replaced"]);
    close("covered", cover.share.value, 0.9, 1e-12);
}

fn groups() -> BTreeMap<String, String> {
    [
        ("B", "near"),
        ("C", "far"),
        ("C02", "near"),
        ("C03", "near"),
        ("C04", "far"),
    ]
    .iter()
    .map(|(c, g)| ((*c).to_owned(), (*g).to_owned()))
    .collect()
}

fn moved() {
    // p: near from 0 to 40 of 100. q always near, doubles its weight.
    let years: FlowPanel = [
        (
            Year(2010),
            flows(&[("C", "A", "p", 100.0), ("B", "A", "q", 100.0)]),
        ),
        (
            Year(2020),
            flows(&[
                ("C", "A", "p", 60.0),
                ("B", "A", "p", 40.0),
                ("B", "A", "q", 300.0),
            ]),
        ),
    ]
    .into();
    let found = reallocation(
        &years,
        &Importer::country("A"),
        &groups(),
        None,
        Year(2010),
        Year(2020),
    )
    .unwrap();
    let near = found.groups.iter().find(|g| g.group == "near").unwrap();
    close("from", near.from, 0.5, 1e-12);
    close("to", near.to, 0.85, 1e-12);
    // Within: mean weight of p (0.5 + 0.25)/2 × 0.4; mix: 0.2 × -0.25 + 1 × 0.25.
    close("within", near.within, 0.15, 1e-12);
    close("mix", near.mix, 0.20, 1e-12);
    close("shift", found.shift, 0.35, 1e-12);
    close("shift within", found.shift_within, 0.15, 1e-12);
    assert!(found.reshoring.estimate().is_none());
    // Home comes back: 0 to half of p's supply, nothing of q.
    let own: Domestic = [
        (Year(2010), [("p".to_owned(), 0.0)].into()),
        (Year(2020), [("p".to_owned(), 100.0)].into()),
    ]
    .into();
    let found = reallocation(
        &years,
        &Importer::country("A"),
        &groups(),
        Some(&own),
        Year(2010),
        Year(2020),
    )
    .unwrap();
    // Weights of p: 100/200 and 200/500.
    close(
        "reshoring",
        found.reshoring.estimate().unwrap().value,
        0.45 * 0.5,
        1e-12,
    );
    let refused = reallocation(
        &years,
        &Importer::country("A"),
        &groups(),
        None,
        Year(2010),
        Year(2015),
    );
    assert_eq!(refused.unwrap_err().code, "dependency.year_not_on_record");
}

fn adds_up() {
    let panel = panel();
    for importer in [
        Importer::country("C01"),
        Importer::country("C09"),
        Importer::group("G", &["C02", "C05"]),
    ] {
        let found =
            reallocation(&panel, &importer, &groups(), None, Year(2001), Year(2004)).unwrap();
        let sum = |pick: fn(&foundation::dependency::reallocation::GroupShift) -> f64| {
            found.groups.iter().map(pick).sum::<f64>()
        };
        close("shares", sum(|g| g.from), 1.0, 1e-12);
        close("shares", sum(|g| g.to), 1.0, 1e-12);
        for g in &found.groups {
            assert!((g.to - g.from - g.within - g.mix).abs() < 1e-12);
        }
        assert!(
            found.groups.iter().any(|g| g.group == "unknown"),
            "kept visible"
        );
        assert!((0.0..=1.0).contains(&found.shift));
    }
}
