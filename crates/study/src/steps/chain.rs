//! Chains: the graph, exposure and chokepoints.

use std::collections::{BTreeMap, BTreeSet};

use chain::{ChainGraph, ChokepointParams, GraphProblem, chokepoints, exposure, must_control};
use model::{
    Basis, Cell, Chain, Country, Entity, Estimate, Message, Node, Origin, Quantity, Refusal,
    ResultTable, short,
};
use serde_json::{Value, json};

use super::{code, evidence_rows, parameters, year};
use crate::config::Config;
use crate::engine::output::StepOutput;
use crate::engine::step::Context;
use crate::inputs::chain::{ChainInfo, chains, graph};
use crate::scenario::Scenario;

pub fn params(config: &Config, _: &[Scenario]) -> Value {
    json!({
        "home": config.study.home, "ranges": config.ranges,
        "chain": {
            "exclude": config.chain.exclude,
            "graph": config.chain.graph,
            "chokepoints": config.chain.chokepoints,
            "must_control": config.chain.must_control,
        },
    })
}

/// The end products of all chains, with their chain.
pub fn targets(chains: &BTreeMap<Chain, ChainInfo>, graph: &ChainGraph) -> Vec<(Chain, Node)> {
    chains
        .values()
        .flat_map(|info| {
            info.targets
                .iter()
                .map(|target| (info.chain.clone(), target.clone()))
        })
        .filter(|(_, target)| graph.get(target).is_some())
        .collect()
}

/// What is wrong with the graph, as refusals.
pub fn broken(problems: &[GraphProblem]) -> Vec<Refusal> {
    problems
        .iter()
        .map(|problem| Refusal {
            code: "chain.broken".to_owned(),
            question: Message::new("chain.step.question"),
            reason: problem.message(),
            needed: Message::new("chain.step.broken.needed"),
        })
        .collect()
}

/// The graph of the study's chains, or what is wrong with it.
pub fn checked_graph(context: &Context) -> Result<ChainGraph, StepOutput> {
    graph(context.evidence, context.config).map_err(|problems| StepOutput {
        tables: vec![],
        refusals: broken(&problems),
    })
}

/// The graph as it is read, and who each end product depends on.
pub fn exposures(context: &Context) -> StepOutput {
    let config = context.config;
    let graph = match checked_graph(context) {
        Ok(graph) => graph,
        Err(refused) => return refused,
    };
    let chains = chains(context.evidence, config);
    let targets = targets(&chains, &graph);
    let nodes: Vec<Node> = targets.iter().map(|(_, node)| node.clone()).collect();
    let mut output = StepOutput::default();
    output.tables.push(graph_table(&graph));
    match exposure(&graph, &nodes, Some(&config.study.home)) {
        Ok(found) => {
            output.tables.push(home_table(&targets, &found));
            output.tables.push(exposure_table(&found));
            output.refusals.extend(uncovered(&found));
        }
        Err(problems) => output.refusals.extend(broken(&problems)),
    }
    output
}

fn graph_table(graph: &ChainGraph) -> ResultTable {
    let mut table = ResultTable::new(
        "chain.nodes",
        "chain-graph",
        "one group of shares per node: preferred basis, then the most recent year; unknown = 1 - Σ shares",
        &[
            ("node", ""),
            ("chain", ""),
            ("stage", ""),
            ("basis", ""),
            ("year", ""),
            ("largest", ""),
            ("largest_share", "share"),
            ("unknown_share", "share"),
            ("set_aside", ""),
        ],
    );
    for node in graph.nodes() {
        let mut origins = vec![Origin::Evidence(node.origin.clone())];
        let mut cells: Vec<Cell> = vec![
            node.node.entity().into(),
            node.chain.entity().into(),
            code(node.stage.code()),
        ];
        if let Some(supply) = &node.supply {
            let largest = supply
                .providers
                .iter()
                .max_by(|a, b| a.share.value.total_cmp(&b.share.value));
            origins.extend(
                supply
                    .providers
                    .iter()
                    .flat_map(|p| evidence_rows(&p.origins)),
            );
            cells.extend([
                supply
                    .group
                    .map_or(Cell::Empty, |(basis, _)| code(basis.code())),
                supply.group.map_or(Cell::Empty, |(_, at)| year(at)),
                largest.map_or(Cell::Empty, |p| p.country.entity().into()),
                largest.map_or(Cell::Empty, |p| p.share.into()),
                supply.unknown.into(),
                supply
                    .set_aside
                    .iter()
                    .map(|(basis, year)| format!("{} {year}", short(basis.code())))
                    .collect::<Vec<_>>()
                    .join("; ")
                    .into(),
            ]);
        } else {
            let missing = || Quantity::not_estimated(Message::new("necks.no_share"));
            cells.extend([
                Cell::Empty,
                Cell::Empty,
                Cell::Empty,
                missing().into(),
                missing().into(),
                Cell::Empty,
            ]);
        }
        table.push(node.node.as_str(), cells, origins);
    }
    table
}

fn home_table(targets: &[(Chain, Node)], found: &chain::ExposureResult) -> ResultTable {
    let mut table = ResultTable::new(
        "chain.home",
        "chain-graph",
        "home's recorded share, and what would remain if all foreign supply stopped (Fréchet bounds along the chain)",
        &[
            ("target", ""),
            ("chain", ""),
            ("home_share", "share"),
            ("home_look_through", "share"),
            ("nodes_upstream", ""),
            ("nodes_with_shares", ""),
            ("covered", "share"),
        ],
    );
    for ((chain, target), row) in targets.iter().zip(&found.targets) {
        let mut origins = evidence_rows(&row.origins);
        origins.extend(parameters(&["study.home", "ranges", "chain.graph"]));
        table.push(
            format!("{chain}/{target}"),
            vec![
                target.entity().into(),
                chain.entity().into(),
                row.home_direct.clone().into(),
                row.home_alone.clone().into(),
                row.coverage.upstream.into(),
                row.coverage.with_supply.into(),
                Estimate::exact(row.coverage.share(), Basis::Derived).into(),
            ],
            origins,
        );
    }
    table
}

fn exposure_table(found: &chain::ExposureResult) -> ResultTable {
    let mut table = ResultTable::new(
        "chain.exposure",
        "chain-graph",
        "loss of the product if the country stops everywhere upstream: max of losses (best) to their sum (worst)",
        &[
            ("target", ""),
            ("country", ""),
            ("direct", "share"),
            ("look_through", "share"),
            ("if_unknown", "share"),
        ],
    );
    for row in &found.rows {
        let mut origins = evidence_rows(&row.origins);
        origins.extend(parameters(&["ranges", "chain.graph"]));
        table.push(
            format!("{}/{}", row.target, row.country),
            vec![
                row.target.entity().into(),
                row.country.entity().into(),
                row.direct.clone().into(),
                row.look_through.into(),
                Estimate::spanning(
                    row.if_unknown,
                    row.look_through.high,
                    row.if_unknown,
                    Basis::Derived,
                )
                .into(),
            ],
            origins,
        );
    }
    table
}

fn uncovered(found: &chain::ExposureResult) -> Option<Refusal> {
    let gaps: BTreeSet<Node> = found
        .targets
        .iter()
        .flat_map(|target| target.coverage.gaps.iter().cloned())
        .collect();
    let list: Vec<Entity> = gaps.iter().map(Node::entity).collect();
    (!list.is_empty()).then(|| Refusal {
        code: "chain.no_shares".to_owned(),
        question: Message::new("chain.step.question"),
        reason: Message::new("chain.step.no_shares").with("nodes", list),
        needed: Message::new("chain.step.no_shares.needed"),
    })
}

/// Single points of failure, smallest country cut sets, reach of each node, and what home must control.
pub fn cuts(context: &Context) -> StepOutput {
    let config = context.config;
    let Ok(graph) = graph(context.evidence, config) else {
        // chain.exposure reports what is wrong with the graph.
        return StepOutput::default();
    };
    let chains = chains(context.evidence, config);
    let targets = targets(&chains, &graph);
    let nodes: Vec<Node> = targets.iter().map(|(_, node)| node.clone()).collect();
    let settings = ChokepointParams {
        home: Some(config.study.home.clone()),
        ..config.chain.chokepoints.clone()
    };
    let found = match chokepoints(&graph, &nodes, &settings) {
        Ok(found) => found,
        Err(problems) => {
            return StepOutput {
                tables: vec![],
                refusals: broken(&problems),
            };
        }
    };
    let mut output = StepOutput {
        tables: vec![
            cut_table(&found),
            single_table(&found),
            reach(&graph, &targets, &found),
        ],
        refusals: vec![],
    };
    match must_control(
        &graph,
        &nodes,
        &config.study.home,
        &config.chain.must_control,
    ) {
        Ok(list) => output.tables.push(control_table(&list)),
        Err(problems) => output.refusals.extend(broken(&problems)),
    }
    output
}

fn cut_table(found: &[chain::chokepoints::TargetChokepoints]) -> ResultTable {
    let mut table = ResultTable::new(
        "chain.cut_sets",
        "chokepoints",
        "minimal sets of foreign countries whose stop leaves less than theta at some required node",
        &[
            ("target", ""),
            ("size", ""),
            ("suppliers", ""),
            ("certainty", ""),
            ("bites", ""),
            ("root", ""),
            ("stages", ""),
        ],
    );
    for target in found {
        for cut in &target.cut_sets {
            let names: Vec<&str> = cut.countries.iter().map(Country::as_str).collect();
            let mut origins = evidence_rows(&cut.origins);
            origins.extend(parameters(&["chain.chokepoints", "study.home", "ranges"]));
            table.push(
                format!("{}/{}", target.target, names.join("+")),
                vec![
                    target.target.entity().into(),
                    cut.countries.len().into(),
                    cut.countries
                        .iter()
                        .map(Country::entity)
                        .collect::<Vec<_>>()
                        .into(),
                    code(cut.certainty.code()),
                    cut.bites
                        .iter()
                        .map(Node::entity)
                        .collect::<Vec<_>>()
                        .into(),
                    cut.root.node.entity().into(),
                    cut.root.stages.into(),
                ],
                origins,
            );
        }
    }
    table
}

fn single_table(found: &[chain::chokepoints::TargetChokepoints]) -> ResultTable {
    let mut table = ResultTable::new(
        "chain.single_nodes",
        "chokepoints",
        "nodes without which the product stops",
        &[
            ("target", ""),
            ("node", ""),
            ("certainty", ""),
            ("stages", ""),
        ],
    );
    for target in found {
        for node in &target.single_nodes {
            let mut origins = evidence_rows(&node.origins);
            origins.extend(parameters(&["chain.chokepoints"]));
            table.push(
                format!("{}/{}", target.target, node.node),
                vec![
                    target.target.entity().into(),
                    node.node.entity().into(),
                    code(node.certainty.code()),
                    node.stages.into(),
                ],
                origins,
            );
        }
    }
    table
}

/// Which part of the end products stops without a node: of its own chain, and of all chains.
fn reach(
    graph: &ChainGraph,
    targets: &[(Chain, Node)],
    found: &[chain::chokepoints::TargetChokepoints],
) -> ResultTable {
    let mut table = ResultTable::new(
        "chain.node_reach",
        "chokepoints",
        "end products that stop without the node / end products; low: certain, high: certain or possible",
        &[
            ("node", ""),
            ("own_chain", "share"),
            ("all_chains", "share"),
            ("products", ""),
        ],
    );
    for node in graph.nodes() {
        let (mut own, mut all) = ([0_usize; 3], [0_usize; 3]);
        let mut products = Vec::new();
        let mut origins = vec![Origin::Evidence(node.origin.clone())];
        for ((chain, target), result) in targets.iter().zip(found) {
            let hit = result.single_nodes.iter().find(|s| s.node == node.node);
            let itself = *target == node.node;
            let certain = itself
                || hit.is_some_and(|s| s.certainty == chain::chokepoints::Certainty::Certain);
            let possible = itself || hit.is_some();
            if possible {
                products.push(target.entity());
                origins.extend(hit.iter().flat_map(|s| evidence_rows(&s.origins)));
            }
            for (counts, counted) in [(&mut own, *chain == node.chain), (&mut all, true)] {
                if counted {
                    counts[0] += 1;
                    counts[1] += usize::from(certain);
                    counts[2] += usize::from(possible);
                }
            }
        }
        origins.extend(parameters(&["chain.chokepoints"]));
        table.push(
            node.node.as_str(),
            vec![
                node.node.entity().into(),
                part(own).into(),
                part(all).into(),
                products.into(),
            ],
            origins,
        );
    }
    table
}

/// `[all, certain, possible]` as a share with its range.
fn part([all, certain, possible]: [usize; 3]) -> Quantity {
    if all == 0 {
        return Quantity::not_estimated(Message::new("chain.step.no_target"));
    }
    let (low, high) = (certain as f64 / all as f64, possible as f64 / all as f64);
    Estimate::spanning(f64::midpoint(low, high), low, high, Basis::Derived).into()
}

/// The word for one criterion; the verdict over all three has its own.
pub fn tested(verdict: chain::Verdict) -> Cell {
    use chain::Verdict;
    code(match verdict {
        Verdict::Pass => "test.pass",
        Verdict::Undecided => "test.open",
        Verdict::Fail => "test.fail",
    })
}

fn control_table(list: &[chain::MustControl]) -> ResultTable {
    let mut table = ResultTable::new(
        "chain.must_control",
        "chokepoints",
        "largest foreign share, home's share and products stopped, each against its threshold",
        &[
            ("node", ""),
            ("verdict", ""),
            ("holder", ""),
            ("foreign_share", "share"),
            ("foreign_test", ""),
            ("home_share", "share"),
            ("home_test", ""),
            ("targets_stopped", "share"),
            ("targets_test", ""),
        ],
    );
    for item in list {
        let mut origins = evidence_rows(&item.origins);
        origins.extend(parameters(&["chain.must_control", "study.home", "ranges"]));
        table.push(
            item.node.as_str(),
            vec![
                item.node.entity().into(),
                code(item.verdict.code()),
                item.holder
                    .as_ref()
                    .map_or(Cell::Empty, |c| c.entity().into()),
                item.foreign_share.quantity.clone().into(),
                tested(item.foreign_share.verdict),
                item.home_share.quantity.clone().into(),
                tested(item.home_share.verdict),
                item.targets_stopped.quantity.clone().into(),
                tested(item.targets_stopped.verdict),
            ],
            origins,
        );
    }
    table
}
