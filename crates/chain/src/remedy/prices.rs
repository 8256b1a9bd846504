//! What bounds, stocks and sources are worth at the margin: the duals of a program with its yes-or-no columns held.

use std::collections::BTreeMap;

use model::Node;

use super::lp::{Limits, Outcome, Solved};
use super::problem::Problem;
use super::program::Built;
use crate::graph::ChainGraph;

/// Prices hold for small changes and with the yes-or-no choices as they are: of the weekly program where it found the
/// plan, else of the over-estimate before trimming.
#[derive(Debug, Clone, PartialEq)]
pub struct Prices {
    /// By bound: cost saved per further unit of allowed loss (a week over the horizon, the whole of a week's output).
    pub bounds: Vec<(Node, f64)>,
    /// Cost saved per further **day** of stock that users of a node already held; zero prices are left out.
    pub stock_days: Vec<(Node, f64)>,
    /// By choice of the problem.
    pub options: Vec<OptionPrice>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OptionPrice {
    /// Cost per week of stock, or per whole share.
    pub unit_cost: f64,
    /// Cost saved elsewhere per unit of it; above the unit cost where its limit binds, below where it is not worth it.
    pub worth: f64,
}

/// The program solved again with its yes-or-no columns held: it has duals, and values without the tolerance that
/// whole columns are allowed.
pub(crate) fn held(built: &Built, solved: &Solved) -> Option<Solved> {
    let fixed = built.program.fixed_at(&solved.values);
    match fixed.minimise(Limits::default()) {
        Outcome::Solved(fixed) => Some(fixed),
        _ => None,
    }
}

pub(crate) fn of(graph: &ChainGraph, problem: &Problem, built: &Built, fixed: &Solved) -> Prices {
    let bounds = problem
        .targets
        .iter()
        .zip(&built.bounds)
        .map(|(target, row)| (target.node.clone(), (-fixed.duals[*row]).max(0.0)))
        .collect();
    let mut by_node: BTreeMap<usize, f64> = BTreeMap::new();
    for (node, rows) in built.stock_rows.iter().flatten() {
        let weekly: f64 = rows.iter().map(|row| fixed.duals[*row]).sum();
        *by_node.entry(*node).or_insert(0.0) += weekly / 7.0;
    }
    let mut stock_days: Vec<(Node, f64)> = by_node
        .into_iter()
        .filter(|(_, price)| *price > 1e-9)
        .map(|(node, price)| (graph.nodes[node].node.clone(), price))
        .collect();
    stock_days.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let options = built
        .amounts
        .iter()
        .zip(&built.switch_rows)
        .map(|(column, tied)| {
            let unit_cost = built.program.cost[*column];
            let tied = tied.map_or(0.0, |row| fixed.duals[row]);
            OptionPrice {
                unit_cost,
                worth: (unit_cost - fixed.reduced[*column] - tied).max(0.0),
            }
        })
        .collect();
    Prices {
        bounds,
        stock_days,
        options,
    }
}
