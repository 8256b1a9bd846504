//! Which projects to start when: budget by year, gates, floors, risk, and what the next money buys.
//!
//! [`Problem`] is the question, [`plan`] the answer with its bound. [`floor_prices`], [`ladder`], [`alternatives`] and
//! [`waiting`] ask again what a floor costs, what more money buys, what else would be nearly as good, and what it is worth
//! to decide later; [`expected`] and [`gained`] say how far worths and chances let a value or a gain vary. [`knapsack`] is the same question without time (multi-dimensional knapsacks of the literature).

mod alternatives;
mod check;
mod failure;
mod floors;
pub mod knapsack;
mod ladder;
mod plan;
mod problem;
mod program;
mod quick;
mod scenarios;
mod simulate;
mod spread;
mod waiting;

pub use alternatives::{Alternative, Alternatives, AlternativesParams, Standing, alternatives};
pub use failure::{Failure, Fit, Instrument, fit};
pub use floors::{FloorPrice, floor_duals, floor_prices};
pub use ladder::{LadderParams, Rung, ladder};
pub use plan::{FloorUse, Plan, PlanParams, Unsolved, plan};
pub use problem::{
    Bonus, BudgetBasis, CarryOver, Exclusion, Floor, FloorPeriod, Least, Members, Precedence,
    Problem, Project, ProjectId, ResearchKind, Resource, Stage, Substitutes, Will,
};
pub use quick::quick;
pub use simulate::{SimulateParams, Simulation, simulate};
pub use spread::{corners, expected, gained, success};
pub use waiting::{WaitingParams, WaitingValue, Watched, waiting};
