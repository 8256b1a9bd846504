//! Layouts whose clusters are tied together by chain links, with a certificate.
//!
//! Model R: suitability plus each chain link once in every region (or cooperation circle) that hosts both its
//! ends, under all rules. [`search::certified`] alternates a search for plans (annealing, then an integer program
//! over regional plans) and a bound (prices for the national rules, then branch and bound with cuts for each
//! region); [`certificate::check`] proves the bound again without a solver.

mod anneal;
mod block;
mod branch;
mod certificate;
mod columns;
mod cuts;
mod dense;
mod hull;
mod prices;
mod search;

pub use certificate::{CERTIFICATE_FORMAT, Certificate, Checked, check};
pub use search::{Certified, CertifyParams, Ended, certified};
