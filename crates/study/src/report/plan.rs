//! What the plan buys.

use model::Message;
use publish::document::{Block, Folded, Section};
use publish::figures::{BeforeAfter, BeforeAfterRow, before_after};

use super::book::{Book, entity_of, only, ranged};
use crate::engine::output::estimate;
use crate::steps::plan::reduction;

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
    Section {
        id: "plan".to_owned(),
        number: String::new(),
        heading: book.word("section.plan"),
        blocks,
    }
}

/// End products whose home share the plan can change.
fn changed(book: &Book) -> model::ResultTable {
    let table = book.table("plan.home");
    only(&table, |row| {
        estimate(&table, row, "gain").is_some_and(|e| e.high > 0.0 || e.low > 0.0)
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
    let best = shown.rows.iter().max_by(|a, b| {
        reduction(&shown, a)
            .total_cmp(&reduction(&shown, b))
            .then_with(|| b.key.cmp(&a.key))
    });
    let finding = match best.and_then(|row| {
        Some((
            entity_of(&shown, row, "scenario")?,
            entity_of(&shown, row, "target")?,
            estimate(&shown, row, "peak_before")?,
            estimate(&shown, row, "peak_after")?,
        ))
    }) {
        Some((scenario, target, before, after)) => Message::new("finding.plan")
            .with("scenario", scenario)
            .with("target", target)
            .with("before", before.value)
            .with("after", after.value),
        None => Message::new("finding.plan.none"),
    };
    let input = BeforeAfter {
        rows,
        measure: book.word("figure.plan.measure"),
    };
    let view = book.view(&effect, &[], Folded::Open);
    book.figure("plan", finding, view, |frame| before_after(frame, &input))
}
