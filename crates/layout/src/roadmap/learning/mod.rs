//! A solver for schedules by lazy clause generation: bounds, explained propagation, learning (Ohrimenko,
//! Stuckey & Codish 2009; Schutt et al. 2011, 2013 for resource-constrained projects).
//!
//! It knows variables, lags, clauses and resources; what a project is, [`super::project`] says.

mod bounds;
mod clauses;
mod engine;
mod order;
mod timetable;
mod totals;

pub(crate) use bounds::Lit;
pub(crate) use engine::{End, Engine};
pub(crate) use timetable::{Occupation, Timetable};
pub(crate) use totals::{Payment, Portion, Spending, Supply};

/// Literals that are all true and cannot all be true.
#[derive(Debug)]
pub(crate) struct Conflict(pub Vec<bounds::Lit>);
