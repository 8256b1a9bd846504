//! Product space: the graph of the strongest proximities (Hidalgo et al., 2007).
//!
//! A maximum spanning forest keeps every activity that is near to anything in one piece with what it is near to; the
//! strongest other links are added
//!
//! ```text
//! AverageDegree d     in descending proximity until 2 links / nodes would exceed d
//! Steps d, s          every proximity > θ for the smallest θ = 0, s, 2s, … < 1 at which 2 links / nodes ≤ d; else the forest
//! Threshold θ         every proximity ≥ θ
//! ```
//!
//! `Steps` is the rule of `projections` in the R package economiccomplexity (d = 4, s = 0.05), read in its source. Only
//! proximities above 0 link. Ties go to the pair that comes first.

use super::proximity::Proximity;

/// Which links beside the forest are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Extra {
    AverageDegree(f64),
    Steps { average_degree: f64, step: f64 },
    Threshold(f64),
}

impl Default for Extra {
    /// Four links for each activity on average.
    fn default() -> Self {
        Self::AverageDegree(4.0)
    }
}

/// A link of the space, `a < b`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    pub a: usize,
    pub b: usize,
    pub proximity: f64,
    /// Whether it belongs to the maximum spanning forest.
    pub forest: bool,
}

/// Activities and their links, by (a, b).
#[derive(Debug, Clone, PartialEq)]
pub struct Space {
    pub nodes: usize,
    pub links: Vec<Link>,
}

/// The space of a proximity; an asymmetric one counts by the larger direction.
pub fn product_space(proximity: &Proximity, extra: Extra) -> Space {
    let nodes = proximity.len();
    let mut pairs: Vec<Link> = (0..nodes)
        .flat_map(|a| (a + 1..nodes).map(move |b| (a, b)))
        .map(|(a, b)| Link {
            a,
            b,
            proximity: proximity.get(a, b).max(proximity.get(b, a)),
            forest: false,
        })
        .filter(|link| link.proximity > 0.0)
        .collect();
    pairs.sort_by(|x, y| {
        y.proximity
            .total_cmp(&x.proximity)
            .then((x.a, x.b).cmp(&(y.a, y.b)))
    });
    let mut roots: Vec<usize> = (0..nodes).collect();
    let mut count = 0;
    for link in &mut pairs {
        let (a, b) = (root(&mut roots, link.a), root(&mut roots, link.b));
        if a != b {
            roots[a.max(b)] = a.min(b);
            link.forest = true;
            count += 1;
        }
    }
    let most = |average: f64| (average * nodes as f64 / 2.0).floor() as usize;
    match extra {
        Extra::Threshold(least) => pairs.retain(|l| l.forest || l.proximity >= least),
        Extra::AverageDegree(average) => {
            let mut left = most(average).saturating_sub(count);
            pairs.retain(|l| {
                let fits = l.forest || left > 0;
                left -= usize::from(!l.forest && left > 0);
                fits
            });
        }
        Extra::Steps {
            average_degree,
            step,
        } => {
            let threshold = steps(&pairs, most(average_degree), step);
            pairs.retain(|l| l.forest || threshold.is_some_and(|t| l.proximity > t));
        }
    }
    pairs.sort_by_key(|l| (l.a, l.b));
    Space {
        nodes,
        links: pairs,
    }
}

impl Space {
    /// Pieces of the space, each with ascending nodes, by their first node.
    pub fn pieces(&self) -> Vec<Vec<usize>> {
        let mut roots: Vec<usize> = (0..self.nodes).collect();
        for link in &self.links {
            let (a, b) = (root(&mut roots, link.a), root(&mut roots, link.b));
            roots[a.max(b)] = a.min(b);
        }
        let mut pieces: std::collections::BTreeMap<usize, Vec<usize>> =
            std::collections::BTreeMap::new();
        for node in 0..self.nodes {
            pieces.entry(root(&mut roots, node)).or_default().push(node);
        }
        pieces.into_values().collect()
    }
}

/// The smallest step at which forest and stronger links are few enough.
fn steps(pairs: &[Link], most: usize, step: f64) -> Option<f64> {
    let mut threshold = 0.0;
    while threshold < 1.0 && step > 0.0 {
        let kept = pairs
            .iter()
            .filter(|l| l.forest || l.proximity > threshold)
            .count();
        if kept <= most {
            return Some(threshold);
        }
        threshold += step;
    }
    None
}

fn root(roots: &mut [usize], mut node: usize) -> usize {
    while roots[node] != node {
        roots[node] = roots[roots[node]];
        node = roots[node];
    }
    node
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn symmetric(n: usize, values: &[u8]) -> Proximity {
        let mut all = vec![0.0; n * n];
        let mut next = values.iter().cycle();
        for a in 0..n {
            for b in a + 1..n {
                let v = f64::from(*next.next().expect("a cycle")) / 255.0;
                all[a * n + b] = v;
                all[b * n + a] = v;
            }
        }
        Proximity::new(n, all).expect("square")
    }

    #[test]
    fn four_activities_by_hand() {
        // 01: .9, 02: .8, 12: .7, 03: .2
        let mut v = vec![0.0; 16];
        for (a, b, p) in [(0, 1, 0.9), (0, 2, 0.8), (1, 2, 0.7), (0, 3, 0.2)] {
            v[a * 4 + b] = p;
            v[b * 4 + a] = p;
        }
        let phi = Proximity::new(4, v).expect("square");
        let pairs = |extra| {
            product_space(&phi, extra)
                .links
                .iter()
                .map(|l| (l.a, l.b, l.forest))
                .collect::<Vec<_>>()
        };
        let forest = [(0, 1, true), (0, 2, true), (0, 3, true)];
        assert_eq!(pairs(Extra::Threshold(0.75)), forest);
        assert_eq!(pairs(Extra::AverageDegree(1.5)), forest);
        let all = [(0, 1, true), (0, 2, true), (0, 3, true), (1, 2, false)];
        assert_eq!(pairs(Extra::AverageDegree(2.0)), all);
        assert_eq!(
            pairs(Extra::Steps {
                average_degree: 2.0,
                step: 0.05
            }),
            all
        );
        assert_eq!(
            pairs(Extra::Steps {
                average_degree: 1.5,
                step: 0.05
            }),
            forest
        );
    }

    proptest! {
        #[test]
        fn the_forest_is_maximal_and_the_degree_kept(
            n in 3usize..14, values in proptest::collection::vec(any::<u8>(), 1..91), degree in 2.0f64..6.0
        ) {
            let phi = symmetric(n, &values);
            let space = product_space(&phi, Extra::AverageDegree(degree));
            let forest: Vec<&Link> = space.links.iter().filter(|l| l.forest).collect();
            prop_assert_eq!(forest.len(), n - space.pieces().len());
            prop_assert!(space.links.len() as f64 * 2.0 <= (degree * n as f64).max(2.0 * n as f64));
            // Cut property: without a link of the forest, no other pair across the cut is nearer.
            for cut in &forest {
                let rest = Space { nodes: n, links: forest.iter().filter(|l| (l.a, l.b) != (cut.a, cut.b)).map(|l| **l).collect() };
                let side = rest.pieces().into_iter().find(|p| p.contains(&cut.a)).expect("a piece");
                for a in &side {
                    for b in (0..n).filter(|b| !side.contains(b)) {
                        prop_assert!(phi.get(*a, b) <= cut.proximity);
                    }
                }
            }
        }
    }
}
