use foundation::dependency::concentration::{profile, with_and_without};
use foundation::dependency::criterion::{Criterion, Gap, Reading, Verdict};
use foundation::dependency::flows::{Flow, FlowKind, FlowPanel, Flows};
use foundation::dependency::importer::Importer;
use foundation::dependency::mirror::customers;
use foundation::dependency::record::{ListParams, Method, list};
use foundation::dependency::single_points::{SinglePointParams, criterion, network};
use foundation::dependency::supply::{Supply, World, of_product};
use foundation::dependency::{ec2021, ecipe, geodep};
use libtest_mimic::Trial;
use model::Year;

use super::{flow, flows};
use crate::{close, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("dependency/one supplier and no exports", one_supplier),
        trial("dependency/a new supplier ends it", new_supplier),
        trial("dependency/unknown origin leaves it open", unknown_origin),
        trial("dependency/re-exports widen the origin", re_exports),
        trial("dependency/group: extra and intra", group),
        trial("dependency/a group that sells only inside", inside_only),
        trial("dependency/value and quantity side by side", quantities),
        trial("dependency/missing is not zero", missing),
        trial("dependency/years held and persistence", years_held),
        trial("dependency/one customer", one_customer),
        trial("dependency/with and without a country", without),
        trial("dependency/star and complete network", profiles),
        trial("dependency/network indicators", indicators),
        trial("dependency/questions that are refused", refused),
    ]
}

fn at(flows: &Flows, importer: &Importer, product: &str) -> (World, Supply) {
    let product = flows.product(product).unwrap();
    let (world, supplies) = of_product(flows, std::slice::from_ref(importer), product).unwrap();
    (world, supplies[0])
}

fn value(c: &Criterion) -> f64 {
    match c.reading {
        Reading::Known(range) => range.value,
        _ => panic!("{}: {:?}", c.id, c.reading),
    }
}

fn one_supplier() {
    let f = flows(&[
        ("B", "A", "p", 10.0),
        ("B", "C", "p", 5.0),
        ("C", "B", "p", 1.0),
        ("A", "B", "q", 1.0),
    ]);
    let (world, supply) = at(&f, &Importer::country("A"), "p");
    let ec = ec2021::criteria(&supply, &ec2021::Ec2021Params::default());
    assert_eq!((value(&ec[0]), value(&ec[1])), (1.0, 1.0));
    assert_eq!(ec[2].reading, Reading::NoExports);
    assert_eq!((ec[2].passes(), ec[2].distance()), (Some(true), None));
    let cepii = geodep::criteria(&supply, &world, &geodep::GeoDepParams::default());
    // World: B 15, C 1 of 16.
    close("c2", value(&cepii[1]), 226.0 / 256.0, 1e-15);
    assert_eq!(geodep::published_ratio(&cepii[2]), Some(9999.0));
    let guinea = ecipe::criteria(&supply, &ecipe::EcipeParams::default());
    assert_eq!((value(&guinea[0]), value(&guinea[1])), (1.0, 1.0));
    let stop = criterion(&supply, &SinglePointParams::default());
    assert_eq!((value(&stop), stop.passes()), (1.0, Some(true)));
    assert_eq!(f.countries()[supply.first.unwrap().country], "B");
    // C sells p as well as it buys: 5/1.
    let (_, supply) = at(&f, &Importer::country("C"), "p");
    let ec = ec2021::criteria(&supply, &ec2021::Ec2021Params::default());
    assert_eq!(value(&ec[2]), 5.0);
    close(
        "ecipe",
        value(&ecipe::criteria(&supply, &ecipe::EcipeParams::default())[0]),
        5.0 / 6.0,
        1e-15,
    );
}

fn new_supplier() {
    let before = [
        ("B", "A", "p", 6.0),
        ("C", "A", "p", 4.0),
        ("A", "B", "p", 1.0),
    ];
    let mut after = before.to_vec();
    after.push(("D", "A", "p", 10.0));
    let params = ListParams::default();
    let verdict = |rows: &[(&str, &str, &str, f64)]| {
        let (world, supply) = at(&flows(rows), &Importer::country("A"), "p");
        let c = Method::Ec2021.criteria(&supply, &world, &params);
        (
            value(&c[0]),
            Method::Ec2021.margin(&supply, &world, &params).unwrap() > 0.0,
        )
    };
    let (hhi, dependent) = verdict(&before);
    close("before", hhi, 0.52, 1e-15);
    assert!(dependent);
    let (hhi, dependent) = verdict(&after);
    close("after", hhi, 0.38, 1e-15);
    assert!(!dependent);
}

fn unknown_origin() {
    let f = flows(&[
        ("B", "A", "p", 4.0),
        ("C", "A", "p", 2.0),
        ("899", "A", "p", 4.0),
        ("A", "B", "p", 1.0),
    ]);
    let (_, supply) = at(&f, &Importer::country("A"), "p");
    let range = supply.hhi().unwrap();
    // 4² + 2² + 4² of 10²; the unknown spread; the unknown all from B.
    for (found, wanted) in [(range.value, 0.36), (range.low, 0.20), (range.high, 0.68)] {
        close("hhi", found, wanted, 1e-12);
    }
    close("unknown", supply.unknown_share().unwrap(), 0.4, 1e-15);
    let c = ec2021::criteria(&supply, &ec2021::Ec2021Params::default())[0];
    assert_eq!((c.verdict(), c.passes()), (Verdict::Open, Some(false)));
    let stop = criterion(&supply, &SinglePointParams::default());
    // 0.4 - 0.25 × 0.2; the unknown replaces too; the unknown stops too.
    let Reading::Known(r) = stop.reading else {
        panic!()
    };
    for (found, wanted) in [(r.value, 0.35), (r.low, 0.25), (r.high, 0.75)] {
        close("stop", found, wanted, 1e-12);
    }
    // Nothing but unknown origin: anything from no concentration to one supplier.
    let f = flows(&[("899", "A", "p", 4.0), ("A", "B", "p", 1.0)]);
    let (_, supply) = at(&f, &Importer::country("A"), "p");
    let range = supply.hhi().unwrap();
    assert_eq!((range.low, range.value, range.high), (0.0, 1.0, 1.0));
    assert!(supply.first.is_none());
}

fn re_exports() {
    let mut rows = vec![flow("B", "A", "p", 5.0), flow("C", "A", "p", 5.0)];
    rows[1].kind = FlowKind::ReExport;
    let f = Flows::from_rows(rows, &[]).unwrap();
    let (_, supply) = at(&f, &Importer::country("A"), "p");
    assert_eq!(supply.re_export_share(), Some(0.5));
    assert_eq!(supply.hhi().unwrap().high, 0.5, "as declared");
    let doubt = supply.hhi_re_exports_in_doubt().unwrap();
    assert_eq!((doubt.low, doubt.value, doubt.high), (0.25, 0.5, 1.0));
}

fn group() {
    let eu = Importer::group("EU", &["A", "B"]);
    let f = flows(&[
        ("A", "B", "p", 3.0),
        ("C", "A", "p", 4.0),
        ("C", "B", "p", 2.0),
        ("D", "A", "p", 2.0),
        ("899", "A", "p", 1.0),
        ("B", "D", "p", 2.0),
        ("C", "D", "p", 50.0),
    ]);
    let (world, supply) = at(&f, &eu, "p");
    assert_eq!((supply.imports_extra, supply.imports_intra), (9.0, 3.0));
    assert_eq!((supply.exports, supply.exports_extra), (5.0, 2.0));
    let c = ec2021::criteria(&supply, &ec2021::Ec2021Params::default());
    close("cdi1", value(&c[0]), 41.0 / 81.0, 1e-15);
    close("cdi2", value(&c[1]), 0.75, 1e-15);
    close("cdi3", value(&c[2]), 9.0 / 5.0, 1e-15);
    // The unknown unit may come from inside.
    let Reading::Known(r) = c[1].reading else {
        panic!()
    };
    close("cdi2 low", r.low, 8.0 / 12.0, 1e-15);
    let g = geodep::criteria(&supply, &world, &geodep::GeoDepParams::default());
    close("c3", value(&g[2]), 4.5, 1e-15);
    close(
        "c2",
        value(&g[1]),
        (9.0 + 4.0 + 56.0 * 56.0 + 4.0 + 1.0) / (64.0 * 64.0),
        1e-15,
    );
}

fn inside_only() {
    // Sums that do not cancel in floating point: exports across the border are exactly none.
    let f = flows(&[
        ("A", "B", "p", 0.1),
        ("B", "A", "p", 0.2),
        ("A", "D", "p", 0.3),
        ("C", "A", "p", 1.0),
    ]);
    let (world, supply) = at(&f, &Importer::group("G", &["A", "B", "D"]), "p");
    let g = geodep::criteria(&supply, &world, &geodep::GeoDepParams::default());
    assert_eq!(g[2].reading, Reading::NoExports);
    assert!(supply.exports > 0.5);
}

fn quantities() {
    let with = |e: &'static str, v: f64, q: Option<f64>| Flow {
        quantity: q,
        ..flow(e, "A", "p", v)
    };
    let rows = [
        with("B", 9.0, Some(1.0)),
        with("C", 1.0, Some(1.0)),
        with("D", 10.0, None),
    ];
    let f = Flows::from_rows(rows, &[]).unwrap();
    let (_, supply) = at(&f, &Importer::country("A"), "p");
    close("value", supply.hhi().unwrap().value, 182.0 / 400.0, 1e-15);
    close("quantity", supply.hhi_quantity().unwrap().value, 0.5, 1e-15);
    close("covered", supply.quantity_covered, 0.5, 1e-15);
    let (_, supply) = at(
        &flows(&[("B", "A", "p", 1.0)]),
        &Importer::country("A"),
        "p",
    );
    assert_eq!(supply.hhi_quantity(), Err(Gap::QuantitiesNotOnRecord));
}

fn panel(years: &[(i32, Flows)]) -> FlowPanel {
    years.iter().map(|(y, f)| (Year(*y), f.clone())).collect()
}

fn missing() {
    let full = flows(&[
        ("B", "A", "p", 1.0),
        ("C", "B", "q", 1.0),
        ("A", "B", "r", 1.0),
    ]);
    let silent = flows(&[("B", "C", "p", 1.0), ("C", "B", "q", 1.0)]);
    let nothing = flows(&[
        ("B", "A", "q", 1.0),
        ("B", "C", "p", 1.0),
        ("A", "B", "r", 1.0),
    ]);
    let gone = flows(&[("B", "A", "q", 1.0), ("A", "B", "r", 1.0)]);
    let found = list(
        &panel(&[(2001, full), (2002, silent), (2003, nothing), (2004, gone)]),
        &Importer::country("A"),
        Method::Ec2021,
        &ListParams::default(),
    )
    .unwrap();
    let p: Vec<Option<f64>> = found.margins["p"].values().copied().collect();
    assert!(p[0].unwrap() > 0.0);
    assert_eq!(
        p[1..],
        [None, Some(-1.0), None],
        "missing reporter, no imports, not traded"
    );
    // Only imports on record: exports are unknown, so CDI3 is not estimated.
    let f = flows(&[("B", "A", "p", 1.0)]);
    let (world, supply) = at(&f, &Importer::country("A"), "p");
    let c = ec2021::criteria(&supply, &ec2021::Ec2021Params::default());
    assert_eq!(c[2].reading, Reading::Missing(Gap::ExportsNotOnRecord));
    assert_eq!(
        Method::Ec2021.margin(&supply, &world, &ListParams::default()),
        None
    );
    // A group with a silent member says so.
    let found = list(
        &panel(&[(2001, f)]),
        &Importer::group("G", &["A", "Z"]),
        Method::Ec2021,
        &ListParams::default(),
    )
    .unwrap();
    assert_eq!(found.missing_members[&Year(2001)], ["Z"]);
}

fn years_held() {
    let one = || {
        flows(&[
            ("B", "A", "p", 9.0),
            ("C", "A", "p", 1.0),
            ("A", "C", "p", 1.0),
        ])
    };
    let two = || {
        flows(&[
            ("B", "A", "p", 5.0),
            ("C", "A", "p", 5.0),
            ("D", "A", "p", 5.0),
            ("A", "C", "p", 1.0),
        ])
    };
    // HHI of A's imports 0.41: on a cliff.
    let edge = || {
        flows(&[
            ("B", "A", "p", 5.5),
            ("C", "A", "p", 2.9),
            ("D", "A", "p", 1.6),
            ("A", "C", "p", 1.0),
        ])
    };
    let years = panel(&[(2001, one()), (2002, two()), (2004, one()), (2005, edge())]);
    let found = list(
        &years,
        &Importer::country("A"),
        Method::Ec2021,
        &ListParams::default(),
    )
    .unwrap();
    let r = &found.records[0];
    assert_eq!((found.year, r.held, r.known), (Year(2005), 3, 4));
    // 2005 and 2004 held, 2003 unknown.
    assert_eq!(r.persistent, Some(true));
    assert_eq!(r.cliffs, ["cdi1"]);
    assert!(r.verdict_at_cliff && r.dependent == Some(true));
    assert_eq!(r.first.as_ref().unwrap().0, "B");
    // Of the two changes seen, one from a wide margin; none from this one.
    assert!(r.change.estimate().is_none());
}

fn one_customer() {
    let f = flows(&[
        ("A", "B", "p", 9.0),
        ("A", "C", "p", 1.0),
        ("D", "C", "p", 3.0),
        ("C", "A", "p", 2.0),
    ]);
    let mirror = customers(&f);
    let (world, a) = at(&mirror, &Importer::country("A"), "p");
    assert_eq!(mirror.countries()[a.first.unwrap().country], "B");
    close("share", a.first.unwrap().share, 0.9, 1e-15);
    let c = geodep::criteria(&a, &world, &geodep::GeoDepParams::default());
    close("x1", value(&c[0]), 0.82, 1e-15);
    // World imports: A 2, B 9, C 4 of 15.
    close("x2", value(&c[1]), 101.0 / 225.0, 1e-15);
    close("x3", value(&c[2]), 5.0, 1e-15);
}

fn without() {
    let f = flows(&[
        ("C", "A", "p", 6.0),
        ("B", "A", "p", 3.0),
        ("D", "A", "p", 1.0),
    ]);
    let (world, _) = at(&f, &Importer::country("A"), "p");
    let found = with_and_without(&f, &world, f.country("C").unwrap());
    close("share", found.share.unwrap(), 0.6, 1e-15);
    close("with", found.hhi.unwrap().value, 0.46, 1e-15);
    close("without", found.hhi_without.unwrap(), 10.0 / 16.0, 1e-15);
    let f = flows(&[("C", "A", "p", 6.0)]);
    let (world, _) = at(&f, &Importer::country("A"), "p");
    assert_eq!(
        with_and_without(&f, &world, f.country("C").unwrap()).hhi_without,
        None
    );
}

fn profiles() {
    let star = flows(&[
        ("A", "B", "p", 1.0),
        ("A", "C", "p", 7.0),
        ("A", "D", "p", 2.0),
    ]);
    let found = profile(&star, 0).unwrap();
    assert_eq!(found.left, [1.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(found.centralisation, 1.0);
    let names = ["A", "B", "C", "D"];
    let complete: Vec<(&str, &str, &str, f64)> = names
        .iter()
        .flat_map(|e| names.iter().map(move |i| (*e, *i, "p", 2.0)))
        .filter(|(e, i, _, _)| e != i)
        .collect();
    let found = profile(&flows(&complete), 0).unwrap();
    for (k, v) in found.left.iter().enumerate() {
        let rest = 4.0 - k as f64;
        assert!((v - rest * (rest - 1.0) / 12.0).abs() < 1e-15);
    }
    assert!(found.centralisation.abs() < 1e-12);
    // A unknown partner cannot leave: its trade with the last country goes with that country.
    let f = flows(&[
        ("899", "B", "p", 1.0),
        ("A", "B", "p", 2.0),
        ("C", "B", "p", 1.0),
    ]);
    let found = profile(&f, 0).unwrap();
    assert_eq!(found.order.len(), 3);
    assert_eq!(found.left, [1.0, 0.5, 0.25, 0.0]);
}

fn indicators() {
    // A triangle of equal trade, and a fourth country with one partner.
    let f = flows(&[
        ("A", "B", "p", 1.0),
        ("B", "C", "p", 1.0),
        ("C", "A", "p", 1.0),
        ("A", "D", "p", 1.0),
    ]);
    let (world, _) = at(&f, &Importer::country("B"), "p");
    let found = network(&f, 0, &world, &SinglePointParams::default());
    // Local: A 1 of 3 pairs, B 1, C 1, D 0.
    close(
        "clustering",
        found.clustering.unwrap(),
        (1.0 / 3.0 + 2.0) / 4.0,
        1e-12,
    );
    // Exports 2, 1, 1, 0: mean 1, sd √0.5, over √3.
    close(
        "central",
        found.central_players.unwrap(),
        (0.5f64 / 3.0).sqrt(),
        1e-12,
    );
    close(
        "substitutability",
        found.substitutability.unwrap(),
        0.25,
        1e-12,
    );
    // One exporter: nobody else.
    let f = flows(&[("A", "B", "p", 1.0), ("A", "C", "p", 3.0)]);
    let (world, _) = at(&f, &Importer::country("B"), "p");
    let found = network(&f, 0, &world, &SinglePointParams::default());
    assert_eq!(
        (found.substitutability, found.clustering),
        (Some(0.0), Some(0.0))
    );
    close("central", found.central_players.unwrap(), 1.0, 1e-12);
}

fn refused() {
    let f = flows(&[("B", "A", "p", 1.0), ("899", "A", "p", 1.0)]);
    let ask = |importer: Importer| of_product(&f, &[importer], 0).unwrap_err().code;
    assert_eq!(
        ask(Importer::country("Z")),
        "dependency.importer_not_on_record"
    );
    // B only sells: what it buys is unknown.
    assert_eq!(
        ask(Importer::country("B")),
        "dependency.importer_not_on_record"
    );
    assert_eq!(
        ask(Importer::group("G", &["899", "A"])),
        "dependency.importer_unknown_area"
    );
    assert_eq!(
        profile(&flows(&[("B", "A", "p", 1.0)]), 0)
            .unwrap_err()
            .code,
        "dependency.small_network"
    );
    let wrong = ListParams {
        need: 4,
        ..ListParams::default()
    };
    let found = list(
        &panel(&[(2001, f.clone())]),
        &Importer::country("A"),
        Method::GeoDep,
        &wrong,
    );
    assert_eq!(found.unwrap_err().code, "dependency.bad_params");
    let found = list(
        &panel(&[(2001, f)]),
        &Importer::country("Z"),
        Method::GeoDep,
        &ListParams::default(),
    );
    assert_eq!(found.unwrap_err().code, "dependency.importer_not_on_record");
}
