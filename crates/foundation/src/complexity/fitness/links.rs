//! Links of locations and activities as sparse rows both ways, summed in logarithms.

use super::Scale;
use crate::activity::ActivityTable;
use crate::presence::Presence;

/// Sums below this are taken again link by link: terms may have vanished.
const TINY: f64 = 1e-280;

pub(super) struct Links {
    /// Activities of each location, the dummy location last if there is one.
    pub rows: Sparse,
    /// Locations of each activity.
    pub columns: Sparse,
    locations: usize,
}

impl Links {
    pub fn of_presence(m: &Presence, prune: u32, scale: Scale) -> Self {
        let kept: Vec<bool> = m.ubiquity().iter().map(|u| *u > prune).collect();
        let rows = (0..m.locations()).map(|l| {
            m.activities_of(l)
                .filter(|a| kept[*a])
                .map(|a| (a, 1.0))
                .collect()
        });
        Self::of_rows(rows.collect(), &kept, scale)
    }

    pub fn of_table(table: &ActivityTable, prune: u32, scale: Scale) -> Self {
        let (locations, activities) = (table.locations().len(), table.activities().len());
        let kept: Vec<bool> = (0..activities)
            .map(|a| (0..locations).filter(|l| table.value(*l, a) > 0.0).count() > prune as usize)
            .collect();
        let rows = (0..locations).map(|l| {
            let row = table.row(l).iter().copied().enumerate();
            row.filter(|(a, w)| kept[*a] && *w > 0.0).collect()
        });
        Self::of_rows(rows.collect(), &kept, scale)
    }

    fn of_rows(mut rows: Vec<Vec<(usize, f64)>>, kept: &[bool], scale: Scale) -> Self {
        let locations = rows.len();
        if scale == Scale::DummyLocation && rows.iter().any(|row| !row.is_empty()) {
            rows.push(
                (0..kept.len())
                    .filter(|a| kept[*a])
                    .map(|a| (a, 1.0))
                    .collect(),
            );
        }
        let mut columns = vec![Vec::new(); kept.len()];
        for (l, row) in rows.iter().enumerate() {
            for (a, w) in row {
                columns[*a].push((l, *w));
            }
        }
        Self {
            rows: Sparse::new(&rows),
            columns: Sparse::new(&columns),
            locations,
        }
    }

    /// Without the dummy location.
    pub fn locations(&self) -> usize {
        self.locations
    }

    pub fn is_empty(&self) -> bool {
        self.rows.places.is_empty()
    }
}

pub(super) struct Sparse {
    starts: Vec<usize>,
    places: Vec<u32>,
    weights: Vec<f64>,
    /// All weights are 1.
    plain: bool,
}

impl Sparse {
    fn new(rows: &[Vec<(usize, f64)>]) -> Self {
        let mut starts = vec![0];
        let mut places = Vec::new();
        let mut weights = Vec::new();
        for row in rows {
            places.extend(row.iter().map(|(place, _)| *place as u32));
            weights.extend(row.iter().map(|(_, weight)| *weight));
            starts.push(places.len());
        }
        let plain = weights.iter().all(|w| w.to_bits() == 1.0_f64.to_bits());
        Self {
            starts,
            places,
            weights,
            plain,
        }
    }

    /// Whether each row has a link.
    pub fn filled(&self) -> Vec<bool> {
        self.starts.windows(2).map(|w| w[0] < w[1]).collect()
    }

    /// ln Σ_j w_ij exp(x_j) of every row i; −∞ for a row without links.
    pub fn log_sums(&self, x: &[f64]) -> Vec<f64> {
        let top = x
            .iter()
            .copied()
            .filter(|x| x.is_finite())
            .fold(f64::NEG_INFINITY, f64::max);
        let scaled: Vec<f64> = x.iter().map(|x| (x - top).exp()).collect();
        self.starts
            .windows(2)
            .map(|bounds| {
                let (places, weights) = (
                    &self.places[bounds[0]..bounds[1]],
                    &self.weights[bounds[0]..bounds[1]],
                );
                let sum: f64 = if self.plain {
                    places.iter().map(|j| scaled[*j as usize]).sum()
                } else {
                    let terms = places.iter().zip(weights);
                    terms.map(|(j, w)| w * scaled[*j as usize]).sum()
                };
                if sum > TINY || places.is_empty() {
                    return sum.ln() + top;
                }
                // All terms lie far below the largest entry of x: take this row's own largest term.
                let terms = || {
                    let pairs = places.iter().zip(weights);
                    pairs.map(|(j, w)| x[*j as usize] + w.ln())
                };
                let own = terms().fold(f64::NEG_INFINITY, f64::max);
                own + terms().map(|t| (t - own).exp()).sum::<f64>().ln()
            })
            .collect()
    }
}

/// ln(exp(a) + exp(b)).
pub(super) fn log_add(a: f64, b: f64) -> f64 {
    let (high, low) = if a > b { (a, b) } else { (b, a) };
    high + (low - high).exp().ln_1p()
}

/// ln of the mean of exp(x) over finite entries.
pub(super) fn log_mean(x: &[f64]) -> f64 {
    let finite = || x.iter().copied().filter(|x| x.is_finite());
    let top = finite().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = finite().map(|x| (x - top).exp()).sum();
    top + (sum / finite().count() as f64).ln()
}
