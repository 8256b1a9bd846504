//! The independent checker: takes a project and a plan, knows nothing of how the plan was made, and says
//! which rules it breaks. It recomputes everything from the statement of the problem, time by time.

use std::collections::BTreeMap;

use super::problem::{Anchor, Gap, Plan, Project, Time};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    #[error("the plan has {found} starts and modes, the project {expected} activities")]
    Length { found: usize, expected: usize },
    #[error("activity {activity} has no mode {mode}")]
    Mode { activity: usize, mode: usize },
    #[error("activity {activity} starts at {start}, before {earliest}")]
    Early {
        activity: usize,
        start: Time,
        earliest: Time,
    },
    #[error("activity {activity} finishes at {finish}, after {latest}")]
    Late {
        activity: usize,
        finish: Time,
        latest: Time,
    },
    #[error("lag {lag}: the gap is {found}")]
    Lag { lag: usize, found: Time },
    #[error("resource {resource} at time {time}: {used} of {capacity} units")]
    Resource {
        resource: usize,
        time: Time,
        used: i64,
        capacity: i64,
    },
    #[error("store {store}: {taken} of {supply}")]
    Store {
        store: usize,
        taken: i64,
        supply: i64,
    },
    #[error("budget {budget}, period {period}: {spent} of {limit}")]
    Budget {
        budget: usize,
        period: usize,
        spent: i64,
        limit: i64,
    },
}

/// Every rule that `plan` breaks.
pub fn check(project: &Project, plan: &Plan) -> Vec<Broken> {
    let n = project.activities.len();
    if plan.starts.len() != n || plan.modes.len() != n {
        return vec![Broken::Length {
            found: plan.starts.len().min(plan.modes.len()),
            expected: n,
        }];
    }
    let mut broken = Vec::new();
    for (activity, a) in project.activities.iter().enumerate() {
        if plan.modes[activity] >= a.modes.len() {
            broken.push(Broken::Mode {
                activity,
                mode: plan.modes[activity],
            });
        }
    }
    if !broken.is_empty() {
        return broken;
    }
    let modes: Vec<_> = (0..n)
        .map(|j| &project.activities[j].modes[plan.modes[j]])
        .collect();
    let runs: Vec<(Time, Time)> = (0..n)
        .map(|j| (plan.starts[j], plan.starts[j] + modes[j].duration))
        .collect();
    for (activity, a) in project.activities.iter().enumerate() {
        let (start, finish) = runs[activity];
        let earliest = a.release.max(0);
        if start < earliest {
            broken.push(Broken::Early {
                activity,
                start,
                earliest,
            });
        }
        for latest in [a.deadline, project.horizon].into_iter().flatten() {
            if finish > latest {
                broken.push(Broken::Late {
                    activity,
                    finish,
                    latest,
                });
            }
        }
    }
    for (lag, l) in project.lags.iter().enumerate() {
        let from = match l.anchor {
            Anchor::Start => runs[l.from].0,
            Anchor::Finish => runs[l.from].1,
        };
        let found = runs[l.to].0 - from;
        let kept = match l.gap {
            Gap::AtLeast(least) => found >= least,
            Gap::AtMost(most) => found <= most,
        };
        if !kept {
            broken.push(Broken::Lag { lag, found });
        }
    }
    resources(project, plan, &runs, &mut broken);
    for (store, supply) in project.stores.iter().enumerate() {
        let taken: i64 = modes
            .iter()
            .flat_map(|m| &m.takes)
            .filter(|t| t.0 == store)
            .map(|t| t.1)
            .sum();
        if taken > *supply {
            broken.push(Broken::Store {
                store,
                taken,
                supply: *supply,
            });
        }
    }
    for (budget, b) in project.budgets.iter().enumerate() {
        let mut spent: BTreeMap<usize, i64> = BTreeMap::new();
        for (j, mode) in modes.iter().enumerate() {
            for (_, rate) in mode.spends.iter().filter(|s| s.0 == budget) {
                for t in runs[j].0.max(0)..runs[j].1 {
                    *spent.entry((t / b.period) as usize).or_default() += rate;
                }
            }
        }
        for (period, spent) in spent {
            let limit = b.limits[period.min(b.limits.len() - 1)];
            if spent > limit {
                broken.push(Broken::Budget {
                    budget,
                    period,
                    spent,
                    limit,
                });
            }
        }
    }
    broken
}

/// Use changes when an activity starts or ends and when the capacity does: those times decide.
fn resources(project: &Project, plan: &Plan, runs: &[(Time, Time)], broken: &mut Vec<Broken>) {
    for (resource, r) in project.resources.iter().enumerate() {
        let units = |j: usize| -> i64 {
            let uses = &project.activities[j].modes[plan.modes[j]].uses;
            uses.iter().filter(|u| u.0 == resource).map(|u| u.1).sum()
        };
        let mut times: Vec<Time> = runs.iter().map(|run| run.0).collect();
        times.extend(r.capacity.iter().map(|c| c.0));
        times.sort_unstable();
        times.dedup();
        for time in times {
            let used: i64 = (0..runs.len())
                .filter(|j| runs[*j].0 <= time && time < runs[*j].1)
                .map(units)
                .sum();
            let capacity = r
                .capacity
                .iter()
                .rev()
                .find(|c| c.0 <= time)
                .map_or(0, |c| c.1);
            if used > capacity {
                broken.push(Broken::Resource {
                    resource,
                    time,
                    used,
                    capacity,
                });
            }
        }
    }
}
