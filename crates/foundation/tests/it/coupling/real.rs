//! Patents of countries in 35 fields over a century, and the exports of 2000: what the methods say about real data.
//!
//! The trials print the numbers that `methods/coupling.md` and `methods/backtest.md` quote.

#![allow(clippy::print_stderr)]

use std::collections::BTreeMap;

use foundation::activity::{ActivityPanel, ActivityTable};
use foundation::complexity::advantage::rca;
use foundation::complexity::presence_rule::{Rule, presence};
use foundation::coupling::backtest::{self, Report, backtest};
use foundation::coupling::convergence::{self, convergence};
use foundation::coupling::forecast::{self, Score, Target};
use foundation::coupling::lag::{self, lag_profile};
use foundation::coupling::layers::{Layer, Matched, matched};
use foundation::coupling::periods::moving_sums;
use foundation::coupling::scores::Metric;
use foundation::coupling::validation::{self, validate};
use foundation::coupling::{CouplingError, chain, index};
use libtest_mimic::Trial;
use model::Year;

use crate::{shared, trial_on_shared};

const PATENTS: &str = "trade/patstat/patstat_year_country_tech_inventor_locations.csv";
const EXPORTS: &str = "trade/world_trade_avg_1998_to_2000.csv";

pub fn trials() -> Vec<Trial> {
    vec![
        trial_on_shared("coupling_backtest_on_patents", PATENTS, backtest_on_patents),
        trial_on_shared(
            "coupling_index_of_countries",
            PATENTS,
            coupling_of_countries,
        ),
        trial_on_shared("coupling_lags_on_patents", PATENTS, lags_on_patents),
        trial_on_shared(
            "coupling_technology_to_product",
            EXPORTS,
            technology_to_product,
        ),
        trial_on_shared(
            "coupling_convergence_on_patents",
            PATENTS,
            convergence_on_patents,
        ),
    ]
}

/// Patents by inventor, in sums of five years.
fn patents() -> ActivityPanel {
    let mut rows: BTreeMap<i32, Vec<(String, String, f64)>> = BTreeMap::new();
    for record in csv::Reader::from_path(shared(PATENTS)).unwrap().records() {
        let r = record.unwrap();
        let year: i32 = r[0].parse().unwrap();
        if (1970..=2015).contains(&year) && !r[1].trim().is_empty() {
            let row = (r[1].to_owned(), r[3].to_owned(), r[4].parse().unwrap());
            rows.entry(year).or_default().push(row);
        }
    }
    let table = |rows: &[(String, String, f64)]| {
        let rows = rows.iter().map(|(l, a, v)| (l.as_str(), a.as_str(), *v));
        ActivityTable::from_rows(rows).unwrap()
    };
    let years = rows
        .iter()
        .map(|(y, rows)| (Year(*y), table(rows)))
        .collect();
    moving_sums(&ActivityPanel { years }, 5)
}

/// Who has what among the locations with at least `minimum` in total.
fn layer(table: &ActivityTable, minimum: f64) -> Layer {
    let large: Vec<usize> = (0..table.locations().len())
        .filter(|l| table.location_totals()[*l] >= minimum)
        .collect();
    let width = table.activities().len();
    let m = presence(&rca(table), width, &Rule::default());
    let every: Vec<usize> = (0..width).collect();
    Layer::new(
        large
            .iter()
            .map(|l| table.locations()[*l].clone())
            .collect(),
        table.activities().to_vec(),
        m.restricted(&large, &every),
    )
    .unwrap()
}

fn run(panel: &ActivityPanel, horizon: i32, target: Target, every: i32) -> Report {
    let first = 1980 + horizon - 1;
    let origins = (first..=2015 - horizon)
        .filter(|y| (y - first) % every == 0)
        .map(Year)
        .collect();
    let forecast = forecast::Params {
        horizon,
        target,
        ..forecast::Params::default()
    };
    backtest(
        panel,
        panel,
        &backtest::Params {
            forecast,
            origins,
            ..backtest::Params::default()
        },
    )
    .unwrap()
}

fn show(title: &str, report: &Report) {
    let origins = &report.origins;
    let sum = |f: fn(&backtest::OriginSize) -> usize| origins.iter().map(f).sum::<usize>();
    eprintln!(
        "\n{title}: {} origins {}-{}, {} locations, {} cells, {} hits, {} unknown",
        origins.len(),
        origins[0].origin.0,
        origins[origins.len() - 1].origin.0,
        report.locations,
        sum(|o| o.cells),
        sum(|o| o.hits),
        sum(|o| o.unknown)
    );
    for line in &report.lines {
        let shown = |q: &model::Quantity| {
            q.estimate().map_or("-".to_owned(), |e| {
                format!("{:.3} ({:.3} to {:.3})", e.value, e.low, e.high)
            })
        };
        eprintln!(
            "{:?} | {:?} | {} | {} | {:?}",
            line.metric,
            line.score,
            shown(&line.value),
            line.differences
                .iter()
                .map(|(b, q)| format!("{b:?} {}", shown(q)))
                .collect::<Vec<_>>()
                .join("; "),
            line.verdict
        );
    }
}

fn backtest_on_patents() {
    let panel = patents();
    let below = |absent_below| Target::Activation { absent_below };
    for (horizon, name, target) in [
        (5, "activation below 1", below(1.0)),
        (5, "activation below 0.5", below(0.5)),
        (5, "presence", Target::Presence),
        (10, "activation below 0.5", below(0.5)),
    ] {
        let report = run(&panel, horizon, target, 1);
        show(&format!("horizon {horizon}, {name}"), &report);
        let auc = |score| {
            report
                .line(score, Metric::RocAuc)
                .unwrap()
                .value
                .estimate()
                .unwrap()
        };
        let random = auc(Score::Random);
        assert!(random.low <= 0.5 && 0.5 <= random.high, "{random:?}");
    }
}

fn lags_on_patents() {
    let panel = patents();
    let layers: BTreeMap<Year, Layer> = panel
        .years
        .iter()
        .filter(|(y, _)| (1980..=2015).contains(&y.0))
        .map(|(y, t)| (*y, layer(t, 100.0)))
        .collect();
    let from: BTreeMap<Year, Layer> = layers
        .iter()
        .filter(|(y, _)| y.0 % 5 == 0)
        .map(|(y, l)| (*y, l.clone()))
        .collect();
    let params = lag::Params {
        lags: vec![5, 10, 15, 20],
        ..lag::Params::default()
    };
    let profile = lag_profile(&from, &layers, &params).unwrap();
    eprintln!(
        "{:?} {:?} {:?} {}",
        profile.years,
        profile.frequency,
        profile.best,
        profile.pairs.len()
    );
    for own in [true, false] {
        let of = |p: &&lag::PairLag| (p.from == p.to) == own;
        let sum = |lag: usize| {
            profile
                .pairs
                .iter()
                .filter(of)
                .map(|p| p.years[lag])
                .sum::<usize>()
        };
        eprintln!("to itself {own}: {:?}", [sum(0), sum(1), sum(2), sum(3)]);
    }
    // More links than chance after 5 years, fewer later: portfolios fade.
    let first = &profile.frequency[0].1;
    assert!(first.low > profile.chance.unwrap());
    assert!(
        profile.frequency[1..]
            .iter()
            .all(|(_, f)| f.value < first.value)
    );
}

fn exports() -> ActivityTable {
    let rows: Vec<(String, String, f64)> = csv::Reader::from_path(shared(EXPORTS))
        .unwrap()
        .records()
        .map(|record| {
            let r = record.unwrap();
            (r[0].to_uppercase(), r[1].to_owned(), r[2].parse().unwrap())
        })
        .collect();
    ActivityTable::from_rows(rows.iter().map(|(l, a, v)| (l.as_str(), a.as_str(), *v))).unwrap()
}

fn technology_to_product() {
    let (panel, products) = (patents(), layer(&exports(), 1.0));
    let at = |year: i32| -> Matched {
        matched(&layer(&panel.years[&Year(year)], 100.0), &products).unwrap()
    };
    let null = validation::Params {
        draws: 5000,
        ..validation::Params::default()
    };
    for year in [1995, 2000] {
        let pair = at(year);
        let start = std::time::Instant::now();
        let links = validate(&pair, &null).unwrap();
        eprintln!("{} draws in {:?}", null.draws, start.elapsed());
        let exact = validation::Params {
            statistic: validation::Statistic::SharedLocations,
            ..null.clone()
        };
        let start = std::time::Instant::now();
        let shared = validate(&pair, &exact).unwrap();
        eprintln!(
            "exact in {:?}: {} after FDR",
            start.elapsed(),
            shared.pairs().len()
        );
        for (a, b) in shared.pairs().iter().take(20) {
            eprintln!(
                "  {} -> {} p {:.1e}",
                pair.from.activities()[*a],
                pair.to.activities()[*b],
                shared.p_values.get(*a, *b)
            );
        }
        let single = links
            .p_values
            .values()
            .iter()
            .filter(|p| **p <= 0.05)
            .count();
        let least = links.p_values.values().iter().copied().fold(1.0, f64::min);
        eprintln!(
            "{year}: {} locations, {} of patents only, {} of exports only; {} tests, {single} at 0.05 each, {} after FDR, least p {least}",
            pair.locations().len(),
            pair.only_from.len(),
            pair.only_to.len(),
            links.tests,
            links.pairs().len()
        );
        // Hardly more than chance: this table carries no validated link between a field and a product.
        assert!(links.pairs().is_empty());
        match index::coupling(&pair, &links, &[], &null, &index::Params::default()) {
            Err(CouplingError::Refused(refusal)) => assert_eq!(refusal.code, "coupling.no_links"),
            other => panic!("{other:?}"),
        }
        assert!((single as f64) < 0.06 * links.tests as f64);
    }
    let pair = at(1995);
    let home = pair.location("JPN").unwrap();
    let node = |label: &str, prefix: &str| chain::ChainNode {
        label: label.to_owned(),
        activities: (0..pair.to.activities().len())
            .filter(|b| pair.to.activities()[*b].starts_with(prefix))
            .collect(),
    };
    let params = chain::Params {
        null: null.clone(),
        replicates: 100,
        ..chain::Params::default()
    };
    let nodes = [
        node("semiconductors", "776"),
        node("medicines", "54"),
        node("machine tools", "736"),
    ];
    for found in chain::precedents(&pair, home, &nodes, &params).unwrap() {
        eprintln!("{}: {} lacking", found.node, found.lacking().count());
        for p in found.precedents.iter().take(5) {
            eprintln!(
                "  {} {:?} rank {:?} expected {:.3} p {:.4} {} {}",
                pair.from.activities()[p.technology],
                p.score,
                (p.rank.low, p.rank.high),
                p.expected,
                p.p_value,
                p.significant,
                p.held
            );
            assert!(p.rank.low <= p.rank.value && p.rank.value <= p.rank.high);
        }
    }
    let held: Vec<usize> = pair.from.presence().activities_of(home).collect();
    let openings = chain::openings(&pair, home, &held, &params).unwrap();
    for o in openings.iter().filter(|o| !o.held).take(5) {
        eprintln!(
            "  {} feasibility {:?} rank {:?} p {:.4} {}",
            pair.to.activities()[o.industry],
            o.feasibility,
            (o.rank.low, o.rank.high),
            o.p_value,
            o.significant
        );
    }
}

/// κ of countries, from fields to fields five years later.
fn coupling_of_countries() {
    let panel = patents();
    let at = |year: i32| layer(&panel.years[&Year(year)], 100.0);
    let null = validation::Params {
        statistic: validation::Statistic::SharedLocations,
        ..validation::Params::default()
    };
    let names = at(2000).activities().to_vec();
    let fields = [
        (
            "digital",
            &[
                "Audio-visual technology",
                "Computer technology",
                "Digital communication",
                "Semiconductors",
                "Telecommunications",
            ][..],
        ),
        (
            "life",
            &[
                "Biotechnology",
                "Medical technology",
                "Organic fine chemistry",
                "Pharmaceuticals",
            ],
        ),
        ("all", &[]),
    ];
    let fields = fields.map(|(label, wanted)| index::Field {
        label: label.to_owned(),
        technologies: (0..names.len())
            .filter(|a| wanted.is_empty() || wanted.contains(&names[*a].as_str()))
            .collect(),
    });
    let mut series: BTreeMap<(String, String), Vec<(Year, f64)>> = BTreeMap::new();
    for year in [1990, 1995, 2000, 2005, 2010] {
        let pair = matched(&at(year), &at(year + 5)).unwrap();
        let strict = validate(&pair, &null).unwrap();
        let single = validation::Params {
            correction: validation::Correction::None,
            ..null.clone()
        };
        let links = validate(&pair, &single).unwrap();
        let own = links.pairs().iter().filter(|(a, b)| a == b).count();
        eprintln!(
            "{year}: {} locations, {} links of {} at 0.05 each, {own} to itself; {} after FDR",
            pair.locations().len(),
            links.pairs().len(),
            links.tests,
            strict.pairs().len()
        );
        for c in index::coupling(&pair, &links, &fields, &null, &index::Params::default()).unwrap()
        {
            if let Some(share) = c.share.estimate() {
                assert!(0.0 <= share.low && share.high <= 1.0);
                series
                    .entry((c.field.clone(), c.location.clone()))
                    .or_default()
                    .push((Year(year), share.value));
                if year == 2010
                    && ["JPN", "DEU", "USA", "CHN", "KOR"].contains(&c.location.as_str())
                {
                    eprintln!(
                        "  {} {} {}/{} {:.3} ({:.3} to {:.3}) expected {:.3}",
                        c.field,
                        c.location,
                        c.held,
                        c.links,
                        share.value,
                        share.low,
                        share.high,
                        c.expected
                    );
                }
            }
        }
    }
    for ((field, location), years) in series
        .iter()
        .filter(|((_, l), _)| ["JPN", "CHN", "KOR"].contains(&l.as_str()))
    {
        eprintln!(
            "  {field} {location} {:?}",
            index::trend(years)
                .estimate()
                .map(|e| (e.value, e.low, e.high))
        );
    }
}

fn convergence_on_patents() {
    let panel = patents();
    let years = [1980, 1985, 1990, 1995, 2000, 2005, 2010, 2015];
    // The same countries in every window: those that are large from the start.
    let layers: Vec<Layer> = years
        .iter()
        .map(|y| layer(&panel.years[&Year(*y)], 100.0))
        .collect();
    let common: Vec<&String> = layers[0]
        .locations()
        .iter()
        .filter(|l| {
            layers
                .iter()
                .all(|o| o.locations().binary_search(l).is_ok())
        })
        .collect();
    let windows: Vec<(Year, foundation::presence::Presence)> = years
        .iter()
        .zip(&layers)
        .map(|(year, layer)| {
            let places: Vec<usize> = common
                .iter()
                .map(|l| layer.locations().binary_search(l).unwrap())
                .collect();
            (Year(*year), layer.of_locations(&places).presence().clone())
        })
        .collect();
    let found = convergence(
        &windows,
        &convergence::Params {
            replicates: 300,
            ..convergence::Params::default()
        },
    )
    .unwrap();
    let names = layers[0].activities();
    eprintln!(
        "{} locations, {} pairs, {} rising",
        common.len(),
        found.len(),
        found.iter().filter(|p| p.rising).count()
    );
    for p in found.iter().take(8) {
        eprintln!(
            "  {} + {}: {:?} p {:.4} {}",
            names[p.a], names[p.b], p.slope, p.p_value, p.rising
        );
    }
    assert!(
        found
            .windows(2)
            .all(|w| w[0].slope.value >= w[1].slope.value)
    );
}
