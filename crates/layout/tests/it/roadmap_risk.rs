//! Simulated dates.

use layout::roadmap::{Limits, Risk, SimulateParams, Stage, Task, simulate};
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
        trial("roadmap::p50_is_never_after_p80", ordered),
        trial("roadmap::draws_ignore_row_order_and_threads", permuted),
        trial("roadmap::simulation_refusals_are_named", refusals),
    ]
}

fn draws(draws: usize) -> SimulateParams {
    SimulateParams { draws }
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
}
