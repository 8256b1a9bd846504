//! Seeds are arguments: one seed of the study, a labelled stream for each use.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde::{Deserialize, Serialize};

/// The study's seed. Streams drawn from it depend on the label and the index alone, never on
/// the order of calls or the number of threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seed(pub u64);

impl Seed {
    /// A generator for draw `index` of the use `label`. `ChaCha8` gives the same numbers on every
    /// machine.
    pub fn stream(self, label: &str, index: u64) -> ChaCha8Rng {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.0.to_le_bytes());
        hasher.update(label.as_bytes());
        hasher.update(&[0]);
        hasher.update(&index.to_le_bytes());
        ChaCha8Rng::from_seed(*hasher.finalize().as_bytes())
    }
}
