//! The least concentration that moving a share of imports can reach: water-filling between donors and receivers.

/// A supplier: its share now, and its own exports over the importer's imports.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) country: usize,
    pub(super) share: f64,
    pub(super) reach: f64,
}

/// (before, after) of every node when up to `x` moves so that Σ after² is least.
pub(super) fn balanced(nodes: &[Node], spare: f64, x: f64) -> Vec<(f64, f64)> {
    let cut = |level: f64| -> f64 { nodes.iter().map(|n| (n.share - level).max(0.0)).sum() };
    let filled = |level: f64| -> f64 {
        nodes
            .iter()
            .map(|n| (level.min(n.share + n.reach * spare) - n.share).max(0.0))
            .sum()
    };
    // The level where cutting down and filling up meet: beyond it moving more would concentrate again.
    let meet = bisect(|level| filled(level) - cut(level));
    let amount = x.min(cut(meet)).min(filled(meet));
    let donors = bisect(|level| amount - cut(level)).max(meet);
    let receivers = bisect(|level| filled(level) - amount).min(meet);
    let after: Vec<f64> = nodes
        .iter()
        .map(|n| {
            let cap = n.share + n.reach * spare;
            // Between the two levels a supplier keeps its share.
            n.share.min(donors).max(receivers.min(cap))
        })
        .collect();
    nodes.iter().map(|n| n.share).zip(after).collect()
}

/// The smallest level in 0..1 where a non-decreasing function reaches 0.
fn bisect(f: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if f(middle) >= 0.0 {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn squares(pairs: &[(f64, f64)]) -> f64 {
        pairs.iter().map(|(_, a)| a * a).sum()
    }

    proptest! {
        /// No single shift between two suppliers improves the balanced shares within the budget and the caps.
        #[test]
        fn the_frontier_cannot_be_improved(
            values in proptest::collection::vec((0.0f64..1.0, 0.0f64..1.0), 2..7),
            x in 0.0f64..1.0,
        ) {
            let total: f64 = values.iter().map(|v| v.0).sum::<f64>() + 0.1;
            let nodes: Vec<Node> = values.iter().enumerate()
                .map(|(country, (m, reach))| Node { country, share: (m + if country == 0 { 0.1 } else { 0.0 }) / total, reach: *reach })
                .collect();
            let pairs = balanced(&nodes, 0.3, x);
            let best = squares(&pairs);
            let moved: f64 = pairs.iter().map(|(b, a)| (b - a).max(0.0)).sum();
            prop_assert!(moved <= x + 1e-9);
            prop_assert!((pairs.iter().map(|(b, a)| a - b).sum::<f64>()).abs() < 1e-9);
            for (n, (_, a)) in nodes.iter().zip(&pairs) {
                prop_assert!(*a <= n.share.max(n.share + n.reach * 0.3) + 1e-9 && *a >= -1e-12);
            }
            let step = 1e-4;
            for i in 0..nodes.len() {
                for j in 0..nodes.len() {
                    let mut other = pairs.clone();
                    other[i].1 -= step;
                    other[j].1 += step;
                    let feasible = other[i].1 >= 0.0
                        && other[j].1 <= nodes[j].share + nodes[j].reach * 0.3
                        && other.iter().map(|(b, a)| (b - a).max(0.0)).sum::<f64>() <= x;
                    prop_assert!(i == j || !feasible || squares(&other) >= best - 1e-7);
                }
            }
        }
    }
}
