//! Seeded draws over stocks, parameters and severity: the range of the course and of every industry's loss.
//!
//! Each uncertain number is drawn alone, with its value as the median and uniform on either side. Draw k depends on
//! the seed and k only, so the same bits come out for any number of threads.

use std::collections::BTreeMap;

use model::Seed;
use rand::RngExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::boario::boario;
use super::course::Course;
use super::economy::Economy;
use super::event::{Event, EventKind};
use super::options::Options;
use super::params::{Ario, InventoryError, PerSector, out_of_range, sector_of};
use super::run::run;

/// Which engine computes the courses.
#[derive(Debug, Clone, PartialEq)]
pub enum Model {
    Boario,
    Forelay(Box<Options>),
}

impl Model {
    pub fn course(
        &self,
        economy: &Economy,
        params: &Ario,
        events: &[Event],
        days: u32,
    ) -> Result<Course, InventoryError> {
        match self {
            Self::Boario => boario(economy, params, events, days),
            Self::Forelay(options) => run(economy, params, options, events, days),
        }
    }
}

/// From `low` to `high`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(from = "(f64, f64)", into = "(f64, f64)")]
pub struct Span {
    pub low: f64,
    pub high: f64,
}

impl From<(f64, f64)> for Span {
    fn from((low, high): (f64, f64)) -> Self {
        Self { low, high }
    }
}

impl From<Span> for (f64, f64) {
    fn from(span: Span) -> Self {
        (span.low, span.high)
    }
}

/// How far each number may be off; what is not named is exact.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ranges {
    pub main_inv_dur: Option<Span>,
    /// Days by input.
    pub inventory_dict: BTreeMap<String, Span>,
    pub psi_param: Option<Span>,
    pub alpha_max: Option<Span>,
    pub alpha_tau: Option<Span>,
    /// One number for every sector, in days.
    pub inventory_restoration_tau: Option<Span>,
    /// Factor on the impacts of all events (a cut of capacity stays at most 1); its value is 1.
    pub severity: Option<Span>,
    /// Factor on the duration of all events; its value is 1.
    pub duration: Option<Span>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DrawParams {
    /// Default 1,000.
    pub draws: usize,
    pub seed: Seed,
    /// Quantiles of the range. Default 0.05 and 0.95.
    pub low: f64,
    pub high: f64,
}

impl Default for DrawParams {
    fn default() -> Self {
        Self {
            draws: 1000,
            seed: Seed(1),
            low: 0.05,
            high: 0.95,
        }
    }
}

/// Low quantile, median, high quantile.
pub type Range = [f64; 3];

#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    pub draws: usize,
    /// Output of all industries, by step.
    pub total: Vec<Range>,
    /// Output at rest less production over the horizon, by industry.
    pub loss: Vec<Range>,
    /// The same over all industries.
    pub whole: Range,
    /// Final demand that was not met, over the horizon.
    pub unmet: Range,
}

/// Draws, runs and sums up.
pub fn draws(
    economy: &Economy,
    params: &Ario,
    model: &Model,
    events: &[Event],
    days: u32,
    ranges: &Ranges,
    how: &DrawParams,
) -> Result<Drawn, InventoryError> {
    check(economy, params, ranges, how)?;
    let runs: Vec<(Vec<f64>, Vec<f64>, f64)> = (0..how.draws)
        .into_par_iter()
        .map(|k| {
            let (params, events) = one(params, events, days, ranges, how.seed, k as u64);
            let course = model.course(economy, &params, &events, days)?;
            let mut total = course.total();
            // A course that the peer's model stops has no output on record after it.
            total.resize(days.div_ceil(params.temporal_units_by_step) as usize, 0.0);
            let loss = course.losses().iter().map(|l| l.production).collect();
            Ok((total, loss, course.unmet_total()))
        })
        .collect::<Result<_, InventoryError>>()?;
    let range = |mut values: Vec<f64>| -> Range {
        values.sort_by(f64::total_cmp);
        [how.low, 0.5, how.high].map(|q| quantile(&values, q))
    };
    let steps = runs.first().map_or(0, |(total, _, _)| total.len());
    Ok(Drawn {
        draws: runs.len(),
        total: (0..steps)
            .map(|step| range(runs.iter().map(|(total, _, _)| total[step]).collect()))
            .collect(),
        loss: (0..economy.len())
            .map(|i| range(runs.iter().map(|(_, loss, _)| loss[i]).collect()))
            .collect(),
        whole: range(runs.iter().map(|(_, loss, _)| loss.iter().sum()).collect()),
        unmet: range(runs.iter().map(|(_, _, unmet)| *unmet).collect()),
    })
}

fn check(
    economy: &Economy,
    params: &Ario,
    ranges: &Ranges,
    how: &DrawParams,
) -> Result<(), InventoryError> {
    let restoration = match params.inventory_restoration_tau {
        PerSector::Every(tau) => tau,
        PerSector::By(_) if ranges.inventory_restoration_tau.is_some() => {
            return Err(InventoryError::scenario(
                "ranges.inventory_restoration_tau",
                "the parameter is given by sector",
                "give one number in [parameters], or leave the range out",
            ));
        }
        PerSector::By(_) => 1.0,
    };
    let spans = [
        (
            "main_inv_dur",
            ranges.main_inv_dur,
            params.main_inv_dur,
            f64::MAX,
        ),
        ("psi_param", ranges.psi_param, params.psi_param, 1.0),
        ("alpha_max", ranges.alpha_max, params.alpha_max, f64::MAX),
        ("alpha_tau", ranges.alpha_tau, params.alpha_tau, f64::MAX),
        (
            "inventory_restoration_tau",
            ranges.inventory_restoration_tau,
            restoration,
            f64::MAX,
        ),
        ("severity", ranges.severity, 1.0, f64::MAX),
        ("duration", ranges.duration, 1.0, f64::MAX),
    ];
    for (key, span, value, most) in spans {
        if let Some(span) = span {
            within(key, span, value, most)?;
        }
    }
    for (name, span) in &ranges.inventory_dict {
        sector_of(economy, "ranges.inventory_dict", name)?;
        let value = *params
            .inventory_dict
            .get(name)
            .unwrap_or(&params.main_inv_dur);
        within(&format!("inventory_dict.{name}"), *span, value, f64::MAX)?;
    }
    if how.draws == 0 {
        return Err(out_of_range("draws", 0.0, "at least 1"));
    }
    Ok(())
}

fn within(key: &str, span: Span, value: f64, most: f64) -> Result<(), InventoryError> {
    if span.low > 0.0 && span.low <= value && value <= span.high && span.high <= most {
        Ok(())
    } else {
        Err(InventoryError::scenario(
            format!("ranges.{key}"),
            format!(
                "[{}, {}] does not hold its value {value}",
                span.low, span.high
            ),
            "give [low, high] with 0 < low <= value <= high within what the parameter may be",
        ))
    }
}

fn one(
    params: &Ario,
    events: &[Event],
    days: u32,
    ranges: &Ranges,
    seed: Seed,
    draw: u64,
) -> (Ario, Vec<Event>) {
    let take = |name: &str, value: f64, span: Option<Span>| {
        let Some(span) = span else { return value };
        let u: f64 = seed.stream(&format!("inventory.{name}"), draw).random();
        if u < 0.5 {
            span.low + 2.0 * u * (value - span.low)
        } else {
            value + (2.0 * u - 1.0) * (span.high - value)
        }
    };
    let mut drawn = params.clone();
    drawn.main_inv_dur = take("main_inv_dur", params.main_inv_dur, ranges.main_inv_dur);
    drawn.psi_param = take("psi_param", params.psi_param, ranges.psi_param);
    drawn.alpha_max = take("alpha_max", params.alpha_max, ranges.alpha_max).max(params.alpha_base);
    drawn.alpha_tau = take("alpha_tau", params.alpha_tau, ranges.alpha_tau);
    if let PerSector::Every(tau) = params.inventory_restoration_tau {
        let tau = take(
            "inventory_restoration_tau",
            tau,
            ranges.inventory_restoration_tau,
        );
        drawn.inventory_restoration_tau = PerSector::Every(tau);
    }
    for (name, span) in &ranges.inventory_dict {
        let value = *params
            .inventory_dict
            .get(name)
            .unwrap_or(&params.main_inv_dur);
        let days = take(&format!("inventory_dict.{name}"), value, Some(*span));
        drawn.inventory_dict.insert(name.clone(), days);
    }
    let severity = take("severity", 1.0, ranges.severity);
    let longer = take("duration", 1.0, ranges.duration);
    let events = events
        .iter()
        .map(|event| {
            let mut event = event.clone();
            for impact in &mut event.impacts {
                impact.value *= severity;
                if matches!(event.kind, EventKind::Arbitrary { .. } | EventKind::Stop) {
                    impact.value = impact.value.min(1.0);
                }
            }
            let most = days.saturating_sub(event.occurrence).max(1);
            let duration = (f64::from(event.duration) * longer).round() as u32;
            event.duration = duration.clamp(1, most);
            event
        })
        .collect();
    (drawn, events)
}

/// Quantile of sorted numbers, linear between neighbours.
pub(super) fn quantile(sorted: &[f64], q: f64) -> f64 {
    let at = q * (sorted.len() - 1) as f64;
    let below = at.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (sorted[above] - sorted[below]) * (at - below as f64)
}
