//! How often a placement is in the optimal plan when suitability varies within its ranges.
//!
//! Each draw takes every suitability triangularly within its range (mode at the value, independent of each
//! other) and solves again: rank acceptability (SMAA) carried over to whole layouts.

use model::{Basis, Cluster, Estimate, Industry, Seed};
use rand::RngExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::instance::Instance;
use super::program::Program;
use super::solve::{Found, SolveParams, Unsolved, exact_program, optimum_of};
use crate::interval::share;
use crate::triangular::triangular;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RobustnessParams {
    /// At least 1; 200 draws bring every share within 0.07, 400 within 0.05 (95 %).
    pub draws: usize,
    /// From this share of draws on, a placement is core.
    pub core_from: f64,
    /// From this share of draws on, it is frequent; below, fragile.
    pub frequent_from: f64,
    pub solve: SolveParams,
}

impl Default for RobustnessParams {
    fn default() -> Self {
        Self {
            draws: 200,
            core_from: 0.9,
            frequent_from: 0.5,
            solve: SolveParams::default(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    Core,
    Frequent,
    Fragile,
}

impl Strength {
    /// Of something that occurs in `share` of the draws.
    pub fn of(share: f64, core_from: f64, frequent_from: f64) -> Self {
        if share >= core_from {
            Self::Core
        } else if share >= frequent_from {
            Self::Frequent
        } else {
            Self::Fragile
        }
    }

    /// The catalogue code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Core => "strength.core",
            Self::Frequent => "strength.frequent",
            Self::Fragile => "strength.fragile",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct PairShare {
    pub cluster: Cluster,
    pub industry: Industry,
    /// Share of draws, with its 95 % Monte Carlo range.
    pub share: Estimate,
    pub strength: Strength,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Robustness {
    pub draws: usize,
    /// Every pair with evidence, by cluster and industry.
    pub pairs: Vec<PairShare>,
}

/// Shares over `params.draws` draws. The rules do not vary, so an infeasible instance is infeasible in all.
pub fn robustness(
    instance: &Instance,
    params: &RobustnessParams,
    seed: Seed,
) -> Result<Robustness, Unsolved> {
    let program = exact_program(instance, &params.solve)?;
    if params.draws == 0 {
        return Err(Unsolved::Invalid(vec![model::Message::new(
            "regions.invalid.no_draws",
        )]));
    }
    // Infeasibility is found once, with its rules.
    super::solve::solve(instance, &params.solve)?;
    let plans: Vec<Option<Vec<usize>>> = (0..params.draws as u64)
        .into_par_iter()
        .map(|draw| {
            let gain = drawn(&program, instance, seed, draw);
            match optimum_of(&program, &gain, &program.tie, &[], |_| true, &params.solve) {
                Found::Optimum(optimum) => Some(optimum.chosen),
                Found::Infeasible | Found::Stopped => None,
            }
        })
        .collect();
    let mut counts = vec![0; program.pairs.len()];
    for plan in &plans {
        for k in plan.as_ref().ok_or_else(Unsolved::stopped)? {
            counts[*k] += 1;
        }
    }
    let basis = instance
        .suitability
        .values()
        .fold(Basis::Derived, |weakest, s| weakest.and(s.basis));
    let pairs = (0..program.pairs.len())
        .map(|k| {
            let (cluster, industry) = program.pair(k);
            let share = share(counts[k], params.draws, basis);
            PairShare {
                cluster: cluster.clone(),
                industry: industry.clone(),
                strength: Strength::of(share.value, params.core_from, params.frequent_from),
                share,
            }
        })
        .collect();
    Ok(Robustness {
        draws: params.draws,
        pairs,
    })
}

fn drawn(program: &Program, instance: &Instance, seed: Seed, draw: u64) -> Vec<f64> {
    (0..program.pairs.len())
        .map(|k| {
            let (cluster, industry) = program.pair(k);
            let key = (cluster.clone(), industry.clone());
            let Some(range) = instance.suitability.get(&key) else {
                return 0.0;
            };
            // One stream per pair: the presence of other rows does not change a pair's draws.
            let label = format!("regions/{cluster}/{industry}");
            let u = seed.stream(&label, draw).random();
            let weight = instance
                .industries
                .iter()
                .find(|i| &i.industry == industry)
                .map_or(1.0, |i| i.weight);
            weight * triangular(range, u)
        })
        .collect()
}
