//! One shock alone, for those whose markets shrink so far that weights made in advance do not bound them: iterate on from the
//! batch's losses, make weights from the state that is reached, and check them.
//!
//! The weights are those of [`super::zeta`] with the actual D_m and L_i instead of the worst case, over groups that bind
//! or nearly bind. As there, the check is the proof.

use super::layout::ALONE;
use super::system::{System, rounding};

/// Links visited for one shock at most, and change at which the iteration ends.
const MOST_VISITS: usize = 300_000_000;
const STILL: f64 = 1e-14;
/// A group binds nearly when it is below the row's loss by no more than this part.
const NEAR: f64 = 1e-3;

/// L* lies in [low, low + tau·zeta].
#[derive(Debug, Clone)]
pub(crate) struct Bound {
    pub tau: f64,
    pub zeta: Vec<f64>,
}

/// Raises `low` towards the least fixed point above `floor`; a bound with Σ s τζ ≤ `most` Σ s where one is found.
pub(crate) fn bound(
    system: &System,
    floor: &[(u32, f64)],
    low: &mut [f64],
    most: f64,
) -> Option<Bound> {
    climb(system, low);
    let zeta = weights(system, floor, low)?;
    let mean: f64 = zeta
        .iter()
        .zip(&system.size)
        .map(|(z, s)| z * s)
        .sum::<f64>()
        / system.total;
    let mut tau = 1e-13;
    while tau * mean <= most {
        if verify(system, low, &zeta, tau) {
            return Some(Bound { tau, zeta });
        }
        tau *= 4.0;
    }
    None
}

/// Size of each market that is left, and Σ of its summands' number.
fn left(system: &System, losses: impl Fn(usize) -> f64) -> (Vec<f64>, Vec<u32>) {
    let (mut left, mut count) = (
        vec![0.0; system.market_size.len()],
        vec![0_u32; system.market_size.len()],
    );
    for i in 0..system.len() {
        if system.market[i] != ALONE {
            left[system.market[i] as usize] += system.size[i] * (1.0 - losses(i));
            count[system.market[i] as usize] += 1;
        }
    }
    (left, count)
}

fn sigma(system: &System, left: &[f64], i: usize) -> f64 {
    match system.market[i] {
        ALONE => 1.0,
        m => {
            let d = left[m as usize];
            if d > 0.0 {
                (system.size[i] / d).min(1.0)
            } else {
                1.0
            }
        }
    }
}

fn climb(system: &System, low: &mut [f64]) {
    let rows = &system.rows;
    let sweeps = (MOST_VISITS / (rows.from.len() + system.len())).max(50);
    for _ in 0..sweeps {
        let (mut d, count) = left(system, |i| low[i]);
        for (d, count) in d.iter_mut().zip(count) {
            *d *= 1.0 + f64::from(count + 8) * f64::EPSILON;
        }
        let share: Vec<f64> = (0..system.len()).map(|i| sigma(system, &d, i)).collect();
        let mut change = 0.0_f64;
        for j in 0..system.len() {
            let mut most = low[j];
            for group in rows.groups_of(j) {
                let links = rows.links_of(group);
                let down = 1.0 - rounding(links.len());
                let at = |l: usize| {
                    let i = rows.from[l] as usize;
                    rows.weight[l] * low[i] * share[i]
                };
                most = most.max(links.map(at).sum::<f64>() * down);
            }
            let new = most.min(1.0);
            change = change.max(new - low[j]);
            low[j] = new;
        }
        if change <= STILL {
            break;
        }
    }
}

fn weights(system: &System, floor: &[(u32, f64)], low: &[f64]) -> Option<Vec<f64>> {
    let rows = &system.rows;
    let n = system.len();
    let (d, _) = left(system, |i| low[i]);
    let share: Vec<f64> = (0..n).map(|i| sigma(system, &d, i)).collect();
    let mut fixed = vec![false; n];
    for (i, loss) in floor {
        let i = system.stand_in[*i as usize] as usize;
        fixed[i] = low[i] <= *loss;
    }
    let binds: Vec<bool> = (0..n)
        .flat_map(|j| rows.groups_of(j).map(move |group| (j, group)))
        .map(|(j, group)| {
            let at = |l: usize| {
                let i = rows.from[l] as usize;
                rows.weight[l] * low[i] * share[i]
            };
            let sum: f64 = rows.links_of(group).map(at).sum();
            sum >= low[j] * (1.0 - NEAR)
        })
        .collect();
    let capped = |j: usize| fixed[j] || low[j] >= 1.0 - 1e-9;
    [1.001, 1.000_01].into_iter().find_map(|factor| {
        let mut zeta = vec![1.0; n];
        let mut spread = vec![0.0; d.len()];
        for _ in 0..(MOST_VISITS / (rows.from.len() + n)).max(50) {
            spread.fill(0.0);
            for i in 0..n {
                if system.market[i] != ALONE {
                    spread[system.market[i] as usize] += system.size[i] * zeta[i];
                }
            }
            let mut change = 0.0_f64;
            for j in (0..n).filter(|j| !capped(*j)) {
                let mut most = 0.0_f64;
                for group in rows.groups_of(j).filter(|group| binds[*group]) {
                    let at = |l: usize| {
                        let i = rows.from[l] as usize;
                        let shift = match system.market[i] {
                            m if m != ALONE && share[i] < 1.0 => {
                                low[i] * spread[m as usize] / d[m as usize]
                            }
                            _ => 0.0,
                        };
                        rows.weight[l] * share[i] * (zeta[i] + shift)
                    };
                    most = most.max(rows.links_of(group).map(at).sum());
                }
                let new = 1.0 + factor * most;
                change = change.max((new - zeta[j]) / new);
                zeta[j] = new;
            }
            if change < 1e-6 {
                return Some(zeta);
            }
            if zeta.iter().any(|z| *z > 1e12) {
                return None;
            }
        }
        None
    })
}

/// G(Lp) ≤ Lp for Lp = min(1, low + τζ).
fn verify(system: &System, low: &[f64], zeta: &[f64], tau: f64) -> bool {
    let rows = &system.rows;
    let high: Vec<f64> = low
        .iter()
        .zip(zeta)
        .map(|(l, z)| (l + tau * z).min(1.0))
        .collect();
    let (mut d, count) = left(system, |i| high[i]);
    for (d, count) in d.iter_mut().zip(count) {
        *d *= 1.0 - f64::from(count + 8) * f64::EPSILON;
    }
    let passed: Vec<f64> = (0..system.len())
        .map(|i| high[i] * (sigma(system, &d, i) * (1.0 + 4.0 * f64::EPSILON)).min(1.0))
        .collect();
    (0..system.len()).all(|j| {
        high[j] >= 1.0
            || rows.groups_of(j).all(|group| {
                let links = rows.links_of(group);
                let room = 1.0 + rounding(links.len());
                let sum: f64 = links
                    .map(|l| rows.weight[l] * passed[rows.from[l] as usize])
                    .sum();
                sum * room <= high[j]
            })
    })
}
