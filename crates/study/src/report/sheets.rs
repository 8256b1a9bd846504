//! A sheet for each cluster: what the plan places there, what it does not, and what either would cost.

use model::{Entity, Message, ResultTable, Row};
use publish::document::{Block, Document, Extent, Folded, Section, Span, TableView};

use super::book::{Book, by_value, entity_of, only};
use super::extract::titled;
use crate::engine::output::{entity, estimate};

/// The answers for a cluster that stand in full: those for what it hosts, and the `alternatives` cheapest of the others;
/// and the rest, the cheapest first.
fn nearest(reasons: &ResultTable, alternatives: usize) -> (ResultTable, ResultTable) {
    let other = |row: &Row| entity(reasons, row, "question") == Some("question.why_not_that");
    let price = |row: &Row| estimate(reasons, row, "cost").map_or(f64::INFINITY, |e| e.value);
    let mut others: Vec<&Row> = reasons.rows.iter().filter(|row| other(row)).collect();
    others.sort_by(|a, b| {
        price(a)
            .total_cmp(&price(b))
            .then_with(|| a.key.cmp(&b.key))
    });
    let (near, far) = others.split_at(alternatives.min(others.len()));
    let hosted = reasons.rows.iter().filter(|row| !other(row));
    let with = |rows: Vec<Row>| ResultTable {
        rows,
        ..reasons.clone()
    };
    (
        with(hosted.chain(near.iter().copied()).cloned().collect()),
        with(far.iter().map(|row| (*row).clone()).collect()),
    )
}

/// A line for each other industry that the plan could place here, and one for those without evidence.
fn further(book: &Book, cluster: &Entity, all: &ResultTable, far: &ResultTable) -> Vec<Block> {
    let mut lines: Vec<Vec<Span>> = Vec::new();
    for row in &far.rows {
        let Some(industry) = entity_of(far, row, "industry") else {
            continue;
        };
        let line = Message::new("sheet.further").with("industry", industry);
        lines.push(vec![
            Span::Text(format!("{} ", book.say(line))),
            book.number(far, row, "cost"),
        ]);
    }
    let answered: Vec<Entity> = (all.rows.iter())
        .filter_map(|row| entity_of(all, row, "industry"))
        .collect();
    let chosen = book.table("layout.acceptability");
    let unknown: Vec<Entity> = (chosen.rows.iter())
        .filter(|row| entity(&chosen, row, "separation") != Some("separation.out"))
        .filter_map(|row| entity_of(&chosen, row, "field"))
        .filter(|field| !answered.contains(field))
        .collect();
    if !unknown.is_empty() {
        let line = Message::new("sheet.no_evidence")
            .with("cluster", cluster.clone())
            .with("industries", unknown);
        lines.push(vec![book.say(line).into()]);
    }
    if lines.is_empty() {
        return Vec::new();
    }
    vec![
        book.paragraph(Message::new("sheet.further.intro")),
        Block::List(lines),
    ]
}

/// A sheet for each cluster that the layout answers for.
pub(super) fn sheets(whole: Document, book: &Book) -> Document {
    let reasons = book.table("layout.reasons");
    let placements = book.table("layout.regions");
    let strengths = by_value(&book.table("foundation.strengths"), "strength");
    let mut clusters: Vec<Entity> = Vec::new();
    for table in [&placements, &reasons] {
        for row in &table.rows {
            if let Some(cluster) = entity_of(table, row, "cluster")
                && !clusters.contains(&cluster)
            {
                clusters.push(cluster);
            }
        }
    }
    clusters.sort();
    let mut sections: Vec<Section> = clusters
        .iter()
        .map(|cluster| {
            let of = |table: &ResultTable| {
                only(table, |row| {
                    entity(table, row, "cluster") == Some(cluster.id.as_str())
                })
            };
            let mut blocks =
                vec![book.paragraph(Message::new("sheet.intro").with("cluster", cluster.clone()))];
            let own = of(&reasons);
            let (near, far) = nearest(&own, book.run.manifest.config.regions.alternatives);
            for (rows, columns) in [
                (
                    of(&placements),
                    &["industry", "strength", "draws_with_pair", "robust"][..],
                ),
                (near, &["question", "industry", "cost", "answer"][..]),
                (of(&strengths), &["field", "strength", "pieces"][..]),
            ] {
                let block = match book.block(&rows, columns, Folded::Open) {
                    Block::Table(view) => Block::Table(TableView {
                        id: format!("{}/{}", view.id, cluster.id),
                        ..view
                    }),
                    other => other,
                };
                blocks.push(block);
            }
            blocks.extend(further(book, cluster, &own, &far));
            Section {
                id: format!("sheet/{}", cluster.id),
                number: String::new(),
                heading: book.name(cluster),
                blocks,
            }
        })
        .collect();
    if sections.is_empty() {
        sections.push(Section {
            id: "sheet".to_owned(),
            number: String::new(),
            heading: book.word("section.layout"),
            blocks: vec![book.block(&reasons, &[], Folded::Open)],
        });
    }
    titled(whole, &book.word("sheet.title"), sections, Extent::Sheets)
}
