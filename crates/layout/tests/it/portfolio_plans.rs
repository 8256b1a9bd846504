//! Plans of projects: hand cases, exhaustive search, rules never broken, floors and their price, the ladder, risk, waiting.

use layout::Ended;
use layout::portfolio::{
    Bonus, CarryOver, Exclusion, Floor, FloorPeriod, LadderParams, Least, Members, PlanParams,
    Precedence, Problem, Project, ProjectId, ResearchKind, Unsolved, WaitingParams, Will,
    floor_duals, floor_prices, ladder, plan, quick, waiting,
};
use libtest_mimic::Trial;
use model::Seed;
use rand::seq::SliceRandom;
use rayon::prelude::*;

use crate::portfolio_choices::pinned;
use crate::portfolios::{Starts, broken, exact, exhaustive, expected, id, random_problem};
use crate::{known_code, readable, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("portfolio::a_hand_case", hand_case),
        trial("portfolio::carry_over_by_hand", carried),
        trial(
            "portfolio::equal_to_exhaustive_search_on_1000_problems",
            exhaustively,
        ),
        trial(
            "portfolio::no_rule_is_broken_on_100000_problems",
            rules_are_kept,
        ),
        trial(
            "portfolio::quick_plans_keep_every_rule_and_their_certificate",
            quickly,
        ),
        trial("portfolio::row_order_does_not_matter", permuted),
        trial("portfolio::a_floor_and_its_price", floors),
        trial(
            "portfolio::floor_prices_equal_exhaustive_search",
            floors_exhaustively,
        ),
        trial("portfolio::more_budget_never_hurts", more_budget),
        trial("portfolio::the_tail_by_hand", tail),
        trial(
            "portfolio::the_tail_equals_exhaustive_search_on_its_own_draws",
            tail_exhaustively,
        ),
        trial("portfolio::wrong_problems_are_named_all_at_once", invalid),
        trial(
            "portfolio::what_cannot_be_kept_together_is_named",
            infeasible,
        ),
    ]
}

/// Three projects, two periods, 10 a period. a costs 8 and is worth 10, b costs 6 and 4 and is worth 9, c costs 4 and
/// is worth 5. All three at once cost more than is there: a first (8), c then (4), b cannot: it needs both periods (6, 4), with c first: 6 + 4 = 10,
/// then 4 + ... a (8) does not fit beside b's 4. So {b, c} = 14 against {a, c} = 15 against {a, b}: a needs 8 beside 6 or 4: no.
fn three() -> Problem {
    Problem {
        periods: 2,
        projects: vec![
            Project::plain("a", vec![8.0], 10.0),
            Project::plain("b", vec![6.0, 4.0], 9.0),
            Project::plain("c", vec![4.0], 5.0),
        ],
        budget: Some(vec![10.0, 10.0]),
        ..Problem::default()
    }
}

fn hand_case() {
    let found = plan(&three(), &PlanParams::default()).unwrap();
    let names: Vec<&str> = found.starts.keys().map(|id| id.0.as_str()).collect();
    assert_eq!(names, ["a", "c"]);
    assert!((found.worth.value - 15.0).abs() < 1e-9 && found.worth.gap() < 1e-6);
    assert_eq!(found.worth.ended, Ended::Proved);
    known_code(found.worth.ended.code());
    assert!((found.expected - 15.0).abs() < 1e-9);
    // 25 % of the value of a later start is lost: a and c both start at once only if 12 fit; a first.
    let mut late = three();
    for project in &mut late.projects {
        project.decay = 0.25;
    }
    // {a now, c later} = 10 + 3.75; {c now, a later} = 5 + 7.5; {b, c now} = 9 + 5 = 14.
    let found = plan(&late, &PlanParams::default()).unwrap();
    assert!((found.worth.value - 14.0).abs() < 1e-9);
    // With a bonus of 2 for a and c the first is best again: 15.75.
    late.bonuses.push(Bonus {
        id: "ac".to_owned(),
        members: vec!["a".into(), "c".into()],
        value: exact(2.0),
    });
    let found = plan(&late, &PlanParams::default()).unwrap();
    assert!((found.worth.value - 15.75).abs() < 1e-9);
    assert_eq!(
        (
            found.starts[&ProjectId::from("a")],
            found.starts[&ProjectId::from("c")]
        ),
        (0, 1)
    );
}

/// Nothing costs 6 or less in the first year; two projects of 10 in the second need 20 there: with a budget of 10 a year one
/// fits, with all that is left carried over both, with half of it (5) only one.
fn carried() {
    let mut problem = Problem {
        periods: 2,
        projects: (0..2)
            .map(|k| Project {
                earliest: 1,
                ..Project::plain(&id(k).0, vec![10.0], 1.0)
            })
            .collect(),
        budget: Some(vec![10.0, 10.0]),
        ..Problem::default()
    };
    for (share, most, value) in [
        (0.0, None, 1.0),
        (0.5, None, 1.0),
        (1.0, None, 2.0),
        (1.0, Some(9.0), 1.0),
    ] {
        problem.carry_over = CarryOver { share, most };
        let found = plan(&problem, &PlanParams::default()).unwrap();
        assert_eq!(found.worth.value, value, "{share} {most:?}");
    }
    // Half of the cost is borne by others: both fit.
    problem.carry_over = CarryOver::default();
    problem
        .projects
        .iter_mut()
        .for_each(|p| p.public_share = 0.5);
    let found = plan(&problem, &PlanParams::default()).unwrap();
    assert_eq!(
        (found.public, found.total),
        (vec![0.0, 10.0], vec![0.0, 20.0])
    );
}

fn exhaustively() {
    let solved: usize = (0..1000_u64)
        .into_par_iter()
        .map(|index| {
            let problem = random_problem(index, 5, 3);
            let all = exhaustive(&problem);
            let best = all
                .iter()
                .map(|(_, v)| *v)
                .fold(f64::NEG_INFINITY, f64::max);
            match plan(&problem, &PlanParams::default()) {
                Ok(found) => {
                    assert!(broken(&problem, &found.starts).is_empty(), "{index}");
                    let own = expected(&problem, &found.starts);
                    assert!(
                        (own - found.worth.value).abs() < 1e-6,
                        "{index}: {own} {found:?}"
                    );
                    assert!((best - own).abs() < 1e-5, "{index}: {best} {own}");
                    assert!(found.worth.bound >= best - 1e-6, "{index}");
                    1
                }
                Err(Unsolved::Infeasible(messages)) => {
                    assert!(all.is_empty(), "{index}");
                    messages
                        .iter()
                        .for_each(|m| assert!(!readable(m).is_empty()));
                    0
                }
                Err(other) => panic!("{index}: {other:?}"),
            }
        })
        .sum();
    assert!(solved > 600, "{solved} of 1000 have a plan");
}

/// Nothing is broken, the bound holds against exhaustive search, and what is accepted is within the gap asked for.
fn quickly() {
    let (solved, greedy) = (0..1000_u64)
        .into_par_iter()
        .map(|index| {
            let mut problem = random_problem(7_000_000 + index, 6, 3);
            problem.bonuses.clear();
            problem.substitutes.clear();
            problem.carry_over = CarryOver::default();
            let all = exhaustive(&problem);
            let best = all
                .iter()
                .map(|(_, v)| *v)
                .fold(f64::NEG_INFINITY, f64::max);
            match quick(&problem, &PlanParams::default(), 0.05) {
                Ok(found) => {
                    assert!(broken(&problem, &found.starts).is_empty(), "{index}");
                    let own = expected(&problem, &found.starts);
                    assert!((own - found.worth.value).abs() < 1e-6, "{index}");
                    assert!(
                        own <= best + 1e-6 && best <= found.worth.bound + 1e-6,
                        "{index}"
                    );
                    assert!(
                        own >= best - 0.05 * own.abs() - 1e-6,
                        "{index}: {own} {best}"
                    );
                    (1, usize::from(found.worth.ended == Ended::Work))
                }
                Err(Unsolved::Infeasible(_)) => {
                    assert!(all.is_empty(), "{index}");
                    (0, 0)
                }
                Err(other) => panic!("{index}: {other:?}"),
            }
        })
        .reduce(|| (0, 0), |a: (usize, usize), b| (a.0 + b.0, a.1 + b.1));
    assert!(solved > 600 && greedy > 200, "{solved} {greedy}");
}

fn rules_are_kept() {
    let solved: usize = (0..100_000_u64)
        .into_par_iter()
        .map(|index| {
            let problem = random_problem(1_000_000 + index, 6, 3);
            match plan(&problem, &PlanParams::default()) {
                Ok(found) => {
                    let wrong = broken(&problem, &found.starts);
                    assert!(wrong.is_empty(), "{index}: {wrong:?}");
                    assert!(found.worth.bound >= found.worth.value);
                    for floor in &found.floors {
                        let kept = floor
                            .least
                            .iter()
                            .zip(&floor.reached)
                            .all(|(l, r)| r >= &(l - 1e-6));
                        assert!(kept, "{index}: {floor:?}");
                    }
                    1
                }
                Err(Unsolved::Infeasible(_)) => 0,
                Err(other) => panic!("{index}: {other:?}"),
            }
        })
        .sum();
    assert!(solved > 60_000, "{solved}");
}

fn permuted() {
    for index in 0..40 {
        let problem = random_problem(index, 6, 3);
        let mut mixed = problem.clone();
        mixed.projects.shuffle(&mut Seed(5).stream("test", index));
        mixed.precedence.reverse();
        let params = PlanParams {
            beta: 0.5,
            scenarios: 20,
            ..PlanParams::default()
        };
        assert_eq!(plan(&problem, &params), plan(&mixed, &params), "{index}");
    }
}

/// Basic research worth 1 at a cost of 4, applied projects worth 6, 5 and 4 at a cost of 4 each, budget 12. Without a floor: 15.
/// A third of the budget for basic research: 12. Price 3. Relaxed: the last unit of money brings 1 in applied and 1/4 in basic: 0.75.
fn floor_case() -> Problem {
    let mut problem = Problem {
        periods: 1,
        projects: [("basic", 1.0), ("x", 6.0), ("y", 5.0), ("z", 4.0)]
            .map(|(id, value)| Project::plain(id, vec![4.0], value))
            .to_vec(),
        budget: Some(vec![12.0]),
        ..Problem::default()
    };
    problem.projects[0].kind = Some(ResearchKind::Basic);
    problem.floors.push(Floor {
        id: "basic research".to_owned(),
        members: Members::Kind(ResearchKind::Basic),
        least: Least::ShareOfBudget(1.0 / 3.0),
        period: FloorPeriod::Horizon,
    });
    problem
}

fn floors() {
    let problem = floor_case();
    let found = plan(&problem, &PlanParams::default()).unwrap();
    assert!((found.worth.value - 12.0).abs() < 1e-9);
    assert!((found.floors[0].reached[0] - 4.0).abs() < 1e-9);
    let price = floor_prices(&problem, &PlanParams::default())
        .unwrap()
        .remove(0);
    assert!((price.price.value - 3.0).abs() < 1e-6, "{price:?}");
    assert!(price.price.width() < 1e-4);
    assert!(
        (price.relaxation_dual.unwrap() - 0.75).abs() < 1e-6,
        "{price:?}"
    );
    let alone = floor_duals(&problem, &PlanParams::default()).unwrap();
    assert_eq!(alone, [price.relaxation_dual]);
}

fn floors_exhaustively() {
    let mut priced = 0;
    for index in 0..300 {
        let problem = random_problem(index, 4, 3);
        let best = |p: &Problem| {
            exhaustive(p)
                .iter()
                .map(|(_, v)| *v)
                .fold(f64::NEG_INFINITY, f64::max)
        };
        let with = best(&problem);
        if problem.floors.is_empty() || with == f64::NEG_INFINITY {
            continue;
        }
        let mut free = problem.clone();
        free.floors.clear();
        let price = floor_prices(&problem, &PlanParams::default())
            .unwrap()
            .remove(0);
        let true_price = best(&free) - with;
        assert!(
            (price.price.value - true_price).abs() < 1e-5,
            "{index}: {price:?} {true_price}"
        );
        assert!(price.price.low <= true_price + 1e-6 && price.price.high >= true_price - 1e-6);
        priced += usize::from(true_price > 1e-6);
    }
    assert!(priced > 20, "{priced}");
}

fn more_budget() {
    let mut grown = 0;
    for index in 0..500 {
        let mut problem = random_problem(index, 6, 3);
        if problem.budget.is_none() || plan(&problem, &PlanParams::default()).is_err() {
            continue;
        }
        let steps = LadderParams {
            step: 3.0,
            steps: 4,
        };
        let rungs = ladder(&problem, &PlanParams::default(), &steps).unwrap();
        assert_eq!(rungs.len(), 5);
        for pair in rungs.windows(2) {
            assert!(pair[1].worth.value >= pair[0].worth.value);
            assert!(pair[1].worth.bound >= pair[0].worth.bound - 1e-9);
            let gain = pair[1].gain.unwrap();
            assert!(gain.low >= 0.0);
            grown += usize::from(gain.value > 1e-6);
        }
        // The top rung is the optimum of the larger budget, asked on its own with floors at their amount.
        if problem.floors.is_empty() {
            let budget = problem.budget.clone().unwrap();
            let (sum, n) = (budget.iter().sum::<f64>(), budget.len() as f64);
            let add = |b: f64| b + 12.0 * if sum > 0.0 { b / sum } else { 1.0 / n };
            problem.budget = Some(budget.into_iter().map(add).collect());
            let alone = plan(&problem, &PlanParams::default()).unwrap();
            assert!(
                (alone.worth.value - rungs[4].worth.value).abs() < 1e-5,
                "{index}"
            );
        }
    }
    assert!(grown > 40, "{grown}");
}

/// One sure project worth 4, one worth 10 with chance 1/2, room for one. Expected value takes the gamble (5), the
/// tail the sure one (4 against 0).
fn gamble() -> Problem {
    let mut risky = Project::plain("risky", vec![1.0], 10.0);
    risky.stages[0].chance = exact(0.5);
    Problem {
        periods: 1,
        projects: vec![risky, Project::plain("sure", vec![1.0], 4.0)],
        budget: Some(vec![1.0]),
        ..Problem::default()
    }
}

fn tail() {
    let of = |beta: f64| {
        let params = PlanParams {
            beta,
            alpha: 0.25,
            scenarios: 200,
            ..PlanParams::default()
        };
        plan(&gamble(), &params).unwrap()
    };
    assert_eq!(of(0.0).starts.keys().next().unwrap().0, "risky");
    let careful = of(1.0);
    assert_eq!(careful.starts.keys().next().unwrap().0, "sure");
    assert!((careful.worth.value - 4.0).abs() < 1e-6 && (careful.tail.unwrap() - 4.0).abs() < 1e-9);
    // The gamble mixes to (1 - beta) 5 + beta 0, the sure one is 4: they meet at beta = 0.2.
    assert_eq!(of(0.15).starts.keys().next().unwrap().0, "risky");
    assert_eq!(of(0.25).starts.keys().next().unwrap().0, "sure");
}

/// The objective with a tail, for every set of starts, from the plan's own draws (a plan that must be those starts, with beta 1).
fn tail_exhaustively() {
    for index in 0..60 {
        let problem = random_problem(index, 4, 2);
        let params = PlanParams {
            beta: 0.6,
            alpha: 0.3,
            scenarios: 15,
            ..PlanParams::default()
        };
        let Ok(found) = plan(&problem, &params) else {
            continue;
        };
        let mixed = |starts: &Starts| {
            let held = pinned(&problem, starts);
            let own = plan(&held, &params).unwrap();
            0.4 * expected(&problem, starts) + 0.6 * own.tail.unwrap()
        };
        let best = exhaustive(&problem)
            .iter()
            .map(|(starts, _)| mixed(starts))
            .fold(f64::NEG_INFINITY, f64::max);
        assert!(
            (best - found.worth.value).abs() < 1e-5,
            "{index}: {best} {found:?}"
        );
    }
}

fn invalid() {
    let mut problem = three();
    problem.projects[0].public_share = 1.5;
    problem.projects[1].stages[0]
        .needs
        .insert("laboratory".to_owned(), 1.0);
    problem.projects.push(Project::plain("c", vec![], f64::NAN));
    problem.budget = Some(vec![1.0]);
    let order = [("b", "c"), ("c", "b"), ("c", "nobody")];
    problem.precedence = order
        .map(|(before, after)| Precedence {
            before: before.into(),
            after: after.into(),
            lag: 0,
        })
        .to_vec();
    problem.exclusions.push(Exclusion {
        members: vec!["ghost".into()],
        most: 1,
    });
    let Err(Unsolved::Invalid(messages)) = plan(&problem, &PlanParams::default()) else {
        panic!("a wrong problem was solved");
    };
    let all: Vec<String> = messages.iter().map(readable).collect();
    let text = all.join(" ");
    for part in [
        "public_share",
        "laboratory",
        "stands twice",
        "no stage",
        "budget",
        "nobody",
        "ghost",
        "itself",
        "value",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let bad = PlanParams {
        beta: 2.0,
        ..PlanParams::default()
    };
    assert!(matches!(plan(&three(), &bad), Err(Unsolved::Invalid(_))));
    let asked = WaitingParams {
        review: 7,
        watch: vec![],
    };
    let Err(Unsolved::Invalid(messages)) = waiting(&three(), &PlanParams::default(), &asked) else {
        panic!("a wrong review was accepted");
    };
    assert_eq!(messages.len(), 2);
    messages
        .iter()
        .for_each(|m| assert!(!readable(m).is_empty()));
}

fn infeasible() {
    let mut problem = floor_case();
    problem.projects[1].will = Will::Must;
    problem.projects[2].will = Will::Must;
    problem.projects[3].will = Will::Must;
    let Err(Unsolved::Infeasible(messages)) = plan(&problem, &PlanParams::default()) else {
        panic!("more than there is was spent");
    };
    let text: String = messages.iter().map(readable).collect();
    assert!(
        text.contains("basic research") && text.contains('x') && text.contains('z'),
        "{text}"
    );
}
