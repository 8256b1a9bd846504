//! The published iteration: both channels start from the shock, every firm is updated from the step before, and the run
//! stops when no output falls by more than the tolerance (Diem et al. 2022; 1e-2 in the authors' package).
//!
//! A lane that stops is refilled with the next shock at once, so that no shock waits for the slowest of a batch and
//! every shock takes exactly the steps that it takes alone.

use rayon::prelude::*;

use super::lanes::{Areas, LANES, V, larger, smaller, widest};
use super::layout::Layout;
use super::model::Substitution;
use super::prepared::Asked;
use super::score::{Certainty, JacobiParams, Score};

/// A market that is (nearly) gone counts as 1 in the unit of the links: the published rule, kept for parity only.
const GONE: f64 = 1e-10;

pub(crate) fn run(layout: &Layout, asked: &Asked, params: &JacobiParams) -> Vec<Score> {
    let chunk = asked.len().div_ceil(8).clamp(32, 512);
    let tasks: Vec<usize> = (0..asked.len()).step_by(chunk).collect();
    let areas = Areas::new();
    let parts: Vec<Vec<Score>> = tasks
        .into_par_iter()
        .map(|first| {
            let last = (first + chunk).min(asked.len());
            areas.with(
                || State::new(layout),
                |state| state.run(layout, asked, first..last, params),
            )
        })
        .collect();
    parts.into_iter().flatten().collect()
}

struct State {
    down: Vec<V>,
    /// What reaches customers, from the step before.
    passed: Vec<V>,
    up: Vec<V>,
    up_next: Vec<V>,
    /// D_m, and its inverse.
    left: Vec<V>,
    inverse: Vec<V>,
    /// How many lanes shock this firm.
    shocked: Vec<u8>,
}

/// What a sweep finds, by lane.
struct Found {
    drop: V,
    both: V,
    down: V,
    up: V,
}

impl State {
    fn new(layout: &Layout) -> Self {
        let n = layout.len();
        let markets = layout.market_size.len();
        Self {
            down: vec![V::ZERO; n],
            passed: vec![V::ZERO; n],
            up: vec![V::ZERO; n],
            up_next: vec![V::ZERO; n],
            left: vec![V::ZERO; markets],
            inverse: vec![V::ZERO; markets],
            shocked: vec![0; n],
        }
    }

    fn run(
        &mut self,
        layout: &Layout,
        asked: &Asked,
        range: std::ops::Range<usize>,
        params: &JacobiParams,
    ) -> Vec<Score> {
        let mut scores = vec![None; range.len()];
        let mut next = range.start;
        let mut lanes: [Option<usize>; LANES] = [None; LANES];
        let mut steps = [0_u32; LANES];
        let mut empty: Vec<usize> = (0..LANES).collect();
        loop {
            self.clear(&empty);
            for lane in empty.drain(..) {
                if let Some(shock) = lanes[lane].take() {
                    asked
                        .shock(shock)
                        .iter()
                        .for_each(|(i, _)| self.shocked[*i as usize] -= 1);
                }
                if next < range.end {
                    self.load(layout, asked.shock(next), lane);
                    (lanes[lane], steps[lane]) = (Some(next), 0);
                    next += 1;
                }
            }
            if lanes.iter().all(Option::is_none) {
                break;
            }
            widest(
                #[inline(always)]
                || pass_on(self, layout),
            );
            let found = widest(
                #[inline(always)]
                || sweep(self, layout, asked, &lanes),
            );
            std::mem::swap(&mut self.up, &mut self.up_next);
            for lane in 0..LANES {
                let Some(shock) = lanes[lane] else { continue };
                steps[lane] += 1;
                if found.drop.0[lane] > params.tolerance && steps[lane] < params.most_iterations {
                    continue;
                }
                scores[shock - range.start] = Some(Score {
                    esri: found.both.0[lane] / layout.total,
                    down: found.down.0[lane] / layout.total,
                    up: found.up.0[lane] / layout.total,
                    iterations: steps[lane],
                    certainty: Certainty::NotEstimated,
                });
                empty.push(lane);
            }
        }
        scores
            .into_iter()
            .map(|score| score.expect("invariant: every shock is run"))
            .collect()
    }

    fn clear(&mut self, lanes: &[usize]) {
        if lanes.is_empty() {
            return;
        }
        for values in [&mut self.down, &mut self.up] {
            for v in values.iter_mut() {
                for lane in lanes {
                    v.0[*lane] = 0.0;
                }
            }
        }
    }

    fn load(&mut self, layout: &Layout, shock: &[(u32, f64)], lane: usize) {
        for (left, size) in self.left.iter_mut().zip(&layout.market_size) {
            left.0[lane] = *size;
        }
        for (i, loss) in shock {
            let i = *i as usize;
            (self.down[i].0[lane], self.up[i].0[lane]) = (*loss, *loss);
            self.shocked[i] += 1;
        }
        let mut markets: Vec<u32> = shock
            .iter()
            .map(|(i, _)| layout.market[*i as usize])
            .collect();
        markets.sort_unstable();
        markets.dedup();
        for m in markets {
            let members = layout.members[m as usize].iter().map(|i| *i as usize);
            self.left[m as usize].0[lane] = members
                .map(|i| layout.size[i] * (1.0 - self.down[i].0[lane]))
                .sum();
        }
    }
}

#[inline(always)]
fn pass_on(state: &mut State, layout: &Layout) {
    if layout.substitution == Substitution::None {
        state.passed.copy_from_slice(&state.down);
        return;
    }
    for (inverse, left) in state.inverse.iter_mut().zip(&state.left) {
        *inverse = left.map(|d| if d <= GONE { 1.0 } else { 1.0 / d });
    }
    let State {
        down,
        passed,
        inverse,
        ..
    } = state;
    for i in 0..layout.len() {
        let size = layout.size[i];
        let inverse = &inverse[layout.market[i] as usize];
        passed[i] = down[i].with(inverse, |loss, inv| loss * smaller(1.0, size * inv));
    }
}

#[inline(always)]
fn sweep(
    state: &mut State,
    layout: &Layout,
    asked: &Asked,
    lanes: &[Option<usize>; LANES],
) -> Found {
    let mut found = Found {
        drop: V::ZERO,
        both: V::ZERO,
        down: V::ZERO,
        up: V::ZERO,
    };
    let State {
        down: downs,
        passed,
        up: ups,
        up_next,
        left,
        shocked,
        ..
    } = state;
    left.fill(V::ZERO);
    for i in 0..layout.len() {
        let mut up = V::ZERO;
        for link in layout.up.all_of(i) {
            up.add(layout.up.weight[link], &ups[layout.up.from[link] as usize]);
        }
        let mut down = V::ZERO;
        for group in layout.down.groups_of(i) {
            let mut sum = V::ZERO;
            for link in layout.down.links_of(group) {
                sum.add(
                    layout.down.weight[link],
                    &passed[layout.down.from[link] as usize],
                );
            }
            down = down.max(&sum);
        }
        if shocked[i] > 0 {
            let floor = asked.floor(i, lanes);
            (up, down) = (up.max(&floor), down.max(&floor));
        }
        (up, down) = (up.at_most_one(), down.at_most_one());
        let rise = up.minus(&ups[i]).max(&down.minus(&downs[i]));
        found.drop = found.drop.with(&rise, larger);
        (up_next[i], downs[i]) = (up, down);
        let size = layout.size[i];
        found.both.add(size, &up.max(&down));
        found.down.add(size, &down);
        found.up.add(size, &up);
        left[layout.market[i] as usize].add(size, &down.map(|d| 1.0 - d));
    }
    found
}
