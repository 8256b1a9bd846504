//! Taxonomy of activities: which comes before which (Zaccaria, Cristelli, Tacchella and Pietronero, 2014).
//!
//! ```text
//! B_ab = 1 / max(u_a, u_b) Σ_l M_la M_lb / d_l        locations count less the more they do
//! ```
//!
//! The matrix is that of fermi-cref 0.2.0. It is symmetric; the network is directed by keeping for every activity its
//! strongest partner and pointing from the more to the less ubiquitous of the two: what many can do comes before what few
//! can. **The rule of direction is from memory** of the paper; equal ubiquities point from the first to the second.

use crate::presence::Presence;

/// A directed link of the taxonomy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// The more ubiquitous activity.
    pub from: usize,
    pub to: usize,
    /// B of the two.
    pub weight: f64,
}

/// B, row-major (activities × activities); 0 where an activity has no location.
pub fn taxonomy(presence: &Presence) -> Vec<f64> {
    let n = presence.activities();
    let mut b = vec![0.0; n * n];
    for l in 0..presence.locations() {
        let held: Vec<usize> = presence.activities_of(l).collect();
        let share = 1.0 / held.len() as f64;
        for x in &held {
            for y in &held {
                b[x * n + y] += share;
            }
        }
    }
    let u = presence.ubiquity();
    for (k, cell) in b.iter_mut().enumerate() {
        let most = u[k / n].max(u[k % n]);
        if most > 0 {
            *cell /= f64::from(most);
        }
    }
    b
}

/// The strongest partner of every activity, directed; sorted and without repetition. Ties go to the first partner.
pub fn taxonomy_network(presence: &Presence) -> Vec<Step> {
    let n = presence.activities();
    let b = taxonomy(presence);
    let u = presence.ubiquity();
    let mut steps: Vec<Step> = (0..n)
        .filter_map(|a| {
            let partner = (0..n)
                .filter(|p| *p != a && b[a * n + p] > 0.0)
                .reduce(|best, p| {
                    if b[a * n + p] > b[a * n + best] {
                        p
                    } else {
                        best
                    }
                })?;
            let (from, to) = if (u[a], partner) > (u[partner], a) {
                (a, partner)
            } else {
                (partner, a)
            };
            Some(Step {
                from,
                to,
                weight: b[a * n + partner],
            })
        })
        .collect();
    steps.sort_by_key(|s| (s.from, s.to));
    steps.dedup_by_key(|s| (s.from, s.to));
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_locations_by_hand() {
        // 0: {a, b}, 1: {a, b, c}, 2: {a}. u = 3, 2, 1; d = 2, 3, 1.
        let m = Presence::from_fn(3, 3, |l, a| [&[0, 1][..], &[0, 1, 2], &[0]][l].contains(&a));
        let b = taxonomy(&m);
        assert!((b[1] - (0.5 + 1.0 / 3.0) / 3.0).abs() < 1e-15);
        assert!((b[2] - 1.0 / 9.0).abs() < 1e-15 && (b[5] - 1.0 / 6.0).abs() < 1e-15);
        let steps: Vec<(usize, usize)> = taxonomy_network(&m)
            .iter()
            .map(|s| (s.from, s.to))
            .collect();
        assert_eq!(steps, [(0, 1), (1, 2)]);
    }
}
