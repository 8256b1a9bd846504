//! A project as variables, lags and rules of the [`super::super::learning`] solver.

use super::problem::{Anchor, Gap, Plan, Project, Time};
use crate::roadmap::learning::{
    Engine, Lit, Occupation, Payment, Portion, Spending, Supply, Timetable,
};

#[derive(Debug)]
pub(crate) struct Encoded {
    pub engine: Engine,
    starts: Vec<u32>,
    /// By activity and mode; empty for an activity with one mode.
    chosen: Vec<Vec<u32>>,
    pub end: u32,
}

pub(crate) fn encode(project: &Project, horizon: Time) -> Encoded {
    let mut engine = Engine::new();
    let mut starts = Vec::new();
    let mut chosen = Vec::new();
    for a in &project.activities {
        let shortest = a.modes.iter().map(|m| m.duration).min().unwrap_or(0);
        let latest = a.deadline.map_or(horizon, |d| d.min(horizon));
        starts.push(engine.variable(a.release.max(0), latest - shortest));
        chosen.push(if a.modes.len() > 1 {
            a.modes.iter().map(|_| engine.variable(0, 1)).collect()
        } else {
            Vec::new()
        });
    }
    let end = engine.variable(0, horizon);
    let present = |j: usize, m: usize| chosen[j].get(m).map(|v: &u32| Lit::at_least(*v, 1));
    for (j, a) in project.activities.iter().enumerate() {
        let modes: Vec<Lit> = (0..a.modes.len()).filter_map(|m| present(j, m)).collect();
        if !modes.is_empty() {
            engine.clause(&modes);
        }
        for (k, one) in modes.iter().enumerate() {
            for other in &modes[..k] {
                engine.clause(&[!*one, !*other]);
            }
        }
        for (m, mode) in a.modes.iter().enumerate() {
            engine.lag(starts[j], end, mode.duration, present(j, m));
            if let (Some(p), Some(deadline)) = (present(j, m), a.deadline) {
                engine.clause(&[!p, Lit::at_most(starts[j], deadline - mode.duration)]);
            }
        }
    }
    for lag in &project.lags {
        let (i, j) = (starts[lag.from], starts[lag.to]);
        match lag.anchor {
            Anchor::Start => match lag.gap {
                Gap::AtLeast(gap) => engine.lag(i, j, gap, None),
                Gap::AtMost(gap) => engine.lag(j, i, -gap, None),
            },
            Anchor::Finish => {
                let modes = &project.activities[lag.from].modes;
                let shortest = modes.iter().map(|m| m.duration).min().unwrap_or(0);
                let longest = modes.iter().map(|m| m.duration).max().unwrap_or(0);
                if modes.len() > 1 {
                    match lag.gap {
                        Gap::AtLeast(gap) => engine.lag(i, j, shortest + gap, None),
                        Gap::AtMost(gap) => engine.lag(j, i, -(longest + gap), None),
                    }
                }
                for (m, mode) in modes.iter().enumerate() {
                    let when = present(lag.from, m);
                    match lag.gap {
                        Gap::AtLeast(gap) => engine.lag(i, j, mode.duration + gap, when),
                        Gap::AtMost(gap) => engine.lag(j, i, -(mode.duration + gap), when),
                    }
                }
            }
        }
    }
    for (k, resource) in project.resources.iter().enumerate() {
        let most = resource.capacity.iter().map(|c| c.1).max().unwrap_or(0);
        let mut tasks = Vec::new();
        for (j, a) in project.activities.iter().enumerate() {
            for (m, mode) in a.modes.iter().enumerate() {
                let demand: i64 = mode.uses.iter().filter(|u| u.0 == k).map(|u| u.1).sum();
                if demand > most && mode.duration > 0 {
                    match present(j, m) {
                        Some(p) => engine.clause(&[!p]),
                        None => engine.clause(&[]),
                    }
                }
                tasks.push(Occupation {
                    start: starts[j],
                    duration: mode.duration,
                    demand,
                    present: present(j, m),
                });
            }
        }
        // Where there is less than the most, a fixed task holds the difference.
        for (c, (from, units)) in resource.capacity.iter().enumerate() {
            let to = resource.capacity.get(c + 1).map_or(horizon, |next| next.0);
            let to = to.min(horizon);
            if *units < most && *from < to {
                tasks.push(Occupation {
                    start: engine.variable(*from, *from),
                    duration: to - from,
                    demand: most - units,
                    present: None,
                });
            }
        }
        engine.timetable(Timetable::new(tasks, most));
    }
    for (k, total) in project.stores.iter().enumerate() {
        let amount = |takes: &[(usize, i64)]| -> i64 {
            takes.iter().filter(|t| t.0 == k).map(|t| t.1).sum()
        };
        let portions = project.activities.iter().enumerate().map(|(j, a)| {
            let of_mode = |(m, mode): (usize, &super::problem::Mode)| Portion {
                amount: amount(&mode.takes),
                present: present(j, m),
            };
            a.modes.iter().enumerate().map(of_mode).collect()
        });
        engine.supply(Supply {
            portions: portions.collect(),
            total: *total,
        });
    }
    for (k, budget) in project.budgets.iter().enumerate() {
        let mut payments = Vec::new();
        for (j, a) in project.activities.iter().enumerate() {
            for (m, mode) in a.modes.iter().enumerate() {
                let rate: i64 = mode.spends.iter().filter(|s| s.0 == k).map(|s| s.1).sum();
                if rate > 0 && mode.duration > 0 {
                    payments.push(Payment {
                        start: starts[j],
                        duration: mode.duration,
                        rate,
                        present: present(j, m),
                    });
                }
            }
        }
        let mut periods = Vec::new();
        let mut from = 0;
        while from < horizon {
            let limit = budget.limits[periods.len().min(budget.limits.len() - 1)];
            periods.push((from, from + budget.period, limit));
            from += budget.period;
        }
        engine.spending(Spending { payments, periods });
    }
    engine.choices = chosen.iter().flatten().copied().collect();
    engine.starts.clone_from(&starts);
    engine.starts.push(end);
    Encoded {
        engine,
        starts,
        chosen,
        end,
    }
}

impl Encoded {
    /// The plan of the engine's last solution.
    pub fn plan(&self) -> Plan {
        let value = |view: u32| self.engine.values[(view >> 1) as usize];
        Plan {
            starts: self.starts.iter().map(|v| value(*v)).collect(),
            modes: self
                .chosen
                .iter()
                .map(|modes| modes.iter().position(|v| value(*v) == 1).unwrap_or(0))
                .collect(),
        }
    }

    /// Decisions lean towards `plan`.
    pub fn lean(&mut self, plan: &Plan, makespan: Time) {
        let variables = self.engine.bounds.views() / 2;
        let mut values: Vec<i32> = (0..variables as u32)
            .map(|v| self.engine.bounds.low(2 * v))
            .collect();
        for (view, start) in self.starts.iter().zip(&plan.starts) {
            values[(view >> 1) as usize] = *start;
        }
        for (modes, mode) in self.chosen.iter().zip(&plan.modes) {
            for (m, view) in modes.iter().enumerate() {
                values[(view >> 1) as usize] = i32::from(m == *mode);
            }
        }
        values[(self.end >> 1) as usize] = makespan;
        self.engine.lean = values;
    }
}
