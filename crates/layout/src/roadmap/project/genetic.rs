//! Activity lists that evolve: two-point crossover (Hartmann 1998), every child justified twice (Valls,
//! Ballestín & Quintanilla 2008, the hybrid genetic algorithm). Counted in schedules, not seconds.

use model::Seed;
use rand::{Rng, RngExt};

use super::problem::Time;
use super::serial::{Room, Serial};

#[derive(Debug, Clone)]
struct Individual {
    list: Vec<usize>,
    starts: Vec<Time>,
    /// Makespan, then the sum of finishes.
    fitness: (Time, i64),
}

/// A population between two calls of [`Population::evolve`].
#[derive(Debug)]
pub(crate) struct Population {
    serial: Serial,
    people: Vec<Individual>,
    best: Option<Individual>,
    room: Room,
    /// Generations since the best last changed.
    still: usize,
    epoch: u64,
    seed: Seed,
    /// Schedules made.
    pub schedules: u64,
}

/// Individuals that survive a generation.
const SIZE: usize = 60;
/// Generations without progress after which a new population starts.
const PATIENCE: usize = 60;
/// Probability that two neighbours of a list change places.
const MUTATION: f64 = 0.05;

impl Population {
    pub fn new(serial: Serial, seed: Seed) -> Self {
        Self {
            serial,
            people: Vec::new(),
            best: None,
            room: Room::default(),
            still: 0,
            epoch: 0,
            seed,
            schedules: 0,
        }
    }

    pub fn best(&self) -> Option<(Time, &[Time])> {
        self.best
            .as_ref()
            .map(|b| (b.fitness.0, b.starts.as_slice()))
    }

    /// A schedule found elsewhere joins the population.
    pub fn welcome(&mut self, starts: &[Time]) {
        let list = self.list_of(starts);
        if let Some(individual) = self.individual(&list) {
            self.consider(&individual);
            self.people.push(individual);
        }
    }

    /// Makes about `schedules` more, or stops at a makespan of `enough`.
    pub fn evolve(&mut self, schedules: u64, enough: Time, stop: &dyn Fn() -> bool) {
        let until = self.schedules + schedules;
        let done = |p: &Self| {
            p.schedules >= until || p.best.as_ref().is_some_and(|b| b.fitness.0 <= enough) || stop()
        };
        while !done(self) {
            self.epoch += 1;
            let mut rng = self.seed.stream("roadmap/genetic", self.epoch);
            if self.people.len() < SIZE || self.still > PATIENCE {
                if self.still > PATIENCE {
                    self.people.clear();
                    self.still = 0;
                }
                let tails = self.serial.tails();
                for _ in 0..2 * SIZE {
                    let list = sample(&self.serial, &tails, &mut rng);
                    if let Some(individual) = self.individual(&list) {
                        self.consider(&individual);
                        self.people.push(individual);
                    }
                    if done(self) {
                        break;
                    }
                }
                self.select();
                if self.people.len() < 2 {
                    return;
                }
                continue;
            }
            let before = self.best.as_ref().map(|b| b.fitness);
            for _ in 0..SIZE / 2 {
                let count = self.people.len();
                let mother = &self.people[rng.random_range(0..count)].list;
                let father = &self.people[rng.random_range(0..count)].list;
                let n = mother.len();
                let (a, b) = (rng.random_range(0..=n), rng.random_range(0..=n));
                let children = [
                    cross(mother, father, a.min(b), a.max(b)),
                    cross(father, mother, a.min(b), a.max(b)),
                ];
                for mut child in children {
                    for k in 1..n {
                        if rng.random::<f64>() < MUTATION
                            && !self.serial.after[child[k - 1]].contains(&child[k])
                        {
                            child.swap(k - 1, k);
                        }
                    }
                    if let Some(individual) = self.individual(&child) {
                        self.consider(&individual);
                        self.people.push(individual);
                    }
                }
            }
            self.select();
            let progress = self.best.as_ref().map(|b| b.fitness) != before;
            self.still = if progress { 0 } else { self.still + 1 };
        }
    }

    fn select(&mut self) {
        self.people.sort_by(|a, b| {
            a.fitness
                .cmp(&b.fitness)
                .then_with(|| a.starts.cmp(&b.starts))
        });
        self.people.dedup_by(|a, b| a.fitness == b.fitness);
        self.people.truncate(SIZE);
    }

    fn consider(&mut self, individual: &Individual) {
        if self
            .best
            .as_ref()
            .is_none_or(|b| individual.fitness < b.fitness)
        {
            self.best = Some(individual.clone());
        }
    }

    fn list_of(&self, starts: &[Time]) -> Vec<usize> {
        let mut list: Vec<usize> = (0..starts.len()).collect();
        list.sort_by_key(|j| (starts[*j], self.serial.rank[*j]));
        self.serial.sorted_by(&list)
    }

    fn individual(&mut self, list: &[usize]) -> Option<Individual> {
        let starts = self.serial.place(list, &mut self.room)?;
        let starts = self.serial.justify(starts, &mut self.room);
        self.schedules += 3;
        let finishes = starts.iter().zip(&self.serial.durations);
        let sum = finishes.map(|(s, d)| i64::from(s + d)).sum();
        Some(Individual {
            list: self.list_of(&starts),
            fitness: (self.serial.makespan(&starts), sum),
            starts,
        })
    }
}

/// `first` up to `a`, then what is missing in the order of `second` up to `b` in all, then `first` again.
fn cross(first: &[usize], second: &[usize], a: usize, b: usize) -> Vec<usize> {
    let mut taken = vec![false; first.len()];
    let mut child = Vec::with_capacity(first.len());
    for (from, until) in [(first, a), (second, b), (first, first.len())] {
        for j in from {
            if child.len() >= until {
                break;
            }
            if !taken[*j] {
                taken[*j] = true;
                child.push(*j);
            }
        }
    }
    child
}

/// Regret-based biased random sampling (Drexl 1991) on the latest start.
fn sample(serial: &Serial, tails: &[Time], rng: &mut impl Rng) -> Vec<usize> {
    let n = serial.len();
    let mut open = vec![0_usize; n];
    for next in serial.after.iter().flatten() {
        open[*next] += 1;
    }
    let mut ready: Vec<usize> = (0..n).filter(|j| open[*j] == 0).collect();
    let mut list = Vec::with_capacity(n);
    while !ready.is_empty() {
        let least = ready.iter().map(|j| tails[*j]).min().unwrap_or(0);
        let regret = |j: usize| i64::from(tails[j] - least) + 1;
        let total: i64 = ready.iter().map(|j| regret(*j).pow(2)).sum();
        let mut draw = rng.random_range(0..total);
        let mut chosen = ready.len() - 1;
        for (k, j) in ready.iter().enumerate() {
            draw -= regret(*j).pow(2);
            if draw < 0 {
                chosen = k;
                break;
            }
        }
        let j = ready.swap_remove(chosen);
        list.push(j);
        for next in &serial.after[j] {
            open[*next] -= 1;
            if open[*next] == 0 {
                ready.push(*next);
            }
        }
    }
    list
}
