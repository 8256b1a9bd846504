//! Trend: what other countries plan, fund and lead.
//!
//! Holds: the consensus of strategies ([`consensus`]), direction shares ([`directions`]), instrument
//! mixes ([`instruments`]), announced money in constant dollars ([`money`]), technology leads and the
//! monopoly-risk verdict ([`lead`]).
//!
//! Deliberately knows nothing about files, studies, home-made weights or what home should do next: it
//! takes strategies and indicators as values and returns values with ranges.
//!
//! Start reading at [`Strategy`], the unit of everything that countries plan.

pub mod consensus;
pub mod directions;
pub mod instruments;
pub mod lead;
pub mod money;
mod strategy;

pub use strategy::{Announced, Strategy};
