//! The checked project network in quarters of a year: tasks by position, in the order of their ids.

use std::collections::BTreeMap;

use model::{Entity, Estimate, Industry, Kind, Message, Quantity, Refusal};

use super::task::{Limits, Money, Stage, Task, TaskId};
use crate::refusal;

pub(crate) const QUARTERS_PER_YEAR: usize = 4;

/// Longest duration of a task that is accepted, in years.
pub(crate) const LONGEST_YEARS: f64 = 200.0;

/// Whole quarters that a duration in years takes, rounded up: a task that runs into a quarter uses it.
pub(crate) fn quarters(years: f64) -> usize {
    // The small allowance keeps 0.75 years at three quarters whatever the last bit says.
    (years * QUARTERS_PER_YEAR as f64 - 1e-9).ceil().max(0.0) as usize
}

#[derive(Debug, Clone)]
pub(crate) struct Network {
    pub ids: Vec<TaskId>,
    pub industries: Vec<Industry>,
    pub stages: Vec<Stage>,
    /// Probabilities of passing, where a task has a gate.
    pub gates: Vec<Option<Estimate>>,
    pub years: Vec<Estimate>,
    /// Planned durations in quarters.
    pub durations: Vec<usize>,
    pub before: Vec<Vec<usize>>,
    /// Capacity by stage (position in [`Stage::ALL`]).
    pub capacity: [Option<usize>; 4],
    pub money: Option<Money>,
}

impl Network {
    pub fn len(&self) -> usize {
        self.ids.len()
    }
}

/// Checks tasks and limits; see the refusals' reasons for what is wrong.
pub(crate) fn network(tasks: &[Task], limits: &Limits) -> Result<Network, Box<Refusal>> {
    if tasks.is_empty() {
        return Err(refusal("roadmap.no_tasks", |m| m));
    }
    let mut sorted: Vec<&Task> = tasks.iter().collect();
    sorted.sort_by(|a, b| a.id.cmp(&b.id));
    let mut position: BTreeMap<&TaskId, usize> = BTreeMap::new();
    for (k, task) in sorted.iter().enumerate() {
        if position.insert(&task.id, k).is_some() {
            return Err(refusal("roadmap.twice", |m| with_task(m, task)));
        }
    }
    let mut before = vec![Vec::new(); sorted.len()];
    let mut after = vec![Vec::new(); sorted.len()];
    for (j, task) in sorted.iter().enumerate() {
        for id in &task.after {
            let Some(i) = position.get(id) else {
                return Err(refusal("roadmap.unknown_task", |m| {
                    with_task(m, task).with("missing", id.to_string())
                }));
            };
            if !before[j].contains(i) {
                before[j].push(*i);
                after[*i].push(j);
            }
        }
    }
    let mut years = Vec::with_capacity(sorted.len());
    for task in &sorted {
        years.push(duration(task)?);
        let probability =
            |p: Estimate| 0.0 <= p.low && p.low <= p.value && p.value <= p.high && p.high <= 1.0;
        if !task.success.is_none_or(probability) {
            return Err(refusal("roadmap.success", |m| with_task(m, task)));
        }
    }
    let mut capacity = [None; 4];
    for (slot, stage) in capacity.iter_mut().zip(Stage::ALL) {
        *slot = limits.per_stage.get(&stage).copied();
        if *slot == Some(0) && sorted.iter().any(|t| t.stage == stage) {
            return Err(refusal("roadmap.no_capacity", |m| {
                m.with("stage", Entity::new(Kind::Code, stage.code()))
            }));
        }
    }
    if limits.money.as_ref().is_some_and(|m| m.per_year.is_empty()) {
        return Err(refusal("roadmap.no_schedule", |m| m));
    }
    topological(&before, &after).map_err(|cycle| {
        let named: Vec<String> = cycle.iter().map(|k| sorted[*k].id.to_string()).collect();
        refusal("roadmap.cycle", |m| m.with("tasks", named.join(" → ")))
    })?;
    Ok(Network {
        ids: sorted.iter().map(|t| t.id.clone()).collect(),
        industries: sorted.iter().map(|t| t.industry.clone()).collect(),
        stages: sorted.iter().map(|t| t.stage).collect(),
        gates: sorted.iter().map(|t| t.success).collect(),
        durations: years.iter().map(|y| quarters(y.value)).collect(),
        years,
        before,
        capacity,
        money: limits.money.clone(),
    })
}

fn with_task(message: Message, task: &Task) -> Message {
    message
        .with("task", task.id.to_string())
        .with("industry", task.industry.entity())
        .with("stage", Entity::new(Kind::Code, task.stage.code()))
}

fn duration(task: &Task) -> Result<Estimate, Box<Refusal>> {
    match &task.duration_years {
        Quantity::Estimated(years)
            if 0.0 <= years.low
                && years.low <= years.value
                && years.value <= years.high
                && years.high <= LONGEST_YEARS =>
        {
            Ok(*years)
        }
        Quantity::Estimated(years) => Err(refusal("roadmap.duration", |m| {
            with_task(m, task)
                .with("low", years.low)
                .with("high", years.high)
                .with("longest", LONGEST_YEARS)
        })),
        Quantity::NotEstimated(why) => Err(refusal("roadmap.no_duration", |m| {
            with_task(m, task).with("why", why.clone())
        })),
    }
}

/// Kahn's order, smallest position first; or a cycle, first task repeated at the end.
fn topological(before: &[Vec<usize>], after: &[Vec<usize>]) -> Result<Vec<usize>, Vec<usize>> {
    let n = before.len();
    let mut open: Vec<usize> = before.iter().map(Vec::len).collect();
    let mut order: Vec<usize> = (0..n).filter(|k| open[*k] == 0).collect();
    let mut next = 0;
    while next < order.len() {
        for j in &after[order[next]] {
            open[*j] -= 1;
            if open[*j] == 0 {
                order.push(*j);
            }
        }
        next += 1;
    }
    if order.len() == n {
        return Ok(order);
    }
    // Every task that is left has a predecessor that is left: walking back must meet itself.
    let mut walk: Vec<usize> = (0..n).filter(|k| open[*k] > 0).take(1).collect();
    loop {
        let here = walk[walk.len() - 1];
        let back = before[here].iter().find(|i| open[**i] > 0);
        let back = *back.expect("invariant: a task in a cycle has a predecessor that is left");
        if let Some(start) = walk.iter().position(|k| *k == back) {
            let mut cycle: Vec<usize> = walk[start..].to_vec();
            cycle.push(back);
            cycle.reverse();
            return Err(cycle);
        }
        walk.push(back);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_round_up_to_quarters() {
        let rounded: Vec<usize> = [0.0, 0.25, 0.3, 0.75, 1.0, 2.01]
            .iter()
            .map(|y| quarters(*y))
            .collect();
        assert_eq!(rounded, [0, 1, 2, 3, 4, 9]);
    }

    #[test]
    fn a_cycle_is_walked_in_order() {
        // 0 -> 1 -> 2 -> 1, and 2 -> 3
        let before = vec![vec![], vec![0, 2], vec![1], vec![2]];
        let after = vec![vec![1], vec![2], vec![1, 3], vec![]];
        assert_eq!(topological(&before, &after), Err(vec![1, 2, 1]));
    }
}
