//! The cheapest remedy: by hand, put back into the weekly course, against brute force, and its curve.

use std::collections::BTreeMap;

use chain::remedy::{
    Bound, Case, Choice, DrawParams, Kind, Over, Problem, Proof, RemedyError, RemedyParams, Risk,
    best_for, cheapest, evaluate, frontier, robustness,
};
use chain::shock::{Asked, Event};
use chain::{Addition, ChainGraph, Relation, Scenario, shock, with_added_supply};
use libtest_mimic::Trial;
use model::{Basis, Estimate, RowRef, Seed};
use rand::RngExt;

use super::chains::{chain_of, exact, with_firms};
use crate::{close, golden, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial(
            "stock against a stop, by hand, with its prices",
            stock_by_hand,
        ),
        trial("a second source with a fixed cost, by hand", source_by_hand),
        trial(
            "home capacity works after its build time, by hand",
            home_by_hand,
        ),
        trial("conditional value at risk, by hand", cvar_by_hand),
        trial(
            "a source in the stopped country does not help",
            same_country,
        ),
        trial(
            "what cannot be kept is named with the smallest bound",
            unreachable,
        ),
        trial("every plan keeps its bound in the weekly course", put_back),
        trial("no plan of a grid beats the certificate", brute_force),
        trial("more budget never hurts", more_budget),
        trial("draws lie within the ranges", draws),
        trial("the program against scipy", against_scipy),
    ]
}

pub fn event(country: Option<&str>, node: Option<&str>, severity: f64, weeks: u32) -> Event {
    Event {
        country: country.map(Into::into),
        node: node.map(Into::into),
        severity: exact(severity),
        start_week: 1,
        weeks,
    }
}

pub fn scenario(id: &str, events: Vec<Event>, horizon_weeks: u32) -> Scenario {
    Scenario {
        id: id.to_owned(),
        events,
        horizon_weeks,
        stocks: BTreeMap::new(),
        stage_stocks: BTreeMap::new(),
        default_stock: exact(0.0),
        buyer: None,
        targets: Vec::new(),
        firm: None,
        place: None,
        quantity: Asked::Supply,
    }
}

pub fn case(scenario: Scenario) -> Case {
    Case {
        scenario,
        probability: None,
    }
}

pub fn stock(node: &str, cost: f64, most: f64) -> Choice {
    Choice {
        kind: Kind::Stock,
        node: node.into(),
        provider: None,
        country: None,
        fixed: exact(0.0),
        per_unit: exact(cost),
        most,
        ready_after: 0,
    }
}

pub fn source(
    kind: Kind,
    node: &str,
    country: &str,
    fixed: f64,
    cost: f64,
    most: f64,
    ready: u32,
) -> Choice {
    Choice {
        kind,
        node: node.into(),
        provider: Some(format!("new {country}")),
        country: Some(country.into()),
        fixed: exact(fixed),
        per_unit: exact(cost),
        most,
        ready_after: ready,
    }
}

pub fn problem(bound: f64, cases: Vec<Case>, choices: Vec<Choice>) -> Problem {
    Problem {
        targets: vec![Bound {
            node: "car".into(),
            over: Over::Horizon,
            most: bound,
        }],
        cases,
        choices,
        risk: Risk::Worst,
    }
}

pub fn ore_and_car() -> ChainGraph {
    chain_of(&["ore", "car"], &[("ore", "car")], &[("ore", "A", 1.0)])
}

pub fn stop(weeks: u32) -> Case {
    case(scenario(
        "stop",
        vec![event(Some("A"), Some("ore"), 1.0, weeks)],
        20,
    ))
}

pub fn p() -> RemedyParams {
    RemedyParams::default()
}

fn stock_by_hand() {
    // Ten weeks without ore; two may be lost: eight weeks of stock at 3 a week.
    let g = ore_and_car();
    let asked = problem(2.0, vec![stop(10)], vec![stock("ore", 3.0, 52.0)]);
    let plan = cheapest(&g, &asked, &p()).unwrap();
    assert!((plan.amounts[0] - 8.0).abs() < 1e-5, "{:?}", plan.amounts);
    assert!((plan.cost.value - 24.0).abs() < 1e-4);
    assert!((plan.at_least - 24.0).abs() < 1e-6 && plan.gap() < 1e-6);
    assert!((plan.before.measures[0] - 10.0).abs() < 1e-9);
    assert!((plan.after.measures[0] - 2.0).abs() < 1e-5);
    let prices = plan.prices.unwrap();
    // A week of allowed loss is a week of stock; so is a week held already.
    assert!((prices.bounds[0].1 - 3.0).abs() < 1e-6);
    assert!((prices.stock_days[0].1 - 3.0 / 7.0).abs() < 1e-6);
    assert!((prices.options[0].worth - 3.0).abs() < 1e-6);
    // A bound that is kept anyway costs nothing and has no price.
    let idle = cheapest(
        &g,
        &problem(10.0, vec![stop(10)], vec![stock("ore", 3.0, 52.0)]),
        &p(),
    )
    .unwrap();
    assert_eq!(idle.amounts, [0.0]);
    assert!(idle.prices.unwrap().bounds[0].1.abs() < 1e-9);
}

fn source_by_hand() {
    // Ten weeks; bound 5. Half of the ore from B: fixed 4 plus 10 a share = 9. Stock: 5 weeks at 2 = 10.
    let g = ore_and_car();
    let choices = |fixed| {
        vec![
            stock("ore", 2.0, 52.0),
            source(Kind::Source, "ore", "B", fixed, 10.0, 0.9, 0),
        ]
    };
    let plan = cheapest(&g, &problem(5.0, vec![stop(10)], choices(4.0)), &p()).unwrap();
    assert!(
        plan.amounts[0] < 1e-9 && (plan.amounts[1] - 0.5).abs() < 1e-5,
        "{:?}",
        plan.amounts
    );
    assert!((plan.cost.value - 9.0).abs() < 1e-4);
    // Dearer to start with, stock wins.
    let plan = cheapest(&g, &problem(5.0, vec![stop(10)], choices(6.0)), &p()).unwrap();
    assert!((plan.amounts[0] - 5.0).abs() < 1e-4 && plan.amounts[1].abs() < 1e-9);
    assert!((plan.cost.value - 10.0).abs() < 1e-4);
}

fn home_by_hand() {
    // Twelve weeks' stop; home makes all of it from week 5 on: four weeks are lost whatever the share.
    let g = ore_and_car();
    let choices = vec![source(Kind::Home, "ore", "H", 0.0, 8.0, 1.0, 4)];
    let plan = cheapest(&g, &problem(8.0, vec![stop(12)], choices.clone()), &p()).unwrap();
    // 12 - 8 share = 8.
    assert!((plan.amounts[0] - 0.5).abs() < 1e-5);
    let lead = RemedyParams {
        lead_weeks: 4,
        ..p()
    };
    // Built before the stop: 12 - 12 share = 8.
    let plan = cheapest(&g, &problem(8.0, vec![stop(12)], choices.clone()), &lead).unwrap();
    assert!((plan.amounts[0] - 1.0 / 3.0).abs() < 1e-5);
    assert!(cheapest(&g, &problem(3.9, vec![stop(12)], choices), &p()).is_err());
}

fn cvar_by_hand() {
    // Losses 10 (p 0.1), 4 (p 0.3), 0 (the rest). The worst 20 %: (0.1 * 10 + 0.1 * 4) / 0.2 = 7.
    let g = ore_and_car();
    let mut cases = vec![stop(10), stop(4)];
    "short".clone_into(&mut cases[1].scenario.id);
    cases[0].probability = Some(0.1);
    cases[1].probability = Some(0.3);
    let mut asked = problem(7.0, cases, vec![stock("ore", 1.0, 52.0)]);
    asked.risk = Risk::Cvar { alpha: 0.8 };
    let idle = evaluate(&g, &asked, &p(), &[0.0]);
    assert!((idle.measures[0] - 7.0).abs() < 1e-9);
    // One week of stock lowers both losses by one, and the measure with them.
    asked.targets[0].most = 6.0;
    let plan = cheapest(&g, &asked, &p()).unwrap();
    assert!((plan.cost.value - 1.0).abs() < 1e-4);
    // Below 3 only the long stop is left: 0.5 (10 - x) = 2.
    asked.targets[0].most = 2.0;
    let plan = cheapest(&g, &asked, &p()).unwrap();
    assert!((plan.cost.value - 6.0).abs() < 1e-4, "{}", plan.cost.value);
    asked.cases[0].probability = None;
    assert!(matches!(
        cheapest(&g, &asked, &p()),
        Err(RemedyError::Input(_))
    ));
}

fn same_country() {
    let g = ore_and_car();
    let from = |country| vec![source(Kind::Source, "ore", country, 0.0, 1.0, 1.0, 0)];
    assert!(cheapest(&g, &problem(5.0, vec![stop(10)], from("A")), &p()).is_err());
    assert!(cheapest(&g, &problem(5.0, vec![stop(10)], from("B")), &p()).is_ok());
}

fn unreachable() {
    let g = ore_and_car();
    let asked = problem(2.0, vec![stop(5), stop(10)], vec![stock("ore", 1.0, 3.0)]);
    let Err(RemedyError::Unreachable(found)) = cheapest(&g, &asked, &p()) else {
        panic!("three weeks of stock cannot do")
    };
    assert!((found[0].smallest - 7.0).abs() < 1e-6 && (found[0].at_least - 7.0).abs() < 1e-6);
    assert_eq!(
        (found[0].target.as_str(), found[0].scenario.as_str()),
        ("car", "stop")
    );
}

/// A question about a random chain: its last node is to be kept, firms stop, and anything may be bought.
pub fn asked(case_number: u64, relations: &[Relation]) -> (ChainGraph, Problem) {
    let g = with_firms(case_number, relations);
    let mut rng = Seed(77).stream("remedy", case_number);
    let firms: Vec<String> = g
        .countries()
        .iter()
        .map(|c| c.as_str().to_owned())
        .collect();
    let mut cases = Vec::new();
    for s in 0..rng.random_range(1..4) {
        let mut events = Vec::new();
        for _ in 0..2 {
            if !firms.is_empty() {
                let firm = &firms[rng.random_range(0..firms.len())];
                let mut event = event(
                    Some(firm),
                    None,
                    rng.random_range(0.3..1.0),
                    rng.random_range(1..15),
                );
                event.start_week = rng.random_range(1..6);
                event.severity = Estimate::spanning(
                    event.severity.value,
                    event.severity.value * 0.7,
                    1.0,
                    Basis::Assumed,
                );
                events.push(event);
            }
        }
        let any = g.nodes()[0].node.as_str();
        events.push(event(None, Some(any), 0.5, 3));
        let mut scenario = scenario(&format!("s{s}"), events, 18);
        scenario.default_stock = Estimate::spanning(1.0, 0.0, 2.0, Basis::Assumed);
        cases.push(Case {
            scenario,
            probability: Some(0.3),
        });
    }
    let mut choices = Vec::new();
    for node in g.nodes() {
        let id = node.node.as_str();
        if rng.random_bool(0.8) {
            choices.push(stock(id, rng.random_range(0.5..3.0), 40.0));
        }
        if rng.random_bool(0.5) {
            let fixed = if rng.random_bool(0.5) {
                rng.random_range(0.0..4.0)
            } else {
                0.0
            };
            let ready = rng.random_range(0..4);
            choices.push(source(
                Kind::Source,
                id,
                "ZZZ",
                fixed,
                rng.random_range(2.0..12.0),
                0.8,
                ready,
            ));
        }
        if rng.random_bool(0.3) {
            choices.push(source(
                Kind::Home,
                id,
                "HOME",
                0.0,
                rng.random_range(4.0..20.0),
                0.5,
                6,
            ));
        }
    }
    let target = g.nodes().last().unwrap().node.clone();
    let mut asked = problem(0.0, cases, choices);
    asked.targets = vec![Bound {
        node: target,
        over: Over::Horizon,
        most: 0.0,
    }];
    if case_number.is_multiple_of(3) {
        asked.risk = Risk::Cvar { alpha: 0.6 };
    }
    let idle = evaluate(&g, &asked, &p(), &vec![0.0; asked.choices.len()]).measures[0];
    asked.targets[0].most = idle * rng.random_range(0.1..0.9);
    (g, asked)
}

pub const USED_UP: [Relation; 2] = [Relation::InputTo, Relation::MaterialFor];
pub const ALL: [Relation; 3] = [Relation::InputTo, Relation::MaterialFor, Relation::ToolFor];

fn put_back() {
    let (mut plans, mut bought, mut gaps) = (0, 0, Vec::new());
    for case in 0..150 {
        let relations: &[Relation] = if case % 4 == 0 { &ALL } else { &USED_UP };
        let (g, asked) = asked(case, relations);
        let Ok(plan) = cheapest(&g, &asked, &p()) else {
            continue;
        };
        plans += 1;
        assert!(plan.at_least <= plan.cost.value + 1e-9, "case {case}");
        assert!(
            plan.before_trimming
                .is_none_or(|c| plan.cost.value <= c + 1e-5),
            "case {case}"
        );
        assert!(
            plan.after.measures[0] <= asked.targets[0].most + 2e-6,
            "case {case}"
        );
        if plan.cost.value > 0.0 {
            bought += 1;
            gaps.push(plan.gap());
        }
        // The public course: stocks in the scenario, sources without build time as supply that is added.
        let plain = asked
            .choices
            .iter()
            .zip(&plan.amounts)
            .all(|(c, a)| *a == 0.0 || c.ready_after == 0);
        if !plain || asked.risk != Risk::Worst {
            continue;
        }
        for case in &asked.cases {
            let mut scenario = case.scenario.clone();
            scenario.targets = vec![asked.targets[0].node.clone()];
            let mut additions = Vec::new();
            for (choice, amount) in asked
                .choices
                .iter()
                .zip(&plan.amounts)
                .filter(|(_, a)| **a > 0.0)
            {
                if choice.kind == Kind::Stock {
                    scenario.stocks.insert(
                        choice.node.clone(),
                        Estimate::spanning(1.0 + amount, *amount, 2.0 + amount, Basis::Assumed),
                    );
                } else {
                    additions.push(Addition {
                        node: choice.node.clone(),
                        country: choice.country.clone().unwrap(),
                        share: exact(*amount),
                        origin: RowRef::new("plan", "x"),
                    });
                }
            }
            let changed = with_added_supply(&g, &additions).unwrap();
            // An event without a country stops every provider of its node, the new one as well: the same course.
            let course = shock(&changed, &scenario, &p().shock).unwrap();
            let high = course.targets[0].cumulative.high;
            assert!(
                high <= asked.targets[0].most + 1e-5,
                "{high} > {}",
                asked.targets[0].most
            );
        }
    }
    assert!(plans > 60 && bought > 40, "{plans} {bought}");
    assert!(gaps.iter().filter(|g| **g < 1e-3).count() > 10);
}

fn brute_force() {
    let mut compared = 0;
    for case in 200..280 {
        let (g, mut asked) = asked(case, &USED_UP);
        asked.choices.truncate(3);
        for choice in &mut asked.choices {
            choice.most = if choice.kind == Kind::Stock {
                10.0
            } else {
                0.8
            };
        }
        let Ok(plan) = cheapest(&g, &asked, &p()) else {
            continue;
        };
        let steps = 10;
        let k = asked.choices.len() as u32;
        let mut best = f64::INFINITY;
        for mut code in 0..11_usize.pow(k) {
            let amounts: Vec<f64> = asked
                .choices
                .iter()
                .map(|c| {
                    let step = code % 11;
                    code /= 11;
                    c.most * step as f64 / f64::from(steps)
                })
                .collect();
            let cost: f64 = asked
                .choices
                .iter()
                .zip(&amounts)
                .filter(|(_, a)| **a > 0.0)
                .map(|(c, a)| c.fixed.value + c.per_unit.value * a)
                .sum();
            let shares: f64 = asked
                .choices
                .iter()
                .zip(&amounts)
                .filter(|(c, _)| c.kind != Kind::Stock)
                .map(|(_, a)| a)
                .sum();
            if shares <= 1.0
                && cost < best
                && evaluate(&g, &asked, &p(), &amounts).measures[0] <= asked.targets[0].most
            {
                best = cost;
            }
        }
        assert!(
            best >= plan.at_least - 1e-6,
            "case {case}: {best} < {}",
            plan.at_least
        );
        if plan.proof == Proof::Solved && plan.cost.value > 0.0 {
            assert!(plan.gap() < 1e-5, "case {case}: {}", plan.gap());
        }
        compared += usize::from(best.is_finite() && plan.cost.value > 0.0);
    }
    assert!(compared > 10, "{compared}");
}

fn more_budget() {
    let (mut fell, mut needed) = (0, 0);
    for case in 0..40 {
        let (g, asked) = asked(case, if case % 4 == 0 { &ALL } else { &USED_UP });
        let curve = frontier(&g, &asked, &p(), 6).unwrap();
        for pair in curve.windows(2) {
            assert!(pair[1].loss <= pair[0].loss, "case {case}");
            assert!(pair[1].budget >= pair[0].budget);
        }
        for point in &curve {
            assert!(
                point.cost <= point.budget * (1.0 + 1e-6) + 1e-6,
                "case {case}"
            );
            assert!(point.at_least <= point.loss + 1e-9);
            let again = evaluate(&g, &asked, &p(), &point.amounts).measures[0];
            assert!((again - point.loss).abs() < 1e-9, "case {case}");
            // Without any of what it buys it would lose more.
            for (k, amount) in point.amounts.iter().enumerate() {
                let mut without = point.amounts.clone();
                without[k] = 0.0;
                let loss = evaluate(&g, &asked, &p(), &without).measures[0];
                needed += usize::from(*amount > 0.0);
                assert!(
                    *amount <= 0.0 || loss > point.loss,
                    "case {case}: option {k}"
                );
            }
        }
        fell += usize::from(curve[0].loss > curve[5].loss + 1e-6);
        let one = best_for(&g, &asked, &p(), curve[2].budget).unwrap();
        assert!(curve[2].loss <= one.loss + 1e-9);
    }
    assert!(needed > 100, "{needed}");
    assert!(fell > 10, "{fell}");
}

fn draws() {
    let g = ore_and_car();
    let mut asked = problem(2.0, vec![stop(10)], vec![stock("ore", 3.0, 52.0)]);
    asked.choices[0].per_unit = Estimate::spanning(3.0, 2.0, 4.0, Basis::Assumed);
    asked.cases[0].scenario.events[0].severity = Estimate::spanning(0.8, 0.6, 1.0, Basis::Assumed);
    let plan = cheapest(&g, &asked, &p()).unwrap();
    let draws = DrawParams {
        draws: 60,
        seed: Seed(9),
    };
    let found = robustness(&g, &asked, &p(), &plan.amounts, &draws).unwrap();
    // 10 * 0.6 - 2 = 4 weeks at 2 to 8 weeks at 4.
    let cost = found.cost.unwrap();
    assert!(
        8.0 <= cost.low && cost.low < cost.value && cost.high <= 32.0,
        "{cost:?}"
    );
    assert_eq!((found.kept, found.without_plan), (60, 0));
    assert!(found.losses[0].high <= 2.0 + 1e-5);
    let again = robustness(&g, &asked, &p(), &plan.amounts, &draws).unwrap();
    assert_eq!(found, again);
}

fn against_scipy() {
    let rows = golden("remedy_plans.csv");
    assert!(rows.len() >= 8);
    for row in rows {
        // ore -> part -> car, cell -> car; see the head of the file.
        let g = chain_of(
            &["ore", "cell", "part", "car"],
            &[("ore", "part"), ("part", "car"), ("cell", "car")],
            &[("ore", "A", 0.7), ("cell", "B", 0.5), ("part", "A", 0.2)],
        );
        let n = |i: usize| -> f64 { row[i].parse().unwrap() };
        let cases = vec![
            case(scenario(
                "a",
                vec![event(Some("A"), None, n(1), n(2) as u32)],
                26,
            )),
            case(scenario(
                "b",
                vec![event(Some("B"), None, 1.0, n(3) as u32)],
                26,
            )),
        ];
        let choices = vec![
            stock("ore", n(4), 30.0),
            stock("cell", n(5), 30.0),
            stock("part", 2.5, 30.0),
            source(Kind::Source, "ore", "C", n(6), n(7), 0.6, 2),
            source(Kind::Home, "part", "H", 0.0, 30.0, 1.0, 6),
        ];
        let mut asked = problem(n(8), cases, choices);
        for case in &mut asked.cases {
            case.scenario.default_stock = exact(1.0);
            case.probability = Some(0.2);
        }
        if !row[9].is_empty() {
            asked.risk = Risk::Cvar { alpha: n(9) };
        }
        let params = RemedyParams { gap: 1e-9, ..p() };
        let plan = cheapest(&g, &asked, &params).unwrap();
        close(
            &format!("cost of {}", &row[0]),
            plan.before_trimming.unwrap(),
            n(10),
            1e-6,
        );
    }
}
