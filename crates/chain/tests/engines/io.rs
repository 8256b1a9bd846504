//! Input–output.

mod economies;
mod hand;
mod peers;
mod properties;
mod tables;

use libtest_mimic::Trial;

pub fn trials() -> Vec<Trial> {
    let all = [
        hand::trials(),
        tables::trials(),
        peers::trials(),
        properties::trials(),
    ];
    all.into_iter().flatten().collect()
}
