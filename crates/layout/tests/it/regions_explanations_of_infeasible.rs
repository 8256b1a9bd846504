//! A conflict names rules that cannot be kept together, and no rule too many.

use layout::regions::{Instance, Rule, Unsolved, solve};
use libtest_mimic::Trial;
use rayon::prelude::*;

use crate::layouts::{cluster, exact, exhaustive, industry, large_instance, random_instance};
use crate::{known_code, readable, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("regions::a_vetoed_commitment_is_named", vetoed_commitment),
        trial("regions::too_few_places_for_the_floors_are_named", floors),
        trial("regions::conflicts_are_minimal", minimal),
    ]
}

fn conflict(instance: &Instance) -> Option<Vec<Rule>> {
    match solve(instance, &exact()) {
        Err(Unsolved::Infeasible(infeasible)) => Some(infeasible.conflict),
        Ok(_) => None,
        Err(other) => panic!("{other:?}"),
    }
}

fn vetoed_commitment() {
    let mut instance = large_instance(6, 4, 1);
    let pair = (cluster(1), industry(2));
    instance.suitability.remove(&pair);
    instance.commitments.push(pair.clone());
    let named = conflict(&instance).unwrap();
    let families: Vec<&str> = named.iter().map(|r| r.family().code()).collect();
    assert_eq!(families, ["rules.commitments"]);
    assert_eq!(
        named[0].message().id,
        "regions.rule.commitment_without_evidence"
    );
    instance.suitability.insert(
        pair.clone(),
        model::Estimate::exact(0.5, model::Basis::Judged),
    );
    instance.vetoes.push(pair);
    let named = conflict(&instance).unwrap();
    let families: Vec<&str> = named.iter().map(|r| r.family().code()).collect();
    assert_eq!(families, ["rules.vetoes", "rules.commitments"]);
}

fn floors() {
    // Two clusters with one place each cannot host two industries twice: both maxima and both floors.
    let mut instance = large_instance(2, 2, 1);
    for c in &mut instance.clusters {
        c.max = 1;
    }
    for (i, spec) in instance.industries.iter_mut().enumerate() {
        spec.floor = 1 + i;
        spec.cap = None;
        for c in 0..2 {
            instance.suitability.insert(
                (cluster(c), industry(i)),
                model::Estimate::exact(0.5, model::Basis::Judged),
            );
        }
    }
    let named = conflict(&instance).unwrap();
    assert_eq!(named.len(), 4, "{named:?}");
}

/// The instance with only the rules of `kept`.
fn only(instance: &Instance, kept: &[Rule]) -> Instance {
    let mut rest = instance.clone();
    for spec in &mut rest.clusters {
        let has = |min: bool| {
            kept.iter().any(|r| match r {
                Rule::ClusterMin { cluster, .. } => min && cluster == &spec.cluster,
                Rule::ClusterMax { cluster, .. } => !min && cluster == &spec.cluster,
                _ => false,
            })
        };
        let (min, max) = (has(true), has(false));
        spec.min = if min { spec.min } else { 0 };
        spec.max = if max { spec.max } else { usize::from(u16::MAX) };
    }
    for spec in &mut rest.industries {
        let has = |floor: bool| {
            kept.iter().any(|r| match r {
                Rule::Floor { industry, .. } => floor && industry == &spec.industry,
                Rule::Cap { industry, .. } => !floor && industry == &spec.industry,
                _ => false,
            })
        };
        let (floor, cap) = (has(true), has(false));
        spec.floor = if floor { spec.floor } else { 0 };
        spec.cap = spec.cap.filter(|_| cap);
    }
    rest.regional_cap.limit = None;
    rest.regional_cap.by_region = kept
        .iter()
        .filter_map(|r| match r {
            Rule::RegionalCap { region, cap } => Some((region.clone(), *cap)),
            _ => None,
        })
        .collect();
    let pairs = |wanted: &dyn Fn(&Rule) -> bool| {
        kept.iter()
            .filter(|r| wanted(r))
            .filter_map(|r| match r {
                Rule::Veto { cluster, industry }
                | Rule::Commitment { cluster, industry }
                | Rule::CommitmentWithoutEvidence { cluster, industry } => {
                    Some((cluster.clone(), industry.clone()))
                }
                _ => None,
            })
            .collect::<Vec<_>>()
    };
    rest.vetoes = pairs(&|r| matches!(r, Rule::Veto { .. }));
    rest.commitments = pairs(&|r| !matches!(r, Rule::Veto { .. }));
    rest
}

fn minimal() {
    let checked: usize = (0..300_u64)
        .into_par_iter()
        .map(|k| {
            let instance = random_instance("conflict", k, 4);
            let Some(rules) = conflict(&instance) else {
                return 0;
            };
            for rule in &rules {
                readable(&rule.message());
                known_code(rule.family().code());
            }
            assert_eq!(exhaustive(&only(&instance, &rules)), None, "{k}: {rules:?}");
            for left_out in 0..rules.len() {
                let mut rest = rules.clone();
                rest.remove(left_out);
                assert!(
                    exhaustive(&only(&instance, &rest)).is_some(),
                    "{k}: {:?} is not needed in {rules:?}",
                    rules[left_out]
                );
            }
            1
        })
        .sum();
    assert!(checked > 60, "{checked}");
}
