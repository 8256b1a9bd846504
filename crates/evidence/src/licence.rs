//! The licence gate: what may leave the house.
//!
//! A source says `redistributable`: `yes` = the material itself, `facts_only` = single facts that name their source,
//! `no` = nothing. A row whose source is not known may not leave.

use std::collections::{BTreeMap, BTreeSet};

use model::{Entity, Kind, Message, RowRef};

use crate::table::{Evidence, Record};

/// Rows that may leave as facts only, and must name this source.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// Key of the source.
    pub source: String,
    pub licence: String,
    /// Sorted, each once.
    pub rows: Vec<RowRef>,
    pub message: Message,
}

/// A row that may not leave.
#[derive(Debug, Clone, PartialEq)]
pub struct RefusedRow {
    pub row: RowRef,
    /// As the row names it; `None` where it names none.
    pub source: Option<String>,
    pub licence: Option<String>,
    pub message: Message,
}

/// The export is refused; the rows say why, one each.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{} rows may not be exported", rows.len())]
pub struct Refused {
    /// Sorted by row, each once for each forbidding source.
    pub rows: Vec<RefusedRow>,
}

enum Verdict {
    Free,
    FactsOnly { licence: String },
    Forbidden { licence: String },
    UnknownSource,
}

/// May these rows be exported? Notices for facts that must name their source.
///
/// Every source counts that a row names, in any of its columns. A row of a table without a source column belongs to the
/// study itself and may leave.
///
/// # Errors
/// All rows that may not leave, by table and key, with source and licence.
pub fn export_gate(
    evidence: &Evidence,
    rows: impl Iterator<Item = RowRef>,
) -> Result<Vec<Notice>, Refused> {
    let rows: BTreeSet<RowRef> = rows.collect();
    let mut refused = Vec::new();
    let mut notices: BTreeMap<String, (String, Vec<RowRef>)> = BTreeMap::new();
    for row in rows {
        for (source, verdict) in verdicts(evidence, &row) {
            match verdict {
                Verdict::Free => {}
                Verdict::FactsOnly { licence } => {
                    let source = source.unwrap_or_default();
                    notices
                        .entry(source)
                        .or_insert_with(|| (licence, Vec::new()))
                        .1
                        .push(row.clone());
                }
                Verdict::Forbidden { licence } => {
                    let message = refusal("licence.forbidden", &row, source.as_deref())
                        .with("licence", licence.clone());
                    refused.push(RefusedRow {
                        row: row.clone(),
                        source,
                        licence: Some(licence),
                        message,
                    });
                }
                Verdict::UnknownSource => {
                    let message = refusal("licence.unknown_source", &row, source.as_deref());
                    refused.push(RefusedRow {
                        row: row.clone(),
                        source,
                        licence: None,
                        message,
                    });
                }
            }
        }
    }
    if !refused.is_empty() {
        return Err(Refused { rows: refused });
    }
    Ok(notices
        .into_iter()
        .map(|(source, (licence, rows))| {
            let message = Message::new("licence.facts_only")
                .with("source", Entity::new(Kind::Source, source.clone()))
                .with("licence", licence.clone())
                .with("count", rows.len());
            Notice {
                source,
                licence,
                rows,
                message,
            }
        })
        .collect())
}

/// May this row be exported, be it as facts that name their source?
pub fn may_leave(evidence: &Evidence, row: &RowRef) -> bool {
    verdicts(evidence, row)
        .iter()
        .all(|(_, verdict)| matches!(verdict, Verdict::Free | Verdict::FactsOnly { .. }))
}

fn refusal(id: &str, row: &RowRef, source: Option<&str>) -> Message {
    Message::new(id)
        .with("row", format!("{}/{}", row.table, row.key))
        .with("source", source.unwrap_or("-"))
}

fn verdicts(evidence: &Evidence, row: &RowRef) -> Vec<(Option<String>, Verdict)> {
    let Some(record) = evidence.record(row) else {
        return vec![(None, Verdict::UnknownSource)];
    };
    if row.table == crate::schema::SOURCES {
        return vec![(Some(record.key.clone()), verdict(record))];
    }
    let sources = evidence.sources_of(record);
    if sources.is_empty() && record.schema().source_columns().next().is_some() {
        return vec![(None, Verdict::UnknownSource)];
    }
    sources
        .into_iter()
        .map(|(name, source)| match source {
            Some(source) => (Some(source.key.clone()), verdict(source)),
            None => (Some(name), Verdict::UnknownSource),
        })
        .collect()
}

fn verdict(source: &Record) -> Verdict {
    let licence = source.text("licence").unwrap_or_default().to_owned();
    match source.text("redistributable") {
        Some("yes") => Verdict::Free,
        Some("facts_only") => Verdict::FactsOnly { licence },
        // Whatever is not said to be free is not.
        _ => Verdict::Forbidden { licence },
    }
}
