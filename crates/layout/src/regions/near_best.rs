//! Layouts near the best one and unlike each other (modelling to generate alternatives: Brill, Chang and Hopkins 1982).
//!
//! ```text
//! max  Σ (gain_k - π used_k) x_k + links          used_k: share of the layouts so far that hold k
//! Σ_{k in L} x_k <= |L| - apart                   every layout L so far
//! ```
//!
//! with the largest `π`, found by halving, whose layout gives up at most `within` of the best objective. Where even
//! `π = 0` gives up more, no layout is left that is near and apart from all of them: the list is then complete in that sense.

use super::conflict::minimal_conflict;
use super::instance::Instance;
use super::program::{Program, Row};
use super::solve::{
    Assignment, Found, Infeasible, Optimum, SolveParams, Unsolved, assignment, exact_program,
    optimum, optimum_of,
};

/// Halvings of the price of likeness for one layout.
const HALVINGS: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NearBestParams {
    /// Layouts wanted, the best among them.
    pub layouts: usize,
    /// Share of the best objective that a layout may give up.
    pub within: f64,
    /// Placements of a layout that every later one lacks, at least; all of a layout that has fewer.
    pub apart: usize,
}

/// A layout and its central objective.
#[derive(Debug, Clone, PartialEq)]
pub struct NearLayout {
    pub assignment: Assignment,
    pub objective: f64,
}

/// The best layout first, then near ones, each unlike those before it; fewer than wanted where no more are near.
///
/// `solve` limits each of the programs; one that a limit stops gives what it has found, if that is near.
pub fn near_best(
    instance: &Instance,
    params: &NearBestParams,
    solve: &SolveParams,
) -> Result<Vec<NearLayout>, Unsolved> {
    let program = exact_program(instance, solve)?;
    let best = match optimum(&program, &program.tie, &[], |_| true, solve) {
        Found::Optimum(best) => best,
        Found::Infeasible => {
            return Err(Unsolved::Infeasible(Infeasible {
                conflict: minimal_conflict(&program, &[], solve),
            }));
        }
        Found::Stopped => return Err(Unsolved::stopped()),
    };
    let least = best.objective - params.within * best.objective.abs();
    let mut layouts = vec![best.chosen];
    while layouts.len() < params.layouts {
        let Some(next) = next(&program, &layouts, least, params.apart, solve) else {
            break;
        };
        layouts.push(next);
    }
    let named = |chosen: Vec<usize>| NearLayout {
        objective: program.value(&program.gain, &chosen),
        assignment: assignment(&program, &chosen),
    };
    Ok(layouts.into_iter().map(named).collect())
}

/// The layout least like those so far that halving finds, among those worth at least `least`.
fn next(
    program: &Program,
    layouts: &[Vec<usize>],
    least: f64,
    apart: usize,
    solve: &SolveParams,
) -> Option<Vec<usize>> {
    let mut used = vec![0.0; program.gain.len()];
    for k in layouts.iter().flatten() {
        used[*k] += 1.0 / layouts.len() as f64;
    }
    let unlike: Vec<Row> = layouts
        .iter()
        .map(|layout| Row {
            rule: None,
            pairs: layout.clone(),
            need: Vec::new(),
            low: 0,
            high: Some(layout.len().saturating_sub(apart)),
        })
        .collect();
    let at = |price: f64| -> Option<Optimum> {
        let priced = program.gain.iter().zip(&used);
        let gain: Vec<f64> = priced.map(|(gain, used)| gain - price * used).collect();
        let found = optimum_of(program, &gain, &program.tie, &unlike, |_| true, solve);
        match found {
            Found::Optimum(found) if program.value(&program.gain, &found.chosen) >= least => {
                Some(found)
            }
            _ => None,
        }
    };
    let mut kept = at(0.0)?;
    // A pair whose price is twice the largest gain is taken only where a rule asks for it.
    let (mut low, mut high) = (
        0.0,
        2.0 * program.gain.iter().copied().fold(0.0_f64, f64::max),
    );
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if let Some(found) = at(middle) {
            kept = found;
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(kept.chosen)
}
