//! When: research, pilot, demonstration and capacity of every industry on one calendar.
//!
//! [`project`] is the kernel: any resource-constrained project, with proof and checker.
//! [`schedule`] places the tasks under precedence and stage capacities and says how far from the best it
//! can be; [`simulate`] runs the same policy on uncertain durations and says when each task ends.

mod bound;
mod generation;
mod learning;
mod network;
mod plan;
pub mod project;
mod risk;
mod task;

pub use plan::{Placed, Schedule, ScheduleParams, schedule};
pub use risk::{Milestone, Risk, SimulateParams, TaskRisk, simulate};
pub use task::{Limits, Stage, Task, TaskId};
