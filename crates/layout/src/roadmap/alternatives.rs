//! Other schedules about as short as the best, as unlike each other as can be found.
//!
//! ```text
//! near       makespan <= (1 + ε) · best
//! distance   mean over the tasks of |start - start'|, in years
//! next       the near schedule whose least distance to the best and to those chosen is largest
//! ```
//!
//! Candidates are random activity lists under the serial scheme, so each is a policy as the best one is; the choice is
//! the greedy one of max-min diversity (Erkut 1990). A sample: what it does not show may still exist.

use model::{Refusal, Seed};
use rand::RngExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::network::{Network, QUARTERS_PER_YEAR, network};
use super::plan::{Schedule, dated};
use super::policy::{follow, project};
use super::project::{Plan, check};
use super::task::{Limits, Task};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AlternativesParams {
    /// ε: how much longer than the best, as a share.
    pub within: f64,
    /// Most alternatives.
    pub count: usize,
    /// Activity lists that are tried.
    pub tries: usize,
}

impl Default for AlternativesParams {
    fn default() -> Self {
        Self {
            within: 0.05,
            count: 10,
            tries: 2_000,
        }
    }
}

/// A near-optimal schedule and its least distance, in years, to the best and to those before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternative {
    pub schedule: Schedule,
    pub distance: f64,
}

/// Schedules within ε of `best`, the most different first; fewer than asked where no more were found.
pub fn alternatives(
    tasks: &[Task],
    limits: &Limits,
    best: &Schedule,
    params: &AlternativesParams,
    seed: Seed,
) -> Result<Vec<Alternative>, Box<Refusal>> {
    let network = network(tasks, limits)?;
    let mut starts = vec![0; network.len()];
    for placed in &best.tasks {
        if let Ok(k) = network.ids.binary_search(&placed.id) {
            starts[k] = placed.start_quarter;
        }
    }
    let most = best.makespan_years * QUARTERS_PER_YEAR as f64 * (1.0 + params.within) + 1e-9;
    let mut found: Vec<Vec<usize>> = (0..params.tries as u64)
        .into_par_iter()
        .filter_map(|index| candidate(&network, most, seed, index))
        .collect();
    found.sort();
    found.dedup();
    let bound = (best.lower_bound_years * QUARTERS_PER_YEAR as f64).round() as usize;
    let mut least: Vec<f64> = found.iter().map(|s| distance(s, &starts)).collect();
    let mut chosen = Vec::new();
    while chosen.len() < params.count {
        let next = (0..found.len()).max_by(|a, b| least[*a].total_cmp(&least[*b]).then(b.cmp(a)));
        let Some(next) = next.filter(|k| least[*k] > 0.0) else {
            break;
        };
        chosen.push(Alternative {
            schedule: dated(&network, limits.start_year, &found[next], bound),
            distance: least[next],
        });
        for (d, other) in least.iter_mut().zip(&found) {
            *d = d.min(distance(other, &found[next]));
        }
    }
    Ok(chosen)
}

/// A random list as a schedule, if it is near and the checker accepts it.
fn candidate(network: &Network, most: f64, seed: Seed, index: u64) -> Option<Vec<usize>> {
    let mut rng = seed.stream("roadmap/alternative", index);
    let keys: Vec<f64> = (0..network.len()).map(|_| rng.random()).collect();
    let mut list: Vec<usize> = (0..network.len()).collect();
    list.sort_by(|a, b| keys[*a].total_cmp(&keys[*b]));
    let free = vec![0; network.len()];
    let starts = follow(network, &network.durations, &free, &list)?;
    let project = project(network, &network.durations, &free);
    let plan = Plan {
        starts: starts.iter().map(|s| *s as i32).collect(),
        modes: vec![0; starts.len()],
    };
    let near = f64::from(plan.makespan(&project)) <= most && check(&project, &plan).is_empty();
    near.then_some(starts)
}

fn distance(a: &[usize], b: &[usize]) -> f64 {
    let sum: usize = a.iter().zip(b).map(|(x, y)| x.abs_diff(*y)).sum();
    sum as f64 / (a.len().max(1) * QUARTERS_PER_YEAR) as f64
}
