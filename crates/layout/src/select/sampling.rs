//! Samples from ranges: every cell of a performance table has a random stream of its own, keyed by the
//! ids of its alternative and criterion, so neither row order nor threads nor the presence of another
//! alternative changes its draws.

use model::{Estimate, Industry, Quantity, Seed};
use rand::RngExt;
use rayon::prelude::*;

use super::selection::Performance;
use crate::triangular::triangular;

/// Measurements in the order draw, alternative, criterion. A known cell is drawn triangularly within its
/// range; a cell that is not estimated is drawn uniformly from the whole scale [0, 1].
pub(crate) fn draw_measurements(performance: &Performance, draws: usize, seed: Seed) -> Vec<f64> {
    let (n, m) = (performance.alternatives.len(), performance.criteria.len());
    let cells: Vec<Vec<f64>> = (0..n * m)
        .into_par_iter()
        .map(|cell| {
            let (i, j) = (cell / m, cell % m);
            let label = label(
                &performance.alternatives[i],
                performance.criteria[j].as_str(),
            );
            let known = performance.cells[i][j].estimate();
            let mut rng = seed.stream(&label, 0);
            (0..draws)
                .map(|_| value(known.as_ref(), rng.random()))
                .collect()
        })
        .collect();
    let mut out = Vec::with_capacity(draws * n * m);
    for d in 0..draws {
        out.extend(cells.iter().map(|cell| cell[d]));
    }
    out
}

fn label(alternative: &Industry, criterion: &str) -> String {
    format!("select/{alternative}/{criterion}")
}

fn value(known: Option<&Estimate>, u: f64) -> f64 {
    known.map_or(u, |range| triangular(range, u))
}

/// The positions of the criteria that are not estimated for alternative `i`.
pub(crate) fn unknown(cells: &[Quantity]) -> Vec<usize> {
    (0..cells.len())
        .filter(|j| cells[*j].estimate().is_none())
        .collect()
}
