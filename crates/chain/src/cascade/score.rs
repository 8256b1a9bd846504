//! What is asked (shocks, tolerances) and what comes back (scores with their bounds).

use super::closed::Closed;

/// A shock: firms with what remains of their capacity, 0 (closed) to 1 (untouched); other firms are untouched.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Shock {
    pub name: String,
    /// Position of the firm, remaining capacity.
    pub remaining: Vec<(u32, f64)>,
}

/// Which shocks are computed.
#[derive(Debug, Clone, PartialEq)]
pub enum Shocks {
    /// Each firm closes alone; scores come in the order of the firms.
    EachFirm,
    /// Only these firms close, each alone, in this order.
    Firms(Vec<u32>),
    /// Each of these, in this order.
    Scenarios(Vec<Shock>),
}

/// Parameters of the published iteration.
#[derive(Debug, Clone, PartialEq)]
pub struct JacobiParams {
    /// Stop when no firm's output falls by more than this in a step (default 1e-2, as published).
    pub tolerance: f64,
    /// Stop at this many steps in any case (default 1,000,000).
    pub most_iterations: u32,
}

impl Default for JacobiParams {
    fn default() -> Self {
        Self {
            tolerance: 1e-2,
            most_iterations: 1_000_000,
        }
    }
}

/// Parameters of the converged index.
#[derive(Debug, Clone, PartialEq)]
pub struct ConvergedParams {
    /// Largest error of a score that is wanted (default 1e-6; a score is a share of the network's output).
    pub tolerance: f64,
    /// Also at most this part of the closed firm's own share of output, where it has one (default none; 0.01 is a good number:
    /// 1e-6 is too coarse for small firms).
    pub relative: Option<f64>,
}

impl Default for ConvergedParams {
    fn default() -> Self {
        Self {
            tolerance: 1e-6,
            relative: None,
        }
    }
}

/// What is known of the distance of a score from the fixed point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Certainty {
    /// Not estimated: the published iteration stops without one.
    NotEstimated,
    /// |score - fixed point| is at most this, and that is at most the wanted tolerance.
    Certified(f64),
    /// The score is a lower bound that misses the wanted tolerance; it is at most this far below (1 - score where
    /// nothing better is known).
    NotCertified(f64),
}

impl Certainty {
    pub fn is_certified(self) -> bool {
        matches!(self, Self::Certified(_))
    }

    /// The bound where there is one.
    pub fn bound(self) -> Option<f64> {
        match self {
            Self::NotEstimated => None,
            Self::Certified(bound) | Self::NotCertified(bound) => Some(bound),
        }
    }
}

/// Shares (0 to 1) of the network's output that are lost under one shock; weights are the sales to firms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Larger of the losses downstream and upstream, firm by firm: the index.
    pub esri: f64,
    pub down: f64,
    pub up: f64,
    /// Sweeps over the network; of the whole batch in the converged mode.
    pub iterations: u32,
    pub certainty: Certainty,
}

/// The converged index.
#[derive(Debug, Clone, PartialEq)]
pub struct Converged {
    /// In the order of the shocks.
    pub scores: Vec<Score>,
    pub closed: Closed,
    pub summary: Summary,
}

/// How the certificates came out.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Summary {
    pub shocks: usize,
    pub certified: usize,
    /// Shocks that were computed one by one, because the bound of a batch did not hold for them.
    pub one_by_one: usize,
    pub mean: f64,
    /// Mean and largest bound of those certified.
    pub mean_bound: f64,
    pub largest_bound: f64,
}
