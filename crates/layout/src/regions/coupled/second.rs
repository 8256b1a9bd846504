//! The neighbour score as a second goal: the best N among layouts whose R stays within ε of the plan's.
//!
//! Annealing over swaps inside a circle: which industries the circle hosts, and so its links, stay as they are;
//! who hosts what, and so suitability and who is next to whom, changes. Lexicographic with a tolerance: states with
//! R < (1 - ε) R* are not entered. No bound is claimed for N, but it is never less than the plan's.

use model::Seed;

use super::anneal::Rng;
use super::dense::{Dense, Hosts};
use super::prices::rng;

#[derive(Debug, Clone, Copy)]
pub(crate) struct SecondGoal {
    /// What R may lose, in the unit of the question.
    pub loss: f64,
    pub steps: u64,
}

pub(crate) fn second_goal(dense: &Dense, plan: &Hosts, goal: SecondGoal, seed: Seed) -> Hosts {
    let mut state = State::new(dense, plan.clone());
    let mut rng = rng(seed, "regions/second", 0);
    let members: Vec<Vec<usize>> = (0..dense.region_of_circle.len())
        .map(|q| (0..dense.nc()).filter(|c| dense.circle[*c] == q).collect())
        .collect();
    let largest = state.links.iter().fold(1e-9_f64, |m, l| m.max(l.2));
    let rounds = (goal.steps / 64).max(1);
    let factor = 0.01_f64.powf(1.0 / rounds as f64);
    let mut temperature = largest;
    let (mut now, mut best) = (0.0, 0.0);
    let mut kept = plan.clone();
    let mut lost = 0.0;
    let first = dense.objective(plan);
    // Sums of the same numbers in another order differ in their last digits.
    let least = first - goal.loss - 1e-12 * first.abs().max(1.0);
    for _ in 0..rounds {
        for _ in 0..64 {
            let circle = &members[dense.circle[rng.below(dense.nc())]];
            let (c, d) = (
                circle[rng.below(circle.len())],
                circle[rng.below(circle.len())],
            );
            let (gain, loss) = state.swap(c, d, lost, goal.loss, temperature, &mut rng);
            now += gain;
            lost += loss;
            if now > best + 1e-9 && dense.objective(&state.hosts) >= least {
                best = now;
                kept.clone_from(&state.hosts);
            }
        }
        temperature *= factor;
    }
    for list in &mut kept {
        list.sort_unstable();
    }
    kept
}

struct State<'a> {
    dense: &'a Dense,
    hosts: Hosts,
    links: Vec<(usize, usize, f64)>,
    /// Links out of each industry.
    out: Vec<Vec<(u16, f64)>>,
    near: &'a [Vec<usize>],
    /// Suitability of each region.
    of_region: Vec<f64>,
    /// Clusters that have this one as a neighbour.
    seen_by: Vec<Vec<usize>>,
}

impl<'a> State<'a> {
    fn new(dense: &'a Dense, hosts: Hosts) -> Self {
        let (links, near) = dense.neighbour_links();
        let mut out = vec![Vec::new(); dense.ni()];
        for (i, j, w) in links {
            out[*i].push((*j as u16, *w));
        }
        let mut seen_by = vec![Vec::new(); dense.nc()];
        for (c, list) in near.iter().enumerate() {
            for d in list {
                seen_by[*d].push(c);
            }
        }
        let mut of_region = vec![0.0; dense.regions.len()];
        for (c, list) in hosts.iter().enumerate() {
            for i in list {
                of_region[dense.region[c]] += dense.true_score(c, usize::from(*i));
            }
        }
        Self {
            of_region,
            links: links.to_vec(),
            dense,
            hosts,
            out,
            near,
            seen_by,
        }
    }

    /// Links of one cluster.
    fn own(&self, c: usize) -> f64 {
        let reaches = |j: &u16| {
            self.hosts[c].contains(j) || self.near[c].iter().any(|d| self.hosts[*d].contains(j))
        };
        self.hosts[c]
            .iter()
            .flat_map(|i| &self.out[usize::from(*i)])
            .filter(|(j, _)| reaches(j))
            .map(|(_, w)| w)
            .sum()
    }

    fn around(&self, c: usize, d: usize) -> f64 {
        let mut all: Vec<usize> = self.seen_by[c]
            .iter()
            .chain(&self.seen_by[d])
            .copied()
            .collect();
        all.extend([c, d]);
        all.sort_unstable();
        all.dedup();
        all.into_iter().map(|e| self.own(e)).sum()
    }

    /// Gain in N and loss in R of a swap that was made, or zeros.
    fn swap(
        &mut self,
        c: usize,
        d: usize,
        lost: f64,
        most: f64,
        temperature: f64,
        rng: &mut Rng,
    ) -> (f64, f64) {
        if c == d || self.hosts[c].is_empty() || self.hosts[d].is_empty() {
            return (0.0, 0.0);
        }
        let (a, b) = (
            rng.below(self.hosts[c].len()),
            rng.below(self.hosts[d].len()),
        );
        let (i, j) = (self.hosts[c][a], self.hosts[d][b]);
        let n = self.dense.ni();
        let fixed = |c: usize, i: u16| self.dense.fixed[c * n + usize::from(i)];
        if i == j || fixed(c, i) || fixed(d, j) {
            return (0.0, 0.0);
        }
        let s = |c: usize, i: u16| self.dense.true_score(c, usize::from(i));
        let given_up = s(c, i) + s(d, j) - s(c, j) - s(d, i);
        // A circle lies in one region: no other region fares differently.
        let g = self.dense.region[c];
        let fair = self.dense.fairness_of(&self.of_region);
        self.of_region[g] -= given_up;
        let loss = given_up + fair - self.dense.fairness_of(&self.of_region);
        self.of_region[g] += given_up;
        if lost + loss > most || !self.may(c, a, j, d) || !self.may(d, b, i, c) {
            return (0.0, 0.0);
        }
        let before = self.around(c, d);
        self.hosts[c][a] = j;
        self.hosts[d][b] = i;
        // Clusters that see either change too; they are the same before and after.
        let gain = self.around(c, d) - before - given_up;
        if gain >= 0.0 || rng.unit() < (gain / temperature).exp() {
            self.of_region[g] -= given_up;
            return (gain, loss);
        }
        self.hosts[c][a] = i;
        self.hosts[d][b] = j;
        (0.0, 0.0)
    }

    /// May `j` take place `a` of cluster `c`, when `other` gives it up?
    fn may(&self, c: usize, a: usize, j: u16, other: usize) -> bool {
        let d = self.dense;
        let (n, nr) = (d.ni(), d.resources);
        let fits = (0..nr).all(|r| {
            let used: i64 = self.hosts[c]
                .iter()
                .enumerate()
                .map(|(p, i)| if p == a { j } else { *i })
                .map(|i| d.need[usize::from(i) * nr + r])
                .sum();
            used <= d.stock[c * nr + r]
        });
        let beside = d.next_door[c]
            .iter()
            .any(|e| *e != other && self.hosts[*e].contains(&j));
        d.open[c * n + usize::from(j)] && !self.hosts[c].contains(&j) && fits && !beside
    }
}
