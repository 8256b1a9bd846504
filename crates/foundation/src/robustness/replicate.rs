//! The schemes of replicates: one choice changed at a time, the whole table calculated again.
//!
//! ```text
//! bootstrap over locations    L locations drawn with replacement; totals, advantage, presence and PCI from the
//!                             draw, every location scored on that PCI (mean over its activities)
//! bootstrap over activities   the same on the other side; a location's own basket is what is drawn
//! null                        baskets from the bipartite configuration model at the observed PCI
//! ```
//!
//! Replicate i of a seed is the same whatever the number of threads, and the same for the first n of a longer run.

use std::collections::BTreeMap;

use model::Seed;
use rand::RngExt;

use super::intervals::{IntervalError, IntervalParams, Intervals, Meaning, intervals_with};
use super::refusal;
use super::score::{
    Lost, Scored, Scores, largest_part, score, score_at, score_on_activities_of,
    score_on_locations_of,
};
use super::universe::{Side, UniverseParams, universe};
use crate::activity::ActivityTable;
use crate::complexity::advantage;
use crate::complexity::presence_rule::{Comparison, Rule, near_threshold, presence};
use crate::null::bicm;
use crate::presence::Presence;

/// What is changed from replicate to replicate.
#[derive(Debug, Clone, PartialEq)]
pub enum Scheme {
    /// Every threshold with every comparison, once.
    Thresholds {
        thresholds: Vec<f64>,
        comparisons: Vec<Comparison>,
    },
    /// Every cell within `tolerance` (relative) of the threshold is turned with probability ½.
    NearThreshold {
        tolerance: f64,
        replicates: usize,
    },
    /// Every choice of universe, once.
    Universes {
        choices: Vec<UniverseParams>,
        population: BTreeMap<String, f64>,
    },
    Bootstrap {
        side: Side,
        replicates: usize,
    },
    /// Random baskets with the same expected diversities and ubiquities, valued at the observed complexity.
    Null {
        replicates: usize,
    },
}

impl Scheme {
    /// RCA from 0.5 to 2 in 13 steps of equal ratio, with > and with ≥.
    #[must_use]
    pub fn threshold_sweep() -> Self {
        Self::Thresholds {
            thresholds: (-6..=6).map(|k| 2.0_f64.powf(f64::from(k) / 6.0)).collect(),
            comparisons: vec![Comparison::Above, Comparison::AtLeast],
        }
    }
}

/// Intervals of ECI and PCI of `table` under `rule` of presence; units are those of the table, in its order.
///
/// # Errors
/// `Parameter`; `Refused` where the table itself has no ECI (`robustness.base_without_eci`) or too few replicates have.
pub fn intervals(
    table: &ActivityTable,
    rule: &Rule,
    scheme: &Scheme,
    params: &IntervalParams,
    seed: Seed,
) -> Result<Intervals, IntervalError> {
    let width = table.activities().len();
    let cells = advantage::rca(table);
    let m = presence(&cells, width, rule);
    let base = base(&m, params)?;
    match scheme {
        Scheme::Thresholds {
            thresholds,
            comparisons,
        } => {
            let grid: Vec<Rule> = thresholds
                .iter()
                .flat_map(|threshold| {
                    comparisons.iter().map(|comparison| Rule {
                        threshold: *threshold,
                        comparison: *comparison,
                        ..*rule
                    })
                })
                .collect();
            intervals_with(&base, Meaning::SensitivityRange, grid.len(), params, |i| {
                score(
                    &presence(&cells, width, &grid[i as usize]),
                    params.least_part,
                )
            })
        }
        Scheme::NearThreshold {
            tolerance,
            replicates,
        } => {
            let near = near_threshold(&cells, width, rule, *tolerance);
            let has: Vec<bool> = (0..cells.len())
                .map(|k| m.get(k / width, k % width))
                .collect();
            intervals_with(
                &base,
                Meaning::SensitivityPercentile,
                *replicates,
                params,
                |i| {
                    let mut stream = seed.stream("robustness.near", i);
                    let mut has = has.clone();
                    for cell in &near {
                        has[cell.location * width + cell.activity] ^= stream.random::<bool>();
                    }
                    let turned = Presence::from_fn(m.locations(), width, |l, a| has[l * width + a]);
                    score(&turned, params.least_part)
                },
            )
        }
        Scheme::Universes {
            choices,
            population,
        } => intervals_with(
            &base,
            Meaning::SensitivityRange,
            choices.len(),
            params,
            |i| {
                let choice = &choices[i as usize];
                score_in(
                    table,
                    &universe_of(table, population, choice)?,
                    rule,
                    params,
                )
            },
        ),
        Scheme::Bootstrap { side, replicates } => {
            let known: Vec<f64> = table
                .values()
                .iter()
                .map(|v| if v.is_nan() { 0.0 } else { *v })
                .collect();
            intervals_with(
                &base,
                Meaning::BootstrapPercentile,
                *replicates,
                params,
                |i| {
                    let drawn = draw(*side, table.locations().len(), width, seed, i);
                    let m = resampled(table, &known, *side, &drawn, rule);
                    score_resampled(&m, *side, &drawn, params)
                },
            )
        }
        Scheme::Null { replicates } => null_band(&m, &base, *replicates, params, seed),
    }
}

/// Bootstrap of a presence matrix that is given as such: presence stays, the sample changes.
pub fn bootstrap_presence(
    m: &Presence,
    side: Side,
    replicates: usize,
    params: &IntervalParams,
    seed: Seed,
) -> Result<Intervals, IntervalError> {
    let base = base(m, params)?;
    intervals_with(
        &base,
        Meaning::BootstrapPercentile,
        replicates,
        params,
        |i| {
            let drawn = draw(side, m.locations(), m.activities(), seed, i);
            score_resampled(m, side, &drawn, params)
        },
    )
}

fn base(m: &Presence, params: &IntervalParams) -> Result<Scores, IntervalError> {
    score(m, params.least_part)
        .map(|scored| scored.scores)
        .map_err(without_eci)
}

fn without_eci(lost: Lost) -> IntervalError {
    let cause = match lost {
        Lost::Disconnected => "robustness.lost.disconnected",
        Lost::Degenerate => "robustness.lost.degenerate",
        Lost::Flat => "robustness.lost.flat",
        Lost::TooSmall => "robustness.lost.too_small",
        Lost::NotConverged => "robustness.lost.not_converged",
    };
    IntervalError::Refused(refusal("robustness.base_without_eci", |text| {
        text.with("cause", model::Message::new(cause))
    }))
}

/// The complexity of activities stays as observed and baskets are drawn: a location stands at the mean complexity of a
/// random basket, on the scale of the base run. The same the other way round for activities.
fn null_band(
    m: &Presence,
    base: &Scores,
    replicates: usize,
    params: &IntervalParams,
    seed: Seed,
) -> Result<Intervals, IntervalError> {
    let (found, _) = largest_part(m, params.least_part).map_err(without_eci)?;
    let model = bicm::solve(m, &bicm::Params::default())?;
    intervals_with(base, Meaning::NullBand, replicates, params, |i| {
        let random = model.sample_of("robustness.null", seed, i);
        Ok(score_at(&random, &found))
    })
}

type Positions = (Vec<usize>, Vec<usize>);

fn universe_of(
    table: &ActivityTable,
    population: &BTreeMap<String, f64>,
    choice: &UniverseParams,
) -> Result<Positions, Lost> {
    let found = universe(table, population, choice);
    if found.locations.is_empty() || found.activities.is_empty() {
        return Err(Lost::TooSmall);
    }
    Ok((found.locations, found.activities))
}

/// Scores within a part of the table, at the positions of the whole.
fn score_in(
    table: &ActivityTable,
    (locations, activities): &Positions,
    rule: &Rule,
    params: &IntervalParams,
) -> Result<Scored, Lost> {
    let part = table.restricted(locations, activities);
    let m = presence(&advantage::rca(&part), activities.len(), rule);
    let found = score(&m, params.least_part)?;
    let spread = |values: &[f64], places: &[usize], n: usize| {
        let mut all = vec![f64::NAN; n];
        for (place, value) in places.iter().zip(values) {
            all[*place] = *value;
        }
        all
    };
    Ok(Scored {
        scores: Scores {
            locations: spread(&found.scores.locations, locations, table.locations().len()),
            activities: spread(
                &found.scores.activities,
                activities,
                table.activities().len(),
            ),
        },
        ..found
    })
}

/// Positions drawn with replacement, ascending.
fn draw(side: Side, locations: usize, activities: usize, seed: Seed, index: u64) -> Vec<usize> {
    let (label, n) = match side {
        Side::Location => ("robustness.bootstrap.locations", locations),
        Side::Activity => ("robustness.bootstrap.activities", activities),
    };
    let mut stream = seed.stream(label, index);
    let mut drawn: Vec<usize> = (0..n).map(|_| stream.random_range(0..n)).collect();
    drawn.sort_unstable();
    drawn
}

/// Presence of every cell of the table, advantage taken against the drawn units only.
fn resampled(
    table: &ActivityTable,
    known: &[f64],
    side: Side,
    drawn: &[usize],
    rule: &Rule,
) -> Presence {
    let (height, width) = (table.locations().len(), table.activities().len());
    let mut weight_l = vec![1.0; height];
    let mut weight_a = vec![1.0; width];
    let weights = match side {
        Side::Location => &mut weight_l,
        Side::Activity => &mut weight_a,
    };
    weights.fill(0.0);
    for i in drawn {
        weights[*i] += 1.0;
    }
    let mut rows = vec![0.0; height];
    let mut columns = vec![0.0; width];
    for l in 0..height {
        let row = &known[l * width..(l + 1) * width];
        rows[l] = row.iter().zip(&weight_a).map(|(x, w)| w * x).sum();
        for (column, x) in columns.iter_mut().zip(row) {
            *column += weight_l[l] * x;
        }
    }
    let total: f64 = rows.iter().zip(&weight_l).map(|(x, w)| w * x).sum();
    let share: Vec<f64> = columns.iter().map(|c| c / total).collect();
    Presence::from_fn(height, width, |l, a| {
        rule.has((table.value(l, a) / rows[l]) / share[a]) == Some(true)
    })
}

fn score_resampled(
    m: &Presence,
    side: Side,
    drawn: &[usize],
    params: &IntervalParams,
) -> Result<Scored, Lost> {
    let all = |n: usize| (0..n).collect::<Vec<_>>();
    match side {
        Side::Location => {
            let sample = m.restricted(drawn, &all(m.activities()));
            score_on_activities_of(&sample, m, params.least_part)
        }
        Side::Activity => {
            let sample = m.restricted(&all(m.locations()), drawn);
            score_on_locations_of(&sample, m, params.least_part)
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use super::*;

    fn table() -> ActivityTable {
        let labels = |n: usize| (0..n).map(|i| format!("{i:02}")).collect::<Vec<_>>();
        let value = |k: usize| {
            let (l, a) = (k / 16, k % 16);
            ((l as f64 * 0.31 - a as f64 * 0.2).sin() + 1.2) * if a <= l + 2 { 2.0 } else { 0.3 }
        };
        ActivityTable::new(labels(12), labels(16), (0..192).map(value).collect()).expect("a table")
    }

    fn run(scheme: &Scheme) -> Intervals {
        intervals(
            &table(),
            &Rule::default(),
            scheme,
            &IntervalParams::default(),
            Seed(7),
        )
        .expect("connected")
    }

    #[test]
    fn the_choice_of_the_base_run_alone_gives_its_values() {
        let found = run(&Scheme::Thresholds {
            thresholds: vec![1.0],
            comparisons: vec![Comparison::AtLeast],
        });
        let whole = run(&Scheme::Universes {
            choices: vec![UniverseParams::default()],
            population: BTreeMap::new(),
        });
        let nothing_near = run(&Scheme::NearThreshold {
            tolerance: 0.0,
            replicates: 2,
        });
        for part in [found, whole, nothing_near] {
            for unit in part.locations.iter().chain(&part.activities) {
                assert_eq!(unit.value.low, unit.value.value);
                assert_eq!(unit.value.high, unit.value.value);
                assert_eq!(unit.present, 1.0);
            }
        }
    }

    #[test]
    fn the_whole_sample_once_is_the_base_run() {
        let (t, rule, params) = (table(), Rule::default(), IntervalParams::default());
        let m = presence(&advantage::rca(&t), 16, &rule);
        let plain = score(&m, 0.9).expect("connected").scores;
        for (side, n) in [(Side::Location, 12), (Side::Activity, 16)] {
            let drawn: Vec<usize> = (0..n).collect();
            let again = resampled(&t, t.values(), side, &drawn, &rule);
            assert_eq!(again, m);
            let found = score_resampled(&again, side, &drawn, &params).expect("connected");
            for (a, b) in found.scores.locations.iter().zip(&plain.locations) {
                assert!((a - b).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_bits_on_any_number_of_threads() {
        let scheme = Scheme::Bootstrap {
            side: Side::Location,
            replicates: 20,
        };
        let many = run(&scheme);
        let one = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .build()
            .expect("a pool")
            .install(|| run(&scheme));
        // Compared as text, because NaN is not equal to itself.
        assert_eq!(format!("{many:?}"), format!("{one:?}"));
        assert!(many.locations.iter().any(|u| u.value.low < u.value.high));
    }

    #[test]
    fn a_table_without_eci_is_refused_with_its_cause() {
        let t = ActivityTable::from_rows([("a", "x", 1.0), ("b", "y", 1.0)]).expect("a table");
        let error = intervals(
            &t,
            &Rule::default(),
            &Scheme::threshold_sweep(),
            &IntervalParams::default(),
            Seed(1),
        );
        let Err(IntervalError::Refused(refusal)) = error else {
            panic!("refused")
        };
        assert_eq!(refusal.code, "robustness.base_without_eci");
    }
}
