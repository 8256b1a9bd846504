//! Concentration of shares that are ranges and do not cover everything.
//!
//! ```text
//! HHI of a supply     Σ s²      low: listed lows, the rest split without end
//!                               high: the largest sum of squares under the high ends, the rest one holder
//! HHI of a portfolio  Σ (s/S)²  both ends exact: see portfolio_hhi
//! ```
//!
//! Herfindahl (1950), Hirschman (1945).

use model::{Basis, Estimate};

/// Sum of squared shares of a supply with an unlisted rest, 0..1.
///
/// The value puts half of the rest into holders as large as the smallest listed one and splits the other half
/// without end: a convention.
pub fn supply_hhi(listed: &[Estimate], rest: Estimate) -> Estimate {
    let basis = listed.iter().fold(rest.basis, |b, e| b.and(e.basis));
    let square = |pick: fn(&Estimate) -> f64| -> f64 {
        let mut squares: Vec<f64> = listed.iter().map(|e| pick(e).powi(2)).collect();
        squares.sort_by(f64::total_cmp);
        squares.iter().sum()
    };
    let smallest = listed.iter().map(|e| e.value).fold(rest.value, f64::min);
    let value = square(|e| e.value) + rest.value * smallest / 2.0;
    Estimate::spanning(value, square(|e| e.low), most(listed, rest), basis).clamped(0.0, 1.0)
}

/// The largest Σ s² with s ≤ high and Σ s = 1: the largest high ends are filled first.
fn most(listed: &[Estimate], rest: Estimate) -> f64 {
    let lows: f64 = listed.iter().map(|e| e.low).sum();
    let mut caps: Vec<f64> = listed
        .iter()
        .map(|e| e.high.min((1.0 - (lows - e.low)).max(e.low)))
        .collect();
    caps.push(rest.high);
    caps.sort_by(|a, b| b.total_cmp(a));
    let mut left = 1.0_f64;
    caps.iter()
        .map(|cap| {
            let taken = cap.min(left).max(0.0);
            left -= taken;
            taken * taken
        })
        .sum()
}

/// How many sources hold at least `from`: surely (low ends), by the values, and possibly (high ends and what may
/// hide in the rest).
pub fn sources(listed: &[Estimate], rest: Estimate, from: f64) -> Estimate {
    let count = |pick: fn(&Estimate) -> f64| listed.iter().filter(|e| pick(e) >= from).count();
    let hidden = if from > 0.0 {
        (rest.high / from + 1e-9).floor().min(1e6)
    } else {
        0.0
    };
    Estimate::spanning(
        count(|e| e.value) as f64,
        count(|e| e.low) as f64,
        count(|e| e.high) as f64 + hidden,
        Basis::Derived,
    )
}

/// HHI of a portfolio bought in proportion to `shares`, `None` where they may all be zero.
///
/// `Σ s² / (Σ s)²` is quasi-convex in `s`. Its largest value over the box is at a corner; its smallest at
/// `s_j = clamp(t, low_j, high_j)` for one level `t`, which between two ends is `Σ fixed s² / Σ fixed s`.
pub fn portfolio_hhi(shares: &[Estimate]) -> Option<Estimate> {
    let values: Vec<f64> = shares.iter().map(|e| e.value).collect();
    let value = hhi(&values)?;
    if shares.iter().map(|e| e.low).sum::<f64>() <= 0.0 {
        return None;
    }
    let basis = shares.iter().fold(Basis::Derived, |b, e| b.and(e.basis));
    Some(Estimate::spanning(
        value,
        least_hhi(shares),
        largest_hhi(shares),
        basis,
    ))
}

/// The largest weight of a portfolio bought in proportion to `shares`: what a single stop can take.
pub fn portfolio_largest(shares: &[Estimate]) -> Option<Estimate> {
    let sum = |pick: fn(&Estimate) -> f64| shares.iter().map(pick).sum::<f64>();
    let value = shares.iter().map(|e| e.value).fold(0.0, f64::max) / sum(|e| e.value);
    if !(value.is_finite() && sum(|e| e.low) > 0.0) {
        return None;
    }
    let basis = shares.iter().fold(Basis::Derived, |b, e| b.and(e.basis));
    let part = |own: f64, others: f64| if own > 0.0 { own / (own + others) } else { 0.0 };
    let high = shares
        .iter()
        .map(|e| part(e.high, sum(|e| e.low) - e.low))
        .fold(0.0, f64::max);
    // Smallest where every share is as near to a common level as its range lets it be.
    let low = levels(shares)
        .into_iter()
        .map(|t| {
            let s = at_level(shares, t);
            s.iter().copied().fold(0.0, f64::max) / s.iter().sum::<f64>()
        })
        .fold(value, f64::min);
    Some(Estimate::spanning(value, low, high.min(1.0), basis))
}

fn hhi(shares: &[f64]) -> Option<f64> {
    let sum: f64 = shares.iter().sum();
    (sum > 0.0).then(|| shares.iter().map(|s| (s / sum).powi(2)).sum())
}

/// All corners of the box up to twelve shares; beyond that an outer bound, the largest weight (`Σ w² ≤ max w`, because
/// the weights sum to one).
fn largest_hhi(shares: &[Estimate]) -> f64 {
    let n = shares.len();
    if n <= 12 {
        return (0_u32..1 << n)
            .filter_map(|mask| {
                let corner: Vec<f64> = (0..n)
                    .map(|i| {
                        if mask >> i & 1 == 1 {
                            shares[i].high
                        } else {
                            shares[i].low
                        }
                    })
                    .collect();
                hhi(&corner)
            })
            .fold(0.0, f64::max);
    }
    let lows: f64 = shares.iter().map(|e| e.low).sum();
    shares
        .iter()
        .map(|e| e.high / (e.high + lows - e.low))
        .fold(0.0, f64::max)
}

fn least_hhi(shares: &[Estimate]) -> f64 {
    let mut best = f64::INFINITY;
    let ends = levels(shares);
    for pair in ends.windows(2) {
        let middle = f64::midpoint(pair[0], pair[1]);
        let fixed: Vec<f64> = shares
            .iter()
            .filter_map(|e| match middle {
                t if t < e.low => Some(e.low),
                t if t > e.high => Some(e.high),
                _ => None,
            })
            .collect();
        let (square, sum): (f64, f64) =
            (fixed.iter().map(|s| s * s).sum(), fixed.iter().sum::<f64>());
        if sum > 0.0 {
            let level = (square / sum).clamp(pair[0], pair[1]);
            best = best.min(hhi(&at_level(shares, level)).unwrap_or(f64::INFINITY));
        }
    }
    ends.into_iter()
        .filter_map(|t| hhi(&at_level(shares, t)))
        .fold(best, f64::min)
}

fn levels(shares: &[Estimate]) -> Vec<f64> {
    let mut ends: Vec<f64> = shares.iter().flat_map(|e| [e.low, e.high]).collect();
    ends.sort_by(f64::total_cmp);
    ends.dedup();
    ends
}

fn at_level(shares: &[Estimate], level: f64) -> Vec<f64> {
    shares.iter().map(|e| level.clamp(e.low, e.high)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn e(value: f64, low: f64, high: f64) -> Estimate {
        Estimate::new(value, low, high, Basis::Published).expect("a range")
    }

    #[test]
    fn by_hand() {
        // 0.6 and 0.2 exactly, 0.2 unlisted: 0.4 without it, 0.44 in one hand; value 0.4 + 0.2 * 0.2 / 2.
        let found = supply_hhi(&[e(0.6, 0.6, 0.6), e(0.2, 0.2, 0.2)], e(0.2, 0.2, 0.2));
        assert!((found.low - 0.4).abs() < 1e-12 && (found.high - 0.44).abs() < 1e-12);
        assert!((found.value - 0.42).abs() < 1e-12);
        // Two sources of 0.1 and more for certain; the rest of 0.2 may hide two more.
        let n = sources(&[e(0.6, 0.5, 0.7), e(0.2, 0.1, 0.3)], e(0.2, 0.0, 0.2), 0.1);
        assert_eq!((n.value, n.low, n.high), (2.0, 2.0, 4.0));
        // 0.6 : 0.2 is three quarters to one quarter.
        let one = portfolio_hhi(&[e(0.6, 0.6, 0.6), e(0.2, 0.2, 0.2)]).expect("shares");
        assert!((one.value - 0.625).abs() < 1e-12 && one.width() < 1e-12);
        let top = portfolio_largest(&[e(0.6, 0.4, 0.6), e(0.2, 0.2, 0.4)]).expect("shares");
        assert!((top.value - 0.75).abs() < 1e-12 && (top.low - 0.5).abs() < 1e-12);
        assert!((top.high - 0.75).abs() < 1e-12);
    }

    fn shares() -> impl Strategy<Value = Vec<(f64, f64, f64)>> {
        proptest::collection::vec((0.01..1.0_f64, 0.0..0.5_f64, 0.0..0.5_f64), 1..7)
    }

    proptest! {
        /// No portfolio drawn from the ranges leaves the bounds, and none does better than the least one.
        #[test]
        fn portfolio_bounds_hold_everywhere_in_the_box(
            raw in shares(), points in proptest::collection::vec(0.0..1.0_f64, 60),
        ) {
            let box_of: Vec<Estimate> = raw.iter()
                .map(|(v, a, b)| e(*v, v * (1.0 - a), v * (1.0 + b))).collect();
            let bound = portfolio_hhi(&box_of).expect("positive");
            let top = portfolio_largest(&box_of).expect("positive");
            for chunk in points.chunks_exact(box_of.len()) {
                let s: Vec<f64> = box_of.iter().zip(chunk)
                    .map(|(e, u)| e.low + u * (e.high - e.low)).collect();
                let f = hhi(&s).expect("positive");
                let largest = s.iter().copied().fold(0.0, f64::max) / s.iter().sum::<f64>();
                prop_assert!(bound.low <= f + 1e-12 && f <= bound.high + 1e-12);
                prop_assert!(top.low <= largest + 1e-12 && largest <= top.high + 1e-12);
            }
        }

        /// A supply with any split of its rest stays inside the bounds.
        #[test]
        fn supply_bounds_hold(raw in shares(), part in 0.0..1.0_f64) {
            let scale: f64 = raw.iter().map(|(v, ..)| v).sum::<f64>() / 0.9;
            let exact: Vec<Estimate> = raw.iter().map(|(v, ..)| e(v / scale, v / scale, v / scale)).collect();
            let bound = supply_hhi(&exact, e(0.1, 0.1, 0.1));
            let listed: f64 = exact.iter().map(|e| e.value.powi(2)).sum();
            let split = (0.1 * part).powi(2) + (0.1 * (1.0 - part)).powi(2);
            prop_assert!(bound.low <= listed + split + 1e-12 && listed + split <= bound.high + 1e-9);
        }
    }
}
