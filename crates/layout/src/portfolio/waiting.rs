//! What it is worth to decide later: two stages around a review.
//!
//! Before the review all starts are decided now. At the review the outcome of a watched gate is known, if the project was
//! started early enough for its gate to fall before the review; later starts may then differ. Outcomes that nobody looked at
//! teach nothing: the later starts of two worlds that differ in one gate are equal unless that gate was passed through (decision-dependent
//! information; Goel & Grossmann 2006, for whom pairs that differ in one gate suffice when all combinations are worlds).
//!
//! ```text
//! HN  <=  RN  <=  RP  <=  WS
//! HN  here and now: every start is fixed today
//! RN  the early starts of HN, then the best answer to what was learnt
//! RP  two-stage optimum: early starts chosen for what they teach, too
//! WS  all watched gates known beforehand
//! RP - HN value of waiting;  RP - RN value of the stochastic solution;  WS - RP value of perfect information
//! ```
//!
//! Names after Birge & Louveaux (2011, chapter 4). After a failed gate a project spends nothing more: what that frees may be
//! spent by later starts.

use std::collections::BTreeMap;

use model::{Basis, Estimate, Message};
use serde::{Deserialize, Serialize};

use super::plan::{PlanParams, Prepared, Unsolved};
use super::problem::{BudgetBasis, Problem, ProjectId, mean};
use super::program::{Starts, World, add_rules, add_value};
use crate::solver::{Col, Ended, Outcome, Program, Solved, Worth};

/// A gate whose outcome the review may use.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watched {
    pub project: ProjectId,
    /// Position of the stage whose gate it is, from 0.
    #[serde(default)]
    pub stage: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaitingParams {
    /// Period of the review: starts from here on may wait for what is learnt.
    pub review: usize,
    /// At most six: every combination of outcomes is a world.
    pub watch: Vec<Watched>,
}

const MOST_WATCHED: usize = 6;

#[derive(Debug, Clone, PartialEq)]
pub struct WaitingValue {
    pub here_and_now: Worth,
    pub answered: Worth,
    pub two_stage: Worth,
    pub perfect: Worth,
    /// RP - HN.
    pub waiting: Estimate,
    /// RP - RN.
    pub stochastic_solution: Estimate,
    /// WS - RP.
    pub perfect_information: Estimate,
    /// Starts before the review in the two-stage plan.
    pub early: BTreeMap<ProjectId, usize>,
    /// Starts of the two-stage plan after the review, by world: outcome of each watched gate, chance, starts.
    pub late: Vec<(Vec<bool>, f64, BTreeMap<ProjectId, usize>)>,
}

pub fn waiting(
    problem: &Problem,
    params: &PlanParams,
    asked: &WaitingParams,
) -> Result<WaitingValue, Unsolved> {
    let expected = PlanParams {
        beta: 0.0,
        ..*params
    };
    // In expectation a budget says nothing about one world: it is held against all that is planned.
    let full = Problem {
        budget_basis: BudgetBasis::Full,
        ..problem.clone()
    };
    let prepared = Prepared::new(&full, &expected)?;
    let problem = &prepared.problem;
    let gates = gates(problem, asked)?;
    let worlds = worlds(problem, &gates);
    let now = prepared.solve(&expected)?;
    let stopped = |outcome: Outcome| match outcome {
        Outcome::Solved(solved) => Ok(solved),
        _ => Err(Unsolved::stopped()),
    };
    let learnt = Extensive::new(problem, asked.review, &gates, &worlds);
    let starts = prepared.starts(&now.values);
    let mut answer = learnt.clone();
    for (p, project) in problem.projects.iter().enumerate() {
        for (s, column) in &learnt.early[p] {
            let chosen = starts.get(&project.id) == Some(s);
            answer.program.fix(*column, f64::from(u8::from(chosen)));
        }
    }
    let answered = stopped(answer.program.maximise(&params.limits, None))?;
    let two_stage = stopped(
        learnt
            .program
            .maximise(&params.limits, Some(&answered.values)),
    )?;
    let mut perfect = Worth {
        value: 0.0,
        bound: 0.0,
        ended: Ended::Proved,
    };
    for (chance, world) in &worlds {
        let mut program = Program::default();
        let columns = starts_of(problem, &mut program);
        let lineages = problem.lineages();
        add_value(&mut program, problem, &lineages, &columns, world, 1.0);
        add_rules(&mut program, problem, &lineages, &columns, world);
        let solved = stopped(program.maximise(&params.limits, None))?;
        perfect.value += chance * solved.value;
        perfect.bound += chance * solved.bound;
        perfect.ended = perfect.ended.max(solved.ended);
    }
    let worth = |solved: &Solved| Worth::from(solved);
    let (now, answered, two) = (worth(&now), worth(&answered), worth(&two_stage));
    let late = worlds
        .iter()
        .enumerate()
        .map(|(w, (chance, world))| {
            let outcome = gates.iter().map(|gate| world[gate]).collect();
            (
                outcome,
                *chance,
                chosen(problem, &learnt.late[w], &two_stage.values),
            )
        })
        .collect();
    Ok(WaitingValue {
        waiting: difference(&two, &now),
        stochastic_solution: difference(&two, &answered),
        perfect_information: difference(&perfect, &two),
        early: chosen(problem, &learnt.early, &two_stage.values),
        late,
        here_and_now: now,
        answered,
        two_stage: two,
        perfect,
    })
}

/// `a - b >= 0` of two optima that are known up to their certificates.
fn difference(a: &Worth, b: &Worth) -> Estimate {
    let low = (a.value - b.bound).max(0.0);
    let high = (a.bound - b.value).max(low);
    Estimate::spanning(
        (a.value - b.value).clamp(low, high),
        low,
        high,
        Basis::Derived,
    )
}

fn gates(problem: &Problem, asked: &WaitingParams) -> Result<Vec<(usize, usize)>, Unsolved> {
    let mut wrong = Vec::new();
    let say = |what: &str| Message::new(format!("portfolio.check.{what}"));
    if asked.review == 0 || asked.review >= problem.periods {
        wrong.push(say("review").with("periods", problem.periods));
    }
    if asked.watch.is_empty() || asked.watch.len() > MOST_WATCHED {
        wrong.push(say("watched").with("most", MOST_WATCHED));
    }
    let mut gates = Vec::new();
    for watched in &asked.watch {
        match problem.position(&watched.project) {
            Some(p) if watched.stage < problem.projects[p].stages.len() => {
                gates.push((p, watched.stage));
            }
            _ => wrong.push(say("no_gate").with("project", watched.project.0.as_str())),
        }
    }
    gates.sort_unstable();
    gates.dedup();
    if wrong.is_empty() {
        Ok(gates)
    } else {
        Err(Unsolved::Invalid(wrong))
    }
}

/// Every combination of outcomes with its chance.
fn worlds(problem: &Problem, gates: &[(usize, usize)]) -> Vec<(f64, World)> {
    (0..1_usize << gates.len())
        .map(|bits| {
            let mut chance = 1.0;
            let mut world = World::new();
            for (k, (p, stage)) in gates.iter().enumerate() {
                let passes = bits >> k & 1 == 1;
                let pass = mean(&problem.projects[*p].stages[*stage].chance);
                chance *= if passes { pass } else { 1.0 - pass };
                world.insert((*p, *stage), passes);
            }
            (chance, world)
        })
        .collect()
}

fn starts_of(problem: &Problem, program: &mut Program) -> Starts {
    let projects = problem.projects.iter();
    projects
        .map(|project| {
            problem
                .window(project)
                .map(|s| (s, program.switch(0.0)))
                .collect()
        })
        .collect()
}

/// All worlds in one program: early starts shared, late starts by world.
#[derive(Debug, Clone)]
struct Extensive {
    program: Program,
    early: Starts,
    late: Vec<Starts>,
}

impl Extensive {
    fn new(
        problem: &Problem,
        review: usize,
        gates: &[(usize, usize)],
        worlds: &[(f64, World)],
    ) -> Self {
        let lineages = problem.lineages();
        let mut program = Program::default();
        let window = |p: usize| problem.window(&problem.projects[p]);
        let count = problem.projects.len();
        let early: Starts = (0..count)
            .map(|p| {
                let periods = window(p).filter(|s| *s < review);
                periods.map(|s| (s, program.switch(0.0))).collect()
            })
            .collect();
        let mut late: Vec<Starts> = Vec::new();
        for (chance, world) in worlds {
            let own: Starts = (0..count)
                .map(|p| {
                    let periods = window(p).filter(|s| *s >= review);
                    periods.map(|s| (s, program.switch(0.0))).collect()
                })
                .collect();
            let all: Starts = (early.iter().zip(&own))
                .map(|(a, b)| a.iter().chain(b).copied().collect())
                .collect();
            add_value(&mut program, problem, &lineages, &all, world, *chance);
            add_rules(&mut program, problem, &lineages, &all, world);
            late.push(own);
        }
        let mut extensive = Self {
            program,
            early,
            late,
        };
        extensive.tie(problem, review, gates);
        extensive
    }

    /// Worlds that differ in one gate have the same late starts, unless the gate has been looked at.
    fn tie(&mut self, problem: &Problem, review: usize, gates: &[(usize, usize)]) {
        for (k, (p, stage)) in gates.iter().enumerate() {
            let stages = &problem.projects[*p].stages[..=*stage];
            let wait: usize = stages.iter().map(|s| s.cost.len()).sum();
            let seen: Vec<Col> = self.early[*p]
                .iter()
                .filter(|(s, _)| s + wait <= review)
                .map(|(_, c)| *c)
                .collect();
            for w in (0..self.late.len()).filter(|w| w >> k & 1 == 0) {
                let other = w | 1 << k;
                for q in 0..problem.projects.len() {
                    for at in 0..self.late[w][q].len() {
                        let (a, b) = (self.late[w][q][at].1, self.late[other][q][at].1);
                        for (x, y) in [(a, b), (b, a)] {
                            let mut terms = vec![(x, 1.0), (y, -1.0)];
                            terms.extend(seen.iter().map(|c| (*c, -1.0)));
                            self.program.at_most(terms, 0.0);
                        }
                    }
                }
            }
        }
    }
}

/// What is started among the columns.
fn chosen(problem: &Problem, columns: &Starts, values: &[f64]) -> BTreeMap<ProjectId, usize> {
    let mut chosen = BTreeMap::new();
    for (project, columns) in problem.projects.iter().zip(columns) {
        if let Some((s, _)) = columns.iter().find(|(_, c)| values[c.0] > 0.5) {
            chosen.insert(project.id.clone(), *s);
        }
    }
    chosen
}
