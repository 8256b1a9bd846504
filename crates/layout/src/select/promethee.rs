//! PROMETHEE II (Brans & Vincke 1985; Brans, Vincke & Mareschal 1986), for comparison: net outranking flows.
//!
//! ```text
//! d_j(a, b) = ±(x_aj - x_bj)                          positive where a is better
//! π(a, b)   = Σ_j w_j P_j(d_j(a, b)),  Σ w = 1
//! φ⁺(a)     = 1/(n-1) Σ_b π(a, b),  φ⁻(a) = 1/(n-1) Σ_b π(b, a),  φ = φ⁺ - φ⁻,  Σ_a φ(a) = 0
//! ```

use serde::{Deserialize, Serialize};

use super::decision::{Decision, Sense};

/// How much a difference d > 0 counts; 0 for d <= 0. `q`: still indifferent; `p`: fully preferred; `s`: inflection point.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(tag = "shape", rename_all = "snake_case", deny_unknown_fields)]
pub enum Preference {
    /// 1 for any d > 0.
    #[default]
    Usual,
    /// 1 for d > q.
    UShape { q: f64 },
    /// min(1, d / p).
    VShape { p: f64 },
    /// 0 up to q, 1/2 up to p, then 1.
    Level { q: f64, p: f64 },
    /// 0 up to q, rising to 1 at p (V-shape with indifference).
    Linear { q: f64, p: f64 },
    /// 1 - exp(-d² / 2 s²).
    Gaussian { s: f64 },
}

impl Preference {
    /// P(d).
    pub fn of(self, d: f64) -> f64 {
        if d <= 0.0 {
            return 0.0;
        }
        match self {
            Self::Usual => 1.0,
            Self::UShape { q } => f64::from(u8::from(d > q)),
            Self::VShape { p } => {
                if d >= p {
                    1.0
                } else {
                    d / p
                }
            }
            Self::Level { q, p } => {
                if d > p {
                    1.0
                } else if d > q {
                    0.5
                } else {
                    0.0
                }
            }
            Self::Linear { q, p } => {
                if d <= q {
                    0.0
                } else if d >= p {
                    1.0
                } else {
                    (d - q) / (p - q)
                }
            }
            Self::Gaussian { s } => -(-d * d / (2.0 * s * s)).exp_m1(),
        }
    }

    /// Whether the thresholds are finite, not negative and in order; a Gaussian needs s > 0.
    pub fn is_valid(self) -> bool {
        let threshold = |x: f64| x.is_finite() && x >= 0.0;
        match self {
            Self::Usual => true,
            Self::UShape { q: x } | Self::VShape { p: x } => threshold(x),
            Self::Level { q, p } | Self::Linear { q, p } => threshold(q) && threshold(p) && q <= p,
            Self::Gaussian { s } => s.is_finite() && s > 0.0,
        }
    }
}

/// Outranking flows of one alternative.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flow {
    pub leaving: f64,
    pub entering: f64,
    pub net: f64,
}

/// Flows by alternative, with one preference function for each criterion (criteria without one are usual). One
/// alternative alone has flows of 0.
pub fn promethee(decision: &Decision, preferences: &[Preference]) -> Vec<Flow> {
    let (n, m) = (decision.alternatives(), decision.criteria());
    let total: f64 = decision.weights().iter().sum();
    let pi = |a: usize, b: usize| -> f64 {
        (0..m)
            .map(|j| {
                let d = decision.value(a, j) - decision.value(b, j);
                let d = match decision.senses()[j] {
                    Sense::Benefit => d,
                    Sense::Cost => -d,
                };
                decision.weights()[j] / total
                    * preferences.get(j).copied().unwrap_or_default().of(d)
            })
            .sum()
    };
    let others = (n.max(2) - 1) as f64;
    (0..n)
        .map(|a| {
            let others_of = |f: &dyn Fn(usize) -> f64| -> f64 {
                (0..n).filter(|b| *b != a).map(f).sum::<f64>() / others
            };
            let leaving = others_of(&|b| pi(a, b));
            let entering = others_of(&|b| pi(b, a));
            Flow {
                leaving,
                entering,
                net: leaving - entering,
            }
        })
        .collect()
}
