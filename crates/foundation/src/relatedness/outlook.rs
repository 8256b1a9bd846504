//! Complexity outlook: how much complexity lies within reach, and what each activity would add to it.
//!
//! ```text
//! COI_l  = Σ_a density_la (1 - M_la) PCI_a                                      Hausmann et al. (2014)
//! COG_la = (1 - M_la) Σ_b (1 - M_lb) φ_ba PCI_b / s_b
//! ```
//!
//! What s is, the literature does not agree on: [`Gain::Neighbour`] divides by Σ_c φ_bc of the activity b that comes nearer
//! (Atlas, Stata), [`Gain::Target`] by Σ_c φ_ca of the activity a that is gained, and [`Gain::Net`] is the target form less
//! density_la PCI_a, for all cells (the OEC's opportunity gain).

use super::density::{Held, held_sums, over};
use super::proximity::Phi;
use crate::presence::Presence;

/// Which definition of the gain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gain {
    Neighbour,
    Target,
    Net,
}

/// Density, outlook and gain of every location and cell, from one pass over φ.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlook {
    /// Share of the proximity that is held, row-major.
    pub density: Vec<f64>,
    /// COI of every location, in units of the `pci` that was given.
    pub coi: Vec<f64>,
    /// COG of every cell; 0 where the activity is held (but for [`Gain::Net`]).
    pub cog: Vec<f64>,
}

/// Density, COI and COG. An activity without PCI (`NaN`) adds nothing to any sum; an activity without neighbours has neither
/// density nor gain (`NaN`).
pub fn outlook(presence: &Presence, phi: &Phi, pci: &[f64], gain: Gain) -> Outlook {
    let n = presence.activities();
    let (columns, rows) = phi.sums();
    let known: Vec<f64> = pci
        .iter()
        .map(|p| if p.is_nan() { 0.0 } else { *p })
        .collect();
    let weights: Vec<f64> = match gain {
        Gain::Neighbour => known
            .iter()
            .zip(&rows)
            .map(|(p, s)| if *s == 0.0 { 0.0 } else { p / s })
            .collect(),
        Gain::Target | Gain::Net => known.clone(),
    };
    let Held {
        plain,
        weighted,
        full,
    } = held_sums(presence, phi, &weights);
    let density = over(&plain, &columns);
    let mut cog = weighted;
    for (k, cell) in cog.iter_mut().enumerate() {
        let (l, a) = (k / n, k % n);
        let gained = full[a] - *cell;
        *cell = match gain {
            _ if columns[a] == 0.0 => f64::NAN,
            Gain::Net => gained / columns[a] - density[k] * known[a],
            _ if presence.get(l, a) => 0.0,
            Gain::Neighbour => gained,
            Gain::Target => gained / columns[a],
        };
    }
    let coi = density
        .chunks(n.max(1))
        .enumerate()
        .map(|(l, row)| {
            row.iter()
                .enumerate()
                .filter(|(a, d)| !d.is_nan() && !presence.get(l, *a))
                .map(|(a, d)| d * known[a])
                .sum()
        })
        .collect();
    Outlook { density, coi, cog }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::relatedness::proximity::{Diagonal, Measure};

    proptest! {
        #[test]
        fn outlook_agrees_with_plain_sums(
            locations in 1usize..7, activities in 1usize..40, seed in any::<u64>()
        ) {
            let m = Presence::from_fn(locations, activities, |l, a| {
                (seed ^ (l as u64 * 7919 + a as u64 * 104_729)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 63 == 0
            });
            let pci: Vec<f64> = (0..activities).map(|a| (a as f64 * 1.7).sin()).collect();
            for measure in [Measure::MinConditional, Measure::Conditional] {
                let phi = Phi::of_presence(&m, measure, Diagonal::Zero);
                let p = phi.stored();
                let sum = |f: &dyn Fn(usize) -> f64| (0..activities).map(f).sum::<f64>();
                let absent = |l: usize, a: usize| f64::from(u8::from(!m.get(l, a)));
                for gain in [Gain::Neighbour, Gain::Target, Gain::Net] {
                    let found = outlook(&m, &phi, &pci, gain);
                    for l in 0..locations {
                        let mut coi = 0.0;
                        for a in 0..activities {
                            let below = sum(&|b| p.get(b, a));
                            let d = sum(&|b| (1.0 - absent(l, b)) * p.get(b, a)) / below;
                            coi += if below > 0.0 { d * absent(l, a) * pci[a] } else { 0.0 };
                            let cog = match gain {
                                Gain::Neighbour => absent(l, a) * sum(&|b| {
                                    let s = sum(&|c| p.get(b, c));
                                    if s > 0.0 { absent(l, b) * p.get(b, a) * pci[b] / s } else { 0.0 }
                                }),
                                Gain::Target => absent(l, a) * sum(&|b| absent(l, b) * p.get(b, a) * pci[b]) / below,
                                Gain::Net => sum(&|b| absent(l, b) * p.get(b, a) * pci[b]) / below - d * pci[a],
                            };
                            let got = found.cog[l * activities + a];
                            prop_assert!(below > 0.0 && (got - cog).abs() < 1e-12 || below == 0.0 && got.is_nan());
                        }
                        prop_assert!((found.coi[l] - coi).abs() < 1e-12);
                    }
                }
            }
        }
    }
}
