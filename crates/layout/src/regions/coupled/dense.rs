//! The question by positions and whole numbers, as the kernels need it.
//!
//! Scores are counted in `1 / unit` and rounded *up*, so that a bound of the whole numbers is a bound of the
//! question; where all scores are whole already the unit is 1 and every bound may be rounded down.

use std::collections::{BTreeMap, BTreeSet};

use model::{Cluster, Industry, Region};

use crate::regions::instance::Instance;
use crate::regions::program::Program;

/// Scores that are not whole are counted in steps of about 2^-26 of the largest, or in larger ones where fairness
/// multiplies them so much that a gain, which is counted in 2^-20 of a step, would not fit into 64 bits.
const STEPS: f64 = (1_u64 << 26) as f64;
const LARGEST_GAIN: f64 = (1_u64 << 37) as f64;

#[derive(Debug, Clone)]
pub(crate) struct Dense {
    pub clusters: Vec<Cluster>,
    pub industries: Vec<Industry>,
    pub regions: Vec<Region>,
    /// Circle (the unit in which a link counts) and region of each cluster.
    pub circle: Vec<usize>,
    pub region: Vec<usize>,
    pub region_of_circle: Vec<usize>,
    pub clusters_of_region: Vec<Vec<usize>>,
    pub min: Vec<usize>,
    pub max: Vec<usize>,
    /// Cluster-major: `score[c * ni + i]`, likewise `open` and `fixed`.
    pub score: Vec<i64>,
    pub open: Vec<bool>,
    pub fixed: Vec<bool>,
    pub floor: Vec<usize>,
    pub cap: Vec<usize>,
    /// Largest number of hosts of one industry by region.
    pub duplicates: Vec<usize>,
    pub resources: usize,
    /// `need[i * resources + r]`, `stock[c * resources + r]`.
    pub need: Vec<i64>,
    pub stock: Vec<i64>,
    /// Undirected links i < k with the sum of their weights, sorted.
    pub links: Vec<(usize, usize, i64)>,
    pub partners: Vec<Vec<(usize, i64)>>,
    pub next_door: Vec<Vec<usize>>,
    pub unit: f64,
    /// All scores are whole numbers: an optimum is one too.
    pub whole: bool,
    /// φ, a plain factor: the mean that it multiplies is in the unit of the scores.
    pub fairness: f64,
    /// True scores, by pair, and directed links for the neighbour score.
    exact: Vec<f64>,
    directed: Vec<(usize, usize, f64)>,
    neighbours: Vec<Vec<usize>>,
}

/// Hosted industries by cluster, ascending.
pub(crate) type Hosts = Vec<Vec<u16>>;

impl Dense {
    pub fn new(instance: &Instance, program: &Program) -> Self {
        let (clusters, industries) = (program.clusters.clone(), program.industries.clone());
        let (nc, ni) = (clusters.len(), industries.len());
        let at = |c: &Cluster| clusters.binary_search(c).ok();
        let of = |i: &Industry| industries.binary_search(i).ok();
        let spec: BTreeMap<&Cluster, _> =
            instance.clusters.iter().map(|s| (&s.cluster, s)).collect();
        let regions: Vec<Region> = instance
            .clusters
            .iter()
            .map(|s| s.region.clone())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let region: Vec<usize> = clusters
            .iter()
            .map(|c| position(&regions, &spec[c].region))
            .collect();
        // A circle is known by its region too, so that a circle may bear the name of a region.
        let circle_name = |c: &Cluster| (&spec[c].region, instance.circles.get(c));
        let circles: Vec<_> = clusters
            .iter()
            .map(circle_name)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let circle: Vec<usize> = clusters
            .iter()
            .map(|c| position(&circles, &circle_name(c)))
            .collect();
        let region_of_circle = circles.iter().map(|(r, _)| position(&regions, r)).collect();
        let mut clusters_of_region = vec![Vec::new(); regions.len()];
        for c in 0..nc {
            clusters_of_region[region[c]].push(c);
        }

        let mut exact = vec![0.0; nc * ni];
        let mut open = vec![false; nc * ni];
        for (k, (c, i)) in program.pairs.iter().enumerate() {
            exact[c * ni + i] = program.gain[k];
        }
        for ((c, i), s) in &instance.suitability {
            if let (Some(c), Some(i)) = (at(c), of(i)) {
                open[c * ni + i] = instance.least.is_none_or(|least| s.value >= least);
            }
        }
        let mut fixed = vec![false; nc * ni];
        for (c, i) in &instance.vetoes {
            if let (Some(c), Some(i)) = (at(c), of(i)) {
                open[c * ni + i] = false;
            }
        }
        for (c, i) in &instance.commitments {
            if let (Some(c), Some(i)) = (at(c), of(i)) {
                open[c * ni + i] = true;
                fixed[c * ni + i] = true;
            }
        }
        let directed: Vec<(usize, usize, f64)> = instance
            .links
            .iter()
            .filter_map(|l| Some((of(&l.from)?, of(&l.to)?, l.weight)))
            .collect();
        let scores = || exact.iter().copied().chain(directed.iter().map(|l| l.2));
        let whole =
            instance.fairness == 0.0 && scores().all(|s| s.fract() == 0.0 && s.abs() < STEPS);
        let largest = scores().fold(0.0_f64, |m, s| m.max(s.abs()));
        let unit = if whole || largest == 0.0 {
            1.0
        } else {
            let steps = STEPS.min(LARGEST_GAIN / (1.0 + instance.fairness));
            (steps / largest).log2().floor().exp2()
        };
        let up = |s: f64| (s * unit).ceil() as i64;
        let score = exact.iter().map(|s| up(*s)).collect();
        let mut weights: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        for (i, j, w) in &directed {
            *weights.entry((*i.min(j), *i.max(j))).or_default() += w;
        }
        let links: Vec<_> = weights
            .into_iter()
            .filter(|(_, w)| *w > 0.0)
            .map(|((i, k), w)| (i, k, up(w)))
            .collect();
        let mut partners = vec![Vec::new(); ni];
        for (i, k, w) in &links {
            partners[*i].push((*k, *w));
            partners[*k].push((*i, *w));
        }

        let resources = instance.resources.len();
        let mut need = vec![0; ni * resources];
        let mut stock = vec![i64::from(u32::MAX) * 64; nc * resources];
        for (r, resource) in instance.resources.iter().enumerate() {
            for (i, n) in &resource.need {
                if let Some(i) = of(i) {
                    need[i * resources + r] = i64::from(*n);
                }
            }
            for (c, n) in &resource.stock {
                if let Some(c) = at(c) {
                    stock[c * resources + r] = i64::from(*n);
                }
            }
        }
        for c in 0..nc {
            for i in 0..ni {
                let fits =
                    (0..resources).all(|r| need[i * resources + r] <= stock[c * resources + r]);
                open[c * ni + i] &= fits || fixed[c * ni + i];
            }
        }
        let mut next_door = vec![Vec::new(); nc];
        for (c, d) in &instance.next_door {
            if let (Some(c), Some(d)) = (at(c), at(d)) {
                next_door[c].push(d);
                next_door[d].push(c);
            }
        }
        for list in &mut next_door {
            list.sort_unstable();
            list.dedup();
        }
        let mut floor = vec![0; ni];
        let mut cap = vec![nc; ni];
        for s in &instance.industries {
            if let Some(i) = of(&s.industry) {
                floor[i] = s
                    .floor
                    .max(usize::from(instance.leads.contains(&s.industry)));
                cap[i] = s.cap.unwrap_or(nc).min(nc);
            }
        }
        let neighbours = clusters
            .iter()
            .map(|c| {
                let list = instance.neighbours.get(c);
                list.into_iter().flatten().filter_map(at).collect()
            })
            .collect();
        Self {
            min: clusters.iter().map(|c| spec[c].min).collect(),
            max: clusters.iter().map(|c| spec[c].max.min(ni)).collect(),
            duplicates: regions
                .iter()
                .map(|r| instance.regional_cap.of(r).unwrap_or(nc).min(nc))
                .collect(),
            fairness: instance.fairness,
            clusters,
            industries,
            regions,
            circle,
            region,
            region_of_circle,
            clusters_of_region,
            score,
            open,
            fixed,
            floor,
            cap,
            resources,
            need,
            stock,
            links,
            partners,
            next_door,
            unit,
            whole,
            exact,
            directed,
            neighbours,
        }
    }

    pub fn nc(&self) -> usize {
        self.clusters.len()
    }

    pub fn ni(&self) -> usize {
        self.industries.len()
    }

    /// Industries that cluster `c` may host.
    pub fn candidates(&self, c: usize) -> Vec<u16> {
        let ni = self.ni();
        (0..ni)
            .filter(|i| self.open[c * ni + i])
            .map(|i| i as u16)
            .collect()
    }

    /// May `i` and `k` stand together in `c`, as far as resources go?
    pub fn compatible(&self, c: usize, i: usize, k: usize) -> bool {
        let n = self.resources;
        (0..n).all(|r| self.need[i * n + r] + self.need[k * n + r] <= self.stock[c * n + r])
    }

    /// Value in `1 / unit` of the plan of some clusters: suitability and links, without fairness.
    pub fn value(&self, clusters: impl Iterator<Item = usize>, hosts: &Hosts) -> i64 {
        let mut present: BTreeSet<(usize, usize)> = BTreeSet::new();
        let mut total = 0;
        for c in clusters {
            for i in &hosts[c] {
                let i = usize::from(*i);
                total += self.score[c * self.ni() + i];
                present.insert((self.circle[c], i));
            }
        }
        for (q, i) in &present {
            for (k, w) in &self.partners[*i] {
                if k > i && present.contains(&(*q, *k)) {
                    total += w;
                }
            }
        }
        total
    }

    /// The region that fares worst, times φ, in `1 / unit`.
    pub fn fairness_value(&self, hosts: &Hosts) -> f64 {
        if self.fairness == 0.0 {
            return 0.0;
        }
        let mut by_region = vec![0; self.regions.len()];
        for (c, list) in hosts.iter().enumerate() {
            for i in list {
                by_region[self.region[c]] += self.score[c * self.ni() + usize::from(*i)];
            }
        }
        let by_region: Vec<f64> = by_region.into_iter().map(|sum: i64| sum as f64).collect();
        self.fairness_of(&by_region)
    }

    /// Objective in the unit of the question: suitability, links once per circle, fairness.
    pub fn objective(&self, hosts: &Hosts) -> f64 {
        let ni = self.ni();
        let mut by_region = vec![0.0; self.regions.len()];
        let mut present: BTreeSet<(usize, usize)> = BTreeSet::new();
        for (c, list) in hosts.iter().enumerate() {
            for i in list {
                by_region[self.region[c]] += self.exact[c * ni + usize::from(*i)];
                present.insert((self.circle[c], usize::from(*i)));
            }
        }
        let circles = self.region_of_circle.len();
        let links: f64 = (0..circles)
            .flat_map(|q| self.directed.iter().map(move |l| (q, l)))
            .filter(|(q, (i, k, _))| present.contains(&(*q, *i)) && present.contains(&(*q, *k)))
            .map(|(_, l)| l.2)
            .sum();
        let base: f64 = by_region.iter().sum();
        base + links + self.fairness_of(&by_region)
    }

    /// The mean per cluster of the region that fares worst, times φ, of sums of suitability by region.
    pub fn fairness_of(&self, by_region: &[f64]) -> f64 {
        if self.fairness == 0.0 {
            return 0.0;
        }
        let means = by_region.iter().zip(&self.clusters_of_region);
        self.fairness
            * means
                .map(|(sum, members)| sum / members.len() as f64)
                .fold(f64::INFINITY, f64::min)
    }

    /// Directed links, and the neighbours of each cluster, as the neighbour score counts them.
    #[allow(
        clippy::type_complexity,
        reason = "links, and the neighbours of each cluster"
    )]
    pub fn neighbour_links(&self) -> (&[(usize, usize, f64)], &[Vec<usize>]) {
        (&self.directed, &self.neighbours)
    }

    /// Suitability of a pair in the unit of the question.
    pub fn true_score(&self, c: usize, i: usize) -> f64 {
        self.exact[c * self.ni() + i]
    }

    /// Sum of suitabilities alone, in the unit of the question.
    pub fn suitability(&self, hosts: &Hosts) -> f64 {
        let ni = self.ni();
        let pairs = hosts.iter().enumerate();
        pairs
            .flat_map(|(c, list)| {
                list.iter()
                    .map(move |i| self.exact[c * ni + usize::from(*i)])
            })
            .sum()
    }

    /// Neighbour score N: suitability, and a link for each cluster that hosts `from` and has `to` at home or
    /// in one of its neighbours.
    pub fn neighbour_score(&self, hosts: &Hosts) -> f64 {
        let ni = self.ni();
        let mut has = vec![false; self.nc() * ni];
        let mut total = 0.0;
        for (c, list) in hosts.iter().enumerate() {
            for i in list {
                has[c * ni + usize::from(*i)] = true;
                total += self.exact[c * ni + usize::from(*i)];
            }
        }
        for c in 0..self.nc() {
            for (i, j, w) in &self.directed {
                let near = |d: &usize| has[d * ni + j];
                if has[c * ni + i] && (near(&c) || self.neighbours[c].iter().any(near)) {
                    total += w;
                }
            }
        }
        total
    }

    /// Does the plan keep every rule? Written apart from the search, which only takes feasible steps.
    pub fn keeps_rules(&self, hosts: &Hosts) -> bool {
        let (ni, nr) = (self.ni(), self.resources);
        let mut count = vec![0; ni];
        let mut in_region = vec![0; self.regions.len() * ni];
        for (c, list) in hosts.iter().enumerate() {
            if list.len() < self.min[c] || list.len() > self.max[c] {
                return false;
            }
            for r in 0..nr {
                let used: i64 = list
                    .iter()
                    .map(|i| self.need[usize::from(*i) * nr + r])
                    .sum();
                if used > self.stock[c * nr + r] {
                    return false;
                }
            }
            for (p, i) in list.iter().enumerate() {
                let i = usize::from(*i);
                let twice = list[..p].contains(&list[p]);
                let beside = self.next_door[c]
                    .iter()
                    .any(|d| hosts[*d].contains(&list[p]));
                if twice || beside || !self.open[c * ni + i] {
                    return false;
                }
                count[i] += 1;
                in_region[self.region[c] * ni + i] += 1;
            }
        }
        let commitments = (0..self.nc() * ni)
            .filter(|k| self.fixed[*k])
            .all(|k| hosts[k / ni].contains(&((k % ni) as u16)));
        let national = (0..ni).all(|i| self.floor[i] <= count[i] && count[i] <= self.cap[i]);
        let regional = in_region
            .iter()
            .enumerate()
            .all(|(k, n)| *n <= self.duplicates[k / ni]);
        commitments && national && regional
    }
}

fn position<T: Ord>(sorted: &[T], item: &T) -> usize {
    sorted
        .binary_search(item)
        .expect("invariant: every name was collected from the instance")
}
