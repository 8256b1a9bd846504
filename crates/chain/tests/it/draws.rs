//! Draws of a what-if: between the bounds, from the seed alone.

use chain::shock::{DrawParams, drawn_courses, shock_draws};
use chain::{ShockParams, shock};
use model::{Basis, Estimate, Seed};

use crate::build::graph;
use crate::random;
use crate::shocks::any_scenario;
use crate::weekly::{event, scenario};

const CASES: u64 = 1_000;

fn draws(draws: usize, seed: u64) -> DrawParams {
    DrawParams {
        draws,
        seed: Seed(seed),
    }
}

#[test]
fn every_draw_lies_between_the_bounds() {
    let (params, mut inside, mut spread) = (ShockParams::default(), 0_u64, 0_u64);
    for case in 0..CASES {
        let graph = random::graph(case);
        let mut question = any_scenario(&graph, case);
        if case % 3 == 0 {
            let shared = graph.countries().into_iter().next().cloned();
            let asked: Vec<_> = question.events.iter().map(|e| e.country.clone()).collect();
            question.buyer = shared.filter(|country| !asked.contains(&Some(country.clone())));
        }
        let Ok(bounds) = shock(&graph, &question, &params) else {
            continue; // a buyer needs shares where all providers of a node stop
        };
        let drawn = drawn_courses(&graph, &question, &params, &draws(16, case)).unwrap();
        for (target, courses) in bounds.targets.iter().zip(&drawn) {
            for course in courses {
                for (loss, bound) in course.iter().zip(&target.weeks) {
                    assert!(
                        bound.low - 1e-9 <= *loss && *loss <= bound.high + 1e-9,
                        "case {case}, {}: {loss} outside {} .. {}",
                        target.target,
                        bound.low,
                        bound.high
                    );
                    inside += 1;
                    spread += u64::from(bound.high - loss > 1e-6 && loss - bound.low > 1e-6);
                }
            }
        }
    }
    assert!(
        inside > 100_000 && spread * 10 > inside,
        "{spread} of {inside} strictly inside"
    );
}

/// USA holds exactly 0.8 of x and stops by 0..1 (0.5 in the middle); no stock: the loss of t is 0.8 s, so the quantiles
/// of a large sample are 0.8 * 0.05, 0.8 * 0.5 and 0.8 * 0.95.
#[test]
fn one_range_alone_gives_its_own_quantiles() {
    let graph = graph(
        &["x", "t"],
        &[("x", "t")],
        &[("x", "USA", 0.8), ("x", "CHN", 0.2)],
    );
    let severity = Estimate::new(0.5, 0.0, 1.0, Basis::Assumed).unwrap();
    let question = scenario(
        vec![event(Some("USA"), Some("x"), severity, 2, 3)],
        6,
        0.0,
        &["t"],
    );
    let found = shock_draws(
        &graph,
        &question,
        &ShockParams::default(),
        &draws(20_000, 3),
    )
    .unwrap();
    let week = found[0].weeks[2];
    for (quantile, expected) in [(week.p05, 0.04), (week.p50, 0.4), (week.p95, 0.76)] {
        assert!(
            (quantile - expected).abs() < 0.01,
            "{quantile} is not {expected}"
        );
    }
    assert!((found[0].cumulative.p50 - 3.0 * 0.4).abs() < 0.03);
    assert_eq!(found[0].weeks[0].p95, 0.0);
    assert_eq!(
        (found[0].first_week.p05, found[0].first_week.p95),
        (Some(2), Some(2))
    );
}

/// A question kept under another name is the same question.
#[test]
fn the_name_of_a_question_draws_nothing() {
    let (params, graph) = (ShockParams::default(), random::graph(7));
    let question = any_scenario(&graph, 7);
    let mut kept = question.clone();
    "kept-under-another-name".clone_into(&mut kept.id);
    let run = |asked| drawn_courses(&graph, asked, &params, &draws(40, 5)).unwrap();
    assert_eq!(run(&question), run(&kept));
}

#[test]
fn threads_and_further_draws_change_nothing() {
    let (params, graph) = (ShockParams::default(), random::graph(7));
    let question = any_scenario(&graph, 7);
    let run = |threads: usize, n: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| drawn_courses(&graph, &question, &params, &draws(n, 5)).unwrap())
    };
    let one = run(1, 21);
    assert_eq!(one, run(3, 21));
    for (few, more) in one.iter().zip(run(2, 40)) {
        assert_eq!(few[..], more[..21], "a draw depends on its number alone");
    }
    let other = drawn_courses(&graph, &question, &params, &draws(21, 6)).unwrap();
    assert_ne!(one, other, "another seed, other draws");
}
