//! The only file that names the solver: `HiGHS` (Huangfu & Hall 2018), one thread, fixed seed.

use std::num::NonZeroU32;

use highs::{HighsModelStatus, HighsSolutionStatus, HighsStatus, Model, RowProblem, Sense};

use super::program::Row;
use super::solve::SolveParams;

pub(crate) enum Outcome {
    Solved {
        chosen: Vec<bool>,
        /// Upper bound on `Σ objective`, in its unit.
        bound: f64,
        /// Within the gap asked for.
        optimal: bool,
    },
    Infeasible,
    /// A limit was reached before any plan was found, or the solver failed.
    Stopped,
}

/// `HiGHS` compares objectives with absolute tolerances; with the largest coefficient brought to 2^12..2^13,
/// its tolerance of 1e-9 means less than 1e-12 of the largest gain.
const LARGEST: f64 = 4096.0;
const TOLERANCE: f64 = 1e-9;

/// Maximises `Σ objective[k] x_k` over binaries under `rows`.
pub(crate) fn maximise(objective: &[f64], rows: &[&Row], params: &SolveParams) -> Outcome {
    if objective.is_empty() {
        return if rows.iter().all(|row| row.low == 0) {
            Outcome::Solved {
                chosen: Vec::new(),
                bound: 0.0,
                optimal: true,
            }
        } else {
            Outcome::Infeasible
        };
    }
    let largest = objective.iter().fold(0.0_f64, |m, c| m.max(c.abs()));
    // A power of two, so that scaling loses no digit.
    let scale = if largest > 0.0 {
        (LARGEST / largest).log2().ceil().exp2()
    } else {
        1.0
    };
    let mut problem = RowProblem::default();
    let columns: Vec<_> = objective
        .iter()
        .map(|c| problem.add_integer_column(c * scale, 0.0..=1.0))
        .collect();
    for row in rows {
        let terms: Vec<_> = row.pairs.iter().map(|k| (columns[*k], 1.0)).collect();
        let low = row.low as f64;
        match row.high {
            Some(high) if high < row.low => return Outcome::Infeasible,
            Some(high) => {
                problem.add_row(low..=high as f64, terms);
            }
            None => {
                problem.add_row(low.., terms);
            }
        }
    }
    let run = || -> Result<_, HighsStatus> {
        let mut model = problem.try_optimise(Sense::Maximise)?;
        set_options(&mut model, params).map_err(|_| HighsStatus::Error)?;
        model.try_solve()
    };
    let Ok(solved) = run() else {
        return Outcome::Stopped;
    };
    let optimal = match solved.status() {
        // Binaries are bounded, so "unbounded or infeasible" can only mean the latter.
        HighsModelStatus::Infeasible | HighsModelStatus::UnboundedOrInfeasible => {
            return Outcome::Infeasible;
        }
        HighsModelStatus::Optimal => true,
        HighsModelStatus::ReachedTimeLimit
        | HighsModelStatus::ReachedSolutionLimit
        | HighsModelStatus::ReachedIterationLimit => false,
        _ => return Outcome::Stopped,
    };
    if solved.primal_solution_status() != HighsSolutionStatus::Feasible {
        return Outcome::Stopped;
    }
    let chosen: Vec<bool> = solved
        .get_solution()
        .columns()
        .iter()
        .map(|x| *x > 0.5)
        .collect();
    let bound = solved
        .double_info_value(c"mip_dual_bound")
        .unwrap_or(f64::INFINITY)
        / scale;
    // The solver's word is not taken for a plan: the rounded plan has to keep every row exactly.
    if rows.iter().all(|row| keeps(row, &chosen)) && bound.is_finite() {
        Outcome::Solved {
            chosen,
            bound,
            optimal,
        }
    } else {
        Outcome::Stopped
    }
}

fn set_options(model: &mut Model, params: &SolveParams) -> Result<(), highs::TrySetOptionError> {
    model.set_threads(NonZeroU32::MIN);
    model.try_set_option("parallel", "off")?;
    model.try_set_option("random_seed", 0)?;
    model.try_set_option("mip_rel_gap", params.relative_gap)?;
    model.try_set_option("mip_abs_gap", 0.0)?;
    model.try_set_option("mip_feasibility_tolerance", TOLERANCE)?;
    if let Some(nodes) = params.node_limit {
        model.try_set_option("mip_max_nodes", i32::try_from(nodes).unwrap_or(i32::MAX))?;
    }
    if let Some(seconds) = params.time_limit_seconds {
        model.try_set_option("time_limit", seconds)?;
    }
    Ok(())
}

fn keeps(row: &Row, chosen: &[bool]) -> bool {
    let sum = row.pairs.iter().filter(|k| chosen[**k]).count();
    row.low <= sum && row.high.is_none_or(|high| sum <= high)
}
