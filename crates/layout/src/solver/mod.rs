//! Linear and mixed-integer programs: `HiGHS` (Huangfu & Hall 2018), one thread, fixed seed. No other module names it.
//!
//! [`Program::maximise`] solves a program once; [`live::LiveLp`] keeps a linear program that grows and shrinks by rows and
//! columns between solves from the last basis.
//!
//! A [`Program`] knows columns, sparse rows and an objective that is **maximised**; what it means is the caller's. A
//! solution is believed only after it was put back into every row. Work is limited by nodes, which count the same on
//! every machine; the limit in seconds is an outside safety, and a search that it ended says so ([`Ended::Clock`]).

pub(crate) mod live;

use std::num::NonZeroU32;

use highs::{HighsModelStatus, HighsSolutionStatus, HighsStatus, Model, RowProblem, Sense};
use serde::{Deserialize, Serialize};

/// How far a search goes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The search may stop when (bound - value) / |value| is at most this.
    pub relative_gap: f64,
    /// Work limit of one search: the same on every machine.
    pub node_limit: Option<usize>,
    /// Outside safety of one search: a result that stops here may differ from machine to machine, and says so.
    pub time_limit_seconds: Option<f64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            relative_gap: 1e-6,
            node_limit: Some(20_000),
            time_limit_seconds: Some(60.0),
        }
    }
}

/// How small a difference a search tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Precision {
    Usual,
    /// No gap but the relative one, and whole columns whole to 1e-9.
    Fine,
}

/// Why a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// Proved within the relative gap asked for.
    Proved,
    /// The work limit; reproducible.
    Work,
    /// The clock; the value is good, but another machine may find another.
    Clock,
}

impl Ended {
    /// The catalogue code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Proved => "search_ended.proved",
            Self::Work => "search_ended.work",
            Self::Clock => "search_ended.clock",
        }
    }
}

/// A number with its certificate: the optimum lies between value and bound.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Worth {
    pub value: f64,
    /// No solution is better: larger where the most is sought, smaller where the least is.
    pub bound: f64,
    pub ended: Ended,
}

impl Worth {
    /// `|bound - value| / |value|`; 0 where both are equal.
    pub fn gap(&self) -> f64 {
        let open = (self.bound - self.value).abs();
        if open == 0.0 {
            0.0
        } else {
            open / self.value.abs().max(f64::MIN_POSITIVE)
        }
    }

    /// Of the least instead of the most.
    #[must_use]
    pub(crate) fn negated(self) -> Self {
        Self {
            value: 0.0 - self.value,
            bound: 0.0 - self.bound,
            ended: self.ended,
        }
    }
}

impl From<&Solved> for Worth {
    fn from(solved: &Solved) -> Self {
        Self {
            value: solved.value,
            bound: solved.bound,
            ended: solved.ended,
        }
    }
}

/// A column of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Col(pub usize);

#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub low: f64,
    pub high: f64,
    pub terms: Vec<(Col, f64)>,
}

/// Maximise `objective' x` within bounds and rows, some columns whole.
#[derive(Debug, Clone, Default)]
pub(crate) struct Program {
    pub objective: Vec<f64>,
    pub bounds: Vec<(f64, f64)>,
    pub whole: Vec<bool>,
    pub rows: Vec<Row>,
}

#[derive(Debug, Clone)]
pub(crate) struct Solved {
    pub values: Vec<f64>,
    pub value: f64,
    /// No solution is worth more.
    pub bound: f64,
    pub ended: Ended,
    /// Change of the value per unit of the side of a row; of programs without whole columns only.
    pub duals: Vec<f64>,
    /// Change of the value per unit of a column that is at a bound; of programs without whole columns only.
    pub reduced: Vec<f64>,
}

#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    Solved(Solved),
    Infeasible,
    /// A limit was reached before any solution, or the solver failed; nothing is known but the bound.
    Stopped {
        bound: f64,
    },
}

/// Largest violation of a row that is rounding, relative to the size of the row.
const SLACK: f64 = 1e-6;
/// Whole columns lie this close to a whole number.
const WHOLE: f64 = 1e-6;

impl Program {
    pub fn column(&mut self, objective: f64, low: f64, high: f64) -> Col {
        self.objective.push(objective);
        self.bounds.push((low, high));
        self.whole.push(false);
        Col(self.objective.len() - 1)
    }

    /// A column that is 0 or 1.
    pub fn switch(&mut self, objective: f64) -> Col {
        let column = self.column(objective, 0.0, 1.0);
        self.whole[column.0] = true;
        column
    }

    pub fn at_least(&mut self, terms: Vec<(Col, f64)>, low: f64) -> usize {
        self.row(terms, low, f64::INFINITY)
    }

    pub fn at_most(&mut self, terms: Vec<(Col, f64)>, high: f64) -> usize {
        self.row(terms, f64::NEG_INFINITY, high)
    }

    pub fn equal(&mut self, terms: Vec<(Col, f64)>, side: f64) -> usize {
        self.row(terms, side, side)
    }

    pub fn row(&mut self, terms: Vec<(Col, f64)>, low: f64, high: f64) -> usize {
        self.rows.push(Row { low, high, terms });
        self.rows.len() - 1
    }

    pub fn fix(&mut self, column: Col, value: f64) {
        self.bounds[column.0] = (value, value);
    }

    /// The same program with no column whole: its value bounds every solution.
    pub fn relaxed(&self) -> Self {
        let mut relaxed = self.clone();
        relaxed.whole.fill(false);
        relaxed
    }

    pub fn value_of(&self, values: &[f64]) -> f64 {
        self.objective.iter().zip(values).map(|(c, x)| c * x).sum()
    }

    /// Whether `values` keep every bound, row and whole column, up to rounding.
    pub fn keeps(&self, values: &[f64]) -> bool {
        values.len() == self.objective.len()
            && (values.iter().zip(&self.bounds))
                .all(|(x, (low, high))| *x >= low - WHOLE && *x <= high + WHOLE)
            && (values.iter().zip(&self.whole))
                .all(|(x, whole)| !whole || (x - x.round()).abs() <= WHOLE)
            && self.rows.iter().all(|row| {
                let (mut sum, mut size) = (0.0, 1.0_f64);
                for (column, a) in &row.terms {
                    sum += a * values[column.0];
                    size = size.max((a * values[column.0]).abs());
                }
                let side = |side: f64| if side.is_finite() { side.abs() } else { 0.0 };
                let slack = SLACK * size.max(side(row.low)).max(side(row.high));
                sum >= row.low - slack && sum <= row.high + slack
            })
    }

    /// Solves the program; `start`, where it is a solution, is where the search begins.
    pub fn maximise(&self, limits: &Limits, start: Option<&[f64]>) -> Outcome {
        self.maximise_to(Precision::Usual, limits, start)
    }

    /// The same to the precision asked for.
    pub fn maximise_to(
        &self,
        precision: Precision,
        limits: &Limits,
        start: Option<&[f64]>,
    ) -> Outcome {
        if self.objective.is_empty() {
            return self.without_columns();
        }
        if self.bounds.iter().any(|(low, high)| low > high)
            || self.rows.iter().any(|row| row.low > row.high)
        {
            return Outcome::Infeasible;
        }
        let mixed = self.whole.contains(&true);
        let mut problem = RowProblem::default();
        let columns: Vec<_> = (0..self.objective.len())
            .map(|i| {
                let (low, high) = self.bounds[i];
                if self.whole[i] {
                    problem.add_integer_column(self.objective[i], low..=high)
                } else {
                    problem.add_column(self.objective[i], low..=high)
                }
            })
            .collect();
        for row in &self.rows {
            let terms = row.terms.iter().map(|(c, a)| (columns[c.0], *a));
            problem.add_row(row.low..=row.high, terms.collect::<Vec<_>>());
        }
        let run = || -> Result<_, HighsStatus> {
            let mut model = problem.try_optimise(Sense::Maximise)?;
            set_options(&mut model, precision, limits).map_err(|_| HighsStatus::Error)?;
            if let Some(start) = start.filter(|_| mixed) {
                model.try_set_solution(Some(start), None, None, None)?;
            }
            model.try_solve()
        };
        let Ok(solved) = run() else {
            return Outcome::Stopped {
                bound: f64::INFINITY,
            };
        };
        let ended = match solved.status() {
            // Every column of a whole program here is bounded, so "unbounded or infeasible" can only be the latter.
            HighsModelStatus::Infeasible | HighsModelStatus::UnboundedOrInfeasible => {
                return Outcome::Infeasible;
            }
            HighsModelStatus::Optimal => Ended::Proved,
            HighsModelStatus::ReachedTimeLimit => Ended::Clock,
            HighsModelStatus::ReachedSolutionLimit | HighsModelStatus::ReachedIterationLimit => {
                Ended::Work
            }
            _ => {
                return Outcome::Stopped {
                    bound: f64::INFINITY,
                };
            }
        };
        let dual_bound = solved
            .double_info_value(c"mip_dual_bound")
            .unwrap_or(f64::INFINITY);
        let stopped = Outcome::Stopped {
            bound: if mixed { dual_bound } else { f64::INFINITY },
        };
        if solved.primal_solution_status() != HighsSolutionStatus::Feasible {
            return stopped;
        }
        let solution = solved.get_solution();
        let mut values = solution.columns().to_vec();
        for (x, whole) in values.iter_mut().zip(&self.whole) {
            if *whole {
                *x = x.round();
            }
        }
        // The solver's word is not taken: the rounded solution has to keep every row.
        if !self.keeps(&values) {
            return stopped;
        }
        let value = self.value_of(&values);
        let bound = if mixed { dual_bound.max(value) } else { value };
        if !bound.is_finite() || (!mixed && ended != Ended::Proved) {
            return stopped;
        }
        Outcome::Solved(Solved {
            values,
            value,
            bound,
            ended,
            duals: solution.dual_rows().to_vec(),
            reduced: solution.dual_columns().to_vec(),
        })
    }

    fn without_columns(&self) -> Outcome {
        if self.rows.iter().any(|row| row.low > 0.0 || row.high < 0.0) {
            return Outcome::Infeasible;
        }
        Outcome::Solved(Solved {
            values: Vec::new(),
            value: 0.0,
            bound: 0.0,
            ended: Ended::Proved,
            duals: vec![0.0; self.rows.len()],
            reduced: Vec::new(),
        })
    }
}

fn set_options(
    model: &mut Model,
    precision: Precision,
    limits: &Limits,
) -> Result<(), highs::TrySetOptionError> {
    model.set_threads(NonZeroU32::MIN);
    model.try_set_option("parallel", "off")?;
    model.try_set_option("random_seed", 0)?;
    model.try_set_option("mip_rel_gap", limits.relative_gap)?;
    match precision {
        Precision::Usual => {
            model.try_set_option("mip_abs_gap", 1e-9)?;
            model.try_set_option("mip_feasibility_tolerance", 1e-7)?;
            model.try_set_option("primal_feasibility_tolerance", 1e-8)?;
            model.try_set_option("dual_feasibility_tolerance", 1e-8)?;
        }
        Precision::Fine => {
            model.try_set_option("mip_abs_gap", 0.0)?;
            model.try_set_option("mip_feasibility_tolerance", 1e-9)?;
        }
    }
    if let Some(nodes) = limits.node_limit {
        model.try_set_option("mip_max_nodes", i32::try_from(nodes).unwrap_or(i32::MAX))?;
    }
    if let Some(seconds) = limits.time_limit_seconds {
        model.try_set_option("time_limit", seconds.max(0.0))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]
    use super::*;

    fn solved(outcome: Outcome) -> Solved {
        match outcome {
            Outcome::Solved(solved) => solved,
            other => panic!("{other:?}"),
        }
    }

    /// max 3x + 2y, x + y <= 4, x + 3y <= 7, x <= 3: x = 3, y = 1, value 11; the first row binds at price 2, and a
    /// further unit of x is worth 1.
    #[test]
    fn a_linear_program_with_its_prices() {
        let mut program = Program::default();
        let x = program.column(3.0, 0.0, 3.0);
        let y = program.column(2.0, 0.0, f64::INFINITY);
        program.at_most(vec![(x, 1.0), (y, 1.0)], 4.0);
        program.at_most(vec![(x, 1.0), (y, 3.0)], 7.0);
        let found = solved(program.maximise(&Limits::default(), None));
        assert!((found.value - 11.0).abs() < 1e-9 && found.bound == found.value);
        assert!((found.duals[0] - 2.0).abs() < 1e-9 && found.duals[1].abs() < 1e-9);
        assert!((found.reduced[x.0] - 1.0).abs() < 1e-9);
    }

    /// Knapsack of 10 with weights 6, 5, 5 and gains 8, 6, 6: the pair of fives, 12.
    #[test]
    fn a_whole_program_with_its_bound_and_a_start() {
        let mut program = Program::default();
        let columns: Vec<Col> = [8.0, 6.0, 6.0].map(|c| program.switch(c)).to_vec();
        let terms = columns.iter().copied().zip([6.0, 5.0, 5.0]).collect();
        program.at_most(terms, 10.0);
        for start in [None, Some(&[1.0, 0.0, 0.0][..])] {
            let found = solved(program.maximise(&Limits::default(), start));
            assert_eq!(found.values, [0.0, 1.0, 1.0]);
            assert!(found.value == 12.0 && found.bound - 12.0 < 1e-4);
            assert_eq!(found.ended, Ended::Proved);
        }
        let relaxed = solved(program.relaxed().maximise(&Limits::default(), None));
        assert!((relaxed.value - (8.0 + 4.0 * 6.0 / 5.0)).abs() < 1e-9);
    }

    #[test]
    fn nothing_fits_and_nothing_to_decide() {
        let mut program = Program::default();
        let x = program.switch(1.0);
        program.at_least(vec![(x, 1.0)], 2.0);
        assert!(matches!(
            program.maximise(&Limits::default(), None),
            Outcome::Infeasible
        ));
        assert_eq!(
            solved(Program::default().maximise(&Limits::default(), None)).value,
            0.0
        );
    }
}
