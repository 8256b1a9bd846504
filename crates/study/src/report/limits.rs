//! What the report cannot see, before anything it says.

use std::collections::BTreeSet;

use evidence::Confidence;
use model::{Message, Origin, RowRef};
use publish::document::{
    Align, Block, Card, CellView, ColumnView, Folded, RowView, Section, Span, TableView,
};

use super::book::Book;
use crate::engine::output::count;

pub fn section(book: &Book) -> Section {
    let mut blocks = vec![Block::Cards(cards(book))];
    blocks.push(Block::List(
        [
            "limits.registry",
            "limits.ranges",
            "limits.chains",
            "limits.clusters",
            "limits.roadmap",
            "limits.effect",
        ]
        .iter()
        .map(|id| vec![Span::Text(book.word(id))])
        .collect(),
    ));
    blocks.push(book.subheading("limits.refused"));
    blocks.push(book.paragraph(Message::new("limits.refused.intro")));
    blocks.push(Block::Table(refused(book)));
    Section {
        id: "limits".to_owned(),
        number: String::new(),
        heading: book.word("section.limits"),
        blocks,
    }
}

/// The refusals, short ones first: a long list of names must not hide the other answers.
fn refused(book: &Book) -> TableView {
    let mut rows: Vec<[String; 3]> = book
        .refusals()
        .map(|refusal| {
            [&refusal.question, &refusal.reason, &refusal.needed].map(|m| book.say(m.clone()))
        })
        .collect();
    rows.sort_by_key(|[_, reason, _]| reason.chars().count());
    let heading = |id: &str| ColumnView {
        heading: book.word(id),
        unit: String::new(),
        align: Align::Start,
    };
    TableView {
        id: "table/limits.refused".to_owned(),
        caption: book.word("table.limits.refused"),
        columns: [
            "column.limit_question",
            "column.limit_reason",
            "column.limit_needed",
        ]
        .map(heading)
        .into(),
        rows: rows
            .into_iter()
            .map(|cells| RowView {
                target: None,
                cells: cells.into_iter().map(CellView::from).collect(),
            })
            .collect(),
        folded: Folded::After(5),
        notes: Vec::new(),
        // The card counts them and says that they are listed.
        essential: vec![0, 1, 2],
    }
}

fn cards(book: &Book) -> Vec<Card> {
    let used: BTreeSet<&RowRef> = book
        .run
        .tables()
        .flat_map(|table| &table.rows)
        .flat_map(|row| &row.origins)
        .filter_map(|origin| match origin {
            Origin::Evidence(row) => Some(row),
            _ => None,
        })
        .collect();
    let weak = used
        .iter()
        .filter(|row| matches!(book.evidence.confidence(row), Some(Confidence::Low) | None))
        .count();
    let card = |label: &str, value: Message, note: &str| Card {
        label: book.word(label),
        value: Span::Text(book.say(value)),
        note: vec![Span::Text(book.word(note))],
    };
    let of = |n: usize, all: usize| Message::new("limits.of").with("n", n).with("all", all);
    let mut cards = vec![card(
        "limits.weak",
        of(weak, used.len()),
        "limits.weak.note",
    )];
    let coverage = book.table("trend.coverage");
    if let Some(row) = coverage.row("with_shares")
        && let (Some(n), Some(all)) = (
            count(&coverage, row, "technologies"),
            count(&coverage, row, "of"),
        )
    {
        let target = book.cite("trend.coverage", "with_shares");
        cards.push(Card {
            label: book.word("limits.technologies"),
            value: Span::Number {
                text: book.say(of(n as usize, all as usize)),
                range: None,
                target,
            },
            note: vec![Span::Text(book.word("limits.technologies.note"))],
        });
    }
    let nodes = book.table("chain.nodes");
    let with = nodes
        .rows
        .iter()
        .filter(|row| crate::engine::output::estimate(&nodes, row, "unknown_share").is_some())
        .count();
    cards.push(card(
        "limits.nodes",
        of(with, nodes.rows.len()),
        "limits.nodes.note",
    ));
    let refused = book.refusals().count();
    cards.push(card(
        "limits.questions",
        Message::new("limits.count").with("n", refused),
        "limits.questions.note",
    ));
    cards
}
