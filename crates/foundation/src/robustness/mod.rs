//! How firm is a rank? Diagnostics of the table and intervals of every result.
//!
//! Start reading at [`universe`] (who is in the table, and why the others are not), then [`validity`] (may ECI be read
//! on this table at all? with [`spectrum`], [`nestedness`] and [`supermodularity`]) and [`intervals`] (how far value
//! and rank move when a choice or the sample is another one).

pub mod around;
pub mod intervals;
pub mod nestedness;
pub mod replicate;
pub mod score;
pub mod spectrum;
pub mod supermodularity;
pub mod universe;
pub mod validity;

use model::{Message, Refusal};

/// Refusal `code` with its texts `code.question`, `code.reason` and `code.needed`.
fn refusal(code: &str, fill: impl Fn(Message) -> Message) -> Box<Refusal> {
    let text = |part: &str| fill(Message::new(format!("{code}.{part}")));
    Box::new(Refusal {
        code: code.to_owned(),
        question: text("question"),
        reason: text("reason"),
        needed: text("needed"),
    })
}
