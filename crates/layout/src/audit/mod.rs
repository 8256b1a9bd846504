//! Plan audit: does everything that the plans promise lead to an item and to money, and back?
//!
//! A [`Register`] holds plans of several levels, their clauses, the items that carry them out, caps, an action
//! register, and what ought to be served. [`audit`] returns [`Finding`]s, each with the rows that it rests on and a
//! remedy; [`traces`] is the way from clause to item to budget; [`chosen`] is who hosts what according to the clusters'
//! own plans, for [`crate::regions::duplication`].
//!
//! Requirements traceability (Gotel & Finkelstein 1994: a requirement can be followed forwards and backwards), applied
//! to plans. The faults are our own definitions; nothing is found by likeness of words, so nothing is found that the
//! rows do not say.

mod actions;
mod contradictions;
mod coverage;
mod date;
mod finding;
mod order;
mod register;
mod tracing;

pub use coverage::chosen;
pub use date::{Date, NotADate};
pub use finding::{Certainty, Fault, Finding};
pub use register::{
    Action, ActionId, Cap, Clause, ClauseId, Item, ItemId, ItemKind, Level, Money, Plan, PlanId,
    Register, Sense, Status, Target, Wanted,
};
pub use tracing::{Trace, traces};

use serde::{Deserialize, Serialize};

/// What the audit takes for granted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuditParams {
    /// Instruments that cost money by themselves; a clause that names one needs a budget.
    pub costly: Vec<String>,
    /// Clusters of one region that may choose the same industry.
    pub regional_cap: usize,
    /// Slack for sums of rounded amounts, relative.
    pub rounding: f64,
}

impl Default for AuditParams {
    fn default() -> Self {
        let costly = [
            "equity_fund",
            "grant",
            "loan",
            "procurement",
            "research_centre",
            "stockpile",
        ];
        Self {
            costly: costly.map(str::to_owned).to_vec(),
            regional_cap: 2,
            rounding: 1e-9,
        }
    }
}

/// Every fault of the register, sorted by kind and rows; the order of rows in the register plays no part.
///
/// `today` is the day on which the actions are looked at.
pub fn audit(register: &Register, today: Date, params: &AuditParams) -> Vec<Finding> {
    let index = register::Index::new(register);
    let mut findings = Vec::new();
    findings.extend(index.broken());
    findings.extend(tracing::faults(&index, params));
    findings.extend(contradictions::faults(&index, params));
    findings.extend(order::faults(&index));
    findings.extend(coverage::faults(&index, params));
    findings.extend(actions::faults(&index, today));
    findings
        .sort_by(|a, b| (a.fault, &a.rows, &a.message.id).cmp(&(b.fault, &b.rows, &b.message.id)));
    findings
}
