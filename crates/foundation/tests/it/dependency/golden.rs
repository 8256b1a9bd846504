use std::collections::BTreeMap;

use foundation::dependency::criterion::{Criterion, Reading};
use foundation::dependency::flows::{Flow, FlowKind, FlowPanel, FlowsBuilder};
use foundation::dependency::importer::Importer;
use foundation::dependency::record::{ListParams, Method};
use foundation::dependency::single_points::{SinglePointParams, criterion};
use foundation::dependency::supply::of_product;
use foundation::dependency::{ec2021, ecipe, geodep};
use libtest_mimic::Trial;
use model::Year;

use crate::{golden, trial};

pub fn trials() -> Vec<Trial> {
    vec![trial(
        "dependency/all criteria equal the independent script",
        criteria,
    )]
}

pub(super) fn panel() -> FlowPanel {
    let mut years: BTreeMap<Year, FlowsBuilder> = BTreeMap::new();
    for r in golden("dependency_flows.csv") {
        years
            .entry(Year(r[0].parse().unwrap()))
            .or_insert_with(|| FlowsBuilder::new(&["899"]))
            .push(Flow {
                exporter: &r[1],
                importer: &r[2],
                product: &r[3],
                value: r[4].parse().unwrap(),
                quantity: r[5].parse().ok(),
                kind: if &r[6] == "1" {
                    FlowKind::ReExport
                } else {
                    FlowKind::Direct
                },
            })
            .unwrap();
    }
    years
        .into_iter()
        .map(|(y, b)| (y, b.build().unwrap()))
        .collect()
}

fn criteria() {
    let panel = panel();
    let params = ListParams::default();
    let rows = golden("dependency_criteria.csv");
    let (mut worst, mut compared) = (0.0f64, 0);
    let mut seen = 0;
    for r in &rows {
        let flows = &panel[&Year(r[0].parse().unwrap())];
        let importer = match &r[1] {
            "GRP" => Importer::group("GRP", &["C01", "C02", "C03"]),
            code => Importer::country(code),
        };
        let product = flows.product(&r[2]).unwrap();
        let (world, supplies) = of_product(flows, &[importer], product).unwrap();
        let s = supplies[0];
        let ec = ec2021::criteria(&s, &params.ec2021);
        let gd = geodep::criteria(&s, &world, &params.geodep);
        let number = |c: &Criterion| match c.reading {
            Reading::Known(range) => range.value,
            Reading::NoExports => 9999.0,
            Reading::Missing(_) => f64::NAN,
        };
        let (hhi, doubt) = (s.hhi().unwrap(), s.hhi_re_exports_in_doubt().unwrap());
        let found = [
            s.imports_extra,
            hhi.value,
            hhi.low,
            hhi.high,
            doubt.low,
            doubt.high,
            number(&ec[1]),
            number(&ec[2]),
            number(&gd[1]),
            number(&gd[2]),
            number(&ecipe::criteria(&s, &params.ecipe)[0]),
            s.hhi_quantity().map_or(f64::NAN, |r| r.value),
            s.quantity_covered,
        ];
        let tail = [
            s.first.map_or(0.0, |f| f.share),
            s.unknown_share().unwrap(),
            s.re_export_share().unwrap(),
            number(&criterion(&s, &SinglePointParams::default())),
        ];
        let wanted = (3..16).chain(17..21);
        for (column, found) in wanted.zip(found.into_iter().chain(tail)) {
            // An empty cell is not a number.
            match r[column].parse::<f64>() {
                Ok(wanted) => {
                    let off = (found - wanted).abs() / wanted.abs().max(1e-3);
                    assert!(off < 1e-9, "{r:?} column {column}: {found}");
                    worst = worst.max(off);
                    compared += 1;
                }
                Err(_) => assert!(found.is_nan(), "{r:?} column {column}: {found}"),
            }
        }
        assert_eq!(
            s.first.map_or("", |f| &flows.countries()[f.country]),
            &r[16]
        );
        for (method, column) in [(Method::GeoDep, 21), (Method::Ec2021, 22)] {
            let dependent = method.margin(&s, &world, &params).is_some_and(|m| m > 0.0);
            assert_eq!(dependent, &r[column] == "1", "{r:?}");
        }
        seen += 1;
    }
    assert!(
        seen > 900 && compared > 15_000 && worst < 1e-9,
        "{seen} {compared} {worst:e}"
    );
    // Every importer on record with imports is in the script's table.
    let ours: usize = panel
        .values()
        .map(|flows| {
            let mut all: Vec<Importer> = Importer::every_country(flows)
                .into_iter()
                .filter(|i| flows.imports_on_record(flows.country(&i.name).unwrap()))
                .collect();
            all.push(Importer::group("GRP", &["C01", "C02", "C03"]));
            (0..flows.products().len())
                .map(|p| {
                    let (_, s) = of_product(flows, &all, p).unwrap();
                    s.iter().filter(|s| s.imports_extra > 0.0).count()
                })
                .sum::<usize>()
        })
        .sum();
    assert_eq!(ours, rows.len());
    eprintln_measure(compared, worst);
}

/// The measured deviation, for the method page.
#[allow(clippy::print_stderr)]
fn eprintln_measure(compared: usize, worst: f64) {
    if std::env::var_os("FORELAY_MEASURE").is_some() {
        eprintln!("dependency: {compared} numbers, largest relative deviation {worst:e}");
    }
}
