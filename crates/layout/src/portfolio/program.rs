//! The time-indexed program.
//!
//! ```text
//! y_ps = 1: project p starts in period s;  c_pa public cost at age a;  v_p value, d_p decay, P_p chance of success
//! max   (1 - beta) E[V] + beta CVaR_alpha[V]
//! s.t.  sum_s y_ps <= 1
//!       sum_p sum_s c_p,t-s y_ps + k_t - r k_t-1 <= B_t              budget, carry-over k
//!       sum_p sum_s n_p,t-s y_ps <= R_t                              people, facilities
//!       sum_{s' <= s} y_qs' <= sum_{s' <= s - D_p - lag} y_ps'       q after p: strong form
//!       sum_{p in F} sum_s C_p y_ps >= floor                         floors
//! E[V] = sum_p sum_s v_p P_p (1 - d_p)^s y_ps + bonuses - substitutes
//! ```
//!
//! The strong (disaggregated) precedence is Christofides, Alvarez-Valdes & Tamarit (1987). The tail is Rockafellar & Uryasev
//! (2000) on scenarios: `CVaR = max eta - 1/(alpha N) sum_w u_w, u_w >= eta - V_w, u_w >= 0`, the mean of the worst `alpha`.

use std::collections::{BTreeMap, BTreeSet};

use super::problem::{BudgetBasis, Floor, FloorPeriod, Least, Problem, ProjectId, Will, mean};
use super::scenarios::Draw;
use crate::solver::{Col, Program};

/// Gates whose outcome is known, by project and stage.
pub(crate) type World = BTreeMap<(usize, usize), bool>;

/// Starts on offer: for each project its periods with their columns.
pub(crate) type Starts = Vec<Vec<(usize, Col)>>;

/// The program of a problem, and where its parts are.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    pub program: Program,
    pub starts: Starts,
    pub rows: Rows,
    /// Expected value of the columns, whatever the objective mixes in.
    pub expected: Vec<f64>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Rows {
    pub budget: Vec<usize>,
    /// By floor.
    pub floors: Vec<Vec<usize>>,
    pub carry: Vec<Col>,
}

/// The tail of the objective.
pub(crate) struct Tail<'a> {
    pub beta: f64,
    pub alpha: f64,
    pub draws: &'a [Draw],
}

pub(crate) fn model(problem: &Problem, tail: Option<&Tail>) -> Model {
    let lineages = problem.lineages();
    let mut program = Program::default();
    let starts: Starts = problem
        .projects
        .iter()
        .map(|project| {
            let window = problem.window(project);
            window.map(|s| (s, program.switch(0.0))).collect()
        })
        .collect();
    let world = World::new();
    add_value(&mut program, problem, &lineages, &starts, &world, 1.0);
    let rows = add_rules(&mut program, problem, &lineages, &starts, &world);
    let expected = program.objective.clone();
    if let Some(tail) = tail.filter(|t| t.beta > 0.0) {
        for c in &mut program.objective {
            *c *= 1.0 - tail.beta;
        }
        add_tail(&mut program, problem, &starts, &expected, tail);
    }
    Model {
        program,
        starts,
        rows,
        expected,
    }
}

/// Adds `weight` times the expected value in a world, with columns for bonuses and substitutes.
pub(crate) fn add_value(
    program: &mut Program,
    problem: &Problem,
    lineages: &[Vec<usize>],
    starts: &Starts,
    world: &World,
    weight: f64,
) {
    for (p, project) in problem.projects.iter().enumerate() {
        let gain = mean(&project.value) * chance(problem, lineages[p].iter().copied(), world);
        for (s, column) in &starts[p] {
            program.objective[column.0] += weight * gain * kept(project.decay, *s);
        }
    }
    for bonus in &problem.bonuses {
        let members = positions(problem, &bonus.members);
        let all: BTreeSet<usize> = members
            .iter()
            .flat_map(|p| lineages[*p].iter().copied())
            .collect();
        let gain = mean(&bonus.value) * chance(problem, all.into_iter(), world);
        let b = program.column(weight * gain, 0.0, 1.0);
        for p in members {
            let mut terms = vec![(b, 1.0)];
            terms.extend(starts[p].iter().map(|(_, c)| (*c, -1.0)));
            program.at_most(terms, 0.0);
        }
    }
    for pair in &problem.substitutes {
        let members = positions(problem, &[pair.first.clone(), pair.second.clone()]);
        let all: BTreeSet<usize> = members
            .iter()
            .flat_map(|p| lineages[*p].iter().copied())
            .collect();
        let loss = mean(&pair.loss) * chance(problem, all.into_iter(), world);
        let z = program.column(-weight * loss, 0.0, 1.0);
        let mut terms = vec![(z, -1.0)];
        for p in members {
            terms.extend(starts[p].iter().map(|(_, c)| (*c, 1.0)));
        }
        program.at_most(terms, 1.0);
    }
}

/// Share of the value left for a start in period `s`.
pub(crate) fn kept(decay: f64, s: usize) -> f64 {
    (1.0 - decay).powi(s as i32)
}

/// Chance that all gates of the projects are passed, as far as the world leaves it open.
fn chance(problem: &Problem, projects: impl Iterator<Item = usize>, world: &World) -> f64 {
    projects
        .flat_map(|p| {
            let stages = problem.projects[p].stages.iter().enumerate();
            stages.map(move |(k, stage)| match world.get(&(p, k)) {
                Some(true) => 1.0,
                Some(false) => 0.0,
                None => mean(&stage.chance),
            })
        })
        .product()
}

/// What the budget bears at each age in a world: nothing after a gate that is known to fail.
pub(crate) fn spend(problem: &Problem, lineage: &[usize], p: usize, world: &World) -> Vec<f64> {
    let project = &problem.projects[p];
    let expected = problem.budget_basis == BudgetBasis::Expected;
    let open = |q: usize, k: usize| match world.get(&(q, k)) {
        Some(false) => 0.0,
        None if expected => mean(&problem.projects[q].stages[k].chance),
        Some(true) | None => 1.0,
    };
    let before: f64 = lineage
        .iter()
        .filter(|q| **q != p)
        .flat_map(|q| (0..problem.projects[*q].stages.len()).map(|k| open(*q, k)))
        .product();
    let ages = project.ages();
    ages.map(|(k, cost)| {
        let alive: f64 = (0..k).map(|earlier| open(p, earlier)).product();
        cost * project.public_share * before * alive
    })
    .collect()
}

/// Adds every rule for a set of columns in a world.
pub(crate) fn add_rules(
    program: &mut Program,
    problem: &Problem,
    lineages: &[Vec<usize>],
    starts: &Starts,
    world: &World,
) -> Rows {
    let mut rows = Rows::default();
    for (p, project) in problem.projects.iter().enumerate() {
        let terms: Vec<_> = starts[p].iter().map(|(_, c)| (*c, 1.0)).collect();
        match project.will {
            Will::Must => {
                program.equal(terms, 1.0);
            }
            _ if terms.is_empty() => {}
            _ => {
                program.at_most(terms, 1.0);
            }
        }
    }
    if let Some(budget) = &problem.budget {
        add_budget(program, problem, lineages, starts, world, budget, &mut rows);
    }
    for resource in &problem.resources {
        for t in 0..problem.periods {
            let mut terms = Vec::new();
            for (p, project) in problem.projects.iter().enumerate() {
                let needs: Vec<f64> = project
                    .ages()
                    .map(|(k, _)| {
                        project.stages[k]
                            .needs
                            .get(&resource.id)
                            .copied()
                            .unwrap_or(0.0)
                    })
                    .collect();
                terms.extend(at(&starts[p], &needs, t));
            }
            if !terms.is_empty() {
                program.at_most(terms, resource.capacity[t]);
            }
        }
    }
    for rule in &problem.precedence {
        let [before, after] = [&rule.before, &rule.after].map(|id| problem.position(id));
        let (Some(before), Some(after)) = (before, after) else {
            continue;
        };
        let wait = problem.projects[before].duration() + rule.lag;
        for (s, _) in &starts[after] {
            let mut terms: Vec<_> = starts[after]
                .iter()
                .filter(|(t, _)| t <= s)
                .map(|(_, c)| (*c, 1.0))
                .collect();
            let earlier = starts[before].iter().filter(|(t, _)| t + wait <= *s);
            terms.extend(earlier.map(|(_, c)| (*c, -1.0)));
            program.at_most(terms, 0.0);
        }
    }
    for exclusion in &problem.exclusions {
        let members: BTreeSet<usize> = positions(problem, &exclusion.members).into_iter().collect();
        let terms: Vec<_> = members
            .into_iter()
            .flat_map(|p| starts[p].iter().map(|(_, c)| (*c, 1.0)))
            .collect();
        program.at_most(terms, exclusion.most as f64);
    }
    rows.floors = problem
        .floors
        .iter()
        .map(|floor| add_floor(program, problem, starts, floor))
        .collect();
    rows
}

fn add_budget(
    program: &mut Program,
    problem: &Problem,
    lineages: &[Vec<usize>],
    starts: &Starts,
    world: &World,
    budget: &[f64],
    rows: &mut Rows,
) {
    let carry = problem.carry_over;
    if carry.share > 0.0 {
        let most = carry.most.unwrap_or_else(|| budget.iter().sum());
        rows.carry = (1..problem.periods)
            .map(|_| program.column(0.0, 0.0, most))
            .collect();
    }
    let costs: Vec<Vec<f64>> = (0..problem.projects.len())
        .map(|p| spend(problem, &lineages[p], p, world))
        .collect();
    for (t, limit) in budget.iter().enumerate() {
        let mut terms: Vec<(Col, f64)> = Vec::new();
        for (p, cost) in costs.iter().enumerate() {
            terms.extend(at(&starts[p], cost, t));
        }
        if let Some(kept) = rows.carry.get(t) {
            terms.push((*kept, 1.0));
        }
        if t > 0
            && let Some(kept) = rows.carry.get(t - 1)
        {
            terms.push((*kept, -carry.share));
        }
        rows.budget.push(program.at_most(terms, *limit));
    }
}

/// What starts of a project put into period `t`.
fn at<'a>(
    starts: &'a [(usize, Col)],
    by_age: &'a [f64],
    t: usize,
) -> impl Iterator<Item = (Col, f64)> + 'a {
    starts
        .iter()
        .filter(move |(s, _)| *s <= t)
        .filter_map(move |(s, c)| by_age.get(t - s).map(|x| (*c, *x)))
        .filter(|(_, x)| *x != 0.0)
}

/// The least amount of a floor, in money where it is money.
pub(crate) fn floor_amount(problem: &Problem, least: Least, t: Option<usize>) -> f64 {
    let budget = || {
        let years = problem.budget.as_deref().unwrap_or_default();
        t.map_or_else(|| years.iter().sum(), |t| years[t])
    };
    match least {
        Least::Spending(amount) => amount,
        Least::ShareOfBudget(share) => share * budget(),
        Least::ShareOfSpending(_) => 0.0,
        Least::Projects(count) => count as f64,
    }
}

/// What a project counts for a floor, by age; floors look at what is planned, whatever gates bring.
pub(crate) fn counted(problem: &Problem, p: usize, least: Least, period: FloorPeriod) -> Vec<f64> {
    let project = &problem.projects[p];
    match (least, period) {
        (Least::Projects(_), FloorPeriod::Each) => vec![1.0; project.duration()],
        (Least::Projects(_), FloorPeriod::Horizon) => vec![1.0],
        _ => project.public_cost(),
    }
}

fn add_floor(
    program: &mut Program,
    problem: &Problem,
    starts: &Starts,
    floor: &Floor,
) -> Vec<usize> {
    let periods: Vec<Option<usize>> = match floor.period {
        FloorPeriod::Horizon => vec![None],
        FloorPeriod::Each => (0..problem.periods).map(Some).collect(),
    };
    periods
        .into_iter()
        .map(|t| {
            let mut terms: Vec<(Col, f64)> = Vec::new();
            for (p, project) in problem.projects.iter().enumerate() {
                let factor = match (floor.least, floor.holds(project)) {
                    (Least::ShareOfSpending(share), true) => 1.0 - share,
                    (Least::ShareOfSpending(share), false) => -share,
                    (_, true) => 1.0,
                    (_, false) => continue,
                };
                let by_age = counted(problem, p, floor.least, floor.period);
                for (s, column) in &starts[p] {
                    let amount = match t {
                        None => by_age.iter().sum(),
                        Some(t) if *s <= t => by_age.get(t - s).copied().unwrap_or(0.0),
                        Some(_) => 0.0,
                    };
                    if amount * factor != 0.0 {
                        terms.push((*column, factor * amount));
                    }
                }
            }
            program.at_least(terms, floor_amount(problem, floor.least, t))
        })
        .collect()
}

/// Adds `beta` times the tail of the drawn values.
fn add_tail(
    program: &mut Program,
    problem: &Problem,
    starts: &Starts,
    expected: &[f64],
    tail: &Tail,
) {
    // One column for the value share of each project keeps the rows of the scenarios short.
    let shares: Vec<Col> = problem
        .projects
        .iter()
        .zip(starts)
        .map(|(project, starts)| {
            let g = program.column(0.0, 0.0, 1.0);
            let mut terms = vec![(g, -1.0)];
            terms.extend(starts.iter().map(|(s, c)| (*c, kept(project.decay, *s))));
            program.equal(terms, 0.0);
            g
        })
        .collect();
    // Bonuses and substitutes follow the starts in the program, in the order of the problem.
    let first = starts.iter().map(Vec::len).sum::<usize>();
    let extra: Vec<Col> = (0..problem.bonuses.len() + problem.substitutes.len())
        .map(|k| Col(first + k))
        .collect();
    debug_assert!(first + extra.len() <= expected.len());
    let eta = program.column(tail.beta, f64::NEG_INFINITY, f64::INFINITY);
    let each = -tail.beta / (tail.alpha * tail.draws.len() as f64);
    for draw in tail.draws {
        let short = program.column(each, 0.0, f64::INFINITY);
        let mut terms = vec![(short, 1.0), (eta, -1.0)];
        let values = shares.iter().copied().zip(draw.values.iter().copied());
        let further = extra.iter().copied().zip(draw.extra.iter().copied());
        terms.extend(values.chain(further).filter(|(_, v)| *v != 0.0));
        program.at_least(terms, 0.0);
    }
}

pub(crate) fn positions(problem: &Problem, ids: &[ProjectId]) -> Vec<usize> {
    ids.iter().filter_map(|id| problem.position(id)).collect()
}
