//! Any set of industries, any block of links, whole or in part: from the columns of L that belong to the suppliers.
//!
//! A cut takes θ of A away as U W' (rank s) and d from final demand. With L_.S the columns of the set,
//!
//! ```text
//! x' = x − L d,    x̃ = x' − L U (I + W' L U)⁻¹ W' x'
//!
//! purchases of S    U = θ A_.S               W' = E_S'             L U = θ (L_.S − E_S)
//! sales of S        U = θ E_S                W' = A_S.             W'L = L_S. − E_S'
//! S whole, θ < 1    U = θ [E_S, A_.S − E_S A_SS], W' = [A_S.; E_S'], d = θ y_S
//! S whole, θ = 1    x̃ = x − L_.S (L_SS)⁻¹ x_S
//! links S → T       U = θ E_S                W' = A_ST E_T'
//! ```
//!
//! The columns come from an inverse, or from one solve each where there is only a factor.

use super::super::coefficients::Coefficients;
use super::super::dense::Dense;
use super::super::factorised::Factorised;
use super::super::kernel::Factors;
use super::super::leontief::Leontief;
use super::super::table::IoError;
use super::{Part, check_theta};

/// A question of extraction.
#[derive(Debug, Clone, PartialEq)]
pub enum Cut {
    /// Industries that fall out together.
    Set {
        industries: Vec<usize>,
        part: Part,
        /// Part that falls out, 0..=1.
        theta: f64,
    },
    /// Deliveries of the suppliers to the customers; `demand` is what final users lose beside it, by supplier
    /// (empty: nothing), in the table's unit and before θ. A country that stops exporting to another one is this.
    Links {
        suppliers: Vec<usize>,
        customers: Vec<usize>,
        demand: Vec<f64>,
        theta: f64,
    },
}

/// What is lost in total and where.
#[derive(Debug, Clone, PartialEq)]
pub struct Extraction {
    /// Σ x − Σ x̃ in the table's unit.
    pub loss: f64,
    /// Over Σ x, the model's own output.
    pub share: f64,
    /// By industry: x − x̃ and its share of x.
    pub by_industry: Vec<Lost>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lost {
    pub loss: f64,
    /// Of the industry's own model output; 0 where that is 0.
    pub share: f64,
}

/// What a set question needs: an inverse, or factors that give columns of it.
#[derive(Debug, Clone, Copy)]
pub enum SetModel<'m> {
    Inverse(&'m Leontief),
    Factors(&'m Factorised),
}

impl<'m> From<&'m Leontief> for SetModel<'m> {
    fn from(model: &'m Leontief) -> Self {
        Self::Inverse(model)
    }
}

impl<'m> From<&'m Factorised> for SetModel<'m> {
    fn from(model: &'m Factorised) -> Self {
        Self::Factors(model)
    }
}

impl SetModel<'_> {
    fn coefficients(&self) -> &Coefficients {
        match self {
            Self::Inverse(model) => model.coefficients(),
            Self::Factors(model) => model.coefficients(),
        }
    }

    fn output(&self) -> &[f64] {
        match self {
            Self::Inverse(model) => model.output(),
            Self::Factors(model) => model.output(),
        }
    }

    /// L_.S.
    fn columns(&self, set: &[usize]) -> Dense {
        match self {
            Self::Inverse(model) => {
                let l = model.inverse();
                Dense::from_fn(l.rows(), set.len(), |i, j| l.get(i, set[j]))
            }
            Self::Factors(model) => model.columns(set),
        }
    }
}

/// Loss of output under the cut; the same from an inverse and from factors.
pub fn extract<'m>(model: impl Into<SetModel<'m>>, cut: &Cut) -> Result<Extraction, IoError> {
    let model = model.into();
    let lost = match cut {
        Cut::Set {
            industries,
            part,
            theta,
        } => {
            check_theta(*theta)?;
            let set = members(industries, model.coefficients().len())?;
            of_set(model, &set, *part, *theta)?
        }
        Cut::Links {
            suppliers,
            customers,
            demand,
            theta,
        } => {
            check_theta(*theta)?;
            let n = model.coefficients().len();
            if !demand.is_empty() && demand.len() != suppliers.len() {
                let detail = format!("{} ≠ {}", demand.len(), suppliers.len());
                return Err(IoError::new("shape", detail));
            }
            let (s, t) = (members(suppliers, n)?, members(customers, n)?);
            let by_supplier: Vec<f64> = s
                .iter()
                .map(|k| {
                    let place = suppliers.iter().position(|i| i == k);
                    place.and_then(|p| demand.get(p)).copied().unwrap_or(0.0)
                })
                .collect();
            of_links(model, &s, &t, &by_supplier, *theta)?
        }
    };
    let x = model.output();
    let total: f64 = x.iter().sum();
    let loss: f64 = lost.iter().sum();
    let share = |loss: f64, of: f64| if of == 0.0 { 0.0 } else { loss / of };
    Ok(Extraction {
        loss,
        share: share(loss, total),
        by_industry: lost
            .iter()
            .zip(x)
            .map(|(loss, x)| Lost {
                loss: *loss,
                share: share(*loss, *x),
            })
            .collect(),
    })
}

/// Sorted, each once.
fn members(set: &[usize], n: usize) -> Result<Vec<usize>, IoError> {
    let mut sorted = set.to_vec();
    sorted.sort_unstable();
    if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(IoError::new("industry_twice", format!("{sorted:?}")));
    }
    match sorted.last() {
        Some(last) if *last >= n => Err(IoError::new("no_such_industry", last.to_string())),
        _ => Ok(sorted),
    }
}

fn of_set(model: SetModel<'_>, set: &[usize], part: Part, theta: f64) -> Result<Vec<f64>, IoError> {
    let (s, n) = (set.len(), model.coefficients().len());
    let (x, y) = (model.output(), &model.coefficients().y);
    if s == 0 || theta == 0.0 {
        return Ok(vec![0.0; n]);
    }
    let l = model.columns(set);
    let inner = |i: usize, j: usize| l.get(set[i], j);
    let is = |i: usize, j: usize| f64::from(u8::from(i == j));
    match part {
        Part::Whole if theta >= 1.0 => {
            let core = Dense::from_fn(s, s, inner);
            let weight = solve_small(&core, &pick(x, set))?;
            let mut lost = l.times(&weight);
            for k in set {
                lost[*k] = x[*k];
            }
            Ok(lost)
        }
        Part::Purchases | Part::Sales => {
            let core = Dense::from_fn(s, s, |i, j| is(i, j) * (1.0 - theta) + theta * inner(i, j));
            let right: Vec<f64> = match part {
                Part::Sales => set.iter().map(|k| x[*k] - y[*k]).collect(),
                _ => pick(x, set),
            };
            let weight = solve_small(&core, &right)?;
            let mut lost = l.times(&weight);
            if part == Part::Purchases {
                for (k, w) in set.iter().zip(&weight) {
                    lost[*k] -= w;
                }
            }
            Ok(lost.into_iter().map(|v| theta * v).collect())
        }
        Part::Whole => {
            let a = &model.coefficients().a;
            let within = Dense::from_fn(s, s, |i, j| is(i, j) - a.get(set[i], set[j]));
            let l_ss = Dense::from_fn(s, s, inner);
            let l_within = multiply(&l_ss, &within);
            // I + W'L U for U = θ[E_S, A_.S − E_S A_SS], W' = [A_S.; E_S'].
            let core = Dense::from_fn(2 * s, 2 * s, |i, j| {
                let block = match (i < s, j < s) {
                    (true, true) => inner(i, j) - is(i, j),
                    (true, false) => l_within.get(i, j - s) - is(i, j - s),
                    (false, true) => inner(i - s, j),
                    (false, false) => l_within.get(i - s, j - s) - is(i - s, j - s),
                };
                is(i, j) + theta * block
            });
            let demand: Vec<f64> = set.iter().map(|k| theta * y[*k]).collect();
            let by_demand = l.times(&demand);
            let mut right = vec![0.0; 2 * s];
            for (i, k) in set.iter().enumerate() {
                let left = x[*k] - by_demand[*k];
                right[i] = left - (1.0 - theta) * y[*k];
                right[s + i] = left;
            }
            let weight = solve_small(&core, &right)?;
            let (w1, w2) = weight.split_at(s);
            // L U w = θ [L_.S (w1 + (I − A_SS) w2) − E_S w2]
            let through = within.times(w2);
            let both: Vec<f64> = (0..s)
                .map(|i| demand[i] + theta * (w1[i] + through[i]))
                .collect();
            let mut lost = l.times(&both);
            for (k, w) in set.iter().zip(w2) {
                lost[*k] -= theta * w;
            }
            Ok(lost)
        }
    }
}

fn of_links(
    model: SetModel<'_>,
    suppliers: &[usize],
    customers: &[usize],
    demand: &[f64],
    theta: f64,
) -> Result<Vec<f64>, IoError> {
    let (s, n) = (suppliers.len(), model.coefficients().len());
    if s == 0 || theta == 0.0 {
        return Ok(vec![0.0; n]);
    }
    let a = &model.coefficients().a;
    let l = model.columns(suppliers);
    let cut = Dense::from_fn(s, customers.len(), |i, j| a.get(suppliers[i], customers[j]));
    let reach = Dense::from_fn(customers.len(), s, |i, j| l.get(customers[i], j));
    let mut core = multiply(&cut, &reach);
    for j in 0..s {
        let column = core.column_mut(j);
        for v in column.iter_mut() {
            *v *= theta;
        }
        column[j] += 1.0;
    }
    let gone: Vec<f64> = demand.iter().map(|d| theta * d).collect();
    let by_demand = l.times(&gone);
    let left: Vec<f64> = customers
        .iter()
        .map(|k| model.output()[*k] - by_demand[*k])
        .collect();
    let weight = solve_small(&core, &cut.times(&left))?;
    let both: Vec<f64> = (0..s).map(|i| gone[i] + theta * weight[i]).collect();
    Ok(l.times(&both))
}

fn pick(values: &[f64], set: &[usize]) -> Vec<f64> {
    set.iter().map(|k| values[*k]).collect()
}

fn multiply(a: &Dense, b: &Dense) -> Dense {
    let mut product = Dense::zeros(a.rows(), b.columns());
    let accum = faer::Accum::Replace;
    super::super::kernel::product(product.view_mut(), accum, a.view(), b.view(), 1.0);
    product
}

fn solve_small(m: &Dense, right: &[f64]) -> Result<Vec<f64>, IoError> {
    let mut b = Dense::from_fn(right.len(), 1, |i, _| right[i]);
    Factors::with_pivoting(m.view()).solve(b.view_mut());
    if b.values().iter().all(|v| v.is_finite()) {
        Ok(b.values().to_vec())
    } else {
        Err(IoError::new("singular", "S"))
    }
}
