//! Hub covering: flows between places that pass through one or two hubs within a radius.
//!
//! ```text
//! pair (i, j) is reached through hubs k, l  where  chi d_ik + alpha d_kl + delta d_lj <= radius
//! max  sum w_ij z_ij,   z_ij <= sum of e_kl over those pairs of hubs,   e_kl <= h_k,  e_kl <= h_l,   sum h_k = p
//! min  sum h_k  with z_ij = 1 for every flow                                              the fewest hubs that reach all
//! ```
//!
//! Campbell (1994), multiple allocation: each flow takes any pair of open hubs. With `h` whole, `e` and `z` are whole too.

use model::Message;
use serde::{Deserialize, Serialize};

use super::problem::Unlocated;
use crate::solver::{Col, Limits, Outcome, Program, Worth};

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HubCoverParams {
    /// Hubs to open; [`hub_set_cover`] asks for the fewest and does not look at it.
    pub hubs: usize,
    /// Longest way, in discounted distance.
    pub radius: f64,
    /// Factors on the distance from a place to its hub, between hubs, and from a hub to a place.
    pub collect: f64,
    pub transfer: f64,
    pub distribute: f64,
    pub limits: Limits,
}

impl Default for HubCoverParams {
    fn default() -> Self {
        Self {
            hubs: 2,
            radius: 1000.0,
            collect: 1.0,
            transfer: 0.5,
            distribute: 1.0,
            limits: Limits::default(),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct HubCover {
    /// Positions of the hubs.
    pub hubs: Vec<usize>,
    /// Flows reached and not reached, by places.
    pub reached: Vec<(usize, usize)>,
    pub missed: Vec<(usize, usize)>,
    /// Flow reached, or number of hubs.
    pub worth: Worth,
}

/// The hubs that reach the most flow.
pub fn hub_cover(
    flow: &[Vec<f64>],
    distance: &[Vec<f64>],
    params: &HubCoverParams,
) -> Result<HubCover, Unlocated> {
    let mut built = Built::new(flow, distance, params, params.hubs)?;
    for ((i, j), through) in built.ways.clone() {
        let z = built.program.column(flow[i][j], 0.0, 1.0);
        let mut terms: Vec<(Col, f64)> = through.iter().map(|e| (*e, -1.0)).collect();
        terms.push((z, 1.0));
        built.program.at_most(terms, 0.0);
    }
    let count = built.hubs.iter().map(|h| (*h, 1.0)).collect();
    built.program.equal(count, params.hubs as f64);
    built.solve(&params.limits, false)
}

/// The fewest hubs that reach every flow.
pub fn hub_set_cover(
    flow: &[Vec<f64>],
    distance: &[Vec<f64>],
    params: &HubCoverParams,
) -> Result<HubCover, Unlocated> {
    let mut built = Built::new(flow, distance, params, 1)?;
    for h in built.hubs.clone() {
        built.program.objective[h.0] = -1.0;
    }
    for (_, through) in built.ways.clone() {
        let terms = through.iter().map(|e| (*e, 1.0)).collect();
        built.program.at_least(terms, 1.0);
    }
    built.solve(&params.limits, true)
}

struct Built {
    program: Program,
    hubs: Vec<Col>,
    /// For each flow, the pairs of hubs through which it is reached.
    ways: Vec<((usize, usize), Vec<Col>)>,
    pairs: Vec<((usize, usize), (usize, usize))>,
}

impl Built {
    fn new(
        flow: &[Vec<f64>],
        distance: &[Vec<f64>],
        params: &HubCoverParams,
        hubs: usize,
    ) -> Result<Self, Unlocated> {
        let n = flow.len();
        let square = |rows: &[Vec<f64>]| {
            let good = |r: &Vec<f64>| r.len() == n && r.iter().all(|x| x.is_finite() && *x >= 0.0);
            rows.len() == n && rows.iter().all(good)
        };
        if n == 0 || !square(flow) || !square(distance) || hubs == 0 || hubs > n {
            return Err(Unlocated::Invalid(vec![Message::new("sites.check.hubs")]));
        }
        let mut program = Program::default();
        let hubs: Vec<Col> = (0..n).map(|_| program.switch(0.0)).collect();
        let mut both: Vec<Vec<Option<Col>>> = vec![vec![None; n]; n];
        let (mut ways, mut pairs) = (Vec::new(), Vec::new());
        for i in 0..n {
            for j in (0..n).filter(|j| flow[i][*j] > 0.0) {
                let mut through = Vec::new();
                for k in 0..n {
                    for l in k..n {
                        // Either direction of the pair of hubs.
                        let way = |a: usize, b: usize| {
                            params.collect * distance[i][a]
                                + params.transfer * distance[a][b]
                                + params.distribute * distance[b][j]
                        };
                        if way(k, l).min(way(l, k)) <= params.radius {
                            let e = *both[k][l].get_or_insert_with(|| {
                                if k == l {
                                    return hubs[k];
                                }
                                let e = program.column(0.0, 0.0, 1.0);
                                program.at_most(vec![(e, 1.0), (hubs[k], -1.0)], 0.0);
                                program.at_most(vec![(e, 1.0), (hubs[l], -1.0)], 0.0);
                                e
                            });
                            through.push(e);
                            pairs.push(((i, j), (k, l)));
                        }
                    }
                }
                ways.push(((i, j), through));
            }
        }
        Ok(Self {
            program,
            hubs,
            ways,
            pairs,
        })
    }

    fn solve(self, limits: &Limits, least: bool) -> Result<HubCover, Unlocated> {
        match self.program.maximise(limits, None) {
            Outcome::Solved(solved) => {
                let open: Vec<usize> = (0..self.hubs.len())
                    .filter(|k| solved.values[self.hubs[*k].0] > 0.5)
                    .collect();
                let is_reached = |flow: &(usize, usize)| {
                    let through = self.pairs.iter().filter(|(f, _)| f == flow);
                    let mut through = through.map(|(_, pair)| pair);
                    through.any(|(k, l)| open.contains(k) && open.contains(l))
                };
                let flows = self.ways.iter().map(|(flow, _)| *flow);
                let (reached, missed) = flows.partition(is_reached);
                let worth = Worth::from(&solved);
                Ok(HubCover {
                    hubs: open,
                    reached,
                    missed,
                    worth: if least { worth.negated() } else { worth },
                })
            }
            Outcome::Infeasible => Err(Unlocated::infeasible()),
            Outcome::Stopped { .. } => Err(Unlocated::stopped()),
        }
    }
}
