//! ECIPE's reading of import dependence (Guinea and Sharma, 2022).
//!
//! ```text
//! dependence    = m_extra/(imports + exports)    imports and exports intra + extra
//! concentration = Σ_i (m_i/m_extra)²
//! ```
//!
//! The two numbers were seen; which imports and exports stand in the denominator and the report's cut-offs were not.
//! The defaults (0.5 and 0.4) are the Commission's for the corresponding questions: an **assumption**.

use serde::{Deserialize, Serialize};

use super::criterion::{Criterion, Gap, Range, Reading};
use super::supply::Supply;

/// Thresholds; a criterion passes above.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EcipeParams {
    pub dependence: f64,
    pub concentration: f64,
}

impl Default for EcipeParams {
    fn default() -> Self {
        Self {
            dependence: 0.5,
            concentration: 0.4,
        }
    }
}

/// Dependence and concentration.
pub fn criteria(supply: &Supply, params: &EcipeParams) -> [Criterion; 2] {
    let all = supply.imports_extra + supply.imports_intra + supply.exports;
    let extra = supply.extra();
    let dependence = if extra.value <= 0.0 {
        Reading::Missing(Gap::NoImports)
    } else if all.is_nan() {
        Reading::Missing(Gap::ExportsNotOnRecord)
    } else {
        Reading::Known(Range::spanning(
            extra.value / all,
            extra.low / all,
            extra.high / all,
        ))
    };
    [
        Criterion::new("ecipe_dependence", dependence, params.dependence),
        Criterion::new(
            "ecipe_concentration",
            supply.hhi().map_or_else(Reading::Missing, Reading::Known),
            params.concentration,
        ),
    ]
}
