//! The only file that names the solver: `HiGHS` (Huangfu & Hall 2018), one thread, fixed seed.
//!
//! [`maximise`] solves an integer program once; [`live::LiveLp`] keeps a linear program that grows and
//! shrinks by rows and columns between solves from the last basis.

use std::num::NonZeroU32;

use highs::{HighsModelStatus, HighsSolutionStatus, HighsStatus, Model, RowProblem, Sense};

use super::program::{Bonus, Row};
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

/// Maximises `Σ objective[k] x_k` over binaries under `rows`, plus what `bonuses` they earn.
pub(crate) fn maximise(
    objective: &[f64],
    rows: &[&Row],
    bonuses: &[Bonus],
    params: &SolveParams,
) -> Outcome {
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
    let weights = bonuses.iter().map(|b| b.weight);
    let largest = (objective.iter().copied().chain(weights)).fold(0.0_f64, |m, c| m.max(c.abs()));
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
        let terms: Vec<_> = row
            .pairs
            .iter()
            .enumerate()
            .map(|(p, k)| (columns[*k], f64::from(row.need(p))))
            .collect();
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
    for bonus in bonuses {
        let earned = problem.add_column(bonus.weight * scale, 0.0..=1.0);
        for end in &bonus.ends {
            let hosts = end.iter().map(|k| (columns[*k], -1.0));
            problem.add_row(..=0.0, hosts.chain([(earned, 1.0)]).collect::<Vec<_>>());
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
        .take(objective.len())
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
    let sum: usize = row
        .pairs
        .iter()
        .enumerate()
        .filter(|(_, k)| chosen[**k])
        .map(|(p, _)| row.need(p) as usize)
        .sum();
    row.low <= sum && row.high.is_none_or(|high| sum <= high)
}

/// A linear program that stays with the solver.
///
/// The safe wrapper offers no deletion of rows and no rows or bounds in bulk, so this module calls the C
/// interface. What makes it sound: the pointer is created and destroyed here alone and never shared; every
/// slice that crosses has its length checked first; every index is below the count that the solver was given.
pub(crate) mod live {
    #![allow(unsafe_code)]

    use std::ffi::{CStr, c_void};
    use std::ptr::null_mut;

    use highs_sys::{
        Highs_addCols, Highs_addRows, Highs_changeColBounds, Highs_changeColCost, Highs_create,
        Highs_deleteRowsBySet, Highs_destroy, Highs_getDualRay, Highs_getIntInfoValue,
        Highs_getModelStatus, Highs_getSolution, Highs_run, Highs_setBoolOptionValue,
        Highs_setIntOptionValue, Highs_setStringOptionValue, HighsInt,
    };

    /// `MODEL_STATUS_*` of the C interface.
    const OPTIMAL: HighsInt = 7;
    const INFEASIBLE: HighsInt = 8;

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum LpStatus {
        Optimal,
        Infeasible,
        /// A limit, or trouble with numbers: nothing is known.
        Failed,
    }

    /// Rows or columns in bulk: entry `k` spans `start[k]..start[k + 1]` (the last to the end).
    #[derive(Debug, Clone, Default)]
    pub(crate) struct Sparse {
        start: Vec<HighsInt>,
        index: Vec<HighsInt>,
        value: Vec<f64>,
        lower: Vec<f64>,
        upper: Vec<f64>,
        cost: Vec<f64>,
    }

    impl Sparse {
        pub fn push(&mut self, terms: &[(usize, f64)], lower: f64, upper: f64, cost: f64) {
            self.start.push(self.index.len() as HighsInt);
            for (k, v) in terms {
                self.index.push(*k as HighsInt);
                self.value.push(*v);
            }
            self.lower.push(lower);
            self.upper.push(upper);
            self.cost.push(cost);
        }

        pub fn len(&self) -> usize {
            self.start.len()
        }

        fn below(&self, count: usize) -> bool {
            self.index
                .iter()
                .all(|k| usize::try_from(*k).is_ok_and(|k| k < count))
        }
    }

    /// `min cost x`, rows and columns between bounds.
    #[derive(Debug)]
    pub(crate) struct LiveLp {
        highs: *mut c_void,
        pub columns: usize,
        pub rows: usize,
        pub x: Vec<f64>,
        pub row_value: Vec<f64>,
        pub row_dual: Vec<f64>,
        /// Simplex iterations of the last solve.
        pub iterations: u64,
    }

    // The solver's object has no ties to the thread that made it, and `&mut` lets one thread use it at a time.
    unsafe impl Send for LiveLp {}
    // Nothing that takes `&self` touches the solver's object.
    unsafe impl Sync for LiveLp {}

    impl Drop for LiveLp {
        fn drop(&mut self) {
            // SAFETY: made by `Highs_create`, destroyed once.
            unsafe { Highs_destroy(self.highs) }
        }
    }

    impl LiveLp {
        /// An empty program; `strategy` is the solver's simplex strategy.
        pub fn new(strategy: Strategy) -> Self {
            // SAFETY: no argument; the result is used by this object alone.
            let highs = unsafe { Highs_create() };
            let lp = Self {
                highs,
                columns: 0,
                rows: 0,
                x: Vec::new(),
                row_value: Vec::new(),
                row_dual: Vec::new(),
                iterations: 0,
            };
            // SAFETY: the pointer is live and the names are C strings. An option that is not known would only
            // change speed.
            unsafe {
                let flag = |name: &CStr, on| Highs_setBoolOptionValue(lp.highs, name.as_ptr(), on);
                let number = |name: &CStr, n| Highs_setIntOptionValue(lp.highs, name.as_ptr(), n);
                let text = |name: &CStr, v: &CStr| {
                    Highs_setStringOptionValue(lp.highs, name.as_ptr(), v.as_ptr())
                };
                flag(c"output_flag", 0);
                number(c"threads", 1);
                number(c"random_seed", 0);
                text(c"parallel", c"off");
                text(c"presolve", c"off");
                text(c"solver", c"simplex");
                number(
                    c"simplex_strategy",
                    match strategy {
                        Strategy::Dual => 1,
                        Strategy::Primal => 4,
                    },
                );
            }
            lp
        }

        pub fn add_columns(&mut self, new: &Sparse) {
            assert!(new.below(self.rows), "invariant: rows of columns exist");
            if new.len() == 0 {
                return;
            }
            // SAFETY: all arrays have the lengths stated, and indices are below the count of rows.
            unsafe {
                Highs_addCols(
                    self.highs,
                    new.len() as HighsInt,
                    new.cost.as_ptr(),
                    new.lower.as_ptr(),
                    new.upper.as_ptr(),
                    new.index.len() as HighsInt,
                    new.start.as_ptr(),
                    new.index.as_ptr(),
                    new.value.as_ptr(),
                );
            }
            self.columns += new.len();
        }

        pub fn add_rows(&mut self, new: &Sparse) {
            assert!(new.below(self.columns), "invariant: columns of rows exist");
            if new.len() == 0 {
                return;
            }
            // SAFETY: as for columns.
            unsafe {
                Highs_addRows(
                    self.highs,
                    new.len() as HighsInt,
                    new.lower.as_ptr(),
                    new.upper.as_ptr(),
                    new.index.len() as HighsInt,
                    new.start.as_ptr(),
                    new.index.as_ptr(),
                    new.value.as_ptr(),
                );
            }
            self.rows += new.len();
        }

        /// Deletes rows, given in ascending order; those after them move up.
        pub fn delete_rows(&mut self, rows: &[usize]) {
            assert!(
                rows.windows(2).all(|w| w[0] < w[1]) && rows.last().is_none_or(|r| *r < self.rows),
                "invariant: rows to delete exist, once each"
            );
            if rows.is_empty() {
                return;
            }
            let set: Vec<HighsInt> = rows.iter().map(|r| *r as HighsInt).collect();
            // SAFETY: an ascending set of existing rows.
            unsafe { Highs_deleteRowsBySet(self.highs, set.len() as HighsInt, set.as_ptr()) };
            self.rows -= rows.len();
        }

        pub fn set_bounds(&mut self, column: usize, lower: f64, upper: f64) {
            assert!(column < self.columns, "invariant: the column exists");
            // SAFETY: the column exists.
            unsafe { Highs_changeColBounds(self.highs, column as HighsInt, lower, upper) };
        }

        pub fn set_cost(&mut self, column: usize, cost: f64) {
            assert!(column < self.columns, "invariant: the column exists");
            // SAFETY: the column exists.
            unsafe { Highs_changeColCost(self.highs, column as HighsInt, cost) };
        }

        /// Solves from the last basis; values and duals stand in the object afterwards.
        pub fn solve(&mut self) -> LpStatus {
            let mut iterations: HighsInt = 0;
            // SAFETY: the output is one integer; the arrays below have one place for each column or row.
            let status = unsafe {
                let ran = Highs_run(self.highs);
                Highs_getIntInfoValue(
                    self.highs,
                    c"simplex_iteration_count".as_ptr(),
                    &raw mut iterations,
                );
                if ran < 0 {
                    return LpStatus::Failed;
                }
                Highs_getModelStatus(self.highs)
            };
            self.iterations = u64::try_from(iterations).unwrap_or(0);
            match status {
                OPTIMAL => {}
                INFEASIBLE => return LpStatus::Infeasible,
                _ => return LpStatus::Failed,
            }
            self.x.resize(self.columns, 0.0);
            self.row_value.resize(self.rows, 0.0);
            self.row_dual.resize(self.rows, 0.0);
            // SAFETY: the arrays have just been given the lengths that the solver fills.
            unsafe {
                Highs_getSolution(
                    self.highs,
                    self.x.as_mut_ptr(),
                    null_mut::<f64>(),
                    self.row_value.as_mut_ptr(),
                    self.row_dual.as_mut_ptr(),
                );
            }
            LpStatus::Optimal
        }

        /// After [`LpStatus::Infeasible`]: multipliers of the rows that show it, if the solver has them.
        pub fn dual_ray(&mut self) -> Option<Vec<f64>> {
            let mut ray = vec![0.0; self.rows];
            let mut has: HighsInt = 0;
            // SAFETY: one place for each row.
            unsafe { Highs_getDualRay(self.highs, &raw mut has, ray.as_mut_ptr()) };
            (has != 0).then_some(ray)
        }
    }

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Strategy {
        Dual,
        Primal,
    }
}
