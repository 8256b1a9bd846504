//! Graphs from short text, and what `ChainGraph::build` finds wrong.

use chain::{
    ChainGraph, ChainInput, Essential, GraphParams, GraphProblem, LinkSpec, NodeSpec, Relation,
    Stage, SupplyBasis, SupplySpec,
};
use model::{Basis, Estimate, Lang, Names, Node, RowRef, Year};

pub fn range(value: f64, low: f64, high: f64) -> Estimate {
    Estimate::new(value, low, high, Basis::Published).unwrap()
}

pub fn exact(value: f64) -> Estimate {
    range(value, value, value)
}

/// `node "a"`, `"a?"` not essential, `"a|group"` in a substitute group, `"a?|group"` both.
pub fn node(text: &str) -> NodeSpec {
    let (name, group) = text
        .split_once('|')
        .map_or((text, None), |(n, g)| (n, Some(g)));
    let id = name.trim_end_matches('?');
    NodeSpec {
        node: id.into(),
        chain: "c".into(),
        stage: Stage::Component,
        essential: if name.ends_with('?') {
            Essential::No
        } else {
            Essential::Yes
        },
        substitute_group: group.map(str::to_owned),
        origin: RowRef::new("chain_nodes", id),
    }
}

pub fn link(from: &str, to: &str, relation: Relation) -> LinkSpec {
    LinkSpec {
        from: from.into(),
        to: to.into(),
        relation,
        origin: RowRef::new("chain_links", format!("{from}/{to}")),
    }
}

pub fn share(node: &str, country: &str, share: Estimate) -> SupplySpec {
    SupplySpec {
        node: node.into(),
        country: country.into(),
        share,
        basis: SupplyBasis::Production,
        year: Year(2020),
        origin: RowRef::new("chain_supply", format!("{node}/{country}")),
    }
}

pub fn input(nodes: &[&str], links: &[(&str, &str)], shares: &[(&str, &str, f64)]) -> ChainInput {
    ChainInput {
        nodes: nodes.iter().map(|n| node(n)).collect(),
        links: links
            .iter()
            .map(|(a, b)| link(a, b, Relation::InputTo))
            .collect(),
        supply: shares
            .iter()
            .map(|(n, c, s)| share(n, c, exact(*s)))
            .collect(),
    }
}

pub fn graph(nodes: &[&str], links: &[(&str, &str)], shares: &[(&str, &str, f64)]) -> ChainGraph {
    built(input(nodes, links, shares))
}

pub fn built(input: ChainInput) -> ChainGraph {
    ChainGraph::build(input, &GraphParams::default()).unwrap()
}

pub fn ids(nodes: &[Node]) -> Vec<&str> {
    nodes.iter().map(Node::as_str).collect()
}

fn problems(input: ChainInput) -> Vec<GraphProblem> {
    let problems = ChainGraph::build(input, &GraphParams::default()).unwrap_err();
    for problem in &problems {
        for lang in Lang::ALL {
            let text = problem.message().render(lang, &Names::default());
            assert!(!text.contains('{') && !text.starts_with("chain."), "{text}");
        }
        assert!(!problem.origins().is_empty());
    }
    problems
}

#[test]
fn a_cycle_is_named() {
    let found = problems(input(
        &["d", "b", "c", "a"],
        &[("c", "b"), ("b", "a"), ("a", "c"), ("d", "a"), ("a", "d")],
        &[],
    ));
    let [GraphProblem::Cycle { nodes, origins }] = found.as_slice() else {
        panic!("{found:?}");
    };
    // a is the smallest stuck node; its first stuck input is b, b's is c, c's is a: along the links a, c, b.
    assert_eq!(ids(nodes), ["a", "c", "b"]);
    let keys: Vec<&str> = origins.iter().map(|o| o.key.as_str()).collect();
    assert_eq!(keys, ["a/c", "c/b", "b/a"]);
    assert!(matches!(
        problems(input(&["a"], &[("a", "a")], &[])).as_slice(),
        [GraphProblem::Cycle { nodes, .. }] if ids(nodes) == ["a"]
    ));
}

#[test]
fn every_fault_of_the_input_is_listed_at_once() {
    let mut faulty = input(
        &["a", "a", "b"],
        &[("a", "b"), ("a", "b"), ("a", "x")],
        &[
            ("y", "USA", 0.1),
            ("a", "USA", 0.6),
            ("a", "USA", 0.5),
            ("b", "CHN", 0.7),
            ("b", "JPN", 0.4),
        ],
    );
    faulty.supply.push(SupplySpec {
        year: Year(2019),
        ..share("b", "USA", exact(1.2))
    });
    let kinds: Vec<&str> = problems(faulty)
        .iter()
        .map(|problem| match problem {
            GraphProblem::DuplicateNode { .. } => "node twice",
            GraphProblem::DuplicateLink { .. } => "link twice",
            GraphProblem::UnknownNode { .. } => "unknown",
            GraphProblem::DuplicateShare { .. } => "share twice",
            GraphProblem::ShareOutOfRange { .. } => "range",
            GraphProblem::SharesAboveOne { .. } => "sum",
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "node twice",
            "link twice",
            "unknown",
            "unknown",
            "share twice",
            "range",
            "sum"
        ]
    );
}

#[test]
fn one_group_of_shares_is_chosen_and_the_others_are_named() {
    let row = |basis, year, country, value| SupplySpec {
        basis,
        year: Year(year),
        ..share("a", country, exact(value))
    };
    let rows = vec![
        row(SupplyBasis::Market, 2024, "USA", 0.9),
        row(SupplyBasis::Production, 2023, "USA", 0.5),
        row(SupplyBasis::Production, 2019, "CHN", 0.4),
        row(SupplyBasis::Capacity, 2021, "CHN", 0.8),
    ];
    let chosen = |params: &GraphParams| {
        let input = ChainInput {
            nodes: vec![node("a")],
            links: Vec::new(),
            supply: rows.clone(),
        };
        let graph = ChainGraph::build(input, params).unwrap();
        graph.nodes()[0].supply.clone().unwrap()
    };
    let at = |reference_year| GraphParams {
        reference_year,
        ..GraphParams::default()
    };
    // production before any other basis; the most recent year up to the reference year, else the most recent one
    assert_eq!(
        chosen(&at(None)).group,
        Some((SupplyBasis::Production, Year(2023)))
    );
    assert_eq!(
        chosen(&at(Some(Year(2019)))).group,
        Some((SupplyBasis::Production, Year(2019)))
    );
    assert_eq!(
        chosen(&at(Some(Year(2000)))).group,
        Some((SupplyBasis::Production, Year(2023)))
    );
    let market = GraphParams {
        basis_order: vec![SupplyBasis::Market],
        ..GraphParams::default()
    };
    assert_eq!(
        chosen(&market).group,
        Some((SupplyBasis::Market, Year(2024)))
    );
    let aside = chosen(&at(None)).set_aside;
    assert_eq!(
        aside,
        [
            (SupplyBasis::Production, Year(2019)),
            (SupplyBasis::Capacity, Year(2021)),
            (SupplyBasis::Market, Year(2024)),
        ]
    );
}

#[test]
fn the_unknown_remainder_has_the_range_of_the_shares() {
    let graph = built(ChainInput {
        nodes: vec![node("a"), node("b")],
        links: Vec::new(),
        supply: vec![
            share("a", "USA", range(0.5, 0.4, 0.6)),
            share("a", "CHN", range(0.2, 0.1, 0.5)),
        ],
    });
    // 1 - 0.7 = 0.3; 1 - (0.6 + 0.5) < 0 -> 0; 1 - (0.4 + 0.1) = 0.5
    let unknown = graph.nodes()[0].supply.as_ref().unwrap().unknown;
    assert!((unknown.value - 0.3).abs() < 1e-12);
    assert_eq!((unknown.low, unknown.high), (0.0, 0.5));
    assert!(graph.nodes()[1].supply.is_none());
}

#[test]
fn layers_follow_the_longest_path_and_untangle() {
    // a -> d, b -> c -> d, and two chains p -> y, q -> x that cross when drawn by id.
    let mut input = input(
        &["a", "b", "c", "d", "p", "q", "x", "y", "other"],
        &[
            ("a", "d"),
            ("b", "c"),
            ("c", "d"),
            ("p", "y"),
            ("q", "x"),
            ("other", "d"),
        ],
        &[],
    );
    input.nodes.last_mut().unwrap().chain = "elsewhere".into();
    let placed = chain::layers(&built(input), &"c".into());
    let at = |id: &str| placed.iter().find(|p| p.node.as_str() == id).unwrap();
    let layer: Vec<usize> = ["a", "b", "c", "d", "p", "q", "x", "y"]
        .map(|id| at(id).layer)
        .into();
    assert_eq!(layer, [0, 0, 1, 2, 0, 0, 1, 1]);
    assert_eq!(placed.len(), 8);
    assert_eq!(at("p").order < at("q").order, at("y").order < at("x").order);
}
