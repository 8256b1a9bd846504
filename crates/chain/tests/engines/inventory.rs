//! Dynamic inventories; the trials say what they measured.

#![allow(clippy::print_stderr)]

mod boario;
mod properties;
mod random;
mod tables;
mod weekly;

use libtest_mimic::Trial;

pub fn trials() -> Vec<Trial> {
    [boario::trials(), properties::trials(), weekly::trials()]
        .into_iter()
        .flatten()
        .collect()
}
