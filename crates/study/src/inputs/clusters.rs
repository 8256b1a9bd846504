//! Evidence of cluster strengths, weighted as the study says.

use std::collections::BTreeMap;

use evidence::Evidence;
use foundation::strengths::Piece;
use model::{Basis, Estimate};

use super::rows;
use crate::config::{ClusterSection, Span};

/// Pieces of evidence of home's clusters by field. Evidence across all fields supports no single one and is
/// left out here; it is still in the evidence tables.
pub fn pieces(evidence: &Evidence, home: &str, section: &ClusterSection) -> Vec<Piece> {
    let field_of: BTreeMap<&str, &str> = rows(evidence, "technologies")
        .filter_map(|row| Some((row.text("id")?, row.text("field")?)))
        .collect();
    let fields: Vec<&str> = rows(evidence, "fields")
        .filter_map(|row| row.text("id"))
        .collect();
    let home_clusters: Vec<&str> = rows(evidence, "clusters")
        .filter(|row| row.text("country") == Some(home))
        .filter_map(|row| row.text("id"))
        .collect();
    rows(evidence, "cluster_strengths")
        .filter_map(|row| {
            let cluster = row
                .text("cluster_id")
                .filter(|id| home_clusters.contains(id))?;
            let about = row.text("technology_id")?;
            let field = field_of
                .get(about)
                .copied()
                .or_else(|| fields.contains(&about).then_some(about))?;
            let here = row.reference();
            let weight = section.weight(row.text("evidence")?);
            let trust = section.trust(evidence.confidence(&here));
            Some(Piece {
                cluster: cluster.into(),
                field: field.into(),
                weight: judged(weight).times(judged(trust)).clamped(0.0, 1.0),
                origin: here,
            })
        })
        .collect()
}

fn judged(span: Span) -> Estimate {
    Estimate::spanning(span.value, span.low, span.high, Basis::Judged)
}
