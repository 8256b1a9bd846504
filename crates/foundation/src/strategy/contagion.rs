//! How much relatedness helps an entry: p = B x^α fitted to a panel (Alshamsi, Pinheiro and Hidalgo, 2018).
//!
//! x is the part of an absent activity's neighbours that the location has, y whether it enters by the next year of the
//! panel. Cells are binned by x over (0, 1]; ln of the mean of y is regressed on ln of the mean of x, as in econcomplex
//! 1.0.1. Bins without entry have no logarithm and drop out, which overstates p at small x: the numbers of cells and of
//! dropped bins are part of the answer. The paper reports 0.16 x^1.03 for products and 0.74 x^1.09 for research areas (as
//! quoted there). Cells unknown in either year take no part.

use model::{Message, Refusal};

use super::diffusion::{Contagion, Network};
use super::fit::least_squares;
use crate::specialisation::change::{History, State};

/// One bin of cells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// Mean part of active neighbours.
    pub related: f64,
    /// Part of the cells that entered.
    pub entered: f64,
    pub cells: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ContagionFit {
    pub contagion: Contagion,
    /// Of ln B and of α, over the bins (classical).
    pub standard_errors: (f64, f64),
    /// Every bin with cells.
    pub bins: Vec<Bin>,
    /// Of these, without any entry and so outside the fit.
    pub empty_bins: usize,
    pub entries: usize,
    pub cells: usize,
}

/// Fits B and α. `network` has the activities of the history.
pub fn calibrate_contagion(
    history: &History,
    network: &Network,
    bins: usize,
) -> Result<ContagionFit, Box<Refusal>> {
    let width = history.activities.len();
    let bins = bins.max(1);
    let mut sums = vec![(0.0, 0usize, 0usize); bins];
    let (mut entries, mut cells) = (0, 0);
    for pair in history.states.windows(2) {
        for (l, (now, next)) in pair[0].chunks(width).zip(pair[1].chunks(width)).enumerate() {
            debug_assert!(l < history.locations.len());
            let active: Vec<bool> = now.iter().map(|s| *s == State::Present).collect();
            for a in 0..width {
                if now[a] != State::Absent || next[a] == State::Unknown {
                    continue;
                }
                let entered = next[a] == State::Present;
                cells += 1;
                entries += usize::from(entered);
                let degree = network.degree(a);
                if degree == 0 {
                    continue;
                }
                let related = network.active_neighbours(a, &active) as f64 / degree as f64;
                if related > 0.0 {
                    let bin = &mut sums[bin_of(related, bins)];
                    bin.0 += related;
                    bin.1 += usize::from(entered);
                    bin.2 += 1;
                }
            }
        }
    }
    let bins: Vec<Bin> = sums
        .into_iter()
        .filter(|s| s.2 > 0)
        .map(|(related, entered, cells)| Bin {
            related: related / cells as f64,
            entered: entered as f64 / cells as f64,
            cells,
        })
        .collect();
    let fitted: Vec<&Bin> = bins.iter().filter(|b| b.entered > 0.0).collect();
    let y: Vec<f64> = fitted.iter().map(|b| b.entered.ln()).collect();
    let columns = vec![
        fitted.iter().map(|b| b.related.ln()).collect(),
        vec![1.0; fitted.len()],
    ];
    let each: Vec<usize> = (0..fitted.len()).collect();
    let fit = least_squares(&columns, &y, &each).map_err(|_| {
        Box::new(Refusal {
            code: "strategy.contagion.too_few".to_owned(),
            question: Message::new("strategy.contagion.question"),
            reason: Message::new("strategy.contagion.too_few.reason").with("n", fitted.len()),
            needed: Message::new("strategy.contagion.too_few.needed"),
        })
    })?;
    Ok(ContagionFit {
        contagion: Contagion {
            base: fit.coefficients[1].exp(),
            exponent: fit.coefficients[0],
        },
        standard_errors: (fit.classical[1], fit.classical[0]),
        empty_bins: bins.len() - fitted.len(),
        bins,
        entries,
        cells,
    })
}

/// The bin (k/n, (k+1)/n] that holds x in (0, 1].
fn bin_of(x: f64, bins: usize) -> usize {
    let mut k = ((x * bins as f64).ceil() as usize).clamp(1, bins) - 1;
    // The product may round across an edge.
    while k > 0 && x <= k as f64 / bins as f64 {
        k -= 1;
    }
    while k + 1 < bins && x > (k + 1) as f64 / bins as f64 {
        k += 1;
    }
    k
}
