//! Where: pilots, demonstration areas, distributed institutes.
//!
//! [`cover`] (maximal covering, Church & ReVelle 1974, with backup coverage after Hogan & ReVelle 1986), [`median`] (p-median, Hakimi
//! 1964), [`centre`] (p-centre, by set covering: Minieka 1970), [`hubs`] (p-hub median with single allocation, O'Kelly 1987),
//! [`hub_cover`] and [`hub_set_cover`] (hub covering, Campbell 1994), the next best choices ([`ranked`]), and the exact
//! fronts between them ([`coverage_front`], [`fairness_front`]).

mod front;
mod hub;
mod hub_cover;
mod locate;
mod problem;
mod ranked;
mod why;

pub use front::{CoveragePoint, FairnessPoint, coverage_front, fairness_front};
pub use hub::{HubParams, Hubs, hubs};
pub use hub_cover::{HubCover, HubCoverParams, hub_cover, hub_set_cover};
pub use locate::{Located, centre, cover, median};
pub use problem::{Candidate, Demand, Problem, Unlocated};
pub use ranked::{Goal, ranked};
pub use why::{Uncovered, Why, uncovered};
