//! Dependence on foreign supply, and on foreign demand.
//!
//! Bilateral [`flows`] of one year; what an importer (a country or a [`mod@importer`] group) buys of a product and
//! from whom; one file per published method ([`ec2021`], [`geodep`], [`ecipe`], [`concentration`],
//! [`single_points`], [`mirror`]); [`record`] joins them over years with cliffs and [`churn`]; [`sources`] and
//! [`reallocation`] say what to do and what has moved; [`capability`] and [`cover`] cross dependence with what
//! home could build.
//!
//! Start reading at [`flows`], then [`mod@supply`].

pub mod capability;
pub mod churn;
pub mod concentration;
pub mod cover;
pub mod criterion;
pub mod ec2021;
pub mod ecipe;
pub mod flows;
pub mod geodep;
pub mod hhi;
pub mod importer;
pub mod mirror;
pub mod noise;
pub mod published;
pub mod reallocation;
pub mod record;
pub mod single_points;
pub mod sources;
pub mod supply;

use model::{Message, Refusal};

/// A refusal whose texts are `dependency.<code>` and `dependency.<code>.needed`.
fn refuse(code: &str, reason: Message, needed: Message) -> Box<Refusal> {
    Box::new(Refusal {
        code: format!("dependency.{code}"),
        question: Message::new("dependency.question"),
        reason,
        needed,
    })
}
