//! Schedules are feasible, near-optimal and bounded from below.

use std::collections::BTreeMap;

use layout::roadmap::{Limits, Schedule, ScheduleParams, Stage, Task, TaskId, schedule};
use libtest_mimic::Trial;
use model::{Basis, Estimate, Industry, Message, Quantity, Seed, Year};
use rand::RngExt;
use rand::seq::SliceRandom;
use rayon::prelude::*;

use crate::{known_code, readable, readable_refusal, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("roadmap::a_hand_case", hand),
        trial("roadmap::starts_of_a_year_by_hand", starts_by_hand),
        trial("roadmap::equal_to_all_start_times_on_small_projects", brute),
        trial(
            "roadmap::every_schedule_is_feasible_and_above_its_bound",
            feasible,
        ),
        trial("roadmap::more_capacity_never_raises_the_bound", monotone),
        trial("roadmap::row_order_and_threads_do_not_matter", permuted),
        trial("roadmap::refusals_are_named", refusals),
    ]
}

pub fn task(id: &str, stage: Stage, years: f64, after: &[&str]) -> Task {
    Task {
        id: id.into(),
        industry: Industry::from(id.split('_').next().unwrap()),
        stage,
        duration_years: Quantity::exact(years, Basis::Judged),
        after: after.iter().map(|a| TaskId::from(*a)).collect(),
        origins: Vec::new(),
        success: None,
    }
}

pub fn limits(per_stage: &[(Stage, usize)], starts: Option<usize>) -> Limits {
    Limits {
        start_year: Year(2026),
        per_stage: per_stage.iter().copied().collect(),
        per_year_starts: starts,
    }
}

pub fn planned(tasks: &[Task], limits: &Limits) -> Schedule {
    schedule(tasks, limits, &ScheduleParams::default(), Seed(1)).unwrap()
}

/// Research of a (2 years), b (1) and c (1), two at a time; then pilot of a (1 year) after its research.
/// a starts at once because its way is the longest: a 0-2, b 0-1, c 1-2, pilot 2-3. The critical path is
/// 3 years, so 3 is optimal.
fn hand() {
    let tasks = [
        task("a_research", Stage::Research, 2.0, &[]),
        task("b_research", Stage::Research, 1.0, &[]),
        task("c_research", Stage::Research, 1.0, &[]),
        task("a_pilot", Stage::Pilot, 1.0, &["a_research"]),
    ];
    let s = planned(&tasks, &limits(&[(Stage::Research, 2)], None));
    assert_eq!(
        (s.makespan_years, s.lower_bound_years, s.gap),
        (3.0, 3.0, 0.0)
    );
    let pilot = s.placed(&"a_pilot".into()).unwrap();
    assert_eq!((pilot.start, pilot.finish), (2028.0, 2029.0));
    // One at a time: 4 years of research. With a first, its pilot runs beside the rest: 4 in all.
    let s = planned(&tasks, &limits(&[(Stage::Research, 1)], None));
    assert_eq!((s.makespan_years, s.lower_bound_years), (4.0, 4.0));
    assert_eq!(s.placed(&"a_research".into()).unwrap().start_quarter, 0);
}

/// Three free tasks of half a year, two starts a year: the third waits for 2027 and ends at 1.5 years.
/// The bound says the same: 4 (ceil(3 / 2) - 1) + 2 = 6 quarters.
fn starts_by_hand() {
    let tasks = ["a", "b", "c"].map(|id| task(id, Stage::Pilot, 0.5, &[]));
    let s = planned(&tasks, &limits(&[], Some(2)));
    assert_eq!((s.makespan_years, s.lower_bound_years), (1.5, 1.5));
    assert_eq!(s.tasks[2].start, 2027.0);
}

pub fn random_project(label: &str, index: u64, most: usize) -> (Vec<Task>, Limits) {
    let mut rng = Seed(77).stream(label, index);
    let n = rng.random_range(1..=most);
    let mut tasks: Vec<Task> = Vec::new();
    for k in 0..n {
        let stage = Stage::ALL[rng.random_range(0..4)];
        let quarters = f64::from(rng.random_range(0..=5));
        let mut t = task(&format!("i{}_t{k:02}", k % 3), stage, quarters / 4.0, &[]);
        t.after = tasks
            .iter()
            .filter(|_| rng.random_bool(0.25))
            .map(|p| p.id.clone())
            .collect();
        tasks.push(t);
    }
    let mut per_stage = BTreeMap::new();
    for stage in Stage::ALL {
        if rng.random_bool(0.7) {
            per_stage.insert(stage, rng.random_range(1..=2));
        }
    }
    let limits = Limits {
        start_year: Year(2026),
        per_stage,
        per_year_starts: rng.random_bool(0.3).then(|| rng.random_range(1..=3)),
    };
    (tasks, limits)
}

fn quarters(task: &Task) -> usize {
    (task.duration_years.estimate().unwrap().value * 4.0).round() as usize
}

/// Whether starts (by position in `tasks`) keep every limit; written apart from the library.
fn keeps(tasks: &[Task], limits: &Limits, starts: &[usize]) -> bool {
    let end = |k: usize| starts[k] + quarters(&tasks[k]);
    let position: BTreeMap<&TaskId, usize> =
        tasks.iter().enumerate().map(|(k, t)| (&t.id, k)).collect();
    let ordered = tasks.iter().enumerate().all(|(k, t)| {
        t.after
            .iter()
            .all(|before| end(position[before]) <= starts[k])
    });
    let horizon = (0..tasks.len()).map(end).max().unwrap_or(0);
    let within = limits.per_stage.iter().all(|(stage, most)| {
        (0..horizon).all(|t| {
            let running = (0..tasks.len())
                .filter(|k| tasks[*k].stage == *stage && starts[*k] <= t && t < end(*k));
            running.count() <= *most
        })
    });
    let mut per_year: BTreeMap<usize, usize> = BTreeMap::new();
    for s in starts {
        *per_year.entry(s / 4).or_default() += 1;
    }
    let started = limits
        .per_year_starts
        .is_none_or(|most| per_year.values().all(|count| *count <= most));
    ordered && within && started
}

fn starts(tasks: &[Task], s: &Schedule) -> Vec<usize> {
    tasks
        .iter()
        .map(|t| s.placed(&t.id).unwrap().start_quarter)
        .collect()
}

/// Best makespan over all start times below the known one, by depth-first search.
fn best_makespan(tasks: &[Task], limits: &Limits, known: usize) -> usize {
    fn shorter(tasks: &[Task], limits: &Limits, chosen: &mut Vec<usize>, target: usize) -> bool {
        let k = chosen.len();
        if k == tasks.len() {
            return true;
        }
        let longest = quarters(&tasks[k]);
        if longest > target {
            return false;
        }
        // Predecessors come earlier in the list, so a partial choice can be checked as it grows.
        for start in 0..=target - longest {
            chosen.push(start);
            if keeps(&tasks[..=k], limits, chosen) && shorter(tasks, limits, chosen, target) {
                return true;
            }
            chosen.pop();
        }
        false
    }
    (0..known)
        .find(|target| shorter(tasks, limits, &mut Vec::new(), *target))
        .unwrap_or(known)
}

fn brute() {
    let worse: Vec<u64> = (0..400_u64)
        .into_par_iter()
        .filter(|k| {
            let (mut tasks, limits) = random_project("brute", *k, 6);
            for t in &mut tasks {
                // At most three quarters each keeps the search small.
                let q = quarters(t).min(3) as f64;
                t.duration_years = Quantity::exact(q / 4.0, Basis::Judged);
            }
            let s = planned(&tasks, &limits);
            let makespan = (s.makespan_years * 4.0) as usize;
            let best = best_makespan(&tasks, &limits, makespan);
            assert!(
                (s.lower_bound_years * 4.0) as usize <= best,
                "{k}: bound above the best"
            );
            best < makespan
        })
        .collect();
    assert_eq!(worse, [0; 0], "these projects have a shorter schedule");
}

fn feasible() {
    let tight: usize = (0..1_000_u64)
        .into_par_iter()
        .map(|k| {
            let (tasks, limits) = random_project("feasible", k, 20);
            let params = ScheduleParams {
                restarts: 10,
                ..ScheduleParams::default()
            };
            let s = schedule(&tasks, &limits, &params, Seed(k)).unwrap();
            assert!(keeps(&tasks, &limits, &starts(&tasks, &s)), "{k}");
            assert!(s.lower_bound_years <= s.makespan_years, "{k}");
            assert!(s.gap >= 0.0);
            usize::from(s.gap == 0.0)
        })
        .sum();
    assert!(
        tight > 500,
        "the bound meets the schedule in {tight} of 1000"
    );
}

fn monotone() {
    for k in 0..300 {
        let (tasks, limits) = random_project("monotone", k, 15);
        let bound = |limits: &Limits| {
            let params = ScheduleParams {
                restarts: 0,
                justifications: 0,
            };
            schedule(&tasks, limits, &params, Seed(0))
                .unwrap()
                .lower_bound_years
        };
        let before = bound(&limits);
        let mut wider = limits.clone();
        for most in wider.per_stage.values_mut() {
            *most += 1;
        }
        wider.per_year_starts = wider.per_year_starts.map(|s| s + 1);
        assert!(bound(&wider) <= before, "{k}");
    }
}

fn permuted() {
    let (mut tasks, limits) = random_project("order", 5, 25);
    let straight = planned(&tasks, &limits);
    let mut rng = Seed(4).stream("shuffle", 0);
    for _ in 0..5 {
        tasks.shuffle(&mut rng);
        assert_eq!(straight, planned(&tasks, &limits));
    }
    let one = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    assert_eq!(straight, one.install(|| planned(&tasks, &limits)));
}

fn refusals() {
    let code = |tasks: &[Task], limits: &Limits| match schedule(
        tasks,
        limits,
        &ScheduleParams::default(),
        Seed(0),
    ) {
        Ok(_) => "none".to_owned(),
        Err(refusal) => {
            readable_refusal(&refusal);
            refusal.code
        }
    };
    let free = limits(&[], None);
    assert_eq!(code(&[], &free), "roadmap.no_tasks");
    let a = || task("a", Stage::Pilot, 1.0, &[]);
    assert_eq!(code(&[a(), a()], &free), "roadmap.twice");
    assert_eq!(
        code(&[task("a", Stage::Pilot, 1.0, &["b"])], &free),
        "roadmap.unknown_task"
    );
    assert_eq!(
        code(&[task("a", Stage::Pilot, -1.0, &[])], &free),
        "roadmap.duration"
    );
    let mut unknown = a();
    unknown.duration_years = Quantity::not_estimated(Message::new("not_estimated"));
    let refusal = schedule(&[unknown], &free, &ScheduleParams::default(), Seed(0)).unwrap_err();
    assert_eq!(refusal.code, "roadmap.no_duration");
    readable_refusal(&refusal);
    let needed = readable(&refusal.needed);
    assert!(needed.contains("reference class"), "{needed}");
    assert_eq!(
        code(&[a()], &limits(&[(Stage::Pilot, 0)], None)),
        "roadmap.no_capacity"
    );
    assert_eq!(code(&[a()], &limits(&[], Some(0))), "roadmap.no_starts");
    let mut gated = a();
    gated.success = Some(Estimate::exact(1.5, Basis::Judged));
    assert_eq!(code(&[gated], &free), "roadmap.success");
    let circle = [
        task("a", Stage::Pilot, 1.0, &["c"]),
        task("b", Stage::Pilot, 1.0, &["a"]),
        task("c", Stage::Pilot, 1.0, &["b"]),
        task("d", Stage::Pilot, 1.0, &["c"]),
    ];
    let refusal = schedule(&circle, &free, &ScheduleParams::default(), Seed(0)).unwrap_err();
    let reason = readable_refusal(&refusal);
    assert!(reason.contains("a → b → c → a"), "{reason}");
    for stage in Stage::ALL {
        known_code(stage.code());
    }
}
