//! Cut sets and single points: by hand, by brute force, and against dominators.

use std::collections::{BTreeMap, BTreeSet};

use chain::chokepoints::{Certainty, TargetChokepoints};
use chain::{ChainGraph, ChokepointParams, Essential, GraphNode, chokepoints};
use model::{Country, Node, Seed};
use petgraph::algo::dominators;
use petgraph::graph::DiGraph;
use rand::RngExt;

use crate::build::{graph, ids, input};
use crate::random;

type Cuts = BTreeSet<(Vec<String>, Certainty)>;

fn cuts(found: &TargetChokepoints) -> Cuts {
    found
        .cut_sets
        .iter()
        .map(|cut| {
            (
                cut.countries.iter().map(|c| c.0.clone()).collect(),
                cut.certainty,
            )
        })
        .collect()
}

#[test]
fn cut_sets_by_hand() {
    // ore (CHN 0.6) -> x; x (USA 0.3, JPN 0.3, KOR 0.1) -> t; theta 0.5.
    let g = graph(
        &["ore", "x", "t"],
        &[("ore", "x"), ("x", "t")],
        &[
            ("ore", "CHN", 0.6),
            ("x", "USA", 0.3),
            ("x", "JPN", 0.3),
            ("x", "KOR", 0.1),
        ],
    );
    let found = &chokepoints(&g, &["t".into()], &ChokepointParams::default()).unwrap()[0];
    // China alone leaves 0.4 of ore. USA + JPN leave 0.4 of x; USA + KOR leave 0.6, USA + JPN + KOR is no longer minimal.
    let expected: Cuts = [vec!["CHN"], vec!["JPN", "USA"]]
        .map(|set| {
            (
                set.into_iter().map(str::to_owned).collect(),
                Certainty::Certain,
            )
        })
        .into();
    assert_eq!(cuts(found), expected);
    let china = &found.cut_sets[0];
    assert_eq!(ids(&china.bites), ["ore"]);
    assert_eq!(
        (china.root.stages, ids(&china.root.path)),
        (2, vec!["ore", "x", "t"])
    );
    let keys: Vec<&str> = china.origins.iter().map(|o| o.key.as_str()).collect();
    assert_eq!(keys, ["ore/x", "x/t", "ore/CHN"]);
    let nodes: Vec<&str> = found.single_nodes.iter().map(|s| s.node.as_str()).collect();
    assert_eq!(nodes, ["ore", "x"]);
    let singles: Vec<&str> = found.single_countries().map(|(c, _)| c.as_str()).collect();
    assert_eq!(singles, ["CHN"]);
    // Exactly half remains: the target works.
    let half = graph(&["t"], &[], &[("t", "CHN", 0.5)]);
    let found = &chokepoints(&half, &["t".into()], &ChokepointParams::default()).unwrap()[0];
    assert!(found.cut_sets.is_empty());
}

#[test]
fn the_most_upstream_cause_is_the_root() {
    // a -> b -> t and c -> t; USA holds 0.9 of a and of c.
    let g = graph(
        &["a", "b", "c", "t"],
        &[("a", "b"), ("b", "t"), ("c", "t")],
        &[("a", "USA", 0.9), ("c", "USA", 0.9), ("b", "JPN", 0.9)],
    );
    let found = &chokepoints(&g, &["t".into()], &ChokepointParams::default()).unwrap()[0];
    let usa = found
        .cut_sets
        .iter()
        .find(|c| c.countries[0].as_str() == "USA")
        .unwrap();
    assert_eq!(ids(&usa.bites), ["a", "c"]);
    assert_eq!((usa.root.node.as_str(), usa.root.stages), ("a", 2));
    // Home never stops.
    let params = ChokepointParams {
        home: Some("USA".into()),
        ..ChokepointParams::default()
    };
    let found = &chokepoints(&g, &["t".into()], &params).unwrap()[0];
    let singles: Vec<&str> = found.single_countries().map(|(c, _)| c.as_str()).collect();
    assert_eq!(singles, ["JPN"]);
}

#[test]
fn optional_inputs_stop_a_target_only_possibly() {
    let g = graph(&["o?", "t"], &[("o", "t")], &[("o", "USA", 1.0)]);
    let found = &chokepoints(&g, &["t".into()], &ChokepointParams::default()).unwrap()[0];
    assert_eq!(found.cut_sets[0].certainty, Certainty::Possible);
    assert_eq!(found.single_nodes[0].certainty, Certainty::Possible);
}

/// The definition, by recursion over the public view of the graph.
fn works(
    graph: &ChainGraph,
    node: &GraphNode,
    stopped: &BTreeSet<&Country>,
    favourable: bool,
    theta: f64,
) -> bool {
    let lost: f64 = node
        .supply
        .iter()
        .flat_map(|s| &s.providers)
        .fold(0.0, |sum, p| {
            let share = if favourable {
                p.share.low
            } else {
                p.share.high
            };
            sum + if stopped.contains(&p.country) {
                share
            } else {
                0.0
            }
        });
    1.0 - lost.min(1.0) + 1e-9 >= theta
        && node.groups.iter().all(|group| {
            (favourable && group.essential == Essential::No)
                || group.alternatives.iter().any(|input| {
                    works(
                        graph,
                        graph.get(&input.node).unwrap(),
                        stopped,
                        favourable,
                        theta,
                    )
                })
        })
}

fn brute_force(graph: &ChainGraph, target: &Node, theta: f64) -> Cuts {
    let countries: Vec<&Country> = graph.countries().into_iter().collect();
    let target = graph.get(target).unwrap();
    let mut all = Cuts::new();
    let mut certain = BTreeSet::new();
    for favourable in [true, false] {
        let stops = |mask: u32| {
            let set = (0..countries.len())
                .filter(|i| mask & (1 << i) != 0)
                .map(|i| countries[i]);
            !works(graph, target, &set.collect(), favourable, theta)
        };
        for mask in 1_u32..1 << countries.len() {
            let minimal = mask.count_ones() <= 3
                && stops(mask)
                && (0..countries.len())
                    .filter(|i| mask & (1 << i) != 0)
                    .all(|i| !stops(mask & !(1 << i)));
            if minimal {
                let set: Vec<String> = (0..countries.len())
                    .filter(|i| mask & (1 << i) != 0)
                    .map(|i| countries[i].0.clone())
                    .collect();
                if favourable {
                    certain.insert(set.clone());
                    all.insert((set, Certainty::Certain));
                } else if !certain.contains(&set) {
                    all.insert((set, Certainty::Possible));
                }
            }
        }
    }
    all
}

#[test]
fn cut_sets_equal_brute_force_on_600_graphs() {
    let (mut sets, mut large) = (0, 0);
    for case in 0..600 {
        let g = random::graph(case);
        let theta = [0.3, 0.5, 0.8][(case % 3) as usize];
        let params = ChokepointParams {
            theta,
            ..ChokepointParams::default()
        };
        let targets = random::targets(&g);
        for found in chokepoints(&g, &targets, &params).unwrap() {
            assert_eq!(
                cuts(&found),
                brute_force(&g, &found.target, theta),
                "graph {case}"
            );
            sets += found.cut_sets.len();
            large += found
                .cut_sets
                .iter()
                .filter(|c| c.countries.len() == 3)
                .count();
        }
    }
    assert!(
        sets > 5_000 && large > 500,
        "the graphs must hold cut sets: {sets}, {large}"
    );
}

#[test]
fn single_nodes_of_or_graphs_are_dominators() {
    let mut compared = 0;
    for case in 0..500 {
        let mut rng = Seed(11).stream("or graph", case);
        let n = rng.random_range(3..14);
        let names: Vec<String> = (0..n).map(|i| format!("n{i:02}|g")).collect();
        let mut links = Vec::new();
        for i in 0..n {
            for j in 0..i {
                if rng.random_bool(0.25) {
                    links.push((format!("n{j:02}"), format!("n{i:02}")));
                }
            }
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let pairs: Vec<(&str, &str)> = links
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        let g = crate::build::built(input(&names, &pairs, &[]));

        // A root in front of every node without inputs; links run downstream.
        let mut flow = DiGraph::<&str, ()>::new();
        let root = flow.add_node("");
        let at: BTreeMap<&str, _> = g
            .nodes()
            .iter()
            .map(|n| (n.node.as_str(), flow.add_node(n.node.as_str())))
            .collect();
        for node in g.nodes() {
            if node.groups.is_empty() {
                flow.add_edge(root, at[node.node.as_str()], ());
            }
        }
        for (a, b) in &pairs {
            flow.add_edge(at[a], at[b], ());
        }
        let tree = dominators::simple_fast(&flow, root);
        for found in chokepoints(&g, &random::targets(&g), &ChokepointParams::default()).unwrap() {
            let of = at[found.target.as_str()];
            let mut expected: Vec<&str> = tree
                .strict_dominators(of)
                .unwrap()
                .map(|d| flow[d])
                .filter(|name| !name.is_empty())
                .collect();
            expected.sort_unstable();
            let singles: Vec<&str> = found.single_nodes.iter().map(|s| s.node.as_str()).collect();
            assert_eq!(singles, expected, "graph {case}");
            compared += singles.len();
        }
    }
    assert!(compared > 500);
}

#[test]
fn row_order_does_not_matter() {
    for case in 0..200 {
        let input = random::input(case);
        let other = random::shuffled(input.clone(), case);
        let (a, b) = (crate::build::built(input), crate::build::built(other));
        assert_eq!(a, b);
        let targets = random::targets(&a);
        let params = ChokepointParams::default();
        assert_eq!(
            chokepoints(&a, &targets, &params).unwrap(),
            chokepoints(&b, &targets, &params).unwrap()
        );
    }
}
