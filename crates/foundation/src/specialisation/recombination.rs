//! Ease of recombination of technologies and modular complexity of documents (Fleming and Sorenson, 2001).
//!
//! Documents are the rows of the presence matrix, technology classes its columns.
//!
//! ```text
//! E_i = number of other classes that i was ever combined with / number of documents with i     (Partners)
//! E_i = documents with i and any other class / documents with i                                (Documents)
//! K_d = n_d / Σ_{i in d} E_i          modular complexity of document d: hard to recombine, large
//! ```
//!
//! `Partners` is Fleming and Sorenson's measure and EconGeo's; `Documents` is what econcomplex 1.0.1 computes under the
//! same name (0..1). EconGeo rounds E to two digits and prints 0 where K is infinite.

use super::{SpecialisationError, length};
use crate::presence::Presence;

/// Which combinations count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Combinations {
    /// Distinct classes ever combined with (Fleming and Sorenson, 2001).
    #[default]
    Partners,
    /// Documents that combine (econcomplex).
    Documents,
}

/// Ease of every class, ≥ 0; `NaN` for a class in no document.
pub fn ease_of_recombination(documents: &Presence, combinations: Combinations) -> Vec<f64> {
    let classes = documents.activities();
    (0..classes)
        .map(|i| {
            let combined = match combinations {
                Combinations::Partners => (0..classes)
                    .filter(|j| *j != i && documents.both_activities(i, *j) > 0)
                    .count(),
                Combinations::Documents => documents
                    .locations_of(i)
                    .filter(|d| documents.diversity()[*d] > 1)
                    .count(),
            };
            let n = documents.ubiquity()[i];
            if n == 0 {
                f64::NAN
            } else {
                combined as f64 / f64::from(n)
            }
        })
        .collect()
}

/// Modular complexity of every document, > 0; `NaN` where its classes were never combined, or it has none.
pub fn modular_complexity(
    documents: &Presence,
    ease: &[f64],
) -> Result<Vec<f64>, SpecialisationError> {
    length("ease", ease.len(), documents.activities())?;
    Ok((0..documents.locations())
        .map(|d| {
            let sum: f64 = documents.activities_of(d).map(|i| ease[i]).sum();
            if sum > 0.0 {
                f64::from(documents.diversity()[d]) / sum
            } else {
                f64::NAN
            }
        })
        .collect())
}

/// Mean of a number of the documents over the documents of each column: average modular complexity of the classes, or of
/// the places where `documents` says in which places a document originates. Documents without the number take no part.
pub fn mean_over_documents(
    documents: &Presence,
    number: &[f64],
) -> Result<Vec<f64>, SpecialisationError> {
    length(
        "number of the documents",
        number.len(),
        documents.locations(),
    )?;
    Ok((0..documents.activities())
        .map(|i| super::weighted_mean(documents.locations_of(i).map(|d| (number[d], 1.0))))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_documents_by_hand() {
        // d0: {0, 1}, d1: {0, 2}, d2: {0}, d3: {3}.
        let has = [[1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 1]];
        let m = Presence::from_fn(4, 4, |d, i| has[d][i] == 1);
        let ease = ease_of_recombination(&m, Combinations::Partners);
        assert_eq!(ease, [2.0 / 3.0, 1.0, 1.0, 0.0]);
        let by_documents = ease_of_recombination(&m, Combinations::Documents);
        assert_eq!(by_documents, [2.0 / 3.0, 1.0, 1.0, 0.0]);
        let k = modular_complexity(&m, &ease).expect("lengths fit");
        assert!((k[0] - 2.0 / (2.0 / 3.0 + 1.0)).abs() < 1e-15);
        assert!((k[2] - 1.5).abs() < 1e-15);
        assert!(k[3].is_nan(), "never combined");
        let mean = mean_over_documents(&m, &k).expect("lengths fit");
        assert!((mean[0] - (1.2 + 1.2 + 1.5) / 3.0).abs() < 1e-15);
        assert!(mean[3].is_nan());
    }
}
