//! What people say about weights: exact samplers, the walk, and contradictions in words.

use layout::select::{Exact, Said, Sampler, SelectParams, Side, Statement, WeightRange, weights};
use libtest_mimic::Trial;
use model::{Criterion, Seed};
use rand::RngExt;

use crate::{known_code, readable, readable_refusal, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("select::orders_and_ratios_are_exact", exact),
        trial("select::the_walk_matches_plain_rejection", walk),
        trial("select::a_thin_region_in_many_dimensions_mixes", thin),
        trial("select::statements_hold_in_every_draw", hold),
        trial(
            "select::contradictions_are_minimal_and_named",
            contradictions,
        ),
        trial("select::conflicts_equal_brute_force", minimal),
        trial("select::order_of_statements_does_not_matter", order),
    ]
}

fn criteria(m: usize) -> Vec<Criterion> {
    (0..m)
        .map(|j| Criterion::from(format!("k{j:02}")))
        .collect()
}

fn side(j: usize) -> Side {
    Side::One(criteria(40)[j].clone())
}

fn more(a: usize, b: usize) -> Said {
    Said {
        more: Some(side(a)),
        than: Some(side(b)),
        ..Said::default()
    }
}

fn at_least(a: usize, times: f64, b: usize) -> Said {
    Said {
        times_at_least: Some(times),
        ..more(a, b)
    }
}

fn between(j: usize, low: f64, high: f64) -> Said {
    Said {
        weight: Some(side(j)),
        at_least: Some(low),
        at_most: Some(high),
        ..Said::default()
    }
}

fn params(statements: Vec<Said>, draws: usize) -> SelectParams {
    SelectParams {
        statements,
        draws,
        ..SelectParams::default()
    }
}

fn drawn(m: usize, statements: Vec<Said>, draws: usize) -> (Vec<f64>, Sampler) {
    weights(&criteria(m), &params(statements, draws), Seed(4)).unwrap()
}

fn mean(w: &[f64], m: usize, j: usize) -> f64 {
    w.iter().skip(j).step_by(m).sum::<f64>() / (w.len() / m) as f64
}

/// A full order of 6: the mean is the rank-order centroid (Barron & Barrett 1996), (1/6) Σ_{s>=r} 1/s. A chain of ratios
/// w0 >= 2 w1, w1 >= 2 w2 has the corners (1,0,0), (2,1,0)/3, (4,2,1)/7: the mean is their mean.
fn exact() {
    let order = Said {
        order: Some((0..6).map(side).collect()),
        ..Said::default()
    };
    let (w, sampler) = drawn(6, vec![order], 40_000);
    assert_eq!(sampler, Sampler::Exact(Exact::Simplex));
    for r in 1..=6 {
        let expected = (r..=6).map(|s| 1.0 / f64::from(s)).sum::<f64>() / 6.0;
        assert!((mean(&w, 6, r as usize - 1) - expected).abs() < 0.003);
    }
    let (w, sampler) = drawn(3, vec![at_least(0, 2.0, 1), at_least(1, 2.0, 2)], 40_000);
    assert_eq!(sampler, Sampler::Exact(Exact::Simplex));
    let expected = [
        (1.0 + 2.0 / 3.0 + 4.0 / 7.0) / 3.0,
        (1.0 / 3.0 + 2.0 / 7.0) / 3.0,
        (1.0 / 7.0) / 3.0,
    ];
    for (j, e) in expected.into_iter().enumerate() {
        assert!((mean(&w, 3, j) - e).abs() < 0.003);
    }
    known_code(sampler.code());
}

/// Eight criteria, a region of less than 1 in 100: plain rejection in the test against the library's walk.
fn walk() {
    let m = 8;
    let said = vec![
        more(0, 1),
        more(1, 2),
        more(3, 2),
        at_least(0, 1.5, 4),
        between(0, 0.2, 0.23),
        between(5, 0.05, 0.3),
    ];
    let (w, sampler) = drawn(m, said, 20_000);
    let Sampler::HitAndRun(mixing) = sampler else {
        panic!("{sampler:?}");
    };
    assert!(
        mixing.r_hat < 1.01 && mixing.effective_draws > 15_000.0,
        "{mixing:?}"
    );
    let mut rng = Seed(77).stream("plain", 0);
    let mut kept = Vec::new();
    while kept.len() < 20_000 * m {
        let e: Vec<f64> = (0..m).map(|_| -(1.0 - rng.random::<f64>()).ln()).collect();
        let sum: f64 = e.iter().sum();
        let w: Vec<f64> = e.iter().map(|e| e / sum).collect();
        if w[0] > w[1]
            && w[1] > w[2]
            && w[3] > w[2]
            && w[0] >= 1.5 * w[4]
            && (0.2..=0.23).contains(&w[0])
            && (0.05..=0.3).contains(&w[5])
        {
            kept.extend(w);
        }
    }
    for j in 0..m {
        let (a, b) = (mean(&w, m, j), mean(&kept, m, j));
        assert!((a - b).abs() < 0.002, "criterion {j}: {a} {b}");
        let second = |w: &[f64]| {
            let squares: Vec<f64> = w.iter().map(|w| w * w).collect();
            mean(&squares, m, j)
        };
        assert!((second(&w) - second(&kept)).abs() < 0.002);
    }
}

/// Twenty criteria in two groups weighed against each other within a hair, one range 0.001 wide.
fn thin() {
    let m = 20;
    let half =
        |from: usize| Side::Together((from..from + 10).map(|j| criteria(m)[j].clone()).collect());
    let balance = Said {
        more: Some(half(0)),
        than: Some(half(10)),
        times_at_least: Some(1.0),
        times_at_most: Some(1.002),
        ..Said::default()
    };
    let said = vec![balance, between(3, 0.05, 0.051), more(7, 12), more(8, 12)];
    let (w, sampler) = drawn(m, said, 4_000);
    let Sampler::HitAndRun(mixing) = sampler else {
        panic!("{sampler:?}");
    };
    assert!(
        mixing.r_hat < 1.02 && mixing.effective_draws > 2_000.0,
        "{mixing:?}"
    );
    // By symmetry: nothing tells 0, 1, 2 apart, nor 13 to 19.
    for (a, b) in [(0, 1), (1, 2), (13, 19), (7, 8)] {
        assert!((mean(&w, m, a) - mean(&w, m, b)).abs() < 0.004);
    }
    let first: f64 = (0..10).map(|j| mean(&w, m, j)).sum();
    assert!((first - 0.500_25).abs() < 1e-4, "{first}");
    known_code(sampler.code());
}

fn hold() {
    for case in 0..40 {
        let mut rng = Seed(8).stream("hold", case);
        let m = rng.random_range(2..7);
        // Statements about a hidden point, so that they can be kept.
        let hidden: Vec<f64> = {
            let e: Vec<f64> = (0..m).map(|_| 0.05 + rng.random::<f64>()).collect();
            let sum: f64 = e.iter().sum();
            e.iter().map(|e| e / sum).collect()
        };
        let mut said = Vec::new();
        for _ in 0..rng.random_range(1..5) {
            let (a, b) = (rng.random_range(0..m), rng.random_range(0..m));
            let (a, b) = if hidden[a] >= hidden[b] {
                (a, b)
            } else {
                (b, a)
            };
            if a != b && rng.random_bool(0.6) {
                said.push(more(a, b));
            } else {
                said.push(between(a, hidden[a] * 0.9, (hidden[a] * 1.1).min(1.0)));
            }
        }
        let (w, _) = drawn(m, said.clone(), 200);
        for w in w.chunks(m) {
            assert!((w.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            assert!(w.iter().all(|w| *w >= 0.0));
            for s in &said {
                let at = |side: &Side| -> f64 {
                    (side.criteria().iter())
                        .map(|c| w[c.as_str()[1..].parse::<usize>().unwrap()])
                        .sum()
                };
                match s.statement().unwrap() {
                    Statement::More { more, than } => assert!(at(&more) >= at(&than) - 1e-9),
                    Statement::Range { weight, low, high } => {
                        assert!(at(&weight) >= low - 1e-9 && at(&weight) <= high + 1e-9);
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
    }
}

fn refused(m: usize, p: &SelectParams) -> (String, String) {
    let refusal = weights(&criteria(m), p, Seed(1)).unwrap_err();
    (refusal.code.clone(), readable_refusal(&refusal))
}

fn contradictions() {
    // Of five statements, the circle of three is the conflict.
    let p = params(
        vec![
            more(0, 1),
            between(3, 0.1, 0.4),
            more(1, 2),
            more(3, 0),
            more(2, 0),
        ],
        10,
    );
    let (code, words) = refused(4, &p);
    assert_eq!(code, "select.conflicting_statements");
    assert!(words.contains("these 3 statements"), "{words}");
    for part in [
        "k00 matters more than k01",
        "k01 matters more than k02",
        "k02 matters more than k00",
    ] {
        assert!(words.contains(part), "{words}");
    }
    // A range of the table of weights takes part: k0 >= 0.5 and three times k0 for k1 leave no room.
    let mut p = params(vec![at_least(1, 3.0, 0)], 10);
    p.weights = vec![WeightRange {
        criterion: "k00".into(),
        low: 0.5,
        high: 1.0,
    }];
    let (code, words) = refused(3, &p);
    assert_eq!(code, "select.conflicting_statements");
    assert!(words.contains("at least 3 times"), "{words}");
    let (code, _) = refused(2, &params(vec![more(0, 5)], 10));
    assert_eq!(code, "select.unusable_statement");
    let (code, _) = refused(2, &params(vec![more(1, 1)], 10));
    assert_eq!(code, "select.unusable_statement");
    let (code, _) = refused(2, &params(vec![Said::default()], 10));
    assert_eq!(code, "select.unreadable_statement");
    for statement in [
        Statement::Equal(vec![side(0), side(1)]),
        Statement::Times {
            more: side(0),
            than: side(1),
            low: 0.0,
            high: Some(2.0),
        },
        Statement::Times {
            more: side(0),
            than: side(1),
            low: 1.0,
            high: Some(2.0),
        },
        Statement::Order(vec![side(0), side(1)]),
    ] {
        readable(&statement.words());
    }
}

/// Pairwise statements alone conflict exactly where they hold a circle: a depth-first search in the test, over random graphs.
/// The named set has to be one circle: every criterion in it once on each side.
fn minimal() {
    let mut conflicts = 0;
    for case in 0..60 {
        let mut rng = Seed(21).stream("graphs", case);
        let m = 6;
        let mut said: Vec<(usize, usize)> = (0..rng.random_range(3..10))
            .map(|_| (rng.random_range(0..m), rng.random_range(0..m)))
            .filter(|(a, b)| a != b)
            .collect();
        said.sort_unstable();
        said.dedup();
        let mut reach = vec![vec![false; m]; m];
        for (a, b) in &said {
            reach[*a][*b] = true;
        }
        for k in 0..m {
            for a in 0..m {
                for b in 0..m {
                    reach[a][b] |= reach[a][k] && reach[k][b];
                }
            }
        }
        let circle = (0..m).any(|a| reach[a][a]);
        let p = params(said.iter().map(|(a, b)| more(*a, *b)).collect(), 5);
        match weights(&criteria(m), &p, Seed(1)) {
            Ok(_) => assert!(!circle, "case {case}"),
            Err(refusal) => {
                assert!(circle, "case {case}");
                conflicts += 1;
                let words = readable_refusal(&refusal);
                let count = words.matches("matters more than").count();
                for j in 0..m {
                    let gives = words.matches(&format!("k{j:02} matters more")).count();
                    let takes = words.matches(&format!("more than k{j:02}")).count();
                    assert!(gives <= 1 && gives == takes, "{words}");
                }
                assert!(count >= 2);
            }
        }
    }
    assert!(conflicts > 10);
}

fn order() {
    let said = vec![
        more(0, 1),
        more(1, 2),
        between(0, 0.3, 0.6),
        between(2, 0.05, 0.2),
        more(3, 2),
    ];
    let mut turned = said.clone();
    turned.reverse();
    for draws in [500, 501] {
        assert_eq!(
            drawn(4, said.clone(), draws),
            drawn(4, turned.clone(), draws)
        );
    }
}
