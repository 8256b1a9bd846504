//! One channel of a batch, climbed and bounded: L* in [low, low + τζ] in every lane that holds.

use super::ascent::Ascent;
use super::lanes::{LANES, V};
use super::prepared::Asked;
use super::scalar::{self, Bound};
use super::system::System;
use super::zeta::Zeta;

/// Part of the tolerance that the first step of a climb aims at, and what the channel may use up.
const AIM: f64 = 0.15;
const ALLOWED: f64 = 0.6;
const ATTEMPTS: usize = 5;
const MOST_ROUNDS: u32 = 20_000;

/// Bounds of a batch in one channel.
pub(crate) struct Bounded {
    /// Index of the weights that bound each lane. Weights for deeper depletion are not larger everywhere.
    pub class: [usize; LANES],
    /// τ by lane; 1 where nothing is known.
    pub tau: V,
    /// Error of Σ s L / Σ s, by lane; 1 where nothing is known.
    pub error: V,
    pub holds: [bool; LANES],
    /// Bounds that were found one by one.
    pub own: [Option<Bound>; LANES],
    pub rounds: u32,
}

/// Climbs and checks until every lane's error is well inside `tolerance`.
pub(crate) fn bounded(
    system: &System,
    weights: &[Zeta],
    asked: &Asked,
    lanes: &[Option<usize>; LANES],
    tolerance: &V,
    area: &mut Ascent,
) -> Bounded {
    area.start(system, asked, lanes);
    let mut done = Bounded {
        class: [0; LANES],
        tau: V::all(1.0),
        error: V::all(1.0),
        holds: lanes.map(|shock| shock.is_none()),
        own: Default::default(),
        rounds: 0,
    };
    let mean = weights.first().map_or(1.0, |w| w.mean);
    let mut step = tolerance.map(|t| AIM * t / mean);
    let mut tau_steps = 1.3;
    for attempt in 0..ATTEMPTS {
        done.rounds += area.climb(system, &step, MOST_ROUNDS);
        if weights.is_empty() {
            break;
        }
        let deep = area.depletion(system);
        let reach = weights[weights.len() - 1].depletion;
        let open = |l: usize, done: &Bounded| !done.holds[l] && deep.0[l] < reach;
        let wanted = (0..LANES)
            .filter(|l| open(*l, &done))
            .map(|l| deep.0[l])
            .fold(1.0, f64::max);
        let fits = weights.iter().position(|w| w.depletion > wanted);
        let mut class = fits.unwrap_or(weights.len() - 1);
        if attempt + 1 == ATTEMPTS {
            class = (class + 1).min(weights.len() - 1);
        }
        let tau = step.map(|s| tau_steps * s);
        let verified = area.verify(system, &weights[class], &tau);
        for lane in 0..LANES {
            let error = tau.0[lane] * weights[class].mean;
            if !done.holds[lane] && verified[lane] && error <= ALLOWED * tolerance.0[lane] {
                (done.holds[lane], done.class[lane]) = (true, class);
                (done.tau.0[lane], done.error.0[lane]) = (tau.0[lane], error);
            }
        }
        if !(0..LANES).any(|l| open(l, &done)) {
            break;
        }
        step = step.map(|s| 0.3 * s);
        tau_steps = 4.0;
    }
    for lane in 0..LANES {
        let (false, Some(shock)) = (done.holds[lane], lanes[lane]) else {
            continue;
        };
        let mut low = area.column(lane);
        let found = scalar::bound(
            system,
            asked.shock(shock),
            &mut low,
            ALLOWED * tolerance.0[lane],
        );
        area.raise(lane, &low);
        if let Some(bound) = found {
            let spread: f64 = bound
                .zeta
                .iter()
                .zip(&system.size)
                .map(|(z, s)| z * s)
                .sum();
            done.holds[lane] = true;
            done.error.0[lane] = bound.tau * spread / system.total * (1.0 + 1e-9);
            done.own[lane] = Some(bound);
        }
    }
    // Empty lanes follow the first, so that they do not count as another class.
    for lane in (0..LANES).filter(|lane| lanes[*lane].is_none()) {
        done.class[lane] = done.class[0];
    }
    done
}

impl Bounded {
    /// The weights of all lanes, where they are the same ones and every lane is bounded by them.
    pub fn common<'a>(&self, weights: &'a [Zeta]) -> Option<&'a Zeta> {
        let same = self.class.iter().all(|class| *class == self.class[0]);
        let all = self.holds.iter().all(|holds| *holds) && self.own.iter().all(Option::is_none);
        weights.get(self.class[0]).filter(|_| same && all)
    }

    /// What firm i can lose above its loss from below, by lane.
    pub fn above(&self, weights: &[Zeta], i: usize) -> V {
        let mut above = V::all(1.0);
        for (lane, own) in self.own.iter().enumerate() {
            if let Some(own) = own {
                above.0[lane] = own.tau * own.zeta[i];
            } else if let (true, Some(w)) = (self.holds[lane], weights.get(self.class[lane])) {
                above.0[lane] = self.tau.0[lane] * w.zeta[i];
            }
        }
        above
    }
}
