//! N−1 and N−2 of the end products, and whether they survive until a capability is rebuilt.

use std::collections::BTreeMap;

use chain::ChainGraph;
use chain::chokepoints::{
    Actors, ReliabilityParams, Stop, SurviveParams, TargetReliability, Weeks, exposed, lost_to,
    reliability, time_to_survive,
};
use evidence::Evidence;
use model::{
    Basis, Cell, Chain, Country, Estimate, Message, Node, Origin, Quantity, Refusal, ResultTable,
    RowRef,
};
use serde_json::{Value, json};

use super::chain::{broken, targets};
use super::{code, evidence_rows, parameters};
use crate::config::Config;
use crate::engine::output::StepOutput;
use crate::engine::step::Context;
use crate::inputs::chain::{chains, graph};
use crate::inputs::durations;
use crate::scenario::Scenario;

const WEEKS_PER_YEAR: f64 = 52.0;
const SETTINGS: [&str; 5] = [
    "chain.chokepoints",
    "study.home",
    "ranges",
    "reliability",
    "necks.hardness",
];

pub fn params(config: &Config, scenarios: &[Scenario]) -> Value {
    let stocks: Vec<_> = scenarios.iter().map(|s| &s.stocks).collect();
    json!({
        "home": config.study.home, "ranges": config.ranges, "stocks": stocks,
        "reliability": config.reliability, "hardness": config.necks.hardness,
        "chain": {
            "exclude": config.chain.exclude, "graph": config.chain.graph,
            "chokepoints": config.chain.chokepoints,
        },
    })
}

pub fn run(context: &Context) -> StepOutput {
    let config = context.config;
    let Ok(graph) = graph(context.evidence, config) else {
        // chain.exposure reports what is wrong with the graph.
        return StepOutput::default();
    };
    let chains = chains(context.evidence, config);
    let targets = targets(&chains, &graph);
    let nodes: Vec<Node> = targets.iter().map(|(_, node)| node.clone()).collect();
    let actors = Actors::as_recorded(&graph);
    let params = ReliabilityParams {
        theta: config.chain.chokepoints.theta,
        home: Some(config.study.home.clone()),
        pairs: config.reliability.as_ref().map_or(10, |r| r.pairs),
    };
    let found = match reliability(&graph, &actors, &nodes, &params) {
        Ok(found) => found,
        Err(problems) => {
            return StepOutput {
                tables: vec![],
                refusals: broken(&problems),
            };
        }
    };
    let mut output = StepOutput::default();
    let chain_of: BTreeMap<&Node, &Chain> = targets.iter().map(|(c, n)| (n, c)).collect();
    output.tables.push(summary(&graph, &found, &chain_of));
    output
        .tables
        .push(singles(context, &graph, &actors, &found, &chain_of));
    output.tables.push(pairs(&graph, &found));
    if config.reliability.is_none() {
        output.refusals.push(Refusal {
            code: "reliability.no_stocks".to_owned(),
            question: Message::new("reliability.question"),
            reason: Message::new("reliability.no_stocks"),
            needed: Message::new("reliability.no_stocks.needed"),
        });
    }
    output
}

/// The shares of these countries upstream of the target.
fn origins(graph: &ChainGraph, target: &Node, stopped: &[Country]) -> Vec<Origin> {
    let mut rows: Vec<RowRef> = Vec::new();
    for node in graph.upstream(target).unwrap_or_default() {
        let supply = graph.get(node).and_then(|n| n.supply.as_ref());
        for provider in supply.into_iter().flat_map(|s| &s.providers) {
            if stopped.is_empty() || stopped.contains(&provider.country) {
                rows.extend(provider.origins.iter().cloned());
            }
        }
    }
    let mut origins = evidence_rows(&rows);
    origins.extend(parameters(&SETTINGS));
    origins
}

fn names(stop: &Stop) -> Vec<model::Entity> {
    stop.actors.iter().map(Country::entity).collect()
}

fn summary(
    graph: &ChainGraph,
    found: &[TargetReliability],
    chain_of: &BTreeMap<&Node, &Chain>,
) -> ResultTable {
    let mut table = ResultTable::new(
        "chain.reliability",
        "reliability",
        "stops of one and of two foreign countries that the product survives, may survive, does not survive, under theta",
        &[
            ("target", ""),
            ("chain", ""),
            ("single_survived", ""),
            ("single_undecided", ""),
            ("single_stopped", ""),
            ("pairs_survived", ""),
            ("pairs_undecided", ""),
            ("pairs_stopped", ""),
            ("nines", ""),
        ],
    );
    for target in found {
        let mut cells: Vec<Cell> = vec![
            target.target.entity().into(),
            chain_of
                .get(&target.target)
                .map_or(Cell::Empty, |chain| chain.entity().into()),
        ];
        let counts = target.single_counts().into_iter().chain(target.pair_counts);
        cells.extend(counts.map(Cell::from));
        let unknown = Message::new("reliability.no_probabilities");
        cells.push(Quantity::not_estimated(unknown).into());
        table.push(
            target.target.as_str(),
            cells,
            origins(graph, &target.target, &[]),
        );
    }
    table
}

fn singles(
    context: &Context,
    graph: &ChainGraph,
    actors: &Actors,
    found: &[TargetReliability],
    chain_of: &BTreeMap<&Node, &Chain>,
) -> ResultTable {
    let mut table = ResultTable::new(
        "chain.n1",
        "reliability",
        "loss of the product when the country stops everywhere upstream, before stocks; longest time in full supply with stocks (LP)",
        &[
            ("target", ""),
            ("country", ""),
            ("loss", "share"),
            ("survives", ""),
            ("time_to_survive", "weeks"),
            ("time_to_recover", "weeks"),
            ("exposed", ""),
        ],
    );
    let config = context.config;
    let stocks = stocks(context, graph);
    for target in found {
        let recovery = chain_of
            .get(&target.target)
            .and_then(|chain| recovery(context.evidence, context.config, chain));
        for stop in &target.singles {
            let lost = lost_to(graph, actors, &stop.actors, Some(&config.study.home));
            let survives = stocks.as_ref().and_then(|(stocks, params)| {
                time_to_survive(graph, &target.target, &lost, stocks, params).ok()
            });
            let missing = |id: &str| Quantity::not_estimated(Message::new(id));
            let weeks = match &survives {
                Some(found) => found.weeks.into(),
                None => missing("reliability.no_stocks"),
            };
            let mut origins = origins(graph, &target.target, &stop.actors);
            let (back, verdict) = match &recovery {
                Some((weeks, rows)) => {
                    origins.extend(evidence_rows(rows));
                    let verdict = survives.as_ref().map(|s| exposed(s, *weeks));
                    (Quantity::from(*weeks), verdict)
                }
                None => (missing("necks.no_reference_class"), None),
            };
            table.push(
                format!("{}/{}", target.target, stop.actors[0]),
                vec![
                    target.target.entity().into(),
                    stop.actors[0].entity().into(),
                    stop.loss.into(),
                    code(stop.survives.code()),
                    weeks.into(),
                    back.into(),
                    verdict.map_or(Cell::Empty, |verdict| code(verdict.code())),
                ],
                origins,
            );
        }
    }
    table
}

fn pairs(graph: &ChainGraph, found: &[TargetReliability]) -> ResultTable {
    let mut table = ResultTable::new(
        "chain.n2",
        "reliability",
        "loss of the product when both countries stop everywhere upstream, before stocks; pairs that are worse than either country first",
        &[
            ("target", ""),
            ("countries_stopped", ""),
            ("loss", "share"),
            ("survives", ""),
        ],
    );
    for target in found {
        for stop in &target.pairs {
            let key: Vec<&str> = stop.actors.iter().map(Country::as_str).collect();
            table.push(
                format!("{}/{}", target.target, key.join("+")),
                vec![
                    target.target.entity().into(),
                    names(stop).into(),
                    stop.loss.into(),
                    code(stop.survives.code()),
                ],
                origins(graph, &target.target, &stop.actors),
            );
        }
    }
    table
}

/// The stocks that scenarios name (the widest range where several do) and the study's assumption for the rest.
fn stocks(context: &Context, graph: &ChainGraph) -> Option<(Weeks, SurviveParams)> {
    let settings = context.config.reliability.as_ref()?;
    let mut stocks: Weeks = BTreeMap::new();
    for stock in context.scenarios.iter().flat_map(|s| &s.stocks) {
        let weeks = stock.weeks.assumed();
        stocks
            .entry(stock.node.as_str().into())
            .and_modify(|known| {
                let (low, high) = (known.low.min(weeks.low), known.high.max(weeks.high));
                *known = Estimate::spanning(known.value, low, high, Basis::Assumed);
            })
            .or_insert(weeks);
    }
    let not_stocked = &context.config.chain.shock.not_stocked;
    for node in graph.nodes() {
        let assumed = if not_stocked.contains(&node.stage) {
            Estimate::exact(0.0, Basis::Assumed)
        } else {
            settings.stock_weeks.assumed()
        };
        stocks.entry(node.node.clone()).or_insert(assumed);
    }
    let params = SurviveParams {
        spare: settings.spare,
        ..SurviveParams::default()
    };
    Some((stocks, params))
}

/// Weeks to build a capability of the chain, from its reference classes.
pub fn recovery(
    evidence: &Evidence,
    config: &Config,
    chain: &Chain,
) -> Option<(Estimate, Vec<RowRef>)> {
    let classes = config.necks.hardness.get(chain.as_str())?;
    let (years, rows) = durations::years(evidence, classes, &config.ranges)?;
    Some((years.map_increasing(|years| years * WEEKS_PER_YEAR), rows))
}
