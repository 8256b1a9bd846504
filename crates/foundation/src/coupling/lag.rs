//! After how many years does a link show?
//!
//! For every lag τ and every year y₁ the links from layer 1 in y₁ to layer 2 in y₁ + τ are
//! [validated](super::validation). The lag at which links are most often significant is the time that an activity of layer 1 takes to become
//! one of layer 2 (Pugliese et al., 2019).
//!
//! ```text
//! f_τ = significant links / tested links, over the same years y₁ for every τ
//! best lag = argmax f_τ (ties: the shortest); its range is a bootstrap over the years y₁
//! ```
//!
//! Only years y₁ for which every lag has a layer 2 are used: else long lags would rest on early years alone. The
//! years follow each other closely and are not independent, so the ranges are too narrow rather than too wide.

use std::collections::BTreeMap;

use model::{Basis, Estimate, Message, Quantity, Seed, Year};
use rand::RngExt;

use super::error::{CouplingError, check, check_level, refused};
use super::layers::{Layer, matched};
use super::quantile::percentile_range;
use super::validation::{self, Correction, Links};

#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    /// Years from layer 1 to layer 2, ascending.
    pub lags: Vec<i32>,
    pub null: validation::Params,
    /// Years y₁ below which the question is refused.
    pub minimum_years: usize,
    /// Replicates of the bootstrap over years.
    pub replicates: usize,
    /// Coverage of the ranges.
    pub level: f64,
    pub seed: Seed,
}

impl Default for Params {
    /// Lags 0, 5, 10 and 15 years; every link for itself at 0.05 with 1,000 draws; at least 4 years; 1,000 replicates; 90 %.
    fn default() -> Self {
        Self {
            lags: vec![0, 5, 10, 15],
            null: validation::Params {
                correction: Correction::None,
                draws: 1000,
                ..validation::Params::default()
            },
            minimum_years: 4,
            replicates: 1000,
            level: 0.9,
            seed: Seed(1),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct LagProfile {
    /// Years y₁.
    pub years: Vec<Year>,
    /// f of every lag, in the order of the lags, with its range over the years.
    pub frequency: Vec<(i32, Estimate)>,
    /// What unrelated layers would show: the level of the test, where it is uncorrected.
    pub chance: Option<f64>,
    /// Lag of the layer pair.
    pub best: Estimate,
    /// Every pair of activities that is significant at least once.
    pub pairs: Vec<PairLag>,
}

/// Lag of one link.
#[derive(Debug, Clone, PartialEq)]
pub struct PairLag {
    pub from: usize,
    pub to: usize,
    /// Years y₁ in which the link is significant, for every lag.
    pub years: Vec<usize>,
    /// "Not estimated" where all lags are equally frequent.
    pub best: Quantity,
}

/// The lag profile between two layers over years; each layer has the same activities in all of its years.
///
/// # Errors
/// `Parameter` for lags that do not ascend or activities that differ; `Refused` (`coupling.too_few_years`) where too few years carry every lag;
/// those of [`validation::validate`].
pub fn lag_profile(
    from: &BTreeMap<Year, Layer>,
    to: &BTreeMap<Year, Layer>,
    params: &Params,
) -> Result<LagProfile, CouplingError> {
    let lags = &params.lags;
    check_level("level", params.level)?;
    let ascending = !lags.is_empty() && lags.windows(2).all(|pair| pair[0] < pair[1]);
    check("lags", lags.len() as f64, ascending, "ascending lags")?;
    for layers in [from, to] {
        let mut names = layers.values().map(Layer::activities);
        let first = names.next();
        let same = names.all(|other| Some(other) == first);
        check(
            "activities",
            layers.len() as f64,
            same,
            "the same in every year of a layer",
        )?;
    }
    let years: Vec<Year> = from
        .keys()
        .filter(|y| lags.iter().all(|lag| to.contains_key(&Year(y.0 + lag))))
        .copied()
        .collect();
    if years.len() < params.minimum_years.max(1) {
        return Err(refused("coupling.too_few_years", |text| {
            text.with("found", years.len())
                .with("needed", params.minimum_years.max(1))
        }));
    }
    // Links of every year and lag.
    let mut found: Vec<Vec<Links>> = Vec::new();
    for year in &years {
        let row = lags.iter().map(|lag| {
            let pair = matched(&from[year], &to[&Year(year.0 + lag)])?;
            validation::validate(&pair, &params.null)
        });
        found.push(row.collect::<Result<_, CouplingError>>()?);
    }
    let draws = draws(years.len(), params);
    let counts: Vec<Vec<(usize, usize)>> = found
        .iter()
        .map(|row| {
            row.iter()
                .map(|links| (links.pairs().len(), links.tests))
                .collect()
        })
        .collect();
    let share = |picked: &[usize], lag: usize| {
        let (yes, all) = picked
            .iter()
            .map(|y| counts[*y][lag])
            .fold((0, 0), |(a, b), (yes, all)| (a + yes, b + all));
        yes as f64 / all.max(1) as f64
    };
    let every: Vec<usize> = (0..years.len()).collect();
    let best = |frequency: &dyn Fn(usize) -> f64| {
        let mut best = 0;
        for lag in 1..lags.len() {
            if frequency(lag) > frequency(best) {
                best = lag;
            }
        }
        f64::from(lags[best])
    };
    let range = |value: f64, f: &dyn Fn(&[usize]) -> f64| {
        let replicates: Vec<f64> = draws.iter().map(|picked| f(picked)).collect();
        percentile_range(value, &replicates, params.level)
    };
    let frequency = (0..lags.len())
        .map(|lag| {
            (
                lags[lag],
                range(share(&every, lag), &|picked| share(picked, lag)),
            )
        })
        .collect();
    let (rows, columns) = found[0].first().map_or((0, 0), |links| {
        (links.observed.rows(), links.observed.columns())
    });
    let mut pairs = Vec::new();
    for (a, b) in (0..rows).flat_map(|a| (0..columns).map(move |b| (a, b))) {
        let seen: Vec<Vec<bool>> = found
            .iter()
            .map(|row| row.iter().map(|links| links.significant(a, b)).collect())
            .collect();
        let count = |picked: &[usize], lag: usize| picked.iter().filter(|y| seen[**y][lag]).count();
        let times: Vec<usize> = (0..lags.len()).map(|lag| count(&every, lag)).collect();
        if times.iter().all(|n| *n == 0) {
            continue;
        }
        let flat = times.iter().all(|n| *n == times[0]);
        let lag_of = |picked: &[usize]| best(&|lag| count(picked, lag) as f64);
        pairs.push(PairLag {
            from: a,
            to: b,
            best: if flat {
                Quantity::not_estimated(Message::new("coupling.lags_alike"))
            } else {
                range(lag_of(&every), &lag_of).into()
            },
            years: times,
        });
    }
    let lag_of = |picked: &[usize]| best(&|lag| share(picked, lag));
    Ok(LagProfile {
        best: Estimate {
            basis: Basis::Derived,
            ..range(lag_of(&every), &lag_of)
        },
        frequency,
        chance: (params.null.correction == Correction::None).then_some(params.null.level),
        pairs,
        years,
    })
}

/// Years picked in every replicate.
fn draws(years: usize, params: &Params) -> Vec<Vec<usize>> {
    (0..params.replicates)
        .map(|r| {
            let mut stream = params.seed.stream("coupling.lag", r as u64);
            (0..years).map(|_| stream.random_range(0..years)).collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use super::*;
    use crate::presence::Presence;

    /// Layer 2 repeats layer 1 with a delay of `delay` years; layer 1 changes from year to year.
    fn panels(delay: i32) -> (BTreeMap<Year, Layer>, BTreeMap<Year, Layer>) {
        let labels = |p: &str, n: usize| (0..n).map(|i| format!("{p}{i:02}")).collect::<Vec<_>>();
        let layer = |year: i32| {
            let mut stream = Seed(5).stream("test.lag", year as u64);
            let cells: Vec<bool> = (0..24 * 5).map(|_| stream.random::<f64>() < 0.4).collect();
            let m = Presence::from_fn(24, 5, |l, a| cells[l * 5 + a]);
            Layer::new(labels("l", 24), labels("a", 5), m).expect("sorted")
        };
        let years = 2000..2014;
        let from = years.clone().map(|y| (Year(y), layer(y))).collect();
        let to = years.map(|y| (Year(y), layer(y - delay))).collect();
        (from, to)
    }

    #[test]
    fn a_planted_delay_is_found() {
        let (from, to) = panels(3);
        let params = Params {
            lags: vec![0, 1, 2, 3, 4],
            null: validation::Params {
                draws: 200,
                ..Params::default().null
            },
            replicates: 200,
            ..Params::default()
        };
        let profile = lag_profile(&from, &to, &params).expect("a profile");
        assert_eq!(profile.years.len(), 10);
        let best = profile.best;
        assert!(
            (best.value, best.low, best.high) == (3.0, 3.0, 3.0),
            "{best:?}"
        );
        // Every activity leads to itself three years later.
        for a in 0..5 {
            let pair = profile
                .pairs
                .iter()
                .find(|p| (p.from, p.to) == (a, a))
                .expect("significant");
            assert!(
                pair.best.estimate().is_some_and(|lag| lag.value == 3.0),
                "{pair:?}"
            );
        }
        // At other lags nothing but chance: 0.05 within its noise.
        for (lag, f) in profile.frequency.iter().filter(|(lag, _)| *lag != 3) {
            assert!(f.value < 0.12, "lag {lag}: {f:?}");
        }
    }

    #[test]
    fn too_few_years_are_refused() {
        let (from, to) = panels(3);
        let params = Params {
            lags: vec![0, 12],
            ..Params::default()
        };
        match lag_profile(&from, &to, &params) {
            Err(CouplingError::Refused(refusal)) => {
                assert_eq!(refusal.code, "coupling.too_few_years");
            }
            other => panic!("{other:?}"),
        }
    }
}
