//! Questions that country shares cannot carry.

use std::collections::BTreeSet;

use model::{Arg, Chain, Country, Estimate, Message, Node, Refusal};

use super::scenario::{Asked, Event, Scenario, ShockParams};
use super::stopped::hidden_in;
use crate::graph::ChainGraph;
use crate::stop::{self, Hit};

/// Everything that keeps the scenario from being answered; the catalogue holds `<code>` (the reason) and
/// `<code>.needed` (the data or change that would help).
pub(crate) fn check(graph: &ChainGraph, scenario: &Scenario, params: &ShockParams) -> Vec<Refusal> {
    let whole = || Message::new("shock.question.scenario").with("scenario", scenario.id.as_str());
    let mut refusals = Vec::new();
    let mut refuse = |code: &str, question: Message, args: Vec<(&str, Arg)>| {
        let fill = |id: String| {
            let message = Message::new(id);
            args.iter()
                .fold(message, |m, (name, arg)| m.with(name, arg.clone()))
        };
        refusals.push(Refusal {
            code: code.to_owned(),
            question,
            reason: fill(code.to_owned()),
            needed: fill(format!("{code}.needed")),
        });
    };

    if let Some(firm) = &scenario.firm {
        refuse(
            "shock.firm_question",
            whole(),
            vec![("firm", firm.as_str().into())],
        );
    }
    if let Some(place) = &scenario.place {
        refuse(
            "shock.place_question",
            whole(),
            vec![("place", place.as_str().into())],
        );
    }
    if scenario.quantity == Asked::Price {
        refuse("shock.price_question", whole(), Vec::new());
    }
    if scenario.events.is_empty() {
        refuse("shock.no_event", whole(), Vec::new());
    }
    if scenario.targets.is_empty() {
        refuse("shock.no_target", whole(), Vec::new());
    }
    if scenario.horizon_weeks == 0 || scenario.horizon_weeks > params.max_weeks {
        refuse(
            "shock.horizon",
            whole(),
            vec![
                ("weeks", f64::from(scenario.horizon_weeks).into()),
                ("max", f64::from(params.max_weeks).into()),
            ],
        );
    }
    let unknown_nodes = scenario.targets.iter().chain(scenario.stocks.keys());
    for node in unknown_nodes.filter(|node| graph.index(node).is_none()) {
        refuse(
            "shock.unknown_node",
            whole(),
            vec![("node", node.as_str().into())],
        );
    }
    for (range, valid) in ranges(scenario, params) {
        if !valid {
            refuse(
                "shock.range",
                whole(),
                vec![("low", range.low.into()), ("high", range.high.into())],
            );
        }
    }
    for event in &scenario.events {
        if let Some((code, args)) = event_fault(graph, scenario, event) {
            refuse(code, question(event), args);
        }
    }
    for (a, b) in mixed_views(graph, scenario, params) {
        refuse(
            "shock.mixed_views",
            whole(),
            vec![("a", a.entity().into()), ("b", b.entity().into())],
        );
    }
    refusals
}

/// Stocks must not be negative, tool lives must be positive.
fn ranges(scenario: &Scenario, params: &ShockParams) -> Vec<(Estimate, bool)> {
    let ordered = |e: &Estimate| e.low <= e.value && e.value <= e.high && e.high.is_finite();
    let stocks = (scenario.stocks.values())
        .chain(scenario.stage_stocks.values())
        .chain([&scenario.default_stock]);
    let mut checked: Vec<(Estimate, bool)> = stocks
        .map(|stock| (*stock, ordered(stock) && stock.low >= 0.0))
        .collect();
    let life = params.tool_life_years;
    checked.push((life, ordered(&life) && life.low > 0.0));
    checked
}

type Fault = (&'static str, Vec<(&'static str, Arg)>);

fn event_fault(graph: &ChainGraph, scenario: &Scenario, event: &Event) -> Option<Fault> {
    let severity = event.severity;
    let fraction = 0.0 <= severity.low
        && severity.low <= severity.value
        && severity.value <= severity.high
        && severity.high <= 1.0;
    if !fraction {
        return Some((
            "shock.severity",
            vec![("low", severity.low.into()), ("high", severity.high.into())],
        ));
    }
    if event.start_week == 0 || event.start_week > scenario.horizon_weeks || event.weeks == 0 {
        return Some((
            "shock.outside_horizon",
            vec![
                ("start", f64::from(event.start_week).into()),
                ("weeks", f64::from(event.weeks).into()),
                ("horizon", f64::from(scenario.horizon_weeks).into()),
            ],
        ));
    }
    if let (Some(country), true) = (&event.country, event.country == scenario.buyer) {
        return Some((
            "shock.own_supply",
            vec![("country", country.entity().into())],
        ));
    }
    match (&event.country, &event.node) {
        (None, None) => Some(("shock.empty_event", Vec::new())),
        (country, Some(node)) => at_node(graph, scenario, country.as_ref(), node),
        (Some(country), None) => {
            let somewhere = (0..graph.nodes.len()).any(|i| {
                let Some(supply) = &graph.nodes[i].supply else {
                    return false;
                };
                let hit = |row: &Country| stop::hit(supply, row, country, None, &graph.blocs);
                supply.providers.iter().any(|p| hit(&p.country) > Hit::No)
            });
            (!somewhere).then(|| {
                (
                    "shock.unknown_country",
                    vec![("country", country.entity().into())],
                )
            })
        }
    }
}

/// Whether shares on record can answer for `country` at `node`: it is listed there, or may hide in what is not.
pub fn on_record(graph: &ChainGraph, country: &Country, node: &Node) -> bool {
    let Some(supply) = graph.get(node).and_then(|node| node.supply.as_ref()) else {
        return false;
    };
    let hit = |row: &Country| stop::hit(supply, row, country, None, &graph.blocs) > Hit::No;
    supply.providers.iter().any(|p| hit(&p.country)) || hidden_in(supply, &graph.blocs, country)
}

fn at_node(
    graph: &ChainGraph,
    scenario: &Scenario,
    country: Option<&Country>,
    node: &Node,
) -> Option<Fault> {
    let Some(index) = graph.index(node) else {
        return Some(("shock.unknown_node", vec![("node", node.as_str().into())]));
    };
    if graph.nodes[index].supply.is_none() {
        // All providers together need no shares, unless the buyer's own supply must be told apart.
        let shares_needed = country.is_some() || scenario.buyer.is_some();
        return shares_needed
            .then(|| ("shock.no_supply_data", vec![("node", node.entity().into())]));
    }
    let country = country?;
    (!on_record(graph, country, node)).then(|| {
        (
            "shock.no_evidence",
            vec![
                ("country", country.entity().into()),
                ("node", node.entity().into()),
            ],
        )
    })
}

fn question(event: &Event) -> Message {
    let message = match (&event.country, &event.node) {
        (Some(country), Some(node)) => Message::new("shock.question.country_at_node")
            .with("country", country.entity())
            .with("node", node.entity()),
        (Some(country), None) => {
            Message::new("shock.question.country").with("country", country.entity())
        }
        (None, Some(node)) => Message::new("shock.question.node").with("node", node.entity()),
        (None, None) => Message::new("shock.question.nothing"),
    };
    message.with("weeks", f64::from(event.weeks))
}

/// Pairs of exclusive views that the named nodes and targets span.
fn mixed_views<'a>(
    graph: &'a ChainGraph,
    scenario: &'a Scenario,
    params: &'a ShockParams,
) -> Vec<&'a (Chain, Chain)> {
    let named = scenario
        .events
        .iter()
        .filter_map(|event| event.node.as_ref());
    let chains: BTreeSet<&Chain> = named
        .chain(&scenario.targets)
        .filter_map(|node| graph.get(node))
        .map(|node| &node.chain)
        .collect();
    let both = |(a, b): &&(Chain, Chain)| chains.contains(a) && chains.contains(b);
    params.exclusive_views.iter().filter(both).collect()
}
