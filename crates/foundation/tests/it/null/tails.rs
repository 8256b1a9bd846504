//! Tails of the Poisson-binomial and corrections for many tests, against exact arithmetic and brute force.

use foundation::null::false_discovery::{self, Correction, Tied};
use foundation::null::poisson_binomial::{
    Trials, mean, normal, poisson, refined_normal, right_tail, right_tails, survival,
};
use libtest_mimic::Trial;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::{close, golden, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial(
            "null::tails are exact down to 1e-300",
            exact_in_sixty_digits,
        ),
        trial("null::tails against all 2^n outcomes", all_outcomes),
        trial("null::tails both ways agree", both_ways),
        trial("null::tails certain and impossible trials", certain_trials),
        trial(
            "null::tails approximations are what they say",
            approximations,
        ),
        trial("null::false discovery against its definition", discoveries),
    ]
}

fn exact_in_sixty_digits() {
    let mut worst = [0.0_f64; 2];
    for row in golden("null_tails.csv") {
        let number = |k: usize| row[k].parse::<f64>().unwrap();
        let (low, high, groups, size) = (number(0), number(1), number(2), number(3) as u32);
        let trials: Vec<Trials> = (0..groups as u32)
            .map(|i| Trials {
                p: low + (high - low) * (f64::from(i) + 0.5) / groups,
                count: size,
            })
            .collect();
        let (k, wanted) = (number(4) as u32, number(5));
        let found = [survival(&trials)[k as usize], right_tail(&trials, k)];
        for (way, found) in found.into_iter().enumerate() {
            if wanted > 1e-300 {
                close(&format!("way {way}, {row:?}"), found, wanted, 1e-12);
                worst[way] = worst[way].max((found / wanted - 1.0).abs());
            } else {
                assert!(found <= 1e-300, "way {way}, {row:?}: {found:e}");
            }
        }
    }
    assert!(worst.iter().all(|w| *w > 0.0), "no tail was compared");
}

fn few_trials() -> impl Strategy<Value = Vec<Trials>> {
    let p = prop_oneof![0.0..1.0f64, 0.0..1e-6f64, Just(0.0), Just(1.0), Just(0.5)];
    proptest::collection::vec(
        (p, 1u32..3).prop_map(|(p, count)| Trials { p, count }),
        1..7,
    )
}

fn all_outcomes() {
    let mut runner = TestRunner::deterministic();
    runner
        .run(&few_trials(), |trials| {
            let single: Vec<f64> = trials
                .iter()
                .flat_map(|t| std::iter::repeat_n(t.p, t.count as usize))
                .collect();
            let n = single.len();
            let mut mass = vec![0.0; n + 1];
            for outcome in 0..1_u32 << n {
                let parts = single.iter().enumerate();
                let chance: f64 = parts
                    .map(|(i, p)| if outcome >> i & 1 == 1 { *p } else { 1.0 - p })
                    .product();
                mass[outcome.count_ones() as usize] += chance;
            }
            let table = survival(&trials);
            prop_assert_eq!(table.len(), n + 1);
            for k in 0..=n {
                let wanted: f64 = mass[k..].iter().rev().sum();
                let near = |found: f64| (found - wanted).abs() <= 1e-12 * wanted;
                prop_assert!(near(table[k]), "table {k}: {} {wanted}", table[k]);
                let one = right_tail(&trials, k as u32);
                prop_assert!(near(one), "one {k}: {one:e} {wanted:e}");
            }
            prop_assert_eq!(right_tail(&trials, n as u32 + 1), 0.0);
            Ok(())
        })
        .unwrap();
}

fn both_ways() {
    let mut runner = TestRunner::deterministic();
    let many = proptest::collection::vec(
        (0.0..1.0f64, 1u32..40).prop_map(|(p, count)| Trials { p: p * p, count }),
        1..30,
    );
    runner
        .run(&(many, 0.0..1.0f64), |(trials, place)| {
            let table = survival(&trials);
            let k = (place * table.len() as f64) as u32;
            let one = right_tail(&trials, k);
            let wanted = table[k as usize];
            if wanted > 1e-290 {
                prop_assert!(
                    (one / wanted - 1.0).abs() < 1e-11,
                    "{k}: {one:e} {wanted:e}"
                );
            }
            prop_assert_eq!(right_tails(&trials, &[k])[0].to_bits(), {
                let n: u32 = trials.iter().map(|t| t.count).sum();
                if f64::from(n).sqrt() < 16.0 {
                    wanted
                } else {
                    one
                }
                .to_bits()
            });
            prop_assert!(table.windows(2).all(|w| w[0] >= w[1]));
            // Σ_{k ≥ 1} P(X ≥ k) is the mean.
            let sum: f64 = table[1..].iter().sum();
            prop_assert!((sum - mean(&trials)).abs() <= 1e-10 * (1.0 + sum));
            Ok(())
        })
        .unwrap();
}

fn certain_trials() {
    let trials = [
        Trials { p: 1.0, count: 2 },
        Trials { p: 0.0, count: 3 },
        Trials { p: 0.25, count: 1 },
    ];
    for (k, wanted) in [(0, 1.0), (2, 1.0), (3, 0.25), (4, 0.0), (6, 0.0), (9, 0.0)] {
        assert!((right_tail(&trials, k) - wanted).abs() < 1e-15, "{k}");
        assert!(
            (right_tails(&trials, &[k])[0] - wanted).abs() < 1e-15,
            "{k}"
        );
    }
    assert_eq!(right_tail(&[], 0), 1.0);
    assert_eq!(right_tail(&[], 1), 0.0);
}

fn approximations() {
    // Rare events are nearly Poisson, many events nearly normal, and skewness is what the refinement repairs.
    let rare = [Trials {
        p: 1e-4,
        count: 20_000,
    }];
    for k in [0, 1, 2, 4, 8] {
        assert!(
            (poisson(&rare, k) - right_tail(&rare, k)).abs() < 1e-4,
            "{k}"
        );
    }
    let many = [
        Trials {
            p: 0.3,
            count: 2000,
        },
        Trials {
            p: 0.6,
            count: 1000,
        },
    ];
    let skew = [Trials {
        p: 0.03,
        count: 300,
    }];
    for (trials, ks) in [(&many[..], [1150, 1200, 1260]), (&skew[..], [6, 9, 14])] {
        for k in ks {
            let exact = right_tail(trials, k);
            let plain = (normal(trials, k) - exact).abs();
            let refined = (refined_normal(trials, k) - exact).abs();
            assert!(plain < 0.03 && refined < 0.003, "{k}: {plain} {refined}");
        }
    }
    let worst = |tail: fn(&[Trials], u32) -> f64| {
        (1..20)
            .map(|k| (tail(&skew, k) - right_tail(&skew, k)).abs())
            .fold(0.0, f64::max)
    };
    assert!(worst(refined_normal) < worst(normal) / 3.0);
    // Poisson has the larger variance: beyond the mean its tail is the larger one.
    assert!(poisson(&many, 1300) > 10.0 * right_tail(&many, 1300));
    assert_eq!(poisson(&[Trials { p: 0.0, count: 4 }], 1), 0.0);
    assert_eq!(normal(&[Trials { p: 0.0, count: 4 }], 1), 0.0);
}

fn discoveries() {
    let mut runner = TestRunner::deterministic();
    let p = prop_oneof![0.0..1.0f64, 0.0..0.01f64, Just(0.02)];
    let cases = (proptest::collection::vec(p, 1..30), 0u64..20, 0.001..0.2f64);
    runner
        .run(&cases, |(p, unseen, alpha)| {
            let n = p.len() as u64 + unseen;
            let mut sorted = p.clone();
            sorted.sort_by(f64::total_cmp);
            let tied: Vec<Tied> = sorted.iter().map(|p| Tied { p: *p, times: 1 }).collect();
            // By the definition: the largest rank whose p-value is below its line.
            let passes = |i: &usize| sorted[*i] <= alpha * (i + 1) as f64 / n as f64;
            let wanted = (0..p.len()).rev().find(passes).map(|i| sorted[i]);
            let fdr = Correction::FalseDiscoveryRate;
            prop_assert_eq!(false_discovery::threshold(&tied, n, alpha, fdr), wanted);
            let q = false_discovery::adjust(&p, n, fdr);
            for (p, q) in p.iter().zip(&q) {
                if (q - alpha).abs() > 1e-12 {
                    prop_assert_eq!(wanted.is_some_and(|limit| *p <= limit), *q <= alpha);
                }
                prop_assert!(*q >= *p && *q <= 1.0);
            }
            let bonferroni = false_discovery::threshold(&tied, n, alpha, Correction::Bonferroni);
            prop_assert_eq!(
                bonferroni,
                sorted.iter().copied().rfind(|p| *p <= alpha / n as f64)
            );
            prop_assert!(bonferroni <= wanted);
            prop_assert!(wanted <= false_discovery::threshold(&tied, n, alpha, Correction::None));
            Ok(())
        })
        .unwrap();
    // By hand (Benjamini and Hochberg): 4 tests at 0.05, lines 0.0125, 0.025, 0.0375, 0.05.
    let q = false_discovery::adjust(&[0.03, 0.01, 0.04, 0.9], 4, Correction::FalseDiscoveryRate);
    for (found, wanted) in q.iter().zip([0.16 / 3.0, 0.04, 0.16 / 3.0, 0.9]) {
        assert!((found - wanted).abs() < 1e-15, "{q:?}");
    }
}
