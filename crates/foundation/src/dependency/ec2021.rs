//! The European Commission's bottom-up list of strategic dependencies (SWD(2021) 352).
//!
//! ```text
//! CDI1 = Σ_i (m_i/m_extra)²                 > 0.4   concentration of suppliers outside the group
//! CDI2 = m_extra/(m_extra + m_intra)        > 0.5   scarcity inside
//! CDI3 = m_extra/(exports intra + extra)    > 1     no substitute from own production
//! ```
//!
//! Dependent: all three. The formulas and the first and third threshold were seen in other codes; 0.5 is from
//! memory. For a single country CDI2 is 1 wherever it imports at all, so that only two criteria decide.

use serde::{Deserialize, Serialize};

use super::criterion::{Criterion, Gap, Range, Reading};
use super::supply::Supply;

/// Thresholds; a criterion passes above.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ec2021Params {
    pub concentration: f64,
    pub extra_share: f64,
    pub imports_to_exports: f64,
}

impl Default for Ec2021Params {
    fn default() -> Self {
        Self {
            concentration: 0.4,
            extra_share: 0.5,
            imports_to_exports: 1.0,
        }
    }
}

/// CDI1, CDI2 and CDI3.
pub fn criteria(supply: &Supply, params: &Ec2021Params) -> [Criterion; 3] {
    [
        Criterion::new(
            "cdi1",
            supply.hhi().map_or_else(Reading::Missing, Reading::Known),
            params.concentration,
        ),
        Criterion::new("cdi2", extra_share(supply), params.extra_share),
        Criterion::new(
            "cdi3",
            to_exports(supply, supply.exports),
            params.imports_to_exports,
        ),
    ]
}

fn extra_share(supply: &Supply) -> Reading {
    let all = supply.imports_extra + supply.imports_intra;
    if all <= 0.0 {
        return Reading::Missing(Gap::NoImports);
    }
    let extra = supply.extra();
    Reading::Known(Range::spanning(
        extra.value / all,
        extra.low / all,
        extra.high / all,
    ))
}

/// Imports from outside over `exports`.
pub(super) fn to_exports(supply: &Supply, exports: f64) -> Reading {
    let extra = supply.extra();
    if extra.value <= 0.0 {
        Reading::Missing(Gap::NoImports)
    } else if exports.is_nan() {
        Reading::Missing(Gap::ExportsNotOnRecord)
    } else if exports <= 0.0 {
        Reading::NoExports
    } else {
        Reading::Known(Range::spanning(
            extra.value / exports,
            extra.low / exports,
            extra.high / exports,
        ))
    }
}
