//! How unusual a combination is: z-scores of co-occurrence (Teece et al., 1994; Uzzi et al., 2013).
//!
//! If the n_j documents with class j were drawn at random from all P, the number that also have i would be
//! hypergeometric:
//!
//! ```text
//! z_ij = (C_ij - μ_ij) / σ_ij,   μ_ij = n_i n_j / P,   σ²_ij = μ_ij (1 - n_i/P) (P - n_j)/(P - 1)
//! ```
//!
//! z below 0: an atypical (novel) combination. Of a document: its lowest z (novelty) and its median z (convention); Uzzi
//! et al. read the tenth percentile, which for few classes is the lowest pair.

use crate::presence::Presence;

/// z of every two classes, row-major (classes × classes), symmetric; `NaN` on the diagonal and where chance leaves
/// no spread.
pub fn co_occurrence_z(documents: &Presence) -> Vec<f64> {
    let n = documents.activities();
    let p = documents.locations() as f64;
    let mut z = vec![f64::NAN; n * n];
    for i in 0..n {
        for j in i + 1..n {
            let (ni, nj) = (
                f64::from(documents.ubiquity()[i]),
                f64::from(documents.ubiquity()[j]),
            );
            let mean = ni * nj / p;
            let variance = mean * (1.0 - ni / p) * (p - nj) / (p - 1.0);
            if variance > 0.0 {
                let score = (f64::from(documents.both_activities(i, j)) - mean) / variance.sqrt();
                z[i * n + j] = score;
                z[j * n + i] = score;
            }
        }
    }
    z
}

/// The combinations of one document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DocumentNovelty {
    /// Lowest z: how novel its most unusual combination is.
    pub lowest: f64,
    /// Median z: how conventional it is on the whole.
    pub median: f64,
}

/// Novelty of every document by the z of its pairs; `None` with fewer than two classes or no z.
pub fn document_novelty(documents: &Presence, z: &[f64]) -> Vec<Option<DocumentNovelty>> {
    let n = documents.activities();
    (0..documents.locations())
        .map(|d| {
            let classes: Vec<usize> = documents.activities_of(d).collect();
            let mut scores: Vec<f64> = classes
                .iter()
                .enumerate()
                .flat_map(|(k, i)| {
                    classes[k + 1..]
                        .iter()
                        .filter_map(move |j| z.get(i * n + j))
                })
                .copied()
                .filter(|s| !s.is_nan())
                .collect();
            scores.sort_unstable_by(f64::total_cmp);
            let middle = scores.len() / 2;
            let median = if scores.len() % 2 == 1 {
                *scores.get(middle)?
            } else {
                f64::midpoint(*scores.get(middle.checked_sub(1)?)?, scores[middle])
            };
            Some(DocumentNovelty {
                lowest: scores[0],
                median,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_documents_by_hand() {
        // Classes 0 and 1 always together in two of four documents: C = 2, μ = 1, σ² = 1·½·2/3.
        let m = Presence::from_fn(4, 3, |d, i| if i < 2 { d < 2 } else { d == 0 });
        let z = co_occurrence_z(&m);
        assert!((z[1] - 1.0 / (1.0f64 / 3.0).sqrt()).abs() < 1e-15);
        assert_eq!(z[1].to_bits(), z[3].to_bits());
        let novelty = document_novelty(&m, &z);
        assert_eq!(novelty[3], None);
        assert!((novelty[1].expect("a pair").lowest - z[1]).abs() < 1e-15);
    }
}
