//! The plan with its certificate, or the rules that conflict.

use std::collections::BTreeMap;

use model::{Basis, Cluster, Estimate, Industry, Message, Refusal};
use serde::{Deserialize, Serialize};

use super::conflict::minimal_conflict;
use super::exact::{Outcome, maximise};
use super::instance::Instance;
use super::program::{Program, Row, linked_program, program};
use super::rule::Rule;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SolveParams {
    /// The search may stop when (bound - objective) / |objective| is at most this.
    pub relative_gap: f64,
    /// Work limit: the same on every machine.
    pub node_limit: Option<usize>,
    /// None unless a caller asks for it: a plan that stops here may differ from machine to machine.
    pub time_limit_seconds: Option<f64>,
}

impl Default for SolveParams {
    fn default() -> Self {
        Self {
            relative_gap: 1e-6,
            node_limit: Some(100_000),
            time_limit_seconds: None,
        }
    }
}

/// Industries by cluster, sorted; every cluster of the instance has an entry.
pub type Assignment = BTreeMap<Cluster, Vec<Industry>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Proved within the relative gap asked for.
    Optimal,
    /// A limit was reached: the gap says how far from the optimum the plan can be at most.
    Limited,
}

impl Status {
    /// The catalogue code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Optimal => "plan_status.optimal",
            Self::Limited => "plan_status.limited",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub assignment: Assignment,
    /// Σ weight × suitability of the placements, with the sum of their ranges, and the links they earn.
    pub objective: Estimate,
    /// No plan that keeps the rules has a larger central objective.
    pub bound: f64,
    /// (bound - objective) / |objective|.
    pub gap: f64,
    pub status: Status,
}

/// Rules that cannot be kept together, while any of them can be dropped to make the rest possible.
#[derive(Debug, Clone, PartialEq)]
pub struct Infeasible {
    pub conflict: Vec<Rule>,
}

impl Infeasible {
    /// The conflict, a sentence for each rule.
    pub fn messages(&self) -> Vec<Message> {
        self.conflict.iter().map(Rule::message).collect()
    }
}

/// Where the reader finds the rules to mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RulesFrom {
    Study,
    Instance,
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq)]
pub enum Unsolved {
    /// The instance itself is wrong.
    Invalid(Vec<Message>),
    /// No plan keeps all rules.
    Infeasible(Infeasible),
    /// A limit was reached before any plan was found.
    Stopped(Message),
}

impl Unsolved {
    /// What to tell the reader, one message for each problem or rule.
    pub fn messages(&self) -> Vec<Message> {
        match self {
            Self::Invalid(problems) => problems.clone(),
            Self::Infeasible(infeasible) => infeasible.messages(),
            Self::Stopped(message) => vec![message.clone()],
        }
    }

    /// One refusal with everything that stands against a plan; rules that conflict make sense together only.
    pub fn refusal(&self, question: Message, rules: RulesFrom) -> Refusal {
        let code = match self {
            Self::Invalid(_) => "regions.invalid_question",
            Self::Infeasible(_) => "regions.infeasible",
            Self::Stopped(_) => "regions.stopped_question",
        };
        let needed = match rules {
            RulesFrom::Study => format!("{code}.needed"),
            RulesFrom::Instance => format!("{code}.needed_of_instance"),
        };
        Refusal {
            code: code.to_owned(),
            question,
            reason: Message::new(code).with("rules", Message::joined(&self.messages())),
            needed: Message::new(needed),
        }
    }

    pub(crate) fn stopped() -> Self {
        Self::Stopped(Message::new("regions.stopped"))
    }
}

/// The plan with the largest sum of central suitability and chain links. The order of the instance's rows does not matter.
pub fn solve(instance: &Instance, params: &SolveParams) -> Result<Plan, Unsolved> {
    let program = exact_program(instance, params)?;
    match optimum(&program, &program.tie, &[], |_| true, params) {
        Found::Optimum(optimum) => Ok(optimum.plan(&program, instance)),
        Found::Infeasible => Err(Unsolved::Infeasible(Infeasible {
            conflict: minimal_conflict(&program, &[], params),
        })),
        Found::Stopped => Err(Unsolved::stopped()),
    }
}

/// The program of a question without fairness: it is then the whole question, links included.
pub(crate) fn exact_program(
    instance: &Instance,
    params: &SolveParams,
) -> Result<Program, Unsolved> {
    if instance.fairness != 0.0 {
        return Err(Unsolved::Invalid(vec![Message::new(
            "regions.invalid.coupled",
        )]));
    }
    checked(instance, params)?;
    Ok(linked_program(instance))
}

/// The rules of a question as a program, whatever its objective; links are not in it.
pub(crate) fn valid_program(
    instance: &Instance,
    params: &SolveParams,
) -> Result<Program, Unsolved> {
    checked(instance, params)?;
    Ok(program(instance))
}

fn checked(instance: &Instance, params: &SolveParams) -> Result<(), Unsolved> {
    let mut problems = instance.problems();
    let gap_is_one = params.relative_gap.is_finite() && params.relative_gap >= 0.0;
    let time_is_one = params.time_limit_seconds.is_none_or(|t| t > 0.0);
    if !gap_is_one || !time_is_one {
        problems.push(Message::new("regions.invalid.limits"));
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Unsolved::Invalid(problems))
    }
}

/// A solution of the program.
#[derive(Debug, Clone)]
pub(crate) struct Optimum {
    /// Positions of the chosen pairs.
    pub chosen: Vec<usize>,
    pub objective: f64,
    pub bound: f64,
    pub optimal: bool,
}

pub(crate) enum Found {
    Optimum(Optimum),
    Infeasible,
    Stopped,
}

/// Solves the program with its active rules and the extra rows; `tie` are shares of the largest gain.
///
/// The ties are not negative, so the bound of the problem with ties is a bound of the one without.
pub(crate) fn optimum(
    program: &Program,
    tie: &[f64],
    extra: &[Row],
    active: impl Fn(&Rule) -> bool,
    params: &SolveParams,
) -> Found {
    optimum_of(program, &program.gain, tie, extra, active, params)
}

/// As [`optimum`], for other gains of the same pairs.
pub(crate) fn optimum_of(
    program: &Program,
    gain: &[f64],
    tie: &[f64],
    extra: &[Row],
    active: impl Fn(&Rule) -> bool,
    params: &SolveParams,
) -> Found {
    let links = program.bonuses.iter().map(|b| b.weight);
    let largest = gain
        .iter()
        .copied()
        .chain(links)
        .fold(0.0_f64, |m, g| m.max(g.abs()));
    let unit = if largest > 0.0 { largest } else { 1.0 };
    let objective: Vec<f64> = gain.iter().zip(tie).map(|(g, t)| g + t * unit).collect();
    let rows = program.rows_with(active, extra);
    match maximise(&objective, &rows, &program.bonuses, params) {
        Outcome::Solved {
            chosen,
            bound,
            optimal,
        } => {
            let chosen: Vec<usize> = (0..chosen.len()).filter(|k| chosen[*k]).collect();
            let objective = program.value(gain, &chosen);
            Found::Optimum(Optimum {
                bound: bound.max(objective),
                objective,
                chosen,
                optimal,
            })
        }
        Outcome::Infeasible => Found::Infeasible,
        Outcome::Stopped => Found::Stopped,
    }
}

impl Optimum {
    fn plan(&self, program: &Program, instance: &Instance) -> Plan {
        let zero = Estimate::exact(0.0, Basis::Derived);
        let links = Estimate::exact(program.earned(&self.chosen), Basis::Derived);
        let objective = self.chosen.iter().fold(links, |sum, k| {
            let (cluster, industry) = program.pair(*k);
            let key = (cluster.clone(), industry.clone());
            let weight = instance
                .industries
                .iter()
                .find(|i| &i.industry == industry)
                .map_or(1.0, |i| i.weight);
            let gain = instance.suitability.get(&key).copied().unwrap_or(zero);
            sum.plus(gain.times(Estimate::exact(weight, gain.basis)))
        });
        let excess = self.bound - self.objective;
        Plan {
            assignment: assignment(program, &self.chosen),
            objective,
            bound: self.bound,
            gap: if excess > 0.0 {
                excess / self.objective.abs().max(f64::MIN_POSITIVE)
            } else {
                0.0
            },
            status: if self.optimal {
                Status::Optimal
            } else {
                Status::Limited
            },
        }
    }
}

pub(crate) fn assignment(program: &Program, chosen: &[usize]) -> Assignment {
    let mut assignment: Assignment = program
        .clusters
        .iter()
        .map(|c| (c.clone(), Vec::new()))
        .collect();
    for k in chosen {
        let (cluster, industry) = program.pair(*k);
        if let Some(hosted) = assignment.get_mut(cluster) {
            hosted.push(industry.clone());
        }
    }
    assignment
}
