//! A part of a document that stands alone: its sections, and of everything behind them what they lead to.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::document::{Document, Section, SourceEntry};

impl Document {
    /// The document with these sections; explanations, rows of evidence and sources that no number of theirs
    /// leads to are left out.
    #[must_use]
    pub fn narrowed(mut self, sections: Vec<Section>) -> Self {
        self.sections = sections;
        let begin: Vec<String> = (self.targets_of_sections().into_iter())
            .map(str::to_owned)
            .collect();
        let reached: BTreeSet<String> = (Paths::new(&self)
            .reached(begin.iter().map(String::as_str))
            .into_iter())
        .map(str::to_owned)
        .collect();
        self.explanations.retain(|e| reached.contains(&e.anchor));
        self.evidence.retain(|e| reached.contains(&e.anchor));
        self.sources.retain(|s| reached.contains(&s.anchor));
        self
    }

    /// Sources that the numbers with these anchors rest on, the best first and then the nearest.
    pub fn sources_of<'a>(
        &'a self,
        targets: impl IntoIterator<Item = &'a str>,
    ) -> Vec<&'a SourceEntry> {
        Paths::new(self).sources(targets)
    }
}

/// Where each explanation and each row of evidence leads.
pub(crate) struct Paths<'a> {
    next: BTreeMap<&'a str, Vec<&'a str>>,
    sources: BTreeMap<&'a str, &'a SourceEntry>,
}

impl<'a> Paths<'a> {
    pub(crate) fn new(document: &'a Document) -> Self {
        let mut next: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for explanation in &document.explanations {
            let inputs = explanation.inputs.iter().map(|i| i.target.as_str());
            next.insert(&explanation.anchor, inputs.collect());
        }
        for row in &document.evidence {
            next.insert(&row.anchor, row.source.as_deref().into_iter().collect());
        }
        let sources = (document.sources.iter())
            .map(|source| (source.anchor.as_str(), source))
            .collect();
        Self { next, sources }
    }

    /// Sources behind `begin`, the best first and then the nearest.
    pub(crate) fn sources<'b>(
        &self,
        begin: impl IntoIterator<Item = &'b str>,
    ) -> Vec<&'a SourceEntry>
    where
        'a: 'b,
    {
        let reached = self.reached(begin).into_iter();
        let mut sources: Vec<&SourceEntry> = reached
            .filter_map(|anchor| self.sources.get(anchor).copied())
            .collect();
        sources.sort_by_key(|source| source.standing);
        sources
    }

    /// Anchors of explanations, evidence and sources behind `begin`, breadth first, each once.
    pub(crate) fn reached<'b>(&self, begin: impl IntoIterator<Item = &'b str>) -> Vec<&'b str>
    where
        'a: 'b,
    {
        let mut seen = BTreeSet::new();
        let mut order = Vec::new();
        let mut waiting: VecDeque<&str> = begin.into_iter().collect();
        while let Some(anchor) = waiting.pop_front() {
            if seen.insert(anchor) {
                order.push(anchor);
                waiting.extend(self.next.get(anchor).into_iter().flatten());
            }
        }
        order
    }
}
