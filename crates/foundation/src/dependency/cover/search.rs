//! Branch and bound over choices with overlapping cover.

use std::cmp::Ordering;

pub(super) struct Problem {
    pub(super) weights: Vec<f64>,
    pub(super) need: f64,
    pub(super) costs: Vec<f64>,
    pub(super) covers: Vec<Vec<usize>>,
    pub(super) whole: bool,
}

pub(super) struct Solution {
    /// Ascending.
    pub(super) chosen: Vec<usize>,
    pub(super) cost: f64,
    pub(super) bound: f64,
    pub(super) nodes: usize,
}

/// A partial decision: choices taken and choices ruled out.
struct Branch {
    taken: Vec<usize>,
    out: Vec<usize>,
    bound: f64,
}

impl Problem {
    pub(super) fn covered(&self, chosen: &[usize]) -> Vec<bool> {
        let mut covered = vec![false; self.weights.len()];
        for p in chosen.iter().flat_map(|j| &self.covers[*j]) {
            covered[*p] = true;
        }
        covered
    }

    fn cost(&self, chosen: &[usize]) -> f64 {
        chosen.iter().map(|j| self.costs[*j]).sum()
    }

    fn deficit(&self, covered: &[bool]) -> f64 {
        let have: f64 = self
            .weights
            .iter()
            .zip(covered)
            .filter(|(_, c)| **c)
            .map(|(w, _)| w)
            .sum();
        self.need - have
    }

    /// Free choices that still add something, best ratio of gain to cost first.
    fn gains(&self, branch: &Branch, covered: &[bool]) -> Vec<(usize, f64)> {
        let mut free = vec![true; self.costs.len()];
        for j in branch.taken.iter().chain(&branch.out) {
            free[*j] = false;
        }
        let mut seen = vec![usize::MAX; self.weights.len()];
        let mut gains: Vec<(usize, f64)> = (0..self.costs.len())
            .filter(|j| free[*j])
            .map(|j| {
                let mut gain = 0.0;
                for p in &self.covers[j] {
                    if !covered[*p] && seen[*p] != j {
                        seen[*p] = j;
                        gain += self.weights[*p];
                    }
                }
                (j, gain)
            })
            .filter(|(_, gain)| *gain > 0.0)
            .collect();
        gains.sort_by(|a, b| {
            (b.1 * self.costs[a.0])
                .total_cmp(&(a.1 * self.costs[b.0]))
                .then(b.1.total_cmp(&a.1))
                .then(a.0.cmp(&b.0))
        });
        gains
    }

    /// Least further cost that could close `deficit`; `None` if the gains do not.
    fn further(&self, gains: &[(usize, f64)], mut deficit: f64) -> Option<f64> {
        let mut cost = 0.0;
        for (j, gain) in gains {
            if deficit <= 0.0 {
                break;
            }
            cost += self.costs[*j] * (deficit / gain).min(1.0);
            deficit -= gain;
        }
        (deficit <= 0.0).then_some(cost)
    }

    fn bound(&self, taken: f64, further: f64) -> f64 {
        let bound = taken + further;
        if self.whole {
            (bound - 1e-9).ceil()
        } else {
            bound
        }
    }

    /// Best ratio first until the need is met, then without those that turned out needless.
    fn greedy(&self) -> Option<Vec<usize>> {
        let mut branch = Branch {
            taken: Vec::new(),
            out: Vec::new(),
            bound: 0.0,
        };
        loop {
            let covered = self.covered(&branch.taken);
            if self.deficit(&covered) <= 0.0 {
                break;
            }
            branch.taken.push(self.gains(&branch, &covered).first()?.0);
        }
        let mut chosen = branch.taken;
        let mut k = chosen.len();
        while k > 0 {
            k -= 1;
            let mut fewer = chosen.clone();
            fewer.remove(k);
            if self.deficit(&self.covered(&fewer)) <= 0.0 {
                chosen = fewer;
            }
        }
        Some(chosen)
    }

    /// Depth first, taking the best ratio before ruling it out; `None` if all choices do not meet the need.
    pub(super) fn solve(&self, most_nodes: usize) -> Option<Solution> {
        let mut best = self.greedy()?;
        let mut cost = self.cost(&best);
        let mut stack = vec![Branch {
            taken: Vec::new(),
            out: Vec::new(),
            bound: 0.0,
        }];
        let mut nodes = 0;
        let mut open = f64::INFINITY;
        while let Some(branch) = stack.pop() {
            if branch.bound >= cost - 1e-12 {
                continue;
            }
            if nodes >= most_nodes {
                open = open.min(branch.bound);
                continue;
            }
            nodes += 1;
            let covered = self.covered(&branch.taken);
            let deficit = self.deficit(&covered);
            let so_far = self.cost(&branch.taken);
            if deficit <= 0.0 {
                if so_far < cost {
                    cost = so_far;
                    best = branch.taken;
                }
                continue;
            }
            let gains = self.gains(&branch, &covered);
            let Some(further) = self.further(&gains, deficit) else {
                continue;
            };
            let bound = self.bound(so_far, further).max(branch.bound);
            if bound.partial_cmp(&(cost - 1e-12)) != Some(Ordering::Less) {
                continue;
            }
            let Some((next, _)) = gains.first() else {
                continue;
            };
            let mut without = branch.out.clone();
            without.push(*next);
            stack.push(Branch {
                taken: branch.taken.clone(),
                out: without,
                bound,
            });
            let mut with = branch.taken;
            with.push(*next);
            stack.push(Branch {
                taken: with,
                out: branch.out,
                bound,
            });
        }
        best.sort_unstable();
        Some(Solution {
            chosen: best,
            cost,
            bound: open.min(cost),
            nodes,
        })
    }
}
