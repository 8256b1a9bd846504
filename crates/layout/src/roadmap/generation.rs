//! Serial schedule generation (Kelley 1963; Kolisch 1996) and double justification (Valls et al. 2005).
//!
//! The scheme takes tasks in the order of a priority list, each as soon as its predecessors have been
//! placed, and starts each at the earliest quarter that precedence, stage capacity and the starts of the
//! year allow. Some list gives a schedule with the smallest makespan: starting a task of an active optimal
//! schedule earlier can never take a place from tasks that start later.

use super::network::{Network, QUARTERS_PER_YEAR};

/// Starts by position, in quarters from the project's start.
pub(crate) fn serial(network: &Network, durations: &[usize], priority: &[usize]) -> Vec<usize> {
    let n = network.len();
    let mut rank = vec![0; n];
    for (r, k) in priority.iter().enumerate() {
        rank[*k] = r;
    }
    let mut open: Vec<usize> = network.before.iter().map(Vec::len).collect();
    let mut eligible: Vec<usize> = (0..n).filter(|k| open[*k] == 0).collect();
    let mut usage = Usage::default();
    let mut starts = vec![0; n];
    while let Some(best) = (0..eligible.len()).min_by_key(|e| rank[eligible[*e]]) {
        let k = eligible.swap_remove(best);
        let ready = network.before[k]
            .iter()
            .map(|i| starts[*i] + durations[*i])
            .max()
            .unwrap_or(0);
        starts[k] = usage.place(network, k, durations[k], ready);
        for j in &network.after[k] {
            open[*j] -= 1;
            if open[*j] == 0 {
                eligible.push(*j);
            }
        }
    }
    starts
}

#[derive(Default)]
struct Usage {
    running: [Vec<usize>; 4],
    starting: Vec<usize>,
}

impl Usage {
    /// The earliest start from `ready` on that the limits allow; books it.
    fn place(&mut self, network: &Network, k: usize, duration: usize, ready: usize) -> usize {
        let stage = network.stages[k] as usize;
        let mut start = ready;
        loop {
            let year = start / QUARTERS_PER_YEAR;
            let full_year = network
                .starts_per_year
                .is_some_and(|most| count(&self.starting, year) >= most);
            if full_year {
                start = (year + 1) * QUARTERS_PER_YEAR;
                continue;
            }
            let full = network.capacity[stage].and_then(|most| {
                (start..start + duration)
                    .rev()
                    .find(|t| count(&self.running[stage], *t) >= most)
            });
            match full {
                Some(t) => start = t + 1,
                None => break,
            }
        }
        book(&mut self.starting, start / QUARTERS_PER_YEAR);
        for t in start..start + duration {
            book(&mut self.running[stage], t);
        }
        start
    }
}

fn count(profile: &[usize], t: usize) -> usize {
    profile.get(t).copied().unwrap_or(0)
}

fn book(profile: &mut Vec<usize>, t: usize) {
    if profile.len() <= t {
        profile.resize(t + 1, 0);
    }
    profile[t] += 1;
}

/// A priority list from pushing every task of a schedule as late as possible, then ordering by start.
///
/// Only the order is used, so the backward pass may ignore the starts of a year.
pub(crate) fn justified(network: &Network, durations: &[usize], starts: &[usize]) -> Vec<usize> {
    let finish = |k: usize| starts[k] + durations[k];
    let horizon = (0..network.len()).map(finish).max().unwrap_or(0);
    let mut latest_first: Vec<usize> = (0..network.len()).collect();
    latest_first.sort_by_key(|k| (std::cmp::Reverse(finish(*k)), *k));
    let mirrored = Network {
        before: network.after.clone(),
        after: network.before.clone(),
        starts_per_year: None,
        ..network.clone()
    };
    let back = serial(&mirrored, durations, &latest_first);
    let late: Vec<usize> = (0..network.len())
        .map(|k| horizon.saturating_sub(back[k] + durations[k]))
        .collect();
    let mut order: Vec<usize> = (0..network.len()).collect();
    order.sort_by_key(|k| (late[*k], starts[*k], *k));
    order
}
