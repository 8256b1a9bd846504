//! ECI and PCI by one small symmetric eigenproblem.
//!
//! With D the diversities and U the ubiquities (Hidalgo and Hausmann, 2009; Hausmann et al., 2014; Caldarelli et al., 2012):
//!
//! ```text
//! M̃ = D⁻¹ M U⁻¹ M'                ECI is its second right eigenvector, ECI = D⁻¹ M PCI
//! S = D^-½ M U⁻¹ M' D^-½           symmetric, same eigenvalues 1 = λ1 ≥ λ2 ≥ …; ECI ∝ D^-½ v2
//! PCI ∝ U⁻¹ M' ECI                 scaled to |PCI| = 1
//! ```
//!
//! S is built on the smaller side (226 countries rather than 5,000 products) and solved whole, so that the gap
//! λ2 - λ3 comes with every result. Everything is sequential and in a fixed order: the same bits on any number of threads.

use faer::{Mat, Side};

use super::components::{Component, components};
use crate::presence::Presence;

/// The second eigenvector and how firmly it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct EciPci {
    /// D⁻¹ M `pci`; `NaN` for a location of no activity.
    pub eci: Vec<f64>,
    /// Of length 1 (Σ pci² = 1); `NaN` for an activity of no location.
    pub pci: Vec<f64>,
    /// λ1 = 1, λ2, …, descending, all of the smaller side.
    pub eigenvalues: Vec<f64>,
    /// How the sign was chosen.
    pub sign: Sign,
}

impl EciPci {
    /// λ2 - λ3: how far the second vector stands from the next; λ2 where there is no third.
    pub fn gap(&self) -> f64 {
        self.eigenvalues[1] - self.eigenvalues.get(2).copied().unwrap_or(0.0)
    }
}

/// Which way is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// The correlation of ECI with diversity is positive.
    Diversity,
    /// Diversity says nothing (correlation 0 within rounding): the first location of the largest |ECI| is positive.
    FirstLargest,
}

/// Why there is no ECI.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EigenError {
    #[error(
        "{locations} locations and {activities} activities with a link: need at least 2 of each"
    )]
    TooSmall { locations: usize, activities: usize },
    #[error("the matrix falls into {} components", .0.len())]
    Disconnected(Vec<Component>),
    #[error("the second and third eigenvalue are equal ({second} and {third})")]
    Degenerate { second: f64, third: f64 },
    #[error("the second eigenvalue is zero: every location looks the same")]
    Flat,
    #[error("the eigenvalues did not converge")]
    NotConverged,
}

/// λ2 - λ3 and λ2 below this count as zero.
pub const DEGENERATE: f64 = 1e-9;

/// ECI and PCI of a connected matrix. Units without any link are left out and come back as `NaN`.
///
/// Fails where there is no such thing: a matrix in several components, equal second and third eigenvalues (any vector of
/// their plane would do), or no second eigenvalue at all.
pub fn eci_pci(presence: &Presence) -> Result<EciPci, EigenError> {
    let parts = components(presence);
    let Some(part) = parts.first() else {
        return Err(EigenError::TooSmall {
            locations: 0,
            activities: 0,
        });
    };
    if parts.len() > 1 {
        return Err(EigenError::Disconnected(parts));
    }
    eci_pci_of(presence, part)
}

/// ECI and PCI within one component; all other units come back as `NaN`.
pub fn eci_pci_of(presence: &Presence, part: &Component) -> Result<EciPci, EigenError> {
    let (locations, activities) = (&part.locations, &part.activities);
    if locations.len() < 2 || activities.len() < 2 {
        return Err(EigenError::TooSmall {
            locations: locations.len(),
            activities: activities.len(),
        });
    }
    let on_locations = locations.len() <= activities.len();
    let (eigenvalues, second) = if on_locations {
        second_vector(presence, locations, activities)?
    } else {
        second_vector(&presence.transposed(), activities, locations)?
    };
    let third = eigenvalues.get(2).copied().unwrap_or(0.0);
    if eigenvalues[1] < DEGENERATE {
        return Err(EigenError::Flat);
    }
    if eigenvalues[1] - third < DEGENERATE {
        return Err(EigenError::Degenerate {
            second: eigenvalues[1],
            third,
        });
    }
    let (d, u) = (presence.diversity(), presence.ubiquity());
    let mut pci = vec![f64::NAN; presence.activities()];
    if on_locations {
        let mut k = vec![0.0; presence.locations()];
        for (l, v) in locations.iter().zip(&second) {
            k[*l] = v / f64::from(d[*l]).sqrt();
        }
        for a in activities {
            pci[*a] = presence.locations_of(*a).map(|l| k[l]).sum::<f64>() / f64::from(u[*a]);
        }
    } else {
        for (a, v) in activities.iter().zip(&second) {
            pci[*a] = v / f64::from(u[*a]).sqrt();
        }
    }
    let length = activities
        .iter()
        .map(|a| pci[*a] * pci[*a])
        .sum::<f64>()
        .sqrt();
    for a in activities {
        pci[*a] /= length;
    }
    let mut eci = vec![f64::NAN; presence.locations()];
    for l in locations {
        eci[*l] = presence.activities_of(*l).map(|a| pci[a]).sum::<f64>() / f64::from(d[*l]);
    }
    let (factor, sign) = orientation(&eci, d, locations);
    for value in eci.iter_mut().chain(&mut pci) {
        *value *= factor;
    }
    Ok(EciPci {
        eci,
        pci,
        eigenvalues,
        sign,
    })
}

/// Eigenvalues of S, descending, and the vector of the second.
fn second_vector(
    presence: &Presence,
    rows: &[usize],
    columns: &[usize],
) -> Result<(Vec<f64>, Vec<f64>), EigenError> {
    let n = rows.len();
    let mut place = vec![usize::MAX; presence.locations()];
    for (i, l) in rows.iter().enumerate() {
        place[*l] = i;
    }
    // Row-major lower triangle of M U⁻¹ M', one activity after the other.
    let mut s = vec![0.0; n * n];
    for a in columns {
        let members: Vec<usize> = presence.locations_of(*a).map(|l| place[l]).collect();
        let share = 1.0 / f64::from(presence.ubiquity()[*a]);
        for (k, i) in members.iter().enumerate() {
            let row = &mut s[i * n..(i + 1) * n];
            for j in &members[..=k] {
                row[*j] += share;
            }
        }
    }
    let root: Vec<f64> = rows
        .iter()
        .map(|l| f64::from(presence.diversity()[*l]).sqrt())
        .collect();
    let matrix = Mat::from_fn(n, n, |i, j| {
        let (i, j) = (i.max(j), i.min(j));
        s[i * n + j] / (root[i] * root[j])
    });
    let solved = matrix
        .self_adjoint_eigen(Side::Lower)
        .map_err(|_| EigenError::NotConverged)?;
    let values = solved.S().column_vector();
    let eigenvalues = (0..n).rev().map(|i| values[i]).collect();
    let vectors = solved.U();
    let second = (0..n).map(|i| vectors[(i, n - 2)]).collect();
    Ok((eigenvalues, second))
}

/// +1 or -1, and by which rule.
fn orientation(eci: &[f64], diversity: &[u32], locations: &[usize]) -> (f64, Sign) {
    let n = locations.len() as f64;
    let mean_k = locations.iter().map(|l| eci[*l]).sum::<f64>() / n;
    let mean_d = locations
        .iter()
        .map(|l| f64::from(diversity[*l]))
        .sum::<f64>()
        / n;
    let (mut both, mut kk, mut dd) = (0.0, 0.0, 0.0);
    for l in locations {
        let (k, d) = (eci[*l] - mean_k, f64::from(diversity[*l]) - mean_d);
        both += k * d;
        kk += k * k;
        dd += d * d;
    }
    if both.abs() > 1e-9 * (kk * dd).sqrt() {
        return (both.signum(), Sign::Diversity);
    }
    let largest = locations.iter().map(|l| eci[*l].abs()).fold(0.0, f64::max);
    let first = locations
        .iter()
        .map(|l| eci[*l])
        .find(|k| k.abs() >= largest * (1.0 - 1e-9))
        .unwrap_or(1.0);
    (first.signum(), Sign::FirstLargest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn triangle(n: usize) -> Presence {
        Presence::from_fn(n, n, |l, a| a <= l)
    }

    #[test]
    fn a_triangle_ranks_by_diversity_and_ubiquity() {
        let found = eci_pci(&triangle(6)).expect("a vector");
        assert!(found.eci.windows(2).all(|w| w[0] < w[1]));
        assert!(found.pci.windows(2).all(|w| w[0] < w[1]));
        assert!((found.eigenvalues[0] - 1.0).abs() < 1e-14);
        assert_eq!(found.sign, Sign::Diversity);
        assert!(found.gap() > 0.0);
    }

    #[test]
    fn what_has_no_answer_gets_none() {
        let two = Presence::from_fn(4, 4, |l, a| l / 2 == a / 2);
        let Err(EigenError::Disconnected(parts)) = eci_pci(&two) else {
            panic!("two components")
        };
        assert_eq!(parts[1].locations, [2, 3]);
        let same = Presence::from_fn(3, 4, |_, _| true);
        assert_eq!(eci_pci(&same), Err(EigenError::Flat));
        // A ring: every pair of neighbours shares one activity, so the second eigenvalue is double.
        let ring = Presence::from_fn(6, 6, |l, a| a == l || a == (l + 1) % 6);
        assert!(matches!(eci_pci(&ring), Err(EigenError::Degenerate { .. })));
        let none = Presence::from_fn(3, 3, |_, _| false);
        assert!(matches!(eci_pci(&none), Err(EigenError::TooSmall { .. })));
    }

    #[test]
    fn a_unit_without_links_is_left_out_and_moves_nothing() {
        let plain = eci_pci(&triangle(5)).expect("a vector");
        let wider = Presence::from_fn(6, 7, |l, a| l < 5 && a < 5 && a <= l);
        let found = eci_pci(&wider).expect("a vector");
        assert!(found.eci[5].is_nan() && found.pci[5].is_nan() && found.pci[6].is_nan());
        assert_eq!(found.eci[..5], plain.eci[..]);
    }

    proptest! {
        #[test]
        fn the_vector_is_an_eigenvector_on_either_side(
            locations in 3usize..9, activities in 3usize..9, seed in any::<u64>()
        ) {
            let m = Presence::from_fn(locations, activities, |l, a| {
                a == 0 || (seed ^ (l as u64 * 7919 + a as u64 * 104_729)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 63 == 0
            });
            let Ok(found) = eci_pci(&m) else { return Ok(()) };
            let lambda = found.eigenvalues[1];
            for a in (0..activities).filter(|a| m.ubiquity()[*a] > 0) {
                let back = m.locations_of(a).map(|l| found.eci[l]).sum::<f64>() / f64::from(m.ubiquity()[a]);
                prop_assert!((back - lambda * found.pci[a]).abs() < 1e-9 / found.gap().max(1e-3));
            }
            // The other side of the same problem.
            let t = eci_pci(&m.transposed()).expect("the same eigenvalues");
            prop_assert!((t.eigenvalues[1] - lambda).abs() < 1e-12);
        }
    }
}
