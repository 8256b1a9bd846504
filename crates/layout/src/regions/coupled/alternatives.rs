//! Many different layouts that are nearly as good, and what all of them share.
//!
//! Alternatives come from the pool of regional plans, not from searching again near the plan (which returns the
//! plan): each next layout is the integer program that picks one column per region so that as few of its
//! placements as possible are among those of the layouts before it, while its value stays within ε of the
//! plan's. Since the bound holds for all plans, each is certified within 1 - value / bound.
//!
//! A pair is *proved* needed (or out) within ε when the bound of all plans without (with) it falls below that:
//! the leaves' multipliers give that bound from reduced costs, without another solve.

use std::collections::BTreeMap;

use model::{Cluster, Industry, Seed};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::anneal::{Cooling, Field, Rng, Scope};
use super::block::{FIXED, Var};
use super::branch::Tree;
use super::columns::{Column, Pool, combine};
use super::dense::{Dense, Hosts};
use super::prices::{Centre, rng};
use crate::regions::program::Row;
use crate::regions::solve::{Assignment, SolveParams};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AlternativesParams {
    /// Layouts wanted, the plan among them.
    pub layouts: usize,
    /// Share of the plan's value that an alternative may lose.
    pub within: f64,
    /// Annealings of each region with disturbed scores, and their steps.
    pub disturbed: usize,
    pub steps: u64,
    /// Standard deviation of the disturbance, as a share of the largest score; half of `within` if that is more.
    pub noise: f64,
    /// Nodes of each integer program.
    pub nodes: usize,
}

impl Default for AlternativesParams {
    fn default() -> Self {
        Self {
            layouts: 11,
            within: 0.01,
            disturbed: 25,
            steps: 30_000,
            noise: 0.06,
            nodes: 50,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Alternative {
    pub assignment: Assignment,
    pub objective: f64,
    /// No plan is worth more than this times the objective, minus one.
    pub gap: f64,
}

/// What the layouts within ε have in common. "Proved" holds for every layout within ε, "share" for those listed.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternatives {
    /// The plan first.
    pub layouts: Vec<Alternative>,
    /// Share of the layouts that hold each pair held by any.
    pub share: BTreeMap<(Cluster, Industry), f64>,
    pub proved_needed: Vec<(Cluster, Industry)>,
    pub proved_out: Vec<(Cluster, Industry)>,
    /// Least and mean share of placements in which two layouts differ; none where the plan stands alone.
    pub distance: Option<(f64, f64)>,
}

pub(crate) struct Around<'a> {
    pub dense: &'a Dense,
    pub pool: &'a mut Pool,
    pub centre: &'a Centre,
    pub trees: &'a [Tree],
    pub plan: &'a Hosts,
    /// In the unit of the question.
    pub bound: f64,
    /// In 1 / FIXED.
    pub fixed_bound: i128,
    pub seed: Seed,
}

pub(crate) fn alternatives(around: Around, params: &AlternativesParams) -> Alternatives {
    let Around {
        dense,
        pool,
        centre,
        plan,
        ..
    } = around;
    let worth =
        |hosts: &Hosts| dense.value(0..dense.nc(), hosts) as f64 + dense.fairness_value(hosts);
    let loss = (params.within * worth(plan)).max(0.0);
    for (g, hosts) in disturbed(dense, centre, plan, around.seed, params) {
        pool.add(dense, g, &hosts);
    }
    let prices = &centre.prices;
    // One region may use up a seventh of the loss, or its even share where regions are few.
    let part = loss * (1.0 / dense.regions.len() as f64).max(0.15);
    let columns = pool.near_best(dense, prices, (part * FIXED as f64) as i128, 60);
    let mut layouts: Vec<Hosts> = vec![plan.clone()];
    // A row of whole numbers: values in steps of a millionth of the plan's, rounded down, so that what is
    // taken is within ε.
    let step = (worth(plan) / 1e6).max(1.0 / FIXED as f64);
    let steps: Vec<u32> = columns
        .iter()
        .map(|(_, c)| (c.value as f64 / step).floor().max(0.0) as u32)
        .collect();
    let least = ((worth(plan) - loss - dense.fairness_value(plan)) / step)
        .ceil()
        .max(0.0);
    let near = Row {
        rule: None,
        pairs: (0..columns.len()).collect(),
        need: steps,
        low: least as usize,
        high: None,
    };
    let solve = SolveParams {
        relative_gap: 0.01,
        node_limit: Some(params.nodes),
        time_limit_seconds: None,
    };
    let mut conditions = vec![near];
    // Twice as many tries as layouts: a repeated one is no alternative, but others may be left beside it.
    for _ in 0..2 * params.layouts {
        if layouts.len() >= params.layouts {
            break;
        }
        let used = shares(&layouts);
        let value = |g: usize, column: &Column| {
            let members = &dense.clusters_of_region[g];
            let repeated: f64 = members
                .iter()
                .zip(&column.hosts)
                .flat_map(|(c, list)| {
                    list.iter()
                        .map(|i| used.get(&(*c, *i)).copied().unwrap_or(0.0))
                })
                .sum();
            1e-4 * column.value as f64 / step / 1e3 - repeated
        };
        let Some(next) = combine(dense, &columns, value, &conditions, &solve) else {
            break;
        };
        let good = dense.keeps_rules(&next) && worth(&next) >= worth(plan) - loss;
        if good && !layouts.contains(&next) {
            layouts.push(next);
        } else {
            conditions.push(not_again(dense, &columns, &next));
        }
    }
    summary(
        around.trees,
        dense,
        &layouts,
        around.bound,
        around.fixed_bound,
        worth(plan) - loss,
    )
}

/// Not all the columns of this layout at once.
fn not_again(dense: &Dense, columns: &[(usize, &Column)], layout: &Hosts) -> Row {
    let taken = |(g, column): &(usize, &Column)| {
        let members = dense.clusters_of_region[*g].iter();
        members
            .zip(&column.hosts)
            .all(|(c, list)| layout[*c] == *list)
    };
    Row {
        rule: None,
        pairs: (0..columns.len()).filter(|n| taken(&columns[*n])).collect(),
        need: Vec::new(),
        low: 0,
        high: Some(dense.regions.len() - 1),
    }
}

/// Plans of regions for scores with normal noise (sum of twelve uniform numbers less six).
fn disturbed(
    dense: &Dense,
    centre: &Centre,
    plan: &Hosts,
    seed: Seed,
    params: &AlternativesParams,
) -> Vec<(usize, Hosts)> {
    let largest = dense
        .score
        .iter()
        .fold(1.0_f64, |m, s| m.max(s.abs() as f64));
    let prices = &centre.prices;
    let deviation = params.noise.max(0.5 * params.within) * largest;
    (0..dense.regions.len())
        .into_par_iter()
        .flat_map_iter(|g| {
            (0..params.disturbed as u64)
                .map(|n| {
                    let mut own = rng(seed, &format!("regions/disturbed/{g}"), n);
                    let noise: Vec<f64> = (0..dense.nc() * dense.ni())
                        .map(|k| {
                            let inside = dense.region[k / dense.ni()] == g;
                            if inside {
                                deviation * normal(&mut own)
                            } else {
                                0.0
                            }
                        })
                        .collect();
                    let members = dense.clusters_of_region[g].clone();
                    let field = Field::new(dense, members, Scope::Region, |c, i| {
                        prices.float_gain(dense, c, i) + noise[c * dense.ni() + i]
                    });
                    let cooling = Cooling {
                        steps: params.steps,
                        from: 0.2,
                        to: 0.002,
                    };
                    (g, field.anneal(plan, cooling, &mut own).1)
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

fn normal(rng: &mut Rng) -> f64 {
    (0..12).map(|_| rng.unit()).sum::<f64>() - 6.0
}

fn shares(layouts: &[Hosts]) -> BTreeMap<(usize, u16), f64> {
    let mut shares = BTreeMap::new();
    for hosts in layouts {
        for (c, list) in hosts.iter().enumerate() {
            for i in list {
                *shares.entry((c, *i)).or_default() += 1.0 / layouts.len() as f64;
            }
        }
    }
    shares
}

fn summary(
    trees: &[Tree],
    dense: &Dense,
    layouts: &[Hosts],
    bound: f64,
    fixed_bound: i128,
    least: f64,
) -> Alternatives {
    let named = |c: usize, i: usize| (dense.clusters[c].clone(), dense.industries[i].clone());
    let mut distances = Vec::new();
    for (n, a) in layouts.iter().enumerate() {
        for b in &layouts[..n] {
            let size: usize = a.iter().map(Vec::len).sum::<usize>().max(1);
            let same: usize = a
                .iter()
                .zip(b)
                .map(|(x, y)| x.iter().filter(|i| y.contains(i)).count())
                .sum();
            distances.push(1.0 - same as f64 / size as f64);
        }
    }
    let (mut needed, mut out) = (Vec::new(), Vec::new());
    // A bound below this shows that no layout within ε is left.
    let threshold = (least * FIXED as f64).floor() as i128;
    for tree in trees {
        let own = tree.bound();
        for (v, without, with) in tree.forced_bounds() {
            if let Var::Host(c, i) = tree.block.vars[v] {
                if dense.fixed[c * dense.ni() + i] {
                    continue;
                }
                if fixed_bound - own + without < threshold {
                    needed.push(named(c, i));
                }
                if fixed_bound - own + with < threshold {
                    out.push(named(c, i));
                }
            }
        }
    }
    Alternatives {
        share: shares(layouts)
            .into_iter()
            .map(|((c, i), s)| (named(c, usize::from(i)), s))
            .collect(),
        distance: (!distances.is_empty()).then(|| {
            let least = distances.iter().copied().fold(f64::INFINITY, f64::min);
            (
                least,
                distances.iter().sum::<f64>() / distances.len() as f64,
            )
        }),
        proved_needed: needed,
        proved_out: out,
        layouts: layouts
            .iter()
            .map(|hosts| {
                let objective = dense.objective(hosts);
                Alternative {
                    assignment: super::search::assignment(dense, hosts),
                    objective,
                    gap: (bound - objective) / objective.abs().max(f64::MIN_POSITIVE),
                }
            })
            .collect(),
    }
}
