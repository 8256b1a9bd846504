//! Columns of N = (I - P)⁻¹ for sixteen firms at once, by Gauss–Seidel from a start without the slow mode, and their residuals.
//!
//! x solves x = P x + e_k. With the residual r and ρ = max r (Walk: z, y): |N_kk - x_k| ≤ ρ z_k; x/x_k is exact at k and
//! elsewhere solves the same system without row k, so |x_i/x_k - N_ik/N_kk| ≤ ρ z_i/x_k and
//! Σ s_i |error_i| ≤ y'r/x_k.

use super::lanes::{Kept, LANES, V, larger, widest};
use super::system::{Marked, System, rounding};
use super::walk::Walk;

/// Sweeps of one solve at most.
const MOST_SWEEPS: u32 = 5_000;

/// Columns of a batch; `NOBODY` where a lane is empty.
pub(crate) struct Columns<X> {
    pub x: Vec<X>,
    dirty: Marked,
    next: Marked,
    is_source: Vec<bool>,
    pub sources: [u32; LANES],
}

pub(crate) const NOBODY: u32 = u32::MAX;

/// Residuals of a batch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Residual {
    /// x_k; 1 in empty lanes.
    pub pivot: V,
    /// max r.
    pub rho: V,
    /// (s'N)r/(x_k Σs) at most, with s'N from y and what y leaves over.
    pub spread: V,
}

impl<X: Kept> Columns<X> {
    pub fn new(system: &System) -> Self {
        let n = system.len();
        Self {
            x: vec![X::ZERO; n],
            dirty: Marked::new(n),
            next: Marked::new(n),
            is_source: vec![false; n],
            sources: [NOBODY; LANES],
        }
    }

    /// Starts the columns of the firms that stand in for `firms`; `step` is the largest change that ends the solve.
    pub fn start(&mut self, system: &System, walk: &Walk, firms: [u32; LANES], step: &V) {
        for k in self.sources.into_iter().filter(|k| *k != NOBODY) {
            self.is_source[k as usize] = false;
        }
        let mut weight = V::ZERO;
        let mut local = true;
        for (lane, firm) in firms.into_iter().enumerate() {
            self.sources[lane] = NOBODY;
            if firm == NOBODY {
                continue;
            }
            let k = system.stand_in[firm as usize];
            (self.sources[lane], self.is_source[k as usize]) = (k, true);
            weight.0[lane] = walk.g[k as usize];
            local &= weight.0[lane] * walk.start_residual <= 0.5 * step.0[lane];
        }
        widest(
            #[inline(always)]
            || {
                for (x, q) in self.x.iter_mut().zip(&walk.q) {
                    *x = X::narrow(&weight.map(|w| w * q));
                }
            },
        );
        self.next.clear();
        if local {
            self.dirty.clear();
            self.again();
        } else {
            self.dirty.fill(system.len());
        }
    }

    /// Marks the sources, so that the next solve has where to begin.
    fn again(&mut self) {
        for k in self.sources.into_iter().filter(|k| *k != NOBODY) {
            self.dirty.mark(k as usize);
        }
    }

    /// Goes on where columns of another kind stopped.
    pub fn take_over<Y: Kept>(&mut self, other: &Columns<Y>) {
        for k in self.sources.into_iter().filter(|k| *k != NOBODY) {
            self.is_source[k as usize] = false;
        }
        self.sources = other.sources;
        for k in self.sources.into_iter().filter(|k| *k != NOBODY) {
            self.is_source[k as usize] = true;
        }
        widest(
            #[inline(always)]
            || {
                for (x, other) in self.x.iter_mut().zip(&other.x) {
                    *x = X::narrow(&other.wide());
                }
            },
        );
        self.next.clear();
        self.dirty.fill(self.x.len());
    }

    /// Marks everything, to go on with a smaller step.
    pub fn mark_all(&mut self, system: &System) {
        self.dirty.fill(system.len());
    }

    /// Sweeps until nothing changes by more than `step`, or the changes of a sweep weigh at most `weighed` in all lanes.
    pub fn solve(&mut self, system: &System, walk: &Walk, step: &V, weighed: &V) -> u32 {
        let half = step.map(|s| 0.5 * s);
        let mut narrow = self.dirty.count() < system.len() / 2;
        for sweep in 1..=MOST_SWEEPS {
            let swept = widest(
                #[inline(always)]
                || {
                    if narrow {
                        sweep_marked(self, system, walk, &half)
                    } else {
                        sweep_all(self, system, walk, &half)
                    }
                },
            );
            let done = (0..LANES)
                .all(|l| swept.most.0[l] <= step.0[l] || swept.weighed.0[l] <= weighed.0[l]);
            if done || (narrow && swept.changed == 0) {
                return sweep;
            }
            if !narrow && swept.changed < system.len() / 2 {
                // Few rows changed: from now on only those go on that read one of them and came before it.
                narrow = true;
                let mut word = 0;
                while let Some(i) = self.next.take(&mut word) {
                    for reader in system.readers_of(i) {
                        if *reader as usize <= i {
                            self.dirty.mark(*reader as usize);
                        }
                    }
                }
            }
        }
        MOST_SWEEPS
    }

    /// Residuals of all rows, without an update.
    pub fn residual(&self, system: &System, walk: &Walk) -> Residual {
        widest(
            #[inline(always)]
            || residual(self, system, walk),
        )
    }

    #[inline(always)]
    fn source(&self, row: usize) -> V {
        let mut one = V::ZERO;
        for lane in 0..LANES {
            if self.sources[lane] as usize == row {
                one.0[lane] = 1.0;
            }
        }
        one
    }
}

#[inline(always)]
fn row<X: Kept>(columns: &Columns<X>, system: &System, i: usize) -> V {
    let rows = &system.rows;
    let mut sum = if columns.is_source[i] {
        columns.source(i)
    } else {
        V::ZERO
    };
    let links = rows.all_of(i);
    for (weight, from) in rows.weight[links.clone()].iter().zip(&rows.from[links]) {
        sum.add(*weight, &columns.x[*from as usize].wide());
    }
    sum
}

/// What a sweep did.
struct Swept {
    /// Rows that changed by more than half a step.
    changed: usize,
    most: V,
    /// Σ y |change|.
    weighed: V,
}

impl Swept {
    const NOTHING: Self = Self {
        changed: 0,
        most: V::ZERO,
        weighed: V::ZERO,
    };

    /// Puts the new value of a row in its place; whether it changed by more than `half`.
    #[inline(always)]
    fn put<X: Kept>(
        &mut self,
        columns: &mut Columns<X>,
        system: &System,
        walk: &Walk,
        i: usize,
        half: &V,
    ) -> bool {
        let new = X::narrow(&row(columns, system, i));
        let change = new.wide().with(&columns.x[i].wide(), |a, b| (a - b).abs());
        columns.x[i] = new;
        self.most = self.most.with(&change, larger);
        self.weighed.add(walk.y[i], &change);
        let much = change.any_above(half);
        self.changed += usize::from(much);
        much
    }
}

/// All rows; those that changed are left in `next`, nothing is marked.
#[inline(always)]
fn sweep_all<X: Kept>(columns: &mut Columns<X>, system: &System, walk: &Walk, half: &V) -> Swept {
    let mut swept = Swept::NOTHING;
    columns.dirty.clear();
    columns.next.clear();
    for i in 0..system.len() {
        if swept.put(columns, system, walk, i, half) {
            columns.next.mark(i);
        }
    }
    swept
}

/// Marked rows; marks what has to follow.
#[inline(always)]
fn sweep_marked<X: Kept>(
    columns: &mut Columns<X>,
    system: &System,
    walk: &Walk,
    half: &V,
) -> Swept {
    let mut swept = Swept::NOTHING;
    let mut word = 0;
    while let Some(i) = columns.dirty.take(&mut word) {
        if swept.put(columns, system, walk, i, half) {
            for reader in system.readers_of(i) {
                let reader = *reader as usize;
                // Rows still to come in this sweep see the change anyway.
                if reader > i {
                    columns.dirty.mark(reader);
                } else {
                    columns.next.mark(reader);
                }
            }
        }
    }
    // Everything marked was taken.
    std::mem::swap(&mut columns.dirty, &mut columns.next);
    swept
}

#[inline(always)]
fn residual<X: Kept>(columns: &Columns<X>, system: &System, walk: &Walk) -> Residual {
    let (mut rho, mut spread) = (V::ZERO, V::ZERO);
    for i in 0..system.len() {
        let sum = row(columns, system, i);
        let room = rounding(system.rows.all_of(i).len());
        let r = sum.with(&columns.x[i].wide(), |s, x| (s - x).abs() + room * s);
        rho = rho.max(&r);
        spread.add(walk.y[i], &r);
    }
    // (s'N)r ≤ y'r + Σ|s + P'y - y| max N r, and N r ≤ ρ z.
    let left = walk.y_error * system.total * walk.longest;
    spread.add(left, &rho);
    let mut pivot = V::all(1.0);
    for (lane, k) in columns.sources.iter().enumerate() {
        if *k == NOBODY {
            continue;
        }
        let x = columns.x[*k as usize].wide().0[lane];
        // N_kk ≥ 1: anything far below is no solution yet, and nothing is known.
        if x > 0.5 && spread.0[lane].is_finite() {
            pivot.0[lane] = x;
        } else {
            (rho.0[lane], spread.0[lane]) = (f64::INFINITY, f64::INFINITY);
        }
    }
    Residual {
        pivot,
        rho,
        spread: spread.with(&pivot, |s, x| s / x / system.total),
    }
}
