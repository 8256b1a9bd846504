//! How a run of Forelay's own differs from the peer's: where stocks lie, what replaces what, who is served first.

use model::Seed;
use serde::{Deserialize, Serialize};

use super::economy::Economy;

/// Which suppliers' deliveries lie in one store.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Stocks {
    /// One stock for every product and supplier region: an input from a country that stops is missing.
    #[default]
    Region,
    /// One stock for every product and group; by region, the number of its group.
    Groups(Vec<usize>),
    /// One stock for every product: suppliers replace one another at once, as in `BoARIO`.
    Product,
}

/// Whether a missing supplier's product is replaced by that of other stocks of the same product.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Substitution {
    /// The recipe stays as it is.
    #[default]
    None,
    /// The recipe moves towards suppliers that can make more, with this characteristic time in days.
    Ramp { tau: f64 },
}

/// Who is served first when an industry makes less than is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rationing {
    /// Everybody gets the same part of what was ordered.
    #[default]
    Proportional,
    /// Industries, then consumers, then rebuilding.
    IntermediateFirst,
    /// Consumers, then industries, then rebuilding.
    FinalFirst,
    /// Industries and consumers of the supplier's own region, then the others.
    HomeFirst,
    /// A queue drawn anew for every supplier and step.
    Drawn(Seed),
    /// Deliveries that maximise consumers' deliveries and the production of the next step (linear program).
    BestStep,
}

/// How badly an industry needs an input (Pichler et al. 2022).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rating {
    /// Production stops without it.
    #[default]
    Critical,
    /// Without it half of production goes on.
    Important,
    /// Production does not need it within the horizon.
    NonCritical,
}

/// Ratings by input and user sector.
#[derive(Debug, Clone, PartialEq)]
pub struct Essentiality {
    sectors: usize,
    ratings: Vec<Rating>,
}

impl Essentiality {
    /// Every input is critical.
    pub fn all_critical(economy: &Economy) -> Self {
        let sectors = economy.sectors.len();
        Self {
            sectors,
            ratings: vec![Rating::Critical; sectors * sectors],
        }
    }

    /// Rates one input of one user, by positions of sectors.
    pub fn set(&mut self, input: usize, user: usize, rating: Rating) {
        self.ratings[input * self.sectors + user] = rating;
    }

    pub fn of(&self, input: usize, user: usize) -> Rating {
        self.ratings[input * self.sectors + user]
    }
}

/// Choices of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    pub stocks: Stocks,
    pub substitution: Substitution,
    pub rationing: Rationing,
    pub essentiality: Essentiality,
    /// An input below this part of the user's output never constrains. Default 1e-5.
    pub least_input: f64,
}

impl Options {
    pub fn new(economy: &Economy) -> Self {
        Self {
            stocks: Stocks::default(),
            substitution: Substitution::default(),
            rationing: Rationing::default(),
            essentiality: Essentiality::all_critical(economy),
            least_input: 1e-5,
        }
    }
}
