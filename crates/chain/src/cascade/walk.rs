//! What one solve per network gives for all shocks of a linear channel.
//!
//! With P the rows of a walk and N = (I - P)⁻¹ = Σ Pᵗ, the loss of i when k closes is N_ik/N_kk (the probability that the walk
//! from i meets k), and the loss of the network Σ s_i N_ik / N_kk = y_k/N_kk with y = s + P'y: a closed form
//! once the diagonal of N is known. z = 1 + P z is the expected length of the walk: if z ≥ 1 + P z then
//! N v ≤ (max v) z for v ≥ 0, which turns a residual into a bound.
//!
//! Solutions for different k share one slow mode: the dominant pair (q, l) with rate μ of a Gauss–Seidel sweep
//! M = (I-T)⁻¹U (T, U: parts of P before and after the row). Starting at q g_k, g = (I-T)⁻ᵀ l/((1-μ) l'q), removes it.

use super::system::{System, rounding};

const POWER_STEPS: usize = 60;
const MOST_SWEEPS: usize = 20_000;

#[derive(Debug, Clone)]
pub(crate) struct Walk {
    pub q: Vec<f64>,
    pub g: Vec<f64>,
    /// (1 - μ) max q: residual of the start at most, in units of g_k.
    pub start_residual: f64,
    pub y: Vec<f64>,
    /// Σ |s + P'y - y| / Σ s: error of every y_k/N_kk.
    pub y_error: f64,
    pub z: Vec<f64>,
    /// Σ s z/Σ s, and the largest z.
    pub mean_length: f64,
    pub longest: f64,
}

impl Walk {
    /// `None` where no expected length was found (walks of more than some 10¹² steps, or two slow modes at once).
    pub fn of(system: &System) -> Option<Self> {
        let (q, v, mu, lq) = dominant(system);
        let scale = if (1.0 - mu) * lq > 0.0 {
            1.0 / ((1.0 - mu) * lq)
        } else {
            0.0
        };
        let g: Vec<f64> = v.iter().map(|v| v * scale).collect();
        let z = lengths(system, &q, &g)?;
        let (y, y_error) = adjoint(system, &q, &g);
        let mean = |z: &[f64]| {
            let weighed = z.iter().zip(&system.size).map(|(z, s)| z * s);
            weighed.sum::<f64>() / system.total
        };
        Some(Self {
            start_residual: (1.0 - mu) * q.iter().copied().fold(0.0, f64::max),
            q,
            g,
            y,
            y_error,
            mean_length: mean(&z),
            longest: z.iter().copied().fold(0.0, f64::max),
            z,
        })
    }
}

/// (P x)_i.
#[inline(always)]
fn product(system: &System, x: &[f64], i: usize) -> f64 {
    system
        .rows
        .all_of(i)
        .map(|l| system.rows.weight[l] * x[system.rows.from[l] as usize])
        .sum()
}

fn divide(values: &mut [f64], by: f64) {
    for value in values {
        *value /= by;
    }
}

/// Right vector q, (I-T)⁻ᵀ l, rate μ and l'q.
fn dominant(system: &System) -> (Vec<f64>, Vec<f64>, f64, f64) {
    let n = system.len();
    let rows = &system.rows;
    let mut q = vec![1.0; n];
    let mut mu = 0.0;
    for _ in 0..POWER_STEPS {
        // A sweep without a right side: entries before the row are new.
        for i in 0..n {
            q[i] = product(system, &q, i);
        }
        mu = q.iter().copied().fold(0.0, f64::max);
        if mu <= 1e-12 {
            return (vec![0.0; n], vec![0.0; n], 0.0, 0.0);
        }
        divide(&mut q, mu);
    }
    let (mut l, mut v) = (vec![1.0 / n as f64; n], vec![0.0; n]);
    for _ in 0..=POWER_STEPS {
        // v = l + T'v from the last row on; l ← U'v.
        v.copy_from_slice(&l);
        l.fill(0.0);
        for i in (0..n).rev() {
            for link in rows.all_of(i) {
                let j = rows.from[link] as usize;
                if j < i {
                    v[j] += rows.weight[link] * v[i];
                }
            }
        }
        for i in 0..n {
            for link in rows.all_of(i) {
                let j = rows.from[link] as usize;
                if j > i {
                    l[j] += rows.weight[link] * v[i];
                }
            }
        }
        let sum: f64 = l.iter().sum();
        if sum <= 1e-300 {
            return (vec![0.0; n], vec![0.0; n], 0.0, 0.0);
        }
        divide(&mut l, sum);
        divide(&mut v, sum);
    }
    // v belongs to the l before the last step, which is the same direction: l_before = l · sum/μ.
    let lq: f64 = l.iter().zip(&q).map(|(l, q)| l * q).sum::<f64>() / mu.max(1e-12);
    (q, v, mu.min(1.0 - 1e-15), lq)
}

/// z with z ≥ 1 + P z, checked row by row.
fn lengths(system: &System, q: &[f64], g: &[f64]) -> Option<Vec<f64>> {
    let n = system.len();
    let all: f64 = g.iter().sum();
    let mut z: Vec<f64> = q.iter().map(|q| 1.0 + q * all).collect();
    let mut extrapolation = Extrapolation::from(&z);
    for sweep in 1..=MOST_SWEEPS {
        let mut change = 0.0_f64;
        for i in 0..n {
            let new = 1.0 + product(system, &z, i);
            change = change.max((new - z[i]).abs());
            z[i] = new;
        }
        if !change.is_finite() || change > 1e15 {
            return None;
        }
        if change <= 1e-9 || sweep.is_multiple_of(50) {
            for inflate in [1e-6, 1e-4, 1e-2] {
                let high: Vec<f64> = z.iter().map(|z| z * (1.0 + inflate)).collect();
                let holds = |i: usize| {
                    let sum = product(system, &high, i);
                    high[i] >= (1.0 + sum) * (1.0 + rounding(system.rows.all_of(i).len()))
                };
                if (0..n).all(holds) {
                    return Some(high);
                }
            }
            if change <= 1e-9 {
                return None;
            }
        }
        extrapolation.after_sweep(&mut z);
    }
    None
}

/// Now and then a step along the slow mode that is left (Aitken 1926). Where that did not help, because several modes are about
/// equally slow, the next one waits twice as long.
struct Extrapolation {
    before: Vec<f64>,
    /// Length of the last step; 0 where it is not known.
    step: f64,
    every: usize,
    since: usize,
    /// Length of the step at the last extrapolation.
    reached: f64,
}

impl Extrapolation {
    fn from(x: &[f64]) -> Self {
        Self {
            before: x.to_vec(),
            step: 0.0,
            every: 10,
            since: 0,
            reached: f64::INFINITY,
        }
    }

    fn after_sweep(&mut self, x: &mut [f64]) {
        let steps = x.iter().zip(&self.before).map(|(x, b)| x - b);
        let step = steps.map(|d| d * d).sum::<f64>().sqrt();
        let rate = if self.step > 0.0 {
            step / self.step
        } else {
            0.0
        };
        self.since += 1;
        self.step = step;
        if self.since >= self.every && rate > 0.5 && rate < 1.0 {
            self.since = 0;
            if step < self.reached {
                let factor = rate / (1.0 - rate);
                for (x, b) in x.iter_mut().zip(&self.before) {
                    *x += (*x - b) * factor;
                }
                self.step = 0.0;
            } else {
                self.every *= 2;
            }
            self.reached = step;
        }
        self.before.copy_from_slice(x);
    }
}

/// y with y = s + P'y, and what is left of it.
fn adjoint(system: &System, q: &[f64], g: &[f64]) -> (Vec<f64>, f64) {
    let n = system.len();
    let rows = &system.rows;
    let sq: f64 = system.size.iter().zip(q).map(|(s, q)| s * q).sum();
    let mut y: Vec<f64> = g
        .iter()
        .zip(&system.size)
        .map(|(g, s)| s + g * sq)
        .collect();
    let mut next = vec![0.0; n];
    let mut extrapolation = Extrapolation::from(&y);
    for _ in 0..MOST_SWEEPS {
        next.copy_from_slice(&system.size);
        for i in 0..n {
            for link in rows.all_of(i) {
                let j = rows.from[link] as usize;
                if j > i {
                    next[j] += rows.weight[link] * y[i];
                }
            }
        }
        for i in (0..n).rev() {
            for link in rows.all_of(i) {
                let j = rows.from[link] as usize;
                if j < i {
                    next[j] += rows.weight[link] * next[i];
                }
            }
        }
        let change: f64 = y.iter().zip(&next).map(|(a, b)| (a - b).abs()).sum();
        y.copy_from_slice(&next);
        if change <= 1e-13 * system.total {
            break;
        }
        extrapolation.after_sweep(&mut y);
    }
    // N ≥ I, so y ≥ s; whatever the sweeps left, the bound of its error is that of these numbers.
    for (y, s) in y.iter_mut().zip(&system.size) {
        *y = if *y >= *s { *y } else { *s };
    }
    let error = left_over(system, &y);
    (y, error)
}

/// Σ |s + P'y - y| / Σ s, rounding included.
fn left_over(system: &System, y: &[f64]) -> f64 {
    let mut residual: Vec<f64> = system.size.clone();
    let mut length = vec![0_usize; y.len()];
    for i in 0..y.len() {
        for link in system.rows.all_of(i) {
            let j = system.rows.from[link] as usize;
            residual[j] += system.rows.weight[link] * y[i];
            length[j] += 1;
        }
    }
    let one = |i: usize| (residual[i] - y[i]).abs() + rounding(length[i]) * y[i];
    (0..y.len()).map(one).sum::<f64>() / system.total
}
