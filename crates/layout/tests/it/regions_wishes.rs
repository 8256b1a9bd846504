//! What is asked besides a certified layout: reasons, layouts nearly as good, a second goal, prices of rules.

use layout::regions::{
    AlternativesParams, Certified, Link, Question, Wishes, certified, certified_telling,
    certified_with, check, coupled_price_of_rules,
};
use libtest_mimic::Trial;

use crate::layouts::{cluster, every_plan, industry, random_coupled, small_region, violations};
use crate::regions_certified::small;
use crate::{readable, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial(
            "certified::the_second_goal_gives_up_suitability_only_for_more_in_links",
            second_goal_by_hand,
        ),
        trial(
            "certified::explanations_hold_for_every_plan_of_tiny_questions",
            explanations,
        ),
        trial("certified::lifting_a_rule_never_costs", rule_prices),
    ]
}

/// Two clusters of one region change places: x and y lose 3 in suitability. The link x-z next door is worth 2, so the
/// neighbour score would fall by 1; worth 4, it rises by 1. With fairness the loss counts twice.
fn second_goal_by_hand() {
    let suitability = [
        (0, 0, 10.0),
        (0, 1, 8.0),
        (1, 0, 5.0),
        (1, 1, 6.0),
        (2, 2, 9.0),
    ];
    let asked = |weight: f64, fairness: f64, within: f64| {
        let mut instance = small_region(3, 3, &suitability, 0.0);
        for spec in &mut instance.industries {
            (spec.floor, spec.cap) = (1, Some(1));
        }
        instance.links.push(Link {
            from: industry(0),
            to: industry(2),
            weight,
            range: None,
        });
        instance.neighbours.insert(cluster(1), vec![cluster(2)]);
        instance.fairness = fairness;
        let wishes = Wishes {
            neighbours_within: Some(within),
            ..Wishes::default()
        };
        let (found, answers) = certified_with(&instance, &small(), &wishes).unwrap();
        let second = answers.neighbours.unwrap();
        let lost = found.objective - second.objective;
        (second.neighbour_score - found.neighbour_score, lost)
    };
    assert_eq!(asked(2.0, 0.0, 0.5), (0.0, 0.0));
    assert_eq!(asked(4.0, 0.0, 0.5), (1.0, 3.0));
    // The plan is worth 25 + 4 + 3 * 25 / 3 = 54, the other one 22 + 4 + 22 = 48: less than 0.9 of it.
    assert_eq!(asked(4.0, 3.0, 0.1), (0.0, 0.0));
    assert_eq!(asked(4.0, 3.0, 0.2), (1.0, 6.0));
}

/// Regret, alternatives and the second goal on tiny questions, against every plan.
fn explanations() {
    let mut asked = 0;
    let mut sharp = 0;
    for n in 0..60_u64 {
        let instance = random_coupled("explained", n);
        let Some(all) = every_plan(&instance) else {
            continue;
        };
        let best = all.iter().map(|p| p.1).fold(f64::MIN, f64::max);
        let pairs: Vec<_> = instance.suitability.keys().take(4).cloned().collect();
        let wishes = Wishes {
            why: pairs,
            alternatives: Some(AlternativesParams {
                layouts: 4,
                within: 0.1,
                disturbed: 4,
                steps: 2_000,
                ..AlternativesParams::default()
            }),
            neighbours_within: Some(0.05),
        };
        let mut told = Vec::new();
        let mut tell = |plan: &Certified| {
            told.push(plan.clone());
            true
        };
        let (found, answers) = certified_telling(&instance, &small(), &wishes, &mut tell).unwrap();
        // The plan is told once, before the wishes, and proves itself.
        assert_eq!(told.as_slice(), std::slice::from_ref(&found));
        assert!(check(&instance, &told[0].certificate).is_ok());
        let close = 1e-6 * best.abs().max(1.0);
        for worth in &answers.why {
            let wanted = worth.question == Question::WhyNotThat;
            let turned = all
                .iter()
                .filter(|(p, _)| p[&worth.cluster].contains(&worth.industry) == wanted)
                .map(|p| p.1)
                .reduce(f64::max);
            readable(&worth.message());
            // The plan is optimal here or nearly so; what turning the answer round costs is known exactly.
            if let Some(turned) = turned {
                let loss = found.objective - turned;
                let (low, high) = worth.nation_loses;
                assert!(
                    low <= loss.max(0.0) + close,
                    "{n}: at least {low}, but it is {loss}"
                );
                if let Some(high) = high {
                    assert!(
                        high >= loss - close,
                        "{n}: at most {high}, but it is {loss}"
                    );
                    sharp += usize::from(high - low <= close);
                }
                asked += 1;
            }
            if let (low, Some(high)) = worth.region_loses {
                assert!(low <= high + close, "{n}");
            }
        }
        let near = answers.alternatives.unwrap();
        let least = found.objective - 0.1 * found.objective.abs();
        for layout in &near.layouts {
            assert!(violations(&instance, &layout.assignment).is_empty(), "{n}");
            assert!(layout.objective >= least - close, "{n}");
        }
        // What is proved about all layouts within ε holds for each of them.
        for (plan, value) in all.iter().filter(|p| p.1 >= least + close) {
            for (c, i) in &near.proved_needed {
                assert!(plan[c].contains(i), "{n}: {c} {i} is needed, {value}");
            }
            for (c, i) in &near.proved_out {
                assert!(!plan[c].contains(i), "{n}: {c} {i} is out, {value}");
            }
        }
        let second = answers.neighbours.unwrap();
        assert!(violations(&instance, &second.assignment).is_empty(), "{n}");
        assert!(
            second.neighbour_score >= found.neighbour_score - 1e-9,
            "{n}"
        );
        assert!(
            second.objective >= found.objective - 0.05 * found.objective.abs() - close,
            "{n}"
        );
    }
    assert!(asked > 60 && sharp * 3 > asked, "{sharp} of {asked}");
}

/// A lifted rule never costs: the gain lies between its ends, and is exact where both questions are closed.
fn rule_prices() {
    let mut seen = 0;
    for n in 0..12_u64 {
        let instance = random_coupled("prices", n);
        let Ok(found) = certified(&instance, &small()) else {
            continue;
        };
        for price in coupled_price_of_rules(&instance, &found, &small()).unwrap() {
            let gain = price.gain.estimate().unwrap();
            assert!(
                gain.low >= 0.0 && gain.low <= gain.value && gain.value <= gain.high,
                "{n}"
            );
            crate::known_code(price.family.code());
            seen += 1;
        }
    }
    assert!(seen > 15, "{seen}");
}
