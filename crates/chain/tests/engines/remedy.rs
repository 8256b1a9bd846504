//! Chokepoints and remedies.

mod chains;
mod chokepoints;
mod plans;
mod survive;

use libtest_mimic::Trial;

pub fn trials() -> Vec<Trial> {
    [chokepoints::trials(), survive::trials(), plans::trials()]
        .into_iter()
        .flatten()
        .collect()
}
