//! Consistent scenarios from judgments on record.

use std::collections::{BTreeMap, BTreeSet};

use layout::cross_impact::{CrossImpacts, Impact};
use model::{Basis, Cell, Estimate, Field, Message, Quantity, Refusal, ResultTable, RowRef};

use super::super::code;
use super::{lineage, refusal};
use crate::engine::output::StepOutput;
use crate::engine::step::Context;
use crate::futures::{answer, named};
use crate::inputs::plans::Subjects;
use crate::inputs::rows;

pub const READS: [&str; 4] = ["scenario_states", "cross_impacts", "technologies", "fields"];

const QUESTION: &str = "cross_impact.question";

pub fn run(context: &Context) -> StepOutput {
    let settings = &context.config.readings.scenarios;
    let mut output = StepOutput::default();
    let states: Vec<(String, String)> = rows(context.evidence, "scenario_states")
        .filter_map(|row| {
            Some((
                row.text("descriptor")?.to_owned(),
                row.text("state")?.to_owned(),
            ))
        })
        .collect();
    let judgments: Vec<Impact> = rows(context.evidence, "cross_impacts")
        .filter_map(|row| {
            let value = row.number("impact")?;
            let pair = |d: &str, s: &str| Some((row.text(d)?.to_owned(), row.text(s)?.to_owned()));
            Some(Impact {
                from: pair("from_descriptor", "from_state")?,
                to: pair("to_descriptor", "to_state")?,
                impact: Estimate::spanning(
                    value,
                    row.number("low").unwrap_or(value),
                    row.number("high").unwrap_or(value),
                    Basis::Judged,
                ),
            })
        })
        .collect();
    if states.is_empty() {
        output
            .refusals
            .push(refusal("cross_impact.no_judgments", QUESTION, |m| m));
        return output;
    }
    let impacts = match CrossImpacts::new(&states, &judgments) {
        Ok(impacts) => impacts,
        Err(problems) => {
            let texts: Vec<Message> = problems
                .iter()
                .map(layout::cross_impact::ImpactProblem::message)
                .collect();
            output
                .refusals
                .push(refusal("cross_impact.broken", QUESTION, |m| {
                    m.with("problems", Message::listed(&texts))
                }));
            return output;
        }
    };
    let found = answer(&impacts, settings, context.config.study.seed);
    let all_rows: Vec<RowRef> = ["scenario_states", "cross_impacts"]
        .into_iter()
        .flat_map(|table| rows(context.evidence, table).map(evidence::Record::reference))
        .collect();
    let origins = || lineage(&all_rows, &["readings.scenarios", "study.seed"]);
    let mut table = ResultTable::new(
        "layout.futures",
        "cross-impact",
        "consistent: no state of the scenario has a rival with a larger sum of impacts; share over draws within the ranges",
        &[
            ("scenario_states", ""),
            ("inconsistency", "points"),
            ("total_impact", "points"),
            ("firmness", ""),
            ("draws_consistent", "share"),
            ("chosen", ""),
            ("calls_for", ""),
        ],
    );
    let calls = calls(context);
    for (k, reading) in found.readings.iter().enumerate() {
        let exact = |x: f64| Quantity::exact(x, Basis::Judged);
        let fields: BTreeSet<&Field> = reading
            .scenario
            .iter()
            .enumerate()
            .filter_map(|(d, s)| {
                let name = &impacts.descriptors[d].name;
                calls.get(&(name.clone(), impacts.state_name(d, *s).to_owned()))
            })
            .flatten()
            .collect();
        table.push(
            format!("f{:03}", k + 1),
            vec![
                named(&impacts, &reading.scenario).into(),
                exact(reading.inconsistency).into(),
                exact(reading.total_impact).into(),
                code(reading.firmness.code()),
                reading.share.into(),
                if found.chosen.chosen.contains(&k) {
                    code("chosen.yes")
                } else {
                    Cell::Empty
                },
                fields.iter().map(|f| f.entity()).collect::<Vec<_>>().into(),
            ],
            origins(),
        );
    }
    let mut certificate = ResultTable::new(
        "layout.futures_proof",
        "cross-impact",
        "scenarios judged one by one + scenarios in discarded subtrees = all scenarios",
        &[
            ("judged_by", ""),
            ("scenarios_all", ""),
            ("scenarios_judged", ""),
            ("scenarios_discarded", ""),
            ("scenarios_found", ""),
            ("least_distance", ""),
            ("distance_bound", ""),
        ],
    );
    for (key, list) in [("values", &found.at_values), ("ranges", &found.at_best)] {
        if !list.complete() {
            output.refusals.push(stopped(list));
        }
        certificate.push(
            key,
            vec![
                code(&format!("judged.{key}")),
                list.total.to_string().into(),
                list.judged.to_string().into(),
                list.discarded.to_string().into(),
                list.scenarios.len().into(),
                found.chosen.least_distance.into(),
                found.chosen.bound.into(),
            ],
            origins(),
        );
    }
    let mut against = ResultTable::new(
        "layout.futures_contradictions",
        "cross-impact",
        "smallest sets of up to three states that no consistent scenario holds together",
        &[("states_apart", ""), ("states_count", "")],
    );
    for (k, set) in found.contradictions.iter().enumerate() {
        let words: Vec<String> = set
            .0
            .iter()
            .map(|(d, s)| {
                format!(
                    "{}: {}",
                    impacts.descriptors[*d].name,
                    impacts.state_name(*d, *s)
                )
            })
            .collect();
        against.push(
            format!("c{:03}", k + 1),
            vec![words.join("; ").into(), set.0.len().into()],
            origins(),
        );
    }
    if found.consistent == 0 && found.at_values.complete() {
        output
            .refusals
            .push(refusal("cross_impact.none", QUESTION, |m| m));
    }
    output.tables.extend([table, certificate, against]);
    output
}

fn stopped(list: &layout::cross_impact::Enumeration) -> Refusal {
    let done = list.judged + list.discarded;
    refusal("cross_impact.stopped", QUESTION, |m| {
        m.with("nodes", list.nodes as f64)
            .with("judged", done.to_string())
            .with("total", list.total.to_string())
    })
}

/// What each state calls for.
fn calls(context: &Context) -> BTreeMap<(String, String), BTreeSet<Field>> {
    let subjects = Subjects::new(context.evidence);
    rows(context.evidence, "scenario_states")
        .filter_map(|row| {
            let key = (
                row.text("descriptor")?.to_owned(),
                row.text("state")?.to_owned(),
            );
            let fields = row
                .list("technology_ids")
                .into_iter()
                .filter_map(|t| subjects.field(t));
            Some((key, fields.collect()))
        })
        .collect()
}
