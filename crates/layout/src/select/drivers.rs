//! Which input drives the selection: Sobol indices of every alternative's score, rank and membership in the chosen set, and of
//! the shift of all ranks. The weights are one input; the cells of each criterion are another.
//!
//! The weights enter by a pool of draws from their region, one uniform number picking one draw, so that any region can be an
//! input: the index of a group does not depend on how the group is parametrised.

use model::{Estimate, Industry, Refusal, Seed};

use super::decision::ranks;
use super::selection::{Performance, SelectParams, prepared, weights};
use super::sobol::{Input, Sobol, SobolParams, sobol};
use crate::refusal;
use crate::triangular::triangular;

/// Indices by alternative, in the order of their ids.
#[derive(Debug, Clone, PartialEq)]
pub struct Drivers {
    pub alternatives: Vec<Industry>,
    pub score: Vec<Sobol>,
    pub rank: Vec<Sobol>,
    pub membership: Vec<Sobol>,
    /// R_S: mean absolute shift of rank against central values and mean weights.
    pub shift: Sobol,
}

/// The drivers of [`super::select()`] on the same table and settings; refuses what it refuses.
pub fn drivers(
    performance: &Performance,
    params: &SelectParams,
    seed: Seed,
    how: &SobolParams,
) -> Result<Drivers, Box<Refusal>> {
    let (table, _) = prepared(performance, params)?;
    let (n, m) = (table.alternatives.len(), table.criteria.len());
    let (pool, _) = weights(&table.criteria, params, seed)?;
    let rule = params.limits.rule(params.top, &table.alternatives)?;
    let known: Vec<Vec<Option<Estimate>>> = table
        .cells
        .iter()
        .map(|row| row.iter().map(model::Quantity::estimate).collect())
        .collect();
    let scores_of = |x: &dyn Fn(usize, usize) -> f64, w: &[f64]| -> Vec<f64> {
        (0..n)
            .map(|i| (0..m).map(|j| w[j] * x(i, j)).sum())
            .collect()
    };
    let mean_weights: Vec<f64> = (0..m)
        .map(|j| pool.iter().skip(j).step_by(m).sum::<f64>() * m as f64 / pool.len() as f64)
        .collect();
    let rank_all = |u: &[f64]| -> Vec<usize> {
        let some: Vec<Option<f64>> = u.iter().map(|u| Some(*u)).collect();
        ranks(&some).into_iter().flatten().collect()
    };
    let central = scores_of(&|i, j| known[i][j].map_or(0.5, |e| e.value), &mean_weights);
    let reference = rank_all(&central);
    let mut inputs = vec![Input {
        name: "weights".to_owned(),
        width: 1,
    }];
    inputs.extend(table.criteria.iter().map(|criterion| Input {
        name: criterion.as_str().to_owned(),
        width: n,
    }));
    let outputs = |u: &[f64]| -> Vec<f64> {
        let draws = pool.len() / m;
        let d = ((u[0] * draws as f64) as usize).min(draws - 1);
        let x = |i: usize, j: usize| {
            let u = u[1 + j * n + i];
            known[i][j].map_or(u, |e| triangular(&e, u))
        };
        let scores = scores_of(&x, &pool[d * m..(d + 1) * m]);
        let ranks = rank_all(&scores);
        let set = rule.choose(&scores).unwrap_or_default();
        let shift = ranks
            .iter()
            .zip(&reference)
            .map(|(a, b)| a.abs_diff(*b) as f64);
        let shift = shift.sum::<f64>() / n as f64;
        let member = (0..n).map(|i| f64::from(u8::from(set.contains(&i))));
        let mut out = scores.clone();
        out.extend(ranks.iter().map(|r| *r as f64));
        out.extend(member);
        out.push(shift);
        out
    };
    let mut found = sobol(&inputs, &outputs, how)
        .ok_or_else(|| refusal("select.no_draws", |message| message))?
        .into_iter();
    let mut next = |count: usize| -> Vec<Sobol> { found.by_ref().take(count).collect() };
    let (score, rank, membership) = (next(n), next(n), next(n));
    let shift = next(1)
        .pop()
        .ok_or_else(|| refusal("select.no_draws", |message| message))?;
    Ok(Drivers {
        alternatives: table.alternatives,
        score,
        rank,
        membership,
        shift,
    })
}
