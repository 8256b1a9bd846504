//! How far what a plan is expected to bring may lie from its value, with the plan as it stands.
//!
//! ```text
//! E[V]      = Σ_k c_k w_k q_k                    k: projects in the plan, bonuses and doubled work; w worth, q chance of all gates
//! c_k       = (1 − decay)^start for a project, 1 for a bonus, −1 for doubled work
//! low, high = every w and q at the end of its range that makes the sum least, or most
//! gain      = Σ_k (c'_k − c_k) w_k q_k           what both plans hold with the same start cancels
//! ```
//!
//! What projects share (one worth and chance for a kind, a chance before several) is taken at its ends in each of them alone: no
//! course leaves the range of a gain, which may be wider than it must. The loss by waiting is a number here.
//! Ends of ranges, not of chance: that a gate fails is in the draws of [`super::simulate()`].

use std::collections::{BTreeMap, BTreeSet};

use model::{Basis, Estimate};

use super::problem::{Problem, ProjectId, mean};
use super::program::{kept, positions};

type Starts = BTreeMap<ProjectId, usize>;

/// Chance that a project and all before it pass their gates, from the low to the high end of the gates' chances; `None` where the
/// problem has no such project.
pub fn success(problem: &Problem, id: &ProjectId) -> Option<Estimate> {
    let p = problem
        .projects
        .iter()
        .position(|project| project.id == *id)?;
    let lineages = problem.lineages();
    let lineage = lineages.get(p)?;
    let stages = || lineage.iter().flat_map(|p| &problem.projects[*p].stages);
    let chance = |end: fn(&Estimate) -> f64| stages().map(|s| end(&s.chance)).product();
    let [value, low, high] = [chance(mean), chance(|e| e.low), chance(|e| e.high)];
    Some(Estimate::spanning(value, low, high, Basis::Assumed))
}

/// E[V] of a plan, from the low to the high end of worths and chances.
pub fn expected(problem: &Problem, starts: &Starts) -> Estimate {
    gained(problem, &Starts::new(), starts)
}

/// What the plan `after` is expected to bring beyond the plan `before`.
pub fn gained(problem: &Problem, before: &Starts, after: &Starts) -> Estimate {
    let lineages = problem.lineages();
    let [mut value, mut low, mut high] = [0.0; 3];
    let mut add = |change: f64, worth: &Estimate, members: &[usize]| {
        if change == 0.0 {
            return;
        }
        let lineage = members.iter().flat_map(|p| lineages[*p].iter().copied());
        let lineage: BTreeSet<usize> = lineage.collect();
        let stages = || lineage.iter().flat_map(|p| &problem.projects[*p].stages);
        let chance = |end: fn(&Estimate) -> f64| stages().map(|s| end(&s.chance)).product::<f64>();
        let chances = [chance(|e| e.low), chance(|e| e.high)];
        let ends = [worth.low, worth.high].map(|w| chances.map(|q| change * w * q));
        value += change * mean(worth) * chance(mean);
        low += ends
            .as_flattened()
            .iter()
            .copied()
            .fold(f64::INFINITY, f64::min);
        high += (ends.as_flattened().iter().copied()).fold(f64::NEG_INFINITY, f64::max);
    };
    for (p, project) in problem.projects.iter().enumerate() {
        let part = |plan: &Starts| {
            plan.get(&project.id)
                .map_or(0.0, |s| kept(project.decay, *s))
        };
        add(part(after) - part(before), &project.value, &[p]);
    }
    let whole = |plan: &Starts, ids: &[ProjectId]| {
        f64::from(u8::from(ids.iter().all(|id| plan.contains_key(id))))
    };
    for bonus in &problem.bonuses {
        let change = whole(after, &bonus.members) - whole(before, &bonus.members);
        add(change, &bonus.value, &positions(problem, &bonus.members));
    }
    for pair in &problem.substitutes {
        let members = [pair.first.clone(), pair.second.clone()];
        let change = whole(before, &members) - whole(after, &members);
        add(change, &pair.loss, &positions(problem, &members));
    }
    Estimate::spanning(value, low.min(value), high.max(value), Basis::Assumed)
}

/// The problem at its four corners: all worths at one end of their ranges, all chances at one of theirs. What has no range over
/// plans that stand, because it is a difference of optima or a price, is asked again there; between the corners it may be
/// more or less.
pub fn corners(problem: &Problem) -> [Problem; 4] {
    type End = fn(&Estimate) -> f64;
    let [low, high]: [End; 2] = [|e| e.low, |e| e.high];
    [(low, low), (low, high), (high, low), (high, high)].map(|(worth, chance)| {
        let fix =
            |range: &mut Estimate, end: End| *range = Estimate::exact(end(range), range.basis);
        let mut corner = problem.clone();
        for project in &mut corner.projects {
            fix(&mut project.value, worth);
            for stage in &mut project.stages {
                fix(&mut stage.chance, chance);
            }
        }
        for bonus in &mut corner.bonuses {
            fix(&mut bonus.value, worth);
        }
        for pair in &mut corner.substitutes {
            fix(&mut pair.loss, worth);
        }
        corner
    })
}
