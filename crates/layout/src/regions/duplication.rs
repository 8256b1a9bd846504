//! What coordination avoids: clusters that all pick the same industries.

use std::collections::BTreeMap;

use model::{Basis, Cluster, Estimate, Industry, Message, Quantity, Region};

use super::instance::Instance;
use super::solve::Assignment;

/// Every cluster picks alone: its commitments, then the industries it suits best, up to its `max`.
///
/// It minds its own evidence and vetoes, and nobody else: no national or regional rule, no national
/// weight. Equal suitability goes to the smaller id; beyond `min`, only positive suitability counts.
pub fn uncoordinated(instance: &Instance) -> Assignment {
    let mut assignment = Assignment::new();
    for spec in &instance.clusters {
        let committed: Vec<&Industry> = instance
            .commitments
            .iter()
            .filter(|(c, _)| c == &spec.cluster)
            .map(|(_, i)| i)
            .collect();
        let mut wishes: Vec<(&Industry, &Estimate)> = instance
            .industries
            .iter()
            .filter_map(|i| {
                let key = (spec.cluster.clone(), i.industry.clone());
                let free = !instance.vetoes.contains(&key) && !committed.contains(&&i.industry);
                let suits = instance.suitability.get(&key)?;
                free.then_some((&i.industry, suits))
            })
            .collect();
        wishes.sort_by(|a, b| b.1.value.total_cmp(&a.1.value).then(a.0.cmp(b.0)));
        let mut hosted: Vec<Industry> = committed.into_iter().cloned().collect();
        hosted.sort();
        hosted.dedup();
        for (industry, suits) in wishes {
            if hosted.len() < spec.min || (hosted.len() < spec.max && suits.value > 0.0) {
                hosted.push(industry.clone());
            }
        }
        hosted.sort();
        assignment.insert(spec.cluster.clone(), hosted);
    }
    assignment
}

/// How often two placements repeat each other, 0..1.
#[derive(Debug, Clone, PartialEq)]
pub struct Duplication {
    pub within_region: Quantity,
    pub national: Quantity,
}

/// Share of the pairs of placements in two different clusters that hold the same industry.
///
/// ```text
/// n_i  placements of industry i, N = Σ n_i, h_c industries hosted by cluster c
/// D = Σ_i n_i (n_i - 1) / (N (N - 1) - Σ_c h_c (h_c - 1))
/// ```
///
/// `national` counts all clusters; `within_region` adds numerators and denominators over the regions.
/// Not estimated where no two clusters with a placement can be compared. Own definition; the form is
/// Simpson's (1949) probability that two draws are of the same kind.
pub fn duplication(assignment: &Assignment, regions: &BTreeMap<Cluster, Region>) -> Duplication {
    let mut by_region: BTreeMap<Option<&Region>, Vec<&Vec<Industry>>> = BTreeMap::new();
    for (cluster, hosted) in assignment {
        by_region
            .entry(regions.get(cluster))
            .or_default()
            .push(hosted);
    }
    // A cluster without a region shares none with any other.
    let within = by_region
        .iter()
        .filter(|(region, _)| region.is_some())
        .map(|(_, hosts)| pairs(hosts))
        .fold((0, 0), |sum, p| (sum.0 + p.0, sum.1 + p.1));
    let all: Vec<&Vec<Industry>> = assignment.values().collect();
    Duplication {
        within_region: share(within),
        national: share(pairs(&all)),
    }
}

/// Ordered pairs with the same industry, and all ordered pairs, of placements in different clusters.
fn pairs(hosts: &[&Vec<Industry>]) -> (usize, usize) {
    let mut counts: BTreeMap<&Industry, usize> = BTreeMap::new();
    for industry in hosts.iter().copied().flatten() {
        *counts.entry(industry).or_default() += 1;
    }
    let ordered = |n: usize| n * n.saturating_sub(1);
    let total: usize = counts.values().sum();
    let same = counts.values().map(|n| ordered(*n)).sum();
    let own: usize = hosts.iter().map(|h| ordered(h.len())).sum();
    (same, ordered(total) - own)
}

fn share((same, all): (usize, usize)) -> Quantity {
    if all == 0 {
        Quantity::not_estimated(Message::new("regions.nothing_to_compare"))
    } else {
        Quantity::exact(same as f64 / all as f64, Basis::Derived)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]
    use super::*;

    #[test]
    fn four_clusters_in_two_regions_by_hand() {
        // East: a {x, y}, b {x}; west: c {x}, d {z}.
        // Nation: n_x = 3, n_y = n_z = 1, N = 5: same 3*2 = 6; all 5*4 - 2*1 = 18; D = 1/3.
        // East: same 2*1 = 2, all 3*2 - 2 = 4. West: same 0, all 2*1 = 2. Within: 2/6 = 1/3.
        let put = |c: &str, hosted: &[&str]| {
            let hosted = hosted.iter().map(|i| Industry::from(*i)).collect();
            (Cluster::from(c), hosted)
        };
        let assignment: Assignment = [
            put("a", &["x", "y"]),
            put("b", &["x"]),
            put("c", &["x"]),
            put("d", &["z"]),
        ]
        .into();
        let regions: BTreeMap<Cluster, Region> =
            [("a", "east"), ("b", "east"), ("c", "west"), ("d", "west")]
                .map(|(c, r)| (c.into(), r.into()))
                .into();
        let d = duplication(&assignment, &regions);
        assert_eq!(d.national.estimate().unwrap().value, 1.0 / 3.0);
        assert_eq!(d.within_region.estimate().unwrap().value, 1.0 / 3.0);
    }

    #[test]
    fn one_cluster_has_nothing_to_repeat() {
        let assignment: Assignment = [("a".into(), vec!["x".into(), "y".into()])].into();
        let d = duplication(&assignment, &BTreeMap::new());
        assert!(d.national.estimate().is_none() && d.within_region.estimate().is_none());
    }
}
