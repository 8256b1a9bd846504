//! From the plan of the over-estimate to a cheaper one that the course itself still accepts.

use super::problem::{Problem, RemedyParams};
use super::solve::keeps;
use super::state::{State, evaluate_states};
use crate::graph::ChainGraph;

/// Halvings per option: an amount is found to a part in 2^20 of itself.
const HALVINGS: usize = 20;
/// Trimming does not live on the slack that solvers need: tool wear makes much cost of little loss.
const SLACK: f64 = 1e-9;

/// Lowers one option after another, the dearest first, as far as every bound is still kept. More of an option never
/// raises a loss that the over-estimate wants lowered, so the point where a bound breaks is found by halving.
pub(crate) fn trim(
    graph: &ChainGraph,
    problem: &Problem,
    params: &RemedyParams,
    states: &[State],
    costs: &[(f64, f64)],
    mut amounts: Vec<f64>,
) -> Vec<f64> {
    let spent = |k: usize, amounts: &[f64]| costs[k].0 + costs[k].1 * amounts[k];
    let mut order: Vec<usize> = (0..amounts.len()).filter(|k| amounts[*k] > 0.0).collect();
    order.sort_by(|a, b| {
        spent(*b, &amounts)
            .total_cmp(&spent(*a, &amounts))
            .then(a.cmp(b))
    });
    for k in order {
        let enough = amounts[k];
        let kept_with = |amount: f64, amounts: &mut Vec<f64>| {
            amounts[k] = amount;
            keeps(
                problem,
                &evaluate_states(graph, problem, params, states, amounts).measures,
                SLACK,
            )
        };
        if kept_with(0.0, &mut amounts) {
            continue;
        }
        let (mut low, mut high) = (0.0, enough);
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            if kept_with(middle, &mut amounts) {
                high = middle;
            } else {
                low = middle;
            }
        }
        // Amounts that no halving could lower stay as the program found them.
        amounts[k] = if high > enough * (1.0 - 1e-5) {
            enough
        } else {
            high
        };
    }
    amounts
}
