//! Firm cascades against an independent program, long iterations and hand-made networks.

mod network;
mod properties;
mod published;
mod small;

mod converged;

use libtest_mimic::Trial;

pub fn trials() -> Vec<Trial> {
    [
        published::trials(),
        converged::trials(),
        small::trials(),
        properties::trials(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
