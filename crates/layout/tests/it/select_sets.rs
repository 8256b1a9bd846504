//! Whole sets: brute force over all sets, T35, limits, losses.

use layout::select::{
    Group, Performance, Samples, SelectParams, SetLimits, SetRule, select, select_samples, sets,
};
use libtest_mimic::Trial;
use model::{Basis, Criterion, Estimate, Industry, Seed};
use rand::RngExt;

use crate::{readable_refusal, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("select::best_sets_equal_brute_force", brute_force),
        trial("select::membership_without_limits_is_top_k", membership),
        trial(
            "select::acceptability_matches_brute_force_at_10000_draws",
            rank_stability,
        ),
        trial("select::limits_bind_and_impossible_ones_are_named", limits),
    ]
}

/// Every subset of the right size that keeps the rule, by bit masks.
fn best_by_force(rule: &SetRule, u: &[f64]) -> Option<f64> {
    (0_u32..1 << u.len())
        .filter(|mask| mask.count_ones() as usize == rule.size)
        .map(|mask| {
            (0..u.len())
                .filter(|i| mask >> i & 1 == 1)
                .collect::<Vec<_>>()
        })
        .filter(|set| {
            let groups = rule.most_of_group.iter().enumerate();
            rule.committed.iter().all(|i| set.contains(i))
                && !rule.vetoed.iter().any(|i| set.contains(i))
                && groups.into_iter().all(|(g, most)| {
                    set.iter().filter(|i| rule.group_of[**i] == Some(g)).count() <= *most
                })
        })
        .map(|set| set.iter().map(|i| u[*i]).sum())
        .reduce(f64::max)
}

fn brute_force() {
    let mut possible = 0;
    for case in 0..600 {
        let mut rng = Seed(11).stream("sets", case);
        let n = rng.random_range(3..9);
        let mut rule = SetRule::best(rng.random_range(1..n), n);
        rule.most_of_group = vec![rng.random_range(0..3), rng.random_range(1..3)];
        for group in &mut rule.group_of {
            *group = [None, Some(0), Some(1)][rng.random_range(0..3)];
        }
        if rng.random_bool(0.5) {
            rule.committed = vec![rng.random_range(0..n)];
        }
        if rng.random_bool(0.5) {
            rule.vetoed = vec![rng.random_range(0..n)];
        }
        let u: Vec<f64> = (0..n).map(|_| rng.random::<f64>() - 0.3).collect();
        let expected = best_by_force(&rule, &u);
        let found = rule
            .choose(&u)
            .map(|set| set.iter().map(|i| u[*i]).sum::<f64>());
        match (expected, found) {
            (Some(e), Some(f)) => {
                assert!((e - f).abs() < 1e-12, "case {case}");
                possible += 1;
            }
            (None, None) => {}
            other => panic!("case {case}: {other:?}"),
        }
    }
    assert!(possible > 200);
}

fn random_samples(n: usize, m: usize, draws: usize, index: u64) -> Samples {
    let mut rng = Seed(5).stream("samples", index);
    let x = (0..draws * n * m).map(|_| rng.random()).collect();
    let w = (0..draws)
        .flat_map(|_| {
            let e: Vec<f64> = (0..m).map(|_| -(1.0 - rng.random::<f64>()).ln()).collect();
            let sum: f64 = e.iter().sum();
            e.into_iter().map(move |e| e / sum).collect::<Vec<_>>()
        })
        .collect();
    Samples::new(n, m, x, w, Basis::Measured).unwrap()
}

fn names(n: usize, m: usize) -> (Vec<Industry>, Vec<Criterion>) {
    (
        (0..n).map(|i| format!("i{i}").into()).collect(),
        (0..m).map(|j| format!("k{j}").into()).collect(),
    )
}

fn membership() {
    let samples = random_samples(6, 3, 700, 1);
    let (a, c) = names(6, 3);
    let params = SelectParams {
        top: 3,
        ..SelectParams::default()
    };
    let s = select_samples(&a, &c, &samples, &params).unwrap();
    let mut all = 0.0;
    for candidate in &s.candidates {
        assert_eq!(
            candidate.membership.value,
            candidate.top_acceptability.value
        );
        all += candidate.membership.value;
    }
    assert!((all - 3.0).abs() < 1e-9);
    let total: f64 = s.sets.iter().map(|set| set.acceptability.value).sum();
    assert!((total - 1.0).abs() < 1e-9);
    // The most frequent set loses least or near it; no loss is negative, the chosen set's is a share.
    let rule = SetRule::best(3, 6);
    let found = sets(&samples, &|u| rule.choose(u), usize::MAX);
    for set in &found.sets {
        let loss = set.loss.unwrap();
        assert!(loss.value >= 0.0 && loss.low <= loss.value && loss.value <= loss.high);
    }
    let chosen = s.chosen_set.loss.unwrap().value;
    assert!(
        found
            .sets
            .iter()
            .all(|set| chosen <= set.loss.unwrap().value + 0.05)
    );
}

/// T35: weights ± 25 %, data by their error; the shares of 10,000 draws against an independent count of 400,000 draws from plain
/// loops with their own sampling, within one percentage point.
fn rank_stability() {
    let value = [
        [0.62, 0.40, 0.55],
        [0.50, 0.58, 0.52],
        [0.45, 0.47, 0.66],
        [0.70, 0.35, 0.41],
        [0.38, 0.60, 0.50],
    ];
    let error = 0.08;
    let (alternatives, criteria) = names(5, 3);
    let range = |x: f64| {
        Estimate::new(x, x - error, x + error, Basis::Judged)
            .unwrap()
            .into()
    };
    let performance = Performance {
        alternatives,
        criteria: criteria.clone(),
        cells: value
            .iter()
            .map(|row| row.iter().map(|x| range(*x)).collect())
            .collect(),
    };
    let centre = [0.4, 0.35, 0.25];
    let params = SelectParams {
        top: 2,
        draws: 10_000,
        weights: (criteria.into_iter().zip(centre))
            .map(|(criterion, w)| layout::select::WeightRange {
                criterion,
                low: w * 0.75,
                high: w * 1.25,
            })
            .collect(),
        ..SelectParams::default()
    };
    let s = select(&performance, &params, Seed(35)).unwrap();
    let mut rng = Seed(99).stream("plain", 0);
    let mut counts = [[0_u32; 5]; 5];
    let (mut best_pairs, trials) = (std::collections::BTreeMap::new(), 400_000);
    let mut done = 0;
    while done < trials {
        // Uniform on the plane Σ w = 1 within the box: two weights free, the third follows.
        let free = [0, 1].map(|j| centre[j] * (0.75 + 0.5 * rng.random::<f64>()));
        let last = 1.0 - free[0] - free[1];
        if !(centre[2] * 0.75..=centre[2] * 1.25).contains(&last) {
            continue;
        }
        done += 1;
        let w = [free[0], free[1], last];
        let u = value.map(|row| {
            let mut sum = 0.0;
            for (x, w) in row.iter().zip(w) {
                // The sum of two uniform numbers is triangular.
                let t: f64 = rng.random::<f64>() + rng.random::<f64>() - 1.0;
                sum += w * (x + error * t);
            }
            sum
        });
        let rank = |i: usize| u.iter().filter(|other| **other > u[i]).count();
        for (i, row) in counts.iter_mut().enumerate() {
            row[rank(i)] += 1;
        }
        let pair: Vec<usize> = (0..5).filter(|i| rank(*i) < 2).collect();
        *best_pairs.entry(pair).or_insert(0_u32) += 1;
    }
    for c in &s.candidates {
        let i: usize = c.industry.as_str()[1..].parse().unwrap();
        for (r, b) in c.rank_acceptability.iter().enumerate() {
            let expected = f64::from(counts[i][r]) / f64::from(trials);
            assert!(
                (b.value - expected).abs() < 0.0125,
                "{i} {r}: {b:?} {expected}"
            );
        }
        let top = f64::from(counts[i][0] + counts[i][1]) / f64::from(trials);
        assert!((c.top_acceptability.value - top).abs() < 0.0125);
    }
    for set in &s.sets {
        let members: Vec<usize> = set
            .industries
            .iter()
            .map(|i| i.as_str()[1..].parse().unwrap())
            .collect();
        let expected =
            f64::from(best_pairs.get(&members).copied().unwrap_or(0)) / f64::from(trials);
        assert!(
            (set.acceptability.value - expected).abs() < 0.0125,
            "{members:?}"
        );
    }
}

fn limits() {
    let samples = random_samples(5, 2, 300, 2);
    let (a, c) = names(5, 2);
    let mut params = SelectParams {
        top: 2,
        ..SelectParams::default()
    };
    params.limits.committed = vec!["i4".into()];
    params.limits.vetoed = vec!["i0".into()];
    let s = select_samples(&a, &c, &samples, &params).unwrap();
    assert!(
        s.sets
            .iter()
            .all(|set| set.industries.contains(&"i4".into())
                && !set.industries.contains(&"i0".into()))
    );
    let of = |id: &str| {
        s.candidates
            .iter()
            .find(|c| c.industry.as_str() == id)
            .unwrap()
    };
    assert_eq!(of("i4").membership.value, 1.0);
    assert_eq!(of("i0").membership.value, 0.0);
    let code = |limits: SetLimits| {
        let params = SelectParams {
            top: 2,
            limits,
            ..SelectParams::default()
        };
        let refusal = select_samples(&a, &c, &samples, &params).unwrap_err();
        readable_refusal(&refusal);
        refusal.code
    };
    let both = SetLimits {
        committed: vec!["i1".into()],
        vetoed: vec!["i1".into()],
        ..SetLimits::default()
    };
    assert_eq!(code(both), "select.no_set");
    let group = |members: [&str; 2]| Group {
        members: members.map(Industry::from).to_vec(),
        most: 1,
    };
    let overlapping = SetLimits {
        group: vec![group(["i1", "i2"]), group(["i2", "i3"])],
        ..SetLimits::default()
    };
    assert_eq!(code(overlapping), "select.overlapping_groups");
}
