//! The integer program of an instance, independent of any solver.
//!
//! One binary `x_ci` per pair of cluster c and industry i with evidence (or a commitment):
//!
//! ```text
//! max  Σ w_i s_ci x_ci
//! min_c <= Σ_i x_ci <= max_c                   every cluster
//! floor_i <= Σ_c x_ci <= cap_i                 every industry
//! Σ_{c in g} x_ci <= D_g                       every region g and industry i (no duplication in a region)
//! Σ_i a_ir x_ci <= R_cr                        every cluster and resource r
//! x_ci + x_di <= 1                             clusters next door, every industry
//! x_ci = 0 for vetoes and below the least suitability, x_ci = 1 for commitments
//! ```
//!
//! Chain links add a column for each link e = (i, j) and circle g that can host both its ends, earned once:
//!
//! ```text
//! + Σ w_e z_ge,   0 <= z_ge <= 1,   z_ge <= Σ_{c in g} x_ci,   z_ge <= Σ_{c in g} x_cj
//! ```
//!
//! It needs no integrality: in a plan of whole placements the best z is 0 or 1.
//!
//! Without links, resources and next-door pairs all coefficients are 1 and every row sums over a cluster or over part
//! of an industry, the parts nested: a network matrix, so the linear relaxation is already integral and the
//! search ends at its root.
//!
//! Clusters and industries stand in the order of their ids, whatever the order of the instance.

use std::collections::{BTreeMap, BTreeSet};

use model::{Cluster, Industry, Region, Seed};
use rand::RngExt;

use super::instance::Instance;
use super::rule::Rule;

/// Equal plans are told apart by a fixed number per pair in [0, `TIE`) of the largest gain, drawn from the
/// ids alone. It is far below any gap that is reported, and part of the bound.
pub(crate) const TIE: f64 = 1.0 / (1_u64 << 38) as f64;

/// `low <= Σ need x over pairs <= high`. A row without a rule is a condition of the question asked.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub rule: Option<usize>,
    pub pairs: Vec<usize>,
    /// Coefficient of each pair; empty: all are 1.
    pub need: Vec<u32>,
    pub low: usize,
    pub high: Option<usize>,
}

impl Row {
    /// The condition that pair `k` is (not) in the plan.
    pub fn fixing(k: usize, count: usize) -> Self {
        Self {
            rule: None,
            pairs: vec![k],
            need: Vec::new(),
            low: count,
            high: Some(count),
        }
    }

    /// Coefficient of the pair at `position`.
    pub fn need(&self, position: usize) -> u32 {
        self.need.get(position).copied().unwrap_or(1)
    }
}

/// What a chain link is worth once in a circle that hosts an industry at either end.
#[derive(Debug, Clone)]
pub(crate) struct Bonus {
    pub weight: f64,
    /// Positions of the pairs that host the one end, and the other.
    pub ends: [Vec<usize>; 2],
}

impl Bonus {
    /// What these pairs, chosen or not, earn of it.
    pub fn earned(&self, chosen: impl Fn(usize) -> bool) -> f64 {
        let hosted = |end: &Vec<usize>| end.iter().any(|k| chosen(*k));
        if self.ends.iter().all(hosted) {
            self.weight
        } else {
            0.0
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub clusters: Vec<Cluster>,
    pub industries: Vec<Industry>,
    /// Positions of cluster and industry, sorted.
    pub pairs: Vec<(usize, usize)>,
    /// Weighted suitability of each pair; 0 for a pair without evidence.
    pub gain: Vec<f64>,
    /// Tie-breaking number of each pair, as a share of the largest gain.
    pub tie: Vec<f64>,
    /// Sorted.
    pub rules: Vec<Rule>,
    pub rows: Vec<Row>,
    /// Empty where links do not count.
    pub bonuses: Vec<Bonus>,
}

impl Program {
    /// Gains of the chosen pairs and the links they earn.
    pub fn value(&self, gain: &[f64], chosen: &[usize]) -> f64 {
        let placed: f64 = chosen.iter().map(|k| gain[*k]).sum();
        placed + self.earned(chosen)
    }

    /// What the chosen pairs, in ascending order, earn by links.
    pub fn earned(&self, chosen: &[usize]) -> f64 {
        let hosted = |k: usize| chosen.binary_search(&k).is_ok();
        self.bonuses.iter().map(|b| b.earned(hosted)).sum()
    }

    pub fn pair(&self, k: usize) -> (&Cluster, &Industry) {
        let (c, i) = self.pairs[k];
        (&self.clusters[c], &self.industries[i])
    }

    pub fn position(&self, cluster: &Cluster, industry: &Industry) -> Option<usize> {
        let c = self.clusters.binary_search(cluster).ok()?;
        let i = self.industries.binary_search(industry).ok()?;
        self.pairs.binary_search(&(c, i)).ok()
    }

    /// Positions of the pairs of a cluster.
    pub fn of_cluster(&self, cluster: &Cluster) -> std::ops::Range<usize> {
        let Ok(c) = self.clusters.binary_search(cluster) else {
            return 0..0;
        };
        let first = self.pairs.partition_point(|p| p.0 < c);
        first..self.pairs.partition_point(|p| p.0 <= c)
    }

    /// The rows whose rules are active, then `extra`.
    pub fn rows_with<'a>(
        &'a self,
        active: impl Fn(&Rule) -> bool + 'a,
        extra: &'a [Row],
    ) -> Vec<&'a Row> {
        let kept = |row: &&Row| row.rule.is_none_or(|r| active(&self.rules[r]));
        self.rows.iter().filter(kept).chain(extra).collect()
    }
}

/// The program of a valid instance (see [`Instance::problems`]).
pub(crate) fn program(instance: &Instance) -> Program {
    let mut clusters: Vec<Cluster> = instance
        .clusters
        .iter()
        .map(|c| c.cluster.clone())
        .collect();
    clusters.sort();
    let mut industries: Vec<Industry> = instance
        .industries
        .iter()
        .map(|i| i.industry.clone())
        .collect();
    industries.sort();
    let commitments: BTreeSet<&(Cluster, Industry)> = instance.commitments.iter().collect();
    let evident: BTreeSet<&(Cluster, Industry)> = instance.suitability.keys().collect();
    let weight: BTreeMap<&Industry, f64> = instance
        .industries
        .iter()
        .map(|i| (&i.industry, i.weight))
        .collect();

    let mut program = Program {
        pairs: Vec::new(),
        gain: Vec::new(),
        tie: Vec::new(),
        rules: Vec::new(),
        rows: Vec::new(),
        bonuses: Vec::new(),
        clusters,
        industries,
    };
    for (c, cluster) in program.clusters.iter().enumerate() {
        for (i, industry) in program.industries.iter().enumerate() {
            let key = (cluster.clone(), industry.clone());
            if evident.contains(&key) || commitments.contains(&key) {
                let s = instance.suitability.get(&key).map_or(0.0, |s| s.value);
                program.pairs.push((c, i));
                program
                    .gain
                    .push(s * weight.get(industry).copied().unwrap_or(1.0));
                program.tie.push(tie(cluster, industry));
            }
        }
    }
    // Missing evidence is no rule that could be lifted: such a pair stays out whatever is dropped.
    let unknown = (0..program.pairs.len()).filter(|k| {
        let (c, i) = program.pair(*k);
        !evident.contains(&(c.clone(), i.clone()))
    });
    let closed: Vec<Row> = unknown.map(|k| Row::fixing(k, 0)).collect();
    program.rows.extend(closed);
    let mut ruled = rules(instance, &program, &evident);
    ruled.sort_by(|a, b| a.0.cmp(&b.0));
    for (position, (rule, rows)) in ruled.into_iter().enumerate() {
        program.rules.push(rule);
        program.rows.extend(rows.into_iter().map(|row| Row {
            rule: Some(position),
            ..row
        }));
    }
    program
}

/// Region, and the circle within it.
type Circle<'a> = (Option<&'a Region>, Option<&'a Region>);

/// As [`program`], with the links of the instance.
pub(crate) fn linked_program(instance: &Instance) -> Program {
    let mut program = program(instance);
    let region = instance.regions();
    // Both directions of a link, and every link said twice, are one column.
    let mut weights: BTreeMap<(&Industry, &Industry), f64> = BTreeMap::new();
    for link in instance.links.iter().filter(|l| l.weight > 0.0) {
        let ends = ((&link.from).min(&link.to), (&link.from).max(&link.to));
        *weights.entry(ends).or_default() += link.weight;
    }
    let mut hosts: BTreeMap<(Circle, &Industry), Vec<usize>> = BTreeMap::new();
    for k in 0..program.pairs.len() {
        let (cluster, industry) = program.pair(k);
        let circle = (region.get(cluster), instance.circles.get(cluster));
        hosts.entry((circle, industry)).or_default().push(k);
    }
    let circles: BTreeSet<Circle> = hosts.keys().map(|(circle, _)| *circle).collect();
    let mut bonuses = Vec::new();
    for circle in circles {
        for ((one, other), weight) in &weights {
            if let (Some(a), Some(b)) = (hosts.get(&(circle, *one)), hosts.get(&(circle, *other))) {
                bonuses.push(Bonus {
                    weight: *weight,
                    ends: [a.clone(), b.clone()],
                });
            }
        }
    }
    program.bonuses = bonuses;
    program
}

fn tie(cluster: &Cluster, industry: &Industry) -> f64 {
    let label = format!("regions/tie/{cluster}/{industry}");
    Seed(0).stream(&label, 0).random::<f64>() * TIE
}

fn rules(
    instance: &Instance,
    program: &Program,
    evident: &BTreeSet<&(Cluster, Industry)>,
) -> Vec<(Rule, Vec<Row>)> {
    let row = |pairs: Vec<usize>, low, high| Row {
        rule: None,
        pairs,
        need: Vec::new(),
        low,
        high,
    };
    let select = |keep: &dyn Fn(&Cluster, &Industry) -> bool| -> Vec<usize> {
        (0..program.pairs.len())
            .filter(|k| {
                let (c, i) = program.pair(*k);
                keep(c, i)
            })
            .collect()
    };
    let known = |pairs: &[usize]| {
        pairs
            .iter()
            .filter(|k| {
                let (c, i) = program.pair(**k);
                evident.contains(&(c.clone(), i.clone()))
            })
            .count()
    };
    let mut rules = Vec::new();
    for spec in &instance.clusters {
        let pairs = select(&|c, _| c == &spec.cluster);
        let candidates = known(&pairs);
        let (cluster, min, max) = (spec.cluster.clone(), spec.min, spec.max);
        if min > 0 {
            let rule = Rule::ClusterMin {
                cluster: cluster.clone(),
                min,
                candidates,
            };
            rules.push((rule, vec![row(pairs.clone(), min, None)]));
        }
        rules.push((
            Rule::ClusterMax { cluster, max },
            vec![row(pairs, 0, Some(max))],
        ));
    }
    for spec in &instance.industries {
        let pairs = select(&|_, i| i == &spec.industry);
        let candidates = known(&pairs);
        let (industry, floor) = (spec.industry.clone(), spec.floor);
        if floor > 0 {
            let rule = Rule::Floor {
                industry: industry.clone(),
                floor,
                candidates,
            };
            rules.push((rule, vec![row(pairs.clone(), floor, None)]));
        }
        if let Some(cap) = spec.cap {
            rules.push((Rule::Cap { industry, cap }, vec![row(pairs, 0, Some(cap))]));
        }
    }
    let of_cluster = instance.regions();
    let regions: BTreeSet<&Region> = of_cluster.values().collect();
    for region in regions {
        if let Some(cap) = instance.regional_cap.of(region) {
            let rows = program
                .industries
                .iter()
                .map(|industry| select(&|c, i| i == industry && of_cluster.get(c) == Some(region)))
                .filter(|pairs| pairs.len() > cap)
                .map(|pairs| row(pairs, 0, Some(cap)))
                .collect();
            let region = region.clone();
            rules.push((Rule::RegionalCap { region, cap }, rows));
        }
    }
    let fixed = |pair: &(Cluster, Industry), count| -> Vec<Row> {
        let position = program.position(&pair.0, &pair.1);
        position
            .map(|k| Row::fixing(k, count))
            .into_iter()
            .collect()
    };
    let commitments: BTreeSet<&(Cluster, Industry)> = instance.commitments.iter().collect();
    for pair in instance.vetoes.iter().collect::<BTreeSet<_>>() {
        let (cluster, industry) = pair.clone();
        rules.push((Rule::Veto { cluster, industry }, fixed(pair, 0)));
    }
    rules.extend(further_rules(instance, program, &commitments));
    for pair in commitments {
        let (cluster, industry) = pair.clone();
        let rule = if evident.contains(pair) {
            Rule::Commitment { cluster, industry }
        } else {
            Rule::CommitmentWithoutEvidence { cluster, industry }
        };
        rules.push((rule, fixed(pair, 1)));
    }
    rules
}

/// Least suitability, resources, next-door pairs and lead sites.
fn further_rules(
    instance: &Instance,
    program: &Program,
    commitments: &BTreeSet<&(Cluster, Industry)>,
) -> Vec<(Rule, Vec<Row>)> {
    let mut rules = Vec::new();
    if let Some(least) = instance.least {
        let closed: Vec<Row> = instance
            .suitability
            .iter()
            .filter(|(pair, s)| s.value < least && !commitments.contains(pair))
            .filter_map(|(pair, _)| program.position(&pair.0, &pair.1))
            .map(|k| Row::fixing(k, 0))
            .collect();
        let rule = Rule::LeastSuitability {
            closed: closed.len(),
        };
        if !closed.is_empty() {
            rules.push((rule, closed));
        }
    }
    for resource in &instance.resources {
        for (cluster, stock) in &resource.stock {
            let (pairs, need): (Vec<usize>, Vec<u32>) = program
                .of_cluster(cluster)
                .filter_map(|k| {
                    let need = *resource.need.get(program.pair(k).1)?;
                    (need > 0).then_some((k, need))
                })
                .unzip();
            if pairs.is_empty() {
                continue;
            }
            let rule = Rule::Resource {
                cluster: cluster.clone(),
                resource: resource.name.clone(),
                stock: *stock,
            };
            let row = Row {
                rule: None,
                pairs,
                need,
                low: 0,
                high: Some(*stock as usize),
            };
            rules.push((rule, vec![row]));
        }
    }
    let next_door: BTreeSet<(&Cluster, &Cluster)> = instance
        .next_door
        .iter()
        .map(|(c, d)| if c < d { (c, d) } else { (d, c) })
        .collect();
    for (c, d) in next_door {
        let rows: Vec<Row> = program
            .of_cluster(c)
            .filter_map(|k| Some((k, program.position(d, program.pair(k).1)?)))
            .map(|(k, l)| Row {
                rule: None,
                pairs: vec![k, l],
                need: Vec::new(),
                low: 0,
                high: Some(1),
            })
            .collect();
        let rule = Rule::NextDoor {
            cluster: c.clone(),
            other: d.clone(),
        };
        rules.push((rule, rows));
    }
    for industry in &instance.leads {
        let pairs: Vec<usize> = (0..program.pairs.len())
            .filter(|k| program.pair(*k).1 == industry)
            .collect();
        let row = Row {
            rule: None,
            pairs,
            need: Vec::new(),
            low: 1,
            high: None,
        };
        let industry = industry.clone();
        rules.push((Rule::Lead { industry }, vec![row]));
    }
    rules
}
