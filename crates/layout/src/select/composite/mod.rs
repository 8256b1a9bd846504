//! Composite indicators: the chain of the OECD/JRC Handbook on Constructing Composite Indicators (2008), one verb a file, in
//! the order of the book: [`denominate()`], [`impute()`], [`treat()`], [`normalise()`], [`aggregate()`], with weights from [`equal()`],
//! [`pca()`] or [`benefit_of_the_doubt()`]. [`composite()`] runs them all; [`Uncertain`] samples the choices beside weights and data.
//!
//! Missing stays missing until a step says what it puts in its place. Stages follow the R package COINr (Becker et al.
//! 2022), whose stored example is the golden result.

mod aggregate;
mod chain;
mod denominate;
mod hierarchy;
mod importance;
mod impute;
mod normalise;
mod robustness;
mod table;
mod treat;
mod weight;

pub use aggregate::{Aggregation, aggregate};
pub use chain::{Composite, CompositeError, Framework, Method, Positive, WeightScheme, composite};
pub use denominate::{DenominateError, denominate};
pub use hierarchy::{Element, Hierarchy, HierarchyError};
pub use importance::{Importance, correlation_ratio};
pub use impute::{Imputation, Imputed, impute};
pub use normalise::{Normalisation, normalise};
pub use robustness::{
    Choices, DropOne, LeaveOut, Robustness, Uncertain, UnitRange, drop_one, leave_one_out,
};
pub use table::{Table, TableError};
pub use treat::{Transform, Treated, Treatment, kurtosis, skewness, treat};
pub use weight::{BenefitOfDoubt, benefit_of_the_doubt, equal, pca};
