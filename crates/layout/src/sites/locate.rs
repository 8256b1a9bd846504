//! Covering, median, centre.
//!
//! ```text
//! x_j site at j;  p sites
//! covering   max sum w_i z_i,        r z_i <= sum_{j: d_ij <= S} x_j      z_i covered r times
//! median     min sum w_i d_ij y_ij,  sum_j y_ij = 1, y_ij <= x_j
//! centre     min max_i min_{j open} d_ij: the smallest radius at which p sites cover all
//! ```

use crate::solver::{Col, Ended, Limits, Outcome, Program, Worth};

use super::problem::{Problem, Unlocated};

/// Sites with what they do.
#[derive(Debug, Clone, PartialEq)]
pub struct Located {
    pub sites: Vec<String>,
    /// Of the objective asked for: covered weight, weighted distance, or the largest distance.
    pub worth: Worth,
    /// For each demand, by id: its nearest site and the distance.
    pub nearest: Vec<(String, String, f64)>,
}

/// The largest weight that `sites` sites cover within `radius`, each demand `times` times.
pub fn cover(
    problem: &Problem,
    sites: usize,
    radius: f64,
    times: usize,
    limits: &Limits,
) -> Result<Located, Unlocated> {
    let problem = problem.sorted(sites)?;
    let (program, open) = covering(&problem, sites, radius, times);
    solved(&problem, &program, &open, limits).map(|(located, _)| located)
}

pub(super) fn covering(
    problem: &Problem,
    sites: usize,
    radius: f64,
    times: usize,
) -> (Program, Vec<Col>) {
    let (mut program, open) = opened(problem, sites);
    for (i, demand) in problem.demands.iter().enumerate() {
        // Whole where one site is not enough: half of two sites covers nobody.
        let z = program.switch(demand.weight);
        program.whole[z.0] = times > 1;
        let near = open
            .iter()
            .enumerate()
            .filter(|(j, _)| problem.distance[i][*j] <= radius);
        let mut terms: Vec<(Col, f64)> = near.map(|(_, x)| (*x, -1.0)).collect();
        terms.push((z, times.max(1) as f64));
        program.at_most(terms, 0.0);
    }
    (program, open)
}

/// The least sum of weighted distances to the nearest of `sites` sites.
pub fn median(problem: &Problem, sites: usize, limits: &Limits) -> Result<Located, Unlocated> {
    let problem = problem.sorted(sites)?;
    median_within(&problem, sites, f64::INFINITY, limits)
}

/// The median where nobody may be farther than `radius`; the problem is sorted.
pub(super) fn median_within(
    problem: &Problem,
    sites: usize,
    radius: f64,
    limits: &Limits,
) -> Result<Located, Unlocated> {
    let (program, open) = nearest_program(problem, sites, radius);
    let (mut located, _) = solved(problem, &program, &open, limits)?;
    located.worth = located.worth.negated();
    Ok(located)
}

pub(super) fn nearest_program(problem: &Problem, sites: usize, radius: f64) -> (Program, Vec<Col>) {
    let (mut program, open) = opened(problem, sites);
    for (i, demand) in problem.demands.iter().enumerate() {
        let mut all = Vec::new();
        for (j, x) in open.iter().enumerate() {
            let d = problem.distance[i][j];
            if d <= radius {
                let y = program.column(-demand.weight * d, 0.0, 1.0);
                program.at_most(vec![(y, 1.0), (*x, -1.0)], 0.0);
                all.push((y, 1.0));
            }
        }
        program.equal(all, 1.0);
    }
    (program, open)
}

/// The least largest distance to the nearest of `sites` sites: the smallest radius at which they cover all.
pub fn centre(problem: &Problem, sites: usize, limits: &Limits) -> Result<Located, Unlocated> {
    let problem = problem.sorted(sites)?;
    let mut radii: Vec<f64> = problem.distance.iter().flatten().copied().collect();
    radii.sort_by(f64::total_cmp);
    radii.dedup();
    // Smallest position whose radius is possible; whatever a limit left undecided widens the certificate.
    let (mut impossible_below, mut possible) = (0, None);
    let (mut low, mut high) = (0, radii.len());
    let mut ended = Ended::Proved;
    while low < high {
        let middle = usize::midpoint(low, high);
        match covers_all(&problem, sites, radii[middle], limits) {
            Answer::Yes(open) => {
                possible = Some((middle, open));
                high = middle;
            }
            Answer::No => {
                impossible_below = impossible_below.max(middle + 1);
                low = middle + 1;
            }
            Answer::Open => {
                ended = Ended::Work;
                low = middle + 1;
            }
        }
    }
    let Some((_, open)) = possible else {
        return Err(if ended == Ended::Proved {
            Unlocated::infeasible()
        } else {
            Unlocated::stopped()
        });
    };
    let nearest = nearest(&problem, &open);
    let value = nearest.iter().map(|(_, _, d)| *d).fold(0.0, f64::max);
    Ok(Located {
        sites: open
            .iter()
            .map(|j| problem.candidates[*j].id.clone())
            .collect(),
        worth: Worth {
            value,
            bound: radii[impossible_below.min(radii.len() - 1)].min(value),
            ended,
        },
        nearest,
    })
}

enum Answer {
    Yes(Vec<usize>),
    No,
    Open,
}

fn covers_all(problem: &Problem, sites: usize, radius: f64, limits: &Limits) -> Answer {
    let (mut program, open) = opened(problem, sites);
    for row in &problem.distance {
        let near = open.iter().enumerate().filter(|(j, _)| row[*j] <= radius);
        program.at_least(near.map(|(_, x)| (*x, 1.0)).collect(), 1.0);
    }
    match program.maximise(limits, None) {
        Outcome::Solved(found) => Answer::Yes(chosen(&open, &found.values)),
        Outcome::Infeasible => Answer::No,
        Outcome::Stopped { .. } => Answer::Open,
    }
}

/// A program with a switch for each candidate, `sites` of them on.
pub(super) fn opened(problem: &Problem, sites: usize) -> (Program, Vec<Col>) {
    let mut program = Program::default();
    let open: Vec<Col> = problem
        .candidates
        .iter()
        .map(|_| program.switch(0.0))
        .collect();
    for (candidate, x) in problem.candidates.iter().zip(&open) {
        if candidate.fixed {
            program.fix(*x, 1.0);
        }
    }
    let count: Vec<(Col, f64)> = open.iter().map(|x| (*x, 1.0)).collect();
    if let Some(budget) = problem.budget {
        program.row(count, 1.0, sites as f64);
        let costs = problem.candidates.iter().zip(&open);
        let costs = costs.map(|(c, x)| (*x, c.cost.unwrap_or_default()));
        program.at_most(costs.collect(), budget);
    } else {
        program.equal(count, sites as f64);
    }
    (program, open)
}

fn chosen(open: &[Col], values: &[f64]) -> Vec<usize> {
    (0..open.len())
        .filter(|j| values[open[*j].0] > 0.5)
        .collect()
}

pub(super) fn solved(
    problem: &Problem,
    program: &Program,
    open: &[Col],
    limits: &Limits,
) -> Result<(Located, Vec<usize>), Unlocated> {
    match program.maximise(limits, None) {
        Outcome::Solved(found) => {
            let sites = chosen(open, &found.values);
            let located = Located {
                sites: sites
                    .iter()
                    .map(|j| problem.candidates[*j].id.clone())
                    .collect(),
                worth: Worth::from(&found),
                nearest: nearest(problem, &sites),
            };
            Ok((located, sites))
        }
        Outcome::Infeasible => Err(Unlocated::infeasible()),
        Outcome::Stopped { .. } => Err(Unlocated::stopped()),
    }
}

/// The nearest open site of each demand; equal distances go to the smaller id.
pub(super) fn nearest(problem: &Problem, open: &[usize]) -> Vec<(String, String, f64)> {
    problem
        .demands
        .iter()
        .zip(&problem.distance)
        .filter_map(|(demand, row)| {
            let j = open
                .iter()
                .min_by(|a, b| row[**a].total_cmp(&row[**b]).then(a.cmp(b)))?;
            Some((
                demand.id.clone(),
                problem.candidates[*j].id.clone(),
                row[*j],
            ))
        })
        .collect()
}
