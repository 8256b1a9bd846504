//! Validated projections against the peer, pair by pair, and under the null model itself.

use foundation::activity::ActivityTable;
use foundation::null::NullError;
use foundation::null::bicm::Bicm;
use foundation::null::ensemble;
use foundation::null::false_discovery::{self, Correction};
use foundation::null::poisson_binomial::{Trials, right_tail};
use foundation::null::validated::{self, Link, Params, Projection, Tail};
use foundation::presence::Presence;
use libtest_mimic::Trial;
use model::Seed;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::{golden_presence, random_presence, solved};
use crate::{golden, shared, trial, trial_on_shared};

const TRADE: &str = "trade/world_trade_avg_1998_to_2000.csv";

pub fn trials() -> Vec<Trial> {
    vec![
        trial(
            "null::validated p-values and links are those of bicm 3.4.0",
            those_of_the_peer,
        ),
        trial(
            "null::validated against every pair on its own",
            pair_by_pair,
        ),
        trial(
            "null::validated across layers against every pair on its own",
            across_pair_by_pair,
        ),
        trial(
            "null::validated does not depend on threads or order",
            threads_and_order,
        ),
        trial(
            "null::validated finds little where only chance is at work",
            under_the_null,
        ),
        trial("null::validated refuses a matrix without freedom", refusals),
        trial(
            "null::ensemble agrees with the exact answer",
            samples_and_exact,
        ),
        trial_on_shared(
            "null::validated links of SITC4 are those of bicm 3.4.0",
            TRADE,
            links_of_trade,
        ),
    ]
}

fn with(alpha: f64, correction: Correction, tail: Tail) -> Params {
    Params {
        alpha,
        correction,
        tail,
    }
}

fn those_of_the_peer() {
    let fdr = Correction::FalseDiscoveryRate;
    for table in ["nested", "flat"] {
        let (m, _) = golden_presence(table);
        for side in ["activities", "locations"] {
            let (m, null) = match side {
                "activities" => (m.clone(), solved(&m)),
                _ => (m.transposed(), solved(&m).transposed()),
            };
            let links = |tail| {
                let found = validated::activities(&m, &null, &with(0.05, fdr, tail)).unwrap();
                found.links
            };
            let (exact, poisson) = (links(Tail::Exact), links(Tail::Poisson));
            let all = validated::activities(&m, &null, &with(0.5, Correction::None, Tail::Poisson));
            let all = all.unwrap().links;
            let mut pairs = 0;
            for row in golden("null_projection.csv") {
                if &row[0] != table || &row[1] != side {
                    continue;
                }
                pairs += 1;
                let [a, b, count] = [2, 3, 4].map(|k| row[k].parse::<usize>().unwrap());
                assert_eq!(m.both_activities(a, b) as usize, count);
                let p = right_tail(&trials_of(&null, a, &null, b), count as u32);
                let wanted: f64 = row[5].parse().unwrap();
                assert!((p - wanted).abs() < 1e-12, "{row:?}: {p:e}");
                let pick = |links: &[Link]| {
                    let place = |l: &Link| (l.a, l.b) == (a as u32, b as u32);
                    links.iter().copied().find(place)
                };
                if let Some(link) = pick(&all) {
                    let wanted: f64 = row[6].parse().unwrap();
                    assert!(
                        (link.p / wanted - 1.0).abs() < 1e-11,
                        "{row:?}: {:e}",
                        link.p
                    );
                }
                assert_eq!(pick(&exact).is_some(), &row[7] == "1", "{row:?}");
                assert_eq!(pick(&poisson).is_some(), &row[8] == "1", "{row:?}");
            }
            assert_eq!(pairs, m.activities() * (m.activities() - 1) / 2);
        }
    }
}

fn trials_of(first: &Bicm, a: usize, second: &Bicm, b: usize) -> Vec<Trials> {
    (0..first.locations().of().len())
        .map(|l| Trials {
            p: first.probability(l, a) * second.probability(l, b),
            count: 1,
        })
        .collect()
}

/// Every pair, every p-value, sorted and cut by the definitions.
fn by_definition(pairs: &[(u32, u32, u32, Vec<Trials>)], params: &Params) -> Vec<Link> {
    let p: Vec<f64> = pairs.iter().map(|x| right_tail(&x.3, x.2)).collect();
    let q = false_discovery::adjust(&p, p.len() as u64, params.correction);
    pairs
        .iter()
        .zip(p.iter().zip(q))
        .filter(|(_, (_, q))| *q <= params.alpha)
        .map(|((a, b, count, trials), (p, q))| Link {
            a: *a,
            b: *b,
            count: *count,
            expected: trials.iter().map(|t| t.p).sum(),
            p: *p,
            q,
        })
        .collect()
}

fn same(found: &Projection, wanted: &[Link]) -> Result<(), TestCaseError> {
    let places = |links: &[Link]| {
        links
            .iter()
            .map(|l| (l.a, l.b, l.count))
            .collect::<Vec<_>>()
    };
    prop_assert_eq!(places(&found.links), places(wanted));
    for (f, w) in found.links.iter().zip(wanted) {
        let close = |x: f64, y: f64| (x - y).abs() <= 1e-9 * y.abs();
        prop_assert!(close(f.p, w.p) && close(f.q, w.q) && close(f.expected, w.expected));
        prop_assert!(found.threshold.is_some_and(|limit| f.p <= limit));
    }
    Ok(())
}

const CORRECTIONS: [Correction; 3] = [
    Correction::FalseDiscoveryRate,
    Correction::Bonferroni,
    Correction::None,
];

/// Two blocks on top of nested margins, so that there is something to find.
fn with_blocks(locations: usize, activities: usize, seed: u64) -> Presence {
    let m = random_presence(locations, activities, seed);
    Presence::from_fn(locations, activities, |l, a| {
        if (l * 7 + a * 3) % 4 == 0 {
            m.get(l, a)
        } else {
            l % 2 == a % 2
        }
    })
}

fn pair_by_pair() {
    let mut runner = TestRunner::deterministic();
    let cases = (
        2usize..25,
        2usize..25,
        any::<u64>(),
        0usize..3,
        0.003..0.4f64,
    );
    runner
        .run(&cases, |(l, a, seed, correction, alpha)| {
            let m = with_blocks(l, a, seed);
            let null = solved(&m);
            if null.forced() == l * a {
                return Ok(());
            }
            let params = with(alpha, CORRECTIONS[correction], Tail::Exact);
            let n = a as u32;
            let pairs: Vec<_> = (0..n)
                .flat_map(|x| (x + 1..n).map(move |y| (x, y)))
                .map(|(x, y)| {
                    let (i, j) = (x as usize, y as usize);
                    (x, y, m.both_activities(i, j), trials_of(&null, i, &null, j))
                })
                .collect();
            let found = validated::activities(&m, &null, &params).unwrap();
            prop_assert_eq!(found.tests as usize, pairs.len());
            same(&found, &by_definition(&pairs, &params))?;
            let turned = validated::locations(&m.transposed(), &null.transposed(), &params);
            prop_assert_eq!(turned.unwrap(), found);
            Ok(())
        })
        .unwrap();
    // The property would be empty if nothing were ever found.
    let m = with_blocks(60, 24, 1);
    let found = validated::activities(&m, &solved(&m), &Params::default()).unwrap();
    assert!(found.links.len() > 10, "{}", found.links.len());
}

fn across_pair_by_pair() {
    let mut runner = TestRunner::deterministic();
    let cases = (3usize..60, 2usize..15, 2usize..15, any::<u64>(), 0usize..3);
    runner
        .run(&cases, |(l, a, b, seed, correction)| {
            let (first, second) = (with_blocks(l, a, seed), with_blocks(l, b, seed ^ 1));
            let (one, two) = (solved(&first), solved(&second));
            if one.forced() == l * a || two.forced() == l * b {
                return Ok(());
            }
            let params = with(0.1, CORRECTIONS[correction], Tail::Exact);
            let pairs: Vec<_> = (0..a)
                .flat_map(|x| (0..b).map(move |y| (x, y)))
                .map(|(x, y)| {
                    let both = (0..l)
                        .filter(|l| first.get(*l, x) && second.get(*l, y))
                        .count();
                    let expected = ensemble::expected_across(&one, x, &two, y);
                    let trials = trials_of(&one, x, &two, y);
                    assert!((expected - trials.iter().map(|t| t.p).sum::<f64>()).abs() < 1e-12);
                    (x as u32, y as u32, both as u32, trials)
                })
                .collect();
            let found = validated::across((&first, &one), (&second, &two), &params).unwrap();
            prop_assert_eq!(found.tests as usize, a * b);
            same(&found, &by_definition(&pairs, &params))
        })
        .unwrap();
}

fn threads_and_order() {
    let m = with_blocks(70, 90, 3);
    let null = solved(&m);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let links = validated::activities(&m, &null, &Params::default()).unwrap();
            let sampled = ensemble::exceedance(&[300.0, 1.0], 50, |index| {
                let sample = null.sample(Seed(1), index);
                vec![
                    sample.links() as f64 / 7.0,
                    f64::from(sample.both_activities(0, 1)) / 3.0,
                ]
            });
            (links, sampled)
        })
    };
    let one = run(1);
    assert_eq!(one, run(3));
    // Activities turned round: the same links under their new numbers, to the bit.
    let turned = Presence::from_fn(70, 90, |l, a| m.get(l, 89 - a));
    let again = validated::activities(&turned, &solved(&turned), &Params::default()).unwrap();
    let mut back: Vec<Link> = again
        .links
        .iter()
        .map(|l| Link {
            a: 89 - l.b,
            b: 89 - l.a,
            ..*l
        })
        .collect();
    back.sort_by_key(|l| (l.a, l.b));
    assert_eq!(back, one.0.links);
    assert!(!back.is_empty());
}

/// Samples of the null model, each tested against that model: no more is accepted than α allows.
fn under_the_null() {
    let null = solved(&random_presence(30, 25, 11));
    let draws = 400;
    let (mut accepted, mut any) = (0, 0);
    let mut tests = 0;
    for index in 0..draws {
        let sample = null.sample(Seed(2), index);
        let run = |correction| {
            validated::activities(&sample, &null, &with(0.05, correction, Tail::Exact)).unwrap()
        };
        let plain = run(Correction::None);
        accepted += plain.links.len() as u64;
        tests += plain.tests;
        any += u64::from(!run(Correction::FalseDiscoveryRate).links.is_empty());
    }
    let share = accepted as f64 / tests as f64;
    // Counts are discrete, so that the share lies below 5 %; but not far, or the tails would be too large.
    assert!(share > 0.015 && share < 0.052, "{share}");
    let standard_error = (0.05 * 0.95 / draws as f64).sqrt();
    let any = any as f64 / draws as f64;
    assert!(any <= 0.05 + 3.0 * standard_error, "{any}");
}

fn refusals() {
    let nested = Presence::from_fn(5, 6, |l, a| l + a < 6);
    let Err(NullError::Refused(refusal)) =
        validated::activities(&nested, &solved(&nested), &Params::default())
    else {
        panic!("one matrix only");
    };
    assert_eq!(refusal.code, "null.no_freedom");
    let m = random_presence(10, 12, 1);
    let null = solved(&m);
    for alpha in [0.0, 0.6, f64::NAN] {
        let params = with(alpha, Correction::None, Tail::Exact);
        let found = validated::activities(&m, &null, &params);
        assert!(matches!(found, Err(NullError::Parameter { .. })), "{alpha}");
    }
    let other = random_presence(10, 11, 1);
    let found = validated::activities(&other, &null, &Params::default());
    assert!(matches!(found, Err(NullError::Shape { .. })));
    let fewer = random_presence(9, 11, 1);
    let found = validated::across((&m, &null), (&fewer, &solved(&fewer)), &Params::default());
    assert!(matches!(found, Err(NullError::Shape { .. })));
}

fn samples_and_exact() {
    let m = with_blocks(20, 12, 9);
    let null = solved(&m);
    let pairs: Vec<(usize, usize)> = (0..12)
        .flat_map(|a| (a + 1..12).map(move |b| (a, b)))
        .collect();
    let counts = |m: &Presence| -> Vec<f64> {
        let both = |(a, b): &(usize, usize)| f64::from(m.both_activities(*a, *b));
        pairs.iter().map(both).collect()
    };
    let draws = 4000;
    let observed = counts(&m);
    let found = ensemble::exceedance(&observed, draws, |index| {
        counts(&null.sample(Seed(3), index))
    });
    for ((a, b), (count, sampled)) in pairs.iter().zip(observed.iter().zip(&found)) {
        let trials = trials_of(&null, *a, &null, *b);
        let p = right_tail(&trials, *count as u32);
        let error = (p * (1.0 - p) / f64::from(draws)).sqrt() + 1.0 / f64::from(draws);
        assert!(
            (sampled.p - p).abs() < 5.0 * error,
            "{a} {b}: {} {p}",
            sampled.p
        );
        let variance: f64 = trials.iter().map(|t| t.p * (1.0 - t.p)).sum();
        let expected = ensemble::expected_both_activities(&null, *a, *b);
        let error = (variance / f64::from(draws)).sqrt();
        assert!((sampled.mean - expected).abs() < 5.0 * error, "{a} {b}");
    }
    let across = null.transposed();
    assert!(
        (ensemble::expected_both_locations(&null, 2, 5)
            - ensemble::expected_both_activities(&across, 2, 5))
        .abs()
            < 1e-12
    );
    // Nothing drawn: p = 1, and no mean.
    let none = ensemble::exceedance(&[1.0], 0, |_| vec![0.0]);
    assert!(none[0].p == 1.0 && none[0].mean.is_nan());
}

fn links_of_trade() {
    let mut rows = Vec::new();
    for record in csv::Reader::from_path(shared(TRADE)).unwrap().records() {
        let record = record.unwrap();
        rows.push((
            record[0].to_owned(),
            record[1].to_owned(),
            record[2].parse().unwrap(),
        ));
    }
    let rows = rows
        .iter()
        .map(|(l, a, v): &(String, String, f64)| (l.as_str(), a.as_str(), *v));
    let table = ActivityTable::from_rows(rows).unwrap();
    let (by_location, by_activity) = (table.location_totals(), table.activity_totals());
    let world: f64 = by_location.iter().sum();
    let m = Presence::from_fn(by_location.len(), by_activity.len(), |l, a| {
        table.value(l, a) / by_location[l] / (by_activity[a] / world) >= 1.0
    });
    let null = solved(&m);
    let mut compared = 0;
    for row in golden("null_shared.csv") {
        let tail = if &row[1] == "poisson" {
            Tail::Poisson
        } else {
            Tail::Exact
        };
        let params = with(0.01, Correction::FalseDiscoveryRate, tail);
        let found = match &row[0] {
            "locations" => validated::locations(&m, &null, &params),
            _ => validated::activities(&m, &null, &params),
        };
        let links = found.unwrap().links;
        let sum: u64 = links
            .iter()
            .map(|l| u64::from(l.a) * 1000 + u64::from(l.b))
            .sum();
        let found = [m.links() as u64, links.len() as u64, sum];
        assert_eq!(
            found,
            [2, 3, 4].map(|k| row[k].parse::<u64>().unwrap()),
            "{row:?}"
        );
        compared += 1;
    }
    assert_eq!(compared, 4);
}
