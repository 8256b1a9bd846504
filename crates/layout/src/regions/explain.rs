//! Why this and why not that: each choice is costed by solving again without it, or with its rival.
//!
//! With the plan's objective z and bound Z, and objective y and bound Y of the problem asked again, the
//! optima lie in [z, Z] and [y, Y], so the cost of the condition is certified to lie in
//!
//! ```text
//! [max(0, z - Y), Z - y],   value z - y
//! ```
//!
//! A value within the certified gaps (Z - z) + (Y - y) is not a cost: the two are *equivalent within* the
//! upper end. Among equally good answers, the one that moves the fewest placements is taken.

use std::collections::BTreeSet;

use model::{Basis, Cluster, Entity, Estimate, Industry, Message};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::conflict::minimal_conflict;
use super::instance::Instance;
use super::program::{Program, Row};
use super::rule::Rule;
use super::solve::{
    Assignment, Found, Optimum, Plan, SolveParams, Unsolved, assignment, exact_program, optimum,
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExplainParams {
    /// How many industries that a cluster did not get are explained: those it suits best.
    pub alternatives: usize,
    pub solve: SolveParams,
}

impl Default for ExplainParams {
    fn default() -> Self {
        Self {
            alternatives: 2,
            solve: SolveParams::default(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Why does this cluster host this industry? (What would it cost without?)
    WhyThis,
    /// Why does it not host that one? (What would it cost to force it in?)
    WhyNotThat,
}

impl Question {
    /// The catalogue code.
    pub fn code(self) -> &'static str {
        match self {
            Self::WhyThis => "question.why_this",
            Self::WhyNotThat => "question.why_not_that",
        }
    }
}

/// What changes in one cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move {
    pub cluster: Cluster,
    pub leaves: Vec<Industry>,
    pub enters: Vec<Industry>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// The objective lost, in its unit, and the other placements that move.
    Costs { cost: Estimate, moves: Vec<Move> },
    /// No cost that the certificates could tell from zero.
    Equivalent { within: f64, moves: Vec<Move> },
    /// Rules settle it: for `WhyThis` they demand the pair, for `WhyNotThat` they forbid it.
    Settled { rules: Vec<Rule> },
    /// The limits ended the search before an answer.
    NotAnswered,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    pub cluster: Cluster,
    pub industry: Industry,
    pub question: Question,
    pub verdict: Verdict,
}

impl Reason {
    /// The answer as a sentence; the moves or the rules behind it have sentences of their own.
    pub fn message(&self) -> Message {
        let question = match self.question {
            Question::WhyThis => "why_this",
            Question::WhyNotThat => "why_not_that",
        };
        let say = |verdict: &str| {
            Message::new(format!("regions.reason.{question}.{verdict}"))
                .with("cluster", self.cluster.entity())
                .with("industry", self.industry.entity())
        };
        match &self.verdict {
            Verdict::Costs { cost, .. } => say("costs")
                .with("cost", cost.value)
                .with("low", cost.low)
                .with("high", cost.high),
            Verdict::Equivalent { within, .. } => say("equivalent").with("within", *within),
            Verdict::Settled { .. } => say("settled"),
            Verdict::NotAnswered => say("not_answered"),
        }
    }
}

impl Move {
    /// The change as a sentence.
    pub fn message(&self) -> Message {
        let list = |industries: &[Industry]| -> Vec<Entity> {
            industries.iter().map(Industry::entity).collect()
        };
        let id = match (self.leaves.is_empty(), self.enters.is_empty()) {
            (true, _) => "regions.move.enters",
            (false, true) => "regions.move.leaves",
            (false, false) => "regions.move.swap",
        };
        Message::new(id)
            .with("cluster", self.cluster.entity())
            .with("leaves", list(&self.leaves))
            .with("enters", list(&self.enters))
    }
}

/// A reason for every placement of the plan and for the best `alternatives` of every cluster, by cluster,
/// question, then suitability. The work is done in parallel; the answer does not depend on it.
pub fn explain(
    instance: &Instance,
    plan: &Plan,
    params: &ExplainParams,
) -> Result<Vec<Reason>, Unsolved> {
    let program = exact_program(instance, &params.solve)?;
    let chosen = positions(&program, &plan.assignment);
    Ok(questions(&program, instance, &chosen, params)
        .into_par_iter()
        .map(|(k, question)| {
            let (cluster, industry) = program.pair(k);
            Reason {
                cluster: cluster.clone(),
                industry: industry.clone(),
                question,
                verdict: answer(&program, plan, &chosen, k, question, &params.solve),
            }
        })
        .collect())
}

pub(super) fn positions(program: &Program, assignment: &Assignment) -> BTreeSet<usize> {
    assignment
        .iter()
        .flat_map(|(c, hosted)| hosted.iter().filter_map(|i| program.position(c, i)))
        .collect()
}

fn questions(
    program: &Program,
    instance: &Instance,
    chosen: &BTreeSet<usize>,
    params: &ExplainParams,
) -> Vec<(usize, Question)> {
    let evident = |k: &usize| {
        let (c, i) = program.pair(*k);
        instance.suitability.contains_key(&(c.clone(), i.clone()))
    };
    let mut questions = Vec::new();
    for c in 0..program.clusters.len() {
        let mut pairs: Vec<usize> = (0..program.pairs.len())
            .filter(|k| program.pairs[*k].0 == c)
            .collect();
        pairs.sort_by(|a, b| program.gain[*b].total_cmp(&program.gain[*a]).then(a.cmp(b)));
        let (hosted, others): (Vec<usize>, Vec<usize>) =
            pairs.into_iter().partition(|k| chosen.contains(k));
        questions.extend(hosted.into_iter().map(|k| (k, Question::WhyThis)));
        questions.extend(
            others
                .into_iter()
                .filter(evident)
                .take(params.alternatives)
                .map(|k| (k, Question::WhyNotThat)),
        );
    }
    questions
}

fn answer(
    program: &Program,
    plan: &Plan,
    chosen: &BTreeSet<usize>,
    k: usize,
    question: Question,
    params: &SolveParams,
) -> Verdict {
    let extra = [Row::fixing(
        k,
        usize::from(question == Question::WhyNotThat),
    )];
    match optimum(program, &staying(program, chosen), &extra, |_| true, params) {
        Found::Optimum(other) => costed(program, plan, &other),
        Found::Infeasible => Verdict::Settled {
            rules: minimal_conflict(program, &extra, params),
        },
        Found::Stopped => Verdict::NotAnswered,
    }
}

/// A placement of the plan is worth a trifle more than an equal one elsewhere (2^-32 of the largest gain),
/// so that only what has to move moves. The trifle is part of the bound.
pub(super) fn staying(program: &Program, chosen: &BTreeSet<usize>) -> Vec<f64> {
    const STAY: f64 = super::program::TIE * 64.0;
    let stay = |k: usize| if chosen.contains(&k) { STAY } else { 0.0 };
    program
        .tie
        .iter()
        .enumerate()
        .map(|(k, tie)| tie + stay(k))
        .collect()
}

fn costed(program: &Program, plan: &Plan, other: &Optimum) -> Verdict {
    let z = plan.objective.value;
    let moves = moves(&plan.assignment, &assignment(program, &other.chosen));
    let high = (plan.bound - other.objective).max(0.0);
    let value = (z - other.objective).clamp(0.0, high);
    let gaps = (plan.bound - z) + (other.bound - other.objective);
    if value <= gaps {
        return Verdict::Equivalent {
            within: high,
            moves,
        };
    }
    let low = (z - other.bound).clamp(0.0, value);
    Verdict::Costs {
        cost: Estimate::spanning(value, low, high, plan.objective.basis.and(Basis::Derived)),
        moves,
    }
}

/// Clusters whose industries differ: what leaves, what enters.
pub(crate) fn moves(before: &Assignment, after: &Assignment) -> Vec<Move> {
    let without = |a: &[Industry], b: &[Industry]| -> Vec<Industry> {
        a.iter().filter(|i| !b.contains(i)).cloned().collect()
    };
    before
        .iter()
        .filter_map(|(cluster, old)| {
            let new = after.get(cluster).map_or(&[][..], Vec::as_slice);
            let (leaves, enters) = (without(old, new), without(new, old));
            let moved = !(leaves.is_empty() && enters.is_empty());
            moved.then(|| Move {
                cluster: cluster.clone(),
                leaves,
                enters,
            })
        })
        .collect()
}
