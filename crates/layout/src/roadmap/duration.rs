//! How long a task takes in one draw: its distribution, the factor that the tasks of a field share, and what a gate
//! sends back.
//!
//! ```text
//! copula       z_i = sqrt(ρ) F_field + sqrt(1 - ρ) e_i,  u_i = Φ(z_i),  d_i = Q_i(u_i)
//! triangular   ends low and high, mode value
//! PERT         Beta(1 + 4 (value - low)/(high - low), 1 + 4 (high - value)/(high - low)) on [low, high]
//! lognormal    median value, sd of the logarithm  ln(high / low) / (2 · 1.6449): low and high at 5 and 95 %,
//!              if the value is their geometric mean
//! gate         passed with p; sent back, the share r of the work is repeated, at most R times, then it is stopped:
//!              P(k repeats | passed) = (1 - p)^k p / (1 - (1 - p)^(R+1)),   d = d_i (1 + r k)
//! ```
//!
//! One common factor: Vasicek (1987), Li (2000) for the Gaussian copula; PERT: Malcolm et al. (1959); Φ by Marsaglia (2004).

use model::{Estimate, Seed};
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::network::{LONGEST_YEARS, Network};
use crate::triangular::triangular;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    #[default]
    Triangular,
    Pert,
    Lognormal,
}

/// What a gate does with work that does not pass.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rework {
    /// Share of the task's duration that a repeat takes.
    pub share: f64,
    /// Repeats after which the task is stopped; 0 stops at once.
    pub most: u32,
}

impl Default for Rework {
    /// No second chance.
    fn default() -> Self {
        Self {
            share: 0.5,
            most: 0,
        }
    }
}

impl Rework {
    /// Probability that a gate is passed in the end: `1 - (1 - p)^(R+1)`.
    pub(crate) fn passed(self, gate: Estimate) -> Estimate {
        let of = |p: f64| 1.0 - (1.0 - p).powi(self.most as i32 + 1);
        Estimate::spanning(of(gate.value), of(gate.low), of(gate.high), gate.basis)
    }

    /// Repeats of a gate that is passed in the end, at the quantile `u`.
    fn repeats(self, p: f64, u: f64) -> u32 {
        let passed = 1.0 - (1.0 - p).powi(self.most as i32 + 1);
        let mut reached = 0.0;
        for k in 0..self.most {
            reached += (1.0 - p).powi(k as i32) * p;
            if u * passed < reached {
                return k;
            }
        }
        self.most
    }
}

/// Distribution function of the standard normal (Marsaglia 2004, Journal of Statistical Software 11(4)).
pub(crate) fn normal_below(x: f64) -> f64 {
    if x.abs() > 8.0 {
        return if x > 0.0 { 1.0 } else { 0.0 };
    }
    let (mut sum, mut term, mut k) = (x, x, 1.0);
    loop {
        k += 2.0;
        term *= x * x / k;
        if term.abs() <= 1e-18 * sum.abs() {
            break;
        }
        sum += term;
    }
    0.5 + sum * (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt()
}

fn normal(rng: &mut impl Rng) -> f64 {
    let radius: f64 = 1.0 - rng.random::<f64>();
    let angle: f64 = rng.random();
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

/// The quantile function of one task.
#[derive(Debug, Clone)]
pub(crate) enum Quantile {
    Triangular(Estimate),
    /// Quantiles at equal steps of probability.
    Table(Vec<f64>),
    Lognormal {
        median: f64,
        sd: f64,
    },
}

const TABLE: usize = 1_000;
const CELLS: usize = 8_000;
const Z90: f64 = 1.644_853_626_951_472_2;

impl Quantile {
    pub fn of(shape: Shape, years: &Estimate) -> Self {
        let width = years.width();
        match shape {
            Shape::Pert if width > 0.0 => Self::Table(pert(years)),
            Shape::Lognormal if width > 0.0 => Self::Lognormal {
                median: years.value,
                sd: (years.high / years.low).ln() / (2.0 * Z90),
            },
            _ => Self::Triangular(*years),
        }
    }

    fn at(&self, z: f64) -> f64 {
        match self {
            Self::Triangular(years) => triangular(years, normal_below(z)),
            Self::Table(table) => {
                let place = normal_below(z).clamp(0.0, 1.0) * TABLE as f64;
                let below = (place as usize).min(TABLE - 1);
                let part = place - below as f64;
                table[below] + part * (table[below + 1] - table[below])
            }
            Self::Lognormal { median, sd } => (median * (sd * z).exp()).min(LONGEST_YEARS),
        }
    }
}

/// The density integrated over cells and inverted.
fn pert(years: &Estimate) -> Vec<f64> {
    let width = years.width();
    let a = 4.0 * (years.value - years.low) / width;
    let b = 4.0 * (years.high - years.value) / width;
    let mut below = vec![0.0];
    for cell in 0..CELLS {
        let x = (cell as f64 + 0.5) / CELLS as f64;
        below.push(below[cell] + x.powf(a) * (1.0 - x).powf(b));
    }
    let total = below[CELLS];
    (0..=TABLE)
        .map(|step| {
            let target = total * step as f64 / TABLE as f64;
            let cell = below.partition_point(|s| *s <= target).clamp(1, CELLS) - 1;
            let mass = below[cell + 1] - below[cell];
            let part = if mass > 0.0 {
                ((target - below[cell]) / mass).clamp(0.0, 1.0)
            } else {
                0.0
            };
            years.low + width * (cell as f64 + part) / CELLS as f64
        })
        .collect()
}

/// Years of every task in one draw, repeats included. Streams belong to tasks and fields: neither row order nor threads
/// change them, and a change of ρ keeps the same shocks.
pub(crate) fn drawn(
    network: &Network,
    quantiles: &[Quantile],
    correlation: f64,
    rework: Rework,
    seed: Seed,
    draw: u64,
) -> Vec<f64> {
    (0..network.len())
        .map(|k| {
            let mut own = seed.stream(&format!("roadmap/{}", network.ids[k]), draw);
            let label = format!("roadmap/field/{}", network.industries[k]);
            let common = normal(&mut seed.stream(&label, draw));
            let z = correlation.sqrt() * common + (1.0 - correlation).sqrt() * normal(&mut own);
            let repeats =
                network.gates[k].map_or(0, |gate| rework.repeats(gate.value, own.random()));
            quantiles[k].at(z) * (1.0 + rework.share * f64::from(repeats))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use model::Basis;

    use super::*;

    #[test]
    fn the_normal_distribution_by_table() {
        // Abramowitz & Stegun (1964), table 26.1.
        for (x, below) in [
            (0.0, 0.5),
            (1.0, 0.841_344_746_1),
            (1.96, 0.975_002_104_9),
            (-2.5, 0.006_209_665_3),
        ] {
            assert!((normal_below(x) - below).abs() < 1e-9, "{x}");
        }
    }

    #[test]
    fn pert_has_its_published_mean_and_median() {
        // Symmetric: Beta(3, 3), median in the middle; quantile of 0.103515625 = F(1/4) by 10x³ - 15x⁴ + 6x⁵.
        let years = Estimate::new(2.0, 0.0, 4.0, Basis::Judged).unwrap();
        let table = pert(&years);
        assert!((table[500] - 2.0).abs() < 1e-3);
        assert!((Quantile::Table(table.clone()).at(-1.261_834_6) - 1.0).abs() < 5e-3);
        // Mean (low + 4 mode + high) / 6.
        let skew = Estimate::new(1.0, 0.0, 6.0, Basis::Judged).unwrap();
        let table = pert(&skew);
        let mean = table
            .windows(2)
            .map(|w| f64::midpoint(w[0], w[1]))
            .sum::<f64>()
            / TABLE as f64;
        assert!((mean - 10.0 / 6.0).abs() < 5e-3, "{mean}");
    }

    #[test]
    fn repeats_by_hand() {
        // p = 1/2, at most two repeats, passed in the end: 1/2, 1/4, 1/8 of 7/8.
        let rework = Rework {
            share: 1.0,
            most: 2,
        };
        let of = |u: f64| rework.repeats(0.5, u);
        assert_eq!([of(0.57), of(0.58), of(0.85), of(0.86)], [0, 1, 1, 2]);
        let gate = Estimate::exact(0.5, Basis::Judged);
        assert!((rework.passed(gate).value - 0.875).abs() < 1e-12);
    }
}
