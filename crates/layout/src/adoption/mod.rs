//! How fast something is taken up: the Bass model (Bass 1969, *Management Science* 15, 215-227).
//!
//! [`fit`] estimates it from a series with intervals, or refuses; [`forecast`] draws it from ranges (of a fit, or of
//! reference classes); [`backtest`] holds it against the naive forecast over the past. Experimental for planning: only
//! the fit reproduces a published result.

mod backtest;
mod curve;
mod fan;
mod fit;
mod student;

pub use backtest::{Backtest, Verdict, backtest};
pub use curve::Bass;
pub use fan::{Band, Ranges, forecast};
pub use fit::{Fit, FitTo, fit};

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdoptionParams {
    /// Fewest periods for a fit: three parameters, and as many degrees of freedom again.
    pub least_periods: usize,
    pub to: FitTo,
    /// Periods ahead in the backtest.
    pub ahead: usize,
    pub draws: usize,
}

impl Default for AdoptionParams {
    fn default() -> Self {
        Self {
            least_periods: 6,
            to: FitTo::Increments,
            ahead: 3,
            draws: 2000,
        }
    }
}
