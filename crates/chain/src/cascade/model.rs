//! How firms produce, whether lost suppliers can be replaced, and what leaks out of the network.

use super::error::CascadeError;
use super::network::FirmNetwork;

/// Production function of the firms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Production {
    /// Classes as given: essential inputs limit, the others cost their share (generalised Leontief).
    #[default]
    GeneralisedLeontief,
    /// Every class but 0 becomes 1.
    Linear,
    /// Every class but 0 becomes 2.
    Leontief,
}

/// Whether customers find a lost supplier's goods elsewhere on its market.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Substitution {
    /// A lost supplier is lost in full.
    #[default]
    None,
    /// The loss passed on is the share that the supplier has of what is still produced in its sector.
    MarketShare,
}

/// The model of a cascade. Default: generalised Leontief, no substitution, a closed network.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Model {
    pub production: Production,
    pub substitution: Substitution,
    /// Costs of each firm, in the order and unit of the links; the part that is not bought from firms of the network (labour,
    /// imports) cannot be lost. At least the firm's recorded purchases. `None`: inputs are all costs.
    pub costs: Option<Vec<f64>>,
    /// Revenue of each firm; the part that is not sold to firms of the network (final demand, exports) cannot
    /// be lost. At least the firm's recorded sales. `None`: all is sold within the network, which is then closed.
    pub revenue: Option<Vec<f64>>,
}

impl Model {
    /// Revenue when the same share of every firm's revenue goes to final demand (0 ≤ share < 1).
    pub fn final_demand(network: &FirmNetwork, share: f64) -> Result<Vec<f64>, CascadeError> {
        if (0.0..1.0).contains(&share) {
            Ok(network.sales.iter().map(|s| s / (1.0 - share)).collect())
        } else {
            Err(CascadeError::FinalDemand(share))
        }
    }
}
