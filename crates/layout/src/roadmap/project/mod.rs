//! Resource-constrained projects: statement, heuristics, bounds and proof, and an independent checker.

mod check;
mod encode;
mod genetic;
mod problem;
pub(crate) mod serial;
mod solve;

pub use check::{Broken, check};
pub use problem::{
    Activity, Anchor, Budget, Flaw, Gap, LARGEST, LATEST, Lag, Mode, Plan, Project, Resource, Time,
};
pub use solve::{SolveError, SolveParams, Solved, Status, Stop, solve};
