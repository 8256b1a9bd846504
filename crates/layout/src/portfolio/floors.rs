//! What a floor costs: the optimum without it, less the optimum with it.
//!
//! With the plan in `[z, Z]` and the optimum without the floor in `[y, Y]`, the price lies in `[max(0, y - Z), Y - z]`. Beside
//! it stands the dual of the floor's rows in the linear relaxation, a price per unit: good for a small change, silent about
//! whole projects.

use std::collections::BTreeMap;

use model::{Basis, Estimate};

use super::plan::{PlanParams, Prepared, Unsolved};
use super::problem::{Problem, ProjectId};
use crate::solver::{Outcome, Solved, Worth};

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
    let relaxed = match prepared
        .model
        .program
        .relaxed()
        .maximise(&params.limits, None)
    {
        Outcome::Solved(solved) => Some(solved),
        _ => None,
    };
    let floors = prepared
        .problem
        .floors
        .iter()
        .zip(&prepared.model.rows.floors);
    floors
        .map(|(floor, rows)| {
            let mut program = prepared.model.program.clone();
            for row in rows {
                program.rows[*row].low = f64::NEG_INFINITY;
            }
            let again = program.maximise(&params.limits, Some(&solved.values));
            let Outcome::Solved(without) = again else {
                return Err(Unsolved::stopped());
            };
            let dual = |solved: &Solved| {
                let prices = rows.iter().map(|row| -solved.duals[*row]);
                prices.fold(0.0, f64::max)
            };
            let (low, high) = (without.value - solved.bound, without.bound - solved.value);
            let (low, high) = (low.max(0.0), high.max(0.0));
            let value = (without.value - solved.value).clamp(low.min(high), high);
            Ok(FloorPrice {
                id: floor.id.clone(),
                price: Estimate::spanning(value, low, high, Basis::Derived),
                without: Worth::from(&without),
                starts: prepared.starts(&without.values),
                relaxation_dual: relaxed.as_ref().map(dual),
            })
        })
        .collect()
}
