//! Branch and bound on presence for one region, with cuts, from a linear program that stays with the solver.
//!
//! The bound of a node is never the solver's: its multipliers are rounded to multiples of 2^-20 and what they
//! prove is computed exactly ([`super::block::proven`]). The open and closed leaves with their multipliers are
//! the region's part of the certificate.

use std::collections::BTreeMap;

use super::block::{Block, FIXED, Prices, RowLe, Var, proven};
use super::cuts::{Cut, separate};
use super::dense::{Dense, Hosts};
use crate::solver::live::{LiveLp, LpStatus, Sparse, Strategy};

/// A leaf of the tree: what was fixed on the way, what is proved, and by which multipliers of which rows.
#[derive(Debug, Clone)]
pub(crate) struct Leaf {
    pub fixed: Vec<(u32, u8)>,
    pub bound: i128,
    pub multipliers: Vec<(u32, i64)>,
    /// The column to branch on; none: the leaf is closed, or stale.
    branch: Option<u32>,
    /// Its multipliers were found at other prices, or before its last cuts: sound, but no longer the best.
    stale: bool,
}

impl Leaf {
    fn open(&self) -> bool {
        self.stale || self.branch.is_some()
    }
}

#[derive(Debug)]
pub(crate) struct Tree {
    pub block: Block,
    pub gains: Vec<i64>,
    /// Base rows, then cuts, by their number in the certificate.
    pub rows: Vec<RowLe>,
    pub cuts: Vec<Cut>,
    number: BTreeMap<Cut, u32>,
    /// Row numbers as they stand in the program.
    live: Vec<u32>,
    is_live: Vec<bool>,
    lp: LiveLp,
    bounds: Vec<(u8, u8)>,
    standing: Vec<(u8, u8)>,
    scale: f64,
    pub leaves: Vec<Leaf>,
    /// Value of the best known plan of the block at the prices, in 1 / FIXED.
    pub incumbent: i128,
    /// Plans met as whole solutions.
    pub found: Vec<Hosts>,
    pub nodes: usize,
    /// Simplex iterations times rows, in millions.
    pub work: f64,
    /// What a unit of work brought lately, in 1 / FIXED.
    rate: f64,
}

enum Node {
    Open {
        bound: i128,
        multipliers: Vec<(u32, i64)>,
        branch: Option<u32>,
        stale: bool,
    },
    Unknown,
}

/// Multipliers are kept below this, which any p >= 0 may be: sums of their products stay far inside 128 bits.
pub(crate) const LARGEST_MULTIPLIER: i64 = 1 << 60;

#[derive(Debug, Clone, Copy)]
struct Rounds {
    most: usize,
    /// Stop when this many rounds gained less than a share of 2e-4 of the bound.
    stall: usize,
}

const ROOT: Rounds = Rounds { most: 60, stall: 4 };
const CHILD: Rounds = Rounds { most: 3, stall: 3 };
/// Rows with more slack than this may leave, if there are many.
const SLACK: f64 = 0.05;
const MANY: usize = 400;

impl Tree {
    pub fn new(dense: &Dense, g: usize, prices: &Prices, incumbent: i128) -> Self {
        let block = Block::new(dense, g);
        let gains = block.gains(dense, prices);
        let standing = block.bounds(dense);
        let largest = gains
            .iter()
            .fold(1.0_f64, |m, x| m.max(x.unsigned_abs() as f64));
        // Costs of about 100 whatever the unit; a power of two loses no digit.
        let scale = (128.0 / largest).log2().ceil().exp2();
        let mut lp = LiveLp::new(Strategy::Dual);
        let mut columns = Sparse::default();
        for (x, (low, high)) in gains.iter().zip(&standing) {
            columns.push(&[], f64::from(*low), f64::from(*high), -(*x as f64) * scale);
        }
        lp.add_columns(&columns);
        let rows = block.rows.clone();
        let mut tree = Self {
            live: Vec::new(),
            is_live: vec![false; rows.len()],
            bounds: standing.clone(),
            block,
            gains,
            cuts: Vec::new(),
            number: BTreeMap::new(),
            lp,
            standing,
            scale,
            leaves: Vec::new(),
            incumbent,
            found: Vec::new(),
            nodes: 0,
            work: 0.0,
            rate: f64::INFINITY,
            rows,
        };
        let all: Vec<u32> = (0..tree.rows.len() as u32).collect();
        tree.activate(&all);
        tree
    }

    /// Bound of the block: no leaf can hold a better plan.
    pub fn bound(&self) -> i128 {
        self.leaves
            .iter()
            .map(|l| l.bound)
            .max()
            .unwrap_or(i128::MAX)
    }

    /// What is still to be closed, in 1 / FIXED.
    pub fn gap(&self) -> i128 {
        self.leaves
            .iter()
            .filter(|l| l.open())
            .map(|l| l.bound - self.incumbent)
            .max()
            .unwrap_or(0)
            .max(0)
    }

    /// What the next unit of work may bring: what it brought lately, and at least a share of what all work so far
    /// would have to bring to close the rest, so that a region that gained nothing at first comes up again; at most
    /// all that is left.
    pub fn promise(&self) -> f64 {
        const PATIENCE: f64 = 0.1;
        let left = self.gap() as f64;
        self.rate
            .max(PATIENCE * left / self.work.max(1.0))
            .min(left)
    }

    /// Branches until `work` more is done or all is closed, and remembers what it brought.
    pub fn advance(&mut self, dense: &Dense, work: f64) {
        let (begun, gap) = (self.work, self.gap());
        while self.work < begun + work && self.gap() > 0 {
            self.step(dense);
        }
        let gained = (gap - self.gap()) as f64 / (self.work - begun).max(f64::MIN_POSITIVE);
        // Halving forgets a good start slowly; a region that has never been tried comes first, and one that gained
        // nothing comes again when the others have been worked on as much.
        self.rate = if self.rate.is_finite() {
            f64::midpoint(self.rate, gained)
        } else {
            gained
        };
    }

    fn activate(&mut self, numbers: &[u32]) {
        let mut new = Sparse::default();
        for n in numbers {
            let row = &self.rows[*n as usize];
            let terms: Vec<(usize, f64)> = row
                .terms
                .iter()
                .map(|(v, a)| (*v as usize, *a as f64))
                .collect();
            new.push(&terms, f64::NEG_INFINITY, row.rhs as f64, 0.0);
            self.is_live[*n as usize] = true;
            self.live.push(*n);
        }
        self.lp.add_rows(&new);
    }

    /// The same block with one column held, knowing the cuts that this tree's leaves use.
    pub fn forced(
        &self,
        dense: &Dense,
        g: usize,
        prices: &Prices,
        (v, value): (u32, u8),
        incumbent: i128,
    ) -> Self {
        let mut tree = Self::new(dense, g, prices, incumbent);
        tree.standing[v as usize] = (value, value);
        tree.learn(dense, self);
        tree
    }

    /// Takes over the cuts that the leaves of another tree of the same block use.
    pub fn learn(&mut self, dense: &Dense, earlier: &Self) {
        let base = earlier.block.rows.len() as u32;
        let mut used: Vec<u32> = earlier
            .leaves
            .iter()
            .flat_map(|l| l.multipliers.iter().map(|m| m.0))
            .filter(|n| *n >= base)
            .collect();
        used.sort_unstable();
        used.dedup();
        let cuts = used
            .iter()
            .map(|n| earlier.cuts[(n - base) as usize].clone())
            .collect();
        self.add(dense, cuts);
    }

    /// For every hosting: the bound of the block without it and with it, from the leaves' reduced costs.
    pub fn forced_bounds(&self) -> Vec<(usize, i128, i128)> {
        let hostings: Vec<usize> = (0..self.block.vars.len())
            .filter(|v| matches!(self.block.vars[*v], Var::Host(..)))
            .collect();
        let mut bounds: Vec<(usize, i128, i128)> = hostings
            .iter()
            .map(|v| (*v, i128::MIN / 2, i128::MIN / 2))
            .collect();
        for leaf in &self.leaves {
            let mut reduced: Vec<i128> = self.gains.iter().map(|g| i128::from(*g)).collect();
            for (r, p) in &leaf.multipliers {
                for (v, a) in &self.rows[*r as usize].terms {
                    reduced[*v as usize] -= i128::from(*p) * i128::from(*a);
                }
            }
            let mut standing = self.standing.clone();
            for (v, value) in &leaf.fixed {
                standing[*v as usize] = (*value, *value);
            }
            for (v, without, with) in &mut bounds {
                let r = reduced[*v];
                let free = leaf.bound - r.max(0);
                match standing[*v] {
                    (0, 1) => {
                        *without = (*without).max(free);
                        *with = (*with).max(free + r);
                    }
                    (0, _) => *without = (*without).max(leaf.bound),
                    _ => *with = (*with).max(leaf.bound),
                }
            }
        }
        bounds
    }

    fn prove(&self, fixed: &[(u32, u8)], multipliers: &[(u32, i64)]) -> i128 {
        let mut bounds = self.standing.clone();
        for (v, value) in fixed {
            bounds[*v as usize] = (*value, *value);
        }
        proven(&self.gains, &bounds, multipliers, |r| {
            &self.rows[r as usize]
        })
    }

    fn stand_at(&mut self, fixed: &[(u32, u8)]) {
        let mut wanted = self.standing.clone();
        for (v, value) in fixed {
            wanted[*v as usize] = (*value, *value);
        }
        for (v, w) in wanted.iter().enumerate() {
            if self.bounds[v] != *w {
                self.lp.set_bounds(v, f64::from(w.0), f64::from(w.1));
            }
        }
        self.bounds = wanted;
    }

    /// Solves the root, or once more after a change of prices.
    pub fn root(&mut self, dense: &Dense) {
        if !self.leaves.is_empty() {
            return;
        }
        let multipliers = Vec::new();
        let bound = self.prove(&[], &multipliers);
        let mut leaf = Leaf {
            fixed: Vec::new(),
            bound,
            multipliers,
            branch: None,
            stale: false,
        };
        if let Node::Open {
            bound,
            multipliers,
            branch,
            stale,
        } = self.solve(dense, &leaf, ROOT)
        {
            leaf.bound = bound;
            leaf.multipliers = multipliers;
            leaf.branch = branch;
            leaf.stale = stale;
        }
        self.leaves.push(leaf);
    }

    /// Other prices: the leaves stay, for they part the block whatever its gains, and so do their multipliers until
    /// they are solved again.
    pub fn reprice(&mut self, dense: &Dense, prices: &Prices, incumbent: i128) {
        let gains = self.block.gains(dense, prices);
        for (v, (old, new)) in self.gains.iter().zip(&gains).enumerate() {
            if old != new {
                self.lp.set_cost(v, -(*new as f64) * self.scale);
            }
        }
        self.gains = gains;
        self.incumbent = incumbent;
        self.rate = f64::INFINITY;
        let mut leaves = std::mem::take(&mut self.leaves);
        for leaf in &mut leaves {
            leaf.bound = self.prove(&leaf.fixed, &leaf.multipliers);
            leaf.branch = None;
            leaf.stale = true;
        }
        self.leaves = leaves;
    }

    /// Solves the open leaf with the largest bound again if it is stale, else branches on it; nothing to do if all is
    /// closed.
    pub fn step(&mut self, dense: &Dense) {
        let open = self
            .leaves
            .iter()
            .enumerate()
            .filter(|(_, l)| l.open() && l.bound > self.incumbent)
            .max_by(|a, b| a.1.bound.cmp(&b.1.bound).then(b.0.cmp(&a.0)))
            .map(|(n, _)| n);
        let Some(n) = open else {
            return;
        };
        let parent = self.leaves.swap_remove(n);
        let parts = match parent.branch {
            Some(v) => [0, 1]
                .map(|value| {
                    let mut fixed = parent.fixed.clone();
                    fixed.push((v, value));
                    let bound = self.prove(&fixed, &parent.multipliers).min(parent.bound);
                    Leaf {
                        fixed,
                        bound,
                        multipliers: parent.multipliers.clone(),
                        branch: None,
                        stale: false,
                    }
                })
                .to_vec(),
            None => vec![Leaf {
                stale: false,
                ..parent
            }],
        };
        for mut leaf in parts {
            if leaf.bound > self.incumbent
                && let Node::Open {
                    bound,
                    multipliers,
                    branch,
                    stale,
                } = self.solve(dense, &leaf, CHILD)
            {
                if bound <= leaf.bound {
                    leaf.bound = bound;
                    leaf.multipliers = multipliers;
                }
                leaf.branch = branch;
                leaf.stale = stale;
            }
            self.nodes += 1;
            self.leaves.push(leaf);
        }
    }

    fn solve(&mut self, dense: &Dense, leaf: &Leaf, rounds: Rounds) -> Node {
        self.stand_at(&leaf.fixed);
        let mut best: Option<(i128, Vec<(u32, i64)>)> = None;
        let mut history: Vec<i128> = Vec::new();
        let mut branch = None;
        let mut cut_again = false;
        for round in 0..rounds.most {
            cut_again = false;
            let status = self.lp.solve();
            self.work += self.lp.iterations as f64 * self.lp.rows as f64 * 1e-6;
            match status {
                LpStatus::Optimal => {}
                LpStatus::Infeasible => return self.infeasible(&leaf.fixed),
                LpStatus::Failed => break,
            }
            let multipliers = self.multipliers(&self.lp.row_dual, -1.0);
            let bound = self.prove(&leaf.fixed, &multipliers);
            if best.as_ref().is_none_or(|b| bound < b.0) {
                best = Some((bound, multipliers));
            }
            history.push(bound);
            if bound <= self.incumbent {
                branch = None;
                break;
            }
            branch = self.fractional(dense);
            let cuts = separate(dense, &self.block, &self.lp.x);
            if branch.is_none() {
                // Links may still be counted too high, but who hosts what is whole and keeps every row.
                self.keep_plan(dense);
            }
            let stalled = round >= rounds.stall
                && history[round - rounds.stall] - bound < history[round - rounds.stall] / 5000;
            let last = round + 1 == rounds.most || stalled;
            // A whole solution that breaks cuts is not worth what the bound says: go on until it is.
            if cuts.is_empty() || (last && branch.is_some()) {
                break;
            }
            if round % 4 == 3 {
                self.purge();
            }
            cut_again = self.add(dense, cuts);
        }
        match best {
            // Nothing is left to branch on, but cuts were added that nobody has solved with.
            Some((bound, multipliers)) => Node::Open {
                stale: cut_again && branch.is_none() && bound > self.incumbent,
                bound,
                multipliers,
                branch,
            },
            None => Node::Unknown,
        }
    }

    /// Multipliers p >= 0 from `sign` times what the solver says of its rows.
    fn multipliers(&self, duals: &[f64], sign: f64) -> Vec<(u32, i64)> {
        let mut list: Vec<(u32, i64)> = self
            .live
            .iter()
            .zip(duals)
            .map(|(n, y)| {
                let p = (sign * y / self.scale).round() as i64;
                (*n, p.min(LARGEST_MULTIPLIER - 1))
            })
            .filter(|(_, p)| *p > 0)
            .collect();
        list.sort_unstable();
        list
    }

    /// Multipliers that show that the node holds no plan: a ray, long enough.
    fn infeasible(&mut self, fixed: &[(u32, u8)]) -> Node {
        if let Some(ray) = self.lp.dual_ray() {
            let size = ray.iter().fold(0.0_f64, |m, y| m.max(y.abs()));
            for length in [1e1, 1e3, 1e5] {
                for sign in [1.0, -1.0] {
                    let p = self.multipliers(&ray, sign * length / size.max(1e-300));
                    let bound = self.prove(fixed, &p);
                    if bound <= self.incumbent {
                        return Node::Open {
                            bound,
                            multipliers: p,
                            branch: None,
                            stale: false,
                        };
                    }
                }
            }
        }
        Node::Unknown
    }

    /// The presence nearest to 1/2, else the hosting nearest to 1/2.
    fn fractional(&self, _dense: &Dense) -> Option<u32> {
        let x = &self.lp.x;
        let nearest = |wanted: fn(&Var) -> bool| {
            self.block
                .vars
                .iter()
                .enumerate()
                .filter(|(v, var)| wanted(var) && x[*v] > 1e-6 && x[*v] < 1.0 - 1e-6)
                .min_by(|a, b| (x[a.0] - 0.5).abs().total_cmp(&(x[b.0] - 0.5).abs()))
                .map(|(v, _)| v as u32)
        };
        nearest(|v| matches!(v, Var::Present(..)))
            .or_else(|| nearest(|v| matches!(v, Var::Host(..))))
    }

    fn keep_plan(&mut self, dense: &Dense) {
        let mut hosts: Hosts = vec![Vec::new(); dense.nc()];
        for (v, var) in self.block.vars.iter().enumerate() {
            if let Var::Host(c, i) = var
                && self.lp.x[v] > 0.5
            {
                hosts[*c].push(*i as u16);
            }
        }
        let value = self.value(dense, &hosts);
        self.incumbent = self.incumbent.max(value);
        self.found.push(hosts);
    }

    /// Value of a plan of the block at the prices, in 1 / FIXED.
    pub fn value(&self, dense: &Dense, hosts: &Hosts) -> i128 {
        let mut total = 0;
        let mut present = vec![false; self.block.circles.len() * dense.ni()];
        for c in &self.block.clusters {
            let q = self
                .block
                .circles
                .binary_search(&dense.circle[*c])
                .unwrap_or(0);
            for i in &hosts[*c] {
                let i = usize::from(*i);
                present[q * dense.ni() + i] = true;
                if let Some(v) = self.block.var(Var::Host(*c, i)) {
                    total += i128::from(self.gains[v as usize]);
                }
            }
        }
        for q in 0..self.block.circles.len() {
            for (i, k, w) in &dense.links {
                if present[q * dense.ni() + i] && present[q * dense.ni() + k] {
                    total += i128::from(*w) * i128::from(FIXED);
                }
            }
        }
        total
    }

    /// Did any of them enter the program?
    fn add(&mut self, dense: &Dense, cuts: Vec<Cut>) -> bool {
        let mut numbers = Vec::new();
        for cut in cuts {
            if let Some(n) = self.number.get(&cut) {
                if !self.is_live[*n as usize] {
                    numbers.push(*n);
                }
                continue;
            }
            let Some(row) = cut.row(dense, &self.block) else {
                continue;
            };
            let n = self.rows.len() as u32;
            self.rows.push(row);
            self.is_live.push(false);
            self.cuts.push(cut.clone());
            self.number.insert(cut, n);
            numbers.push(n);
        }
        self.activate(&numbers);
        !numbers.is_empty()
    }

    /// Lets go of rows that are slack, if they are many.
    fn purge(&mut self) {
        let base = self.block.rows.len();
        let slack: Vec<usize> = (0..self.live.len())
            .filter(|r| {
                let n = self.live[*r] as usize;
                n >= base && self.rows[n].rhs as f64 - self.lp.row_value[*r] > SLACK
            })
            .collect();
        if slack.len() < MANY {
            return;
        }
        self.lp.delete_rows(&slack);
        for r in slack.iter().rev() {
            self.is_live[self.live[*r] as usize] = false;
            self.live.remove(*r);
        }
    }
}
