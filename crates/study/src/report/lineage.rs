//! Explanations, evidence rows and sources of everything that the sections cite.

use std::collections::BTreeSet;

use evidence::Confidence;
use model::{Message, Origin, RowRef};
use publish::document::{EvidenceEntry, Explanation, InputLink, SourceEntry, Standing};

use super::book::{Book, evidence_anchor, result_anchor, source_anchor};
use super::plain;
use crate::engine::explain::{evidence_row, parameter};
use crate::release::{released_key, released_row};

pub struct Lineage {
    pub explanations: Vec<Explanation>,
    pub evidence: Vec<EvidenceEntry>,
    pub sources: Vec<SourceEntry>,
}

/// Follows the origins of every cited row to the end.
pub fn collect(book: &Book) -> Lineage {
    let mut waiting: Vec<(String, String)> = book.cited().into_iter().collect();
    let mut seen: BTreeSet<(String, String)> = waiting.iter().cloned().collect();
    let mut rows: BTreeSet<RowRef> = BTreeSet::new();
    let mut explanations = Vec::new();
    while let Some((table_name, key)) = waiting.pop() {
        let table = book.run.table(&table_name);
        let Some((table, row)) = table.and_then(|table| Some((table, table.row(&key)?))) else {
            continue;
        };
        let mut inputs = Vec::new();
        let mut parameters = Vec::new();
        for origin in &row.origins {
            match origin {
                Origin::Evidence(reference) => {
                    let shown = released_key(book.evidence, reference);
                    inputs.push(InputLink {
                        label: format!("{}/{shown}", reference.table),
                        target: evidence_anchor(&reference.table, &shown),
                    });
                    rows.insert(reference.clone());
                }
                Origin::Result(reference) => {
                    let there = book.run.outputs.values().any(|o| {
                        o.table(&reference.table)
                            .is_some_and(|t| t.row(&reference.key).is_some())
                    });
                    if there {
                        inputs.push(InputLink {
                            label: format!("{}/{}", reference.table, reference.key),
                            target: result_anchor(&reference.table, &reference.key),
                        });
                        let next = (reference.table.clone(), reference.key.clone());
                        if seen.insert(next.clone()) {
                            waiting.push(next);
                        }
                    }
                }
                Origin::Parameter(path) => {
                    let value = parameter(book.run, path).map(|v| shortened(&v.to_string()));
                    parameters.push((path.clone(), value.unwrap_or_default()));
                }
            }
        }
        explanations.push(Explanation {
            anchor: result_anchor(&table_name, &key),
            title: format!("{table_name}/{key}"),
            formula: book.formula(table),
            method: super::methods::method_page(&table.method, book.lang),
            parameters: values(book, table, &released_row(book.evidence, table, row))
                .into_iter()
                .chain(parameters)
                .collect(),
            inputs,
        });
    }
    explanations.sort_by(|a, b| a.title.cmp(&b.title));
    let (evidence, sources) = evidence(book, &rows);
    Lineage {
        explanations,
        evidence,
        sources,
    }
}

/// The row's own numbers at full width, before its settings.
fn values(book: &Book, table: &model::ResultTable, row: &model::Row) -> Vec<(String, String)> {
    table
        .columns
        .iter()
        .zip(&row.cells)
        .filter(|(_, cell)| matches!(cell, model::Cell::Quantity(_) | model::Cell::Count(_)))
        .map(|(column, cell)| {
            let heading = book.word(&format!("column.{}", column.name));
            (heading, localised(book, cell))
        })
        .collect()
}

fn localised(book: &Book, cell: &model::Cell) -> String {
    match cell {
        model::Cell::Quantity(model::Quantity::Estimated(e)) => book.say(
            Message::new("report.exact")
                .with("value", format!("{:.6}", e.value))
                .with("low", format!("{:.6}", e.low))
                .with("high", format!("{:.6}", e.high))
                .with(
                    "basis",
                    Message::new(format!("basis.{}", crate::engine::flat::basis(e.basis))),
                ),
        ),
        model::Cell::Quantity(model::Quantity::NotEstimated(reason)) => {
            book.say(Message::new("report.not_estimated").with("reason", reason.clone()))
        }
        other => plain(other),
    }
}

fn shortened(text: &str) -> String {
    const MOST: usize = 400;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    format!("{}…", text.chars().take(MOST).collect::<String>())
}

fn evidence(book: &Book, rows: &BTreeSet<RowRef>) -> (Vec<EvidenceEntry>, Vec<SourceEntry>) {
    let mut entries = Vec::new();
    let mut sources: Vec<SourceEntry> = Vec::new();
    let mut known = BTreeSet::new();
    for reference in rows {
        let row = evidence_row(book.evidence, reference);
        let source = row.source.map(|source| {
            if known.insert(source.id.clone()) {
                let record = book
                    .evidence
                    .table("sources")
                    .and_then(|t| t.get(&source.id));
                let title = record
                    .and_then(|r| r.text("title"))
                    .unwrap_or_default()
                    .to_owned();
                let year = record.and_then(|r| r.year("year"));
                let date = year.map_or_else(String::new, |year| year.to_string());
                sources.push(SourceEntry {
                    anchor: source_anchor(&source.id),
                    publisher: source.publisher,
                    title,
                    date,
                    url: source.url,
                    licence: source.licence,
                    standing: match book.evidence.confidence(reference) {
                        Some(Confidence::High) => Standing::High,
                        Some(Confidence::Medium) => Standing::Medium,
                        Some(Confidence::Low) => Standing::Low,
                        None => Standing::NotRated,
                    },
                    confidence: book.word(&format!("code.{}", source.confidence)),
                    redistributable: book
                        .word(&format!("redistributable.{}", source.redistributable)),
                });
            }
            source_anchor(&source.id)
        });
        entries.push(EvidenceEntry {
            anchor: evidence_anchor(&row.table, &row.key),
            table: row.table,
            key: row.key,
            fields: row.fields,
            source,
            withheld: row.withheld,
        });
    }
    sources.sort_by(|a, b| (&a.publisher, &a.anchor).cmp(&(&b.publisher, &b.anchor)));
    (entries, sources)
}
