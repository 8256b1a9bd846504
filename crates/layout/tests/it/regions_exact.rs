//! The exact program of a layout with chain links, its reasons, prices and near layouts, against every plan of small questions.

use layout::regions::{
    Assignment, ExplainParams, Instance, NearBestParams, Question, RegionalCap, RuleFamily,
    SolveParams, Unsolved, Verdict, explain, near_best, price_of_rules, solve,
};
use libtest_mimic::Trial;
use model::Seed;
use rand::seq::SliceRandom;
use rayon::prelude::*;

use crate::layouts::{
    coupled_value, every_plan, exact, exhaustive_coupled, medium, random_coupled, random_instance,
    violations,
};
use crate::{readable, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("exact::links_equal_exhaustive_search", links),
        trial("exact::reasons_with_links_equal_exhaustive_search", reasons),
        trial(
            "exact::prices_of_rules_with_links_equal_exhaustive_search",
            prices,
        ),
        trial("exact::fairness_is_refused", refuses),
        trial(
            "exact::layouts_near_the_best_are_near_apart_and_complete",
            near_the_best,
        ),
    ]
}

/// Links count once in a region or circle, in the program as in the search over every plan.
fn links() {
    let solved: usize = (0..600_u64)
        .into_par_iter()
        .map(|n| {
            let mut instance = random_coupled("exact", n);
            instance.fairness = 0.0;
            match (solve(&instance, &exact()), exhaustive_coupled(&instance)) {
                (Ok(plan), Some(best)) => {
                    assert!(violations(&instance, &plan.assignment).is_empty());
                    let worth = coupled_value(&instance, &plan.assignment);
                    let close = 1e-9 * best.abs().max(1.0);
                    let said = plan.objective.value;
                    assert!((worth - said).abs() < close, "{n}: {worth} {said}");
                    assert!((worth - best).abs() < close, "{n}: {worth} of {best}");
                    // A share of a plan worth next to nothing says nothing: the distance itself.
                    let open = plan.bound - best;
                    assert!((-close..1e-6).contains(&open), "{n}: {open} of {best}");
                    let mut shuffled = instance.clone();
                    let mut rng = Seed(n).stream("exact", 0);
                    shuffled.clusters.shuffle(&mut rng);
                    shuffled.industries.shuffle(&mut rng);
                    shuffled.links.shuffle(&mut rng);
                    let again = solve(&shuffled, &exact()).unwrap();
                    assert_eq!(again.assignment, plan.assignment, "{n}");
                    // As the steps of a study ask: to the gap of the default.
                    let default = SolveParams::default();
                    let usual = solve(&instance, &default).unwrap();
                    let worth = coupled_value(&instance, &usual.assignment);
                    let gap = default.relative_gap * worth.abs() + close;
                    assert!(best - worth <= gap, "{n}: {worth} of {best}");
                    assert!(usual.bound >= best - close, "{n}");
                    1
                }
                (Err(Unsolved::Infeasible(_)), None) => 0,
                (found, best) => panic!("{n}: {best:?} but {found:?}"),
            }
        })
        .sum();
    assert!(solved > 200, "{solved}");
}

/// A reason costs what the best plan with the pair forced loses.
fn reasons() {
    let asked: usize = (0..40_u64)
        .into_par_iter()
        .map(|n| {
            let mut instance = random_coupled("reasons", n);
            instance.fairness = 0.0;
            let Some(plans) = every_plan(&instance) else {
                return 0;
            };
            let best = |keep: &dyn Fn(&layout::regions::Assignment) -> bool| {
                let kept = plans.iter().filter(|p| keep(&p.0)).map(|p| p.1);
                kept.reduce(f64::max)
            };
            let plan = solve(&instance, &exact()).unwrap();
            let z = best(&|_| true).unwrap();
            let params = ExplainParams {
                solve: exact(),
                ..ExplainParams::default()
            };
            let reasons = explain(&instance, &plan, &params).unwrap();
            for reason in &reasons {
                let wanted = reason.question == Question::WhyNotThat;
                let forced = best(&|p| p[&reason.cluster].contains(&reason.industry) == wanted);
                match (&reason.verdict, forced) {
                    (Verdict::Costs { cost, .. }, Some(y)) => {
                        assert!((cost.value - (z - y)).abs() < 1e-6, "{n} {reason:?} {y}");
                    }
                    (Verdict::Equivalent { within, .. }, Some(y)) => {
                        assert!(z - y <= within + 1e-6, "{n} {reason:?} {y}");
                    }
                    (Verdict::Settled { .. }, None) => {}
                    (verdict, forced) => panic!("{n}: {verdict:?} {forced:?}"),
                }
            }
            reasons.len()
        })
        .sum();
    assert!(asked > 50, "{asked}");
}

/// A kind of rule costs what the best plan of the question without it gains.
fn prices() {
    let asked: usize = (0..40_u64)
        .into_par_iter()
        .map(|n| {
            let mut instance = random_coupled("exact prices", n);
            instance.fairness = 0.0;
            let Some(best) = exhaustive_coupled(&instance) else {
                return 0;
            };
            let prices = price_of_rules(&instance, &exact()).unwrap();
            for price in &prices {
                let free = exhaustive_coupled(&without(&instance, price.family)).unwrap();
                let gain = price.gain.estimate().unwrap();
                assert!(
                    (gain.value - (free - best)).abs() < 1e-6,
                    "{n} {price:?}: {free} - {best}"
                );
            }
            prices.len()
        })
        .sum();
    assert!(asked > 50, "{asked}");
}

fn without(instance: &Instance, family: RuleFamily) -> Instance {
    let mut free = instance.clone();
    let most = free.industries.len();
    match family {
        RuleFamily::ClusterMin => free.clusters.iter_mut().for_each(|c| c.min = 0),
        RuleFamily::ClusterMax => free.clusters.iter_mut().for_each(|c| c.max = most),
        RuleFamily::Floors => free.industries.iter_mut().for_each(|i| i.floor = 0),
        RuleFamily::Caps => free.industries.iter_mut().for_each(|i| i.cap = None),
        RuleFamily::RegionalCaps => free.regional_cap = RegionalCap::default(),
        RuleFamily::Vetoes => free.vetoes.clear(),
        RuleFamily::Commitments => free.commitments.clear(),
        RuleFamily::LeastSuitability => free.least = None,
        RuleFamily::Resources => free.resources.clear(),
        RuleFamily::NextDoor => free.next_door.clear(),
        RuleFamily::Leads => free.leads.clear(),
    }
    free
}

fn refuses() {
    let mut instance = medium(1);
    instance.fairness = 1.0;
    let Err(Unsolved::Invalid(problems)) = solve(&instance, &SolveParams::default()) else {
        panic!("fairness is not ignored");
    };
    readable(&problems[0]);
}

/// Beside every plan: near, apart from each other, and where fewer are given than wanted none is left.
fn near_the_best() {
    let params = NearBestParams {
        layouts: 3,
        within: 0.3,
        apart: 2,
    };
    // Two placements of the earlier one, or all of a smaller one.
    let apart = |a: &Assignment, b: &Assignment| -> bool {
        let missing = |(c, list): (&_, &Vec<_>)| list.iter().filter(|i| !b[c].contains(i)).count();
        let size: usize = a.values().map(Vec::len).sum();
        a.iter().map(missing).sum::<usize>() >= params.apart.min(size)
    };
    let (mut few, mut many) = (0, 0);
    for seed in 0..200 {
        let instance = random_instance("near_best", seed, 4);
        let Some(plans) = every_plan(&instance) else {
            continue;
        };
        let Ok(found) = near_best(&instance, &params, &exact()) else {
            assert!(plans.is_empty());
            continue;
        };
        let best = plans.iter().map(|p| p.1).fold(f64::NEG_INFINITY, f64::max);
        let least = best - params.within * best.abs();
        assert!((found[0].objective - best).abs() < 1e-9);
        for (n, near) in found.iter().enumerate() {
            let same = plans.iter().find(|p| p.0 == near.assignment);
            let (_, worth) = same.expect("a layout that breaks no rule");
            assert!((worth - near.objective).abs() < 1e-9 && *worth >= least - 1e-9);
            assert!(
                found[..n]
                    .iter()
                    .all(|b| apart(&b.assignment, &near.assignment))
            );
        }
        if found.len() < params.layouts {
            few += 1;
            let left = plans.iter().filter(|p| {
                p.1 >= least + 1e-9 && found.iter().all(|f| apart(&f.assignment, &p.0))
            });
            assert_eq!(left.count(), 0, "seed {seed}");
        } else {
            many += 1;
        }
    }
    assert!(few > 10 && many > 10, "{few} {many}");
}
