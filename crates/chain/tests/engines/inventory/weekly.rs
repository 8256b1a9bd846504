//! A stop week by week: by hand, between its bounds, for one buyer, and the same on any number of threads.

use std::collections::BTreeMap;

use chain::inventory::stop::parted;
use chain::inventory::{
    Assumptions, Economy, EconomyInput, Holds, Lost, Rule, Stop, StopQuestion, Weekly,
    WeeklyParams, weekly,
};
use libtest_mimic::Trial;
use model::{Basis, Estimate, Seed};

use super::random;
use crate::trial;

pub fn trials() -> Vec<Trial> {
    vec![
        trial("inventory: a stop by hand, week by week", by_hand),
        trial(
            "inventory: no stop loses nothing in any week",
            nothing_stops,
        ),
        trial(
            "inventory: weeks lie between their bounds (random)",
            between_bounds,
        ),
        trial(
            "inventory: a larger stop has no smaller bound (random)",
            larger_stop,
        ),
        trial("inventory: deliveries to one buyer apart", one_buyer),
        trial("inventory: the same on one and three threads", threads),
        trial(
            "inventory: weeks do not depend on the order of rows",
            order_of_rows,
        ),
        trial("inventory: work within its limit", work_limit),
    ]
}

fn exact(value: f64) -> Estimate {
    Estimate::exact(value, Basis::Assumed)
}

fn ranged(low: f64, value: f64, high: f64) -> Estimate {
    Estimate::spanning(value, low, high, Basis::Assumed)
}

fn assumed(stock_days: Estimate) -> Assumptions {
    Assumptions {
        stock_days,
        stock_days_of: BTreeMap::new(),
        critical_part: exact(0.0),
        overproduction: exact(1.0),
        overproduction_days: exact(365.0),
        restoration_days: exact(14.0),
        flow_error: 0.0,
        not_needed: Vec::new(),
        half_needed: Vec::new(),
    }
}

/// Everything uncertain.
fn wide() -> Assumptions {
    Assumptions {
        critical_part: ranged(0.5, 0.8, 1.0),
        overproduction: ranged(1.0, 1.25, 1.5),
        overproduction_days: ranged(30.0, 90.0, 365.0),
        restoration_days: ranged(7.0, 30.0, 60.0),
        flow_error: 0.2,
        ..assumed(ranged(3.0, 10.0, 30.0))
    }
}

/// `ore` of region A feeds `steel` of region B and of region C, which consumers buy.
fn three() -> Economy {
    let label = |region: &str, sector: &str| (region.to_owned(), sector.to_owned());
    #[rustfmt::skip]
    let z = vec![
        0.0, 36.5, 73.0,
        0.0, 0.0, 0.0,
        0.0, 0.0, 0.0,
    ];
    Economy::new(EconomyInput {
        industries: vec![label("A", "ore"), label("B", "steel"), label("C", "steel")],
        z,
        consumers: vec![label("B", "house"), label("C", "house")],
        y: vec![0.0, 0.0, 365.0, 0.0, 0.0, 730.0],
        x: None,
    })
    .unwrap()
}

fn stop(severity: Estimate, weeks: u32, horizon: u32, buyer: Option<&str>) -> StopQuestion {
    StopQuestion {
        stops: vec![Stop {
            industries: vec![0],
            severity,
            from_week: 1,
            weeks,
        }],
        buyer: buyer.map(str::to_owned),
        horizon_weeks: horizon,
    }
}

fn how(draws: usize) -> WeeklyParams {
    WeeklyParams {
        draws,
        seed: Seed(5),
        // The best rule's program has trials of its own.
        most_variables: 0,
        ..WeeklyParams::default()
    }
}

fn of(found: &Weekly, industry: usize) -> &[Lost] {
    let at = found.industries.iter().find(|(i, _)| *i == industry);
    &at.unwrap_or_else(|| panic!("industry {industry} is not listed"))
        .1
        .weeks
}

/// Two weeks of stock, production goes on until they are used up (critical part 0): steel stops with day 15, the
/// first of week 3, and makes nothing in weeks 3 and 4.
fn by_hand() {
    let found = weekly(
        &three(),
        &stop(exact(1.0), 4, 6, None),
        &assumed(exact(14.0)),
        &how(20),
    )
    .unwrap();
    assert_eq!((found.days_in_step, found.draws), (1, 20));
    let close =
        |found: f64, wanted: f64| assert!((found - wanted).abs() < 1e-9, "{found}, not {wanted}");
    for (industry, wanted) in [(0, [1.0, 1.0, 1.0, 1.0]), (1, [0.0, 0.0, 1.0, 1.0])] {
        for (lost, wanted) in of(&found, industry).iter().zip(wanted) {
            close(lost.centre, wanted);
            for drawn in [lost.drawn.p05, lost.drawn.p50, lost.drawn.p95] {
                close(drawn, wanted);
            }
            assert!(lost.worst >= wanted - 1e-9);
            close(lost.best, if industry == 0 { 1.0 } else { 0.0 });
        }
    }
    // 0.3 + 3 of output a day at rest, ore 0.3 of it: (0.3 + 3) / 3.3 in week 3.
    close(found.whole.weeks[0].centre, 0.3 / 3.3);
    close(found.whole.weeks[2].centre, 1.0);
    close(found.demand.weeks[1].centre, 0.0);
    close(found.demand.weeks[2].centre, 1.0);
    let steel: Vec<_> = found.held.iter().filter(|h| h.industry == 1).collect();
    assert_eq!((steel[0].weeks.0, &steel[0].by), (3, &Holds::Input(0)));
    let ore = found.held.iter().find(|h| h.industry == 0).unwrap();
    assert_eq!((ore.weeks, &ore.by), ((1, 4), &Holds::Stop));
}

fn nothing_stops() {
    for index in 0..100 {
        let case = random::case("weekly zero", index);
        for buyer in [None, Some("r1")] {
            let question = StopQuestion {
                buyer: buyer.map(str::to_owned),
                ..stop(exact(0.0), 2, 4, None)
            };
            let found = weekly(&case.economy, &question, &wide(), &how(4)).unwrap();
            let groups = found.regions.iter().chain([&found.whole, &found.demand]);
            for lost in groups.flat_map(|g| &g.weeks) {
                for lost in [lost.best, lost.centre, lost.drawn.p95] {
                    assert!(lost.abs() < 1e-9, "case {index}: {lost}");
                }
            }
            assert!(found.held.is_empty(), "case {index}");
        }
    }
}

fn between_bounds() {
    let (mut weeks, mut hit) = (0, 0);
    for index in 0..200 {
        let case = random::case("weekly bounds", index);
        let buyer = (index % 3 == 0).then_some("r1");
        let question = stop(ranged(0.2, 0.6, 1.0), 2, 4, buyer);
        let found = weekly(&case.economy, &question, &wide(), &how(8)).unwrap();
        let groups = found
            .regions
            .iter()
            .chain(found.industries.iter().map(|(_, g)| g))
            .chain([&found.whole, &found.demand]);
        for (g, group) in groups.enumerate() {
            for (week, lost) in group.weeks.iter().enumerate() {
                let inside = |x: f64| lost.best - 1e-9 <= x && x <= lost.worst + 1e-9;
                let drawn = lost.drawn;
                assert!(
                    [lost.centre, drawn.p05, drawn.p50, drawn.p95]
                        .into_iter()
                        .all(inside)
                        && drawn.p05 <= drawn.p50
                        && drawn.p50 <= drawn.p95,
                    "case {index}, group {g}, week {}: {lost:?}",
                    week + 1
                );
                weeks += 1;
                hit += usize::from(lost.centre > 1e-3);
            }
        }
        let rule =
            |wanted: fn(&Rule) -> bool| found.rules.iter().find(|r| wanted(&r.rule)).unwrap();
        let (best, worst) = (
            rule(|r| matches!(r, Rule::Best(_))),
            rule(|r| matches!(r, Rule::Worst)),
        );
        for rule in &found.rules {
            let pooled = matches!(rule.rule, Rule::Pooled);
            assert!(
                pooled || (best.output <= rule.output + 1e-6 && best.demand <= rule.demand + 1e-6),
                "case {index}: {:?}",
                found.rules
            );
            assert!(
                rule.output <= worst.output + 1e-9 && rule.demand <= worst.demand + 1e-9 || pooled,
                "case {index}: {:?}",
                found.rules
            );
        }
    }
    eprintln!("{weeks} weeks of groups, {hit} with a loss above 0.1 %");
    assert!(hit > weeks / 10);
}

fn larger_stop() {
    for index in 0..200 {
        let case = random::case("weekly larger", index);
        let ask = |severity| {
            let question = stop(severity, 2, 4, None);
            weekly(&case.economy, &question, &wide(), &how(4)).unwrap()
        };
        let (small, large) = (ask(exact(0.3)), ask(exact(0.9)));
        for (a, b) in small.whole.weeks.iter().zip(&large.whole.weeks) {
            assert!(
                a.best <= b.best + 1e-9 && a.worst <= b.worst + 1e-9,
                "case {index}: {a:?} {b:?}"
            );
        }
    }
}

/// Only what A delivers to B stops: C keeps all of its ore and its output.
fn one_buyer() {
    let economy = three();
    let found = weekly(
        &economy,
        &stop(exact(1.0), 4, 4, Some("B")),
        &assumed(exact(14.0)),
        &how(0),
    )
    .unwrap();
    let lost = |region: &str| {
        let at = economy.region(region).unwrap();
        found.regions[at].weeks[3].centre
    };
    // Alone B loses all in week 4 and C nothing; pooled, C's ore helps B. The centre is half-way.
    let (a, b, c) = (lost("A"), lost("B"), lost("C"));
    assert!(b >= 0.5 - 1e-9 && c < 0.5 && c < b, "{b} {c}");
    // A third of the ore went to B.
    assert!((a - 1.0 / 3.0).abs() < 1e-9, "{a}");
    for index in 0..200 {
        let case = random::case("weekly parted", index);
        let economy = &case.economy;
        let n = economy.len();
        let all: Vec<usize> = (0..n).collect();
        let parts = parted(economy, &all, Some("r1")).unwrap();
        let m = parts.economy.len();
        let (mut z, mut y) = (vec![0.0; n * n], vec![0.0; economy.y.len()]);
        for (i, of) in parts.of.iter().enumerate() {
            for (j, to) in parts.of.iter().enumerate() {
                z[of * n + to] += parts.economy.z[i * m + j];
            }
            let columns = economy.consumers.len();
            for c in 0..columns {
                y[of * columns + c] += parts.economy.y[i * columns + c];
            }
        }
        for (found, wanted) in z.iter().zip(&economy.z).chain(y.iter().zip(&economy.y)) {
            assert!(
                (found - wanted).abs() <= 1e-9 * wanted.max(1.0),
                "case {index}"
            );
        }
    }
}

fn threads() {
    let case = random::case("weekly threads", 3);
    let ask = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let question = stop(ranged(0.2, 0.6, 1.0), 3, 6, None);
        pool.install(|| weekly(&case.economy, &question, &wide(), &how(64)).unwrap())
    };
    assert_eq!(ask(1), ask(3));
}

fn order_of_rows() {
    for index in 0..50 {
        let economy = random::case("weekly order", index).economy;
        let n = economy.len();
        let label = |i: usize| {
            let (region, sector) = economy.label(i);
            (region.to_owned(), sector.to_owned())
        };
        let m = economy.consumers.len();
        let back = |i: usize| n - 1 - i;
        let turned = Economy::new(EconomyInput {
            industries: (0..n).map(|i| label(back(i))).collect(),
            z: (0..n * n)
                .map(|at| economy.z[back(at / n) * n + back(at % n)])
                .collect(),
            consumers: economy.consumers.clone(),
            y: (0..n * m)
                .map(|at| economy.y[back(at / m) * m + at % m])
                .collect(),
            x: None,
        })
        .unwrap();
        let ask = |economy: &Economy, industry: usize| {
            let mut question = stop(ranged(0.2, 0.6, 1.0), 2, 4, None);
            question.stops[0].industries = vec![industry];
            weekly(economy, &question, &wide(), &how(8)).unwrap()
        };
        let (a, b) = (ask(&economy, 0), ask(&turned, n - 1));
        for (a, b) in a.regions.iter().zip(&b.regions) {
            for (a, b) in a.weeks.iter().zip(&b.weeks) {
                let near = |x: f64, y: f64| (x - y).abs() < 1e-9;
                assert!(
                    near(a.best, b.best)
                        && near(a.centre, b.centre)
                        && near(a.worst, b.worst)
                        && near(a.drawn.p05, b.drawn.p05)
                        && near(a.drawn.p95, b.drawn.p95),
                    "case {index}: {a:?} {b:?}"
                );
            }
        }
    }
}

fn work_limit() {
    let question = stop(ranged(0.2, 0.6, 1.0), 3, 6, None);
    let found = weekly(
        &three(),
        &question,
        &wide(),
        &WeeklyParams {
            most_work: 1_000,
            ..how(1000)
        },
    )
    .unwrap();
    // Two links and three industries, seven steps of a week, two courses and the bounds: 105 for a draw.
    assert_eq!((found.days_in_step, found.draws), (7, 9));
}
