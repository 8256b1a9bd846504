//! The parts into which ICIO splits China and Mexico (`CN1`, `CN2`, `MX1`, …) are added up to the country.

use std::collections::{BTreeMap, BTreeSet};

use super::Label;
use super::assemble::Draft;
use super::labels::{join, label};

/// The country of a part; `None` for a whole country.
fn whole(region: &str) -> Option<&'static str> {
    let (start, rest) = region.split_at_checked(2)?;
    let is_part = !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit());
    match start {
        "CN" if is_part => Some("CHN"),
        "MX" if is_part => Some("MEX"),
        _ => None,
    }
}

/// Adds parts up; returns the parts that there were.
pub(super) fn fold(draft: &mut Draft) -> Vec<String> {
    let parts: BTreeSet<&str> = draft
        .industries
        .iter()
        .map(|l| l.region.as_str())
        .filter(|region| whole(region).is_some())
        .collect();
    let parts: Vec<String> = parts.into_iter().map(str::to_owned).collect();
    if parts.is_empty() {
        return parts;
    }
    let (industries, to) = merged(&draft.industries);
    let (finals, final_to) = merged(&draft.finals);
    let n = draft.industries.len();
    let add = |values: &[f64], columns: &[usize], width: usize, old: usize| {
        let mut sum = vec![0.0; industries.len() * width];
        for i in 0..n {
            for (j, column) in columns.iter().enumerate() {
                sum[to[i] * width + column] += values[i * old + j];
            }
        }
        sum
    };
    let z = add(&draft.z, &to, industries.len(), n);
    let y = add(&draft.y, &final_to, finals.len(), draft.finals.len());
    let vector = |values: &Vec<f64>| add(values, &[0], 1, 1);
    let x = draft.x.as_ref().map(vector);
    let value_added = draft.value_added.as_ref().map(vector);
    *draft = Draft {
        industries,
        finals,
        z,
        y,
        x,
        value_added,
        imports: draft.imports.take(),
    };
    parts
}

/// Labels with parts replaced by their country, and where each old one has gone.
fn merged(labels: &[Label]) -> (Vec<Label>, Vec<usize>) {
    let mut places: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut kept: Vec<Label> = Vec::new();
    let to = labels
        .iter()
        .map(|old| {
            let region = whole(&old.region).unwrap_or(&old.region).to_owned();
            let key = (region.clone(), old.name.clone());
            *places.entry(key).or_insert_with(|| {
                let text = if region == old.region {
                    old.text.clone()
                } else {
                    join(&region, &old.name)
                };
                kept.push(label(&text, &region, &old.name));
                kept.len() - 1
            })
        })
        .collect();
    (kept, to)
}
