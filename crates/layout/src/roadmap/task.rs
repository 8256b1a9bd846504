//! Tasks and limits of a roadmap.

use std::collections::BTreeMap;
use std::fmt;

use model::{Estimate, Industry, Quantity, RowRef, Year};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskId(pub String);

impl From<&str> for TaskId {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The way of an industry from knowledge to production.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Research,
    Pilot,
    Demonstration,
    Capacity,
}

impl Stage {
    pub const ALL: [Self; 4] = [
        Self::Research,
        Self::Pilot,
        Self::Demonstration,
        Self::Capacity,
    ];

    /// The catalogue code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Research => "roadmap_stage.research",
            Self::Pilot => "roadmap_stage.pilot",
            Self::Demonstration => "roadmap_stage.demonstration",
            Self::Capacity => "roadmap_stage.capacity",
        }
    }

    /// Where a stage stands by what it brings forth: knowledge, a technology that works, a product in use, means of production.
    pub fn layer(self) -> Layer {
        match self {
            Self::Research => Layer::Research,
            Self::Pilot => Layer::Technology,
            Self::Demonstration => Layer::Product,
            Self::Capacity => Layer::Resources,
        }
    }
}

/// The layers of a roadmap after the T-Plan (Phaal, Farrukh & Probert 2004). Stages stand in four of them; those of market and
/// policy hold what is on record, and nothing that is scheduled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    Market,
    Product,
    Technology,
    Research,
    Resources,
    Policy,
}

impl Layer {
    /// The catalogue code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Market => "roadmap_layer.market",
            Self::Product => "roadmap_layer.product",
            Self::Technology => "roadmap_layer.technology",
            Self::Research => "roadmap_layer.research",
            Self::Resources => "roadmap_layer.resources",
            Self::Policy => "roadmap_layer.policy",
        }
    }
}

/// One piece of work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    pub id: TaskId,
    pub industry: Industry,
    pub stage: Stage,
    /// Years, not negative. Not estimated: the roadmap is refused, with the reference class it needs.
    pub duration_years: Quantity,
    /// Tasks that have to be finished before this one starts.
    #[serde(default)]
    pub after: Vec<TaskId>,
    #[serde(default)]
    pub origins: Vec<RowRef>,
    /// Probability that the task succeeds, 0..1; without it the task has no gate.
    #[serde(default)]
    pub success: Option<Estimate>,
}

/// What can be done at the same time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// No task starts before the first day of this year.
    pub start_year: Year,
    /// Largest number of tasks of a stage that run in the same quarter; a stage without an entry is free.
    #[serde(default)]
    pub per_stage: BTreeMap<Stage, usize>,
    /// Money by calendar year; without it, money binds nothing.
    #[serde(default)]
    pub money: Option<Money>,
}

/// What running tasks may spend, in one unit throughout.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// From the start year on; the last year's sum holds for all later ones.
    pub per_year: Vec<i64>,
    /// What a task of a stage costs in each quarter that it runs; a stage without an entry costs nothing.
    #[serde(default)]
    pub per_quarter: BTreeMap<Stage, i64>,
}

impl Money {
    pub(crate) fn per_quarter(&self, stage: Stage) -> i64 {
        self.per_quarter.get(&stage).copied().unwrap_or(0)
    }
}
