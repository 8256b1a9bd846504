//! Small chains, written out or at random.

use std::collections::BTreeMap;

use chain::{
    ChainGraph, ChainInput, Essential, GraphParams, LinkSpec, NodeSpec, Relation, Stage,
    SupplyBasis, SupplySpec,
};
use model::{Basis, Country, Estimate, RowRef, Seed, Year};
use rand::RngExt;

pub fn node(id: &str) -> NodeSpec {
    NodeSpec {
        node: id.into(),
        chain: "c".into(),
        stage: Stage::Material,
        essential: Essential::Yes,
        substitute_group: None,
        origin: RowRef::new("nodes", id),
    }
}

pub fn link(from: &str, to: &str, relation: Relation) -> LinkSpec {
    LinkSpec {
        from: from.into(),
        to: to.into(),
        relation,
        origin: RowRef::new("links", format!("{from}/{to}")),
    }
}

pub fn share(node: &str, provider: &str, share: Estimate) -> SupplySpec {
    SupplySpec {
        node: node.into(),
        country: provider.into(),
        share,
        basis: SupplyBasis::Production,
        year: Year(2024),
        origin: RowRef::new("supply", format!("{node}/{provider}")),
    }
}

pub fn exact(value: f64) -> Estimate {
    Estimate::exact(value, Basis::Assumed)
}

/// Inputs used up, exact shares.
pub fn chain_of(
    nodes: &[&str],
    links: &[(&str, &str)],
    shares: &[(&str, &str, f64)],
) -> ChainGraph {
    let input = ChainInput {
        nodes: nodes.iter().map(|n| node(n)).collect(),
        links: links
            .iter()
            .map(|(a, b)| link(a, b, Relation::InputTo))
            .collect(),
        supply: shares
            .iter()
            .map(|(n, p, s)| share(n, p, exact(*s)))
            .collect(),
    };
    ChainGraph::build(input, &GraphParams::default()).unwrap()
}

/// Ten firms in four countries.
pub fn country_of() -> BTreeMap<Country, Country> {
    (0..10)
        .map(|f| {
            (
                format!("f{f}").as_str().into(),
                format!("K{}", f % 4).as_str().into(),
            )
        })
        .collect()
}

/// 2 to 8 nodes, links from lower to higher numbers, substitutes, optional inputs, firms with share ranges.
pub fn with_firms(case: u64, relations: &[Relation]) -> ChainGraph {
    let mut rng = Seed(20_261_124).stream("firms", case);
    let n = rng.random_range(2..9);
    let mut input = ChainInput::default();
    for i in 0..n {
        let mut spec = node(&format!("n{i}"));
        if rng.random_bool(0.35) {
            spec.substitute_group = Some(format!("g{}", rng.random_range(0..2)));
        }
        if rng.random_bool(0.2) {
            spec.essential = Essential::No;
        }
        input.nodes.push(spec);
        for j in 0..i {
            if rng.random_bool(0.4) {
                let relation = relations[rng.random_range(0..relations.len())];
                input
                    .links
                    .push(link(&format!("n{j}"), &format!("n{i}"), relation));
            }
        }
        if rng.random_bool(0.85) {
            let mut left = 1.0;
            for firm in 0..10 {
                if rng.random_bool(0.4) {
                    let value = left * rng.random_range(0.05..0.9);
                    left -= value;
                    let (down, up) = (rng.random_range(0.0..0.3), rng.random_range(0.0..0.3));
                    let high = f64::min(value * (1.0 + up), 1.0);
                    let range =
                        Estimate::new(value, value * (1.0 - down), high, Basis::Published).unwrap();
                    input
                        .supply
                        .push(share(&format!("n{i}"), &format!("f{firm}"), range));
                }
            }
        }
    }
    ChainGraph::build(input, &GraphParams::default()).unwrap()
}
