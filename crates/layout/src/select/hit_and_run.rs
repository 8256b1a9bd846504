//! Uniform points of a polytope by a random walk: coordinate hit-and-run (Smith 1984; Bélisle, Romeijn & Smith 1993) in
//! rounded coordinates.
//!
//! The walk lives in the coordinates of the polytope's own dimension, so equations hold by construction. Pilot walks
//! estimate the covariance; dividing by its Cholesky factor makes long thin regions round, so that steps are long in
//! every direction. Chains with streams of their own start at the inner point; each forgets it before the first draw.
//!
//! ```text
//! R̂   = sqrt((within (n-1)/n + between / n) / within)      chains agree where R̂ is near 1 (Gelman & Rubin 1992)
//! ESS = K · Var(w_j) / (b · Var(means of batches of b))     draws that count as independent (batch means)
//! ```

use model::Seed;
use rand::RngExt;

use super::polytope::{Polytope, dot};

const CHAINS: usize = 4;
const ROUNDINGS: usize = 3;

/// How well the walk mixed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mixing {
    /// Steps between two draws.
    pub thinning: usize,
    pub chains: usize,
    /// Largest over the criteria.
    pub r_hat: f64,
    /// Smallest over the criteria.
    pub effective_draws: f64,
}

/// `draws` points one after another, with the account of the mixing.
pub(crate) fn walk(polytope: &Polytope, draws: usize, seed: Seed) -> (Vec<f64>, Mixing) {
    let d = polytope.dimension();
    let m = polytope.inside.len();
    let mut frame = Frame::new(polytope);
    for round in 0..ROUNDINGS {
        let mut rng = seed.stream("select/weights/rounding", round as u64);
        frame = frame.rounded(&mut rng);
    }
    let thinning = (2 * d * d).max(24);
    let per_chain = draws.div_ceil(CHAINS);
    let chains: Vec<Vec<f64>> = (0..CHAINS)
        .map(|c| {
            let mut rng = seed.stream("select/weights/chain", c as u64);
            let mut y = vec![0.0; d];
            let mut slacks = frame.slacks.clone();
            let mut points = Vec::with_capacity(per_chain * m);
            frame.steps(&mut y, &mut slacks, 50 * thinning, &mut rng);
            for _ in 0..per_chain {
                frame.steps(&mut y, &mut slacks, thinning, &mut rng);
                slacks = frame.slacks_at(&y);
                points.extend(frame.point(&y));
            }
            points
        })
        .collect();
    let mixing = mixing(&chains, m, thinning);
    let mut out = Vec::with_capacity(draws * m);
    for i in 0..draws {
        let (chain, place) = (&chains[i % CHAINS], i / CHAINS);
        out.extend_from_slice(&chain[place * m..(place + 1) * m]);
    }
    (out, mixing)
}

/// Coordinates y with w = origin + axes y and slacks = slacks(origin) + g y.
struct Frame {
    origin: Vec<f64>,
    /// By coordinate: the direction in w.
    axes: Vec<Vec<f64>>,
    slacks: Vec<f64>,
    /// By coordinate: the change of every slack.
    g: Vec<Vec<f64>>,
    halves: Vec<(Vec<f64>, f64)>,
}

impl Frame {
    fn new(polytope: &Polytope) -> Self {
        let halves: Vec<(Vec<f64>, f64)> = polytope
            .halves
            .iter()
            .map(|half| (half.terms.clone(), half.side))
            .collect();
        Self::of(polytope.inside.clone(), polytope.basis.clone(), halves)
    }

    fn of(origin: Vec<f64>, axes: Vec<Vec<f64>>, halves: Vec<(Vec<f64>, f64)>) -> Self {
        let slacks = halves
            .iter()
            .map(|(terms, side)| (dot(terms, &origin) - side).max(0.0))
            .collect();
        let g = axes
            .iter()
            .map(|axis| halves.iter().map(|(terms, _)| dot(terms, axis)).collect())
            .collect();
        Self {
            origin,
            axes,
            slacks,
            g,
            halves,
        }
    }

    fn point(&self, y: &[f64]) -> Vec<f64> {
        let mut w = self.origin.clone();
        for (y, axis) in y.iter().zip(&self.axes) {
            for (w, a) in w.iter_mut().zip(axis) {
                *w += y * a;
            }
        }
        for w in &mut w {
            *w = w.max(0.0);
        }
        w
    }

    fn slacks_at(&self, y: &[f64]) -> Vec<f64> {
        let mut slacks = self.slacks.clone();
        for (y, g) in y.iter().zip(&self.g) {
            for (s, g) in slacks.iter_mut().zip(g) {
                *s += y * g;
            }
        }
        for s in &mut slacks {
            *s = s.max(0.0);
        }
        slacks
    }

    fn steps(&self, y: &mut [f64], slacks: &mut [f64], steps: usize, rng: &mut impl RngExt) {
        for _ in 0..steps {
            let k = rng.random_range(0..y.len());
            let u = rng.random::<f64>();
            let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
            for (s, g) in slacks.iter().zip(&self.g[k]) {
                if *g > 0.0 {
                    low = low.max(-s / g);
                } else if *g < 0.0 {
                    high = high.min(-s / g);
                }
            }
            let step = low + u * (high - low);
            if step.is_finite() && low < high {
                y[k] += step;
                for (s, g) in slacks.iter_mut().zip(&self.g[k]) {
                    *s = (*s + step * g).max(0.0);
                }
            }
        }
    }

    /// The same region in coordinates in which a pilot walk has unit covariance.
    fn rounded(self, rng: &mut impl RngExt) -> Self {
        let d = self.axes.len();
        let samples = 40 * d + 200;
        let mut y = vec![0.0; d];
        let mut slacks = self.slacks.clone();
        let mut sum = vec![0.0; d];
        let mut products = vec![vec![0.0; d]; d];
        self.steps(&mut y, &mut slacks, 20 * d * d + 200, rng);
        for _ in 0..samples {
            self.steps(&mut y, &mut slacks, 4 * d, rng);
            slacks = self.slacks_at(&y);
            for a in 0..d {
                sum[a] += y[a];
                for b in 0..=a {
                    products[a][b] += y[a] * y[b];
                }
            }
        }
        let k = samples as f64;
        let covariance: Vec<Vec<f64>> = (0..d)
            .map(|a| {
                (0..=a)
                    .map(|b| products[a][b] / k - sum[a] * sum[b] / (k * k))
                    .collect()
            })
            .collect();
        let Some(factor) = cholesky(&covariance) else {
            return self;
        };
        // Coordinate k moves along Σ_a L_ak axis_a.
        let axes = (0..d)
            .map(|k| {
                let mut axis = vec![0.0; self.origin.len()];
                for (row, old) in factor.iter().zip(&self.axes).skip(k) {
                    for (x, o) in axis.iter_mut().zip(old) {
                        *x += row[k] * o;
                    }
                }
                axis
            })
            .collect();
        Self::of(self.origin, axes, self.halves)
    }
}

/// Lower factor of a symmetric matrix given by its lower triangle; `None` where it is not positive definite.
fn cholesky(a: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let mut l: Vec<Vec<f64>> = Vec::with_capacity(a.len());
    for (i, row) in a.iter().enumerate() {
        let mut new = Vec::with_capacity(i + 1);
        for j in 0..i {
            let known: f64 = (0..j).map(|k| new[k] * l[j][k]).sum();
            new.push((row[j] - known) / l[j][j]);
        }
        let rest = row[i] - new.iter().map(|x: &f64| x * x).sum::<f64>();
        if rest <= f64::MIN_POSITIVE || !rest.is_finite() {
            return None;
        }
        new.push(rest.sqrt());
        l.push(new);
    }
    Some(l)
}

fn mixing(chains: &[Vec<f64>], m: usize, thinning: usize) -> Mixing {
    let n = chains.first().map_or(0, |c| c.len() / m.max(1));
    let mut r_hat = 1.0_f64;
    let mut effective = (n * chains.len()) as f64;
    for j in 0..m {
        let series: Vec<Vec<f64>> = chains
            .iter()
            .map(|c| c.iter().skip(j).step_by(m).copied().collect())
            .collect();
        let means: Vec<f64> = series.iter().map(|s| mean(s)).collect();
        let within = mean(&series.iter().map(|s| variance(s)).collect::<Vec<_>>());
        if within <= 1e-18 || n < 16 {
            continue;
        }
        let between = n as f64 * variance(&means);
        let k = n as f64;
        r_hat = r_hat.max(((within * (k - 1.0) / k + between / k) / within).sqrt());
        let batch = k.sqrt().floor() as usize;
        let batches: Vec<f64> = series
            .iter()
            .flat_map(|s| s.chunks_exact(batch).map(mean).collect::<Vec<_>>())
            .collect();
        let of_means = variance(&batches) * batch as f64;
        if of_means > 0.0 {
            effective = effective.min(k * chains.len() as f64 * within / of_means);
        }
    }
    Mixing {
        thinning,
        chains: chains.len(),
        r_hat,
        effective_draws: effective,
    }
}

fn mean(x: &[f64]) -> f64 {
    x.iter().sum::<f64>() / x.len().max(1) as f64
}

fn variance(x: &[f64]) -> f64 {
    let mean = mean(x);
    x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (x.len().max(2) - 1) as f64
}
