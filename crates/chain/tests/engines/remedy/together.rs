//! One plan for several scenarios, with bounds over the horizon and on the worst week.

use std::collections::BTreeMap;

use chain::remedy::{
    Bound, Case, Choice, Kind, Over, Problem, Proof, RemedyError, RemedyParams, Risk, cheapest,
    cost_curve, evaluate, frontier,
};
use chain::shock::Event;
use chain::{ChainGraph, ChainInput, GraphParams, NodeSpec, Relation, ShockParams, Stage, shock};
use libtest_mimic::Trial;
use model::{Basis, Estimate};

use super::chains::{exact, link, node, share};
use super::plans::{
    ALL, USED_UP, asked, event, ore_and_car, p, problem, scenario, source, stock, stop,
};
use crate::{close, golden, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("the worst week, by hand", worst_week_by_hand),
        trial("one plan for two scenarios, by hand", two_by_hand),
        trial("a scenario asks for its own targets only", own_targets),
        trial(
            "plans for scenarios together against scipy, put back into the what-if",
            against_scipy,
        ),
        trial(
            "no plan of a grid is cheaper where the program was solved",
            grid,
        ),
        trial("a looser bound never costs more", looser_bounds),
        trial("more budget never hurts the worst week", budgets_for_weeks),
        trial("limits are said and leave a bound", limits),
        trial("bounds of two kinds have no one loss", two_kinds),
    ]
}

fn on_week(mut problem: Problem, most: f64) -> Problem {
    problem.targets[0].over = Over::Week;
    problem.targets[0].most = most;
    problem
}

fn worst_week_by_hand() {
    // Ten weeks without ore; no week may lose more than 0.4. Stock has to last but for the last 0.4 of a week: 9.6 weeks.
    let g = ore_and_car();
    let only_stock = vec![stock("ore", 1.0, 52.0)];
    let plan = cheapest(
        &g,
        &on_week(problem(0.0, vec![stop(10)], only_stock), 0.4),
        &p(),
    )
    .unwrap();
    assert!((plan.amounts[0] - 9.6).abs() < 1e-6, "{:?}", plan.amounts);
    assert_eq!(plan.proof, Proof::Solved);
    assert!((plan.after.measures[0] - 0.4).abs() < 1e-6);
    assert!((plan.before.measures[0] - 1.0).abs() < 1e-9);
    // The whole of a week more allowed saves a week of stock; a day of stock held already saves a seventh.
    let prices = plan.prices.unwrap();
    assert!((prices.bounds[0].1 - 1.0).abs() < 1e-6);
    assert!((prices.stock_days[0].1 - 1.0 / 7.0).abs() < 1e-6);
    // Six tenths from elsewhere at 10 a share cost 6, at 20 a share 12.
    for (per_share, cost) in [(10.0, 6.0), (20.0, 9.6)] {
        let both = vec![
            stock("ore", 1.0, 52.0),
            source(Kind::Source, "ore", "B", 0.0, per_share, 0.9, 0),
        ];
        let asked = on_week(problem(0.0, vec![stop(10)], both), 0.4);
        let plan = cheapest(&g, &asked, &p()).unwrap();
        assert!((plan.cost.value - cost).abs() < 1e-6, "{}", plan.cost.value);
    }
    // Stock for nine weeks leaves the tenth as bad as ever.
    let little = on_week(
        problem(0.0, vec![stop(10)], vec![stock("ore", 1.0, 9.0)]),
        0.4,
    );
    let Err(RemedyError::Unreachable(found)) = cheapest(&g, &little, &p()) else {
        panic!("nine weeks cannot do")
    };
    assert!((found[0].smallest - 1.0).abs() < 1e-6 && (found[0].at_least - 1.0).abs() < 1e-6);
}

/// ore -> car, cell -> car; ore from A, cells from B.
fn ore_cell_car() -> ChainGraph {
    super::chains::chain_of(
        &["ore", "cell", "car"],
        &[("ore", "car"), ("cell", "car")],
        &[("ore", "A", 1.0), ("cell", "B", 1.0)],
    )
}

fn stops(id: &str, country: &str, node: &str, weeks: u32) -> Case {
    Case {
        scenario: scenario(id, vec![event(Some(country), Some(node), 1.0, weeks)], 20),
        probability: None,
    }
}

fn two_by_hand() {
    // Six weeks of ore at 2 for the first, three weeks of cells at 5 for the second; one plan needs both, not the dearer.
    let g = ore_cell_car();
    let choices = vec![stock("ore", 2.0, 52.0), stock("cell", 5.0, 52.0)];
    let first = stops("first", "A", "ore", 8);
    let second = stops("second", "B", "cell", 5);
    let cost = |cases: Vec<Case>| {
        let plan = cheapest(&g, &problem(2.0, cases, choices.clone()), &p()).unwrap();
        (plan.cost.value, plan)
    };
    assert!((cost(vec![first.clone()]).0 - 12.0).abs() < 1e-6);
    assert!((cost(vec![second.clone()]).0 - 15.0).abs() < 1e-6);
    let (together, plan) = cost(vec![first.clone(), second.clone()]);
    assert!((together - 27.0).abs() < 1e-6);
    for loss in &plan.after.losses {
        assert!((loss.weeks.high - 2.0).abs() < 1e-6, "{loss:?}");
    }
    // Every scenario binds: a week more allowed saves a week of both stocks.
    assert!((plan.prices.unwrap().bounds[0].1 - 7.0).abs() < 1e-6);
    // The average of the worst 40 %, at 0.2 each: (8 + 5) / 2 = 6.5 without a plan; ore is the cheaper way to 2.5.
    let mut asked = problem(2.5, vec![first, second], choices);
    for case in &mut asked.cases {
        case.probability = Some(0.2);
    }
    asked.risk = Risk::Cvar { alpha: 0.6 };
    let plan = cheapest(&g, &asked, &p()).unwrap();
    assert!((plan.before.measures[0] - 6.5).abs() < 1e-9);
    assert!((plan.cost.value - 16.0).abs() < 1e-6, "{}", plan.cost.value);
}

fn own_targets() {
    // The stop of cells asks for cars, the stop of ore for the bus that needs no cells.
    let g = super::chains::chain_of(
        &["ore", "cell", "car", "bus"],
        &[("ore", "car"), ("cell", "car"), ("ore", "bus")],
        &[("ore", "A", 1.0), ("cell", "B", 1.0)],
    );
    let mut first = stops("first", "A", "ore", 8);
    first.scenario.targets = vec!["bus".into()];
    let mut second = stops("second", "B", "cell", 5);
    second.scenario.targets = vec!["car".into()];
    let choices = vec![stock("ore", 2.0, 52.0), stock("cell", 5.0, 52.0)];
    let mut asked = problem(2.0, vec![first, second], choices);
    asked.targets.push(Bound {
        node: "bus".into(),
        over: Over::Horizon,
        most: 7.0,
    });
    let plan = cheapest(&g, &asked, &p()).unwrap();
    // A week of ore for the bus, three of cells for the car; cars without ore are not asked for.
    assert!((plan.cost.value - 17.0).abs() < 1e-6, "{}", plan.cost.value);
    assert_eq!(plan.after.losses.len(), 2);
}

struct Row {
    graph: ChainGraph,
    problem: Problem,
    cost: Option<f64>,
}

/// A line of the golden table, as written by the script beside it.
fn read(row: &csv::StringRecord) -> Row {
    let items = |i: usize| row[i].split(';').filter(|t| !t.is_empty());
    let number = |t: &str| -> f64 { t.parse().unwrap() };
    let mut input = ChainInput::default();
    for item in items(0) {
        let (id, group) = item.split_once(':').unwrap_or((item, ""));
        input.nodes.push(NodeSpec {
            substitute_group: (!group.is_empty()).then(|| group.to_owned()),
            stage: Stage::Material,
            ..node(id)
        });
    }
    for item in items(1) {
        let t: Vec<&str> = item.split('>').collect();
        let relation = if t[2] == "t" {
            Relation::ToolFor
        } else {
            Relation::InputTo
        };
        input.links.push(link(t[0], t[1], relation));
    }
    for item in items(2) {
        let t: Vec<&str> = item.split(':').collect();
        input.supply.push(share(t[0], t[1], exact(number(t[2]))));
    }
    let stocks: BTreeMap<_, _> = items(3)
        .map(|item| item.split_once(':').unwrap())
        .map(|(id, weeks)| (id.into(), exact(number(weeks))))
        .collect();
    let horizon: u32 = row[4].parse().unwrap();
    let cases = items(5).enumerate().map(|(s, item)| {
        let (probability, events) = item.split_once('=').unwrap();
        let events = events.split('+').map(|event| {
            let t: Vec<&str> = event.split(':').collect();
            Event {
                country: Some(t[0].into()),
                node: Some(t[1].into()),
                severity: exact(number(t[2])),
                start_week: t[3].parse().unwrap(),
                weeks: t[4].parse().unwrap(),
            }
        });
        let mut scenario = scenario(&format!("s{s}"), events.collect(), horizon);
        scenario.stocks.clone_from(&stocks);
        Case {
            scenario,
            probability: Some(number(probability)),
        }
    });
    let choices = items(6).map(|item| {
        let t: Vec<&str> = item.split(':').collect();
        let kind = match t[0] {
            "stock" => Kind::Stock,
            "source" => Kind::Source,
            _ => Kind::Home,
        };
        Choice {
            kind,
            node: t[1].into(),
            provider: (kind != Kind::Stock).then(|| "new".to_owned()),
            country: (kind != Kind::Stock).then(|| t[2].into()),
            per_unit: exact(number(t[3])),
            fixed: exact(number(t[4])),
            most: number(t[5]),
            ready_after: t[6].parse().unwrap(),
        }
    });
    let targets = items(7).map(|item| {
        let t: Vec<&str> = item.split(':').collect();
        Bound {
            node: t[0].into(),
            over: if t[1] == "h" {
                Over::Horizon
            } else {
                Over::Week
            },
            most: number(t[2]),
        }
    });
    Row {
        problem: Problem {
            targets: targets.collect(),
            cases: cases.collect(),
            choices: choices.collect(),
            risk: row[8]
                .parse()
                .map_or(Risk::Worst, |alpha| Risk::Cvar { alpha }),
        },
        graph: ChainGraph::build(input, &GraphParams::default()).unwrap(),
        cost: row[9].parse().ok(),
    }
}

fn against_scipy() {
    let rows = golden("remedy_together.csv");
    assert_eq!(rows.len(), 180);
    let params = RemedyParams {
        gap: 1e-9,
        nodes: 100_000,
        ..p()
    };
    let (mut plans, mut weeks, mut risks, mut plain) = (0, 0, 0, 0);
    for (i, row) in rows.iter().enumerate() {
        let Row {
            graph,
            problem,
            cost,
        } = read(row);
        let Some(cost) = cost else {
            assert!(
                matches!(
                    cheapest(&graph, &problem, &params),
                    Err(RemedyError::Unreachable(_))
                ),
                "row {i}"
            );
            continue;
        };
        let plan = cheapest(&graph, &problem, &params).unwrap();
        assert_eq!(plan.proof, Proof::Solved, "row {i}");
        close(&format!("cost of row {i}"), plan.cost.value, cost, 1e-6);
        close(&format!("bound of row {i}"), plan.at_least, cost, 1e-5);
        for (measure, bound) in plan.after.measures.iter().zip(&problem.targets) {
            assert!(*measure <= bound.most + 1e-6, "row {i}");
        }
        plans += 1;
        weeks += usize::from(problem.targets.iter().any(|b| b.over == Over::Week));
        risks += usize::from(problem.risk != Risk::Worst);
        plain += usize::from(put_back(&graph, &problem, &plan.amounts));
    }
    assert!(
        plans == 150 && weeks > 80 && risks > 40 && plain > 40,
        "{plans} {weeks} {risks} {plain}"
    );
}

/// Where the plan is stock alone it can be asked as an ordinary what-if of every scenario; the bounds must hold there.
fn put_back(graph: &ChainGraph, problem: &Problem, amounts: &[f64]) -> bool {
    let bought = || {
        problem
            .choices
            .iter()
            .zip(amounts)
            .filter(|(_, a)| **a > 0.0)
    };
    if bought().any(|(c, _)| c.kind != Kind::Stock) || problem.risk != Risk::Worst {
        return false;
    }
    for case in &problem.cases {
        let mut scenario = case.scenario.clone();
        scenario.targets = vec![problem.targets[0].node.clone()];
        for (choice, amount) in bought() {
            let held = scenario.stocks.get_mut(&choice.node).unwrap();
            *held = exact(held.value + amount);
        }
        let found = shock(graph, &scenario, &ShockParams::default()).unwrap();
        let target = &found.targets[0];
        for bound in &problem.targets {
            let lost = match bound.over {
                Over::Horizon => target.cumulative.high,
                Over::Week => target.peak.high,
            };
            assert!(lost <= bound.most + 2e-6, "{lost} > {}", bound.most);
        }
    }
    true
}

/// A random question with bounds over the horizon, on the worst week, or both.
fn of_kind(case: u64, relations: &[Relation]) -> (ChainGraph, Problem) {
    let (g, mut asked) = asked(case, relations);
    let idle =
        |asked: &Problem| evaluate(&g, asked, &p(), &vec![0.0; asked.choices.len()]).measures;
    let part = asked.targets[0].most / idle(&asked)[0].max(1e-9);
    let target = asked.targets[0].node.clone();
    let week = Bound {
        node: target,
        over: Over::Week,
        most: 0.0,
    };
    match case % 3 {
        0 => {}
        1 => asked.targets = vec![week],
        _ => asked.targets.push(week),
    }
    let idle = idle(&asked);
    for (bound, idle) in asked.targets.iter_mut().zip(idle) {
        bound.most = part.clamp(0.0, 1.0) * idle;
    }
    (g, asked)
}

fn grid() {
    let mut compared = 0;
    for case in 300..400 {
        let (g, mut asked) = of_kind(case, if case % 4 == 0 { &ALL } else { &USED_UP });
        asked.choices.truncate(3);
        for choice in &mut asked.choices {
            choice.most = if choice.kind == Kind::Stock {
                20.0
            } else {
                0.8
            };
        }
        let plan = cheapest(&g, &asked, &p());
        let steps = 20;
        let mut best = f64::INFINITY;
        for mut code in 0..(steps + 1_usize).pow(asked.choices.len() as u32) {
            let amounts: Vec<f64> = asked
                .choices
                .iter()
                .map(|c| {
                    let step = code % (steps + 1);
                    code /= steps + 1;
                    c.most * step as f64 / steps as f64
                })
                .collect();
            let bought = || {
                asked
                    .choices
                    .iter()
                    .zip(&amounts)
                    .filter(|(_, a)| **a > 0.0)
            };
            let cost: f64 = bought()
                .map(|(c, a)| c.fixed.value + c.per_unit.value * a)
                .sum();
            let whole = |n: &model::Node| {
                let here = bought().filter(|(c, _)| c.kind != Kind::Stock && c.node == *n);
                here.map(|(_, a)| a).sum::<f64>() <= 1.0
            };
            if cost >= best || !asked.choices.iter().all(|c| whole(&c.node)) {
                continue;
            }
            let measures = evaluate(&g, &asked, &p(), &amounts).measures;
            let kept = measures
                .iter()
                .zip(&asked.targets)
                .all(|(m, b)| *m <= b.most);
            if kept {
                best = cost;
            }
        }
        match plan {
            Ok(plan) => {
                assert!(
                    best >= plan.at_least - 1e-6,
                    "case {case}: {best} < {}",
                    plan.at_least
                );
                if plan.proof == Proof::Solved {
                    assert!(plan.cost.value <= best + 1e-5, "case {case}");
                }
                compared += usize::from(best.is_finite() && plan.cost.value > 0.0);
            }
            Err(RemedyError::Unreachable(_)) => assert!(best.is_infinite(), "case {case}: {best}"),
            Err(error) => panic!("case {case}: {error}"),
        }
    }
    assert!(compared > 20, "{compared}");
}

fn looser_bounds() {
    let mut fell = 0;
    for case in 400..430 {
        let (g, asked) = of_kind(case, if case % 4 == 0 { &ALL } else { &USED_UP });
        let curve = cost_curve(&g, &asked, &p(), 5).unwrap();
        assert_eq!(curve.len(), 5);
        for pair in curve.windows(2) {
            assert!(
                pair[1].share >= pair[0].share && pair[1].cost <= pair[0].cost,
                "case {case}"
            );
        }
        for step in &curve {
            assert!(step.at_least <= step.cost + 1e-9, "case {case}");
            let kept = evaluate(&g, &asked, &p(), &step.amounts).measures;
            for (kept, most) in kept.iter().zip(&step.bounds) {
                assert!(*kept <= most + 3e-6, "case {case}: {kept} > {most}");
            }
        }
        // What is lost anyway costs nothing.
        assert_eq!(curve[4].cost, 0.0, "case {case}");
        fell += usize::from(curve[0].cost > curve[2].cost + 1e-6);
    }
    assert!(fell > 10, "{fell}");
}

fn budgets_for_weeks() {
    let mut fell = 0;
    for case in (430..472).filter(|case| case % 3 == 1) {
        let (g, asked) = of_kind(case, &USED_UP);
        let curve = frontier(&g, &asked, &p(), 5).unwrap();
        for pair in curve.windows(2) {
            assert!(pair[1].loss <= pair[0].loss, "case {case}");
        }
        for point in &curve {
            assert!(
                point.cost <= point.budget * (1.0 + 1e-6) + 1e-6,
                "case {case}"
            );
            assert!(point.loss <= 1.0 && point.at_least <= point.loss + 1e-9);
        }
        fell += usize::from(curve[0].loss > curve[4].loss + 1e-6);
    }
    assert!(fell > 3, "{fell}");
}

fn limits() {
    let (mut stopped, mut large) = (0, 0);
    for case in 500..530 {
        let (g, asked) = of_kind(case, &USED_UP);
        let Ok(free) = cheapest(&g, &asked, &p()) else {
            continue;
        };
        let tight = RemedyParams { switches: 0, ..p() };
        let few = RemedyParams { nodes: 1, ..p() };
        for params in [tight, few] {
            let Ok(plan) = cheapest(&g, &asked, &params) else {
                continue;
            };
            assert!(plan.at_least <= free.cost.value + 1e-5, "case {case}");
            assert!(plan.cost.value >= free.at_least - 1e-5, "case {case}");
            for (measure, bound) in plan.after.measures.iter().zip(&asked.targets) {
                assert!(*measure <= bound.most + 2e-6, "case {case}");
            }
            stopped += usize::from(plan.proof == Proof::Stopped);
            large += usize::from(plan.proof == Proof::TooLarge);
        }
    }
    assert!(large > 5, "{stopped} {large}");
}

fn two_kinds() {
    let g = ore_and_car();
    let mut asked = problem(2.0, vec![stop(10)], vec![stock("ore", 1.0, 52.0)]);
    asked.targets.push(Bound {
        node: "car".into(),
        over: Over::Week,
        most: 0.5,
    });
    // Nine and a half weeks keep the week, eight the sum.
    let plan = cheapest(&g, &asked, &p()).unwrap();
    assert!((plan.cost.value - 9.5).abs() < 1e-6);
    assert!(matches!(
        frontier(&g, &asked, &p(), 3),
        Err(RemedyError::Input(_))
    ));
    asked.targets[1].over = Over::Horizon;
    assert!(matches!(
        cheapest(&g, &asked, &p()),
        Err(RemedyError::Input(_))
    ));
    asked.targets.pop();
    let mut many = on_week(asked, 1.5);
    assert!(matches!(
        cheapest(&g, &many, &p()),
        Err(RemedyError::Input(_))
    ));
    many.targets[0].most = 1.0;
    many.cases[0].scenario.events[0].severity = Estimate::spanning(0.8, 0.5, 1.0, Basis::Assumed);
    assert_eq!(cheapest(&g, &many, &p()).unwrap().cost.value, 0.0);
}
