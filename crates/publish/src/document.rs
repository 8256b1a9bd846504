//! What a document is made of. Everything is text in the document's language, ready to be drawn.
//!
//! Addresses: an *anchor* is any text that names one place in the document (`trend.consensus/robots`);
//! a *target* is the anchor a link leads to. Writers turn both into safe identifiers, so callers never
//! escape anything. [`Document::problems`] lists anchors that are missing or used twice.

use std::collections::{BTreeMap, BTreeSet};

use model::{Basis, Lang};
use serde::Serialize;

use crate::charts::Chart;
use crate::figures::Svg;

/// A report in one language.
#[derive(Debug, Clone, Serialize)]
pub struct Document {
    pub lang: Lang,
    pub extent: Extent,
    pub title: String,
    pub subtitle: String,
    /// Marking shown at the top of every page, screen and paper.
    pub classification: Option<String>,
    /// Name and value, e.g. study, date of the evidence, seed, program version.
    pub meta: Vec<(String, String)>,
    pub sections: Vec<Section>,
    pub explanations: Vec<Explanation>,
    pub evidence: Vec<EvidenceEntry>,
    pub sources: Vec<SourceEntry>,
}

/// How a document lies on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Extent {
    /// Contents first, sources last.
    Report,
    /// A few pages without contents; sources are named where the numbers stand.
    Brief,
    /// A page of its own for each section, contents first, sources last.
    Sheets,
}

#[derive(Debug, Clone, Serialize)]
pub struct Section {
    /// Anchor.
    pub id: String,
    /// As shown, e.g. `1`; empty for an unnumbered section.
    pub number: String,
    pub heading: String,
    pub blocks: Vec<Block>,
}

#[derive(Debug, Clone, Serialize)]
pub enum Block {
    Paragraph(Vec<Span>),
    List(Vec<Vec<Span>>),
    Cards(Vec<Card>),
    Table(TableView),
    Figure(Figure),
    Note { kind: NoteKind, spans: Vec<Span> },
    Subheading(String),
}

/// What a note tells the reader; shown as a word and as a line style, never by colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum NoteKind {
    /// What the result cannot see.
    Limit,
    /// A question that the evidence cannot carry.
    Refusal,
    /// A method that gives bounds or samples instead of the exact answer.
    Approximate,
}

/// A run of text.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Span {
    Text(String),
    Strong(String),
    /// A number; `target` is the anchor of its explanation.
    Number {
        text: String,
        range: Option<String>,
        target: String,
    },
    /// `href` is `#anchor`, or an `http(s)` address; anything else is shown as plain text.
    Link {
        text: String,
        href: String,
    },
}

impl From<&str> for Span {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for Span {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// One leading number of the report.
#[derive(Debug, Clone, Serialize)]
pub struct Card {
    pub label: String,
    pub value: Span,
    pub note: Vec<Span>,
}

#[derive(Debug, Clone, Serialize)]
pub struct TableView {
    /// Anchor.
    pub id: String,
    pub caption: String,
    pub columns: Vec<ColumnView>,
    pub rows: Vec<RowView>,
    pub folded: Folded,
    /// Footnotes; a cell points at one by its index.
    pub notes: Vec<String>,
    /// Columns that stay where only a few fit, by index; empty: the first ones. A folded table with such columns stands
    /// on slides too.
    pub essential: Vec<usize>,
}

impl TableView {
    /// For a document without explanations.
    #[must_use]
    pub fn without_links(mut self) -> Self {
        for row in &mut self.rows {
            row.target = None;
            for cell in &mut row.cells {
                cell.target = None;
            }
        }
        self
    }

    /// Where rows are left out, a last one that says so: a row takes less paper than a paragraph.
    #[must_use]
    pub fn and_more(mut self, words: Option<String>) -> Self {
        if let (Some(words), false) = (words, self.columns.is_empty()) {
            let mut cells = vec![CellView::EMPTY; self.columns.len()];
            cells[0] = words.into();
            self.rows.push(RowView {
                target: None,
                cells,
            });
        }
        self
    }
}

/// How much of a table is seen before the reader opens it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Folded {
    /// All rows.
    Open,
    /// The first rows; the rest behind a line that opens.
    After(usize),
    /// Nothing but the caption.
    Whole,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnView {
    pub heading: String,
    /// Empty where the numbers have none.
    pub unit: String,
    pub align: Align,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Align {
    /// Words.
    Start,
    /// Numbers.
    End,
}

#[derive(Debug, Clone, Serialize)]
pub struct RowView {
    /// Anchor of the row's explanation; the first cell leads there.
    pub target: Option<String>,
    pub cells: Vec<CellView>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct CellView {
    pub text: String,
    /// Shown smaller beside the text.
    pub range: Option<String>,
    /// Assumed and judged numbers are marked, with a key under the table.
    pub basis: Option<Basis>,
    /// Anchor of the number's explanation.
    pub target: Option<String>,
    /// Index into [`TableView::notes`], e.g. the reason why a number is not estimated.
    pub note: Option<usize>,
    /// The number itself, where the text shows one: workbooks calculate with it.
    pub amount: Option<Amount>,
}

/// A number as it was computed, with its range where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Amount {
    pub value: f64,
    pub range: Option<(f64, f64)>,
}

impl CellView {
    /// Nothing in it.
    pub const EMPTY: Self = Self {
        text: String::new(),
        range: None,
        basis: None,
        target: None,
        note: None,
        amount: None,
    };
}

impl From<&str> for CellView {
    fn from(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            ..Self::default()
        }
    }
}
impl From<String> for CellView {
    fn from(text: String) -> Self {
        Self {
            text,
            ..Self::default()
        }
    }
}

/// A drawing with its finding and the table behind it.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// Anchor.
    pub id: String,
    /// What the figure shows, in one sentence.
    pub finding: String,
    pub svg: Svg,
    /// The same data for programs that draw charts themselves; none for maps and graphs.
    pub charts: Vec<Chart>,
    pub table: TableView,
    /// How to read it, or what it leaves out; may be empty.
    pub note: String,
}

/// How a number came about.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    pub anchor: String,
    pub title: String,
    pub formula: String,
    pub method: String,
    /// Name and value.
    pub parameters: Vec<(String, String)>,
    /// What it was computed from.
    pub inputs: Vec<InputLink>,
}

/// A link to another explanation or to a row of evidence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct InputLink {
    pub label: String,
    pub target: String,
}

/// A row of evidence.
#[derive(Debug, Clone, Serialize)]
pub struct EvidenceEntry {
    pub anchor: String,
    pub table: String,
    pub key: String,
    /// Heading and value.
    pub fields: Vec<(String, String)>,
    /// Anchor of its source.
    pub source: Option<String>,
    /// The licence forbids republication: writers show table, key and source, never the fields.
    pub withheld: bool,
}

#[derive(Debug, Clone, Serialize)]
pub struct SourceEntry {
    pub anchor: String,
    pub publisher: String,
    pub title: String,
    /// Year or day, as the evidence has it; empty where it is not known.
    pub date: String,
    pub url: String,
    pub licence: String,
    pub confidence: String,
    pub standing: Standing,
    /// As shown, e.g. "facts only".
    pub redistributable: String,
}

/// How good a source is, the best first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    High,
    Medium,
    Low,
    #[default]
    NotRated,
}

/// A flaw in the addresses of a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Problem {
    #[error("anchor {0:?} names two places")]
    Duplicate(String),
    #[error("nothing in the document is named {0:?}, yet a link leads there")]
    Missing(String),
    #[error("table {table:?}, row {row} (from 0): {found} cells in {expected} columns")]
    RaggedRow {
        table: String,
        row: usize,
        found: usize,
        expected: usize,
    },
}

impl Section {
    /// Its tables, those behind figures too.
    pub fn tables(&self) -> impl Iterator<Item = &TableView> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Table(table) => Some(table),
            Block::Figure(figure) => Some(&figure.table),
            _ => None,
        })
    }
}

impl Document {
    /// Anchors in the order of the document.
    pub(crate) fn anchors(&self) -> Vec<&str> {
        let mut anchors = self.anchors_of_sections();
        anchors.extend(self.explanations.iter().map(|e| e.anchor.as_str()));
        anchors.extend(self.evidence.iter().map(|e| e.anchor.as_str()));
        anchors.extend(self.sources.iter().map(|s| s.anchor.as_str()));
        anchors
    }

    /// Those of sections, tables and figures.
    pub(crate) fn anchors_of_sections(&self) -> Vec<&str> {
        let mut anchors = Vec::new();
        for section in &self.sections {
            anchors.push(section.id.as_str());
            for block in &section.blocks {
                match block {
                    Block::Table(table) => anchors.push(&table.id),
                    Block::Figure(figure) => anchors.extend([figure.id.as_str(), &figure.table.id]),
                    _ => {}
                }
            }
        }
        anchors
    }

    fn tables(&self) -> impl Iterator<Item = &TableView> {
        self.sections.iter().flat_map(Section::tables)
    }

    /// Where links of the sections lead.
    pub(crate) fn targets_of_sections(&self) -> Vec<&str> {
        fn of(span: &Span) -> Option<&str> {
            match span {
                Span::Number { target, .. } => Some(target),
                Span::Link { href, .. } => href.strip_prefix('#'),
                Span::Text(_) | Span::Strong(_) => None,
            }
        }
        let mut targets: Vec<&str> = Vec::new();
        for block in self.sections.iter().flat_map(|s| &s.blocks) {
            match block {
                Block::Paragraph(spans) | Block::Note { spans, .. } => {
                    targets.extend(spans.iter().filter_map(of));
                }
                Block::List(items) => targets.extend(items.iter().flatten().filter_map(of)),
                Block::Cards(cards) => {
                    targets.extend(
                        cards
                            .iter()
                            .flat_map(|c| c.note.iter().chain([&c.value]))
                            .filter_map(of),
                    );
                }
                Block::Table(_) | Block::Figure(_) | Block::Subheading(_) => {}
            }
        }
        for row in self.tables().flat_map(|t| &t.rows) {
            targets.extend(row.target.as_deref());
            targets.extend(row.cells.iter().filter_map(|cell| cell.target.as_deref()));
        }
        targets
    }

    fn targets(&self) -> Vec<&str> {
        let mut targets = self.targets_of_sections();
        targets.extend(
            self.explanations
                .iter()
                .flat_map(|e| &e.inputs)
                .map(|i| i.target.as_str()),
        );
        targets.extend(self.evidence.iter().filter_map(|e| e.source.as_deref()));
        targets
    }

    /// Anchors used twice, links that lead nowhere and rows of the wrong length, in a fixed order.
    /// A writer survives them (a dead link becomes plain text); a report should have none.
    pub fn problems(&self) -> Vec<Problem> {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for anchor in self.anchors() {
            *seen.entry(anchor).or_default() += 1;
        }
        let twice = seen
            .iter()
            .filter(|(_, n)| **n > 1)
            .map(|(a, _)| Problem::Duplicate((*a).to_owned()));
        let targets: BTreeSet<&str> = self.targets().into_iter().collect();
        let missing = targets
            .into_iter()
            .filter(|t| !seen.contains_key(t))
            .map(|t| Problem::Missing(t.to_owned()));
        let ragged = self.tables().flat_map(|table| {
            let expected = table.columns.len();
            table
                .rows
                .iter()
                .enumerate()
                .filter(move |(_, r)| r.cells.len() != expected)
                .map(move |(row, r)| Problem::RaggedRow {
                    table: table.id.clone(),
                    row,
                    found: r.cells.len(),
                    expected,
                })
        });
        twice.chain(missing).chain(ragged).collect()
    }
}
