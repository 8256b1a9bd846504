//! Seeded random chains.

use chain::{ChainGraph, ChainInput, Essential, Relation};
use model::{Basis, Estimate, Seed};
use rand::RngExt;
use rand::seq::SliceRandom;

use crate::build::{built, link, node, share};

pub const COUNTRIES: [&str; 8] = ["AAA", "BBB", "CCC", "DDD", "EEE", "FFF", "GGG", "HHH"];

/// A range around `value` inside 0..1.
pub fn around(rng: &mut impl RngExt, value: f64) -> Estimate {
    let (down, up) = (rng.random_range(0.0..0.3), rng.random_range(0.0..0.3));
    let high = (value * (1.0 + up)).min(1.0);
    Estimate::new(value, value * (1.0 - down), high, Basis::Published).unwrap()
}

/// A chain of 2 to 9 nodes with links from lower to higher numbers, all relations, substitutes, optional inputs,
/// gaps of coverage, and shares that leave a remainder.
pub fn input(case: u64) -> ChainInput {
    let mut rng = Seed(20_240_517).stream("random chain", case);
    let n = rng.random_range(2..10);
    let mut input = ChainInput::default();
    for i in 0..n {
        let mut spec = node(&format!("n{i}"));
        if rng.random_bool(0.4) {
            spec.substitute_group = Some(format!("g{}", rng.random_range(0..2)));
        }
        if rng.random_bool(0.2) {
            spec.essential = Essential::No;
        }
        input.nodes.push(spec);
        for j in 0..i {
            if rng.random_bool(0.4) {
                let relation = [Relation::InputTo, Relation::ToolFor, Relation::MaterialFor];
                input.links.push(link(
                    &format!("n{j}"),
                    &format!("n{i}"),
                    relation[rng.random_range(0..3)],
                ));
            }
        }
        if rng.random_bool(0.8) {
            let mut left = 1.0;
            for country in COUNTRIES {
                if rng.random_bool(0.4) {
                    let value = left * rng.random_range(0.05..0.9);
                    left -= value;
                    input
                        .supply
                        .push(share(&format!("n{i}"), country, around(&mut rng, value)));
                }
            }
        }
    }
    input
}

pub fn graph(case: u64) -> ChainGraph {
    built(input(case))
}

/// The same rows in another order.
pub fn shuffled(mut input: ChainInput, case: u64) -> ChainInput {
    let mut rng = Seed(7).stream("shuffle", case);
    input.nodes.shuffle(&mut rng);
    input.links.shuffle(&mut rng);
    input.supply.shuffle(&mut rng);
    input
}

pub fn targets(graph: &ChainGraph) -> Vec<model::Node> {
    graph.nodes().iter().map(|n| n.node.clone()).collect()
}
