//! What nobody serves, and what too many choose.

use std::collections::{BTreeMap, BTreeSet};

use model::{Cluster, Entity, Field, Kind, Region, RowRef};

use super::AuditParams;
use super::finding::{Certainty, Fault, Finding};
use super::register::{Index, Level, Register};
use crate::regions::Assignment;

/// Which industries each cluster chooses in its own plans.
pub fn chosen(register: &Register) -> Assignment {
    let mut found: BTreeMap<Cluster, BTreeSet<Field>> = BTreeMap::new();
    for (cluster, field, _) in choices(&Index::new(register)) {
        found.entry(cluster).or_default().insert(field.clone());
    }
    found
        .into_iter()
        .map(|(cluster, fields)| (cluster, fields.into_iter().collect()))
        .collect()
}

/// Cluster, field and row of every choice.
fn choices<'a>(index: &Index<'a>) -> Vec<(Cluster, &'a Field, &'a RowRef)> {
    let mut found = Vec::new();
    for clause in index.clauses.values() {
        if let Some(plan) = index.plan_of(clause)
            && plan.level == Level::Cluster
        {
            let cluster = Cluster::from(plan.place.as_str());
            found.extend(
                clause
                    .fields
                    .iter()
                    .map(|f| (cluster.clone(), f, &clause.origin)),
            );
        }
    }
    found
}

pub(super) fn faults(index: &Index, params: &AuditParams) -> Vec<Finding> {
    let mut found = holes(index);
    found.extend(duplicates(index, params));
    found
}

fn holes(index: &Index) -> Vec<Finding> {
    let named = |subject: &Entity| {
        index.clauses.values().any(|clause| match subject.kind {
            Kind::Field => clause.fields.contains(&Field::from(subject.id.as_str())),
            _ => clause.challenges.contains(&subject.id),
        })
    };
    index
        .register
        .wanted
        .iter()
        .filter(|wanted| !named(&wanted.subject))
        .map(|wanted| {
            Finding::new(
                Fault::Hole,
                Certainty::Certain,
                wanted.origins.clone(),
                |m| m.with("subject", wanted.subject.clone()),
            )
        })
        .collect()
}

fn duplicates(index: &Index, params: &AuditParams) -> Vec<Finding> {
    type Hosts<'a> = BTreeMap<Cluster, Vec<&'a RowRef>>;
    let mut by_region: BTreeMap<(&Region, &Field), Hosts> = BTreeMap::new();
    for (cluster, field, row) in choices(index) {
        if let Some(region) = index.register.regions.get(&cluster) {
            let hosts = by_region.entry((region, field)).or_default();
            hosts.entry(cluster).or_default().push(row);
        }
    }
    by_region
        .into_iter()
        .filter(|(_, hosts)| hosts.len() > params.regional_cap)
        .map(|((region, field), hosts)| {
            let rows = hosts.values().flatten().map(|row| (*row).clone()).collect();
            let clusters: Vec<Entity> = hosts.keys().map(Cluster::entity).collect();
            Finding::new(Fault::Duplicate, Certainty::Certain, rows, |m| {
                m.with("field", field.entity())
                    .with("region", region.entity())
                    .with("count", clusters.len())
                    .with("cap", params.regional_cap)
                    .with("clusters", clusters.clone())
            })
        })
        .collect()
}
