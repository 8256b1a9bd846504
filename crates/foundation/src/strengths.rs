//! Strengths of innovation clusters by field, from pieces of evidence.
//!
//! Each piece of evidence e (a designation, a centre, a facility, …) supports the cluster's strength in a
//! field with the weight w_e that the study gives to its kind, discounted by the source's confidence.
//! Pieces support independently (noisy-or; Pearl, 1988, section 4.3.2):
//!
//! ```text
//! strength = 1 - Π (1 - w_e),   each w_e in its range [low, high]; increasing in every w_e
//! ```
//!
//! No evidence is "not estimated", never zero: most cities of the evidence have only few rows.

use std::collections::BTreeMap;

use model::{Basis, Cluster, Estimate, Field, RowRef};

/// A piece of evidence that a cluster is strong in a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    pub cluster: Cluster,
    pub field: Field,
    /// Weight of its kind, 0..1, already discounted by the confidence in its source.
    pub weight: Estimate,
    pub origin: RowRef,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Strength {
    pub cluster: Cluster,
    pub field: Field,
    /// 0..1.
    pub strength: Estimate,
    pub pieces: usize,
    pub origins: Vec<RowRef>,
}

/// Strengths of every cluster and field with at least one piece of evidence, sorted by both.
pub fn strengths(pieces: &[Piece]) -> Vec<Strength> {
    let mut groups: BTreeMap<(&Cluster, &Field), Vec<&Piece>> = BTreeMap::new();
    for piece in pieces {
        groups
            .entry((&piece.cluster, &piece.field))
            .or_default()
            .push(piece);
    }
    groups
        .into_iter()
        .map(|((cluster, field), mut group)| {
            // A fixed order of factors, so that the bits do not depend on the order of rows.
            group.sort_by(|a, b| a.origin.cmp(&b.origin));
            let doubt = |pick: fn(&Estimate) -> f64| {
                group
                    .iter()
                    .map(|p| 1.0 - pick(&p.weight).clamp(0.0, 1.0))
                    .product::<f64>()
            };
            let strength = Estimate::spanning(
                1.0 - doubt(|w| w.value),
                1.0 - doubt(|w| w.low),
                1.0 - doubt(|w| w.high),
                group
                    .iter()
                    .map(|p| p.weight.basis)
                    .fold(Basis::Derived, Basis::and),
            );
            Strength {
                cluster: cluster.clone(),
                field: field.clone(),
                strength,
                pieces: group.len(),
                origins: group.iter().map(|p| p.origin.clone()).collect(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn piece(key: &str, low: f64, value: f64, high: f64) -> Piece {
        Piece {
            cluster: "wuhan".into(),
            field: "photonics".into(),
            weight: Estimate::new(value, low, high, Basis::Judged).expect("a range"),
            origin: RowRef::new("cluster_strengths", key),
        }
    }

    #[test]
    fn two_pieces_by_hand() {
        let found = strengths(&[piece("a", 0.4, 0.5, 0.6), piece("b", 0.1, 0.2, 0.5)]);
        let s = found[0].strength;
        // 1 - 0.5 × 0.8; 1 - 0.6 × 0.9; 1 - 0.4 × 0.5.
        assert!((s.value - 0.6).abs() < 1e-12);
        assert!((s.low - 0.46).abs() < 1e-12);
        assert!((s.high - 0.8).abs() < 1e-12);
        assert_eq!(s.basis, Basis::Judged);
    }

    proptest! {
        #[test]
        fn more_evidence_never_weakens_and_order_is_irrelevant(
            weights in proptest::collection::vec(0.0f64..1.0, 2..8)
        ) {
            let mut pieces: Vec<Piece> = weights.iter().enumerate()
                .map(|(i, w)| piece(&format!("{i}"), w * 0.5, *w, (w * 1.2).min(1.0))).collect();
            let all = strengths(&pieces)[0].strength;
            let fewer = strengths(&pieces[1..])[0].strength;
            prop_assert!(all.value >= fewer.value && all.low >= fewer.low && all.high >= fewer.high);
            prop_assert!(all.low <= all.value && all.value <= all.high && all.high <= 1.0);
            pieces.reverse();
            prop_assert_eq!(strengths(&pieces)[0].strength, all);
        }
    }
}
