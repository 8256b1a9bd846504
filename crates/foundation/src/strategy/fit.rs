//! Ordinary least squares with standard errors, classical and clustered.
//!
//! ```text
//! b = argmin |y - X b|²,   V = s² (X'X)⁻¹,   s² = |y - X b|² / (n - k)
//! V_cluster = (X'X)⁻¹ (Σ_g X_g' e_g e_g' X_g) (X'X)⁻¹ · G/(G-1) · (n-1)/(n-k)
//! ```
//!
//! Observations of one location are not independent, so the clustered errors (Liang and Zeger, 1986; CR1) are the ones to
//! read. Solved by orthogonalisation (Gram-Schmidt, twice), not by normal equations.

/// A fitted equation.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    pub coefficients: Vec<f64>,
    /// Clustered covariance, row-major k × k.
    pub covariance: Vec<f64>,
    /// Classical standard errors.
    pub classical: Vec<f64>,
    pub observations: usize,
    pub clusters: usize,
    /// Explained part of the variance of y around its mean.
    pub r_squared: f64,
}

impl Fit {
    /// Clustered standard error of coefficient `k`.
    pub fn standard_error(&self, k: usize) -> f64 {
        self.covariance[k * self.coefficients.len() + k].sqrt()
    }
}

/// Why there is no fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FitError {
    #[error("{observations} observations in {clusters} clusters for {coefficients} coefficients")]
    TooFew {
        observations: usize,
        clusters: usize,
        coefficients: usize,
    },
    #[error("column {column} is a combination of the columns before it")]
    Collinear { column: usize },
}

/// A column that orthogonalisation leaves shorter than this, relative to what it was, is collinear.
const COLLINEAR: f64 = 1e-10;

/// Fits y on the columns of X (each as long as `y`); `cluster` names the cluster of each observation.
pub fn least_squares(columns: &[Vec<f64>], y: &[f64], cluster: &[usize]) -> Result<Fit, FitError> {
    let (n, k) = (y.len(), columns.len());
    let mut groups = cluster.to_vec();
    groups.sort_unstable();
    groups.dedup();
    if n <= k || groups.len() < 2 {
        return Err(FitError::TooFew {
            observations: n,
            clusters: groups.len(),
            coefficients: k,
        });
    }
    let (q, r) = orthogonal(columns)?;
    let projected: Vec<f64> = q.iter().map(|column| dot(column, y)).collect();
    let coefficients = back_substitute(&r, &projected);
    let residuals: Vec<f64> = (0..n)
        .map(|i| y[i] - (0..k).map(|j| columns[j][i] * coefficients[j]).sum::<f64>())
        .collect();
    let inverse = inverse_of_square(&r);
    let rest = dot(&residuals, &residuals);
    let scale = rest / (n - k) as f64;
    let mean = y.iter().sum::<f64>() / n as f64;
    let all: f64 = y.iter().map(|v| (v - mean).powi(2)).sum();

    // Scores Σ x e of each cluster.
    let mut scores = vec![vec![0.0; k]; groups.len()];
    for i in 0..n {
        let g = groups.partition_point(|known| *known < cluster[i]);
        for j in 0..k {
            scores[g][j] += columns[j][i] * residuals[i];
        }
    }
    let many = groups.len() as f64;
    let correction = many / (many - 1.0) * (n as f64 - 1.0) / (n - k) as f64;
    // (X'X)⁻¹ score for each cluster; their outer products add up to the covariance.
    let moved: Vec<Vec<f64>> = scores
        .iter()
        .map(|s| {
            (0..k)
                .map(|i| dot(&inverse[i * k..(i + 1) * k], s))
                .collect()
        })
        .collect();
    let covariance = (0..k * k)
        .map(|c| correction * moved.iter().map(|m| m[c / k] * m[c % k]).sum::<f64>())
        .collect();
    Ok(Fit {
        classical: (0..k)
            .map(|j| (scale * inverse[j * k + j]).sqrt())
            .collect(),
        coefficients,
        covariance,
        observations: n,
        clusters: groups.len(),
        r_squared: if all > 0.0 {
            1.0 - rest / all
        } else {
            f64::NAN
        },
    })
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

type Columns = Vec<Vec<f64>>;

/// X = Q R with orthonormal columns of Q; R as rows of the upper triangle.
fn orthogonal(columns: &[Vec<f64>]) -> Result<(Columns, Columns), FitError> {
    let k = columns.len();
    let mut q: Vec<Vec<f64>> = Vec::with_capacity(k);
    let mut r = vec![vec![0.0; k]; k];
    for (j, column) in columns.iter().enumerate() {
        let mut rest = column.clone();
        let length = dot(column, column).sqrt();
        // Once more against what rounding left behind.
        for _ in 0..2 {
            for (i, done) in q.iter().enumerate() {
                let part = dot(done, &rest);
                r[i][j] += part;
                for (x, d) in rest.iter_mut().zip(done) {
                    *x -= part * d;
                }
            }
        }
        let left = dot(&rest, &rest).sqrt();
        if left.is_nan() || left <= COLLINEAR * length {
            return Err(FitError::Collinear { column: j });
        }
        r[j][j] = left;
        for x in &mut rest {
            *x /= left;
        }
        q.push(rest);
    }
    Ok((q, r))
}

fn back_substitute(r: &[Vec<f64>], right: &[f64]) -> Vec<f64> {
    let k = right.len();
    let mut x = vec![0.0; k];
    for i in (0..k).rev() {
        let known: f64 = (i + 1..k).map(|j| r[i][j] * x[j]).sum();
        x[i] = (right[i] - known) / r[i][i];
    }
    x
}

/// (R'R)⁻¹ = R⁻¹ R⁻ᵀ, row-major.
fn inverse_of_square(r: &[Vec<f64>]) -> Vec<f64> {
    let k = r.len();
    // Column c of R⁻¹.
    let inverse: Vec<Vec<f64>> = (0..k)
        .map(|c| {
            let unit: Vec<f64> = (0..k).map(|i| f64::from(u8::from(i == c))).collect();
            back_substitute(r, &unit)
        })
        .collect();
    (0..k * k)
        .map(|at| {
            inverse
                .iter()
                .map(|column| column[at / k] * column[at % k])
                .sum()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_by_hand() {
        // y = 1 + 2x with residuals (1, -2, 1)/6·…: x = 0, 1, 2; y = 1, 2, 5 → slope 2, intercept 2/3.
        let x = vec![vec![0.0, 1.0, 2.0], vec![1.0; 3]];
        let fit = least_squares(&x, &[1.0, 2.0, 5.0], &[0, 1, 2]).expect("a fit");
        assert!((fit.coefficients[0] - 2.0).abs() < 1e-14);
        assert!((fit.coefficients[1] - 2.0 / 3.0).abs() < 1e-14);
        // s² = 2/3 over Σ(x - 1)² = 2.
        assert!((fit.classical[0] - (1.0f64 / 3.0).sqrt()).abs() < 1e-14);
    }

    #[test]
    fn what_cannot_be_told_apart_is_named() {
        let x = vec![vec![1.0, 2.0, 3.0, 4.0], vec![2.0, 4.0, 6.0, 8.0]];
        let error = least_squares(&x, &[1.0, 2.0, 3.0, 5.0], &[0, 1, 2, 3]);
        assert_eq!(error, Err(FitError::Collinear { column: 1 }));
    }
}
