//! Density: how much of what is near to an activity a location already has.
//!
//! ```text
//! density_la  = Σ_b M_lb φ_ba / Σ_b φ_ba          Hidalgo et al. (2007), in [0, 1] for φ ≥ 0
//! distance_la = 1 - density_la
//! internal    = density where M_la = 1, external where M_la = 0 (the options)
//! relative    = (density - mean) / sd over the options of the location       Pinheiro et al. (2022)
//! ```
//!
//! With φ of a correlation, M may be replaced by RCA ([`density_of_values`]). All cells come row-major; `NaN` where
//! Σ_b φ_ba = 0, because an activity without neighbours has no density.

use rayon::prelude::*;

use super::proximity::{Phi, WIDTH};
use crate::presence::Presence;

/// Sums of φ over what each location has.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Held {
    /// Σ_b M_lb φ_ba, row-major.
    pub plain: Vec<f64>,
    /// Σ_b M_lb w_b φ_ba.
    pub weighted: Vec<f64>,
    /// Σ_b w_b φ_ba.
    pub full: Vec<f64>,
}

/// Columns that are summed in registers at once.
const LANES: usize = 8;

/// One pass over the blocks of φ: every sum over b runs upwards, so that no sum depends on threads.
pub(crate) fn held_sums(presence: &Presence, phi: &Phi, weights: &[f64]) -> Held {
    let (height, n) = (presence.locations(), presence.activities());
    let lists: Vec<Vec<(u32, f64)>> = (0..height)
        .map(|l| {
            presence
                .activities_of(l)
                .map(|a| (a as u32, weights[a]))
                .collect()
        })
        .collect();
    let blocks: Vec<(Vec<f64>, Vec<f64>, [f64; WIDTH])> = (0..n.div_ceil(WIDTH))
        .into_par_iter()
        .map_init(Vec::new, |columns, block| {
            phi.fill(block, columns);
            let mut full = [0.0; WIDTH];
            for (row, weight) in columns.iter().zip(weights) {
                for (sum, phi) in full.iter_mut().zip(row) {
                    *sum += phi * weight;
                }
            }
            let mut plain = vec![0.0; height * WIDTH];
            let mut weighted = vec![0.0; height * WIDTH];
            for (l, held) in lists.iter().enumerate() {
                for at in (0..WIDTH).step_by(LANES) {
                    let (one, two) = lane_sums(columns, held, at);
                    plain[l * WIDTH + at..][..LANES].copy_from_slice(&one);
                    weighted[l * WIDTH + at..][..LANES].copy_from_slice(&two);
                }
            }
            (plain, weighted, full)
        })
        .collect();
    let mut sums = Held {
        plain: Vec::with_capacity(height * n),
        weighted: Vec::with_capacity(height * n),
        full: Vec::with_capacity(n),
    };
    for l in 0..height {
        for (k, (plain, weighted, _)) in blocks.iter().enumerate() {
            let width = WIDTH.min(n - k * WIDTH);
            sums.plain.extend_from_slice(&plain[l * WIDTH..][..width]);
            sums.weighted
                .extend_from_slice(&weighted[l * WIDTH..][..width]);
        }
    }
    for (k, (_, _, full)) in blocks.iter().enumerate() {
        sums.full
            .extend_from_slice(&full[..WIDTH.min(n - k * WIDTH)]);
    }
    sums
}

fn lane_sums(
    columns: &[[f64; WIDTH]],
    held: &[(u32, f64)],
    at: usize,
) -> ([f64; LANES], [f64; LANES]) {
    let mut plain = [0.0; LANES];
    let mut weighted = [0.0; LANES];
    for (b, weight) in held {
        let Some(row) = columns[*b as usize][at..].first_chunk::<LANES>() else {
            continue;
        };
        for j in 0..LANES {
            plain[j] += row[j];
            weighted[j] += row[j] * weight;
        }
    }
    (plain, weighted)
}

/// Density of every cell.
pub fn density(presence: &Presence, phi: &Phi) -> Vec<f64> {
    let (columns, _) = phi.sums();
    let none = vec![0.0; presence.activities()];
    over(&held_sums(presence, phi, &none).plain, &columns)
}

/// Σ_b x_lb φ_ba / Σ_b φ_ba of any numbers x, row-major; unknown numbers count as 0.
pub fn density_of_values(values: &[f64], phi: &Phi) -> Vec<f64> {
    let n = phi.len();
    let height = values.len() / n.max(1);
    let (down, _) = phi.sums();
    let blocks: Vec<Vec<f64>> = (0..n.div_ceil(WIDTH))
        .into_par_iter()
        .map_init(Vec::new, |columns, block| {
            phi.fill(block, columns);
            let mut sums = vec![0.0; height * WIDTH];
            for l in 0..height {
                let sum = &mut sums[l * WIDTH..(l + 1) * WIDTH];
                for (row, x) in columns.iter().zip(&values[l * n..(l + 1) * n]) {
                    if *x != 0.0 && !x.is_nan() {
                        for (sum, phi) in sum.iter_mut().zip(row) {
                            *sum += phi * x;
                        }
                    }
                }
            }
            sums
        })
        .collect();
    let mut sums = Vec::with_capacity(values.len());
    for l in 0..height {
        for (k, block) in blocks.iter().enumerate() {
            sums.extend_from_slice(&block[l * WIDTH..][..WIDTH.min(n - k * WIDTH)]);
        }
    }
    over(&sums, &down)
}

/// Row-major cells over a number for each column; `NaN` where that is 0.
pub(crate) fn over(cells: &[f64], columns: &[f64]) -> Vec<f64> {
    cells
        .chunks(columns.len().max(1))
        .flat_map(|row| row.iter().zip(columns))
        .map(|(x, sum)| if *sum == 0.0 { f64::NAN } else { x / sum })
        .collect()
}

/// 1 - density.
pub fn distance(density: &[f64]) -> Vec<f64> {
    density.iter().map(|d| 1.0 - d).collect()
}

/// Which cells of a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What it has.
    Internal,
    /// What it does not have: its options.
    External,
}

/// Density in one part, `NaN` in the other.
pub fn density_within(density: &[f64], presence: &Presence, part: Part) -> Vec<f64> {
    let n = presence.activities();
    let kept = |k: usize| presence.get(k / n, k % n) == (part == Part::Internal);
    density
        .iter()
        .enumerate()
        .map(|(k, d)| if kept(k) { *d } else { f64::NAN })
        .collect()
}

/// Mean of a location's density over one part; `NaN` where it has no such cell (Balland et al., 2019, as an average).
pub fn mean_density(density: &[f64], presence: &Presence, part: Part) -> Vec<f64> {
    density_within(density, presence, part)
        .chunks(presence.activities().max(1))
        .map(|row| moments(row, 0).0)
        .collect()
}

/// For whom relative relatedness is asked, and with which spread. The statistics are always those of the options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RelativeParams {
    pub cells: RelativeCells,
    /// Subtracted from the number of options in the variance: 0 (econcomplex) or 1 (the OEC package).
    pub ddof: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelativeCells {
    /// Options only, as Pinheiro et al. define it.
    Options,
    /// Every cell on the scale of the options.
    All,
}

impl Default for RelativeParams {
    fn default() -> Self {
        Self {
            cells: RelativeCells::Options,
            ddof: 0,
        }
    }
}

/// z of density over the option set of each location; `NaN` where the options do not vary.
pub fn relative_relatedness(
    density: &[f64],
    presence: &Presence,
    params: RelativeParams,
) -> Vec<f64> {
    let options = density_within(density, presence, Part::External);
    let n = presence.activities().max(1);
    density
        .chunks(n)
        .zip(options.chunks(n))
        .flat_map(|(row, options)| {
            let (mean, sd) = moments(options, params.ddof);
            let shown = match params.cells {
                RelativeCells::Options => options,
                RelativeCells::All => row,
            };
            shown.iter().map(move |d| {
                if sd > 1e-12 * mean.abs() {
                    (d - mean) / sd
                } else {
                    f64::NAN
                }
            })
        })
        .collect()
}

/// Mean and standard deviation of the known values; `NaN` without any.
pub(crate) fn moments(values: &[f64], ddof: usize) -> (f64, f64) {
    let known = || values.iter().filter(|v| !v.is_nan());
    let n = known().count();
    let mean = known().sum::<f64>() / n as f64;
    let squares = known().map(|v| (v - mean).powi(2)).sum::<f64>();
    (mean, (squares / (n as f64 - ddof as f64)).sqrt())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use proptest::prelude::*;

    use super::*;
    use crate::relatedness::proximity::{Diagonal, Measure};

    #[test]
    fn density_by_hand() {
        // a in 0, 1; b in 0, 1; c in 1, 2: φ_ab = 1, φ_ac = φ_bc = 1/2.
        let m = Presence::from_fn(3, 3, |l, a| [&[0, 1][..], &[0, 1], &[1, 2]][a].contains(&l));
        let phi = Phi::of_presence(&m, Measure::MinConditional, Diagonal::Zero);
        let d = density(&m, &phi);
        // Location 0 has a, b: of a's 3/2 it has 1; of c's 1 all. Location 2 has c: of a's 3/2 it has 1/2.
        assert!((d[0] - 2.0 / 3.0).abs() < 1e-15 && (d[2] - 1.0).abs() < 1e-15);
        assert!((d[6] - 1.0 / 3.0).abs() < 1e-15 && d[8] == 0.0);
        assert!((distance(&d)[6] - 2.0 / 3.0).abs() < 1e-15);
        let internal = mean_density(&d, &m, Part::Internal);
        assert!((internal[0] - 2.0 / 3.0).abs() < 1e-15);
        assert!(mean_density(&d, &m, Part::External)[1].is_nan());
    }

    proptest! {
        #[test]
        fn sums_agree_with_plain_loops(locations in 1usize..8, activities in 1usize..80, seed in any::<u64>()) {
            let m = Presence::from_fn(locations, activities, |l, a| {
                (seed ^ (l as u64 * 7919 + a as u64 * 104_729)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 62 == 0
            });
            let phi = Phi::of_presence(&m, Measure::Conditional, Diagonal::Zero);
            let stored = phi.stored();
            let weights: Vec<f64> = (0..activities).map(|a| (a as f64).sin()).collect();
            let sums = held_sums(&m, &phi, &weights);
            prop_assert_eq!(&held_sums(&m, &Phi::of(&stored), &weights), &sums);
            let values: Vec<f64> = (0..locations * activities)
                .map(|k| f64::from(u8::from(m.get(k / activities, k % activities)))).collect();
            let by_values = density_of_values(&values, &phi);
            let d = density(&m, &phi);
            for l in 0..locations {
                for a in 0..activities {
                    let k = l * activities + a;
                    let plain: f64 = m.activities_of(l).map(|b| stored.get(b, a)).sum();
                    let weighted: f64 = m.activities_of(l).map(|b| weights[b] * stored.get(b, a)).sum();
                    prop_assert!((sums.plain[k] - plain).abs() < 1e-12);
                    prop_assert!((sums.weighted[k] - weighted).abs() < 1e-12);
                    prop_assert!(d[k].is_nan() || (-1e-12..=1.0 + 1e-12).contains(&d[k]));
                    prop_assert!(d[k].is_nan() && by_values[k].is_nan() || (d[k] - by_values[k]).abs() < 1e-12);
                }
            }
            let z = relative_relatedness(&d, &m, RelativeParams::default());
            for row in z.chunks(activities) {
                let (mean, sd) = moments(row, 0);
                prop_assert!(mean.is_nan() || mean.abs() < 1e-6 && (sd - 1.0).abs() < 1e-6);
            }
        }
    }
}
