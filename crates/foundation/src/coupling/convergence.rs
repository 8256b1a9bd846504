//! Convergence of technologies: which pairs come closer over time?
//!
//! In every window w the relatedness of two technologies is
//!
//! ```text
//! φ_ab(w) = (M'M)_ab / max(u_a, u_b)                       proximity (Hidalgo, Klinger, Barabási and Hausmann, 2007)
//! e_ab(w) = φ_ab(w) - min(u_a, u_b)/L                      excess over two independent technologies, L locations
//! ```
//!
//! The excess is the default: φ rises by itself when technologies become more common. Its change per year is the
//! Theil–Sen slope over the windows; its range a bootstrap over locations, the same locations in all windows. A pair is *rising* where the
//! slope is significant after the false discovery rate over all pairs (one-sided normal p of slope / standard
//! error of the bootstrap; Benjamini and Hochberg, 1995). Experimental: a location's history in all windows is
//! the unit; windows that overlap are smoothed, not more numerous.

use model::{Estimate, Seed, Year};
use rand::RngExt;
use rayon::prelude::*;

use super::Grid;
use super::error::{CouplingError, check, check_level, refused};
use super::quantile::percentile_range;
use super::slope::theil_sen;
use super::validation::{Correction, Params as Null, threshold};
use crate::presence::Presence;

/// What is followed over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    Proximity,
    Excess,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    pub measure: Measure,
    /// Replicates of the bootstrap over locations.
    pub replicates: usize,
    /// Coverage of the ranges.
    pub level: f64,
    /// Share of false pairs among the rising ones.
    pub false_discoveries: f64,
    pub minimum_windows: usize,
    pub seed: Seed,
}

impl Default for Params {
    /// Excess, 500 replicates, 90 %, false discovery rate 0.05, at least 3 windows.
    fn default() -> Self {
        Self {
            measure: Measure::Excess,
            replicates: 500,
            level: 0.9,
            false_discoveries: 0.05,
            minimum_windows: 3,
            seed: Seed(1),
        }
    }
}

/// One pair of technologies, a < b.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    pub a: usize,
    pub b: usize,
    /// Relatedness in every window.
    pub series: Vec<f64>,
    /// Change per year.
    pub slope: Estimate,
    pub p_value: f64,
    pub rising: bool,
}

/// All pairs, the steepest first; windows are years with presences of the same locations and technologies.
///
/// # Errors
/// `Parameter` for a level outside (0, 1) or windows of different shape; `Refused` (`coupling.too_few_windows`).
pub fn convergence(
    windows: &[(Year, Presence)],
    params: &Params,
) -> Result<Vec<Pair>, CouplingError> {
    check_level("level", params.level)?;
    check_level("false_discoveries", params.false_discoveries)?;
    check(
        "replicates",
        params.replicates as f64,
        params.replicates >= 20,
        "at least 20",
    )?;
    let needed = params.minimum_windows.max(2);
    if windows.len() < needed {
        return Err(refused("coupling.too_few_windows", |text| {
            text.with("found", windows.len()).with("needed", needed)
        }));
    }
    let shape = |m: &Presence| (m.locations(), m.activities());
    let (height, width) = shape(&windows[0].1);
    let same = windows.iter().all(|(_, m)| shape(m) == (height, width));
    check(
        "windows",
        windows.len() as f64,
        same,
        "the same locations and technologies in every window",
    )?;
    let slopes = |picked: &[usize]| -> (Vec<f64>, Vec<Grid>) {
        let columns: Vec<usize> = (0..width).collect();
        let grids: Vec<Grid> = windows
            .iter()
            .map(|(_, m)| relatedness(&m.restricted(picked, &columns), params.measure))
            .collect();
        let slope = |a: usize, b: usize| {
            let points: Vec<(f64, f64)> = windows
                .iter()
                .zip(&grids)
                .map(|((year, _), grid)| (f64::from(year.0), grid.get(a, b)))
                .collect();
            theil_sen(&points).unwrap_or(0.0)
        };
        (pairs(width).map(|(a, b)| slope(a, b)).collect(), grids)
    };
    let every: Vec<usize> = (0..height).collect();
    let (observed, grids) = slopes(&every);
    let replicates: Vec<Vec<f64>> = (0..params.replicates)
        .into_par_iter()
        .map(|r| {
            let mut stream = params.seed.stream("coupling.convergence", r as u64);
            let picked: Vec<usize> = (0..height)
                .map(|_| stream.random_range(0..height))
                .collect();
            slopes(&picked).0
        })
        .collect();
    let mut found: Vec<Pair> = pairs(width)
        .enumerate()
        .map(|(k, (a, b))| {
            let drawn: Vec<f64> = replicates.iter().map(|slopes| slopes[k]).collect();
            Pair {
                a,
                b,
                series: grids.iter().map(|grid| grid.get(a, b)).collect(),
                slope: percentile_range(observed[k], &drawn, params.level),
                p_value: above_zero(observed[k], &drawn),
                rising: false,
            }
        })
        .collect();
    let p_values: Vec<f64> = found.iter().map(|pair| pair.p_value).collect();
    let limit = threshold(
        &p_values,
        &Null {
            level: params.false_discoveries,
            correction: Correction::FalseDiscoveryRate,
            ..Null::default()
        },
    );
    for pair in &mut found {
        pair.rising = pair.p_value <= limit;
    }
    found.sort_by(|x, y| {
        let steeper = y.slope.value.total_cmp(&x.slope.value);
        steeper.then((x.a, x.b).cmp(&(y.a, y.b)))
    });
    Ok(found)
}

fn pairs(width: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..width).flat_map(move |a| (a + 1..width).map(move |b| (a, b)))
}

fn relatedness(m: &Presence, measure: Measure) -> Grid {
    let u = m.ubiquity();
    let locations = m.locations().max(1) as f64;
    Grid::from_fn(m.activities(), m.activities(), |a, b| {
        if b <= a {
            return 0.0;
        }
        let both = f64::from(m.both_activities(a, b));
        let proximity = both / f64::from(u[a].max(u[b]).max(1));
        match measure {
            Measure::Proximity => proximity,
            Measure::Excess => proximity - f64::from(u[a].min(u[b])) / locations,
        }
    })
}

/// One-sided normal p-value of a slope above 0.
fn above_zero(slope: f64, replicates: &[f64]) -> f64 {
    let n = replicates.len() as f64;
    let mean = replicates.iter().sum::<f64>() / n;
    let variance = replicates.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
    if variance > 0.0 {
        normal_tail(slope / variance.sqrt())
    } else {
        // Nothing moves, in no replicate: no evidence either way.
        1.0
    }
}

/// P(Z > z), by the complementary error function of Press et al. (1992, section 6.2; relative error below 1.2e-7).
fn normal_tail(z: f64) -> f64 {
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + x / 2.0);
    let poly = [
        -1.265_512_23,
        1.000_023_68,
        0.374_091_96,
        0.096_784_18,
        -0.186_288_06,
        0.278_868_07,
        -1.135_203_98,
        1.488_515_87,
        -0.822_152_23,
        0.170_872_77,
    ];
    let power = poly.iter().rev().fold(0.0, |sum, c| sum * t + c);
    let tail = t * (-x * x + power).exp() / 2.0;
    if z >= 0.0 { tail } else { 1.0 - tail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_tails_against_tables() {
        for (z, p) in [
            (0.0, 0.5),
            (1.959_963_985, 0.025),
            (-1.644_853_627, 0.95),
            (3.0, 0.001_349_898),
        ] {
            assert!((normal_tail(z) - p).abs() < 2e-7, "{z}: {}", normal_tail(z));
        }
    }

    /// 40 locations, 4 windows: technology 1 joins technology 0 more and more; 2 and 3 stay as they are.
    fn windows() -> Vec<(Year, Presence)> {
        (0..4)
            .map(|w| {
                let has = move |l: usize, a: usize| match a {
                    0 => l.is_multiple_of(2),
                    // Half of the locations in every window, more and more of them those of technology 0.
                    1 if l % 8 < 4 => l.is_multiple_of(2) || l % 8 >= w,
                    1 => l.is_multiple_of(2) && l / 8 < w,
                    2 => l.is_multiple_of(3),
                    _ => l % 5 < 2,
                };
                (Year(2000 + 5 * w as i32), Presence::from_fn(40, 4, has))
            })
            .collect()
    }

    #[test]
    fn a_planted_pair_rises_and_comes_first() {
        let found = convergence(&windows(), &Params::default()).expect("four windows");
        assert_eq!(found.len(), 6);
        let first = &found[0];
        assert_eq!((first.a, first.b), (0, 1));
        assert!(first.rising && first.slope.low > 0.0, "{first:?}");
        let still = found.iter().find(|p| (p.a, p.b) == (2, 3)).expect("a pair");
        assert!(!still.rising && still.slope.value == 0.0, "{still:?}");
    }

    #[test]
    fn an_excess_does_not_rise_with_ubiquity_alone() {
        // Everybody gets everything in the end: the proximity rises to 1, the excess ends at 0.
        let grid = relatedness(&Presence::from_fn(10, 2, |_, _| true), Measure::Excess);
        assert!(grid.get(0, 1).abs() < 1e-15);
        let grid = relatedness(&Presence::from_fn(10, 2, |_, _| true), Measure::Proximity);
        assert!((grid.get(0, 1) - 1.0).abs() < 1e-15);
    }

    #[test]
    fn two_windows_are_refused() {
        match convergence(&windows()[..2], &Params::default()) {
            Err(CouplingError::Refused(refusal)) => {
                assert_eq!(refusal.code, "coupling.too_few_windows");
            }
            other => panic!("{other:?}"),
        }
    }
}
