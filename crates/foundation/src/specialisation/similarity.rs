//! Export similarity of locations (Bahar, Hausmann and Hidalgo, 2014).
//!
//! ```text
//! SI_lk = corr_a( ln(LQ_la + ε), ln(LQ_ka + ε) ),   ε = 0.1
//! ```
//!
//! Pearson's correlation over the activities that both locations report. -1..1.

use super::quotient::location_quotient;
use crate::activity::ActivityTable;

/// What is correlated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SimilarityScale {
    /// ln(LQ + ε); ε keeps absent activities finite.
    Log { epsilon: f64 },
    /// LQ itself: few large quotients decide.
    Quotient,
}

impl Default for SimilarityScale {
    fn default() -> Self {
        Self::Log { epsilon: 0.1 }
    }
}

/// Similarity of every two locations, row-major (locations × locations), -1..1; `NaN` where a location does not vary or
/// does not report.
pub fn export_similarity(table: &ActivityTable, scale: SimilarityScale) -> Vec<f64> {
    let width = table.activities().len();
    let scaled: Vec<f64> = location_quotient(table)
        .into_iter()
        .map(|q| match scale {
            SimilarityScale::Log { epsilon } => (q + epsilon).ln(),
            SimilarityScale::Quotient => q,
        })
        .collect();
    let rows: Vec<&[f64]> = scaled.chunks_exact(width).collect();
    let mut similarity = vec![f64::NAN; rows.len() * rows.len()];
    for (l, row) in rows.iter().enumerate() {
        for (k, other) in rows.iter().enumerate().skip(l) {
            let r = correlation(row, other);
            similarity[l * rows.len() + k] = r;
            similarity[k * rows.len() + l] = r;
        }
    }
    similarity
}

fn correlation(x: &[f64], y: &[f64]) -> f64 {
    let known: Vec<(f64, f64)> = x
        .iter()
        .zip(y)
        .map(|(a, b)| (*a, *b))
        .filter(|(a, b)| a.is_finite() && b.is_finite())
        .collect();
    let n = known.len() as f64;
    let mean = |pick: fn(&(f64, f64)) -> f64| known.iter().map(pick).sum::<f64>() / n;
    let (mx, my) = (mean(|p| p.0), mean(|p| p.1));
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (a, b) in &known {
        xy += (a - mx) * (b - my);
        xx += (a - mx) * (a - mx);
        yy += (b - my) * (b - my);
    }
    if xx > 0.0 && yy > 0.0 {
        (xy / (xx * yy).sqrt()).clamp(-1.0, 1.0)
    } else {
        f64::NAN
    }
}
