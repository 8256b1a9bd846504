//! Everything that is wrong with a problem, at once.

use std::collections::{BTreeMap, BTreeSet};

use model::{Estimate, Message};

use super::problem::{Least, Members, Problem, Project, ProjectId};

fn say(what: &str) -> Message {
    Message::new(format!("portfolio.check.{what}"))
}

pub(crate) fn problems(problem: &Problem) -> Vec<Message> {
    let mut found = Vec::new();
    if problem.periods == 0 {
        found.push(say("no_periods"));
    }
    if problem.projects.is_empty() {
        found.push(say("no_projects"));
    }
    let mut known: BTreeSet<&ProjectId> = BTreeSet::new();
    for project in &problem.projects {
        if !known.insert(&project.id) {
            found.push(say("twice").with("id", project.id.0.as_str()));
        }
        of_project(problem, project, &mut found);
    }
    amounts(problem, &mut found);
    let mut name = |rule: &str, id: &ProjectId| {
        if !known.contains(id) {
            found.push(
                say("unknown_project")
                    .with("rule", rule)
                    .with("project", id.0.as_str()),
            );
        }
    };
    for rule in &problem.precedence {
        name("precedence", &rule.before);
        name("precedence", &rule.after);
    }
    for bonus in &problem.bonuses {
        for id in &bonus.members {
            name(&bonus.id, id);
        }
    }
    for pair in &problem.substitutes {
        name("substitutes", &pair.first);
        name("substitutes", &pair.second);
    }
    for exclusion in &problem.exclusions {
        exclusion
            .members
            .iter()
            .for_each(|id| name("exclusion", id));
    }
    for floor in &problem.floors {
        if let Members::Projects(ids) = &floor.members {
            for id in ids {
                name(&floor.id, id);
            }
        }
    }
    if let Some(circle) = circle(problem) {
        found.push(say("circle").with("project", circle.0.as_str()));
    }
    found
}

fn of_project(problem: &Problem, project: &Project, found: &mut Vec<Message>) {
    let id = project.id.0.as_str();
    let mut wrong = |what: &str, value: f64| {
        found.push(
            say("wrong_number")
                .with("project", id)
                .with("what", what)
                .with("value", value),
        );
    };
    let share = |x: f64| (0.0..=1.0).contains(&x);
    let ordered = |e: &Estimate| Estimate::new(e.value, e.low, e.high, e.basis).is_ok();
    if !share(project.public_share) {
        wrong("public_share", project.public_share);
    }
    if !share(project.decay) {
        wrong("decay", project.decay);
    }
    if !ordered(&project.value) {
        wrong("value", project.value.value);
    }
    if !ordered(&project.overrun) || project.overrun.low < 0.0 {
        wrong("overrun", project.overrun.value);
    }
    for stage in &project.stages {
        for cost in &stage.cost {
            if !cost.is_finite() || *cost < 0.0 {
                wrong("cost", *cost);
            }
        }
        for (resource, need) in &stage.needs {
            if !need.is_finite() || *need < 0.0 {
                wrong(resource, *need);
            }
        }
        if !ordered(&stage.chance) || !share(stage.chance.low) || !share(stage.chance.high) {
            wrong("chance", stage.chance.value);
        }
    }
    if project.stages.is_empty() || project.stages.iter().any(|s| s.cost.is_empty()) {
        found.push(say("no_stage").with("project", id));
    }
    for resource in project.stages.iter().flat_map(|s| s.needs.keys()) {
        if !problem.resources.iter().any(|r| &r.id == resource) {
            found.push(
                say("unknown_resource")
                    .with("project", id)
                    .with("resource", resource.as_str()),
            );
        }
    }
}

fn amounts(problem: &Problem, found: &mut Vec<Message>) {
    let mut list = |what: &str, amounts: &[f64]| {
        if amounts.len() != problem.periods {
            found.push(
                say("wrong_length")
                    .with("what", what)
                    .with("found", amounts.len())
                    .with("expected", problem.periods),
            );
        }
        if amounts.iter().any(|x| !x.is_finite() || *x < 0.0) {
            found.push(say("negative").with("what", what));
        }
    };
    if let Some(budget) = &problem.budget {
        list("budget", budget);
    }
    for resource in &problem.resources {
        list(&resource.id, &resource.capacity);
    }
    let carry = problem.carry_over;
    if !(0.0..=1.0).contains(&carry.share) || carry.most.is_some_and(|m| m.is_nan() || m < 0.0) {
        found.push(say("negative").with("what", "carry_over"));
    }
    let values = (problem.bonuses.iter().map(|b| (b.id.as_str(), b.value)))
        .chain((problem.substitutes.iter()).map(|s| (s.first.0.as_str(), s.loss)));
    for (id, value) in values {
        if Estimate::new(value.value, value.low, value.high, value.basis).is_err()
            || value.low < 0.0
        {
            found.push(say("negative").with("what", id));
        }
    }
    for floor in &problem.floors {
        let good = match floor.least {
            Least::Spending(x) => x.is_finite() && x >= 0.0,
            Least::ShareOfBudget(x) | Least::ShareOfSpending(x) => (0.0..=1.0).contains(&x),
            Least::Projects(_) => true,
        };
        if !good {
            found.push(say("negative").with("what", floor.id.as_str()));
        }
        if matches!(floor.least, Least::ShareOfBudget(_)) && problem.budget.is_none() {
            found.push(say("share_of_no_budget").with("floor", floor.id.as_str()));
        }
    }
}

/// A project that would have to wait for itself.
fn circle(problem: &Problem) -> Option<&ProjectId> {
    let mut after: BTreeMap<&ProjectId, Vec<&ProjectId>> = BTreeMap::new();
    for rule in &problem.precedence {
        after.entry(&rule.before).or_default().push(&rule.after);
    }
    problem.precedence.iter().map(|r| &r.before).find(|start| {
        let (mut seen, mut open) = (BTreeSet::new(), after[*start].clone());
        while let Some(next) = open.pop() {
            if next == *start {
                return true;
            }
            if seen.insert(next) {
                open.extend(after.get(next).into_iter().flatten());
            }
        }
        false
    })
}
