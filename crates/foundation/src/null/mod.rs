//! Null models of the presence matrix: what would chance alone show?
//!
//! Start reading at [`bicm`] (random matrices with the diversity and the ubiquity of the observed one), then
//! [`validated`] (which co-occurrences are more than that) and [`ensemble`] (any other statistic, by samples).
//! [`weighted`] asks the same of values: which are larger than the totals of their row and column explain?

pub mod bicm;
pub mod ensemble;
pub mod false_discovery;
mod margins;
pub mod poisson_binomial;
pub mod validated;
pub mod weighted;

use model::{Message, Refusal};

/// Why a null model gives no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NullError {
    #[error("{name} is {value}: need {need}")]
    Parameter {
        name: &'static str,
        value: f64,
        need: &'static str,
    },
    #[error(
        "a presence matrix of {} × {} locations and activities, a null model of {} × {}",
        found.0, found.1, wanted.0, wanted.1
    )]
    Shape {
        found: (usize, usize),
        wanted: (usize, usize),
    },
    /// The data cannot carry the question.
    #[error("refused: {}", .0.code)]
    Refused(Box<Refusal>),
}

/// Refusal `code` with its texts `code.question`, `code.reason` and `code.needed`.
fn refusal(code: &str, fill: impl Fn(Message) -> Message) -> NullError {
    let text = |part: &str| fill(Message::new(format!("{code}.{part}")));
    NullError::Refused(Box::new(Refusal {
        code: code.to_owned(),
        question: text("question"),
        reason: text("reason"),
        needed: text("needed"),
    }))
}

fn not_converged(worst: f64, steps: usize, tolerance: f64) -> NullError {
    refusal("null.not_converged", |text| {
        text.with("worst", format!("{worst:.1e}"))
            .with("steps", steps)
            .with("tolerance", format!("{tolerance:.1e}"))
    })
}

fn check_tolerance(tolerance: f64) -> Result<(), NullError> {
    if tolerance > 0.0 && tolerance < 1.0 {
        return Ok(());
    }
    Err(NullError::Parameter {
        name: "tolerance",
        value: tolerance,
        need: "above 0 and below 1",
    })
}
