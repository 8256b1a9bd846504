//! Single points of failure: network indicators of one product. **Experimental.**
//!
//! The Commission's refined list (Arjona, Connell and Herghelegiu, 2023) marks single points of failure by network
//! indicators that descend from Korniyenko, Pinat and Dew (2017): central players, tendency to cluster, international
//! substitutability. Their exact scaling was not available: the formulas below are ours in their spirit.
//!
//! ```text
//! central players  = CV(X)/√(n-1), CV the coefficient of variation of the exports X_c over the n countries that trade
//!                    the product: 0 all equal, 1 one exporter; its square is the normalised HHI
//! clustering       = mean_c Σ_{d<e} (w_cd w_de w_ec)^(1/3)/(k_c(k_c-1)/2), w trade of a pair over the largest
//!                    (Onnela et al., 2005), countries with k_c < 2 partners count 0
//! substitutability = min(1, s (X - X_1)/X_1): part of the first exporter's supply that all others could replace if
//!                    each raised its exports by the part s
//! loss of importer when supplier e stops = max(0, m_e - s (T - m_e - z))/T
//! ```
//!
//! An importer has a **single point of failure** where the largest such loss is above a threshold. Both s = 0.25 and
//! the threshold 0.5 are assumptions. Imports of unknown origin replace nothing in the value; in the low end they do,
//! in the high end they all come from the first supplier.

use serde::{Deserialize, Serialize};

use super::criterion::{Criterion, Gap, Range, Reading};
use super::flows::Flows;
use super::supply::{Supply, World};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SinglePointParams {
    /// Part by which each other supplier can raise its exports at once, ≥ 0.
    pub spare: f64,
    /// A loss above this part of imports is a single point of failure.
    pub loss: f64,
}

impl Default for SinglePointParams {
    fn default() -> Self {
        Self {
            spare: 0.25,
            loss: 0.5,
        }
    }
}

/// The product's world network; each number 0..1.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// Countries that trade the product, unknown partners left out.
    pub countries: usize,
    /// `None` for fewer than two countries.
    pub central_players: Option<f64>,
    /// `None` for fewer than three countries.
    pub clustering: Option<f64>,
    /// `None` where nothing is exported.
    pub substitutability: Option<f64>,
}

/// Costs about (countries that trade the product)³ steps at most.
pub fn network(
    flows: &Flows,
    product: usize,
    market: &World,
    params: &SinglePointParams,
) -> Network {
    let mut nodes: Vec<usize> = Vec::new();
    let pairs: Vec<(usize, usize, f64)> = flows
        .rows(product)
        .filter(|r| {
            r.value > 0.0
                && r.importer != r.exporter
                && !flows.is_unknown(r.importer)
                && !flows.is_unknown(r.exporter)
        })
        .map(|r| (r.importer, r.exporter, r.value))
        .collect();
    nodes.extend(pairs.iter().flat_map(|(i, e, _)| [*i, *e]));
    nodes.sort_unstable();
    nodes.dedup();
    let n = nodes.len();
    let size = n as f64;
    let known: Vec<f64> = nodes.iter().map(|c| market.by_country[*c]).collect();
    let total: f64 = known.iter().sum();
    let central_players = (n >= 2 && total > 0.0).then(|| {
        let mean = total / size;
        let variance = known.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / size;
        (variance.sqrt() / mean / (size - 1.0).sqrt()).min(1.0)
    });
    let substitutability = market.first.map(|first| {
        let others = 1.0 - first.share - market.unknown / market.exports;
        (params.spare * others.max(0.0) / first.share).min(1.0)
    });
    Network {
        countries: n,
        central_players,
        clustering: (n >= 3).then(|| clustering(&nodes, &pairs)),
        substitutability,
    }
}

fn clustering(nodes: &[usize], pairs: &[(usize, usize, f64)]) -> f64 {
    let n = nodes.len();
    let mut weights = vec![0.0; n * n];
    for (i, e, value) in pairs {
        let place = |c: &usize| nodes.binary_search(c).unwrap_or_default();
        let (i, e) = (place(i), place(e));
        weights[i * n + e] += value;
        weights[e * n + i] += value;
    }
    let largest = weights.iter().copied().fold(0.0, f64::max);
    for w in &mut weights {
        *w = (*w / largest).cbrt();
    }
    let linked: Vec<Vec<usize>> = (0..n)
        .map(|c| (0..n).filter(|d| weights[c * n + d] > 0.0).collect())
        .collect();
    let local = (0..n).map(|c| {
        let partners = &linked[c];
        if partners.len() < 2 {
            return 0.0;
        }
        let mut sum = 0.0;
        for (k, d) in partners.iter().enumerate() {
            let row = &weights[d * n..(d + 1) * n];
            let triangles: f64 = partners[k + 1..]
                .iter()
                .map(|e| row[*e] * weights[c * n + e])
                .sum();
            sum += weights[c * n + d] * triangles;
        }
        let degree = partners.len() as f64;
        sum / (degree * (degree - 1.0) / 2.0)
    });
    local.sum::<f64>() / n as f64
}

/// The part of an importer's supply that is lost when its worst single supplier stops and the others make up for
/// what they can.
pub fn criterion(supply: &Supply, params: &SinglePointParams) -> Criterion {
    let reading = match (supply.first, supply.unknown_share()) {
        (_, None) => Reading::Missing(Gap::NoImports),
        (first, Some(unknown)) => {
            let first = first.map_or(0.0, |f| f.share);
            let rest = (1.0 - first - unknown).max(0.0);
            let loss = |stops: f64, replaces: f64| (stops - params.spare * replaces).max(0.0);
            Reading::Known(Range::spanning(
                loss(first, rest),
                loss(first, rest + unknown),
                loss(first + unknown, rest),
            ))
        }
    };
    Criterion::new("single_point_loss", reading, params.loss)
}
