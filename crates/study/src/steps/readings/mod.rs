//! Readings that a layout needs, from rows of evidence.

pub mod fields;
pub mod futures;
pub mod map;
pub mod models;
pub mod places;
pub mod ties;

use model::{Message, Origin, Refusal, RowRef};
use serde_json::{Value, json};

use super::{evidence_rows, parameters};
use crate::config::Config;
use crate::scenario::Scenario;

pub fn params(config: &Config, _: &[Scenario]) -> Value {
    json!({
        "home": config.study.home, "readings": config.readings, "start_year": config.study.start_year,
        "seed": config.study.seed, "ranges": config.ranges,
    })
}

pub fn map_params(config: &Config, _: &[Scenario]) -> Value {
    json!({ "home": config.study.home, "exclude": config.chain.exclude })
}

/// Rows of evidence, and the settings of the readings.
fn lineage(rows: &[RowRef], more: &[&str]) -> Vec<Origin> {
    let mut origins = evidence_rows(rows);
    origins.extend(parameters(&["study.home"]));
    origins.extend(parameters(more));
    origins
}

fn refusal(code: &str, question: &str, fill: impl Fn(Message) -> Message) -> Refusal {
    Refusal {
        code: code.to_owned(),
        question: Message::new(question),
        reason: fill(Message::new(code)),
        needed: Message::new(format!("{code}.needed")),
    }
}
