//! The plan with its certificate, or what cannot be kept together.

use std::collections::BTreeMap;

use model::{Message, Seed};
use serde::{Deserialize, Serialize};

use super::check::problems;
use super::problem::{Floor, FloorPeriod, Least, Problem, ProjectId, Will};
use super::program::{Model, Tail, counted, floor_amount, model};
use super::scenarios::{Draw, draws};
use crate::solver::{Limits, Outcome, Solved, Worth};

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PlanParams {
    /// Weight of the tail: 0 is expected value alone, 1 the tail alone.
    pub beta: f64,
    /// The tail: the worst `alpha` of the draws.
    pub alpha: f64,
    /// Draws that stand for the future where `beta` is above 0.
    pub scenarios: usize,
    pub seed: Seed,
    pub limits: Limits,
}

impl Default for PlanParams {
    fn default() -> Self {
        Self {
            beta: 0.0,
            alpha: 0.1,
            scenarios: 100,
            seed: Seed(1),
            limits: Limits::default(),
        }
    }
}

/// A floor and what the plan gives to it, in each of its periods (one where it holds over the horizon).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FloorUse {
    pub id: String,
    pub least: Vec<f64>,
    pub reached: Vec<f64>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Period of start of each project in the plan.
    pub starts: BTreeMap<ProjectId, usize>,
    /// Of the objective.
    pub worth: Worth,
    /// E[V], exact.
    pub expected: f64,
    /// Mean of the worst `alpha` of the plan's own draws, where the objective holds a tail.
    pub tail: Option<f64>,
    /// By period, every gate passed, at planned costs: what the budget bears.
    pub public: Vec<f64>,
    /// By period: what all bear.
    pub total: Vec<f64>,
    /// Money kept for the next period.
    pub kept: Vec<f64>,
    pub floors: Vec<FloorUse>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Unsolved {
    /// The problem itself is wrong.
    Invalid(Vec<Message>),
    /// These rules cannot be kept together; any of them could be dropped to make the rest possible.
    Infeasible(Vec<Message>),
    /// A limit was reached before any plan was found.
    Stopped(Message),
}

impl Unsolved {
    pub fn messages(&self) -> Vec<Message> {
        match self {
            Self::Invalid(messages) | Self::Infeasible(messages) => messages.clone(),
            Self::Stopped(message) => vec![message.clone()],
        }
    }

    pub(crate) fn stopped() -> Self {
        Self::Stopped(Message::new("portfolio.stopped"))
    }
}

/// The plan worth most. The order of the problem's rows does not matter.
pub fn plan(problem: &Problem, params: &PlanParams) -> Result<Plan, Unsolved> {
    let prepared = Prepared::new(problem, params)?;
    let solved = prepared.solve(params)?;
    Ok(prepared.plan(&solved, params))
}

/// A checked problem with its program: what the other questions start from.
pub(crate) struct Prepared {
    pub problem: Problem,
    pub model: Model,
    pub draws: Vec<Draw>,
}

impl Prepared {
    pub fn new(problem: &Problem, params: &PlanParams) -> Result<Self, Unsolved> {
        let mut wrong = problems(problem);
        let share = |x: f64| (0.0..=1.0).contains(&x);
        let tail = params.beta > 0.0;
        if !share(params.beta) || (tail && (!share(params.alpha) || params.alpha == 0.0)) {
            wrong.push(Message::new("portfolio.check.tail"));
        }
        if tail && params.scenarios == 0 {
            wrong.push(Message::new("portfolio.check.no_scenarios"));
        }
        if !wrong.is_empty() {
            return Err(Unsolved::Invalid(wrong));
        }
        let problem = problem.sorted();
        let count = if tail { params.scenarios } else { 0 };
        let draws = draws(&problem, params.seed, "portfolio.plan", count);
        let model = model(
            &problem,
            Some(&Tail {
                beta: params.beta,
                alpha: params.alpha,
                draws: &draws,
            }),
        );
        Ok(Self {
            problem,
            model,
            draws,
        })
    }

    pub fn solve(&self, params: &PlanParams) -> Result<Solved, Unsolved> {
        match self.model.program.maximise(&params.limits, None) {
            Outcome::Solved(solved) => Ok(solved),
            Outcome::Infeasible => Err(Unsolved::Infeasible(conflict(&self.problem, params))),
            Outcome::Stopped { .. } => Err(Unsolved::stopped()),
        }
    }

    pub fn starts(&self, values: &[f64]) -> BTreeMap<ProjectId, usize> {
        let mut starts = BTreeMap::new();
        for (project, columns) in self.problem.projects.iter().zip(&self.model.starts) {
            if let Some((s, _)) = columns.iter().find(|(_, c)| values[c.0] > 0.5) {
                starts.insert(project.id.clone(), *s);
            }
        }
        starts
    }

    pub fn plan(&self, solved: &Solved, params: &PlanParams) -> Plan {
        let starts = self.starts(&solved.values);
        let problem = &self.problem;
        let mut public = vec![0.0; problem.periods];
        let mut total = vec![0.0; problem.periods];
        for project in &problem.projects {
            let Some(start) = starts.get(&project.id) else {
                continue;
            };
            for (age, (_, cost)) in project.ages().enumerate() {
                total[start + age] += cost;
                public[start + age] += cost * project.public_share;
            }
        }
        let expected = (self.model.expected.iter().zip(&solved.values))
            .map(|(c, x)| c * x)
            .sum();
        let tail = (!self.draws.is_empty()).then(|| {
            let mut values: Vec<f64> = self
                .draws
                .iter()
                .map(|draw| gain(problem, &starts, draw))
                .collect();
            values.sort_by(f64::total_cmp);
            worst_mean(&values, params.alpha)
        });
        Plan {
            worth: Worth::from(solved),
            expected,
            tail,
            public,
            total,
            kept: self
                .model
                .rows
                .carry
                .iter()
                .map(|c| solved.values[c.0])
                .collect(),
            floors: problem
                .floors
                .iter()
                .map(|f| used(problem, &starts, f))
                .collect(),
            starts,
        }
    }
}

/// What a plan brings in one course of events.
pub(crate) fn gain(problem: &Problem, starts: &BTreeMap<ProjectId, usize>, draw: &Draw) -> f64 {
    let mut sum = 0.0;
    for (project, value) in problem.projects.iter().zip(&draw.values) {
        if let Some(s) = starts.get(&project.id) {
            sum += value * super::program::kept(project.decay, *s);
        }
    }
    let (bonuses, losses) = draw.extra.split_at(problem.bonuses.len());
    for (bonus, gain) in problem.bonuses.iter().zip(bonuses) {
        if bonus.members.iter().all(|id| starts.contains_key(id)) {
            sum += gain;
        }
    }
    for (pair, loss) in problem.substitutes.iter().zip(losses) {
        if starts.contains_key(&pair.first) && starts.contains_key(&pair.second) {
            sum += loss;
        }
    }
    sum
}

/// Mean of the worst `alpha` of sorted values (Rockafellar & Uryasev 2000): the value at the cut counts in part.
pub(crate) fn worst_mean(sorted: &[f64], alpha: f64) -> f64 {
    let mass = alpha * sorted.len() as f64;
    let (mut left, mut sum) = (mass, 0.0);
    for value in sorted {
        let part = left.min(1.0);
        sum += part * value;
        left -= part;
        if left <= 0.0 {
            break;
        }
    }
    sum / mass
}

/// What a plan gives to a floor.
fn used(problem: &Problem, starts: &BTreeMap<ProjectId, usize>, floor: &Floor) -> FloorUse {
    let periods = match floor.period {
        FloorPeriod::Horizon => 1,
        FloorPeriod::Each => problem.periods,
    };
    let (mut reached, mut all) = (vec![0.0; periods], vec![0.0; periods]);
    for (p, project) in problem.projects.iter().enumerate() {
        let Some(start) = starts.get(&project.id) else {
            continue;
        };
        for (age, amount) in counted(problem, p, floor.least, floor.period)
            .iter()
            .enumerate()
        {
            let t = if periods == 1 { 0 } else { start + age };
            all[t] += amount;
            if floor.holds(project) {
                reached[t] += amount;
            }
        }
    }
    let least = (0..periods)
        .map(|t| match floor.least {
            Least::ShareOfSpending(share) => share * all[t],
            _ => floor_amount(
                problem,
                floor.least,
                (floor.period == FloorPeriod::Each).then_some(t),
            ),
        })
        .collect();
    FloorUse {
        id: floor.id.clone(),
        least,
        reached,
    }
}

/// Floors and commitments that cannot be kept together, by a deletion filter (Chinneck & Dravnieks 1991); all others stay.
fn conflict(problem: &Problem, params: &PlanParams) -> Vec<Message> {
    let must: Vec<usize> = (0..problem.projects.len())
        .filter(|p| problem.projects[*p].will == Will::Must)
        .collect();
    let count = problem.floors.len() + must.len();
    let without = |dropped: &[bool]| {
        let mut rest = problem.clone();
        rest.floors = (problem.floors.iter().zip(dropped))
            .filter(|(_, dropped)| !**dropped)
            .map(|(floor, _)| floor.clone())
            .collect();
        for (p, dropped) in must.iter().zip(&dropped[problem.floors.len()..]) {
            if *dropped {
                rest.projects[*p].will = Will::Free;
            }
        }
        let program = model(&rest, None).program;
        matches!(program.maximise(&params.limits, None), Outcome::Infeasible)
    };
    let mut dropped = vec![false; count];
    for k in 0..count {
        dropped[k] = true;
        if !without(&dropped) {
            dropped[k] = false;
        }
    }
    let kept = |k: &usize| !dropped[*k];
    let floors = (0..problem.floors.len()).filter(kept).map(|k| {
        Message::new("portfolio.infeasible.floor").with("floor", problem.floors[k].id.as_str())
    });
    let musts = (problem.floors.len()..count).filter(kept).map(|k| {
        let project = &problem.projects[must[k - problem.floors.len()]];
        Message::new("portfolio.infeasible.must").with("project", project.id.0.as_str())
    });
    let messages: Vec<Message> = floors.chain(musts).collect();
    if messages.is_empty() {
        vec![Message::new("portfolio.infeasible.other")]
    } else {
        messages
    }
}
