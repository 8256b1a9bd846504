//! Clusters: which links of the whole chain they have, and how far they reach over the boundaries of fields.

use std::collections::{BTreeMap, BTreeSet};

use layout::readings::diversity::{Distances, diversity};
use layout::readings::whole_chain::{Link, Shown, coverage, together};
use model::{Cell, Cluster, Entity, Field, Kind, ResultTable, RowRef};

use super::fields::documents;
use super::{lineage, refusal};
use crate::engine::output::StepOutput;
use crate::engine::step::Context;
use crate::inputs::plans::Subjects;
use crate::inputs::rows;

pub const COVERAGE_READS: [&str; 7] = [
    "organisations",
    "capabilities",
    "application_scenarios",
    "cluster_strengths",
    "clusters",
    "technologies",
    "fields",
];

/// Training × research × pilot × industrialisation.
pub fn whole_chain(context: &Context) -> StepOutput {
    let shown = shown(context);
    let found = coverage(&shown);
    let settings = ["readings.links", "readings.organisations"];
    let mut table = ResultTable::new(
        "layout.coverage",
        "layout-readings",
        "rows on record for each link of the whole chain; an empty cell is nothing on record, not nothing there",
        &[
            ("field", ""),
            ("cluster", ""),
            ("training", ""),
            ("research_link", ""),
            ("pilot_link", ""),
            ("industrialisation", ""),
            ("nothing_on_record", ""),
        ],
    );
    let links = |links: &[Link]| -> Cell {
        links
            .iter()
            .map(|link| Entity::new(Kind::Code, link.code()))
            .collect::<Vec<_>>()
            .into()
    };
    for row in &found {
        let mut cells: Vec<Cell> = vec![row.field.entity().into(), row.cluster.entity().into()];
        cells.extend(row.rows.map(Cell::from));
        cells.push(links(&row.empty()));
        table.push(
            format!("{}/{}", row.field, row.cluster),
            cells,
            lineage(&row.origins, &settings),
        );
    }
    let mut fewest = ResultTable::new(
        "layout.coverage_together",
        "layout-readings",
        "the fewest clusters that together have every link of the field's chain that anybody has on record",
        &[("field", ""), ("fewest_clusters", ""), ("nowhere", "")],
    );
    let sets = together(&found);
    for set in &sets {
        let of_field: Vec<RowRef> = found
            .iter()
            .filter(|row| row.field == set.field)
            .flat_map(|row| row.origins.iter().cloned())
            .collect();
        fewest.push(
            set.field.as_str(),
            vec![
                set.field.entity().into(),
                set.clusters
                    .iter()
                    .map(Cluster::entity)
                    .collect::<Vec<_>>()
                    .into(),
                links(&set.nowhere),
            ],
            lineage(&of_field, &settings),
        );
    }
    let known: BTreeSet<&Field> = sets.iter().map(|s| &s.field).collect();
    let without: Vec<Entity> = rows(context.evidence, "fields")
        .filter(|row| !known.contains(&Field::from(row.key.as_str())))
        .map(|row| Entity::new(Kind::Field, row.key.clone()))
        .collect();
    let mut output = StepOutput {
        tables: vec![table, fewest],
        refusals: Vec::new(),
    };
    if !without.is_empty() {
        output.refusals.push(refusal(
            "readings.no_coverage",
            "readings.question.coverage",
            |m| m.with("fields", without.clone()),
        ));
    }
    output
}

fn home_clusters<'a>(context: &'a Context) -> BTreeSet<&'a str> {
    let home = context.config.study.home.as_str();
    rows(context.evidence, "clusters")
        .filter(|row| row.text("country") == Some(home))
        .map(|row| row.key.as_str())
        .collect()
}

/// Rows that show a link: strengths by their kind, organisations by theirs, application scenarios as pilots.
fn shown(context: &Context) -> Vec<Shown> {
    let settings = &context.config.readings;
    let home = home_clusters(context);
    let subjects = Subjects::new(context.evidence);
    let mut found = Vec::new();
    let mut add = |about: &str, cluster: &str, link: Link, origin: &RowRef| {
        if let Some(field) = subjects.field(about)
            && home.contains(cluster)
        {
            found.push(Shown {
                field,
                cluster: cluster.into(),
                link,
                origin: origin.clone(),
            });
        }
    };
    let links_of = |kinds: &BTreeMap<Link, Vec<String>>, kind: &str| -> Vec<Link> {
        let of = kinds
            .iter()
            .filter(|(_, list)| list.iter().any(|k| k == kind));
        of.map(|(link, _)| *link).collect()
    };
    for row in rows(context.evidence, "cluster_strengths") {
        if let (Some(about), Some(cluster), Some(kind)) = (
            row.text("technology_id"),
            row.text("cluster_id"),
            row.text("evidence"),
        ) {
            for link in links_of(&settings.links, kind) {
                add(about, cluster, link, &row.reference());
            }
        }
    }
    let seats: BTreeMap<&str, (&str, &str)> = rows(context.evidence, "organisations")
        .filter_map(|row| {
            Some((
                row.key.as_str(),
                (row.text("cluster_id")?, row.text("kind")?),
            ))
        })
        .collect();
    for row in rows(context.evidence, "capabilities") {
        if let (Some(about), Some((cluster, kind))) = (
            row.text("technology_or_node_id"),
            row.text("organisation_id").and_then(|id| seats.get(id)),
        ) {
            for link in links_of(&settings.organisations, kind) {
                add(about, cluster, link, &row.reference());
            }
        }
    }
    for row in rows(context.evidence, "application_scenarios") {
        for about in row.list("technology_ids") {
            for cluster in row.list("cluster_ids") {
                add(about, cluster, Link::Pilot, &row.reference());
            }
        }
    }
    found
}

pub const BOUNDARY_READS: [&str; 5] = [
    "cluster_strengths",
    "clusters",
    "policies",
    "technologies",
    "fields",
];

/// Rao-Stirling diversity of what is on record of each cluster, over fields.
pub fn boundary(context: &Context) -> StepOutput {
    let settings = &context.config.readings;
    let home = home_clusters(context);
    let subjects = Subjects::new(context.evidence);
    let mut distances = Distances::default();
    let documents = documents(context);
    for document in &documents {
        for field in &document.fields {
            distances.name(field, &document.origin.key);
        }
    }
    let mut by_cluster: BTreeMap<&str, (BTreeMap<Field, usize>, Vec<RowRef>)> = BTreeMap::new();
    for row in rows(context.evidence, "cluster_strengths") {
        if let (Some(cluster), Some(field)) = (
            row.text("cluster_id").filter(|c| home.contains(c)),
            row.text("technology_id").and_then(|t| subjects.field(t)),
        ) {
            let (counts, origins) = by_cluster.entry(cluster).or_default();
            *counts.entry(field).or_default() += 1;
            origins.push(row.reference());
        }
    }
    let mut table = ResultTable::new(
        "layout.boundary",
        "layout-readings",
        "Δ = Σ d_ij p_i p_j over ordered pairs of fields; d = 1 - cosine of the strategies that name them",
        &[
            ("cluster", ""),
            ("boundary_index", ""),
            ("fields_on_record", ""),
            ("pieces", ""),
            ("unknown_distances", ""),
        ],
    );
    let mut without = Vec::new();
    for (cluster, (counts, origins)) in &by_cluster {
        let cluster = Cluster::from(*cluster);
        let Some(found) = diversity(counts, &distances, settings.least_rows) else {
            without.push(cluster.entity());
            continue;
        };
        let mut rows = origins.clone();
        let named = documents
            .iter()
            .filter(|d| d.fields.iter().any(|f| counts.contains_key(f)))
            .map(|d| d.origin.clone());
        rows.extend(named);
        table.push(
            cluster.as_str(),
            vec![
                cluster.entity().into(),
                found.index.into(),
                found.fields.into(),
                found.rows.into(),
                found.unknown_pairs.into(),
            ],
            lineage(&rows, &["readings.least_rows"]),
        );
    }
    let mut output = StepOutput {
        tables: vec![table],
        refusals: Vec::new(),
    };
    if !without.is_empty() {
        output.refusals.push(refusal(
            "readings.few_rows",
            "readings.question.boundary",
            |m| {
                m.with("least", settings.least_rows)
                    .with("clusters", without.clone())
            },
        ));
    }
    output
}
