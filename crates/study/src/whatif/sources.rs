//! The sources behind an answer, those used most first.

use std::collections::{BTreeMap, BTreeSet};

use evidence::Evidence;
use model::{Origin, RowRef};

use super::Part;

/// A source as it is cited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceLine {
    pub text: String,
    pub href: Option<String>,
    /// Rows of the evidence that were used.
    pub rows: usize,
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

/// Sources of a study, by the rows that cite them.
pub fn of_study(parts: &[Part], evidence: &Evidence) -> Vec<SourceLine> {
    let mut used: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows(parts) {
        let source = match row.table.as_str() {
            "sources" => Some(row.key.clone()),
            _ => evidence
                .record(row)
                .and_then(|record| record.text("source").map(str::to_owned)),
        };
        if let Some(source) = source {
            *used.entry(source).or_default() += 1;
        }
    }
    let mut sources: Vec<(String, usize)> = used.into_iter().collect();
    sources.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    sources
        .into_iter()
        .filter_map(|(id, rows)| {
            let record = evidence.table("sources")?.get(&id)?;
            let title = record.text("title").unwrap_or(id.as_str());
            Some(SourceLine {
                text: record
                    .text("publisher")
                    .map_or(title.to_owned(), |publisher| {
                        format!("{publisher}: {title}")
                    }),
                href: record.text("url").map(str::to_owned),
                rows,
            })
        })
        .collect()
}
