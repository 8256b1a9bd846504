//! Closures of one firm each, a batch at a time, each score with the bound of its error.
//!
//! For the closure of k, with u the upstream losses x_i/x_k ([`super::columns`]) and d those downstream, bounded or solved:
//!
//! ```text
//! U      = y_k / (x_k Σs)                       closed form of the upstream index
//! ESRI_k = U + Σ s_i max(0, d_i - u_i) / Σs
//! error ≤ error of d + min(A, B) + error of y
//! A = (s'N)r / (x_k Σs)
//! B = U a/(1-a) + Σ_{i≠k} s_i min(d_i + its bound, 2 ρ z_i/x_k) / Σs,   a = ρ z_k/x_k
//! ```
//!
//! B holds because max(d, u) = u + (d - u)⁺ and (d - u)⁺ moves by at most min(d, |error of u|): where nothing is lost
//! downstream, the inexactness of u costs nothing beyond U.

use super::ascent::Ascent;
use super::bounded::{Bounded, bounded};
use super::certify::{Area, Found, Setup, summing};
use super::columns::{Columns, NOBODY, Residual};
use super::lanes::{Kept, LANES, V, larger, smaller, widest};
use super::prepared::Asked;
use super::system::System;
use super::walk::Walk;
use super::zeta::Zeta;

/// Smaller steps upstream before a lane is given up.
const REFINEMENTS: usize = 10;
/// Part of the tolerance that single precision may use up.
const ROUGH: f64 = 0.2;

/// Downstream losses of a batch of closures.
enum Down<'a> {
    Climbed(&'a Ascent, Box<Bounded>, &'a [Zeta]),
    Solved(&'a Columns<V>, Box<Residual>, &'a Walk),
}

/// Closures of one firm each.
pub(super) fn closing(
    setup: &Setup,
    walk: &Walk,
    asked: &Asked,
    lanes: &[Option<usize>; LANES],
    tolerance: &V,
    area: &mut Area,
) -> [Option<Found>; LANES] {
    let firms = lanes.map(|shock| shock.map_or(NOBODY, |shock| asked.shock(shock)[0].0));
    let mut sweeps = 0;
    let down = match (&mut area.down, &mut area.down_columns, &setup.down_walk) {
        (_, Some(columns), Some(walk)) => {
            let half = tolerance.map(|t| 0.4 * t);
            let (residual, took) = solved(setup.down, walk, firms, &half, columns);
            sweeps += took;
            Down::Solved(columns, Box::new(residual), walk)
        }
        (Some(ascent), _, _) => {
            let weights = &setup.down_weights;
            let done = bounded(setup.down, weights, asked, lanes, tolerance, ascent);
            sweeps += done.rounds;
            Down::Climbed(ascent, Box::new(done), weights)
        }
        _ => unreachable!("invariant: an area has a solver for each channel"),
    };
    let (Some(columns), Some(rough)) = (&mut area.up_columns, &mut area.up_rough) else {
        unreachable!("invariant: closures are solved upstream");
    };
    let system = setup.up;
    let (mut step, mut weighed) = steps(system, walk, firms, tolerance);
    // Half the memory where its digits are enough; what they are not enough for goes on with all digits.
    if is_rough_enough(system, walk, firms, tolerance) {
        rough.start(system, walk, firms, &step);
        sweeps += rough.solve(system, walk, &step, &weighed);
        let (found, enough) = judge(setup, walk, &down, rough, &firms, tolerance, sweeps);
        if enough {
            return found;
        }
        (step, weighed) = (step.map(|s| 0.2 * s), weighed.map(|w| 0.2 * w));
        columns.take_over(rough);
    } else {
        columns.start(system, walk, firms, &step);
    }
    let mut found = [None; LANES];
    for _ in 0..REFINEMENTS {
        sweeps += columns.solve(system, walk, &step, &weighed);
        let enough;
        (found, enough) = judge(setup, walk, &down, columns, &firms, tolerance, sweeps);
        if enough {
            break;
        }
        (step, weighed) = (step.map(|s| 0.2 * s), weighed.map(|w| 0.2 * w));
        columns.mark_all(system);
    }
    found
}

/// Whether the rounding of a column in single precision, y'|x|/(x_k Σs) ε/2 or about ε times the upstream index times the mean length
/// of a walk, is small beside the tolerance.
fn is_rough_enough(system: &System, walk: &Walk, firms: [u32; LANES], tolerance: &V) -> bool {
    firms.into_iter().enumerate().all(|(lane, firm)| {
        firm == NOBODY || {
            let k = system.stand_in[firm as usize] as usize;
            let most = f64::from(f32::EPSILON) * walk.y[k] * walk.mean_length / system.total;
            most <= ROUGH * tolerance.0[lane]
        }
    })
}

/// Largest change of x, and of Σ y x, that ends a solve.
fn steps(system: &System, walk: &Walk, firms: [u32; LANES], tolerance: &V) -> (V, V) {
    let (mut step, mut weighed) = (V::all(f64::INFINITY), V::all(f64::INFINITY));
    for (lane, firm) in firms.into_iter().enumerate() {
        if firm != NOBODY {
            let k = system.stand_in[firm as usize] as usize;
            let all = tolerance.0[lane] * system.total;
            step.0[lane] = 0.1 * all / (walk.y[k] * walk.z[k]).max(f64::MIN_POSITIVE);
            weighed.0[lane] = 0.3 * all;
        }
    }
    (step, weighed)
}

/// Columns whose residual spreads at most `tolerance`, or as near as it gets.
fn solved(
    system: &System,
    walk: &Walk,
    firms: [u32; LANES],
    tolerance: &V,
    columns: &mut Columns<V>,
) -> (Residual, u32) {
    let (mut step, mut weighed) = steps(system, walk, firms, tolerance);
    columns.start(system, walk, firms, &step);
    let mut sweeps = 0;
    let mut attempt = 0;
    loop {
        sweeps += columns.solve(system, walk, &step, &weighed);
        let residual = columns.residual(system, walk);
        attempt += 1;
        if attempt == REFINEMENTS || (0..LANES).all(|l| residual.spread.0[l] <= tolerance.0[l]) {
            return (residual, sweeps);
        }
        step = step.map(|s| 0.2 * s);
        weighed = weighed.map(|w| 0.2 * w);
        columns.mark_all(system);
    }
}

/// Sums over all firms, by lane.
struct Sums {
    /// Σ s max(0, d - u), Σ s d, Σ s min(bound of d, bound of u).
    extra: V,
    down: V,
    open: V,
}

/// Scores with their errors, and whether these are small enough, or as small as they get.
fn judge<X: Kept>(
    setup: &Setup,
    walk: &Walk,
    down: &Down,
    columns: &Columns<X>,
    firms: &[u32; LANES],
    tolerance: &V,
    sweeps: u32,
) -> ([Option<Found>; LANES], bool) {
    let residual = columns.residual(setup.up, walk);
    let mut found = scores(setup, walk, down, columns, &residual, firms);
    let mut enough = true;
    for (lane, found) in found.iter_mut().enumerate() {
        let Some(found) = found else { continue };
        found.iterations = sweeps;
        let error = found.error.unwrap_or(found.above);
        enough &= error <= tolerance.0[lane] || found.above <= 1e-2 * tolerance.0[lane];
    }
    (found, enough)
}

fn scores<X: Kept>(
    setup: &Setup,
    walk: &Walk,
    down: &Down,
    columns: &Columns<X>,
    residual: &Residual,
    firms: &[u32; LANES],
) -> [Option<Found>; LANES] {
    let system = setup.up;
    let scale = residual.pivot.map(|x| 1.0 / x);
    let wide = residual.rho.with(&residual.pivot, |rho, x| 2.0 * rho / x);
    let mut sums = Sums {
        extra: V::ZERO,
        down: V::ZERO,
        open: V::ZERO,
    };
    match down {
        Down::Climbed(ascent, done, weights) => widest(
            #[inline(always)]
            || {
                let common = done.common(weights);
                for i in 0..system.len() {
                    let low = ascent.low[i];
                    let above = match common {
                        Some(w) => done.tau.map(|t| t * w.zeta[i]),
                        None => done.above(weights, i),
                    };
                    let far = wide.map(|w| w * walk.z[i]);
                    add(
                        &mut sums,
                        system.size[i],
                        &low,
                        &above,
                        &far,
                        &columns.x[i].wide(),
                        &scale,
                    );
                }
            },
        ),
        Down::Solved(other, rest, walk_down) => widest(
            #[inline(always)]
            || {
                let scale_down = rest.pivot.map(|x| 1.0 / x);
                let wide_down = rest.rho.with(&rest.pivot, |rho, x| 2.0 * rho / x);
                for i in 0..system.len() {
                    let low = other.x[i].with(&scale_down, |x, s| smaller(1.0, x * s));
                    let above = wide_down.map(|w| w * walk_down.z[i]);
                    let far = wide.map(|w| w * walk.z[i]);
                    add(
                        &mut sums,
                        system.size[i],
                        &low,
                        &above,
                        &far,
                        &columns.x[i].wide(),
                        &scale,
                    );
                }
            },
        ),
    }
    let total = system.total;
    let mut found = [None; LANES];
    for (lane, firm) in firms.iter().enumerate() {
        if *firm == NOBODY {
            continue;
        }
        let k = system.stand_in[*firm as usize] as usize;
        let pivot = residual.pivot.0[lane];
        let up = walk.y[k] / (pivot * total);
        let a = residual.rho.0[lane] * walk.z[k] / pivot;
        // The closed firm itself, or what stands for it, is exact upstream.
        let below = match down {
            Down::Climbed(ascent, done, weights) => {
                ascent.low[k].0[lane] + done.above(weights, k).0[lane]
            }
            Down::Solved(other, rest, walk_down) => {
                let pivot = rest.pivot.0[lane];
                smaller(1.0, other.x[k].0[lane] / pivot)
                    + 2.0 * rest.rho.0[lane] * walk_down.z[k] / pivot
            }
        };
        let own = system.size[k] * smaller(smaller(below, 1.0), 2.0 * a);
        let b = if a < 1.0 {
            up * a / (1.0 - a) + larger(sums.open.0[lane] - own, 0.0) / total
        } else {
            f64::INFINITY
        };
        let round = summing(system) * (1.0 + up);
        let above = residual.spread.0[lane] + walk.y_error + round;
        let upward = residual.spread.0[lane].min(b) + walk.y_error + round;
        let (down, error, over) = match down {
            Down::Climbed(_, done, _) => {
                let error = done.holds[lane].then(|| done.error.0[lane] + upward);
                (sums.down.0[lane] / total, error, 0.0)
            }
            Down::Solved(_, rest, walk) => {
                let k = setup.down.stand_in[*firm as usize] as usize;
                let down = walk.y[k] / (rest.pivot.0[lane] * total);
                let over = rest.spread.0[lane] + walk.y_error;
                (down, Some(over + upward), over)
            }
        };
        found[lane] = Some(Found {
            esri: up + sums.extra.0[lane] / total,
            down,
            up,
            error,
            above: above + over,
            iterations: 0,
            alone: false,
        });
    }
    if let Down::Climbed(_, done, _) = down {
        for (found, own) in found.iter_mut().zip(&done.own) {
            if let Some(found) = found {
                found.alone = own.is_some();
            }
        }
    }
    found
}

#[inline(always)]
fn add(sums: &mut Sums, size: f64, low: &V, above: &V, far: &V, x: &V, scale: &V) {
    for l in 0..LANES {
        let u = smaller(1.0, x.0[l] * scale.0[l]);
        sums.extra.0[l] += size * larger(0.0, low.0[l] - u);
        sums.down.0[l] += size * low.0[l];
        sums.open.0[l] += size * smaller(smaller(low.0[l] + above.0[l], 1.0), far.0[l]);
    }
}
