//! The vocabulary of plans: clauses, items, money, caps, actions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use model::{Cluster, Entity, Estimate, Field, Region, RowRef, Year};
use serde::{Deserialize, Serialize};

use super::date::Date;
use super::finding::{Certainty, Fault, Finding};

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

id! {
    PlanId,
    ClauseId,
    /// Of an industry's placement, a project, a milestone or an instrument.
    ItemId,
    ActionId
}

/// Who made a plan, widest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    National,
    Regional,
    Cluster,
}

impl Level {
    pub const ALL: [Self; 3] = [Self::National, Self::Regional, Self::Cluster];

    pub fn code(self) -> &'static str {
        match self {
            Self::National => "level.national",
            Self::Regional => "level.regional",
            Self::Cluster => "level.cluster",
        }
    }
}

/// An amount of one currency.
#[derive(Debug, Clone, PartialEq)]
pub struct Money {
    pub amount: Estimate,
    pub currency: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub plan: PlanId,
    pub level: Level,
    /// The country, region or cluster that it is for.
    pub place: String,
    pub from: Year,
    /// None where no last year is on record.
    pub to: Option<Year>,
    pub budget: Option<Money>,
    pub origin: RowRef,
}

/// Which values keep a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sense {
    AtLeast,
    AtMost,
    Exactly,
}

impl Sense {
    pub const ALL: [Self; 3] = [Self::AtLeast, Self::AtMost, Self::Exactly];

    pub fn code(self) -> &'static str {
        match self {
            Self::AtLeast => "sense.at_least",
            Self::AtMost => "sense.at_most",
            Self::Exactly => "sense.exactly",
        }
    }
}

/// A number that is promised. Its year is the clause's deadline.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// What is counted: the same word means the same thing.
    pub quantity: String,
    pub unit: String,
    pub sense: Sense,
    pub amount: Estimate,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Clause {
    pub clause: ClauseId,
    pub plan: PlanId,
    pub fields: BTreeSet<Field>,
    /// Challenges that it answers, as the register of challenges names them.
    pub challenges: BTreeSet<String>,
    pub target: Option<Target>,
    pub deadline: Option<Year>,
    pub instruments: BTreeSet<String>,
    pub budget: Option<Money>,
    /// The clause of a higher plan that it carries out.
    pub serves: Option<ClauseId>,
    pub origin: RowRef,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    Placement,
    Project,
    Milestone,
    Instrument,
}

impl ItemKind {
    pub const ALL: [Self; 4] = [
        Self::Placement,
        Self::Project,
        Self::Milestone,
        Self::Instrument,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::Placement => "item.placement",
            Self::Project => "item.project",
            Self::Milestone => "item.milestone",
            Self::Instrument => "item.instrument",
        }
    }
}

/// What carries clauses out.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub item: ItemId,
    pub kind: ItemKind,
    pub field: Option<Field>,
    pub clauses: BTreeSet<ClauseId>,
    pub budget: Option<Money>,
    pub start: Option<Year>,
    pub end: Option<Year>,
    /// Items that must have ended before it starts.
    pub after: BTreeSet<ItemId>,
    pub origin: RowRef,
}

/// The most that all promises within a place may add up to.
#[derive(Debug, Clone, PartialEq)]
pub struct Cap {
    pub quantity: String,
    pub unit: String,
    pub level: Level,
    pub place: String,
    /// The last year that it holds for.
    pub year: Year,
    pub amount: Estimate,
    pub origin: RowRef,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Planned,
    Running,
    Done,
    Dropped,
}

impl Status {
    pub const ALL: [Self; 4] = [Self::Planned, Self::Running, Self::Done, Self::Dropped];

    pub fn code(self) -> &'static str {
        match self {
            Self::Planned => "status.planned",
            Self::Running => "status.running",
            Self::Done => "status.done",
            Self::Dropped => "status.dropped",
        }
    }
}

/// A line of the action register.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    pub action: ActionId,
    pub item: ItemId,
    pub owner: Option<String>,
    pub due: Option<Date>,
    pub done: Option<Date>,
    pub status: Status,
    pub evidence: Option<String>,
    pub origin: RowRef,
}

/// A field or a challenge that some clause ought to serve, with the rows that say so.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    pub subject: Entity,
    pub origins: Vec<RowRef>,
}

/// Everything that an audit looks at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Register {
    pub plans: Vec<Plan>,
    pub clauses: Vec<Clause>,
    pub items: Vec<Item>,
    pub caps: Vec<Cap>,
    pub actions: Vec<Action>,
    pub wanted: Vec<Wanted>,
    /// The region of each cluster; a cluster without one belongs to the nation only.
    pub regions: BTreeMap<Cluster, Region>,
}

/// The register by ids.
pub(super) struct Index<'a> {
    pub register: &'a Register,
    pub plans: BTreeMap<&'a PlanId, &'a Plan>,
    pub clauses: BTreeMap<&'a ClauseId, &'a Clause>,
    pub items: BTreeMap<&'a ItemId, &'a Item>,
}

impl<'a> Index<'a> {
    pub fn new(register: &'a Register) -> Self {
        // The first row in the order of its origin keeps an id that stands twice.
        Self {
            register,
            plans: first(&register.plans, |p| (&p.plan, &p.origin)),
            clauses: first(&register.clauses, |c| (&c.clause, &c.origin)),
            items: first(&register.items, |i| (&i.item, &i.origin)),
        }
    }

    pub fn plan_of(&self, clause: &Clause) -> Option<&'a Plan> {
        self.plans.get(&clause.plan).copied()
    }

    /// Clauses by the clause that they serve.
    pub fn serving(&self) -> BTreeMap<&'a ClauseId, Vec<&'a Clause>> {
        let mut found: BTreeMap<&ClauseId, Vec<&Clause>> = BTreeMap::new();
        for clause in self.clauses.values().copied() {
            if let Some(above) = &clause.serves {
                found.entry(above).or_default().push(clause);
            }
        }
        found
    }

    /// Items by the clauses that they name.
    pub fn carrying(&self) -> BTreeMap<&'a ClauseId, Vec<&'a Item>> {
        let mut found: BTreeMap<&ClauseId, Vec<&Item>> = BTreeMap::new();
        for item in self.items.values().copied() {
            for clause in &item.clauses {
                found.entry(clause).or_default().push(item);
            }
        }
        found
    }

    /// Names that lead nowhere and ids that stand twice.
    pub fn broken(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut check = |known: bool, name: &str, origin: &RowRef| {
            if !known {
                found.push(Finding::new(
                    Fault::Dangling,
                    Certainty::Certain,
                    vec![origin.clone()],
                    |m| m.with("name", name).with("row", show(origin)),
                ));
            }
        };
        for clause in &self.register.clauses {
            check(
                self.plans.contains_key(&clause.plan),
                &clause.plan.0,
                &clause.origin,
            );
            if let Some(above) = &clause.serves {
                check(self.clauses.contains_key(above), &above.0, &clause.origin);
            }
        }
        for item in &self.register.items {
            for clause in &item.clauses {
                check(self.clauses.contains_key(clause), &clause.0, &item.origin);
            }
            for before in &item.after {
                check(self.items.contains_key(before), &before.0, &item.origin);
            }
        }
        for action in &self.register.actions {
            check(
                self.items.contains_key(&action.item),
                &action.item.0,
                &action.origin,
            );
        }
        found.extend(repeated(
            self.register.plans.iter().map(|p| (&p.plan.0, &p.origin)),
        ));
        found.extend(repeated(
            self.register
                .clauses
                .iter()
                .map(|c| (&c.clause.0, &c.origin)),
        ));
        found.extend(repeated(
            self.register.items.iter().map(|i| (&i.item.0, &i.origin)),
        ));
        found.extend(repeated(
            self.register
                .actions
                .iter()
                .map(|a| (&a.action.0, &a.origin)),
        ));
        found
    }
}

fn first<'a, T, K: Ord>(
    rows: &'a [T],
    key: impl Fn(&'a T) -> (&'a K, &'a RowRef),
) -> BTreeMap<&'a K, &'a T> {
    let mut sorted: Vec<&T> = rows.iter().collect();
    sorted.sort_by_key(|row| key(row).1);
    let mut found = BTreeMap::new();
    for row in sorted {
        found.entry(key(row).0).or_insert(row);
    }
    found
}

fn repeated<'a>(ids: impl Iterator<Item = (&'a String, &'a RowRef)>) -> Vec<Finding> {
    let mut rows: BTreeMap<&String, Vec<RowRef>> = BTreeMap::new();
    for (id, origin) in ids {
        rows.entry(id).or_default().push(origin.clone());
    }
    rows.into_iter()
        .filter(|(_, rows)| rows.len() > 1)
        .map(|(id, rows)| {
            Finding::new(Fault::Repeated, Certainty::Certain, rows, |m| {
                m.with("name", id.as_str())
            })
        })
        .collect()
}

/// A row as readers know it.
pub(super) fn show(row: &RowRef) -> String {
    format!("{} {}", row.table, row.key)
}
