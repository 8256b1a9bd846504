//! Layout: what to do — which industries to choose, which cluster hosts which, and when.
//!
//! Holds: selection under uncertain measurements and weights ([`select`]), the regional layout with bound, certificate and
//! explanations ([`regions`]), projects under a budget ([`portfolio`]), who does it together ([`consortium`]), where sites go
//! ([`sites`]), schedules and the dated roadmap ([`roadmap`]), and how firm all of that is together ([`whole`]). Beside them
//! the audit of plans ([`audit`]), consistent scenarios ([`cross_impact`]), adoption ([`adoption`]) and readings from rows
//! ([`readings`]).
//!
//! Deliberately knows nothing about files, evidence tables, studies or pages: it takes plain values
//! with ranges and returns plain values with ranges, by id. The caller adds lineage. One folder names the
//! solver: `solver`, where every linear and mixed-integer program goes.
//!
//! Start reading at [`regions::Instance`], the question that selection feeds and the roadmap follows.

pub mod adoption;
pub mod audit;
pub mod consortium;
pub mod cross_impact;
mod interval;
pub mod portfolio;
pub mod readings;
pub mod regions;
pub mod roadmap;
pub mod select;
pub mod sites;
mod solver;
mod triangular;
pub mod whole;

use model::{Message, Refusal};

pub use solver::{Ended, Limits, Worth};

/// A refusal whose three texts are the catalogue messages `<code>.question`, `.reason` and `.needed`;
/// `fill` adds the same arguments to each.
fn refusal(code: &str, fill: impl Fn(Message) -> Message) -> Box<Refusal> {
    let text = |part: &str| fill(Message::new(format!("{code}.{part}")));
    Box::new(Refusal {
        code: code.to_owned(),
        question: text("question"),
        reason: text("reason"),
        needed: text("needed"),
    })
}
