//! In which share of the draws each part of the plan occurs.

use std::collections::{BTreeMap, BTreeSet};

use model::{Basis, Estimate, Seed};
use serde::{Deserialize, Serialize};

use super::driver::{Driver, DriverParams, Input, drivers};
use crate::interval::share;
use crate::regions::Strength;

/// The plan of one draw: which parts it holds, by id.
pub type Drawn = BTreeSet<String>;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RobustnessParams {
    /// From this share of draws on, a part is core.
    pub core_from: f64,
    /// From this share of draws on, it is frequent; below, fragile.
    pub frequent_from: f64,
    pub drivers: DriverParams,
}

impl Default for RobustnessParams {
    fn default() -> Self {
        Self {
            core_from: 0.9,
            frequent_from: 0.5,
            drivers: DriverParams::default(),
        }
    }
}

/// One part: an industry, a pair of cluster and industry, a project or a milestone.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    pub id: String,
    /// Share of draws, with its 95 % Monte Carlo range.
    pub share: Estimate,
    pub strength: Strength,
    /// What decides about it, largest first; empty where nothing does more than chance.
    pub drivers: Vec<Driver>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Whole {
    pub draws: usize,
    /// Every part that occurs in at least one draw, by id.
    pub parts: Vec<Part>,
    /// Mean share of the parts of a plan that another draw's plan holds too (Jaccard 1901), over
    /// neighbouring draws: 1 where all draws give one plan.
    pub agreement: Estimate,
}

/// Counts `plans`, one a draw in which a plan was found, and finds what decides.
///
/// `inputs` have one value for each of `plans`. `None` without a plan.
pub fn robustness(
    plans: &[Drawn],
    inputs: &[Input],
    params: &RobustnessParams,
    basis: Basis,
    seed: Seed,
) -> Option<Whole> {
    if plans.is_empty() {
        return None;
    }
    let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
    for id in plans.iter().flatten() {
        *counts.entry(id).or_insert(0) += 1;
    }
    let parts = counts
        .into_iter()
        .map(|(id, count)| {
            let share = share(count, plans.len(), basis);
            let occurs: Vec<f64> = plans
                .iter()
                .map(|plan| f64::from(u8::from(plan.contains(id))))
                .collect();
            Part {
                id: id.clone(),
                strength: Strength::of(share.value, params.core_from, params.frequent_from),
                share,
                drivers: drivers(&occurs, inputs, &params.drivers, seed),
            }
        })
        .collect();
    Some(Whole {
        draws: plans.len(),
        parts,
        agreement: agreement(plans, basis),
    })
}

/// Mean Jaccard similarity of the draws 1 and 2, 3 and 4, …: independent pairs, so the 95 % range of their
/// mean holds.
fn agreement(plans: &[Drawn], basis: Basis) -> Estimate {
    let pairs: Vec<f64> = plans
        .chunks_exact(2)
        .map(|pair| {
            let union = pair[0].union(&pair[1]).count();
            let both = pair[0].intersection(&pair[1]).count();
            if union == 0 {
                1.0
            } else {
                both as f64 / union as f64
            }
        })
        .collect();
    if pairs.is_empty() {
        return Estimate::spanning(1.0, 0.0, 1.0, basis.and(basis));
    }
    let k = pairs.len() as f64;
    let mean = pairs.iter().sum::<f64>() / k;
    let half = if pairs.len() == 1 {
        1.0
    } else {
        let variance = pairs.iter().map(|p| (p - mean).powi(2)).sum::<f64>() / (k - 1.0);
        crate::interval::Z95 * (variance / k).sqrt()
    };
    Estimate::spanning(mean, mean - half, mean + half, basis.and(basis)).clamped(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]
    use super::*;

    fn plan(ids: &[&str]) -> Drawn {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn shares_and_agreement_by_hand() {
        let plans = [
            plan(&["a", "b"]),
            plan(&["a"]),
            plan(&["a", "c"]),
            plan(&["a", "c"]),
        ];
        let whole = robustness(
            &plans,
            &[],
            &RobustnessParams::default(),
            Basis::Judged,
            Seed(1),
        )
        .unwrap();
        let found: Vec<(&str, f64, Strength)> = whole
            .parts
            .iter()
            .map(|p| (p.id.as_str(), p.share.value, p.strength))
            .collect();
        assert_eq!(
            found,
            [
                ("a", 1.0, Strength::Core),
                ("b", 0.25, Strength::Fragile),
                ("c", 0.5, Strength::Frequent)
            ]
        );
        // {a, b} and {a} share 1 of 2; {a, c} and {a, c} all: mean 0.75.
        assert_eq!(whole.agreement.value, 0.75);
        assert!(
            robustness(
                &[],
                &[],
                &RobustnessParams::default(),
                Basis::Judged,
                Seed(1)
            )
            .is_none()
        );
    }
}
