//! Consortia: a hand case, exhaustive search, rules never broken.

use std::collections::{BTreeMap, BTreeSet};

use layout::consortium::{
    Coordination, FormParams, Mission, Need, Organisation, Possible, Problem, Unformed, form,
    leaving,
};
use libtest_mimic::Trial;
use model::Seed;
use rand::RngExt;
use rayon::prelude::*;

use crate::{readable, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("consortium::a_hand_case", hand_case),
        trial(
            "consortium::equal_to_exhaustive_search_on_400_problems",
            exhaustively,
        ),
        trial("consortium::missions_share_organisations", shared),
        trial(
            "consortium::no_rule_is_broken_on_10000_problems",
            rules_are_kept,
        ),
        trial("consortium::wrong_problems_are_named_all_at_once", invalid),
    ]
}

fn organisation(id: &str, leads: bool, cost: f64, holds: &[&str]) -> Organisation {
    Organisation {
        id: id.to_owned(),
        leads,
        kind: None,
        region: None,
        cost,
        load: 1,
        capabilities: holds.iter().map(|c| ((*c).to_owned(), 1.0)).collect(),
    }
}

fn need(capability: &str, holders: usize) -> Need {
    Need {
        capability: capability.to_owned(),
        holders,
        least: 0.5,
    }
}

fn mission(id: &str, needs: Vec<Need>) -> Mission {
    Mission {
        id: id.to_owned(),
        needs,
        min_members: 1,
        max_members: 10,
        kinds: BTreeMap::new(),
        regions: 0,
        budget: None,
    }
}

fn line(n: usize) -> Vec<Vec<f64>> {
    (0..n)
        .map(|a| (0..n).map(|b| a.abs_diff(b) as f64).collect())
        .collect()
}

/// On a line: firm (leads, holds a), institute (b) beside it, university (b, c) two away, all at cost 1. The mission needs a, b, c and d. Nobody
/// holds d. The university brings b and c: firm and university, cost 2, distance 2.
fn small() -> Problem {
    Problem {
        organisations: vec![
            organisation("firm", true, 1.0, &["a"]),
            organisation("institute", false, 1.0, &["b"]),
            organisation("university", false, 1.0, &["b", "c"]),
        ],
        missions: vec![mission(
            "m",
            ["a", "b", "c", "d"].map(|c| need(c, 1)).to_vec(),
        )],
        distance: line(3),
        conflicts: Vec::new(),
    }
}

fn hand_case() {
    let problem = small();
    let ranked = form(&problem, &FormParams::default()).unwrap();
    let best = &ranked[0].formed[0];
    let names: Vec<&str> = best
        .members
        .iter()
        .map(|m| m.organisation.as_str())
        .collect();
    assert_eq!(names, ["firm", "university"]);
    assert!(best.members[0].leads);
    assert_eq!(best.uncovered, [("d".to_owned(), 1)]);
    assert!((ranked[0].cost.value - 4.0).abs() < 1e-9 && ranked[0].cost.gap() < 1e-6);
    // The only other one with as little uncovered is all three: cost 3, distance 1 + 2.
    assert_eq!(ranked.len(), 2);
    assert!((ranked[1].cost.value - 6.0).abs() < 1e-9);
    let left = leaving(&problem, &ranked[0], &FormParams::default()).unwrap();
    assert_eq!(left[0].possible, Possible::No); // nobody else may lead
    assert_eq!(
        (left[1].lost, left[1].cost, left[1].possible),
        (1, None, Possible::Yes)
    ); // c is lost, b comes from the institute
    assert_eq!(left[1].enters, [("m".to_owned(), "institute".to_owned())]);
    // Two holders of b: both; pairs count the distance between the two as well.
    let mut safe = problem.clone();
    safe.missions[0].needs[1].holders = 2;
    let pairs = FormParams {
        coordination: Coordination::Pairs,
        ..FormParams::default()
    };
    let ranked = form(&safe, &pairs).unwrap();
    assert!((ranked[0].cost.value - (3.0 + 1.0 + 2.0 + 1.0)).abs() < 1e-9);
    // They may not sit together: one b is missing rather than c.
    safe.conflicts
        .push(("institute".to_owned(), "university".to_owned()));
    let ranked = form(&safe, &pairs).unwrap();
    assert_eq!(
        ranked[0].formed[0].uncovered,
        [("b".to_owned(), 1), ("d".to_owned(), 1)]
    );
}

fn random_problem(index: u64) -> Problem {
    let mut random = Seed(21).stream("test.consortium", index);
    let n = random.random_range(2..=6_usize);
    let all = ["a", "b", "c"];
    let organisations = (0..n)
        .map(|k| {
            let holds: Vec<&str> = all
                .into_iter()
                .filter(|_| random.random::<f64>() < 0.4)
                .collect();
            Organisation {
                kind: Some(["university", "enterprise"][random.random_range(0..2)].to_owned()),
                region: Some(["east", "west"][random.random_range(0..2)].to_owned()),
                load: random.random_range(0..=2),
                ..organisation(
                    &format!("o{k}"),
                    k == 0 || random.random::<f64>() < 0.3,
                    f64::from(random.random_range(0..=5_u32)),
                    &holds,
                )
            }
        })
        .collect();
    let mut distance = vec![vec![0.0; n]; n];
    for a in 0..n {
        for b in 0..a {
            let d = f64::from(random.random_range(0..=4_u32));
            distance[a][b] = d;
            distance[b][a] = d;
        }
    }
    let missions = (0..random.random_range(1..=2))
        .map(|k| {
            let mut needs = Vec::new();
            for capability in all {
                if random.random::<f64>() < 0.7 {
                    needs.push(need(capability, random.random_range(1..=2)));
                }
            }
            let min = random.random_range(1..=2);
            Mission {
                min_members: min,
                max_members: random.random_range(min..=4),
                kinds: if random.random::<f64>() < 0.3 {
                    [("university".to_owned(), 1)].into()
                } else {
                    BTreeMap::new()
                },
                regions: random.random_range(0..=2),
                ..mission(
                    &format!("m{k}"),
                    if needs.is_empty() {
                        vec![need("a", 1)]
                    } else {
                        needs
                    },
                )
            }
        })
        .collect();
    let conflicts = if random.random::<f64>() < 0.4 {
        vec![("o0".to_owned(), "o1".to_owned())]
    } else {
        Vec::new()
    };
    Problem {
        organisations,
        missions,
        distance,
        conflicts,
    }
}

/// Seats and leader of a mission: missing holders, cost; `None` where a rule is broken.
fn judged(
    problem: &Problem,
    k: usize,
    seats: &[usize],
    leader: usize,
    how: Coordination,
) -> Option<(usize, f64)> {
    let mission = &problem.missions[k];
    let o = |j: usize| &problem.organisations[j];
    let inside = |id: &str| seats.iter().any(|j| o(*j).id == id);
    let kinds = mission.kinds.iter().all(|(kind, least)| {
        seats
            .iter()
            .filter(|j| o(**j).kind.as_ref() == Some(kind))
            .count()
            >= *least
    });
    let regions: BTreeSet<_> = seats.iter().filter_map(|j| o(*j).region.as_ref()).collect();
    let good = seats.contains(&leader)
        && o(leader).leads
        && (mission.min_members..=mission.max_members).contains(&seats.len())
        && kinds
        && regions.len() >= mission.regions
        && problem
            .conflicts
            .iter()
            .all(|(a, b)| !(inside(a) && inside(b)));
    if !good {
        return None;
    }
    let short = mission.needs.iter().map(|need| {
        let held = seats.iter().filter(|j| problem.holds(**j, need)).count();
        need.holders.saturating_sub(held)
    });
    let mut cost: f64 = seats.iter().map(|j| o(*j).cost).sum();
    for (at, a) in seats.iter().enumerate() {
        match how {
            Coordination::Leader => cost += problem.distance[leader][*a],
            Coordination::Pairs => {
                cost += seats[..at]
                    .iter()
                    .map(|b| problem.distance[*a][*b])
                    .sum::<f64>()
            }
        }
    }
    Some((short.sum(), cost))
}

/// The best (missing holders, cost) over all seats and leaders of all missions.
fn best(problem: &Problem, how: Coordination) -> Option<(usize, f64)> {
    let n = problem.organisations.len();
    let options: Vec<Vec<(u32, usize, f64)>> = (0..problem.missions.len())
        .map(|k| {
            let mut options = Vec::new();
            for bits in 0..1_u32 << n {
                let seats: Vec<usize> = (0..n).filter(|j| bits >> j & 1 == 1).collect();
                let judged = seats
                    .iter()
                    .filter_map(|l| judged(problem, k, &seats, *l, how));
                if let Some((short, cost)) = judged.min_by(|a, b| a.1.total_cmp(&b.1)) {
                    options.push((bits, short, cost));
                }
            }
            options
        })
        .collect();
    let fits = |chosen: &[u32]| {
        (0..n).all(|j| {
            chosen.iter().filter(|bits| **bits >> j & 1 == 1).count()
                <= problem.organisations[j].load
        })
    };
    let mut found: Option<(usize, f64)> = None;
    let mut offer = |chosen: &[u32], short: usize, cost: f64| {
        if fits(chosen) && found.is_none_or(|(s, c)| short < s || (short == s && cost < c)) {
            found = Some((short, cost));
        }
    };
    for a in &options[0] {
        match options.get(1) {
            None => offer(&[a.0], a.1, a.2),
            Some(second) => second
                .iter()
                .for_each(|b| offer(&[a.0, b.0], a.1 + b.1, a.2 + b.2)),
        }
    }
    found
}

fn exhaustively() {
    let formed: usize = (0..400_u64)
        .into_par_iter()
        .map(|index| {
            let problem = random_problem(index);
            let how = [Coordination::Leader, Coordination::Pairs][index as usize % 2];
            let params = FormParams {
                coordination: how,
                alternatives: 1,
                ..FormParams::default()
            };
            match (form(&problem, &params), best(&problem, how)) {
                (Ok(found), Some((short, cost))) => {
                    assert!(
                        (found[0].short.value - short as f64).abs() < 1e-6,
                        "{index}: {found:?}"
                    );
                    assert!(
                        (found[0].cost.value - cost).abs() < 1e-6,
                        "{index}: {cost} {found:?}"
                    );
                    assert!(found[0].cost.bound <= cost + 1e-6);
                    1
                }
                (Err(Unformed::Infeasible(message)), None) => {
                    readable(&message);
                    0
                }
                other => panic!("{index}: {other:?}"),
            }
        })
        .sum();
    assert!(formed > 150, "{formed}");
}

fn rules_are_kept() {
    (0..10_000_u64).into_par_iter().for_each(|index| {
        let problem = random_problem(50_000 + index);
        let Ok(ranked) = form(
            &problem,
            &FormParams {
                alternatives: 2,
                ..FormParams::default()
            },
        ) else {
            return;
        };
        for answer in &ranked {
            let mut load: BTreeMap<usize, usize> = BTreeMap::new();
            for formed in &answer.formed {
                let k = problem
                    .missions
                    .iter()
                    .position(|m| m.id == formed.mission)
                    .unwrap();
                let seats: Vec<usize> = formed
                    .members
                    .iter()
                    .map(|m| problem.position(&m.organisation).unwrap())
                    .collect();
                let leaders: Vec<_> = formed.members.iter().filter(|m| m.leads).collect();
                assert_eq!(leaders.len(), 1);
                let leader = problem.position(&leaders[0].organisation).unwrap();
                let (short, _) = judged(&problem, k, &seats, leader, Coordination::Leader).unwrap();
                assert_eq!(
                    short,
                    formed.uncovered.iter().map(|(_, n)| n).sum::<usize>()
                );
                seats.iter().for_each(|j| *load.entry(*j).or_default() += 1);
            }
            assert!(
                load.iter()
                    .all(|(j, n)| *n <= problem.organisations[*j].load)
            );
        }
        assert!(
            ranked
                .windows(2)
                .all(|w| w[0].cost.value <= w[1].cost.value + 1e-6)
        );
    });
}

/// Two missions need what one firm and one university hold; each serves one mission at a time, so the second goes without.
fn shared() {
    let mut problem = Problem {
        organisations: vec![
            organisation("f1", true, 1.0, &["a"]),
            organisation("f2", true, 2.0, &[]),
            organisation("u", false, 1.0, &["b"]),
        ],
        missions: vec![
            mission("m1", vec![need("a", 1), need("b", 1)]),
            mission("m2", vec![need("b", 1)]),
        ],
        distance: line(3),
        conflicts: Vec::new(),
    };
    let params = FormParams::default();
    assert_eq!(form(&problem, &params).unwrap()[0].short.value, 1.0);
    problem.organisations[2].load = 2;
    let both = &form(&problem, &params).unwrap()[0];
    assert_eq!(both.short.value, 0.0);
    // f1 and u with distance 2, f2 and u with distance 1.
    assert!((both.cost.value - (2.0 + 2.0 + 3.0 + 1.0)).abs() < 1e-9);
}

fn invalid() {
    let mut problem = small();
    problem.organisations[0].leads = false;
    problem.organisations[1].cost = -1.0;
    problem
        .organisations
        .push(organisation("firm", false, 1.0, &[]));
    problem.missions[0].needs.clear();
    problem.missions[0].min_members = 11;
    problem
        .conflicts
        .push(("firm".to_owned(), "ghost".to_owned()));
    let Err(Unformed::Invalid(messages)) = form(&problem, &FormParams::default()) else {
        panic!("a wrong problem was solved");
    };
    let text: String = messages.iter().map(readable).collect();
    for part in [
        "twice",
        "institute",
        "lead",
        "needs nothing",
        "fewer members",
        "Distances",
        "ghost",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}
