//! Inoperability: how far industries fall short of normal output when others do, at rest and over time.
//!
//! ```text
//! A* = x̂⁻¹ A x̂                       demand-side, normalised by output
//! static    q = A* q + c*  ⇒  q = (I − A*)⁻¹ c* = G c*                       (Haimes and Jiang 2001)
//! dynamic   q(t+1) = q(t) + K [A* q(t) + c*(t) − q(t)],  K = diag(k)         (Lian and Haimes 2006)
//! k_i = ln(q_i(0)/q_i(T_i)) / (T_i (1 − a*_ii))                              from a recovery in T_i steps
//! loss = Σ_t Σ_i x_i q_i(t) / steps in a year
//! ```
//!
//! q and c* are shares of normal output. Under a constant c* the dynamic model comes to rest at the static one. The
//! model is linear: no substitution, no stocks. q above 1 says that the perturbation is larger than it can carry.

use super::leontief::{Leontief, parallel_times};
use super::table::IoError;

/// Static inoperability.
#[derive(Debug, Clone, PartialEq)]
pub struct StaticInoperability {
    /// q, by industry.
    pub inoperability: Vec<f64>,
    /// x_i q_i, in the table's unit a year.
    pub loss: Vec<f64>,
    pub total_loss: f64,
    /// Industries with q above 1: outside of what the model can mean.
    pub above_one: Vec<usize>,
}

/// A reduced final demand, as a share of normal output, from one step until before another.
#[derive(Debug, Clone, PartialEq)]
pub struct Perturbation {
    pub from: usize,
    /// First step without it; `None`: to the end.
    pub until: Option<usize>,
    /// c*, by industry.
    pub demand: Vec<f64>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct DynamicParams {
    /// k_i in 0..=1 a step: 0 never recovers, 1 answers within the step.
    pub resilience: Vec<f64>,
    /// q(0).
    pub initial: Vec<f64>,
    pub perturbations: Vec<Perturbation>,
    pub steps: usize,
    /// Steps that make up the period of the table's flows; 365 for days and a yearly table.
    pub steps_per_period: f64,
    /// An industry has recovered when its q stays at or below this.
    pub recovered: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct DynamicInoperability {
    /// q(t) for t = 0..=steps.
    pub course: Vec<Vec<f64>>,
    /// Loss of each industry, summed over t = 0..steps, in the table's unit.
    pub loss: Vec<f64>,
    pub total_loss: f64,
    /// First step from which an industry stays recovered; `None` if it is not by the end.
    pub recovery: Vec<Option<usize>>,
    pub above_one: Vec<usize>,
}

/// Inoperability at rest under `demand` (c*, shares of normal output).
pub fn static_inoperability(
    model: &Leontief,
    demand: &[f64],
) -> Result<StaticInoperability, IoError> {
    let x = &model.coefficients().x;
    check_demand(x, demand)?;
    let lost_demand: Vec<f64> = x.iter().zip(demand).map(|(x, c)| x * c).collect();
    // x̂ q = L x̂ c*
    let loss = parallel_times(model.inverse(), &lost_demand);
    let inoperability: Vec<f64> = loss
        .iter()
        .zip(x)
        .map(|(loss, x)| if *x > 0.0 { loss / x } else { 0.0 })
        .collect();
    Ok(StaticInoperability {
        total_loss: loss.iter().sum(),
        above_one: above_one(&inoperability),
        loss,
        inoperability,
    })
}

/// Resilience coefficient of an industry that falls to `initial` and is back at `left` after `steps` by itself.
pub fn resilience(
    model: &Leontief,
    industry: usize,
    initial: f64,
    left: f64,
    steps: f64,
) -> Result<f64, IoError> {
    let own = model.coefficients().a.get(industry, industry);
    if !(0.0 < left && left < initial && steps > 0.0 && own < 1.0) {
        let detail = format!("q(0) = {initial}, q(T) = {left}, T = {steps}, a = {own}");
        return Err(IoError::new("resilience", detail));
    }
    Ok(libm::log(initial / left) / (steps * (1.0 - own)))
}

/// Inoperability step by step.
pub fn dynamic_inoperability(
    model: &Leontief,
    params: &DynamicParams,
) -> Result<DynamicInoperability, IoError> {
    let n = model.len();
    let x = &model.coefficients().x;
    if params.resilience.len() != n || params.initial.len() != n {
        let detail = format!(
            "{}, {} ≠ {n}",
            params.resilience.len(),
            params.initial.len()
        );
        return Err(IoError::new("shape", detail));
    }
    if let Some(k) = params.resilience.iter().find(|k| !(0.0..=1.0).contains(*k)) {
        return Err(IoError::new("resilience", format!("k = {k}")));
    }
    check_demand(x, &params.initial)?;
    for p in &params.perturbations {
        check_demand(x, &p.demand)?;
    }
    if params.steps_per_period.is_nan() || params.steps_per_period <= 0.0 {
        return Err(IoError::new("steps", params.steps_per_period.to_string()));
    }
    let mut course = vec![params.initial.clone()];
    for t in 0..params.steps {
        let q = &course[t];
        // A* q = x̂⁻¹ A x̂ q
        let lost: Vec<f64> = x.iter().zip(q).map(|(x, q)| x * q).collect();
        let passed = parallel_times(&model.coefficients().a, &lost);
        let next = (0..n)
            .map(|i| {
                if x[i] == 0.0 {
                    return 0.0;
                }
                let now = |p: &&Perturbation| p.from <= t && p.until.is_none_or(|end| t < end);
                let active = params.perturbations.iter().filter(now);
                let demand: f64 = active.map(|p| p.demand[i]).sum();
                q[i] + params.resilience[i] * (passed[i] / x[i] + demand - q[i])
            })
            .collect();
        course.push(next);
    }
    let loss: Vec<f64> = (0..n)
        .map(|i| {
            let sum: f64 = course[..params.steps].iter().map(|q| q[i]).sum();
            x[i] * sum / params.steps_per_period
        })
        .collect();
    let recovery = (0..n)
        .map(|i| {
            let last_hit = course.iter().rposition(|q| q[i] > params.recovered);
            let first = last_hit.map_or(0, |t| t + 1);
            (first <= params.steps).then_some(first)
        })
        .collect();
    let peak: Vec<f64> = (0..n)
        .map(|i| course.iter().map(|q| q[i]).fold(0.0, f64::max))
        .collect();
    Ok(DynamicInoperability {
        total_loss: loss.iter().sum(),
        loss,
        recovery,
        above_one: above_one(&peak),
        course,
    })
}

fn above_one(q: &[f64]) -> Vec<usize> {
    (0..q.len()).filter(|k| q[*k] > 1.0).collect()
}

fn check_demand(x: &[f64], demand: &[f64]) -> Result<(), IoError> {
    if demand.len() != x.len() {
        return Err(IoError::new(
            "shape",
            format!("{} ≠ {}", demand.len(), x.len()),
        ));
    }
    let bad = |k: &usize| {
        let share_of_nothing = x[*k] == 0.0 && demand[*k] != 0.0;
        !(0.0..=1.0).contains(&demand[*k]) || share_of_nothing
    };
    match (0..x.len()).find(bad) {
        None => Ok(()),
        Some(k) => Err(IoError::new("perturbation", format!("{k}: {}", demand[k]))),
    }
}
