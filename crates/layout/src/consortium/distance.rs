//! How far apart two organisations are: by past collaboration and by geography.
//!
//! ```text
//! d_ab = ties * min(hops_ab, cap) / cap + geography * min(km_ab, reach) / reach
//! ```
//!
//! `hops` is the shortest path in the network of past collaboration (Lappas, Liu & Terzi 2009); who never met anybody is `cap`
//! away. Great-circle distance by the haversine formula; an unknown place counts as `reach`.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

/// Two organisations that have worked together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tie {
    pub a: String,
    pub b: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    pub lon: f64,
    pub lat: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DistanceParams {
    /// Weight of past collaboration.
    pub ties: f64,
    /// Weight of geography.
    pub geography: f64,
    /// Steps beyond which more steps are no farther.
    pub cap: usize,
    /// Kilometres beyond which more are no farther.
    pub reach_km: f64,
}

impl Default for DistanceParams {
    fn default() -> Self {
        Self {
            ties: 0.5,
            geography: 0.5,
            cap: 4,
            reach_km: 2000.0,
        }
    }
}

/// The matrix of distances in the order of `ids`, each in `[0, ties + geography]`.
pub fn distances(
    ids: &[String],
    ties: &[Tie],
    places: &BTreeMap<String, Place>,
    params: &DistanceParams,
) -> Vec<Vec<f64>> {
    let at: BTreeMap<&str, usize> = ids
        .iter()
        .enumerate()
        .map(|(k, id)| (id.as_str(), k))
        .collect();
    let mut near: Vec<Vec<usize>> = vec![Vec::new(); ids.len()];
    for tie in ties {
        if let (Some(a), Some(b)) = (at.get(tie.a.as_str()), at.get(tie.b.as_str())) {
            near[*a].push(*b);
            near[*b].push(*a);
        }
    }
    let cap = params.cap.max(1);
    (0..ids.len())
        .map(|a| {
            let hops = hops(&near, a);
            (0..ids.len())
                .map(|b| {
                    if a == b {
                        return 0.0;
                    }
                    let steps = hops[b].map_or(cap, |h| h.min(cap)) as f64 / cap as f64;
                    // The haversine is symmetric up to rounding: always from the smaller to the larger.
                    let (p, q) = (places.get(&ids[a.min(b)]), places.get(&ids[a.max(b)]));
                    let far = match (p, q) {
                        (Some(p), Some(q)) => (kilometres(p, q) / params.reach_km).min(1.0),
                        _ => 1.0,
                    };
                    params.ties * steps + params.geography * far
                })
                .collect()
        })
        .collect()
}

fn hops(near: &[Vec<usize>], from: usize) -> Vec<Option<usize>> {
    let mut hops = vec![None; near.len()];
    hops[from] = Some(0);
    let mut open = VecDeque::from([from]);
    while let Some(a) = open.pop_front() {
        let next = hops[a].map(|h| h + 1);
        for b in &near[a] {
            if hops[*b].is_none() {
                hops[*b] = next;
                open.push_back(*b);
            }
        }
    }
    hops
}

/// Great-circle distance (haversine) on a sphere of 6371 km.
pub fn kilometres(a: &Place, b: &Place) -> f64 {
    let half = |x: f64, y: f64| ((y - x).to_radians() / 2.0).sin().powi(2);
    let h = half(a.lat, b.lat)
        + a.lat.to_radians().cos() * b.lat.to_radians().cos() * half(a.lon, b.lon);
    2.0 * 6371.0 * h.sqrt().min(1.0).asin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_the_equator_and_two_steps() {
        let places: BTreeMap<String, Place> = [("a", 0.0), ("b", 90.0), ("c", 0.0)]
            .map(|(id, lon)| (id.to_owned(), Place { lon, lat: 0.0 }))
            .into();
        assert!(
            (kilometres(&places["a"], &places["b"]) - 6371.0 * std::f64::consts::FRAC_PI_2).abs()
                < 1e-6
        );
        let ids = ["a", "b", "c", "d"].map(str::to_owned);
        let ties = [("a", "b"), ("b", "c")].map(|(a, b)| Tie {
            a: a.to_owned(),
            b: b.to_owned(),
        });
        let d = distances(&ids, &ties, &places, &DistanceParams::default());
        assert!((d[0][2] - 0.25).abs() < 1e-12); // two of four steps, same place
        assert!((d[0][1] - (0.125 + 0.5)).abs() < 1e-12); // one step, beyond reach
        assert!((d[0][3] - 1.0).abs() < 1e-12); // nobody, nowhere
    }
}
