//! The integer program of a layout, solved once.

use super::program::{Bonus, Row};
use super::solve::SolveParams;
use crate::solver::{self, Col, Ended, Limits, Precision, Program};

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

/// The solver compares objectives with absolute tolerances; with the largest coefficient brought to 2^12..2^13,
/// its tolerance of 1e-9 means less than 1e-12 of the largest gain.
const LARGEST: f64 = 4096.0;

/// Maximises `Σ objective[k] x_k` over binaries under `rows`, plus what `bonuses` they earn.
pub(crate) fn maximise(
    objective: &[f64],
    rows: &[&Row],
    bonuses: &[Bonus],
    params: &SolveParams,
) -> Outcome {
    let weights = bonuses.iter().map(|b| b.weight);
    let largest = (objective.iter().copied().chain(weights)).fold(0.0_f64, |m, c| m.max(c.abs()));
    // A power of two, so that scaling loses no digit.
    let scale = if largest > 0.0 {
        (LARGEST / largest).log2().ceil().exp2()
    } else {
        1.0
    };
    let mut program = Program::default();
    let columns: Vec<Col> = objective
        .iter()
        .map(|c| program.switch(c * scale))
        .collect();
    for row in rows {
        let pairs = row.pairs.iter().enumerate();
        let terms = pairs.map(|(p, k)| (columns[*k], f64::from(row.need(p))));
        let high = row.high.map_or(f64::INFINITY, |high| high as f64);
        program.row(terms.collect(), row.low as f64, high);
    }
    for bonus in bonuses {
        let earned = program.column(bonus.weight * scale, 0.0, 1.0);
        for end in &bonus.ends {
            let hosts = end.iter().map(|k| (columns[*k], -1.0));
            program.at_most(hosts.chain([(earned, 1.0)]).collect(), 0.0);
        }
    }
    let limits = Limits {
        relative_gap: params.relative_gap,
        node_limit: params.node_limit,
        time_limit_seconds: params.time_limit_seconds,
    };
    let solved = match program.maximise_to(Precision::Fine, &limits, None) {
        solver::Outcome::Solved(solved) => solved,
        solver::Outcome::Infeasible => return Outcome::Infeasible,
        solver::Outcome::Stopped { .. } => return Outcome::Stopped,
    };
    let chosen: Vec<bool> = (solved.values.iter().take(objective.len()))
        .map(|x| *x > 0.5)
        .collect();
    // Rows count places: the plan has to keep every one of them exactly.
    if rows.iter().all(|row| keeps(row, &chosen)) {
        Outcome::Solved {
            chosen,
            bound: solved.bound / scale,
            optimal: solved.ended == Ended::Proved,
        }
    } else {
        Outcome::Stopped
    }
}

fn keeps(row: &Row, chosen: &[bool]) -> bool {
    let sum: usize = row
        .pairs
        .iter()
        .enumerate()
        .filter(|(_, k)| chosen[**k])
        .map(|(p, _)| row.need(p) as usize)
        .sum();
    row.low <= sum && row.high.is_none_or(|high| sum <= high)
}
