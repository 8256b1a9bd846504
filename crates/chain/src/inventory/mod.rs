//! Dynamic inventories: what an input–output economy produces day by day after a shock, when firms live off their
//! stocks, order more, ration, and rebuild (ARIO: Hallegatte 2008, 2014; Guan et al. 2020).
//!
//! Two ways to run the same [`Economy`] under the same [`Event`]s:
//!
//! - [`boario()`] reproduces `BoARIO` 0.7.2 step by step, its conventions included, so that published results can be
//!   repeated. It keeps one stock per product: foreign and home suppliers replace one another perfectly.
//! - [`run()`] keeps stocks by supplier country (or group of countries), so that a single-country chokepoint exists,
//!   with a choice of substitution, rationing and essential inputs; [`bounds()`] puts a best and a worst case round it.
//!
//! [`weekly()`] asks the second one a what-if: supply stops for some weeks, for everybody or for one buyer.
//!
//! Start reading at [`economy`], then [`boario`](mod@boario) for the order of events within a step.

mod best_step;
pub mod boario;
pub mod bounds;
pub mod course;
mod damage;
pub mod draws;
pub mod economy;
pub mod event;
mod layout;
pub mod options;
pub mod params;
mod program;
mod ration;
pub mod run;
mod setting;
pub mod stop;
mod tally;
pub mod weekly;

pub use boario::boario;
pub use bounds::{BestBy, Bounds, BoundsParams, Measure, bounds};
pub use course::{Audit, Course, Loss};
pub use draws::{DrawParams, Drawn, Model, Ranges, Span, draws};
pub use economy::{Economy, EconomyInput};
pub use event::{Event, EventKind, Impact, Recovery};
pub use options::{Essentiality, Options, Rating, Rationing, Stocks, Substitution};
pub use params::{
    Ario, Capital, InventoryError, ModelKind, OrderType, PerSector, region_of, sector_of,
};
pub use run::run;
pub use stop::{Stop, StopQuestion};
pub use tally::{GroupCourse, Lost};
pub use weekly::{Assumptions, Held, Holds, Rule, RuleLoss, Weekly, WeeklyParams, weekly};
