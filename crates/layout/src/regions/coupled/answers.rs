//! What is asked besides the plan: reasons, alternatives, the neighbours' goal.

use model::{Cluster, Industry};
use rayon::prelude::*;

use super::alternatives::{Alternatives, AlternativesParams, Around, alternatives};
use super::certificate::total_bound;
use super::forced::{Asked, Worth, worth};
use super::search::{Search, assignment};
use super::second::{SecondGoal, second_goal};
use crate::regions::solve::Assignment;

/// What is asked besides the plan.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wishes {
    /// Why these pairs are, or are not, in the plan.
    pub why: Vec<(Cluster, Industry)>,
    /// Further layouts that are nearly as good.
    pub alternatives: Option<AlternativesParams>,
    /// The best neighbour score among layouts that lose at most this share of the objective.
    pub neighbours_within: Option<f64>,
}

/// The answers to [`Wishes`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answers {
    pub why: Vec<Worth>,
    pub alternatives: Option<Alternatives>,
    pub neighbours: Option<Neighbourly>,
}

/// A layout for the second goal: what it gains there and what it gives up.
#[derive(Debug, Clone, PartialEq)]
pub struct Neighbourly {
    pub assignment: Assignment,
    pub objective: f64,
    pub neighbour_score: f64,
}

pub(super) fn answers(search: &mut Search, wishes: &Wishes) -> Answers {
    let dense = search.dense;
    let fixed_bound = search.fixed_bound();
    let asked = Asked {
        dense,
        centre: &search.centre,
        trees: &search.trees,
        plan: &search.plan,
        fixed_bound,
        seed: search.params.seed,
    };
    let why = wishes
        .why
        .par_iter()
        .filter_map(|(cluster, industry)| worth(&asked, cluster, industry))
        .collect();
    let neighbours = wishes.neighbours_within.map(|within| {
        let goal = SecondGoal {
            loss: within * dense.objective(&search.plan).abs(),
            steps: 2_000_000,
        };
        let hosts = second_goal(dense, &search.plan, goal, search.params.seed);
        Neighbourly {
            assignment: assignment(dense, &hosts),
            objective: dense.objective(&hosts),
            neighbour_score: dense.neighbour_score(&hosts),
        }
    });
    let bound = total_bound(dense, fixed_bound);
    let alternatives = wishes.alternatives.as_ref().map(|params| {
        let around = Around {
            dense,
            bound,
            fixed_bound,
            pool: &mut search.pool,
            centre: &search.centre,
            trees: &search.trees,
            plan: &search.plan,
            seed: search.params.seed,
        };
        alternatives(around, params)
    });
    Answers {
        why,
        neighbours,
        alternatives,
    }
}
