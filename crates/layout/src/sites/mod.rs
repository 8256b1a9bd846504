//! Where: pilots, demonstration areas, distributed institutes.
//!
//! [`cover`] (maximal covering, Church & ReVelle 1974, with backup coverage after Hogan & ReVelle 1986), [`median`] (p-median, Hakimi
//! 1964), [`centre`] (p-centre, by set covering: Minieka 1970), [`hubs`] (p-hub median with single allocation, O'Kelly 1987), and the exact
//! fronts between them ([`coverage_front`], [`fairness_front`]).

mod front;
mod hub;
mod locate;
mod problem;

pub use front::{CoveragePoint, FairnessPoint, coverage_front, fairness_front};
pub use hub::{HubParams, Hubs, hubs};
pub use locate::{Located, centre, cover, median};
pub use problem::{Candidate, Demand, Problem, Unlocated};
