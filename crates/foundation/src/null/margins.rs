//! Cells whose expected row and column sums are given: the one equation behind all null models here.
//!
//! Among all distributions of a table with given expected sums, the one of largest entropy has independent cells with
//! natural parameter z_ij = θ_i + φ_j and mean μ(z) (Squartini and Garlaschelli, 2011):
//!
//! ```text
//! presence (0, 1)     ψ(z) = ln(1 + e^z)      μ = 1/(1 + e^-z)
//! values ≥ 0          ψ(z) = -ln(-z), z < 0   μ = -1/z
//! counts 0, 1, 2, …   ψ(z) = -ln(1 - e^z)     μ = 1/(e^-z - 1)
//! minimise F(θ, φ) = Σ w_ij ψ(θ_i + φ_j) - Σ θ_i s_i - Σ φ_j t_j;   gradient zero: Σ_j w_ij μ = s_i, Σ_i w_ij μ = t_j
//! ```
//!
//! F is convex, so Newton's method with a step that always lowers F ends at the one solution. Its matrix is the
//! Laplacian of a weighted bipartite graph: the larger side is eliminated, one node is held at zero (θ + c, φ - c is
//! the same table), and the diagonal is summed from the off-diagonal parts, so that nothing cancels.

use faer::linalg::solvers::Solve;
use faer::{Mat, Side};

/// What a cell can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// 0 or 1.
    Bernoulli,
    /// Any value ≥ 0.
    Exponential,
    /// 0, 1, 2, …
    Geometric,
}

impl Family {
    /// ψ(z); infinite outside its domain.
    fn potential(self, z: f64) -> f64 {
        match self {
            Self::Bernoulli => z.max(0.0) + (-z.abs()).exp().ln_1p(),
            _ if z >= 0.0 => f64::INFINITY,
            Self::Exponential => -(-z).ln(),
            Self::Geometric => -(-z.exp_m1()).ln(),
        }
    }

    /// Mean and variance, ψ' and ψ''.
    pub(super) fn moments(self, z: f64) -> (f64, f64) {
        match self {
            Self::Bernoulli => {
                let small = (-z.abs()).exp();
                let rare = small / (1.0 + small);
                let mean = if z < 0.0 { rare } else { 1.0 / (1.0 + small) };
                (mean, rare / (1.0 + small))
            }
            Self::Exponential => (-1.0 / z, 1.0 / (z * z)),
            Self::Geometric => {
                let mean = 1.0 / (-z).exp_m1();
                (mean, mean * (1.0 + mean))
            }
        }
    }
}

/// Sums to be met; every sum must be above 0 (and below its weight for `Bernoulli`), both sides with the same total.
#[derive(Debug, Clone)]
pub(super) struct Margins {
    pub family: Family,
    /// w_ij, row-major: how many cells stand behind (i, j); 0 where there is none.
    pub weights: Vec<f64>,
    pub rows: Vec<f64>,
    pub columns: Vec<f64>,
}

/// θ and φ, and how well the sums are met.
#[derive(Debug, Clone)]
pub(super) struct Parameters {
    pub rows: Vec<f64>,
    pub columns: Vec<f64>,
    /// Largest |Σ w μ - s| relative to s (`Bernoulli`: relative to the smaller of ones and zeros).
    pub worst: f64,
    pub steps: usize,
}

/// The state of an iteration: gradient and weights of the Newton matrix.
struct Slope {
    rows: Vec<f64>,
    columns: Vec<f64>,
    /// w_ij ψ''.
    curvature: Vec<f64>,
    worst: f64,
}

const MOST_HALVINGS: usize = 60;

impl Margins {
    /// Newton's method from a start that is exact where all margins of a side are equal. Stops one step after
    /// `tolerance` is met, after `steps` or where no step lowers F any more; the caller looks at `worst`.
    pub(super) fn solve(&self, tolerance: f64, steps: usize) -> Parameters {
        if self.rows.len() > self.columns.len() {
            let other = self.transposed().solve(tolerance, steps);
            return Parameters {
                rows: other.columns,
                columns: other.rows,
                ..other
            };
        }
        let (mut rows, mut columns) = self.start();
        let mut slope = self.slope(&rows, &columns);
        let mut objective = self.objective(&rows, &columns);
        let mut done = 0;
        let mut polished = slope.worst == 0.0;
        while done < steps && !polished {
            polished = slope.worst <= tolerance;
            done += 1;
            let (by_row, by_column) = self.newton(&slope);
            let descent: f64 = dot(&slope.rows, &by_row) + dot(&slope.columns, &by_column);
            let mut length = self.longest(&rows, &columns, &by_row, &by_column);
            let mut found = None;
            for _ in 0..MOST_HALVINGS {
                let r = along(&rows, &by_row, length);
                let c = along(&columns, &by_column, length);
                let value = self.objective(&r, &c);
                // Where F no longer shows the difference, the gradient still does.
                let flat = descent.abs() <= 1e-8 * (1.0 + objective.abs());
                if value <= objective + 1e-4 * length * descent || flat {
                    let next = self.slope(&r, &c);
                    if !flat || next.worst < slope.worst {
                        found = Some((r, c, value, next));
                        break;
                    }
                }
                length /= 2.0;
            }
            let Some((r, c, value, next)) = found else {
                break;
            };
            (rows, columns, objective, slope) = (r, c, value, next);
        }
        Parameters {
            rows,
            columns,
            worst: slope.worst,
            steps: done,
        }
    }

    fn transposed(&self) -> Self {
        let (n, m) = (self.rows.len(), self.columns.len());
        Self {
            family: self.family,
            weights: (0..n * m)
                .map(|k| self.weights[(k % n) * m + k / n])
                .collect(),
            rows: self.columns.clone(),
            columns: self.rows.clone(),
        }
    }

    /// Weight of every row and column.
    fn sizes(&self) -> (Vec<f64>, Vec<f64>) {
        let m = self.columns.len();
        let mut columns = vec![0.0; m];
        let rows = self
            .weights
            .chunks_exact(m)
            .map(|row| {
                for (total, w) in columns.iter_mut().zip(row) {
                    *total += w;
                }
                row.iter().sum()
            })
            .collect();
        (rows, columns)
    }

    fn start(&self) -> (Vec<f64>, Vec<f64>) {
        let (row_sizes, column_sizes) = self.sizes();
        let guess = |sums: &[f64], sizes: &[f64]| -> Vec<f64> {
            let each = |s: f64, n: f64| match self.family {
                Family::Bernoulli => (s / (n - s)).ln(),
                Family::Exponential => -n / (2.0 * s),
                Family::Geometric => -(n / s).ln_1p() / 2.0,
            };
            sums.iter().zip(sizes).map(|(s, n)| each(*s, *n)).collect()
        };
        let rows = guess(&self.rows, &row_sizes);
        let mut columns = guess(&self.columns, &column_sizes);
        if self.family == Family::Bernoulli {
            let (ones, all) = (self.rows.iter().sum::<f64>(), row_sizes.iter().sum::<f64>());
            let middle = (ones / (all - ones)).ln();
            for c in &mut columns {
                *c -= middle;
            }
        }
        (rows, columns)
    }

    fn objective(&self, rows: &[f64], columns: &[f64]) -> f64 {
        let m = columns.len();
        let mut total = 0.0;
        for (theta, weights) in rows.iter().zip(self.weights.chunks_exact(m)) {
            for (phi, w) in columns.iter().zip(weights) {
                if *w > 0.0 {
                    total += w * self.family.potential(theta + phi);
                }
            }
        }
        total - dot(rows, &self.rows) - dot(columns, &self.columns)
    }

    fn slope(&self, rows: &[f64], columns: &[f64]) -> Slope {
        let m = columns.len();
        let mut by_column = vec![0.0; m];
        let mut by_row = Vec::with_capacity(rows.len());
        let mut curvature = Vec::with_capacity(self.weights.len());
        for (theta, weights) in rows.iter().zip(self.weights.chunks_exact(m)) {
            let mut total = 0.0;
            for ((phi, w), column) in columns.iter().zip(weights).zip(&mut by_column) {
                let (mean, variance) = if *w > 0.0 {
                    self.family.moments(theta + phi)
                } else {
                    (0.0, 0.0)
                };
                total += w * mean;
                *column += w * mean;
                curvature.push(w * variance);
            }
            by_row.push(total);
        }
        let (row_sizes, column_sizes) = self.sizes();
        let mut worst = 0.0_f64;
        let mut error = |found: &mut [f64], wanted: &[f64], sizes: &[f64]| {
            for ((f, s), n) in found.iter_mut().zip(wanted).zip(sizes) {
                let scale = match self.family {
                    Family::Bernoulli => s.min(n - s),
                    Family::Exponential | Family::Geometric => *s,
                };
                *f -= s;
                // `max` would lose a NaN.
                let relative = f.abs() / scale;
                if relative.is_nan() || relative > worst {
                    worst = relative;
                }
            }
        };
        error(&mut by_row, &self.rows, &row_sizes);
        error(&mut by_column, &self.columns, &column_sizes);
        Slope {
            rows: by_row,
            columns: by_column,
            curvature,
            worst,
        }
    }

    /// The Newton step (δθ, δφ).
    fn newton(&self, slope: &Slope) -> (Vec<f64>, Vec<f64>) {
        let (n, m) = (self.rows.len(), self.columns.len());
        let mut of_column = vec![0.0; m];
        for row in slope.curvature.chunks_exact(m) {
            for (total, c) in of_column.iter_mut().zip(row) {
                *total += c;
            }
        }
        for d in &mut of_column {
            *d = d.max(f64::MIN_POSITIVE);
        }
        let scaled = Mat::from_fn(n, m, |i, j| {
            slope.curvature[i * m + j] / of_column[j].sqrt()
        });
        let mut schur = &scaled * scaled.transpose();
        for i in 0..n {
            let mut total = 0.0;
            for k in 0..n {
                if k != i {
                    total += schur[(i, k)];
                    schur[(i, k)] = -schur[(i, k)];
                }
            }
            schur[(i, i)] = total.max(f64::MIN_POSITIVE);
        }
        let right: Vec<f64> = (0..n)
            .map(|i| {
                let eliminated: f64 = (0..m)
                    .map(|j| slope.curvature[i * m + j] * (slope.columns[j] / of_column[j]))
                    .sum();
                eliminated - slope.rows[i]
            })
            .collect();
        let by_row = grounded_solve(&schur, &right);
        let by_column = (0..m)
            .map(|j| {
                let moved: f64 = (0..n).map(|i| slope.curvature[i * m + j] * by_row[i]).sum();
                (-slope.columns[j] - moved) / of_column[j]
            })
            .collect();
        (by_row, by_column)
    }

    /// 1, or the length that stays within the domain.
    fn longest(&self, rows: &[f64], columns: &[f64], by_row: &[f64], by_column: &[f64]) -> f64 {
        if self.family == Family::Bernoulli {
            return 1.0;
        }
        let m = columns.len();
        let mut length = 1.0_f64;
        for (i, weights) in self.weights.chunks_exact(m).enumerate() {
            for j in (0..m).filter(|j| weights[*j] > 0.0) {
                let (z, dz) = (rows[i] + columns[j], by_row[i] + by_column[j]);
                if dz > 0.0 {
                    length = length.min(-0.99 * z / dz);
                }
            }
        }
        length
    }
}

/// x with L x = b for a Laplacian L, the node of the largest diagonal held at zero. Where L has more than one part, a
/// growing ridge keeps the step finite.
fn grounded_solve(laplacian: &Mat<f64>, b: &[f64]) -> Vec<f64> {
    let n = b.len();
    let ground = (0..n)
        .max_by(|i, k| {
            laplacian[(*i, *i)]
                .total_cmp(&laplacian[(*k, *k)])
                .then(k.cmp(i))
        })
        .unwrap_or(0);
    let free: Vec<usize> = (0..n).filter(|i| *i != ground).collect();
    let mut x = vec![0.0; n];
    let right = Mat::from_fn(free.len(), 1, |i, _| b[free[i]]);
    let mut ridge = 0.0;
    for _ in 0..8 {
        let matrix = Mat::from_fn(free.len(), free.len(), |i, k| {
            let value = laplacian[(free[i], free[k])];
            if i == k { value * (1.0 + ridge) } else { value }
        });
        if let Ok(factor) = matrix.llt(Side::Lower) {
            let solved = factor.solve(&right);
            if (0..free.len()).all(|i| solved[(i, 0)].is_finite()) {
                for (i, place) in free.iter().enumerate() {
                    x[*place] = solved[(i, 0)];
                }
                break;
            }
        }
        ridge = if ridge == 0.0 { 1e-12 } else { ridge * 100.0 };
    }
    x
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn along(from: &[f64], direction: &[f64], length: f64) -> Vec<f64> {
    from.iter()
        .zip(direction)
        .map(|(x, d)| x + length * d)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_margins_by_hand() {
        // Two rows of 1 and two columns of 1: every cell has mean 1/2.
        for family in [Family::Bernoulli, Family::Exponential, Family::Geometric] {
            let found = Margins {
                family,
                weights: vec![1.0; 4],
                rows: vec![1.0; 2],
                columns: vec![1.0; 2],
            }
            .solve(1e-12, 50);
            for (theta, phi) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                let mean = family.moments(found.rows[theta] + found.columns[phi]).0;
                assert!((mean - 0.5).abs() < 1e-14, "{family:?}: {mean}");
            }
        }
    }

    #[test]
    fn mean_and_variance_are_the_derivatives_of_the_potential() {
        for family in [Family::Bernoulli, Family::Exponential, Family::Geometric] {
            for z in [-4.0, -1.0, -0.3] {
                let h = 1e-5;
                let (mean, variance) = family.moments(z);
                let slope = (family.potential(z + h) - family.potential(z - h)) / (2.0 * h);
                assert!((slope - mean).abs() < 1e-6 * mean, "{family:?} at {z}");
                let bend = (family.moments(z + h).0 - family.moments(z - h).0) / (2.0 * h);
                assert!(
                    (bend - variance).abs() < 1e-6 * variance,
                    "{family:?} at {z}"
                );
            }
        }
    }
}
