//! Would the verdict survive errors in the trade figures?
//!
//! Every flow of the product is multiplied by 1 + h u, u uniform on -1..1 and independent between flows, h the relative
//! half-width of a figure's error. The share of draws whose verdict differs from the published one is the probability
//! of churn by measurement noise. h is itself a range: the probability at its three values gives value and ends, each
//! widened by its Wilson interval. Draws are shared between importers and half-widths.
//!
//! Errors common to all flows of a product cancel in every criterion but those against another flow (C3), and are
//! not drawn: for shares the result is exact for independent errors, and too small where errors go together.

use model::{Basis, Estimate, Message, Quantity, Refusal, Seed};
use rand::RngExt;

use super::churn::proportion;
use super::flows::Flows;
use super::importer::{Home, Importer};
use super::record::{ListParams, Method};
use super::refuse;
use super::supply::{supplies, world};

#[derive(Debug, Clone, PartialEq)]
pub struct NoiseParams {
    /// Relative half-width of a flow's error, 0..1.
    pub half_width: Estimate,
    pub draws: usize,
}

impl Default for NoiseParams {
    /// 10 % (5 to 20 %): an assumption, sources give no error of their own.
    fn default() -> Self {
        Self {
            half_width: Estimate {
                value: 0.1,
                low: 0.05,
                high: 0.2,
                basis: Basis::Assumed,
            },
            draws: 400,
        }
    }
}

/// Probability that the product's verdict turns under noise; "not estimated" where the verdict is unknown.
pub fn change_by_noise(
    flows: &Flows,
    importer: &Importer,
    product: usize,
    method: Method,
    params: &ListParams,
    noise: &NoiseParams,
    seed: Seed,
) -> Result<Quantity, Box<Refusal>> {
    let h = noise.half_width;
    if noise.draws == 0 || h.low < 0.0 || h.high > 1.0 {
        return Err(refuse(
            "bad_noise",
            Message::new("dependency.bad_noise"),
            Message::new("dependency.bad_noise.needed"),
        ));
    }
    let homes = [Home::find(flows, importer)?];
    let rows = flows.slices(product);
    let dependent = |values: &[f64]| {
        let rows = rows.with_values(values);
        let market = world(flows, rows);
        let supply = supplies(flows, rows, &homes, &market);
        method
            .margin(&supply[0], &market, params)
            .map(|margin| margin > 0.0)
    };
    let Some(published) = dependent(rows.value) else {
        return Ok(Quantity::not_estimated(Message::new(
            "dependency.gap.verdict_unknown",
        )));
    };
    let label = format!("dependency.noise/{}", flows.products()[product]);
    let widths = [h.value, h.low, h.high];
    let mut changed = [0; 3];
    let mut values = vec![0.0; rows.len()];
    let mut errors = vec![0.0; rows.len()];
    for draw in 0..noise.draws {
        let mut rng = seed.stream(&label, draw as u64);
        for u in &mut errors {
            *u = rng.random_range(-1.0..1.0);
        }
        for (width, changed) in widths.iter().zip(&mut changed) {
            for (k, value) in values.iter_mut().enumerate() {
                *value = rows.value[k] * (1.0 + width * errors[k]);
            }
            *changed += usize::from(dependent(&values) != Some(published));
        }
    }
    let parts: Vec<Estimate> = changed
        .iter()
        .filter_map(|k| proportion(*k, noise.draws).estimate())
        .collect();
    let end = |pick: fn(&Estimate) -> f64, fold: fn(f64, f64) -> f64| {
        parts.iter().map(pick).fold(parts[0].value, fold)
    };
    Ok(Estimate::spanning(
        parts[0].value,
        end(|e| e.low, f64::min),
        end(|e| e.high, f64::max),
        Basis::Derived.and(h.basis),
    )
    .into())
}
