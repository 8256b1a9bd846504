//! Industrial chains: who supplies what, what stops when a supplier stops, and what a plan would change.
//!
//! Holds: the AND/OR graph of a chain with country shares ([`ChainGraph`]), look-through exposure to a country
//! ([`exposure()`]), single points of failure and smallest cut sets ([`chokepoints()`]), the shortlist of nodes to
//! control ([`must_control()`]), weekly what-if courses with stocks ([`shock()`]), supply that a plan adds
//! ([`with_added_supply`]), readings for planners ([`readings`]) and positions for drawing ([`layers`]).
//!
//! Deliberately knows nothing about files, tables of evidence, studies, solvers or pages: it takes plain values
//! and returns plain values. The only trace of the evidence is the `RowRef` that every input carries and every
//! result hands back.
//!
//! Start reading at [`bounds`] (how losses combine when it is unknown whether they overlap), then [`graph`].

mod added_supply;
pub mod bounds;
pub mod cascade;
pub mod chokepoints;
pub mod exposure;
pub mod graph;
mod input;
pub mod inventory;
pub mod io;
mod layers;
mod must_control;
mod problem;
pub mod readings;
pub mod references;
pub mod remedy;
pub mod shock;
mod stop;
mod supply;

pub use added_supply::{Addition, with_added_supply};
pub use bounds::Tracks;
pub use chokepoints::{ChokepointParams, chokepoints};
pub use exposure::{Exposure, ExposureResult, TargetExposure, exposure};
pub use graph::{ChainGraph, Coverage, GraphNode, GraphParams, Group, Input};
pub use input::{
    ChainInput, Essential, LinkSpec, NodeSpec, Relation, Stage, SupplyBasis, SupplySpec,
};
pub use layers::{Placed, layers};
pub use must_control::{Criterion, MustControl, MustControlParams, Verdict, must_control};
pub use problem::GraphProblem;
pub use shock::{Scenario, ShockParams, ShockResult, shock};
pub use supply::{Provider, Supply};
