//! What the evidence cannot carry, and what it can despite gaps.

use chain::shock::{Asked, Event};
use chain::{Scenario, ShockParams, shock};
use model::{Lang, Names};

use crate::build::{built, exact, graph, input, range};
use crate::weekly::{event, scenario};

fn codes(graph: &chain::ChainGraph, scenario: &Scenario) -> Vec<String> {
    let refusals = shock(graph, scenario, &ShockParams::default()).unwrap_err();
    for refusal in &refusals {
        for message in [&refusal.question, &refusal.reason, &refusal.needed] {
            for lang in Lang::ALL {
                let text = message.render(lang, &Names::default());
                assert!(!text.contains('{') && !text.starts_with("shock."), "{text}");
            }
        }
    }
    refusals.into_iter().map(|refusal| refusal.code).collect()
}

fn small() -> chain::ChainGraph {
    // x is known to the last per cent, y in part, z not at all
    graph(
        &["x", "y", "z", "t", "side"],
        &[("x", "t"), ("y", "t"), ("z", "t")],
        &[("x", "USA", 0.7), ("x", "JPN", 0.3), ("y", "USA", 0.6)],
    )
}

#[test]
fn each_refusal_has_its_code() {
    let g = small();
    let with = |change: &dyn Fn(&mut Scenario)| {
        let mut s = scenario(
            vec![event(Some("USA"), None, exact(1.0), 1, 4)],
            10,
            0.0,
            &["t"],
        );
        change(&mut s);
        codes(&g, &s)
    };
    assert_eq!(
        with(&|s| s.firm = Some("Acme".into())),
        ["shock.firm_question"]
    );
    assert_eq!(
        with(&|s| s.place = Some("Hsinchu".into())),
        ["shock.place_question"]
    );
    assert_eq!(
        with(&|s| s.quantity = Asked::Price),
        ["shock.price_question"]
    );
    assert_eq!(with(&|s| s.events.clear()), ["shock.no_event"]);
    assert_eq!(with(&|s| s.targets.clear()), ["shock.no_target"]);
    assert_eq!(
        with(&|s| s.targets = vec!["nowhere".into()]),
        ["shock.unknown_node"]
    );
    assert_eq!(with(&|s| s.horizon_weeks = 105), ["shock.horizon"]);
    assert_eq!(
        with(&|s| s.buyer = Some("USA".into())),
        ["shock.own_supply"]
    );
    assert_eq!(
        with(&|s| s.default_stock = range(0.0, -1.0, 1.0)),
        ["shock.range"]
    );
    let alone = |event: Event| with(&|s| s.events = vec![event.clone()]);
    assert_eq!(
        alone(event(None, None, exact(1.0), 1, 4)),
        ["shock.empty_event"]
    );
    assert_eq!(
        alone(event(Some("ATA"), None, exact(1.0), 1, 4)),
        ["shock.unknown_country"]
    );
    assert_eq!(
        alone(event(None, Some("nowhere"), exact(1.0), 1, 4)),
        ["shock.unknown_node"]
    );
    assert_eq!(
        alone(event(Some("KOR"), Some("x"), exact(1.0), 1, 4)),
        ["shock.no_evidence"]
    );
    assert_eq!(
        alone(event(Some("USA"), Some("z"), exact(1.0), 1, 4)),
        ["shock.no_supply_data"]
    );
    assert_eq!(
        alone(event(Some("USA"), None, range(1.0, 1.0, 1.2), 1, 4)),
        ["shock.severity"]
    );
    assert_eq!(
        alone(event(Some("USA"), None, range(0.0, -0.1, 0.2), 1, 4)),
        ["shock.severity"]
    );
    assert_eq!(
        alone(event(Some("USA"), None, exact(1.0), 11, 4)),
        ["shock.outside_horizon"]
    );
    assert_eq!(
        alone(event(Some("USA"), None, exact(1.0), 0, 4)),
        ["shock.outside_horizon"]
    );
    // All at once, each with its own words.
    assert_eq!(
        with(&|s| {
            s.firm = Some("Acme".into());
            s.quantity = Asked::Price;
        }),
        ["shock.firm_question", "shock.price_question"]
    );
}

#[test]
fn two_views_of_one_industry_are_not_mixed() {
    let mut rows = input(
        &["fab", "sia_fab", "t"],
        &[("fab", "t"), ("sia_fab", "t")],
        &[],
    );
    rows.nodes[0].chain = "semiconductors".into();
    rows.nodes[1].chain = "semiconductor_activities".into();
    let g = built(rows);
    let both = ["fab", "sia_fab"]
        .map(|n| event(None, Some(n), exact(1.0), 1, 4))
        .to_vec();
    assert_eq!(
        codes(&g, &scenario(both, 10, 0.0, &["t"])),
        ["shock.mixed_views"]
    );
    let one = vec![event(None, Some("fab"), exact(1.0), 1, 4)];
    assert!(shock(&g, &scenario(one, 10, 0.0, &["t"]), &ShockParams::default()).is_ok());
}

#[test]
fn an_unlisted_country_may_hold_the_unknown_remainder() {
    // y: 0.4 unknown; Korea may hold none or all of it.
    let s = scenario(
        vec![event(Some("KOR"), Some("y"), exact(1.0), 1, 1)],
        1,
        0.0,
        &["t"],
    );
    let result = shock(&small(), &s, &ShockParams::default()).unwrap();
    let week = result.targets[0].weeks[0];
    assert_eq!(week.low, 0.0);
    assert!((week.high - 0.4).abs() < 1e-12 && (week.value - 0.2).abs() < 1e-12);
    assert!(
        result
            .notes
            .iter()
            .any(|n| n.id == "shock.note.unknown_remainder")
    );
}

#[test]
fn a_target_beside_the_shock_loses_nothing_and_says_why() {
    let s = scenario(
        vec![event(Some("USA"), Some("x"), exact(1.0), 1, 9)],
        10,
        0.0,
        &["side"],
    );
    let result = shock(&small(), &s, &ShockParams::default()).unwrap();
    let target = &result.targets[0];
    assert_eq!(target.cumulative.high, 0.0);
    assert_eq!(target.reason.as_ref().unwrap().id, "shock.not_downstream");
    assert!(target.path.is_empty() && target.origins.is_empty());
}

#[test]
fn all_suppliers_of_a_node_without_data_can_stop() {
    let s = scenario(
        vec![event(None, Some("z"), exact(0.5), 1, 1)],
        1,
        0.0,
        &["t"],
    );
    let result = shock(&small(), &s, &ShockParams::default()).unwrap();
    let week = result.targets[0].weeks[0];
    assert_eq!((week.low, week.value, week.high), (0.5, 0.5, 0.5));
}
