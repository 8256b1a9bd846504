//! What the plan buys.

use model::{Message, Row};
use publish::document::{Block, Folded, Section};
use publish::figures::{BeforeAfter, BeforeAfterRow, before_after};

use super::book::{Book, entity_of, only, ranged};
use crate::engine::output::{count, estimate};

pub fn section(book: &Book) -> Section {
    let effect = book.table("plan.effect");
    let mut blocks = vec![book.paragraph(Message::new("plan.intro"))];
    if effect.rows.is_empty() {
        blocks.push(book.block(&effect, &[], Folded::Open));
    } else {
        blocks.push(figure(book));
    }
    blocks.push(book.block(&book.table("plan.capacity"), &[], Folded::Open));
    blocks.push(book.block(&changed(book), &[], Folded::After(10)));
    blocks.extend(audit(book));
    Section {
        id: "plan".to_owned(),
        number: String::new(),
        heading: book.word("section.plan"),
        blocks,
    }
}

/// What the plans on record promise and nobody carries out, what contradicts, and what cannot wait.
fn audit(book: &Book) -> Vec<Block> {
    let counts = book.table("layout.audit_counts");
    if counts.rows.is_empty() {
        return Vec::new();
    }
    let some = only(&counts, |row| {
        count(&counts, row, "faults").is_some_and(|n| n > 0)
    });
    vec![
        book.paragraph(Message::new("audit.intro")),
        book.block(&some, &[], Folded::Open),
        book.block(&book.table("layout.audit"), &[], Folded::After(5)),
        book.block(&book.table("layout.timing"), &[], Folded::After(5)),
    ]
}

/// End products whose home share the plan can change.
fn changed(book: &Book) -> model::ResultTable {
    let table = book.table("plan.home");
    only(&table, |row| {
        estimate(&table, row, "home_gain").is_some_and(|e| e.high > 0.0 || e.low > 0.0)
    })
}

fn figure(book: &Book) -> Block {
    let effect = book.table("plan.effect");
    let shown = only(&effect, |row| {
        estimate(&effect, row, "peak_before").is_some_and(|e| e.high > 0.005)
    });
    let rows: Vec<BeforeAfterRow> = shown
        .rows
        .iter()
        .map(|row| {
            let label = match (
                entity_of(&shown, row, "scenario"),
                entity_of(&shown, row, "target"),
            ) {
                (Some(scenario), Some(target)) => book.say(
                    Message::new("figure.shock.panel")
                        .with("scenario", scenario)
                        .with("target", target),
                ),
                _ => row.key.clone(),
            };
            let side =
                |column: &str| estimate(&shown, row, column).map(|e| ranged(e, "share", book.lang));
            BeforeAfterRow {
                label,
                before: side("peak_before"),
                after: side("peak_after"),
            }
        })
        .collect();
    // The outcome whose worst case falls most; the centre of a range is a convention and no headline.
    let fall = |row: &Row| {
        let side = |column: &str| estimate(&shown, row, column).map_or(0.0, |e| e.high);
        side("peak_before") - side("peak_after")
    };
    let improved = shown.rows.iter().filter(|row| fall(row) > 0.0).count();
    let first = book.table("plan.capacity");
    let year = first
        .rows
        .iter()
        .filter_map(|row| estimate(&first, row, "ready"))
        .map(|e| e.value.floor())
        .fold(f64::INFINITY, f64::min);
    let best = shown
        .rows
        .iter()
        .max_by(|a, b| fall(a).total_cmp(&fall(b)).then_with(|| b.key.cmp(&a.key)));
    let finding = match best
        .filter(|row| fall(row) > 0.0 && year.is_finite())
        .and_then(|row| {
            Some((
                entity_of(&shown, row, "scenario")?,
                entity_of(&shown, row, "target")?,
                estimate(&shown, row, "peak_before")?,
                estimate(&shown, row, "peak_after")?,
            ))
        }) {
        Some((scenario, target, before, after)) => Message::new("finding.plan")
            .with("improved", improved)
            .with("all", effect.rows.len())
            .with("year", publish::number(year, "year", book.lang))
            .with("scenario", scenario)
            .with("target", target)
            .with("before", before.high)
            .with("after", after.high),
        None => Message::new("finding.plan.none").with("all", effect.rows.len()),
    };
    let input = BeforeAfter {
        rows,
        measure: book.word("figure.plan.measure"),
    };
    let view = book.view(&effect, &[], Folded::Open);
    book.figure("plan", finding, view, input.charts(book.lang), |frame| {
        before_after(frame, &input)
    })
}
