//! Readings for planners: by hand, and what holds for every chain.

use std::collections::{BTreeMap, BTreeSet};

use chain::readings::pairing::{Nearness, Supplier};
use chain::readings::{
    Ability, Balance, BasicsParams, Direction, FirmSeat, Means, Offer, PairingParams, SourceParams,
    SovereigntyParams, WeakLink, added_sources, basics, capacity, control, held, mutual, pairing,
    shift, sovereignty, tree,
};
use chain::{
    ChainGraph, ChainInput, GraphParams, MustControlParams, Stage, SupplyBasis, SupplySpec, Verdict,
};
use model::{Basis, Country, Entity, Estimate, Kind, Message, Node, Quantity, RowRef, Year};
use proptest::prelude::*;
use rand::seq::SliceRandom;

use crate::build::{built, exact, graph, ids, input, range, share};
use crate::random::{self, COUNTRIES};

fn home() -> Country {
    "AAA".into()
}

fn nodes(names: &[&str]) -> Vec<Node> {
    names.iter().map(|n| (*n).into()).collect()
}

fn countries(names: &[&str]) -> BTreeSet<Country> {
    names.iter().map(|n| (*n).into()).collect()
}

fn number(quantity: &Quantity) -> Estimate {
    quantity.estimate().unwrap()
}

fn means(years: Option<Estimate>, doubtful: &[&str]) -> Means {
    Means {
        doubtful: countries(doubtful),
        years: years.map_or_else(
            || Quantity::not_estimated(Message::new("readings.no_years")),
            Quantity::from,
        ),
        origins: Vec::new(),
    }
}

/// ore -> part -> car, and a tool for the part.
fn car() -> ChainInput {
    input(
        &["ore", "part", "car", "tool"],
        &[("ore", "part"), ("tool", "part"), ("part", "car")],
        &[
            ("ore", "BBB", 0.4),
            ("ore", "CCC", 0.3),
            ("ore", "DDD", 0.3),
            ("tool", "BBB", 0.9),
            ("tool", "CCC", 0.1),
            ("part", "AAA", 0.25),
            ("part", "BBB", 0.75),
            ("car", "AAA", 0.6),
            ("car", "CCC", 0.4),
        ],
    )
}

fn cards(
    means_of: &BTreeMap<Node, Means>,
    params: &SovereigntyParams,
) -> BTreeMap<String, Ability> {
    let graph = built(car());
    sovereignty(&graph, &nodes(&["car"]), &home(), means_of, params)
        .unwrap()
        .into_iter()
        .map(|c| (c.node.0, c.ability))
        .collect()
}

#[test]
fn ability_is_own_supply_or_access_or_time() {
    // Nothing of the ore is home's, and three countries supply it: able, without autarky.
    let slow = means(Some(range(4.0, 3.0, 5.0)), &[]);
    let of: BTreeMap<Node, Means> = ["ore", "part", "car", "tool"]
        .iter()
        .map(|n| ((*n).into(), slow.clone()))
        .collect();
    let found = cards(&of, &SovereigntyParams::default());
    assert_eq!(found["ore"], Ability::Access);
    assert_eq!(found["part"], Ability::Own);
    assert_eq!(found["car"], Ability::Own);
    // Two sources of the tool are fewer than three.
    assert_eq!(found["tool"], Ability::Exposed);
    // A substitute within the time makes able.
    let mut quick = of.clone();
    quick.insert("tool".into(), means(Some(range(1.0, 0.5, 1.5)), &[]));
    assert_eq!(
        cards(&quick, &SovereigntyParams::default())["tool"],
        Ability::Time
    );
    // No reference class: not exposed, open.
    let mut unknown = of.clone();
    unknown.remove(&Node::from("tool"));
    assert_eq!(
        cards(&unknown, &SovereigntyParams::default())["tool"],
        Ability::Open
    );
    // A supplier in doubt leaves two for certain: open. A denied one leaves two: exposed.
    let mut doubt = of.clone();
    doubt.insert("ore".into(), means(Some(range(4.0, 3.0, 5.0)), &["BBB"]));
    assert_eq!(
        cards(&doubt, &SovereigntyParams::default())["ore"],
        Ability::Open
    );
    let denied = SovereigntyParams {
        denied: countries(&["BBB"]),
        ..SovereigntyParams::default()
    };
    assert_eq!(cards(&of, &denied)["ore"], Ability::Exposed);
}

#[test]
fn the_card_holds_the_numbers_and_what_would_change() {
    let graph = built(car());
    let of = BTreeMap::from([("ore".into(), means(None, &["DDD"]))]);
    let all = sovereignty(
        &graph,
        &nodes(&["car"]),
        &home(),
        &of,
        &SovereigntyParams::default(),
    )
    .unwrap();
    let ore = all.iter().find(|c| c.node.as_str() == "ore").unwrap();
    // Access: 0.7 open, 0.3 in doubt.
    let access = number(&ore.access.quantity);
    assert!((access.low - 0.7).abs() < 1e-12 && (access.high - 1.0).abs() < 1e-12);
    assert!((access.value - 0.85).abs() < 1e-12);
    let sources = number(&ore.sources.quantity);
    assert_eq!((sources.low, sources.high), (2.0, 3.0));
    assert!((number(&ore.concentration).value - 0.34).abs() < 1e-9);
    assert_eq!(ore.ability, Ability::Open);
    let ids: Vec<&str> = ore.would_change.iter().map(|m| m.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "readings.change.gains",
            "readings.change.gains",
            "readings.change.evidence"
        ]
    );
    assert!(
        ore.origins
            .contains(&RowRef::new("chain_supply", "ore/BBB"))
    );
}

#[test]
fn control_reverse_and_common_dependence() {
    let graph = built(car());
    let mut rows = car().supply;
    rows.push(SupplySpec {
        basis: SupplyBasis::Market,
        origin: RowRef::new("chain_supply", "tool/DDD/market"),
        ..share("tool", "DDD", exact(0.8))
    });
    let firm = |country: &str, name: &str| FirmSeat {
        node: "tool".into(),
        country: country.into(),
        origin: RowRef::new("chain_suppliers", name),
    };
    let firms = [firm("DDD", "x"), firm("DDD", "y"), firm("BBB", "z")];
    let limits = MustControlParams::default();
    let found = control(
        &graph,
        &nodes(&["car"]),
        &home(),
        (&rows, &firms),
        (&GraphParams::default(), &limits),
    )
    .unwrap();
    let tool = found.iter().find(|c| c.node.as_str() == "tool").unwrap();
    // The plants stand in one country, the firms sit in another.
    assert_eq!(tool.plant.as_ref().unwrap().country.as_str(), "BBB");
    assert_eq!(tool.seat.as_ref().unwrap().country.as_str(), "DDD");
    assert_eq!(tool.firms, 3);
    assert_eq!(tool.seats, [("DDD".into(), 2), ("BBB".into(), 1)]);
    assert_eq!(tool.dependence, Verdict::Pass);
    let part = found.iter().find(|c| c.node.as_str() == "part").unwrap();
    assert_eq!(part.dependence, Verdict::Fail);

    let rows = mutual(&graph, &nodes(&["car"]), &home(), &limits).unwrap();
    // BBB holds the tool and the part, of which home makes a quarter; home holds the car, which BBB does not make.
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].country.as_str(), "BBB");
    assert_eq!(ids(&rows[0].home_depends.1), ["tool"]);
    assert_eq!(ids(&rows[0].other_depends.1), ["car"]);
    assert_eq!(rows[0].balance, Balance::Mutual);
}

#[test]
fn a_tree_holds_each_node_once_on_its_shortest_way() {
    let graph = graph(
        &["a", "b", "c", "t"],
        &[("a", "b"), ("b", "c"), ("a", "c"), ("c", "t"), ("b", "t")],
        &[("a", "BBB", 0.7)],
    );
    let found = tree(&graph, &nodes(&["t"]), &home()).unwrap();
    let path = |n: &str| {
        let branch = found.iter().find(|b| b.node.as_str() == n).unwrap();
        (ids(&branch.path).join("<"), branch.deepest, branch.ways)
    };
    assert_eq!(found.len(), 4);
    assert_eq!(path("t"), ("t".to_owned(), 0, 1.0));
    assert_eq!(path("b"), ("t<b".to_owned(), 2, 2.0));
    assert_eq!(path("a"), ("t<b<a".to_owned(), 3, 3.0));
    let a = found.iter().find(|b| b.node.as_str() == "a").unwrap();
    assert_eq!(a.supplier, Some(("BBB".into(), exact(0.7))));
    assert!(a.origins.contains(&RowRef::new("chain_links", "a/b")));
}

#[test]
fn the_capacity_gap_is_what_home_lacks_for_its_own_users() {
    let found = capacity(&built(car()), &nodes(&["car"]), &home()).unwrap();
    let of = |n: &str| found.iter().find(|g| g.node.as_str() == n).unwrap();
    // Home makes 0.6 of the cars and 0.25 of the parts; of the parts it needs the ore for 0.25 and has none.
    assert!((number(&of("part").gap).value - 0.35).abs() < 1e-12);
    assert!((number(&of("ore").need).value - 0.25).abs() < 1e-12);
    assert!((number(&of("ore").gap).value - 0.25).abs() < 1e-12);
    assert!(of("car").need.estimate().is_none());
    assert_eq!(found[0].node.as_str(), "part");
}

#[test]
fn shifts_need_two_years_of_one_basis() {
    let at = |node: &str, country: &str, year: i32, value: Estimate| SupplySpec {
        year: Year(year),
        origin: RowRef::new("chain_supply", format!("{node}/{country}/{year}")),
        ..share(node, country, value)
    };
    let rows = [
        at("x", "AAA", 2020, range(0.2, 0.18, 0.22)),
        at("x", "BBB", 2020, range(0.8, 0.72, 0.82)),
        at("x", "AAA", 2023, range(0.5, 0.45, 0.55)),
        at("x", "BBB", 2023, range(0.5, 0.45, 0.55)),
        at("y", "AAA", 2023, exact(0.5)),
    ];
    let found = shift(&rows, &home(), &countries(&["BBB"]), &BTreeSet::new());
    assert_eq!(found.len(), 1);
    let change = number(&found[0].changes[0]);
    assert!((change.value - 0.3).abs() < 1e-12 && (change.low - 0.23).abs() < 1e-12);
    assert!(found[0].changes[2].estimate().is_none());
    assert_eq!(found[0].direction, Direction::Reshoring);
    let reversed: Vec<SupplySpec> = rows.iter().rev().cloned().collect();
    assert_eq!(
        shift(&reversed, &home(), &countries(&["BBB"]), &BTreeSet::new()),
        found
    );
    // Two years as a list of one year each: not a year more, so nothing held twice.
    let years = held(
        &built(ChainInput {
            nodes: vec![crate::build::node("x")],
            links: vec![],
            supply: rows[..4].to_vec(),
        }),
        &nodes(&["x"]),
        &home(),
        &rows[..4],
        (&GraphParams::default(), &MustControlParams::default()),
    )
    .unwrap();
    // 2020: the foreign share is high, home's may be above 0.2: open. 2023: home holds half: fails.
    assert_eq!(
        years[0].years,
        [
            (Year(2020), Verdict::Undecided),
            (Year(2023), Verdict::Fail)
        ]
    );
    assert_eq!((years[0].held.low, years[0].held.high), (0.0, 1.0));
    assert_eq!(years[0].changes.unwrap().high, 1.0);
}

#[test]
fn basic_capabilities_by_stage() {
    let mut chain = car();
    chain.nodes[0].stage = Stage::Material;
    chain.nodes[3].stage = Stage::Equipment;
    let found = basics(
        &built(chain),
        &nodes(&["car"]),
        &home(),
        &BasicsParams::default(),
    )
    .unwrap();
    let of = |stage: Stage| {
        found
            .iter()
            .find(|b| b.stage == stage && b.chain.is_none())
            .unwrap()
    };
    assert!((number(&of(Stage::Material).foreign).value - 1.0).abs() < 1e-12);
    assert!((number(&of(Stage::Component).foreign).value - f64::midpoint(0.75, 0.4)).abs() < 1e-12);
    assert!((of(Stage::Equipment).dependent.low - 1.0).abs() < 1e-12);
    assert_eq!(ids(&of(Stage::Component).worst), ["part", "car"]);
    assert_eq!(found.len(), 6);
}

fn offer(node: &str, firm: &str, nearness: Nearness) -> Offer {
    Offer {
        node: node.into(),
        supplier: Supplier::Organisation(Entity::new(Kind::Organisation, firm)),
        nearness,
        origins: vec![RowRef::new("capabilities", format!("{firm}/{node}"))],
    }
}

fn weak(node: &str, weakness: f64) -> WeakLink {
    WeakLink {
        node: node.into(),
        weakness: exact(weakness),
        origins: vec![RowRef::new("chain_nodes", node)],
    }
}

#[test]
fn pairs_are_the_heaviest_and_stand_on_evidence() {
    let links = [weak("a", 1.0), weak("b", 0.8), weak("c", 0.5)];
    let offers = [
        offer("a", "x", Nearness::AtNode),
        offer("b", "x", Nearness::AtNode),
        offer("a", "y", Nearness::Minor),
    ];
    let params = PairingParams {
        links: 1,
        ..PairingParams::default()
    };
    let found = pairing(&links, &offers, &params);
    // x at b and y at a: 0.8 + 0.7; x at a would leave b alone: 1.0.
    assert!((found.total - 1.5).abs() < 1e-12 && (found.bound - found.total).abs() < 1e-9);
    let who: Vec<(&str, bool)> = found
        .pairs
        .iter()
        .map(|p| (p.node.as_str(), p.margin > 0.0))
        .collect();
    assert_eq!(who, [("b", true), ("a", true)]);
    assert_eq!(found.unmatched.len(), 1);
    assert_eq!(found.unmatched[0].1.id, "readings.pair.nobody");
    assert!(
        found
            .pairs
            .iter()
            .all(|p| p.origins.iter().any(|o| o.table == "capabilities"))
    );
    // With two links each x takes both.
    let wide = pairing(&links, &offers, &PairingParams::default());
    assert!((wide.total - 1.8).abs() < 1e-12);
    // Order of rows: nothing changes.
    let mut turned = offers.to_vec();
    turned.reverse();
    assert_eq!(pairing(&links, &turned, &params), found);
}

#[test]
fn every_added_source_is_priced_in_concentration() {
    let found = added_sources(
        &built(car()),
        &nodes(&["car"]),
        &home(),
        &BTreeSet::new(),
        &SourceParams::default(),
    )
    .unwrap();
    let ore: Vec<_> = found.iter().filter(|s| s.node.as_str() == "ore").collect();
    assert_eq!(ore.len(), 3);
    assert!((ore[0].hhi.value - 1.0).abs() < 1e-12);
    let two = (16.0 + 9.0) / 49.0;
    assert!((ore[1].hhi.value - two).abs() < 1e-12);
    assert!((ore[1].gain.value - (1.0 - two)).abs() < 1e-12);
    assert!((ore[2].hhi.value - 0.34).abs() < 1e-12);
    assert!((ore[2].exposure.value - 0.4).abs() < 1e-12);
    // Home makes 0.6 of the cars and needs no further source there.
    assert!(found.iter().all(|s| s.node.as_str() != "car"));
    // A denied country is no source.
    let without = added_sources(
        &built(car()),
        &nodes(&["car"]),
        &home(),
        &countries(&["CCC"]),
        &SourceParams::default(),
    )
    .unwrap();
    assert!(without.iter().all(|s| s.country.as_str() != "CCC"));
}

fn everything(graph: &ChainGraph, rows: &[SupplySpec]) -> String {
    let targets: Vec<Node> = graph.nodes().iter().map(|n| n.node.clone()).collect();
    let home = home();
    let limits = MustControlParams::default();
    let params = GraphParams::default();
    let none = BTreeSet::new();
    format!(
        "{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}",
        sovereignty(
            graph,
            &targets,
            &home,
            &BTreeMap::new(),
            &SovereigntyParams::default()
        ),
        control(graph, &targets, &home, (rows, &[]), (&params, &limits)),
        mutual(graph, &targets, &home, &limits),
        tree(graph, &targets, &home),
        capacity(graph, &targets, &home),
        basics(graph, &targets, &home, &BasicsParams::default()),
        shift(rows, &home, &countries(&["BBB"]), &countries(&["CCC"])),
        held(graph, &targets, &home, rows, (&params, &limits)),
        added_sources(graph, &targets, &home, &none, &SourceParams::default()),
    )
}

#[test]
fn the_order_of_rows_changes_no_reading() {
    let mut rng = model::Seed(7).stream("readings order", 0);
    for case in 0..200 {
        let first = random::input(case);
        let mut second = first.clone();
        second.nodes.shuffle(&mut rng);
        second.links.shuffle(&mut rng);
        second.supply.shuffle(&mut rng);
        let a = everything(&built(first.clone()), &first.supply);
        let b = everything(&built(second.clone()), &second.supply);
        assert_eq!(a, b, "case {case}");
    }
}

#[test]
fn numbers_stay_in_their_bounds_and_denial_never_helps() {
    for case in 0..300 {
        let graph = random::graph(case);
        let targets: Vec<Node> = graph.nodes().iter().map(|n| n.node.clone()).collect();
        let read = |denied: &[&str]| {
            let params = SovereigntyParams {
                denied: countries(denied),
                ..SovereigntyParams::default()
            };
            sovereignty(&graph, &targets, &home(), &BTreeMap::new(), &params)
                .unwrap()
                .into_iter()
                .map(|c| (c.node.clone(), c))
                .collect::<BTreeMap<_, _>>()
        };
        let (open, shut) = (read(&[]), read(&[COUNTRIES[1], COUNTRIES[2]]));
        for (node, card) in &open {
            for quantity in [
                &card.own.quantity,
                &card.access.quantity,
                &card.concentration,
            ] {
                if let Some(e) = quantity.estimate() {
                    assert!(0.0 <= e.low && e.low <= e.value && e.value <= e.high && e.high <= 1.0);
                }
            }
            let barred = &shut[node];
            if let (Some(a), Some(b)) = (
                card.access.quantity.estimate(),
                barred.access.quantity.estimate(),
            ) {
                assert!(b.low <= a.low + 1e-12 && b.high <= a.high + 1e-12);
            }
            // Being able may end by denial; it never begins.
            let able = |a: Ability| matches!(a, Ability::Own | Ability::Access | Ability::Time);
            assert!(
                able(card.ability) || !able(barred.ability),
                "case {case} {node}"
            );
        }
        for gap in capacity(&graph, &targets, &home()).unwrap() {
            if let Some(e) = gap.gap.estimate() {
                assert!(0.0 <= e.low && e.high <= 1.0);
            }
        }
        let none = BTreeSet::new();
        let sources =
            added_sources(&graph, &targets, &home(), &none, &SourceParams::default()).unwrap();
        for source in sources {
            assert!(
                source.gain.value >= -1e-12,
                "a smaller source never concentrates"
            );
            assert!(source.exposure.high <= 1.0 && source.hhi.low > 0.0);
        }
    }
}

proptest! {
    /// More offers never make the pairing lighter.
    #[test]
    fn an_offer_never_hurts(
        weaknesses in proptest::collection::vec(0.01..1.0_f64, 1..5),
        picks in proptest::collection::vec((0..5_usize, 0..4_usize, 0..4_usize), 1..12),
    ) {
        let links: Vec<WeakLink> = weaknesses.iter().enumerate()
            .map(|(i, w)| WeakLink { weakness: Estimate::exact(*w, Basis::Derived), ..weak(&format!("n{i}"), 0.0) })
            .collect();
        let offers: Vec<Offer> = picks.iter()
            .map(|(n, s, k)| offer(&format!("n{n}"), &format!("s{s}"), Nearness::ALL[*k]))
            .collect();
        let all = pairing(&links, &offers, &PairingParams::default());
        let fewer = pairing(&links, &offers[1..], &PairingParams::default());
        prop_assert!(all.total >= fewer.total - 1e-12);
        prop_assert!((all.bound - all.total).abs() < 1e-9);
        for pair in &all.pairs {
            prop_assert!(!pair.origins.is_empty() && pair.margin >= 0.0);
        }
    }
}
