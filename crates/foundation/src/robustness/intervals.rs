//! Every value and rank with an interval, from replicates of the whole calculation.
//!
//! A scheme changes one thing and scores the table again ([`super::replicate`]): the threshold, the cells near it, the
//! universe, the sample of locations or activities, or everything but the margins. What the interval means differs:
//!
//! - **sensitivity range**: what the number could have been under another defensible choice; no probability. Of a
//!   grid of choices from the lowest to the highest, of random flips the central `level` of the draws.
//! - **bootstrap percentile interval** (Efron, 1979): central `level` of the resampled values. Over activities it covers
//!   the chance of a location's basket; over locations the chance that shaped the complexity of activities, while each
//!   location's own basket stays as it is.
//! - **null band**: where a location would stand if its basket were random, given its diversity, the ubiquities
//!   and the observed complexity of activities. A value inside it is no finding; ranks in it mean nothing.
//!
//! A percentile interval need not hold the value itself. A replicate that cannot be scored is counted by its
//! cause, and a unit that is out of the universe in some replicates says in how many it was in.

use std::collections::BTreeMap;

use model::{Basis, Estimate, Refusal};
use rayon::prelude::*;

use super::refusal;
use super::score::{Lost, Scored, Scores, correlation, ranks};

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IntervalParams {
    /// Part of the replicates inside an interval.
    pub level: f64,
    /// "Among the first k": acceptability counts replicates with a rank up to this.
    pub top: u32,
    /// A disconnected replicate is scored on its largest component if that holds this part of the linked locations.
    pub least_part: f64,
    /// With fewer scored replicates than this part there is no interval.
    pub least_scored: f64,
}

impl Default for IntervalParams {
    /// 90 %, first ten, nine tenths, half.
    fn default() -> Self {
        Self {
            level: 0.9,
            top: 10,
            least_part: 0.9,
            least_scored: 0.5,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Lowest to highest over a grid of choices.
    SensitivityRange,
    /// Central part of random changes that stand for choices.
    SensitivityPercentile,
    BootstrapPercentile,
    NullBand,
}

/// A value and its interval; `NaN` where there is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// Of the base run.
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

impl Band {
    /// As an estimate, widened to hold the value; `None` where a part is missing.
    pub fn estimate(&self) -> Option<Estimate> {
        let all = [self.value, self.low, self.high];
        all.iter().all(|v| v.is_finite()).then(|| {
            Estimate::spanning(
                self.value,
                self.low.min(self.value),
                self.high.max(self.value),
                Basis::Derived,
            )
        })
    }
}

/// 1 is first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RankBand {
    /// Of the base run; `None` outside its universe.
    pub value: Option<u32>,
    pub best: u32,
    pub worst: u32,
}

/// One location or activity over all scored replicates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UnitInterval {
    /// Standardised ECI or PCI.
    pub value: Band,
    /// `None` if it never had a rank. Ranks are among the units that the replicate scored.
    pub rank: Option<RankBand>,
    /// Part of the scored replicates in which it is among the first k: the acceptability of saying so.
    pub top: f64,
    /// Part of the scored replicates in which it has a value.
    pub present: f64,
    /// Part of the replicates with a value in which that is not below the base value; `NaN` without.
    pub not_below: f64,
}

/// What became of the replicates.
#[derive(Debug, Clone, PartialEq)]
pub struct Replicates {
    pub asked: usize,
    pub scored: usize,
    /// Scored on the largest of several components.
    pub split: usize,
    /// Came out upside down against the base run and were turned.
    pub turned: usize,
    /// Diversity could not say which way is up.
    pub sign_unsure: usize,
    /// Not scored, by cause.
    pub lost: BTreeMap<Lost, usize>,
    /// Correlation of the locations' values with those of the base run: lowest and median.
    pub correlation: (f64, f64),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Intervals {
    pub meaning: Meaning,
    /// 1 for a full range.
    pub level: f64,
    pub locations: Vec<UnitInterval>,
    pub activities: Vec<UnitInterval>,
    pub replicates: Replicates,
}

/// Why there are no intervals.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum IntervalError {
    #[error("{name} is {value}: need {need}")]
    Parameter {
        name: &'static str,
        value: f64,
        need: &'static str,
    },
    /// The data cannot carry the question.
    #[error("refused: {}", .0.code)]
    Refused(Box<Refusal>),
    #[error(transparent)]
    Null(#[from] crate::null::NullError),
}

/// Intervals around `base` from replicates 0 to `count` − 1 of any sampler. `draw` must depend on its index alone.
///
/// # Errors
/// `Parameter`; `Refused` (`robustness.intervals.too_few`) where too few replicates could be scored.
pub fn intervals_with(
    base: &Scores,
    meaning: Meaning,
    count: usize,
    params: &IntervalParams,
    draw: impl Fn(u64) -> Result<Scored, Lost> + Sync,
) -> Result<Intervals, IntervalError> {
    check(params, count)?;
    let drawn: Vec<Result<Scored, Lost>> = (0..count as u64).into_par_iter().map(&draw).collect();
    let mut lost = BTreeMap::new();
    let mut scored = Vec::with_capacity(count);
    for outcome in drawn {
        match outcome {
            Ok(replicate) => scored.push(replicate),
            Err(cause) => *lost.entry(cause).or_insert(0) += 1,
        }
    }
    if scored.is_empty() || (scored.len() as f64) < params.least_scored * count as f64 {
        return Err(IntervalError::Refused(refusal(
            "robustness.intervals.too_few",
            |text| text.with("scored", scored.len()).with("asked", count),
        )));
    }
    let mut turned = 0;
    let mut agreement = Vec::with_capacity(scored.len());
    for replicate in &mut scored {
        let mut r = correlation(&base.locations, &replicate.scores.locations);
        if r < 0.0 && meaning != Meaning::NullBand {
            turned += 1;
            r = -r;
            let scores = &mut replicate.scores;
            for value in scores.locations.iter_mut().chain(&mut scores.activities) {
                *value = -*value;
            }
        }
        agreement.push(r);
    }
    agreement.sort_by(f64::total_cmp);
    let level = if meaning == Meaning::SensitivityRange {
        1.0
    } else {
        params.level
    };
    let side = |pick: fn(&Scores) -> &[f64]| {
        let values: Vec<&[f64]> = scored.iter().map(|s| pick(&s.scores)).collect();
        units(pick(base), &values, level, params.top)
    };
    Ok(Intervals {
        meaning,
        level,
        locations: side(|s| &s.locations),
        activities: side(|s| &s.activities),
        replicates: Replicates {
            asked: count,
            scored: scored.len(),
            split: scored.iter().filter(|s| s.split).count(),
            turned,
            sign_unsure: scored.iter().filter(|s| s.sign_unsure).count(),
            lost,
            correlation: (agreement[0], agreement[agreement.len() / 2]),
        },
    })
}

/// One interval per unit over several schemes: lowest to highest. Null bands are not ranges of the value and are
/// passed over; `None` if nothing else is given.
pub fn envelope(parts: &[Intervals]) -> Option<(Vec<UnitInterval>, Vec<UnitInterval>)> {
    let mut parts = parts.iter().filter(|p| p.meaning != Meaning::NullBand);
    let first = parts.next()?;
    let (mut locations, mut activities) = (first.locations.clone(), first.activities.clone());
    for part in parts {
        let pairs = locations.iter_mut().zip(&part.locations);
        for (a, b) in pairs.chain(activities.iter_mut().zip(&part.activities)) {
            a.value.low = a.value.low.min(b.value.low);
            a.value.high = a.value.high.max(b.value.high);
            a.rank = match (a.rank, b.rank) {
                (Some(x), Some(y)) => Some(RankBand {
                    value: x.value,
                    best: x.best.min(y.best),
                    worst: x.worst.max(y.worst),
                }),
                (x, y) => x.or(y),
            };
            a.top = a.top.min(b.top);
            a.present = a.present.min(b.present);
            a.not_below = f64::NAN;
        }
    }
    Some((locations, activities))
}

fn check(params: &IntervalParams, count: usize) -> Result<(), IntervalError> {
    let parts = [
        ("level", params.level, params.level < 1.0),
        ("least_part", params.least_part, true),
        ("least_scored", params.least_scored, true),
    ];
    for (name, value, below) in parts {
        if !(value > 0.0 && value <= 1.0 && below) {
            return Err(IntervalError::Parameter {
                name,
                value,
                need: "above 0 and at most 1 (level: below 1)",
            });
        }
    }
    if count == 0 {
        return Err(IntervalError::Parameter {
            name: "replicates",
            value: 0.0,
            need: "at least 1",
        });
    }
    Ok(())
}

fn units(base: &[f64], replicates: &[&[f64]], level: f64, top: u32) -> Vec<UnitInterval> {
    let base_ranks = ranks(base);
    let all_ranks: Vec<Vec<Option<u32>>> = replicates.par_iter().map(|r| ranks(r)).collect();
    let n = replicates.len() as f64;
    (0..base.len())
        .into_par_iter()
        .map(|i| {
            let mut values: Vec<f64> = replicates
                .iter()
                .map(|r| r[i])
                .filter(|v| !v.is_nan())
                .collect();
            let mut ranked: Vec<u32> = all_ranks.iter().filter_map(|r| r[i]).collect();
            values.sort_by(f64::total_cmp);
            ranked.sort_unstable();
            let (low, high) = central(values.len(), level);
            let not_below = values.iter().filter(|v| **v >= base[i]).count() as f64;
            UnitInterval {
                value: Band {
                    value: base[i],
                    low: values.get(low).copied().unwrap_or(f64::NAN),
                    high: values.get(high).copied().unwrap_or(f64::NAN),
                },
                rank: ranked.get(high).map(|worst| RankBand {
                    value: base_ranks[i],
                    best: ranked[low],
                    worst: *worst,
                }),
                top: ranked.iter().filter(|r| **r <= top).count() as f64 / n,
                present: values.len() as f64 / n,
                not_below: if base[i].is_nan() {
                    f64::NAN
                } else {
                    not_below / values.len() as f64
                },
            }
        })
        .collect()
}

/// Places of the ends of the central `level` of n sorted values, rounded outwards.
fn central(n: usize, level: f64) -> (usize, usize) {
    let tail = (1.0 - level) / 2.0 * n.saturating_sub(1) as f64;
    // A hair off, so that rounding of the level does not widen the interval by one.
    let low = (tail + 1e-9).floor() as usize;
    (low, n.saturating_sub(1) - low)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use super::*;

    fn scored(locations: &[f64]) -> Scored {
        Scored {
            scores: Scores {
                locations: locations.to_vec(),
                activities: vec![1.0, -1.0],
            },
            split: false,
            sign_unsure: false,
        }
    }

    #[test]
    fn five_replicates_by_hand() {
        let base = scored(&[1.0, 0.0, -1.0]).scores;
        let n = f64::NAN;
        let draws = [
            [1.0, 0.1, -1.0],
            [0.9, 1.1, -2.0],
            [-1.0, 0.2, 1.2], // upside down
            [1.2, n, -1.1],
        ];
        let params = IntervalParams {
            top: 1,
            ..IntervalParams::default()
        };
        let found = intervals_with(&base, Meaning::SensitivityRange, 5, &params, |i| {
            draws
                .get(i as usize)
                .map(|d| scored(d))
                .ok_or(Lost::Disconnected)
        })
        .expect("four of five");
        let r = &found.replicates;
        assert_eq!((r.asked, r.scored, r.turned), (5, 4, 1));
        assert_eq!(r.lost, [(Lost::Disconnected, 1)].into());
        let second = &found.locations[1];
        assert_eq!((second.value.low, second.value.high), (-0.2, 1.1));
        let rank = second.rank.expect("ranked");
        assert_eq!((rank.value, rank.best, rank.worst), (Some(2), 1, 2));
        assert_eq!((second.top, second.present), (0.25, 0.75));
        assert_eq!(second.not_below, 2.0 / 3.0);
        assert_eq!(found.locations[0].top, 0.75);
        let both = envelope(&[found.clone(), found.clone()]).expect("two ranges");
        assert_eq!(both.0[1].value, found.locations[1].value);
    }

    #[test]
    fn too_few_scored_replicates_are_refused() {
        let base = scored(&[1.0, -1.0]).scores;
        let error = intervals_with(
            &base,
            Meaning::BootstrapPercentile,
            4,
            &IntervalParams::default(),
            |i| {
                if i == 0 {
                    Ok(scored(&[1.0, -1.0]))
                } else {
                    Err(Lost::Flat)
                }
            },
        );
        assert!(
            matches!(error, Err(IntervalError::Refused(r)) if r.code == "robustness.intervals.too_few")
        );
    }

    #[test]
    fn the_central_part_is_symmetric_and_rounded_outwards() {
        assert_eq!(central(101, 0.9), (5, 95));
        assert_eq!(central(100, 0.9), (4, 95));
        assert_eq!(central(3, 0.9), (0, 2));
        assert_eq!(central(7, 1.0), (0, 6));
        assert_eq!(central(0, 0.9), (0, 0));
    }
}
