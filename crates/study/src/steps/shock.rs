//! What-if scenarios, before the plan and with its capacity.

use std::collections::{BTreeMap, BTreeSet};

use chain::shock::{Asked, Event, Scenario as Question, TargetCourse};
use chain::{ChainGraph, ShockParams, ShockResult};
use model::{
    Basis, Cell, Chain, Entity, Estimate, Kind, Message, Node, Origin, Refusal, ResultTable,
};
use serde_json::{Value, json};

use super::chain::{checked_graph, targets};
use super::{evidence_rows, parameters};
use crate::config::{Config, Span};
use crate::engine::output::StepOutput;
use crate::engine::step::Context;
use crate::inputs::chain::{ChainInfo, chains};
use crate::scenario::Scenario;

pub fn params(config: &Config, scenarios: &[Scenario]) -> Value {
    json!({
        "home": config.study.home, "ranges": config.ranges, "scenarios": scenarios,
        "chain": {
            "exclude": config.chain.exclude, "graph": config.chain.graph, "shock": config.chain.shock,
        },
    })
}

/// Every scenario of the study on the chains as they are.
pub fn run(context: &Context) -> StepOutput {
    let config = context.config;
    let graph = match checked_graph(context) {
        Ok(graph) => graph,
        Err(refused) => return refused,
    };
    let chains = chains(context.evidence, config);
    let mut output = StepOutput::default();
    let (mut summary, mut weeks, mut paths) = (summary_table(), weeks_table(), path_table());
    for scenario in context.scenarios {
        match ask(&graph, &chains, scenario, &config.chain.shock) {
            Ok(result) => {
                for course in &result.targets {
                    add(scenario, course, &mut summary, &mut weeks, &mut paths);
                }
            }
            Err(refusals) => output.refusals.extend(refusals),
        }
    }
    output.tables.extend([summary, weeks, paths]);
    output
}

/// Asks the chains a scenario, or says why they cannot answer.
pub fn ask(
    graph: &ChainGraph,
    chains: &BTreeMap<Chain, ChainInfo>,
    scenario: &Scenario,
    params: &ShockParams,
) -> Result<ShockResult, Vec<Refusal>> {
    chain::shock(graph, &question(graph, chains, scenario), params)
}

fn assumed(span: Span) -> Estimate {
    Estimate {
        value: span.value,
        low: span.low,
        high: span.high,
        basis: Basis::Assumed,
    }
}

fn question(
    graph: &ChainGraph,
    chains: &BTreeMap<Chain, ChainInfo>,
    scenario: &Scenario,
) -> Question {
    let events: Vec<Event> = scenario
        .event
        .iter()
        .map(|event| Event {
            country: event.country.as_deref().map(Into::into),
            node: event.node.as_deref().map(Into::into),
            severity: assumed(event.severity),
            start_week: event.start_week,
            weeks: event.weeks,
        })
        .collect();
    let targets = if scenario.targets.is_empty() {
        downstream(graph, &events, targets(chains, graph))
    } else {
        scenario
            .targets
            .iter()
            .map(|target| target.as_str().into())
            .collect()
    };
    Question {
        id: scenario.id.clone(),
        horizon_weeks: scenario.horizon_weeks,
        stocks: scenario
            .stocks
            .iter()
            .map(|stock| (stock.node.as_str().into(), assumed(stock.weeks)))
            .collect(),
        stage_stocks: BTreeMap::new(),
        default_stock: assumed(scenario.default_stock_weeks),
        buyer: scenario.buyer.as_deref().map(Into::into),
        targets,
        firm: scenario.event.iter().find_map(|event| event.firm.clone()),
        place: scenario.event.iter().find_map(|event| event.region.clone()),
        quantity: if scenario
            .event
            .iter()
            .any(|e| e.quantity == crate::scenario::Asked::Price)
        {
            Asked::Price
        } else {
            Asked::Supply
        },
        events,
    }
}

/// The end products that some event can reach; all of them where an event names no node.
fn downstream(graph: &ChainGraph, events: &[Event], targets: Vec<(Chain, Node)>) -> Vec<Node> {
    let hit: BTreeSet<&Node> = events
        .iter()
        .filter_map(|event| event.node.as_ref())
        .collect();
    let anywhere = events.iter().any(|event| event.node.is_none());
    let reached: Vec<Node> = targets
        .iter()
        .map(|(_, target)| target.clone())
        .filter(|target| {
            anywhere
                || hit.contains(target)
                || graph
                    .upstream(target)
                    .is_some_and(|up| up.iter().any(|node| hit.contains(*node)))
        })
        .collect();
    // An event on an unknown node reaches nothing; the method itself then says what is wrong.
    if reached.is_empty() {
        targets
            .into_iter()
            .map(|(_, target)| target)
            .take(1)
            .collect()
    } else {
        reached
    }
}

fn summary_table() -> ResultTable {
    ResultTable::new(
        "chain.shock",
        "shock",
        "share of normal supply at risk: Fréchet bounds along the chain, after stocks",
        &[
            ("scenario", ""),
            ("target", ""),
            ("peak", "share"),
            ("cumulative", "weeks"),
            ("first_week_worst", ""),
            ("first_week_best", ""),
            ("reason", ""),
        ],
    )
}

fn weeks_table() -> ResultTable {
    ResultTable::new(
        "chain.shock_weeks",
        "shock",
        "loss(t) = own loss and shortfalls of input groups after stocks; low best bound, high worst bound",
        &[
            ("scenario", ""),
            ("target", ""),
            ("week", ""),
            ("at_risk", "share"),
        ],
    )
}

fn path_table() -> ResultTable {
    ResultTable::new(
        "chain.shock_path",
        "shock",
        "in the week of the peak, from the product to the source along the input that takes most",
        &[
            ("scenario", ""),
            ("target", ""),
            ("station", ""),
            ("node", ""),
            ("loss", "share"),
        ],
    )
}

fn scenario_entity(scenario: &Scenario) -> Entity {
    Entity::new(Kind::Scenario, scenario.id.clone())
}

/// Lineage of a course: the rows it used and the scenario's own settings.
pub fn course_origins(scenario: &Scenario, course: &TargetCourse) -> Vec<Origin> {
    let mut origins = evidence_rows(&course.origins);
    origins.extend(parameters(&["ranges", "chain.shock"]));
    origins.push(Origin::Parameter(format!("scenarios/{}", scenario.id)));
    origins
}

fn add(
    scenario: &Scenario,
    course: &TargetCourse,
    summary: &mut ResultTable,
    weeks: &mut ResultTable,
    paths: &mut ResultTable,
) {
    let key = format!("{}/{}", scenario.id, course.target);
    let week = |week: Option<u32>| week.map_or(Cell::Empty, |week| Cell::Count(i64::from(week)));
    summary.push(
        key.clone(),
        vec![
            scenario_entity(scenario).into(),
            course.target.entity().into(),
            course.peak.into(),
            course.cumulative.into(),
            week(course.first_week.worst),
            week(course.first_week.best),
            course
                .reason
                .clone()
                .map_or(Cell::Empty, |reason: Message| reason.into()),
        ],
        course_origins(scenario, course),
    );
    let result = Origin::Result(model::RowRef::new("chain.shock", key.clone()));
    for (i, at_risk) in course.weeks.iter().enumerate() {
        weeks.push(
            format!("{key}/{}", i + 1),
            vec![
                scenario_entity(scenario).into(),
                course.target.entity().into(),
                (i + 1).into(),
                (*at_risk).into(),
            ],
            vec![result.clone()],
        );
    }
    for (i, step) in course.path.iter().enumerate() {
        paths.push(
            format!("{key}/{}", i + 1),
            vec![
                scenario_entity(scenario).into(),
                course.target.entity().into(),
                (i + 1).into(),
                step.node.entity().into(),
                step.loss.into(),
            ],
            vec![result.clone()],
        );
    }
}
