//! Sources on paper: what a note names at the place of its numbers, and what the list at the end holds.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Block, Card, Document, Figure, SourceEntry, Span, Standing, TableView};
use crate::narrow::Paths;
use crate::paper;
use crate::words::{phrase, word};

/// Sources that one note names before the rest are counted.
const NAMED: usize = 3;

/// Which note of the document first named each source, and which sources each set of numbers rests on.
pub(crate) struct Citations<'a> {
    document: &'a Document,
    paths: Paths<'a>,
    /// The number of the note that named the source with this anchor in full.
    named: BTreeMap<&'a str, usize>,
    /// The number of the note that named exactly these.
    sets: BTreeMap<Vec<&'a str>, usize>,
    notes: usize,
}

/// A piece of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    /// The number of an earlier note.
    Note(usize),
}

impl<'a> Citations<'a> {
    pub(crate) fn new(document: &'a Document) -> Self {
        Self {
            document,
            paths: Paths::new(document),
            named: BTreeMap::new(),
            sets: BTreeMap::new(),
            notes: 0,
        }
    }

    /// The next note, for numbers with these anchors: the best sources, then the nearest, in full where they are named
    /// for the first time, then by their publisher and the earlier note; weak ones say so. None where nothing has a source.
    pub(crate) fn note(
        &mut self,
        targets: impl IntoIterator<Item = &'a str>,
    ) -> Option<Vec<Piece>> {
        let lang = self.document.lang;
        let sources = self.paths.sources(targets);
        if sources.is_empty() {
            return None;
        }
        self.notes += 1;
        let anchors: Vec<&str> = sources.iter().map(|s| s.anchor.as_str()).collect();
        if let Some(earlier) = self.sets.get(&anchors) {
            return Some(around("cite.same", lang, *earlier));
        }
        self.sets.insert(anchors, self.notes);
        let mut pieces = Vec::new();
        for (i, source) in sources.iter().take(NAMED).enumerate() {
            if i > 0 {
                pieces.push(Piece::Text(word("cite.and", lang)));
            }
            if let Some(earlier) = self.named.get(source.anchor.as_str()) {
                pieces.push(Piece::Text(source.publisher.clone()));
                pieces.extend(around("cite.again", lang, *earlier));
            } else {
                self.named.insert(&source.anchor, self.notes);
                pieces.push(Piece::Text(paper::source_line(source)));
                if source.standing == Standing::Low {
                    let about = [("confidence", source.confidence.as_str())];
                    pieces.push(Piece::Text(phrase("cite.weak", lang, &about)));
                }
            }
        }
        let more = sources.len().saturating_sub(NAMED);
        pieces.push(Piece::Text(if more > 0 {
            phrase("cite.more", lang, &[("count", &more.to_string())])
        } else {
            word("cite.end", lang)
        }));
        Some(pieces)
    }
}

/// The words around the number of a note.
fn around(id: &str, lang: model::Lang, note: usize) -> Vec<Piece> {
    let said = phrase(id, lang, &[("note", "\u{1}")]);
    let (before, after) = said.split_once('\u{1}').unwrap_or((said.as_str(), ""));
    [
        Piece::Text(before.to_owned()),
        Piece::Note(note),
        Piece::Text(after.to_owned()),
    ]
    .into_iter()
    .filter(|piece| *piece != Piece::Text(String::new()))
    .collect()
}

/// Anchors of the numbers in a run of text.
pub(crate) fn targets_of<'a>(spans: impl IntoIterator<Item = &'a Span>) -> Vec<&'a str> {
    (spans.into_iter())
        .filter_map(|span| match span {
            Span::Number { target, .. } => Some(target.as_str()),
            _ => None,
        })
        .collect()
}

/// Anchors of the numbers of a card.
pub(crate) fn targets_of_card(card: &Card) -> Vec<&str> {
    targets_of([&card.value].into_iter().chain(&card.note))
}

/// Anchors of the numbers in the first `most` rows.
pub(crate) fn targets_in(table: &TableView, most: usize) -> Vec<&str> {
    (table.rows.iter().take(most))
        .flat_map(|row| {
            let cells = row.cells.iter().filter_map(|cell| cell.target.as_deref());
            row.target.as_deref().into_iter().chain(cells)
        })
        .collect()
}

/// An entry of the list at the end: a source, or many of one publisher that differ in title and address only.
pub(crate) type Listed<'a> = Vec<&'a SourceEntry>;

/// So many sources of one publisher with the same terms are one entry.
const ONE_ENTRY: usize = 4;

/// The sources that stand behind what is on paper: rows that only the workbook has count for nothing here.
pub(crate) fn listed(document: &Document) -> Vec<Listed<'_>> {
    let mut targets: Vec<&str> = Vec::new();
    for block in document.sections.iter().flat_map(|s| &s.blocks) {
        match block {
            Block::Paragraph(spans) | Block::Note { spans, .. } => {
                targets.extend(targets_of(spans));
            }
            Block::List(items) => targets.extend(targets_of(items.iter().flatten())),
            Block::Cards(cards) => targets.extend(cards.iter().flat_map(targets_of_card)),
            Block::Table(table) => targets.extend(targets_in(table, paper::shown(table))),
            Block::Figure(Figure { table, .. }) => {
                targets.extend(targets_in(table, paper::behind(table)));
            }
            Block::Subheading(_) => {}
        }
    }
    let reached: BTreeSet<&str> = Paths::new(document).reached(targets).into_iter().collect();
    let sources: Vec<&SourceEntry> = (document.sources.iter())
        .filter(|source| reached.contains(source.anchor.as_str()))
        .collect();
    let of = |source: &SourceEntry| {
        (
            source.publisher.clone(),
            source.date.clone(),
            paper::source_terms(source),
        )
    };
    // Sources are sorted by publisher.
    (sources.chunk_by(|a, b| of(a) == of(b)))
        .flat_map(|alike| {
            let size = if alike.len() < ONE_ENTRY {
                1
            } else {
                alike.len()
            };
            alike.chunks(size).map(<[_]>::to_vec)
        })
        .collect()
}
