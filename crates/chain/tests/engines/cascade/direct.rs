//! The least fixed point of a cascade without substitution, solved directly: it is the largest probability with which a walk
//! meets the closed firm when every firm chooses the group of inputs that it follows (a Markov decision process; Puterman 1994).
//!
//! Policy iteration (Howard 1960): a policy is evaluated exactly, then every firm with a strictly better group changes to it. At
//! the end the values are a fixed point, and they are the least solution of a policy, hence the least fixed point, end components or
//! not. A policy is evaluated by eliminating firms one by one with sums of positive numbers only (Grassmann, Taksar, Heyman
//! 1985), in 32 digits, so that leaks of any size keep their digits. Nothing here is shared with the engine but the network.

use chain::cascade::{Class, FirmNetwork, Model, Production};

use super::twofold::Twofold;

/// What a row may follow: firms with weights, and what leaves the network; together 1.
#[derive(Debug, Clone)]
pub struct Way {
    links: Vec<(usize, Twofold)>,
    leak: Twofold,
}

impl Way {
    /// Σ w L.
    pub fn value(&self, losses: &[f64]) -> f64 {
        let links = self.links.iter();
        links.map(|(i, w)| w.rounded() * losses[*i]).sum()
    }
}

/// Ways by firm; none where nothing is followed.
pub type Ways = Vec<Vec<Way>>;

/// Groups of inputs of every customer.
pub fn downstream(network: &FirmNetwork, model: &Model) -> Ways {
    let sector = |i: usize| network.firms().sector[i];
    by_row(network, |(_, customer)| customer)
        .into_iter()
        .enumerate()
        .map(|(j, inputs)| {
            let spent = sum(inputs.iter().map(|(_, w)| *w));
            let outside = rest(model.costs.as_ref().map(|c| c[j]), spent);
            let all = spent + outside;
            let mut sectors: Vec<u32> = inputs.iter().map(|(i, _)| sector(*i)).collect();
            sectors.sort_unstable();
            sectors.dedup();
            let class = |s: u32| match (network.class(s, sector(j)), model.production) {
                (Class::Irrelevant, _) => Class::Irrelevant,
                (class, Production::GeneralisedLeontief) => class,
                (_, Production::Linear) => Class::NotEssential,
                (_, Production::Leontief) => Class::Essential,
            };
            let mut ways = Vec::new();
            for s in sectors.iter().filter(|s| class(**s) == Class::Essential) {
                let group = inputs.iter().filter(|(i, _)| sector(*i) == *s);
                let whole = sum(group.clone().map(|(_, w)| *w));
                ways.push(Way {
                    links: group
                        .map(|(i, w)| (*i, *w / whole * (spent / all)))
                        .collect(),
                    leak: outside / all,
                });
            }
            let linear = |i: &usize| class(sector(*i)) == Class::NotEssential;
            if inputs.iter().any(|(i, _)| linear(i)) {
                let others = inputs.iter().filter(|(i, _)| !linear(i)).map(|(_, w)| *w);
                ways.push(Way {
                    links: inputs
                        .iter()
                        .filter(|(i, _)| linear(i))
                        .map(|(i, w)| (*i, *w / all))
                        .collect(),
                    leak: (sum(others) + outside) / all,
                });
            }
            ways
        })
        .collect()
}

/// Sales of every supplier.
pub fn upstream(network: &FirmNetwork, model: &Model) -> Ways {
    by_row(network, |(supplier, _)| supplier)
        .into_iter()
        .enumerate()
        .map(|(i, sales)| {
            let sold = sum(sales.iter().map(|(_, w)| *w));
            let outside = rest(model.revenue.as_ref().map(|r| r[i]), sold);
            let all = sold + outside;
            let way = Way {
                links: sales.iter().map(|(j, w)| (*j, *w / all)).collect(),
                leak: outside / all,
            };
            if sales.is_empty() {
                Vec::new()
            } else {
                vec![way]
            }
        })
        .collect()
}

fn sum(values: impl Iterator<Item = Twofold>) -> Twofold {
    values.fold(Twofold::ZERO, |a, b| a + b)
}

/// What is given beyond the recorded links; differences in the last digits are none.
fn rest(given: Option<f64>, links: Twofold) -> Twofold {
    let (given, links) = (given.unwrap_or(0.0), links);
    if given <= links.rounded() * (1.0 + 1e-12) {
        return Twofold::ZERO;
    }
    Twofold::new(given) + links * Twofold::new(-1.0)
}

/// The other ends of the links of each firm.
fn by_row(
    network: &FirmNetwork,
    row: impl Fn((usize, usize)) -> usize,
) -> Vec<Vec<(usize, Twofold)>> {
    let links = network.links();
    let mut rows = vec![Vec::new(); network.firms().ids.len()];
    for at in 0..links.weight.len() {
        let (i, j) = (links.supplier[at] as usize, links.customer[at] as usize);
        let own = row((i, j));
        rows[own].push((i + j - own, Twofold::new(links.weight[at])));
    }
    rows
}

/// The least L with L_j = max(φ_j, max over ways Σ w L).
pub fn least(ways: &Ways, floor: &[f64]) -> Vec<Twofold> {
    let n = ways.len();
    // `None`: stop, with the firm's own loss.
    let mut policy: Vec<Option<usize>> = vec![None; n];
    loop {
        let value = evaluate(ways, floor, &policy);
        let mut changed = false;
        for j in 0..n {
            let mut best = value[j];
            for (at, way) in ways[j].iter().enumerate() {
                let here = sum(way.links.iter().map(|(i, w)| *w * value[*i]));
                if here > best + best * Twofold::new(1e-27) {
                    (policy[j], best, changed) = (Some(at), here, true);
                }
            }
        }
        if !changed {
            return value;
        }
    }
}

/// Probability of a win under a policy, where a firm that stops wins with its own loss.
fn evaluate(ways: &Ways, floor: &[f64], policy: &[Option<usize>]) -> Vec<Twofold> {
    let n = ways.len();
    let mut to = vec![vec![Twofold::ZERO; n]; n];
    let (mut win, mut leak) = (vec![Twofold::ZERO; n], vec![Twofold::ZERO; n]);
    for j in 0..n {
        match policy[j] {
            None => {
                win[j] = Twofold::new(floor[j]);
                leak[j] = Twofold::new(1.0) + Twofold::new(-floor[j]);
            }
            Some(at) => {
                leak[j] = ways[j][at].leak;
                for (i, w) in &ways[j][at].links {
                    to[j][*i] = *w;
                }
            }
        }
    }
    let mut out = vec![Twofold::ZERO; n];
    for e in (0..n).rev() {
        let others = sum(to[e][..e].iter().copied());
        out[e] = others + win[e] + leak[e];
        if out[e] == Twofold::ZERO {
            // A circle that nothing leaves and that never wins.
            (leak[e], out[e]) = (Twofold::ONE, Twofold::ONE);
        }
        for i in 0..e {
            if to[i][e] == Twofold::ZERO {
                continue;
            }
            let part = to[i][e] / out[e];
            let (before, from) = to.split_at_mut(e);
            for (cell, next) in before[i].iter_mut().zip(&from[0][..e]) {
                if *next != Twofold::ZERO {
                    *cell += part * *next;
                }
            }
            let (w, l) = (part * win[e], part * leak[e]);
            win[i] += w;
            leak[i] += l;
        }
    }
    let mut value = vec![Twofold::ZERO; n];
    for e in 0..n {
        let inside = sum((0..e).map(|l| to[e][l] * value[l]));
        value[e] = (inside + win[e]) / out[e];
    }
    value
}
