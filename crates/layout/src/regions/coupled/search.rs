//! The schedule: plan, prices, bound, plan again; counted in work, so that the answer does not depend on the
//! machine or on threads.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use model::{Cluster, Industry, Message, Seed};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::anneal::{Cooling, Field, Scope};
use super::answers::{Answers, Wishes, answers};
use super::block::FIXED;
use super::branch::{Leaf, Tree};
use super::certificate::{Certificate, total_bound};
use super::columns::{Master, Pool, combine};
use super::dense::{Dense, Hosts};
use super::prices::{Centre, PriceParams, in_units, level, rng, search};
use crate::regions::conflict::minimal_conflict;
use crate::regions::instance::Instance;
use crate::regions::solve::{
    Assignment, Found, Infeasible, SolveParams, Unsolved, optimum, valid_program,
};

/// How much work a certified layout may take. All limits but the last are counts: the same everywhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CertifyParams {
    pub seed: Seed,
    /// Steps of each of two national annealings at the start and two at the end.
    pub national_steps: u64,
    /// Rounds of pricing.
    pub price_rounds: usize,
    /// Steps of each annealing of a region.
    pub region_steps: u64,
    /// Work of branch and bound over all regions: simplex iterations times rows, in millions.
    pub bound_work: f64,
    /// The search ends when (bound - objective) / |objective| is at most this.
    pub relative_gap: f64,
    /// Emergency stop only: an answer that ends here may differ from machine to machine, and says so.
    pub time_limit_seconds: Option<f64>,
}

impl Default for CertifyParams {
    fn default() -> Self {
        Self {
            seed: Seed(1),
            national_steps: 2_000_000,
            price_rounds: 30,
            region_steps: 50_000,
            bound_work: 2_000.0,
            relative_gap: 1e-6,
            time_limit_seconds: None,
        }
    }
}

impl CertifyParams {
    /// A schedule for about `seconds` on two cores: a quarter of the time for prices, somewhat more than half
    /// for the bound, little for national annealing, the rest in reserve. The emergency stop is there too.
    pub fn within(seconds: f64, instance: &Instance) -> Self {
        let regions = instance.regions();
        let count = regions
            .values()
            .collect::<std::collections::BTreeSet<_>>()
            .len()
            .max(1);
        let steps = seconds * STEPS_PER_SECOND;
        let rounds = 40;
        let region_steps = (0.24 * steps / (rounds * count * 2) as f64) as u64;
        Self {
            national_steps: ((0.01 * steps) as u64).clamp(20_000, 20_000_000),
            price_rounds: rounds,
            region_steps: region_steps.clamp(2_000, 2_000_000),
            bound_work: 0.55 * seconds * WORK_PER_SECOND,
            time_limit_seconds: Some(seconds),
            ..Self::default()
        }
    }
}

/// Annealing steps, and work of branch and bound, per second of two cores.
const STEPS_PER_SECOND: f64 = 20e6;
const WORK_PER_SECOND: f64 = 30.0;

/// Shares of the work of the bound after which the prices are looked at again.
const STAGES: [f64; 3] = [0.3, 0.6, 1.0];

/// Work that a region may do before the regions are compared again.
const QUANTUM: f64 = 5.0;

/// Regions that are worked on between two comparisons, whatever the number of threads.
const AT_ONCE: usize = 4;

/// How the search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// The gap asked for was reached.
    Proved,
    /// The work allowed was done.
    Work,
    /// The emergency stop on time: the answer may differ from machine to machine.
    Time,
}

/// A layout with the bound that shows how far from the best it can be.
#[derive(Debug, Clone, PartialEq)]
pub struct Certified {
    pub assignment: Assignment,
    pub objective: f64,
    /// No plan that keeps the rules is worth more.
    pub bound: f64,
    pub gap: f64,
    /// Suitability plus every link of a cluster whose supplier or user is at home or next door.
    pub neighbour_score: f64,
    /// The best suited host of each industry that needs a lead.
    pub leads: BTreeMap<Industry, Cluster>,
    pub ended: Ended,
    pub nodes: usize,
    pub certificate: Certificate,
}

struct Clock {
    end: Option<Instant>,
}

impl Clock {
    fn over(&self) -> bool {
        self.end.is_some_and(|end| Instant::now() >= end)
    }
}

/// The best plan found with a proved bound, or the minimal set of rules that conflict.
pub fn certified(instance: &Instance, params: &CertifyParams) -> Result<Certified, Unsolved> {
    certified_with(instance, params, &Wishes::default()).map(|(found, _)| found)
}

/// As [`certified`], with reasons and alternatives; they take work beyond the schedule.
pub fn certified_with(
    instance: &Instance,
    params: &CertifyParams,
    wishes: &Wishes,
) -> Result<(Certified, Answers), Unsolved> {
    certified_telling(instance, params, wishes, &mut |_| true)
}

/// As [`certified_with`], giving the plan as soon as it stands: the work for the wishes may be long. They are left where
/// `tell` says no.
pub fn certified_telling(
    instance: &Instance,
    params: &CertifyParams,
    wishes: &Wishes,
    tell: &mut dyn FnMut(&Certified) -> bool,
) -> Result<(Certified, Answers), Unsolved> {
    let clock = Clock {
        end: params
            .time_limit_seconds
            .map(|s| Instant::now() + Duration::from_secs_f64(s.clamp(0.0, 1e9))),
    };
    let solve = SolveParams {
        relative_gap: 1e-6,
        ..SolveParams::default()
    };
    if params
        .time_limit_seconds
        .is_some_and(|s| s.is_nan() || s <= 0.0)
    {
        return Err(Unsolved::Invalid(vec![Message::new(
            "regions.invalid.seconds",
        )]));
    }
    let program = valid_program(instance, &solve)?;
    let chosen = match optimum(&program, &program.tie, &[], |_| true, &solve) {
        Found::Optimum(found) => found.chosen,
        Found::Infeasible => {
            return Err(Unsolved::Infeasible(Infeasible {
                conflict: minimal_conflict(&program, &[], &solve),
            }));
        }
        Found::Stopped => return Err(Unsolved::stopped()),
    };
    let dense = Dense::new(instance, &program);
    let mut start: Hosts = vec![Vec::new(); dense.nc()];
    for k in chosen {
        let (c, i) = program.pairs[k];
        start[c].push(i as u16);
    }
    let mut search = Search::new(&dense, params, clock, start);
    search.plan();
    search.price(0);
    search.combine();
    search.polish(1);
    search.bound();
    search.combine();
    let plan = search.answer(instance);
    let answers = if tell(&plan) {
        answers(&mut search, wishes)
    } else {
        Answers::default()
    };
    Ok((plan, answers))
}

/// What stands proved at some prices.
struct Proof {
    centre: Centre,
    bound: i128,
    leaves: Vec<Vec<Leaf>>,
}

pub(super) struct Search<'a> {
    pub(super) dense: &'a Dense,
    pub(super) params: &'a CertifyParams,
    clock: Clock,
    pub(super) plan: Hosts,
    value: f64,
    pub(super) pool: Pool,
    pub(super) centre: Centre,
    pub(super) trees: Vec<Tree>,
    out_of_time: bool,
}

impl<'a> Search<'a> {
    fn new(dense: &'a Dense, params: &'a CertifyParams, clock: Clock, start: Hosts) -> Self {
        let (ni, ng) = (dense.ni(), dense.regions.len());
        let equal = dense.fairness / ng as f64;
        let mut search = Self {
            value: f64::NEG_INFINITY,
            plan: start.clone(),
            pool: Pool::new(dense),
            centre: Centre::new(dense, vec![0.0; ni], vec![equal; ng]),
            trees: Vec::new(),
            out_of_time: false,
            dense,
            params,
            clock,
        };
        search.offer(start);
        search
    }

    /// A feasible plan joins the pool by its pieces, and is the plan if it is the best.
    fn offer(&mut self, hosts: Hosts) {
        if !self.dense.keeps_rules(&hosts) {
            return;
        }
        self.pool.add_all(self.dense, &hosts);
        let value =
            self.dense.value(0..self.dense.nc(), &hosts) as f64 + self.dense.fairness_value(&hosts);
        if value > self.value {
            self.value = value;
            self.plan = hosts;
        }
    }

    fn over(&mut self) -> bool {
        self.out_of_time |= self.clock.over();
        self.out_of_time
    }

    fn national(&self, from: &[f64], steps: u64, label: &str) -> Vec<Hosts> {
        let dense = self.dense;
        let field = Field::new(dense, (0..dense.nc()).collect(), Scope::Nation, |c, i| {
            dense.score[c * dense.ni() + i] as f64
        });
        let (plan, seed) = (&self.plan, self.params.seed);
        from.par_iter()
            .enumerate()
            .map(|(n, from)| {
                let cooling = Cooling {
                    steps,
                    from: *from,
                    to: 0.002,
                };
                field
                    .anneal(plan, cooling, &mut rng(seed, label, n as u64))
                    .1
            })
            .collect()
    }

    fn plan(&mut self) {
        for hosts in self.national(&[0.2, 0.2], self.params.national_steps, "regions/national") {
            self.offer(hosts);
        }
    }

    fn polish(&mut self, time: usize) {
        if self.over() {
            return;
        }
        let label = format!("regions/polish/{time}");
        for hosts in self.national(&[0.03, 0.08], self.params.national_steps / 2, &label) {
            self.offer(hosts);
        }
    }

    /// Again, near the last prices: fewer rounds of more steps in a smaller box.
    fn price(&mut self, time: u64) {
        let mut master = Master::new(self.dense);
        let again = time > 0;
        let params = PriceParams {
            rounds: if again {
                self.params.price_rounds / 2
            } else {
                self.params.price_rounds
            },
            steps: self.params.region_steps,
            width: if again { 0.05 } else { 0.2 },
            time,
        };
        let clock = &self.clock;
        search(
            self.dense,
            &mut self.pool,
            &mut master,
            &mut self.centre,
            &self.plan,
            params,
            self.params.seed,
            &|| clock.over(),
        );
    }

    /// The best national plan out of the pool.
    fn combine(&mut self) {
        if self.over() {
            return;
        }
        let dense = self.dense;
        let prices = &self.centre.prices;
        // A column that loses more than the whole distance to the level cannot be in a better plan.
        let distance = level(dense, &self.pool, prices) - (self.value * FIXED as f64) as i128;
        let columns = self.pool.near_best(dense, prices, distance.max(0), 150);
        let value = |g: usize, c: &super::columns::Column| {
            let fair = in_units(c.priced(dense, g, prices));
            if dense.fairness > 0.0 {
                fair
            } else {
                c.value as f64
            }
        };
        let solve = SolveParams {
            relative_gap: 1e-6,
            node_limit: Some(500),
            time_limit_seconds: None,
        };
        if let Some(hosts) = combine(dense, &columns, value, &[], &solve) {
            self.offer(hosts);
        }
    }

    /// Bound; between stages prices once more, where what branching found shows them wrong. The best proof counts.
    fn bound(&mut self) {
        self.trees = self.rooted();
        let stages: &[f64] = if self.dense.regions.len() > 1 {
            &STAGES
        } else {
            &[1.0]
        };
        let mut best: Option<Proof> = None;
        for (stage, share) in (1..).zip(stages) {
            self.branch(share * self.params.bound_work);
            if self.proved() || self.over() || stage == stages.len() {
                break;
            }
            self.price_again(stage as u64, &mut best);
        }
        if let Some(best) = best
            && best.bound < self.fixed_bound()
        {
            self.restore(best);
        }
    }

    /// New prices, if they lower the level by a fair part of what is open; the trees keep their leaves.
    fn price_again(&mut self, time: u64, best: &mut Option<Proof>) {
        let dense = self.dense;
        let bound = self.fixed_bound();
        let value = (self.value * FIXED as f64) as i128;
        let before = level(dense, &self.pool, &self.centre.prices);
        // The distance from plan to level can only be closed by prices, that from level to bound by branching.
        if (before - value) * 8 <= bound - value {
            return;
        }
        let old = self.centre.clone();
        self.price(time);
        let after = level(dense, &self.pool, &self.centre.prices);
        if (before - after) * 20 <= bound - value {
            self.centre = old;
            return;
        }
        if best.as_ref().is_none_or(|b| bound < b.bound) {
            *best = Some(Proof {
                centre: old,
                bound,
                leaves: self.trees.iter().map(|t| t.leaves.clone()).collect(),
            });
        }
        self.reprice();
    }

    fn reprice(&mut self) {
        let (dense, pool, prices) = (self.dense, &self.pool, &self.centre.prices);
        self.trees.par_iter_mut().enumerate().for_each(|(g, tree)| {
            let known = pool.best(dense, g, prices).map_or(0, |b| b.0);
            tree.reprice(dense, prices, known);
        });
    }

    fn restore(&mut self, proof: Proof) {
        self.centre = proof.centre;
        self.reprice();
        for (tree, leaves) in self.trees.iter_mut().zip(proof.leaves) {
            tree.leaves = leaves;
        }
    }

    /// A tree for every region, its root solved.
    fn rooted(&self) -> Vec<Tree> {
        let (dense, pool) = (self.dense, &self.pool);
        let prices = &self.centre.prices;
        (0..dense.regions.len())
            .into_par_iter()
            .map(|g| {
                let known = pool.best(dense, g, prices).map_or(0, |b| b.0);
                let mut tree = Tree::new(dense, g, prices, known);
                tree.root(dense);
                tree
            })
            .collect()
    }

    /// Branches where a unit of work promises most, until the work of all trees is `until`.
    fn branch(&mut self, until: f64) {
        let dense = self.dense;
        while !self.proved() && !self.over() {
            let spent: f64 = self.trees.iter().map(|t| t.work).sum();
            let mut order: Vec<usize> = (0..self.trees.len())
                .filter(|g| self.trees[*g].gap() > 0)
                .collect();
            if spent >= until || order.is_empty() {
                break;
            }
            order.sort_by(|a, b| {
                let promise = |g: usize| self.trees[g].promise();
                promise(*b).total_cmp(&promise(*a)).then(a.cmp(b))
            });
            order.truncate(AT_ONCE);
            self.trees
                .par_iter_mut()
                .enumerate()
                .filter(|(g, _)| order.contains(g))
                .for_each(|(_, tree)| tree.advance(dense, QUANTUM));
        }
        for (g, tree) in self.trees.iter_mut().enumerate() {
            for hosts in tree.found.drain(..) {
                self.pool.add(dense, g, &hosts);
            }
        }
    }

    pub(super) fn fixed_bound(&self) -> i128 {
        let regions: i128 = self.trees.iter().map(Tree::bound).sum();
        self.centre.prices.national_term(self.dense) + regions
    }

    fn proved(&self) -> bool {
        let bound = total_bound(self.dense, self.fixed_bound()) * self.dense.unit;
        bound - self.value <= self.params.relative_gap * self.value.abs()
    }

    fn answer(&self, instance: &Instance) -> Certified {
        let dense = self.dense;
        let objective = dense.objective(&self.plan);
        let bound = total_bound(dense, self.fixed_bound()).max(objective);
        let ended = if self.proved() {
            Ended::Proved
        } else if self.out_of_time {
            Ended::Time
        } else {
            Ended::Work
        };
        let assignment = assignment(dense, &self.plan);
        let certificate = Certificate::new(
            &self.centre.prices,
            &self.trees,
            assignment.clone(),
            objective,
            bound,
        );
        Certified {
            neighbour_score: dense.neighbour_score(&self.plan),
            leads: leads(instance, &assignment),
            gap: (bound - objective) / objective.abs().max(f64::MIN_POSITIVE),
            nodes: self.trees.iter().map(|t| t.nodes).sum(),
            assignment,
            objective,
            bound,
            ended,
            certificate,
        }
    }
}

pub(crate) fn assignment(dense: &Dense, hosts: &Hosts) -> Assignment {
    dense
        .clusters
        .iter()
        .zip(hosts)
        .map(|(cluster, list)| {
            let mut list = list.clone();
            list.sort_unstable();
            let hosted = list
                .iter()
                .map(|i| dense.industries[usize::from(*i)].clone());
            (cluster.clone(), hosted.collect())
        })
        .collect()
}

/// The host that suits an industry best, of those that need a lead; the first of equals.
fn leads(instance: &Instance, plan: &Assignment) -> BTreeMap<Industry, Cluster> {
    let mut leads = BTreeMap::new();
    for industry in &instance.leads {
        let mut best: Option<(f64, &Cluster)> = None;
        for (cluster, _) in plan.iter().filter(|(_, list)| list.contains(industry)) {
            let key = (cluster.clone(), industry.clone());
            let s = instance.suitability.get(&key).map_or(f64::MIN, |s| s.value);
            if best.is_none_or(|b| s > b.0) {
                best = Some((s, cluster));
            }
        }
        if let Some((_, cluster)) = best {
            leads.insert(industry.clone(), cluster.clone());
        }
    }
    leads
}
