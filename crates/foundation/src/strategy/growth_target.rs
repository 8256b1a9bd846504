//! The complexity that a growth rate asks for: a growth regression, turned round (Stojkoski and Hidalgo, 2026, equation 3).
//!
//! ```text
//! (ln y(t + h) - ln y(t)) / h = a1 ECI + a2 z + a3 ECI z + γ_t       z: ln y(t), standardised within the year (n - 1)
//! ECI* = (g - a2 z - γ) / (a1 + a3 z)
//! ```
//!
//! The form was read in econcomplex 1.0.1. Standard errors are clustered by location. A correlation over the past is no
//! promise: **experimental**.

use std::collections::BTreeMap;

use model::{Message, Refusal, Year};

use super::fit::least_squares;

/// One location in one year.
#[derive(Debug, Clone, PartialEq)]
pub struct GrowthRow {
    pub location: String,
    pub year: Year,
    /// GDP per head, > 0.
    pub income: f64,
    pub eci: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct GrowthModel {
    /// a1, a2, a3.
    pub coefficients: [f64; 3],
    /// Row-major, clustered by location.
    pub covariance: [f64; 9],
    /// γ of each initial year.
    pub year_effects: BTreeMap<Year, f64>,
    /// Mean and standard deviation of ln income in each initial year.
    pub income: BTreeMap<Year, (f64, f64)>,
    pub horizon: i32,
    pub observations: usize,
}

/// Years with fewer locations at both ends are left out.
const LEAST_LOCATIONS: usize = 5;

/// Fits the regression. Rows without income above 0 or without ECI take no part; of rows with the same location and year the
/// last counts.
pub fn calibrate_growth(rows: &[GrowthRow], horizon: i32) -> Result<GrowthModel, Box<Refusal>> {
    let mut panel: BTreeMap<Year, BTreeMap<&str, (f64, f64)>> = BTreeMap::new();
    for row in rows
        .iter()
        .filter(|r| r.income > 0.0 && r.income.is_finite())
    {
        panel
            .entry(row.year)
            .or_default()
            .insert(&row.location, (row.income, row.eci));
    }
    let mut locations: Vec<&str> = rows.iter().map(|r| r.location.as_str()).collect();
    locations.sort_unstable();
    locations.dedup();
    let mut observations: Vec<(Year, usize, f64, f64, f64)> = Vec::new();
    let mut income = BTreeMap::new();
    for (year, first) in &panel {
        let Some(last) = panel.get(&Year(year.0 + horizon)) else {
            continue;
        };
        let both: Vec<(usize, f64, f64, f64)> = first
            .iter()
            .filter(|(_, (_, eci))| eci.is_finite())
            .filter_map(|(location, (y, eci))| {
                let place = locations.partition_point(|l| l < location);
                let grown = (last.get(location)?.0.ln() - y.ln()) / f64::from(horizon);
                Some((place, y.ln(), *eci, grown))
            })
            .collect();
        let n = both.len() as f64;
        let mean = both.iter().map(|b| b.1).sum::<f64>() / n;
        let sd = (both.iter().map(|b| (b.1 - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        if both.len() < LEAST_LOCATIONS || sd == 0.0 {
            continue;
        }
        income.insert(*year, (mean, sd));
        observations.extend(
            both.iter()
                .map(|(place, y, eci, grown)| (*year, *place, *eci, (y - mean) / sd, *grown)),
        );
    }
    let mut columns: Vec<Vec<f64>> = vec![
        observations.iter().map(|o| o.2).collect(),
        observations.iter().map(|o| o.3).collect(),
        observations.iter().map(|o| o.2 * o.3).collect(),
    ];
    for year in income.keys() {
        let here = |o: &(Year, usize, f64, f64, f64)| f64::from(u8::from(o.0 == *year));
        columns.push(observations.iter().map(here).collect());
    }
    let y: Vec<f64> = observations.iter().map(|o| o.4).collect();
    let clusters: Vec<usize> = observations.iter().map(|o| o.1).collect();
    let fit = least_squares(&columns, &y, &clusters).map_err(|error| {
        refuse(
            "strategy.growth.no_fit",
            Message::new("strategy.growth.no_fit.reason").with("why", error.to_string()),
            "strategy.growth.no_fit.needed",
        )
    })?;
    let k = columns.len();
    Ok(GrowthModel {
        coefficients: std::array::from_fn(|i| fit.coefficients[i]),
        covariance: std::array::from_fn(|i| fit.covariance[i / 3 * k + i % 3]),
        year_effects: income
            .keys()
            .copied()
            .zip(fit.coefficients[3..].iter().copied())
            .collect(),
        income,
        horizon,
        observations: fit.observations,
    })
}

impl GrowthModel {
    /// Growth per year (log) of a location with this ECI and income, with the effect of the last initial year.
    pub fn expected_growth(&self, eci: f64, income: f64) -> f64 {
        let [a1, a2, a3] = self.coefficients;
        let (z, effect) = self.place(income);
        a1 * eci + a2 * z + a3 * eci * z + effect
    }

    /// The ECI at which the model expects `growth`.
    ///
    /// Refused where the effect of ECI at this income, a1 + a3 z, does not differ from zero by two standard errors.
    pub fn eci_for(&self, growth: f64, income: f64) -> Result<f64, Box<Refusal>> {
        let [a1, a2, a3] = self.coefficients;
        let (z, effect) = self.place(income);
        let slope = a1 + a3 * z;
        let v = &self.covariance;
        let error = (v[0] + 2.0 * z * v[2] + z * z * v[8]).max(0.0).sqrt();
        let separated = slope.abs() > 2.0 * error;
        if !separated {
            return Err(refuse(
                "strategy.growth.no_slope",
                Message::new("strategy.growth.no_slope.reason")
                    .with("slope", slope)
                    .with("se", error),
                "strategy.growth.no_slope.needed",
            ));
        }
        Ok((growth - a2 * z - effect) / slope)
    }

    fn place(&self, income: f64) -> (f64, f64) {
        let (mean, sd) = self
            .income
            .values()
            .next_back()
            .expect("invariant: a model has at least one initial year");
        let effect = self
            .year_effects
            .values()
            .next_back()
            .expect("invariant: a model has at least one initial year");
        ((income.ln() - mean) / sd, *effect)
    }
}

fn refuse(code: &str, reason: Message, needed: &str) -> Box<Refusal> {
    Box::new(Refusal {
        code: code.to_owned(),
        question: Message::new("strategy.growth.question"),
        reason,
        needed: Message::new(needed),
    })
}
