//! Which links between two layers are more than chance would show.
//!
//! The null model draws both layers independently, each from its bipartite configuration model
//! ([`crate::null::bicm`]; Saracco, Di Clemente, Gabrielli and Squartini, 2015): locations keep their diversity and
//! activities their ubiquity on average, everything else is random (Pugliese et al., 2019).
//!
//! ```text
//! p_aa' = (1 + #{draws with B_aa' ≥ observed B_aa'}) / (1 + draws)
//! Bonferroni: p ≤ α/T      false discovery rate: p ≤ the largest p_(i) with p_(i) ≤ iα/T (Benjamini, Hochberg, 1995)
//! ```
//!
//! with T pairs of activities that somebody holds; threshold by [`crate::null::false_discovery`]. The observed layers count as one draw (Davison and Hinkley, 1997,
//! section 4.2), so no p-value is zero; the smallest possible is 1/(1 + draws). The mean under chance is exact
//! ([`expected_assist`]), p-values are sampled, because the ratio of dependent sums has no closed distribution.
//!
//! [`Statistic::SharedLocations`] tests the number of locations that hold both, Σ_c M¹_ca M²_ca', instead. Under the same null
//! model it is Poisson-binomial with probabilities p¹_ca p²_ca', so its p-value is exact and as small as it is
//! (Saracco et al., 2017, for one layer).
//!
//! The two layers must be different layers, or one layer in different years: a layer against itself in the same year
//! is not independent of itself.

use model::Seed;
use rayon::prelude::*;

use super::Grid;
use super::assist::{assist, expected_assist};
use super::error::{CouplingError, check, check_level, refused};
use super::layers::Matched;
use crate::null::bicm::{self, Bicm};
pub use crate::null::false_discovery::Correction;
use crate::null::false_discovery::{self, Tied};
use crate::null::poisson_binomial::{Trials, mean, right_tails};
use crate::presence::Presence;

/// What is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    /// The assist matrix, by draws from the null model.
    Assist,
    /// The number of locations that hold both, exactly.
    SharedLocations,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    pub statistic: Statistic,
    pub level: f64,
    pub correction: Correction,
    /// Draws from the null model.
    pub draws: usize,
    pub seed: Seed,
    /// Fewer common locations are refused: their null distribution has too few values.
    pub minimum_locations: usize,
}

impl Default for Params {
    /// Assist matrix, false discovery rate 0.05, 10,000 draws, at least 10 locations.
    fn default() -> Self {
        Self {
            statistic: Statistic::Assist,
            level: 0.05,
            correction: Correction::FalseDiscoveryRate,
            draws: 10_000,
            seed: Seed(1),
            minimum_locations: 10,
        }
    }
}

/// The statistic with what chance would show; all grids are activities of layer 1 × activities of layer 2.
#[derive(Debug, Clone, PartialEq)]
pub struct Links {
    pub observed: Grid,
    /// Exact mean under the null model.
    pub expected: Grid,
    /// Standard deviation under the null model: over the draws, or exact.
    pub deviation: Grid,
    /// 1 where nobody holds one of the two activities.
    pub p_values: Grid,
    /// Largest p-value that is significant; 0 where none is.
    pub threshold: f64,
    /// Pairs of activities that somebody holds.
    pub tests: usize,
}

impl Links {
    pub fn significant(&self, from: usize, to: usize) -> bool {
        self.p_values.get(from, to) <= self.threshold
    }

    /// Significant pairs (layer 1, layer 2), ascending.
    pub fn pairs(&self) -> Vec<(usize, usize)> {
        (0..self.observed.rows())
            .flat_map(|a| (0..self.observed.columns()).map(move |b| (a, b)))
            .filter(|(a, b)| self.significant(*a, *b))
            .collect()
    }
}

/// Validates every link between two layers.
///
/// # Errors
/// `Parameter` for a level outside (0, 1) or no draws; `Refused` for too few common locations
/// (`coupling.too_few_locations`) and for a Bonferroni threshold below the smallest possible p-value
/// (`coupling.too_few_draws`); `Null` where the null model has no solution.
pub fn validate(pair: &Matched, params: &Params) -> Result<Links, CouplingError> {
    let models = models(pair, params)?;
    let (from, to) = (pair.from.presence(), pair.to.presence());
    let held = |m: &Presence| m.ubiquity().iter().filter(|u| **u > 0).count();
    let tests = held(from) * held(to);
    let mut links = match params.statistic {
        Statistic::Assist => {
            check_resolution(tests, params)?;
            by_draws(pair, &models, params)
        }
        Statistic::SharedLocations => exactly(pair, &models),
    };
    let tested: Vec<f64> = (0..links.p_values.values().len())
        .filter(|k| somebody(pair, k / to.activities(), k % to.activities()))
        .map(|k| links.p_values.values()[k])
        .collect();
    links.tests = tests;
    links.threshold = threshold(&tested, params);
    Ok(links)
}

/// Both activities are held by somebody.
fn somebody(pair: &Matched, a: usize, b: usize) -> bool {
    pair.from.presence().ubiquity()[a] > 0 && pair.to.presence().ubiquity()[b] > 0
}

fn by_draws(pair: &Matched, models: &(Bicm, Bicm), params: &Params) -> Links {
    let (from, to) = (pair.from.presence(), pair.to.presence());
    let observed = assist(from, to);
    let tally = tally(models, observed.values(), |b| b.values().to_vec(), params);
    let (rows, columns) = (observed.rows(), observed.columns());
    let p = |a: usize, b: usize| {
        if somebody(pair, a, b) {
            tally.p_value(a * columns + b)
        } else {
            1.0
        }
    };
    Links {
        expected: expected_assist(
            &probabilities(&models.0, from),
            &probabilities(&models.1, to),
        ),
        deviation: Grid::from_fn(rows, columns, |a, b| tally.deviation(a * columns + b)),
        p_values: Grid::from_fn(rows, columns, p),
        observed,
        threshold: 0.0,
        tests: 0,
    }
}

fn exactly(pair: &Matched, models: &(Bicm, Bicm)) -> Links {
    let (from, to) = (pair.from.presence(), pair.to.presence());
    let (rows, columns) = (from.activities(), to.activities());
    let trials = |a: usize, b: usize| -> Vec<Trials> {
        (0..from.locations())
            .map(|l| Trials {
                p: models.0.probability(l, a) * models.1.probability(l, b),
                count: 1,
            })
            .collect()
    };
    let shared = |a: usize, b: usize| from.locations_of(a).filter(|l| to.get(*l, b)).count();
    let grid = |f: &(dyn Fn(usize, usize) -> f64 + Sync)| {
        let values: Vec<Vec<f64>> = (0..rows)
            .into_par_iter()
            .map(|a| (0..columns).map(|b| f(a, b)).collect())
            .collect();
        Grid::from_fn(rows, columns, |a, b| values[a][b])
    };
    Links {
        observed: grid(&|a, b| shared(a, b) as f64),
        expected: grid(&|a, b| mean(&trials(a, b))),
        deviation: grid(&|a, b| {
            let variance: f64 = trials(a, b).iter().map(|t| t.p * (1.0 - t.p)).sum();
            variance.sqrt()
        }),
        p_values: grid(&|a, b| {
            if somebody(pair, a, b) {
                right_tails(&trials(a, b), &[shared(a, b) as u32])[0]
            } else {
                1.0
            }
        }),
        threshold: 0.0,
        tests: 0,
    }
}

/// The largest significant p-value among `p_values`; 0 where none is.
pub(super) fn threshold(p_values: &[f64], params: &Params) -> f64 {
    let mut sorted = p_values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let found: Vec<Tied> = sorted.iter().map(|p| Tied { p: *p, times: 1 }).collect();
    false_discovery::threshold(&found, found.len() as u64, params.level, params.correction)
        .unwrap_or(0.0)
}

/// Null models of both layers.
pub(super) fn models(pair: &Matched, params: &Params) -> Result<(Bicm, Bicm), CouplingError> {
    check_level("level", params.level)?;
    check("draws", params.draws as f64, params.draws > 0, "at least 1")?;
    let found = pair.locations().len();
    if found < params.minimum_locations {
        return Err(refused("coupling.too_few_locations", |text| {
            text.with("found", found)
                .with("needed", params.minimum_locations)
        }));
    }
    let solve = |m| bicm::solve(m, &bicm::Params::default());
    Ok((solve(pair.from.presence())?, solve(pair.to.presence())?))
}

/// Refuses where not even the smallest possible p-value would be significant.
pub(super) fn check_resolution(tests: usize, params: &Params) -> Result<(), CouplingError> {
    let needed = (tests as f64 / params.level).ceil();
    if params.correction == Correction::Bonferroni && ((params.draws + 1) as f64) < needed {
        return Err(refused("coupling.too_few_draws", |text| {
            text.with("draws", params.draws)
                .with("tests", tests)
                .with("needed", needed)
        }));
    }
    Ok(())
}

fn probabilities(model: &Bicm, m: &Presence) -> Grid {
    Grid::from_fn(m.locations(), m.activities(), |l, a| {
        model.probability(l, a)
    })
}

/// What the draws showed, for every statistic.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tally {
    draws: usize,
    at_least: Vec<u32>,
    sum: Vec<f64>,
    squares: Vec<f64>,
}

impl Tally {
    fn new(statistics: usize) -> Self {
        Self {
            draws: 0,
            at_least: vec![0; statistics],
            sum: vec![0.0; statistics],
            squares: vec![0.0; statistics],
        }
    }

    pub(super) fn p_value(&self, statistic: usize) -> f64 {
        (1.0 + f64::from(self.at_least[statistic])) / (1.0 + self.draws as f64)
    }

    pub(super) fn mean(&self, statistic: usize) -> f64 {
        self.sum[statistic] / self.draws as f64
    }

    fn deviation(&self, statistic: usize) -> f64 {
        let mean = self.mean(statistic);
        (self.squares[statistic] / self.draws as f64 - mean * mean)
            .max(0.0)
            .sqrt()
    }

    fn add(&mut self, drawn: &[f64], observed: &[f64]) {
        self.draws += 1;
        for (k, (value, seen)) in drawn.iter().zip(observed).enumerate() {
            // Equal up to the order of additions is equal.
            self.at_least[k] += u32::from(*value >= seen - 1e-12 * seen.abs());
            self.sum[k] += value;
            self.squares[k] += value * value;
        }
    }

    fn join(mut self, other: &Self) -> Self {
        self.draws += other.draws;
        for (a, b) in self.at_least.iter_mut().zip(&other.at_least) {
            *a += b;
        }
        for (a, b) in self.sum.iter_mut().zip(&other.sum) {
            *a += b;
        }
        for (a, b) in self.squares.iter_mut().zip(&other.squares) {
            *a += b;
        }
        self
    }
}

/// Statistics of the assist matrix over draws of both layers, compared with the `observed` ones.
pub(super) fn tally(
    models: &(Bicm, Bicm),
    observed: &[f64],
    statistics: impl Fn(&Grid) -> Vec<f64> + Sync,
    params: &Params,
) -> Tally {
    // Chunks of fixed size, added in their order: the same bits with any number of threads.
    const CHUNK: usize = 64;
    let chunks: Vec<Tally> = (0..params.draws.div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            let mut tally = Tally::new(observed.len());
            for draw in chunk * CHUNK..((chunk + 1) * CHUNK).min(params.draws) {
                let from = models
                    .0
                    .sample_of("coupling/from", params.seed, draw as u64);
                let to = models.1.sample_of("coupling/to", params.seed, draw as u64);
                tally.add(&statistics(&assist(&from, &to)), observed);
            }
            tally
        })
        .collect();
    chunks.iter().fold(Tally::new(observed.len()), Tally::join)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use super::*;
    use crate::coupling::layers::{Layer, matched};

    /// 20 locations; activity k of layer 2 is held exactly where activity k of layer 1 is, for k < `tied`.
    fn pair(tied: usize) -> Matched {
        let labels = |p: &str, n: usize| (0..n).map(|i| format!("{p}{i:02}")).collect::<Vec<_>>();
        let first = |l: usize, a: usize| (l * 7 + a * 3 + l * l * (a + 1)) % 5 < 2;
        let other = |l: usize, a: usize| (l * 11 + a * 5 + l * l * (a + 2)) % 7 < 3;
        let layer = |m| Layer::new(labels("l", 20), labels("a", 6), m).expect("sorted labels");
        let to = Presence::from_fn(
            20,
            6,
            |l, a| if a < tied { first(l, a) } else { other(l, a) },
        );
        matched(&layer(Presence::from_fn(20, 6, first)), &layer(to)).expect("common locations")
    }

    #[test]
    fn sampled_means_are_near_the_exact_ones() {
        let params = Params {
            draws: 4000,
            ..Params::default()
        };
        let links = validate(&pair(0), &params).expect("links");
        let models = models(&pair(0), &params).expect("models");
        let tally = tally(
            &models,
            links.observed.values(),
            |b| b.values().to_vec(),
            &params,
        );
        for (k, (exact, sd)) in links
            .expected
            .values()
            .iter()
            .zip(links.deviation.values())
            .enumerate()
        {
            let error = (tally.mean(k) - exact).abs() / (sd / 4000f64.sqrt());
            assert!(error < 4.5, "statistic {k}: {error} standard errors");
        }
    }

    #[test]
    fn planted_links_are_found() {
        let links = validate(
            &pair(3),
            &Params {
                draws: 2000,
                ..Params::default()
            },
        )
        .expect("links");
        for a in 0..3 {
            assert!(
                links.significant(a, a),
                "{a}: p {}",
                links.p_values.get(a, a)
            );
        }
    }

    #[test]
    fn shared_locations_agree_with_their_draws() {
        let pair = pair(2);
        let statistic = Statistic::SharedLocations;
        let params = Params {
            statistic,
            draws: 4000,
            ..Params::default()
        };
        let links = validate(&pair, &params).expect("links");
        let (one, two) = models(&pair, &params).expect("models");
        let mut at_least = [0_u32; 36];
        for draw in 0..4000 {
            let (m, n) = (
                one.sample_of("a", Seed(9), draw),
                two.sample_of("b", Seed(9), draw),
            );
            for (k, count) in at_least.iter_mut().enumerate() {
                let both = m.locations_of(k / 6).filter(|l| n.get(*l, k % 6)).count() as f64;
                *count += u32::from(both >= links.observed.values()[k]);
            }
        }
        for (count, p) in at_least.iter().zip(links.p_values.values()) {
            let drawn = f64::from(*count) / 4000.0;
            let noise = (p * (1.0 - p) / 4000.0).sqrt().max(1e-3);
            assert!((drawn - p).abs() < 4.5 * noise, "{drawn} {p}");
        }
        // The two planted pairs stand out, without passing all 36 tests: 20 locations are few.
        assert!(links.p_values.get(0, 0) < 0.05 && links.p_values.get(1, 1) < 0.05);
    }

    #[test]
    fn the_same_bits_with_any_number_of_threads() {
        let params = Params {
            draws: 300,
            ..Params::default()
        };
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .expect("threads");
            pool.install(|| validate(&pair(2), &params).expect("links"))
        };
        assert_eq!(run(1), run(4));
    }

    #[test]
    fn thresholds_by_hand() {
        let p = [0.04, 0.001, 0.02, 0.8];
        let with = |correction| {
            threshold(
                &p,
                &Params {
                    correction,
                    ..Params::default()
                },
            )
        };
        assert_eq!(with(Correction::None), 0.04);
        assert_eq!(with(Correction::Bonferroni), 0.001);
        // Limits 0.0125, 0.025, 0.0375, 0.05: the second passes, the third does not.
        assert_eq!(with(Correction::FalseDiscoveryRate), 0.02);
        assert_eq!(threshold(&[0.9], &Params::default()), 0.0);
    }

    #[test]
    fn too_few_draws_or_locations_are_refused() {
        let code = |params: Params| match validate(&pair(0), &params) {
            Err(CouplingError::Refused(refusal)) => refusal.code,
            other => panic!("{other:?}"),
        };
        let correction = Correction::Bonferroni;
        assert_eq!(
            code(Params {
                correction,
                draws: 100,
                ..Params::default()
            }),
            "coupling.too_few_draws"
        );
        assert_eq!(
            code(Params {
                minimum_locations: 21,
                ..Params::default()
            }),
            "coupling.too_few_locations"
        );
        assert!(
            validate(
                &pair(0),
                &Params {
                    level: 1.0,
                    ..Params::default()
                }
            )
            .is_err()
        );
    }
}
