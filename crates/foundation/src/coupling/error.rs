//! Why a coupling question gets no answer.

use model::{Message, Refusal};

use crate::null::NullError;

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CouplingError {
    #[error("{name} is {value}: need {need}")]
    Parameter {
        name: &'static str,
        value: f64,
        need: &'static str,
    },
    /// The data cannot carry the question.
    #[error("refused: {}", .0.code)]
    Refused(Box<Refusal>),
    #[error(transparent)]
    Null(#[from] NullError),
}

/// `value` lies in the range that `holds` tells, described by `need`.
pub(super) fn check(
    name: &'static str,
    value: f64,
    holds: bool,
    need: &'static str,
) -> Result<(), CouplingError> {
    if holds {
        Ok(())
    } else {
        Err(CouplingError::Parameter { name, value, need })
    }
}

/// A share strictly between 0 and 1.
pub(super) fn check_level(name: &'static str, level: f64) -> Result<(), CouplingError> {
    check(
        name,
        level,
        level > 0.0 && level < 1.0,
        "above 0 and below 1",
    )
}

/// Refusal `code` with its texts `code.question`, `code.reason` and `code.needed`.
pub(super) fn refused(code: &str, fill: impl Fn(Message) -> Message) -> CouplingError {
    let text = |part: &str| fill(Message::new(format!("{code}.{part}")));
    CouplingError::Refused(Box::new(Refusal {
        code: code.to_owned(),
        question: text("question"),
        reason: text("reason"),
        needed: text("needed"),
    }))
}
