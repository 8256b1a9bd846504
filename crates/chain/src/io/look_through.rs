//! Look-through exposure: whose production stands behind an industry's product, at first sight and all the way up.
//!
//! After Baldwin, Freeman and Theodorakopoulos (2022, 2023), foreign production exposure of industry j to region o:
//!
//! ```text
//! supply, look-through   Σ_{i in o} L_ij / Σ_i L_ij          face value   Σ_{i in o} (I + A)_ij / Σ_i (I + A)_ij
//! sales,  look-through   Σ_{j in o} G_ij / Σ_j G_ij          face value   Σ_{j in o} (I + B)_ij / Σ_j (I + B)_ij
//! hidden exposure        look-through − face value
//! ```
//!
//! Final demand for j cancels in both shares of the supply side, output of i in both of the sales side. Gross output
//! is counted at every stage, so a share says how often production in o is passed, not how much value o adds.

use std::collections::BTreeMap;

use super::dense::Dense;
use super::leontief::Leontief;
use super::table::{IoError, Label};

/// Whether the product's own last stage counts among what stands behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Counted {
    /// All production, the industry's own included: L and I + A.
    #[default]
    Production,
    /// Inputs only: L − I and A.
    Inputs,
}

/// Whether suppliers or customers are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Side {
    #[default]
    Supply,
    Sales,
}

/// Shares of one region; `None` where nothing is counted (an industry without inputs or customers).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LookThrough {
    pub face_value: Option<f64>,
    pub look_through: Option<f64>,
}

impl LookThrough {
    /// Exposure that the first link does not show.
    pub fn hidden(&self) -> Option<f64> {
        Some(self.look_through? - self.face_value?)
    }
}

/// Exposure of every industry (rows in the table's order) to every region (in the order of names).
#[derive(Debug, Clone, PartialEq)]
pub struct LookThroughTable {
    pub regions: Vec<String>,
    face_value: Dense,
    look_through: Dense,
}

impl LookThroughTable {
    pub fn get(&self, industry: usize, region: usize) -> LookThrough {
        let known = |v: f64| (!v.is_nan()).then_some(v);
        LookThrough {
            face_value: known(self.face_value.get(industry, region)),
            look_through: known(self.look_through.get(industry, region)),
        }
    }

    /// Foreign exposure: all regions but `home`, summed.
    pub fn foreign(&self, industry: usize, home: &str) -> LookThrough {
        let others = || (0..self.regions.len()).filter(|r| self.regions[*r] != home);
        let sum = |of: fn(&LookThrough) -> Option<f64>| {
            others().map(|r| of(&self.get(industry, r))).sum()
        };
        LookThrough {
            face_value: sum(|e| e.face_value),
            look_through: sum(|e| e.look_through),
        }
    }
}

/// `labels` are the table's industries.
pub fn look_through(
    model: &Leontief,
    labels: &[Label],
    side: Side,
    counted: Counted,
) -> Result<LookThroughTable, IoError> {
    let n = model.len();
    if labels.len() != n {
        return Err(IoError::new("shape", format!("{} ≠ {n}", labels.len())));
    }
    let mut names: BTreeMap<&str, usize> = labels.iter().map(|l| (l.region.as_str(), 0)).collect();
    for (k, place) in names.values_mut().enumerate() {
        *place = k;
    }
    let region: Vec<usize> = labels.iter().map(|l| names[l.region.as_str()]).collect();
    let own = match counted {
        Counted::Production => 1.0,
        Counted::Inputs => 0.0,
    };
    let a = &model.coefficients().a;
    let l = model.inverse();
    let (face, through) = match side {
        Side::Supply => (
            by_supplier(a, &region, names.len(), own),
            by_supplier(l, &region, names.len(), own - 1.0),
        ),
        Side::Sales => (
            by_customer(a, &model.coefficients().x, &region, names.len(), own),
            by_customer(l, &model.coefficients().x, &region, names.len(), own - 1.0),
        ),
    };
    Ok(LookThroughTable {
        regions: names.into_keys().map(str::to_owned).collect(),
        face_value: shares(face),
        look_through: shares(through),
    })
}

/// Sums of column j by the region of the row, with `own` added at j itself.
fn by_supplier(m: &Dense, region: &[usize], regions: usize, own: f64) -> Dense {
    let mut sums = Dense::zeros(region.len(), regions);
    for j in 0..region.len() {
        let mut of = vec![0.0; regions];
        for (value, r) in m.column(j).iter().zip(region) {
            of[*r] += value;
        }
        of[region[j]] += own;
        for (r, value) in of.into_iter().enumerate() {
            sums.set(j, r, value);
        }
    }
    sums
}

/// Sums of row i of x̂⁻¹ M x̂ by the region of the column, with `own` added at i itself, all times x_i.
fn by_customer(m: &Dense, x: &[f64], region: &[usize], regions: usize, own: f64) -> Dense {
    let mut sums = Dense::zeros(region.len(), regions);
    for (j, output) in x.iter().enumerate() {
        let of = sums.column_mut(region[j]);
        for (sum, value) in of.iter_mut().zip(m.column(j)) {
            *sum += value * output;
        }
    }
    for (i, output) in x.iter().enumerate() {
        let r = region[i];
        let value = sums.get(i, r) + own * output;
        sums.set(i, r, value);
    }
    sums
}

/// Each row over its sum; no number where nothing is counted.
fn shares(mut sums: Dense) -> Dense {
    let totals = sums.row_sums();
    for r in 0..sums.columns() {
        for (value, total) in sums.column_mut(r).iter_mut().zip(&totals) {
            *value = if *total > 1e-12 {
                *value / total
            } else {
                f64::NAN
            };
        }
    }
    sums
}
