//! Plans nearly as good, and what they share: must-haves, real choices, must-avoids.
//!
//! Modelling to generate alternatives (Brill, Chang & Hopkins 1982; DeCarolis 2011): among all plans worth at least
//! `(1 - epsilon)` of the plan, the one that differs most from those found so far, again and again. Then each project that
//! all of them agree on is asked for: is there a plan within epsilon without it (or with it)? A bound below the threshold proves
//! that there is none.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::plan::{PlanParams, Prepared, Unsolved};
use super::problem::{Problem, ProjectId};
use crate::solver::{Col, Outcome, Program, Worth};

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AlternativesParams {
    /// Share of the plan's objective that an alternative may lose.
    pub epsilon: f64,
    /// Alternatives to look for, the plan not counted.
    pub count: usize,
    /// Projects in which any two of them differ at least.
    pub distance: usize,
    /// Work limit: how often the question of one project may be solved.
    pub solves: usize,
}

impl Default for AlternativesParams {
    fn default() -> Self {
        Self {
            epsilon: 0.01,
            count: 10,
            distance: 2,
            solves: 400,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Alternative {
    pub starts: BTreeMap<ProjectId, usize>,
    pub value: f64,
    /// Projects in which it differs from the plan.
    pub differs: usize,
}

/// What near-optimal plans say about a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Proved: no plan within epsilon does without it.
    MustHave,
    /// Some plan within epsilon holds it, another does not.
    Choice,
    /// Proved: no plan within epsilon holds it.
    MustAvoid,
    /// The limits ended the search before a proof.
    Open,
}

impl Standing {
    /// The catalogue code.
    pub fn code(self) -> &'static str {
        match self {
            Self::MustHave => "standing.must_have",
            Self::Choice => "standing.choice",
            Self::MustAvoid => "standing.must_avoid",
            Self::Open => "standing.open",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Alternatives {
    pub plan: Worth,
    /// Least objective of an alternative.
    pub threshold: f64,
    /// The plan first, then in the order of finding.
    pub found: Vec<Alternative>,
    /// Proved: there is no further alternative at this distance.
    pub complete: bool,
    pub standing: BTreeMap<ProjectId, Standing>,
}

pub fn alternatives(
    problem: &Problem,
    params: &PlanParams,
    wanted: &AlternativesParams,
) -> Result<Alternatives, Unsolved> {
    let prepared = Prepared::new(problem, params)?;
    let solved = prepared.solve(params)?;
    let worth = Worth::from(&solved);
    let threshold = worth.value - wanted.epsilon.max(0.0) * worth.value.abs();
    let base = &prepared.model.program;
    let mut near = base.clone();
    let objective: Vec<(Col, f64)> = (base.objective.iter().enumerate())
        .filter(|(_, c)| **c != 0.0)
        .map(|(k, c)| (Col(k), *c))
        .collect();
    near.at_least(objective, threshold);
    near.objective.fill(0.0);
    let mut pool = Pool {
        prepared: &prepared,
        found: Vec::new(),
        values: Vec::new(),
    };
    pool.add(&solved.values);
    let mut complete = false;
    while pool.found.len() <= wanted.count {
        match pool
            .farthest(&near, wanted.distance.max(1))
            .maximise(&params.limits, None)
        {
            Outcome::Solved(next) => pool.add(&next.values),
            Outcome::Infeasible => {
                complete = true;
                break;
            }
            Outcome::Stopped { .. } => break,
        }
    }
    let standing = pool.standing(params, wanted, threshold);
    let first = pool.sets()[0].clone();
    let found = pool
        .values
        .iter()
        .zip(pool.sets())
        .map(|(values, set)| Alternative {
            starts: prepared.starts(values),
            value: base.value_of(values),
            differs: set.symmetric_difference(&first).count(),
        })
        .collect();
    Ok(Alternatives {
        plan: worth,
        threshold,
        found,
        complete,
        standing,
    })
}

/// The plans found so far.
struct Pool<'a> {
    prepared: &'a Prepared,
    /// Which projects each holds.
    found: Vec<Vec<bool>>,
    values: Vec<Vec<f64>>,
}

impl Pool<'_> {
    fn add(&mut self, values: &[f64]) {
        let starts = &self.prepared.model.starts;
        let holds = starts
            .iter()
            .map(|columns| columns.iter().any(|(_, c)| values[c.0] > 0.5));
        self.found.push(holds.collect());
        self.values.push(values.to_vec());
    }

    fn sets(&self) -> Vec<BTreeSet<usize>> {
        let set = |holds: &Vec<bool>| (0..holds.len()).filter(|p| holds[*p]).collect();
        self.found.iter().map(set).collect()
    }

    /// Maximise the differences from all plans found, at least `distance` from each.
    fn farthest(&self, near: &Program, distance: usize) -> Program {
        let mut program = near.clone();
        let starts = &self.prepared.model.starts;
        for holds in &self.found {
            let mut terms = Vec::new();
            let mut held = 0.0;
            for (p, columns) in starts.iter().enumerate() {
                let sign = if holds[p] { -1.0 } else { 1.0 };
                held += f64::from(u8::from(holds[p]));
                for (_, column) in columns {
                    program.objective[column.0] += sign;
                    terms.push((*column, sign));
                }
            }
            program.at_least(terms, distance as f64 - held);
        }
        program
    }

    /// Where each project stands; plans found on the way are evidence but no alternatives, as they may lie close together.
    fn standing(
        &self,
        params: &PlanParams,
        wanted: &AlternativesParams,
        threshold: f64,
    ) -> BTreeMap<ProjectId, Standing> {
        let model = &self.prepared.model;
        let projects = &self.prepared.problem.projects;
        let mut seen: Vec<Vec<bool>> = self.found.clone();
        let never = self.screened(params, threshold);
        let mut left = wanted.solves;
        let mut standing = BTreeMap::new();
        for (p, project) in projects.iter().enumerate() {
            let with = seen.iter().any(|holds| holds[p]);
            let without = seen.iter().any(|holds| !holds[p]);
            let answer = if with && without {
                Standing::Choice
            } else if !with && (model.starts[p].is_empty() || never[p]) {
                Standing::MustAvoid
            } else if left == 0 {
                Standing::Open
            } else {
                left -= 1;
                let mut program = model.program.clone();
                let terms: Vec<_> = model.starts[p].iter().map(|(_, c)| (*c, 1.0)).collect();
                let side = if with { 0.0 } else { 1.0 };
                program.equal(terms, side);
                let proved = if with {
                    Standing::MustHave
                } else {
                    Standing::MustAvoid
                };
                match program.maximise(&params.limits, None) {
                    Outcome::Infeasible => proved,
                    Outcome::Solved(other) if other.bound < threshold => proved,
                    Outcome::Solved(other) if other.value >= threshold => {
                        let columns = model.starts.iter();
                        seen.push(
                            columns
                                .map(|c| c.iter().any(|(_, c)| other.values[c.0] > 0.5))
                                .collect(),
                        );
                        Standing::Choice
                    }
                    Outcome::Stopped { bound } if bound < threshold => proved,
                    _ => Standing::Open,
                }
            };
            standing.insert(project.id.clone(), answer);
        }
        standing
    }

    /// Projects whose every start the linear relaxation rules out: `z_LP + reduced cost < threshold`.
    fn screened(&self, params: &PlanParams, threshold: f64) -> Vec<bool> {
        let model = &self.prepared.model;
        let Outcome::Solved(relaxed) = model.program.relaxed().maximise(&params.limits, None)
        else {
            return vec![false; model.starts.len()];
        };
        let out = |column: &Col| {
            relaxed.values[column.0] < 1e-9
                && relaxed.value + relaxed.reduced[column.0].min(0.0)
                    < threshold - 1e-6 * threshold.abs()
        };
        model
            .starts
            .iter()
            .map(|starts| starts.iter().all(|(_, c)| out(c)))
            .collect()
    }
}
