//! Events: what is lost where, from when, for how long, and how it comes back.

use serde::{Deserialize, Serialize};

use super::economy::Economy;
use super::params::{InventoryError, out_of_range};

/// How what was lost comes back over `tau` days after the event; `e` days have passed (`BoARIO` 0.7.2's curves).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Recovery {
    /// `1 - e/tau`.
    #[default]
    #[serde(rename = "linear")]
    Linear,
    /// `(1 - 1/tau)^(4e)`.
    #[serde(rename = "convexe", alias = "convex")]
    Convexe,
    /// `(1 - 1/tau)^e`: most is still lost after `tau` days.
    #[serde(rename = "convexe noscale")]
    ConvexeNoscale,
    /// S-shaped: `tau/(tau + s e^p)`, `s = 1e-6`, `p = (ln tau - ln s)/(ln tau - ln 2)`.
    #[serde(rename = "concave")]
    Concave,
}

impl Recovery {
    /// The part that is still lost.
    pub fn left(self, elapsed: f64, tau: f64) -> f64 {
        match self {
            Self::Linear => 1.0 - elapsed / tau,
            Self::Convexe => libm::pow(1.0 - 1.0 / tau, 4.0 * elapsed),
            Self::ConvexeNoscale => libm::pow(1.0 - 1.0 / tau, elapsed),
            Self::Concave => {
                let steep: f64 = 1e-6;
                let power = (libm::log(tau) - libm::log(steep)) / (libm::log(tau) - libm::log(2.0));
                tau / (tau + steep * libm::pow(elapsed, power))
            }
        }
    }
}

/// A loss at one industry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Impact {
    /// Position in the table.
    pub industry: usize,
    /// Part of capacity (0..=1), or capital in the event's money.
    pub value: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub enum EventKind {
    /// A part of capacity is lost for the duration, and is back at once.
    Stop,
    /// A part of capacity is lost, comes back over `recovery_tau` days.
    Arbitrary {
        recovery_tau: f64,
        recovery_function: Recovery,
    },
    /// Capital is lost and comes back by itself.
    Capital {
        recovery_tau: f64,
        recovery_function: Recovery,
        event_monetary_factor: f64,
        /// Losses of consumers by column of final demand: they lower no capacity.
        households: Vec<(usize, f64)>,
    },
    /// Capital is lost and rebuilt: the damage becomes demand for the rebuilding sectors.
    Rebuild {
        /// Days; the model's where none is given.
        rebuild_tau: Option<f64>,
        /// Position of sector, share; the shares sum to 1.
        rebuilding_sectors: Vec<(usize, f64)>,
        /// Demand for each unit of damage. Default 1.
        rebuilding_factor: f64,
        event_monetary_factor: f64,
        households: Vec<(usize, f64)>,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub name: String,
    pub kind: EventKind,
    /// Losses above 0, each industry once.
    pub impacts: Vec<Impact>,
    /// Day of the loss, from 1 on.
    pub occurrence: u32,
    /// Days until recovery or rebuilding starts, from 1 on.
    pub duration: u32,
}

impl Event {
    /// Checks ranges against the economy and the horizon (days); `BoARIO` wants the event over before the horizon.
    pub fn check(&self, at: usize, economy: &Economy, horizon: u32) -> Result<(), InventoryError> {
        let key = |name: &str| format!("event {} `{}`: {name}", at + 1, self.name);
        let wrong = |name: &str, value: f64, need: &str| Err(out_of_range(&key(name), value, need));
        if self.occurrence == 0 || self.occurrence > horizon {
            let need = format!("a day from 1 to {horizon}");
            return wrong("occurrence", f64::from(self.occurrence), &need);
        }
        if self.duration == 0 || self.occurrence.saturating_add(self.duration) > horizon {
            let most = horizon - self.occurrence;
            let need = format!("1 to {most} days, so that it ends within the horizon of {horizon}");
            return wrong("duration", f64::from(self.duration), &need);
        }
        if self.impacts.is_empty() {
            return Err(InventoryError::scenario(
                key("impact"),
                "no industry loses anything",
                "give at least one impact above 0",
            ));
        }
        let mut seen = vec![false; economy.len()];
        for impact in &self.impacts {
            if std::mem::replace(&mut seen[impact.industry], true) {
                let (region, sector) = economy.label(impact.industry);
                return Err(InventoryError::scenario(
                    key("impact"),
                    format!("{region} {sector} is named twice"),
                    "give one impact for each industry",
                ));
            }
            let most = match self.kind {
                EventKind::Arbitrary { .. } | EventKind::Stop => 1.0,
                _ => f64::MAX,
            };
            if !(impact.value > 0.0 && impact.value <= most) {
                let need = if most < 2.0 {
                    "a part of capacity above 0, at most 1"
                } else {
                    "capital above 0"
                };
                return wrong("impact", impact.value, need);
            }
        }
        let days = |name: &str, tau: f64| {
            if tau.is_finite() && tau >= 1.0 {
                Ok(())
            } else {
                wrong(name, tau, "days from 1 on")
            }
        };
        let money = |factor: f64| {
            if factor.is_finite() && factor > 0.0 {
                Ok(())
            } else {
                wrong("event_monetary_factor", factor, "a number above 0")
            }
        };
        match &self.kind {
            EventKind::Stop => Ok(()),
            EventKind::Arbitrary { recovery_tau, .. } => days("recovery_tau", *recovery_tau),
            EventKind::Capital {
                recovery_tau,
                event_monetary_factor,
                ..
            } => {
                money(*event_monetary_factor)?;
                days("recovery_tau", *recovery_tau)
            }
            EventKind::Rebuild {
                rebuild_tau,
                rebuilding_sectors,
                rebuilding_factor,
                event_monetary_factor,
                ..
            } => {
                money(*event_monetary_factor)?;
                if let Some(tau) = rebuild_tau {
                    days("rebuild_tau", *tau)?;
                }
                if !(rebuilding_factor.is_finite() && *rebuilding_factor > 0.0) {
                    return wrong("rebuilding_factor", *rebuilding_factor, "a number above 0");
                }
                let sum: f64 = rebuilding_sectors.iter().map(|(_, share)| share).sum();
                if rebuilding_sectors
                    .iter()
                    .any(|(_, s)| !(0.0..=1.0).contains(s))
                    || (sum - 1.0).abs() > 1e-5
                {
                    return wrong(
                        "rebuilding_sectors",
                        sum,
                        "shares from 0 to 1 that sum to 1",
                    );
                }
                Ok(())
            }
        }
    }
}
