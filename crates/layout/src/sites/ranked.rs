//! The best choice of sites, then the next best: choices found are forbidden by cuts, so each is as
//! good as any that is left, to its bound. Limits that end the search for the next one end the list.

use super::locate::{Located, covering, nearest_program, solved};
use super::problem::{Problem, Unlocated};
use crate::solver::Limits;

/// What a choice of sites is good for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Goal {
    /// The most weight within a radius of so many sites.
    Cover { radius: f64, times: usize },
    /// The least sum of weighted distances.
    Median,
}

/// At most `count` choices of sites from the best on, any two of which differ in `differ` places (opened or not) at least.
pub fn ranked(
    problem: &Problem,
    goal: Goal,
    sites: usize,
    count: usize,
    differ: usize,
    limits: &Limits,
) -> Result<Vec<Located>, Unlocated> {
    let problem = problem.sorted(sites)?;
    let (mut program, open) = match goal {
        Goal::Cover { radius, times } => covering(&problem, sites, radius, times),
        Goal::Median => nearest_program(&problem, sites, f64::INFINITY),
    };
    let mut found: Vec<Located> = Vec::new();
    while found.len() < count.max(1) {
        match solved(&problem, &program, &open, limits) {
            Ok((mut located, chosen)) => {
                let terms = (open.iter().enumerate())
                    .map(|(j, x)| (*x, if chosen.contains(&j) { -1.0 } else { 1.0 }));
                let least = differ.max(1) as f64 - chosen.len() as f64;
                program.at_least(terms.collect(), least);
                if goal == Goal::Median {
                    located.worth = located.worth.negated();
                }
                found.push(located);
            }
            Err(_) if !found.is_empty() => break,
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}
