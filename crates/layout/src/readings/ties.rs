//! Strong pairs that never met.
//!
//! Who is likely to tie up: Adamic & Adar (2003, *Social Networks* 25, 211-230), `Σ 1/ln k(z)` over common partners `z`.
//! The baseline is preferential attachment (Barabási & Albert 1999), `k(a) k(b)`. What they would bring: complementarity,
//! `min(|A \ B|, |B \ A|) / |A ∪ B|` over what is on record of each. Held against ties left out one by one (mean
//! reciprocal rank); where the score is not better than the baseline it is a description, not a forecast.

use std::collections::{BTreeMap, BTreeSet};

use model::{Basis, Entity, Estimate, Seed};
use rand::RngExt;

#[derive(Debug, Clone, Default)]
pub struct Network {
    /// What is on record of each node.
    pub holds: BTreeMap<Entity, BTreeSet<String>>,
    /// Undirected; each pair once, smaller entity first.
    pub ties: BTreeSet<(Entity, Entity)>,
}

impl Network {
    pub fn tie(&mut self, a: &Entity, b: &Entity) {
        if a != b {
            let pair = if a < b { (a, b) } else { (b, a) };
            self.ties.insert((pair.0.clone(), pair.1.clone()));
        }
    }

    fn partners(&self) -> BTreeMap<&Entity, BTreeSet<&Entity>> {
        let mut found: BTreeMap<&Entity, BTreeSet<&Entity>> = BTreeMap::new();
        for (a, b) in &self.ties {
            found.entry(a).or_default().insert(b);
            found.entry(b).or_default().insert(a);
        }
        found
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    pub a: Entity,
    pub b: Entity,
    pub common_partners: Vec<Entity>,
    pub adamic_adar: f64,
    pub baseline: f64,
    /// What both hold, and what either brings.
    pub shared: usize,
    pub complementarity: f64,
}

/// Untied pairs of which both hold something on record that meets: at least one thing in common and one of their own.
pub fn never_met(network: &Network) -> Vec<Pair> {
    let partners = network.partners();
    let nodes: Vec<(&Entity, &BTreeSet<String>)> = network.holds.iter().collect();
    let mut found = Vec::new();
    for (k, (a, has)) in nodes.iter().enumerate() {
        for (b, other) in &nodes[k + 1..] {
            if network.ties.contains(&((*a).clone(), (*b).clone())) {
                continue;
            }
            let shared = has.intersection(other).count();
            let (own, theirs) = (has.len() - shared, other.len() - shared);
            if shared == 0 || own.min(theirs) == 0 {
                continue;
            }
            found.push(Pair {
                a: (*a).clone(),
                b: (*b).clone(),
                common_partners: common(&partners, a, b),
                adamic_adar: adamic_adar(&partners, a, b),
                baseline: attachment(&partners, a, b),
                shared,
                complementarity: own.min(theirs) as f64 / (shared + own + theirs) as f64,
            });
        }
    }
    found.sort_by(|x, y| {
        y.adamic_adar
            .total_cmp(&x.adamic_adar)
            .then(y.complementarity.total_cmp(&x.complementarity))
            .then_with(|| (&x.a, &x.b).cmp(&(&y.a, &y.b)))
    });
    found
}

type Partners<'a> = BTreeMap<&'a Entity, BTreeSet<&'a Entity>>;

fn common(partners: &Partners, a: &Entity, b: &Entity) -> Vec<Entity> {
    match (partners.get(a), partners.get(b)) {
        (Some(x), Some(y)) => x.intersection(y).map(|e| (*e).clone()).collect(),
        _ => Vec::new(),
    }
}

fn adamic_adar(partners: &Partners, a: &Entity, b: &Entity) -> f64 {
    // An empty sum of floats is -0: start from 0.
    common(partners, a, b)
        .iter()
        .map(|z| 1.0 / (partners[z].len() as f64).ln())
        .fold(0.0, |sum, x| sum + x)
}

fn attachment(partners: &Partners, a: &Entity, b: &Entity) -> f64 {
    let degree = |e| partners.get(e).map_or(0, BTreeSet::len);
    (degree(a) * degree(b)) as f64
}

/// Ties left out one by one.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    pub ties: usize,
    /// Mean reciprocal rank of a tie left out among all untied pairs.
    pub score: f64,
    pub baseline: f64,
    /// 95 % range of the difference over resampled ties.
    pub gain: Estimate,
}

impl Check {
    pub fn beats(&self) -> bool {
        self.gain.low > 0.0
    }
}

const RESAMPLES: u64 = 2000;

/// None where fewer than two ties are on record.
pub fn check(network: &Network, seed: Seed) -> Option<Check> {
    if network.ties.len() < 2 {
        return None;
    }
    let nodes: BTreeSet<&Entity> = network
        .ties
        .iter()
        .flat_map(|(a, b)| [a, b])
        .chain(network.holds.keys())
        .collect();
    let nodes: Vec<&Entity> = nodes.into_iter().collect();
    let ranks: Vec<(f64, f64)> = network
        .ties
        .iter()
        .map(|left_out| {
            let mut rest = network.clone();
            rest.ties.remove(left_out);
            let partners = rest.partners();
            let rank = |score: &dyn Fn(&Entity, &Entity) -> f64| {
                let own = score(&left_out.0, &left_out.1);
                let (mut above, mut equal) = (0.0, 0.0);
                for (k, a) in nodes.iter().enumerate() {
                    for b in &nodes[k + 1..] {
                        if network.ties.contains(&((*a).clone(), (*b).clone())) {
                            continue;
                        }
                        let other = score(a, b);
                        if other > own {
                            above += 1.0;
                        } else if other >= own {
                            equal += 1.0;
                        }
                    }
                }
                // Equal scores share their ranks.
                1.0 / (1.0 + above + equal / 2.0)
            };
            (
                rank(&|a, b| adamic_adar(&partners, a, b)),
                rank(&|a, b| attachment(&partners, a, b)),
            )
        })
        .collect();
    let n = ranks.len();
    let mean = |of: fn(&(f64, f64)) -> f64| ranks.iter().map(of).sum::<f64>() / n as f64;
    let mut gains: Vec<f64> = (0..RESAMPLES)
        .map(|draw| {
            let mut stream = seed.stream("ties", draw);
            let sum: f64 = (0..n)
                .map(|_| {
                    let (score, baseline) = ranks[stream.random_range(0..n)];
                    score - baseline
                })
                .sum();
            sum / n as f64
        })
        .collect();
    gains.sort_by(f64::total_cmp);
    let at = |p: f64| gains[((p * gains.len() as f64) as usize).min(gains.len() - 1)];
    let (score, baseline) = (mean(|r| r.0), mean(|r| r.1));
    Some(Check {
        ties: n,
        score,
        baseline,
        gain: Estimate::spanning(score - baseline, at(0.025), at(0.975), Basis::Derived),
    })
}
