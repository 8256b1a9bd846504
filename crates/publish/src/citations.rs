//! Footnotes on paper: which sources a place of the document rests on, and the list at the end.
//!
//! A number may rest on hundreds of rows. A footnote names the nearest sources and counts the rest; the list at the end
//! has those that footnotes name, numbered in the order in which they are first named, then every other publisher.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Document, SourceEntry, Span, TableView};
use crate::paper;
use crate::words::phrase;

/// Sources that a footnote names.
const NAMED: usize = 3;

pub(crate) struct Citations<'a> {
    document: &'a Document,
    /// Sources by their number, from 1.
    named: Vec<&'a SourceEntry>,
}

impl<'a> Citations<'a> {
    pub(crate) fn new(document: &'a Document) -> Self {
        Self {
            document,
            named: Vec::new(),
        }
    }

    /// The footnote of the place whose numbers have these anchors; none where nothing on record is behind them, or where the
    /// document has no list of sources.
    pub(crate) fn note<'t>(&mut self, targets: impl IntoIterator<Item = &'t str>) -> Option<String>
    where
        'a: 't,
    {
        if !paper::lists_sources(self.document) {
            return None;
        }
        let targets: Vec<&str> = targets.into_iter().collect();
        let sources = self.document.sources_of(targets);
        let mut shown: Vec<String> = Vec::new();
        for source in sources.iter().take(NAMED) {
            let known = (self.named.iter()).position(|named| named.anchor == source.anchor);
            shown.push(match known {
                Some(at) => format!("[{}] {}", at + 1, source.publisher),
                None => {
                    let entry = self.document.sources.iter();
                    self.named
                        .extend(entry.filter(|entry| entry.anchor == source.anchor));
                    format!("[{}] {}", self.named.len(), paper::source_name(source))
                }
            });
        }
        let more = sources.len().saturating_sub(NAMED);
        if more > 0 {
            let count = more.to_string();
            shown.push(phrase(
                "more_sources",
                self.document.lang,
                &[("count", &count)],
            ));
        }
        (!shown.is_empty()).then(|| shown.join("; "))
    }

    /// Of the rows of a table that are shown.
    pub(crate) fn of_table(&mut self, table: &TableView, most: usize) -> Option<String> {
        let rows = table.rows.iter().take(most);
        let targets: BTreeSet<String> = rows
            .flat_map(|row| {
                let cells = row.cells.iter().filter_map(|cell| cell.target.as_deref());
                row.target.as_deref().into_iter().chain(cells)
            })
            .map(str::to_owned)
            .collect();
        self.note(targets.iter().map(String::as_str))
    }

    /// Of the numbers of a sentence.
    pub(crate) fn of_spans(&mut self, spans: &[Span]) -> Option<String> {
        self.note(spans.iter().filter_map(|span| match span {
            Span::Number { target, .. } => Some(target.as_str()),
            _ => None,
        }))
    }

    /// The sources that footnotes named so far, in the order of their numbers.
    pub(crate) fn named(&self) -> &[&'a SourceEntry] {
        &self.named
    }

    /// Publishers of the sources that no footnote names, with how many of theirs there are; as one sentence.
    pub(crate) fn others(&self) -> Option<String> {
        let named: BTreeSet<&str> = self.named.iter().map(|s| s.anchor.as_str()).collect();
        let mut publishers: BTreeMap<&str, usize> = BTreeMap::new();
        let all = self.document.sources.iter();
        for source in all.filter(|source| !named.contains(source.anchor.as_str())) {
            *publishers.entry(&source.publisher).or_default() += 1;
        }
        let count: usize = publishers.values().sum();
        let list: Vec<String> = publishers
            .into_iter()
            .map(|(publisher, n)| match n {
                1 => publisher.to_owned(),
                n => format!("{publisher} ({n})"),
            })
            .collect();
        let (count, list) = (count.to_string(), list.join("; "));
        let args = [("count", count.as_str()), ("publishers", &list)];
        (!list.is_empty()).then(|| phrase("other_sources", self.document.lang, &args))
    }
}
