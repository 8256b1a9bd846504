//! Simulated dates.

use layout::roadmap::{
    Correlation, Durations, Limits, Rework, Risk, Shape, SimulateParams, Stage, Task, simulate,
};
use libtest_mimic::Trial;
use model::{Basis, Estimate, Quantity, Seed};
use rand::RngExt;
use rand::seq::SliceRandom;

use crate::roadmap_plans::{limits, planned, random_project, task};
use crate::{readable_refusal, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("roadmap::certain_durations_give_the_plan", certain),
        trial("roadmap::one_task_by_hand", one_task),
        trial("roadmap::merging_paths_are_late", merge_bias),
        trial("roadmap::gates_multiply", gates),
        trial("roadmap::work_sent_back_by_hand", rework),
        trial("roadmap::a_chain_and_its_common_factor_by_hand", chain),
        trial("roadmap::pert_and_lognormal_medians", shapes),
        trial("roadmap::a_range_of_correlation_spans_its_ends", spanned),
        trial(
            "roadmap::durations_carried_further_are_those_of_the_simulation",
            carried,
        ),
        trial("roadmap::p50_is_never_after_p80", ordered),
        trial("roadmap::draws_ignore_row_order_and_threads", permuted),
        trial("roadmap::simulation_refusals_are_named", refusals),
    ]
}

fn draws(draws: usize) -> SimulateParams {
    SimulateParams {
        draws,
        ..SimulateParams::default()
    }
}

fn run(tasks: &[Task], limits: &Limits, n: usize) -> Risk {
    simulate(tasks, &planned(tasks, limits), limits, &draws(n), Seed(9)).unwrap()
}

fn uncertain(mut tasks: Vec<Task>, index: u64) -> Vec<Task> {
    let mut rng = Seed(3).stream("widths", index);
    for t in &mut tasks {
        let years = t.duration_years.estimate().unwrap().value;
        let e = Estimate::new(
            years,
            years * rng.random_range(0.5..1.0),
            years * rng.random_range(1.0..2.0),
            Basis::Judged,
        );
        t.duration_years = e.unwrap().into();
    }
    tasks
}

/// Durations handed out draw by draw: quantiles, correlation within a field and none between fields, and the finishes that
/// the simulation counts.
fn carried() {
    let years: Quantity = Estimate::new(2.0, 1.0, 4.0, Basis::Judged).unwrap().into();
    let mut tasks = Vec::new();
    for (id, industry) in [("a/one", "a"), ("a/two", "a"), ("b/one", "b")] {
        let mut one = task(id, Stage::Research, 2.0, &[]);
        one.industry = industry.into();
        one.duration_years = years.clone();
        tasks.push(one);
    }
    let free = limits(&[], None);
    let durations = Durations::new(&tasks, &free, &draws(50)).unwrap();
    let n = 4_000;
    let correlation = |rho: f64, x: usize, y: usize| {
        let pairs: Vec<(f64, f64)> = (0..n)
            .map(|d| {
                let drawn = durations.draw(rho, Seed(9), d);
                (drawn[x], drawn[y])
            })
            .collect();
        let mean = |of: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / n as f64;
        let (a, b) = (mean(&|p| p.0), mean(&|p| p.1));
        let cov = mean(&|p| (p.0 - a) * (p.1 - b));
        cov / (mean(&|p| (p.0 - a).powi(2)) * mean(&|p| (p.1 - b).powi(2))).sqrt()
    };
    // 95 % of a sample correlation of 0 lies within 0.031; triangles take the copula's 0.8 to a little less.
    assert!(correlation(0.0, 0, 1).abs() < 0.06);
    let within = correlation(0.8, 0, 1);
    assert!((0.74..0.83).contains(&within), "{within}");
    assert!(correlation(0.8, 0, 2).abs() < 0.06);
    assert!((correlation(1.0, 0, 1) - 1.0).abs() < 1e-9);
    // The same tasks in another order, and the share of draws that the simulation finds on time.
    let turned: Vec<Task> = tasks.iter().rev().cloned().collect();
    let other = Durations::new(&turned, &free, &draws(50)).unwrap();
    let mut back = other.draw(0.8, Seed(9), 7);
    back.reverse();
    assert_eq!(back, durations.draw(0.8, Seed(9), 7));
    let risk = run(&tasks, &free, 2_000);
    let on_time = (0..2_000)
        .filter(|d| durations.draw(0.0, Seed(9), *d)[0] <= 2.0)
        .count();
    assert_eq!(risk.tasks[0].holds.value, on_time as f64 / 2_000.0);
}

fn certain() {
    for k in 0..100 {
        let (tasks, limits) = random_project("certain", k, 12);
        let plan = planned(&tasks, &limits);
        let risk = simulate(&tasks, &plan, &limits, &draws(50), Seed(k)).unwrap();
        for t in &risk.tasks {
            let finish = plan.placed(&t.id).unwrap().finish;
            assert_eq!((t.p50.value, t.p80.value), (finish, finish), "{k}");
            assert_eq!((t.p50.low, t.p80.high), (finish, finish));
            assert_eq!(t.holds.value, 1.0);
        }
        assert!(risk.tasks.iter().any(|t| t.criticality.value == 1.0));
        assert_eq!(risk.makespan_holds.value, 1.0);
    }
}

/// Triangular(1, 2, 4) years: P50 = 4 - sqrt(3 * 2 * 0.5) = 2.268, P80 = 4 - sqrt(0.2 * 6) = 2.905;
/// quarters round up: 2.5 and 3. It is over by 2028.0 in F(2) = 1/3 of the draws.
fn one_task() {
    let mut t = task("a", Stage::Capacity, 2.0, &[]);
    let years = Estimate::new(2.0, 1.0, 4.0, Basis::Published).unwrap();
    t.duration_years = Quantity::Estimated(years);
    let risk = run(&[t], &limits(&[], None), 4_000);
    let only = &risk.tasks[0];
    assert_eq!((only.p50.value, only.p80.value), (2028.5, 2029.0));
    assert!(only.holds.low < 1.0 / 3.0 && 1.0 / 3.0 < only.holds.high);
    assert_eq!(only.criticality.value, 1.0);
    assert!(only.reached.estimate().is_none() && only.without_gate == 1);
    let milestone = &risk.milestones[0];
    assert_eq!(milestone.planned, Some(2028.0));
    assert_eq!(milestone.p80.estimate(), Some(only.p80));
}

/// Two independent symmetric tasks of 2 ± 1 years before a milestone: each is in time in half of the
/// draws, both in a quarter.
fn merge_bias() {
    let mut tasks = vec![
        task("a", Stage::Research, 2.0, &[]),
        task("b", Stage::Research, 2.0, &[]),
        task("c", Stage::Capacity, 0.0, &["a", "b"]),
    ];
    for t in &mut tasks[..2] {
        t.duration_years = Estimate::new(2.0, 1.0, 3.0, Basis::Judged).unwrap().into();
    }
    let risk = run(&tasks, &limits(&[], None), 4_000);
    let holds: Vec<f64> = risk.tasks.iter().map(|t| t.holds.value).collect();
    assert!((holds[0] - 0.5).abs() < 0.03 && (holds[1] - 0.5).abs() < 0.03);
    assert!((holds[2] - 0.25).abs() < 0.03, "{holds:?}");
    assert_eq!(risk.makespan_holds, risk.tasks[2].holds);
    // Each of a and b is on the critical chain at least half of the time (both in a tie), c always.
    assert!(risk.tasks[0].criticality.value > 0.5 && risk.tasks[2].criticality.value == 1.0);
    // Research of a and b has no capacity milestone.
    let missing = risk.milestones.iter().filter(|m| m.planned.is_none());
    assert_eq!(missing.count(), 2);
}

fn gates() {
    let gate = |value, low, high| Some(Estimate::new(value, low, high, Basis::Judged).unwrap());
    let mut tasks = vec![
        task("a_1", Stage::Research, 1.0, &[]),
        task("a_2", Stage::Pilot, 1.0, &["a_1"]),
        task("a_3", Stage::Capacity, 1.0, &["a_2"]),
        task("b_1", Stage::Capacity, 1.0, &[]),
    ];
    tasks[0].success = gate(0.5, 0.4, 0.6);
    tasks[2].success = gate(0.8, 0.5, 1.0);
    let risk = run(&tasks, &limits(&[], None), 50);
    let reached = risk.milestones[0].reached.estimate().unwrap();
    // 0.5 * 0.8 = 0.4, between 0.4 * 0.5 = 0.2 and 0.6 * 1 = 0.6; the pilot has no gate.
    assert!((reached.value - 0.4).abs() < 1e-12);
    assert!((reached.low - 0.2).abs() < 1e-12 && (reached.high - 0.6).abs() < 1e-12);
    assert_eq!(risk.tasks[2].without_gate, 1);
    assert!(risk.milestones[1].reached.estimate().is_none());
}

/// 1 year, passed with 1/2, one repeat of everything: passed in the end with 3/4; given that, a repeat was needed in
/// (1/2 · 1/2) / (3/4) = 1/3 of the draws, and the task then takes 2 years.
fn rework() {
    let mut t = task("a", Stage::Capacity, 1.0, &[]);
    t.success = Some(Estimate::exact(0.5, Basis::Judged));
    let params = SimulateParams {
        rework: Rework {
            share: 1.0,
            most: 1,
        },
        ..draws(4_000)
    };
    let free = limits(&[], None);
    let tasks = [t];
    let risk = simulate(&tasks, &planned(&tasks, &free), &free, &params, Seed(4)).unwrap();
    let only = &risk.tasks[0];
    assert!(
        only.holds.low < 2.0 / 3.0 && 2.0 / 3.0 < only.holds.high,
        "{:?}",
        only.holds
    );
    assert_eq!(
        (only.p50.value, only.p80.value, only.slack.value),
        (2027.0, 2028.0, 1.0)
    );
    assert!((only.reached.estimate().unwrap().value - 0.75).abs() < 1e-12);
}

/// Two tasks of triangular (10, 20, 30) years, one after the other. Independent: variance of the sum twice that of one,
/// so cruciality and SSI are both 1/sqrt(2). With one common factor they move as one: cruciality 1, SSI 1/2, and the
/// 80 % quantile is twice 30 - sqrt(0.2 · 20 · 10) = 23.675.
fn chain() {
    let mut tasks = vec![
        task("a_1", Stage::Pilot, 20.0, &[]),
        task("a_2", Stage::Capacity, 20.0, &["a_1"]),
    ];
    for t in &mut tasks {
        let years = Estimate::new(20.0, 10.0, 30.0, Basis::Judged).unwrap();
        t.duration_years = years.into();
    }
    let free = limits(&[], None);
    let plan = planned(&tasks, &free);
    let with = |rho: f64| {
        let params = SimulateParams {
            correlation: Correlation {
                low: rho,
                value: rho,
                high: rho,
            },
            ..draws(8_000)
        };
        simulate(&tasks, &plan, &free, &params, Seed(11)).unwrap()
    };
    let of = |risk: &Risk| {
        let t = &risk.tasks[0];
        assert_eq!(t.criticality.value, 1.0);
        (
            t.cruciality.estimate().unwrap().value,
            t.sensitivity.estimate().unwrap().value,
            risk.tasks[1].p80.value - 2026.0,
        )
    };
    let (cruciality, sensitivity, p80) = of(&with(0.0));
    let half = std::f64::consts::FRAC_1_SQRT_2;
    assert!((cruciality - half).abs() < 0.02 && (sensitivity - half).abs() < 0.02);
    // Sum of the two: mean 40, sd 10/sqrt(3); near normal.
    assert!(
        (p80 - (40.25 + 0.8416 * 10.0 / 3.0_f64.sqrt())).abs() < 0.5,
        "{p80}"
    );
    let (cruciality, sensitivity, p80) = of(&with(1.0));
    assert!(cruciality > 0.999 && (sensitivity - 0.5).abs() < 0.01);
    assert!((p80 - 2.0 * 23.675).abs() < 0.6, "{p80}");
}

/// PERT (10, 20, 30) and lognormal with median 20 have their median at 20; 80 % of the lognormal lies below
/// 20 exp(0.8416 ln(3) / 3.2897) = 26.49.
fn shapes() {
    let mut t = task("a", Stage::Capacity, 20.0, &[]);
    t.duration_years = Estimate::new(20.0, 10.0, 30.0, Basis::Judged)
        .unwrap()
        .into();
    let tasks = [t];
    let free = limits(&[], None);
    let plan = planned(&tasks, &free);
    for (shape, p80) in [(Shape::Pert, None), (Shape::Lognormal, Some(26.49))] {
        let params = SimulateParams {
            shape,
            ..draws(8_000)
        };
        let risk = simulate(&tasks, &plan, &free, &params, Seed(12)).unwrap();
        let only = &risk.tasks[0];
        assert!(
            (only.p50.value - 2046.125).abs() < 0.5,
            "{shape:?} {:?}",
            only.p50
        );
        if let Some(p80) = p80 {
            assert!(
                (only.p80.value - 2026.125 - p80).abs() < 0.6,
                "{:?}",
                only.p80
            );
        }
    }
}

fn spanned() {
    let (tasks, limits) = random_project("spanned", 3, 12);
    let tasks = uncertain(tasks, 3);
    let plan = planned(&tasks, &limits);
    let with = |low: f64, value: f64, high: f64| {
        let params = SimulateParams {
            correlation: Correlation { low, value, high },
            ..draws(400)
        };
        simulate(&tasks, &plan, &limits, &params, Seed(5)).unwrap()
    };
    let wide = with(0.0, 0.3, 0.9);
    for end in [0.0, 0.3, 0.9] {
        for (w, e) in wide.tasks.iter().zip(&with(end, end, end).tasks) {
            assert!(w.p80.low <= e.p80.low && e.p80.high <= w.p80.high);
            assert!(w.holds.low <= e.holds.low && e.holds.high <= w.holds.high);
        }
    }
}

fn ordered() {
    for k in 0..60 {
        let (tasks, limits) = random_project("ordered", k, 12);
        let risk = run(&uncertain(tasks, k), &limits, 200);
        for t in &risk.tasks {
            assert!(t.p50.value <= t.p80.value && t.p50.low <= t.p80.low);
            assert!(t.p50.high <= t.p80.high);
            assert!(t.p50.low <= t.p50.value && t.p50.value <= t.p50.high);
        }
        assert!(risk.tasks.iter().any(|t| t.criticality.value > 0.0));
    }
}

fn permuted() {
    let (tasks, limits) = random_project("draws", 8, 20);
    let mut tasks = uncertain(tasks, 8);
    let plan = planned(&tasks, &limits);
    let straight = simulate(&tasks, &plan, &limits, &draws(300), Seed(2)).unwrap();
    let mut rng = Seed(5).stream("shuffle", 0);
    tasks.shuffle(&mut rng);
    let shuffled = simulate(&tasks, &plan, &limits, &draws(300), Seed(2)).unwrap();
    assert_eq!(straight, shuffled);
    let one = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let single = one.install(|| simulate(&tasks, &plan, &limits, &draws(300), Seed(2)).unwrap());
    assert_eq!(straight, single);
    let other = simulate(&tasks, &plan, &limits, &draws(300), Seed(3)).unwrap();
    assert_ne!(straight, other);
}

fn refusals() {
    let tasks = [
        task("a", Stage::Pilot, 1.0, &[]),
        task("b", Stage::Pilot, 1.0, &[]),
    ];
    let free = limits(&[], None);
    let plan = planned(&tasks, &free);
    let code = |tasks: &[Task], n| match simulate(tasks, &plan, &free, &draws(n), Seed(0)) {
        Ok(_) => "none".to_owned(),
        Err(refusal) => {
            readable_refusal(&refusal);
            refusal.code
        }
    };
    assert_eq!(code(&tasks, 0), "roadmap.too_few_draws");
    assert_eq!(code(&tasks[..1], 100), "roadmap.other_schedule");
    assert_eq!(code(&tasks, 100), "none");
    let refused = |params: SimulateParams, tasks: &[Task]| {
        let refusal = simulate(tasks, &plan, &free, &params, Seed(0)).unwrap_err();
        readable_refusal(&refusal);
        refusal.code
    };
    let mut params = draws(100);
    params.correlation.high = 1.5;
    assert_eq!(refused(params, &tasks), "roadmap.correlation");
    let mut params = draws(100);
    params.rework.share = -1.0;
    assert_eq!(refused(params, &tasks), "roadmap.rework");
    let mut params = draws(100);
    params.shape = Shape::Lognormal;
    let mut from_zero = tasks.clone();
    let years = Estimate::new(1.0, 0.0, 2.0, Basis::Judged).unwrap();
    from_zero[0].duration_years = years.into();
    assert_eq!(refused(params, &from_zero), "roadmap.lognormal");
}
