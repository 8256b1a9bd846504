//! Weights: equal, by the first principal component, or, for each unit, those that show it in the best light.
//!
//! Weights are not importances: see [`super::correlation_ratio`].
//!
//! ```text
//! PCA                     w_j = |l_j| / Σ |l|, l the first eigenvector of the correlation matrix
//! benefit of the doubt    max_w Σ_j w_j y_ij  s.t.  Σ_j w_j y_kj <= 1 for all k, w >= 0      (Melyn & Moesen 1991; Cherchye et
//!                         al. 2007); optionally each part w_j y_ij at least a share of the whole
//! ```

use crate::solver::{Limits, Outcome, Program};

/// One for each part.
pub fn equal(parts: usize) -> Vec<f64> {
    vec![1.0; parts]
}

/// Weights by the first principal component of the units without a gap.
///
/// `None` where fewer than three units are complete, a part does not vary, or the component has both signs: it then sets parts
/// against each other and gives no weights.
pub fn pca(parts: &[Vec<Option<f64>>]) -> Option<Vec<f64>> {
    let units = parts.first().map_or(0, Vec::len);
    let complete: Vec<usize> = (0..units)
        .filter(|i| parts.iter().all(|part| part[*i].is_some()))
        .collect();
    let n = complete.len() as f64;
    if complete.len() < 3 {
        return None;
    }
    let standard: Option<Vec<Vec<f64>>> = parts
        .iter()
        .map(|part| {
            let x: Vec<f64> = complete.iter().filter_map(|i| part[*i]).collect();
            let mean = x.iter().sum::<f64>() / n;
            let sd = (x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
            (sd > 0.0).then(|| x.iter().map(|x| (x - mean) / sd).collect())
        })
        .collect();
    let standard = standard?;
    let correlation: Vec<Vec<f64>> = standard
        .iter()
        .map(|a| {
            let with = |b: &Vec<f64>| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / n;
            standard.iter().map(with).collect()
        })
        .collect();
    let vector = first_eigenvector(correlation);
    let positive = vector.iter().all(|l| *l >= -1e-12);
    let negative = vector.iter().all(|l| *l <= 1e-12);
    let sum: f64 = vector.iter().map(|l| l.abs()).sum();
    (positive || negative).then(|| vector.iter().map(|l| l.abs() / sum).collect())
}

/// The eigenvector of the largest eigenvalue of a symmetric matrix (cyclic Jacobi rotations; Golub & Van Loan, 8.5).
fn first_eigenvector(mut a: Vec<Vec<f64>>) -> Vec<f64> {
    let n = a.len();
    let mut v: Vec<Vec<f64>> = (0..n)
        .map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect())
        .collect();
    for _ in 0..100 {
        let off: f64 = (0..n)
            .flat_map(|i| (0..i).map(move |j| (i, j)))
            .map(|(i, j)| a[i][j] * a[i][j])
            .sum();
        if off < 1e-28 {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                if a[p][q].abs() < f64::MIN_POSITIVE {
                    continue;
                }
                let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
                let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                let t = if theta == 0.0 { 1.0 } else { t };
                let c = 1.0 / (t * t + 1.0).sqrt();
                let s = t * c;
                for row in &mut a {
                    (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
                }
                let (above, below) = a.split_at_mut(q);
                for (x, y) in above[p].iter_mut().zip(&mut below[0]) {
                    (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
                }
                for row in &mut v {
                    (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
                }
            }
        }
    }
    let first = (0..n).fold(0, |best, k| if a[k][k] > a[best][best] { k } else { best });
    v.iter().map(|row| row[first]).collect()
}

/// The best light on one unit.
#[derive(Debug, Clone, PartialEq)]
pub struct BenefitOfDoubt {
    /// 0..1; 1: no unit does better under this unit's own best weights.
    pub score: f64,
    /// By part; they do not add up to 1.
    pub weights: Vec<f64>,
}

/// Benefit of the doubt for every unit, with each part at least `least_share` of a unit's own score.
///
/// `None` for a unit with a missing or negative part, or where the program has no solution. Parts must be scaled alike and
/// not negative; units with a negative part bound nobody.
pub fn benefit_of_the_doubt(
    parts: &[Vec<Option<f64>>],
    least_share: f64,
) -> Vec<Option<BenefitOfDoubt>> {
    let units = parts.first().map_or(0, Vec::len);
    let rows: Vec<Option<Vec<f64>>> = (0..units)
        .map(|i| {
            let row: Option<Vec<f64>> = parts.iter().map(|part| part[i]).collect();
            row.filter(|row| row.iter().all(|y| *y >= 0.0))
        })
        .collect();
    let largest = rows
        .iter()
        .flatten()
        .flatten()
        .fold(0.0_f64, |m, y| m.max(*y));
    if largest <= 0.0 {
        return vec![None; units];
    }
    rows.iter()
        .map(|own| {
            let own = own.as_ref()?;
            let mut program = Program::default();
            // Scaled to values of at most 1; the weights are scaled back below.
            let w: Vec<_> = own
                .iter()
                .map(|y| program.column(y / largest, 0.0, f64::INFINITY))
                .collect();
            for other in rows.iter().flatten() {
                let terms = w.iter().zip(other).map(|(c, y)| (*c, y / largest));
                program.at_most(terms.filter(|(_, y)| *y > 0.0).collect(), 1.0);
            }
            for j in 0..own.len() {
                if least_share > 0.0 {
                    let terms = (w.iter().zip(own).enumerate())
                        .map(|(k, (c, y))| {
                            let part = f64::from(u8::from(k == j));
                            (*c, (part - least_share) * y / largest)
                        })
                        .collect();
                    program.at_least(terms, 0.0);
                }
            }
            // A part that is 0 for everybody may weigh anything: it is given nothing.
            for (j, c) in w.iter().enumerate() {
                if rows.iter().flatten().all(|row| row[j] <= 0.0) {
                    program.fix(*c, 0.0);
                }
            }
            let limits = Limits {
                time_limit_seconds: None,
                ..Limits::default()
            };
            match program.maximise(&limits, None) {
                Outcome::Solved(solved) => Some(BenefitOfDoubt {
                    score: solved.value,
                    weights: solved.values.iter().map(|w| w / largest).collect(),
                }),
                Outcome::Infeasible | Outcome::Stopped { .. } => None,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_best_light_by_hand() {
        // (1, 0), (0, 1), (0.5, 0.25): the third may choose w = (1, 1): 0.75, which keeps the others at 1.
        let parts = [
            vec![Some(1.0), Some(0.0), Some(0.5), None],
            vec![Some(0.0), Some(1.0), Some(0.25), Some(1.0)],
        ];
        let b = benefit_of_the_doubt(&parts, 0.0);
        assert!((b[0].as_ref().unwrap().score - 1.0).abs() < 1e-9);
        assert!((b[2].as_ref().unwrap().score - 0.75).abs() < 1e-9);
        assert!(b[3].is_none());
    }

    #[test]
    fn two_alike_parts_share_the_first_component() {
        let x = vec![Some(1.0), Some(2.0), Some(4.0), Some(3.0)];
        let w = pca(&[x.clone(), x.clone()]).unwrap();
        assert!((w[0] - 0.5).abs() < 1e-12 && (w[1] - 0.5).abs() < 1e-12);
        let minus = x.iter().map(|x| x.map(|x| -x)).collect();
        assert!(pca(&[x, minus]).is_none());
    }
}
