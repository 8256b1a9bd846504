//! Layouts whose clusters are tied together by chain links, with a certificate.
//!
//! Model R: suitability plus each chain link once in every region (or cooperation circle) that hosts both its
//! ends, under all rules. [`search::certified`] alternates a search for plans (annealing, then an integer program
//! over regional plans) and a bound (prices for the national rules, then branch and bound with cuts for each
//! region); [`certificate::check`] proves the bound again without a solver.

mod alternatives;
mod anneal;
mod answers;
mod block;
mod branch;
mod certificate;
mod columns;
mod cuts;
mod dense;
mod forced;
mod hull;
mod prices;
mod rule_price;
mod search;
mod second;

pub use alternatives::{Alternative, Alternatives, AlternativesParams};
pub use answers::{Answers, Neighbourly, Wishes};
pub use certificate::{CERTIFICATE_FORMAT, Certificate, Checked, check};
pub use forced::Worth;
pub use rule_price::coupled_price_of_rules;
pub use search::{Certified, CertifyParams, Ended, certified, certified_telling, certified_with};
