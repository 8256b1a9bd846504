//! A project: activities with modes, renewable resources, stores, budgets by period, time lags.
//!
//! ```text
//! min  makespan = max_j finish_j,  finish_j = start_j + d_{j,m(j)}
//! lags        start_j - start_i >= or <= gap          (from the start or from the finish of i)
//! resources   Σ units of the activities that run at t  <= capacity(t)          for every t
//! stores      Σ_j amount of mode m(j)                  <= supply
//! budgets     Σ_j rate · time of j within period y     <= limit(y)
//! windows     start_j >= release_j,  finish_j <= deadline_j
//! ```
//!
//! The resource-constrained project scheduling problem with minimum and maximum time lags and several modes
//! (Brucker et al. 1999: MPS | temp | C_max), with capacities that change and money by the year.

use serde::{Deserialize, Serialize};

/// Times and durations are whole periods (days, quarters), counted from 0.
pub type Time = i32;

/// Later times are not accepted.
pub const LATEST: Time = 1 << 26;
/// Larger amounts are not accepted, so that no sum can overflow.
pub const LARGEST: i64 = 1 << 40;

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Project {
    pub activities: Vec<Activity>,
    #[serde(default)]
    pub resources: Vec<Resource>,
    /// What the whole project can take of each store.
    #[serde(default)]
    pub stores: Vec<i64>,
    #[serde(default)]
    pub budgets: Vec<Budget>,
    #[serde(default)]
    pub lags: Vec<Lag>,
    /// No activity finishes later; where none is given, a time that some optimal schedule never passes.
    #[serde(default)]
    pub horizon: Option<Time>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    pub name: String,
    /// At least one; a schedule takes exactly one.
    pub modes: Vec<Mode>,
    /// Earliest start.
    #[serde(default)]
    pub release: Time,
    /// Latest finish.
    #[serde(default)]
    pub deadline: Option<Time>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Mode {
    pub duration: Time,
    /// Units of resources while the activity runs: position of the resource, units.
    #[serde(default)]
    pub uses: Vec<(usize, i64)>,
    /// Amounts from stores, once: position of the store, amount.
    #[serde(default)]
    pub takes: Vec<(usize, i64)>,
    /// Money per unit of time while the activity runs: position of the budget, rate.
    #[serde(default)]
    pub spends: Vec<(usize, i64)>,
}

/// A renewable resource: so many units at every time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    pub name: String,
    /// Units from a time on, times rising, the first at 0.
    pub capacity: Vec<(Time, i64)>,
}

impl Resource {
    pub fn constant(name: impl Into<String>, units: i64) -> Self {
        Self {
            name: name.into(),
            capacity: vec![(0, units)],
        }
    }
}

/// Money for each of the periods `[k·period, (k+1)·period)`; the last limit holds for all later ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    pub name: String,
    pub period: Time,
    pub limits: Vec<i64>,
}

/// From what point of the first activity a lag counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Anchor {
    Start,
    Finish,
}

/// Whether a gap is the least or the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gap {
    AtLeast(Time),
    AtMost(Time),
}

/// From `anchor` of `from` to the start of `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lag {
    pub from: usize,
    pub to: usize,
    pub anchor: Anchor,
    pub gap: Gap,
}

impl Lag {
    /// `to` starts when `from` is finished, or later.
    pub fn after(from: usize, to: usize) -> Self {
        Self {
            from,
            to,
            anchor: Anchor::Finish,
            gap: Gap::AtLeast(0),
        }
    }

    pub fn start_to_start(from: usize, to: usize, gap: Gap) -> Self {
        Self {
            from,
            to,
            anchor: Anchor::Start,
            gap,
        }
    }
}

/// What is wrong with a project.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    #[error("activity {activity} has no mode")]
    NoMode { activity: usize },
    #[error(
        "activity {activity}, mode {mode} (from 0): {what}: {value} is not between 0 and {most}"
    )]
    Value {
        activity: usize,
        mode: usize,
        what: &'static str,
        value: i64,
        most: i64,
    },
    #[error("activity {activity}, mode {mode} names {what} {index}, of which there are {count}")]
    Unknown {
        activity: usize,
        mode: usize,
        what: &'static str,
        index: usize,
        count: usize,
    },
    #[error("lag {lag} names activity {activity}, of which there are {count}")]
    UnknownActivity {
        lag: usize,
        activity: usize,
        count: usize,
    },
    #[error("lag {lag}: a gap of {gap} is out of range")]
    Gap { lag: usize, gap: Time },
    #[error("{what} {index}: {reason}")]
    Limit {
        what: &'static str,
        index: usize,
        reason: &'static str,
    },
    #[error("all times together pass {LATEST}: use longer units of time")]
    TooLong,
}

impl Project {
    /// Every flaw, in the order of the project.
    pub fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        for (activity, a) in self.activities.iter().enumerate() {
            if a.modes.is_empty() {
                flaws.push(Flaw::NoMode { activity });
            }
            for (mode, m) in a.modes.iter().enumerate() {
                let mut value = |what, value: i64, most: i64| {
                    if !(0..=most).contains(&value) {
                        flaws.push(Flaw::Value {
                            activity,
                            mode,
                            what,
                            value,
                            most,
                        });
                    }
                };
                value("duration", m.duration.into(), LATEST.into());
                value("release", a.release.into(), LATEST.into());
                if let Some(deadline) = a.deadline {
                    value("deadline", deadline.into(), LATEST.into());
                }
                let lists = [
                    ("resource", &m.uses, self.resources.len()),
                    ("store", &m.takes, self.stores.len()),
                    ("budget", &m.spends, self.budgets.len()),
                ];
                for (what, list, count) in lists {
                    for (index, amount) in list {
                        let (index, amount) = (*index, *amount);
                        if !(0..=LARGEST).contains(&amount) {
                            flaws.push(Flaw::Value {
                                activity,
                                mode,
                                what,
                                value: amount,
                                most: LARGEST,
                            });
                        }
                        if index >= count {
                            flaws.push(Flaw::Unknown {
                                activity,
                                mode,
                                what,
                                index,
                                count,
                            });
                        }
                    }
                }
            }
        }
        for (lag, l) in self.lags.iter().enumerate() {
            let count = self.activities.len();
            for activity in [l.from, l.to] {
                if activity >= count {
                    flaws.push(Flaw::UnknownActivity {
                        lag,
                        activity,
                        count,
                    });
                }
            }
            let (Gap::AtLeast(gap) | Gap::AtMost(gap)) = l.gap;
            if gap.checked_abs().is_none_or(|g| g > LATEST) {
                flaws.push(Flaw::Gap { lag, gap });
            }
        }
        let mut limit = |what, index, reason| {
            flaws.push(Flaw::Limit {
                what,
                index,
                reason,
            });
        };
        for (index, r) in self.resources.iter().enumerate() {
            if r.capacity.first().is_none_or(|c| c.0 != 0)
                || r.capacity.windows(2).any(|w| w[0].0 >= w[1].0)
                || r.capacity.iter().any(|c| c.0 > LATEST)
            {
                limit("resource", index, "its times do not rise from 0");
            }
            if r.capacity.iter().any(|c| !(0..=LARGEST).contains(&c.1)) {
                limit("resource", index, "a capacity is out of range");
            }
        }
        for (index, supply) in self.stores.iter().enumerate() {
            if !(0..=LARGEST).contains(supply) {
                limit("store", index, "its supply is out of range");
            }
        }
        for (index, b) in self.budgets.iter().enumerate() {
            if b.period < 1 || b.period > LATEST || b.limits.is_empty() {
                limit("budget", index, "it has no period or no limit");
            }
            if b.limits.iter().any(|l| !(0..=LARGEST).contains(l)) {
                limit("budget", index, "a limit is out of range");
            }
        }
        if self.horizon.is_some_and(|h| !(0..=LATEST).contains(&h)) {
            limit("horizon", 0, "it is out of range");
        }
        if flaws.is_empty() && self.span() > i64::from(LATEST) {
            flaws.push(Flaw::TooLong);
        }
        flaws
    }

    /// One after the other, each after the longest lag that leaves it and, with budgets, in periods of its own:
    /// some optimal schedule is no longer, if there is one.
    fn span(&self) -> i64 {
        let mut each: Vec<i64> = self
            .activities
            .iter()
            .map(|a| i64::from(a.modes.iter().map(|m| m.duration).max().unwrap_or(0)))
            .collect();
        let alone = each.clone();
        for lag in &self.lags {
            let (first, gap) = match (lag.gap, lag.anchor) {
                (Gap::AtLeast(g), Anchor::Start) => (lag.from, i64::from(g)),
                (Gap::AtLeast(g), Anchor::Finish) => (lag.from, i64::from(g) + alone[lag.from]),
                (Gap::AtMost(g), _) => (lag.to, -i64::from(g)),
            };
            each[first] = each[first].max(gap);
        }
        let settled = self
            .resources
            .iter()
            .filter_map(|r| r.capacity.last())
            .map(|c| i64::from(c.0))
            .chain(
                self.budgets
                    .iter()
                    .map(|b| i64::from(b.period) * b.limits.len() as i64),
            )
            .chain(self.activities.iter().map(|a| i64::from(a.release)))
            .max()
            .unwrap_or(0);
        let longest_period = self.budgets.iter().map(|b| i64::from(b.period)).max();
        let waits = longest_period.unwrap_or(0) * (each.len() as i64 + 1);
        settled + each.iter().sum::<i64>() + waits
    }

    /// The horizon that is given, or one that loses nothing.
    pub fn latest_finish(&self) -> Time {
        self.horizon
            .unwrap_or_else(|| self.span().min(i64::from(LATEST)) as Time)
    }
}

/// Starts and modes by activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub starts: Vec<Time>,
    pub modes: Vec<usize>,
}

impl Plan {
    pub fn makespan(&self, project: &Project) -> Time {
        project
            .activities
            .iter()
            .zip(self.starts.iter().zip(&self.modes))
            .map(|(a, (s, m))| s + a.modes[*m].duration)
            .max()
            .unwrap_or(0)
    }
}
