//! The report in five sentences, each with the number it rests on.

use model::{Entity, Kind, Lang, Message, Row};
use publish::document::{Block, Section, Span};

use super::book::{Book, by_value, entity_of};
use super::layout::after;
use crate::engine::output::{entity, estimate};

/// Names in a sentence before the rest is counted.
const NAMES: usize = 4;

/// The sentences for a page with little room, each behind the message that names it: two names in each, and not the one
/// about years, which the table of the plan gives.
pub fn short(book: &Book) -> Vec<(&'static str, Vec<Span>)> {
    const FEW: usize = 2;
    let items = [
        ("summary.trend", trend(book, FEW)),
        ("summary.foundation", foundation(book, FEW)),
        ("summary.layout", layout(book)),
        ("summary.plan", buys(book, "brief.buys.short")),
    ];
    let found = items.into_iter();
    found.filter_map(|(id, item)| Some((id, item?))).collect()
}

pub fn section(book: &Book) -> Section {
    let items = [
        trend(book, NAMES),
        foundation(book, NAMES),
        layout(book),
        when(book),
        buys(book, "brief.buys"),
    ];
    Section {
        id: "brief".to_owned(),
        number: String::new(),
        heading: book.word("section.brief"),
        blocks: vec![Block::List(items.into_iter().flatten().collect())],
    }
}

/// A sentence that ends in a number.
fn sentence(book: &Book, message: Message, number: Span) -> Vec<Span> {
    let space = if book.lang == Lang::Zh { "" } else { " " };
    vec![Span::Text(format!("{}{space}", book.say(message))), number]
}

fn trend(book: &Book, names: usize) -> Option<Vec<Span>> {
    let table = by_value(&book.table("trend.consensus"), "consensus");
    let first = table.rows.first()?;
    let top: Vec<Entity> = table
        .rows
        .iter()
        .take(names)
        .filter_map(|row| entity_of(&table, row, "subject"))
        .collect();
    let number = book.number(&table, first, "consensus");
    Some(sentence(
        book,
        Message::new("brief.trend").with("top", top),
        number,
    ))
}

fn foundation(book: &Book, names: usize) -> Option<Vec<Span>> {
    let necks = book.table("foundation.necks");
    let with = |verdict: &str| -> Vec<&Row> {
        necks
            .rows
            .iter()
            .filter(|row| entity(&necks, row, "verdict") == Some(verdict))
            .collect()
    };
    let proven = with("verdict.neck");
    let home = book.table("chain.home");
    let worst = home
        .rows
        .iter()
        .filter_map(|row| Some((estimate(&home, row, "home_look_through")?.high, row)))
        .min_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.key.cmp(&b.1.key)))?
        .1;
    let message = Message::new("brief.foundation")
        .with("n", proven.len())
        .with(
            "necks",
            proven
                .iter()
                .take(names)
                .filter_map(|row| entity_of(&necks, row, "subject"))
                .collect::<Vec<_>>(),
        )
        .with("open", with("verdict.open").len())
        .with("target", entity_of(&home, worst, "target")?);
    Some(sentence(
        book,
        message,
        book.number(&home, worst, "home_look_through"),
    ))
}

fn layout(book: &Book) -> Option<Vec<Span>> {
    let placements = book.table("layout.regions");
    let certificate = book.table("layout.certificate");
    let mut clusters: Vec<&str> = placements
        .rows
        .iter()
        .filter_map(|row| entity(&placements, row, "cluster"))
        .collect();
    clusters.dedup();
    let message = Message::new("brief.layout")
        .with("placements", placements.rows.len())
        .with("clusters", clusters.len());
    let row = certificate.rows.first()?;
    let mut spans = sentence(book, message, book.number(&certificate, row, "objective"));
    spans.push(Span::Text(book.word("brief.layout.gap")));
    spans.push(book.number(&certificate, row, "optimality_gap"));
    Some(spans)
}

fn when(book: &Book) -> Option<Vec<Span>> {
    let table = by_value(&book.table("layout.milestones"), "p50");
    let last = table.rows.first()?;
    let mut spans = sentence(
        book,
        Message::new("brief.when"),
        book.number(&table, last, "p50"),
    );
    spans.push(Span::Text(book.word("brief.when.margin")));
    spans.push(book.number(&table, last, "p80"));
    let end = book.run.manifest.config.study.horizon_year.0;
    let id = if after(&table, last, "p50", end) {
        "brief.when.late"
    } else {
        "brief.when.end"
    };
    let rest = Message::new(id).with("end", end.to_string());
    spans.push(Span::Text(book.say(rest)));
    Some(spans)
}

fn buys(book: &Book, id: &str) -> Option<Vec<Span>> {
    let table = book.table("plan.effect");
    let high = |row: &Row, column: &str| estimate(&table, row, column).map_or(0.0, |e| e.high);
    let better: Vec<&Row> = table
        .rows
        .iter()
        .filter(|row| high(row, "peak_after") < high(row, "peak_before"))
        .collect();
    let message = Message::new(id)
        .with("improved", better.len())
        .with("all", table.rows.len());
    let mut spans = vec![Span::Text(book.say(message))];
    if let Some(row) = better.first() {
        let outcome = Message::new("brief.outcome")
            .with(
                "scenario",
                Entity::new(Kind::Scenario, entity(&table, row, "scenario")?),
            )
            .with("target", entity_of(&table, row, "target")?);
        spans.push(Span::Text(format!(" {} ", book.say(outcome))));
        // What the bounds show is the worst case; the middle between them is a convention.
        let worst = |column: &str| Span::Number {
            text: publish::number(high(row, column), "share", book.lang),
            range: None,
            target: book.cite(&table.name, &row.key),
        };
        spans.push(worst("peak_before"));
        spans.push(Span::Text(" → ".to_owned()));
        spans.push(worst("peak_after"));
    }
    Some(spans)
}
