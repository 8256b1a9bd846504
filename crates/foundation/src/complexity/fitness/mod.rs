//! Fitness of locations and complexity of activities (Tacchella et al., 2012).
//!
//! From presence M (or non-negative weights in its place), location c and activity p, step n:
//!
//! ```text
//! F_c ← Σ_p M_cp Q_p                   diversification, weighted by complexity
//! Q_p ← (Σ_c M_cp F_c^-γ)^(-1/γ)       held down by the least fit location that has p; extremality γ = 1 in the paper
//! F, Q each divided by its mean
//!
//! inhomogeneous (Servedio et al., 2018):  F_c ← δ + Σ_p M_cp Q_p,   Q_p ← 1 / (1 + Σ_c M_cp / F_c),   not normalised
//! ```
//!
//! Everything is held as logarithms: the fitness of weak locations falls to zero as a power of n on many tables
//! (Pugliese et al., 2016), and with large γ faster, so plain numbers would underflow and ranks would be lost. An update
//! costs one pass over the links each way.
//!
//! A location without activities has fitness 0 (log −∞) and no rank; an activity that nobody has, or that is pruned,
//! has no complexity (`NaN`). Means are over the others.

mod exogenous;
mod links;
mod stop;

use std::cmp::Ordering;

use model::{Message, Refusal};

use crate::activity::ActivityTable;
use crate::presence::Presence;

pub use exogenous::{ExogenousFitness, exogenous_fitness};
use links::{Links, log_add, log_mean};
pub use stop::{Ending, Stop, minimum_crossing_time};

/// Which numbers an update reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Update {
    /// Both sides from the step before (Tacchella et al., 2012).
    Synchronous,
    /// First F from the last Q, then Q from the new F (Gauss-Seidel, as econcomplex).
    FitnessFirst,
    /// First Q from the last F, then F from the new Q (Gauss-Seidel, as Sinkhorn–Knopp).
    ComplexityFirst,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Variant {
    /// Extremality γ > 0; 1 is the published algorithm, ∞ would be the minimum over locations.
    Homogeneous { extremality: f64 },
    /// The inhomogeneous variant with what is added to F, δ > 0: all fitnesses stay positive, no normalisation.
    Inhomogeneous { delta: f64 },
}

/// What the numbers are relative to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Mean fitness and mean complexity 1.
    Mean,
    /// A dummy location that has every activity is added and has fitness 1: comparable across tables and years.
    DummyLocation,
}

#[derive(Debug, Clone, PartialEq)]
pub struct FitnessParams {
    pub variant: Variant,
    pub update: Update,
    pub scale: Scale,
    pub stop: Stop,
    /// Activities of this many locations or fewer are left out.
    pub prune_ubiquity: u32,
}

impl Default for FitnessParams {
    /// The published algorithm, run until ranks are settled.
    fn default() -> Self {
        Self {
            variant: Variant::Homogeneous { extremality: 1.0 },
            update: Update::ComplexityFirst,
            scale: Scale::Mean,
            stop: Stop::default(),
            prune_ubiquity: 0,
        }
    }
}

impl FitnessParams {
    /// econcomplex 1.0.1: at most 20 Gauss-Seidel steps, fitness first.
    #[must_use]
    pub fn econcomplex() -> Self {
        Self {
            update: Update::FitnessFirst,
            stop: Stop::Relative {
                most: 20,
                tolerance: 1e-10,
            },
            ..Self::default()
        }
    }

    /// The R package economiccomplexity 2.0.0: 20 columns, that is the start and 19 synchronous steps.
    #[must_use]
    pub fn economiccomplexity_r() -> Self {
        Self {
            update: Update::Synchronous,
            stop: Stop::Fixed { iterations: 19 },
            ..Self::default()
        }
    }

    /// fermi-cref 0.2.0: synchronous, up to 1000 steps until Σ|ΔF| / ΣF < 1e-14.
    #[must_use]
    pub fn fermi() -> Self {
        Self {
            update: Update::Synchronous,
            stop: Stop::Distance {
                most: 1000,
                tolerance: 1e-14,
            },
            ..Self::default()
        }
    }
}

/// Fitness and complexity with how they were reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitness {
    /// ln F of every location; −∞ without activities.
    pub log_fitness: Vec<f64>,
    /// ln Q of every activity; `NaN` where nobody has it or it is pruned.
    pub log_complexity: Vec<f64>,
    pub convergence: Convergence,
}

/// How an iteration ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Convergence {
    /// Updates done.
    pub iterations: usize,
    pub ending: Ending,
    /// Largest change of any ln F or ln Q in the last update.
    pub log_change: f64,
    /// Largest change of any F in the last update, F with mean 1.
    pub change: f64,
    /// Update after which the ranks of locations never changed again.
    pub ranks_since: usize,
}

/// Why there is no fitness.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FitnessError {
    #[error("{name} is {value}; need a finite number above 0")]
    NotPositive { name: &'static str, value: f64 },
    #[error("{found} complexities for {activities} activities")]
    Shape { found: usize, activities: usize },
    #[error("refused: {}", .0.code)]
    Refused(Box<Refusal>),
}

impl Fitness {
    pub fn fitness(&self) -> Vec<f64> {
        self.log_fitness.iter().map(|f| f.exp()).collect()
    }

    /// `NaN` where there is none.
    pub fn complexity(&self) -> Vec<f64> {
        self.log_complexity.iter().map(|q| q.exp()).collect()
    }

    /// Rank of every location, 1 is fittest; ties by position, no rank without activities.
    pub fn ranks(&self) -> Vec<Option<usize>> {
        let mut ranks = vec![None; self.log_fitness.len()];
        for (rank, l) in order(&self.log_fitness).into_iter().enumerate() {
            ranks[l] = Some(rank + 1);
        }
        ranks
    }
}

/// Fitness of the locations and complexity of the activities of `m`.
pub fn fitness(m: &Presence, params: &FitnessParams) -> Result<Fitness, FitnessError> {
    iterate(
        &Links::of_presence(m, params.prune_ubiquity, params.scale),
        params,
    )
}

/// The same on non-negative weights (values, shares, advantage); unknown cells count for nothing.
pub fn weighted_fitness(
    weights: &ActivityTable,
    params: &FitnessParams,
) -> Result<Fitness, FitnessError> {
    iterate(
        &Links::of_table(weights, params.prune_ubiquity, params.scale),
        params,
    )
}

fn iterate(links: &Links, params: &FitnessParams) -> Result<Fitness, FitnessError> {
    let (name, value) = match params.variant {
        Variant::Homogeneous { extremality } => ("extremality", extremality),
        Variant::Inhomogeneous { delta } => ("delta", delta),
    };
    if !(value.is_finite() && value > 0.0) {
        return Err(FitnessError::NotPositive { name, value });
    }
    if links.is_empty() {
        return Err(FitnessError::Refused(Box::new(Refusal {
            code: "robustness.fitness.no_links".to_owned(),
            question: Message::new("robustness.fitness.no_links.question"),
            reason: Message::new("robustness.fitness.no_links.reason"),
            needed: Message::new("robustness.fitness.no_links.needed"),
        })));
    }
    let mut now = State::start(links);
    let mut watch = stop::Watch::new(params.stop, &now.f);
    loop {
        let mut next = now.clone();
        next.update(links, params);
        let ended = watch.step(&now, &next);
        now = next;
        if let Some(convergence) = ended {
            now.f.truncate(links.locations());
            for q in &mut now.q {
                if *q == f64::NEG_INFINITY {
                    *q = f64::NAN;
                }
            }
            return Ok(Fitness {
                log_fitness: now.f,
                log_complexity: now.q,
                convergence,
            });
        }
    }
}

/// ln F and ln Q of one step; −∞ where there is nothing to update.
#[derive(Debug, Clone)]
struct State {
    f: Vec<f64>,
    q: Vec<f64>,
}

impl State {
    fn start(links: &Links) -> Self {
        let ones = |has: Vec<bool>| {
            has.into_iter()
                .map(|has| if has { 0.0 } else { f64::NEG_INFINITY })
                .collect()
        };
        Self {
            f: ones(links.rows.filled()),
            q: ones(links.columns.filled()),
        }
    }

    fn update(&mut self, links: &Links, params: &FitnessParams) {
        let complexity = |f: &[f64]| -> Vec<f64> {
            let gamma = match params.variant {
                Variant::Homogeneous { extremality } => extremality,
                Variant::Inhomogeneous { .. } => 1.0,
            };
            let inverse: Vec<f64> = f.iter().map(|f| -gamma * f).collect();
            links
                .columns
                .log_sums(&inverse)
                .into_iter()
                .map(|sum| match params.variant {
                    _ if sum == f64::NEG_INFINITY => sum,
                    Variant::Homogeneous { .. } => -sum / gamma,
                    Variant::Inhomogeneous { .. } => -log_add(0.0, sum),
                })
                .collect()
        };
        let fitness = |q: &[f64]| -> Vec<f64> {
            let sums = links.rows.log_sums(q);
            match params.variant {
                Variant::Homogeneous { .. } => sums,
                Variant::Inhomogeneous { delta } => {
                    sums.into_iter().map(|s| log_add(delta.ln(), s)).collect()
                }
            }
        };
        match params.update {
            Update::Synchronous => {
                let q = complexity(&self.f);
                self.f = fitness(&self.q);
                self.q = q;
            }
            Update::FitnessFirst => {
                self.f = fitness(&self.q);
                self.q = complexity(&self.f);
            }
            Update::ComplexityFirst => {
                self.q = complexity(&self.f);
                self.f = fitness(&self.q);
            }
        }
        match (params.variant, params.scale) {
            (Variant::Inhomogeneous { .. }, _) => {}
            (Variant::Homogeneous { .. }, Scale::Mean) => {
                shift(&mut self.f, log_mean);
                shift(&mut self.q, log_mean);
            }
            // F and Q scale alike, so that Q stays on the scale that the dummy's fitness sets.
            (Variant::Homogeneous { .. }, Scale::DummyLocation) => {
                shift(&mut self.f, |f| f[f.len() - 1]);
            }
        }
    }
}

fn shift(logs: &mut [f64], by: fn(&[f64]) -> f64) {
    let by = by(logs);
    for x in logs {
        *x -= by;
    }
}

/// Positions from the largest to the smallest, ties by position; −∞ left out.
fn order(logs: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..logs.len()).filter(|i| logs[*i].is_finite()).collect();
    order.sort_by(|a, b| match logs[*b].total_cmp(&logs[*a]) {
        Ordering::Equal => a.cmp(b),
        unequal => unequal,
    });
    order
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn presence(rows: &[&str]) -> Presence {
        Presence::from_fn(rows.len(), rows[0].len(), |l, a| {
            rows[l].as_bytes()[a] == b'1'
        })
    }

    fn fixed(update: Update, iterations: usize) -> FitnessParams {
        FitnessParams {
            update,
            stop: Stop::Fixed { iterations },
            ..FitnessParams::default()
        }
    }

    fn near(found: &[f64], wanted: &[f64]) {
        assert_eq!(found.len(), wanted.len());
        for (a, b) in found.iter().zip(wanted) {
            assert!((a - b).abs() < 1e-12, "{found:?} {wanted:?}");
        }
    }

    #[test]
    fn one_step_by_hand() {
        let m = presence(&["110", "100", "011"]);
        let one = fitness(&m, &fixed(Update::Synchronous, 1)).expect("links");
        // F = (2, 1, 2) / (5/3); Q = 1/u = (1/2, 1/2, 1) / (2/3).
        near(&one.fitness(), &[1.2, 0.6, 1.2]);
        near(&one.complexity(), &[0.75, 0.75, 1.5]);
        let first = fitness(&m, &fixed(Update::FitnessFirst, 1)).expect("links");
        // Q = 1 / (1/1.2 + 1/0.6, 2/1.2, 1/1.2) = (0.4, 0.6, 1.2) / (2.2/3).
        near(&first.fitness(), &[1.2, 0.6, 1.2]);
        near(&first.complexity(), &[1.2 / 2.2, 1.8 / 2.2, 3.6 / 2.2]);
    }

    #[test]
    fn the_fixed_point_of_two_locations_by_hand() {
        // x = F_1/F_2; Q_1 = F_2 x/(1+x), Q_2 = F_2 x; x ← (Q_1 + Q_2)/Q_1 = x + 2, so x = 1 + 2n: ln F_2 falls for ever
        // and the rank is settled.
        let m = presence(&["11", "10"]);
        let found = fitness(&m, &FitnessParams::default()).expect("links");
        assert_eq!(found.ranks(), [Some(1), Some(2)]);
        assert_eq!(found.convergence.ending, Ending::RankStable);
        assert_eq!(found.convergence.iterations, 1024);
        let ratio = (found.log_fitness[0] - found.log_fitness[1]).exp();
        assert!((ratio - 2049.0).abs() < 1e-8, "{ratio}");
    }

    #[test]
    fn units_without_links_have_no_number() {
        let m = presence(&["1100", "1000", "0000"]);
        let found = fitness(&m, &fixed(Update::Synchronous, 3)).expect("links");
        assert_eq!(found.fitness()[2].to_bits(), 0.0_f64.to_bits());
        assert_eq!(found.ranks()[2], None);
        assert!(found.complexity()[2].is_nan() && found.complexity()[3].is_nan());
        let pruned = FitnessParams {
            prune_ubiquity: 1,
            ..fixed(Update::Synchronous, 3)
        };
        let found = fitness(&m, &pruned).expect("links");
        assert!(found.complexity()[1].is_nan());
        near(&found.fitness()[..2], &[1.0, 1.0]);
    }

    #[test]
    fn nothing_to_work_on_is_refused() {
        let m = presence(&["00", "00"]);
        let error = fitness(&m, &FitnessParams::default()).expect_err("no links");
        assert!(
            matches!(error, FitnessError::Refused(r) if r.code == "robustness.fitness.no_links")
        );
        let bad = FitnessParams {
            variant: Variant::Inhomogeneous { delta: 0.0 },
            ..FitnessParams::default()
        };
        assert!(matches!(
            fitness(&presence(&["11"]), &bad),
            Err(FitnessError::NotPositive { name: "delta", .. })
        ));
    }

    #[test]
    fn logarithms_keep_what_plain_numbers_lose() {
        // Perfectly nested: every location below the first loses by a power of n, with extremality 8 far below 1e-308.
        let m = Presence::from_fn(30, 30, |l, a| l + a < 30);
        let params = FitnessParams {
            variant: Variant::Homogeneous { extremality: 8.0 },
            ..fixed(Update::ComplexityFirst, 2000)
        };
        let found = fitness(&m, &params).expect("links");
        let logs = &found.log_fitness;
        assert!(logs.iter().all(|f| f.is_finite()));
        assert!(logs.windows(2).all(|pair| pair[0] > pair[1]), "{logs:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn permuting_units_permutes_the_result(
            cells in proptest::collection::vec(any::<bool>(), 48), swap in 0usize..5
        ) {
            let m = Presence::from_fn(6, 8, |l, a| cells[l * 8 + a] || l == a);
            let turned = Presence::from_fn(6, 8, |l, a| m.get((l + swap) % 6, (a + 3) % 8));
            let params = fixed(Update::ComplexityFirst, 30);
            let (x, y) = (fitness(&m, &params).expect("links"), fitness(&turned, &params).expect("links"));
            for l in 0..6 {
                prop_assert!((x.log_fitness[(l + swap) % 6] - y.log_fitness[l]).abs() < 1e-10);
            }
        }

        #[test]
        fn means_are_one_and_more_activities_never_cost_fitness(
            cells in proptest::collection::vec(any::<bool>(), 48)
        ) {
            // Location 0 has all that location 1 has: it is at least as fit at every step.
            let m = Presence::from_fn(6, 8, |l, a| cells[l * 8 + a] || l == a || (l == 0 && (cells[8 + a] || a == 1)));
            for n in [1, 2, 7, 40] {
                let found = fitness(&m, &fixed(Update::Synchronous, n)).expect("links");
                let f = found.fitness();
                prop_assert!((f.iter().sum::<f64>() / 6.0 - 1.0).abs() < 1e-12);
                prop_assert!(f[0] >= f[1] * (1.0 - 1e-12));
            }
        }
    }
}
