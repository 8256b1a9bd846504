//! Pairs of fields that others plan together and home does not: candidates for projects across sectors.
//!
//! ```text
//! lift = n_ab n / (n_a n_b)     documents that name both, against independence
//! ```

use std::collections::{BTreeMap, BTreeSet};

use model::{Country, Field, RowRef};

/// A document with the fields that it names.
#[derive(Debug, Clone)]
pub struct Document {
    pub jurisdiction: Country,
    pub fields: BTreeSet<Field>,
    pub origin: RowRef,
}

#[derive(Debug, Clone, PartialEq)]
pub struct FieldPair {
    pub a: Field,
    pub b: Field,
    /// Documents abroad that name both, and jurisdictions that have one.
    pub abroad: usize,
    pub jurisdictions: BTreeSet<Country>,
    /// Documents at home that name both.
    pub at_home: usize,
    pub lift: f64,
    pub origins: Vec<RowRef>,
}

/// Pairs named together by at least `least` jurisdictions abroad; home's own counts stand beside them. Sorted by the
/// number of jurisdictions, then lift.
pub fn pairs(documents: &[Document], home: &Country, least: usize) -> Vec<FieldPair> {
    let abroad: Vec<&Document> = documents
        .iter()
        .filter(|d| &d.jurisdiction != home)
        .collect();
    let mut single: BTreeMap<&Field, usize> = BTreeMap::new();
    let mut both: BTreeMap<(&Field, &Field), Vec<&Document>> = BTreeMap::new();
    for document in &abroad {
        for (k, a) in document.fields.iter().enumerate() {
            *single.entry(a).or_default() += 1;
            for b in document.fields.iter().skip(k + 1) {
                both.entry((a, b)).or_default().push(document);
            }
        }
    }
    let mut found: Vec<FieldPair> = both
        .into_iter()
        .map(|((a, b), group)| {
            let own: Vec<&Document> = documents
                .iter()
                .filter(|d| &d.jurisdiction == home && d.fields.contains(a) && d.fields.contains(b))
                .collect();
            let mut origins: Vec<RowRef> =
                group.iter().chain(&own).map(|d| d.origin.clone()).collect();
            origins.sort();
            FieldPair {
                a: a.clone(),
                b: b.clone(),
                abroad: group.len(),
                jurisdictions: group.iter().map(|d| d.jurisdiction.clone()).collect(),
                at_home: own.len(),
                lift: (group.len() * abroad.len()) as f64 / (single[a] * single[b]) as f64,
                origins,
            }
        })
        .filter(|pair| pair.jurisdictions.len() >= least)
        .collect();
    found.sort_by(|x, y| {
        y.jurisdictions
            .len()
            .cmp(&x.jurisdictions.len())
            .then(y.lift.total_cmp(&x.lift))
            .then_with(|| (&x.a, &x.b).cmp(&(&y.a, &y.b)))
    });
    found
}
