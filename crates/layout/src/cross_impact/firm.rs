//! How firm a scenario is when the judgments move within their ranges.

use model::{Basis, Estimate, Seed};
use rand::RngExt as _;
use rayon::prelude::*;

use super::judgments::{CrossImpacts, Scenario};
use crate::interval::share;
use crate::triangular::triangular;

/// Whether a scenario is consistent over the ranges of the judgments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Firmness {
    /// Under every matrix within the ranges.
    Always,
    /// Under some, and under some not.
    Sometimes,
    /// Under none.
    Never,
}

impl Firmness {
    pub fn code(self) -> &'static str {
        match self {
            Self::Always => "firm.always",
            Self::Sometimes => "firm.sometimes",
            Self::Never => "firm.never",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    pub scenario: Scenario,
    /// At the values of the judgments.
    pub inconsistency: f64,
    pub total_impact: f64,
    /// Exact: by the least and the most favourable matrix.
    pub firmness: Firmness,
    /// Share of the draws in which the scenario is consistent.
    pub share: Estimate,
}

const ROUNDING: f64 = 1e-9;

/// Every scenario read over `draws` matrices, drawn triangularly within the ranges of the judgments.
pub fn readings(
    impacts: &CrossImpacts,
    scenarios: &[Scenario],
    tolerance: f64,
    draws: usize,
    seed: Seed,
) -> Vec<Reading> {
    let holds = |matrix: &CrossImpacts, scenario: &Scenario| {
        matrix.least_advantage(scenario, |e| e.value, |e| e.value) >= -tolerance - ROUNDING
    };
    let counts: Vec<usize> = if impacts.has_ranges() {
        (0..draws)
            .into_par_iter()
            .map(|draw| {
                let mut stream = seed.stream("cross_impact", draw as u64);
                let matrix = impacts.drawn(|e| triangular(e, stream.random::<f64>()));
                scenarios
                    .iter()
                    .map(|s| usize::from(holds(&matrix, s)))
                    .collect()
            })
            .reduce(
                || vec![0; scenarios.len()],
                |a: Vec<usize>, b: Vec<usize>| a.iter().zip(&b).map(|(x, y)| x + y).collect(),
            )
    } else {
        scenarios
            .iter()
            .map(|s| if holds(impacts, s) { draws } else { 0 })
            .collect()
    };
    scenarios
        .iter()
        .zip(counts)
        .map(|(scenario, count)| {
            let least = |own, other| impacts.least_advantage(scenario, own, other);
            let firmness = if least(|e| e.low, |e| e.high) >= -tolerance - ROUNDING {
                Firmness::Always
            } else if least(|e| e.high, |e| e.low) >= -tolerance - ROUNDING {
                Firmness::Sometimes
            } else {
                Firmness::Never
            };
            // What holds everywhere or nowhere is known without draws.
            let share = match firmness {
                Firmness::Always => Estimate::exact(1.0, Basis::Judged),
                Firmness::Never => Estimate::exact(0.0, Basis::Judged),
                Firmness::Sometimes => share(count, draws, Basis::Judged),
            };
            Reading {
                scenario: scenario.clone(),
                inconsistency: impacts.inconsistency(scenario),
                total_impact: impacts.total_impact(scenario),
                firmness,
                share,
            }
        })
        .collect()
}
