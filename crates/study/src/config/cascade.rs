//! `[cascade]`: how firms produce when suppliers stop, and how exactly that is computed.

use chain::cascade::{Production, Substitution};
use serde::{Deserialize, Serialize};

/// Production function of the firms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Essential inputs limit production, the others cost their share; needs the table `firm_sectors`.
    #[default]
    Gl,
    /// Every input costs its share.
    Linear,
    /// Every input limits production.
    Leontief,
}

/// Whether customers find a lost supplier's goods elsewhere in its sector.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Replaced {
    #[default]
    None,
    MarketShare,
}

/// Settings of the firm cascades.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CascadeSection {
    pub mode: Mode,
    pub substitution: Replaced,
    /// Largest error of an index (a share of all sales between firms) that is wanted.
    pub tolerance: f64,
    /// Share of sales that goes to final demand, for firms that state neither this share nor an output. At 0 such
    /// firms pass on every loss of orders.
    pub final_demand: f64,
    /// Firms listed, highest index first.
    pub top: usize,
}

impl Default for CascadeSection {
    fn default() -> Self {
        Self {
            mode: Mode::Gl,
            substitution: Replaced::None,
            tolerance: 1e-6,
            final_demand: 0.0,
            top: 100,
        }
    }
}

impl CascadeSection {
    pub fn production(&self) -> Production {
        match self.mode {
            Mode::Gl => Production::GeneralisedLeontief,
            Mode::Linear => Production::Linear,
            Mode::Leontief => Production::Leontief,
        }
    }

    pub fn replaced(&self) -> Substitution {
        match self.substitution {
            Replaced::None => Substitution::None,
            Replaced::MarketShare => Substitution::MarketShare,
        }
    }

    pub(super) fn problem(&self) -> Option<String> {
        if !(self.tolerance > 0.0 && self.tolerance <= 1.0) {
            return Some(format!(
                "cascade.tolerance must be above 0 and at most 1, found {}",
                self.tolerance
            ));
        }
        if !(0.0..1.0).contains(&self.final_demand) {
            return Some(format!(
                "cascade.final_demand must be at least 0 and below 1, found {}",
                self.final_demand
            ));
        }
        (self.top == 0).then(|| "cascade.top must be at least 1".to_owned())
    }
}
