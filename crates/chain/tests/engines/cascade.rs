//! Firm cascades against an independent program, long iterations and hand-made networks; the trials say what they measured.

#![allow(clippy::print_stderr)]

mod converged;
mod direct;
mod network;
mod properties;
mod published;
mod settled;
mod small;
mod twofold;

use libtest_mimic::Trial;

pub fn trials() -> Vec<Trial> {
    [
        published::trials(),
        converged::trials(),
        settled::trials(),
        small::trials(),
        properties::trials(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
