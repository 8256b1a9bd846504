//! Foundation: what home can do, what it could do next, and on whom it depends.
//!
//! Holds: activities in locations ([`activity`]) and the presence matrix ([`presence`]); [`complexity`] and
//! [`relatedness`]; their [`null`] models and [`robustness`]; [`specialisation`] and change; [`strategy`] (which
//! activity next); the [`coupling`] of science, technology and production; [`dependency`] on foreign supply; stuck
//! necks by four attributes ([`necks`]), the strengths of innovation clusters by field ([`strengths`]) and the card of
//! national [`conditions`].
//!
//! Deliberately knows nothing about files, chains as graphs, solvers or pages: what a chain graph says
//! about a node arrives as a number with its range.
//!
//! Start reading at [`activity`], then [`presence`]: every method below takes one of the two.

pub mod activity;
pub mod complexity;
pub mod conditions;
pub mod coupling;
pub mod dependency;
pub mod necks;
pub mod null;
pub mod presence;
pub mod relatedness;
pub mod robustness;
pub mod specialisation;
pub mod strategy;
pub mod strengths;
