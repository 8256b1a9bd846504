//! The only file of inventories that names the solver: `HiGHS` (Huangfu & Hall 2018), one thread, fixed seed.

use std::num::NonZeroU32;

use highs::{HighsModelStatus, HighsStatus, Model, RowProblem, Sense};

use super::params::InventoryError;

/// A linear program under construction; every variable starts at 0.
#[derive(Default)]
pub(crate) struct Program {
    problem: RowProblem,
    columns: Vec<highs::Col>,
}

pub(crate) struct Solution {
    pub values: Vec<f64>,
    pub objective: f64,
}

impl Program {
    /// A variable in `0..=most` worth `gain` a unit.
    pub fn variable(&mut self, gain: f64, most: f64) -> usize {
        let column = self.problem.add_column(gain, 0.0..=most.max(0.0));
        self.columns.push(column);
        self.columns.len() - 1
    }

    /// `Σ factor * variable <= most`.
    pub fn at_most(&mut self, most: f64, terms: &[(usize, f64)]) {
        let terms: Vec<_> = terms.iter().map(|(v, f)| (self.columns[*v], *f)).collect();
        self.problem.add_row(..=most, terms);
    }

    /// `Σ factor * variable = value`.
    pub fn equal(&mut self, value: f64, terms: &[(usize, f64)]) {
        let terms: Vec<_> = terms.iter().map(|(v, f)| (self.columns[*v], *f)).collect();
        self.problem.add_row(value..=value, terms);
    }

    pub fn maximise(self) -> Result<Solution, InventoryError> {
        let run = || -> Result<_, HighsStatus> {
            let mut model: Model = self.problem.try_optimise(Sense::Maximise)?;
            model.set_threads(NonZeroU32::MIN);
            for (option, value) in [("parallel", "off"), ("solver", "simplex")] {
                model
                    .try_set_option(option, value)
                    .map_err(|_| HighsStatus::Error)?;
            }
            model
                .try_set_option("random_seed", 0)
                .map_err(|_| HighsStatus::Error)?;
            model.try_solve()
        };
        let solved = run().map_err(|status| InventoryError::Solver(format!("{status:?}")))?;
        if solved.status() != HighsModelStatus::Optimal {
            return Err(InventoryError::Solver(format!("{:?}", solved.status())));
        }
        Ok(Solution {
            values: solved.get_solution().columns().to_vec(),
            objective: solved.objective_value(),
        })
    }
}
