//! Properties of courses on seeded random chains.

use chain::shock::{Event, FirstWeek};
use chain::{Scenario, ShockParams, ShockResult, Stage, shock};
use model::{Estimate, Node, Seed};
use proptest::prelude::*;
use rand::RngExt;

use crate::build::{built, exact};
use crate::random;
use crate::weekly::{event, scenario};

const CASES: u64 = 10_000;

/// Events that the chain's evidence can answer, ranges of stocks, all nodes as targets.
pub fn any_scenario(graph: &chain::ChainGraph, case: u64) -> Scenario {
    let mut rng = Seed(99).stream("scenario", case);
    let countries: Vec<String> = graph.countries().iter().map(|c| c.0.clone()).collect();
    let mut events = Vec::new();
    for _ in 0..rng.random_range(1..4) {
        let value = rng.random_range(0.0..1.0);
        let severity = random::around(&mut rng, value);
        let node = &graph.nodes()[rng.random_range(0..graph.nodes().len())];
        let listed = node.supply.as_ref().filter(|s| !s.providers.is_empty());
        let (country, at) = match (rng.random_range(0..3), listed) {
            (0, Some(supply)) => {
                let provider = &supply.providers[rng.random_range(0..supply.providers.len())];
                (Some(provider.country.as_str()), Some(node.node.as_str()))
            }
            (1, _) if !countries.is_empty() => (
                Some(countries[rng.random_range(0..countries.len())].as_str()),
                None,
            ),
            _ => (None, Some(node.node.as_str())),
        };
        events.push(event(
            country,
            at,
            severity,
            rng.random_range(1..8),
            rng.random_range(1..12),
        ));
    }
    let targets: Vec<&str> = graph.nodes().iter().map(|n| n.node.as_str()).collect();
    let mut scenario = scenario(events, 16, 0.0, &targets);
    let weeks = rng.random_range(0.0..4.0);
    scenario.default_stock =
        Estimate::new(weeks, weeks * 0.5, weeks * 1.5, model::Basis::Assumed).unwrap();
    scenario
}

fn run(graph: &chain::ChainGraph, scenario: &Scenario) -> ShockResult {
    shock(graph, scenario, &ShockParams::default()).unwrap()
}

/// No week of no target loses less in `more` than in `less`, in any track.
fn assert_no_less(less: &ShockResult, more: &ShockResult, what: &str) {
    for (a, b) in less.targets.iter().zip(&more.targets) {
        for (a, b) in a.weeks.iter().zip(&b.weeks) {
            let slack = 1e-9;
            let ordered = a.low <= b.low + slack && a.value <= b.value + slack;
            assert!(
                ordered && a.high <= b.high + slack,
                "{what}: {a:?} then {b:?}"
            );
        }
    }
}

fn scaled(e: Estimate, factor: f64) -> Estimate {
    e.map_increasing(|x| (x * factor).min(1.0))
}

#[test]
fn bounds_are_ordered_and_losses_are_shares() {
    let mut lossy = 0;
    for case in 0..CASES {
        let g = random::graph(case);
        let result = run(&g, &any_scenario(&g, case));
        for target in &result.targets {
            for week in &target.weeks {
                assert!(0.0 <= week.low && week.low <= week.value);
                assert!(
                    week.value <= week.high && week.high <= 1.0,
                    "case {case}: {week:?}"
                );
            }
            let FirstWeek {
                worst,
                central,
                best,
            } = target.first_week;
            let or_never = |week: Option<u32>| week.unwrap_or(u32::MAX);
            assert!(or_never(worst) <= or_never(central) && or_never(central) <= or_never(best));
            assert_eq!(target.path.is_empty(), target.peak.high <= 1e-9);
            assert!(
                target
                    .path
                    .last()
                    .is_none_or(|s| s.cause == chain::shock::Cause::Own)
            );
            lossy += usize::from(target.peak.low > 0.0);
        }
    }
    assert!(lossy > 2_000, "the scenarios must bite: {lossy}");
}

#[test]
fn larger_longer_and_more_widely_shared_shocks_lose_no_less() {
    for case in 0..CASES {
        let g = random::graph(case);
        let s = any_scenario(&g, case);
        let base = run(&g, &s);
        let change = |f: &dyn Fn(&mut Event)| {
            let mut changed = s.clone();
            changed.events.iter_mut().for_each(f);
            run(&g, &changed)
        };
        assert_no_less(
            &base,
            &change(&|e| e.severity = scaled(e.severity, 1.3)),
            "severity",
        );
        assert_no_less(&base, &change(&|e| e.weeks += 2), "weeks");
        // The stopped countries' shares grow: the others' shares do not matter to the loss.
        let mut rows = random::input(case);
        for row in &mut rows.supply {
            row.share = scaled(row.share, 0.7);
        }
        let smaller = built(rows);
        assert_no_less(&run(&smaller, &s), &base, "shares");
    }
}

#[test]
fn zero_shock_loses_nothing() {
    for case in 0..CASES {
        let g = random::graph(case);
        let mut s = any_scenario(&g, case);
        for e in &mut s.events {
            e.severity = exact(0.0);
        }
        let result = run(&g, &s);
        assert!(
            result
                .targets
                .iter()
                .all(|t| t.weeks.iter().all(|w| w.high == 0.0))
        );
        assert!(result.nodes.is_empty() && result.origins.is_empty());
        assert!(result.targets.iter().all(|t| t.reason.is_some()));
    }
}

#[test]
fn stocks_never_hurt_and_what_is_drawn_is_what_is_covered() {
    for case in 0..CASES {
        let g = random::graph(case);
        let s = any_scenario(&g, case);
        let base = run(&g, &s);
        let mut more = s.clone();
        more.default_stock = s.default_stock.plus(exact(1.5));
        assert_no_less(&run(&g, &more), &base, "stock");
        let mut one = s.clone();
        let first: Node = g.nodes()[0].node.clone();
        one.stocks.insert(first, s.default_stock.plus(exact(3.0)));
        assert_no_less(&run(&g, &one), &base, "one stock");
        for node in &base.nodes {
            // Worst track: low stock against high loss; best track the other way round.
            let drawn = |start: f64, left: f64| start - left;
            let worst = drawn(node.stock_start.low, node.stock_left.low);
            assert!((worst - (node.cumulative.high - node.passed_on.high)).abs() < 1e-9);
            let best = drawn(node.stock_start.high, node.stock_left.high);
            assert!((best - (node.cumulative.low - node.passed_on.low)).abs() < 1e-9);
            let central = drawn(node.stock_start.value, node.stock_left.value);
            assert!((central - (node.cumulative.value - node.passed_on.value)).abs() < 1e-9);
            assert!(node.stock_left.low >= 0.0);
        }
    }
}

#[test]
fn row_and_event_order_do_not_matter() {
    for case in 0..500 {
        let input = random::input(case);
        let g = built(input.clone());
        let h = built(random::shuffled(input, case));
        let s = any_scenario(&g, case);
        let mut reversed = s.clone();
        reversed.events.reverse();
        assert_eq!(run(&g, &s), run(&h, &reversed));
        let targets = random::targets(&g);
        let home = "AAA".into();
        assert_eq!(
            chain::exposure(&g, &targets, Some(&home)).unwrap(),
            chain::exposure(&h, &targets, Some(&home)).unwrap()
        );
    }
}

#[test]
fn one_week_without_stocks_equals_the_exposure() {
    // A full stop of one country for a week, all links consumed: the same bounds by two routes.
    let mut compared = 0;
    for case in 0..500 {
        let mut rows = random::input(case);
        for link in &mut rows.links {
            link.relation = chain::Relation::MaterialFor;
        }
        let g = built(rows);
        let targets = random::targets(&g);
        let names: Vec<&str> = targets.iter().map(Node::as_str).collect();
        for row in chain::exposure(&g, &targets, None).unwrap().rows {
            let e = event(Some(row.country.as_str()), None, exact(1.0), 1, 1);
            let result = run(&g, &scenario(vec![e], 1, 0.0, &names));
            let target = result
                .targets
                .iter()
                .find(|t| t.target == row.target)
                .unwrap();
            let (a, b) = (target.weeks[0], row.look_through);
            assert!((a.low - b.low).abs() < 1e-12 && (a.high - b.high).abs() < 1e-12);
            assert!((a.value - b.value).abs() < 1e-12);
            assert_eq!(target.origins, row.origins);
            compared += 1;
        }
    }
    assert!(compared > 5_000);
}

proptest! {
    /// With a buyer: ordered bounds, and no more loss than when everybody is hit.
    #[test]
    fn a_buyers_loss_stays_within_the_worlds(case in 0..CASES, follow: bool) {
        let g = random::graph(case);
        let mut s = any_scenario(&g, case);
        s.events.retain(|e| {
            let named = e.country.as_ref().map(|c| c.0.as_str());
            let data = e.node.as_ref().is_none_or(|n| g.get(n).unwrap().supply.is_some());
            named != Some("AAA") && data
        });
        prop_assume!(!s.events.is_empty());
        let world = run(&g, &s);
        s.buyer = Some("AAA".into());
        let third = if follow {
            chain::shock::ThirdCountries::Follow
        } else {
            chain::shock::ThirdCountries::MayDeliver
        };
        let params = ShockParams { third_countries: third, ..ShockParams::default() };
        let buyer = shock(&g, &s, &params).unwrap();
        for target in &buyer.targets {
            for week in &target.weeks {
                prop_assert!(0.0 <= week.low && week.low <= week.value && week.value <= week.high);
            }
        }
        assert_no_less(&buyer, &world, "buyer");
    }

    /// Catching up faster never loses more; unstockable stages never lose less.
    #[test]
    fn parameters_act_in_their_direction(case in 0..CASES, catch_up in 0.0..3.0_f64) {
        let g = random::graph(case);
        let s = any_scenario(&g, case);
        let slow = ShockParams { catch_up, ..ShockParams::default() };
        let fast = ShockParams { catch_up: catch_up + 1.0, ..ShockParams::default() };
        let of = |params: &ShockParams| shock(&g, &s, params).unwrap();
        assert_no_less(&of(&fast), &of(&slow), "catch-up");
        let bare = ShockParams { not_stocked: [Stage::Component].into(), ..slow.clone() };
        assert_no_less(&of(&slow), &of(&bare), "no stock");
    }
}
