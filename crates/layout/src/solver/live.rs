//! A linear program that stays with the solver.
//!
//! The safe wrapper offers no deletion of rows and no rows or bounds in bulk, so this module calls the C
//! interface. What makes it sound: the pointer is created and destroyed here alone and never shared; every
//! slice that crosses has its length checked first; every index is below the count that the solver was given.

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
