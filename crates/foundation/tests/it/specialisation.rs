//! Specialisation, strategy and the product space against the peers.

mod measures;
mod properties;
mod space;
mod strategy;

use libtest_mimic::Trial;

pub fn trials() -> Vec<Trial> {
    [
        measures::trials(),
        properties::trials(),
        space::trials(),
        strategy::trials(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
