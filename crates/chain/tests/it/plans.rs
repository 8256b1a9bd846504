//! Nodes to control, and supply that a plan adds.

use chain::{Addition, MustControlParams, Verdict, exposure, must_control, with_added_supply};
use model::{Basis, Estimate, RowRef, Seed};
use rand::RngExt;

use crate::build::{built, exact, graph, node, range, share};
use crate::random;

fn addition(node: &str, country: &str, share: Estimate) -> Addition {
    Addition {
        node: node.into(),
        country: country.into(),
        share,
        origin: RowRef::new("plan", format!("{node}/{country}")),
    }
}

#[test]
fn added_supply_by_hand() {
    // CHN 0.2, USA 0.6, unknown 0.2; a plan adds 0.4 in China: USA and the unknown keep (1 - 0.6) / (1 - 0.2) = 1/2.
    let g = graph(&["a"], &[], &[("a", "CHN", 0.2), ("a", "USA", 0.6)]);
    let after = with_added_supply(&g, &[addition("a", "CHN", exact(0.4))]).unwrap();
    let supply = after.nodes()[0].supply.as_ref().unwrap();
    let value: Vec<f64> = supply.providers.iter().map(|p| p.share.value).collect();
    assert!((value[0] - 0.6).abs() < 1e-12 && (value[1] - 0.3).abs() < 1e-12);
    assert!((supply.unknown.value - 0.1).abs() < 1e-12);
    assert_eq!(supply.providers[0].origins.len(), 2);
    // Too much: the country holds everything, nobody goes below zero.
    let after = with_added_supply(&g, &[addition("a", "CHN", exact(0.9))]).unwrap();
    let supply = after.nodes()[0].supply.as_ref().unwrap();
    assert!((supply.providers[0].share.value - 1.0).abs() < 1e-12);
    assert_eq!(
        (supply.providers[1].share.value, supply.unknown.value),
        (0.0, 0.0)
    );
    // A node without data: the plan's share is known, the rest stays unknown.
    let bare = graph(&["a"], &[], &[]);
    let after = with_added_supply(&bare, &[addition("a", "CHN", exact(0.25))]).unwrap();
    let supply = after.nodes()[0].supply.as_ref().unwrap();
    assert_eq!((supply.group, supply.unknown.value), (None, 0.75));
    assert!(with_added_supply(&g, &[addition("nowhere", "CHN", exact(0.1))]).is_err());
    assert!(with_added_supply(&g, &[addition("a", "CHN", exact(1.1))]).is_err());
}

#[test]
fn added_supply_conserves_mass_whatever_the_order() {
    for case in 0..1_000 {
        let g = random::graph(case);
        let mut rng = Seed(3).stream("additions", case);
        let mut plan: Vec<Addition> = (0..rng.random_range(0..6))
            .map(|_| {
                let node = &g.nodes()[rng.random_range(0..g.nodes().len())].node;
                let country = random::COUNTRIES[rng.random_range(0..8)];
                let value = rng.random_range(0.0..0.5);
                addition(node.as_str(), country, random::around(&mut rng, value))
            })
            .collect();
        let after = with_added_supply(&g, &plan).unwrap();
        plan.reverse();
        assert_eq!(after, with_added_supply(&g, &plan).unwrap());
        for node in after.nodes() {
            let Some(supply) = &node.supply else { continue };
            let shares = supply
                .providers
                .iter()
                .map(|p| p.share)
                .chain([supply.unknown]);
            let mut sum = 0.0;
            for share in shares {
                assert!(0.0 <= share.low && share.low <= share.value);
                assert!(share.value <= share.high && share.high <= 1.0);
                sum += share.value;
            }
            assert!((sum - 1.0).abs() < 1e-9, "graph {case}: {sum}");
        }
    }
}

#[test]
fn a_plan_lowers_the_exposure_to_the_supplier() {
    let g = graph(
        &["a", "t"],
        &[("a", "t")],
        &[("a", "USA", 0.8), ("a", "CHN", 0.1), ("t", "CHN", 0.5)],
    );
    let after = with_added_supply(&g, &[addition("a", "CHN", range(0.3, 0.2, 0.4))]).unwrap();
    let loss = |graph| {
        let rows = exposure(graph, &["t".into()], None).unwrap().rows;
        rows.into_iter()
            .find(|r| r.country.as_str() == "USA")
            .unwrap()
            .look_through
    };
    // kept: (1 - 0.1 - 0.3) / 0.9 = 2/3, at most (1 - 0.1 - 0.2) / 0.9 = 7/9, at least 5/9
    let (before, after) = (loss(&g), loss(&after));
    assert_eq!(before.value, 0.8);
    assert!((after.value - 0.8 * 2.0 / 3.0).abs() < 1e-12);
    assert!((after.low - 0.8 * 5.0 / 9.0).abs() < 1e-12);
    assert!((after.high - 0.8 * 7.0 / 9.0).abs() < 1e-12);
}

#[test]
fn criteria_of_control_by_hand() {
    let spread = |node, country, value, low, high| share(node, country, range(value, low, high));
    let g = built(chain::ChainInput {
        nodes: ["a", "b", "c", "d", "o?", "t"].map(node).into(),
        links: ["a", "b", "c", "d", "o"]
            .map(|n| crate::build::link(n, "t", chain::Relation::InputTo))
            .into(),
        supply: vec![
            // pass: 0.8 foreign, home 0.1, t stops without it
            spread("a", "USA", 0.8, 0.7, 0.9),
            spread("a", "CHN", 0.1, 0.05, 0.15),
            // undecided: the foreign share straddles 0.5
            spread("b", "USA", 0.5, 0.4, 0.6),
            spread("b", "CHN", 0.1, 0.1, 0.1),
            // fail: home holds enough
            spread("c", "USA", 0.6, 0.6, 0.6),
            spread("c", "CHN", 0.4, 0.4, 0.4),
            // undecided: t stops without it only in one reading
            spread("o", "JPN", 1.0, 1.0, 1.0),
            spread("t", "CHN", 1.0, 1.0, 1.0),
        ],
    });
    let rows = must_control(
        &g,
        &["t".into()],
        &"CHN".into(),
        &MustControlParams::default(),
    )
    .unwrap();
    let listed: Vec<(&str, Verdict)> = rows
        .iter()
        .map(|row| (row.node.as_str(), row.verdict))
        .collect();
    // d has no supply data: not estimated, hence undecided
    assert_eq!(
        listed,
        [
            ("a", Verdict::Pass),
            ("o", Verdict::Undecided),
            ("b", Verdict::Undecided),
            ("d", Verdict::Undecided),
            ("c", Verdict::Fail),
            ("t", Verdict::Fail),
        ]
    );
    // nobody foreign holds a share of t: the criterion fails; 0.6 of c is more than half: it passes
    assert_eq!(rows[5].foreign_share.verdict, Verdict::Fail);
    assert_eq!(rows[4].foreign_share.verdict, Verdict::Pass);
    assert_eq!(rows[4].home_share.verdict, Verdict::Fail);
    assert_eq!(rows[0].holder.as_ref().unwrap().as_str(), "USA");
    let stops = rows[1].targets_stopped.quantity.estimate().unwrap();
    assert_eq!(
        (stops.low, stops.high, stops.basis),
        (0.0, 1.0, Basis::Judged)
    );
    // China is not listed at o, but nothing there is unknown: its share is zero.
    assert_eq!(rows[1].home_share.verdict, Verdict::Pass);
}
