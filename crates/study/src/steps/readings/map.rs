//! The whole system as one graph: technology, product, industry, cluster, region.

use std::collections::BTreeSet;

use model::{Entity, Kind, Origin, ResultTable, RowRef, short};

use super::super::code;
use crate::engine::output::{StepOutput, entity};
use crate::engine::step::Context;
use crate::inputs::rows;

pub const READS: [&str; 5] = [
    "technologies",
    "chains",
    "chain_nodes",
    "chain_links",
    "clusters",
];

/// An edge: where it starts, what it says, where it ends, and the row that says so.
struct Edge {
    from: Entity,
    relation: &'static str,
    to: Entity,
    origin: Origin,
}

fn layer(kind: Kind) -> &'static str {
    match kind {
        Kind::Technology => "layer.technology",
        Kind::Node => "layer.product",
        Kind::Field => "layer.industry",
        Kind::Cluster => "layer.cluster",
        Kind::Region => "layer.region",
        _ => "layer.organisation",
    }
}

pub fn run(context: &Context) -> StepOutput {
    let excluded = &context.config.chain.exclude;
    let mut edges: Vec<Edge> = Vec::new();
    let of = |kind: Kind, id: &str| Entity::new(kind, id);
    for row in rows(context.evidence, "technologies") {
        if let Some(field) = row.text("field") {
            edges.push(Edge {
                from: of(Kind::Technology, &row.key),
                relation: "edge.belongs",
                to: of(Kind::Field, field),
                origin: Origin::Evidence(row.reference()),
            });
        }
    }
    for row in rows(context.evidence, "chains").filter(|row| !excluded.contains(&row.key)) {
        for target in row.list("targets") {
            for technology in row.list("technologies") {
                edges.push(Edge {
                    from: of(Kind::Technology, technology),
                    relation: "edge.carried",
                    to: of(Kind::Node, target),
                    origin: Origin::Evidence(row.reference()),
                });
            }
            for field in row.list("fields") {
                edges.push(Edge {
                    from: of(Kind::Node, target),
                    relation: "edge.serves",
                    to: of(Kind::Field, field),
                    origin: Origin::Evidence(row.reference()),
                });
            }
        }
    }
    let nodes: BTreeSet<&str> = rows(context.evidence, "chain_nodes")
        .filter(|row| {
            !row.text("chain_id")
                .is_some_and(|c| excluded.iter().any(|e| e == c))
        })
        .map(|row| row.key.as_str())
        .collect();
    for row in rows(context.evidence, "chain_links") {
        if let (Some(from), Some(to)) = (row.text("from_node"), row.text("to_node"))
            && nodes.contains(from)
            && nodes.contains(to)
        {
            edges.push(Edge {
                from: of(Kind::Node, from),
                relation: "edge.input",
                to: of(Kind::Node, to),
                origin: Origin::Evidence(row.reference()),
            });
        }
    }
    let results = [
        ("foundation.strengths", "field", "edge.strong"),
        ("layout.regions", "industry", "edge.placed"),
    ];
    for (name, column, relation) in results {
        let table = context.table(name);
        for row in &table.rows {
            if let (Some(field), Some(cluster)) =
                (entity(&table, row, column), entity(&table, row, "cluster"))
            {
                edges.push(Edge {
                    from: of(Kind::Field, field),
                    relation,
                    to: of(Kind::Cluster, cluster),
                    origin: Origin::Result(RowRef::new(name, row.key.clone())),
                });
            }
        }
    }
    let home = context.config.study.home.as_str();
    for row in rows(context.evidence, "clusters").filter(|row| row.text("country") == Some(home)) {
        if let Some(region) = row.text("region") {
            edges.push(Edge {
                from: of(Kind::Cluster, &row.key),
                relation: "edge.within",
                to: of(Kind::Region, region),
                origin: Origin::Evidence(row.reference()),
            });
        }
    }
    let mut table = ResultTable::new(
        "layout.map",
        "layout-readings",
        "one row per edge between technology, product, industry, cluster and region; each stands on the row that says so",
        &[
            ("edge_from", ""),
            ("edge_kind_from", ""),
            ("edge", ""),
            ("edge_to", ""),
            ("edge_kind_to", ""),
        ],
    );
    let mut seen = BTreeSet::new();
    for edge in edges {
        let key = format!(
            "{}/{}/{}/{}",
            short(edge.relation),
            short(layer(edge.from.kind)),
            edge.from.id,
            edge.to.id
        );
        if seen.insert(key.clone()) {
            let kinds = [layer(edge.from.kind), layer(edge.to.kind)];
            table.push(
                key,
                vec![
                    edge.from.into(),
                    code(kinds[0]),
                    code(edge.relation),
                    edge.to.into(),
                    code(kinds[1]),
                ],
                vec![edge.origin],
            );
        }
    }
    StepOutput {
        tables: vec![table],
        refusals: Vec::new(),
    }
}
