//! The only file of the chain that names the solver of programs: `HiGHS` (Huangfu & Hall 2018), one thread, fixed seed.

use std::num::NonZeroU32;

use highs::{HighsModelStatus, HighsSolutionStatus, HighsStatus, RowProblem, Sense};

/// A linear program, some columns whole: minimise `cost' x` within bounds and rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Program {
    pub cost: Vec<f64>,
    pub bounds: Vec<(f64, f64)>,
    pub integer: Vec<bool>,
    pub rows: Vec<Row>,
}

#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub low: f64,
    pub high: f64,
    pub terms: Vec<(usize, f64)>,
}

#[derive(Debug, Clone)]
pub(crate) struct Solved {
    pub objective: f64,
    /// No solution costs less.
    pub bound: f64,
    pub values: Vec<f64>,
    /// Cost of one more unit of a column that is at a bound; of a program without whole columns only.
    pub reduced: Vec<f64>,
    /// Change of the objective per unit of the row's side; of a program without whole columns only.
    pub duals: Vec<f64>,
}

/// Where the solver may stop early.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Limits {
    /// Relative gap.
    pub gap: f64,
    /// Nodes of the branching tree.
    pub nodes: Option<u32>,
    pub seconds: Option<f64>,
}

#[derive(Debug)]
pub(crate) enum Outcome {
    /// To the gap, or as far as the limits allowed: `bound` says which.
    Solved(Solved),
    Infeasible,
    /// A limit was reached before any solution; none costs less than `bound`.
    Limit {
        bound: f64,
    },
    Failed,
}

impl Program {
    pub fn column(&mut self, cost: f64, low: f64, high: f64) -> usize {
        self.cost.push(cost);
        self.bounds.push((low, high));
        self.integer.push(false);
        self.cost.len() - 1
    }

    /// A whole column, 0 or 1.
    pub fn switch(&mut self, cost: f64) -> usize {
        let column = self.column(cost, 0.0, 1.0);
        self.integer[column] = true;
        column
    }

    pub fn at_least(&mut self, terms: Vec<(usize, f64)>, low: f64) -> usize {
        self.row(terms, low, f64::INFINITY)
    }

    pub fn at_most(&mut self, terms: Vec<(usize, f64)>, high: f64) -> usize {
        self.row(terms, f64::NEG_INFINITY, high)
    }

    pub fn equal(&mut self, terms: Vec<(usize, f64)>, side: f64) -> usize {
        self.row(terms, side, side)
    }

    /// How many columns are whole.
    pub fn switches(&self) -> usize {
        self.integer.iter().filter(|whole| **whole).count()
    }

    /// The same program with no column whole: it never costs more.
    pub fn relaxed(&self) -> Self {
        Self {
            integer: vec![false; self.integer.len()],
            ..self.clone()
        }
    }

    fn row(&mut self, terms: Vec<(usize, f64)>, low: f64, high: f64) -> usize {
        self.rows.push(Row { low, high, terms });
        self.rows.len() - 1
    }

    /// The same program with every whole column held at its value: what is left has prices.
    pub fn fixed_at(&self, values: &[f64]) -> Self {
        let mut fixed = self.clone();
        for (column, integer) in fixed.integer.iter_mut().enumerate() {
            if *integer {
                let value = values[column].round();
                fixed.bounds[column] = (value, value);
                *integer = false;
            }
        }
        fixed
    }

    pub fn minimise(&self, limits: Limits) -> Outcome {
        if self.cost.is_empty() {
            let kept = self
                .rows
                .iter()
                .all(|row| row.low <= 0.0 && row.high >= 0.0);
            return if kept {
                Outcome::Solved(Solved {
                    objective: 0.0,
                    bound: 0.0,
                    values: Vec::new(),
                    reduced: Vec::new(),
                    duals: vec![0.0; self.rows.len()],
                })
            } else {
                Outcome::Infeasible
            };
        }
        let mut problem = RowProblem::default();
        let columns: Vec<_> = (0..self.cost.len())
            .map(|i| {
                let (low, high) = self.bounds[i];
                if self.integer[i] {
                    problem.add_integer_column(self.cost[i], low..=high)
                } else {
                    problem.add_column(self.cost[i], low..=high)
                }
            })
            .collect();
        for row in &self.rows {
            let terms: Vec<_> = row.terms.iter().map(|(c, x)| (columns[*c], *x)).collect();
            problem.add_row(row.low..=row.high, terms);
        }
        let run = || -> Result<_, HighsStatus> {
            let mut model = problem.try_optimise(Sense::Minimise)?;
            model.set_threads(NonZeroU32::MIN);
            let options = || -> Result<(), highs::TrySetOptionError> {
                let model = &mut model;
                model.try_set_option("parallel", "off")?;
                model.try_set_option("random_seed", 0)?;
                model.try_set_option("mip_rel_gap", limits.gap)?;
                // At 1e-9 it cut off optimal solutions of degenerate programs.
                model.try_set_option("mip_feasibility_tolerance", 1e-7)?;
                model.try_set_option("primal_feasibility_tolerance", 1e-9)?;
                model.try_set_option("dual_feasibility_tolerance", 1e-9)?;
                // Root restarts and searches for plans cost more here than the tree they save.
                for heavy in [
                    "mip_allow_restart",
                    "mip_heuristic_run_feasibility_jump",
                    "mip_heuristic_run_rens",
                    "mip_heuristic_run_rins",
                    "mip_heuristic_run_root_reduced_cost",
                ] {
                    model.try_set_option(heavy, false)?;
                }
                if let Some(nodes) = limits.nodes {
                    let nodes = i32::try_from(nodes).unwrap_or(i32::MAX);
                    model.try_set_option("mip_max_nodes", nodes)?;
                }
                if let Some(seconds) = limits.seconds {
                    model.try_set_option("time_limit", seconds)?;
                }
                Ok(())
            };
            let mut options = options;
            options().map_err(|_| HighsStatus::Error)?;
            model.try_solve()
        };
        let Ok(solved) = run() else {
            return Outcome::Failed;
        };
        match solved.status() {
            // Every program here has an objective that is bounded below.
            HighsModelStatus::Infeasible | HighsModelStatus::UnboundedOrInfeasible => {
                return Outcome::Infeasible;
            }
            HighsModelStatus::Optimal
            | HighsModelStatus::ReachedTimeLimit
            | HighsModelStatus::ReachedSolutionLimit
            | HighsModelStatus::ReachedIterationLimit => {}
            _ => return Outcome::Failed,
        }
        let mip_bound = || {
            let found = solved.double_info_value(c"mip_dual_bound");
            found.unwrap_or(f64::NEG_INFINITY)
        };
        let whole = self.integer.contains(&true);
        if solved.primal_solution_status() != HighsSolutionStatus::Feasible {
            return if whole {
                Outcome::Limit { bound: mip_bound() }
            } else {
                Outcome::Failed
            };
        }
        let solution = solved.get_solution();
        let objective = self
            .cost
            .iter()
            .zip(solution.columns())
            .map(|(c, x)| c * x)
            .sum();
        let bound = if whole { mip_bound() } else { objective };
        Outcome::Solved(Solved {
            objective,
            bound,
            values: solution.columns().to_vec(),
            reduced: solution.dual_columns().to_vec(),
            duals: solution.dual_rows().to_vec(),
        })
    }
}
