//! A variant in the report of its run: its name, and what it changes beside the study.

use std::collections::BTreeSet;

use model::{Cluster, Industry, Lang, Message};

use super::book::Book;
use crate::variant::Variant;

/// What a variant changes beside the study, in the words of planners where it locks or forbids a placement.
pub fn changes(book: &Book, variant: &Variant) -> String {
    let mut items = Vec::new();
    for (path, value, was) in variant.changes() {
        let kind = match path.as_str() {
            "regions.commitments" => "lock",
            "regions.vetoes" => "veto",
            _ => {
                items.push(match was {
                    Some(was) => format!("{path} = {value} ({was})"),
                    None => format!("{path} = {value}"),
                });
                continue;
            }
        };
        let (before, now) = (was.as_ref().map(pairs).unwrap_or_default(), pairs(&value));
        let mut say = |of: &BTreeSet<Pair>, but: &BTreeSet<Pair>, id: String| {
            for (cluster, industry) in of.difference(but) {
                let message = Message::new(&id)
                    .with("cluster", cluster.entity())
                    .with("industry", industry.entity());
                items.push(book.say(message));
            }
        };
        say(&now, &before, format!("report.variant.{kind}"));
        say(&before, &now, format!("report.variant.{kind}.lifted"));
    }
    if items.is_empty() {
        items.push(book.word("report.variant.nothing"));
    }
    let separator = if book.lang == Lang::Zh { "；" } else { "; " };
    format!("{}: {}", variant.name, items.join(separator))
}

type Pair = (Cluster, Industry);

/// Pairs of names in a setting.
fn pairs(value: &toml::Value) -> BTreeSet<Pair> {
    let list = value.as_array().into_iter().flatten();
    let pair = |pair: &toml::Value| {
        let [cluster, industry] = [0, 1].map(|at| pair.get(at).and_then(toml::Value::as_str));
        Some((cluster?.into(), industry?.into()))
    };
    list.filter_map(pair).collect()
}
