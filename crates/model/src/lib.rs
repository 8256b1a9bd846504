//! The vocabulary that every other crate speaks.
//!
//! Holds: identifiers, numbers that carry their range ([`Quantity`]), result tables with lineage
//! ([`ResultTable`]), readable findings ([`Diagnostic`], [`Refusal`]), bilingual messages
//! ([`Message`], [`catalogue`]) and seeded randomness ([`Seed`]).
//!
//! Deliberately knows nothing about files, clocks, solvers, studies or pages.
//!
//! Start reading at [`quantity`]: its two types decide how the whole program treats numbers.

pub mod catalogue;
mod diagnostic;
mod ids;
mod labelled;
mod message;
pub mod phrases;
mod quantity;
mod seed;
mod table;

pub use catalogue::{Catalogue, Lang};
pub use diagnostic::{Diagnostic, Refusal, Severity};
pub use ids::{
    Chain, Cluster, Country, Criterion, Entity, Field, Indicator, Industry, Jurisdiction, Kind,
    Node, Organisation, Policy, Region, SourceId, Technology, Year, short,
};
pub use labelled::Matrix;
pub use message::{Arg, Message, Names};
pub use quantity::{Basis, Estimate, Quantity, RangeError};
pub use seed::Seed;
pub use table::{Cell, Column, Origin, ResultTable, Row, RowRef};
