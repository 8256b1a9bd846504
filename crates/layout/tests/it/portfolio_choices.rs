//! What a plan leaves open: plans nearly as good, the worth of waiting, and what simulation makes of it.

use std::collections::BTreeSet;

use layout::portfolio::{
    AlternativesParams, BudgetBasis, PlanParams, Precedence, Problem, Project, ProjectId,
    SimulateParams, Stage, Standing, WaitingParams, Watched, Will, alternatives, plan, simulate,
    waiting,
};
use libtest_mimic::Trial;
use model::{Basis, Estimate};

use crate::portfolios::{Starts, exact, exhaustive, id, random_problem};
use crate::{known_code, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial(
            "portfolio::near_optimal_plans_and_what_they_share",
            near_optimal,
        ),
        trial(
            "portfolio::alternatives_equal_exhaustive_search",
            alternatives_exhaustively,
        ),
        trial("portfolio::waiting_by_hand", waiting_by_hand),
        trial("portfolio::waiting_never_hurts", waiting_order),
        trial("portfolio::simulation_meets_the_exact_mean", simulated),
    ]
}

/// The same problem with exactly these starts.
pub fn pinned(problem: &Problem, starts: &Starts) -> Problem {
    let mut held = problem.clone();
    for project in &mut held.projects {
        match starts.get(&project.id) {
            Some(s) => {
                project.will = Will::Must;
                project.earliest = *s;
                project.latest = Some(*s);
            }
            None => project.will = Will::Never,
        }
    }
    held
}

fn near_optimal() {
    // Twelve alike and one far better: with room for seven there are many plans near the best, and all hold the best project.
    let mut projects: Vec<Project> = (0..12)
        .map(|k| {
            Project::plain(
                &format!("alike{k:02}"),
                vec![1.0],
                10.0 + 0.01 * f64::from(k),
            )
        })
        .collect();
    projects.push(Project::plain("best", vec![1.0], 50.0));
    projects.push(Project::plain("poor", vec![1.0], 1.0));
    let problem = Problem {
        periods: 1,
        projects,
        budget: Some(vec![7.0]),
        ..Problem::default()
    };
    let wanted = AlternativesParams::default();
    let found = alternatives(&problem, &PlanParams::default(), &wanted).unwrap();
    assert_eq!(found.found.len(), 11);
    let sets: Vec<BTreeSet<_>> = found
        .found
        .iter()
        .map(|a| a.starts.keys().cloned().collect())
        .collect();
    for (k, a) in sets.iter().enumerate() {
        assert!(found.found[k].value >= found.threshold - 1e-6);
        for b in &sets[..k] {
            assert!(a.symmetric_difference(b).count() >= wanted.distance);
        }
    }
    assert_eq!(found.standing[&ProjectId::from("best")], Standing::MustHave);
    assert_eq!(
        found.standing[&ProjectId::from("poor")],
        Standing::MustAvoid
    );
    let choices = found
        .standing
        .values()
        .filter(|s| **s == Standing::Choice)
        .count();
    assert_eq!(choices, 12);
    found.standing.values().for_each(|s| known_code(s.code()));
}

fn alternatives_exhaustively() {
    let mut kinds = BTreeSet::new();
    for index in 0..200 {
        let problem = random_problem(index, 5, 2);
        let all = exhaustive(&problem);
        if all.is_empty() {
            continue;
        }
        let wanted = AlternativesParams {
            epsilon: 0.15,
            count: 1000,
            distance: 1,
            ..AlternativesParams::default()
        };
        let found = alternatives(&problem, &PlanParams::default(), &wanted).unwrap();
        assert!(found.complete, "{index}");
        let near: BTreeSet<Vec<&ProjectId>> = all
            .iter()
            .filter(|(_, v)| *v >= found.threshold - 1e-7)
            .map(|(s, _)| s.keys().collect())
            .collect();
        assert_eq!(found.found.len(), near.len(), "{index}");
        for project in &problem.projects {
            let holds = near.iter().filter(|set| set.contains(&&project.id)).count();
            let standing = match holds {
                0 => Standing::MustAvoid,
                n if n == near.len() => Standing::MustHave,
                _ => Standing::Choice,
            };
            assert_eq!(
                found.standing[&project.id], standing,
                "{index} {}",
                project.id
            );
            kinds.insert(standing);
        }
    }
    assert_eq!(kinds.len(), 3);
}

/// A trial costs 2 in year one and passes with 1/2; what builds on it costs 8 in year two and is worth 20. A sure project costs 8
/// in year two and is worth 7. Budget: 2, then 8. Here and now: trial and follower, 1/2 × 20 = 10, or the sure one, 7.
/// With a review after year one: trial, then the follower if it passed, else the sure one: 10 + 3.5 = 13.5. Known beforehand: the same
/// 13.5 (the trial's money has no other use). The trial itself is worth nothing.
fn trial_and_follower() -> Problem {
    let mut first = Project::plain("trial", vec![2.0], 0.0);
    first.stages[0].chance = exact(0.5);
    first.latest = Some(0);
    Problem {
        periods: 2,
        projects: vec![
            first,
            Project::plain("follower", vec![8.0], 20.0),
            Project {
                earliest: 1,
                ..Project::plain("sure", vec![8.0], 7.0)
            },
        ],
        budget: Some(vec![2.0, 8.0]),
        precedence: vec![Precedence {
            before: "trial".into(),
            after: "follower".into(),
            lag: 0,
        }],
        ..Problem::default()
    }
}

fn waiting_by_hand() {
    let asked = WaitingParams {
        review: 1,
        watch: vec![Watched {
            project: "trial".into(),
            stage: 0,
        }],
    };
    let found = waiting(&trial_and_follower(), &PlanParams::default(), &asked).unwrap();
    assert!((found.here_and_now.value - 10.0).abs() < 1e-6);
    assert!((found.two_stage.value - 13.5).abs() < 1e-6, "{found:?}");
    assert!((found.waiting.value - 3.5).abs() < 1e-6);
    assert!(found.stochastic_solution.value.abs() < 1e-6);
    assert!(found.perfect_information.value.abs() < 1e-6);
    let late: Vec<(bool, Vec<&str>)> = found
        .late
        .iter()
        .map(|(outcome, _, starts)| (outcome[0], starts.keys().map(|id| id.0.as_str()).collect()))
        .collect();
    assert_eq!(late, [(false, vec!["sure"]), (true, vec!["follower"])]);
    // Nobody learns from a trial that is not over at the review.
    let mut slow = trial_and_follower();
    slow.periods = 3;
    slow.budget = Some(vec![2.0, 2.0, 8.0]);
    slow.projects[0].stages[0].cost = vec![2.0, 2.0];
    slow.projects[2].earliest = 2;
    let blind = waiting(&slow, &PlanParams::default(), &asked).unwrap();
    assert!(blind.waiting.value.abs() < 1e-6, "{blind:?}");
    let review = WaitingParams { review: 2, ..asked };
    let seen = waiting(&slow, &PlanParams::default(), &review).unwrap();
    assert!((seen.waiting.value - 3.5).abs() < 1e-6);
}

fn waiting_order() {
    let mut worth_it = 0;
    for index in 0..400 {
        let mut problem = random_problem(index, 5, 3);
        problem.periods = problem.periods.max(2);
        let t = problem.periods;
        if let Some(budget) = &mut problem.budget {
            budget.resize(t, 6.0);
        }
        problem.resources[0].capacity.resize(t, 6.0);
        if plan(&problem, &PlanParams::default()).is_err() {
            continue;
        }
        let watch = problem.projects.iter().take(3).map(|p| Watched {
            project: p.id.clone(),
            stage: 0,
        });
        let asked = WaitingParams {
            review: 1,
            watch: watch.collect(),
        };
        let found = waiting(&problem, &PlanParams::default(), &asked).unwrap();
        let order = [
            found.here_and_now,
            found.answered,
            found.two_stage,
            found.perfect,
        ];
        for pair in order.windows(2) {
            assert!(pair[1].bound >= pair[0].value - 1e-6, "{index}: {order:?}");
        }
        let chances: f64 = found.late.iter().map(|(_, chance, _)| chance).sum();
        assert!((chances - 1.0).abs() < 1e-9);
        worth_it += usize::from(found.waiting.low > 1e-6);
    }
    assert!(worth_it > 1, "{worth_it}");
}

fn simulated() {
    for index in 0..20 {
        let problem = random_problem(index, 6, 3);
        let Ok(found) = plan(&problem, &PlanParams::default()) else {
            continue;
        };
        let params = SimulateParams {
            draws: 40_000,
            ..SimulateParams::default()
        };
        let drawn = simulate(&problem, &found.starts, &params).unwrap();
        // Three standard errors of at most six projects worth at most 13 each.
        let error = 3.0 * 13.0 * 6.0_f64.sqrt() * 2.0 / 200.0;
        assert!(
            (drawn.mean - found.expected).abs() < error,
            "{index}: {drawn:?} {}",
            found.expected
        );
        assert!(drawn.tail <= drawn.mean + 1e-9 && drawn.p05.value <= drawn.p95.value);
        // Costs as planned: gates only save money, so the budget holds in every draw.
        assert!(drawn.over_budget.is_none_or(|share| share.value == 0.0));
        let planned: f64 = found.public.iter().sum();
        let spent: f64 = drawn.spending.iter().map(|e| e.value).sum();
        assert!((spent + drawn.freed - planned).abs() < 1e-6, "{index}");
    }
    // Overrun: a project of 10 in a budget of 10 whose cost is 0.9 to 1.2 times the plan, mode 1, goes over in 2/3 of the draws.
    let mut over = Problem {
        periods: 1,
        projects: vec![Project::plain("a", vec![10.0], 1.0)],
        budget: Some(vec![10.0]),
        ..Problem::default()
    };
    over.projects[0].overrun = Estimate::new(1.0, 0.9, 1.2, Basis::Assumed).unwrap();
    let starts = plan(&over, &PlanParams::default()).unwrap().starts;
    let drawn = simulate(&over, &starts, &SimulateParams::default()).unwrap();
    let share = drawn.over_budget.unwrap();
    assert!(share.low < 2.0 / 3.0 && share.high > 2.0 / 3.0, "{share:?}");
    // Expected spending as the budget's basis lets more in: two risky second stages instead of one.
    let mut staged = Problem {
        periods: 2,
        projects: (0..2)
            .map(|k| {
                let mut project = Project::plain(&id(k).0, vec![1.0], 5.0);
                project.stages[0].chance = exact(0.5);
                project.stages.push(Stage {
                    cost: vec![4.0],
                    ..project.stages[0].clone()
                });
                project
            })
            .collect(),
        budget: Some(vec![2.0, 4.0]),
        ..Problem::default()
    };
    assert_eq!(
        plan(&staged, &PlanParams::default()).unwrap().starts.len(),
        1
    );
    staged.budget_basis = BudgetBasis::Expected;
    assert_eq!(
        plan(&staged, &PlanParams::default()).unwrap().starts.len(),
        2
    );
}
