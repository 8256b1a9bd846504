//! Worlds with a known best layout: the proof of the planting holds, brute force agrees, and the program finds it.

use libtest_mimic::Trial;
use model::Seed;
use rayon::prelude::*;

use crate::layouts::{every_plan, violations};
use crate::trial;
use crate::worlds::{MARGIN, Shape, World, alone, recover, scores, world};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("worlds::prices_prove_the_planted_layout", proof),
        trial(
            "worlds::brute_force_finds_the_planted_layout_and_no_other",
            brute_force,
        ),
        trial("worlds::recovered_whole_without_noise", recovered),
        trial("worlds::noise_hides_more_the_larger_it_is", degraded),
    ]
}

const SMALL: Shape = Shape {
    clusters: 4,
    regions: 2,
    chosen: 4,
    decoys: 2,
    links: 4,
};
const MIDDLE: Shape = Shape {
    clusters: 24,
    regions: 6,
    chosen: 8,
    decoys: 8,
    links: 10,
};

/// Weak duality, checked term by term from the data alone.
fn proof() {
    for (k, shape) in [SMALL, MIDDLE].into_iter().enumerate() {
        for seed in 0..100 {
            let world = world(shape, Seed(1_000 * k as u64 + seed));
            let (p, question) = (&world.prices, world.question());
            assert!(violations(&question, &world.planted).is_empty());
            let value = world.value(&world.planted);
            assert!((value - world.dual()).abs() < 1e-9, "{value}");
            for (c, spec) in question.clusters.iter().enumerate() {
                let q = world.regions[c];
                assert!(p.place[c] > 0.0);
                for (i, industry) in question.industries.iter().enumerate() {
                    let key = (spec.cluster.clone(), industry.industry.clone());
                    let Some(s) = question.suitability.get(&key) else {
                        continue;
                    };
                    let slack =
                        p.place[c] + p.industry[i] + p.region[q][i] - p.host[q][i] - s.value;
                    let planted = world.planted[&key.0].contains(&key.1);
                    let least = if planted { 0.0 } else { MARGIN };
                    assert!(slack > least - 1e-9, "{seed} {key:?} {slack}");
                    // A cap may be charged for, a floor paid for, nothing else.
                    assert!(p.industry[i] <= 0.0 || industry.cap.is_some());
                    assert!(p.region[q][i] >= 0.0 && p.host[q][i] >= 0.0);
                    let due: f64 = (question.links.iter().zip(&p.ends[q]))
                        .map(|(l, a)| {
                            let at = |end: bool, x: f64| if end { x } else { 0.0 };
                            at(l.from == key.1, a[0]) + at(l.to == key.1, a[1])
                        })
                        .sum();
                    assert!(p.presence[q][i] >= -1e-12);
                    assert!(p.host[q][i] + p.presence[q][i] > due - 1e-9);
                }
                for (l, a) in question.links.iter().zip(&p.ends[q]) {
                    assert!(a[0] >= 0.0 && a[1] >= 0.0 && a[0] + a[1] > l.weight - 1e-9);
                }
            }
            fields(&world);
        }
    }
}

/// Under every weight that is allowed each chosen field beats each decoy.
fn fields(world: &World) {
    let of = |cells: &Vec<model::Quantity>| {
        let at = |k: usize| cells[k].estimate().unwrap().value;
        scores([at(0), at(1), at(2)])
    };
    let (chosen, decoys) = world.performance.cells.split_at(world.chosen.len());
    let worst = chosen.iter().map(|c| of(c).0).fold(1.0, f64::min);
    let best = decoys.iter().map(|c| of(c).1).fold(0.0, f64::max);
    assert!(worst > best, "{worst} {best}");
}

fn brute_force() {
    (0..40_u64).into_par_iter().for_each(|seed| {
        let world = world(SMALL, Seed(seed));
        let mut plans = every_plan(&world.question()).unwrap();
        plans.sort_by(|a, b| b.1.total_cmp(&a.1));
        let sorted = |plan: &layout::regions::Assignment| {
            let mut plan = plan.clone();
            plan.values_mut().for_each(|list| list.sort());
            plan
        };
        assert_eq!(sorted(&plans[0].0), sorted(&world.planted), "{seed}");
        assert!((plans[0].1 - world.value(&world.planted)).abs() < 1e-9);
        assert!(plans.len() < 2 || plans[1].1 < plans[0].1 - MARGIN + 1e-9);
    });
}

fn mean(list: &[f64]) -> f64 {
    list.iter().sum::<f64>() / list.len() as f64
}

fn recovered() {
    let found: Vec<(f64, f64, f64)> = (0..20_u64)
        .into_par_iter()
        .map(|seed| {
            let world = world(MIDDLE, Seed(seed));
            let back = recover(&world, 0.0, Seed(seed));
            assert!(
                (back.kept - 1.0).abs() < 1e-9 && back.gap < 1e-6,
                "{seed} {back:?}"
            );
            (back.pairs, back.fields, alone(&world))
        })
        .collect();
    let pairs: Vec<f64> = found.iter().map(|f| f.0).collect();
    assert!(pairs.iter().all(|p| *p == 1.0), "{pairs:?}");
    assert!(found.iter().all(|f| f.1 == 1.0));
    // It is no gift: clusters that choose alone miss a good part of it.
    let alone: Vec<f64> = found.iter().map(|f| f.2).collect();
    assert!(mean(&alone) < 0.75, "{alone:?}");
}

fn degraded() {
    let at = |noise: f64| {
        let pairs: Vec<f64> = (0..12_u64)
            .into_par_iter()
            .map(|seed| recover(&world(MIDDLE, Seed(seed)), noise, Seed(seed)).pairs)
            .collect();
        mean(&pairs)
    };
    let curve = [at(0.0), at(0.05), at(0.1), at(0.4)];
    assert!(curve.windows(2).all(|w| w[1] < w[0]), "{curve:?}");
    assert!(curve[1] > 0.6 && curve[3] < 0.6, "{curve:?}");
}
