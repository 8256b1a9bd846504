//! Recorded disruptions beside what the methods say about them.

mod answer;
mod page;

pub use page::{Page, page};

use chain::references::{Sharpness, Verdict, centre_ratio, compare};
use model::{Basis, Cell, Entity, Estimate, Kind, Message, Quantity, ResultTable, RowRef};
use serde_json::{Value, json};

use super::{code, evidence_rows, parameters};
use crate::config::Config;
use crate::engine::output::StepOutput;
use crate::engine::step::Context;
use crate::inputs::references::{Case, Role, cases};
use crate::scenario::Scenario;

/// An answer of ours with what it was computed from.
struct Answer {
    ours: Result<Estimate, Gap>,
    rows: Vec<RowRef>,
    settings: Vec<String>,
}

/// Why there is no number of ours.
enum Gap {
    /// The methods refuse the question.
    Refused(Message),
    /// The methods say that nothing happens, where a number of weeks was asked.
    Never(Message),
}

pub fn params(config: &Config, _: &[Scenario]) -> Value {
    json!({
        "ranges": config.ranges, "references": config.references,
        "chain": {
            "exclude": config.chain.exclude, "graph": config.chain.graph, "shock": config.chain.shock,
        },
    })
}

/// Every reference case: our interval, the observation, and a verdict.
pub fn run(context: &Context) -> StepOutput {
    let mut table = ResultTable::new(
        "chain.references",
        "reference-cases",
        "hit: the intervals overlap; informative: a share no wider than w, any other quantity with ends no further apart than a factor r",
        &[
            ("case", ""),
            ("quantity", ""),
            ("measured_in", ""),
            ("ours", ""),
            ("observed", ""),
            ("centre", ""),
            ("verdict", ""),
            ("reason", ""),
        ],
    );
    let mut answers = answer::Answers::new(context);
    for case in cases(context.evidence) {
        let answer = match case.role {
            Role::Test(method) => Some(answers.answer(&case, method)),
            Role::Input | Role::NotModelled => None,
        };
        push(&mut table, &case, answer, context.config);
    }
    StepOutput {
        tables: vec![table],
        refusals: Vec::new(),
    }
}

fn push(table: &mut ResultTable, case: &Case, answer: Option<Answer>, config: &Config) {
    let observed = case.observed();
    let (verdict, reason) = judge(case, answer.as_ref(), observed.as_ref(), config);
    let because = || Message::new(format!("code.references.reason.{reason}"));
    let ours = match answer.as_ref().map(|answer| &answer.ours) {
        Some(Ok(ours)) => Quantity::Estimated(*ours),
        Some(Err(Gap::Refused(why) | Gap::Never(why))) => Quantity::not_estimated(why.clone()),
        None => Quantity::not_estimated(because()),
    };
    let centre = ours
        .estimate()
        .zip(observed)
        .and_then(|(ours, observed)| centre_ratio(&ours, &observed))
        .map_or(Cell::Empty, |ratio| {
            Estimate::exact(ratio, Basis::Derived).into()
        });
    let unit = case.row.text("unit").or(observed.map(|_| "share"));
    let mut origins = evidence_rows(&case.rows());
    if let Some(answer) = answer {
        origins.extend(evidence_rows(&answer.rows));
        let settings: Vec<&str> = answer.settings.iter().map(String::as_str).collect();
        origins.extend(parameters(&settings));
        origins.extend(parameters(&[
            "references.informative_width",
            "references.informative_ratio",
        ]));
    }
    table.push(
        case.row.key.clone(),
        vec![
            Entity::new(Kind::Shock, case.shock.key.clone()).into(),
            code(&format!(
                "references.quantity.{}",
                case.row.text("quantity").unwrap_or_default()
            )),
            unit.map_or(Cell::Empty, |unit| code(&format!("references.unit.{unit}"))),
            ours.into(),
            observed.map_or(Cell::Empty, Cell::from),
            centre,
            code(verdict.code()),
            code(&format!("references.reason.{reason}")),
        ],
        origins,
    );
}

/// The verdict, with the reason: the curated one unless it speaks of another outcome.
fn judge<'a>(
    case: &Case<'a>,
    answer: Option<&Answer>,
    observed: Option<&Estimate>,
    config: &Config,
) -> (Verdict, &'a str) {
    let curated = case.row.text("reason").unwrap_or("unexplained");
    let shares = case.row.text("unit") == Some("share");
    let sharpness = if shares {
        Sharpness::Width(config.references.informative_width)
    } else {
        Sharpness::Ratio(config.references.informative_ratio)
    };
    let verdict = match (case.role, answer, observed) {
        (Role::Input, ..) => Verdict::Input,
        (Role::Test(_), Some(answer), Some(observed)) => match &answer.ours {
            Ok(ours) => compare(ours, observed, sharpness),
            Err(Gap::Never(_)) => Verdict::Missed,
            Err(Gap::Refused(_)) => Verdict::NotModelled,
        },
        _ => Verdict::NotModelled,
    };
    let reason = match (verdict, curated) {
        (Verdict::InformativeHit, _) => "in_range",
        (Verdict::EmptyHit, "in_range") => "too_wide",
        (Verdict::Missed | Verdict::NotModelled, "in_range" | "too_wide") => "unexplained",
        _ => curated,
    };
    (verdict, reason)
}

/// The number of cases with each verdict.
pub fn tally(table: &ResultTable) -> Vec<(Verdict, usize)> {
    let count = |verdict: Verdict| {
        table
            .rows
            .iter()
            .filter(|row| {
                crate::engine::output::entity(table, row, "verdict") == Some(verdict.code())
            })
            .count()
    };
    Verdict::ALL.iter().map(|v| (*v, count(*v))).collect()
}
