//! How many of independent trials with different probabilities succeed: exact tails of the Poisson-binomial.
//!
//! X = Σ Bernoulli(p_i), trials of equal p in groups. Two exact ways, whichever is cheaper:
//!
//! * **Whole table.** The distribution is the convolution of one binomial per group. All terms are positive, so every
//!   P(X ≥ k), summed from the far end, keeps its relative accuracy down to about 1e-300.
//! * **One tail.** For many trials: every p is tilted to p e^s / (q + p e^s) with s such that k becomes the mean (Daniels, 1954),
//!   the tilted distribution is needed only near its mean, and
//!
//! ```text
//! P(X ≥ k) = exp(K(s) - s k) Σ_{j ≥ k} P_s(X = j) e^{-s (j - k)},   K(s) = Σ ln(q_i + p_i e^s)
//! ```
//!
//! This is an identity, not the saddlepoint approximation. Left of the mean the complement is taken, which is above 1/2.
//!
//! [`poisson`], [`normal`] and [`refined_normal`] (Hong, 2013) are what other packages use; they are here for comparison.

/// Trials of the same probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trials {
    /// 0 to 1.
    pub p: f64,
    pub count: u32,
}

/// Below this share of its largest term a tilted distribution is cut off.
const NEGLIGIBLE: f64 = 1e-30;

/// Σ p.
pub fn mean(trials: &[Trials]) -> f64 {
    trials.iter().map(|t| t.p * f64::from(t.count)).sum()
}

/// P(X ≥ k) for k = 0 to the number of trials.
pub fn survival(trials: &[Trials]) -> Vec<f64> {
    let mut mass = vec![1.0];
    for t in trials {
        mass = convolved(&mass, &binomial(t.p, t.count));
    }
    let mut tail = 0.0;
    for m in mass.iter_mut().rev() {
        tail += *m;
        *m = tail;
    }
    mass[0] = 1.0;
    for m in &mut mass {
        *m = m.min(1.0);
    }
    mass
}

/// P(X ≥ k).
pub fn right_tail(trials: &[Trials], k: u32) -> f64 {
    let count =
        |of: fn(f64) -> bool| -> u32 { trials.iter().filter(|t| of(t.p)).map(|t| t.count).sum() };
    let (all, sure, never) = (count(|_| true), count(|p| p >= 1.0), count(|p| p <= 0.0));
    if k <= sure {
        return 1.0;
    }
    if k > all - never {
        return 0.0;
    }
    if f64::from(k) <= mean(trials) {
        let mirrored: Vec<Trials> = trials
            .iter()
            .map(|t| Trials {
                p: 1.0 - t.p,
                count: t.count,
            })
            .collect();
        return 1.0 - beyond_mean(&mirrored, all - k + 1);
    }
    beyond_mean(trials, k)
}

/// P(X ≥ k) for each of these counts, ascending; the cheaper of both ways.
pub fn right_tails(trials: &[Trials], counts: &[u32]) -> Vec<f64> {
    let all: u32 = trials.iter().map(|t| t.count).sum();
    // n² / 2 products for the table, about 8 n^1.5 for each tail.
    if f64::from(all).sqrt() < 16.0 * counts.len() as f64 {
        let table = survival(trials);
        counts
            .iter()
            .map(|k| table.get(*k as usize).copied().unwrap_or(0.0))
            .collect()
    } else {
        counts.iter().map(|k| right_tail(trials, *k)).collect()
    }
}

/// P(X ≥ k), mean < k, by tilting.
fn beyond_mean(trials: &[Trials], k: u32) -> f64 {
    let possible: Vec<Trials> = trials.iter().filter(|t| t.p > 0.0).copied().collect();
    let all: u32 = possible.iter().map(|t| t.count).sum();
    if k > all {
        return 0.0;
    }
    if k == all {
        return possible
            .iter()
            .map(|t| f64::from(t.count) * t.p.ln())
            .sum::<f64>()
            .exp();
    }
    let wanted = f64::from(k);
    let s = tilt(&possible, wanted);
    let mut mass = Window {
        from: 0,
        mass: vec![1.0],
    };
    let mut exponent = 0.0;
    let mut centre = 0.0;
    for t in &possible {
        let (p, q) = tilted(t.p, s);
        let n = f64::from(t.count);
        centre += n * p;
        // K(s) - s E_s(X) = -Σ relative entropy: all terms of one sign.
        exponent -= n * (entropy_part(p, t.p) + entropy_part(q, 1.0 - t.p));
        mass = mass.convolved(&Window::binomial(p, q, t.count));
    }
    exponent += s * (centre - wanted);
    let beyond: f64 = mass
        .mass
        .iter()
        .enumerate()
        .rev()
        .filter_map(|(i, m)| {
            let j = mass.from + i;
            (j >= k as usize).then(|| m * (-s * (j as f64 - wanted)).exp())
        })
        .sum();
    (exponent.exp() * beyond).min(1.0)
}

/// p and q tilted by s.
fn tilted(p: f64, s: f64) -> (f64, f64) {
    let odds = (p.ln() - (-p).ln_1p() + s).exp();
    if odds.is_infinite() {
        return (1.0, 0.0);
    }
    (odds / (1.0 + odds), 1.0 / (1.0 + odds))
}

/// a ln(a / b).
fn entropy_part(a: f64, b: f64) -> f64 {
    if a == 0.0 { 0.0 } else { a * (a / b).ln() }
}

/// s > 0 with tilted mean close to `wanted` (between the mean and the number of trials): Newton within a bracket.
fn tilt(trials: &[Trials], wanted: f64) -> f64 {
    let moments = |s: f64| {
        trials.iter().fold((0.0, 0.0), |(mean, variance), t| {
            let (p, q) = tilted(t.p, s);
            let n = f64::from(t.count);
            (mean + n * p, variance + n * p * q)
        })
    };
    let (mut low, mut high) = (0.0, 1.0);
    while moments(high).0 < wanted && high < 1e4 {
        low = high;
        high *= 2.0;
    }
    let mut s = f64::midpoint(low, high);
    for _ in 0..100 {
        let (mean, variance) = moments(s);
        if (mean - wanted).abs() <= 1e-6 {
            break;
        }
        if mean < wanted {
            low = s;
        } else {
            high = s;
        }
        let next = s - (mean - wanted) / variance;
        s = if next > low && next < high {
            next
        } else {
            f64::midpoint(low, high)
        };
    }
    s
}

/// P(X = 0..=n) of a binomial, from its mode outwards, so that nothing overflows.
fn binomial(p: f64, n: u32) -> Vec<f64> {
    let places = n as usize + 1;
    let mut mass = vec![0.0; places];
    if p <= 0.0 || p >= 1.0 {
        mass[if p >= 1.0 { n as usize } else { 0 }] = 1.0;
        return mass;
    }
    let q = 1.0 - p;
    let mode = (f64::from(n + 1) * p).min(f64::from(n)) as usize;
    mass[mode] = 1.0;
    for k in mode + 1..places {
        mass[k] = mass[k - 1] * ((places - k) as f64 / k as f64) * (p / q);
    }
    for k in (0..mode).rev() {
        mass[k] = mass[k + 1] * ((k + 1) as f64 / (places - 1 - k) as f64) * (q / p);
    }
    let total: f64 = mass.iter().sum();
    for m in &mut mass {
        *m /= total;
    }
    mass
}

fn convolved(a: &[f64], b: &[f64]) -> Vec<f64> {
    let (long, short) = if a.len() < b.len() { (b, a) } else { (a, b) };
    let mut out = vec![0.0; long.len() + short.len() - 1];
    for (i, factor) in short.iter().enumerate() {
        for (o, l) in out[i..].iter_mut().zip(long) {
            *o += factor * l;
        }
    }
    out
}

/// A distribution on from, from + 1, …, without its negligible ends.
struct Window {
    from: usize,
    mass: Vec<f64>,
}

impl Window {
    fn new(from: usize, mass: &[f64]) -> Self {
        let least = NEGLIGIBLE * mass.iter().copied().fold(0.0, f64::max);
        let first = mass.iter().position(|m| *m > least).unwrap_or(0);
        let last = mass
            .iter()
            .rposition(|m| *m > least)
            .map_or(mass.len(), |l| l + 1);
        Self {
            from: from + first,
            mass: mass[first..last].to_vec(),
        }
    }

    fn binomial(p: f64, q: f64, n: u32) -> Self {
        // A share of successes so close to 1 that only the failures are resolved.
        if p > 0.5 {
            let mut failures = binomial(q, n);
            failures.reverse();
            return Self::new(0, &failures);
        }
        Self::new(0, &binomial(p, n))
    }

    fn convolved(&self, other: &Self) -> Self {
        Self::new(self.from + other.from, &convolved(&self.mass, &other.mass))
    }
}

/// P(Poisson(Σ p) ≥ k): too large in the tail, for its variance Σ p is above Σ p q.
pub fn poisson(trials: &[Trials], k: u32) -> f64 {
    let mean = mean(trials);
    if k == 0 {
        return 1.0;
    }
    if mean <= 0.0 {
        return 0.0;
    }
    let term = |j: f64| (j * mean.ln() - mean - libm::lgamma(j + 1.0)).exp();
    let k = f64::from(k);
    if k > mean {
        let (mut sum, mut part, mut j) = (0.0, term(k), k);
        while part > sum * 1e-17 {
            sum += part;
            j += 1.0;
            part *= mean / j;
        }
        sum
    } else {
        let (mut sum, mut part, mut j) = (0.0, term(k - 1.0), k - 1.0);
        while j >= 0.0 && part > sum * 1e-17 {
            sum += part;
            part *= j / mean;
            j -= 1.0;
        }
        1.0 - sum
    }
}

/// 1 - Φ(x), x = (k - 1/2 - mean) / sd.
pub fn normal(trials: &[Trials], k: u32) -> f64 {
    let (x, _) = standardised(trials, k);
    upper_normal(x)
}

/// The normal tail with a correction for skewness: 1 - Φ(x) - γ (1 - x²) φ(x) / 6, within 0 to 1.
pub fn refined_normal(trials: &[Trials], k: u32) -> f64 {
    let (x, skewness) = standardised(trials, k);
    if x.is_infinite() {
        return upper_normal(x);
    }
    let density = (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    (upper_normal(x) - skewness * (1.0 - x * x) * density / 6.0).clamp(0.0, 1.0)
}

fn standardised(trials: &[Trials], k: u32) -> (f64, f64) {
    let (mut variance, mut third) = (0.0, 0.0);
    for t in trials {
        let part = f64::from(t.count) * t.p * (1.0 - t.p);
        variance += part;
        third += part * (1.0 - 2.0 * t.p);
    }
    let sd = variance.sqrt();
    let from_mean = f64::from(k) - 0.5 - mean(trials);
    if sd == 0.0 {
        return (f64::INFINITY.copysign(from_mean), 0.0);
    }
    (from_mean / sd, third / (sd * variance))
}

fn upper_normal(x: f64) -> f64 {
    libm::erfc(x / std::f64::consts::SQRT_2) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_trials_by_hand() {
        let trials = [Trials { p: 0.5, count: 1 }, Trials { p: 0.2, count: 1 }];
        for (k, wanted) in [(0, 1.0), (1, 0.6), (2, 0.1), (3, 0.0)] {
            assert!((right_tail(&trials, k) - wanted).abs() < 1e-15, "{k}");
        }
        let table = survival(&trials);
        assert!((table[1] - 0.6).abs() < 1e-15 && (table[2] - 0.1).abs() < 1e-15);
        // Poisson(0.7): 1 - e^-0.7.
        assert!((poisson(&trials, 1) - (1.0 - (-0.7_f64).exp())).abs() < 1e-15);
    }
}
