//! Look-through exposure by hand.

use chain::{ChainInput, Relation, exposure};
use model::{Country, Quantity};

use crate::build::{built, graph, ids, input, link, node, range, share};

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-12
}

#[test]
fn and_chain_by_hand() {
    // ore (CHN 0.6, AUS 0.3) and tool (JPN 0.8, CHN 0.1) feed chip (USA 0.5, CHN 0.2).
    let g = graph(
        &["ore", "tool", "chip"],
        &[("ore", "chip"), ("tool", "chip")],
        &[
            ("ore", "CHN", 0.6),
            ("ore", "AUS", 0.3),
            ("tool", "JPN", 0.8),
            ("tool", "CHN", 0.1),
            ("chip", "USA", 0.5),
            ("chip", "CHN", 0.2),
        ],
    );
    let result = exposure(&g, &["chip".into()], Some(&"USA".into())).unwrap();
    let row = |c: &str| {
        result
            .rows
            .iter()
            .find(|r| r.country == Country::from(c))
            .unwrap()
    };
    // China: own 0.2, ore 0.6, tool 0.1. best max = 0.6; worst 0.9; central: the middle, 0.75
    let chn = row("CHN");
    assert!(near(chn.look_through.low, 0.6) && near(chn.look_through.high, 0.9));
    assert!(near(chn.look_through.value, 0.75));
    assert_eq!(chn.direct.estimate().unwrap().value, 0.2);
    // the unknown too: own 0.2 + 0.3, ore 0.6 + 0.1, tool 0.1 + 0.1: sum 1.4 -> 1
    assert!(near(chn.if_unknown, 1.0));
    let keys: Vec<&str> = chn.origins.iter().map(|o| o.key.as_str()).collect();
    assert_eq!(
        keys,
        ["ore/chip", "tool/chip", "chip/CHN", "ore/CHN", "tool/CHN"]
    );
    // Japan is not listed at chip, where 0.3 is unknown: its direct share is unknown, not zero.
    let jpn = row("JPN");
    assert!(matches!(jpn.direct, Quantity::NotEstimated(_)));
    assert!(near(jpn.look_through.low, 0.8) && near(jpn.look_through.high, 0.8));
    let keys: Vec<&str> = jpn.origins.iter().map(|o| o.key.as_str()).collect();
    assert_eq!(keys, ["tool/chip", "tool/JPN"]);
    // The USA alone: at ore nothing is its own but perhaps the unknown 0.1, at tool likewise.
    // best: lost max(0.5, 1 - 0.1, 1 - 0.1) = 0.9 -> 0.1 remains; worst: 0.5 + 1 + 1 -> nothing
    let target = &result.targets[0];
    let alone = target.home_alone.estimate().unwrap();
    assert!(near(alone.high, 0.1) && near(alone.low, 0.0));
    assert_eq!(target.home_direct.estimate().unwrap().value, 0.5);
    assert_eq!(
        (target.coverage.upstream, target.coverage.share()),
        (3, 1.0)
    );
}

#[test]
fn alternatives_and_optional_inputs_by_hand() {
    // x, y replace one another; z was judged not essential.
    let g = graph(
        &["x|g", "y|g", "z?", "t", "gap"],
        &[("x", "t"), ("y", "t"), ("z", "t"), ("gap", "t")],
        &[
            ("x", "USA", 0.9),
            ("y", "USA", 0.2),
            ("z", "USA", 0.3),
            ("t", "USA", 0.1),
        ],
    );
    let result = exposure(&g, &["t".into()], None).unwrap();
    let loss = result.rows[0].look_through;
    // best: max(0.1, min(0.9, 0.2)) = 0.2; worst: 0.1 + max(0.9, 0.2) + 0.3 = 1.3 -> 1
    assert!(near(loss.low, 0.2) && near(loss.high, 1.0));
    // central: the middle of the two rules
    assert!(near(loss.value, 0.6));
    let target = &result.targets[0];
    assert_eq!(ids(&target.coverage.gaps), ["gap"]);
    assert!(near(target.coverage.share(), 0.8));
    assert!(matches!(target.home_direct, Quantity::NotEstimated(_)));
}

#[test]
fn ranges_of_shares_widen_the_bounds() {
    let g = built(ChainInput {
        nodes: vec![node("a"), node("b")],
        links: vec![link("a", "b", Relation::MaterialFor)],
        supply: vec![
            share("a", "USA", range(0.5, 0.4, 0.6)),
            share("b", "USA", range(0.2, 0.1, 0.3)),
        ],
    });
    let loss = exposure(&g, &["b".into()], None).unwrap().rows[0].look_through;
    // best max(0.4, 0.1); worst 0.6 + 0.3; central: max 0.5 and sum 0.7, middle 0.6
    assert!(near(loss.low, 0.4) && near(loss.high, 0.9) && near(loss.value, 0.6));
}

#[test]
fn a_bloc_stands_beside_its_members() {
    // a: EU 0.3; b: DEU 0.2 and EU 0.1 (the rest of the bloc).
    let g = graph(
        &["a", "b"],
        &[],
        &[("a", "EU", 0.3), ("b", "DEU", 0.2), ("b", "EU", 0.1)],
    );
    let result = exposure(&g, &["a".into(), "b".into()], None).unwrap();
    let loss = |target: &str, country: &str| {
        let row = result
            .rows
            .iter()
            .find(|r| r.target.as_str() == target && r.country.as_str() == country);
        let e = row.unwrap().look_through;
        (e.low, e.high)
    };
    assert_eq!(loss("a", "DEU"), (0.0, 0.3));
    assert_eq!(loss("a", "EU"), (0.3, 0.3));
    assert_eq!(loss("b", "DEU"), (0.2, 0.2));
    assert!(near(loss("b", "EU").0, 0.3) && near(loss("b", "EU").1, 0.3));
}

#[test]
fn home_alone_by_hand() {
    // a: CHN 0.9, USA 0.1; gap has no data; t: CHN 0.7, USA 0.3. If all foreign supply stopped:
    // gap is home's: best lost max(0.3, 0.1) -> 0.7 remains; recorded worst 0.3 + 0.1 -> 0.6, middle 0.65.
    // gap is foreign: nothing remains.
    let g = graph(
        &["a", "gap", "t"],
        &[("a", "t"), ("gap", "t")],
        &[
            ("a", "CHN", 0.9),
            ("a", "USA", 0.1),
            ("t", "CHN", 0.7),
            ("t", "USA", 0.3),
        ],
    );
    let home = Country::from("CHN");
    let found = exposure(&g, &["t".into(), "gap".into()], Some(&home))
        .unwrap()
        .targets;
    let alone = found[0].home_alone.estimate().unwrap();
    assert!(near(alone.low, 0.0) && near(alone.value, 0.65) && near(alone.high, 0.7));
    assert!(near(found[0].home_alone_recorded.unwrap(), 0.6));
    assert!(matches!(found[1].home_alone, Quantity::NotEstimated(_)));
}

#[test]
fn unknown_targets_are_refused() {
    let g = built(input(&["a"], &[], &[]));
    assert!(exposure(&g, &["nowhere".into()], None).is_err());
}
