//! Parts of the report that are handed over alone: a memo of two pages, one chapter, the methods, a sheet a cluster.
//!
//! Each is a document of its own, cut from the whole one, so every format can write it.

use std::collections::BTreeMap;

use model::{Entity, Kind, Message};
use publish::document::{
    Align, Block, Card, CellView, ColumnView, Document, Extent, Folded, RowView, Section, Span,
    TableView,
};

use super::book::{Book, entity_of};
use super::layout::after;
use super::{brief, methods, sheets, variant};
use crate::engine::output::{entity, estimate};
use crate::error::StudyError;

/// What of the report is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportKind {
    Full,
    /// Two pages: limits, finding, what to do; ranges and sources beside the numbers.
    Memo,
    /// One section, by its id.
    Chapter(String),
    /// Methods with formulas, parameters and citations; licences of the data.
    Methods,
    /// A page for each cluster: what it gets, what it does not, and what either would cost.
    WhyNot,
}

impl ReportKind {
    /// The beginning of the name of a file.
    pub(crate) fn stem(&self) -> String {
        match self {
            Self::Full => "report".to_owned(),
            Self::Memo => "memo".to_owned(),
            Self::Chapter(section) => format!("chapter-{section}"),
            Self::Methods => "methods".to_owned(),
            Self::WhyNot => "why-not".to_owned(),
        }
    }
}

/// What a page of the memo holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// A page of common size and type.
    Page,
    /// The page of official documents: 22 lines of 28 characters, half of what others hold.
    Grid,
}

impl Room {
    /// Sources named beside a number before the rest are counted.
    fn sources(self) -> usize {
        match self {
            Self::Page => 3,
            // One line of the table.
            Self::Grid => 2,
        }
    }

    /// Host clusters of an industry before the rest are counted.
    fn hosts(self) -> usize {
        match self {
            Self::Page => usize::MAX,
            Self::Grid => 2,
        }
    }

    /// Industries in the table of the plan.
    fn industries(self) -> usize {
        match self {
            Self::Page => usize::MAX,
            Self::Grid => 12,
        }
    }
}

/// Cuts `whole` down to what was asked.
pub(super) fn extract(
    whole: Document,
    kind: &ReportKind,
    book: &Book,
    room: Room,
) -> Result<Document, StudyError> {
    match kind {
        ReportKind::Full => Ok(whole),
        ReportKind::Memo => Ok(memo(whole, book, room)),
        ReportKind::Chapter(id) => chapter(whole, id),
        ReportKind::Methods => Ok(annex(whole, book)),
        ReportKind::WhyNot => Ok(sheets::sheets(whole, book)),
    }
}

pub(super) fn titled(
    whole: Document,
    name: &str,
    sections: Vec<Section>,
    extent: Extent,
) -> Document {
    let part = whole.narrowed(sections);
    Document {
        extent,
        subtitle: format!("{name} · {}", part.subtitle),
        ..part
    }
}

fn chapter(whole: Document, id: &str) -> Result<Document, StudyError> {
    let Some(section) = whole.sections.iter().find(|s| s.id == id).cloned() else {
        return Err(StudyError::UnknownSection {
            name: id.to_owned(),
            known: whole.sections.iter().map(|s| s.id.clone()).collect(),
        });
    };
    let name = section.heading.clone();
    // The layout of a variant begins with what the variant changed in it.
    let first = (id == "layout")
        .then(|| whole.sections.iter().find(|s| s.id == variant::SECTION))
        .flatten();
    let alone = (first.into_iter().cloned().chain([section]))
        .map(|section| Section {
            number: String::new(),
            ..section
        })
        .collect();
    Ok(titled(whole, &name, alone, Extent::Report))
}

fn memo(whole: Document, book: &Book, room: Room) -> Document {
    let blocks_of = |id: &str| {
        (whole.sections.iter())
            .find(|s| s.id == id)
            .map(|s| s.blocks.as_slice())
            .unwrap_or_default()
    };
    // Numbers of the cards and the sentences about what no result can see.
    let limits: Vec<Block> = (blocks_of("limits").iter())
        .filter_map(|block| match block {
            Block::Cards(cards) if room == Room::Grid => {
                // With a plan, the last point of the memo counts the questions.
                let planned = !book.table("layout.regions").rows.is_empty();
                let shown = cards.len() - usize::from(planned && !cards.is_empty());
                Some(in_one(&cards[..shown], book))
            }
            Block::List(_) if room == Room::Grid => {
                Some(book.paragraph(Message::new("memo.short.limits")))
            }
            Block::Cards(cards) => {
                let mut cards = cards.clone();
                // The table that the last card speaks of is not in the memo.
                if let Some(last) = cards.last_mut() {
                    last.note.clear();
                }
                Some(Block::Cards(cards))
            }
            Block::List(_) => Some(block.clone()),
            _ => None,
        })
        .collect();
    let finding: Vec<Block> = match room {
        Room::Grid => findings(&whole, book),
        Room::Page => (blocks_of("brief").iter())
            .map(|block| match block {
                Block::List(items) => {
                    let found = items.iter().map(|item| sourced(&whole, book, item));
                    Block::List(variant::sentence(book).into_iter().chain(found).collect())
                }
                other => other.clone(),
            })
            .collect(),
    };
    let actions = actions(book, room);
    let section = |id: &str, blocks: Vec<Block>| Section {
        id: format!("memo/{id}"),
        number: String::new(),
        heading: book.word(&format!("memo.{id}")),
        blocks,
    };
    let sections = vec![
        section("limits", limits),
        section("finding", finding),
        section("actions", actions),
    ];
    let memo = titled(whole, &book.word("memo.title"), sections, Extent::Brief);
    let varied = book.word("report.meta.variant");
    match room {
        Room::Page => memo,
        Room::Grid => Document {
            subtitle: String::new(),
            // Run and scope on one line; the report names program, seed and tables.
            meta: std::iter::once((
                book.word("memo.title"),
                format!(
                    "{} · {}",
                    book.run.manifest.mark(book.lang),
                    super::scope(book)
                ),
            ))
            // What a variant locks and forbids is what the memo is about.
            .chain(memo.meta.into_iter().filter(|(name, _)| *name == varied))
            .collect(),
            ..memo
        },
    }
}

/// The cards as one paragraph without their remarks.
fn in_one(cards: &[Card], book: &Book) -> Block {
    let (separator, colon, end) = match book.lang {
        model::Lang::En => ("; ", ": ", "."),
        model::Lang::Zh => ("；", "：", "。"),
    };
    let mut spans = Vec::new();
    for (i, card) in cards.iter().enumerate() {
        let before = if i > 0 { separator } else { "" };
        spans.push(Span::Text(format!("{before}{}{colon}", card.label)));
        spans.push(card.value.clone());
    }
    spans.push(end.into());
    Block::Paragraph(spans)
}

/// The sentence with the sources that its numbers rest on.
fn sourced(whole: &Document, book: &Book, item: &[Span]) -> Vec<Span> {
    let mut item = item.to_vec();
    let Some(names) = sources_named(whole, book, &item, Room::Page) else {
        item.push(Span::Text(format!(" {}", book.word("memo.no_sources"))));
        return item;
    };
    let line = book.say(Message::new("memo.sources").with("sources", names));
    let line = line.trim_end_matches(['.', '。']);
    item.push(Span::Text(match book.lang {
        model::Lang::En => format!(" ({line})"),
        model::Lang::Zh => format!("（{line}）"),
    }));
    item
}

/// Publishers that the numbers of a sentence rest on, the nearest first; the rest is counted.
fn sources_named(whole: &Document, book: &Book, item: &[Span], room: Room) -> Option<String> {
    let targets = item.iter().filter_map(|span| match span {
        Span::Number { target, .. } => Some(target.as_str()),
        _ => None,
    });
    let mut names: Vec<String> = Vec::new();
    for source in whole.sources_of(targets) {
        if !names.contains(&source.publisher) {
            names.push(source.publisher.clone());
        }
    }
    let more = names.len().saturating_sub(room.sources());
    names.truncate(room.sources());
    let separator = match book.lang {
        model::Lang::En => "; ",
        model::Lang::Zh => "；",
    };
    let named = names.join(separator);
    if more == 0 {
        return (!names.is_empty()).then_some(named);
    }
    let message = Message::new("memo.names_more").with("sources", named);
    Some(book.say(message.with("n", more)))
}

/// The sentences, and their sources as a table below: its type is small and off the grid.
fn findings(whole: &Document, book: &Book) -> Vec<Block> {
    let found = brief::short(book);
    let rows = found.iter().map(|(id, item)| {
        let names = sources_named(whole, book, item, Room::Grid);
        let names = names.unwrap_or_else(|| book.word("memo.no_sources"));
        RowView {
            target: None,
            cells: vec![book.word(id).into(), names.into()],
        }
    });
    let heading = |id: &str| ColumnView {
        heading: book.word(id),
        unit: String::new(),
        align: Align::Start,
    };
    let table = TableView {
        id: "memo/sources".to_owned(),
        caption: book.word("memo.short.sources"),
        columns: vec![heading("memo.finding"), heading("publish.sources")],
        rows: rows.collect(),
        folded: Folded::Open,
        notes: Vec::new(),
        essential: Vec::new(),
    };
    let items = found.iter().map(|(_, item)| item.clone());
    let items = variant::sentence(book).into_iter().chain(items).collect();
    vec![Block::List(items), Block::Table(table)]
}

/// Industries of the plan with their host clusters, the first capacity first.
pub(super) fn placed(book: &Book) -> Vec<(Entity, Vec<Entity>)> {
    let placements = book.table("layout.regions");
    let milestones = book.table("layout.milestones");
    let mut hosts: BTreeMap<Entity, Vec<Entity>> = BTreeMap::new();
    for row in &placements.rows {
        if let (Some(industry), Some(cluster)) = (
            entity_of(&placements, row, "industry"),
            entity_of(&placements, row, "cluster"),
        ) {
            hosts.entry(industry).or_default().push(cluster);
        }
    }
    let year = |industry: &Entity| {
        let row = milestones.row(&industry.id);
        row.and_then(|row| estimate(&milestones, row, "p50"))
            .map_or(f64::INFINITY, |year| year.value)
    };
    let mut industries: Vec<(Entity, Vec<Entity>)> = hosts.into_iter().collect();
    industries.sort_by(|a, b| {
        year(&a.0)
            .total_cmp(&year(&b.0))
            .then_with(|| a.0.cmp(&b.0))
    });
    industries
}

/// Which industry where and until when, and what stays open.
fn actions(book: &Book, room: Room) -> Vec<Block> {
    let placements = book.table("layout.regions");
    if placements.rows.is_empty() {
        return vec![book.block(&placements, &[], Folded::Open)];
    }
    let milestones = book.table("layout.milestones");
    let industries = placed(book);
    let year = |industry: &Entity| {
        let row = milestones.row(&industry.id)?;
        estimate(&milestones, row, "p50")
    };
    let separator = if book.lang == model::Lang::Zh {
        "、"
    } else {
        ", "
    };
    let beyond = industries.len().saturating_sub(room.industries());
    let end = book.run.manifest.config.study.horizon_year.0;
    let mut late = false;
    let rows = industries
        .into_iter()
        .take(room.industries())
        .map(|(industry, clusters)| {
            let industry = &industry;
            let shown = clusters.iter().take(room.hosts());
            let places: Vec<String> = shown.map(|c| book.name(c)).collect();
            let mut places = places.join(separator);
            let unnamed = clusters.len().saturating_sub(room.hosts());
            if unnamed > 0 {
                let message = Message::new("memo.short.hosts")
                    .with("clusters", places)
                    .with("n", unnamed);
                places = book.say(message);
            }
            let when = match (year(industry), milestones.row(&industry.id)) {
                (Some(e), Some(row)) => {
                    let (p50, _) = publish::estimate(&e, "year", book.lang);
                    let margin = estimate(&milestones, row, "p80");
                    let text = margin.map_or(p50.clone(), |margin| {
                        let (p80, _) = publish::estimate(&margin, "year", book.lang);
                        format!("{p50} / {p80}")
                    });
                    let beyond = after(&milestones, row, "p50", end);
                    late |= beyond;
                    CellView {
                        text,
                        note: beyond.then_some(0),
                        basis: Some(e.basis),
                        target: Some(book.cite(&milestones.name, &row.key)),
                        ..CellView::default()
                    }
                }
                _ => book.word("not_estimated").into(),
            };
            RowView {
                target: None,
                cells: vec![book.name(industry).into(), places.into(), when],
            }
        })
        .collect();
    let heading = |id: &str, align: Align| ColumnView {
        heading: book.word(id),
        unit: String::new(),
        align,
    };
    let table = TableView {
        id: "memo/plan".to_owned(),
        caption: book.word("memo.plan"),
        columns: vec![
            heading("column.industry", Align::Start),
            heading("memo.clusters", Align::Start),
            heading("memo.capacity", Align::End),
        ],
        rows,
        folded: Folded::Open,
        notes: (late
            .then(|| Message::new("memo.late").with("end", end.to_string()))
            .into_iter())
        .map(|message| book.say(message))
        .collect(),
        essential: Vec::new(),
    };
    let more = Message::new("memo.short.industries").with("n", beyond);
    let table = table.and_more((beyond > 0).then(|| book.say(more)));
    vec![Block::Table(table), Block::List(open(book, room))]
}

/// What a leader can still decide: industries that the weights do not separate, pairs that cost nothing to swap, and the
/// questions that wait for data.
fn open(book: &Book, room: Room) -> Vec<Vec<Span>> {
    let mut items = Vec::new();
    let chosen = book.table("layout.acceptability");
    let undecided: Vec<Entity> = (chosen.rows.iter())
        .filter(|row| entity(&chosen, row, "separation") == Some("separation.not_separated"))
        .map(|row| Entity::new(Kind::Field, row.key.clone()))
        .collect();
    if !undecided.is_empty() {
        items.push(Message::new("memo.open_fields").with("fields", undecided));
    }
    let actions = book.table("chain.remedy_plan");
    if !actions.rows.is_empty() && room == Room::Page {
        items.push(Message::new("memo.remedy").with("n", actions.rows.len()));
    }
    let refused = book.refusals().count();
    let run = book.run.manifest.mark(book.lang);
    match room {
        Room::Page => {
            items.push(Message::new("memo.refused").with("n", refused));
            items.push(Message::new("memo.more").with("run", run));
        }
        Room::Grid => {
            let message = Message::new("memo.short.open").with("n", refused);
            items.push(message.with("run", run));
        }
    }
    (items.into_iter())
        .map(|item| vec![Span::Text(book.say(item))])
        .collect()
}

/// Methods of the run: formulas, citations, parameters, licences.
fn annex(whole: Document, book: &Book) -> Document {
    let licences = licences(&whole, book);
    let section = |id: &str, heading: &str, blocks: Vec<Block>| Section {
        id: format!("annex/{id}"),
        number: String::new(),
        heading: book.word(heading),
        blocks,
    };
    let mut sections = vec![
        section("methods", "section.methods", methods::with_citations(book)),
        section("parameters", "annex.parameters", methods::parameters(book)),
        section("licences", "annex.licences", vec![licences]),
    ];
    for (i, section) in sections.iter_mut().enumerate() {
        section.number = (i + 1).to_string();
    }
    let name = book.word("annex.title");
    // No number stands here, so nothing is left of the sources but their table.
    titled(whole, &name, sections, Extent::Report)
}

fn licences(whole: &Document, book: &Book) -> Block {
    let heading = |id: &str| ColumnView {
        heading: book.word(id),
        unit: String::new(),
        align: Align::Start,
    };
    let rows = (whole.sources.iter())
        .map(|source| RowView {
            target: None,
            cells: [
                &source.publisher,
                &source.title,
                &source.licence,
                &source.redistributable,
                &source.confidence,
            ]
            .map(|text| CellView::from(text.as_str()))
            .into(),
        })
        .collect();
    Block::Table(TableView {
        id: "annex/sources".to_owned(),
        caption: book.word("annex.licences"),
        columns: [
            "publish.publisher",
            "publish.title",
            "publish.licence",
            "publish.redistributable",
            "publish.confidence",
        ]
        .map(heading)
        .into(),
        rows,
        folded: Folded::Open,
        notes: Vec::new(),
        essential: Vec::new(),
    })
}
