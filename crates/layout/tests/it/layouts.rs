//! Random layout instances, an independent checker and an exhaustive search.

use std::collections::{BTreeMap, BTreeSet};

use layout::regions::{Assignment, ClusterSpec, IndustrySpec, Instance, RegionalCap, SolveParams};
use model::{Basis, Cluster, Estimate, Industry, Region, Seed};
use rand::RngExt;

pub fn exact() -> SolveParams {
    SolveParams {
        relative_gap: 0.0,
        ..SolveParams::default()
    }
}

pub fn cluster(c: usize) -> Cluster {
    Cluster(format!("c{c:02}"))
}

pub fn industry(i: usize) -> Industry {
    Industry::from(format!("i{i:02}"))
}

/// Up to `most` clusters and industries with every kind of rule; often feasible, not always.
pub fn random_instance(label: &str, index: u64, most: usize) -> Instance {
    let mut rng = Seed(2021).stream(label, index);
    let n = rng.random_range(1..=most);
    let m = rng.random_range(1..=most);
    let regions = rng.random_range(1..=3);
    let mut instance = Instance::default();
    for c in 0..n {
        let max = rng.random_range(1..=2);
        instance.clusters.push(ClusterSpec {
            cluster: cluster(c),
            region: Region(format!("g{}", rng.random_range(0..regions))),
            min: rng.random_range(0..=1),
            max,
        });
    }
    for i in 0..m {
        let floor = if rng.random_bool(0.2) {
            rng.random_range(1..=2)
        } else {
            0
        };
        instance.industries.push(IndustrySpec {
            industry: industry(i),
            floor,
            cap: rng.random_bool(0.5).then(|| rng.random_range(1..=3)),
            weight: if rng.random_bool(0.5) {
                1.0
            } else {
                rng.random_range(0.0..2.0)
            },
        });
    }
    for c in 0..n {
        for i in 0..m {
            let pair = (cluster(c), industry(i));
            let value: f64 = rng.random_range(-0.1..1.0);
            let spread = rng.random_range(0.0..0.2);
            if rng.random_bool(0.85) {
                let s = Estimate::new(value, value - spread, value + spread, Basis::Judged);
                instance.suitability.insert(pair.clone(), s.unwrap());
            }
            if rng.random_bool(0.08) {
                instance.vetoes.push(pair.clone());
            }
            if rng.random_bool(0.04) {
                instance.commitments.push(pair);
            }
        }
    }
    if rng.random_bool(0.6) {
        instance.regional_cap = RegionalCap {
            limit: Some(rng.random_range(1..=2)),
            by_region: BTreeMap::from([(Region("g1".to_owned()), 1)]),
        };
    }
    instance
}

/// The national layout of the size that a study has: always feasible.
pub fn large_instance(n: usize, m: usize, seed: u64) -> Instance {
    let mut rng = Seed(seed).stream("large", 0);
    let mut instance = Instance::default();
    for c in 0..n {
        instance.clusters.push(ClusterSpec {
            cluster: cluster(c),
            region: Region(format!("g{}", c % 7)),
            min: 1,
            max: 2,
        });
        let level: f64 = rng.random_range(0.2..1.0);
        for i in 0..m {
            if rng.random_bool(0.7) {
                let value = (level * (0.5 + 0.5 * rng.random::<f64>())).min(0.9);
                let s = Estimate::new(value, value * 0.7, value * 1.1, Basis::Judged).unwrap();
                instance.suitability.insert((cluster(c), industry(i)), s);
            }
        }
    }
    for i in 0..m {
        instance.industries.push(IndustrySpec {
            industry: industry(i),
            floor: 1,
            cap: Some((2 * n).div_ceil(m)),
            weight: 1.0,
        });
    }
    instance.regional_cap.limit = Some(2);
    instance
}

/// Rules that the plan breaks, read from the instance alone.
pub fn violations(instance: &Instance, plan: &Assignment) -> Vec<String> {
    let mut broken = Vec::new();
    let region: BTreeMap<_, _> = instance
        .clusters
        .iter()
        .map(|c| (&c.cluster, &c.region))
        .collect();
    if plan.len() != instance.clusters.len() {
        broken.push("a cluster is missing".to_owned());
    }
    for spec in &instance.clusters {
        let hosted = &plan[&spec.cluster];
        let distinct: BTreeSet<_> = hosted.iter().collect();
        if distinct.len() != hosted.len() || hosted.len() < spec.min || hosted.len() > spec.max {
            broken.push(format!("{} hosts {hosted:?}", spec.cluster));
        }
        for i in hosted {
            let pair = (spec.cluster.clone(), i.clone());
            if !instance.suitability.contains_key(&pair) || instance.vetoes.contains(&pair) {
                broken.push(format!("{pair:?} may not be chosen"));
            }
        }
    }
    for (c, i) in &instance.commitments {
        if !plan[c].contains(i) {
            broken.push(format!("{c} {i} is committed"));
        }
    }
    for spec in &instance.industries {
        let hosts: Vec<&Cluster> = plan
            .iter()
            .filter(|(_, hosted)| hosted.contains(&spec.industry))
            .map(|(c, _)| c)
            .collect();
        if hosts.len() < spec.floor || spec.cap.is_some_and(|cap| hosts.len() > cap) {
            broken.push(format!("{} has {} hosts", spec.industry, hosts.len()));
        }
        let mut per_region: BTreeMap<&Region, usize> = BTreeMap::new();
        for host in hosts {
            *per_region.entry(region[host]).or_default() += 1;
        }
        for (g, count) in per_region {
            let caps = &instance.regional_cap;
            let cap = caps.by_region.get(g).copied().or(caps.limit);
            if cap.is_some_and(|cap| count > cap) {
                broken.push(format!("{} is {count} times in {g}", spec.industry));
            }
        }
    }
    broken
}

pub fn value(instance: &Instance, plan: &Assignment) -> f64 {
    let weight: BTreeMap<_, _> = instance
        .industries
        .iter()
        .map(|i| (&i.industry, i.weight))
        .collect();
    plan.iter()
        .flat_map(|(c, hosted)| hosted.iter().map(move |i| (c.clone(), i.clone())))
        .map(|pair| instance.suitability[&pair].value * weight[&pair.1])
        .sum()
}

/// Best objective by trying every choice of every cluster; `None` if no choice keeps all rules. Branches
/// are cut only where an industry is over its cap, a floor is out of reach, or even the best free choice
/// of the clusters that are left cannot reach what is known.
pub fn exhaustive(instance: &Instance) -> Option<f64> {
    let pairs_ok = |c: &Cluster, i: &Industry| {
        let pair = (c.clone(), i.clone());
        instance.suitability.contains_key(&pair) && !instance.vetoes.contains(&pair)
    };
    let mut options: Vec<Vec<(Vec<usize>, f64)>> = Vec::new();
    for spec in &instance.clusters {
        let m = instance.industries.len();
        let mut own = Vec::new();
        for set in 0_u32..1 << m {
            let hosted: Vec<usize> = (0..m).filter(|i| set >> i & 1 == 1).collect();
            let fits = hosted.len() >= spec.min && hosted.len() <= spec.max;
            let allowed = hosted
                .iter()
                .all(|i| pairs_ok(&spec.cluster, &instance.industries[*i].industry));
            let committed = instance
                .commitments
                .iter()
                .filter(|(c, _)| c == &spec.cluster)
                .all(|(_, i)| {
                    hosted
                        .iter()
                        .any(|h| &instance.industries[*h].industry == i)
                });
            if fits && allowed && committed {
                let gain: f64 = hosted
                    .iter()
                    .map(|i| {
                        let spec_i = &instance.industries[*i];
                        let pair = (spec.cluster.clone(), spec_i.industry.clone());
                        instance.suitability[&pair].value * spec_i.weight
                    })
                    .sum();
                own.push((hosted, gain));
            }
        }
        own.sort_by(|a, b| b.1.total_cmp(&a.1));
        options.push(own);
    }
    if options.iter().any(Vec::is_empty) {
        return None;
    }
    let mut search = Search {
        instance,
        options,
        national: vec![0; instance.industries.len()],
        regional: BTreeMap::new(),
        best: None,
    };
    search.descend(0, 0.0);
    search.best
}

struct Search<'a> {
    instance: &'a Instance,
    options: Vec<Vec<(Vec<usize>, f64)>>,
    national: Vec<usize>,
    regional: BTreeMap<(Region, usize), usize>,
    best: Option<f64>,
}

impl Search<'_> {
    fn descend(&mut self, c: usize, so_far: f64) {
        let specs = &self.instance.industries;
        let left = self.instance.clusters.len() - c;
        if specs
            .iter()
            .zip(&self.national)
            .any(|(spec, count)| count + left < spec.floor)
        {
            return;
        }
        let reach: f64 = self.options[c..].iter().map(|own| own[0].1).sum();
        if self.best.is_some_and(|best| so_far + reach <= best) {
            return;
        }
        if left == 0 {
            self.best = Some(so_far);
            return;
        }
        let region = self.instance.clusters[c].region.clone();
        let limit = self.instance.regional_cap.of(&region).unwrap_or(usize::MAX);
        for (hosted, gain) in self.options[c].clone() {
            let fits = hosted.iter().all(|i| {
                let here = self.regional.get(&(region.clone(), *i)).copied();
                self.national[*i] < specs[*i].cap.unwrap_or(usize::MAX) && here.unwrap_or(0) < limit
            });
            if !fits {
                continue;
            }
            for i in &hosted {
                self.national[*i] += 1;
                *self.regional.entry((region.clone(), *i)).or_default() += 1;
            }
            self.descend(c + 1, so_far + gain);
            for i in &hosted {
                self.national[*i] -= 1;
                *self.regional.entry((region.clone(), *i)).or_default() -= 1;
            }
        }
    }
}
