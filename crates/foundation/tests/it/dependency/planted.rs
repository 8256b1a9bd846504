use foundation::dependency::churn::curve;
use foundation::dependency::criterion::Verdict;
use foundation::dependency::flows::{FlowPanel, Flows};
use foundation::dependency::importer::Importer;
use foundation::dependency::record::{List, ListParams, Method, list};
use libtest_mimic::Trial;
use model::{Seed, Year};
use rand::RngExt;

use super::flow;
use crate::trial;

pub fn trials() -> Vec<Trial> {
    vec![trial(
        "dependency/planted chokepoints are all found",
        planted,
    )]
}

const COUNTRIES: usize = 40;
const PRODUCTS: usize = 300;
const YEARS: std::ops::RangeInclusive<i32> = 2017..=2020;

/// Every 15th product is a chokepoint of home, C00: one exporter holds at least 80 % of its imports and of the world
/// market, and home exports at most a tenth of what it imports.
fn is_planted(product: usize) -> bool {
    product.is_multiple_of(15)
}

/// A world in which many countries export each product; every pair trades a fifth of the products.
fn world(year: i32) -> Flows {
    let mut rows: Vec<(String, String, String, f64)> = Vec::new();
    for product in 0..PRODUCTS {
        let mut fixed = Seed(20).stream("product", product as u64);
        let ability: Vec<f64> = (0..COUNTRIES)
            .map(|_| (3.0 * fixed.random_range(0.0f64..1.0)).exp())
            .collect();
        let hub = fixed.random_range(1..COUNTRIES);
        let mut rng = Seed(21).stream("year", (year as u64) << 32 | product as u64);
        for importer in 0..COUNTRIES {
            let start = rows.len();
            let mut others = 0.0;
            for (exporter, ability) in ability.iter().enumerate() {
                if exporter == importer
                    || is_planted(product) && exporter == hub
                    || rng.random_range(0.0..1.0) < 0.8
                {
                    continue;
                }
                let small = if is_planted(product) && exporter == 0 {
                    0.001
                } else {
                    1.0
                };
                let value = small * ability * rng.random_range(0.5..2.0);
                others += value;
                rows.push((
                    code(exporter),
                    code(importer),
                    format!("{product:03}"),
                    value,
                ));
            }
            if is_planted(product) && importer != hub {
                // 80 to 90 % of what the importer buys.
                let share = rng.random_range(0.8..0.9);
                let rest = if rows.len() == start { 1.0 } else { others };
                rows.push((
                    code(hub),
                    code(importer),
                    format!("{product:03}"),
                    rest * share / (1.0 - share),
                ));
            }
        }
    }
    Flows::from_rows(rows.iter().map(|(e, i, p, v)| flow(e, i, p, *v)), &[]).unwrap()
}

fn code(country: usize) -> String {
    format!("C{country:02}")
}

fn planted() {
    let panel: FlowPanel = YEARS.map(|year| (Year(year), world(year))).collect();
    let home = Importer::country("C00");
    let params = ListParams::default();
    let truth: Vec<String> = (0..PRODUCTS)
        .filter(|p| is_planted(*p))
        .map(|p| format!("{p:03}"))
        .collect();
    for method in Method::ALL {
        let found = list(&panel, &home, method, &params).unwrap();
        let alarms: Vec<&str> = found
            .records
            .iter()
            .filter(|r| r.dependent == Some(true))
            .map(|r| r.product.as_str())
            .collect();
        let missed: Vec<&String> = truth
            .iter()
            .filter(|p| !alarms.contains(&p.as_str()))
            .collect();
        assert!(missed.is_empty(), "{method:?} misses {missed:?}");
        for r in found.records.iter().filter(|r| truth.contains(&r.product)) {
            assert_eq!(
                (r.verdict, r.held, r.known, r.persistent),
                (Verdict::Passes, 4, 4, Some(true))
            );
            assert!(r.first.as_ref().unwrap().1 >= 0.8 - 1e-9);
        }
        let false_alarms = explained(&found, &truth, &panel);
        // GeoDep asks for a concentrated world market, which only planted products have.
        let most = match method {
            Method::GeoDep => 0,
            Method::Ec2021 | Method::Ecipe => 40,
        };
        assert!(false_alarms.len() <= most, "{method:?}: {false_alarms:#?}");
        // Nothing planted is lost over the years.
        let survival = curve(&found.margins).unwrap();
        assert!(survival.iter().all(|s| s.still >= truth.len()));
        if std::env::var_os("FORELAY_MEASURE").is_some() {
            #[allow(clippy::print_stderr)]
            for line in &false_alarms {
                eprintln!("{method:?} {line}");
            }
        }
    }
}

/// Every false alarm with its cause: home's suppliers in the year, counted again from the rows.
fn explained(found: &List, truth: &[String], panel: &FlowPanel) -> Vec<String> {
    let flows = &panel[&found.year];
    let home = flows.country("C00").unwrap();
    found
        .records
        .iter()
        .filter(|r| r.dependent == Some(true) && !truth.contains(&r.product))
        .map(|r| {
            let product = flows.product(&r.product).unwrap();
            let bought: Vec<f64> = flows
                .rows(product)
                .filter(|row| row.importer == home)
                .map(|row| row.value)
                .collect();
            let total: f64 = bought.iter().sum();
            let hhi: f64 = bought.iter().map(|v| (v / total).powi(2)).sum();
            let sold: f64 = flows
                .rows(product)
                .filter(|row| row.exporter == home)
                .map(|row| row.value)
                .sum();
            assert!(hhi > 0.4, "{}: an alarm without a cause", r.product);
            format!(
                "{}: {} suppliers by chance, concentration {hhi:.2}, imports/exports {:.1}, held {} of {}",
                r.product, bought.len(), total / sold, r.held, r.known
            )
        })
        .collect()
}
