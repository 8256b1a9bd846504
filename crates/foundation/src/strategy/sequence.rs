//! The order of entries with the least expected time, with proof or with a gap.
//!
//! Up to [`EXACT`] targets: the best order by dynamic programming over the sets of entered targets (Held and Karp, 1962),
//!
//! ```text
//! T(S) = min over i in S with an active neighbour outside:  T(S \ i) + time of i when S \ i is active
//! ```
//!
//! More targets: the best strategy of [`diffusion`](super::diffusion), improved by moving single targets until no move
//! helps. **Lower bound (Forelay's own):** a link between two targets is used by the later one only, so in any order the
//! active neighbours c_i add up to a known number of links, each between 1 and the reachable neighbours of i. The least
//! Σ 1 / (B (c_i/k_i)^α) over such c_i is convex and separable; giving link after link where it saves most solves it.

use std::collections::BinaryHeap;

use model::Seed;

use super::diffusion::{Contagion, Network, Strategy, expected_time, follow};
use super::{StrategyError, length};

/// Targets up to which the order is exact.
pub const EXACT: usize = 20;

/// An order with its proof.
#[derive(Debug, Clone, PartialEq)]
pub struct Sequence {
    pub order: Vec<usize>,
    pub total_time: f64,
    /// No order takes less; equal to `total_time` when exact.
    pub lower_bound: f64,
    /// The greedy order, for comparison.
    pub greedy_time: f64,
}

impl Sequence {
    /// (time - lower bound) / time.
    pub fn gap(&self) -> f64 {
        if self.total_time > 0.0 {
            (self.total_time - self.lower_bound) / self.total_time
        } else {
            0.0
        }
    }
}

/// The best order found of all targets that can be entered from `active`.
pub fn best_sequence(
    network: &Network,
    active: &[bool],
    contagion: Contagion,
    seed: Seed,
) -> Result<Sequence, StrategyError> {
    length("active", active.len(), network.len())?;
    let mut starts = Vec::new();
    for strategy in [
        Strategy::Greedy,
        Strategy::Majority,
        Strategy::HighDegree,
        Strategy::LowDegree,
        Strategy::Random { seed, draw: 0 },
    ] {
        let steps = follow(network, active, contagion, strategy)?;
        let order: Vec<usize> = steps.iter().map(|s| s.activity).collect();
        starts.push((steps.iter().map(|s| s.expected_time).sum::<f64>(), order));
    }
    let greedy_time = starts[0].0;
    let mut targets = starts[0].1.clone();
    targets.sort_unstable();
    if targets.len() <= EXACT {
        let order = exact(network, active, contagion, &targets);
        let total_time = expected_time(network, active, contagion, &order)
            .expect("invariant: an exact order can be followed");
        return Ok(Sequence {
            order,
            total_time,
            lower_bound: total_time,
            greedy_time,
        });
    }
    let (mut total_time, mut order) = starts
        .into_iter()
        .reduce(|best, next| if next.0 < best.0 { next } else { best })
        .expect("invariant: five strategies");
    improve(network, active, contagion, &mut order, &mut total_time);
    let lower_bound = links_bound(network, active, contagion, &targets).min(total_time);
    Ok(Sequence {
        order,
        total_time,
        lower_bound,
        greedy_time,
    })
}

fn exact(
    network: &Network,
    active: &[bool],
    contagion: Contagion,
    targets: &[usize],
) -> Vec<usize> {
    let n = targets.len();
    // Neighbours of each target as a set of targets, and those active from the start.
    let among: Vec<u32> = targets
        .iter()
        .map(|t| {
            (0..n)
                .filter(|k| network.neighbours(*t).binary_search(&targets[*k]).is_ok())
                .fold(0, |set, k| set | 1 << k)
        })
        .collect();
    let from_start: Vec<usize> = targets
        .iter()
        .map(|t| network.active_neighbours(*t, active))
        .collect();
    let mut best = vec![f64::INFINITY; 1 << n];
    let mut last = vec![0u8; 1 << n];
    best[0] = 0.0;
    for set in 0..1usize << n {
        if best[set].is_infinite() {
            continue;
        }
        for i in (0..n).filter(|i| set >> i & 1 == 0) {
            let count = from_start[i] + (among[i] & set as u32).count_ones() as usize;
            if count == 0 {
                continue;
            }
            let time = best[set] + contagion.time(count, network.degree(targets[i]));
            let with = set | 1 << i;
            if time < best[with] {
                best[with] = time;
                last[with] = i as u8;
            }
        }
    }
    let mut set = (1usize << n) - 1;
    let mut order = Vec::with_capacity(n);
    while set != 0 {
        let i = usize::from(last[set]);
        order.push(targets[i]);
        set &= !(1 << i);
    }
    order.reverse();
    order
}

/// Largest number of targets for which every move is tried again after each success.
const MOVES: usize = 400;

/// Moves one target to another place while that saves time.
fn improve(
    network: &Network,
    active: &[bool],
    contagion: Contagion,
    order: &mut Vec<usize>,
    total: &mut f64,
) {
    let n = order.len();
    // Moving by 1, 2, 4, … places keeps a pass near n log n evaluations.
    let mut left = MOVES;
    let mut improved = true;
    while improved && left > 0 {
        improved = false;
        left -= 1;
        let mut step = 1;
        while step < n && n <= MOVES {
            for from in 0..n {
                for to in [from.checked_sub(step), Some(from + step)]
                    .into_iter()
                    .flatten()
                    .filter(|to| *to < n)
                {
                    let mut moved = order.clone();
                    let target = moved.remove(from);
                    moved.insert(to, target);
                    if let Some(time) = expected_time(network, active, contagion, &moved)
                        && time < *total - 1e-12 * *total
                    {
                        *order = moved;
                        *total = time;
                        improved = true;
                    }
                }
            }
            step *= 2;
        }
    }
}

/// Lower bound of the time of all `targets` in any order.
pub fn links_bound(
    network: &Network,
    active: &[bool],
    contagion: Contagion,
    targets: &[usize],
) -> f64 {
    let is_target = |i: &usize| targets.binary_search(i).is_ok();
    let mut among = 0;
    let mut from_start = 0;
    let mut most = Vec::with_capacity(targets.len());
    for t in targets {
        let old = network.active_neighbours(*t, active);
        let new = network
            .neighbours(*t)
            .iter()
            .filter(|n| is_target(n))
            .count();
        from_start += old;
        among += new;
        most.push(old + new);
    }
    let mut left = (from_start + among / 2).saturating_sub(targets.len());
    let mut count = vec![1usize; targets.len()];
    let time = |k: usize, c: usize| contagion.time(c, network.degree(targets[k]));
    let saving = |k: usize, c: usize| Saving {
        saved: time(k, c) - time(k, c + 1),
        target: k,
    };
    let mut heap: BinaryHeap<Saving> = (0..targets.len())
        .filter(|k| most[*k] > 1)
        .map(|k| saving(k, 1))
        .collect();
    while left > 0
        && let Some(Saving { target: k, .. }) = heap.pop()
    {
        count[k] += 1;
        left -= 1;
        if count[k] < most[k] {
            heap.push(saving(k, count[k]));
        }
    }
    (0..targets.len()).map(|k| time(k, count[k])).sum()
}

/// By what is saved, then the first target.
struct Saving {
    saved: f64,
    target: usize,
}

impl Ord for Saving {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.saved
            .total_cmp(&other.saved)
            .then(other.target.cmp(&self.target))
    }
}

impl PartialOrd for Saving {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Saving {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Saving {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn permutations(items: &[usize]) -> Vec<Vec<usize>> {
        if items.is_empty() {
            return vec![Vec::new()];
        }
        (0..items.len())
            .flat_map(|i| {
                let mut rest = items.to_vec();
                let first = rest.remove(i);
                permutations(&rest).into_iter().map(move |mut p| {
                    p.insert(0, first);
                    p
                })
            })
            .collect()
    }

    #[test]
    fn a_hub_early_beats_the_most_related_first() {
        // A wheel: hub 0 with eight leaves in a ring; one leaf is active. Greedy takes the hub after two more leaves
        // (3 + 3 + 8/3 + 4·1.5 + 1), the best order after one (3 + 4 + 5·1.5 + 1).
        let ring = (1..9).map(|i| (i, i % 8 + 1));
        let spokes = (1..9).map(|i| (0, i));
        let network = Network::from_links(9, ring.chain(spokes)).expect("links");
        let mut active = [false; 9];
        active[1] = true;
        let contagion = Contagion::default();
        let found = best_sequence(&network, &active, contagion, Seed(1)).expect("fits");
        assert!((found.total_time - 15.5).abs() < 1e-12);
        assert!((found.greedy_time - (13.0 + 8.0 / 3.0)).abs() < 1e-12);
        assert_eq!(found.order[1], 0, "the hub comes second");
    }

    proptest! {
        #[test]
        fn no_order_is_faster(
            links in proptest::collection::vec((0usize..8, 0usize..8), 4..20), exponent in 0.3f64..2.0
        ) {
            let network = Network::from_links(8, links).expect("in range");
            let mut active = [false; 8];
            active[0] = true;
            let contagion = Contagion { base: 0.5, exponent };
            let found = best_sequence(&network, &active, contagion, Seed(1)).expect("fits");
            let mut targets = found.order.clone();
            targets.sort_unstable();
            let best = permutations(&targets).iter()
                .filter_map(|p| expected_time(&network, &active, contagion, p))
                .min_by(f64::total_cmp).expect("one order");
            prop_assert!((found.total_time - best).abs() < 1e-9 * best.max(1.0));
            let bound = links_bound(&network, &active, contagion, &targets);
            prop_assert!(bound <= best + 1e-9, "{} {}", bound, best);
        }

        #[test]
        fn larger_networks_carry_a_gap(
            links in proptest::collection::vec((0usize..40, 0usize..40), 60..120)
        ) {
            let network = Network::from_links(40, links).expect("in range");
            let mut active = [false; 40];
            active[0] = true;
            let found = best_sequence(&network, &active, Contagion::default(), Seed(1)).expect("fits");
            let again = expected_time(&network, &active, Contagion::default(), &found.order).expect("can be followed");
            prop_assert!((again - found.total_time).abs() < 1e-9 * again.max(1.0));
            prop_assert!(found.total_time <= found.greedy_time + 1e-9);
            prop_assert!((0.0..1.0).contains(&found.gap()));
        }
    }
}
