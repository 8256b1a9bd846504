//! Consistent scenarios of the future by cross-impact balances (Weimer-Jehle 2006, *Technological Forecasting and Social
//! Change* 73, 334-361).
//!
//! A scenario takes one state of every descriptor. Experts judge how far a state promotes or hinders a state of another
//! descriptor. In a consistent scenario no descriptor would rather be in another state, given all the others.
//!
//! [`CrossImpacts`] holds the judgments with their ranges; [`consistent`] enumerates with a proof that nothing was left
//! out; [`readings`] says how firm each scenario is; [`diverse`] chooses a few that differ most; [`contradictions`]
//! names states that never go together.

mod contradictions;
mod diverse;
mod enumerate;
mod firm;
mod judgments;

pub use contradictions::{Contradiction, contradictions};
pub use diverse::{Diverse, distance, diverse};
pub use enumerate::{Enumeration, Judged, consistent};
pub use firm::{Firmness, Reading, readings};
pub use judgments::{CrossImpacts, Descriptor, Impact, ImpactProblem, Scenario};

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CrossImpactParams {
    /// Inconsistency that is still accepted (0: strictly consistent scenarios).
    pub tolerance: f64,
    /// Nodes of the search; a search that stops says how much of the space it has judged.
    pub max_nodes: u64,
    /// Scenarios that are chosen, 3 to 5.
    pub choose: usize,
    /// Nodes of the choice; one that stops keeps its bound.
    pub max_choices: u64,
    /// Draws of the judgments within their ranges.
    pub draws: usize,
}

impl Default for CrossImpactParams {
    fn default() -> Self {
        Self {
            tolerance: 0.0,
            max_nodes: 50_000_000,
            choose: 4,
            max_choices: 2_000_000,
            draws: 1000,
        }
    }
}
