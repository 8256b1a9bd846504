use std::collections::BTreeSet;

use model::{Entity, Estimate, Jurisdiction, Policy, RowRef, Year};

/// A published strategy, act or programme.
#[derive(Debug, Clone, PartialEq)]
pub struct Strategy {
    pub policy: Policy,
    pub jurisdiction: Jurisdiction,
    pub published: Year,
    /// What it names: technologies, or the fields they belong to.
    pub subjects: BTreeSet<Entity>,
    /// digital, health, low_carbon, cross.
    pub directions: BTreeSet<String>,
    pub instruments: BTreeSet<String>,
    pub money: Option<Announced>,
    pub origin: RowRef,
}

/// The headline sum of a strategy, as announced.
#[derive(Debug, Clone, PartialEq)]
pub struct Announced {
    /// Whole units of `currency`.
    pub amount: Estimate,
    /// ISO 4217.
    pub currency: String,
    /// The source's own conversion, in US dollars.
    pub usd: Option<Estimate>,
}
