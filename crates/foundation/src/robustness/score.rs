//! A presence matrix scored: ECI of locations and PCI of activities, made comparable over replicates.
//!
//! ECI and PCI are each standardised to mean 0 and sd 1 (ddof 0) over the units that have a value. A sign that came out
//! the other way round than in the base run is turned and counted: which way is up is one choice for the whole study,
//! not one per replicate.

use crate::complexity::components::components;
use crate::complexity::eigen::{EciPci, EigenError, Sign, eci_pci_of};
use crate::presence::Presence;

/// Standardised values; `NaN` for a unit that is not in the universe.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    pub locations: Vec<f64>,
    pub activities: Vec<f64>,
}

/// Scores of one matrix and how they were reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    pub scores: Scores,
    /// The matrix was in several components; units outside the largest have no value.
    pub split: bool,
    /// Diversity could not say which way is up.
    pub sign_unsure: bool,
}

/// Why a matrix has no scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lost {
    /// Several components, the largest too small a part.
    Disconnected,
    /// λ2 = λ3: any vector of a plane would do.
    Degenerate,
    /// λ2 = 0: all locations alike.
    Flat,
    /// Fewer than two locations or activities, or nothing left.
    TooSmall,
    NotConverged,
}

impl From<EigenError> for Lost {
    fn from(error: EigenError) -> Self {
        match error {
            EigenError::Disconnected(_) => Self::Disconnected,
            EigenError::Degenerate { .. } => Self::Degenerate,
            EigenError::Flat => Self::Flat,
            EigenError::TooSmall { .. } => Self::TooSmall,
            EigenError::NotConverged => Self::NotConverged,
        }
    }
}

/// ECI and PCI of the largest component, if it holds at least the part `least_part` of the linked locations.
pub fn largest_part(m: &Presence, least_part: f64) -> Result<(EciPci, bool), Lost> {
    let parts = components(m);
    let Some(part) = parts.first() else {
        return Err(Lost::TooSmall);
    };
    let linked: usize = parts.iter().map(|p| p.locations.len()).sum();
    if parts.len() > 1 && (part.locations.len() as f64) < least_part * linked as f64 {
        return Err(Lost::Disconnected);
    }
    Ok((eci_pci_of(m, part)?, parts.len() > 1))
}

/// Standardised scores of `m`.
pub fn score(m: &Presence, least_part: f64) -> Result<Scored, Lost> {
    let (found, split) = largest_part(m, least_part)?;
    Ok(scored(found.eci, found.pci, split, found.sign))
}

/// Scores of `m` on the complexity of activities in `sample`, which holds other locations: the value of a location is the
/// mean over its activities, and complexity that no location of the sample shows is left out.
pub fn score_on_activities_of(
    sample: &Presence,
    m: &Presence,
    least_part: f64,
) -> Result<Scored, Lost> {
    let (found, split) = largest_part(sample, least_part)?;
    let eci = means(m, &found.pci);
    Ok(scored(eci, found.pci, split, found.sign))
}

/// Scores of `m` on the locations' values in `sample`, which holds other activities.
pub fn score_on_locations_of(
    sample: &Presence,
    m: &Presence,
    least_part: f64,
) -> Result<Scored, Lost> {
    let (found, split) = largest_part(sample, least_part)?;
    let pci = means(&m.transposed(), &found.eci);
    Ok(scored(found.eci, pci, split, found.sign))
}

/// `random` in the place of the matrix that `found` belongs to, at its PCI and ECI and on their scales:
/// D⁻¹ M PCI and U⁻¹ M' ECI / λ2.
pub fn score_at(random: &Presence, found: &EciPci) -> Scored {
    let eci = means(random, &found.pci);
    let mut pci = means(&random.transposed(), &found.eci);
    for value in &mut pci {
        *value /= found.eigenvalues[1];
    }
    Scored {
        scores: Scores {
            locations: on_scale_of(&found.eci, eci),
            activities: on_scale_of(&found.pci, pci),
        },
        split: false,
        sign_unsure: found.sign == Sign::FirstLargest,
    }
}

fn scored(eci: Vec<f64>, pci: Vec<f64>, split: bool, sign: Sign) -> Scored {
    Scored {
        scores: Scores {
            locations: standardised(eci),
            activities: standardised(pci),
        },
        split,
        sign_unsure: sign == Sign::FirstLargest,
    }
}

/// Mean of the known values of what each row has.
fn means(m: &Presence, values: &[f64]) -> Vec<f64> {
    (0..m.locations())
        .map(|l| {
            let known = || m.activities_of(l).filter(|a| !values[*a].is_nan());
            known().map(|a| values[a]).sum::<f64>() / known().count() as f64
        })
        .collect()
}

/// Mean 0 and sd 1 (ddof 0) over known values; all equal gives `NaN`.
fn standardised(values: Vec<f64>) -> Vec<f64> {
    on_scale_of(&values.clone(), values)
}

/// Less the mean of `scale`, over its sd.
fn on_scale_of(scale: &[f64], mut values: Vec<f64>) -> Vec<f64> {
    let known = || scale.iter().filter(|v| !v.is_nan());
    let n = known().count() as f64;
    let mean = known().sum::<f64>() / n;
    let sd = (known().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    for value in &mut values {
        *value = (*value - mean) / sd;
    }
    values
}

/// Pearson correlation over pairs known in both; `NaN` where there are fewer than two or one side is constant.
pub fn correlation(x: &[f64], y: &[f64]) -> f64 {
    let pairs = || {
        x.iter()
            .zip(y)
            .filter(|(a, b)| !a.is_nan() && !b.is_nan())
            .map(|(a, b)| (*a, *b))
    };
    let n = pairs().count() as f64;
    let mean_x = pairs().map(|p| p.0).sum::<f64>() / n;
    let mean_y = pairs().map(|p| p.1).sum::<f64>() / n;
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (a, b) in pairs() {
        xy += (a - mean_x) * (b - mean_y);
        xx += (a - mean_x).powi(2);
        yy += (b - mean_y).powi(2);
    }
    xy / (xx * yy).sqrt()
}

/// Rank of every value, 1 is highest, ties by position; `None` where unknown.
pub fn ranks(values: &[f64]) -> Vec<Option<u32>> {
    let mut order: Vec<usize> = (0..values.len()).filter(|i| !values[*i].is_nan()).collect();
    order.sort_by(|a, b| values[*b].total_cmp(&values[*a]).then(a.cmp(b)));
    let mut ranks = vec![None; values.len()];
    for (rank, i) in order.into_iter().enumerate() {
        ranks[i] = Some(rank as u32 + 1);
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_projection_on_the_same_matrix_changes_nothing() {
        let m = Presence::from_fn(7, 9, |l, a| (l * 5 + a * 3) % 7 < 3 || a <= l);
        let plain = score(&m, 0.9).expect("connected").scores;
        for other in [
            score_at(&m, &largest_part(&m, 0.9).expect("connected").0),
            score_on_activities_of(&m, &m, 0.9).expect("connected"),
            score_on_locations_of(&m, &m, 0.9).expect("connected"),
        ] {
            let both = plain.locations.iter().zip(&other.scores.locations);
            let more = plain.activities.iter().zip(&other.scores.activities);
            for (a, b) in both.chain(more) {
                assert!((a - b).abs() < 1e-9, "{a} {b}");
            }
        }
        let mean: f64 = plain.locations.iter().sum();
        assert!(mean.abs() < 1e-12);
    }

    #[test]
    fn a_small_part_is_scored_without_and_a_large_split_is_lost() {
        let small = Presence::from_fn(
            22,
            13,
            |l, a| {
                if l < 20 { a < 12 && a <= l } else { a == 12 }
            },
        );
        let found = score(&small, 0.9).expect("20 of 22");
        assert!(found.split && found.scores.locations[21].is_nan());
        assert_eq!(score(&small, 0.95), Err(Lost::Disconnected));
        assert_eq!(ranks(&[0.5, f64::NAN, 2.0]), [Some(2), None, Some(1)]);
    }
}
