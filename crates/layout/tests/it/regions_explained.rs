//! Reasons and robustness.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use layout::regions::{
    Assignment, Because, ExplainParams, Instance, Link, Question, RobustnessParams, Rule,
    SolveParams, Strength, Verdict, explain, given_up, robustness, solve, sways,
};
use libtest_mimic::Trial;
use model::{Basis, Estimate, Seed};
use rand::RngExt;

use crate::layouts::{
    cluster, exact, exhaustive, industry, large_instance, random_instance, small_region,
};
use crate::{known_code, readable, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("regions::costs_equal_exhaustive_search", costs),
        trial("regions::a_hand_explanation", hand),
        trial("regions::explaining_thirty_clusters_is_quick", large),
        trial("regions::certain_plans_are_core", certain),
        trial("regions::robustness_is_the_share_by_hand", coin),
        trial("regions::robustness_ignores_row_order", robust_order),
        trial("regions::a_lock_sways_others_by_rules_by_hand", swayed),
        trial("regions::sways_equal_exhaustive_search", sways_hold),
    ]
}

fn params() -> ExplainParams {
    ExplainParams {
        alternatives: 2,
        solve: exact(),
    }
}

fn costs() {
    let (mut costly, mut equal, mut settled) = (0, 0, 0);
    for k in 0..150 {
        let mut instance = random_instance("explain", k, 4);
        if k % 2 == 0 {
            // Coarse numbers, so that many plans are equally good.
            for spec in &mut instance.industries {
                spec.weight = 1.0;
            }
            for s in instance.suitability.values_mut() {
                *s = Estimate::exact((s.value * 3.0).round() / 4.0, Basis::Judged);
            }
        }
        let Ok(plan) = solve(&instance, &exact()) else {
            continue;
        };
        for reason in explain(&instance, &plan, &params()).unwrap() {
            let mut asked = instance.clone();
            let pair = (reason.cluster.clone(), reason.industry.clone());
            match reason.question {
                Question::WhyThis => asked.vetoes.push(pair),
                Question::WhyNotThat => asked.commitments.push(pair),
            }
            let best = exhaustive(&asked);
            readable(&reason.message());
            known_code(reason.question.code());
            if let Verdict::Costs { moves, .. } | Verdict::Equivalent { moves, .. } =
                &reason.verdict
            {
                for change in moves {
                    readable(&change.message());
                }
            }
            match reason.verdict {
                Verdict::Costs { cost, moves } => {
                    costly += 1;
                    let truth = plan.objective.value - best.unwrap();
                    assert!(cost.low >= 0.0 && !moves.is_empty());
                    assert!((cost.value - truth).abs() < 1e-8, "{k}: {cost:?} {truth}");
                    assert!(cost.low - 1e-9 <= truth && truth <= cost.high + 1e-9);
                }
                Verdict::Equivalent { within, moves } => {
                    equal += 1;
                    let truth = plan.objective.value - best.unwrap();
                    assert!(truth.abs() <= within + 1e-9 && !moves.is_empty());
                }
                Verdict::Settled { rules } => {
                    settled += 1;
                    assert!(best.is_none() && !rules.is_empty());
                }
                Verdict::NotAnswered => panic!("{k}: no limit was set"),
            }
        }
    }
    assert!(
        costly > 200 && equal > 0 && settled > 20,
        "{costly} {equal} {settled}"
    );
}

/// Two clusters in different regions with one place each; industry 0 has a national cap of 1.
/// c0: i0 0.9, i1 0.5; c1: i0 0.6, i1 0.4. Plan: c0 i0 + c1 i1 = 1.3. Without (c0, i0) the best is
/// c0 i1 + c1 i0 = 1.1: cost 0.2, and both clusters move. Forcing (c1, i0) in costs the same.
fn hand() {
    let mut instance = large_instance(2, 2, 1);
    instance.suitability.clear();
    for (c, i, s) in [(0, 0, 0.9), (0, 1, 0.5), (1, 0, 0.6), (1, 1, 0.4)] {
        let s = Estimate::exact(s, Basis::Judged);
        instance.suitability.insert((cluster(c), industry(i)), s);
    }
    for spec in &mut instance.clusters {
        spec.max = 1;
    }
    for spec in &mut instance.industries {
        spec.floor = 0;
        spec.cap = None;
    }
    instance.industries[0].cap = Some(1);
    let plan = solve(&instance, &exact()).unwrap();
    let reasons = explain(&instance, &plan, &params()).unwrap();
    let of = |c: usize, i: usize| {
        let wanted = (cluster(c), industry(i));
        let found = reasons
            .iter()
            .find(|r| (r.cluster.clone(), r.industry.clone()) == wanted);
        found.unwrap().verdict.clone()
    };
    for pair in [(0, 0), (1, 0)] {
        match of(pair.0, pair.1) {
            Verdict::Costs { cost, moves } => {
                assert!((cost.value - 0.2).abs() < 1e-9);
                assert_eq!(moves.len(), 2);
                assert_eq!(moves[0].leaves, [industry(0)]);
                assert_eq!(moves[0].enters, [industry(1)]);
            }
            other => panic!("{other:?}"),
        }
    }
    // Now (c0, i0) is a commitment: asked why, the rule answers.
    instance.commitments.push((cluster(0), industry(0)));
    let reasons = explain(&instance, &plan, &params()).unwrap();
    match &reasons[0].verdict {
        Verdict::Settled { rules } => {
            assert_eq!(rules[0].message().id, "regions.rule.commitment");
            assert_eq!(rules.len(), 1);
        }
        other => panic!("{other:?}"),
    }
}

fn large() {
    let instance = large_instance(30, 16, 5);
    let plan = solve(&instance, &SolveParams::default()).unwrap();
    let start = Instant::now();
    let reasons = explain(&instance, &plan, &ExplainParams::default()).unwrap();
    let seconds = start.elapsed().as_secs_f64();
    assert!(reasons.len() >= 90, "{}", reasons.len());
    assert!(seconds < 60.0, "{seconds} s");
    // One thread gives the same reasons as all.
    let one = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let again = one.install(|| explain(&instance, &plan, &ExplainParams::default()).unwrap());
    assert_eq!(reasons, again);
}

fn certain() {
    let mut instance = large_instance(8, 5, 2);
    for s in instance.suitability.values_mut() {
        *s = Estimate::exact(s.value, Basis::Judged);
    }
    let plan = solve(&instance, &exact()).unwrap();
    let draws = RobustnessParams {
        draws: 20,
        ..RobustnessParams::default()
    };
    for pair in robustness(&instance, &draws, Seed(1)).unwrap().pairs {
        let in_plan = plan.assignment[&pair.cluster].contains(&pair.industry);
        assert_eq!(pair.share.value, f64::from(u8::from(in_plan)));
        assert_eq!(pair.strength == Strength::Core, in_plan);
        known_code(pair.strength.code());
        assert!(pair.share.width() > 0.0, "20 draws are not certainty");
    }
}

/// One cluster, one place, two industries with the same symmetric range: each is best in half the draws.
fn coin() {
    let mut instance = large_instance(1, 2, 1);
    instance.clusters[0].max = 1;
    for (i, spec) in instance.industries.iter_mut().enumerate() {
        spec.floor = 0;
        let s = Estimate::new(0.5, 0.2, 0.8, Basis::Judged).unwrap();
        instance.suitability.insert((cluster(0), industry(i)), s);
    }
    let draws = RobustnessParams {
        draws: 1_000,
        ..RobustnessParams::default()
    };
    let shares = robustness(&instance, &draws, Seed(3)).unwrap().pairs;
    assert!((shares[0].share.value + shares[1].share.value - 1.0).abs() < 1e-12);
    assert!((shares[0].share.value - 0.5).abs() < 0.05, "{shares:?}");
}

fn robust_order() {
    let instance = large_instance(6, 4, 9);
    let mut reversed = instance.clone();
    reversed.clusters.reverse();
    reversed.industries.reverse();
    let draws = RobustnessParams {
        draws: 60,
        ..RobustnessParams::default()
    };
    assert_eq!(
        robustness(&instance, &draws, Seed(1)),
        robustness(&reversed, &draws, Seed(1))
    );
    assert_ne!(
        robustness(&instance, &draws, Seed(1)),
        robustness(&instance, &draws, Seed(2))
    );
}

fn lock(c: usize, i: usize) -> Rule {
    Rule::Commitment {
        cluster: cluster(c),
        industry: industry(i),
    }
}

/// Two clusters of one place. A lock takes the place of i0 in c0; i0 may stand in one cluster only, so it could not stand in
/// both, and goes to c1.
fn swayed() {
    let pairs = [(0, 0, 0.9), (0, 1, 0.2), (1, 0, 0.8), (1, 1, 0.5)];
    let mut instance = small_region(2, 2, &pairs, 0.0);
    instance.industries[0].cap = Some(1);
    let before = solve(&instance, &exact()).unwrap().assignment;
    instance.commitments.push((cluster(0), industry(1)));
    let after = solve(&instance, &exact()).unwrap().assignment;
    let found = sways(&instance, &before, &after, &[lock(0, 1)], &exact()).unwrap();
    let of = |c: usize, i: usize| {
        let pair =
            (found.pairs.iter()).find(|s| s.cluster == cluster(c) && s.industry == industry(i));
        pair.unwrap().because.clone()
    };
    assert_eq!(of(0, 1), Because::Asked(lock(0, 1)));
    let full = Rule::ClusterMax {
        cluster: cluster(0),
        max: 1,
    };
    assert_eq!(of(0, 0), Because::Rules(vec![lock(0, 1), full.clone()]));
    // c1 would keep i1 if c0 had room for both.
    let Because::Rules(rules) = of(1, 0) else {
        panic!("{found:?}")
    };
    assert!(rules.contains(&lock(0, 1)), "{rules:?}");
    // 0.9 + 0.5 without the lock, 0.2 + 0.8 with it.
    let lifted = &found.lifted[0];
    assert_eq!(lifted.rule, lock(0, 1));
    assert_eq!(lifted.without.as_ref(), Some(&before));
    assert!((lifted.gain.estimate().unwrap().value - 0.4).abs() < 1e-9);

    // A link alone holds i1 beside the locked i0.
    let pairs = [(0, 0, 0.1), (0, 2, 0.5), (1, 1, 0.4), (1, 2, 0.6)];
    let mut linked = small_region(2, 3, &pairs, 0.0);
    linked.links.push(Link {
        from: industry(0),
        to: industry(1),
        weight: 0.3,
        range: None,
    });
    let before = solve(&linked, &exact()).unwrap().assignment;
    linked.commitments.push((cluster(0), industry(0)));
    let after = solve(&linked, &exact()).unwrap().assignment;
    let found = sways(&linked, &before, &after, &[], &exact()).unwrap();
    let came = (found.pairs.iter()).find(|s| s.cluster == cluster(1) && s.came);
    assert_eq!(came.unwrap().because, Because::Links(vec![industry(0)]));

    // Equal numbers: nothing asks for the other layout. A pair without evidence is none of the question.
    let pairs = [(0, 0, 0.5), (0, 1, 0.5)];
    let even = small_region(1, 2, &pairs, 0.0);
    let layout = |i: usize| [(cluster(0), vec![industry(i)])].into();
    let found = sways(&even, &layout(0), &layout(1), &[], &exact()).unwrap();
    assert!(found.pairs.iter().all(|s| s.because == Because::Equal));
    let found = sways(&even, &layout(7), &layout(1), &[], &exact()).unwrap();
    let gone = (found.pairs.iter()).find(|s| s.industry == industry(7));
    assert_eq!(gone.unwrap().because, Because::NoCandidate);
}

/// Without a rule that is named, a best layout has the pair as before; a gain is what the lock costs.
fn sways_hold() {
    let (mut named, mut whole, mut priced) = (0, 0, 0);
    for k in 0..120 {
        let instance = random_instance("sway", k, 4);
        let Ok(plan) = solve(&instance, &exact()) else {
            continue;
        };
        let free = (instance.suitability.keys()).find(|(c, i)| !plan.assignment[c].contains(i));
        let Some((c, i)) = free.cloned() else {
            continue;
        };
        let mut asked = instance.clone();
        asked.commitments.push((c.clone(), i.clone()));
        let Ok(after) = solve(&asked, &exact()) else {
            continue;
        };
        let rule = Rule::Commitment {
            cluster: c,
            industry: i,
        };
        let new = [rule];
        let found = sways(&asked, &plan.assignment, &after.assignment, &new, &exact()).unwrap();
        let gain = found.lifted[0].gain.estimate().unwrap();
        let truth = exhaustive(&instance).unwrap() - exhaustive(&asked).unwrap();
        assert!((gain.value - truth).abs() < 1e-8, "{k}: {gain:?} {truth}");
        price_holds_under_every_strength(&asked, &plan.assignment, &after.assignment, k);
        priced += 1;
        for sway in &found.pairs {
            let rules = match &sway.because {
                Because::Rules(rules) => rules.clone(),
                Because::Whole => {
                    whole += 1;
                    continue;
                }
                _ => continue,
            };
            let pair = (sway.cluster.clone(), sway.industry.clone());
            for rule in rules {
                let mut freed = asked.clone();
                match rule {
                    Rule::Commitment { .. } => drop(freed.commitments.pop()),
                    Rule::ClusterMax { cluster, .. } => {
                        let spec = freed.clusters.iter_mut().find(|s| s.cluster == cluster);
                        spec.unwrap().max = 9;
                    }
                    Rule::Cap { industry, .. } => {
                        let spec = freed.industries.iter_mut().find(|s| s.industry == industry);
                        spec.unwrap().cap = None;
                    }
                    _ => continue,
                }
                named += 1;
                let best = exhaustive(&freed).unwrap();
                let mut forced = freed.clone();
                if sway.came {
                    forced.vetoes.push(pair.clone());
                } else {
                    forced.commitments.push(pair.clone());
                }
                let forced = exhaustive(&forced).unwrap();
                assert!(
                    (best - forced).abs() < 1e-8,
                    "{k}: {best} {forced} {sway:?}"
                );
            }
        }
    }
    assert!(named > 20 && priced > 50, "{named} {whole} {priced}");
}

/// Whatever the strengths within their ranges and whatever links are worth, the value lost is within the price.
fn price_holds_under_every_strength(
    instance: &Instance,
    before: &Assignment,
    after: &Assignment,
    seed: u64,
) {
    let mut instance = instance.clone();
    for (n, strength) in instance.suitability.values_mut().enumerate() {
        let half = 0.05 * (1 + n % 3) as f64;
        strength.low = strength.value - half;
        strength.high = strength.value + 2.0 * half;
    }
    let industries: Vec<_> = (instance.industries.iter())
        .map(|spec| spec.industry.clone())
        .collect();
    for ends in industries.windows(2) {
        instance.links.push(Link {
            from: ends[0].clone(),
            to: ends[1].clone(),
            weight: 0.1,
            range: Some([0.05, 0.3]),
        });
    }
    let price = given_up(&instance, before, after).unwrap();
    let regions = instance.regions();
    // t of a strength from 0 (low) to 1 (high); f: factor on every link.
    let worth = |layout: &Assignment, t: &dyn Fn(usize) -> f64, f: f64| -> f64 {
        let mut sum = 0.0;
        let mut here: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for (n, ((c, i), s)) in instance.suitability.iter().enumerate() {
            if layout[c].contains(i) {
                let weight = instance.industries.iter().find(|spec| spec.industry == *i);
                sum += weight.unwrap().weight * (s.low + t(n) * (s.high - s.low));
                here.entry(&regions[c]).or_default().insert(i);
            }
        }
        for hosted in here.values() {
            for link in &instance.links {
                if hosted.contains(&link.from) && hosted.contains(&link.to) {
                    sum += f * link.weight;
                }
            }
        }
        sum
    };
    let mut rng = Seed(seed).stream("price", 0);
    for _ in 0..20 {
        let draws: Vec<f64> = instance.suitability.iter().map(|_| rng.random()).collect();
        let f = 0.5 + 2.5 * rng.random::<f64>();
        let lost = worth(before, &|n| draws[n], f) - worth(after, &|n| draws[n], f);
        assert!(
            price.low - 1e-9 <= lost && lost <= price.high + 1e-9,
            "{lost} {price:?}"
        );
    }
    // Both ends are reached: what left at its weakest and what came at its strongest, or the other way round.
    let end = |left: f64| {
        let t = |n: usize| {
            let (c, i) = instance.suitability.keys().nth(n).unwrap();
            if before[c].contains(i) {
                left
            } else {
                1.0 - left
            }
        };
        [0.5, 3.0].map(|f| worth(before, &t, f) - worth(after, &t, f))
    };
    let (low, high) = (end(0.0), end(1.0));
    assert!(
        (low[0].min(low[1]) - price.low).abs() < 1e-9,
        "{low:?} {price:?}"
    );
    assert!(
        (high[0].max(high[1]) - price.high).abs() < 1e-9,
        "{high:?} {price:?}"
    );
}
