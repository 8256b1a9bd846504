//! What a floor costs: the optimum without it, less the optimum with it.
//!
//! With the plan in `[z, Z]` and the optimum without the floor in `[y, Y]`, the price lies in `[max(0, y - Z), Y - z]`. Beside
//! it stands the dual of the floor's rows in the linear relaxation, a price per unit: good for a small change, silent about
//! whole projects.

use std::collections::BTreeMap;

use model::{Basis, Estimate};

use super::plan::{PlanParams, Prepared, Unsolved};
use super::problem::{Problem, ProjectId};
use crate::solver::{Outcome, Worth};

#[derive(Debug, Clone, PartialEq)]
pub struct FloorPrice {
    pub id: String,
    /// Objective lost by the floor, certified.
    pub price: Estimate,
    /// The optimum without the floor.
    pub without: Worth,
    /// The plan without the floor.
    pub starts: BTreeMap<ProjectId, usize>,
    /// Objective lost per unit of the floor in the linear relaxation; the largest over its periods.
    pub relaxation_dual: Option<f64>,
}

/// A price for every floor, in the order of the problem's ids.
pub fn floor_prices(problem: &Problem, params: &PlanParams) -> Result<Vec<FloorPrice>, Unsolved> {
    let prepared = Prepared::new(problem, params)?;
    let solved = prepared.solve(params)?;
    let duals = duals(&prepared, params);
    let floors = prepared
        .problem
        .floors
        .iter()
        .zip(&prepared.model.rows.floors);
    floors
        .zip(duals)
        .map(|((floor, rows), relaxation_dual)| {
            let mut program = prepared.model.program.clone();
            for row in rows {
                program.rows[*row].low = f64::NEG_INFINITY;
            }
            let again = program.maximise(&params.limits, Some(&solved.values));
            let Outcome::Solved(without) = again else {
                return Err(Unsolved::stopped());
            };
            let (low, high) = (without.value - solved.bound, without.bound - solved.value);
            let (low, high) = (low.max(0.0), high.max(0.0));
            let value = (without.value - solved.value).clamp(low.min(high), high);
            Ok(FloorPrice {
                id: floor.id.clone(),
                price: Estimate::spanning(value, low, high, Basis::Derived),
                without: Worth::from(&without),
                starts: prepared.starts(&without.values),
                relaxation_dual,
            })
        })
        .collect()
}

/// The dual of every floor alone, in the order of the problem's ids.
pub fn floor_duals(problem: &Problem, params: &PlanParams) -> Result<Vec<Option<f64>>, Unsolved> {
    Ok(duals(&Prepared::new(problem, params)?, params))
}

fn duals(prepared: &Prepared, params: &PlanParams) -> Vec<Option<f64>> {
    let program = prepared.model.program.relaxed();
    let relaxed = match program.maximise(&params.limits, None) {
        Outcome::Solved(solved) => Some(solved),
        _ => None,
    };
    let dual = |rows: &Vec<usize>| {
        let solved = relaxed.as_ref()?;
        let prices = rows.iter().map(|row| -solved.duals[*row]);
        Some(prices.fold(0.0, f64::max))
    };
    prepared.model.rows.floors.iter().map(dual).collect()
}
