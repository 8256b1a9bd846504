//! Identifiers. Codes are text and keep their leading zeros.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What an identifier names; decides which table of names displays it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Technology,
    Field,
    Country,
    Node,
    Chain,
    Cluster,
    Region,
    Organisation,
    Policy,
    Criterion,
    Indicator,
    Source,
    Scenario,
    Gap,
    /// A recorded disruption of supply.
    Shock,
    /// A plan that is audited.
    Plan,
    /// A challenge that plans ought to answer.
    Challenge,
    /// A code that has a catalogue message `code.<id>` (an instrument, a stage, a direction, …).
    Code,
}

/// An identifier together with its kind, for display in either language.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Entity {
    pub kind: Kind,
    pub id: String,
}

impl Entity {
    pub fn new(kind: Kind, id: impl Into<String>) -> Self {
        Self {
            kind,
            id: id.into(),
        }
    }
}

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident => $kind:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
            pub fn entity(&self) -> Entity {
                Entity::new(Kind::$kind, self.0.clone())
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

id! {
    /// A technology of the evidence base.
    Technology => Technology,
    /// A field groups technologies (the essay's six seed fields and their neighbours).
    Field => Field,
    /// A country as the source codes it: ISO 3166-1 alpha-3, or `EU`.
    Country => Country,
    /// A node of a chain: material, component, tool, process, product or service.
    Node => Node,
    /// A chain groups nodes.
    Chain => Chain,
    /// An innovation cluster (a city).
    Cluster => Cluster,
    /// A group of clusters within which duplicated layout is to be avoided.
    Region => Region,
    Organisation => Organisation,
    Policy => Policy,
    /// A criterion of selection.
    Criterion => Criterion,
    /// A measured series about technologies.
    Indicator => Indicator,
    SourceId => Source,
}

/// An industry that a layout may place; in the embedded study industries are fields.
pub type Industry = Field;
/// Whoever issues a strategy: a country or the EU.
pub type Jurisdiction = Country;

/// A calendar year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Year(pub i32);

impl fmt::Display for Year {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The last word of a catalogue code, as plain files write it: `yes` of `possible.yes`.
pub fn short(code: &str) -> &str {
    code.rsplit('.').next().unwrap_or(code)
}
