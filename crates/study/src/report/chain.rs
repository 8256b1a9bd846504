//! What breaks: chains under shocks, who could stop them, what would help, and how such answers did before.
//!
//! Every result about chains has its place here. A group of tables that the run does not hold is left out.

use std::collections::BTreeMap;

use model::{Message, ResultTable, Row};
use publish::document::{Block, Folded, Section};
use publish::figures::{Band, BandOverTime, BandPanel, BandRole, BandSeries, band_over_time};

use super::book::{Book, by_value, entity_of};
use crate::engine::output::{count, entity, estimate};

/// Groups of tables by the beginning of their names (after `chain.`), in the order of the section; each has the lead
/// `chain.lead.<first>`.
const GROUPS: [&[&str]; 7] = [
    &["sovereignty", "control", "record", "years_held"],
    &[
        "basics",
        "tree",
        "capacity",
        "sources",
        "source_countries",
        "roots",
        "root_distance",
    ],
    &["pairing", "mutual", "shift"],
    &["io", "inventory", "cascade"],
    &["reliability", "survive", "n1", "n2"],
    &["remedy"],
    &["references"],
];

/// Rows of a table that the report carries; all of them are in the files of the run.
const ROWS: usize = 40;

pub fn section(book: &Book) -> Section {
    let mut blocks = vec![book.subheading("foundation.shock.heading")];
    blocks.extend(shocks(book));
    for group in GROUPS {
        blocks.extend(tables(book, group));
    }
    Section {
        id: "chain".to_owned(),
        number: String::new(),
        heading: book.word("section.chain"),
        blocks,
    }
}

/// A lead in one sentence, and the group's tables folded away.
fn tables(book: &Book, group: &[&str]) -> Vec<Block> {
    let of_group = |name: &str| {
        let Some(rest) = name.strip_prefix("chain.") else {
            return false;
        };
        group.iter().any(|start| {
            rest.strip_prefix(start)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        })
    };
    let found: Vec<&ResultTable> = (book.run.tables())
        .filter(|table| of_group(&table.name) && !table.rows.is_empty())
        .collect();
    if found.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec![
        book.subheading(&format!("chain.heading.{}", group[0])),
        book.paragraph(Message::new(format!("chain.lead.{}", group[0]))),
    ];
    for table in found {
        let mut shown = table.clone();
        shown.rows.truncate(ROWS);
        blocks.push(book.block(&shown, &[], Folded::Whole));
        if table.rows.len() > ROWS {
            blocks.push(book.paragraph(Message::new("more").with("n", table.rows.len() - ROWS)));
        }
    }
    blocks
}

fn shocks(book: &Book) -> Vec<Block> {
    let summary = book.table("chain.shock");
    if summary.rows.is_empty() {
        return vec![book.block(&summary, &[], Folded::Open)];
    }
    let weeks = book.table("chain.shock_weeks");
    let drawn = book.table("chain.shock_draw_weeks");
    // The product that each scenario hits hardest.
    let mut worst: BTreeMap<&str, &Row> = BTreeMap::new();
    let peak = |row: &Row| estimate(&summary, row, "cumulative").map_or(0.0, |e| e.value);
    for row in &summary.rows {
        let Some(scenario) = entity(&summary, row, "scenario") else {
            continue;
        };
        if worst
            .get(scenario)
            .is_none_or(|known| peak(row) > peak(known))
        {
            worst.insert(scenario, row);
        }
    }
    let mut panels = Vec::new();
    for row in worst.values() {
        let prefix = format!("{}/", row.key);
        let points = course(&weeks, &prefix, "at_risk");
        let (scenario, target) = (
            entity_of(&summary, row, "scenario"),
            entity_of(&summary, row, "target"),
        );
        let label = match (scenario, target) {
            (Some(scenario), Some(target)) => book.say(
                Message::new("figure.shock.panel")
                    .with("scenario", scenario)
                    .with("target", target),
            ),
            _ => row.key.clone(),
        };
        panels.push(BandPanel {
            label,
            series: vec![
                BandSeries {
                    role: BandRole::Bounds,
                    points,
                },
                BandSeries {
                    role: BandRole::Drawn,
                    points: course(&drawn, &prefix, "at_risk_drawn"),
                },
            ],
        });
    }
    // Scenarios that stop some product altogether in the worst case, and the first week of any loss.
    let stopped: Vec<&&Row> = worst
        .values()
        .filter(|row| estimate(&summary, row, "peak").is_some_and(|e| e.high > 0.99))
        .collect();
    let first = stopped
        .iter()
        .filter_map(|row| count(&summary, row, "first_week_worst"))
        .min();
    let spared = worst
        .values()
        .filter(|row| estimate(&summary, row, "peak").is_none_or(|e| e.high <= 0.0))
        .count();
    let finding = match first {
        Some(week) => Message::new("finding.shock")
            .with("stopped", stopped.len())
            .with("all", worst.len())
            .with("week", week.to_string())
            .with("spared", spared),
        None => Message::new("finding.shock.none"),
    };
    let input = BandOverTime {
        panels,
        start: 1.0,
        step: 1.0,
        time_axis: book.word("figure.shock.time"),
        value_axis: book.word("figure.shock.value"),
    };
    let view = book.view(&summary, &[], Folded::Open);
    vec![
        book.paragraph(Message::new("foundation.shock.intro")),
        book.figure("shock", finding, view, input.charts(book.lang), |frame| {
            band_over_time(frame, &input)
        }),
        book.block(&book.table("chain.shock_draws"), &[], Folded::Whole),
        book.block(&book.table("chain.shock_binding"), &[], Folded::Whole),
        book.block(&book.table("chain.shock_path"), &[], Folded::Whole),
        book.block(&book.table("chain.shock_sectors"), &[], Folded::After(6)),
        book.block(
            &by_value(&book.table("chain.shock_regions"), "at_stake"),
            &[],
            Folded::After(6),
        ),
    ]
}

/// The points of one course, in per cent.
fn course(table: &ResultTable, prefix: &str, column: &str) -> Vec<Option<Band>> {
    let rows = table.rows.iter().filter(|row| row.key.starts_with(prefix));
    rows.map(|row| {
        estimate(table, row, column).map(|e| Band {
            low: e.low * 100.0,
            value: e.value * 100.0,
            high: e.high * 100.0,
        })
    })
    .collect()
}
