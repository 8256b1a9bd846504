//! Layouts with chain links: the bound holds, the plan keeps every rule, the certificate proves itself.

use layout::regions::{
    AlternativesParams, Certificate, CertifyParams, ClusterSpec, Ended, IndustrySpec, Instance,
    LARGEST_FAIRNESS, Link, Unsolved, Wishes, certified, certified_with, check,
};
use libtest_mimic::Trial;
use model::{Basis, Estimate, Region, Seed};
use rand::seq::SliceRandom;
use rayon::prelude::*;

use crate::layouts::{
    cluster, coupled_value, exhaustive_coupled, industry, medium, random_coupled, small_region,
    violations,
};
use crate::{layout_files, readable, trial};

pub fn trials() -> Vec<Trial> {
    let mut trials = vec![
        trial("certified::a_hand_case", hand_case),
        trial(
            "certified::between_plan_and_bound_lies_the_optimum_of_exhaustive_search",
            brackets,
        ),
        trial("certified::one_region_alone_is_proved_optimal", one_region),
        trial(
            "certified::every_rule_is_kept_on_10000_instances",
            rules_are_kept,
        ),
        trial(
            "certified::threads_and_row_order_do_not_matter",
            threads_and_rows,
        ),
        trial("certified::a_tampered_certificate_is_refused", tampered),
        trial(
            "certified::any_weight_of_fairness_is_proved_or_refused",
            heavy_fairness,
        ),
        trial(
            "certified::conflicts_of_the_further_rules_are_minimal",
            conflicts,
        ),
        trial(
            "certified::a_planted_layout_is_recovered_until_noise_hides_it",
            planted,
        ),
    ];
    for name in ["50x100_s1", "100x60_s1"] {
        let path = layout_files::folder().join(format!("layout_{name}.json"));
        let absent = !path.is_file();
        let run = move || {
            let instance = layout_files::read(&path);
            published(&instance, name);
        };
        let name = format!("certified::shared_instance_{name}");
        trials.push(
            Trial::test(name, move || {
                run();
                Ok(())
            })
            .with_ignored_flag(absent),
        );
    }
    trials
}

/// Enough to close tiny questions.
pub fn small() -> CertifyParams {
    CertifyParams {
        national_steps: 5_000,
        price_rounds: 15,
        region_steps: 2_000,
        bound_work: 1.0,
        ..CertifyParams::default()
    }
}

/// One region, two clusters with one place each, three industries: a: x 5, y 4, z 0; b: x 3, y 5, z 4.
/// Without links the best is a x + b y = 10. The link x-z is worth 2 and loses: a x + b z + 2 = 11 wins.
fn hand_case() {
    let suitability = [
        (0, 0, 5.0),
        (0, 1, 4.0),
        (0, 2, 0.0),
        (1, 0, 3.0),
        (1, 1, 5.0),
        (1, 2, 4.0),
    ];
    let mut instance = small_region(2, 3, &suitability, 0.0);
    instance.links.push(Link {
        from: industry(0),
        to: industry(2),
        weight: 2.0,
        range: None,
    });
    instance.neighbours.insert(cluster(0), vec![cluster(1)]);
    let found = certified(&instance, &small()).unwrap();
    assert_eq!(found.assignment[&cluster(0)], [industry(0)]);
    assert_eq!(found.assignment[&cluster(1)], [industry(2)]);
    assert_eq!((found.objective, found.bound, found.gap), (11.0, 11.0, 0.0));
    assert_eq!(found.ended, Ended::Proved);
    // x reaches z next door: 5 + 4 + 2. From the other side it would reach nothing.
    assert_eq!(found.neighbour_score, 11.0);
    instance.neighbours = [(cluster(1), vec![cluster(0)])].into();
    assert_eq!(certified(&instance, &small()).unwrap().neighbour_score, 9.0);
    // In circles of their own, the two are apart: the link is lost, and 10 is the best.
    for c in 0..2 {
        instance
            .circles
            .insert(cluster(c), Region(format!("circle {c}")));
    }
    let apart = certified(&instance, &small()).unwrap();
    assert_eq!((apart.objective, apart.bound), (10.0, 10.0));
}

fn brackets() {
    let results: Vec<Option<bool>> = (0..400_u64)
        .into_par_iter()
        .map(|n| {
            let instance = random_coupled("brackets", n);
            let best = exhaustive_coupled(&instance);
            match (certified(&instance, &small()), best) {
                (Ok(found), Some(best)) => {
                    let broken = violations(&instance, &found.assignment);
                    assert!(broken.is_empty(), "{n}: {broken:?}");
                    let worth = coupled_value(&instance, &found.assignment);
                    assert!(
                        (worth - found.objective).abs() < 1e-9,
                        "{n}: {worth} {}",
                        found.objective
                    );
                    assert!(
                        found.bound >= best - 1e-9,
                        "{n}: bound {} below {best}",
                        found.bound
                    );
                    assert!(found.objective <= best + 1e-9, "{n}");
                    let proved = check(&instance, &found.certificate).unwrap();
                    assert_eq!(
                        (proved.objective, proved.bound),
                        (found.objective, found.bound)
                    );
                    Some(found.objective >= best - 1e-9)
                }
                (Err(Unsolved::Infeasible(conflict)), None) => {
                    assert!(!conflict.conflict.is_empty());
                    None
                }
                (found, best) => panic!("{n}: {best:?} but {:?}", found.map(|f| f.objective)),
            }
        })
        .collect();
    let solved = results.iter().flatten().count();
    let best = results.iter().flatten().filter(|b| **b).count();
    assert!(solved > 150, "{solved} feasible");
    assert!(
        best * 100 >= solved * 99,
        "{best} of {solved} plans are optimal"
    );
}

/// Without national rules that bind, nothing is relaxed: branch and bound has to close the block.
fn one_region() {
    let proved: usize = (0..200_u64)
        .into_par_iter()
        .map(|n| {
            let mut instance = random_coupled("one", n);
            for spec in &mut instance.clusters {
                spec.region = Region("all".to_owned());
            }
            instance.circles.clear();
            for spec in &mut instance.industries {
                (spec.floor, spec.cap) = (0, None);
            }
            instance.leads.clear();
            instance.fairness = 0.0;
            let Some(best) = exhaustive_coupled(&instance) else {
                return 0;
            };
            let found = certified(&instance, &small()).unwrap();
            let close = 1e-6 * best.abs().max(1.0);
            assert!(
                (found.objective - best).abs() <= close,
                "{n}: {} of {best}",
                found.objective
            );
            assert!(
                (found.bound - best).abs() <= close,
                "{n}: bound {} of {best}",
                found.bound
            );
            1
        })
        .sum();
    assert!(proved > 80, "{proved}");
}

fn rules_are_kept() {
    let quick = CertifyParams {
        national_steps: 640,
        price_rounds: 1,
        region_steps: 128,
        bound_work: 0.0,
        ..CertifyParams::default()
    };
    let kept: usize = (0..10_000_u64)
        .into_par_iter()
        .map(|n| {
            let instance = random_coupled("kept", n);
            let Ok(found) = certified(&instance, &quick) else {
                return 0;
            };
            let broken = violations(&instance, &found.assignment);
            assert!(broken.is_empty(), "{n}: {broken:?}");
            assert!(found.bound >= found.objective, "{n}");
            1
        })
        .sum();
    assert!(kept > 4_000, "{kept}");
}

fn threads_and_rows() {
    let instance = medium(3);
    let params = CertifyParams {
        bound_work: 5.0,
        ..small()
    };
    let on = |threads: usize, instance: &Instance| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| certified(instance, &params).unwrap())
    };
    let one = on(1, &instance);
    let two = on(2, &instance);
    assert!(
        one == two,
        "{} {} {} {}",
        one.objective,
        two.objective,
        one.bound,
        two.bound
    );
    let mut shuffled = instance.clone();
    let mut rng = Seed(9).stream("shuffle", 0);
    shuffled.clusters.shuffle(&mut rng);
    shuffled.industries.shuffle(&mut rng);
    shuffled.links.shuffle(&mut rng);
    assert!(on(2, &shuffled) == one);
    assert!(one.nodes > 0 && violations(&instance, &one.assignment).is_empty());
    check(&instance, &one.certificate).unwrap();
}

fn tampered() {
    let instance = medium(5);
    let params = CertifyParams {
        bound_work: 5.0,
        ..small()
    };
    let found = certified(&instance, &params).unwrap();
    check(&instance, &found.certificate).unwrap();
    let file = serde_json::to_value(&found.certificate).unwrap();
    let refused = |change: &dyn Fn(&mut serde_json::Value)| -> String {
        let mut changed = file.clone();
        change(&mut changed);
        assert_ne!(changed, file);
        let certificate: Certificate = serde_json::from_value(changed).unwrap();
        let wrong = check(&instance, &certificate).unwrap_err();
        for message in &wrong {
            readable(message);
        }
        wrong[0].id.clone()
    };
    assert_eq!(
        refused(&|f| f["bound"] = (found.bound - 0.01).into()),
        "regions.certificate.bound"
    );
    assert_eq!(
        refused(&|f| f["objective"] = (found.objective + 0.1).into()),
        "regions.certificate.objective"
    );
    assert_eq!(
        refused(&|f| f["format"] = "other".into()),
        "regions.certificate.format"
    );
    assert_eq!(
        refused(&|f| f["plan"]["c00"] = serde_json::json!([])),
        "regions.certificate.plan"
    );
    assert_eq!(
        refused(&|f| f["industry_prices"] = serde_json::json!([1])),
        "regions.certificate.prices"
    );
    let branched = |f: &serde_json::Value| {
        let blocks = f["blocks"].as_array().unwrap();
        blocks
            .iter()
            .position(|b| b["leaves"].as_array().unwrap().len() > 1)
            .unwrap()
    };
    let g = branched(&file);
    assert_eq!(
        refused(&|f| {
            f["blocks"][g]["leaves"].as_array_mut().unwrap().pop();
        }),
        "regions.certificate.leaves"
    );
    assert_eq!(
        refused(&|f| f["blocks"][g]["leaves"][0]["multipliers"][0][1] = (-5).into()),
        "regions.certificate.multipliers"
    );
    assert_eq!(
        refused(&|f| f["blocks"][g]["leaves"][0]["multipliers"][0][0] = 4_000_000.into()),
        "regions.certificate.multipliers"
    );
    // A triangle over one industry twice is no cut.
    assert_eq!(
        refused(&|f| f["blocks"][g]["cuts"] = serde_json::json!([{"chain": [0, 1, 1, 2]}])),
        "regions.certificate.cut"
    );
    // No multipliers are valid ones, but prove little.
    assert_eq!(
        refused(&|f| {
            for b in f["blocks"].as_array_mut().unwrap() {
                for l in b["leaves"].as_array_mut().unwrap() {
                    l["multipliers"] = serde_json::json!([]);
                }
            }
        }),
        "regions.certificate.bound"
    );
}

/// Fairness multiplies what a pair is worth to its region: the whole numbers of the bound have to hold that too.
fn heavy_fairness() {
    let mut rng = Seed(3).stream("fair", 0);
    let mut instance = Instance::default();
    for i in 0..4 {
        instance.industries.push(IndustrySpec {
            industry: industry(i),
            floor: 0,
            cap: Some(3),
            weight: 1.0,
        });
    }
    for c in 0..6 {
        instance.clusters.push(ClusterSpec {
            cluster: cluster(c),
            region: Region(format!("g{}", c / 2)),
            min: 1,
            max: 1,
        });
        for i in 0..4 {
            let s = f64::from(rand::RngExt::random_range(&mut rng, 1_u8..=20));
            let s = Estimate::exact(s, Basis::Judged);
            instance.suitability.insert((cluster(c), industry(i)), s);
        }
    }
    instance.links.push(Link {
        from: industry(0),
        to: industry(1),
        weight: 3.0,
        range: None,
    });
    let wishes = Wishes {
        alternatives: Some(AlternativesParams::default()),
        ..Wishes::default()
    };
    let powers = (0..=10).map(|e| 10_f64.powi(e));
    for fairness in powers.chain([3e5, 2e6, f64::NAN, f64::INFINITY, -1.0]) {
        instance.fairness = fairness;
        match certified_with(&instance, &small(), &wishes) {
            Ok((found, answers)) => {
                assert!(fairness <= LARGEST_FAIRNESS, "{fairness}");
                check(&instance, &found.certificate).unwrap();
                let best = exhaustive_coupled(&instance).unwrap();
                let close = 1e-9 * best;
                assert!(found.objective <= best + close, "{fairness}");
                assert!(found.bound >= best - close, "{fairness}");
                let near = answers.alternatives.unwrap();
                let both = |pair| near.proved_out.contains(pair);
                assert!(!near.proved_needed.iter().any(both), "{fairness}");
            }
            Err(Unsolved::Invalid(problems)) => {
                let allowed = (0.0..=LARGEST_FAIRNESS).contains(&fairness);
                assert!(!allowed, "{fairness}");
                readable(&problems[0]);
            }
            Err(other) => panic!("{fairness}: {other:?}"),
        }
    }
}

fn conflicts() {
    let mut seen = std::collections::BTreeSet::new();
    for n in 0..2_000 {
        let instance = random_coupled("conflicts", n);
        if let Err(Unsolved::Infeasible(found)) = certified(&instance, &small()) {
            for rule in &found.conflict {
                readable(&rule.message());
                crate::known_code(rule.family().code());
                seen.insert(rule.family());
            }
            assert!(exhaustive_coupled(&instance).is_none(), "{n}");
        }
    }
    assert!(seen.len() >= 7, "{seen:?}");
}

/// A short run on the shared instances: the best known plans and bounds are consistent with ours.
fn published(instance: &Instance, name: &str) {
    let path = layout_files::folder().join("layout_best.csv");
    let text = std::fs::read_to_string(path).unwrap();
    let row = text.lines().find(|l| l.contains(name)).unwrap();
    let numbers: Vec<f64> = row
        .split(',')
        .skip(1)
        .map_while(|v| v.parse().ok())
        .collect();
    let (best, upper) = (numbers[0], numbers[1]);
    let params = CertifyParams {
        national_steps: 500_000,
        price_rounds: 6,
        region_steps: 20_000,
        bound_work: 2.0,
        ..CertifyParams::default()
    };
    let found = certified(instance, &params).unwrap();
    assert!(violations(instance, &found.assignment).is_empty());
    assert!(
        found.objective <= upper,
        "{name}: {} above {upper}",
        found.objective
    );
    assert!(found.bound >= best, "{name}: {} below {best}", found.bound);
    assert!(
        found.objective >= 0.98 * best && found.gap < 0.05,
        "{name}: {found:?}"
    );
    check(instance, &found.certificate).unwrap();
}

/// A planted layout: its pairs and the links among them pay more than any other. It is recovered without noise;
/// with noise on suitability, the share recovered falls, and never rises above what it was without.
fn planted() {
    let recovered = |noise: f64, seed: u64| -> f64 {
        let mut rng = Seed(seed).stream("planted", 0);
        let (n, m) = (12, 10);
        let mut instance = Instance::default();
        for i in 0..m {
            instance.industries.push(IndustrySpec {
                industry: industry(i),
                floor: 0,
                cap: Some(3),
                weight: 1.0,
            });
        }
        let plan: Vec<[usize; 2]> = (0..n).map(|c| [c % m, (c + 5) % m]).collect();
        for (c, hosted) in plan.iter().enumerate() {
            instance.clusters.push(ClusterSpec {
                cluster: cluster(c),
                region: Region(format!("g{}", c / 4)),
                min: 1,
                max: 2,
            });
            for i in 0..m {
                let base = if hosted.contains(&i) { 60.0 } else { 40.0 };
                let shift = noise * 80.0 * (rand::RngExt::random::<f64>(&mut rng) - 0.5);
                let s = Estimate::exact((base + shift).round(), Basis::Judged);
                instance.suitability.insert((cluster(c), industry(i)), s);
            }
        }
        for i in 0..5 {
            instance.links.push(Link {
                from: industry(i),
                to: industry(i + 5),
                weight: 10.0,
                range: None,
            });
        }
        let found = certified(&instance, &small()).unwrap();
        let hits: usize = plan
            .iter()
            .enumerate()
            .map(|(c, h)| {
                h.iter()
                    .filter(|i| found.assignment[&cluster(c)].contains(&industry(**i)))
                    .count()
            })
            .sum();
        hits as f64 / (2 * n) as f64
    };
    let mean = |noise: f64| (0..6).map(|s| recovered(noise, s)).sum::<f64>() / 6.0;
    let curve = [mean(0.0), mean(0.5), mean(1.0), mean(2.0)];
    assert_eq!(curve[0], 1.0, "{curve:?}");
    assert!(
        curve.windows(2).all(|w| w[1] <= w[0] + 0.05) && curve[3] < 0.9,
        "{curve:?}"
    );
}
