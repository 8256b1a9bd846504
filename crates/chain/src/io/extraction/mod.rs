//! Hypothetical extraction: how much output is lost when an industry, a link, a block or a set falls out
//! (Paelinck, de Caevel and Degueldre 1965; Strassert 1968; Cella 1984; Dietzenbacher and Lahr 2013 for parts).
//!
//! Losses are measured on the model's own output x = L y, never on the source's x. With θ the part that falls out,
//! s = 1'L:
//!
//! ```text
//! whole industry k   θ = 1   s_k x_k / L_kk                      row, column and own demand of k
//! purchases of k             θ (s_k − 1) x_k / (1 + θ (L_kk − 1))         column
//! sales of k to industry     θ s_k (x_k − y_k) / (1 + θ (L_kk − 1))       row
//! link i → j                 θ s_i a_ij x_j / (1 + θ a_ij L_ji)
//! set S              θ = 1   x̃ = x − L_.S (L_SS)⁻¹ x_S
//! ```
//!
//! All follow from Sherman and Morrison (1950) and Woodbury (1950) on I − A; [`set`] holds the general form.
//! Nothing is substituted and prices do not move: a loss says how much output hangs on the part, not a forecast.

mod links;
mod set;

pub use links::{LinkLoss, link_loss, top_links};
pub use set::{Cut, Extraction, Lost, SetModel, extract};

use super::leontief::Leontief;
use super::table::IoError;

/// What of an industry or a set falls out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Part {
    /// Purchases, sales to industries and own final demand.
    #[default]
    Whole,
    /// Its purchases from industries, its own included (backward linkage).
    Purchases,
    /// Its sales to industries, its own included (forward linkage); final demand stays.
    Sales,
}

/// Loss of output when one industry falls out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IndustryLoss {
    pub industry: usize,
    /// In the table's unit: Σ x − Σ x̃.
    pub loss: f64,
    /// The same over Σ x, the model's own output; 0 where that is 0.
    pub share: f64,
    /// Loss outside the industry itself.
    pub elsewhere: f64,
}

/// Losses of all industries, each extracted alone; O(n) after the inverse for one part, θ in 0..=1.
pub fn industries(model: &Leontief, part: Part, theta: f64) -> Result<Vec<IndustryLoss>, IoError> {
    check_theta(theta)?;
    let (l, x, y) = (model.inverse(), model.output(), &model.coefficients().y);
    let s = model.output_multipliers();
    let total: f64 = x.iter().sum();
    Ok((0..model.len())
        .map(|k| {
            let own = l.get(k, k);
            let (loss, at_k) = match part {
                Part::Whole => whole(
                    model.coefficients().a.get(k, k),
                    own,
                    s[k],
                    x[k],
                    y[k],
                    theta,
                ),
                Part::Purchases => {
                    let w = theta * x[k] / (1.0 + theta * (own - 1.0));
                    ((s[k] - 1.0) * w, (own - 1.0) * w)
                }
                Part::Sales => {
                    let w = theta * (x[k] - y[k]) / (1.0 + theta * (own - 1.0));
                    (s[k] * w, own * w)
                }
            };
            IndustryLoss {
                industry: k,
                loss,
                share: if total == 0.0 { 0.0 } else { loss / total },
                elsewhere: loss - at_k,
            }
        })
        .collect())
}

/// Row, column and own demand of k scaled by 1 − θ: a change of rank two. Returns the loss and the part of it in k.
///
/// ```text
/// u₁ = θ e_k, u₂ = θ (A e_k − a_kk e_k),  w₁ = A'e_k, w₂ = e_k;   x̃ = x' − L U (I + W'L U)⁻¹ W'x',  x' = x − θ y_k L e_k
/// ```
fn whole(a: f64, own: f64, s: f64, x: f64, y: f64, theta: f64) -> (f64, f64) {
    if theta >= 1.0 {
        return (s * x / own, x);
    }
    let x1 = x - theta * y * own;
    // W'x'
    let (r1, r2) = (x1 - (1.0 - theta) * y, x1);
    // I + W'L U
    let (m11, m12) = (1.0 + theta * (own - 1.0), theta * (own - own * a - 1.0));
    let (m21, m22) = (theta * own, 1.0 + theta * (own * (1.0 - a) - 1.0));
    let det = m11 * m22 - m12 * m21;
    let (c1, c2) = ((m22 * r1 - m12 * r2) / det, (m11 * r2 - m21 * r1) / det);
    // 1'L U and e_k'L U
    let (t1, t2) = (theta * s, theta * ((1.0 - a) * s - 1.0));
    let (k1, k2) = (theta * own, theta * ((1.0 - a) * own - 1.0));
    (
        theta * y * s + t1 * c1 + t2 * c2,
        theta * y * own + k1 * c1 + k2 * c2,
    )
}

pub(super) fn check_theta(theta: f64) -> Result<(), IoError> {
    if (0.0..=1.0).contains(&theta) {
        Ok(())
    } else {
        Err(IoError::new("theta", theta.to_string()))
    }
}
