//! Trade-offs, exactly: epsilon-constraint (Haimes, Lasdon & Wismer 1971), only points that no other point beats.

use crate::solver::{Limits, Worth};

use super::locate::{Located, cover, median_within};
use super::problem::{Problem, Unlocated};

/// More sites, more weight covered.
#[derive(Debug, Clone, PartialEq)]
pub struct CoveragePoint {
    pub count: usize,
    pub located: Located,
}

/// Covered weight for every number of sites up to `most`, without numbers that cover no more than a smaller one.
pub fn coverage_front(
    problem: &Problem,
    most: usize,
    radius: f64,
    times: usize,
    limits: &Limits,
) -> Result<Vec<CoveragePoint>, Unlocated> {
    let fixed = problem.candidates.iter().filter(|c| c.fixed).count();
    let mut front: Vec<CoveragePoint> = Vec::new();
    for count in fixed.max(1)..=most {
        let located = cover(problem, count, radius, times, limits)?;
        let more = |last: &CoveragePoint| located.worth.value > last.located.worth.value + 1e-9;
        if front.last().is_none_or(more) {
            front.push(CoveragePoint { count, located });
        }
    }
    Ok(front)
}

/// A compromise between the mean and the worst: weighted distance and the largest distance.
#[derive(Debug, Clone, PartialEq)]
pub struct FairnessPoint {
    /// Sum of weighted distances, with its certificate.
    pub total: Worth,
    pub farthest: f64,
    pub located: Located,
}

/// From the median to the centre: each point has the least total for its largest distance. Distances take finitely many values, so
/// the front is complete where every point is proved.
pub fn fairness_front(
    problem: &Problem,
    sites: usize,
    limits: &Limits,
) -> Result<Vec<FairnessPoint>, Unlocated> {
    let problem = problem.sorted(sites)?;
    let mut front: Vec<FairnessPoint> = Vec::new();
    let mut radius = f64::INFINITY;
    loop {
        match median_within(&problem, sites, radius, limits) {
            Ok(located) => {
                let farthest = located
                    .nearest
                    .iter()
                    .map(|(_, _, d)| *d)
                    .fold(0.0, f64::max);
                // Nearer for the same total: the point before was beaten.
                let tie = 1e-9 * located.worth.value.abs().max(1.0);
                while front
                    .last()
                    .is_some_and(|p| p.total.value >= located.worth.value - tie)
                {
                    front.pop();
                }
                front.push(FairnessPoint {
                    total: located.worth,
                    farthest,
                    located,
                });
                let distances = problem.distance.iter().flatten();
                let next = distances
                    .filter(|d| **d < farthest)
                    .fold(f64::NEG_INFINITY, |m, d| m.max(*d));
                if next == f64::NEG_INFINITY {
                    return Ok(front);
                }
                radius = next;
            }
            Err(Unlocated::Infeasible(_)) if !front.is_empty() => return Ok(front),
            Err(other) => return Err(other),
        }
    }
}
