//! The Leontief inverse and everything that is read off it (Leontief 1936; Ghosh 1958; Miller and Blair 2022).
//!
//! ```text
//! L = (I − A)⁻¹         x = L y            output multipliers  1'L
//! G = x̂⁻¹ L x̂          (Ghosh)            supply multipliers  G 1
//! ```
//!
//! One inverse serves both: B = x̂⁻¹Z = x̂⁻¹A x̂, hence (I − B)⁻¹ = x̂⁻¹ L x̂. G_ij says how much more j makes per
//! unit of i's output that primary inputs add, rows supply columns as in Z.

use faer::Accum;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::coefficients::Coefficients;
use super::dense::Dense;
use super::kernel::{self, Factors};
use super::table::IoError;

/// Random sign vectors behind [`Residual::estimate`].
const PROBES: usize = 16;
/// A residual above this leads to a second attempt with pivoting.
const RETRY: f64 = 1e-8;

/// How far (I − A) L is from the identity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Residual {
    /// Frobenius norm of (I − A)L − I, estimated with [`PROBES`] vectors of random signs (Hutchinson 1990).
    pub estimate: f64,
    /// Whether rows had to be exchanged; `false` is the normal case.
    pub pivoted: bool,
}

/// Distance of the model's own output L y from the output behind the coefficients.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OutputDistance {
    /// Σ |(L y)_k − x_k|.
    pub absolute: f64,
    /// The same over Σ |x_k|; 0 where that is 0.
    pub relative: f64,
    /// Industry with the largest |(L y)_k − x_k|.
    pub worst: usize,
    /// (L y)_k − x_k there.
    pub worst_gap: f64,
}

/// Coefficients with their inverse.
#[derive(Debug, Clone)]
pub struct Leontief {
    coefficients: Coefficients,
    inverse: Dense,
    /// L y.
    output: Vec<f64>,
    /// 1' L.
    multipliers: Vec<f64>,
    residual: Residual,
    condition: f64,
}

impl Leontief {
    /// Refuses a table for which no non-negative output exists (an industry or a group that uses up its own product).
    pub fn invert(coefficients: Coefficients) -> Result<Self, IoError> {
        let matrix = coefficients.leontief_matrix();
        let norm = matrix.norm1();
        let mut inverse = matrix;
        let first = kernel::invert(inverse.view_mut());
        let mut estimate = match first {
            Ok(()) => probe(&coefficients, &inverse),
            Err(_) => f64::INFINITY,
        };
        let pivoted = estimate.is_nan() || estimate > RETRY;
        if pivoted {
            let factors = Factors::with_pivoting(coefficients.leontief_matrix().view());
            let n = coefficients.len();
            inverse = Dense::from_fn(n, n, |i, j| f64::from(u8::from(i == j)));
            factors.solve(inverse.view_mut());
            estimate = probe(&coefficients, &inverse);
        }
        let condition = norm * inverse.norm1();
        if !condition.is_finite() || estimate.is_nan() || estimate > 1e-3 {
            return Err(IoError::new("singular", format!("{condition:e}")));
        }
        let multipliers = inverse.column_sums();
        let output = parallel_times(&inverse, &coefficients.y);
        Ok(Self {
            output,
            multipliers,
            residual: Residual { estimate, pivoted },
            condition,
            inverse,
            coefficients,
        })
    }

    /// M M with the product that the inverse is built of: the rate to measure it against.
    pub fn matrix_product(m: &Dense) -> Dense {
        let mut product = Dense::zeros(m.rows(), m.columns());
        let accum = Accum::Replace;
        kernel::product(product.view_mut(), accum, m.view(), m.view(), 1.0);
        product
    }

    pub fn coefficients(&self) -> &Coefficients {
        &self.coefficients
    }

    /// Number of industries.
    pub fn len(&self) -> usize {
        self.coefficients.len()
    }

    pub fn is_empty(&self) -> bool {
        self.coefficients.is_empty()
    }

    /// L.
    pub fn inverse(&self) -> &Dense {
        &self.inverse
    }

    /// The model's own output L y: what losses are measured on.
    pub fn output(&self) -> &[f64] {
        &self.output
    }

    /// 1'L: output of the whole economy per unit of final demand for each industry's product.
    pub fn output_multipliers(&self) -> &[f64] {
        &self.multipliers
    }

    /// 1-norm condition number ‖I − A‖₁ ‖L‖₁, exact: relative errors of A and y may grow by this factor.
    pub fn condition(&self) -> f64 {
        self.condition
    }

    pub fn residual(&self) -> Residual {
        self.residual
    }

    /// max |(I − A)L − I| over all cells. Costs as much as the inverse.
    pub fn exact_residual(&self) -> f64 {
        let mut r = self.coefficients.leontief_matrix();
        let left = r.clone();
        kernel::product(
            r.view_mut(),
            Accum::Replace,
            left.view(),
            self.inverse.view(),
            1.0,
        );
        for k in 0..self.len() {
            r.column_mut(k)[k] -= 1.0;
        }
        r.values().iter().fold(0.0, |m, v| m.max(v.abs()))
    }

    /// Distance of L y from x; the distance the source's own imbalance leaves.
    pub fn output_distance(&self) -> OutputDistance {
        distance(&self.output, &self.coefficients.x)
    }

    /// G_ij, from L. An industry without output supplies nothing: its row is that of the identity.
    pub fn ghosh(&self, supplier: usize, user: usize) -> f64 {
        if supplier == user {
            return self.inverse.get(supplier, supplier);
        }
        let x = &self.coefficients.x;
        if x[supplier] == 0.0 || x[user] == 0.0 {
            return 0.0;
        }
        self.inverse.get(supplier, user) * x[user] / x[supplier]
    }

    /// The whole Ghosh inverse.
    pub fn ghosh_inverse(&self) -> Dense {
        Dense::from_fn(self.len(), self.len(), |i, j| self.ghosh(i, j))
    }

    /// G 1: output of the whole economy that a unit of an industry's primary inputs supports.
    pub fn supply_multipliers(&self) -> Vec<f64> {
        let x = &self.coefficients.x;
        let reach = parallel_times(&self.inverse, x);
        (0..self.len())
            .map(|i| if x[i] == 0.0 { 1.0 } else { reach[i] / x[i] })
            .collect()
    }

    /// Upstreamness: mean distance to final use in stages, (L L y)_i / (L y)_i, at least 1 (Antràs, Chor, Fally and
    /// Hillberry 2012). `None` where an industry makes nothing. Changes in stocks are final demand here.
    pub fn upstreamness(&self) -> Vec<Option<f64>> {
        let twice = parallel_times(&self.inverse, &self.output);
        let parts = twice.iter().zip(&self.output);
        parts.map(|(u, x)| (*x > 0.0).then(|| u / x)).collect()
    }

    /// Downstreamness: mean number of stages behind an industry's product, 1'L (Fally 2012; Antràs and Chor 2018):
    /// the same numbers as the output multipliers, read as a distance from primary inputs.
    pub fn downstreamness(&self) -> &[f64] {
        &self.multipliers
    }
}

/// M v, rows in fixed blocks of one thread each.
pub(super) fn parallel_times(m: &Dense, v: &[f64]) -> Vec<f64> {
    const BLOCK: usize = 256;
    let n = m.rows();
    let blocks: Vec<Vec<f64>> = (0..n.div_ceil(BLOCK))
        .into_par_iter()
        .map(|b| {
            let rows = b * BLOCK..((b + 1) * BLOCK).min(n);
            let mut sum = vec![0.0; rows.len()];
            for (j, weight) in v.iter().enumerate() {
                if *weight != 0.0 {
                    let column = &m.column(j)[rows.clone()];
                    for (s, m) in sum.iter_mut().zip(column) {
                        *s += m * weight;
                    }
                }
            }
            sum
        })
        .collect();
    blocks.concat()
}

pub(super) fn distance(found: &[f64], given: &[f64]) -> OutputDistance {
    let gap = |k: usize| found[k] - given[k];
    let absolute: f64 = (0..found.len()).map(|k| gap(k).abs()).sum();
    let whole: f64 = given.iter().map(|v| v.abs()).sum();
    let worst = (0..found.len())
        .reduce(|best, k| {
            if gap(k).abs() > gap(best).abs() {
                k
            } else {
                best
            }
        })
        .unwrap_or(0);
    OutputDistance {
        absolute,
        relative: if whole > 0.0 { absolute / whole } else { 0.0 },
        worst,
        worst_gap: if found.is_empty() { 0.0 } else { gap(worst) },
    }
}

/// sqrt(mean ‖((I − A)L − I) v‖²) over vectors v of random signs.
fn probe(coefficients: &Coefficients, inverse: &Dense) -> f64 {
    let n = coefficients.len();
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let v = Dense::from_fn(n, PROBES, |_, _| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        if state >> 63 == 0 { 1.0 } else { -1.0 }
    });
    let mut lv = Dense::zeros(n, PROBES);
    kernel::product(lv.view_mut(), Accum::Replace, inverse.view(), v.view(), 1.0);
    let mut r = Dense::zeros(n, PROBES);
    kernel::product(
        r.view_mut(),
        Accum::Replace,
        coefficients.a.view(),
        lv.view(),
        1.0,
    );
    let cells = r.values().iter().zip(lv.values()).zip(v.values());
    let sum: f64 = cells
        .map(|((alv, lv), v)| (lv - alv - v) * (lv - alv - v))
        .sum();
    (sum / PROBES as f64).sqrt()
}
