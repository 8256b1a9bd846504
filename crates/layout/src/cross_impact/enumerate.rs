//! All consistent scenarios, with a count that proves it.
//!
//! Depth first over the descriptors. For a state that is already chosen, the best that the open descriptors can still do
//! for it against each of its rivals bounds its advantage from above; where even that is too little, the whole subtree is
//! discarded and its scenarios are counted. Discarded and judged scenarios together must be all scenarios.

use model::Estimate;

use super::judgments::{CrossImpacts, Scenario};

/// By which reading of the ranges scenarios are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    /// At the values.
    AtValues,
    /// As every scenario that some matrix within the ranges makes consistent. The judgments vary apart from each other,
    /// and those for a state and for its rivals are different cells, so the most favourable reading is one matrix.
    AtBest,
}

/// Slack for sums of decimal judgments.
const ROUNDING: f64 = 1e-9;

#[derive(Debug, Clone, PartialEq)]
pub struct Enumeration {
    /// By the positions of their states.
    pub scenarios: Vec<Scenario>,
    pub total: u128,
    /// Scenarios that were looked at one by one.
    pub judged: u128,
    /// Scenarios in subtrees that were discarded.
    pub discarded: u128,
    pub nodes: u64,
}

impl Enumeration {
    /// Every scenario was judged or discarded: the list is proven complete.
    pub fn complete(&self) -> bool {
        self.judged + self.discarded == self.total
    }
}

/// All scenarios whose inconsistency is at most `tolerance`; stops after `max_nodes` nodes.
pub fn consistent(
    impacts: &CrossImpacts,
    judged: Judged,
    tolerance: f64,
    max_nodes: u64,
) -> Enumeration {
    type End = fn(&Estimate) -> f64;
    let (own, other): (End, End) = match judged {
        Judged::AtValues => (|e| e.value, |e| e.value),
        Judged::AtBest => (|e| e.high, |e| e.low),
    };
    let mut search = Search::new(impacts, own, other, -tolerance - ROUNDING, max_nodes);
    search.descend(0);
    let mut scenarios = search.found;
    scenarios.sort();
    Enumeration {
        scenarios,
        total: impacts.total(),
        judged: search.judged,
        discarded: search.discarded,
        nodes: search.nodes,
    }
}

struct Search<'a> {
    impacts: &'a CrossImpacts,
    /// Descriptors in the order of the search: those with the strongest ties first.
    order: Vec<usize>,
    /// Scenarios below each depth.
    below: Vec<u128>,
    /// `best[i][j][s][l]`: the most that descriptor `i` can add to state `s` of `j` over state `l`.
    best: Vec<Vec<Vec<Vec<f64>>>>,
    own: fn(&Estimate) -> f64,
    other: fn(&Estimate) -> f64,
    least: f64,
    chosen: Vec<Option<usize>>,
    found: Vec<Scenario>,
    judged: u128,
    discarded: u128,
    nodes: u64,
    max_nodes: u64,
}

impl<'a> Search<'a> {
    fn new(
        impacts: &'a CrossImpacts,
        own: fn(&Estimate) -> f64,
        other: fn(&Estimate) -> f64,
        least: f64,
        max_nodes: u64,
    ) -> Self {
        let n = impacts.len();
        let gain = |i: usize, k: usize, j: usize, s: usize, l: usize| {
            own(impacts.at((i, k), (j, s))) - other(impacts.at((i, k), (j, l)))
        };
        let best: Vec<Vec<Vec<Vec<f64>>>> = (0..n)
            .map(|i| {
                (0..n)
                    .map(|j| {
                        let states = impacts.states(j);
                        let most = |s: usize, l: usize| {
                            (0..impacts.states(i))
                                .map(|k| if i == j { 0.0 } else { gain(i, k, j, s, l) })
                                .fold(f64::NEG_INFINITY, f64::max)
                        };
                        (0..states)
                            .map(|s| (0..states).map(|l| most(s, l)).collect())
                            .collect()
                    })
                    .collect()
            })
            .collect();
        let tie = |d: usize| -> f64 {
            let others = (0..n).filter(|e| *e != d);
            others
                .flat_map(|e| {
                    let pairs = (0..impacts.states(d))
                        .flat_map(move |s| (0..impacts.states(e)).map(move |t| (s, t)));
                    pairs.map(move |(s, t)| {
                        impacts.at((d, s), (e, t)).value.abs()
                            + impacts.at((e, t), (d, s)).value.abs()
                    })
                })
                .sum()
        };
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|a, b| tie(*b).total_cmp(&tie(*a)).then(a.cmp(b)));
        let mut below = vec![1; n + 1];
        for depth in (0..n).rev() {
            below[depth] = below[depth + 1] * impacts.states(order[depth]) as u128;
        }
        Self {
            impacts,
            order,
            below,
            best,
            own,
            other,
            least,
            chosen: vec![None; n],
            found: Vec::new(),
            judged: 0,
            discarded: 0,
            nodes: 0,
            max_nodes,
        }
    }

    fn descend(&mut self, depth: usize) {
        if depth == self.order.len() {
            self.judged += 1;
            self.found
                .push(self.chosen.iter().flatten().copied().collect());
            return;
        }
        let descriptor = self.order[depth];
        for state in 0..self.impacts.states(descriptor) {
            if self.nodes >= self.max_nodes {
                return;
            }
            self.nodes += 1;
            self.chosen[descriptor] = Some(state);
            if self.hopeless() {
                self.discarded += self.below[depth + 1];
            } else {
                self.descend(depth + 1);
            }
            self.chosen[descriptor] = None;
        }
    }

    /// Some chosen state cannot hold against a rival, whatever the open descriptors do. With nothing open this is the
    /// definition of consistency itself.
    fn hopeless(&self) -> bool {
        for j in 0..self.chosen.len() {
            let Some(s) = self.chosen[j] else { continue };
            for l in (0..self.impacts.states(j)).filter(|l| *l != s) {
                let most: f64 = (0..self.chosen.len())
                    .filter(|i| *i != j)
                    .map(|i| match self.chosen[i] {
                        Some(k) => {
                            (self.own)(self.impacts.at((i, k), (j, s)))
                                - (self.other)(self.impacts.at((i, k), (j, l)))
                        }
                        None => self.best[i][j][s][l],
                    })
                    .sum();
                if most < self.least {
                    return true;
                }
            }
        }
        false
    }
}
