//! What an audit finds.

use model::{Message, RowRef};
use serde::{Deserialize, Serialize};

/// Kinds of faults, in the order in which they are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// A row names a plan, clause or item that is not in the register.
    Dangling,
    /// Two rows of one table have the same id.
    Repeated,
    /// Nothing carries the clause out.
    OrphanClause,
    /// An item that no clause asks for, and that costs nothing on record.
    OrphanItem,
    /// A clause whose instrument costs money, with no budget of its own or of its items.
    NoMoney,
    /// Money for an item that no clause asks for.
    MoneyWithoutClause,
    /// Items of a clause, or clauses of a plan, cost more than it has.
    Overspent,
    /// Two targets for the same thing, place and year exclude each other.
    TargetAgainstTarget,
    /// The promises within a cap add up to more than the cap.
    AboveCap,
    /// The targets that serve a clause add up to less than it promises.
    BelowPromise,
    /// One quantity in two units or two currencies: sums and comparisons are refused.
    UnitsDiffer,
    /// A target without a year: it can never be missed.
    NoDeadline,
    /// A deadline outside the plan's years.
    OutsidePlan,
    /// An item ends, or a serving clause falls due, after the clause that it serves.
    TooLate,
    /// An item starts before what it waits for has ended.
    WrongOrder,
    /// Items wait for each other in a circle.
    Circle,
    /// A field or challenge that ought to be served and that no clause names.
    Hole,
    /// More clusters of a region choose an industry than the cap allows.
    Duplicate,
    /// An action whose date has passed and that is not done.
    Slipped,
    /// An action that was done after its date.
    DoneLate,
    /// An action without a person or body that answers for it.
    NoOwner,
    /// An action that is open and has no date.
    NoDate,
    /// An action that is called done without evidence.
    NoEvidence,
}

impl Fault {
    pub const ALL: [Self; 23] = [
        Self::Dangling,
        Self::Repeated,
        Self::OrphanClause,
        Self::OrphanItem,
        Self::NoMoney,
        Self::MoneyWithoutClause,
        Self::Overspent,
        Self::TargetAgainstTarget,
        Self::AboveCap,
        Self::BelowPromise,
        Self::UnitsDiffer,
        Self::NoDeadline,
        Self::OutsidePlan,
        Self::TooLate,
        Self::WrongOrder,
        Self::Circle,
        Self::Hole,
        Self::Duplicate,
        Self::Slipped,
        Self::DoneLate,
        Self::NoOwner,
        Self::NoDate,
        Self::NoEvidence,
    ];

    /// The name of its catalogue messages: `code.fault.<…>`, `audit.<…>`, `audit.<…>.remedy`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dangling => "dangling",
            Self::Repeated => "repeated",
            Self::OrphanClause => "orphan_clause",
            Self::OrphanItem => "orphan_item",
            Self::NoMoney => "no_money",
            Self::MoneyWithoutClause => "money_without_clause",
            Self::Overspent => "overspent",
            Self::TargetAgainstTarget => "target_against_target",
            Self::AboveCap => "above_cap",
            Self::BelowPromise => "below_promise",
            Self::UnitsDiffer => "units_differ",
            Self::NoDeadline => "no_deadline",
            Self::OutsidePlan => "outside_plan",
            Self::TooLate => "too_late",
            Self::WrongOrder => "wrong_order",
            Self::Circle => "circle",
            Self::Hole => "hole",
            Self::Duplicate => "duplicate",
            Self::Slipped => "slipped",
            Self::DoneLate => "done_late",
            Self::NoOwner => "no_owner",
            Self::NoDate => "no_date",
            Self::NoEvidence => "no_evidence",
        }
    }
}

/// Whether a fault holds over the whole ranges of the numbers, or only at their values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    Certain,
    Open,
}

impl Certainty {
    pub fn code(self) -> &'static str {
        match self {
            Self::Certain => "audit.certain",
            Self::Open => "audit.open",
        }
    }

    /// `values` says whether it holds at the values, `ranges` whether it holds whatever the ranges allow.
    pub(super) fn of(values: bool, ranges: bool) -> Option<Self> {
        match (values, ranges) {
            (_, true) => Some(Self::Certain),
            (true, false) => Some(Self::Open),
            (false, false) => None,
        }
    }
}

/// One fault: which rows, what is wrong, and what to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub fault: Fault,
    pub certainty: Certainty,
    /// The rows that it rests on, sorted.
    pub rows: Vec<RowRef>,
    pub message: Message,
    pub remedy: Message,
}

impl Finding {
    pub(super) fn new(
        fault: Fault,
        certainty: Certainty,
        mut rows: Vec<RowRef>,
        fill: impl Fn(Message) -> Message,
    ) -> Self {
        rows.sort();
        rows.dedup();
        let name = fault.name();
        Self {
            fault,
            certainty,
            rows,
            message: fill(Message::new(format!("audit.{name}"))),
            remedy: fill(Message::new(format!("audit.{name}.remedy"))),
        }
    }
}
