//! Input–output analysis: tables with their checks, Leontief and Ghosh, extraction, exposure, inoperability.
//!
//! Start reading at [`table`], then [`coefficients`], [`leontief`] and [`extraction`].
//!
//! ```text
//! IoTable::build(parts) → (table, findings)     labels in one order, values finite
//! checks::report(&table) → TableReport          balance, signs, zeros, orientation, coefficients
//! Coefficients::of(&table, basis) → A, x, y
//! Leontief::invert(coefficients)                one inverse for all questions
//! Factorised::new(coefficients)                 one LU for a question that needs one solve; no inverse
//! ```

pub mod accounts;
pub mod aggregate;
pub mod checks;
pub mod coefficients;
mod dense;
pub mod extraction;
mod factorised;
pub mod inoperability;
mod kernel;
pub mod leontief;
pub mod look_through;
pub mod ranges;
pub mod table;

pub use accounts::{RegionAccount, accounts};
pub use aggregate::{Aggregated, Aggregation, Mass, Unmatched, UnmatchedName, aggregate};
pub use checks::{Balance, Gap, Negatives, NoOutput, TableReport};
pub use coefficients::{Coefficients, OutputBasis};
pub use dense::Dense;
pub use extraction::{Cut, Extraction, IndustryLoss, LinkLoss, Lost, Part, SetModel};
pub use factorised::Factorised;
pub use inoperability::{
    DynamicInoperability, DynamicParams, Perturbation, StaticInoperability, dynamic_inoperability,
    static_inoperability,
};
pub use leontief::{Leontief, OutputDistance, Residual};
pub use look_through::{Counted, LookThrough, LookThroughTable, Side, look_through};
pub use ranges::{NoiseParams, RangedLoss, RangedLosses, ranges};
pub use table::{Finding, IoError, IoTable, Label, TableParts};
