//! Ranges of a plan's value and of gains: no worth or chance within its range leaves them; both ends of a value are reached, and
//! those of gains in a case by hand.

use layout::portfolio::{Precedence, Problem, Project, corners, gained, success};
use libtest_mimic::Trial;
use model::{Basis, Estimate, Seed};
use rand::{Rng, RngExt};

use crate::portfolios::{Starts, exact, exhaustive, expected, random_problem};
use crate::trial;

pub fn trials() -> Vec<Trial> {
    vec![
        trial("portfolio::ranges_by_hand", by_hand),
        trial("portfolio::a_chance_holds_the_gates_before_it", both_gates),
        trial("portfolio::no_draw_leaves_the_range_of_a_gain", drawn),
    ]
}

fn range(low: f64, value: f64, high: f64) -> Estimate {
    Estimate::spanning(value, low, high, Basis::Assumed)
}

/// a: worth 6 (3 to 12), chance 1/2 (1/4 to 3/4), at once: means 7 and 1/2, so 3.5 (0.75 to 9). b: worth 4 for certain, half of it lost by
/// waiting a period. From {a} to {a, b later} b brings 2 for certain; from {a} to {b} 4 - 3.5 (4 - 9 to 4 - 0.75).
fn by_hand() {
    let mut a = Project::plain("a", vec![1.0], 0.0);
    a.value = range(3.0, 6.0, 12.0);
    a.stages[0].chance = range(0.25, 0.5, 0.75);
    let mut b = Project::plain("b", vec![1.0], 4.0);
    b.decay = 0.5;
    let problem = Problem {
        periods: 2,
        projects: vec![a, b],
        ..Problem::default()
    };
    let plan = |list: &[(&str, usize)]| -> Starts {
        list.iter().map(|(id, s)| ((*id).into(), *s)).collect()
    };
    let near = |e: Estimate, ends: [f64; 3]| {
        let found = [e.low, e.value, e.high];
        let close = found.iter().zip(ends).all(|(x, y)| (x - y).abs() < 1e-12);
        assert!(close, "{found:?} {ends:?}");
    };
    let only_a = plan(&[("a", 0)]);
    near(
        layout::portfolio::expected(&problem, &only_a),
        [0.75, 3.5, 9.0],
    );
    near(
        gained(&problem, &only_a, &plan(&[("a", 0), ("b", 1)])),
        [2.0; 3],
    );
    near(
        gained(&problem, &only_a, &plan(&[("b", 0)])),
        [-5.0, 0.5, 3.25],
    );
    near(gained(&problem, &only_a, &only_a), [0.0; 3]);
    // The corners: the lesser worth at both chances, then the greater.
    for (corner, worth) in corners(&problem).iter().zip([0.75, 2.25, 3.0, 9.0]) {
        near(layout::portfolio::expected(corner, &only_a), [worth; 3]);
    }
}

/// A pilot after research: chances 1/2 (1/4 to 3/4) and 0.8 (0.6 to 1) for both gates, means 1/2 and 0.8.
fn both_gates() {
    let mut research = Project::plain("research", vec![1.0], 1.0);
    research.stages[0].chance = range(0.25, 0.5, 0.75);
    let mut pilot = Project::plain("pilot", vec![1.0], 1.0);
    pilot.stages[0].chance = range(0.6, 0.8, 1.0);
    let problem = Problem {
        periods: 2,
        projects: vec![research, pilot],
        precedence: vec![Precedence {
            before: "research".into(),
            after: "pilot".into(),
            lag: 0,
        }],
        ..Problem::default()
    };
    let found = success(&problem, &"pilot".into()).unwrap();
    for (x, y) in [(found.low, 0.15), (found.value, 0.4), (found.high, 0.75)] {
        assert!((x - y).abs() < 1e-12, "{found:?}");
    }
    assert!(success(&problem, &"none".into()).is_none());
}

/// The problem with every worth and chance at a number of its range.
fn settled(problem: &Problem, mut pick: impl FnMut(&Estimate) -> f64) -> Problem {
    let mut settled = problem.clone();
    for project in &mut settled.projects {
        project.value = exact(pick(&project.value));
        for stage in &mut project.stages {
            stage.chance = exact(pick(&stage.chance));
        }
    }
    for bonus in &mut settled.bonuses {
        bonus.value = exact(pick(&bonus.value));
    }
    for pair in &mut settled.substitutes {
        pair.loss = exact(pick(&pair.loss));
    }
    settled
}

fn spread_out(problem: &Problem, random: &mut impl Rng) -> Problem {
    let mut wide = problem.clone();
    let mut widen = |e: &mut Estimate, most: f64| {
        let [below, above] = [random.random::<f64>(), random.random::<f64>()];
        *e = range(
            e.value * below,
            e.value,
            (e.value * (1.0 + above)).min(most),
        );
    };
    for project in &mut wide.projects {
        widen(&mut project.value, f64::INFINITY);
        for stage in &mut project.stages {
            widen(&mut stage.chance, 1.0);
        }
    }
    wide.bonuses
        .iter_mut()
        .for_each(|b| widen(&mut b.value, f64::INFINITY));
    wide.substitutes
        .iter_mut()
        .for_each(|s| widen(&mut s.loss, f64::INFINITY));
    wide
}

fn drawn() {
    let (mut compared, mut reached) = (0, 0);
    for index in 0..400_u64 {
        let mut random = Seed(index).stream("spread", 0);
        let problem = spread_out(&random_problem(index, 5, 3), &mut random);
        let plans = exhaustive(&problem);
        if plans.len() < 2 {
            continue;
        }
        let mut any = || &plans[random.random_range(0..plans.len())].0;
        let (before, after) = (any(), any());
        let spread = gained(&problem, before, after);
        let truth = |p: &Problem| expected(p, after) - expected(p, before);
        for k in 0..60 {
            let one = settled(&problem, |e| match k {
                0 => e.low,
                1 => e.high,
                _ => e.low + random.random::<f64>() * (e.high - e.low),
            });
            let gain = truth(&one);
            assert!(
                spread.low - 1e-9 <= gain && gain <= spread.high + 1e-9,
                "{index}: {gain} {spread:?}"
            );
        }
        compared += 1;
        // From nothing, without doubled work, all at the low end and all at the high end are the ends themselves.
        if problem.substitutes.is_empty() {
            let whole = layout::portfolio::expected(&problem, after);
            let low = expected(&settled(&problem, |e| e.low), after);
            let high = expected(&settled(&problem, |e| e.high), after);
            assert!((whole.low - low).abs() < 1e-9 && (whole.high - high).abs() < 1e-9);
            reached += 1;
        }
    }
    assert!(compared > 150 && reached > 100, "{compared} {reached}");
}
