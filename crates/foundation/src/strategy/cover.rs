//! Minimum knapsack cover: the cheapest set of items that together yield at least what is needed.
//!
//! ```text
//! min Σ w_i x_i    s.t.  Σ s_i x_i ≥ D,   x binary,   w_i ≥ 0, s_i > 0
//! ```
//!
//! Exact, with a proof: sort by w/s; items up to the break item b solve the linear relaxation, whose multiplier λ =
//! w_b/s_b gives every item the reduced cost r_i = w_i - λ s_i (Dantzig, 1957). Leaving the relaxed solution at item i
//! costs |r_i|, so an item whose |r_i| reaches the distance between the best cover known and the relaxation is fixed. The
//! others, the core, are decided in ascending |r_i| by dynamic programming over undominated states (cost, yield)
//! (Nemhauser and Ullmann, 1969; Pisinger, 1997). A state is dropped when another costs no more and yields no less, or when
//! its Lagrangian cost - λ (yield - D) reaches the best cover. When the limit of states is met, the smallest Lagrangian
//! of the open states remains as lower bound, and the answer carries a gap.

/// Result of [`cover`].
#[derive(Debug, Clone, PartialEq)]
pub struct Cover {
    /// Chosen items, ascending.
    pub chosen: Vec<usize>,
    /// Σ w of the chosen.
    pub cost: f64,
    /// No cover costs less; equal to `cost` when proven optimal.
    pub lower_bound: f64,
    /// States looked at.
    pub states: usize,
}

impl Cover {
    /// (cost - lower bound) / cost, 0 when proven optimal.
    pub fn gap(&self) -> f64 {
        if self.cost > 0.0 {
            (self.cost - self.lower_bound) / self.cost
        } else {
            0.0
        }
    }
}

/// The cheapest cover of `need` by items of `costs` ≥ 0 and `yields` > 0 (same length, finite), looking at most at
/// `state_limit` states; `None` where all items together do not reach it.
///
/// Of covers with the same cost the choice is determined by the order of the items: give them sorted by label.
pub fn cover(costs: &[f64], yields: &[f64], need: f64, state_limit: usize) -> Option<Cover> {
    let all: f64 = yields.iter().sum();
    // Sums in another order may differ in the last bits.
    let need = need - 1e-12 * all.max(need.abs());
    if all < need {
        return None;
    }
    let finish = |chosen: Vec<usize>, states: usize, bound: Option<f64>| {
        let chosen = without_spare(chosen, costs, yields, need);
        let cost: f64 = chosen.iter().map(|i| costs[*i]).sum();
        Cover {
            lower_bound: bound.unwrap_or(cost).min(cost),
            chosen,
            cost,
            states,
        }
    };
    let mut order: Vec<usize> = (0..costs.len()).collect();
    order.sort_by(|i, j| {
        (costs[*i] / yields[*i])
            .total_cmp(&(costs[*j] / yields[*j]))
            .then(yields[*j].total_cmp(&yields[*i]))
            .then(i.cmp(j))
    });
    let mut before = 0.0;
    let broken = order.iter().position(|i| {
        let reached = before + yields[*i] >= need;
        if !reached {
            before += yields[*i];
        }
        reached
    })?;
    let item = order[broken];
    if costs[item] == 0.0 || need <= 0.0 {
        let free = if need <= 0.0 { 0 } else { broken + 1 };
        return Some(finish(order[..free].to_vec(), 0, None));
    }
    let multiplier = costs[item] / yields[item];
    let best = first_cover(&order, broken, costs, yields, need);
    let search = search(
        &order,
        broken,
        multiplier,
        costs,
        yields,
        need,
        best,
        state_limit,
    );
    Some(finish(search.0, search.1, search.2))
}

/// The prefix of cheapest yield, completed by the one item that does it at least cost; the best over all prefixes.
fn first_cover(
    order: &[usize],
    broken: usize,
    costs: &[f64],
    yields: &[f64],
    need: f64,
) -> (f64, Vec<usize>) {
    let mut best = (f64::INFINITY, Vec::new());
    let (mut cost, mut got) = (0.0, 0.0);
    for k in 0..=broken {
        let completing = order[k..]
            .iter()
            .filter(|i| got + yields[**i] >= need)
            .min_by(|i, j| costs[**i].total_cmp(&costs[**j]));
        if let Some(last) = completing
            && cost + costs[*last] < best.0
        {
            best = (cost + costs[*last], order[..k].to_vec());
            best.1.push(*last);
        }
        cost += costs[order[k]];
        got += yields[order[k]];
    }
    best
}

/// A set of toggles of the relaxed solution; `parent` chains to the state it was made from.
#[derive(Clone, Copy)]
struct State {
    cost: f64,
    got: f64,
    /// Position in the arena of (parent, item), or none.
    last: Option<u32>,
}

type Found = (Vec<usize>, usize, Option<f64>);

#[allow(clippy::too_many_arguments)] // one search, called once; a struct would only rename them
fn search(
    order: &[usize],
    broken: usize,
    multiplier: f64,
    costs: &[f64],
    yields: &[f64],
    need: f64,
    best: (f64, Vec<usize>),
    state_limit: usize,
) -> Found {
    let (mut best_cost, mut best_items) = best;
    let mut inside = vec![false; costs.len()];
    for i in &order[..broken] {
        inside[*i] = true;
    }
    let away = |i: usize| (costs[i] - multiplier * yields[i]).abs();
    let mut core: Vec<usize> = (0..costs.len()).collect();
    core.sort_by(|i, j| away(*i).total_cmp(&away(*j)).then(i.cmp(j)));

    let relaxed = |s: &State| s.cost - multiplier * (s.got - need);
    let mut arena: Vec<(Option<u32>, u32)> = Vec::new();
    let mut states = vec![State {
        cost: order[..broken].iter().map(|i| costs[*i]).sum(),
        got: order[..broken].iter().map(|i| yields[*i]).sum(),
        last: None,
    }];
    let mut seen = 1;
    for &i in &core {
        // Later items are farther away: no state can toggle them and stay below the best.
        states.retain(|s| relaxed(s) + away(i) < best_cost);
        if states.is_empty() {
            break;
        }
        if seen + states.len() > state_limit {
            let bound = states.iter().map(relaxed).fold(f64::INFINITY, f64::min);
            return (best_items, seen, Some(bound));
        }
        let sign = if inside[i] { -1.0 } else { 1.0 };
        let toggled: Vec<State> = states
            .iter()
            .map(|s| {
                arena.push((s.last, i as u32));
                State {
                    cost: s.cost + sign * costs[i],
                    got: s.got + sign * yields[i],
                    last: Some((arena.len() - 1) as u32),
                }
            })
            .collect();
        seen += toggled.len();
        for s in &toggled {
            if s.got >= need && s.cost < best_cost {
                best_cost = s.cost;
                best_items = items(s, &arena, &inside);
            }
        }
        states = undominated(states, toggled);
    }
    (best_items, seen, None)
}

fn items(state: &State, arena: &[(Option<u32>, u32)], inside: &[bool]) -> Vec<usize> {
    let mut chosen = inside.to_vec();
    let mut at = state.last;
    while let Some(k) = at {
        let (parent, item) = arena[k as usize];
        chosen[item as usize] = !chosen[item as usize];
        at = parent;
    }
    (0..chosen.len()).filter(|i| chosen[*i]).collect()
}

/// Two lists in ascending cost become one without states that cost no less and yield no more.
fn undominated(kept: Vec<State>, toggled: Vec<State>) -> Vec<State> {
    let mut all = kept;
    all.extend(toggled);
    all.sort_by(|a, b| a.cost.total_cmp(&b.cost).then(b.got.total_cmp(&a.got)));
    let mut most = f64::NEG_INFINITY;
    all.retain(|s| {
        let keeps = s.got > most;
        most = most.max(s.got);
        keeps
    });
    all
}

/// Free items that are not needed are left out, the smallest yields first.
fn without_spare(mut chosen: Vec<usize>, costs: &[f64], yields: &[f64], need: f64) -> Vec<usize> {
    let mut spare: f64 = chosen.iter().map(|i| yields[*i]).sum::<f64>() - need;
    let mut free: Vec<usize> = chosen
        .iter()
        .copied()
        .filter(|i| costs[*i] == 0.0)
        .collect();
    free.sort_by(|i, j| yields[*i].total_cmp(&yields[*j]).then(j.cmp(i)));
    for i in free {
        if yields[i] <= spare {
            spare -= yields[i];
            chosen.retain(|k| *k != i);
        }
    }
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use proptest::prelude::*;

    use super::*;

    fn brute(costs: &[f64], yields: &[f64], need: f64) -> Option<f64> {
        (0u32..1 << costs.len())
            .filter(|set| {
                let got: f64 = (0..costs.len())
                    .filter(|i| set >> i & 1 == 1)
                    .map(|i| yields[i])
                    .sum();
                got >= need - 1e-12 * yields.iter().sum::<f64>().max(need.abs())
            })
            .map(|set| {
                (0..costs.len())
                    .filter(|i| set >> i & 1 == 1)
                    .map(|i| costs[i])
                    .sum::<f64>()
            })
            .min_by(f64::total_cmp)
    }

    #[test]
    fn the_greedy_choice_is_not_the_best() {
        // By cost per yield 0 comes first, and then 1 or 2 must be added; 2 alone is enough.
        let found = cover(&[1.0, 10.0, 6.0], &[2.0, 9.0, 6.0], 6.0, 1000).expect("reachable");
        assert_eq!(
            (found.chosen, found.cost, found.lower_bound),
            (vec![2], 6.0, 6.0)
        );
        assert_eq!(cover(&[1.0], &[1.0], 1.1, 1000), None);
        let free = cover(&[0.0, 0.0, 5.0], &[1.0, 3.0, 9.0], 3.0, 1000).expect("reachable");
        assert_eq!(free.chosen, [1], "free items that are not needed stay out");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn no_set_of_up_to_14_items_is_cheaper(
            items in proptest::collection::vec((0u32..60, 1u32..40), 1..15), part in 0.0f64..1.05
        ) {
            // Whole numbers make ties, the hard case for dominance.
            let costs: Vec<f64> = items.iter().map(|i| f64::from(i.0)).collect();
            let yields: Vec<f64> = items.iter().map(|i| f64::from(i.1)).collect();
            let need = yields.iter().sum::<f64>() * part;
            let found = cover(&costs, &yields, need, usize::MAX);
            prop_assert_eq!(found.as_ref().map(|c| c.cost), brute(&costs, &yields, need));
            if let Some(c) = found {
                prop_assert!(c.chosen.iter().map(|i| yields[*i]).sum::<f64>() >= need - 1e-9);
                prop_assert_eq!(c.lower_bound, c.cost);
            }
        }

        #[test]
        fn a_limited_search_brackets_the_optimum(
            items in proptest::collection::vec((0.01f64..60.0, 0.01f64..40.0), 2..14), part in 0.05f64..0.95, limit in 0usize..30
        ) {
            let costs: Vec<f64> = items.iter().map(|i| i.0).collect();
            let yields: Vec<f64> = items.iter().map(|i| i.1).collect();
            let need = yields.iter().sum::<f64>() * part;
            let optimum = brute(&costs, &yields, need).expect("reachable");
            let found = cover(&costs, &yields, need, limit).expect("reachable");
            prop_assert!(found.lower_bound <= optimum + 1e-9 && optimum <= found.cost + 1e-9);
            prop_assert!(found.gap() >= 0.0 && found.gap() <= 1.0);
        }
    }

    #[test]
    fn no_set_of_18_items_is_cheaper() {
        use rand::RngExt;
        for case in 0..20 {
            let mut rng = model::Seed(3).stream("cover", case);
            let costs: Vec<f64> = (0..18).map(|_| rng.random_range(0.0..1.0)).collect();
            let yields: Vec<f64> = (0..18).map(|_| rng.random_range(0.0..1.0)).collect();
            let need = yields.iter().sum::<f64>() * rng.random_range(0.1..0.9);
            let found = cover(&costs, &yields, need, usize::MAX).expect("reachable");
            let wanted = brute(&costs, &yields, need).expect("reachable");
            assert!((found.cost - wanted).abs() < 1e-12);
        }
    }
}
