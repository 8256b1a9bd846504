//! TOPSIS (Hwang & Yoon 1981), for comparison: closeness to the best and distance from the worst of the table.
//!
//! ```text
//! r_ij = x_ij / sqrt(Σ_i x_ij²),  v_ij = w_j r_ij
//! v_j⁺ = max_i v_ij (min for a cost),  v_j⁻ = min_i v_ij (max for a cost)
//! D_i± = sqrt(Σ_j (v_ij - v_j±)²),  C_i = D_i⁻ / (D_i⁺ + D_i⁻)
//! ```
//!
//! The ideal is made of the alternatives themselves, so another alternative can reverse the order of two others: see
//! [`super::reversal`].

use super::decision::{Decision, Sense};

/// Closeness C of every alternative, 0..1; larger is better. An alternative that is both ideal and anti-ideal (all are
/// equal) has no closeness.
pub fn topsis(decision: &Decision) -> Vec<Option<f64>> {
    let (n, m) = (decision.alternatives(), decision.criteria());
    let mut best = vec![0.0; n];
    let mut worst = vec![0.0; n];
    for j in 0..m {
        let norm = (0..n)
            .map(|i| decision.value(i, j).powi(2))
            .sum::<f64>()
            .sqrt();
        let scale = if norm > 0.0 {
            decision.weights()[j] / norm
        } else {
            0.0
        };
        let v: Vec<f64> = (0..n).map(|i| decision.value(i, j) * scale).collect();
        let high = v.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let low = v.iter().copied().fold(f64::INFINITY, f64::min);
        let (ideal, anti) = match decision.senses()[j] {
            Sense::Benefit => (high, low),
            Sense::Cost => (low, high),
        };
        for i in 0..n {
            best[i] += (v[i] - ideal).powi(2);
            worst[i] += (v[i] - anti).powi(2);
        }
    }
    best.iter()
        .zip(&worst)
        .map(|(best, worst)| {
            let (plus, minus) = (best.sqrt(), worst.sqrt());
            (plus + minus > 0.0).then(|| minus / (plus + minus))
        })
        .collect()
}
