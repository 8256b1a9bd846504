//! All shocks in batches, each score with the bound of its error: what is prepared once, which shocks share a batch, and how the
//! scores are judged. Closures of one firm are solved ([`super::closing`]), other shocks climb ([`super::climbing`]).

use rayon::prelude::*;

use super::ascent::Ascent;
use super::climbing::climbing;
use super::closing::closing;
use super::columns::Columns;
use super::lanes::{Areas, Half, LANES, V};
use super::prepared::{Asked, Cascade};
use super::score::{Certainty, Converged, ConvergedParams, Score, Summary};
use super::system::System;
use super::walk::Walk;
use super::zeta::Zeta;

/// What is prepared once for all shocks.
pub(super) struct Setup<'a> {
    pub up: &'a System,
    pub down: &'a System,
    pub up_walk: Option<Walk>,
    /// Where the downstream channel is a walk too.
    pub down_walk: Option<Walk>,
    /// Weights for climbing upstream (shocks that are not closures) and downstream.
    pub up_weights: Vec<Zeta>,
    pub down_weights: Vec<Zeta>,
}

impl<'a> Setup<'a> {
    pub fn new(cascade: &'a Cascade, closures: Closures) -> Self {
        let (up, down) = (&cascade.collapsed.up, &cascade.collapsed.down);
        let (up_walk, down_walk) = rayon::join(
            || Walk::of(up),
            || if down.is_walk() { Walk::of(down) } else { None },
        );
        let from_walk = |system: &System, walk: &Option<Walk>| -> Vec<Zeta> {
            walk.iter().map(|w| Zeta::from_walk(system, &w.z)).collect()
        };
        let climbs_up = closures == Closures::No || up_walk.is_none();
        let climbs_down = closures == Closures::No || down_walk.is_none();
        Self {
            up_weights: if climbs_up {
                from_walk(up, &up_walk)
            } else {
                Vec::new()
            },
            down_weights: match (climbs_down, &down_walk) {
                (false, _) => Vec::new(),
                (true, Some(_)) => from_walk(down, &down_walk),
                (true, None) => Zeta::all(down),
            },
            up,
            down,
            up_walk,
            down_walk,
        }
    }
}

/// Whether every shock is the closure of one firm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closures {
    Yes,
    No,
}

/// Scores all shocks. Batches hold shocks of like tolerance and effect, so that one step fits all lanes.
pub(crate) fn run(cascade: &Cascade, asked: &Asked, params: &ConvergedParams) -> Converged {
    let closes = |shock: &[(u32, f64)]| matches!(shock, [(_, loss)] if *loss >= 1.0);
    let closures = if (0..asked.len()).all(|at| closes(asked.shock(at))) {
        Closures::Yes
    } else {
        Closures::No
    };
    let setup = Setup::new(cascade, closures);
    let tolerance: Vec<f64> = (0..asked.len())
        .map(|at| tolerance(&setup, asked.shock(at), params))
        .collect();
    let mut order: Vec<usize> = (0..asked.len()).collect();
    if let (Closures::Yes, Some(walk)) = (closures, &setup.up_walk) {
        let effect = |at: usize| {
            let k = asked.shock(at)[0].0;
            (
                walk.y[setup.up.stand_in[k as usize] as usize] / tolerance[at],
                k,
            )
        };
        order.sort_by(|a, b| {
            let (a, b) = (effect(*a), effect(*b));
            b.0.total_cmp(&a.0).then(a.1.cmp(&b.1))
        });
    }
    let areas = Areas::new();
    let found: Vec<[Option<Found>; LANES]> = order
        .par_chunks(LANES)
        .map(|shocks| {
            let mut lanes = [None; LANES];
            let mut wanted = V::all(f64::INFINITY);
            for (lane, shock) in shocks.iter().enumerate() {
                lanes[lane] = Some(*shock);
                wanted.0[lane] = tolerance[*shock];
            }
            areas.with(
                || Area::new(&setup, closures),
                |area| match (&setup.up_walk, closures) {
                    (Some(walk), Closures::Yes) => {
                        closing(&setup, walk, asked, &lanes, &wanted, area)
                    }
                    _ => climbing(&setup, asked, &lanes, &wanted, area),
                },
            )
        })
        .collect();
    let mut scores = vec![None; asked.len()];
    let mut summary = Summary::default();
    for (shocks, batch) in order.chunks(LANES).zip(found) {
        for (shock, found) in shocks.iter().zip(batch) {
            let found = found.expect("invariant: every lane of a shock is scored");
            summary.one_by_one += usize::from(found.alone);
            scores[*shock] = Some(found.score(tolerance[*shock]));
        }
    }
    let scores: Vec<Score> = scores
        .into_iter()
        .map(|score| score.expect("invariant: every shock is in a batch"))
        .collect();
    summarise(&mut summary, &scores);
    Converged {
        scores,
        closed: cascade.closed(),
        summary,
    }
}

/// Of a closure, also relative to the closed firm's own share.
fn tolerance(setup: &Setup, shock: &[(u32, f64)], params: &ConvergedParams) -> f64 {
    match (params.relative, shock) {
        (Some(relative), [(k, _)]) if setup.up.size[*k as usize] > 0.0 => {
            let share = setup.up.size[*k as usize] / setup.up.total;
            params.tolerance.min(relative * share)
        }
        _ => params.tolerance,
    }
}

fn summarise(summary: &mut Summary, scores: &[Score]) {
    summary.shocks = scores.len();
    let mut sum = 0.0;
    for score in scores {
        summary.mean += score.esri / scores.len() as f64;
        if let Certainty::Certified(bound) = score.certainty {
            summary.certified += 1;
            sum += bound;
            summary.largest_bound = summary.largest_bound.max(bound);
        }
    }
    if summary.certified > 0 {
        summary.mean_bound = sum / summary.certified as f64;
    }
}

/// Work area of a thread.
pub(super) struct Area {
    pub down: Option<Ascent>,
    pub down_columns: Option<Columns<V>>,
    pub up: Option<Ascent>,
    pub up_columns: Option<Columns<V>>,
    pub up_rough: Option<Columns<Half>>,
}

impl Area {
    pub fn new(setup: &Setup, closures: Closures) -> Self {
        let solves = closures == Closures::Yes && setup.up_walk.is_some();
        let solves_down = solves && setup.down_walk.is_some();
        Self {
            down: (!solves_down).then(|| Ascent::new(setup.down)),
            down_columns: solves_down.then(|| Columns::new(setup.down)),
            up: (!solves).then(|| Ascent::new(setup.up)),
            up_columns: solves.then(|| Columns::new(setup.up)),
            up_rough: solves.then(|| Columns::new(setup.up)),
        }
    }
}

/// One shock's numbers before they are judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub esri: f64,
    pub down: f64,
    pub up: f64,
    /// Error of the score where both channels are bounded.
    pub error: Option<f64>,
    /// The score may be too high by this where only the lower bound counts.
    pub above: f64,
    pub iterations: u32,
    pub alone: bool,
}

impl Found {
    pub fn score(&self, tolerance: f64) -> Score {
        let unit = |x: f64| x.clamp(0.0, 1.0);
        let (esri, certainty) = match self.error {
            Some(error) if (0.0..=tolerance).contains(&error) => {
                (unit(self.esri), Certainty::Certified(error))
            }
            error => {
                let low = unit(self.esri - self.above);
                let room = error.map_or(1.0 - low, |error| (error + self.above).min(1.0 - low));
                (low, Certainty::NotCertified(room))
            }
        };
        Score {
            esri,
            down: unit(self.down),
            up: unit(self.up),
            iterations: self.iterations,
            certainty,
        }
    }
}

/// Rounding of sums over all firms.
pub(super) fn summing(system: &System) -> f64 {
    (system.len() + 64) as f64 * f64::EPSILON
}
