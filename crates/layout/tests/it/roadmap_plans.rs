//! Schedules are feasible, near-optimal and bounded from below.

use std::collections::BTreeMap;

use layout::roadmap::{
    AlternativesParams, Limits, Money, Schedule, ScheduleParams, Stage, Task, TaskId, alternatives,
    schedule,
};
use libtest_mimic::Trial;
use model::{Basis, Estimate, Industry, Message, Quantity, Seed, Year};
use rand::RngExt;
use rand::seq::SliceRandom;
use rayon::prelude::*;

use crate::{known_code, readable, readable_refusal, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("roadmap::a_hand_case", hand),
        trial("roadmap::money_of_a_year_by_hand", money_by_hand),
        trial("roadmap::equal_to_all_start_times_on_small_projects", brute),
        trial(
            "roadmap::every_schedule_is_feasible_and_above_its_bound",
            feasible,
        ),
        trial("roadmap::more_capacity_never_raises_the_bound", monotone),
        trial("roadmap::row_order_and_threads_do_not_matter", permuted),
        trial("roadmap::alternatives_are_near_and_apart", near),
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

pub fn limits(per_stage: &[(Stage, usize)], money: Option<Money>) -> Limits {
    Limits {
        start_year: Year(2026),
        per_stage: per_stage.iter().copied().collect(),
        money,
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

/// Three free tasks of half a year at 1 a quarter, 4 a year: one by one after two, 1.5 years; but two that run over new
/// year spend 1 each in 2026 and in 2027, and all is done in 1.25. Money for 6 does not fit into the first year.
fn money_by_hand() {
    let tasks = ["a", "b", "c"].map(|id| task(id, Stage::Pilot, 0.5, &[]));
    let money = Money {
        per_year: vec![4],
        per_quarter: [(Stage::Pilot, 1)].into(),
    };
    let s = planned(&tasks, &limits(&[], Some(money)));
    assert_eq!((s.makespan_years, s.lower_bound_years), (1.25, 1.25));
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
        money: rng.random_bool(0.3).then(|| Money {
            per_year: vec![rng.random_range(8..=12), rng.random_range(8..=16)],
            per_quarter: Stage::ALL
                .into_iter()
                .map(|s| (s, rng.random_range(0..=2)))
                .collect(),
        }),
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
    let paid = limits.money.as_ref().is_none_or(|money| {
        (0..=horizon / 4).all(|year| {
            let spent: i64 = (4 * year..4 * year + 4)
                .flat_map(|t| (0..starts.len()).filter(move |k| starts[*k] <= t && t < end(*k)))
                .map(|k| money.per_quarter.get(&tasks[k].stage).copied().unwrap_or(0))
                .sum();
            spent <= money.per_year[year.min(money.per_year.len() - 1)]
        })
    });
    ordered && within && paid
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
                conflicts: 200,
                schedules: 400,
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
        let bound = |limits: &Limits| planned(&tasks, limits).lower_bound_years;
        let before = bound(&limits);
        let mut wider = limits.clone();
        for most in wider.per_stage.values_mut() {
            *most += 1;
        }
        if let Some(money) = &mut wider.money {
            money.per_year.iter_mut().for_each(|m| *m += 1);
        }
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

/// Two tasks of 1 year in one place: the only other shortest schedule exchanges them, each 1 year away. On random projects
/// every alternative keeps the rules, is near, and stands as far from the others as it says.
fn near() {
    let pair = ["a", "b"].map(|id| task(id, Stage::Pilot, 1.0, &[]));
    let one = limits(&[(Stage::Pilot, 1)], None);
    let params = AlternativesParams::default();
    let found = alternatives(&pair, &one, &planned(&pair, &one), &params, Seed(3)).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].distance, 1.0);
    let mut several = 0;
    for k in 0..100 {
        let (tasks, limits) = random_project("near", k, 12);
        let best = planned(&tasks, &limits);
        let params = AlternativesParams {
            within: 0.1,
            count: 5,
            tries: 300,
        };
        let found = alternatives(&tasks, &limits, &best, &params, Seed(k)).unwrap();
        let mut before = vec![starts(&tasks, &best)];
        for other in &found {
            let here = starts(&tasks, &other.schedule);
            assert!(keeps(&tasks, &limits, &here), "{k}");
            assert!(other.schedule.makespan_years <= 1.1 * best.makespan_years + 1e-9);
            let apart = |there: &Vec<usize>| {
                let sum: usize = here.iter().zip(there).map(|(a, b)| a.abs_diff(*b)).sum();
                sum as f64 / (4 * tasks.len()) as f64
            };
            let least = before.iter().map(apart).fold(f64::INFINITY, f64::min);
            assert!((least - other.distance).abs() < 1e-9 && least > 0.0, "{k}");
            before.push(here);
        }
        several += usize::from(found.len() >= 3);
    }
    assert!(several > 5, "several alternatives in {several} of 100");
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
    let poor = |limit| {
        Some(Money {
            per_year: vec![limit],
            per_quarter: [(Stage::Pilot, 3)].into(),
        })
    };
    assert_eq!(code(&[a()], &limits(&[], poor(2))), "roadmap.no_schedule");
    assert_eq!(code(&[a()], &limits(&[], poor(12))), "none");
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
