//! National prices: boxed column generation with annealed pricing.
//!
//! ```text
//! UB(l, π) = Σ_i (max(l_i, 0) U_i + min(l_i, 0) L_i) + Σ_g B_g(l, π)
//! ```
//!
//! is a bound for every l and every π >= 0 with Σ π_g >= φ (Lagrangian relaxation of the national rows;
//! Geoffrion 1974), so heuristics may choose the prices. A column is the plan of one region. The next prices are
//! half way between the best ones so far and the duals of the linear program over columns, which a box keeps
//! from swinging.

use model::Seed;
use rand::Rng as _;
use rayon::prelude::*;

use super::anneal::{Cooling, Field, Rng, Scope};
use super::block::{FIXED, Prices};
use super::columns::{Master, Pool};
use super::dense::{Dense, Hosts};

#[derive(Debug, Clone, Copy)]
pub(crate) struct PriceParams {
    /// Most rounds of pricing.
    pub rounds: usize,
    /// Annealing steps of each of the two tries for a region and round.
    pub steps: u64,
    /// Half width of the box at the start, as a share of the largest score.
    pub width: f64,
    /// Which time prices are sought: its annealings have streams of their own.
    pub time: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct Centre {
    pub industry: Vec<f64>,
    pub region: Vec<f64>,
    pub prices: Prices,
}

impl Centre {
    pub fn new(dense: &Dense, industry: Vec<f64>, region: Vec<f64>) -> Self {
        let prices = Prices::from_floats(dense, &industry, &region);
        Self {
            industry,
            region,
            prices,
        }
    }
}

/// A generator of its own for each use: what other regions or rounds do does not touch it.
pub(crate) fn rng(seed: Seed, label: &str, index: u64) -> Rng {
    Rng(seed.stream(label, index).next_u64())
}

/// Price term plus the best known plan of every region: what UB would be if these were optimal.
pub(crate) fn level(dense: &Dense, pool: &Pool, prices: &Prices) -> i128 {
    let regions = (0..dense.regions.len())
        .filter_map(|g| pool.best(dense, g, prices).map(|b| b.0))
        .sum::<i128>();
    prices.national_term(dense) + regions
}

/// Moves the centre; adds what pricing finds to the pool. `stop` is asked between rounds. Returns rounds run.
#[allow(
    clippy::too_many_arguments,
    reason = "each is a different part of the state"
)]
pub(crate) fn search(
    dense: &Dense,
    pool: &mut Pool,
    master: &mut Master,
    centre: &mut Centre,
    start: &Hosts,
    params: PriceParams,
    seed: Seed,
    stop: &dyn Fn() -> bool,
) -> usize {
    let largest = dense
        .score
        .iter()
        .fold(1.0_f64, |m, s| m.max(s.abs() as f64));
    let mut width = params.width * largest;
    let least = 0.01 * largest;
    let mut trial = centre.clone();
    let mut first = true;
    for round in 0..params.rounds {
        if stop() {
            return round;
        }
        let fresh = price(
            dense,
            pool,
            &trial.prices,
            start,
            params.steps,
            seed,
            params.time * 10_000 + round as u64,
        );
        let mut new = 0;
        for (g, hosts) in &fresh {
            new += usize::from(pool.add(dense, *g, hosts));
        }
        let at_trial = level(dense, pool, &trial.prices);
        let at_centre = level(dense, pool, &centre.prices);
        if first || at_trial < at_centre {
            *centre = trial.clone();
        } else {
            width = (0.8 * width).max(least);
        }
        first = false;
        if new == 0 && width <= least {
            return round + 1;
        }
        let Some((industry, region)) = master.prices(dense, pool, &centre.industry, width) else {
            return round + 1;
        };
        let half = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a + b) / 2.0).collect();
        trial = Centre::new(
            dense,
            half(&centre.industry, &industry),
            half(&centre.region, &region),
        );
    }
    params.rounds
}

/// Best plans of all regions at the prices, by two annealings each: warm from the pool's best, and hot.
fn price(
    dense: &Dense,
    pool: &Pool,
    prices: &Prices,
    start: &Hosts,
    steps: u64,
    seed: Seed,
    round: u64,
) -> Vec<(usize, Hosts)> {
    (0..dense.regions.len())
        .into_par_iter()
        .flat_map_iter(|g| {
            let members = dense.clusters_of_region[g].clone();
            let field = Field::new(dense, members, Scope::Region, |c, i| {
                prices.float_gain(dense, c, i)
            });
            let mut warm = start.clone();
            if let Some((_, column)) = pool.best(dense, g, prices) {
                column.place(dense, g, &mut warm);
            }
            let label = format!("regions/prices/{g}");
            let cool = |steps, from| Cooling {
                steps,
                from,
                to: 0.002,
            };
            let near = field.anneal(&warm, cool(steps, 0.12), &mut rng(seed, &label, 2 * round));
            let far = field.anneal(
                &warm,
                cool(steps, 0.3),
                &mut rng(seed, &label, 2 * round + 1),
            );
            [near, far]
                .into_iter()
                .filter(|(gain, _)| *gain > 0.0)
                .map(move |(_, hosts)| (g, hosts))
        })
        .collect()
}

/// In the unit of the scores.
pub(crate) fn in_units(fixed: i128) -> f64 {
    fixed as f64 / FIXED as f64
}
