//! What a scenario does, week by week.

use model::{Estimate, Message, Node, RowRef};

use super::binding::Binding;

/// The first week with a loss in each track; `None`: never within the horizon. `worst <= central <= best`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstWeek {
    pub worst: Option<u32>,
    pub central: Option<u32>,
    pub best: Option<u32>,
}

/// What takes most of a node's output.
#[derive(Debug, Clone, PartialEq)]
pub enum Cause {
    /// Its own providers stop: the source of the shock.
    Own,
    /// This group of inputs falls short.
    Inputs(Vec<Node>),
}

/// One station between a target and the source of its loss.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub node: Node,
    /// The week looked at, counted from 1.
    pub week: u32,
    /// Loss of the node in that week, 0..1.
    pub loss: Estimate,
    pub cause: Cause,
}

#[derive(Debug, Clone, PartialEq)]
pub struct TargetCourse {
    pub target: Node,
    /// Share of normal supply lost in weeks 1, 2, ..; `low` is the best bound, `high` the worst.
    pub weeks: Vec<Estimate>,
    pub first_week: FirstWeek,
    /// Largest weekly loss, 0..1.
    pub peak: Estimate,
    /// Sum of the weekly losses, in weeks of normal output.
    pub cumulative: Estimate,
    /// Why there is no loss, where there is none by construction.
    pub reason: Option<Message>,
    /// From the target to the source, each time along what takes most, in the week of the peak.
    pub path: Vec<Step>,
    /// Which input takes most, week by week.
    pub binding: Vec<Binding>,
    /// Shares of the stopped providers and the links that carry their loss here.
    pub origins: Vec<RowRef>,
}

/// A node that loses something in the worst track.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeCourse {
    pub node: Node,
    pub weeks: Vec<Estimate>,
    pub first_week: FirstWeek,
    pub peak: Estimate,
    pub cumulative: Estimate,
    /// Stock at the users at the start and at the end, weeks of normal demand. The range is that of the stock:
    /// its low end belongs to the worst track.
    pub stock_start: Estimate,
    pub stock_left: Estimate,
    /// Shortage that reaches the users who use the node up, after stocks, summed over weeks.
    pub passed_on: Estimate,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ShockResult {
    pub id: String,
    pub targets: Vec<TargetCourse>,
    /// By id.
    pub nodes: Vec<NodeCourse>,
    /// Conventions and readings that matter for this result.
    pub notes: Vec<Message>,
    /// Nodes upstream of the targets without supply data: they count as unaffected.
    pub coverage_gaps: Vec<Node>,
    /// Every row used by some target.
    pub origins: Vec<RowRef>,
}
