//! Cross-impact balances: the published example, brute force, ranges, choice and contradictions.

use std::collections::BTreeSet;

use layout::cross_impact::{
    CrossImpacts, Firmness, Impact, ImpactProblem, Judged, Scenario, consistent, contradictions,
    distance, diverse, readings,
};
use libtest_mimic::Trial;
use model::{Basis, Estimate, Seed};
use rand::RngExt;

use crate::{known_code, readable, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("cross_impact::balances_of_the_published_example", balances),
        trial(
            "cross_impact::the_published_example_has_ten_consistent_scenarios",
            ten,
        ),
        trial("cross_impact::equal_to_trying_all_scenarios", exhaustively),
        trial("cross_impact::a_search_that_stops_says_so", stopped),
        trial(
            "cross_impact::a_constant_added_to_a_judgment_group_changes_nothing",
            shifted,
        ),
        trial("cross_impact::order_of_rows_plays_no_part", permuted),
        trial(
            "cross_impact::firmness_is_what_the_corner_matrices_say",
            firmness,
        ),
        trial("cross_impact::shares_do_not_depend_on_threads", threads),
        trial("cross_impact::choice_is_the_most_diverse_one", most_diverse),
        trial("cross_impact::contradictions_by_hand", contradicting),
        trial("cross_impact::unusable_judgments_are_all_named", unusable),
    ]
}

/// "Somewhereland", the example of the manual of ScenarioWizard (Weimer-Jehle 2013, figures 2-2 and 2-3): rows of
/// judgments on the states of all other descriptors.
const SIZES: [(&str, usize); 6] = [("A", 3), ("B", 3), ("C", 3), ("D", 2), ("E", 3), ("F", 3)];
const SOMEWHERELAND: [[i32; 17]; 17] = {
    // The blocks of a descriptor on itself are empty.
    const O: i32 = 0;
    [
        [O, O, O, -2, 1, 1, 0, 0, 0, 0, 0, -2, 1, 1, 0, 0, 0],
        [O, O, O, 2, 1, -3, -2, -1, 3, -2, 2, 0, 0, 0, 2, -1, -1],
        [O, O, O, 0, 0, 0, 0, 2, -2, 3, -3, 2, -1, -1, -2, 2, 0],
        [0, 0, 0, O, O, O, -2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, O, O, O, 0, 1, -1, 0, 0, 1, 0, -1, 0, 0, 0],
        [3, -1, -2, O, O, O, 3, 0, -3, 0, 0, 3, -1, -2, -2, 1, 1],
        [2, 1, -3, 0, 0, 0, O, O, O, -2, 2, -3, 1, 2, 0, 0, 0],
        [-1, 2, -1, 0, 0, 0, O, O, O, 0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, O, O, O, -2, 2, 3, -1, -2, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0, 0, O, O, 3, -1, -2, -2, 1, 1],
        [0, -3, 3, 0, 0, 0, 0, 0, 0, O, O, -3, 1, 2, 2, -1, -1],
        [0, 0, 0, 0, 0, 0, -2, -1, 3, 0, 0, O, O, O, 2, -1, -1],
        [0, 0, 0, -1, 0, 1, 1, 1, -2, 0, 0, O, O, O, -1, 0, 1],
        [2, -1, -1, -3, 1, 2, 3, 0, -3, 0, 0, O, O, O, -2, -1, 3],
        [0, 3, -3, 0, 0, 0, -3, 0, 3, -3, 3, -2, 1, 1, O, O, O],
        [1, -2, 1, 0, 0, 0, -1, 2, -1, 2, -2, 2, -1, -1, O, O, O],
        [0, 0, 0, 0, 0, 0, -1, 2, -1, 1, -1, 2, -1, -1, O, O, O],
    ]
};

type Named = (String, String);

fn states(sizes: &[(&str, usize)]) -> Vec<Named> {
    sizes
        .iter()
        .flat_map(|(d, n)| (1..=*n).map(move |s| ((*d).to_owned(), format!("{d}{s}"))))
        .collect()
}

fn exact(x: f64) -> Estimate {
    Estimate::exact(x, Basis::Judged)
}

fn somewhereland() -> CrossImpacts {
    let names = states(&SIZES);
    let mut impacts = Vec::new();
    for (from, row) in names.iter().zip(SOMEWHERELAND) {
        for (to, impact) in names.iter().zip(row) {
            if from.0 != to.0 {
                impacts.push(Impact {
                    from: from.clone(),
                    to: to.clone(),
                    impact: exact(f64::from(impact)),
                });
            }
        }
    }
    CrossImpacts::new(&names, &impacts).unwrap()
}

fn balances() {
    let matrix = somewhereland();
    let scenario = [1, 0, 2, 0, 0, 0];
    let all: Vec<f64> = (0..6).flat_map(|j| matrix.balance(&scenario, j)).collect();
    // The line "Balances" of figure 2-3 for [A2 B1 C3 D1 E1 F1].
    let published = [0, 3, -3, 2, 1, -3, -9, -1, 10, -7, 7, 4, -1, -3, 2, -1, -1];
    assert_eq!(all, published.map(f64::from));
    // Its distribution of wealth would rather be contrasts: 7 against -7.
    assert_eq!(matrix.inconsistency(&scenario), 14.0);
}

fn ten() {
    let matrix = somewhereland();
    assert_eq!(matrix.total(), 486);
    let found = consistent(&matrix, Judged::AtValues, 0.0, u64::MAX);
    assert!(found.complete() && found.judged + found.discarded == 486);
    // Every one of the 486 scenarios judged by a program of its own, in another language, gives these ten.
    let ten: [[usize; 6]; 10] = [
        [1, 2, 2, 1, 1, 2],
        [1, 3, 1, 2, 3, 3],
        [1, 3, 2, 1, 1, 2],
        [1, 3, 2, 1, 1, 3],
        [2, 1, 3, 2, 2, 1],
        [2, 2, 3, 2, 2, 1],
        [3, 1, 2, 1, 1, 2],
        [3, 1, 3, 2, 1, 1],
        [3, 2, 2, 1, 1, 2],
        [3, 2, 3, 2, 1, 1],
    ];
    assert_eq!(found.scenarios, ten.map(|s| s.map(|k| k - 1).to_vec()));
    let totals: Vec<f64> = found
        .scenarios
        .iter()
        .map(|s| matrix.total_impact(s))
        .collect();
    assert_eq!(
        totals,
        [9.0, 21.0, 14.0, 12.0, 17.0, 15.0, 18.0, 9.0, 19.0, 8.0]
    );
    assert!(
        found
            .scenarios
            .iter()
            .all(|s| matrix.inconsistency(s) == 0.0)
    );
    assert!(
        found.nodes < 486,
        "the bound discards: {} nodes",
        found.nodes
    );
}

/// Random judgments on `sizes`; with ranges of half width up to `width`.
fn random(seed: u64, sizes: &[(&str, usize)], width: i32) -> (Vec<Named>, Vec<Impact>) {
    let names = states(sizes);
    let mut stream = Seed(seed).stream("judgments", 0);
    let mut impacts = Vec::new();
    for from in &names {
        for to in names.iter().filter(|to| to.0 != from.0) {
            if stream.random::<f64>() < 0.3 {
                continue;
            }
            let value = f64::from(stream.random_range(-3..=3));
            let half = f64::from(stream.random_range(0..=width));
            impacts.push(Impact {
                from: from.clone(),
                to: to.clone(),
                impact: Estimate::new(value, value - half, value + half, Basis::Judged).unwrap(),
            });
        }
    }
    (names, impacts)
}

fn all_scenarios(matrix: &CrossImpacts) -> Vec<Scenario> {
    let mut all: Vec<Scenario> = vec![Vec::new()];
    for d in 0..matrix.len() {
        all = all
            .into_iter()
            .flat_map(|s| {
                (0..matrix.states(d)).map(move |k| s.iter().copied().chain([k]).collect())
            })
            .collect();
    }
    all
}

fn exhaustively() {
    for seed in 0..150 {
        let (names, impacts) = random(seed, &[("a", 2), ("b", 3), ("c", 2), ("d", 4), ("e", 2)], 0);
        let matrix = CrossImpacts::new(&names, &impacts).unwrap();
        for tolerance in [0.0, 1.0] {
            let found = consistent(&matrix, Judged::AtValues, tolerance, u64::MAX);
            let expected: Vec<Scenario> = all_scenarios(&matrix)
                .into_iter()
                .filter(|s| matrix.inconsistency(s) <= tolerance)
                .collect();
            assert_eq!(found.scenarios, expected, "seed {seed}");
            assert!(found.complete());
        }
    }
}

fn stopped() {
    let matrix = somewhereland();
    let cut = consistent(&matrix, Judged::AtValues, 0.0, 20);
    assert!(!cut.complete() && cut.judged + cut.discarded < cut.total && cut.nodes <= 20);
    // What it found stands.
    let whole = consistent(&matrix, Judged::AtValues, 0.0, u64::MAX);
    assert!(cut.scenarios.iter().all(|s| whole.scenarios.contains(s)));
}

fn shifted() {
    // Weimer-Jehle 2006: adding a number to all judgments of one state on one descriptor leaves consistency alone.
    for seed in 0..40 {
        let (names, impacts) = random(seed, &[("a", 3), ("b", 2), ("c", 3)], 0);
        let matrix = CrossImpacts::new(&names, &impacts).unwrap();
        let mut moved: Vec<Impact> = Vec::new();
        for from in &names {
            for to in names.iter().filter(|to| to.0 != from.0) {
                let given = impacts.iter().find(|i| &i.from == from && &i.to == to);
                let shift = if from.1 == "a2" && to.0 == "c" {
                    5.0
                } else {
                    0.0
                };
                moved.push(Impact {
                    from: from.clone(),
                    to: to.clone(),
                    impact: exact(given.map_or(0.0, |i| i.impact.value) + shift),
                });
            }
        }
        let other = CrossImpacts::new(&names, &moved).unwrap();
        let of = |m: &CrossImpacts| consistent(m, Judged::AtValues, 0.0, u64::MAX).scenarios;
        assert_eq!(of(&matrix), of(&other), "seed {seed}");
    }
}

fn permuted() {
    let (mut names, mut impacts) = random(3, &[("a", 3), ("b", 2), ("c", 3)], 2);
    let first = CrossImpacts::new(&names, &impacts).unwrap();
    names.reverse();
    impacts.reverse();
    assert_eq!(CrossImpacts::new(&names, &impacts).unwrap(), first);
}

fn firmness() {
    for code in [Firmness::Always, Firmness::Sometimes, Firmness::Never] {
        known_code(code.code());
    }
    let mut seen = BTreeSet::new();
    for seed in 0..60 {
        let (names, impacts) = random(seed, &[("a", 2), ("b", 2), ("c", 3)], 1);
        let matrix = CrossImpacts::new(&names, &impacts).unwrap();
        let best = consistent(&matrix, Judged::AtBest, 0.0, u64::MAX);
        let all = all_scenarios(&matrix);
        let read = readings(&matrix, &all, 0.0, 200, Seed(1));
        for reading in &read {
            seen.insert(reading.firmness);
            let possible = best.scenarios.contains(&reading.scenario);
            assert_eq!(possible, reading.firmness != Firmness::Never, "seed {seed}");
            // One matrix that favours the scenario most, and one least: both are within the ranges.
            let corner = |own: fn(&Estimate) -> f64, other: fn(&Estimate) -> f64| {
                let moved: Vec<Impact> = impacts
                    .iter()
                    .map(|i| {
                        let d = matrix
                            .descriptors
                            .iter()
                            .position(|d| d.name == i.to.0)
                            .unwrap();
                        let own_state = matrix.state_name(d, reading.scenario[d]) == i.to.1;
                        let x = if own_state {
                            own(&i.impact)
                        } else {
                            other(&i.impact)
                        };
                        Impact {
                            impact: exact(x),
                            ..i.clone()
                        }
                    })
                    .collect();
                let m = CrossImpacts::new(&names, &moved).unwrap();
                m.inconsistency(&reading.scenario) == 0.0
            };
            let (friendly, hostile) =
                (corner(|e| e.high, |e| e.low), corner(|e| e.low, |e| e.high));
            let expected = match (hostile, friendly) {
                (true, _) => Firmness::Always,
                (false, true) => Firmness::Sometimes,
                (false, false) => Firmness::Never,
            };
            assert_eq!(reading.firmness, expected);
            if expected == Firmness::Never {
                assert_eq!(reading.share.high, 0.0);
            }
        }
    }
    assert_eq!(seen.len(), 3);
}

fn threads() {
    let (names, impacts) = random(5, &[("a", 3), ("b", 3), ("c", 3)], 2);
    let matrix = CrossImpacts::new(&names, &impacts).unwrap();
    let all = all_scenarios(&matrix);
    let run = |n| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n)
            .build()
            .unwrap();
        pool.install(|| readings(&matrix, &all, 0.0, 300, Seed(9)))
    };
    assert_eq!(run(1), run(3));
}

fn most_diverse() {
    for seed in 0..60 {
        let mut stream = Seed(seed).stream("scenarios", 0);
        let n = stream.random_range(5..12);
        let list: Vec<Scenario> = (0..n)
            .map(|_| (0..6).map(|_| stream.random_range(0..3)).collect())
            .collect();
        for choose in [2, 3, 4] {
            let found = diverse(&list, choose, u64::MAX);
            assert_eq!(found.chosen.len(), choose);
            assert_eq!(found.bound, found.least_distance);
            let best = subsets(n, choose)
                .into_iter()
                .map(|s| spread(&list, &s))
                .max()
                .unwrap();
            assert_eq!(spread(&list, &found.chosen), best, "seed {seed}, {choose}");
        }
    }
    // A search that stops keeps an honest bound.
    let matrix = somewhereland();
    let list = all_scenarios(&matrix);
    let cut = diverse(&list, 4, 10);
    assert!(cut.chosen.len() == 4 && cut.bound >= cut.least_distance);
    // One scenario, or none, is all there is to choose.
    assert_eq!(diverse(&list[..1], 4, 100).chosen, [0]);
    assert_eq!(diverse(&[], 4, 100).chosen, Vec::<usize>::new());
}

fn spread(list: &[Scenario], chosen: &[usize]) -> usize {
    let mut least = usize::MAX;
    for (k, a) in chosen.iter().enumerate() {
        for b in &chosen[k + 1..] {
            least = least.min(distance(&list[*a], &list[*b]));
        }
    }
    least
}

fn subsets(n: usize, size: usize) -> Vec<Vec<usize>> {
    (0_u32..1 << n)
        .filter(|mask| mask.count_ones() as usize == size)
        .map(|mask| (0..n).filter(|k| mask & (1 << k) != 0).collect())
        .collect()
}

fn contradicting() {
    let (names, _) = random(0, &[("a", 2), ("b", 2), ("c", 2)], 0);
    let matrix = CrossImpacts::new(&names, &[]).unwrap();
    // a2 never occurs; a1 with b2 and c2 never together although each two of them occur.
    let list = vec![vec![0, 0, 0], vec![0, 1, 0], vec![0, 0, 1], vec![0, 1, 0]];
    let found: Vec<Vec<(usize, usize)>> = contradictions(&matrix, &list)
        .into_iter()
        .map(|c| c.0)
        .collect();
    assert_eq!(found, [vec![(0, 1)], vec![(1, 1), (2, 1)]]);
    // With b2 and c2 together under a2, the three of a1, b2, c2 are what contradicts.
    let list = vec![
        vec![0, 1, 0],
        vec![0, 0, 1],
        vec![1, 1, 1],
        vec![1, 0, 0],
        vec![0, 0, 0],
        vec![1, 0, 1],
        vec![1, 1, 0],
    ];
    let found: Vec<Vec<(usize, usize)>> = contradictions(&matrix, &list)
        .into_iter()
        .map(|c| c.0)
        .collect();
    assert_eq!(found, [vec![(0, 0), (1, 1), (2, 1)]]);
}

fn unusable() {
    let s = |d: &str, s: &str| (d.to_owned(), s.to_owned());
    let names = [s("a", "a1"), s("a", "a1"), s("b", "b1"), s("b", "b2")];
    let judgment = |from, to| Impact {
        from,
        to,
        impact: exact(1.0),
    };
    let impacts = [
        judgment(s("b", "b1"), s("b", "b2")),
        judgment(s("b", "b1"), s("a", "a1")),
        judgment(s("b", "b1"), s("a", "a1")),
        judgment(s("b", "b1"), s("z", "z1")),
    ];
    let problems = CrossImpacts::new(&names, &impacts).unwrap_err();
    let kinds: Vec<Option<usize>> = problems.iter().map(ImpactProblem::judgment).collect();
    assert_eq!(kinds, [None, None, Some(0), Some(2), Some(3)]);
    for problem in problems {
        readable(&problem.message());
    }
    readable(&CrossImpacts::new(&[], &[]).unwrap_err()[0].message());
}
