//! When: research, pilot, demonstration and capacity of every industry on one calendar.
//!
//! [`project`] is the kernel: any resource-constrained project, with proof and checker.
//! [`schedule`] places the tasks with it under precedence, stage capacities and yearly money and says how far from the
//! best that can be; [`simulate`] runs the same policy on uncertain durations and says when each task ends.

mod alternatives;
mod duration;
mod learning;
mod network;
mod plan;
mod policy;
pub mod project;
mod risk;
mod task;

pub use alternatives::{Alternative, AlternativesParams, alternatives};
pub use duration::{Rework, Shape};
pub use plan::{Placed, Schedule, schedule};
pub use project::SolveParams as ScheduleParams;
pub use risk::{Correlation, Durations, Milestone, Risk, SimulateParams, TaskRisk, simulate};
pub use task::{Layer, Limits, Money, Stage, Task, TaskId};
