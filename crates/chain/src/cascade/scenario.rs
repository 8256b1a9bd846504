//! One shock in detail: who loses how much.

use super::climbing::detail;
use super::prepared::{Asked, Cascade};
use super::score::Certainty;

/// Losses of every firm under one shock, in the order of the firms; shares of a firm's own output, 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct FirmLosses {
    /// Downstream and upstream loss from below.
    pub down: Vec<f64>,
    pub up: Vec<f64>,
    /// The larger of the two: from below and from above.
    pub low: Vec<f64>,
    pub high: Vec<f64>,
    /// Share of the network's output that is lost, from below, and how sure that is.
    pub index: f64,
    pub certainty: Certainty,
}

pub(crate) fn losses(cascade: &Cascade, asked: &Asked, tolerance: f64) -> FirmLosses {
    let found = detail(cascade, asked, tolerance);
    let ordered = |values: &[f64]| -> Vec<f64> {
        let number = &cascade.layout.number;
        number.iter().map(|at| values[*at as usize]).collect()
    };
    let (down, up) = (ordered(&found.down), ordered(&found.up));
    FirmLosses {
        low: down.iter().zip(&up).map(|(d, u)| d.max(*u)).collect(),
        high: ordered(&found.high),
        down,
        up,
        index: found.score.esri,
        certainty: found.score.certainty,
    }
}
