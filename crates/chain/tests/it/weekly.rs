//! Weekly courses by hand.

use std::collections::BTreeMap;

use chain::shock::{Asked, Cause, Event, FirstWeek, ThirdCountries};
use chain::{ChainInput, Relation, Scenario, ShockParams, ShockResult, shock};
use model::{Estimate, Node};

use crate::build::{built, exact, graph, ids, link, node, range, share};

pub fn event(
    country: Option<&str>,
    node: Option<&str>,
    severity: Estimate,
    start_week: u32,
    weeks: u32,
) -> Event {
    Event {
        country: country.map(Into::into),
        node: node.map(Into::into),
        severity,
        start_week,
        weeks,
    }
}

pub fn scenario(events: Vec<Event>, horizon: u32, stock: f64, targets: &[&str]) -> Scenario {
    Scenario {
        id: "s".into(),
        events,
        horizon_weeks: horizon,
        stocks: BTreeMap::new(),
        stage_stocks: BTreeMap::new(),
        default_stock: exact(stock),
        buyer: None,
        targets: targets.iter().map(|t| Node::from(*t)).collect(),
        firm: None,
        place: None,
        quantity: Asked::Supply,
    }
}

fn run(graph: &chain::ChainGraph, scenario: &Scenario) -> ShockResult {
    shock(graph, scenario, &ShockParams::default()).unwrap()
}

fn close(weeks: &[Estimate], expected: &[(f64, f64, f64)]) {
    let found: Vec<(f64, f64, f64)> = weeks.iter().map(|e| (e.low, e.value, e.high)).collect();
    let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
    let same = found.len() == expected.len()
        && found
            .iter()
            .zip(expected)
            .all(|(a, b)| near(a.0, b.0) && near(a.1, b.1) && near(a.2, b.2));
    assert!(same, "{found:?} is not {expected:?}");
}

#[test]
fn stock_covers_until_it_is_used_up() {
    // USA holds 0.8 of x and stops in weeks 2..5; users hold one week: 1 - 0.8 = 0.2 left after week 2.
    // Shortages at t: week 3: 0.8 - 0.2 = 0.6, weeks 4 and 5: 0.8.
    let g = graph(&["x", "t"], &[("x", "t")], &[("x", "USA", 0.8)]);
    let s = scenario(
        vec![event(Some("USA"), None, exact(1.0), 2, 4)],
        7,
        1.0,
        &["t"],
    );
    let result = run(&g, &s);
    let t = &result.targets[0];
    let same = |x: f64| (x, x, x);
    close(&t.weeks, &[0.0, 0.0, 0.6, 0.8, 0.8, 0.0, 0.0].map(same));
    assert!((t.cumulative.value - 2.2).abs() < 1e-12);
    assert_eq!(
        t.first_week,
        FirstWeek {
            worst: Some(3),
            central: Some(3),
            best: Some(3)
        }
    );
    let x = result
        .nodes
        .iter()
        .find(|n| n.node.as_str() == "x")
        .unwrap();
    // drawn 1.0 = lost 3.2 - passed on 2.2
    assert_eq!((x.stock_start.value, x.stock_left.value), (1.0, 0.0));
    assert!((x.cumulative.value - x.passed_on.value - 1.0).abs() < 1e-12);
    assert_eq!(x.first_week.worst, Some(2));
    let path: Vec<(&str, u32)> = t.path.iter().map(|s| (s.node.as_str(), s.week)).collect();
    assert_eq!(path, [("t", 4), ("x", 2)]);
    assert!(matches!(&t.path[0].cause, Cause::Inputs(inputs) if ids(inputs) == ["x"]));
    assert_eq!(t.path[1].cause, Cause::Own);
    let keys: Vec<&str> = t.origins.iter().map(|o| o.key.as_str()).collect();
    assert_eq!(keys, ["x/t", "x/USA"]);
}

#[test]
fn ranges_of_share_severity_and_stock_open_the_band() {
    let g = built(ChainInput {
        nodes: vec![node("x"), node("t")],
        links: vec![link("x", "t", Relation::InputTo)],
        supply: vec![share("x", "USA", range(0.5, 0.4, 0.8))],
    });
    let mut s = scenario(
        vec![event(Some("USA"), Some("x"), range(0.5, 0.5, 1.0), 1, 2)],
        2,
        0.0,
        &["t"],
    );
    s.stocks.insert("x".into(), range(0.1, 0.0, 0.3));
    // best: 0.4 x 0.5 = 0.2 a week, stock 0.3: 0, then 0.2 - 0.1 = 0.1. central: 0.25, stock 0.1: 0.15, 0.25.
    // worst: 0.8, no stock.
    close(
        &run(&g, &s).targets[0].weeks,
        &[(0.0, 0.15, 0.8), (0.1, 0.25, 0.8)],
    );
}

#[test]
fn a_missing_tool_wears_capacity_away() {
    // All tools stop for 26 weeks. Lives 20, 10, 5 years: lost a week 1/1040, 1/520, 1/260.
    let g = built(ChainInput {
        nodes: vec![node("tool"), node("t")],
        links: vec![link("tool", "t", Relation::ToolFor)],
        supply: vec![share("tool", "NLD", exact(1.0))],
    });
    let s = scenario(
        vec![event(Some("NLD"), None, exact(1.0), 1, 26)],
        104,
        8.0,
        &["t"],
    );
    let result = run(&g, &s);
    let weeks = &result.targets[0].weeks;
    let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
    let week = |n: usize| weeks[n - 1];
    assert!(near(week(26).low, 26.0 / 1040.0) && near(week(26).value, 26.0 / 520.0));
    assert!(near(week(26).high, 26.0 / 260.0));
    // Best recovers at the rate of the loss: gone after 26 weeks, as under the lower rule with central numbers.
    // The upper rule never recovers, so central keeps half of the loss.
    assert!(near(week(39).low, 13.0 / 1040.0) && near(week(52).low, 0.0));
    assert!(near(week(52).value, 13.0 / 520.0) && near(week(104).value, 13.0 / 520.0));
    assert!(near(week(104).high, 0.1));
    // The path leaves the peak week and finds the weeks in which the tool was missing.
    let path: Vec<(&str, u32)> = result.targets[0]
        .path
        .iter()
        .map(|s| (s.node.as_str(), s.week))
        .collect();
    assert_eq!(path, [("t", 26), ("tool", 1)]);
}

#[test]
fn and_or_and_optional_inputs_in_a_week() {
    // As in the exposure by hand: best 0.2, central 0.6, worst 1 (see exposure.rs).
    let g = graph(
        &["x|g", "y|g", "z?", "t"],
        &[("x", "t"), ("y", "t"), ("z", "t")],
        &[
            ("x", "USA", 0.9),
            ("y", "USA", 0.2),
            ("z", "USA", 0.3),
            ("t", "USA", 0.1),
        ],
    );
    let s = scenario(
        vec![event(Some("USA"), None, exact(1.0), 1, 1)],
        1,
        0.0,
        &["t"],
    );
    let result = run(&g, &s);
    close(&result.targets[0].weeks, &[(0.2, 0.6, 1.0)]);
    let Cause::Inputs(binding) = &result.targets[0].path[0].cause else {
        panic!("inputs bind");
    };
    assert_eq!(ids(binding), ["x", "y"]);
}

#[test]
fn events_at_one_provider_overlap_by_an_unknown_part() {
    let g = graph(&["t"], &[], &[("t", "USA", 0.5), ("t", "JPN", 0.25)]);
    let hit = |country, severity| event(country, Some("t"), exact(severity), 1, 1);
    let weeks = |events| {
        run(&g, &scenario(events, 1, 0.0, &["t"])).targets[0]
            .weeks
            .clone()
    };
    // 0.5 x [max(0.4, 0.4), 0.8]
    close(
        &weeks(vec![hit(Some("USA"), 0.4), hit(Some("USA"), 0.4)]),
        &[(0.2, 0.3, 0.4)],
    );
    // different providers are disjoint: 0.5 + 0.25
    close(
        &weeks(vec![hit(Some("USA"), 1.0), hit(Some("JPN"), 1.0)]),
        &[(0.75, 0.75, 0.75)],
    );
    // everyone loses 0.3, the USA all: [max(0.3, 0.5), 0.3 + 0.5]
    close(
        &weeks(vec![hit(None, 0.3), hit(Some("USA"), 1.0)]),
        &[(0.5, 0.65, 0.8)],
    );
}

#[test]
fn an_export_stop_spares_the_buyer() {
    // x: USA 0.6, CHN 0.3, 0.1 unknown. t: CHN 0.5, USA 0.1, 0.4 unknown. Exports of the USA to China stop.
    let g = graph(
        &["x", "t"],
        &[("x", "t")],
        &[
            ("x", "USA", 0.6),
            ("x", "CHN", 0.3),
            ("t", "CHN", 0.5),
            ("t", "USA", 0.1),
        ],
    );
    let mut s = scenario(
        vec![event(Some("USA"), None, exact(1.0), 1, 1)],
        1,
        0.0,
        &["t"],
    );
    s.buyer = Some("CHN".into());
    // best: only China's half of t lacks x: max(0.1, 0.5 x 0.6) = 0.3; worst 0.1 + 0.6; central between them.
    close(&run(&g, &s).targets[0].weeks, &[(0.3, 0.5, 0.7)]);
    let follow = ShockParams {
        third_countries: ThirdCountries::Follow,
        ..ShockParams::default()
    };
    let weeks = shock(&g, &s, &follow).unwrap().targets[0].weeks.clone();
    close(&weeks, &[(0.6, 0.65, 0.7)]);
    // Everybody stops at x: the buyer's own 0.3 stays, 0.7 is lost.
    s.events = vec![event(None, Some("x"), exact(1.0), 1, 1)];
    let x = run(&g, &s)
        .nodes
        .iter()
        .find(|n| n.node.as_str() == "x")
        .unwrap()
        .peak;
    assert!((x.low - 0.7).abs() < 1e-12 && (x.high - 0.7).abs() < 1e-12);
}

#[test]
fn services_are_not_stocked() {
    let mut design = node("design");
    design.stage = chain::Stage::Service;
    let g = built(ChainInput {
        nodes: vec![design, node("t")],
        links: vec![link("design", "t", Relation::InputTo)],
        supply: vec![share("design", "USA", exact(0.5))],
    });
    let s = scenario(
        vec![event(Some("USA"), None, exact(1.0), 1, 1)],
        1,
        9.0,
        &["t"],
    );
    close(&run(&g, &s).targets[0].weeks, &[(0.5, 0.5, 0.5)]);
}
