//! Random layout instances, an independent checker and an exhaustive search.

use std::collections::{BTreeMap, BTreeSet};

use layout::regions::{
    Assignment, ClusterSpec, IndustrySpec, Instance, Link, RegionalCap, Resource, SolveParams,
};
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

/// Clusters of one region with one place each, industries without limits, and suitabilities `(c, i, s)` that may be off by
/// `half` either way.
pub fn small_region(
    clusters: usize,
    industries: usize,
    s: &[(usize, usize, f64)],
    half: f64,
) -> Instance {
    let mut instance = Instance::default();
    for c in 0..clusters {
        instance.clusters.push(ClusterSpec {
            cluster: cluster(c),
            region: Region("east".to_owned()),
            min: 1,
            max: 1,
        });
    }
    for i in 0..industries {
        instance.industries.push(IndustrySpec {
            industry: industry(i),
            floor: 0,
            cap: None,
            weight: 1.0,
        });
    }
    for (c, i, s) in s {
        let range = Estimate::new(*s, s - half, s + half, Basis::Judged).unwrap();
        instance
            .suitability
            .insert((cluster(*c), industry(*i)), range);
    }
    instance
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
            let low = instance.least.is_some_and(|least| {
                instance
                    .suitability
                    .get(&pair)
                    .is_some_and(|s| s.value < least)
            });
            let known = instance.suitability.contains_key(&pair);
            if !known
                || instance.vetoes.contains(&pair)
                || (low && !instance.commitments.contains(&pair))
            {
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
    for resource in &instance.resources {
        for (c, stock) in &resource.stock {
            let used: u32 = plan[c].iter().filter_map(|i| resource.need.get(i)).sum();
            if used > *stock {
                broken.push(format!("{c} uses {used} of {stock} {}", resource.name));
            }
        }
    }
    for (c, d) in &instance.next_door {
        if plan[c].iter().any(|i| plan[d].contains(i)) {
            broken.push(format!("{c} and {d} are next door"));
        }
    }
    for i in &instance.leads {
        if !plan.values().any(|hosted| hosted.contains(i)) {
            broken.push(format!("{i} has no lead site"));
        }
    }
    broken
}

/// Suitability, links once in each circle, fairness: model R, from the instance alone.
pub fn coupled_value(instance: &Instance, plan: &Assignment) -> f64 {
    let mut hosted: BTreeMap<(&Region, Option<&Region>), BTreeSet<&Industry>> = BTreeMap::new();
    let mut sums: BTreeMap<&Region, (f64, f64)> = BTreeMap::new();
    let weight = |i: &Industry| {
        let spec = instance.industries.iter().find(|s| &s.industry == i);
        spec.unwrap().weight
    };
    for spec in &instance.clusters {
        let circle = (&spec.region, instance.circles.get(&spec.cluster));
        hosted
            .entry(circle)
            .or_default()
            .extend(&plan[&spec.cluster]);
        let own: f64 = plan[&spec.cluster]
            .iter()
            .map(|i| instance.suitability[&(spec.cluster.clone(), i.clone())].value * weight(i))
            .sum();
        let sum = sums.entry(&spec.region).or_default();
        *sum = (sum.0 + own, sum.1 + 1.0);
    }
    let links: f64 = hosted
        .values()
        .flat_map(|h| {
            instance
                .links
                .iter()
                .filter(|l| h.contains(&l.from) && h.contains(&l.to))
        })
        .map(|l| l.weight)
        .sum();
    let worst = sums
        .values()
        .map(|(s, n)| s / n)
        .fold(f64::INFINITY, f64::min);
    let fair = if instance.fairness > 0.0 {
        instance.fairness * worst
    } else {
        0.0
    };
    value(instance, plan) + links + fair
}

/// Up to four clusters and industries with links, resources, circles and every other kind of rule.
pub fn random_coupled(label: &str, index: u64) -> Instance {
    let mut instance = random_instance(label, index, 4);
    let mut rng = Seed(2022).stream(label, index);
    let whole = rng.random_bool(0.5);
    for spec in &mut instance.industries {
        if whole {
            spec.weight = 1.0;
        }
    }
    for s in instance.suitability.values_mut() {
        let value = if whole {
            (s.value * 20.0).round()
        } else {
            s.value
        };
        *s = Estimate::exact(value, Basis::Judged);
    }
    let scale = if whole { 20.0 } else { 1.0 };
    let (n, m) = (instance.clusters.len(), instance.industries.len());
    for i in 0..m {
        for k in 0..m {
            if i != k && rng.random_bool(0.3) {
                let w: f64 = rng.random_range(0.0..0.6) * scale;
                instance.links.push(Link {
                    from: industry(i),
                    to: industry(k),
                    weight: if whole { w.round() } else { w },
                    range: None,
                });
            }
        }
    }
    if rng.random_bool(0.4) {
        let draw = |rng: &mut dyn rand::Rng, most: u32| (rng.next_u32() % most) + 1;
        instance.resources.push(Resource {
            name: "land".to_owned(),
            need: (0..m).map(|i| (industry(i), draw(&mut rng, 4))).collect(),
            stock: (0..n)
                .map(|c| (cluster(c), 2 + draw(&mut rng, 5)))
                .collect(),
        });
    }
    if rng.random_bool(0.3) {
        for c in 0..n {
            let name = format!("{}-{}", instance.clusters[c].region, c % 2);
            instance.circles.insert(cluster(c), Region(name));
        }
    }
    if n > 1 && rng.random_bool(0.3) {
        instance.next_door.push((cluster(0), cluster(n - 1)));
    }
    if rng.random_bool(0.2) {
        instance.leads.insert(industry(0));
    }
    if rng.random_bool(0.2) {
        instance.least = Some(0.2 * scale);
    }
    if rng.random_bool(0.2) && instance.suitability.values().all(|s| s.value >= 0.0) {
        instance.fairness = 1.5;
    }
    for c in 0..n {
        let others = (0..n).filter(|d| *d != c).map(cluster).collect();
        instance.neighbours.insert(cluster(c), others);
    }
    instance
}

/// Best value of model R by trying every plan.
pub fn exhaustive_coupled(instance: &Instance) -> Option<f64> {
    every_plan(instance)?.iter().map(|p| p.1).reduce(f64::max)
}

/// Every plan that keeps all rules, with its value.
pub fn every_plan(instance: &Instance) -> Option<Vec<(Assignment, f64)>> {
    let m = instance.industries.len();
    let mut plans: Vec<Assignment> = vec![Assignment::new()];
    for spec in &instance.clusters {
        let mut longer = Vec::new();
        for set in 0_u32..1 << m {
            let hosted: Vec<Industry> = (0..m)
                .filter(|i| set >> i & 1 == 1)
                .map(|i| instance.industries[i].industry.clone())
                .collect();
            if hosted.len() < spec.min || hosted.len() > spec.max {
                continue;
            }
            let known = hosted.iter().all(|i| {
                instance
                    .suitability
                    .contains_key(&(spec.cluster.clone(), i.clone()))
            });
            if known {
                longer.extend(plans.iter().map(|p| {
                    let mut p = p.clone();
                    p.insert(spec.cluster.clone(), hosted.clone());
                    p
                }));
            }
        }
        plans = longer;
    }
    let kept: Vec<(Assignment, f64)> = plans
        .into_iter()
        .filter(|p| violations(instance, p).is_empty())
        .map(|p| {
            let value = coupled_value(instance, &p);
            (p, value)
        })
        .collect();
    (!kept.is_empty()).then_some(kept)
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

/// A question large enough for several regions and branching.
pub fn medium(seed: u64) -> Instance {
    let mut instance = crate::layouts::large_instance(28, 14, seed);
    let mut rng = Seed(seed).stream("links", 0);
    for i in 0..14 {
        for step in [1, 3] {
            instance.links.push(Link {
                from: industry(i),
                to: industry((i + step) % 14),
                weight: 0.1 + 0.2 * rand::RngExt::random::<f64>(&mut rng),
                range: None,
            });
        }
    }
    instance
}
