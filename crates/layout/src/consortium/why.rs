//! What stays uncovered, and why: a rule is the reason where lifting it alone would cover the need at no loss elsewhere.

use serde::{Deserialize, Serialize};

use super::form::{Built, Consortia, FormParams, Unformed, sound};
use super::problem::{Mission, Need, Organisation, Problem};
use crate::solver::Outcome;

/// Why a needed capability is not held often enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// No organisation on record holds it at the level asked for.
    Nobody,
    /// Some hold it, fewer than are wanted.
    TooFew,
    /// Those who hold it may not sit together with others that are needed.
    Conflict,
    /// The mission cannot pay for it.
    Budget,
    /// The mission is full.
    Size,
    /// Those who hold it serve as many missions as they may.
    Load,
    /// Least numbers of kinds or regions take the seats.
    Mix,
    /// Two rules or more together.
    Several,
    /// The limits ended the search for the reason.
    Open,
}

impl Why {
    /// The catalogue code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Nobody => "uncovered.nobody",
            Self::TooFew => "uncovered.too_few",
            Self::Conflict => "uncovered.conflict",
            Self::Budget => "uncovered.budget",
            Self::Size => "uncovered.size",
            Self::Load => "uncovered.load",
            Self::Mix => "uncovered.mix",
            Self::Several => "uncovered.several",
            Self::Open => "uncovered.open",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uncovered {
    pub mission: String,
    pub capability: String,
    /// Holders that are missing.
    pub missing: usize,
    /// Organisations that hold it, in the mission or not.
    pub holders: usize,
    pub why: Why,
}

/// The reasons of everything that the consortia leave uncovered.
pub fn uncovered(
    problem: &Problem,
    best: &Consortia,
    params: &FormParams,
) -> Result<Vec<Uncovered>, Unformed> {
    let problem = sound(problem)?;
    let mut answers = Vec::new();
    for formed in &best.formed {
        let Some(k) = problem.missions.iter().position(|m| m.id == formed.mission) else {
            continue;
        };
        for (capability, missing) in &formed.uncovered {
            let needs = &problem.missions[k].needs;
            let Some(q) = needs.iter().position(|n| &n.capability == capability) else {
                continue;
            };
            let holders = holders(&problem, &needs[q]);
            let why = match holders {
                0 => Why::Nobody,
                few if few < needs[q].holders && needs[q].holders - few == *missing => Why::TooFew,
                _ => reason(&problem, best, params, (k, q)),
            };
            answers.push(Uncovered {
                mission: formed.mission.clone(),
                capability: capability.clone(),
                missing: *missing,
                holders,
                why,
            });
        }
    }
    Ok(answers)
}

fn holders(problem: &Problem, need: &Need) -> usize {
    (0..problem.organisations.len())
        .filter(|o| problem.organisations[*o].load > 0 && problem.holds(*o, need))
        .count()
}

type Lift = fn(&mut Problem);

/// Rules that may stand in the way, in the order of asking.
const RULES: [(Why, Lift); 5] = [
    (Why::Conflict, |p| p.conflicts.clear()),
    (Why::Budget, |p| missions(p, |m| m.budget = None)),
    (Why::Size, |p| {
        let all = p.organisations.len();
        missions(p, |m| m.max_members = m.max_members.max(all));
    }),
    (Why::Load, |p| {
        let most = p.missions.len();
        organisations(p, |o| o.load = o.load.max(most));
    }),
    (Why::Mix, |p| {
        missions(p, |m| {
            m.kinds.clear();
            m.regions = 0;
        });
    }),
];

fn missions(problem: &mut Problem, change: impl Fn(&mut Mission)) {
    problem.missions.iter_mut().for_each(change);
}

/// Holders that a need lacks in the best answer.
fn missing_now(problem: &Problem, best: &Consortia, (k, q): (usize, usize)) -> usize {
    let mission = &problem.missions[k];
    let formed = best.formed.iter().find(|f| f.mission == mission.id);
    let open = formed.into_iter().flat_map(|f| &f.uncovered);
    open.filter(|(capability, _)| *capability == mission.needs[q].capability)
        .map(|(_, missing)| *missing)
        .sum()
}

fn organisations(problem: &mut Problem, change: impl Fn(&mut Organisation)) {
    problem.organisations.iter_mut().for_each(change);
}

fn reason(problem: &Problem, best: &Consortia, params: &FormParams, (k, q): (usize, usize)) -> Why {
    let mut open = false;
    for (why, lift) in RULES {
        let mut lifted = problem.clone();
        lift(&mut lifted);
        let Built {
            mut program, short, ..
        } = Built::new(&lifted, params);
        for (other, needs) in short.iter().enumerate() {
            for (need, column) in needs.iter().enumerate() {
                let now = if (other, need) == (k, q) {
                    // As far as anybody holds it.
                    let wanted = &problem.missions[k].needs[q];
                    wanted.holders.saturating_sub(holders(problem, wanted))
                } else {
                    missing_now(problem, best, (other, need))
                };
                program.at_most(vec![(*column, 1.0)], now as f64 + 0.5);
            }
        }
        program.objective.fill(0.0);
        match program.maximise(&params.limits, None) {
            Outcome::Solved(_) => return why,
            Outcome::Infeasible => {}
            Outcome::Stopped { .. } => open = true,
        }
    }
    if open { Why::Open } else { Why::Several }
}
