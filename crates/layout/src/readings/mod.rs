//! Readings that a layout needs, from rows of evidence: how ripe a field is ([`stage`]), which links of the whole chain a
//! cluster has ([`whole_chain`]), when to act ([`timing`]), who never met ([`ties`]), how far a portfolio reaches over
//! boundaries ([`diversity`]), and which fields belong together elsewhere ([`together`]).
//!
//! All are experimental: they count what is on record and say how much is not. None of them feeds an optimum.

pub mod diversity;
pub mod stage;
pub mod ties;
pub mod timing;
pub mod together;
pub mod whole_chain;
