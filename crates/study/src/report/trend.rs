//! Trend: what others plan, fund and lead.

use model::{Cell, Entity, Kind, Message};
use publish::document::{Block, Folded, Section};
use publish::figures::{
    Band, BandOverTime, BandPanel, BandRole, BandSeries, HeatCell, HeatColumn, HeatRow, Heatmap,
    band_over_time, heatmap,
};

use super::book::{Book, by_value, entity_of, only, ranged};
use crate::engine::output::{count, entity, estimate};

pub fn section(book: &Book) -> Section {
    let home = book.run.manifest.config.study.home.clone();
    let mut blocks = vec![consensus_figure(book)];
    for (choice, id) in [
        ("choice.home_alone", "trend.home_alone"),
        ("choice.all_but_home", "trend.all_but_home"),
    ] {
        let table = book.table("trend.consensus_technologies");
        let found: Vec<Entity> = table
            .rows
            .iter()
            .filter(|row| entity(&table, row, "choice") == Some(choice))
            .filter_map(|row| entity_of(&table, row, "subject"))
            .collect();
        let message = if found.is_empty() {
            Message::new(format!("{id}.none"))
        } else {
            Message::new(id)
        };
        blocks.push(
            book.paragraph(
                message
                    .with("home", home.entity())
                    .with("n", found.len())
                    .with("technologies", found),
            ),
        );
    }
    let record = book.table("trend.jurisdictions");
    if let Some(row) = record.row(home.as_str())
        && let Some(n) = count(&record, row, "documents")
    {
        blocks.push(
            book.paragraph(
                Message::new("trend.record")
                    .with("home", home.entity())
                    .with("n", n as usize),
            ),
        );
    }
    blocks.push(
        book.paragraph(
            Message::new("trend.consensus.note")
                .with("least", book.run.manifest.config.consensus.min_documents),
        ),
    );
    let technologies = book.table("trend.consensus_technologies");
    let named = only(&technologies, |row| {
        entity(&technologies, row, "choice") != Some("choice.nobody")
    });
    blocks.push(book.block(&by_value(&named, "consensus"), &[], Folded::After(8)));

    blocks.push(book.subheading("trend.over_time.heading"));
    blocks.push(over_time_figure(book));

    blocks.push(book.subheading("trend.directions.heading"));
    blocks.push(book.paragraph(Message::new("trend.directions.note")));
    blocks.push(book.block(&book.table("trend.directions"), &[], Folded::After(4)));
    blocks.push(book.subheading("trend.instruments.heading"));
    let mix = book.table("trend.instruments");
    let mine = only(&mix, |row| {
        entity(&mix, row, "jurisdiction") == Some(home.as_str())
    });
    blocks
        .push(book.paragraph(Message::new("trend.instruments.intro").with("home", home.entity())));
    blocks.push(book.block(&by_value(&mine, "others"), &[], Folded::Open));

    blocks.push(book.subheading("trend.money.heading"));
    blocks.push(book.paragraph(Message::new("trend.money.intro")));
    blocks.push(book.block(
        &by_value(&book.table("trend.money"), "money"),
        &[],
        Folded::After(10),
    ));
    blocks.push(book.block(
        &by_value(&book.table("trend.money_by_strategy"), "money"),
        &[],
        Folded::Whole,
    ));

    blocks.push(book.subheading("trend.lead.heading"));
    blocks.extend(lead(book));
    Section {
        id: "trend".to_owned(),
        number: String::new(),
        heading: book.word("section.trend"),
        blocks,
    }
}

fn consensus_figure(book: &Book) -> Block {
    let subjects = by_value(&book.table("trend.consensus"), "consensus");
    let matrix = book.table("trend.matrix");
    let home = book.run.manifest.config.study.home.as_str();
    let mut jurisdictions: Vec<(usize, Entity)> = Vec::new();
    for row in &matrix.rows {
        let Some(who) = entity_of(&matrix, row, "jurisdiction") else {
            continue;
        };
        let n = count(&matrix, row, "documents").unwrap_or(0) as usize;
        match jurisdictions.iter_mut().find(|(_, known)| *known == who) {
            Some((sum, _)) => *sum += n,
            None => jurisdictions.push((n, who)),
        }
    }
    jurisdictions.sort_by(|a, b| (a.1.id != home, b.0, &a.1).cmp(&(b.1.id != home, a.0, &b.1)));
    let mut full: f64 = 1.0;
    let mut rows = Vec::new();
    let mut cells = Vec::new();
    for row in &subjects.rows {
        rows.push(HeatRow {
            label: book.name(&Entity::new(Kind::Field, row.key.clone())),
            bar: estimate(&subjects, row, "consensus").map(|e| ranged(e, "share", book.lang)),
        });
        cells.push(
            jurisdictions
                .iter()
                .map(|(_, who)| {
                    let n = matrix
                        .row(&format!("{}/{}", row.key, who.id))
                        .and_then(|r| count(&matrix, r, "documents"))
                        .unwrap_or(0);
                    full = full.max(n as f64);
                    let text = if n == 0 { String::new() } else { n.to_string() };
                    Some(HeatCell {
                        value: n as f64,
                        text,
                        range: None,
                    })
                })
                .collect(),
        );
    }
    let top: Vec<Entity> = subjects
        .rows
        .iter()
        .take(3)
        .filter_map(|row| entity_of(&subjects, row, "subject"))
        .collect();
    let shared = subjects
        .rows
        .iter()
        .filter(|row| entity(&subjects, row, "choice") == Some("choice.shared"))
        .count();
    let finding = Message::new("finding.consensus")
        .with("top", top)
        .with("shared", shared)
        .with("fields", subjects.rows.len());
    let input = Heatmap {
        rows,
        columns: jurisdictions
            .iter()
            .map(|(_, who)| HeatColumn {
                label: book.name(who),
                home: who.id == home,
            })
            .collect(),
        cells,
        full,
        measure: book.word("figure.consensus.measure"),
        bar_heading: book.word("column.consensus"),
    };
    let view = book.view(&subjects, &[], Folded::Open);
    book.figure("consensus", finding, view, input.charts(), |frame| {
        heatmap(frame, &input)
    })
}

/// Fields drawn over time.
const DRAWN: usize = 9;

fn over_time_figure(book: &Book) -> Block {
    let table = book.table("trend.consensus_over_time");
    let fields = by_value(&book.table("trend.consensus"), "consensus");
    let mut years: Vec<i64> = table
        .rows
        .iter()
        .filter_map(|row| count(&table, row, "year"))
        .collect();
    years.sort_unstable();
    years.dedup();
    let (first, last) = (
        years.first().copied().unwrap_or(0),
        years.last().copied().unwrap_or(0),
    );
    let mut panels = Vec::new();
    let mut gained: Option<(f64, Message)> = None;
    for field in fields.rows.iter().take(DRAWN) {
        let Some(subject) = entity_of(&fields, field, "subject") else {
            continue;
        };
        let mut points: Vec<Option<Band>> = Vec::new();
        for year in first..=last {
            // A year without a new strategy keeps the consensus of the year before.
            let row = table.row(&format!("{}/{year}", field.key));
            let now = row
                .and_then(|row| estimate(&table, row, "consensus"))
                .map(|e| Band {
                    low: e.low,
                    value: e.value,
                    high: e.high,
                });
            points.push(now.or_else(|| points.last().copied().flatten()));
        }
        let value = |at: usize| {
            points
                .get(at)
                .copied()
                .flatten()
                .map_or(0.0, |band: Band| band.value)
        };
        let since = (2019 - first).clamp(0, last - first) as usize;
        let (before, after) = (value(since), value(points.len().saturating_sub(1)));
        if gained
            .as_ref()
            .is_none_or(|(most, _)| after - before > *most)
        {
            let finding = Message::new("finding.over_time")
                .with("year", (first + since as i64).to_string())
                .with("subject", subject.clone())
                .with("before", before)
                .with("after", after);
            gained = Some((after - before, finding));
        }
        panels.push(BandPanel {
            label: book.name(&subject),
            series: vec![BandSeries {
                role: BandRole::Single,
                points,
            }],
        });
    }
    let input = BandOverTime {
        panels,
        start: first as f64,
        step: 1.0,
        time_axis: book.word("figure.over_time.time"),
        value_axis: book.word("figure.over_time.value"),
    };
    let finding = gained.map_or_else(
        || Message::new("trend.over_time.heading"),
        |(_, finding)| finding,
    );
    let view = book.view(&table, &[], Folded::Open);
    book.figure(
        "over_time",
        finding,
        view,
        input.charts(book.lang),
        |frame| band_over_time(frame, &input),
    )
}

fn lead(book: &Book) -> Vec<Block> {
    let table = book.table("trend.lead");
    let home = book.run.manifest.config.study.home.clone();
    let primary = only(&table, |row| entity(&table, row, "primary") == Some("yes"));
    let leads = primary
        .rows
        .iter()
        .filter(|row| entity(&primary, row, "leader") == Some(home.as_str()))
        .count();
    let open = primary
        .rows
        .iter()
        .filter(|row| entity(&primary, row, "leader") == Some("not_estimated"))
        .count();
    let mut blocks = vec![
        book.paragraph(
            Message::new("trend.lead.intro")
                .with("home", home.entity())
                .with("n", leads)
                .with("open", open)
                .with("all", primary.rows.len()),
        ),
    ];
    let columns = [
        "technology",
        "indicator",
        "leader",
        "leader_value",
        "second",
        "second_value",
        "home_value",
        "home_rank",
        "lead_ratio",
        "concentration",
        "distance",
        "covered",
        "year",
    ];
    blocks.push(book.block(&primary, &columns, Folded::After(12)));
    blocks.push(book.block(&book.table("trend.coverage"), &[], Folded::Whole));
    let monopoly = book.table("trend.monopoly");
    let estimated = only(&monopoly, |row| {
        match monopoly.column("verdict").map(|i| &row.cells[i]) {
            Some(Cell::Entity(entity)) => entity.id != "not_estimated",
            _ => true,
        }
    });
    blocks.push(
        book.paragraph(
            Message::new("trend.monopoly.intro")
                .with("n", estimated.rows.len())
                .with("all", monopoly.rows.len()),
        ),
    );
    blocks.push(book.block(&monopoly, &[], Folded::Open));
    blocks
}
