//! The sources behind an answer: those that hold most of the shares asked about first.
//!
//! The weight of a source is the part of the supply shares behind the answer that its rows state; shares of what stops
//! are counted alone where the question names goods, because on them the answer rests.

use std::collections::{BTreeMap, BTreeSet};

use evidence::Evidence;
use model::{Origin, RowRef};

use super::Part;
use crate::scenario::Scenario;

/// A source as it is cited.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceLine {
    pub text: String,
    pub href: Option<String>,
    /// Rows of the evidence that were used.
    pub rows: usize,
    /// Part of the shares asked about that it states, 0..1; `None` where it states none.
    pub weight: Option<f64>,
    /// How far it is trusted, where that is on record: high, medium, low.
    pub confidence: Option<String>,
}

/// Rows of the evidence that stand behind any number.
fn rows(parts: &[Part]) -> BTreeSet<&RowRef> {
    parts
        .iter()
        .flat_map(|part| &part.tables)
        .flat_map(|table| &table.rows)
        .flat_map(|row| &row.origins)
        .filter_map(|origin| match origin {
            Origin::Evidence(row) => Some(row),
            _ => None,
        })
        .collect()
}

#[derive(Default)]
struct Used {
    rows: usize,
    /// Of what stops, and of everything.
    asked: f64,
    all: f64,
}

/// Sources of a study, by the shares that they state and then by the rows that cite them.
pub fn of_study(parts: &[Part], evidence: &Evidence, scenario: &Scenario) -> Vec<SourceLine> {
    let stopped: BTreeSet<&str> = scenario
        .event
        .iter()
        .filter_map(|e| e.node.as_deref())
        .collect();
    let mut used: BTreeMap<String, Used> = BTreeMap::new();
    for row in rows(parts) {
        if row.table == "sources" {
            used.entry(row.key.clone()).or_default().rows += 1;
            continue;
        }
        let Some(record) = evidence.record(row) else {
            continue;
        };
        let Some(source) = record.text("source") else {
            continue;
        };
        let of = used.entry(source.to_owned()).or_default();
        of.rows += 1;
        if row.table == "chain_supply" {
            let share = record.number("share_pct").unwrap_or_default().max(0.0);
            of.all += share;
            if record
                .text("node_id")
                .is_some_and(|node| stopped.contains(node))
            {
                of.asked += share;
            }
        }
    }
    let total = |of: fn(&Used) -> f64| used.values().map(of).sum::<f64>();
    let (asked, all) = (total(|u| u.asked), total(|u| u.all));
    let weight = |u: &Used| {
        let (part, whole) = if asked > 0.0 {
            (u.asked, asked)
        } else {
            (u.all, all)
        };
        (part > 0.0).then(|| part / whole)
    };
    let mut sources: Vec<(&String, &Used, Option<f64>)> =
        used.iter().map(|(id, u)| (id, u, weight(u))).collect();
    sources.sort_by(|a, b| {
        let weights = b.2.unwrap_or(0.0).total_cmp(&a.2.unwrap_or(0.0));
        weights.then(b.1.rows.cmp(&a.1.rows)).then(a.0.cmp(b.0))
    });
    sources
        .into_iter()
        .filter_map(|(id, used, weight)| {
            let record = evidence.table("sources")?.get(id)?;
            let href = record.text("url").map(str::to_owned);
            // A page without a title is known by its address, which paper shows too.
            let address = href.as_deref().map(|url| {
                let bare = url.split_once("://").map_or(url, |(_, rest)| rest);
                bare.trim_start_matches("www.").trim_end_matches('/')
            });
            let title = record.text("title").or(address).unwrap_or(id.as_str());
            let year = record.year("year").map(|year| year.to_string());
            // Some publishers are known by their address only.
            let publisher = record.text("publisher").filter(|p| !title.starts_with(*p));
            let by = [publisher.map(str::to_owned), year];
            let by: Vec<String> = by.into_iter().flatten().collect();
            Some(SourceLine {
                text: if by.is_empty() {
                    title.to_owned()
                } else {
                    format!("{}: {title}", by.join(", "))
                },
                href,
                rows: used.rows,
                weight,
                confidence: record.text("confidence").map(str::to_owned),
            })
        })
        .collect()
}
