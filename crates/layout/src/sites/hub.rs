//! p-hub median with single allocation: distributed institutes through which everything between places flows.
//!
//! ```text
//! min  sum_i sum_k d_ik (chi O_i + delta D_i) x_ik + alpha sum_i sum_k sum_l d_kl f_ikl
//! s.t. sum_k x_ik = 1,  x_ik <= x_kk,  sum_k x_kk = p
//!      sum_l f_ikl - sum_l f_ilk = O_i x_ik - sum_j w_ij x_jk          flow of origin i at hub k
//! ```
//!
//! O'Kelly (1987), in the formulation of Ernst & Krishnamoorthy (1996). `O_i`, `D_i`: what leaves and reaches i; `alpha` is the discount
//! between hubs.

use model::Message;
use serde::{Deserialize, Serialize};

use crate::solver::{Col, Limits, Outcome, Program, Worth};

use super::problem::Unlocated;

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HubParams {
    pub hubs: usize,
    /// Cost per distance from a place to its hub, between hubs, and from a hub to a place.
    pub collect: f64,
    pub transfer: f64,
    pub distribute: f64,
    pub limits: Limits,
}

impl Default for HubParams {
    fn default() -> Self {
        Self {
            hubs: 2,
            collect: 1.0,
            transfer: 0.5,
            distribute: 1.0,
            limits: Limits::default(),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Hubs {
    /// Positions of the hubs.
    pub hubs: Vec<usize>,
    /// Hub of each place.
    pub hub_of: Vec<usize>,
    pub worth: Worth,
}

/// `flow` and `distance` by place and place.
pub fn hubs(
    flow: &[Vec<f64>],
    distance: &[Vec<f64>],
    params: &HubParams,
) -> Result<Hubs, Unlocated> {
    let n = flow.len();
    let square = |rows: &[Vec<f64>]| {
        rows.len() == n
            && rows
                .iter()
                .all(|r| r.len() == n && r.iter().all(|x| x.is_finite() && *x >= 0.0))
    };
    if n == 0 || !square(flow) || !square(distance) || params.hubs == 0 || params.hubs > n {
        return Err(Unlocated::Invalid(vec![Message::new("sites.check.hubs")]));
    }
    let out: Vec<f64> = flow.iter().map(|row| row.iter().sum()).collect();
    let into: Vec<f64> = (0..n)
        .map(|j| flow.iter().map(|row| row[j]).sum())
        .collect();
    let mut program = Program::default();
    let x: Vec<Vec<Col>> = (0..n)
        .map(|i| {
            let both = params.collect * out[i] + params.distribute * into[i];
            (0..n)
                .map(|k| program.switch(-distance[i][k] * both))
                .collect()
        })
        .collect();
    for i in 0..n {
        program.equal(x[i].iter().map(|c| (*c, 1.0)).collect(), 1.0);
        for k in (0..n).filter(|k| *k != i) {
            program.at_most(vec![(x[i][k], 1.0), (x[k][k], -1.0)], 0.0);
        }
    }
    program.equal((0..n).map(|k| (x[k][k], 1.0)).collect(), params.hubs as f64);
    for i in (0..n).filter(|i| out[*i] > 0.0) {
        let f: Vec<Vec<Option<Col>>> = (0..n)
            .map(|k| {
                (0..n)
                    .map(|l| {
                        let cost = -params.transfer * distance[k][l];
                        (k != l).then(|| program.column(cost, 0.0, f64::INFINITY))
                    })
                    .collect()
            })
            .collect();
        for k in 0..n {
            let mut terms: Vec<(Col, f64)> = f[k].iter().flatten().map(|c| (*c, 1.0)).collect();
            terms.extend((0..n).filter_map(|l| f[l][k]).map(|c| (c, -1.0)));
            terms.push((x[i][k], -(out[i] - flow[i][i])));
            terms.extend(
                (0..n)
                    .filter(|j| *j != i && flow[i][*j] > 0.0)
                    .map(|j| (x[j][k], flow[i][j])),
            );
            program.equal(terms, 0.0);
        }
    }
    match program.maximise(&params.limits, None) {
        Outcome::Solved(solved) => {
            let on = |c: Col| solved.values[c.0] > 0.5;
            Ok(Hubs {
                hubs: (0..n).filter(|k| on(x[*k][*k])).collect(),
                hub_of: (0..n)
                    .map(|i| (0..n).find(|k| on(x[i][*k])).unwrap_or(i))
                    .collect(),
                worth: Worth::from(&solved).negated(),
            })
        }
        Outcome::Infeasible => Err(Unlocated::infeasible()),
        Outcome::Stopped { .. } => Err(Unlocated::stopped()),
    }
}
