//! How firm a plan is as a whole, and what decides its parts.
//!
//! One draw takes data, weights and choices of method once and carries them through selection, layout,
//! portfolio and roadmap; the caller makes the draws, because only it knows how one part feeds the next.
//! Here the draws are counted: [`robustness`] says in which share of them each part of the plan occurs,
//! and [`drivers`] which input decides about it.
//!
//! This carries the rank acceptability of SMAA (Lahdelma & Salminen 2001) from single alternatives to
//! whole plans, and variance-based sensitivity (Saltelli et al. 2008) from an index to the decision itself.
//! No publication does both for a plan, so the combination is experimental; its two halves are tested
//! against published values.

mod draw;
mod driver;
mod share;

pub use draw::{each, from, uniform};
pub use driver::{Driver, DriverParams, Input, drivers};
pub use share::{Drawn, Part, RobustnessParams, Whole, robustness};
