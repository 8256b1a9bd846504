//! How long all dependency criteria take on a year of trade of full size: 11 million rows drawn as in a BACI file
//! (226 countries, 5,000 products, long tails), in memory.
//!
//! `cargo run --release -p foundation --example dependency_speed [ROWS]`

#![allow(clippy::print_stdout)]

use std::time::Instant;

use foundation::dependency::concentration::markets;
use foundation::dependency::flows::{Flow, FlowKind, FlowsBuilder};
use foundation::dependency::importer::Importer;
use foundation::dependency::record::{ListParams, Method, list};
use foundation::dependency::single_points::{self, network};
use foundation::dependency::sources::{SourceParams, sources};
use foundation::dependency::supply::per_product;
use model::{Seed, Year};
use rand::RngExt;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rows: usize = std::env::args()
        .nth(1)
        .map_or(Ok(11_000_000), |n| n.parse())?;
    let countries: Vec<String> = (0..226).map(|c| format!("{:03}", 4 + 3 * c)).collect();
    let products: Vec<String> = (0..5000)
        .map(|p| format!("{:06}", 10_121 + 191 * p))
        .collect();
    let (sell, buy, goods) = (zipf(226, 0.7), zipf(226, 0.6), zipf(5000, 0.4));
    let mut rng = Seed(1).stream("speed", 0);
    let mut pick = |table: &[f64]| {
        let u = rng.random_range(0.0..1.0);
        table.partition_point(|p| *p < u).min(table.len() - 1)
    };
    let mut size = Seed(1).stream("size", 0);
    let mut lognormal = |mean: f64| {
        let sum: f64 = (0..12).map(|_| size.random_range(0.0..1.0)).sum();
        (mean + 3.0 * (sum - 6.0)).exp()
    };
    let clock = Instant::now();
    let mut builder = FlowsBuilder::new(&[]);
    for _ in 0..rows {
        builder.push(Flow {
            exporter: &countries[pick(&sell)],
            importer: &countries[pick(&buy)],
            product: &products[pick(&goods)],
            value: lognormal(3.0),
            quantity: Some(lognormal(1.0)),
            kind: FlowKind::Direct,
        })?;
    }
    report("draw and take in", clock);
    let clock = Instant::now();
    let flows = builder.build()?;
    report("sort into columns", clock);
    println!(
        "{} rows drawn, {} flows of different pair and product, {:.1} bytes each",
        rows,
        flows.len(),
        flows.bytes() as f64 / flows.len() as f64
    );
    let mut importers = Importer::every_country(&flows);
    let members: Vec<&str> = countries[..27].iter().map(String::as_str).collect();
    importers.push(Importer::group("group of 27", &members));
    let params = ListParams::default();
    let clock = Instant::now();
    let counts = per_product(&flows, &importers, |_, world, supplies| {
        let mut counts = [0usize; 4];
        for s in supplies.iter().filter(|s| s.imports_extra > 0.0) {
            counts[0] += 1;
            for (count, method) in counts[1..].iter_mut().zip(Method::ALL) {
                *count += usize::from(method.margin(s, world, &params).is_some_and(|m| m > 0.0));
            }
        }
        counts
    })
    .map_err(|refusal| refusal.code.clone())?;
    report("all criteria, all importers and a group", clock);
    let total = |k: usize| counts.iter().map(|c| c[k]).sum::<usize>();
    println!(
        "{} importer-products; dependent: Commission {}, GeoDep {}, ECIPE {}",
        total(0),
        total(1),
        total(2),
        total(3)
    );
    let clock = Instant::now();
    let mirror = flows.transposed();
    report("exchange the roles", clock);
    drop(mirror);
    let clock = Instant::now();
    let panel = [(Year(2023), flows)].into();
    let found = list(&panel, &importers[0], Method::GeoDep, &params).map_err(|r| r.code.clone())?;
    report("list of one importer, one year", clock);
    let flows = &panel[&Year(2023)];
    let clock = Instant::now();
    for record in found.records.iter().take(100) {
        let product = flows.product(&record.product).ok_or("not traded")?;
        sources(flows, &importers[0], product, &SourceParams::default())
            .map_err(|r| r.code.clone())?;
    }
    report("other sources of 100 products", clock);
    let clock = Instant::now();
    let worlds = markets(flows);
    let params = single_points::SinglePointParams::default();
    for (product, market) in worlds.iter().enumerate().take(100) {
        network(flows, product, market, &params);
    }
    report("world markets, network indicators of 100 products", clock);
    Ok(())
}

/// Cumulated p(k) ~ 1/k^s.
fn zipf(n: usize, s: f64) -> Vec<f64> {
    let mut table: Vec<f64> = (1..=n).map(|k| (k as f64).powf(-s)).collect();
    let total: f64 = table.iter().sum();
    let mut sum = 0.0;
    for p in &mut table {
        sum += *p / total;
        *p = sum;
    }
    table
}

fn report(what: &str, clock: Instant) {
    println!("{what}: {:.2} s", clock.elapsed().as_secs_f64());
}
