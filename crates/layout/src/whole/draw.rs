//! Draws: every number has a stream of its own, so that neither threads nor other rows change it.

use model::{Estimate, Seed};
use rand::RngExt;
use rayon::prelude::*;

use crate::triangular::triangular;

/// A number in [0, 1) for draw `draw` of the input `name`.
pub fn uniform(seed: Seed, name: &str, draw: usize) -> f64 {
    seed.stream(name, draw as u64).random()
}

/// The input `name` in draw `draw`: triangular within its range, with the mode at its value.
pub fn from(range: &Estimate, seed: Seed, name: &str, draw: usize) -> f64 {
    triangular(range, uniform(seed, name, draw))
}

/// `run` for the draws 0..`draws`, in parallel; the results stand in the order of the draws.
pub fn each<T: Send>(draws: usize, run: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
    (0..draws).into_par_iter().map(run).collect()
}
