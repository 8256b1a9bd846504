//! Foundation: what home can do, and where its neck is held.

use model::{Entity, Message, ResultTable, Row};
use publish::document::{Block, Folded, Section};
use publish::figures::chain_graph;

use super::book::{Book, by_value, entities_of, entity_of, only};
use crate::chain_picture::{drawn, most_necks, necks as stuck_necks};
use crate::engine::output::{count, entity, estimate};
use crate::inputs::chain::graph;

pub fn section(book: &Book) -> Section {
    let mut blocks = conditions(book);
    blocks.push(book.subheading("foundation.necks.heading"));
    blocks.extend(necks(book));
    blocks.extend(graph_figure(book));
    blocks.push(book.subheading("foundation.dependence.heading"));
    blocks.push(
        book.paragraph(
            Message::new("foundation.dependence.intro")
                .with("home", book.run.manifest.config.study.home.entity()),
        ),
    );
    blocks.push(book.block(&book.table("chain.home"), &[], Folded::After(12)));
    blocks.push(book.block(
        &foreign_exposure(book),
        &["target", "country", "look_through", "if_unknown"],
        Folded::After(8),
    ));
    blocks.extend(cuts(book));
    blocks.push(book.block(&must_control(book), &[], Folded::After(8)));
    blocks.extend(imports(book));
    blocks.extend(next_steps(book));
    blocks.extend(coupling(book));
    blocks.push(book.subheading("foundation.clusters.heading"));
    blocks.push(book.paragraph(Message::new("foundation.clusters.intro")));
    blocks.push(book.block(
        &by_value(&book.table("foundation.strengths"), "strength"),
        &[],
        Folded::After(10),
    ));
    Section {
        id: "foundation".to_owned(),
        number: String::new(),
        heading: book.word("section.foundation"),
        blocks,
    }
}

/// Import dependency, where the study has trade; else the limits say why not.
fn imports(book: &Book) -> Vec<Block> {
    let table = book.table("foundation.dependency");
    if table.rows.is_empty() {
        return Vec::new();
    }
    vec![
        book.subheading("foundation.imports.heading"),
        book.paragraph(Message::new("foundation.imports.intro")),
        book.block(&table, &[], Folded::After(12)),
        book.block(&book.table("foundation.churn"), &[], Folded::After(6)),
        book.block(&book.table("foundation.capability"), &[], Folded::After(12)),
        book.block(&book.table("foundation.cover"), &[], Folded::After(4)),
    ]
}

/// Complexity and options, where the study has activities in locations.
fn next_steps(book: &Book) -> Vec<Block> {
    let table = book.table("foundation.complexity");
    if table.rows.is_empty() {
        return Vec::new();
    }
    vec![
        book.subheading("foundation.complexity.heading"),
        book.paragraph(Message::new("foundation.complexity.intro")),
        book.block(&by_value(&table, "eci"), &[], Folded::After(10)),
        book.block(&book.table("foundation.options"), &[], Folded::After(12)),
    ]
}

fn coupling(book: &Book) -> Vec<Block> {
    vec![
        book.subheading("foundation.coupling.heading"),
        book.paragraph(Message::new("foundation.coupling.intro").with(
            "part",
            1.0 - book.run.manifest.config.conditions.behind_from,
        )),
        book.block(
            &by_value(&book.table("foundation.coupling"), "coordination"),
            &[],
            Folded::After(10),
        ),
        book.block(
            &by_value(&book.table("foundation.chain_knowledge"), "distance"),
            &[],
            Folded::After(8),
        ),
        book.block(
            &book.table("foundation.strength_uses"),
            &[],
            Folded::After(8),
        ),
    ]
}

/// Home's card, with the cards beside it folded away.
fn conditions(book: &Book) -> Vec<Block> {
    let table = book.table("foundation.conditions");
    let home = book.run.manifest.config.study.home.entity();
    let lines = only(&table, |row| {
        entity_of(&table, row, "place").as_ref() == Some(&home)
    })
    .rows
    .len();
    vec![
        book.subheading("foundation.conditions.heading"),
        book.paragraph(Message::new("foundation.conditions.intro").with("home", home)),
        book.block(&table, &[], Folded::After(lines)),
    ]
}

fn necks(book: &Book) -> Vec<Block> {
    let table = book.table("foundation.necks");
    let with = |verdict: &str| {
        only(&table, |row| {
            entity(&table, row, "verdict") == Some(verdict)
        })
    };
    let (proven, open, none) = (
        with("verdict.neck"),
        with("verdict.open"),
        with("verdict.no_neck"),
    );
    let names: Vec<Entity> = proven
        .rows
        .iter()
        .filter_map(|row| entity_of(&proven, row, "subject"))
        .collect();
    let id = if names.is_empty() {
        "foundation.necks.none"
    } else {
        "foundation.necks.intro"
    };
    let shown = [
        "subject",
        "chain",
        "verdict",
        "value",
        "gap",
        "monopoly",
        "hardness",
        "would_change",
    ];
    let mut rest = open.clone();
    rest.rows.extend(none.rows.iter().cloned());
    let rest = ResultTable {
        name: "foundation.necks".to_owned(),
        ..rest
    };
    let limits = &book.run.manifest.config.necks.thresholds;
    let mut blocks = vec![
        book.paragraph(
            Message::new(id)
                .with("necks", names)
                .with("n", proven.rows.len())
                .with("open", open.rows.len())
                .with("none", none.rows.len()),
        ),
        book.paragraph(
            Message::new("foundation.necks.thresholds")
                .with("value", limits.value)
                .with("gap", limits.gap)
                .with("monopoly", limits.monopoly)
                .with("hardness", limits.hardness),
        ),
    ];
    let mut all = proven;
    all.rows.extend(rest.rows);
    blocks.push(book.block(&all, &shown, Folded::After(14)));
    blocks
}

/// The chain with the most stuck necks, drawn with its necks.
fn graph_figure(book: &Book) -> Option<Block> {
    let config = &book.run.manifest.config;
    let graph = graph(book.evidence, config).ok()?;
    let chain = most_necks(book.run)?;
    let necks = stuck_necks(book.run, book.lang);
    let drawn = drawn(
        &graph,
        &chain,
        |entity| book.name(entity),
        |node| necks.get(node.as_str()).cloned(),
    );
    let stuck = drawn.input.nodes.iter().filter(|n| n.neck.is_some());
    let finding = Message::new("finding.graph")
        .with("chain", chain.entity())
        .with("n", stuck.count())
        .with("nodes", drawn.nodes.len());
    let table = book.table("chain.nodes");
    let of_chain = only(&table, |row| {
        entity(&table, row, "chain") == Some(chain.as_str())
    });
    let view = book.view(&of_chain, &[], Folded::Open);
    let input = drawn.input;
    let draw = |frame: &publish::figures::Frame| chain_graph(frame, &input);
    Some(book.figure("graph", finding, view, Vec::new(), draw))
}

/// Exposures of the end products to foreign countries, the largest first.
fn foreign_exposure(book: &Book) -> ResultTable {
    let table = book.table("chain.exposure");
    let home = book.run.manifest.config.study.home.as_str();
    let foreign = only(&table, |row| {
        entity(&table, row, "country") != Some(home)
            && estimate(&table, row, "look_through").is_some_and(|e| e.high > 0.01)
    });
    by_value(&foreign, "look_through")
}

fn must_control(book: &Book) -> ResultTable {
    let table = book.table("chain.must_control");
    only(&table, |row| {
        entity(&table, row, "verdict") != Some("chain.verdict.fail")
    })
}

fn cuts(book: &Book) -> Vec<Block> {
    let table = book.table("chain.cut_sets");
    let single = |row: &Row| count(&table, row, "size") == Some(1);
    let certain =
        |row: &Row| entity(&table, row, "certainty").is_some_and(|c| c.ends_with("certain"));
    let alone = only(&table, |row| single(row) && certain(row));
    let mut countries: Vec<Entity> = Vec::new();
    for row in &alone.rows {
        for country in entities_of(&alone, row, "suppliers") {
            if !countries.contains(&country) {
                countries.push(country);
            }
        }
    }
    let mut targets: Vec<&str> = alone
        .rows
        .iter()
        .filter_map(|row| entity(&alone, row, "target"))
        .collect();
    targets.sort_unstable();
    targets.dedup();
    vec![
        book.paragraph(
            Message::new(if targets.is_empty() {
                "foundation.cuts.none"
            } else {
                "foundation.cuts.intro"
            })
            .with("targets", targets.len())
            .with("countries", countries),
        ),
        book.block(&table, &[], Folded::After(8)),
    ]
}
