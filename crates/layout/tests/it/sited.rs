//! Sites: hand cases, exhaustive search, fronts without a beaten point.

use layout::Limits;
use layout::sites::{
    Candidate, Demand, Goal, HubCoverParams, HubParams, Problem, Unlocated, centre, cover,
    coverage_front, fairness_front, hub_cover, hub_set_cover, hubs, median, ranked,
};
use libtest_mimic::Trial;
use model::Seed;
use rand::RngExt;
use rayon::prelude::*;

use crate::{readable, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("sites::a_hand_case", hand_case),
        trial(
            "sites::equal_to_exhaustive_search_on_500_problems",
            exhaustively,
        ),
        trial("sites::fronts_hold_every_point_that_nothing_beats", fronts),
        trial("sites::hubs_equal_exhaustive_search", hub_search),
        trial("sites::hub_covering_equals_exhaustive_search", hub_covering),
        trial(
            "sites::choices_are_ranked_as_by_exhaustive_search_under_a_budget",
            ranking,
        ),
        trial("sites::row_order_does_not_matter", permuted),
        trial("sites::wrong_problems_are_named_all_at_once", invalid),
    ]
}

fn on_line(places: &[f64], weights: &[f64]) -> Problem {
    Problem {
        demands: weights
            .iter()
            .enumerate()
            .map(|(k, w)| Demand {
                id: format!("d{k}"),
                weight: *w,
            })
            .collect(),
        candidates: (0..places.len())
            .map(|k| Candidate {
                id: format!("c{k}"),
                suitability: Some(0.1 * k as f64),
                fixed: false,
                cost: None,
            })
            .collect(),
        distance: places
            .iter()
            .map(|a| places.iter().map(|b| (a - b).abs()).collect())
            .collect(),
        budget: None,
    }
}

/// Places 0, 1, 2 and 10 with weights 1, 1, 1 and 2. One site: median at 2 (2 + 1 + 0 + 16 = 19; at 1: 1 + 0 + 1 + 18 = 20; at 10: 27). Centre: at 2,
/// farthest 8. Within 1: at 1 covers 3. Two sites: at 1 and 10, total 2, farthest 1.
fn hand_case() {
    let limits = Limits::default();
    let problem = on_line(&[0.0, 1.0, 2.0, 10.0], &[1.0, 1.0, 1.0, 2.0]);
    let one = median(&problem, 1, &limits).unwrap();
    assert_eq!((one.sites, one.worth.value), (vec!["c2".to_owned()], 19.0));
    let far = centre(&problem, 1, &limits).unwrap();
    assert_eq!(
        (far.sites.as_slice(), far.worth.value, far.worth.bound),
        (&["c2".to_owned()][..], 8.0, 8.0)
    );
    let near = cover(&problem, 1, 1.0, 1, &limits).unwrap();
    assert_eq!((near.sites, near.worth.value), (vec!["c1".to_owned()], 3.0));
    let two = median(&problem, 2, &limits).unwrap();
    assert_eq!(
        (two.sites, two.worth.value),
        (vec!["c1".to_owned(), "c3".to_owned()], 2.0)
    );
    // Everybody twice within 2: sites among 0, 1, 2 serve those three, nobody serves the last twice.
    assert_eq!(
        cover(&problem, 2, 2.0, 2, &limits).unwrap().worth.value,
        3.0
    );
    // A site that stands stays; an unsuitable one is no candidate.
    let mut held = problem.clone();
    held.candidates[0].fixed = true;
    assert_eq!(median(&held, 1, &limits).unwrap().sites, ["c0"]);
    let suited = problem.suitable(0.25);
    assert_eq!(suited.candidates.len(), 1);
    assert_eq!(median(&suited, 1, &limits).unwrap().sites, ["c3"]);
}

fn random_problem(index: u64) -> (Problem, usize) {
    let mut random = Seed(31).stream("test.sites", index);
    let (n, m) = (
        random.random_range(1..=7_usize),
        random.random_range(1..=6_usize),
    );
    let mut number = |most: u32| f64::from(random.random_range(0..=most));
    let problem = Problem {
        demands: (0..n)
            .map(|k| Demand {
                id: format!("d{k}"),
                weight: number(5),
            })
            .collect(),
        candidates: (0..m)
            .map(|k| Candidate {
                id: format!("c{k}"),
                suitability: None,
                fixed: number(9) == 0.0 && k == 0,
                cost: None,
            })
            .collect(),
        distance: (0..n)
            .map(|_| (0..m).map(|_| number(9)).collect())
            .collect(),
        budget: None,
    };
    (problem, random.random_range(1..=m))
}

/// For every allowed choice: total distance, farthest, weight covered within 4 once and twice.
fn choices(problem: &Problem, sites: usize) -> Vec<(f64, f64, f64, f64)> {
    let m = problem.candidates.len();
    (0..1_u32 << m)
        .filter(|bits| bits.count_ones() as usize == sites)
        .filter(|bits| (0..m).all(|j| !problem.candidates[j].fixed || bits >> j & 1 == 1))
        .map(|bits| {
            let open: Vec<usize> = (0..m).filter(|j| bits >> j & 1 == 1).collect();
            let (mut total, mut far, mut once, mut twice) = (0.0, 0.0_f64, 0.0, 0.0);
            for (demand, row) in problem.demands.iter().zip(&problem.distance) {
                let d = open.iter().map(|j| row[*j]).fold(f64::INFINITY, f64::min);
                total += demand.weight * d;
                far = far.max(d);
                let near = open.iter().filter(|j| row[**j] <= 4.0).count();
                once += if near >= 1 { demand.weight } else { 0.0 };
                twice += if near >= 2 { demand.weight } else { 0.0 };
            }
            (total, far, once, twice)
        })
        .collect()
}

fn exhaustively() {
    (0..500_u64).into_par_iter().for_each(|index| {
        let (problem, sites) = random_problem(index);
        let limits = Limits::default();
        let all = choices(&problem, sites);
        let least =
            |of: fn(&(f64, f64, f64, f64)) -> f64| all.iter().map(of).fold(f64::INFINITY, f64::min);
        let most = |of: fn(&(f64, f64, f64, f64)) -> f64| all.iter().map(of).fold(0.0, f64::max);
        let total = median(&problem, sites, &limits).unwrap();
        assert!((total.worth.value - least(|c| c.0)).abs() < 1e-6, "{index}");
        assert!(total.worth.bound <= total.worth.value + 1e-9);
        let far = centre(&problem, sites, &limits).unwrap();
        assert_eq!(far.worth.value, least(|c| c.1), "{index}");
        assert_eq!(far.worth.gap(), 0.0);
        let once = cover(&problem, sites, 4.0, 1, &limits).unwrap();
        assert!((once.worth.value - most(|c| c.2)).abs() < 1e-6, "{index}");
        let twice = cover(&problem, sites, 4.0, 2, &limits).unwrap();
        assert!((twice.worth.value - most(|c| c.3)).abs() < 1e-6, "{index}");
        assert_eq!(twice.sites.len(), sites);
    });
}

fn fronts() {
    let mut long = 0;
    for index in 0..200 {
        let (problem, sites) = random_problem(index);
        let front = fairness_front(&problem, sites, &Limits::default()).unwrap();
        let all = choices(&problem, sites);
        let mut true_front: Vec<(f64, f64)> = all
            .iter()
            .map(|c| (c.0, c.1))
            .filter(|a| {
                !all.iter()
                    .any(|b| (b.0 <= a.0 && b.1 < a.1) || (b.0 < a.0 && b.1 <= a.1))
            })
            .collect();
        true_front.sort_by(|a, b| a.0.total_cmp(&b.0));
        true_front.dedup();
        let own: Vec<(f64, f64)> = front
            .iter()
            .map(|p| (p.total.value.round(), p.farthest))
            .collect();
        assert_eq!(own, true_front, "{index}");
        long += usize::from(own.len() > 1);
        let covered = coverage_front(
            &problem,
            problem.candidates.len(),
            4.0,
            1,
            &Limits::default(),
        )
        .unwrap();
        assert!(
            covered
                .windows(2)
                .all(|w| w[0].located.worth.value < w[1].located.worth.value)
        );
    }
    assert!(long > 20, "{long}");
}

fn hub_search() {
    for index in 0..40 {
        let mut random = Seed(41).stream("test.hubs", index);
        let n = random.random_range(2..=5_usize);
        let mut number = |most: u32| f64::from(random.random_range(0..=most));
        let flow: Vec<Vec<f64>> = (0..n)
            .map(|_| (0..n).map(|_| number(5)).collect())
            .collect();
        // Blocks of a town: distances are metric.
        let places: Vec<(f64, f64)> = (0..n).map(|_| (number(9), number(9))).collect();
        let blocks = |a: &(f64, f64), b: &(f64, f64)| (a.0 - b.0).abs() + (a.1 - b.1).abs();
        let distance: Vec<Vec<f64>> = places
            .iter()
            .map(|a| places.iter().map(|b| blocks(a, b)).collect())
            .collect();
        let params = HubParams {
            hubs: 1 + index as usize % n.min(3),
            ..HubParams::default()
        };
        let found = hubs(&flow, &distance, &params).unwrap();
        let cost = |hub_of: &[usize]| -> f64 {
            let mut cost = 0.0;
            for i in 0..n {
                for j in 0..n {
                    let (k, l) = (hub_of[i], hub_of[j]);
                    let way = distance[i][k] + 0.5 * distance[k][l] + distance[l][j];
                    cost += flow[i][j] * way;
                }
            }
            cost
        };
        let mut best = f64::INFINITY;
        for code in 0..n.pow(n as u32) {
            let hub_of: Vec<usize> = (0..n).map(|i| code / n.pow(i as u32) % n).collect();
            let open: std::collections::BTreeSet<usize> = hub_of.iter().copied().collect();
            // A hub serves itself; unused hubs may stand anywhere.
            if open.iter().all(|k| hub_of[*k] == *k) && open.len() == params.hubs {
                best = best.min(cost(&hub_of));
            }
        }
        assert!(
            (found.worth.value - best).abs() < 1e-5,
            "{index}: {best} {found:?}"
        );
        assert!((cost(&found.hub_of) - best).abs() < 1e-5);
    }
}

/// Every set of hubs: the flow that it reaches through any two of its hubs, and the fewest that reach all.
fn hub_covering() {
    let mut reached_all = 0;
    for index in 0..40 {
        let mut random = Seed(43).stream("test.hub_cover", index);
        let n = random.random_range(2..=6_usize);
        let mut number = |most: u32| f64::from(random.random_range(0..=most));
        let flow: Vec<Vec<f64>> = (0..n)
            .map(|_| (0..n).map(|_| number(3)).collect())
            .collect();
        let distance: Vec<Vec<f64>> = (0..n)
            .map(|i| {
                let row: Vec<f64> = (0..n).map(|_| number(9)).collect();
                row.into_iter()
                    .enumerate()
                    .map(|(j, d)| if i == j { 0.0 } else { d })
                    .collect()
            })
            .collect();
        let params = HubCoverParams {
            hubs: 1 + index as usize % n,
            radius: 2.0 + number(8),
            ..HubCoverParams::default()
        };
        let reaches = |open: u32, i: usize, j: usize| {
            (0..n).any(|k| {
                (0..n).any(|l| {
                    let both = open >> k & 1 == 1 && open >> l & 1 == 1;
                    let way = distance[i][k] + 0.5 * distance[k][l] + distance[l][j];
                    both && way <= params.radius
                })
            })
        };
        let (mut most, mut fewest) = (0.0_f64, None::<u32>);
        for open in 1..1_u32 << n {
            let (mut sum, mut all) = (0.0, true);
            for i in 0..n {
                for j in (0..n).filter(|j| flow[i][*j] > 0.0) {
                    if reaches(open, i, j) {
                        sum += flow[i][j];
                    } else {
                        all = false;
                    }
                }
            }
            if open.count_ones() as usize == params.hubs {
                most = most.max(sum);
            }
            if all {
                let count = open.count_ones();
                fewest = Some(fewest.map_or(count, |f| f.min(count)));
            }
        }
        let found = hub_cover(&flow, &distance, &params).unwrap();
        assert!((found.worth.value - most).abs() < 1e-6, "{index}: {most}");
        assert_eq!(found.hubs.len(), params.hubs);
        let own: f64 = found.reached.iter().map(|(i, j)| flow[*i][*j]).sum();
        assert!((own - most).abs() < 1e-6, "{index}: {own} {most}");
        match (hub_set_cover(&flow, &distance, &params), fewest) {
            (Ok(set), Some(fewest)) => {
                assert_eq!(set.hubs.len(), fewest as usize, "{index}");
                assert!(set.missed.is_empty());
                reached_all += 1;
            }
            (Err(Unlocated::Infeasible(_)), None) => {}
            (answer, fewest) => panic!("{index}: {answer:?} {fewest:?}"),
        }
    }
    assert!((5..40).contains(&reached_all), "{reached_all}");
}

/// With a budget every number of sites up to the most is allowed; choices come in the order of what they cover.
fn ranking() {
    let (mut several, mut costly) = (0, 0);
    for index in 0..100 {
        let (mut problem, sites) = random_problem(index);
        let mut random = Seed(47).stream("test.ranked", index);
        for candidate in &mut problem.candidates {
            candidate.cost = Some(f64::from(random.random_range(0..=4_u32)));
        }
        let budget = f64::from(random.random_range(2..=8_u32));
        problem.budget = Some(budget);
        let m = problem.candidates.len();
        let mut all: Vec<f64> = (1..1_u32 << m)
            .filter(|bits| bits.count_ones() as usize <= sites)
            .filter(|bits| (0..m).all(|j| !problem.candidates[j].fixed || bits >> j & 1 == 1))
            .filter(|bits| {
                let open = (0..m).filter(|j| bits >> j & 1 == 1);
                let cost: f64 = open.filter_map(|j| problem.candidates[j].cost).sum();
                costly += usize::from(cost > budget);
                cost <= budget
            })
            .map(|bits| {
                let served = |i: &usize| {
                    (0..m).any(|j| bits >> j & 1 == 1 && problem.distance[*i][j] <= 4.0)
                };
                let demands = (0..problem.demands.len()).filter(served);
                demands.map(|i| problem.demands[i].weight).sum()
            })
            .collect();
        all.sort_by(|a, b| b.total_cmp(a));
        all.truncate(3);
        let goal = Goal::Cover {
            radius: 4.0,
            times: 1,
        };
        match ranked(&problem, goal, sites, 3, 1, &Limits::default()) {
            Ok(found) => {
                let values: Vec<f64> = found.iter().map(|l| l.worth.value.round()).collect();
                assert_eq!(values, all, "{index}");
                several += usize::from(values.len() == 3);
            }
            Err(Unlocated::Infeasible(_)) => assert!(all.is_empty(), "{index}"),
            Err(other) => panic!("{index}: {other:?}"),
        }
    }
    assert!(several > 20 && costly > 20, "{several} {costly}");
}

fn permuted() {
    for index in 0..50 {
        let (problem, sites) = random_problem(index);
        let mut mixed = problem.clone();
        mixed.demands.reverse();
        mixed.candidates.reverse();
        mixed.distance.reverse();
        mixed.distance.iter_mut().for_each(|row| row.reverse());
        let limits = Limits::default();
        assert_eq!(
            median(&problem, sites, &limits),
            median(&mixed, sites, &limits)
        );
        assert_eq!(
            centre(&problem, sites, &limits),
            centre(&mixed, sites, &limits)
        );
    }
}

fn invalid() {
    let mut problem = on_line(&[0.0, 1.0], &[1.0, -1.0]);
    problem.candidates[1].id = "c0".to_owned();
    problem.distance[0].pop();
    let Err(Unlocated::Invalid(messages)) = median(&problem, 3, &Limits::default()) else {
        panic!("a wrong problem was solved");
    };
    let text: String = messages.iter().map(readable).collect();
    for part in ["twice", "d1", "Distances", "3 sites"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}
