//! Foundation: what home can do, and where others hold its neck.
//!
//! Holds: stuck necks by four attributes ([`necks`]) and the strengths of innovation clusters by field
//! ([`strengths`]).
//!
//! Deliberately knows nothing about files, chains as graphs, solvers or pages: what a chain graph says
//! about a node arrives as a number with its range.
//!
//! Start reading at [`necks`].

pub mod necks;
pub mod strengths;
