//! Weights for the upper bound downstream: a loss from below plus τζ is a bound if one application of the operator does not raise it.
//!
//! With sb_i = min(1, d s_i/S_m) an upper end of min(1, s_i/D_m) while no market shrinks below S_m/d, and the second term for what a
//! smaller market adds to the shares of all its members:
//!
//! ```text
//! ζ_j = 1 + 1.001 max_g Σ_{i in g} Λd_ij sb_i (ζ_i + [sb_i < 1] d Σ_{i' in m(i)} s_i' ζ_i' / S_m)
//! ```
//!
//! Nothing of this has to be trusted: ζ only makes the check succeed, the check is the proof.

use super::layout::ALONE;
use super::system::{System, rounding};

/// Depletions that weights are made for.
const DEPLETIONS: [f64; 4] = [1.02, 1.15, 1.6, 3.0];
/// Sweeps and size at which weights are given up.
const MOST_SWEEPS: usize = 20_000;
const LARGEST: f64 = 1e12;

/// ζ and what follows from it.
#[allow(
    clippy::struct_field_names,
    reason = "ζ is the name of the weights in the formula"
)]
#[derive(Debug, Clone)]
pub(crate) struct Zeta {
    /// No market may shrink below its size over this.
    pub depletion: f64,
    pub zeta: Vec<f64>,
    /// ζ_i sb_i: what firm i passes on of τζ at most.
    pub passed: Vec<f64>,
    /// Σ s ζ by market, and over all firms by total size.
    pub by_market: Vec<f64>,
    pub mean: f64,
}

impl Zeta {
    /// Weights of a system, one for each depletion for which they exist.
    pub fn all(system: &System) -> Vec<Self> {
        if system.market.iter().all(|m| *m == ALONE) {
            return Self::new(system, f64::INFINITY).into_iter().collect();
        }
        DEPLETIONS
            .iter()
            .filter_map(|d| Self::new(system, *d))
            .collect()
    }

    /// From weights of a walk (ζ = expected length): no markets.
    pub fn from_walk(system: &System, z: &[f64]) -> Self {
        Self::finish(system, f64::INFINITY, z.to_vec(), z.to_vec())
    }

    fn new(system: &System, depletion: f64) -> Option<Self> {
        let share: Vec<f64> = (0..system.len())
            .map(|i| match system.market[i] {
                ALONE => 1.0,
                m => (depletion * system.size[i] / system.market_size[m as usize]).min(1.0),
            })
            .collect();
        [1.001, 1.000_01, 1.0].into_iter().find_map(|factor| {
            let zeta = settle(system, &share, depletion, factor)?;
            let passed: Vec<f64> = zeta.iter().zip(&share).map(|(z, s)| z * s).collect();
            let made = Self::finish(system, depletion, zeta, passed);
            made.holds(system).then_some(made)
        })
    }

    /// Rows without any loss among their inputs are not checked one by one: they must hold for any τ.
    pub fn holds(&self, system: &System) -> bool {
        let rows = &system.rows;
        (0..system.len()).all(|j| {
            rows.groups_of(j).all(|group| {
                let links = rows.links_of(group);
                let sum: f64 = links
                    .clone()
                    .map(|l| rows.weight[l] * self.passed[rows.from[l] as usize])
                    .sum();
                sum * (1.0 + rounding(links.len())) <= self.zeta[j]
            })
        })
    }

    fn finish(system: &System, depletion: f64, zeta: Vec<f64>, passed: Vec<f64>) -> Self {
        let mut by_market = vec![0.0; system.market_size.len()];
        let mut all = 0.0;
        for (i, z) in zeta.iter().enumerate() {
            all += system.size[i] * z;
            if system.market[i] != ALONE {
                by_market[system.market[i] as usize] += system.size[i] * z * (1.0 + 1e-12);
            }
        }
        Self {
            depletion,
            zeta,
            passed,
            by_market,
            mean: all / system.total * (1.0 + 1e-9),
        }
    }
}

/// Iterates the weights in place until they change by less than a millionth.
fn settle(system: &System, share: &[f64], depletion: f64, factor: f64) -> Option<Vec<f64>> {
    let rows = &system.rows;
    let mut zeta = vec![1.0; system.len()];
    let mut spread = vec![0.0; system.market_size.len()];
    for _ in 0..MOST_SWEEPS {
        spread.fill(0.0);
        for (i, z) in zeta.iter().enumerate() {
            if system.market[i] != ALONE {
                spread[system.market[i] as usize] += system.size[i] * z;
            }
        }
        for (m, sum) in spread.iter_mut().enumerate() {
            if system.market_size[m] > 0.0 {
                *sum *= depletion / system.market_size[m];
            }
        }
        let mut change = 0.0_f64;
        for j in 0..system.len() {
            let mut most = 0.0_f64;
            for group in rows.groups_of(j) {
                let mut sum = 0.0;
                for link in rows.links_of(group) {
                    let i = rows.from[link] as usize;
                    let shift = if share[i] < 1.0 {
                        spread[system.market[i] as usize]
                    } else {
                        0.0
                    };
                    sum += rows.weight[link] * share[i] * (zeta[i] + shift);
                }
                most = most.max(sum);
            }
            let new = 1.0 + factor * most;
            change = change.max((new - zeta[j]) / new);
            zeta[j] = new;
        }
        if change < 1e-6 {
            return Some(zeta);
        }
        if zeta.iter().any(|z| *z > LARGEST) {
            return None;
        }
    }
    None
}
