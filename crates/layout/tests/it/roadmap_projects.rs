//! The scheduling kernel: optimal on small projects of every kind, bounded, checked, equal to published optima.

use std::path::{Path, PathBuf};

use layout::roadmap::project::{
    Activity, Anchor, Broken, Budget, Gap, Lag, Mode, Plan, Project, Resource, SolveError,
    SolveParams, Solved, Status, Stop, check, solve,
};
use libtest_mimic::Trial;
use model::Seed;
use rand::RngExt;
use rayon::prelude::*;

use crate::trial;

pub fn trials() -> Vec<Trial> {
    let absent = !data().join("psplib/j30_bounds.csv").exists();
    vec![
        trial("project::hand_cases", hand),
        trial("project::equal_to_all_plans_on_small_projects", brute),
        trial("project::the_checker_sees_what_a_time_grid_sees", checker),
        trial("project::bounds_stay_below_and_plans_pass", bounded),
        trial("project::threads_do_not_matter", threads),
        trial("project::flaws_and_circles_are_named", flaws),
        trial("project::a_clock_may_only_stop_early", clock),
        trial("project::published_optima_of_thirty_activities", thirty).with_ignored_flag(absent),
        trial("project::published_results_with_maximum_lags", maximum_lags)
            .with_ignored_flag(absent),
    ]
}

fn data() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/decisions")
}

fn never() -> bool {
    false
}

fn solved(project: &Project) -> Solved {
    solve(project, &SolveParams::default(), Seed(1), &never).unwrap()
}

fn activity(duration: i32, uses: &[(usize, i64)]) -> Activity {
    Activity {
        name: String::new(),
        modes: vec![mode(duration, uses)],
        release: 0,
        deadline: None,
    }
}

fn mode(duration: i32, uses: &[(usize, i64)]) -> Mode {
    Mode {
        duration,
        uses: uses.to_vec(),
        ..Mode::default()
    }
}

fn hand() {
    // Three tasks of 2, 2 and 3 with demands 1, 1 and 2 on 2 units: the third fills them, 2 + 3 = 5.
    let mut p = Project {
        activities: vec![
            activity(2, &[(0, 1)]),
            activity(2, &[(0, 1)]),
            activity(3, &[(0, 2)]),
        ],
        resources: vec![Resource::constant("r", 2)],
        ..Project::default()
    };
    let s = solved(&p);
    assert_eq!((s.status, s.makespan), (Status::Optimal, Some(5)));
    // One unit is missing from 1 to 4: the third cannot start before 4, the other two share what is left
    // only one after the other, or wait: 4 + 3 = 7 with both small ones in [0, 4).
    p.resources[0].capacity = vec![(0, 2), (1, 1), (4, 2)];
    assert_eq!(solved(&p).makespan, Some(7));
    // The third at most 1 after the first has started: they cannot overlap, 2 > 1, so the third comes first
    // or the circle breaks; s_3 - s_1 <= 1 allows 3 before 1. At constant 2: 3 + 2 = 5 with both small after.
    p.resources[0].capacity = vec![(0, 2)];
    p.lags.push(Lag::start_to_start(0, 2, Gap::AtMost(1)));
    assert_eq!(solved(&p).makespan, Some(5));
    // And the third not before the first is finished: impossible.
    p.lags.push(Lag::after(0, 2));
    assert_eq!(solved(&p).status, Status::Infeasible);

    // Two modes: 4 periods at 1 unit or 2 at 3 units, from a store that pays for one fast mode only.
    let fast_or_slow = || Activity {
        name: String::new(),
        modes: vec![
            mode(4, &[]),
            Mode {
                duration: 2,
                takes: vec![(0, 1)],
                ..Mode::default()
            },
        ],
        release: 0,
        deadline: None,
    };
    let p = Project {
        activities: vec![fast_or_slow(), fast_or_slow()],
        stores: vec![1],
        lags: vec![Lag::after(0, 1)],
        ..Project::default()
    };
    assert_eq!(solved(&p).makespan, Some(6));

    // Money by the year of 4 quarters: 6 a year, two tasks of 4 quarters at 2 a quarter. One of them costs
    // 8 if it lies within one year: it has to straddle two (3 quarters = 6 at most). First task at quarter 1:
    // 3 in year 0, 1 in year 1; second: at most 2 quarters are left in year 1 (2 + 4 = 6), then 2 in year 2:
    // it runs from 6 to 10.
    let p = Project {
        activities: vec![spender(4, 2), spender(4, 2)],
        budgets: vec![Budget {
            name: "money".to_owned(),
            period: 4,
            limits: vec![6],
        }],
        ..Project::default()
    };
    assert_eq!(solved(&p).makespan, Some(10));
}

fn spender(duration: i32, rate: i64) -> Activity {
    Activity {
        name: String::new(),
        modes: vec![Mode {
            duration,
            spends: vec![(0, rate)],
            ..Mode::default()
        }],
        release: 0,
        deadline: None,
    }
}

/// Everything at once: modes, stores, budgets, capacities that change, minimum and maximum lags, windows.
fn random_project(index: u64, most: usize, horizon: i32) -> Project {
    let mut rng = Seed(5).stream("projects", index);
    let n = rng.random_range(1..=most);
    let kinds = rng.random_range(0..=2);
    let (stores, budgets) = (rng.random_bool(0.3), rng.random_bool(0.4));
    let many_modes = rng.random_bool(0.4);
    let mut project = Project {
        horizon: Some(horizon),
        ..Project::default()
    };
    for _ in 0..kinds {
        let mut capacity = vec![(0, rng.random_range(1..=4))];
        if rng.random_bool(0.4) {
            capacity.push((rng.random_range(1..=3), rng.random_range(0..=4)));
            capacity.push((rng.random_range(4..=6), rng.random_range(1..=4)));
        }
        project.resources.push(Resource {
            name: "r".to_owned(),
            capacity,
        });
    }
    if stores {
        project.stores.push(rng.random_range(1..=5));
    }
    if budgets {
        project.budgets.push(Budget {
            name: "b".to_owned(),
            period: rng.random_range(1..=3),
            limits: (0..rng.random_range(1..=3))
                .map(|_| rng.random_range(1..=6))
                .collect(),
        });
    }
    for _ in 0..n {
        let modes = if many_modes {
            rng.random_range(1..=2)
        } else {
            1
        };
        let modes = (0..modes)
            .map(|_| Mode {
                duration: rng.random_range(0..=3),
                uses: (0..kinds).map(|k| (k, rng.random_range(0..=2))).collect(),
                takes: if stores {
                    vec![(0, rng.random_range(0..=3))]
                } else {
                    Vec::new()
                },
                spends: if budgets {
                    vec![(0, rng.random_range(0..=2))]
                } else {
                    Vec::new()
                },
            })
            .collect();
        project.activities.push(Activity {
            name: String::new(),
            modes,
            release: if rng.random_bool(0.2) { 2 } else { 0 },
            deadline: rng.random_bool(0.15).then_some(horizon - 2),
        });
    }
    for to in 0..n {
        for from in 0..n {
            if from == to {
                continue;
            }
            let anchor = if rng.random_bool(0.5) {
                Anchor::Start
            } else {
                Anchor::Finish
            };
            if from < to && rng.random_bool(0.3) {
                let gap = Gap::AtLeast(rng.random_range(-1..=2));
                project.lags.push(Lag {
                    from,
                    to,
                    anchor,
                    gap,
                });
            }
            if rng.random_bool(0.12) {
                let gap = Gap::AtMost(rng.random_range(-1..=3));
                project.lags.push(Lag {
                    from,
                    to,
                    anchor,
                    gap,
                });
            }
        }
    }
    project
}

/// The smallest makespan over all modes and starts, by trying them.
fn all_plans(project: &Project, horizon: i32) -> Option<i32> {
    let n = project.activities.len();
    let mut plan = Plan {
        starts: vec![0; n],
        modes: vec![0; n],
    };
    let mut best: Option<i32> = None;
    'plans: loop {
        let makespan = plan.makespan(project);
        if best.is_none_or(|b| makespan < b) && check(project, &plan).is_empty() {
            best = Some(makespan);
        }
        for j in 0..n {
            plan.starts[j] += 1;
            if plan.starts[j] <= horizon {
                continue 'plans;
            }
            plan.starts[j] = 0;
            plan.modes[j] += 1;
            if plan.modes[j] < project.activities[j].modes.len() {
                continue 'plans;
            }
            plan.modes[j] = 0;
        }
        return best;
    }
}

fn brute() {
    let counts: Vec<(usize, usize)> = (0..600_u64)
        .into_par_iter()
        .map(|index| {
            let horizon = 8;
            let project = random_project(index, 4, horizon);
            let s = solved(&project);
            let best = all_plans(&project, horizon);
            assert_eq!(s.makespan, best, "project {index}: {project:#?}");
            let status = if let Some(best) = best {
                assert_eq!(s.lower_bound, best);
                Status::Optimal
            } else {
                Status::Infeasible
            };
            assert_eq!(
                (s.status, s.stop),
                (status, Stop::Proven),
                "project {index}"
            );
            (usize::from(best.is_some()), usize::from(best.is_none()))
        })
        .collect();
    // Both kinds have to be there in number, else the comparison says little.
    let feasible: usize = counts.iter().map(|c| c.0).sum();
    let infeasible: usize = counts.iter().map(|c| c.1).sum();
    assert!(feasible > 150 && infeasible > 80, "{feasible} {infeasible}");
}

/// The rules once more, period by period on a grid; written apart from the library.
fn keeps(p: &Project, plan: &Plan) -> bool {
    let n = p.activities.len();
    let mode = |j: usize| &p.activities[j].modes[plan.modes[j]];
    let end = |j: usize| plan.starts[j] + mode(j).duration;
    let last = (0..n).map(end).max().unwrap_or(0);
    for (j, a) in p.activities.iter().enumerate() {
        if plan.starts[j] < a.release
            || a.deadline.is_some_and(|d| end(j) > d)
            || p.horizon.is_some_and(|h| end(j) > h)
        {
            return false;
        }
    }
    for l in &p.lags {
        let from = if l.anchor == Anchor::Start {
            plan.starts[l.from]
        } else {
            end(l.from)
        };
        let fine = match l.gap {
            Gap::AtLeast(g) => plan.starts[l.to] >= from + g,
            Gap::AtMost(g) => plan.starts[l.to] <= from + g,
        };
        if !fine {
            return false;
        }
    }
    let sum = |list: &[(usize, i64)], k: usize| -> i64 {
        list.iter().filter(|e| e.0 == k).map(|e| e.1).sum()
    };
    let runs = |j: usize, t: i32| plan.starts[j] <= t && t < end(j);
    for t in 0..last {
        for (k, r) in p.resources.iter().enumerate() {
            let mut units = 0;
            for step in &r.capacity {
                if step.0 <= t {
                    units = step.1;
                }
            }
            let used: i64 = (0..n)
                .filter(|j| runs(*j, t))
                .map(|j| sum(&mode(j).uses, k))
                .sum();
            if used > units {
                return false;
            }
        }
    }
    for (k, b) in p.budgets.iter().enumerate() {
        let years = (last / b.period + 1) as usize;
        for y in 0..years {
            let mut spent = 0;
            for t in y as i32 * b.period..(y as i32 + 1) * b.period {
                for j in 0..n {
                    if runs(j, t) {
                        spent += sum(&mode(j).spends, k);
                    }
                }
            }
            if spent > *b.limits.get(y).unwrap_or(b.limits.last().unwrap()) {
                return false;
            }
        }
    }
    (0..p.stores.len()).all(|k| (0..n).map(|j| sum(&mode(j).takes, k)).sum::<i64>() <= p.stores[k])
}

fn checker() {
    let agreed: Vec<bool> = (0..10_000_u64)
        .into_par_iter()
        .map(|index| {
            let project = random_project(index % 997, 3, 9);
            let mut rng = Seed(6).stream("plans", index);
            let plan = Plan {
                starts: project
                    .activities
                    .iter()
                    .map(|_| rng.random_range(0..=7))
                    .collect(),
                modes: project
                    .activities
                    .iter()
                    .map(|a| rng.random_range(0..a.modes.len()))
                    .collect(),
            };
            let kept = check(&project, &plan).is_empty();
            assert_eq!(
                kept,
                keeps(&project, &plan),
                "{index}: {project:#?} {plan:?}"
            );
            kept
        })
        .collect();
    let kept = agreed.iter().filter(|k| **k).count();
    assert!((500..9_500).contains(&kept), "{kept}");
    // Plans that do not fit the project at all.
    let p = random_project(1, 3, 9);
    let none = Plan {
        starts: Vec::new(),
        modes: Vec::new(),
    };
    assert!(matches!(check(&p, &none)[..], [Broken::Length { .. }]));
}

/// Projects of up to 25 activities that a few conflicts cannot all close.
fn bounded() {
    let open: usize = (0..120_u64)
        .into_par_iter()
        .map(|index| {
            let mut project = random_project(index, 25, 60);
            project.lags.retain(|l| matches!(l.gap, Gap::AtLeast(_)));
            for a in &mut project.activities {
                a.deadline = None;
            }
            let few = SolveParams {
                conflicts: 3,
                schedules: 0,
            };
            let hasty = solve(&project, &few, Seed(1), &never).unwrap();
            let sure = solved(&project);
            if let Some(plan) = &hasty.plan {
                assert!(check(&project, plan).is_empty());
                assert_eq!(Some(plan.makespan(&project)), hasty.makespan);
                assert!(hasty.lower_bound <= hasty.makespan.unwrap());
            }
            assert_ne!(sure.status, Status::Unknown, "project {index}");
            if let Some(best) = sure.makespan {
                assert!(hasty.lower_bound <= best, "project {index}");
                assert!(hasty.makespan.is_none_or(|m| m >= sure.lower_bound));
            }
            usize::from(hasty.stop == Stop::WorkLimit)
        })
        .sum();
    assert!(open > 5, "{open}");
}

fn threads() {
    let project = random_project(11, 25, 80);
    let few = SolveParams {
        conflicts: 2_000,
        schedules: 2_000,
    };
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| solve(&project, &few, Seed(3), &never).unwrap())
    };
    let one = with(1);
    assert_eq!(one, with(2));
    assert_eq!(one, with(2));
}

fn flaws() {
    let mut p = Project {
        activities: vec![activity(2, &[(3, 1)]), activity(-1, &[])],
        ..Project::default()
    };
    p.lags.push(Lag::after(0, 7));
    let Err(SolveError::Flawed(found)) = solve(&p, &SolveParams::default(), Seed(1), &never) else {
        panic!("accepted");
    };
    assert_eq!(found.len(), 3, "{found:?}");
    // 0 -> 1 takes at least 2, and 1 starts at most 1 after 0.
    let p = Project {
        activities: vec![activity(2, &[]), activity(1, &[]), activity(1, &[])],
        lags: vec![
            Lag::after(0, 1),
            Lag::after(1, 2),
            Lag::start_to_start(0, 1, Gap::AtMost(1)),
        ],
        ..Project::default()
    };
    let s = solved(&p);
    assert_eq!(s.status, Status::Infeasible);
    assert_eq!(s.circle.len(), 2);
    assert!(s.circle.contains(&0) && s.circle.contains(&1));
}

fn clock() {
    let project = Project {
        horizon: Some(200),
        ..random_project(11, 25, 80)
    };
    let s = solve(&project, &SolveParams::default(), Seed(1), &|| true).unwrap();
    assert!(s.stop == Stop::WallLimit || s.stop == Stop::Proven);
    let blank = Project::default();
    let s = solved(&blank);
    assert_eq!((s.status, s.makespan), (Status::Optimal, Some(0)));
}

fn numbers(line: &str) -> Vec<i64> {
    line.replace(['[', ']'], " ")
        .split_whitespace()
        .filter_map(|t| t.parse().ok())
        .collect()
}

fn with_uses(values: &[i64]) -> Activity {
    let uses: Vec<(usize, i64)> = values[3..].iter().copied().enumerate().collect();
    activity(values[2] as i32, &uses)
}

fn psplib(path: &Path) -> Project {
    let text = std::fs::read_to_string(path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let at = |word: &str| lines.iter().position(|l| l.starts_with(word)).unwrap();
    let mut p = Project::default();
    let (first, requests) = (at("PRECEDENCE") + 2, at("REQUESTS") + 3);
    for (j, line) in lines[first..]
        .iter()
        .take_while(|l| !l.starts_with('*'))
        .enumerate()
    {
        p.activities.push(with_uses(&numbers(lines[requests + j])));
        let after = numbers(line)[3..].to_vec();
        p.lags
            .extend(after.iter().map(|s| Lag::after(j, *s as usize - 1)));
    }
    p.resources = numbers(lines[at("RESOURCEAVAIL") + 2])
        .iter()
        .map(|c| Resource::constant("r", *c))
        .collect();
    p
}

fn progen_max(path: &Path) -> Project {
    let text = std::fs::read_to_string(path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let n = numbers(lines[0])[0] as usize + 2;
    let mut p = Project::default();
    for j in 0..n {
        let v = numbers(lines[1 + j]);
        let (successors, lags) = v[3..].split_at(v[2] as usize);
        for (to, gap) in successors.iter().zip(lags) {
            let gap = Gap::AtLeast(*gap as i32);
            p.lags.push(Lag::start_to_start(j, *to as usize, gap));
        }
        p.activities.push(with_uses(&numbers(lines[1 + n + j])));
    }
    p.resources = numbers(lines[1 + 2 * n])
        .iter()
        .map(|c| Resource::constant("r", *c))
        .collect();
    p
}

fn table(name: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(data().join(name)).unwrap();
    let rows = text.lines().skip(1);
    rows.map(|l| l.split(',').map(str::to_owned).collect())
        .collect()
}

/// Every eighth instance of J30 (Kolisch & Sprecher 1997) against the published optimum.
fn thirty() {
    let rows = table("psplib/j30_bounds.csv");
    let rows: Vec<_> = rows.iter().step_by(8).collect();
    assert!(rows.len() >= 40);
    rows.par_iter().for_each(|row| {
        let p = psplib(&data().join(format!("psplib/j30/{}.sm", row[0])));
        let s = solved(&p);
        assert_eq!(s.status, Status::Optimal, "{}", row[0]);
        assert_eq!(s.makespan.unwrap().to_string(), row[4], "{}", row[0]);
    });
}

/// All of J10 and UBO10 with maximum lags (Schwindt 1998): optima and infeasible instances as published.
fn maximum_lags() {
    for set in ["sm_j10", "testset_ubo10"] {
        let rows = table(&format!("rcpsp_max/{set}_bounds.csv"));
        assert!(rows.len() >= 60);
        for row in rows {
            let p = progen_max(&data().join(format!("rcpsp_max/{set}/{}", row[0])));
            let s = solved(&p);
            match row[3].as_str() {
                "infeasible" => assert_eq!(s.status, Status::Infeasible, "{set} {}", row[0]),
                "closed" => {
                    assert_eq!(s.status, Status::Optimal, "{set} {}", row[0]);
                    assert_eq!(s.makespan.unwrap().to_string(), row[2], "{set} {}", row[0]);
                }
                _ => assert!(s.plan.is_some(), "{set} {}", row[0]),
            }
        }
    }
}
