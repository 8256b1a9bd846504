//! Economic complexity of locations and activities.
//!
//! From values to presence: [`advantage`], [`presence_rule`]. From presence to complexity: [`eigen`] (after a look at the
//! [`components`]), [`reflections`], [`fitness`]. All columns of a table at once, under a [`convention`]: [`table`]; why two conventions
//! disagree: [`difference`].

pub mod advantage;
pub mod components;
pub mod convention;
pub mod difference;
pub mod eigen;
pub mod fitness;
pub mod presence_rule;
pub mod reflections;
pub mod table;

pub use convention::{Convention, Preset};
pub use difference::{Difference, explain_difference};
pub use table::{Complexity, ComplexityError, Params, complexity};
