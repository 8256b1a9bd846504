//! `low <= value <= high`, and what begins does not end before.

use model::Arg;

use super::{Address, Drafts};
use crate::check::draft::Draft;
use crate::check::findings::Findings;
use crate::finding::Place;
use crate::table::Value;

/// Columns `low`, `high` and the value between them; also with a stem (`cost_low`, `cost`, `cost_high`), and
/// pairs `x`, `x_max`.
pub(super) fn low_value_high(drafts: &Drafts, findings: &mut Findings) -> Vec<Address> {
    let mut rejected = Vec::new();
    for (table, draft) in drafts {
        for ordered in ordered_columns(draft) {
            for (at, row) in draft.rows.iter().enumerate() {
                let numbers: Vec<(usize, f64)> = ordered
                    .iter()
                    .filter_map(|c| number(&row.values[*c]).map(|x| (*c, x)))
                    .collect();
                let Some(pair) = numbers.windows(2).find(|pair| pair[0].1 > pair[1].1) else {
                    continue;
                };
                let name = |i: usize| draft.schema.columns[pair[i].0].name.as_str();
                let place = Place::cell(&draft.file, row.number, name(0));
                let found = format!("{} = {}, {} = {}", name(0), pair[0].1, name(1), pair[1].1);
                findings.error("range.order", place, &found, &order_args(name(0), name(1)));
                rejected.push((table.clone(), at));
            }
        }
    }
    rejected
}

/// Dates `from` and `to`, compared as far as both are known: 2021 does not lie after 2021-03.
pub(super) fn from_to(drafts: &Drafts, findings: &mut Findings) -> Vec<Address> {
    let mut rejected = Vec::new();
    for (table, draft) in drafts {
        let (Some(from), Some(to)) = (draft.position("from"), draft.position("to")) else {
            continue;
        };
        for (at, row) in draft.rows.iter().enumerate() {
            let (Value::Text(start), Value::Text(end)) = (&row.values[from], &row.values[to])
            else {
                continue;
            };
            let shared = start.len().min(end.len());
            if start.get(..shared) > end.get(..shared) {
                let place = Place::cell(&draft.file, row.number, "from");
                let found = format!("from = {start}, to = {end}");
                findings.error("range.order", place, &found, &order_args("from", "to"));
                rejected.push((table.clone(), at));
            }
        }
    }
    rejected
}

fn order_args<'a>(first: &str, second: &str) -> [(&'a str, Arg); 2] {
    [("first", first.into()), ("second", second.into())]
}

/// Sets of columns, by position, whose numbers must not decrease.
fn ordered_columns(draft: &Draft) -> Vec<Vec<usize>> {
    let position = |name: &str| draft.position(name);
    let mut sets = Vec::new();
    for column in &draft.schema.columns {
        let name = column.name.as_str();
        if let Some(stem) = name
            .strip_suffix("low")
            .filter(|stem| stem.is_empty() || stem.ends_with('_'))
        {
            let between = ["value", "central", "share_pct", "amount"]
                .iter()
                .find_map(|word| position(&format!("{stem}{word}")));
            let between = between.or_else(|| position(stem.trim_end_matches('_')));
            let set: Vec<usize> = [position(name), between, position(&format!("{stem}high"))]
                .into_iter()
                .flatten()
                .collect();
            sets.push(set);
        }
        if let Some(least) = name.strip_suffix("_max").and_then(position) {
            sets.push(
                [Some(least), position(name)]
                    .into_iter()
                    .flatten()
                    .collect(),
            );
        }
    }
    sets
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(x) => Some(*x),
        Value::Integer(n) => Some(*n as f64),
        _ => None,
    }
}
