//! How far something reaches over boundaries: Rao-Stirling diversity (Rao 1982; Stirling 2007, *Journal of the Royal
//! Society Interface* 4, 707-719).
//!
//! ```text
//! Δ = Σ_{i≠j} d_ij p_i p_j,   d_ij = 1 - cos(n_i, n_j)
//! ```
//!
//! `p` shares of what is on record by field; `n_i` the documents that name field `i`. The sum runs over ordered pairs, so
//! two equal parts that have nothing in common give 1/2 (Stirling's form with α = β = 1, both orders counted).

use std::collections::{BTreeMap, BTreeSet};

use model::{Basis, Estimate, Field};

/// Distances between fields by the documents that name them: 1 where no document names both.
#[derive(Debug, Clone, Default)]
pub struct Distances(BTreeMap<Field, BTreeSet<String>>);

impl Distances {
    pub fn name(&mut self, field: &Field, document: &str) {
        self.0
            .entry(field.clone())
            .or_default()
            .insert(document.to_owned());
    }

    /// None where a field is named nowhere: its distance is unknown.
    pub fn between(&self, a: &Field, b: &Field) -> Option<f64> {
        if a == b {
            return Some(0.0);
        }
        let (x, y) = (self.0.get(a)?, self.0.get(b)?);
        let both = x.intersection(y).count() as f64;
        Some(1.0 - both / ((x.len() * y.len()) as f64).sqrt())
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Diversity {
    /// With the range over leaving out one row at a time, and unknown distances anywhere in 0..1 (1/2 as value).
    pub index: Estimate,
    pub fields: usize,
    pub rows: usize,
    /// Pairs of fields whose distance is not known.
    pub unknown_pairs: usize,
}

/// None for fewer than `least` rows.
pub fn diversity(
    counts: &BTreeMap<Field, usize>,
    distances: &Distances,
    least: usize,
) -> Option<Diversity> {
    let counts: Vec<(&Field, usize)> = counts
        .iter()
        .filter(|(_, n)| **n > 0)
        .map(|(f, n)| (f, *n))
        .collect();
    let rows: usize = counts.iter().map(|(_, n)| n).sum();
    if rows < least.max(2) {
        return None;
    }
    let index = |counts: &[(&Field, usize)], unknown: f64| -> f64 {
        let total: usize = counts.iter().map(|(_, n)| n).sum();
        let mut sum = 0.0;
        for (k, (a, n)) in counts.iter().enumerate() {
            for (b, m) in &counts[k + 1..] {
                sum += 2.0 * distances.between(a, b).unwrap_or(unknown) * (n * m) as f64;
            }
        }
        sum / (total * total) as f64
    };
    let (mut low, mut high) = (index(&counts, 0.0), index(&counts, 1.0));
    for k in 0..counts.len() {
        let mut fewer = counts.clone();
        fewer[k].1 -= 1;
        low = low.min(index(&fewer, 0.0));
        high = high.max(index(&fewer, 1.0));
    }
    let pairs = counts
        .iter()
        .enumerate()
        .flat_map(|(k, a)| counts[k + 1..].iter().map(move |b| (a.0, b.0)));
    Some(Diversity {
        index: Estimate::spanning(index(&counts, 0.5), low, high, Basis::Derived),
        fields: counts.len(),
        rows,
        unknown_pairs: pairs
            .filter(|(a, b)| distances.between(a, b).is_none())
            .count(),
    })
}
