//! Random small portfolios, an independent checker, and exhaustive search; none of them uses a solver.

use std::collections::BTreeMap;

use layout::portfolio::{
    Bonus, CarryOver, Exclusion, Floor, FloorPeriod, Least, Members, Precedence, Problem, Project,
    ProjectId, ResearchKind, Resource, Stage, Substitutes, Will,
};
use model::{Basis, Estimate, Seed};
use rand::{Rng, RngExt};

pub(crate) fn exact(x: f64) -> Estimate {
    Estimate::exact(x, Basis::Assumed)
}

pub(crate) fn id(k: usize) -> ProjectId {
    ProjectId(format!("p{k}"))
}

pub(crate) type Starts = BTreeMap<ProjectId, usize>;

fn whole(random: &mut impl Rng, most: u32) -> f64 {
    f64::from(random.random_range(0..=most))
}

/// At most `projects` projects and `periods` periods, with every kind of rule now and then.
pub(crate) fn random_problem(index: u64, projects: usize, periods: usize) -> Problem {
    let mut random = Seed(11).stream("test.portfolio", index);
    let random = &mut random;
    let n = random.random_range(projects / 2..=projects);
    let t = random.random_range(periods.div_ceil(2)..=periods);
    let mut problem = Problem {
        periods: t,
        ..Problem::default()
    };
    problem.resources.push(Resource {
        id: "people".to_owned(),
        capacity: (0..t).map(|_| 2.0 + whole(random, 8)).collect(),
    });
    for k in 0..n {
        let stages = random.random_range(1..=2);
        let stages = (0..stages)
            .map(|_| Stage {
                cost: (0..random.random_range(1..=2))
                    .map(|_| whole(random, 5))
                    .collect(),
                needs: [("people".to_owned(), whole(random, 2))].into(),
                chance: exact(0.25 * f64::from(random.random_range(2..=4_u32))),
            })
            .collect();
        let low = whole(random, 9);
        problem.projects.push(Project {
            kind: [Some(ResearchKind::Basic), Some(ResearchKind::Applied), None]
                [random.random_range(0..3)],
            field: Some(["q", "b"][random.random_range(0..2)].to_owned()),
            public_share: [1.0, 0.5][random.random_range(0..2)],
            value: Estimate::spanning(low + 1.0, low, low + 3.0, Basis::Judged),
            decay: [0.0, 0.25][random.random_range(0..2)],
            stages,
            earliest: random.random_range(0..t.min(2)),
            latest: (random.random::<f64>() < 0.2).then(|| random.random_range(0..t)),
            will: match random.random_range(0..24) {
                0 => Will::Must,
                1 => Will::Never,
                _ => Will::Free,
            },
            ..Project::plain(&id(k).0, vec![0.0], 0.0)
        });
    }
    problem.budget =
        (random.random::<f64>() < 0.9).then(|| (0..t).map(|_| 2.0 + whole(random, 8)).collect());
    if random.random::<f64>() < 0.4 {
        problem.carry_over = CarryOver {
            share: [0.5, 1.0][random.random_range(0..2)],
            most: [None, Some(3.0)][random.random_range(0..2)],
        };
    }
    if n > 1 {
        // Rules always lead from a smaller to a larger number: no circle.
        for _ in 0..random.random_range(0..3) {
            let before = random.random_range(0..n - 1);
            let after = random.random_range(before + 1..n);
            problem.precedence.push(Precedence {
                before: id(before),
                after: id(after),
                lag: random.random_range(0..2),
            });
        }
        let mut pair = || (id(random.random_range(0..n)), id(random.random_range(0..n)));
        let (bonus, substitutes, exclusion) = (pair(), pair(), pair());
        if random.random::<f64>() < 0.4 {
            let (a, b) = bonus;
            problem.bonuses.push(Bonus {
                id: "together".to_owned(),
                members: vec![a, b],
                value: exact(whole(random, 6)),
            });
        }
        if random.random::<f64>() < 0.4 {
            let (first, second) = substitutes;
            if first != second {
                problem.substitutes.push(Substitutes {
                    first,
                    second,
                    loss: exact(whole(random, 6)),
                });
            }
        }
        if random.random::<f64>() < 0.3 {
            let (a, b) = exclusion;
            problem.exclusions.push(Exclusion {
                members: vec![a, b],
                most: 1,
            });
        }
    }
    if random.random::<f64>() < 0.6 {
        let members = match random.random_range(0..3) {
            0 => Members::Kind(ResearchKind::Basic),
            1 => Members::Field("q".to_owned()),
            _ => Members::Projects(vec![id(0)]),
        };
        let least = match random.random_range(0..4) {
            0 => Least::Spending(whole(random, 4)),
            1 if problem.budget.is_some() => Least::ShareOfBudget(0.2),
            2 => Least::ShareOfSpending(0.5),
            _ => Least::Projects(1),
        };
        let period =
            [FloorPeriod::Horizon, FloorPeriod::Each][usize::from(random.random::<f64>() < 0.2)];
        problem.floors.push(Floor {
            id: "floor".to_owned(),
            members,
            least,
            period,
        });
    }
    problem
}

fn chance(problem: &Problem, who: &ProjectId, seen: &mut Vec<ProjectId>) -> f64 {
    if seen.contains(who) {
        return 1.0;
    }
    seen.push(who.clone());
    let project = problem.projects.iter().find(|p| &p.id == who).unwrap();
    let own: f64 = project.stages.iter().map(|s| s.chance.value).product();
    let before: Vec<_> = problem
        .precedence
        .iter()
        .filter(|r| &r.after == who)
        .collect();
    before
        .iter()
        .fold(own, |c, rule| c * chance(problem, &rule.before, seen))
}

/// Expected value of a set of starts, from the definition; chances without range.
pub(crate) fn expected(problem: &Problem, starts: &Starts) -> f64 {
    let mean = |e: &Estimate| (e.low + e.value + e.high) / 3.0;
    let mut sum = 0.0;
    for project in &problem.projects {
        if let Some(s) = starts.get(&project.id) {
            let kept = (1.0 - project.decay).powi(i32::try_from(*s).unwrap());
            sum += mean(&project.value) * kept * chance(problem, &project.id, &mut Vec::new());
        }
    }
    let together = |members: &[&ProjectId]| {
        let mut seen = Vec::new();
        members
            .iter()
            .map(|m| chance(problem, m, &mut seen))
            .product::<f64>()
    };
    for bonus in &problem.bonuses {
        if bonus.members.iter().all(|m| starts.contains_key(m)) {
            sum += mean(&bonus.value) * together(&bonus.members.iter().collect::<Vec<_>>());
        }
    }
    for pair in &problem.substitutes {
        if starts.contains_key(&pair.first) && starts.contains_key(&pair.second) {
            sum -= mean(&pair.loss) * together(&[&pair.first, &pair.second]);
        }
    }
    sum
}

/// Every rule that the starts break.
pub(crate) fn broken(problem: &Problem, starts: &Starts) -> Vec<String> {
    const EPS: f64 = 1e-6;
    let mut broken = Vec::new();
    let t = problem.periods;
    let (mut public, mut people) = (vec![0.0; t], vec![0.0; t]);
    let mut spent: BTreeMap<&ProjectId, Vec<f64>> = BTreeMap::new();
    for project in &problem.projects {
        let Some(start) = starts.get(&project.id).copied() else {
            if project.will == Will::Must {
                broken.push(format!("{} is missing", project.id));
            }
            continue;
        };
        let late = project.latest.is_some_and(|latest| start > latest);
        if project.will == Will::Never
            || start < project.earliest
            || late
            || start + project.duration() > t
        {
            broken.push(format!("{} starts outside its window", project.id));
            continue;
        }
        let own = spent.entry(&project.id).or_insert_with(|| vec![0.0; t]);
        let mut at = start;
        for stage in &project.stages {
            for cost in &stage.cost {
                public[at] += cost * project.public_share;
                own[at] += cost * project.public_share;
                people[at] += stage.needs.get("people").copied().unwrap_or(0.0);
                at += 1;
            }
        }
    }
    if let Some(budget) = &problem.budget {
        let mut kept = 0.0_f64;
        for (limit, spent) in budget.iter().zip(&public) {
            let left = limit + kept - spent;
            if left < -EPS {
                broken.push("budget".to_owned());
            }
            kept = problem.carry_over.share
                * left.min(problem.carry_over.most.unwrap_or(f64::INFINITY));
        }
    }
    for resource in &problem.resources {
        if resource
            .capacity
            .iter()
            .zip(&people)
            .any(|(c, used)| used > &(c + EPS))
        {
            broken.push(resource.id.clone());
        }
    }
    for rule in &problem.precedence {
        if let Some(after) = starts.get(&rule.after) {
            let before = problem
                .projects
                .iter()
                .find(|p| p.id == rule.before)
                .unwrap();
            let ready = starts
                .get(&rule.before)
                .map(|s| s + before.duration() + rule.lag);
            if ready.is_none_or(|ready| ready > *after) {
                broken.push(format!("{} before {}", rule.before, rule.after));
            }
        }
    }
    for exclusion in &problem.exclusions {
        let mut members = exclusion.members.clone();
        members.sort();
        members.dedup();
        if members.iter().filter(|m| starts.contains_key(*m)).count() > exclusion.most {
            broken.push("exclusion".to_owned());
        }
    }
    for floor in &problem.floors {
        let inside = |p: &&Project| match &floor.members {
            Members::Kind(kind) => p.kind == Some(*kind),
            Members::Field(field) => p.field.as_ref() == Some(field),
            Members::Projects(ids) => ids.contains(&p.id),
        };
        let held: Vec<&Project> = problem.projects.iter().filter(inside).collect();
        let money = |p: &Project, t: usize| spent.get(&p.id).map_or(0.0, |s| s[t]);
        let runs = |p: &Project, t: usize| {
            starts
                .get(&p.id)
                .is_some_and(|s| *s <= t && t < s + p.duration())
        };
        let every: Vec<Vec<usize>> = match floor.period {
            FloorPeriod::Horizon => vec![(0..t).collect()],
            FloorPeriod::Each => (0..t).map(|t| vec![t]).collect(),
        };
        for periods in every {
            let sum = |who: &[&Project]| -> f64 {
                periods
                    .iter()
                    .map(|t| who.iter().map(|p| money(p, *t)).sum::<f64>())
                    .sum()
            };
            let all: Vec<&Project> = problem.projects.iter().collect();
            let budget: f64 = periods
                .iter()
                .map(|t| problem.budget.as_ref().map_or(0.0, |b| b[*t]))
                .sum();
            let kept = match floor.least {
                Least::Spending(least) => sum(&held) >= least - EPS,
                Least::ShareOfBudget(share) => sum(&held) >= share * budget - EPS,
                Least::ShareOfSpending(share) => sum(&held) >= share * sum(&all) - EPS,
                Least::Projects(n) => {
                    held.iter()
                        .filter(|p| periods.iter().any(|t| runs(p, *t)))
                        .count()
                        >= n
                }
            };
            if !kept {
                broken.push(floor.id.clone());
            }
        }
    }
    broken
}

/// All sets of starts that break no rule, with their expected values.
pub(crate) fn exhaustive(problem: &Problem) -> Vec<(Starts, f64)> {
    let mut all: Vec<Starts> = vec![Starts::new()];
    for project in &problem.projects {
        let mut next = all.clone();
        for starts in &all {
            for s in 0..problem.periods {
                let mut with = starts.clone();
                with.insert(project.id.clone(), s);
                next.push(with);
            }
        }
        all = next;
    }
    all.into_iter()
        .filter(|starts| broken(problem, starts).is_empty())
        .map(|starts| {
            let value = expected(problem, &starts);
            (starts, value)
        })
        .collect()
}
