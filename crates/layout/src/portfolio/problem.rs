//! The question: projects with stages, costs and chances; budgets; rules.

use std::collections::BTreeMap;
use std::fmt;

use model::{Basis, Estimate};
use serde::{Deserialize, Serialize};

use super::failure::{Failure, Instrument};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProjectId(pub String);

impl From<&str> for ProjectId {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

impl fmt::Display for ProjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Kinds of research and development (OECD, Frascati Manual 2015, section 2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResearchKind {
    Basic,
    Applied,
    Experimental,
}

impl ResearchKind {
    pub const ALL: [Self; 3] = [Self::Basic, Self::Applied, Self::Experimental];

    /// The word of files and settings.
    pub fn word(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Applied => "applied",
            Self::Experimental => "experimental",
        }
    }

    /// The kind that a word of files and settings names.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The catalogue code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Basic => "research.basic",
            Self::Applied => "research.applied",
            Self::Experimental => "research.experimental",
        }
    }
}

/// What the planner has already decided about a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Will {
    #[default]
    Free,
    Must,
    Never,
}

/// A part of a project with a gate at its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// Cost of each of its periods, of all who pay; at least one period.
    pub cost: Vec<f64>,
    /// Use of a resource in every period of the stage.
    pub needs: BTreeMap<String, f64>,
    /// Chance to pass the gate; after a failed gate nothing more is spent and nothing is gained.
    pub chance: Estimate,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Project {
    pub id: ProjectId,
    pub field: Option<String>,
    pub kind: Option<ResearchKind>,
    pub instrument: Option<Instrument>,
    pub failure: Option<Failure>,
    /// Share of the cost that the budget bears; the rest is co-funding.
    pub public_share: f64,
    /// Gained when every gate is passed.
    pub value: Estimate,
    /// Share of the value that each period of a later start loses.
    pub decay: f64,
    pub stages: Vec<Stage>,
    /// Cost over plan: a factor on every cost, drawn once for a project.
    pub overrun: Estimate,
    pub earliest: usize,
    /// Latest period of start; it also has to end within the horizon.
    pub latest: Option<usize>,
    pub will: Will,
}

impl Project {
    /// A project of one stage without a gate.
    pub fn plain(id: &str, cost: Vec<f64>, value: f64) -> Self {
        Self {
            id: id.into(),
            field: None,
            kind: None,
            instrument: None,
            failure: None,
            public_share: 1.0,
            value: Estimate::exact(value, Basis::Assumed),
            decay: 0.0,
            stages: vec![Stage {
                cost,
                needs: BTreeMap::new(),
                chance: Estimate::exact(1.0, Basis::Assumed),
            }],
            overrun: Estimate::exact(1.0, Basis::Assumed),
            earliest: 0,
            latest: None,
            will: Will::Free,
        }
    }

    pub fn duration(&self) -> usize {
        self.stages.iter().map(|s| s.cost.len()).sum()
    }

    /// The stage of each period of its life.
    pub(crate) fn ages(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        let stages = self.stages.iter().enumerate();
        stages.flat_map(|(k, stage)| stage.cost.iter().map(move |cost| (k, *cost)))
    }

    /// What the budget bears in each period of its life, when every gate is passed.
    pub fn public_cost(&self) -> Vec<f64> {
        self.ages()
            .map(|(_, cost)| cost * self.public_share)
            .collect()
    }

    /// Chance to pass all of its own gates.
    pub fn chance(&self) -> f64 {
        self.stages.iter().map(|s| mean(&s.chance)).product()
    }
}

/// Expectation of a range as it is drawn: triangular, mode at its value.
pub(crate) fn mean(range: &Estimate) -> f64 {
    (range.low + range.value + range.high) / 3.0
}

/// `after` starts when `before` has ended and its gates are passed; when `before` fails, it never starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Precedence {
    pub before: ProjectId,
    pub after: ProjectId,
    /// Periods between the end of the one and the start of the other.
    pub lag: usize,
}

/// A gain when all members are in the plan and succeed.
#[derive(Debug, Clone, PartialEq)]
pub struct Bonus {
    pub id: String,
    pub members: Vec<ProjectId>,
    pub value: Estimate,
}

/// What two projects lose by doing the same, when both are in the plan and succeed.
#[derive(Debug, Clone, PartialEq)]
pub struct Substitutes {
    pub first: ProjectId,
    pub second: ProjectId,
    pub loss: Estimate,
}

/// At most `most` of the members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    pub members: Vec<ProjectId>,
    pub most: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    pub id: String,
    /// By period.
    pub capacity: Vec<f64>,
}

/// Money that is not spent: which share of it the next period may spend, and how much of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CarryOver {
    pub share: f64,
    pub most: Option<f64>,
}

impl Default for CarryOver {
    /// None: what a year does not spend is lost.
    fn default() -> Self {
        Self {
            share: 0.0,
            most: None,
        }
    }
}

/// Against which spending the budget is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BudgetBasis {
    /// Every gate is passed: the budget holds whatever happens (at planned costs).
    #[default]
    Full,
    /// In expectation; what is spent may lie above the budget.
    Expected,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Members {
    Kind(ResearchKind),
    Field(String),
    Projects(Vec<ProjectId>),
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Least {
    /// Money of the budget.
    Spending(f64),
    /// A share of the budget, whether the rest is spent or not.
    ShareOfBudget(f64),
    /// A share of what is spent.
    ShareOfSpending(f64),
    /// So many projects.
    Projects(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FloorPeriod {
    /// Over the whole horizon.
    #[default]
    Horizon,
    /// In every period.
    Each,
}

/// What no optimum may take away.
#[derive(Debug, Clone, PartialEq)]
pub struct Floor {
    pub id: String,
    pub members: Members,
    pub least: Least,
    pub period: FloorPeriod,
}

impl Floor {
    pub fn holds(&self, project: &Project) -> bool {
        match &self.members {
            Members::Kind(kind) => project.kind == Some(*kind),
            Members::Field(field) => project.field.as_ref() == Some(field),
            Members::Projects(ids) => ids.contains(&project.id),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Problem {
    pub periods: usize,
    pub projects: Vec<Project>,
    /// By period; `None`: money is no limit.
    pub budget: Option<Vec<f64>>,
    pub budget_basis: BudgetBasis,
    pub carry_over: CarryOver,
    pub resources: Vec<Resource>,
    pub precedence: Vec<Precedence>,
    pub bonuses: Vec<Bonus>,
    pub substitutes: Vec<Substitutes>,
    pub exclusions: Vec<Exclusion>,
    pub floors: Vec<Floor>,
}

impl Problem {
    pub fn position(&self, id: &ProjectId) -> Option<usize> {
        self.projects.iter().position(|p| &p.id == id)
    }

    /// Periods in which a project may start.
    pub(crate) fn window(&self, project: &Project) -> std::ops::Range<usize> {
        let duration = project.duration();
        if project.will == Will::Never || duration > self.periods {
            return 0..0;
        }
        let last = self.periods - duration;
        let end = project.latest.map_or(last, |latest| latest.min(last)) + 1;
        project.earliest.min(end)..end
    }

    /// For each project, itself and all that have to succeed before it, by position, sorted.
    pub(crate) fn lineages(&self) -> Vec<Vec<usize>> {
        let at: BTreeMap<&ProjectId, usize> = self
            .projects
            .iter()
            .enumerate()
            .map(|(k, p)| (&p.id, k))
            .collect();
        let mut before: Vec<Vec<usize>> = vec![Vec::new(); self.projects.len()];
        for rule in &self.precedence {
            if let (Some(b), Some(a)) = (at.get(&rule.before), at.get(&rule.after)) {
                before[*a].push(*b);
            }
        }
        (0..self.projects.len())
            .map(|k| {
                let (mut seen, mut open) = (vec![false; before.len()], vec![k]);
                while let Some(p) = open.pop() {
                    if !seen[p] {
                        seen[p] = true;
                        open.extend(&before[p]);
                    }
                }
                (0..seen.len()).filter(|p| seen[*p]).collect()
            })
            .collect()
    }

    /// The same problem whose rows stand in the order of their ids, so that the order of the input does not matter.
    pub(crate) fn sorted(&self) -> Self {
        let mut sorted = self.clone();
        sorted.projects.sort_by(|a, b| a.id.cmp(&b.id));
        sorted.resources.sort_by(|a, b| a.id.cmp(&b.id));
        sorted
            .precedence
            .sort_by(|a, b| (&a.before, &a.after, a.lag).cmp(&(&b.before, &b.after, b.lag)));
        for bonus in &mut sorted.bonuses {
            bonus.members.sort();
        }
        sorted.bonuses.sort_by(|a, b| a.id.cmp(&b.id));
        sorted
            .substitutes
            .sort_by(|a, b| (&a.first, &a.second).cmp(&(&b.first, &b.second)));
        for exclusion in &mut sorted.exclusions {
            exclusion.members.sort();
        }
        sorted
            .exclusions
            .sort_by(|a, b| (&a.members, a.most).cmp(&(&b.members, b.most)));
        sorted.floors.sort_by(|a, b| a.id.cmp(&b.id));
        sorted
    }
}
