//! Synthetic worlds whose best layout is known before anything is solved.
//!
//! A layout is planted, prices are drawn for its rules, and suitability is computed *from* them, so that plan and prices
//! are a primal and a dual solution of one linear program that holds every layout (complementary slackness). With
//! multipliers μ of a cluster's places, λ of an industry's national rules, ρ of its regional cap, σ of presence needing a
//! host, τ of presence being at most 1, and α of a link needing both its ends:
//!
//! ```text
//! planted      s_ci = μ_c + λ_i + ρ_gi - σ_gi
//! any other    s_ci = that - slack, slack >= MARGIN
//! links        α_ge,i + α_ge,j >= w_e         σ_gi + τ_gi >= Σ_e α_ge,i
//! value        Σ μ max + Σ λ+ cap - Σ λ- floor + Σ ρ cap_g + Σ τ      equals the planted layout's value
//! ```
//!
//! Every layout is worth at most that value, and one that holds any other pair at least MARGIN less. A price is above 0 only
//! where the planted layout meets its rule exactly; then a place that stays empty costs too, so the best layout is unique.
//! The fields are planted as well: the chosen ones beat every decoy under all weights that are allowed.

use std::collections::{BTreeMap, BTreeSet};

use layout::regions::{
    Assignment, CertifyParams, ClusterSpec, IndustrySpec, Instance, Link, RegionalCap, certified,
    uncoordinated,
};
use layout::select::{Performance, SelectParams, Separation, WeightRange, select};
use model::{Basis, Cluster, Criterion, Estimate, Industry, Region, Seed};
use rand::{Rng, RngExt};

/// What a pair outside of the planted layout falls short by, at least.
pub const MARGIN: f64 = 0.03;

/// Hosts of one industry in a region, at most.
const DUPLICATES: usize = 2;

#[derive(Debug, Clone, Copy)]
pub struct Shape {
    pub clusters: usize,
    pub regions: usize,
    /// Fields worth choosing, and those that are not.
    pub chosen: usize,
    pub decoys: usize,
    pub links: usize,
}

/// The dual side of the planting, by cluster, industry, region and link.
#[derive(Debug, Clone)]
pub struct Prices {
    pub place: Vec<f64>,
    pub industry: Vec<f64>,
    pub region: Vec<Vec<f64>>,
    pub host: Vec<Vec<f64>>,
    pub presence: Vec<Vec<f64>>,
    /// `[region][link]`: the share of either end.
    pub ends: Vec<Vec<[f64; 2]>>,
}

#[derive(Debug, Clone)]
pub struct World {
    pub performance: Performance,
    pub select: SelectParams,
    /// Every field; links among the chosen.
    pub instance: Instance,
    pub chosen: Vec<Industry>,
    pub planted: Assignment,
    pub prices: Prices,
    /// Region and industry positions are those of the instance.
    pub regions: Vec<usize>,
}

pub fn world(shape: Shape, seed: Seed) -> World {
    let mut rng = seed.stream("worlds", 0);
    let Shape {
        clusters: n,
        regions: g,
        chosen: m,
        ..
    } = shape;
    let regions: Vec<usize> = (0..n).map(|c| c % g).collect();
    let hosted = planted(shape, &regions, &mut rng);
    let mut count = vec![0; m];
    let mut in_region = vec![vec![0; m]; g];
    for (c, list) in hosted.iter().enumerate() {
        for i in list {
            count[*i] += 1;
            in_region[regions[c]][*i] += 1;
        }
    }
    let mut links: Vec<(usize, usize, f64)> = Vec::new();
    while links.len() < shape.links {
        let (from, to) = (rng.random_range(0..m), rng.random_range(0..m));
        if from != to && links.iter().all(|l| (l.0, l.1) != (from, to)) {
            links.push((from, to, between(&mut rng, 0.04, 0.12)));
        }
    }

    let mut rules: Vec<IndustrySpec> = Vec::new();
    let mut of_industry = Vec::new();
    for i in 0..m {
        // In turn: a cap that binds, a floor that binds, neither.
        let (floor, cap, price) = match i % 3 {
            0 => (0, Some(count[i]), between(&mut rng, 0.02, 0.2)),
            1 => (count[i], None, -between(&mut rng, 0.02, 0.15)),
            _ => (0, Some(count[i] + 2), 0.0),
        };
        of_industry.push(price);
        rules.push(IndustrySpec {
            industry: field(i),
            floor,
            cap,
            weight: 1.0,
        });
    }
    let place: Vec<f64> = (0..n).map(|_| between(&mut rng, 0.3, 0.7)).collect();
    let region = in_region.iter().map(|counts| {
        let price = |k: &usize| (*k == DUPLICATES).then_some(());
        counts
            .iter()
            .map(|k| price(k).map_or(0.0, |()| between(&mut rng, 0.0, 0.1)))
            .collect::<Vec<f64>>()
    });
    let region: Vec<Vec<f64>> = region.collect();
    let ends: Vec<Vec<[f64; 2]>> = in_region
        .iter()
        .map(|counts| {
            let part = |(i, j, w): &(usize, usize, f64), u: f64| match (counts[*i], counts[*j]) {
                (0, 0) => [u * w, (1.0 - u) * w],
                (0, _) => [*w, 0.0],
                (_, 0) => [0.0, *w],
                _ => [u * w, (1.0 - u) * w],
            };
            links.iter().map(|l| part(l, rng.random())).collect()
        })
        .collect();
    let mut host = vec![vec![0.0; m]; g];
    let mut presence = vec![vec![0.0; m]; g];
    for q in 0..g {
        for i in 0..m {
            let due: f64 = links
                .iter()
                .zip(&ends[q])
                .map(|((from, to, _), a)| {
                    if *from == i {
                        a[0]
                    } else if *to == i {
                        a[1]
                    } else {
                        0.0
                    }
                })
                .sum();
            host[q][i] = match in_region[q][i] {
                0 => due,
                // Suitability stays above 0.
                1 => (due * between(&mut rng, 0.5, 1.0)).min(0.12),
                _ => 0.0,
            };
            presence[q][i] = due - host[q][i];
        }
    }

    let mut instance = Instance {
        regional_cap: RegionalCap {
            limit: Some(DUPLICATES),
            by_region: BTreeMap::new(),
        },
        links: links
            .iter()
            .map(|(i, j, w)| Link {
                from: field(*i),
                to: field(*j),
                weight: *w,
                range: None,
            })
            .collect(),
        ..Instance::default()
    };
    for c in 0..n {
        let q = regions[c];
        instance.clusters.push(ClusterSpec {
            cluster: city(c),
            region: Region(format!("g{q:02}")),
            min: 1,
            max: hosted[c].len(),
        });
        for i in 0..m {
            let level = place[c] + of_industry[i] + region[q][i] - host[q][i];
            let s = if hosted[c].contains(&i) {
                level
            } else {
                level - MARGIN - rng.random::<f64>() * 0.6 * (level - MARGIN).max(0.0)
            };
            // Below 0 there is no evidence for the pair.
            if s >= 0.0 || hosted[c].contains(&i) {
                let s = Estimate::exact(s, Basis::Judged);
                instance.suitability.insert((city(c), field(i)), s);
            }
        }
        // Decoys suit clusters as well as anything.
        for i in m..m + shape.decoys {
            let s = Estimate::exact(rng.random::<f64>(), Basis::Judged);
            instance.suitability.insert((city(c), field(i)), s);
        }
    }
    rules.extend((m..m + shape.decoys).map(|i| IndustrySpec {
        industry: field(i),
        floor: 0,
        cap: Some(3),
        weight: 1.0,
    }));
    instance.industries = rules;
    World {
        performance: performance(shape, &mut rng),
        select: SelectParams {
            top: m,
            draws: 500,
            weights: CRITERIA
                .map(|c| WeightRange {
                    criterion: Criterion::from(c),
                    low: LEAST,
                    high: MOST,
                })
                .to_vec(),
            ..SelectParams::default()
        },
        instance,
        chosen: (0..m).map(field).collect(),
        planted: hosted
            .iter()
            .enumerate()
            .map(|(c, list)| (city(c), list.iter().map(|i| field(*i)).collect()))
            .collect(),
        prices: Prices {
            place,
            industry: of_industry,
            region,
            host,
            presence,
            ends,
        },
        regions,
    }
}

impl World {
    /// Suitability and links of a layout, of the chosen fields alone: a decoy is worth nothing.
    pub fn value(&self, plan: &Assignment) -> f64 {
        let mut present: BTreeMap<&Region, BTreeSet<&Industry>> = BTreeMap::new();
        let mut sum = 0.0;
        for spec in &self.instance.clusters {
            for i in plan.get(&spec.cluster).into_iter().flatten() {
                if self.chosen.contains(i) {
                    sum += self.instance.suitability[&(spec.cluster.clone(), i.clone())].value;
                    present.entry(&spec.region).or_default().insert(i);
                }
            }
        }
        let both =
            |l: &&Link, here: &BTreeSet<&Industry>| here.contains(&l.from) && here.contains(&l.to);
        let links = present.values().map(|here| {
            let hosted = self.instance.links.iter().filter(|l| both(l, here));
            hosted.map(|l| l.weight).sum::<f64>()
        });
        sum + links.sum::<f64>()
    }

    /// What the prices say that no layout of the chosen fields exceeds.
    pub fn dual(&self) -> f64 {
        let p = &self.prices;
        let places: f64 = (p.place.iter().zip(&self.instance.clusters))
            .map(|(price, spec)| price * spec.max as f64)
            .sum();
        let national: f64 = (p.industry.iter().zip(&self.instance.industries))
            .map(|(price, spec)| match (*price > 0.0, spec.cap) {
                (true, Some(cap)) => price * cap as f64,
                _ => price * spec.floor as f64,
            })
            .sum();
        let regional: f64 = p.region.iter().flatten().sum();
        let presence: f64 = p.presence.iter().flatten().sum();
        places + national + regional * DUPLICATES as f64 + presence
    }

    /// The question of the chosen fields alone.
    pub fn question(&self) -> Instance {
        let all = self.chosen.iter().map(|i| (i.clone(), 1.0)).collect();
        restricted(&self.instance, &all)
    }
}

/// What came back of the planted layout.
#[derive(Debug, Clone)]
pub struct Recovery {
    /// Share of the planted pairs, and of the fields.
    pub pairs: f64,
    pub fields: f64,
    /// True value of what was found, as a share of the planted.
    pub kept: f64,
    /// Certified, on the data seen.
    pub gap: f64,
}

/// Data with noise of standard deviation `noise` on the scale 0..1, through selection and layout.
pub fn recover(world: &World, noise: f64, seed: Seed) -> Recovery {
    let (performance, instance) = observed(world, noise, seed);
    let none = Recovery {
        pairs: 0.0,
        fields: 0.0,
        kept: 0.0,
        gap: 0.0,
    };
    let Ok(selection) = select(&performance, &world.select, seed) else {
        return none;
    };
    let weights: BTreeMap<Industry, f64> = selection
        .candidates
        .iter()
        .filter(|c| c.separation != Separation::Out)
        .map(|c| (c.industry.clone(), c.top_acceptability.value))
        .collect();
    let top: BTreeSet<&Industry> = selection.chosen().collect();
    let fields = world.chosen.iter().filter(|i| top.contains(i)).count();
    let params = CertifyParams {
        seed,
        national_steps: 60_000,
        price_rounds: 12,
        region_steps: 6_000,
        bound_work: 20.0,
        ..CertifyParams::default()
    };
    let Ok(found) = certified(&restricted(&instance, &weights), &params) else {
        return none;
    };
    Recovery {
        pairs: share(world, &found.assignment),
        fields: fields as f64 / world.chosen.len() as f64,
        kept: world.value(&found.assignment) / world.value(&world.planted),
        gap: found.gap,
    }
}

/// What comes back where every cluster takes what suits it best.
pub fn alone(world: &World) -> f64 {
    share(world, &uncoordinated(&world.question()))
}

fn share(world: &World, plan: &Assignment) -> f64 {
    let all: usize = world.planted.values().map(Vec::len).sum();
    let hits = world.planted.iter().map(|(c, list)| {
        let found = plan.get(c).map_or(&[][..], Vec::as_slice);
        list.iter().filter(|i| found.contains(i)).count()
    });
    hits.sum::<usize>() as f64 / all as f64
}

/// The question of these fields, weighed.
fn restricted(instance: &Instance, weights: &BTreeMap<Industry, f64>) -> Instance {
    let mut kept = instance.clone();
    kept.industries
        .retain(|spec| weights.contains_key(&spec.industry));
    kept.suitability.retain(|(_, i), _| weights.contains_key(i));
    kept.links
        .retain(|l| weights.contains_key(&l.from) && weights.contains_key(&l.to));
    for spec in &mut kept.industries {
        spec.weight = weights[&spec.industry];
    }
    kept
}

fn observed(world: &World, noise: f64, seed: Seed) -> (Performance, Instance) {
    let mut rng = seed.stream("worlds/noise", 0);
    let mut seen = |x: f64| (x + noise * normal(&mut rng)).clamp(0.0, 1.0);
    let mut performance = world.performance.clone();
    for cell in performance.cells.iter_mut().flatten() {
        let x = seen(cell.estimate().map_or(0.0, |e| e.value));
        let (low, high) = ((x - 2.0 * noise).max(0.0), (x + 2.0 * noise).min(1.0));
        *cell = Estimate::spanning(x, low, high, Basis::Judged).into();
    }
    let mut instance = world.instance.clone();
    if noise > 0.0 {
        for s in instance.suitability.values_mut() {
            *s = Estimate::exact(seen(s.value), Basis::Judged);
        }
    }
    (performance, instance)
}

const CRITERIA: [&str; 3] = ["foundation", "needs", "prospects"];
const LEAST: f64 = 0.2;
const MOST: f64 = 0.5;

/// Worst and best score under the weights allowed: their corners are the orders of (0.5, 0.3, 0.2).
pub fn scores(x: [f64; 3]) -> (f64, f64) {
    let mut sorted = x;
    sorted.sort_by(f64::total_cmp);
    let [a, b, c] = sorted;
    let rest = 1.0 - LEAST - MOST;
    (
        MOST * a + rest * b + LEAST * c,
        LEAST * a + rest * b + MOST * c,
    )
}

/// Chosen fields score above 0.55 under all weights allowed, decoys below 0.45 under all.
fn performance(shape: Shape, rng: &mut impl Rng) -> Performance {
    let mut cells = Vec::new();
    for i in 0..shape.chosen + shape.decoys {
        let x = loop {
            let x = [rng.random(), rng.random(), rng.random()];
            let (worst, best) = scores(x);
            if (i < shape.chosen && worst > 0.55) || (i >= shape.chosen && best < 0.45) {
                break x;
            }
        };
        cells.push(x.map(|v| Estimate::exact(v, Basis::Judged).into()).to_vec());
    }
    Performance {
        alternatives: (0..cells.len()).map(field).collect(),
        criteria: CRITERIA.map(Criterion::from).to_vec(),
        cells,
    }
}

/// One or two industries for every cluster, within the regional cap, every industry somewhere.
fn planted(shape: Shape, regions: &[usize], rng: &mut impl Rng) -> Vec<Vec<usize>> {
    let (n, m) = (shape.clusters, shape.chosen);
    loop {
        let mut counts = vec![vec![0; m]; shape.regions];
        let mut total = vec![0; m];
        let mut hosted = vec![Vec::new(); n];
        for c in 0..n {
            let wanted = rng.random_range(1..=2);
            for _ in 0..50 {
                let i = rng.random_range(0..m);
                let full = counts[regions[c]][i] == DUPLICATES || hosted[c].contains(&i);
                if hosted[c].len() < wanted && !full {
                    hosted[c].push(i);
                    counts[regions[c]][i] += 1;
                    total[i] += 1;
                }
            }
            hosted[c].sort_unstable();
        }
        if total.iter().all(|k| *k > 0) && hosted.iter().all(|list| !list.is_empty()) {
            return hosted;
        }
    }
}

fn between(rng: &mut impl Rng, low: f64, high: f64) -> f64 {
    low + (high - low) * rng.random::<f64>()
}

fn normal(rng: &mut impl Rng) -> f64 {
    let radius: f64 = 1.0 - rng.random::<f64>();
    let angle: f64 = rng.random();
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

pub fn city(c: usize) -> Cluster {
    Cluster(format!("c{c:03}"))
}

pub fn field(i: usize) -> Industry {
    Industry::from(format!("i{i:03}"))
}
