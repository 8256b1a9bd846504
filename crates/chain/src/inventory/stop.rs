//! Supply that stops for some weeks, as a question to the model with stocks.
//!
//! The model cuts capacity, and a cut hits every customer. Where only the deliveries to one buyer stop, they become an
//! industry of their own: it sells to that buyer alone and buys, for each unit, what its industry buys.
//!
//! ```text
//! s_k = deliveries of k to the buyer / x_k
//! z'_kj = z_kj for j elsewhere, z'_k'j = z_kj for j at the buyer       rows
//! z'_ik = (1 - s_k) z_ik,       z'_ik' = s_k z_ik                      columns
//! ```
//!
//! Row sums and inputs of both parts add up to those of the table, so that without a stop nothing moves.

use model::Estimate;

use super::economy::{Economy, EconomyInput};
use super::event::{Event, EventKind, Impact};
use super::params::InventoryError;

/// Industries that stop.
#[derive(Debug, Clone, PartialEq)]
pub struct Stop {
    /// Positions in the table.
    pub industries: Vec<usize>,
    /// Part of their deliveries, 0..=1.
    pub severity: Estimate,
    /// From 1 on.
    pub from_week: u32,
    pub weeks: u32,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct StopQuestion {
    pub stops: Vec<Stop>,
    /// Only the deliveries to the industries and final users of this region stop.
    pub buyer: Option<String>,
    pub horizon_weeks: u32,
}

impl StopQuestion {
    pub(super) fn check(&self, economy: &Economy) -> Result<(), InventoryError> {
        let wrong = |key: &str, problem: String, help: &str| {
            Err(InventoryError::scenario(key, problem, help))
        };
        if self.horizon_weeks == 0 {
            return wrong("horizon_weeks", "is 0".to_owned(), "give 1 or more");
        }
        for stop in &self.stops {
            let Estimate {
                low, value, high, ..
            } = stop.severity;
            if !(0.0 <= low && low <= value && value <= high && high <= 1.0) {
                return wrong(
                    "severity",
                    format!("[{low}, {value}, {high}]"),
                    "give 0 <= low <= value <= high <= 1",
                );
            }
            if stop.weeks == 0 || stop.from_week == 0 || stop.from_week > self.horizon_weeks {
                return wrong(
                    "start_week",
                    format!("{} weeks from week {}", stop.weeks, stop.from_week),
                    "give at least one week, from one within the horizon",
                );
            }
            if let Some(i) = stop.industries.iter().find(|i| **i >= economy.len()) {
                return wrong(
                    "industry",
                    format!("number {i}"),
                    "name industries of the table",
                );
            }
        }
        if let Some(buyer) = &self.buyer {
            super::params::region_of(economy, "buyer", buyer)?;
        }
        Ok(())
    }
}

/// An economy in which what stops is an industry of its own.
#[derive(Debug, Clone)]
pub struct Parted {
    pub economy: Economy,
    /// Position in the table of every industry here.
    pub of: Vec<usize>,
    /// What stops of each industry of the table: its position here; `None` where it delivers nothing to the buyer.
    pub stopping: Vec<Option<usize>>,
}

/// The economy as it is, or with the deliveries of `industries` to `buyer` apart.
pub fn parted(
    economy: &Economy,
    industries: &[usize],
    buyer: Option<&str>,
) -> Result<Parted, InventoryError> {
    let n = economy.len();
    let Some(buyer) = buyer else {
        return Ok(Parted {
            economy: economy.clone(),
            of: (0..n).collect(),
            stopping: (0..n).map(Some).collect(),
        });
    };
    let m = economy.consumers.len();
    let at_buyer: Vec<bool> = (0..n).map(|j| economy.label(j).0 == buyer).collect();
    let consumes: Vec<bool> = economy.consumers.iter().map(|(r, _)| r == buyer).collect();
    let mut share = vec![0.0; n];
    for &k in industries {
        let row = &economy.z[k * n..(k + 1) * n];
        let last = &economy.y[k * m..(k + 1) * m];
        let there = |values: &[f64], yes: &[bool]| -> f64 {
            let taken = values.iter().zip(yes).filter(|(_, yes)| **yes);
            taken.map(|(v, _)| v).sum()
        };
        let whole: f64 = row.iter().sum::<f64>() + last.iter().sum::<f64>();
        // What the buyer makes itself is no delivery to it.
        if whole > 0.0 && !at_buyer[k] {
            share[k] = (there(row, &at_buyer) + there(last, &consumes)) / whole;
        }
    }
    let mut of: Vec<usize> = (0..n).collect();
    let mut stopping = vec![None; n];
    for k in 0..n {
        if share[k] > 0.0 {
            stopping[k] = Some(of.len());
            of.push(k);
        }
    }
    let parts = of.len();
    let label = |at: usize| {
        let (region, sector) = economy.label(of[at]);
        let region = if at < n {
            region.to_owned()
        } else {
            format!("{region} > {buyer}")
        };
        (region, sector.to_owned())
    };
    // A part sells where its number says: the original elsewhere, the new one to the buyer.
    let sells = |at: usize, to_buyer: bool| {
        let k = of[at];
        if at >= n {
            to_buyer
        } else {
            share[k] == 0.0 || !to_buyer
        }
    };
    let buys = |at: usize| {
        if at >= n {
            share[of[at]]
        } else {
            1.0 - share[of[at]]
        }
    };
    let mut z = vec![0.0; parts * parts];
    let mut y = vec![0.0; parts * m];
    for row in 0..parts {
        for column in 0..parts {
            if sells(row, at_buyer[of[column]]) {
                z[row * parts + column] = economy.z[of[row] * n + of[column]] * buys(column);
            }
        }
        for column in 0..m {
            if sells(row, consumes[column]) {
                y[row * m + column] = economy.y[of[row] * m + column];
            }
        }
    }
    let split = Economy::new(EconomyInput {
        industries: (0..parts).map(label).collect(),
        z,
        consumers: economy.consumers.clone(),
        y,
        x: None,
    })?;
    Ok(Parted {
        economy: split,
        of,
        stopping,
    })
}

/// The stops as events of the parted economy; `severity` picks the part that stops. A step stands before week 1, at
/// rest.
pub(super) fn events(
    question: &StopQuestion,
    parted: &Parted,
    days_in_step: u32,
    severity: impl Fn(usize, &Estimate) -> f64,
) -> Vec<Event> {
    let horizon = horizon_days(question, days_in_step);
    let mut events = Vec::new();
    for (at, stop) in question.stops.iter().enumerate() {
        let value = severity(at, &stop.severity).min(1.0);
        let mut industries: Vec<usize> = stop
            .industries
            .iter()
            .filter_map(|i| parted.stopping[*i])
            .collect();
        industries.sort_unstable();
        industries.dedup();
        if value <= 0.0 || industries.is_empty() {
            continue;
        }
        let occurrence = days_in_step + 7 * (stop.from_week - 1);
        events.push(Event {
            name: format!("stop {}", at + 1),
            kind: EventKind::Stop,
            impacts: industries
                .into_iter()
                .map(|industry| Impact { industry, value })
                .collect(),
            occurrence,
            duration: stop.weeks.saturating_mul(7).min(horizon - occurrence),
        });
    }
    events
}

pub(super) fn horizon_days(question: &StopQuestion, days_in_step: u32) -> u32 {
    days_in_step + 7 * question.horizon_weeks
}
