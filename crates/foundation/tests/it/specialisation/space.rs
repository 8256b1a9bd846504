//! Product space, taxonomy and subnational complexity against networkx, fermi-cref, economic-complexity and econcomplex.

use std::collections::BTreeMap;
use std::time::Instant;

use foundation::activity::ActivityTable;
use foundation::complexity::presence_rule::{Rule, presence};
use foundation::relatedness::layout::{LayoutParams, layout};
use foundation::relatedness::proximity::{Diagonal, Measure, Proximity, proximity};
use foundation::relatedness::space::{Extra, Link, Space, product_space};
use foundation::relatedness::subnational::{Basket, Standardised, subnational_eci};
use foundation::relatedness::taxonomy::taxonomy;
use foundation::specialisation::quotient::location_quotient;
use libtest_mimic::Trial;
use model::Year;

use super::strategy::panel;
use crate::{close, golden, shared, trial, trial_on_shared};

const PROVINCES: &str = "trade/fixtures/oec_spain_subnational_section_exports.csv";
const TRADE: &str = "trade/world_trade_avg_1998_to_2000.csv";

pub fn trials() -> Vec<Trial> {
    vec![
        trial(
            "space/tree_as_networkx_and_links_as_economiccomplexity",
            tree,
        ),
        trial("space/taxonomy_as_fermi_cref", directed),
        trial_on_shared(
            "space/provinces_as_oec_and_econcomplex",
            PROVINCES,
            provinces,
        ),
        trial("space/layout_of_5000_activities", speed),
        trial_on_shared("space/layout_of_the_real_products", TRADE, real),
    ]
}

fn matrix(file: &str) -> Vec<f64> {
    golden(file)
        .iter()
        .flat_map(|row| {
            row.iter()
                .skip(1)
                .map(|x| x.parse().unwrap())
                .collect::<Vec<f64>>()
        })
        .collect()
}

fn tree() {
    let values = matrix("space_phi.csv");
    let phi = Proximity::new(14, values).unwrap();
    let wanted: Vec<f64> = golden("space_tree.csv")[0]
        .iter()
        .map(|x| x.parse().unwrap())
        .collect();
    let by_steps = Extra::Steps {
        average_degree: 4.0,
        step: 0.05,
    };
    let space = product_space(&phi, by_steps);
    let weight = |forest: bool| -> f64 {
        space
            .links
            .iter()
            .filter(|l| l.forest || !forest)
            .map(|l| l.proximity)
            .sum()
    };
    close("weight of the tree", weight(true), wanted[0], 1e-12);
    assert_eq!(space.links.len() as f64, wanted[1]);
    close("weight of the links", weight(false), wanted[2], 1e-12);
}

fn directed() {
    let table = panel().years[&Year(2000)].clone();
    let m = presence(&location_quotient(&table), 14, &Rule::default());
    for (found, wanted) in taxonomy(&m).iter().zip(matrix("space_taxonomy.csv")) {
        assert!((found - wanted).abs() < 1e-14, "{found} {wanted}");
    }
}

fn table(file: &str, location: usize, activity: usize, value: usize) -> ActivityTable {
    let rows: Vec<csv::StringRecord> = csv::Reader::from_path(shared(file))
        .unwrap()
        .records()
        .map(Result::unwrap)
        .collect();
    ActivityTable::from_rows(
        rows.iter()
            .map(|r| (&r[location], &r[activity], r[value].parse::<f64>().unwrap())),
    )
    .unwrap()
}

fn provinces() {
    let regions = table(PROVINCES, 0, 2, 4);
    let pci: BTreeMap<String, f64> = golden("subnational_pci.csv")
        .iter()
        .map(|row| (row[0].to_owned(), row[1].parse().unwrap()))
        .collect();
    let pci: Vec<f64> = regions
        .activities()
        .iter()
        .map(|a| pci.get(a).copied().unwrap_or(f64::NAN))
        .collect();
    let found = |table: &ActivityTable, pci: &[f64], standardised| {
        subnational_eci(table, pci, &Basket::Own, &Rule::default(), standardised)
            .unwrap()
            .eci
    };
    // econcomplex has no place for an activity without PCI; its column is of the shared sections.
    let shared: Vec<usize> = (0..pci.len()).filter(|a| !pci[*a].is_nan()).collect();
    let everyone: Vec<usize> = (0..regions.locations().len()).collect();
    let cut: Vec<f64> = shared.iter().map(|a| pci[*a]).collect();
    let kinds = [
        found(&regions, &pci, Standardised::No),
        found(&regions, &pci, Standardised::Sample),
        found(
            &regions.restricted(&everyone, &shared),
            &cut,
            Standardised::No,
        ),
    ];
    let wanted = golden("subnational.csv");
    let mut compared = 0;
    for row in &wanted {
        let Ok(r) = regions.locations().binary_search(&row[0].to_owned()) else {
            panic!("{row:?}");
        };
        for (kind, column) in kinds.iter().zip([1, 2, 3]) {
            match row[column].parse::<f64>() {
                Ok(number) if number != 0.0 => {
                    compared += 1;
                    assert!((kind[r] - number).abs() < 1e-11, "{row:?} {}", kind[r]);
                }
                // 0/0 there is empty or 0.
                _ => assert!(kind[r].is_nan(), "{row:?}"),
            }
        }
    }
    assert!(compared >= 150, "{compared}");
    // The world's basket is another question and gives another answer.
    let world = table(
        "trade/fixtures/oec_country_section_exports_global.csv",
        0,
        2,
        4,
    );
    let totals = world.activity_totals();
    let basket = regions
        .activities()
        .iter()
        .map(|a| {
            world
                .activities()
                .binary_search(a)
                .map_or(f64::NAN, |k| totals[k])
        })
        .collect();
    let against = subnational_eci(
        &regions,
        &pci,
        &Basket::World(basket),
        &Rule::default(),
        Standardised::No,
    )
    .unwrap();
    let moved = against
        .eci
        .iter()
        .zip(&kinds[0])
        .filter(|(a, b)| (*a - *b).abs() > 0.01)
        .count();
    assert!(moved > regions.locations().len() / 2, "{moved}");
}

/// Seconds, not minutes, at the size of HS6.
fn speed() {
    use rand::RngExt;
    let n: usize = 5000;
    let mut rng = model::Seed(5).stream("layout", 0);
    let mut links: BTreeMap<(usize, usize), Link> = BTreeMap::new();
    for b in 1..n {
        let a = rng.random_range(b.saturating_sub(200)..b);
        links.insert(
            (a, b),
            Link {
                a,
                b,
                proximity: 0.5,
                forest: true,
            },
        );
    }
    while links.len() < 2 * n {
        let a = rng.random_range(0..n - 50);
        let b = a + rng.random_range(1..50usize);
        links.entry((a, b)).or_insert(Link {
            a,
            b,
            proximity: 0.4,
            forest: false,
        });
    }
    let space = Space {
        nodes: n,
        links: links.into_values().collect(),
    };
    let start = Instant::now();
    let at = layout(&space, LayoutParams::default());
    assert_eq!(at.len(), n);
    assert!(start.elapsed().as_secs() < 120, "{:?}", start.elapsed());
}

fn real() {
    let t = table(TRADE, 0, 1, 2);
    let m = presence(
        &location_quotient(&t),
        t.activities().len(),
        &Rule::default(),
    );
    let phi = proximity(&m, Measure::MinConditional, Diagonal::Zero);
    let space = product_space(&phi, Extra::default());
    assert_eq!(space.nodes, 785);
    assert!(space.links.len() * 2 <= 4 * 785);
    let start = Instant::now();
    let at = layout(&space, LayoutParams::default());
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
    assert_eq!(at, layout(&space, LayoutParams::default()));
    // Linked products lie nearer than others: a drawing that shows what it is drawn from.
    let distance =
        |a: usize, b: usize| ((at[a].0 - at[b].0).powi(2) + (at[a].1 - at[b].1).powi(2)).sqrt();
    let linked: f64 =
        space.links.iter().map(|l| distance(l.a, l.b)).sum::<f64>() / space.links.len() as f64;
    let all: f64 = (0..785)
        .flat_map(|a| (a + 1..785).map(move |b| (a, b)))
        .map(|(a, b)| distance(a, b))
        .sum::<f64>()
        / (785.0 * 392.0);
    assert!(linked < all / 4.0, "{linked} {all}");
    let same = Space {
        nodes: space.nodes,
        links: space.links.iter().rev().copied().collect(),
    };
    assert_eq!(same.pieces(), space.pieces());
}
