//! Import content of a national table that keeps imports apart.
//!
//! ```text
//! m_j = Σ_p Zm_pj / x_j      face value (own imports)           m L      look-through (imports of all suppliers too)
//! ```
//!
//! Imports are inputs that no industry of the table sells, so that L is of domestic flows (Hummels, Ishii and Yi 2001).

use chain::io::Leontief;
use evidence::bulk::ResultColumn;
use evidence::io::Imports;

use super::super::out::{Columns, column, text};
use super::Asked;

pub(super) fn content(asked: &Asked, imports: &Imports, model: &Leontief) -> Columns {
    let n = asked.texts.len();
    let x = &model.coefficients().x;
    let own: Vec<f64> = (0..n)
        .map(|j| {
            let bought: f64 = imports.z.iter().skip(j).step_by(n.max(1)).sum();
            if x[j] > 0.0 { bought / x[j] } else { f64::NAN }
        })
        .collect();
    // An industry without output supplies nobody: it adds nothing to the content of others.
    let known: Vec<f64> = own
        .iter()
        .map(|m| if m.is_nan() { 0.0 } else { *m })
        .collect();
    let through: Vec<f64> = (0..n)
        .map(|j| {
            if own[j].is_nan() {
                return f64::NAN;
            }
            let column = model.inverse().column(j);
            column.iter().zip(&known).map(|(l, m)| l * m).sum()
        })
        .collect();
    let hidden = through.iter().zip(&own).map(|(t, o)| t - o).collect();
    vec![
        column("industry", text(&asked.texts)),
        column("face_value", ResultColumn::Number(own)),
        column("look_through", ResultColumn::Number(through)),
        column("hidden", ResultColumn::Number(hidden)),
    ]
}
