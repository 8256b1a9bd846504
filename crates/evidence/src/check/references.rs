//! What a row refers to must be there.

use std::collections::{BTreeMap, BTreeSet};

use model::Arg;

use super::draft::Draft;
use super::findings::Findings;
use crate::finding::Place;
use crate::schema::{ColumnSchema, ColumnType, Reference};
use crate::suggest::{hint_of, nearest};
use crate::table::Value;

/// The values of every column that some column refers to. Rows with errors count: they are there.
type Known = BTreeMap<(String, String), BTreeSet<String>>;

pub(super) fn check(
    drafts: &mut BTreeMap<String, Draft>,
    failed: &BTreeSet<String>,
    findings: &mut Findings,
) {
    let known = known(drafts);
    for draft in drafts.values_mut() {
        let schema = draft.schema.clone();
        for (at, column) in schema
            .columns
            .iter()
            .enumerate()
            .filter(|(_, c)| !c.references.is_empty())
        {
            check_column(draft, at, column, &known, failed, findings);
        }
    }
}

fn known(drafts: &BTreeMap<String, Draft>) -> Known {
    let mut known = Known::new();
    for draft in drafts.values() {
        for reference in draft
            .schema
            .columns
            .iter()
            .flat_map(|column| &column.references)
        {
            let Reference::Column { table, column } = reference else {
                continue;
            };
            let of = (table.clone(), column.clone());
            let (Some(target), false) = (drafts.get(table), known.contains_key(&of)) else {
                continue;
            };
            let Some(position) = target.position(column) else {
                continue;
            };
            let values = target
                .rows
                .iter()
                .flat_map(|row| words(&row.values[position]))
                .map(str::to_owned)
                .collect();
            known.insert(of, values);
        }
    }
    known
}

fn check_column(
    draft: &mut Draft,
    at: usize,
    column: &ColumnSchema,
    known: &Known,
    failed: &BTreeSet<String>,
    findings: &mut Findings,
) {
    let mut sets = Vec::new();
    let mut literals = Vec::new();
    let mut absent = Vec::new();
    for reference in &column.references {
        match reference {
            Reference::Literal(word) => literals.push(word.as_str()),
            Reference::Column { table, column } => {
                match known.get(&(table.clone(), column.clone())) {
                    Some(values) => sets.push(values),
                    None => absent.push(table.as_str()),
                }
            }
        }
    }
    let is_known =
        |word: &str| literals.contains(&word) || sets.iter().any(|set| set.contains(word));
    let mut unchecked = false;
    for row in &mut draft.rows {
        for word in words(&row.values[at]).filter(|word| !is_known(word)) {
            if !absent.is_empty() {
                unchecked = true;
                continue;
            }
            let place = Place::cell(&draft.file, row.number, &column.name);
            let code = if column.names_source() {
                "source.unknown"
            } else {
                "reference.unknown"
            };
            let candidates = || {
                sets.iter()
                    .flat_map(|set| set.iter().map(String::as_str))
                    .chain(literals.iter().copied())
            };
            let args = [
                ("targets", Arg::from(targets(column))),
                ("hint", hint_of(&near(word, candidates))),
            ];
            findings.error(code, place, word, &args);
            row.bad = true;
        }
    }
    // A table that failed to load has findings of its own, and country codes have been checked against ISO 3166.
    let said =
        absent.iter().all(|table| failed.contains(*table)) || column.kind == ColumnType::Country;
    if unchecked && !said && column.kind != ColumnType::Countries {
        let place = Place {
            file: &draft.file,
            row: None,
            column: Some(&column.name),
        };
        findings.warning(
            "reference.no_table",
            place,
            &absent.join(", "),
            &[("tables", absent.join(", ").into())],
        );
    }
}

/// The code that has lost its leading zeros, else what is spelt alike.
fn near<'a, I: Iterator<Item = &'a str>>(word: &str, candidates: impl Fn() -> I) -> Vec<&'a str> {
    let numeric = word.bytes().all(|b| b.is_ascii_digit());
    let padded: Vec<&str> = candidates()
        .filter(|c| numeric && c.starts_with('0') && c.trim_start_matches('0') == word)
        .take(3)
        .collect();
    if padded.is_empty() {
        nearest(word, candidates())
    } else {
        padded
    }
}

fn targets(column: &ColumnSchema) -> String {
    let names: Vec<String> = column
        .references
        .iter()
        .map(|reference| match reference {
            Reference::Column { table, column } => format!("{table}.{column}"),
            Reference::Literal(word) => word.clone(),
        })
        .collect();
    names.join(", ")
}

fn words(value: &Value) -> impl Iterator<Item = &str> {
    let (one, many) = match value {
        Value::Text(text) => (Some(text), [].as_slice()),
        Value::List(items) => (None, items.as_slice()),
        _ => (None, [].as_slice()),
    };
    one.into_iter().chain(many).map(String::as_str)
}
