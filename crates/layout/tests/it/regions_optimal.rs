//! The plan is feasible, optimal and independent of the order of rows.

use std::collections::BTreeMap;
use std::time::Instant;

use layout::regions::{
    Instance, SolveParams, Status, Unsolved, duplication, price_of_rules, solve, uncoordinated,
};
use libtest_mimic::Trial;
use model::{Basis, Estimate, Seed};
use rand::seq::SliceRandom;
use rayon::prelude::*;

use crate::layouts::{
    cluster, exact, exhaustive, industry, large_instance, random_instance, small_region, value,
    violations,
};
use crate::{known_code, readable, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("regions::a_hand_case", hand_case),
        trial(
            "regions::equal_to_exhaustive_search_on_1000_instances",
            exhaustively,
        ),
        trial(
            "regions::every_rule_is_kept_on_100000_instances",
            rules_are_kept,
        ),
        trial("regions::relaxing_never_hurts", relaxing),
        trial("regions::row_order_does_not_matter", permuted),
        trial(
            "regions::a_search_that_is_cut_short_claims_nothing",
            cut_short,
        ),
        trial("regions::fifty_clusters_in_a_second", large),
        trial("regions::ill_formed_instances_are_named", invalid),
        trial("regions::alone_every_cluster_picks_the_same", alone),
    ]
}

/// Two clusters of one region, three industries, one place each, no industry twice in the region:
/// a: x 0.9, y 0.5; b: x 0.8, y 0.1, z 0.2. Alone both take x. Together: a x + b z = 1.1,
/// a y + b x = 1.3, a x + b y = 1.0, so the plan is a y, b x with 1.3.
fn two_clusters() -> Instance {
    let suitability = [
        (0, 0, 0.9),
        (0, 1, 0.5),
        (1, 0, 0.8),
        (1, 1, 0.1),
        (1, 2, 0.2),
    ];
    let mut instance = small_region(2, 3, &suitability, 0.1);
    instance.regional_cap.limit = Some(1);
    instance
}

fn hand_case() {
    let instance = two_clusters();
    let plan = solve(&instance, &SolveParams::default()).unwrap();
    assert_eq!(plan.assignment[&cluster(0)], [industry(1)]);
    assert_eq!(plan.assignment[&cluster(1)], [industry(0)]);
    assert!((plan.objective.value - 1.3).abs() < 1e-12);
    assert!((plan.objective.low - 1.1).abs() < 1e-12);
    assert_eq!(plan.status, Status::Optimal);
    known_code(Status::Optimal.code());
    known_code(Status::Limited.code());
    assert!(plan.bound >= 1.3 && plan.gap < 1e-6);
    // Without the regional cap both take x: 0.9 + 0.8 = 1.7, a gain of 0.4.
    let prices = price_of_rules(&instance, &exact()).unwrap();
    let cap = prices
        .iter()
        .find(|p| p.family.code() == "rules.regional_caps");
    let gain = cap.unwrap().gain.estimate().unwrap();
    assert!((gain.value - 0.4).abs() < 1e-9 && gain.width() < 1e-6);
}

fn exhaustively() {
    let counts: Vec<(usize, usize)> = (0..1_000_u64)
        .into_par_iter()
        .map(|k| {
            let instance = random_instance("brute", k, 6);
            let best = exhaustive(&instance);
            match solve(&instance, &exact()) {
                Ok(plan) => {
                    assert_eq!(violations(&instance, &plan.assignment), [""; 0]);
                    let best = best.expect("the search finds a plan too");
                    assert!(
                        (plan.objective.value - best).abs() <= 1e-9,
                        "{k}: {} against {best}",
                        plan.objective.value
                    );
                    assert!(
                        plan.bound >= best - 1e-9,
                        "{k}: bound {} below {best}",
                        plan.bound
                    );
                    assert!(plan.bound - best < 1e-6 && plan.status == Status::Optimal);
                    (1, 0)
                }
                Err(Unsolved::Infeasible(_)) => {
                    assert_eq!(best, None, "{k}: the search finds a plan");
                    (0, 1)
                }
                Err(other) => panic!("{k}: {other:?}"),
            }
        })
        .collect();
    let feasible: usize = counts.iter().map(|c| c.0).sum();
    let infeasible: usize = counts.iter().map(|c| c.1).sum();
    assert!(
        feasible > 300 && infeasible > 100,
        "{feasible} and {infeasible}"
    );
}

fn rules_are_kept() {
    let plans: usize = (0..100_000_u64)
        .into_par_iter()
        .map(|k| {
            let mut instance = random_instance("rules", k, 4);
            // Only the plan is asked for here, so the instance is made easier to keep.
            instance.commitments.truncate(1);
            let Ok(plan) = solve(&instance, &SolveParams::default()) else {
                return 0;
            };
            assert_eq!(violations(&instance, &plan.assignment), [""; 0], "{k}");
            let objective = value(&instance, &plan.assignment);
            assert!((plan.objective.value - objective).abs() < 1e-9);
            assert!(plan.objective.low <= objective && objective <= plan.objective.high);
            assert!(plan.bound >= objective - 1e-12 && plan.gap >= 0.0);
            1
        })
        .sum();
    assert!(plans > 8_000, "{plans} plans");
}

fn relaxing() {
    let compared: usize = (0..400_u64)
        .into_par_iter()
        .map(|k| {
            let instance = random_instance("relax", k, 5);
            let Ok(plan) = solve(&instance, &exact()) else {
                return 0;
            };
            let mut relaxed: Vec<Instance> = Vec::new();
            for i in 0..instance.industries.len() {
                let mut wider = instance.clone();
                wider.industries[i].cap = wider.industries[i].cap.map(|cap| cap + 1);
                wider.industries[i].floor = wider.industries[i].floor.saturating_sub(1);
                relaxed.push(wider);
            }
            let mut wider = instance.clone();
            wider.vetoes.pop();
            wider.regional_cap.limit = None;
            relaxed.push(wider);
            for wider in &relaxed {
                let better = solve(wider, &exact()).unwrap();
                assert!(better.objective.value >= plan.objective.value - 1e-9, "{k}");
            }
            relaxed.len()
        })
        .sum();
    assert!(compared > 500, "{compared}");
}

fn permuted() {
    for k in 0..150 {
        let instance = random_instance("order", k, 6);
        let mut shuffled = instance.clone();
        let mut rng = Seed(7).stream("shuffle", k);
        shuffled.clusters.shuffle(&mut rng);
        shuffled.industries.shuffle(&mut rng);
        shuffled.vetoes.shuffle(&mut rng);
        shuffled.commitments.shuffle(&mut rng);
        assert_eq!(
            solve(&instance, &SolveParams::default()),
            solve(&shuffled, &SolveParams::default()),
            "{k}"
        );
    }
    // Equal suitability everywhere: only the tie rule decides, and it knows ids alone.
    let mut equal = large_instance(12, 5, 1);
    for s in equal.suitability.values_mut() {
        *s = Estimate::exact(0.5, Basis::Judged);
    }
    let mut shuffled = equal.clone();
    shuffled.clusters.reverse();
    shuffled.industries.rotate_left(2);
    let a = solve(&equal, &exact()).unwrap();
    let b = solve(&shuffled, &exact()).unwrap();
    assert_eq!(a, b);
}

fn large() {
    let instance = large_instance(50, 16, 3);
    let start = Instant::now();
    let plan = solve(&instance, &SolveParams::default()).unwrap();
    let seconds = start.elapsed().as_secs_f64();
    assert_eq!(violations(&instance, &plan.assignment), [""; 0]);
    assert!(plan.gap <= 1e-6, "gap {}", plan.gap);
    // Measured far below; the allowance is for a loaded machine.
    assert!(seconds < 5.0, "{seconds} s");
}

fn cut_short() {
    let params = SolveParams {
        time_limit_seconds: Some(1e-9),
        ..SolveParams::default()
    };
    let instance = large_instance(50, 16, 3);
    match solve(&instance, &params) {
        Err(stopped) => {
            assert!(matches!(stopped, Unsolved::Stopped(_)), "{stopped:?}");
            readable(&stopped.messages()[0]);
        }
        // A fast machine may still find a plan: it is then feasible, and its bound is a bound.
        Ok(plan) => {
            let best = solve(&instance, &SolveParams::default()).unwrap();
            assert_eq!(violations(&instance, &plan.assignment), [""; 0]);
            assert!(plan.bound >= best.objective.value);
        }
    }
}

fn invalid() {
    let problems = |change: &dyn Fn(&mut Instance)| {
        let mut instance = two_clusters();
        change(&mut instance);
        match solve(&instance, &SolveParams::default()) {
            Err(Unsolved::Invalid(problems)) => {
                readable(&problems[0]);
                problems[0].id.clone()
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(problems(&|i| i.clusters.clear()), "regions.invalid.empty");
    assert_eq!(
        problems(&|i| i.clusters[1].cluster = cluster(0)),
        "regions.invalid.twice"
    );
    assert_eq!(
        problems(&|i| i.industries[0].weight = f64::NAN),
        "regions.invalid.weight"
    );
    assert_eq!(
        problems(&|i| i.vetoes.push((cluster(9), industry(0)))),
        "regions.invalid.unknown"
    );
    assert_eq!(
        problems(&|i| i.suitability.values_mut().next().unwrap().low = f64::NAN),
        "regions.invalid.suitability"
    );
    let params = SolveParams {
        relative_gap: -1.0,
        ..exact()
    };
    assert!(matches!(
        solve(&two_clusters(), &params),
        Err(Unsolved::Invalid(_))
    ));
}

fn alone() {
    let instance = two_clusters();
    let alone = uncoordinated(&instance);
    assert!(alone.values().all(|hosted| hosted == &[industry(0)]));
    // Both placements are x: one pair of one.
    let d = duplication(&alone, &instance.regions());
    assert_eq!(d.within_region.estimate().unwrap().value, 1.0);
    let plan = solve(&instance, &exact()).unwrap();
    let d = duplication(&plan.assignment, &instance.regions());
    assert_eq!(d.national.estimate().unwrap().value, 0.0);
    let mut vetoed = instance.clone();
    vetoed.vetoes.push((cluster(0), industry(0)));
    assert_eq!(uncoordinated(&vetoed)[&cluster(0)], [industry(1)]);
    let regions: BTreeMap<_, _> = vetoed.regions();
    assert_eq!(regions.len(), 2);
}
