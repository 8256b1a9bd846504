//! Chokepoints and remedies.

mod chains;
mod chokepoints;
mod plans;
mod survive;
mod together;

use libtest_mimic::Trial;

pub fn trials() -> Vec<Trial> {
    [
        chokepoints::trials(),
        survive::trials(),
        plans::trials(),
        together::trials(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
