//! Sobol indices: which uncertain input drives a result (Sobol' 1993).
//!
//! ```text
//! S_j  = V(E[Y | X_j]) / V(Y)                share of the variance that X_j explains alone
//! S_Tj = E[V(Y | X_~j)] / V(Y)               share that remains when all but X_j are known
//!
//! A, B : N x D independent uniform numbers;  AB_j : A with the columns of X_j from B
//! S_j  = (1/N) Σ f(B) (f(AB_j) - f(A)) / V       Saltelli et al. (2010), Computer Physics Communications 181, table 2 (b)
//! S_Tj = (1/2N) Σ (f(A) - f(AB_j))² / V          Jansen (1999)
//! ```
//!
//! Y is centred on the mean of A and B first, which leaves the estimand as it is and takes noise away. The cost is
//! N (inputs + 2) evaluations. An input may be a group of numbers (all cells of one criterion, all weights): then the
//! index is that of the group. Ranges are percentiles of a bootstrap over the N rows (Archer, Saltelli & Sobol' 1997).

use model::{Basis, Estimate, Seed};
use rand::RngExt;
use rayon::prelude::*;

/// An uncertain input: `width` uniform numbers on [0, 1) that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    pub name: String,
    pub width: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SobolParams {
    /// N; the function is evaluated N (inputs + 2) times.
    pub base: usize,
    /// Resamples of the bootstrap.
    pub replicates: usize,
    pub seed: Seed,
}

impl Default for SobolParams {
    fn default() -> Self {
        Self {
            base: 2_048,
            replicates: 500,
            seed: Seed(0),
        }
    }
}

/// Indices of one input on one output. An estimate may leave 0..1 by sampling error; it is shown as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    pub input: String,
    pub first: Estimate,
    pub total: Estimate,
}

/// Indices of all inputs on one output.
#[derive(Debug, Clone, PartialEq)]
pub struct Sobol {
    pub mean: f64,
    pub variance: f64,
    /// In the order of the inputs; `None` where the output does not vary.
    pub indices: Option<Vec<Index>>,
    pub evaluations: usize,
}

/// Sobol indices of every output of `f`, in the order of the outputs.
///
/// `f` takes all uniform numbers of the inputs one after another and must always return the same number of outputs; it is
/// called from several threads. `None` where no row, no input or no output is there, or an output is not a finite number.
pub fn sobol(
    inputs: &[Input],
    f: &(dyn Fn(&[f64]) -> Vec<f64> + Sync),
    params: &SobolParams,
) -> Option<Vec<Sobol>> {
    let starts: Vec<usize> = inputs
        .iter()
        .scan(0, |at, input| {
            let start = *at;
            *at += input.width;
            Some(start)
        })
        .collect();
    let width: usize = inputs.iter().map(|input| input.width).sum();
    if params.base < 2 || inputs.is_empty() || width == 0 {
        return None;
    }
    let rows: Vec<Row> = (0..params.base)
        .into_par_iter()
        .map(|i| {
            let mut rng = params.seed.stream("sobol", i as u64);
            let a: Vec<f64> = (0..width).map(|_| rng.random()).collect();
            let b: Vec<f64> = (0..width).map(|_| rng.random()).collect();
            let mixed = inputs
                .iter()
                .zip(&starts)
                .map(|(input, start)| {
                    let columns = *start..*start + input.width;
                    let mut x = a.clone();
                    x[columns.clone()].copy_from_slice(&b[columns]);
                    f(&x)
                })
                .collect();
            Row {
                a: f(&a),
                b: f(&b),
                mixed,
            }
        })
        .collect();
    let outputs = rows.first()?.a.len();
    let whole = |y: &Vec<f64>| y.len() == outputs && y.iter().all(|y| y.is_finite());
    let fits = rows
        .iter()
        .all(|row| whole(&row.a) && whole(&row.b) && row.mixed.iter().all(whole));
    (fits && outputs > 0).then(|| {
        (0..outputs)
            .map(|o| of_output(inputs, &rows, o, params))
            .collect()
    })
}

struct Row {
    a: Vec<f64>,
    b: Vec<f64>,
    mixed: Vec<Vec<f64>>,
}

/// One row's part in every estimator of one output.
struct Part {
    a: f64,
    b: f64,
    mixed: Vec<f64>,
}

fn of_output(inputs: &[Input], rows: &[Row], output: usize, params: &SobolParams) -> Sobol {
    let n = rows.len() as f64;
    let mean = rows.iter().map(|r| r.a[output] + r.b[output]).sum::<f64>() / (2.0 * n);
    let parts: Vec<Part> = rows
        .iter()
        .map(|row| Part {
            a: row.a[output] - mean,
            b: row.b[output] - mean,
            mixed: row.mixed.iter().map(|y| y[output] - mean).collect(),
        })
        .collect();
    let everything: Vec<usize> = (0..parts.len()).collect();
    let variance = variance(&parts, &everything);
    let scale = rows
        .iter()
        .map(|r| r.a[output].abs())
        .fold(1.0_f64, f64::max);
    if variance <= (scale * 1e-12).powi(2) {
        return Sobol {
            mean,
            variance: 0.0,
            indices: None,
            evaluations: rows.len() * (inputs.len() + 2),
        };
    }
    let replicates: Vec<Vec<(f64, f64)>> = (0..params.replicates)
        .into_par_iter()
        .map(|r| {
            let mut rng = params.seed.stream("sobol/bootstrap", r as u64);
            let drawn: Vec<usize> = (0..parts.len())
                .map(|_| rng.random_range(0..parts.len()))
                .collect();
            estimators(&parts, &drawn, inputs.len())
        })
        .collect();
    let point = estimators(&parts, &everything, inputs.len());
    let indices = inputs
        .iter()
        .enumerate()
        .map(|(j, input)| Index {
            input: input.name.clone(),
            first: with_range(point[j].0, replicates.iter().map(|r| r[j].0)),
            total: with_range(point[j].1, replicates.iter().map(|r| r[j].1)),
        })
        .collect();
    Sobol {
        mean,
        variance,
        indices: Some(indices),
        evaluations: rows.len() * (inputs.len() + 2),
    }
}

fn variance(parts: &[Part], drawn: &[usize]) -> f64 {
    let k = 2.0 * drawn.len() as f64;
    let (sum, squares) = drawn.iter().fold((0.0, 0.0), |(sum, squares), i| {
        let p = &parts[*i];
        (sum + p.a + p.b, squares + p.a * p.a + p.b * p.b)
    });
    (squares / k - (sum / k).powi(2)).max(0.0)
}

fn estimators(parts: &[Part], drawn: &[usize], inputs: usize) -> Vec<(f64, f64)> {
    let n = drawn.len() as f64;
    let v = variance(parts, drawn);
    (0..inputs)
        .map(|j| {
            let (first, total) = drawn.iter().fold((0.0, 0.0), |(first, total), i| {
                let p = &parts[*i];
                let y = p.mixed[j];
                (first + p.b * (y - p.a), total + (p.a - y).powi(2))
            });
            if v > 0.0 {
                (first / n / v, total / (2.0 * n) / v)
            } else {
                (0.0, 0.0)
            }
        })
        .collect()
}

/// The 2.5 % and 97.5 % quantiles of the replicates; without replicates the range is the value alone.
fn with_range(value: f64, replicates: impl Iterator<Item = f64>) -> Estimate {
    let mut sorted: Vec<f64> = replicates.collect();
    sorted.sort_by(f64::total_cmp);
    let at = |p: f64| {
        let rank = (p * sorted.len() as f64).ceil().max(1.0) as usize - 1;
        sorted.get(rank).copied().unwrap_or(value)
    };
    Estimate::spanning(value, at(0.025), at(0.975), Basis::Derived)
}
